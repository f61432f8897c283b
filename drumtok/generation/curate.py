"""`curate`: clips joined to one piece whose neighbours fit.

Each clip comes once before any comes again. Which one follows is chosen by the network: the one whose first bar is
likeliest after all that was played. A short clip is repeated until its section is full, and before another the last bar
gives way to a fill, of several the one after which the next clip is likeliest.
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
from drumtok.runtime.settings import check, setting
from drumtok.sampling.config import SamplingConfig
from drumtok.sampling.drum_filters import rules_of
from drumtok.sampling.primers import Primer, StrPath, read_primer
from drumtok.sampling.song import SongState, with_fills
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import from_ids, to_ids

CONSIDERED = 32  # clips that are compared for what comes next
MAX_CLIPS = 1024
MAX_PIECE_BARS = 8192


@dataclass(frozen=True)
class CurateConfig:
    """How clips become a piece."""

    minutes: float = setting(3.0, "Minutes of the piece, which ends with a whole clip.", above=0, high=60)
    section: int = setting(
        8, "Bars that a clip is played for; a shorter one is repeated until they are full.", low=1, high=64
    )
    fills: bool = setting(True, "Whether the last bar before another clip gives way to a fill.")
    tempo: float | None = setting(
        None,
        "Tempo of the piece in beats per minute; by default that of the clips, if they have one.",
        low=SLOWEST,
        high=FASTEST,
        kind=float,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Section:
    """A clip as it is played.

    Attributes:
        clip: its place among the clips.
        bars: that it is played for, a fill's among them.
        filled: whether the last of them is a fill.
    """

    clip: int
    bars: int
    filled: bool


@dataclass(frozen=True)
class Piece:
    """Clips joined.

    Attributes:
        pattern: the whole.
        sections: what it consists of.
    """

    pattern: Pattern
    sections: tuple[Section, ...]


def curate(
    clips: Sequence[Primer],
    minutes: float = CurateConfig.minutes,
    *,
    section: int = CurateConfig.section,
    fills: bool = CurateConfig.fills,
    tempo: float | None = CurateConfig.tempo,
    checkpoint: StrPath | Checkpoint | None = None,
    rng: np.random.Generator | int | None = None,
) -> Piece:
    """Joins clips to one piece.

    Args:
        clips: two at least of one meter, each a `Pattern`, words, or the path of a MIDI file.
        minutes: how long the piece is, above 0 up to 60; it ends with the clip in which that is reached.
        section: bars that a clip is played for, 1 to 64; a shorter one is repeated until they are full.
        fills: whether the last bar before another clip gives way to a fill.
        tempo: of the piece; None is that of the clips.
        checkpoint: the network, as of `drumtok.generate`.
        rng: the randomness, of the first clip and of the fills: an int counts as a seed, None is fresh.

    Returns:
        The piece; hits of the clips have their velocity and offset.

    Raises:
        TypeError: an argument is of the wrong type.
        DrumtokError: there are fewer than two clips or too many, they differ in meter, or in tempo where none is
            given, one cannot be read, or the piece would have more than 8192 bars.
    """
    config = CurateConfig(minutes, section, fills, tempo)
    random = randomness(rng)
    engine = engine_of(checkpoint)
    if not 2 <= len(clips) <= MAX_CLIPS:
        raise DrumtokError(f"clips must be between 2 and {MAX_CLIPS}, got {len(clips)}")
    read = [read_primer(clip, engine.checkpoint.grid, f"clip {n}", "clips") for n, clip in enumerate(clips, 1)]
    first = _alike(read, config.tempo)
    bars = max(round(config.minutes * first.tempo * first.grid / first.steps_per_bar), 1)
    if bars > MAX_PIECE_BARS:
        raise DrumtokError(
            f"minutes must be at most {MAX_PIECE_BARS} bars at this tempo, got {config.minutes:g}, {bars} bars"
        )
    conditioning = Conditioning(engine.checkpoint.default_kind, tempo=first.tempo, starts_mid_song=True)
    song = SongState(engine, random.generator, rules_of(SamplingConfig(), first.steps_per_bar), conditioning)
    sections, played = _joined(song, read, config, bars)
    hits, velocity, offset = (
        np.concatenate([getattr(part, name) for part in played]) for name in ("hits", "velocity", "offset")
    )
    name = " ".join(filter(None, ("drumtok", random.label, f"curated from {len(clips)} clips")))
    return Piece(replace(first, hits=hits, velocity=velocity, offset=offset, name=name), tuple(sections))


def _alike(clips: Sequence[Pattern], tempo: float | None) -> Pattern:
    """The first clip, at the tempo of the piece."""

    def called(n: int) -> str:
        return clips[n].name or f"clip {n + 1}"

    for n, clip in enumerate(clips):
        if clip.meter != clips[0].meter:
            one, other = ("/".join(map(str, c.meter)) for c in (clips[0], clip))
            raise DrumtokError(f"clips must have the same meter, got {one} of {called(0)} and {other} of {called(n)}")
        if tempo is None and round(clip.tempo, 1) != round(clips[0].tempo, 1):
            raise DrumtokError(
                f"clips must have the same tempo unless tempo is set, got {clips[0].tempo:g} of {called(0)} and"
                f" {clip.tempo:g} of {called(n)}"
            )
    return clips[0] if tempo is None else replace(clips[0], tempo=tempo)


def _joined(
    song: SongState, clips: Sequence[Pattern], config: CurateConfig, bars: int
) -> tuple[list[Section], list[Pattern]]:
    """The sections of a piece of so many bars, and what is played, part by part."""
    ids, bar = [to_ids(clip) for clip in clips], clips[0].steps_per_bar + 1
    times = np.zeros(len(clips), dtype=np.int64)  # that each clip has come
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
    """The clip whose first bar is likeliest, of those that came least often, but for the present one."""
    others = np.flatnonzero(np.arange(len(clips)) != now)
    rare = others[times[others] == times[others].min()]
    if len(rare) > CONSIDERED:
        rare = np.sort(song.rng.choice(rare, CONSIDERED, replace=False))
    starts = np.stack([clips[n][:steps] for n in rare])
    return int(rare[song.select(*[0] * len(rare)).likelihood(starts).argmax()])


def _likeliest(many: SongState, bar: NDArray[np.uint16]) -> SongState:
    """The one stream after which a bar is likeliest."""
    return many.select(int(many.likelihood(np.tile(bar, (len(many.words), 1))).argmax()))
