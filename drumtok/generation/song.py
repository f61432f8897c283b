"""`write_song`: a song with sections, a count-in and an ending; `rewrite`: the song with new bars in some sections."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.engines import engine_of
from drumtok.generation.generate import FLAT, generate_with
from drumtok.generation.song_arrangement import arrangement
from drumtok.generation.song_config import MINUTES, SongConfig
from drumtok.generation.sources import Sources
from drumtok.generation.styling import network_of_style, styled
from drumtok.midi.writer import Markers
from drumtok.network.checkpoint import Checkpoint
from drumtok.pattern import DEFAULT_METER, DEFAULT_TEMPO, Pattern, parse_meter
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.plan_text import Section, plan_text
from drumtok.sampling.primers import StrPath

COUNT_IN, ENDING = "count-in", "ending"
LOUD, CLICK = 120, 90  # velocities of the ending and of the count-in


@dataclass(frozen=True)
class WrittenSong:
    """A song.

    Attributes:
        pattern: the whole song.
        sections: its sections in order, count-in and ending among them.
    """

    pattern: Pattern
    sections: tuple[Section, ...]

    @property
    def markers(self) -> Markers:
        """The first step and the name of each section."""
        starts = np.cumsum([0, *(section.bars for section in self.sections)]) * self.pattern.steps_per_bar
        return [(int(start), section.name) for start, section in zip(starts, self.sections, strict=False)]

    def bars_of(self, name: str) -> list[range]:
        """Return the bars of each section of a name, from 0.

        Raises:
            DrumtokError: there is no such section.
        """
        ends = np.cumsum([section.bars for section in self.sections]).tolist()
        found = [
            range(end - section.bars, end)
            for section, end in zip(self.sections, ends, strict=True)
            if section.name == name
        ]
        if not found:
            names = ", ".join(dict.fromkeys(section.name for section in self.sections)) or "none"
            raise DrumtokError(f"section must be one of the song ({names}), got {name!r}")
        return found


def write_song(
    config: SongConfig,
    rng: np.random.Generator | int | None = None,
    *,
    expression: ExpressionConfig = FLAT,
    checkpoint: StrPath | Checkpoint | None = None,
) -> WrittenSong:
    """Write a song from its plan, or from an arrangement of the requested length.

    Args:
        rng, expression, checkpoint: as in `drumtok.generation.generate.generate_with`.

    Raises:
        DrumtokError: as in `drumtok.generate`, or the song is too long.
    """
    network = engine_of(network_of_style(config.style) if checkpoint is None else checkpoint)
    sampling = styled(config.sampling, network.checkpoint)
    if config.plan is None:
        bars = _bars_of(config, sampling)
        unplanned = config.intensity is None and not config.intensity_curve
        sampling = replace(sampling, plan=plan_text(arrangement(bars, with_intensity=unplanned)))
    plan = sampling.song_plan
    assert plan is not None
    body = generate_with(sampling, rng, expression=expression, checkpoint=network)
    whole, sections = body, plan.sections
    if config.count_in:
        whole, sections = _count_in(body) + whole, (Section(COUNT_IN, 1), *sections)
    if config.ending:
        whole, sections = whole + _ending(body), (*sections, Section(ENDING, 1))
    return WrittenSong(replace(whole, name=body.name, style=body.style), sections)


def sections_of(pattern: Pattern, markers: Sequence[tuple[float, str]]) -> tuple[Section, ...]:
    """Return the sections of a song from its markers; bars before the first marker are a section without a name.

    Args:
        markers: the place in quarter notes and the text of each, in order.

    Raises:
        DrumtokError: there are no markers.
    """
    if not markers:
        raise DrumtokError("the song must have markers that name its sections, got none")
    starts = [round(beat * pattern.grid / pattern.steps_per_bar) for beat, _ in markers]
    named = [(start, name) for start, (_, name) in zip(starts, markers, strict=True) if start < pattern.bars]
    if not named or named[0][0] > 0:
        named.insert(0, (0, ""))
    ends = [start for start, _ in named[1:]] + [pattern.bars]
    return tuple(Section(name, end - start) for (start, name), end in zip(named, ends, strict=True) if end > start)


def rewrite(
    song: WrittenSong,
    name: str,
    config: SamplingConfig,
    rng: np.random.Generator | int | None = None,
    *,
    expression: ExpressionConfig = FLAT,
    checkpoint: StrPath | Checkpoint | None = None,
) -> WrittenSong:
    """Rewrite the sections of a name, to fit the sections around the first of them, and keep all others.

    The first section is rewritten; in the others of that name, bars that were equal to its bars are replaced too.

    Args:
        config: style, temperature and so on; bars, tempo and meter are those of the song.
        rng, expression, checkpoint: as in `drumtok.generation.generate.generate_with`.

    Raises:
        DrumtokError: the song has no such section, or as in `drumtok.generate`.
    """
    first, *others = song.bars_of(name)
    old, steps = song.pattern, song.pattern.steps_per_bar
    config = replace(config, fill_bars=tuple(bar + 1 for bar in first), tempo=None, meter=None)
    made = generate_with(config, rng, sources=Sources(source_pattern=old), expression=expression, checkpoint=checkpoint)
    taken = np.arange(old.steps).reshape(old.bars, steps)  # (bars, steps) where each step is taken from
    for bars in others:
        for bar, source in zip(bars, itertools.cycle(first), strict=False):
            if np.array_equal(old[bar].hits, old[source].hits):
                taken[bar] = taken[source]
    return WrittenSong(
        replace(made.take(taken.ravel()), name=made.name, tempo_changes=old.tempo_changes), song.sections
    )


def _bars_of(config: SongConfig, sampling: SamplingConfig) -> int:
    """Return the number of bars of a song, without count-in and ending."""
    meter = DEFAULT_METER if sampling.meter is None else parse_meter(sampling.meter)
    tempo = DEFAULT_TEMPO if sampling.tempo is None else sampling.tempo
    quarters = (MINUTES if config.minutes is None else config.minutes) * tempo
    bars = max(round(quarters * meter[1] / (4 * meter[0])), 1)
    config.check_bars(bars)
    return max(bars - config.count_in - config.ending, 1)


def _count_in(body: Pattern) -> Pattern:
    """Return a bar with the closed hi-hat on every beat."""
    beat = 4 * body.grid // body.meter[1]
    return _bar(body, {"closed": slice(None, None, max(beat, 1))}, CLICK)


def _ending(body: Pattern) -> Pattern:
    """Return a bar with kick and crash on the one."""
    return _bar(body, {"kick": slice(0, 1), "crash": slice(0, 1)}, LOUD)


def _bar(body: Pattern, places: dict[str, slice], velocity: int) -> Pattern:
    hits = np.zeros((body.steps_per_bar, N_DRUMS), dtype=bool)
    for lane, steps in places.items():
        hits[steps, LANE_INDEX[lane]] = True
    tempo = float(body.step_tempi[-1])
    return Pattern(
        hits, hits * np.uint8(velocity), grid=body.grid, meter=body.meter, tempo=tempo, note_length=body.note_length
    )
