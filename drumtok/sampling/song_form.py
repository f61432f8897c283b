"""A pattern by a plan of letters, such as AABA: the same letter is the same material.

A new letter is written after all that stands before it. Of several takes the one that is least like the letters before
it stays, and it is a loop of its own: its last bar is chosen so that its first is likely after it. A letter that comes
again is a copy, some beats of which are written anew by particles, which hear what is kept around them. Where another
letter follows, a fill takes the place of the end of the last bar.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import N_DRUMS
from drumtok.pattern import Meter, steps_per_bar
from drumtok.sampling.constraints import KeptPattern
from drumtok.sampling.particle_filter import complete_after
from drumtok.sampling.song import SILENT, BarStream, Song, with_fills, write_bars
from drumtok.tokenizer.tokens import from_ids

WHOLE = 4  # bars of a section from which on a fill takes its whole last bar; of a shorter one it takes half of it

Ids = NDArray[np.uint16]


@dataclass(frozen=True)
class Form:
    """What is to be written.

    Attributes:
        letters: one for each section, in their order.
        bars: of each section.
        variation: share of the beats of a section that comes again that are written anew, 0 to 1.
        loop: whether the first section follows the last.
        particles: as in `drumtok.sampling.particle_filter.complete`.
    """

    letters: str
    bars: int
    variation: float = 0.0
    loop: bool = True
    particles: int = 1

    def after(self, n: int) -> str:
        """The letter that follows section `n`, empty where none does.

        >>> [Form("AAB", 4).after(n) for n in range(3)], Form("AAB", 4, loop=False).after(2)
        (['A', 'B', 'A'], '')
        """
        following = self.letters + self.letters[0] * self.loop
        return following[n + 1 : n + 2]

    def fills(self, n: int) -> bool:
        """Whether section `n` ends with a fill, for another letter follows."""
        return self.after(n) not in ("", self.letters[n])


def write_form(song: Song, form: Form, grid: int, meter: Meter, bar_stream: BarStream = SILENT) -> Song:
    """The song with the sections of a form after what it holds, which may be none.

    Args:
        bar_stream: is told of the words of each section as it is settled.

    Raises:
        DrumtokError: the rules of the song leave no word to draw.
    """
    desk = _Desk(form, grid, meter)
    for n in range(len(form.letters)):
        song = desk.section(song, n)
        bar_stream.tell(song.words)
    return song


@dataclass
class _Desk:
    """What is known of the letters while a form is written.

    Attributes:
        starts: letter -> the place of its first word in the song.
        sources: letter -> its words, as they are without a fill.
    """

    form: Form
    grid: int
    meter: Meter
    starts: dict[str, int] = field(default_factory=dict)
    sources: dict[str, Ids] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """The steps of a bar."""
        return steps_per_bar(self.grid, self.meter)

    def section(self, song: Song, n: int) -> Song:
        """The song with section `n`."""
        letter, after = self.form.letters[n], self.form.after(n)
        is_new = letter not in self.sources
        if is_new:
            self.starts[letter] = len(song)
            written = self._new(song.select(0))
            self.sources[letter] = written.words[0, len(song) :]
        else:
            written = song.select(0)
            written.take(self._again(song, letter, after))
        if not self.form.fills(n):
            return written
        fill = self._fill_steps() + 1
        song.take(written.words[0, len(song) : -fill], given=not is_new)
        return self._filled(song, after, fill)

    def _new(self, song: Song) -> Song:
        """The song with a letter that comes for the first time, unlike those before it."""
        if not self.sources:
            return write_bars(song, self.form.bars, self.steps, turns=True)
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

    def _again(self, song: Song, letter: str, after: str) -> Ids:
        """The words of a letter that comes again, likely before the letter that follows."""
        source = self.sources[letter]
        anew = self._anew(song.rng)
        if not anew.any():
            return source
        ahead = self.sources[after][: self.steps + 1] if after in self.sources else source[:0]
        pattern = from_ids(np.concatenate([source, ahead]), self.grid, self.meter)
        kept = np.ones((pattern.steps, N_DRUMS), dtype=bool)
        kept[: len(anew)] = ~anew[:, None]
        kept_pattern = KeptPattern(pattern, kept)
        ids = complete_after(
            song.engine, song.state, song.tracker, song.rng, song.rules, kept_pattern, particles=self.form.particles
        )
        return ids[: len(source)]

    def _anew(self, rng: np.random.Generator) -> NDArray[np.bool_]:
        """(steps,) true in the beats that are written anew; how many is rounded up or down by chance."""
        in_bar = np.arange(self.steps) // self.grid
        per_bar = int(in_bar[-1]) + 1  # the last beat may be a shorter one
        beats = per_bar * self.form.bars
        chosen = rng.permutation(beats)[: int(self.form.variation * beats + rng.random())]
        place = in_bar + per_bar * np.arange(self.form.bars)[:, None]  # (bars, steps) the beat of each step
        return np.isin(place.ravel(), chosen)

    def _fill_steps(self) -> int:
        return self.steps if self.form.bars >= WHOLE else max(self.steps // 2, 1)

    def _filled(self, song: Song, after: str, words: int) -> Song:
        """The song with a fill to the end of a bar, likely before the letter that follows where that is known."""
        many = with_fills(song, song.words[0, len(song) - (self.steps + 1 - words) :], words)
        return many.leading_to(self.starts[after], self.steps) if after in self.starts else many.select(0)
