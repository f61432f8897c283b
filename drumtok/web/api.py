"""The API: what is asked, who answers, and what an error becomes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response, StreamingResponse

from drumtok.drums import DRUMS, NOTE_MAPS
from drumtok.engine import Engine
from drumtok.errors import DrumtokError
from drumtok.forms import to_json
from drumtok.generation import Heard
from drumtok.kits import KIT_NAMES
from drumtok.midi import to_midi_bytes
from drumtok.version import __version__
from drumtok.web.desk import Job, Stopped
from drumtok.web.limits import LIMITS
from drumtok.web.reading import read_upload
from drumtok.web.schemas import (
    Continue,
    Generate,
    KitName,
    Lane,
    Made,
    MidiExport,
    Morph,
    Path,
    Place,
    Read,
    Sent,
    Trouble,
    Vary,
    WavExport,
    sent,
)
from drumtok.web.sounds import kit_sounds, pattern_wav, shot_wav
from drumtok.web.studio import Studio
from drumtok.web.writing import continued, generated, morphed, varied

Result = TypeVar("Result")
EVENTS, MIDI, WAV = "text/event-stream", "audio/midi", "audio/wav"
GONE = 499  # nobody reads it
TROUBLES: dict[int | str, dict[str, Any]] = {
    401: {"model": Trouble, "description": "A token is wanted."},
    413: {"model": Trouble, "description": f"The body has more than {LIMITS.upload} bytes."},
    422: {"model": Trouble, "description": "A value is out of its range, or the request took too long."},
    429: {"model": Trouble, "description": "Too many ask at once; Retry-After says in how many seconds to try again."},
}
STREAMED: dict[int | str, dict[str, Any]] = {
    **TROUBLES,
    200: {
        "description": f"The whole answer; or, where {EVENTS} is accepted, events: `bar` for each bar as soon as it is"
        " settled, then `done` with the whole answer, or `error`.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    },
}
router = APIRouter(prefix="/api", responses=TROUBLES)


def _file(media: str, description: str) -> dict[str, Any]:
    return {
        "responses": {
            200: {"description": description, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
        },
        "response_class": Response,
    }


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


async def _done(request: Request, take: Callable[[Job[Result]], None], work: Callable[[Job[Result]], Result]) -> Result:
    """The answer of a job; one whose client goes away is stopped."""
    job = Job(work)
    take(job)
    try:
        while not job.answer.done():
            await asyncio.wait({job.answer}, timeout=0.2)
            if not job.answer.done() and await request.is_disconnected():
                raise Stopped
        return job.answer.result()
    finally:
        job.stop()


async def _events(job: Job[Made]) -> AsyncIterator[str]:
    """What a job tells, as server-sent events."""
    number = 0
    async for bar in job.told():
        number += 1
        yield _event("bar", {"bar": number, "pattern": bar})
    try:
        yield _event("done", job.answer.result().model_dump(mode="json"))
    except DrumtokError as error:
        yield _event("error", {"detail": str(error)})


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def _written(request: Request, write: Callable[[Any, Any, Heard | None], Made], wanted: Any) -> Any:
    """What the network writes, whole or bar by bar."""
    studio = _studio(request)
    streams = EVENTS in request.headers.get("accept", "")

    def work(job: Job[Made]) -> Made:
        heard: Heard | None = (lambda bar: job.tell(json.loads(to_json(bar)))) if streams else None
        with studio.engine(job, wanted) as engine:
            return write(engine, wanted, heard)

    if not streams:
        return await _done(request, studio.write, work)
    job = Job(work)
    studio.write(job)
    return StreamingResponse(_events(job), media_type=EVENTS)


@router.get("/about")
async def about(request: Request) -> dict[str, Any]:
    """What this drumtok knows, and the limits that it keeps."""
    checkpoint = _studio(request).network.checkpoint
    return {
        "version": __version__,
        "checkpoint": checkpoint.name,
        "styles": list(checkpoint.config.styles),
        "kinds": list(checkpoint.kinds),
        "grid": checkpoint.grid,
        "drums": [{"lane": drum.lane, "name": drum.name, "note": drum.note} for drum in DRUMS],
        "kits": list(KIT_NAMES),
        "note_maps": list(NOTE_MAPS),
        "limits": asdict(LIMITS),
    }


@router.post("/generate", response_model=Made, responses=STREAMED)
async def generate(request: Request, wanted: Generate) -> Any:
    """A new pattern, as `drumtok.generate` writes it; or the rest of one of which lanes and bars are locked."""
    return await _written(request, generated, wanted)


@router.post("/prepare", status_code=202)
async def prepare(request: Request, wanted: Generate) -> None:
    """Says what will likely be asked of `/generate` next, its seed with it, so that its first bar is written ahead."""
    if wanted.around is None and wanted.seed is not None:
        _studio(request).write_ahead(wanted)


@router.post("/continue", response_model=Made, responses=STREAMED)
async def continue_(request: Request, wanted: Continue) -> Any:
    """What comes after a pattern: new bars alone."""
    return await _written(request, continued, wanted)


async def _asked(request: Request, write: Callable[[Engine, Any], Result], wanted: Any) -> Result:
    """What the network writes that is not told bar by bar."""
    studio = _studio(request)

    def work(job: Job[Result]) -> Result:
        with studio.engine(job) as engine:
            return write(engine, wanted)

    return await _done(request, studio.write, work)


@router.post("/vary")
async def vary(request: Request, wanted: Vary) -> Made:
    """A pattern of which a share is written anew, as `drumtok.vary` does it; locked lanes and bars stay."""
    return await _asked(request, varied, wanted)


@router.post("/morph")
async def morph(request: Request, wanted: Morph) -> Path:
    """A path from one pattern to another, as `drumtok.morph` finds it."""
    return await _asked(request, morphed, wanted)


@router.post("/midi/write", **_file(MIDI, "The MIDI file."))
async def write_midi(request: Request, wanted: MidiExport) -> Response:
    """A pattern as the MIDI file that the command line writes."""

    def work(job: Job[bytes]) -> bytes:
        settings = wanted.model_dump(include={"swing", "note_map", "track_per_drum"})
        return to_midi_bytes(wanted.pattern.pattern(), text=f"drumtok {__version__}: serve", **settings)

    return Response(await _done(request, _studio(request).readers.take, work), media_type=MIDI)


@router.post("/midi/read")
async def read_midi(
    request: Request, data: Annotated[bytes, Body(media_type=MIDI, description="A MIDI file.")]
) -> Read:
    """The drums of a MIDI file, where they belong on the map, and the controls that suit them."""
    studio = _studio(request)

    def work(job: Job[Read]) -> Read:
        with studio.engine(job) as engine:
            return read_upload(data, engine, studio)

    return await _done(request, studio.readers.take, work)


@router.post("/wav", **_file(WAV, "The sound: 16 bits, stereo, 44,100 frames a second."))
async def write_wav(request: Request, wanted: WavExport) -> Response:
    """A pattern as the WAV that the command line renders; it loops without a gap."""
    return Response(
        await _done(request, _studio(request).readers.take, lambda job: pattern_wav(wanted)), media_type=WAV
    )


@router.get("/kit/{kit}")
async def kit(request: Request, kit: KitName) -> list[dict[str, str | int]]:
    """The sounds of a kit: of each drum the address, and the class within which one hit ends another."""
    return await _done(request, _studio(request).readers.take, lambda job: kit_sounds(kit))


@router.get("/kit/{kit}/{drum}.wav", **_file(WAV, "One hit at full velocity."))
async def kit_sound(request: Request, kit: KitName, drum: Lane) -> Response:
    """One drum of a kit."""
    data = await _done(request, _studio(request).readers.take, lambda job: shot_wav(kit, drum))
    return Response(data, media_type=WAV, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/map")
async def map_(request: Request) -> list[dict[str, Any]]:
    """The grooves on the map, each a pattern, with its place."""
    atlas = _studio(request).atlas
    return [
        {"id": groove.name, "x": spot.x, "y": spot.y, "pattern": sent(groove).model_dump(mode="json")}
        for groove, spot in zip(atlas.grooves, atlas.spots, strict=True)
    ]


@router.post("/map/place")
async def place(request: Request, pattern: Sent) -> Place:
    """Where a pattern belongs on the map, and which grooves are most alike."""
    return await _done(request, _studio(request).readers.take, lambda job: _studio(request).place(pattern.pattern()))
