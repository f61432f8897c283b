"""The song cache: what it reads of earlier bars, and how it changes the probabilities of the network."""

import numpy as np
import pytest

from drumtok.network.context import REMEMBERED, BarTracker
from drumtok.network.song_cache import COMPARED, PREFIX, SHAPES, Earlier, SongCache, score_inputs
from drumtok.sampling.logit_filters import Temperature
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS

KICK, SNARE, HAT = 256, 128, 64


def tracker_of(*songs: list[int]) -> BarTracker:
    tracker = BarTracker(len(songs), (1,))
    for words in np.array(songs).T:
        tracker.push(words)
    return tracker


def cache_of(**biases: float) -> SongCache:
    """Return a cache that scores all bars equally and has a constant gate."""
    weights = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    for name, value in biases.items():
        weights[name.replace("_", ".") + ".bias"][:] = value
    return SongCache(weights)


def probabilities(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_earlier_bars_are_seen_from_the_place_of_the_next_word() -> None:
    earlier = Earlier.of(tracker_of([KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK]))
    assert earlier.words.tolist() == [[SNARE, HAT]]  # the latest bar first
    assert earlier.latest[0, :4].tolist() == [KICK, BAR_ID, SNARE, KICK]
    assert earlier.before[0, 0, :5].tolist() == [KICK, BAR_ID, HAT, KICK, -1]
    assert earlier.before[0, 1, :3].tolist() == [KICK, -1, -1]
    assert earlier.place.tolist() == [1]
    assert earlier.before.shape == (1, 2, COMPARED)


def test_a_bar_too_short_for_the_place_has_no_word_there() -> None:
    earlier = Earlier.of(tracker_of([KICK, BAR_ID, KICK, HAT, BAR_ID, KICK]))
    assert earlier.words.tolist() == [[HAT, -1]]


def test_no_more_bars_are_read_than_a_tracker_remembers() -> None:
    earlier = Earlier.of(tracker_of([KICK, BAR_ID] * (REMEMBERED + 9)))
    assert earlier.words.shape == (1, REMEMBERED)


def test_inputs_count_the_agreement_of_the_words_before() -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, SNARE, HAT, BAR_ID, SNARE])
    log_p = np.full((1, N_HIT_WORDS), np.log(1 / N_HIT_WORDS))
    one_ago, two_ago = score_inputs(Earlier.of(tracker), log_p)[0]
    assert one_ago[2] == pytest.approx(np.log1p(3))  # snare, bar line and hat agree; then a snare differs from a kick
    assert two_ago[2] == 0  # a kick differs from a snare
    assert (one_ago[8], two_ago[8]) == (1, 0)  # whether this bar so far is equal to that bar
    assert (one_ago[9], two_ago[9], two_ago[10]) == (1, 0, 1)  # one bar ago, two bars ago


def test_an_open_gate_gives_each_earlier_bar_its_share() -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK])
    mixed = probabilities(cache_of(gate_2=50.0).mixed(np.zeros((1, BAR_ID + 1)), tracker))
    assert mixed[0, [SNARE, HAT]] == pytest.approx([0.5, 0.5])


def test_a_gate_mixes_and_the_probabilities_add_up() -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK])
    logits = np.random.default_rng(0).normal(size=(1, BAR_ID + 1))
    mixed = np.exp(cache_of().mixed(logits, tracker))
    assert mixed.sum() == pytest.approx(1)
    expected = probabilities(logits) / 2
    expected[0, [SNARE, HAT]] += 0.25
    assert mixed == pytest.approx(expected)


def test_a_shut_gate_changes_nothing() -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, KICK])
    logits = np.random.default_rng(0).normal(size=(1, BAR_ID + 1))
    assert probabilities(cache_of(gate_2=-50.0).mixed(logits, tracker)) == pytest.approx(probabilities(logits))


@pytest.mark.parametrize("words", [[], [KICK], [KICK, HAT, BAR_ID, KICK, HAT]], ids=["start", "first bar", "bar line"])
def test_where_no_earlier_bar_has_a_word_the_network_alone_counts(words: list[int]) -> None:
    logits = np.random.default_rng(0).normal(size=(1, BAR_ID + 1))
    tracker = tracker_of(words) if words else BarTracker(1, (1,))
    assert cache_of(gate_2=50.0).mixed(logits, tracker) is logits


def test_streams_do_not_depend_on_one_another() -> None:
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
    songs = [[KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK], [HAT, HAT, BAR_ID, SNARE, HAT, BAR_ID, SNARE]]
    logits = rng.normal(size=(2, BAR_ID + 1))
    both = SongCache(weights).mixed(logits, tracker_of(*songs))
    alone = [SongCache(weights).mixed(logits[[n]], tracker_of(song))[0] for n, song in enumerate(songs)]
    assert both == pytest.approx(np.array(alone), abs=1e-12)


def test_a_checkpoint_without_its_weights_has_no_cache() -> None:
    weights = {PREFIX + name: np.zeros(shape, dtype=np.float32) for name, shape in SHAPES.items()}
    assert SongCache.of(weights) is not None
    weights.popitem()
    assert SongCache.of(weights) is None


@pytest.mark.parametrize("temperature", [1e-300, 0.5, 2.0])
def test_a_temperature_changes_the_part_of_the_network_alone(temperature: float) -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK])
    logits = np.random.default_rng(0).normal(size=(1, BAR_ID + 1))
    mixed = cache_of().mixed(logits, tracker, temperature)
    assert np.isfinite(mixed).all()
    expected = probabilities((logits - logits.max()) / temperature) / 2
    expected[0, [SNARE, HAT]] += 0.25
    assert np.exp(mixed / temperature) == pytest.approx(expected)
    assert np.exp(Temperature(temperature).apply(mixed, tracker)).argmax() == expected.argmax()


def test_what_is_forbidden_stays_forbidden() -> None:
    tracker = tracker_of([KICK, HAT, BAR_ID, KICK, SNARE, BAR_ID, KICK])
    logits = np.zeros((1, BAR_ID + 1))
    logits[0, SNARE] = -np.inf
    assert np.flatnonzero(np.isneginf(cache_of().mixed(logits, tracker))[0]).tolist() == [SNARE]
