"""Rules, the draw of a word, and songs written word by word."""

from types import SimpleNamespace

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.sampling.logit_filters import BarGrammar, Temperature, TopP, in_order
from drumtok.sampling.sampler import draw, sample_words
from drumtok.tokenizer.tokens import BAR_ID

WORDS = BAR_ID + 1


@pytest.fixture(scope="module")
def engine(small_checkpoint):
    return Engine(small_checkpoint)


class Fixed:
    """A stand-in for a random generator, which always returns the same number."""

    def __init__(self, number: float) -> None:
        self.number = number

    def random(self, shape):
        return np.full(shape, self.number)


def test_bar_comes_after_the_last_step_and_only_there():
    logits = np.random.default_rng(0).standard_normal((18, WORDS))
    before = logits.copy()
    allowed = BarGrammar(16).apply(logits, SimpleNamespace(steps_in_bar=np.arange(18)))
    np.testing.assert_array_equal(logits, before)
    np.testing.assert_array_equal(allowed[:16, :BAR_ID], logits[:16, :BAR_ID])
    assert (allowed[:16, BAR_ID] == -np.inf).all()
    np.testing.assert_array_equal(allowed[16:, BAR_ID], logits[16:, BAR_ID])
    assert (allowed[16:, :BAR_ID] == -np.inf).all()


def test_temperature_divides_the_logits():
    logits = np.array([[1.0, 3.0, -np.inf]])
    assert Temperature(2.0).apply(logits, BarTracker(1, ())).tolist() == [[-1.0, 0.0, -np.inf]]
    np.testing.assert_array_equal(logits, [[1.0, 3.0, -np.inf]])


@pytest.mark.parametrize("value", [5e-324, 1e-300, 1e-3])
@pytest.mark.filterwarnings("error")
def test_next_to_no_temperature_takes_the_likeliest_word(value):
    logits = np.random.default_rng(0).standard_normal((50, WORDS)) * 5
    cold = Temperature(value).apply(logits, BarTracker(50, ()))
    np.testing.assert_array_equal(draw(cold, np.random.default_rng(1)), logits.argmax(axis=1))


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf")])
def test_a_temperature_out_of_range(value):
    with pytest.raises(DrumtokError, match=r"temperature must be finite and above 0, got"):
        Temperature(value)


def test_a_bar_without_steps():
    with pytest.raises(DrumtokError, match="steps_per_bar must be at least 1, got 0"):
        BarGrammar(0)


def test_forbidden_words_come_before_cuts():
    warm, grammar = Temperature(2.0), BarGrammar(16)
    assert in_order([warm, grammar]) == in_order([grammar, warm]) == (grammar, warm)


def test_words_are_drawn_with_the_probabilities_of_the_logits():
    wanted = np.array([0.5, 0.0, 0.3, 0.15, 0.05])
    with np.errstate(divide="ignore"):
        logits = np.tile(np.log(wanted) + 7, (20_000, 1))
    fraction = np.bincount(draw(logits, np.random.default_rng(0)), minlength=5) / 20_000
    assert fraction[1] == 0
    np.testing.assert_allclose(fraction, wanted, atol=4 * np.sqrt(0.25 / 20_000))


@pytest.mark.parametrize(("number", "word"), [(0.0, 1), (np.nextafter(1, 0), 3)])
def test_the_edges_of_the_draw_fall_on_possible_words(number, word):
    logits = np.array([[-np.inf, 1.0, -np.inf, 2.0, -np.inf]])
    assert draw(logits, Fixed(number)).tolist() == [word]


@pytest.mark.parametrize("logit", [-np.inf, np.nan, np.inf])
def test_no_word_to_draw(logit):
    logits = np.zeros((2, 5))
    logits[1] = logit
    with pytest.raises(DrumtokError, match="no word can be drawn"):
        draw(logits, np.random.default_rng(0))


