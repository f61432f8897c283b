"""Checkpoints: the round trip, and every kind of invalid file."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save

from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import FORMAT, Checkpoint, load_checkpoint, save_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.tokenizer.tokens import VOCABULARY

CONFIG = ModelConfig(hidden=7, layers=2, width=5, dropout=0.25, lookback=(1, 4))
WEIGHTS = {
    "out.weight": np.random.default_rng(1).standard_normal((513, 7)).astype(np.float32),
    "out.bias": np.arange(513, dtype=np.float32) / 64,  # values that 16-bit floats hold exactly
}
PROVENANCE = {"corpus": "starter", "steps": 12, "licence": "Größe", "figures": {"bits": [1.5, None]}}


@pytest.fixture
def checkpoint():
    return Checkpoint(CONFIG, WEIGHTS, grid=8, provenance=PROVENANCE)


@pytest.fixture
def path(checkpoint, tmp_path):
    path = tmp_path / "small.safetensors"
    save_checkpoint(checkpoint, path)
    return path


@pytest.mark.parametrize("half", [True, False])
def test_round_trip(checkpoint, tmp_path, half):
    save_checkpoint(checkpoint, tmp_path / "a.b.safetensors", half=half)
    loaded = load_checkpoint(str(tmp_path / "a.b.safetensors"))
    assert (loaded.config, loaded.grid, loaded.provenance, loaded.name) == (CONFIG, 8, PROVENANCE, "a.b")
    assert loaded.weights.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        assert loaded.weights[name].dtype == np.float32
        stored = array.astype(np.float16).astype(np.float32) if half else array
        assert np.array_equal(loaded.weights[name], stored)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.b.safetensors"]


def test_half_is_half_and_the_default(checkpoint, path, tmp_path):
    full = tmp_path / "full.safetensors"
    save_checkpoint(checkpoint, full, half=False)
    n_weights = sum(array.size for array in WEIGHTS.values())
    # the headers differ in F16 and F32, offsets and padding
    assert abs(full.stat().st_size - path.stat().st_size - 2 * n_weights) < 64


def test_saving_what_was_loaded_gives_the_same_bytes(path, tmp_path):
    save_checkpoint(load_checkpoint(path), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_weights_need_not_be_contiguous(tmp_path):
    choose_flips = np.arange(6, dtype=np.float32).reshape(2, 3).T
    save_checkpoint(Checkpoint(CONFIG, {"w": choose_flips}), tmp_path / "t.safetensors")
    assert load_checkpoint(tmp_path / "t.safetensors").weights["w"].tolist() == choose_flips.tolist()


def test_a_checkpoint_that_is_not_there_is_an_error(tmp_path):
    for gone in (tmp_path / "gone.safetensors", tmp_path):
        with pytest.raises(DrumtokError, match=f"checkpoint '{gone}' does not exist"):
            load_checkpoint(gone)


DAMAGED = "small.safetensors' is damaged or not a checkpoint of drumtok"


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 100, 5000, -1])
def test_a_truncated_file_is_an_error(path, length):
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DrumtokError, match=DAMAGED):
        load_checkpoint(path)


@pytest.mark.parametrize("at", [0, 7, 8, 9, 20])
def test_a_damaged_header_is_an_error(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DrumtokError, match=DAMAGED):
        load_checkpoint(path)


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_pickle_is_never_unpickled(tmp_path):
    trap, path = tmp_path / "sprung", tmp_path / "small.safetensors"
    path.write_bytes(pickle.dumps({"state_dict": Trap(trap)}))
    with pytest.raises(DrumtokError, match=DAMAGED):
        load_checkpoint(path)
    assert not trap.exists()
    pickle.loads(path.read_bytes())["state_dict"].close()  # the trap works when the file is unpickled
    assert trap.exists()


def test_a_numpy_archive_is_no_checkpoint(tmp_path):
    path = tmp_path / "small.safetensors"
    with open(path, "wb") as file:
        np.savez(file, w=np.zeros(3))
    with pytest.raises(DrumtokError, match=DAMAGED):
        load_checkpoint(path)


def write(path, metadata):
    path.write_bytes(save({"w": np.zeros(3, dtype=np.float16)}, metadata))


def description(**changes):
    config = {"hidden": 7, "layers": 2, "width": 5, "dropout": 0.25, "lookback": [1, 4]}
    made = {
        "format": FORMAT,
        "config": config,
        "grid": 4,
        "kinds": ["any", "fill"],
        "vocabulary": " ".join(VOCABULARY),
        "provenance": {},
    }
    return {key: value for key, value in {**made, **changes}.items() if value is not None}


def test_the_description_is_what_a_file_needs(tmp_path):
    write(tmp_path / "small.safetensors", {"drumtok": json.dumps(description())})
    assert load_checkpoint(tmp_path / "small.safetensors").config == replace(CONFIG, phrase=0)  # as in older files


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"format": "pt"},
        {"drumtok": ""},
        {"drumtok": "[]"},
        {"drumtok": "7"},
        {"drumtok": json.dumps(description(format=None))},
        {"drumtok": json.dumps(description(config=None))},
        {"drumtok": json.dumps(description(config=[1]))},
        {"drumtok": json.dumps(description(config={"hidden": 7, "colour": 1}))},
        {"drumtok": json.dumps(description(config={"hidden": "7"}))},
        {"drumtok": json.dumps(description(config={"hidden": -7}))},
        {"drumtok": json.dumps(description(config={"lookback": 1}))},
        {"drumtok": json.dumps(description(grid=None))},
        {"drumtok": json.dumps(description(grid="four"))},
        {"drumtok": json.dumps(description(vocabulary=None))},
        {"drumtok": json.dumps(description(vocabulary=513))},
    ],
    ids=lambda metadata: str(metadata)[:60],
)
def test_a_safetensors_file_of_something_else_is_an_error(metadata, tmp_path):
    write(tmp_path / "small.safetensors", metadata)
    with pytest.raises(DrumtokError, match=DAMAGED):
        load_checkpoint(tmp_path / "small.safetensors")


def test_another_format_is_an_error(tmp_path):
    write(tmp_path / "new.safetensors", {"drumtok": json.dumps(description(format="drumtok-2"))})
    with pytest.raises(DrumtokError, match=r"new.safetensors'.*format must be 'drumtok-1', got 'drumtok-2'"):
        load_checkpoint(tmp_path / "new.safetensors")


@pytest.mark.parametrize("words", [VOCABULARY[:-1], (*VOCABULARY, "END"), VOCABULARY[::-1]])
def test_another_vocabulary_is_an_error(words, tmp_path):
    write(tmp_path / "other.safetensors", {"drumtok": json.dumps(description(vocabulary=" ".join(words)))})
    with pytest.raises(DrumtokError, match=r"other.safetensors' has another vocabulary than this version of drumtok"):
        load_checkpoint(tmp_path / "other.safetensors")


def test_a_failed_save_keeps_the_old_file(checkpoint, path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DrumtokError, match="No space left on device"):
        save_checkpoint(Checkpoint(ModelConfig(), {}), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("value", "half"), [(70_000.0, True), (float("nan"), True), (float("inf"), False)])
def test_a_weight_that_cannot_be_kept_is_an_error(value, half, tmp_path):
    checkpoint = Checkpoint(CONFIG, {"out.bias": np.array([0.0, value], dtype=np.float32)})
    with pytest.raises(DrumtokError, match=r"weight 'out.bias' does not fit float"):
        save_checkpoint(checkpoint, tmp_path / "a.safetensors", half)
    assert not list(tmp_path.iterdir())
