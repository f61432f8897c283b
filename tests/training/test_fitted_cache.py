"""Fitting the song cache: it predicts repetitive songs better, and torch and NumPy agree."""

import numpy as np
import pytest
from tiny_corpus import MemorySplit, song_of

from drumtok.evaluation.prediction import predict
from drumtok.network.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.engine import Engine
from drumtok.network.song_cache import PREFIX
from drumtok.training.model import DrumLSTM
from drumtok.training.song_cache import network_alone, with_song_cache


@pytest.fixture(scope="module")
def network():
    config = ModelConfig(hidden=8, layers=1, width=8, lookback=(1,))
    weights = {name: tensor.numpy() for name, tensor in DrumLSTM(config).state_dict().items()}
    return Checkpoint(config, weights)


@pytest.fixture(scope="module")
def repeating():
    """Songs of one random bar each, played eight times."""
    rng = np.random.default_rng(0)
    return MemorySplit([np.tile(song_of(rng, 1, words=512), 8) for _ in range(6)])


@pytest.fixture(scope="module")
def fitted(network, repeating):
    return with_song_cache(network, repeating, steps=60)


def test_songs_that_repeat_are_predicted_better(network, repeating, fitted):
    alone, cached = (predict(Engine(own), repeating.songs) for own in (network, fitted[0]))
    assert alone.bits_per_step > 8
    assert cached.bits_per_step < alone.bits_per_step / 3
    assert cached.accuracy > 0.8  # all bars but the first of eight


def test_the_bits_of_the_fit_are_those_of_a_prediction(repeating, fitted):
    checkpoint, bits = fitted
    assert predict(Engine(checkpoint), repeating.songs).bits_per_step == pytest.approx(bits, rel=1e-3)


def test_the_weights_of_the_network_stay(network, fitted):
    checkpoint, _ = fitted
    assert network_alone(checkpoint.weights).keys() == network.weights.keys()
    assert all(np.array_equal(network.weights[name], checkpoint.weights[name]) for name in network.weights)


def test_a_cache_is_stored_in_the_checkpoint(fitted, tmp_path):
    save_checkpoint(fitted[0], tmp_path / "a.safetensors", half=False)
    read = load_checkpoint(tmp_path / "a.safetensors").song_cache
    assert read is not None
    assert all(np.array_equal(read.weights[n], fitted[0].weights[PREFIX + n]) for n in read.weights)


def test_a_fit_replaces_an_earlier_one(repeating, fitted):
    again, _ = with_song_cache(fitted[0], repeating, steps=60)
    assert all(np.array_equal(again.weights[name], fitted[0].weights[name]) for name in again.weights)
