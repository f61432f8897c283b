"""A pattern in a form such as AABA: equal letters share their material.

A new letter continues all that was written before it. Of several candidates the one that differs most from the earlier
letters is kept, and its last bar is chosen to lead back to its first. A repeated letter is a copy in which some beats
are rewritten by the particle filter, which takes the surrounding beats into account. If another letter follows, the end
of the last bar is a fill.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.pattern import Meter, steps_per_bar
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.particle_filter import complete_after
from drumtok.sampling.song import SILENT, BarStream, SongState, with_fills, write_bars
from drumtok.tokenizer.tokens import from_ids

WHOLE_BAR_FILL = 4  # in sections of at least this many bars a fill takes the whole last bar, in shorter ones half of it

Ids = NDArray[np.uint16]


@dataclass(frozen=True)
class Form:
    """The plan of a pattern.

    Attributes:
        letters: one for each section, in order.
        bars: bars of each section.
        variation: fraction of the beats of a repeated section that are rewritten, 0 to 1.
        loop: whether the first section follows the last.
        particles: as in `drumtok.sampling.particle_filter.complete`.
    """

    letters: str
    bars: int
    variation: float = 0.0
    loop: bool = True
    particles: int = 1

    def after(self, n: int) -> str:
        """Return the letter that follows section `n`, or "" at the end.

        >>> [Form("AAB", 4).after(n) for n in range(3)], Form("AAB", 4, loop=False).after(2)
        (['A', 'B', 'A'], '')
        """
        following = self.letters + self.letters[0] * self.loop
        return following[n + 1 : n + 2]

    def fills(self, n: int) -> bool:
        """Return whether section `n` ends with a fill, because another letter follows."""
        return self.after(n) not in ("", self.letters[n])


def write_form(song: SongState, form: Form, grid: int, meter: Meter, bar_stream: BarStream = SILENT) -> SongState:
    """Write the sections of a form in a song.

    Args:
        bar_stream: receives the words of each section.

    Raises:
        DrumtokError: the rules of the song leave no word to draw.
    """
    writer = _FormWriter(form, grid, meter)
    for n in range(len(form.letters)):
        song = writer.section(song, n)
        bar_stream.push(song.words)
    return song


@dataclass
class _FormWriter:
    """The letters written so far.

    Attributes:
        starts: letter -> index of its first word in the song.
        sources: letter -> its words, without a fill.
    """

    form: Form
    grid: int
    meter: Meter
    starts: dict[str, int] = field(default_factory=dict)
    sources: dict[str, Ids] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Steps of a bar."""
        return steps_per_bar(self.grid, self.meter)

    def section(self, song: SongState, n: int) -> SongState:
        """Write section `n`."""
        letter, after = self.form.letters[n], self.form.after(n)
        is_new = letter not in self.sources
        if is_new:
            self.starts[letter] = len(song)
            written = self._new(song.select(0))
            self.sources[letter] = written.words[0, len(song) :]
        else:
            written = song.select(0)
            written.append(self._repeated(song, letter, after))
        if not self.form.fills(n):
            return written
        fill = self._fill_steps() + 1
        song.append(written.words[0, len(song) : -fill], given=not is_new)
        return self._filled(song, after, fill)

    def _new(self, song: SongState) -> SongState:
        """Write a new letter that differs from the earlier ones."""
        if not self.sources:
            return write_bars(song, self.form.bars, self.steps, loop=True)
        start, words = len(song), self.steps + 1
        many = song.forked()
        many.write(max(self.form.bars - 1, 1) * words)
        known = np.stack([source[: len(many) - start] for source in self.sources.values()])
        unlike = (many.words[:, None, start:] != known).mean(axis=2).min(axis=1)  # (streams,)
        song = many.select(int(unlike.argmax()))
        if self.form.bars == 1:
            return song
        many = song.forked()
        many.write(words)
        return many.leading_to(start, self.steps)

    def _repeated(self, song: SongState, letter: str, after: str) -> Ids:
        """Return the words of a repeated letter that leads to the letter that follows."""
        source = self.sources[letter]
        rewritten = self._rewritten(song.rng)
        if not rewritten.any():
            return source
        ahead = self.sources[after][: self.steps + 1] if after in self.sources else source[:0]
        pattern = from_ids(np.concatenate([source, ahead]), self.grid, self.meter)
        kept = np.ones((pattern.steps, N_DRUMS), dtype=bool)
        kept[: len(rewritten)] = ~rewritten[:, None]
        ids = complete_after(
            song.engine,
            song.state,
            song.tracker,
            song.rng,
            song.rules,
            KeptPattern(pattern, kept),
            particles=self.form.particles,
        )
        return ids[: len(source)]

    def _rewritten(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Draw the beats to rewrite, (steps,) true in these; their number is rounded up or down at random."""
        in_bar = np.arange(self.steps) // self.grid
        per_bar = int(in_bar[-1]) + 1  # the last beat may be shorter
        beats = per_bar * self.form.bars
        chosen = rng.permutation(beats)[: int(self.form.variation * beats + rng.random())]
        place = in_bar + per_bar * np.arange(self.form.bars)[:, None]  # (bars, steps) the beat of each step
        return np.isin(place.ravel(), chosen)

    def _fill_steps(self) -> int:
        return self.steps if self.form.bars >= WHOLE_BAR_FILL else max(self.steps // 2, 1)

    def _filled(self, song: SongState, after: str, words: int) -> SongState:
        """Write a fill to the end of a bar that leads to the letter that follows, if that exists already."""
        many = with_fills(song, song.words[0, len(song) - (self.steps + 1 - words) :], words)
        return many.leading_to(self.starts[after], self.steps) if after in self.starts else many.select(0)
