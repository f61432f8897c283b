"""Bars written to targets: intensity, fills and shared material."""

import numpy as np

from drumtok.generation.generate import generate
from drumtok.network.context import BarTracker
from drumtok.sampling.logit_filters import BarGrammar, Temperature
from drumtok.sampling.song import BarStream, SongState
from drumtok.sampling.song_plan import BarTarget
from drumtok.sampling.targets import Fullness, write_to_targets
from drumtok.tokenizer.tokens import ids_to_hits


def written(engine, *targets, seed=0, primer=(), bar_stream=None):
    """Write bars to targets; return their hits, (bars, 16, 9)."""
    rules = [BarGrammar(16), Temperature(1.0)]
    song = SongState(engine, np.random.default_rng(seed), rules, primer=np.array(primer, dtype=np.uint16))
    start, before = len(song), song.rules
    stream = {} if bar_stream is None else {"bar_stream": bar_stream}
    song = write_to_targets(song, targets, 16, **stream)
    assert song.rules == before
    words = song.words[0, start:].reshape(len(targets), 17)
    assert (words[:, -1] == 512).all()
    return ids_to_hits(words[:, :-1])


def test_bars_that_share_material_are_equal_after_a_primer_too(engine):
    primer = [256, *[0] * 15, 512]
    bars = written(engine, BarTarget(0), BarTarget(0), BarTarget(1, same_as=1), BarTarget(1, same_as=0), primer=primer)
    assert (bars[2] == bars[1]).all()
    assert (bars[3] == bars[0]).all()
    assert (bars[0] != bars[1]).any()


def test_open_targets_draw_what_the_network_draws(engine):
    song = SongState(engine, np.random.default_rng(4), [BarGrammar(16), Temperature(1.0)])
    song.write(17)
    song.write(17)
    assert (
        written(engine, BarTarget(0), BarTarget(0), seed=4) == ids_to_hits(song.words[0].reshape(2, 17)[:, :-1])
    ).all()


def test_hits_rise_with_the_intensity(engine):
    levels = [0.0, 0.5, 1.0]
    hits = np.mean(
        [[len(np.argwhere(bar)) for bar in written(engine, *(BarTarget(0, level) for level in levels), seed=seed)]
         for seed in range(4)],
        axis=0,
    )  # fmt: skip
    assert hits[0] < hits[1] < hits[2]


def test_every_bar_is_final_when_it_is_written(engine):
    bars = []
    targets = BarTarget(0, 0.5), BarTarget(0, fill=True), BarTarget(0, fill=False), BarTarget(0, same_as=0)
    made = written(engine, *targets, bar_stream=BarStream(16, 0, lambda words: bars.append(ids_to_hits(words[:-1]))))
    assert (np.array(bars) == made).all()


def test_a_plan_places_the_bars_of_a_pattern(network):
    made = generate(2, plan="a:2,b:1,fill,a:2", style="rock", checkpoint=network)
    bars = made.hits.reshape(5, 16, 9)
    assert made.bars == 5
    assert (bars[3:] == bars[:2]).all()
    assert made == generate(2, plan="a:2,b:1,fill,a:2", style="rock", checkpoint=network)
    assert made != generate(3, plan="a:2,b:1,fill,a:2", style="rock", checkpoint=network)


def test_intensity_and_fills_plan_any_pattern(network):
    assert generate(2, bars=3, intensity=0.9, checkpoint=network).bars == 3
    full, thin = (generate(2, bars=4, intensity_curve=[x], checkpoint=network).hits.sum() for x in (1.0, 0.0))
    assert full > thin
    assert generate(2, fills=1, checkpoint=network).bars == 16


def test_fullness_steers_towards_its_target():
    rule, tracker = Fullness(hits=4, steps=4), BarTracker(1, ())
    one_behind = rule.apply(np.zeros((1, 513)), tracker)
    assert one_behind[0, [0, 256, 511]].round(2).tolist() == [0, 0.3, 2.7]
    tracker.push(np.array([511]))  # nine hits, seven more than are due after the next step
    ahead = rule.apply(np.zeros((1, 513)), tracker)
    assert ahead[0, [0, 256, 512]].round(2).tolist() == [0, -2.0, 0]
