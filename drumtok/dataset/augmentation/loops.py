"""Generate distinct, complete loops from a part library by a recipe, and write them to files."""

import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from drumtok.dataset.augmentation.parts import PartLibrary, content_hash
from drumtok.dataset.augmentation.recipes import Recipe
from drumtok.dataset.augmentation.recombine import Parts, choose, recombine, vary
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.files import DEFAULTS, to_midi_bytes
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.runtime.files import new_folder, write_atomically
from drumtok.tokenizer.splits import HELD_OUT, HELD_OUT_FRACTION, TRAINING
from drumtok.tokenizer.text import format_song
from drumtok.version import __version__

MADE, DUPLICATES, EMPTIES = "made", "duplicates", "empties"
PATIENCE = 1000  # tries in a row without a new loop after which the stream ends with an error
CORPUS_ENDING = ".txt"


@dataclass(frozen=True)
class Loop:
    """A loop and its origin.

    Attributes:
        pattern: the music, named by its parts and its number, such as `rock-kick-01+rock-snare-02+rock-hats-03:17`.
        parts: the parts it was made of, in the order of `ROLES`.
        seed, number: together with the recipe and the part library, they determine the loop.
        split: the split of its parts, one of `SPLITS`; empty if they may be in any split.
    """

    pattern: Pattern
    parts: Parts
    seed: int
    number: int
    split: str = ""


def make_loop(library: PartLibrary, recipe: Recipe, seed: int, number: int) -> Loop:
    """Return the loop of a seed and a number, independent of other loops, with a tempo in the range of its parts.

    Raises:
        DrumtokError: as in `choose`, or the seed is below 0.
    """
    if seed < 0:
        raise DrumtokError(f"seed must be at least 0, got {seed}")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    parts = choose(library, rng, recipe)
    tempos = [part.tempo for part in parts]
    tempo = round(rng.uniform(min(tempos), max(tempos)))
    tiled = recombine(parts, recipe.bars, recipe.grid)
    pattern = vary(replace(tiled, tempo=tempo, name=f"{tiled.name}:{number}"), rng, recipe)
    return Loop(pattern, parts, seed, number)


@dataclass
class Loops:
    """An endless stream of different loops: numbers 0, 1, ... without the rejected ones.

    A loop is rejected if it has the hits of an earlier one, or if one of the three roles has no hits.

    Attributes:
        split: as in `Loop`.
        counts: the numbers of loops, duplicates and empty loops so far.
    """

    library: PartLibrary
    recipe: Recipe
    seed: int
    split: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    patience: int = PATIENCE

    def __iter__(self) -> Iterator[Loop]:
        """Restart the stream.

        Raises:
            DrumtokError: `patience` numbers in a row gave no new loop.
        """
        self.counts.clear()
        seen: set[bytes] = set()
        last = -1
        for number in itertools.count():
            loop = make_loop(self.library, self.recipe, self.seed, number)
            key = content_hash(loop.pattern)
            kind = EMPTIES if _is_empty(loop.pattern) else DUPLICATES if key in seen else MADE
            self.counts[kind] += 1
            if kind == MADE:
                seen.add(key)
                last = number
                yield replace(loop, split=self.split)
            elif number - last >= self.patience:
                raise DrumtokError(
                    f"the parts and the recipe give {self.counts[MADE]} different loops and no other in "
                    f"{self.patience} tries: request fewer, or increase the variation of the recipe"
                )


def loops_per_split(
    libraries: Mapping[str, PartLibrary], recipe: Recipe, seed: int, count: int
) -> list[tuple[Loops, int]]:
    """Return a stream of loops for each split, made only from the parts of that split, and how many to take from each.

    Args:
        libraries: split -> its parts. A held-out split whose parts give no loop is left out, and its loops go to
            training.
        count: the total number of loops; each held-out split gets `HELD_OUT_FRACTION` of them.

    Raises:
        DrumtokError: as in `make_loop`, for the training parts.
    """
    held_out = [name for name in reversed(HELD_OUT) if name in libraries and _makes_loops(libraries[name], recipe)]
    counts = {name: round(HELD_OUT_FRACTION * count) for name in held_out}
    make_loop(libraries[TRAINING], recipe, seed, 0)
    counts = {TRAINING: count - sum(counts.values()), **counts}
    return [(Loops(libraries[name], recipe, seed, name), own) for name, own in counts.items()]


def _makes_loops(library: PartLibrary, recipe: Recipe) -> bool:
    try:
        choose(library, np.random.default_rng(0), recipe)
    except DrumtokError:
        return False
    return True


def write_loops(
    out: str | os.PathLike[str], loops: Iterable[Loop], recipe: str = "", writing: MidiConfig = DEFAULTS
) -> None:
    """Write loops atomically, to a corpus file if `out` ends in .txt, else as MIDI files in a new folder.

    The lines of a corpus file have split and parts as control words; MIDI files are in a folder named after the split.

    Args:
        recipe: the name of the recipe in the text event of each file.
        writing: swing, note map and layout of MIDI files.

    Raises:
        DrumtokError: `out` cannot be written, or is a folder that is not empty.
    """
    out = Path(out)
    if not out.parent.is_dir():
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} does not exist")
    if out.suffix.lower() == CORPUS_ENDING:
        write_atomically(out, (f"{_line(loop)}\n".encode() for loop in loops))
        return
    with new_folder(out) as folder:
        for count, loop in enumerate(loops, 1):
            style = re.sub(r"[^\w-]+", "-", loop.pattern.style)[:40]
            text = (
                f"drumtok {__version__}: loop {loop.number} of seed {loop.seed}, recipe {recipe}, "
                f"bars {loop.pattern.bars}, parts {', '.join(part.name for part in loop.parts)}"
            )
            inside = folder / loop.split
            inside.mkdir(exist_ok=True)
            (inside / f"{count:05}{style and '-'}{style}.mid").write_bytes(
                to_midi_bytes(loop.pattern, text=text, **asdict(writing))
            )


def _line(loop: Loop) -> str:
    return format_song(loop.pattern, [part.name for part in loop.parts], loop.split)


def _is_empty(pattern: Pattern) -> bool:
    drums_of = [[LANE_INDEX[drum] for drum in drums] for drums in ROLES.values()]
    return not all(pattern.hits[:, drums].any() for drums in drums_of)
