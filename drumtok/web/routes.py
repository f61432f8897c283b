"""The routes of the API."""

from dataclasses import asdict, fields
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response

from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.files import to_midi_bytes
from drumtok.web.about import about_page
from drumtok.web.handlers import continue_pattern, generate_pattern, humanise_pattern, morph_patterns, vary_pattern
from drumtok.web.jobs import Job
from drumtok.web.kit_sounds import kit_sounds, pattern_wav, shot_wav
from drumtok.web.midi_upload import read_upload
from drumtok.web.models import GeneratedPattern, ImportedPattern, MapPlace, MorphPath, WirePattern
from drumtok.web.provenance import text_event
from drumtok.web.requests import (
    Continue,
    Generate,
    Humanise,
    KitName,
    MidiExport,
    Morph,
    NoteMap,
    Part,
    Vary,
    WavExport,
)
from drumtok.web.responses import (
    ERROR_RESPONSES,
    STREAM_RESPONSES,
    file_response,
    respond,
    respond_with_stream,
    run_job,
    state_of,
)
from drumtok.web.tables import page_tables

MIDI, WAV, JSON = "audio/midi", "audio/wav", "application/json"
router = APIRouter(prefix="/api", responses=ERROR_RESPONSES)
HELP = {f.name: f.metadata["help"] for f in fields(DrumsConfig)}


@router.get("/about")
async def about(request: Request) -> dict[str, Any]:
    """Return the version, network, styles, meters (with their warnings), drums, kits, controls and limits."""
    return about_page(state_of(request))


@router.get("/tables")
async def tables() -> dict[str, Any]:
    """Return the tables for reading and playing MIDI: drums, note maps, faults and names of tracks."""
    return page_tables()


@router.post("/generate", response_model=GeneratedPattern, responses=STREAM_RESPONSES)
async def generate(request: Request, body: Generate) -> Any:
    """Generate a new pattern, as `drumtok.generate`, or the part of a pattern that is not locked."""
    return await respond_with_stream(request, generate_pattern, body)


@router.post("/prepare", status_code=202)
async def prepare(request: Request, body: Generate) -> None:
    """Announce the next likely request to `/generate` with its seed, so that its first bar is generated in advance."""
    if body.kept_pattern is None and body.seed is not None:
        state_of(request).prefetch(body)


@router.post("/continue", response_model=GeneratedPattern, responses=STREAM_RESPONSES)
async def continue_(request: Request, body: Continue) -> Any:
    """Generate bars that follow a pattern; the response has the new bars only."""
    return await respond_with_stream(request, continue_pattern, body)


@router.post("/vary")
async def vary(request: Request, body: Vary) -> GeneratedPattern:
    """Regenerate a fraction of a pattern, as `drumtok.vary`; locked drums and bars stay."""
    return await respond(request, vary_pattern, body)


@router.post("/humanise")
async def humanise(request: Request, body: Humanise) -> GeneratedPattern:
    """Apply a drummer's dynamics and timing to a pattern, as `drumtok.humanise`; its hits stay."""
    return await run_job(request, state_of(request).submit_writer, lambda job: humanise_pattern(body))


@router.post("/morph")
async def morph(request: Request, body: Morph) -> MorphPath:
    """Return a path from one pattern to another, as `drumtok.morph`."""
    return await respond(request, morph_patterns, body)


@router.post("/midi/write", **file_response(MIDI, "The MIDI file."))
async def write_midi(request: Request, body: MidiExport) -> Response:
    """Return a pattern as the MIDI file that the command line writes."""
    state = state_of(request)

    def work(job: Job[bytes]) -> bytes:
        text = text_event(body, state.provenance, state.networks)
        return to_midi_bytes(body.pattern.pattern(), additions=body.additions, text=text, **asdict(body.midi_config))

    return Response(await run_job(request, state.readers.submit, work), media_type=MIDI)


@router.post("/midi/read")
async def read_midi(
    request: Request,
    data: Annotated[bytes, Body(media_type=MIDI, description="A MIDI file.")],
    note_map: Annotated[NoteMap, Query(description=HELP["note_map"])] = DRUMS.note_map,
    channel: Annotated[int | None, Query(description=HELP["channel"])] = DRUMS.channel,
    track: Annotated[str | None, Query(description=HELP["track"])] = DRUMS.track,
) -> ImportedPattern:
    """Return the drums of a MIDI file, their place on the map, and matching settings."""
    state, drums = state_of(request), DrumsConfig(note_map, channel, track)

    def work(job: Job[ImportedPattern]) -> ImportedPattern:
        return read_upload(data, drums, state)

    return await run_job(request, state.readers.submit, work)


@router.post("/wav", **file_response(WAV, "The sound: 16 bits, stereo, 44,100 frames per second."))
async def write_wav(request: Request, body: WavExport) -> Response:
    """Return a pattern as the WAV file that the command line renders, which loops without a gap."""
    data = await run_job(request, state_of(request).readers.submit, lambda job: pattern_wav(body))
    return Response(data, media_type=WAV)


@router.get("/kit/{kit}")
async def kit(request: Request, kit: KitName) -> list[dict[str, str | int]]:
    """List the sounds of a kit: the address of each drum, and the group within which a hit cuts off the others."""
    return await run_job(request, state_of(request).readers.submit, lambda job: kit_sounds(kit))


@router.get("/kit/{kit}/{drum}.wav", **file_response(WAV, "One hit at full velocity."))
async def kit_sound(request: Request, kit: KitName, drum: Part) -> Response:
    """Return the sound of one drum of a kit."""
    data = await run_job(request, state_of(request).readers.submit, lambda job: shot_wav(kit, drum))
    return Response(data, media_type=WAV, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/map", response_model=list[dict[str, Any]])
async def map_(request: Request) -> Response:
    """List the grooves of the map, each a pattern with its place."""
    state = state_of(request)
    return Response(await run_job(request, state.readers.submit, lambda job: state.map_json), media_type=JSON)


@router.post("/map/place")
async def place(request: Request, pattern: WirePattern) -> MapPlace:
    """Return the place of a pattern on the map, and the most similar grooves."""
    state = state_of(request)
    return await run_job(request, state.readers.submit, lambda job: state.place(pattern.pattern()))
