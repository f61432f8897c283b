"""The tables by which the model of sounds is played in the browser."""

from typing import Any

from drumtok.rendering import bus, kit_design, mixing, model_shots
from drumtok.rendering.characters import Character, characters
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.pieces import NUMBER, PIECE, PIECES
from drumtok.rendering.voice import json_controls
from drumtok.sound import bands, decay, details, latents, parameters, synthesis, tones, voices
from drumtok.sound.classes import CLASSES


def synth_tables() -> dict[str, Any]:
    """Return the tables, which JSON can hold."""
    return _bank_tables() | _synthesis_tables() | _kit_tables()


def _bank_tables() -> dict[str, Any]:
    """Return what the bank of noise is made by."""
    return {
        "rate": bands.RATE,
        "bands": bands.BANDS,
        "lowest": bands.LOWEST,
        "highest": bands.HIGHEST,
        "knots": bands.KNOTS.tolist(),
        "block": bands.BLOCK,
        "bank": bands.BANK,
        "lines": bands.LINES,
        "centres": bands.band_centres().tolist(),
        "widths": parameters.widths().tolist(),
        "startBits": (bands.BANK // bands.BLOCK).bit_length() - 1,
    }


def _synthesis_tables() -> dict[str, Any]:
    """Return what a sound is made by of its parameters."""
    return {
        "slots": list(tones.SLOTS),
        "middles": tones.slot_middles().tolist(),
        "pitchSlot": tones.PITCH,
        "silent": tones.SILENT,
        "depth": parameters.DEPTH,
        "loudest": parameters.LOUDEST,
        "detailUnit": details.UNIT,
        "hush": parameters.HUSH,
        "sixty": parameters.SIXTY_DB,
        "longest": synthesis.LONGEST,
        "maxStretch": synthesis.MAX_STRETCH,
        "shortest": synthesis.SHORTEST,
        "quiet": synthesis.QUIET,
        "even": synthesis.EVEN,
        "tail": synthesis.TAIL,
        "struck": synthesis.STRUCK,
        "flatness": synthesis.FLATNESS,
        "deepest": synthesis.DEEPEST,
        "crowded": synthesis.CROWDED,
        "taps": synthesis.TAPS,
        "phases": synthesis.PHASES,
        "attack": synthesis.ATTACK,
        "punchDecibels": synthesis.PUNCH,
        "softCutoff": synthesis.SOFT_CUTOFF,
        "tiltCentre": synthesis.TILT_CENTRE,
        "fadeIn": model_shots.FADE_IN,
        "fadeOut": model_shots.FADE_OUT,
        "peak": model_shots.PEAK,
        "fall": decay.FALL,
        "stroke": decay.STROKE,
        "lengthRange": list(decay.LENGTH_RANGE),
        "bracketStep": decay.BRACKET_STEP,
        "maxIterations": decay.MAX_ITERATIONS,
        "tolerance": decay.TOLERANCE,
    }


def _kit_tables() -> dict[str, Any]:
    """Return what kits are drawn by, and where their pieces lie in the mix."""
    return {
        "classes": [{"name": name, "metal": own.metal, "tonal": own.tonal} for name, own in CLASSES.items()],
        "reach": latents.REACH,
        "keyOfPieces": kit_design.KEY_OF_PIECES,
        "tops": list(LayersConfig().tops),
        "takes": LayersConfig().takes,
        "takeSpread": voices.TAKE_SPREAD,
        "neutral": json_controls(voices.NEUTRAL),
        "level": mixing.LEVEL,
        "choke": mixing.CHOKE,
        "limit": bus.LIMIT,
        "pieces": {row.name: {"gain": row.level, "pan": row.pan, "choke": row.choke} for row in PIECES},
        "characters": {own.name: _voices(own) for own in (Character(), *characters().values())},
    }


def _voices(character: Character) -> dict[str, dict[str, Any]]:
    """Return the class, the controls, the length and the random stream of each piece of a kit of a character."""
    found = {}
    for piece in PIECE:
        sound_class, controls, length = kit_design.voice_settings(piece, character)
        row = {"class": sound_class, "controls": json_controls(controls), "length": length, "stream": NUMBER[piece]}
        found[piece] = row
    return found
