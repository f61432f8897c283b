"""Design kits with the sound model: from a seed, by variation, between two kits, or like a given sound.

A design consists of the latent of each piece in its class, and its controls. The same design always sounds the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.rendering.characters import Character, character_of
from drumtok.rendering.kit_config import ALL
from drumtok.rendering.pieces import NUMBER, PIECE, PIECES
from drumtok.rendering.voice import Voice
from drumtok.sound.details import mixed_details
from drumtok.sound.voices import Controls, SoundModel

KEY_OF_PIECES = 0x6B6974  # separates the random streams of pieces from other uses of a seed


@dataclass(frozen=True)
class KitDesign:
    """The voices of a kit by piece, and the name of its character."""

    voices: dict[str, Voice]
    style: str = ""


def new_design(seed: int, style: str = "", model: SoundModel | None = None) -> KitDesign:
    """Draw a kit: each piece from its own random stream, except the toms, which are one drum at three pitches.

    Args:
        seed: at least 0.
        style: a character of `kits/characters.toml` or a style that one of them lists; "" for none.

    Raises:
        DrumtokError: the seed is negative, or the style unknown.
    """
    if seed < 0:
        raise DrumtokError(f"seed must be at least 0, got {seed}")
    model = model or SoundModel.load()
    character = character_of(style)
    voices = {}
    for row in PIECES:
        rng = np.random.default_rng([KEY_OF_PIECES, seed, NUMBER[row.name]])
        voices[row.name] = _drawn(model, row.name, character, rng)
    return KitDesign(voices, character.name)


def _drawn(model: SoundModel, piece: str, character: Character, rng: np.random.Generator) -> Voice:
    """Draw the voice of a piece, in the character of a kit."""
    sound_class, controls, length = voice_settings(piece, character)
    latent = model.sample(sound_class, rng, character.name or None)
    return Voice(sound_class, tuple(map(float, latent)), controls).lengthened(length, model)


def voice_settings(piece: str, character: Character) -> tuple[str, Controls, float]:
    """Return the class, the controls and the length factor of a piece in the character of a kit."""
    part = character.parts.get(piece, {})
    shifts = {**character.controls, **{name: value for name, value in part.items() if name != "class"}}
    controls = with_shifts(Controls(), shifts | {"tune": shifts.get("tune", 0.0) + PIECE[piece].tune})
    return str(part.get("class", PIECE[piece].sound_class)), controls, shifts.get("length", 1.0)


def with_shifts(controls: Controls, values: Mapping[str, float]) -> Controls:
    """Return controls with changed values, each clipped to its range."""
    limited = {}
    for f in fields(controls):
        if f.name in values:
            low, high = f.metadata["low"], f.metadata["high"]
            limited[f.name] = float(np.clip(values[f.name], low, high))
    return replace(controls, **limited)


def with_controls(design: KitDesign, values: Iterable[tuple[str, str, float | None]]) -> KitDesign:
    """Return a kit with other values of controls.

    Args:
        values: piece (or "all"), control and value of each; None is the sound's own decay.

    Raises:
        DrumtokError: the kit has no such piece, or a value is out of range.
    """
    voices = dict(design.voices)
    for piece, name, value in values:
        if piece not in (known := [ALL, *voices]):
            raise DrumtokError(f"piece must be one of {', '.join(known)}, got {piece!r}{did_you_mean(piece, known)}")
        for changed in voices if piece == ALL else (piece,):
            voice = voices[changed]
            controls: dict[str, Any] = {name: value}
            voices[changed] = replace(voice, controls=replace(voice.controls, **controls))
    return replace(design, voices=voices)


def vary_design(
    design: KitDesign, seed: int, amount: float, keep: Collection[str] = (), model: SoundModel | None = None
) -> KitDesign:
    """Move the voices of a kit towards others of their classes.

    A voice whose decay is set stays longer or shorter than its own length by the same factor.

    Args:
        amount: 0 keeps the kit, 1 draws new sounds.
        keep: pieces that stay as they are.
    """
    model = model or SoundModel.load()
    voices = {}
    for name, voice in design.voices.items():
        if amount and name not in keep:
            rng = np.random.default_rng([KEY_OF_PIECES, seed, NUMBER[name], 1])
            other = model.sample(voice.sound_class, rng, design.style or None)
            moved = _towards(voice, tuple(map(float, other)), amount)
            voice = moved.lengthened(voice.length(model), model)
        voices[name] = voice
    return replace(design, voices=voices)


def morph_designs(first: KitDesign, second: KitDesign, amount: float, model: SoundModel | None = None) -> KitDesign:
    """Return a kit between two: latents, controls and lengths are interpolated, classes change in the middle."""
    nearer = first if amount < 0.5 else second
    if amount in (0, 1):
        return nearer
    model = model or SoundModel.load()
    voices = dict(nearer.voices)
    for name in first.voices.keys() & second.voices.keys():
        a, b = first.voices[name], second.voices[name]
        if a.sound_class == b.sound_class:
            pairs = {f.name: (getattr(a.controls, f.name), getattr(b.controls, f.name)) for f in fields(Controls)}
            mixed = {key: float(x * (1 - amount) + y * amount) for key, (x, y) in pairs.items() if key != "decay"}
            moved = replace(_towards(a, b.latent, amount, b.detail), controls=Controls(**mixed))
            length = a.length(model) + amount * (b.length(model) - a.length(model))
            voices[name] = moved.lengthened(length, model)
    return KitDesign(voices, nearer.style)


def _towards(voice: Voice, latent: tuple[float, ...], amount: float, detail: str = "") -> Voice:
    """Move a voice towards another latent and its detail: 0 keeps it, 1 is there."""
    own = voice.latent
    if len(own) != len(latent):
        raise DrumtokError(f"latents must have the same length, got {len(own)} and {len(latent)} of other models")
    moved = tuple(x * (1 - amount) + y * amount for x, y in zip(own, latent, strict=True))
    return replace(voice, latent=moved, detail=mixed_details(voice.detail, detail, amount))


def design_like(
    wave: NDArray[np.float32],
    rate: int,
    count: int,
    amount: float,
    seed: int,
    model: SoundModel | None = None,
    sound_class: str | None = None,
) -> tuple[str, list[Voice]]:
    """Return voices like a sound: first its own latent, then variations near it.

    Args:
        wave: (frames,), mono.
        count: number of variations.
        amount: the distance of the variations, as in `vary_design`.
        sound_class: the class of the sound; if `None`, it is recognised.

    Returns:
        The class of the sound, and 1 + `count` voices.
    """
    model = model or SoundModel.load()
    sound_class, latent, detail = model.encode(wave, rate, sound_class)
    own = Voice(sound_class, tuple(map(float, latent)), detail=detail)
    voices = [own]
    for number in range(count):
        rng = np.random.default_rng([KEY_OF_PIECES, seed, number, 2])
        other = tuple(map(float, model.sample(sound_class, rng)))
        voices.append(_towards(own, other, amount))
    return sound_class, voices
