"""Requests: pydantic models, their defaults and ranges those of the settings."""

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import Field

from drumtok.generation.humanise import ExpressionConfig
from drumtok.generation.morph import MorphConfig
from drumtok.generation.vary import VaryConfig
from drumtok.midi.writer import MidiConfig
from drumtok.rendering.kits import KIT_NAMES, AudioConfig
from drumtok.sampling.config import MOST_BARS, SamplingConfig
from drumtok.web.config import LIMITS
from drumtok.web.models import Lane, Locked, Seed, Sent, Strict

KitName = Literal[KIT_NAMES]  # type: ignore[valid-type]
NoteMap = Literal["gm", "td11"]  # by name alone: no path from a client reaches the file system


def asked(config: type, name: str, **tighter: Any) -> Any:
    """A field that is a setting of a dataclass: its default, range and help.

    Args:
        tighter: limits of the web's own, such as `high=32`.
    """
    own = next(f for f in fields(config) if f.name == name)
    limits = {"ge": "low", "gt": "above", "le": "high", "lt": "below"}
    known = {to: tighter.get(key, own.metadata[key]) for to, key in limits.items()}
    if isinstance(own.default, tuple):
        return Field(default=list(own.default), description=own.metadata["help"], max_length=64)
    return Field(own.default, description=own.metadata["help"], **{k: v for k, v in known.items() if v is not None})


class Touched(Strict):
    """How hits are played."""

    dynamics: float = asked(ExpressionConfig, "dynamics")
    timing: float = asked(ExpressionConfig, "timing")

    @property
    def expression(self) -> ExpressionConfig:
        """The same as settings."""
        return ExpressionConfig(self.dynamics, self.timing)


class Drawing(Touched):
    """How words are drawn, in all that the network writes."""

    seed: Seed | None = Field(None, description="The same seed and settings write the same; by default a fresh one.")
    temperature: float = asked(SamplingConfig, "temperature", high=4)
    top_p: float = asked(SamplingConfig, "top_p")
    style: str | None = asked(SamplingConfig, "style")
    guidance: float = asked(SamplingConfig, "guidance")
    kind: Literal["any", "beat", "fill"] | None = asked(SamplingConfig, "kind")
    particles: int = asked(SamplingConfig, "particles", high=LIMITS.particles)


class Writing(Drawing):
    """What is written anew."""

    tempo: float | None = asked(SamplingConfig, "tempo")
    density: dict[Lane, float] = Field({}, description="Mean hits per bar of drums, above 0.")
    source: str | None = asked(SamplingConfig, "source")
    hits: float | None = asked(SamplingConfig, "hits")
    forbid: list[Lane] = asked(SamplingConfig, "forbid")
    repetition: float = asked(SamplingConfig, "repetition")

    def settings(self) -> dict[str, Any]:
        """The arguments of `drumtok.generate`, those left out that nothing would read."""
        chosen = self.model_dump(include=set(Writing.model_fields) - set(Touched.model_fields) - {"seed"})
        if "particles" not in self.model_fields_set:
            del chosen["particles"]
        return chosen


class Generate(Writing):
    """A new pattern; or one around what is locked of another."""

    bars: int | None = asked(SamplingConfig, "bars", high=LIMITS.bars)
    form: Annotated[str, Field(max_length=MOST_BARS)] | None = asked(SamplingConfig, "form")
    variation: float = asked(SamplingConfig, "variation")
    loop: bool | None = asked(SamplingConfig, "loop")
    kept_pattern: Locked | None = Field(None, description="What stays; the rest is written anew.")

    def plan(self) -> dict[str, Any]:
        """Those arguments of `drumtok.generate` that nothing reads where something stays."""
        return self.model_dump(include={"bars", "form", "variation", "loop"})

    @property
    def config(self) -> SamplingConfig:
        """All of it but the seed and what stays, as the command line has it."""
        settings = self.settings() | self.plan()
        density = tuple(f"{drum}={hits}" for drum, hits in self.density.items())
        return SamplingConfig(**settings | {"density": density, "forbid": tuple(self.forbid)})


class Continue(Writing):
    """What comes after a pattern."""

    pattern: Sent
    bars: int = Field(4, ge=1, le=LIMITS.bars)


class Vary(Drawing):
    """A share of a pattern, changed."""

    kept_pattern: Locked
    amount: float = asked(VaryConfig, "amount")


class Humanise(Touched):
    """A pattern, played as a drummer would; what is locked stays as it is."""

    kept_pattern: Locked
    seed: Seed | None = Field(None, description="The same seed plays the same way; by default a fresh one.")
    style: str | None = Field(
        None,
        max_length=60,
        description="The style to play in; by default, and where the network knows none such, the pattern's own.",
    )


class Morph(Strict):
    """A path from one pattern to another."""

    first: Sent
    last: Sent
    steps: int = asked(MorphConfig, "steps", high=LIMITS.path)
    quick: bool = Field(False, description="The order of all hits is chosen once, not anew at every step.")


class Export(Strict):
    """A pattern as a file."""

    pattern: Sent
    swing: float = asked(MidiConfig, "swing")


class MidiExport(Export):
    """A pattern as a MIDI file."""

    note_map: NoteMap = asked(MidiConfig, "note_map")
    track_per_drum: bool = asked(MidiConfig, "track_per_drum")
    written_by: Generate | None = Field(
        None,
        description="The request, its seed with it, that wrote the pattern, which is as it was written: the file then"
        " says so, and `drumtok sample --like` makes it again.",
    )
    stamp: str | None = Field(
        None,
        max_length=60,
        description="The stamp of `/api/about` when it was written: a file from another drumtok or network does not say"
        " how it is made again.",
    )

    @property
    def writing(self) -> MidiConfig:
        """How the file is laid out."""
        return MidiConfig(self.swing, note_map=self.note_map, track_per_drum=self.track_per_drum)


class WavExport(Export):
    """A pattern as sound."""

    kit: KitName = asked(AudioConfig, "kit")
