"""Guidance: labels that count for more than they do in the network."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.generation.vary import vary
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.network.guidance import GuidedEngine, guided
from drumtok.pattern import Pattern
from drumtok.sampling.logit_filters import BarGrammar
from drumtok.sampling.sampler import sample_words
from drumtok.tokenizer.labels import UNCONDITIONED, Conditioning

FUNK = Conditioning("beat", "funk", 90.0, "groove")
CONDITIONINGS = [FUNK, Conditioning("any", "rock"), UNCONDITIONED]


@pytest.fixture(scope="module")
def engine(small_checkpoint):
    return Engine(small_checkpoint)


def stepped(engine, songs, conditioning):
    """Step all streams together; return the logits before each word, (streams, words, 513)."""
    state, tracker = (
        engine.start(len(songs)),
        BarTracker(len(songs), engine.lookback, [engine.label(own) for own in conditioning]),
    )
    logits = []
    for words in songs.T:
        logits.append(engine.step(tracker.context, state))
        tracker.push(words)
    return np.stack(logits, axis=1)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 3.0])
def test_the_difference_that_style_and_source_make_counts_so_many_times(engine, strength):
    songs = sample_words(engine, np.random.default_rng(0), [BarGrammar(16)], words=60, streams=3)
    conditioning = stepped(engine, songs, CONDITIONINGS)
    plain = stepped(engine, songs, [own.only(("kind", "tempo")) for own in CONDITIONINGS])
    wanted = plain + strength * (conditioning - plain)
    assert np.abs(conditioning - plain)[:2].max() > 1
    assert not (conditioning - plain)[2].any()
    np.testing.assert_allclose(stepped(GuidedEngine(engine, strength), songs, CONDITIONINGS), wanted, rtol=0, atol=2e-3)


def test_states_are_selected_and_copied_and_cut_as_those_of_any_engine(engine):
    strong = GuidedEngine(engine, 2.0)
    songs = sample_words(engine, np.random.default_rng(1), [BarGrammar(16)], words=20, streams=3)
    whole = stepped(strong, songs, CONDITIONINGS)
    labels = [engine.label(own) for own in CONDITIONINGS]
    state, tracker = strong.start(3), BarTracker(3, engine.lookback, labels)
    for words in songs.T[:10]:
        strong.step(tracker.context, state)
        tracker.push(words)
    order = np.array([2, 0, 0])
    chosen, kept = state.select(order), state.copy()
    tracker.select(order)
    for n, words in enumerate(songs[order].T[10:], 10):
        logits = strong.step(tracker.context, chosen)
        np.testing.assert_allclose(logits, whole[order, n], rtol=0, atol=2e-3)
        tracker.push(words)
    np.testing.assert_array_equal(state.hidden, kept.hidden)
    assert (chosen.hidden != state.hidden[:, order]).any()
    kept.hidden, kept.cell = kept.hidden[:, :2], kept.cell[:, :2]  # as evaluation does to drop songs that have ended
    two = BarTracker(2, engine.lookback, labels[:2])
    for words in songs[:2].T[:10]:
        two.push(words)
    np.testing.assert_allclose(strong.step(two.context, kept), whole[:2, 10], rtol=0, atol=2e-3)
    assert (kept.hidden != state.hidden[:, :2]).all()


def test_guidance_1_is_the_engine_itself(engine, small_checkpoint):
    assert guided(engine, 1.0) is engine
    assert guided(engine, 1.5).start(4).hidden.shape == (3, 4, 2, 32)
    make = {"bars": 2, "style": "funk", "checkpoint": small_checkpoint}
    assert generate(3, **make, guidance=1.0) == generate(3, **make)


def test_a_guided_engine_leaves_the_engine_unchanged(engine):
    before = sample_words(engine, np.random.default_rng(2), words=30, conditioning=FUNK)
    strong = sample_words(guided(engine, 3.0), np.random.default_rng(2), words=30, conditioning=FUNK)
    assert sample_words(engine, np.random.default_rng(2), words=30, conditioning=FUNK).tolist() == before.tolist()
    assert strong.tolist() != before.tolist()


def test_guidance_0_ignores_the_style(small_checkpoint):
    alone = {"bars": 3, "tempo": 100, "candidates": 1, "checkpoint": small_checkpoint}
    made = [generate(5, guidance=0.0, style=style, strictness=0.0, **alone) for style in ("funk", "rock")]
    assert made[0] == made[1] == generate(5, **alone)


@pytest.mark.parametrize(
    "how", [{}, {"form": "ABA"}, {"fill_bars": [2]}, {"keep": ["kick"]}, {"greedy": True}], ids=lambda how: str(how)
)
def test_every_way_of_writing_is_guided(small_checkpoint, how):
    given = (
        {"source_pattern": Pattern(np.eye(9, dtype=bool)[np.arange(48) % 9])}
        if how.keys() & {"fill_bars", "keep"}
        else {}
    )
    make = {"style": "funk", "particles": 4, "checkpoint": small_checkpoint, **how, **given}
    if not how.keys() & {"form", "fill_bars", "keep"}:
        make = make | {"bars": 3, "particles": 32}
    assert generate(5, guidance=4.0, **make) != generate(5, **make)


def test_variations_are_guided(small_checkpoint):
    loop = generate(1, bars=2, checkpoint=small_checkpoint)
    plain, strong = (
        vary(loop, 1, style="funk", guidance=g, particles=2, checkpoint=small_checkpoint, rng=1) for g in (1, 4)
    )
    assert plain != strong


@pytest.mark.parametrize("strength", [-0.1, np.nan, np.inf])
def test_no_such_guidance(engine, strength):
    with pytest.raises(DrumtokError, match=f"guidance must be at least 0 and finite, got {strength}"):
        GuidedEngine(engine, strength)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"guidance": 2.0}, "guidance requires style or source"),
        ({"guidance": 5.1, "style": "funk"}, "guidance must be between 0 and 5, got 5.1"),
        ({"guidance": -1, "style": "funk"}, "guidance must be between 0 and 5, got -1"),
    ],
)
def test_guidance_that_does_nothing_or_too_much(small_checkpoint, asked, message):
    with pytest.raises(DrumtokError, match=message):
        generate(1, bars=1, checkpoint=small_checkpoint, **asked)
