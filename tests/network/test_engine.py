"""The network that is stepped in NumPy equals that of `drumtok.training.model` over whole sequences."""

from dataclasses import replace

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.context import BarTracker, song_context
from drumtok.network.engine import Engine, weight_shapes
from drumtok.tokenizer.labels import CHANGED, NO_LABELS, Conditioning, LabelIds
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS


def random_songs(streams: int, words: int, seed: int) -> np.ndarray:
    """Return random songs, (streams, words), with bars of 1 to 80 steps."""
    rng = np.random.default_rng(seed)
    songs = rng.choice(rng.integers(0, N_HIT_WORDS, 20), (streams, words))
    for song in songs:
        ends = np.cumsum(rng.integers(1, 80, words))
        song[ends[ends < words]] = BAR_ID
    return songs


def stepped(engine: Engine, songs: np.ndarray, label: LabelIds | list[LabelIds] = NO_LABELS) -> np.ndarray:
    """Step all streams together; return the logits before each word, (streams, words, 513)."""
    state, tracker, logits = engine.start(len(songs)), BarTracker(len(songs), engine.lookback, label), []
    for words in songs.T:
        logits.append(engine.step(tracker.context, state))
        tracker.push(words)
    return np.stack(logits, axis=1)


def probabilities(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(
            48,
            3,
            24,
            styles=("funk", "rock"),
            tempos=(100,),
            sources=("groove",),
            hits=(3.0, 4.0),
            starts_mid_song=True,
        ),
        ModelConfig(24, 1, 40, lookback=(1, 2)),
    ],
)
def test_a_thousand_steps_give_the_probabilities_of_the_torch_model(config):
    torch = pytest.importorskip("torch")
    from drumtok.training.model import DrumLSTM

    torch.manual_seed(3)
    model = DrumLSTM(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            scale = 2.0 if name == "out.weight" else 0.5  # torch initialises even probabilities, and biases of 0
            parameter.copy_(torch.randn_like(parameter) * scale * (parameter.shape[-1] ** -0.5 if "hh" in name else 1))
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    songs = random_songs(4, 1000, seed=1)
    conditioning = [
        Conditioning("beat", "rock", 90.0),
        Conditioning("fill", "funk", 120.0, "groove", 5.0),
        Conditioning("any", "waltz"),
        Conditioning("beat", "", 100.0, CHANGED, starts_mid_song=True),
    ]
    labels = [config.labels.number(own) for own in conditioning]
    contexts = [song_context(song, config.lookback, label) for song, label in zip(songs, labels, strict=True)]
    parts = ("previous", "bar", "position", "past", "labels")  # in the order of DrumLSTM's arguments
    inputs = [torch.from_numpy(np.stack([getattr(c, part) for c in contexts])) for part in parts]
    with torch.no_grad():
        wanted = torch.softmax(model(*inputs)[0], dim=-1).numpy()

    got = probabilities(stepped(Engine(Checkpoint(config, weights)), songs, labels))

    assert wanted.max(axis=-1).mean() > 0.2  # even probabilities would be equal in any case
    assert len(np.unique(wanted.argmax(axis=-1))) > 50
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-4)


def test_the_weights_are_those_of_the_torch_model():
    pytest.importorskip("torch")
    from drumtok.training.model import DrumLSTM

    config = ModelConfig(hidden=8, layers=2, width=4, lookback=(1, 2), styles=("funk",), tempos=(90, 120))
    assert weight_shapes(config) == {k: tuple(v.shape) for k, v in DrumLSTM(config).state_dict().items()}


def test_streams_are_independent(small_checkpoint):
    engine, songs = Engine(small_checkpoint), random_songs(3, 60, seed=2)
    together = stepped(engine, songs)
    assert together.shape == (3, 60, 513)
    assert together.dtype == np.float32
    for song, logits in zip(songs, together, strict=True):
        np.testing.assert_allclose(stepped(engine, song[None])[0], logits, rtol=0, atol=1e-3)


def test_the_state_begins_at_zero_and_is_stepped_in_place(small_checkpoint):
    engine = Engine(small_checkpoint)
    state, context = engine.start(2), BarTracker(2, engine.lookback).context
    assert state.hidden.shape == state.cell.shape == (3, 2, 32)
    assert not state.hidden.any()
    assert not state.cell.any()
    first = engine.step(context, state)
    assert state.hidden.all()
    kept = state.copy()
    second = engine.step(context, state)
    np.testing.assert_array_equal(engine.step(context, kept), second)
    np.testing.assert_array_equal(engine.step(context, engine.start(2)), first)
    assert np.abs(second - first).max() > 0.1


@pytest.mark.parametrize("scale", [0, 1, 1000])
def test_no_gate_overflows(small_checkpoint, scale):
    weights = {name: array * np.float32(scale) for name, array in small_checkpoint.weights.items()}
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        logits = stepped(Engine(replace(small_checkpoint, weights=weights)), random_songs(2, 40, seed=4))
    assert np.isfinite(logits).all()


def test_a_network_without_look_back():
    config = ModelConfig(hidden=8, layers=2, width=4, lookback=())
    weights = {name: np.ones(shape, np.float32) for name, shape in weight_shapes(config).items()}
    assert stepped(Engine(Checkpoint(config, weights)), random_songs(2, 20, seed=5)).shape == (2, 20, 513)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("out.bias", None, "'small' has no weight 'out.bias'"),
        ("out.bias", np.zeros(512), r"'out.bias' must have shape \(513,\), got \(512,\)"),
        ("word.weight", np.full((514, 16), np.nan), "'word.weight' has values that are not finite"),
    ],
)
def test_weights_that_do_not_fit_the_config(small_checkpoint, name, value, message):
    weights = {**small_checkpoint.weights, name: value}
    if value is None:
        del weights[name]
    with pytest.raises(DrumtokError, match=message):
        Engine(replace(small_checkpoint, weights=weights))
