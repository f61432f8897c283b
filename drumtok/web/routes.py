"""The API: what is asked, and who answers."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from drumtok.drums import DRUMS
from drumtok.midi.files import to_midi_bytes
from drumtok.midi.note_maps import NOTE_MAPS
from drumtok.rendering.kits import KIT_NAMES
from drumtok.version import __version__
from drumtok.web.config import LIMITS
from drumtok.web.handlers import continued, generated, humanised, morphed, varied
from drumtok.web.jobs import Job
from drumtok.web.kit_sounds import kit_sounds, pattern_wav, shot_wav
from drumtok.web.midi_upload import read_upload
from drumtok.web.models import Lane, Made, Path, Place, Read, Sent, sent
from drumtok.web.provenance import stamp_of, text_for
from drumtok.web.requests import Continue, Generate, Humanise, KitName, MidiExport, Morph, Vary, WavExport
from drumtok.web.responses import STREAMED, TROUBLES, asked, done, file_answer, studio_of, written

MIDI, WAV = "audio/midi", "audio/wav"
router = APIRouter(prefix="/api", responses=TROUBLES)


@router.get("/about")
async def about(request: Request) -> dict[str, Any]:
    """What this drumtok knows, and the limits that it keeps."""
    studio = studio_of(request)
    checkpoint = studio.network.checkpoint
    return {
        "version": __version__,
        "stamp": stamp_of(studio.origin),
        "checkpoint": checkpoint.name,
        "styles": list(checkpoint.config.styles),
        "kinds": list(checkpoint.kinds),
        "hits": bool(checkpoint.config.hits),
        "grid": checkpoint.grid,
        "drums": [{"lane": drum.lane, "name": drum.name, "note": drum.note} for drum in DRUMS],
        "kits": list(KIT_NAMES),
        "note_maps": list(NOTE_MAPS),
        "limits": asdict(LIMITS),
    }


@router.post("/generate", response_model=Made, responses=STREAMED)
async def generate(request: Request, wanted: Generate) -> Any:
    """A new pattern, as `drumtok.generate` writes it; or the rest of one of which lanes and bars are locked."""
    return await written(request, generated, wanted)


@router.post("/prepare", status_code=202)
async def prepare(request: Request, wanted: Generate) -> None:
    """Says what will likely be asked of `/generate` next, its seed with it, so that its first bar is written ahead."""
    if wanted.kept_pattern is None and wanted.seed is not None:
        studio_of(request).write_ahead(wanted)


@router.post("/continue", response_model=Made, responses=STREAMED)
async def continue_(request: Request, wanted: Continue) -> Any:
    """What comes after a pattern: new bars alone."""
    return await written(request, continued, wanted)


@router.post("/vary")
async def vary(request: Request, wanted: Vary) -> Made:
    """A pattern of which a share is written anew, as `drumtok.vary` does it; locked lanes and bars stay."""
    return await asked(request, varied, wanted)


@router.post("/humanise")
async def humanise(request: Request, wanted: Humanise) -> Made:
    """A pattern with a drummer's dynamics and timing, as `drumtok.humanise` plays it; its hits stay."""
    return await done(request, studio_of(request).write, lambda job: humanised(wanted))


@router.post("/morph")
async def morph(request: Request, wanted: Morph) -> Path:
    """A path from one pattern to another, as `drumtok.morph` finds it."""
    return await asked(request, morphed, wanted)


@router.post("/midi/write", **file_answer(MIDI, "The MIDI file."))
async def write_midi(request: Request, wanted: MidiExport) -> Response:
    """A pattern as the MIDI file that the command line writes."""
    studio = studio_of(request)

    def work(job: Job[bytes]) -> bytes:
        text = text_for(wanted, studio.origin)
        return to_midi_bytes(wanted.pattern.pattern(), text=text, **asdict(wanted.writing))

    return Response(await done(request, studio.readers.take, work), media_type=MIDI)


@router.post("/midi/read")
async def read_midi(
    request: Request, data: Annotated[bytes, Body(media_type=MIDI, description="A MIDI file.")]
) -> Read:
    """The drums of a MIDI file, where they belong on the map, and the controls that suit them."""
    studio = studio_of(request)

    def work(job: Job[Read]) -> Read:
        with studio.engine(job) as engine:
            return read_upload(data, engine, studio)

    return await done(request, studio.readers.take, work)


@router.post("/wav", **file_answer(WAV, "The sound: 16 bits, stereo, 44,100 frames a second."))
async def write_wav(request: Request, wanted: WavExport) -> Response:
    """A pattern as the WAV that the command line renders; it loops without a gap."""
    return Response(
        await done(request, studio_of(request).readers.take, lambda job: pattern_wav(wanted)), media_type=WAV
    )


@router.get("/kit/{kit}")
async def kit(request: Request, kit: KitName) -> list[dict[str, str | int]]:
    """The sounds of a kit: of each drum the address, and the class within which one hit ends another."""
    return await done(request, studio_of(request).readers.take, lambda job: kit_sounds(kit))


@router.get("/kit/{kit}/{drum}.wav", **file_answer(WAV, "One hit at full velocity."))
async def kit_sound(request: Request, kit: KitName, drum: Lane) -> Response:
    """One drum of a kit."""
    data = await done(request, studio_of(request).readers.take, lambda job: shot_wav(kit, drum))
    return Response(data, media_type=WAV, headers={"Cache-Control": "private, max-age=86400"})


@router.get("/map")
async def map_(request: Request) -> list[dict[str, Any]]:
    """The grooves on the map, each a pattern, with its place."""
    atlas = studio_of(request).atlas
    return [
        {"id": groove.name, "x": spot.x, "y": spot.y, "pattern": sent(groove).model_dump(mode="json")}
        for groove, spot in zip(atlas.grooves, atlas.spots, strict=True)
    ]


@router.post("/map/place")
async def place(request: Request, pattern: Sent) -> Place:
    """Where a pattern belongs on the map, and which grooves are most alike."""
    return await done(request, studio_of(request).readers.take, lambda job: studio_of(request).place(pattern.pattern()))
