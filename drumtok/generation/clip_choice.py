"""Choose the clips of a piece, one after another."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drumtok.pattern import Pattern
from drumtok.sampling.plan_text import Section
from drumtok.sampling.song import SongState
from drumtok.tokenizer.tokens import to_ids

CANDIDATE_CLIPS = 32  # clips that are compared to choose the next
AS_FULL = 4  # one in this many clips is a candidate for an intensity


class ClipChoice:
    """Choose the clip of each section; sections of one name share a clip.

    Attributes:
        words: of each clip.
    """

    def __init__(self, clips: Sequence[Pattern]) -> None:
        self.words = [to_ids(clip) for clip in clips]
        self._steps = clips[0].steps_per_bar
        self._times = np.zeros(len(clips), dtype=np.int64)  # how often each was chosen
        self._named: dict[str, int] = {}
        hits = np.array([clip.hits.sum() / clip.bars for clip in clips])
        self._fullness = (np.argsort(np.argsort(hits, kind="stable")) / max(len(clips) - 1, 1)).tolist()

    def first_bar(self, clip: int) -> NDArray[np.uint16]:
        """Return the words of the first bar of a clip, (steps,)."""
        return self.words[clip][: self._steps]

    def first(self, section: Section, rng: np.random.Generator) -> int:
        """Choose the clip of the first section at random."""
        among = self._as_full(section.intensity)
        return self._chosen(int(among[rng.integers(len(among))]), section)

    def following(self, section: Section, song: SongState, now: int) -> int:
        """Choose the clip of the next section: the likeliest of those chosen least often, except the current one.

        Args:
            song: the song so far, in one stream.
            now: the current clip.
        """
        if section.name in self._named:
            return self._chosen(self._named[section.name], section)
        others = self._as_full(section.intensity, now)
        rare = others[self._times[others] == self._times[others].min()]
        if len(rare) > CANDIDATE_CLIPS:
            rare = np.sort(song.rng.choice(rare, CANDIDATE_CLIPS, replace=False))
        starts = np.stack([self.first_bar(n) for n in rare])
        likely = song.select(*[0] * len(rare)).likelihood(starts)
        return self._chosen(int(rare[likely.argmax()]), section)

    def _chosen(self, clip: int, section: Section) -> int:
        self._times[clip] += 1
        if section.name:
            self._named[section.name] = clip
        return clip

    def _as_full(self, intensity: float | None, but: int = -1) -> NDArray[np.int64]:
        """Return the clips, except `but`, whose rank by hits per bar is nearest to an intensity; all for None."""
        clips = np.flatnonzero(np.arange(len(self.words)) != but)
        if intensity is None:
            return clips
        off = np.abs(np.array(self._fullness)[clips] - intensity)
        return np.sort(clips[np.argsort(off, kind="stable")[: -(-len(clips) // AS_FULL)]])
