"""Prediction, copying and repetition, compared with values computed by hand."""

import math

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.evaluation.prediction import bar_validity, bars_of, piece_metrics, predict, write_pieces
from drumtok.network.checkpoint import Checkpoint
from drumtok.network.config import ModelConfig
from drumtok.network.engine import Engine, weight_shapes
from drumtok.pattern import Pattern
from drumtok.tokenizer.labels import FILL, UNCONDITIONED, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, to_ids

CONFIG = ModelConfig(hidden=4, layers=2, width=3, lookback=(1,))


def network(bias: dict[int, float] | None = None) -> Engine:
    """Return a network whose logits are the output biases, since all other weights are 0."""
    weights = {name: np.zeros(shape, dtype=np.float32) for name, shape in weight_shapes(CONFIG).items()}
    for word, value in (bias or {}).items():
        weights["out.bias"][word] = value
    return Engine(Checkpoint(CONFIG, weights))


def song(*bars: str) -> np.ndarray:
    return to_ids(Pattern.from_grid(f"kick |{'|'.join(bars)}|"))


BEAT, OTHER, SILENT = "x---x---x---x---", "x-----x---x-----", "----------------"


def test_a_uniform_prediction_takes_nine_bits() -> None:
    prediction = predict(network(), [song(BEAT), song(BEAT, OTHER)])
    assert prediction.steps == 48  # BAR is not counted
    assert prediction.bits_per_step == pytest.approx(9.0)


def test_bits_are_renormalised_over_the_hit_words() -> None:
    certain_bar = network({BAR_ID: 50.0})
    assert predict(certain_bar, [song(BEAT)]).bits_per_step == pytest.approx(9.0)


def test_bits_of_known_probabilities() -> None:
    value = math.log(511)  # silence gets half of the probability, the other 511 words share the rest
    prediction = predict(network({0: value}), [song(BEAT)])
    kick = -math.log2(1 / (2 * 511))
    assert prediction.bits_per_step == pytest.approx((12 * 1 + 4 * kick) / 16, abs=1e-6)
    assert prediction.accuracy == pytest.approx(12 / 16)


def test_copying_the_last_bar_predicts_silence_in_the_first() -> None:
    prediction = predict(network(), [song(BEAT, BEAT, OTHER)])
    # bar 1, compared with silence: 12 right; bar 2: 16; bar 3 has kicks at 0, 6, 10 instead of 0, 4, 8, 12: 11 right
    assert prediction.copy_accuracy == pytest.approx((12 + 16 + 11) / 48)


def test_songs_of_different_lengths_are_predicted_independently() -> None:
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.5, shape) for name, shape in weight_shapes(CONFIG).items()}
    engine = Engine(Checkpoint(CONFIG, weights))
    songs = [song(*([BEAT, OTHER] * n)[:n]) for n in (1, 4, 2, 3)]
    together, apart = predict(engine, songs), [predict(engine, [one]) for one in songs]
    assert together.bits_per_step == pytest.approx(sum(p.bits_per_step * p.steps for p in apart) / together.steps)


def test_contributions_are_in_the_order_of_the_songs() -> None:
    songs = [song(*[BEAT] * n) for n in (1, 70, 3)]
    prediction = predict(network({0: math.log(511)}), songs)
    assert prediction.bits.counts.tolist() == [16, 70 * 16, 48]
    assert prediction.right.tops.tolist() == [12, 70 * 12, 36]
    assert prediction.copied.tops.tolist() == [12, 12 + 69 * 16, 12 + 32]
    assert prediction.bits.tops / prediction.bits.counts == pytest.approx(prediction.bits_per_step)


def test_each_song_has_its_own_conditioning() -> None:
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.5, shape) for name, shape in weight_shapes(CONFIG).items()}
    engine, songs = Engine(Checkpoint(CONFIG, weights)), [song(BEAT, OTHER), song(OTHER)]
    mixed = predict(engine, songs, [Conditioning(FILL), UNCONDITIONED]).bits.tops
    fill, unconditioned = predict(engine, songs, [Conditioning(FILL)] * 2).bits.tops, predict(engine, songs).bits.tops
    assert mixed == pytest.approx([fill[0], unconditioned[1]])
    assert abs(mixed[0] - unconditioned[0]) > 0.01


def test_nothing_to_predict_is_an_error() -> None:
    with pytest.raises(DrumtokError, match="must have a step to predict"):
        predict(network(), [])


def test_a_network_without_bars_has_no_valid_bar() -> None:
    assert bar_validity(network({BAR_ID: -50.0}), np.random.default_rng(0)).value == 0.0


def test_bar_validity_counts_full_bars_alone() -> None:
    often = bar_validity(network({BAR_ID: math.log(512)}), np.random.default_rng(0))  # half of the drawn words are BAR
    assert often.counts.sum() >= 1000
    assert often.value < 0.01


def test_pieces_are_whole_bars_and_depend_on_the_seed_alone() -> None:
    first, again = (write_pieces(network(), np.random.default_rng(3), [UNCONDITIONED] * 5, 2) for _ in range(2))
    assert np.array_equal(first, again)
    assert all(np.flatnonzero(piece == BAR_ID).tolist() == [16, 33] for piece in first)


def test_copying_and_repetition_by_hand() -> None:
    pieces = [song(BEAT, BEAT, OTHER), song(SILENT, BEAT)]
    held_out = [song(OTHER, OTHER)]
    training = [song(BEAT, BEAT), song(SILENT, SILENT)]
    metrics = piece_metrics(network(), np.random.default_rng(0), pieces, held_out, training)
    assert metrics.copied.value == pytest.approx(3 / 4)  # BEAT, BEAT, BEAT of four bars that are not silent
    assert metrics.copied_two.value == pytest.approx(1 / 3)  # BEAT BEAT of three pairs
    assert metrics.repeated.value == pytest.approx(1 / 3)
    assert metrics.natural_copied.value == 0.0
    assert metrics.natural_repeated.value == 1.0


def test_bars_of_leaves_out_an_open_bar() -> None:
    words = song(BEAT, OTHER)
    assert len(bars_of(words[:-1])) == 1
