"""The bodies of requests for sounds: the voices of kits, and patterns that they play."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Base64Bytes, Field, create_model

from drumtok.rendering.characters import characters
from drumtok.rendering.kit_design import KitDesign
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import FORMER_LENGTH, FORMER_RANGE, JSON_NAMES, Voice, voice_of
from drumtok.sound.voices import SOUND_CLASSES, Controls
from drumtok.web.models import Seed, Strict
from drumtok.web.requests import Part, WavExport, setting_field

if TYPE_CHECKING:  # computed from the tables
    Piece = str
    SoundClass = str
    Character = str
else:
    Piece = Literal[tuple(PIECE)]
    SoundClass = Literal[SOUND_CLASSES]
    Character = Literal[("", *characters())]
MAX_LATENT, MAX_DETAIL = 64, 2000


def _control_fields() -> dict[str, Any]:
    """Return the controls of a voice in a request, and the length factor that stood in place of the seconds before."""
    former = Field(None, ge=FORMER_RANGE[0], le=FORMER_RANGE[1], description="Of drumtok 0.13.0: a length factor.")
    found: dict[str, Any] = {FORMER_LENGTH: (float | None, former)}
    for f in fields(Controls):
        kind = float if f.default is not None else float | None
        found[JSON_NAMES.get(f.name, f.name)] = (kind, setting_field(Controls, f.name))
    return found


WireControls = create_model(
    "WireControls", __base__=Strict, __doc__="The controls of a voice, each neutral by default.", **_control_fields()
)


class WireVoice(Strict):
    """A sound of the model: its class, its latent, its controls, and the detail of a reproduced sound."""

    sound_class: SoundClass = Field(alias="class")
    latent: list[Annotated[float, Field(ge=-100, le=100)]] = Field(min_length=1, max_length=MAX_LATENT)
    controls: WireControls = Field(default_factory=WireControls)  # type: ignore[valid-type]
    detail: str = Field("", max_length=MAX_DETAIL)

    def voice(self) -> Voice:
        """Return the `Voice`.

        Raises:
            DrumtokError: the detail is invalid.
        """
        return voice_of(self.model_dump(by_alias=True))


Voices = dict[Piece, WireVoice]


class Shot(Strict):
    """One hit of a piece of a kit."""

    piece: Piece
    voice: WireVoice
    velocity: int = Field(127, ge=1, le=127)
    take: int = Field(0, ge=0, le=15)


class KitExport(Strict):
    """A kit as files for samplers."""

    name: str = Field("drumtok kit", max_length=60, pattern=r"^[\w -]+$")
    style: Character = ""
    voices: Voices = Field(min_length=1)

    @property
    def design(self) -> KitDesign:
        """The design of the kit."""
        return KitDesign({piece: wire.voice() for piece, wire in self.voices.items()}, self.style)


class SoundExport(WavExport):
    """A pattern as sound, with some sounds of the kit replaced by those of the page."""

    voices: Voices = Field({}, description="Sounds of the model that replace those of the kit.")
    samples: dict[Part, Base64Bytes] = Field({}, description="WAV files that replace sounds of the kit.")
    stems: bool = Field(False, description="Return a zip of a WAV file for each drum.")


def wire_voice(voice: Voice) -> dict[str, Any]:
    """Return a voice for a response; four decimals are more than audible."""
    data = voice.to_json()
    controls = {name: value if value is None else round(value, 4) for name, value in data["controls"].items()}
    return data | {"latent": [round(number, 4) for number in data["latent"]], "controls": controls}


NewKitSeed = Annotated[Seed, Field(description="The same seed makes the same kit.")]
