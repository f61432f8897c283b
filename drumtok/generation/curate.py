"""`curate`: join clips to one piece in which neighbours fit.

Every clip is played once before any is repeated. The next clip is the one whose first bar the network finds most likely
after all that was played. A short clip is repeated until its section is full, and the last bar before another clip is
replaced by a fill, of several the one after which the next clip is most likely.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.errors import DrumtokError
from drumtok.generation.engines import engine_of
from drumtok.generation.randomness import randomness
from drumtok.network.checkpoint import Checkpoint
from drumtok.pattern import FASTEST, SLOWEST, Pattern
from drumtok.pattern.tempo import changes_of_steps
from drumtok.runtime.settings import check, setting
from drumtok.runtime.threads import one_thread
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import rules_of
from drumtok.sampling.primers import Primer, StrPath, read_primer
from drumtok.sampling.song import SongState, with_fills
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import from_ids, to_ids

CANDIDATE_CLIPS = 32  # clips that are compared to choose the next
MAX_CLIPS = 1024
MAX_PIECE_BARS = 8192


@dataclass(frozen=True)
class CurateConfig:
    """How clips become a piece."""

    minutes: float = setting(3.0, "Minutes of the piece, which ends with a whole clip.", above=0, high=60)
    section: int = setting(8, "Bars of each clip; a shorter clip is repeated.", low=1, high=64)
    fills: bool = setting(True, "Replace the last bar before another clip by a fill.")
    tempo: float | None = setting(
        None,
        "Tempo of the piece in beats per minute; by default that of the clips.",
        low=SLOWEST,
        high=FASTEST,
        kind=float,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Section:
    """A clip in a piece.

    Attributes:
        clip: index among the clips.
        bars: bars of the section, with the fill.
        filled: whether the last bar is a fill.
    """

    clip: int
    bars: int
    filled: bool


@dataclass(frozen=True)
class Piece:
    """Clips joined to one pattern.

    Attributes:
        pattern: the whole piece.
        sections: its sections, in order.
    """

    pattern: Pattern
    sections: tuple[Section, ...]


@one_thread
def curate(
    clips: Sequence[Primer],
    minutes: float = CurateConfig.minutes,
    *,
    section: int = CurateConfig.section,
    fills: bool = CurateConfig.fills,
    tempo: float | None = CurateConfig.tempo,
    meter: str | None = None,
    checkpoint: StrPath | Checkpoint | None = None,
    rng: np.random.Generator | int | None = None,
) -> Piece:
    """Join clips to one piece.

    Args:
        clips: at least two of one meter, each a `Pattern`, words, or the path of a MIDI file.
        minutes: length of the piece, above 0 and at most 60; it ends with the clip in which that is reached.
        section: bars of each clip, 1 to 64; a shorter clip is repeated.
        fills: whether the last bar before another clip is replaced by a fill.
        tempo: tempo of the piece; None is that of the clips.
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
    config = CurateConfig(minutes, section, fills, tempo)
    random = randomness(rng)
    engine = engine_of(checkpoint)
    if not 2 <= len(clips) <= MAX_CLIPS:
        raise DrumtokError(f"clips must be between 2 and {MAX_CLIPS}, got {len(clips)}")
    grid = engine.checkpoint.grid
    read = [read_primer(clip, grid, f"clip {n}", "clips", meter=meter) for n, clip in enumerate(clips, 1)]
    first = _alike(read, config.tempo)
    bars = _bars_of(config.minutes, first)
    conditioning = Conditioning(engine.checkpoint.default_kind, tempo=first.tempo, starts_mid_song=True)
    song = SongState(engine, random.generator, rules_of(SamplingConfig(), first.steps_per_bar), conditioning)
    sections, played = _joined(song, read, config, bars)
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
    song: SongState, clips: Sequence[Pattern], config: CurateConfig, bars: int
) -> tuple[list[Section], list[Pattern]]:
    """Return the sections of a piece of at least `bars` bars, and its patterns in order."""
    ids, bar = [to_ids(clip) for clip in clips], clips[0].steps_per_bar + 1
    times = np.zeros(len(clips), dtype=np.int64)  # that each clip was played
    now, left = int(song.rng.integers(len(clips))), bars
    sections: list[Section] = []
    played: list[Pattern] = []
    while True:
        clip = clips[now]
        repeats = -(-min(config.section, left) // clip.bars)
        left -= repeats * clip.bars
        times[now] += 1
        words = np.tile(ids[now], repeats)
        whole = [clip] * repeats
        sections.append(Section(now, repeats * clip.bars, config.fills and left > 0))
        if left <= 0:
            return sections, [*played, *whole]
        song.append(words[:-bar])
        ended = song.select(0)
        ended.append(words[-bar:])
        following = _following(ended, ids, times, now, bar - 1)
        if config.fills:
            song = _likeliest(with_fills(song, words[:0], bar), ids[following][: bar - 1])
            fill = from_ids(song.words[0, -bar:], clip.grid, clip.meter)
            played += [*whole[:-1], clip.slice_bars(0, clip.bars - 1), fill]
        else:
            song = ended
            played += whole
        now = following


def _following(
    song: SongState, clips: Sequence[NDArray[np.uint16]], times: NDArray[np.int64], now: int, steps: int
) -> int:
    """Return the clip whose first bar is most likely, of those played least often, except the present one."""
    others = np.flatnonzero(np.arange(len(clips)) != now)
    rare = others[times[others] == times[others].min()]
    if len(rare) > CANDIDATE_CLIPS:
        rare = np.sort(song.rng.choice(rare, CANDIDATE_CLIPS, replace=False))
    starts = np.stack([clips[n][:steps] for n in rare])
    return int(rare[song.select(*[0] * len(rare)).likelihood(starts).argmax()])


def _likeliest(many: SongState, bar: NDArray[np.uint16]) -> SongState:
    """Select the stream after which a bar is most likely."""
    return many.select(int(many.likelihood(np.tile(bar, (len(many.words), 1))).argmax()))
