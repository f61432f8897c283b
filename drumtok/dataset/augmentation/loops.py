"""Loops from a pool by a recipe: drawn one by one from a seed, the repeated and empty ones rejected, and written."""

import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from drumtok.dataset.augmentation.parts import HELD_OUT_SHARE, Pool, content_hash
from drumtok.dataset.augmentation.recipes import Recipe
from drumtok.dataset.augmentation.recombine import Parts, choose, recombine, vary
from drumtok.drums import LANE_INDEX, ROLES
from drumtok.errors import DrumtokError
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.runtime.files import new_folder, write_atomically
from drumtok.tokenizer.text import DEALT_SPLITS, HELD_OUT, format_song
from drumtok.version import __version__

MADE, DUPLICATES, EMPTIES = "made", "duplicates", "empties"
PATIENCE = 1000  # tries in a row that give nothing new before it is said that there is no more
CORPUS_ENDING = ".txt"


@dataclass(frozen=True)
class Loop:
    """A loop and where it comes from.

    Attributes:
        pattern: the music, named by its parts and its number, such as `rock-kick-01+rock-snare-02+rock-hats-03:17`.
        parts: what it was made of, in the order of `ROLES`.
        seed, number: what it is drawn from; the recipe and the pool aside, they alone decide it.
        side: the side of `drumtok.tokenizer.text.DEALT_SPLITS` that its parts are on, empty where they may be on any.
    """

    pattern: Pattern
    parts: Parts
    seed: int
    number: int
    side: str = ""


def make_loop(pool: Pool, recipe: Recipe, seed: int, number: int) -> Loop:
    """The loop of a seed and a number, the same whatever else is made. Its tempo lies among those of its parts.

    Raises:
        DrumtokError: as `choose` does, or the seed is below 0.
    """
    if seed < 0:
        raise DrumtokError(f"seed is {seed}: allowed is from 0")
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    parts = choose(pool, rng, recipe)
    tempos = [part.tempo for part in parts]
    tempo = round(rng.uniform(min(tempos), max(tempos)))
    tiled = recombine(parts, recipe.bars, recipe.grid)
    pattern = vary(replace(tiled, tempo=tempo, name=f"{tiled.name}:{number}"), rng, recipe)
    return Loop(pattern, parts, seed, number)


@dataclass
class Loops:
    """An endless stream of different loops: those numbered 0, 1, ... but for the rejected ones.

    A loop is rejected that has the hits of an earlier one, or in which one of the three roles never sounds.

    Attributes:
        side: as in `Loop`.
        counts: how many were made, duplicates and empties since the stream began.
    """

    pool: Pool
    recipe: Recipe
    seed: int
    side: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Loop]:
        """Begins anew.

        Raises:
            DrumtokError: nothing new came in many tries.
        """
        self.counts.clear()
        seen: set[bytes] = set()
        last = -1
        for number in itertools.count():
            loop = make_loop(self.pool, self.recipe, self.seed, number)
            key = content_hash(loop.pattern)
            kind = EMPTIES if _is_empty(loop.pattern) else DUPLICATES if key in seen else MADE
            self.counts[kind] += 1
            if kind == MADE:
                seen.add(key)
                last = number
                yield replace(loop, side=self.side)
            elif number - last >= PATIENCE:
                raise DrumtokError(
                    f"the parts and the recipe give {self.counts[MADE]} different loops and no other in {PATIENCE} "
                    f"tries: ask for fewer, or let the recipe vary more"
                )


def on_all_sides(pools: Mapping[str, Pool], recipe: Recipe, seed: int, count: int) -> list[tuple[Loops, int]]:
    """Loops of every side, each made of its own parts alone, and how many of each: most are for training.

    Args:
        pools: side -> its parts. A held-out side whose parts make no loop is left out, and the others get its share.

    Raises:
        DrumtokError: as `make_loop`, of the parts for training.
    """
    held_out = [side for side in HELD_OUT if side in pools and _makes_loops(pools[side], recipe)]
    shares = {side: round(HELD_OUT_SHARE * count) for side in held_out}
    make_loop(pools[DEALT_SPLITS[0]], recipe, seed, 0)
    shares = {DEALT_SPLITS[0]: count - sum(shares.values()), **shares}
    return [(Loops(pools[side], recipe, seed, side), share) for side, share in shares.items()]


def _makes_loops(pool: Pool, recipe: Recipe) -> bool:
    try:
        choose(pool, np.random.default_rng(0), recipe)
    except DrumtokError:
        return False
    return True


def write_loops(out: str | os.PathLike[str], loops: Iterable[Loop], recipe: str = "") -> None:
    """Writes loops, all or none: as a corpus file where `out` ends in .txt, else as the MIDI files of a new folder.

    The lines of a corpus file say on which side a loop is and of which parts it is made; of MIDI files, those of a
    side stand in a folder of its name.

    Args:
        recipe: what the text event of each file calls it.

    Raises:
        DrumtokError: `out` cannot be written, or is a folder with something in it.
    """
    out = Path(out)
    if not out.parent.is_dir():
        raise DrumtokError(f"cannot write {str(out)!r}: folder {str(out.parent)!r} is not there")
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
            of_side = folder / loop.side
            of_side.mkdir(exist_ok=True)
            (of_side / f"{count:05}{style and '-'}{style}.mid").write_bytes(to_midi_bytes(loop.pattern, text=text))


def _line(loop: Loop) -> str:
    return format_song(loop.pattern, [part.name for part in loop.parts], loop.side)


def _is_empty(pattern: Pattern) -> bool:
    lanes_of = [[LANE_INDEX[lane] for lane in lanes] for lanes in ROLES.values()]
    return not all(pattern.hits[:, lanes].any() for lanes in lanes_of)
