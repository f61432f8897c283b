"""Training on several devices: the same loss as on one, no window twice, and a restart after a rank dies."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from played_takes import a_take
from strategies import examples
from tiny_corpus import MemorySplit, numbered_songs, song_of
from tiny_run import SMALL, state_of
from torch.utils.data.distributed import DistributedSampler

from drumtok.dataset.corpus import build_corpus
from drumtok.dataset.sources import open_source
from drumtok.errors import DrumtokError
from drumtok.midi.files import write_midi
from drumtok.tokenizer.labels import LabelVocabulary
from drumtok.training.data.epoch_songs import Epochs
from drumtok.training.data.mixture import Mixture
from drumtok.training.data.window_batches import IGNORE, TARGET, WindowBatches

TESTS = Path(__file__).parents[1]
STEPS = 50
PLAIN = [*SMALL, "--dropout", 0, "--augment", "", "--steps", STEPS, "--validate-every", 5]
slow = pytest.mark.slow
LONG = pytest.mark.timeout(900)


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_no_window_is_dealt_twice(world):
    batches = WindowBatches(Epochs(numbered_songs([330])), 10, 4, (1,), seed=0)
    batches.set_batches_per_step(world)
    dealt = [list(DistributedSampler(batches, world, rank, shuffle=False)) for rank in range(world)]
    assert len({len(own) for own in dealt}) == 1
    seen = np.concatenate([batches[i][..., TARGET].ravel() for own in dealt for i in own])
    assert sorted(seen[seen >= 0].tolist()) == list(range(330))


class Asked(MemorySplit):
    """Songs that record which of them were requested."""

    def __init__(self, songs):
        super().__init__(songs)
        self.asked = set()

    def song(self, index):
        self.asked.add(index)
        return super().song(index)

    def conditioning(self, index):
        self.asked.add(index)
        return super().conditioning(index)


def songs_of_rank(batches, songs, world, rank):
    """Return the songs that a device requests in an epoch, and the number of words that it is trained on."""
    songs.asked = set()
    batches.set_epoch(2)
    rows = np.concatenate([batches[i] for i in DistributedSampler(batches, world, rank, shuffle=False)])
    return songs.asked, int((rows[..., TARGET] != IGNORE).sum())


@given(
    st.sampled_from([2, 3, 4]),
    st.sampled_from([1, 2]),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1.0, 1.5]),
    st.booleans(),
)
@examples(8)
def test_no_song_is_requested_by_two_devices(world, accumulate, seed, weight, mixed):
    rng = np.random.default_rng(seed)
    songs = Asked([song_of(rng, int(rng.geometric(0.4))) for _ in range(300)])
    songs.weights = np.full(300, weight, dtype=np.float32)
    epochs = Epochs(songs, Mixture({"mirror-toms": 0.1, "half-time": 0.02}) if mixed else None, seed=seed)
    batches = WindowBatches(
        epochs, 128, 1, (1, 2), seed, LabelVocabulary(starts_mid_song=True), conditioning=0.5, cut=0.5
    )
    batches.set_batches_per_step(world * accumulate)
    asked, words = zip(*(songs_of_rank(batches, songs, world, rank) for rank in range(world)), strict=True)
    assert sum(map(len, asked)) == len(set().union(*asked)) > 250
    whole = int(epochs.epoch(2).lengths.sum())
    assert 0.99 * min(whole, epochs.words) <= sum(words) <= whole
    assert max(words) - min(words) < 0.03 * whole


def test_half_a_batch_on_two_devices_is_the_batch_of_one():
    one, two = (WindowBatches(Epochs(numbered_songs([330])), 10, batch, (1,), seed=0) for batch in (4, 2))
    two.set_batches_per_step(2)
    assert len(two) == 2 * len(one)
    for step in range(len(one)):
        np.testing.assert_array_equal(one[step], np.concatenate([two[2 * step], two[2 * step + 1]]))


def test_more_devices_than_windows_are_an_error():
    batches = WindowBatches(Epochs(numbered_songs([30])), 10, 4, (1,), seed=0)
    with pytest.raises(DrumtokError, match="batches of a step must be at most 3, the windows of an epoch, got 4"):
        batches.set_batches_per_step(4)


def run(launcher, dies, *options):
    """Train in new processes; `launcher` starts the first."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS.parent)}
    command = [sys.executable, *launcher, TESTS / "many_devices.py", dies, "train", *options]
    done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def column(folder, name):
    """Return step -> figure from the logs of a run; if two logs have a step, the later one counts."""
    found = {}
    for path in sorted((folder / "csv").rglob("metrics.csv")):
        with open(path, encoding="utf-8") as file:
            found.update({int(row["step"]): float(row[name]) for row in csv.DictReader(file) if row.get(name)})
    return found


