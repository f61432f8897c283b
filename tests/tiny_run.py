"""A small corpus on disk as a fixture, the options of a small run on it, and the state of a run."""

import pytest
import torch
from tiny_corpus import songs_of

from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.tokenizer.tokens import VOCABULARY

SMALL = ["--hidden", "12", "--layers", "2", "--width", "8", "--batch", "2", "--window", "256", "--accelerator", "cpu"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus on disk with 30 songs of random words."""
    folder = tmp_path_factory.mktemp("corpus")
    lines = [" ".join(VOCABULARY[i] for i in song) for song in songs_of(1, 30, longest=10).songs]
    (folder / "songs.txt").write_text("\n".join(lines))
    build_corpus(folder / "built", [open_source(str(folder / "songs.txt"))])
    return folder / "built"


def state_of(run):
    return torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
