"""The sound of one piece of a kit, as Python and JSON have it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from drumtok.errors import DrumtokError, did_you_mean
from drumtok.sound.details import mixed_details
from drumtok.sound.voices import SOUND_CLASSES, Controls, SoundModel

JSON_NAMES = {"decay": "decay_seconds"}  # controls with another name in JSON
FORMER_LENGTH, FORMER_RANGE = "decay", (0.25, 4.0)  # in JSON up to 0.13.0: a factor of the sound's own length
DECIMALS = 6  # of a decay


@dataclass(frozen=True)
class Voice:
    """The sound of one piece: its class, its latent, its controls, and the detail of a reproduced sound."""

    sound_class: str
    latent: tuple[float, ...]
    controls: Controls = field(default_factory=Controls)
    detail: str = ""

    def decay(self, model: SoundModel) -> float:
        """Return the decay of the sound in seconds, whether it is set or the sound's own."""
        return model.decay(self.sound_class, np.array(self.latent), self.detail, length=self.length(model))

    def length(self, model: SoundModel) -> float:
        """Return the factor by which its decay makes the sound longer than its own length."""
        if self.controls.decay is None:
            return 1.0
        return model.length(self.sound_class, np.array(self.latent), self.detail, self.controls.decay)

    def lengthened(self, length: float, model: SoundModel) -> "Voice":
        """Return the voice with the decay that a factor of its own length gives it, which for 1 is its own."""
        decay = None
        if length != 1:
            limits = next(f.metadata for f in fields(Controls) if f.name == "decay")
            decay = model.decay(self.sound_class, np.array(self.latent), self.detail, length=length)
            decay = round(float(np.clip(decay, limits["low"], limits["high"])), DECIMALS)
        return replace(self, controls=replace(self.controls, decay=decay))

    def to_json(self) -> dict[str, Any]:
        """Return the voice as JSON; the inverse is `voice_of`."""
        data = {"class": self.sound_class, "latent": list(self.latent), "controls": json_controls(self.controls)}
        return data | ({"detail": self.detail} if self.detail else {})


def json_controls(controls: Controls) -> dict[str, float | None]:
    """Return controls as JSON."""
    return {JSON_NAMES.get(name, name): value for name, value in asdict(controls).items()}


def voice_of(data: Mapping[str, Any], model: SoundModel | None = None) -> Voice:
    """Read a voice from JSON, the inverse of `Voice.to_json`.

    Up to 0.13.0 the controls had `decay`, a factor of the length, in place of `decay_seconds`. Such a voice sounds as
    it did.

    Args:
        model: the model of the voice, which turns such a factor into seconds; by default the bundled one.

    Raises:
        DrumtokError: a value is missing, invalid or of another kind.
    """
    try:
        latent = tuple(float(number) for number in data["latent"])
        detail = mixed_details("", str(data.get("detail", "")), 1)
        controls, length = _controls_of(dict(data.get("controls", {})))
        voice = Voice(str(data["class"]), latent, controls, detail)
    except DrumtokError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DrumtokError(f"a voice must have a class, a latent and controls: {error}") from error
    if voice.sound_class not in SOUND_CLASSES:
        raise DrumtokError(f"class must be one of {', '.join(SOUND_CLASSES)}, got {voice.sound_class!r}")
    if not np.isfinite(latent).all():
        unusable = next(number for number in latent if not np.isfinite(number))
        raise DrumtokError(f"the numbers of a latent must be finite, got {unusable}")
    if length == 1 or controls.decay is not None:
        return voice
    return voice.lengthened(length, model or SoundModel.load())


def _controls_of(data: dict[str, Any]) -> tuple[Controls, float]:
    """Return controls from JSON, and the length factor that stood in place of the decay up to 0.13.0."""
    (low, high), length = FORMER_RANGE, data.pop(FORMER_LENGTH, None)
    if length is not None and not (isinstance(length, int | float) and low <= length <= high):
        raise DrumtokError(f"{FORMER_LENGTH} must be a factor between {low:g} and {high:g}, got {length!r}")
    names = {JSON_NAMES.get(f.name, f.name): f.name for f in fields(Controls)}
    for name in sorted(data.keys() - names.keys()):
        raise DrumtokError(f"control must be one of {', '.join(names)}, got {name!r}{did_you_mean(name, names)}")
    return Controls(**{names[name]: value for name, value in data.items()}), 1.0 if length is None else length