@pytest.fixture(scope="module")
def one_process(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one") / "run"
    run([], "", "--corpus", corpus, *PLAIN, "--batch", 4, "--out", folder)
    return folder


def assert_follows(folder, one_process, steps=STEPS):
    ours, theirs = column(folder, "train_bits"), column(one_process, "train_bits")
    assert list(ours) == list(theirs) == list(range(steps))
    assert max(abs(ours[step] - theirs[step]) for step in ours) < 1e-3
    ours, theirs = column(folder, "val_bits"), column(one_process, "val_bits")
    assert len(ours) > 1
    assert ours == pytest.approx(theirs, abs=1e-4)


@slow
@LONG
def test_two_processes_with_half_the_batch_follow_one(corpus, one_process, tmp_path):
    two = ["--devices", 2, "--strategy", "ddp", "--batch", 2]
    run([], "", "--corpus", corpus, *PLAIN, *two, "--out", tmp_path / "two")
    assert_follows(tmp_path / "two", one_process)


@slow
@LONG
def test_gradients_of_two_batches_make_a_step(corpus, one_process, tmp_path):
    run([], "", "--corpus", corpus, *PLAIN, "--batch", 2, "--accumulate", 2, "--out", tmp_path / "run")
    assert state_of(tmp_path / "run")["global_step"] == STEPS
    ours, theirs = column(tmp_path / "run", "val_bits"), column(one_process, "val_bits")
    assert ours == pytest.approx(theirs, abs=0.02)  # not equal: a batch of one window counts as much as one of two


@slow
@LONG
def test_a_rank_that_dies_comes_back(corpus, one_process, tmp_path):
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2, "--max-restarts", 3]
    two = ["--devices", 2, "--strategy", "ddp", "--batch", 2, "--checkpoint-minutes", 0.0001]
    run(launcher, "1:30", "--corpus", corpus, *PLAIN, *two, "--out", tmp_path / "two")
    assert len(list((tmp_path / "two" / "csv").iterdir())) > 1  # the run was restarted
    assert_follows(tmp_path / "two", one_process)
    assert state_of(tmp_path / "two")["global_step"] == STEPS


@slow
@LONG
def test_two_processes_follow_one_that_learns_how_hits_are_played(tmp_path):
    (tmp_path / "takes").mkdir()
    for number in range(40):
        write_midi(a_take(number, 4, tempo=100.0), tmp_path / "takes" / f"{number:02}.mid")
    build_corpus(tmp_path / "played", [open_source(str(tmp_path / "takes"))])
    steps, small = 12, ["--hidden", 8, "--width", 8, "--dropout", 0, "--window", 256, "--accelerator", "cpu"]
    groove = ["--task", "groove", "--corpus", tmp_path / "played", *small, "--steps", steps, "--validate-every", 1]
    two = ["--devices", 2, "--strategy", "ddp", "--batch", 2]
    for folder, options in (("one", ["--batch", 4]), ("two", two)):
        run([], "", *groove, *options, "--out", tmp_path / folder)
    assert_follows(tmp_path / "two", tmp_path / "one", steps)
