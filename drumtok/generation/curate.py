"""`curate`: join clips into one piece in which neighbours fit.

Every clip is played once before any is repeated. The next clip is the one whose first bar the network finds most likely
after the bars so far. A short clip is repeated until its section is full. The last bar before another clip is replaced
by a fill: of several drafts, the one after which the next clip is most likely. A plan sets other sections.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.generation.clip_choice import ClipChoice
from drumtok.generation.curate_config import MAX_PIECE_BARS, MINUTES, Arrangement, CurateConfig
from drumtok.generation.engines import engine_of
from drumtok.generation.planning import UNPLANNED, write_fill
from drumtok.generation.randomness import randomness
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM
from drumtok.midi.writer import Markers
from drumtok.network.checkpoint import Checkpoint
from drumtok.pattern import Pattern
from drumtok.pattern.tempo import changes_of_steps
from drumtok.runtime.threads import one_thread
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import rules_of
from drumtok.sampling.primers import Primer, StrPath, read_primer
from drumtok.sampling.song import SongState
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import from_ids

MAX_CLIPS = 1024


@dataclass(frozen=True)
class Section:
    """A clip in a piece.

    Attributes:
        clip: index among the clips.
        bars: bars of the section, with the fill.
        filled: whether the last bar is a fill.
        name: that of a plan, else empty.
    """

    clip: int
    bars: int
    filled: bool
    name: str = ""


@dataclass(frozen=True)
class Piece:
    """Clips joined to one pattern.

    Attributes:
        pattern: the whole piece.
        sections: its sections, in order.
    """

    pattern: Pattern
    sections: tuple[Section, ...]

    @property
    def markers(self) -> Markers:
        """The first step and the name of each section that has a name."""
        starts = np.cumsum([0, *(section.bars for section in self.sections)]) * self.pattern.steps_per_bar
        named = zip(starts, self.sections, strict=False)
        return [(int(start), section.name) for start, section in named if section.name]


@one_thread
def curate(
    clips: Sequence[Primer],
    minutes: float | None = CurateConfig.minutes,
    *,
    section: int | None = CurateConfig.section,
    fills: float | None = CurateConfig.fills,
    plan: str | None = CurateConfig.plan,
    intensity: float | None = CurateConfig.intensity,
    intensity_curve: Iterable[float] = CurateConfig.intensity_curve,
    tempo: float | None = CurateConfig.tempo,
    note_map: str = GM,
    channel: int | None = None,
    track: str | None = None,
    meter: str | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
    rng: np.random.Generator | int | None = None,
) -> Piece:
    """Join clips into one piece.

    Args:
        clips: at least two of one meter, each a `Pattern`, words, or the path of a MIDI file.
        minutes: length of the piece, above 0 and at most 60; it ends with the clip that reaches it. None is 3, or the
            length of the plan.
        section: bars of each clip, 1 to 64; a shorter clip is repeated. None is 8, or as in the plan.
        fills: fraction of the changes of clip before which the last bar is replaced by a fill, 0 to 1 (True is 1, False
            0); None is 1, or only where the plan has one. Above 16 bars and in a plan the bar clock plans them.
        plan: sections such as "intro:4,verse:8@0.6,fill,chorus:8", as in `drumtok.generate`: sections of one name share
            a clip, which is repeated and cut to their bars.
        intensity: how full the clips are: 0 chooses those with the fewest hits per bar, 1 those with the most. None
            leaves it open.
        intensity_curve: intensities from the first bar to the last, interpolated over the bars.
        tempo: tempo of the piece; None keeps that of the clips.
        note_map, channel, track: the note map, and the channel and track of the drums, of MIDI files, as in
            `drumtok.read_song`.
        meter: of all bars of MIDI files, such as "4/4"; None follows their time signatures.
        checkpoint: the network, as in `drumtok.generate`.
        rng: the randomness of the first clip and of the fills: an int is a seed, None draws a fresh seed.

    Returns:
        The piece; hits of the clips keep their velocity and offset.

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: there are fewer than two clips or too many, they differ in meter, or in tempo without `tempo`,
            one cannot be read, or the piece would have more than 8192 bars.
    """
    fills = float(fills) if isinstance(fills, bool) else fills
    config = CurateConfig(minutes, section, fills, plan, intensity, tuple(intensity_curve), tempo)
    random = randomness(rng)
    engine = engine_of(checkpoint)
    if not 2 <= len(clips) <= MAX_CLIPS:
        raise DrumtokError(f"clips must be between 2 and {MAX_CLIPS}, got {len(clips)}")
    grid = engine.checkpoint.grid
    drums = DrumsConfig(note_map, channel, track)
    read = [read_primer(clip, grid, f"clip {n}", "clips", drums, meter) for n, clip in enumerate(clips, 1)]
    first = _alike(read, config.tempo)
    arrangement = Arrangement(config, _bars_of(MINUTES if config.minutes is None else config.minutes, first))
    conditioning = Conditioning(engine.checkpoint.default_kind, tempo=first.tempo, starts_mid_song=True)
    song = SongState(engine, random.generator, rules_of(SamplingConfig(), first.steps_per_bar), conditioning)
    sections, played = _joined(song, read, arrangement, config.is_planned or arrangement.bars > UNPLANNED)
    name = " ".join(filter(None, ("drumtok", random.label, f"curated from {len(clips)} clips")))
    whole = _concatenated(first, played, keeps_tempi=config.tempo is None)
    return Piece(replace(whole, name=name), tuple(sections))


def _concatenated(first: Pattern, played: Sequence[Pattern], keeps_tempi: bool) -> Pattern:
    """Concatenate patterns of one meter, with the settings of `first` and, on request, the tempo of each."""
    changes = changes_of_steps(np.concatenate([part.step_tempi for part in played])) if keeps_tempi else ()
    hits, velocity, offset = (
        np.concatenate([getattr(part, name) for part in played]) for name in ("hits", "velocity", "offset")
    )
    return replace(first, hits=hits, velocity=velocity, offset=offset, tempo_changes=changes)


def _bars_of(minutes: float, first: Pattern) -> int:
    """Return the bars of a piece that begins with a clip.

    Raises:
        DrumtokError: they are too many.
    """
    bars = max(round(minutes * first.tempo * first.grid / first.steps_per_bar), 1)
    if bars > MAX_PIECE_BARS:
        raise DrumtokError(f"minutes must be at most {MAX_PIECE_BARS} bars at this tempo, got {minutes:g}, {bars} bars")
    return bars


def _alike(clips: Sequence[Pattern], tempo: float | None) -> Pattern:
    """Return the first clip at the tempo of the piece, if all clips fit together."""

    def name_of(n: int) -> str:
        return clips[n].name or f"clip {n + 1}"

    for n, clip in enumerate(clips):
        if clip.meter != clips[0].meter:
            one, other = ("/".join(map(str, c.meter)) for c in (clips[0], clip))
            raise DrumtokError(f"clips must have the same meter, got {one} of {name_of(0)} and {other} of {name_of(n)}")
        if tempo is None and round(clip.tempo, 1) != round(clips[0].tempo, 1):
            raise DrumtokError(
                f"clips must have the same tempo unless tempo is set, got {clips[0].tempo:g} of {name_of(0)} and"
                f" {clip.tempo:g} of {name_of(n)}"
            )
    return clips[0] if tempo is None else replace(clips[0], tempo=tempo)


def _joined(
    song: SongState, clips: Sequence[Pattern], arrangement: Arrangement, planned: bool
) -> tuple[list[Section], list[Pattern]]:
    """Return the sections of a piece, and its patterns in order.

    Args:
        planned: whether the bar clock plans fills, where the network has one.
    """
    choice, steps = ClipChoice(clips), clips[0].steps_per_bar
    target = arrangement.section(0, 0)
    now, at = choice.first(target, song.rng), 0
    sections: list[Section] = []
    played: list[Pattern] = []
    while True:
        whole = _repeated(clips[now], target.bars, arrangement.exact)
        at += sum(part.bars for part in whole)
        filled = target.fill or (at < arrangement.bars and arrangement.fills_change(len(sections)))
        sections.append(Section(now, sum(part.bars for part in whole), filled, target.name))
        words = np.tile(choice.words[now], len(whole))[: sections[-1].bars * (steps + 1)]
        song.append(words[: -(steps + 1)])
        ended = song.select(0)
        ended.append(words[-(steps + 1) :])
        following = None
        if at < arrangement.bars:
            target = arrangement.section(len(sections), at)
            following = choice.following(target, ended, now)
        if filled:
            next_bar = None if following is None else choice.first_bar(following)
            song = write_fill(song, steps, next_bar, planned)
            whole = _with_last_bar(whole, song.words[0, -(steps + 1) :])
        else:
            song = ended
        played += whole
        if following is None:
            return sections, played
        now = following


def _with_last_bar(patterns: list[Pattern], ids: NDArray[np.integer]) -> list[Pattern]:
    """Return patterns whose last bar is replaced by the words of another one."""
    *before, last = patterns
    return [*before, last.slice_bars(0, last.bars - 1), from_ids(ids, last.grid, last.meter)]


def _repeated(clip: Pattern, bars: int, exact: bool) -> list[Pattern]:
    """Return a clip as often as some bars need it, with `exact` cut to them."""
    times, left = divmod(bars, clip.bars)
    whole = [clip] * times
    if left:
        whole.append(clip.slice_bars(0, left) if exact else clip)
    return whole
