"""The bodies of requests: pydantic models, with the defaults and ranges of the settings."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from drumtok.drums import LANES, PERCUSSION_NAMES
from drumtok.errors import DrumtokError
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.morph import MorphConfig
from drumtok.generation.vary import VaryConfig
from drumtok.midi.note_maps import note_map_names
from drumtok.midi.strikes import Additions, Strike
from drumtok.midi.writer import MidiConfig
from drumtok.rendering.kits import FORMER_NAMES, KIT_NAMES, AudioConfig
from drumtok.sampling.config import MAX_BARS, SamplingConfig
from drumtok.sampling.signatures import find_style
from drumtok.tokenizer.labels import BEAT, KINDS
from drumtok.web.config import LIMITS, METERS
from drumtok.web.models import Lane, LockedPattern, Seed, Strict, WirePattern


def _named(style: str | None) -> str | None:
    """Return the canonical name of a style in any spelling; unknown names, which a network may know, are unchanged."""
    with suppress(DrumtokError):
        return None if style is None else find_style(style)
    return style


StyleName = Annotated[str | None, AfterValidator(_named)]
Kind = Literal[KINDS]  # type: ignore[valid-type]  # computed from the one table
MeterName = Literal[METERS]  # type: ignore[valid-type]
KitName = Literal[(*KIT_NAMES, *FORMER_NAMES)]  # type: ignore[valid-type]
if TYPE_CHECKING:  # the names are those of files
    NoteMap = str
else:  # only names, so that no path from a client reaches the file system
    NoteMap = Literal[note_map_names()]


def setting_field(config: type, name: str, **narrower: Any) -> Any:
    """Return a field with the default, range and help of a setting.

    Args:
        narrower: narrower ranges, such as `high=32`.
    """
    own = next(f for f in fields(config) if f.name == name)
    limits = {"ge": "low", "gt": "above", "le": "high", "lt": "below"}
    known = {to: narrower.get(key, own.metadata[key]) for to, key in limits.items()}
    if isinstance(own.default, tuple):
        return Field(default=list(own.default), description=own.metadata["help"], max_length=64)
    return Field(own.default, description=own.metadata["help"], **{k: v for k, v in known.items() if v is not None})


MAX_PLAN = 2048  # characters of a plan
MAX_ONSETS, LONGEST_PART = 1024, 600  # of a part to follow: onsets, and seconds
STREAMED = 1  # candidates; with more, no bar would be final until all are written, but the page shows each bar at once


Onset = Annotated[float, Field(ge=0, le=LONGEST_PART)]


class ExpressionFields(Strict):
    """How hits are played."""

    dynamics: float = setting_field(ExpressionConfig, "dynamics")
    timing: float = setting_field(ExpressionConfig, "timing")

    @property
    def expression(self) -> ExpressionConfig:
        """The fields as settings."""
        return ExpressionConfig(self.dynamics, self.timing)


class SamplingFields(ExpressionFields):
    """How words are sampled, in every request that generates."""

    seed: Seed | None = Field(None, description="The same seed and settings generate the same. Random by default.")
    temperature: float = setting_field(SamplingConfig, "temperature", high=4)
    top_p: float = setting_field(SamplingConfig, "top_p")
    style: StyleName = setting_field(SamplingConfig, "style")
    guidance: float = setting_field(SamplingConfig, "guidance")
    kind: Kind | None = setting_field(SamplingConfig, "kind")
    particles: int = setting_field(SamplingConfig, "particles", high=LIMITS.particles)


class GenerationFields(SamplingFields):
    """The settings of new bars."""

    tempo: float | None = setting_field(SamplingConfig, "tempo")
    density: dict[Lane, float] = Field({}, description="Mean hits per bar of drums, above 0.")
    source: str | None = setting_field(SamplingConfig, "source")
    hits: float | None = setting_field(SamplingConfig, "hits")
    forbid: list[Lane] = setting_field(SamplingConfig, "forbid")
    repetition: float | None = setting_field(SamplingConfig, "repetition")

    def config(self, exclude: Collection[str] = (), **settings: Any) -> SamplingConfig:
        """Return the fields as settings.

        Args:
            exclude: fields to leave out.
            settings: settings that are not fields of the request.
        """
        own = {f.name for f in fields(SamplingConfig)} & type(self).model_fields.keys() - set(exclude)
        density = tuple(f"{drum}={hits}" for drum, hits in self.density.items())
        own_settings = self.model_dump(include=own) | {"density": density, "forbid": tuple(self.forbid)}
        return SamplingConfig(**own_settings, candidates=STREAMED, **settings)


class Generate(GenerationFields):
    """A new pattern, or the open part of a locked one."""

    bars: int | None = setting_field(SamplingConfig, "bars", high=LIMITS.bars)
    meter: MeterName | None = setting_field(SamplingConfig, "meter")
    form: Annotated[str, Field(max_length=MAX_BARS)] | None = setting_field(SamplingConfig, "form")
    variation: float = setting_field(SamplingConfig, "variation")
    loop: bool | None = setting_field(SamplingConfig, "loop")
    plan: Annotated[str, Field(max_length=MAX_PLAN)] | None = setting_field(SamplingConfig, "plan")
    intensity: float | None = setting_field(SamplingConfig, "intensity")
    fills: float | None = setting_field(SamplingConfig, "fills")
    follow: Annotated[list[Onset], Field(min_length=1, max_length=MAX_ONSETS)] | None = Field(
        None, description="Onsets of a part for kicks to meet, in seconds; requires `bars`, `form` or `plan`."
    )
    tightness: float = setting_field(SamplingConfig, "tightness")
    kept_pattern: LockedPattern | None = Field(
        None, alias="around", description="A pattern to keep in part; the rest is generated."
    )
    usable: bool = Field(
        False,
        description="Without a style: take the next seeds until the first bar has a kick on 1, a backbeat or four on "
        "the floor, and a timekeeper.",
    )

    @property
    def seeks_usable(self) -> bool:
        """Whether the first bar decides if the next seed is taken."""
        return self.usable and self.style is None and self.kind in (None, BEAT)

    def config(self, exclude: Collection[str] = (), **settings: Any) -> SamplingConfig:
        """Return the fields as settings, with the onsets as text, so that no request names a file."""
        if self.follow is not None:
            settings["follow"] = ",".join(f"{time:.9g}" for time in self.follow)
        return super().config(exclude={*exclude, "follow"}, **settings)


class Continue(GenerationFields):
    """Bars that follow a pattern."""

    pattern: WirePattern
    bars: int = Field(4, ge=1, le=LIMITS.bars)


class Vary(SamplingFields):
    """A variation of a pattern; what is locked stays."""

    kept_pattern: LockedPattern = Field(alias="around", description="The pattern, with what is locked.")
    amount: float = setting_field(VaryConfig, "amount")


class Humanise(ExpressionFields):
    """A pattern to play like a drummer; what is locked stays."""

    kept_pattern: LockedPattern = Field(alias="around", description="The pattern, with what is locked.")
    seed: Seed | None = Field(None, description="The same seed plays the same way. Random by default.")
    style: StyleName = Field(
        None,
        max_length=60,
        description="The style to play in. The pattern's own by default, or if the network does not know the style.",
    )


class Morph(Strict):
    """A path from one pattern to another."""

    first: WirePattern
    last: WirePattern
    steps: int = setting_field(MorphConfig, "steps", high=LIMITS.path)
    quick: bool = Field(False, description="Choose the order of all hits once instead of at every step.")


Part = Literal[(*LANES, *PERCUSSION_NAMES)]  # type: ignore[valid-type]


class WireStrike(Strict):
    """An additional hit: a repeat of a ratchet, or percussion outside the nine drums."""

    part: Part
    at: float = Field(ge=0, lt=LIMITS.steps, description="Quarter notes from the start, with swing and microtiming.")
    velocity: int = Field(100, ge=1, le=127)


class Export(Strict):
    """A pattern as a file."""

    pattern: WirePattern
    swing: float = setting_field(MidiConfig, "swing")
    more: list[WireStrike] = Field([], max_length=LIMITS.steps * len(LANES), description="Additional hits.")

    @property
    def strikes(self) -> list[Strike]:
        """The additional hits."""
        return [Strike(one.part, one.at, one.velocity) for one in self.more]


class MidiExport(Export):
    """A pattern as a MIDI file."""

    note_map: NoteMap = setting_field(MidiConfig, "note_map")
    track_per_drum: bool = setting_field(MidiConfig, "track_per_drum")
    names: dict[Part, Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        {}, description="Names of the tracks of drums, instead of the usual ones."
    )
    written_by: Generate | None = Field(
        None,
        description="The request that generated the pattern, with its seed, if the pattern has not been edited. It is"
        " stored in the file, so that `drumtok sample --like` reproduces it.",
    )
    stamp: str | None = Field(
        None,
        max_length=60,
        description="The stamp of `/api/about` when the pattern was generated. If the server has another stamp,"
        " `written_by` is ignored.",
    )

    @property
    def additions(self) -> Additions:
        """The additional contents of the file."""
        return Additions(self.strikes, self.names)

    @property
    def midi_config(self) -> MidiConfig:
        """The layout of the file as settings."""
        return MidiConfig(self.swing, note_map=self.note_map, track_per_drum=self.track_per_drum)


class WavExport(Export):
    """A pattern as sound."""

    kit: KitName = setting_field(AudioConfig, "kit")
