"""The routes of sounds: kits of the sound model, their hits, maps and files."""

from dataclasses import asdict, fields
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import Response

from drumtok.rendering.pieces import PIECES
from drumtok.rendering.voice import FORMER_RANGE, JSON_NAMES
from drumtok.sound.voices import SOUND_CLASSES, Controls
from drumtok.web.controls import Control
from drumtok.web.responses import ERROR_RESPONSES, file_response, run_job, state_of
from drumtok.web.sound_requests import Character, KitExport, NewKitSeed, Shot, SoundClass, SoundExport, WireVoice
from drumtok.web.sounds import decay_of, kit_zip, like, map_of, new_kit, pattern_sound, shot

WAV, ZIP = "audio/wav", "application/zip"
SLIDER_STEPS = 100
UNITS = {"tune": "st", "decay": "s"}  # semitones and seconds
router = APIRouter(prefix="/api/sound", responses=ERROR_RESPONSES)


@router.get("/about")
async def sound_about() -> dict[str, Any]:
    """Return the classes of sounds, the pieces of kits, their characters, and the controls of a sound."""
    return sound_tables()


def sound_tables() -> dict[str, Any]:
    """Return the tables of sounds for the page, as JSON values."""
    from drumtok.rendering.characters import characters

    controls: dict[str, Any] = {
        JSON_NAMES.get(f.name, f.name): asdict(
            Control(
                f.metadata["low"],
                f.metadata["high"],
                (f.metadata["high"] - f.metadata["low"]) / SLIDER_STEPS,
                f.default,  # type: ignore[arg-type]  # a setting has a default
            )
        )
        | {"help": f.metadata["help"], "label": f.name, "unit": UNITS.get(f.name, "")}
        for f in fields(Controls)
    }
    return {
        "classes": list(SOUND_CLASSES),
        "pieces": {row.name: row.sound_class for row in PIECES},
        "characters": list(characters()),
        "controls": controls,
        "formerDecay": list(FORMER_RANGE),
    }


@router.get("/kit")
async def sound_kit(request: Request, seed: Annotated[NewKitSeed, Query()], style: Character = "") -> dict[str, Any]:
    """Return the voices of the kit of a seed, as in `drumtok kit new`."""
    return await run_job(request, state_of(request).readers.submit, lambda job: new_kit(seed, style))


@router.get("/map/{sound_class}")
async def map_of_sounds(request: Request, sound_class: SoundClass) -> list[dict[str, Any]]:
    """List sounds of a class with places on a square; similar ones are close."""
    return await run_job(request, state_of(request).readers.submit, lambda job: map_of(sound_class))


@router.post("/shot", **file_response(WAV, "One hit."))
async def sound_shot(request: Request, body: Shot) -> Response:
    """Return one hit of a voice, placed in the mix like its piece."""
    data = await run_job(request, state_of(request).readers.submit, lambda job: shot(body))
    return Response(data, media_type=WAV)


@router.post("/decay")
async def sound_decay(request: Request, body: WireVoice) -> dict[str, float]:
    """Return the seconds in which a voice falls by 30 dB, whether its decay is set or the sound's own."""
    return await run_job(request, state_of(request).readers.submit, lambda job: decay_of(body))


@router.post("/like")
async def sound_like(
    request: Request, data: Annotated[bytes, Body(media_type=WAV, description="A WAV file.")]
) -> dict[str, Any]:
    """Return the voice that is most similar to a sound."""
    return await run_job(request, state_of(request).readers.submit, lambda job: like(data))


@router.post("/kit.zip", **file_response(ZIP, "The folder of a kit."))
async def sound_kit_zip(request: Request, body: KitExport) -> Response:
    """Return a kit as the folder that `drumtok kit` writes, for samplers."""
    data = await run_job(request, state_of(request).readers.submit, lambda job: kit_zip(body))
    return Response(data, media_type=ZIP)


@router.post("/pattern", **file_response(WAV, "The sound, or a zip of stems."))
async def sound_pattern(request: Request, body: SoundExport) -> Response:
    """Return a pattern as sound, played by a kit with sounds of the page."""
    data = await run_job(request, state_of(request).readers.submit, lambda job: pattern_sound(body))
    return Response(data, media_type=ZIP if body.stems else WAV)
