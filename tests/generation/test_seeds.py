"""Seeds write the same words and hits as in the last version.

`seeds.json` holds hashes of patterns, made when the bundled checkpoints last changed (0.11.0). A change that is meant
to write other patterns writes the file anew (`python tests/generation/test_seeds.py`), and is listed in the changelog.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

import drumtok

HASHES = Path(__file__).with_name("seeds.json")
BEAT = """
kick   |x-----x---x-----|x-----x---x---x-|
snare  |----X--o----X---|----X--o-o--X---|
closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
open   |----------------|--------------x-|
"""
STYLES = ("funk", "rock", "house", "trap", "jazz", "boombap", "latin", "techno")


def beat():
    return drumtok.Pattern.from_grid(BEAT, tempo=92)


ALONE = {"candidates": 1, "strictness": 0.0}  # the network alone, without rules of styles


def default(seed):
    return drumtok.generate(seed, candidates=1)


def chosen(seed):
    return drumtok.generate(seed)


def style(seed):
    return drumtok.generate(seed, 0.9, bars=4, style=STYLES[seed % len(STYLES)], guidance=1.5 if seed % 2 else 1.0)


def keep(seed):
    return drumtok.generate(seed, keep=("kick", "snare"), given=beat(), particles=8)


def fill_bars(seed):
    return drumtok.generate(seed, fill_bars=[2], given=beat(), particles=8, density={"closed": 8})


def form(seed):
    return drumtok.generate(seed, form="AABA", section=2, variation=0.2)


def planned(seed):
    return drumtok.generate(seed, bars=20, style=STYLES[seed])


def thirtyseconds(seed):
    return drumtok.generate(seed, bars=2, style="trap", tempo=140, checkpoint="thirtyseconds", **ALONE)


def primer(seed):
    return drumtok.generate(beat(), bars=2, rng=seed, repetition=0.5, forbid=("crash",))


def humanise(seed):
    return drumtok.humanise(beat(), 0.8, 0.7, seed=seed, style="funk")


WAYS = {
    default: 10,
    chosen: 4,
    style: 8,
    keep: 4,
    fill_bars: 2,
    form: 4,
    planned: 2,
    thirtyseconds: 4,
    primer: 2,
    humanise: 6,
}
CASES = [(way, seed) for way, seeds in WAYS.items() for seed in range(seeds)]


def content_hash(pattern):
    """Return a hash of the words, the velocities, and the offsets in thousandths of a step."""
    words = " ".join(drumtok.to_words(pattern)).encode()
    offsets = np.round(pattern.offset * 1000).astype(np.int16)
    return hashlib.sha256(words + pattern.velocity.tobytes() + offsets.tobytes()).hexdigest()[:16]


def test_there_are_enough():
    assert len(CASES) == len(json.loads(HASHES.read_text())) >= 40


@pytest.mark.parametrize(("way", "seed"), CASES, ids=[f"{way.__name__}-{seed}" for way, seed in CASES])
def test_a_seed_writes_what_it_wrote(way, seed):
    assert content_hash(way(seed)) == json.loads(HASHES.read_text())[f"{way.__name__}-{seed}"]


if __name__ == "__main__":
    found = {f"{way.__name__}-{seed}": content_hash(way(seed)) for way, seed in CASES}
    HASHES.write_text(json.dumps(found, indent=1) + "\n")
