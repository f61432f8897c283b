"""Deliver patterns: to files, to the terminal in grid notation, or through a pipe."""

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from drumtok.cli.like import Like
from drumtok.cli.output import OutputConfig, formatted, write_beside
from drumtok.cli.overwriting import write_result
from drumtok.cli.show_plan import print_plan
from drumtok.cli.terminal import is_quiet
from drumtok.generation.provenance import Provenance
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.rendering.kits import AudioConfig
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.plan_text import Section

if TYPE_CHECKING:
    from drumtok.cli.sources import Source
    from drumtok.network.checkpoint import Checkpoint

MARK_STYLES: dict[str, dict[str, Any]] = {
    "X": {"fg": "yellow", "bold": True},
    "x": {"fg": "green"},
    "o": {"fg": "green", "dim": True},
}
OTHER_STYLE: dict[str, Any] = {"fg": "bright_black"}  # of steps without a hit


@dataclass(frozen=True)
class Delivery:
    """Where a pattern goes, and what is printed about it.

    Attributes:
        about: what is printed about each pattern, besides its seed.
        source: the file that is edited, or None for new patterns.
        planned: the sections for printing the plan of each bar, or None to print no plan.
    """

    writing: MidiConfig
    output: OutputConfig
    audio: AudioConfig
    like: Like | None
    out: str | None
    how: Provenance
    about: str
    source: "Source | None" = None
    planned: Sequence[Section] | None = None

    @property
    def writes_midi(self) -> bool:
        """Whether MIDI files are written."""
        return self.output.format is None or self.out is not None

    @property
    def writes_files(self) -> bool:
        """Whether any files are written."""
        return self.writes_midi or bool(self.output.endings)

    def give(self, made: Pattern, seed: int, path: Path) -> None:
        """Write a pattern to its files and print it."""
        from drumtok.midi.files import to_midi_bytes

        text = self.how.led_by("--seed", str(seed)).text
        written = [path] * self.writes_midi
        for file in written:
            if self.source:
                data = self.source.with_pattern(made, text, self.writing)
            else:
                data = to_midi_bytes(made, text=text, **asdict(self.writing))
            if self.like:
                self.like.check_over(file, data)
            write_result(file, data)
        written += write_beside(made, path, self.output, self.audio, self.writing)
        if self.output.format is not None:
            click.echo(formatted(made, self.output.format, text, self.writing), nl=False)
            return
        if is_quiet():
            return
        click.echo(f"# seed {seed}, {self.about}")
        print_grid(made.to_grid())
        if self.planned is not None:
            print_plan(made, self.planned)
        click.echo("\n".join(f"# {click.format_filename(file)}" for file in written))


def about(config: SamplingConfig, network: "Checkpoint", before: Pattern | None, kept_pattern: Pattern | None) -> str:
    """Return what is printed about every pattern."""
    source = "".join(
        f", {what} {click.format_filename(pattern.name)}"
        for what, pattern in (("primer", before), ("from", kept_pattern))
        if pattern is not None
    )
    return (
        f"temperature {config.temperature}, top-p {config.top_p}, checkpoint {network.name}{config.summary()}{source}"
    )


def print_grid(grid: str) -> None:
    """Print grid notation, in colour where the terminal has it, unless `--quiet` was given."""
    if is_quiet():
        return
    if not _in_colour():
        click.echo(grid)
        return
    for line in grid.splitlines():
        lane, bar, marks = line.partition("|")
        runs = ["".join(run) for _, run in groupby(bar + marks, MARK_STYLES.get)]
        styled = [click.style(run, **MARK_STYLES.get(run[0], OTHER_STYLE)) for run in runs]
        click.echo(click.style(lane, fg="cyan") + "".join(styled), color=True)


def _in_colour() -> bool:
    variable = os.environ.get
    if variable("NO_COLOR"):
        return False
    return bool(variable("FORCE_COLOR")) or (sys.stdout.isatty() and variable("TERM") != "dumb")