@pytest.mark.parametrize("per_bar", [1, 12, 16, 70])
def test_the_grammar_makes_whole_bars(engine, per_bar):
    rules = [Temperature(1.5), BarGrammar(per_bar)]
    words = sample_words(engine, np.random.default_rng(0), rules, words=3 * (per_bar + 1), streams=4)
    bars = words.reshape(4, 3, per_bar + 1)
    assert (bars[..., -1] == BAR_ID).all()
    assert (bars[..., :-1] < BAR_ID).all()
    assert len(np.unique(words, axis=0)) == 4


def test_without_the_grammar_bars_come_as_the_network_makes_them(engine):
    words = sample_words(engine, np.random.default_rng(0), words=400, streams=5)
    assert words.shape == (5, 400)
    assert words.dtype == np.uint16
    lengths = {length for song in words for length in np.diff(np.flatnonzero(song == BAR_ID)).tolist()}
    assert len(lengths) > 3


def test_the_same_generator_state_gives_the_same_words_and_the_global_one_is_left_alone(engine):
    before = np.random.get_state()[1].tolist()
    first, second, other = (sample_words(engine, np.random.default_rng(n), words=50) for n in (1, 1, 2))
    assert first.tolist() == second.tolist() != other.tolist()
    assert np.random.get_state()[1].tolist() == before


def test_a_primer_is_continued_like_words_that_were_drawn(engine):
    rules = [BarGrammar(16)]
    whole = sample_words(engine, np.random.default_rng(4), rules, words=6 * 17)
    rng = np.random.default_rng(4)
    primer = sample_words(engine, rng, rules, words=3 * 17)[0]
    rest = sample_words(engine, rng, rules, words=3 * 17, primer=primer)
    assert rest.tolist() == whole[:, 3 * 17 :].tolist()
    without = sample_words(engine, np.random.default_rng(4), rules, words=3 * 17)
    assert without.tolist() == [primer.tolist()] != rest.tolist()


def test_every_stream_continues_the_primer(engine):
    primer = np.array([256, 0, 64, 0, BAR_ID])
    songs = sample_words(
        engine, np.random.default_rng(0), [BarGrammar(4), Temperature(1e-6)], words=10, streams=3, primer=primer
    )
    alone = sample_words(engine, np.random.default_rng(0), [BarGrammar(4), Temperature(1e-6)], words=10, primer=primer)
    assert songs.tolist() == alone.tolist() * 3


def test_rules_that_leave_nothing(engine):
    class Nothing(BarGrammar):
        def apply(self, logits, written):
            return np.full_like(logits, -np.inf)

    with pytest.raises(DrumtokError, match="the rules forbid every word"):
        sample_words(engine, np.random.default_rng(0), [Nothing(16)], words=1)


def test_top_p_keeps_the_likeliest_words_of_each_stream():
    logits = np.log([[0.1, 0.2, 0.3, 0.4], [0.97, 0.01, 0.01, 0.01]])
    kept = TopP(0.65).apply(logits, BarTracker(2, ()))
    assert np.isfinite(kept).tolist() == [[False, False, True, True], [True, False, False, False]]
    assert kept[0, 3] == logits[0, 3]  # remaining words keep their logits
    assert np.array_equal(TopP(1.0).apply(logits, BarTracker(2, ())), logits)


def test_top_p_leaves_what_is_forbidden_out_and_one_word_in():
    logits = np.array([[0.0, -np.inf, -1.0]])
    assert np.isfinite(TopP(1.0).apply(logits, BarTracker(1, ()))).tolist() == [[True, False, True]]
    assert np.isfinite(TopP(1e-9).apply(logits, BarTracker(1, ()))).tolist() == [[True, False, False]]


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, float("nan")])
def test_a_top_p_out_of_range(fraction):
    with pytest.raises(DrumtokError, match=f"top-p must be above 0 and at most 1, got {fraction}"):
        TopP(fraction)
