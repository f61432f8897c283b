"""`generate` around kept drums and bars, which stay the same bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from drumtok.drums import LANE_INDEX, LANES, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.midi.files import read_midi, write_midi
from drumtok.pattern import Pattern, steps_per_bar
from drumtok.tokenizer.labels import KINDS
from drumtok.tokenizer.tokens import to_words

LOOP = Pattern.from_grid(
    """
    kick   |x-------|x-x-----|x-------|x--x--x-|
    snare  |----X---|----X--o|----X---|----X---|
    closed |x-x-x-x-|x-x-x-x-|x-x-x-x-|x-x-x---|
    """,
    meter=(2, 4),
    tempo=96,
)
CASES, GROUPS = 1000, 10
METERS = ((1, 4), (2, 4), (3, 8))


def random_pattern(rng):
    """Return a pattern of a few bars in a short meter, with hits of any velocity and offset."""
    meter = METERS[rng.integers(len(METERS))]
    hits = rng.random((rng.integers(1, 4) * steps_per_bar(4, meter), N_DRUMS)) < rng.uniform(0, 0.6)
    velocity, offset = rng.integers(1, 128, hits.shape), rng.uniform(-0.5, 0.5, hits.shape).astype(np.float32)
    return Pattern(hits, velocity, offset, meter=meter, tempo=float(rng.integers(40, 250)))


def random_keep(rng, pattern):
    """Return arguments that keep drums, bars or both, and the mask of the kept cells, (steps, 9)."""
    lanes = [LANES[n] for n in rng.permutation(N_DRUMS)[: rng.integers(1, N_DRUMS)]]
    bars = (1 + rng.permutation(pattern.bars)[: rng.integers(1, pattern.bars + 1)]).tolist()
    what = int(rng.integers(4))
    if what == 0:
        return {"keep": dict.fromkeys(lanes, pattern)}, kept_cells(pattern, lanes, ())
    lanes, bars = lanes * (what != 1), bars * (what != 2)
    return {"keep": lanes, "fill_bars": bars, "source_pattern": pattern}, kept_cells(pattern, lanes, bars)


def kept_cells(pattern, lanes, fill_bars):
    kept = np.zeros((pattern.bars, pattern.steps_per_bar, N_DRUMS), dtype=bool)
    for bar in range(pattern.bars):
        kept[bar] = bool(fill_bars) and bar + 1 not in fill_bars
    kept[..., [LANE_INDEX[lane] for lane in lanes]] = True
    return kept.reshape(-1, N_DRUMS)


@pytest.mark.parametrize("group", [pytest.param(n, marks=pytest.mark.slow if n > 2 else ()) for n in range(GROUPS)])
def test_what_is_kept_comes_back_bit_for_bit_in_a_thousand_random_cases(small_checkpoint, group):
    network, written = replace(small_checkpoint, kinds=KINDS), 0
    for case in range(group, CASES, GROUPS):
        rng = np.random.default_rng(case)
        pattern = random_pattern(rng)
        arguments, kept = random_keep(rng, pattern)
        made = generate(
            case,
            rng.uniform(0.5, 2),
            **arguments,
            top_p=rng.uniform(0.1, 1),
            repetition=rng.uniform(-1, 1),
            kind=str(rng.choice(["any", "fill", "beat"], p=[0.5, 0.4, 0.1])),
            particles=int(rng.integers(1, 7)),
            checkpoint=network,
        )
        assert (made.meter, made.bars, made.grid, made.tempo) == (pattern.meter, pattern.bars, 4, pattern.tempo)
        for array in ("hits", "velocity", "offset"):
            now, before = getattr(made, array), getattr(pattern, array)
            assert now.dtype == before.dtype
            assert now[kept].tobytes() == before[kept].tobytes(), (case, array)
        written += bool((made.hits != pattern.hits)[~kept].any())
    assert written > CASES / GROUPS / 2  # all other cells are written by the network


def test_every_way_to_give_the_pattern_gives_the_same(small_checkpoint, tmp_path):
    four = Pattern.from_grid("kick |x---x---x---x---|\nride |x-x-x-x-x-x-x-x-|", tempo=90)
    write_midi(four, tmp_path / "four.mid")
    make = {"seed": 3, "kind": "any", "tempo": 100, "particles": 4, "checkpoint": small_checkpoint}
    first = generate(keep=["kick"], source_pattern=four, **make)
    assert np.array_equal(first.hits[:, 0], four.hits[:, 0])
    for source in (four, tmp_path / "four.mid", " ".join(to_words(four))):
        assert generate(keep=("kick",), source_pattern=source, **make) == first
        assert generate(keep={"kick": source}, **make) == first
    assert first.name == "drumtok seed 3 around a pattern"
    assert generate(keep=("kick",), source_pattern=tmp_path / "four.mid", **make).name == "drumtok seed 3 around four"


def test_the_seed_determines_the_pattern(small_checkpoint):
    make = {"keep": ("kick",), "source_pattern": LOOP, "particles": 5, "checkpoint": small_checkpoint}
    assert generate(1, **make) == generate(1, **make) == generate(rng=np.random.default_rng(1), **make)
    assert generate(1, **make) != generate(2, **make)


def test_bars_that_are_written_again_are_where_they_are_requested(small_checkpoint):
    for fill_bars in ((2,), (4,), (1, 3)):
        made = generate(5, fill_bars=fill_bars, source_pattern=LOOP, particles=4, checkpoint=small_checkpoint)
        changed = [
            bar + 1
            for bar in range(4)
            if made.slice_bars(bar, bar + 1).hits.tolist() != LOOP.slice_bars(bar, bar + 1).hits.tolist()
        ]
        assert changed == list(fill_bars)


def test_a_filled_bar_depends_on_what_comes_after_it(small_checkpoint):
    silent = replace(LOOP, hits=LOOP.hits & (np.arange(32) < 16)[:, None])  # with an empty second half
    make = {"fill_bars": (2,), "kind": "any", "particles": 64, "checkpoint": small_checkpoint}
    one, other = (
        {generate(seed, source_pattern=given, **make).slice_bars(1, 2) for seed in range(6)} for given in (LOOP, silent)
    )
    assert one != other
    one_particle = {**make, "particles": 1}
    one, other = (
        {generate(seed, source_pattern=given, **one_particle).slice_bars(1, 2) for seed in range(6)}
        for given in (LOOP, silent)
    )
    assert one == other  # a single particle does not look ahead


def test_a_beat_depends_on_its_own_end_before_its_first_bar(small_checkpoint):
    other = replace(LOOP, hits=LOOP.hits & (np.arange(32) < 24)[:, None])  # with an empty last bar
    make = {"fill_bars": (1,), "particles": 1, "top_p": 1.0, "checkpoint": small_checkpoint}

    def first_bars(given, kind):
        return [generate(seed, source_pattern=given, kind=kind, **make).slice_bars(0, 1) for seed in range(4)]

    assert first_bars(LOOP, "beat") != first_bars(other, "beat")
    assert first_bars(LOOP, "any") == first_bars(other, "any")


def test_rules_go_for_what_is_written(small_checkpoint):
    make = {"seed": 2, "source_pattern": LOOP, "particles": 4, "checkpoint": small_checkpoint}
    made = generate(keep=("kick",), forbid=("snare", "ride"), **make)
    assert not made.hits[:, [LANE_INDEX["snare"], LANE_INDEX["ride"]]].any()
    assert np.array_equal(made.hits[:, 0], LOOP.hits[:, 0])
    filled = generate(fill_bars=(2,), forbid=("snare",), **make)
    snare = filled.hits[:, LANE_INDEX["snare"]].reshape(4, 8).sum(axis=1)
    assert snare.tolist() == [1, 0, 1, 1]  # kept bars keep their snares
    busy, sparse = (generate(keep=("kick",), density={"ride": hits}, **make).hits[:, 7].sum() for hits in (7, 0.5))
    assert busy > sparse + 8


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("temperature", [5e-324, 1e-9, 1e300])
def test_no_temperature_is_too_low_or_high_for_what_is_kept(small_checkpoint, temperature):
    for what in ({"keep": ("floor", "crash")}, {"fill_bars": (2,)}):
        given = replace(LOOP, hits=~LOOP.hits, velocity=None, offset=None)
        made = generate(1, temperature, **what, source_pattern=given, particles=3, checkpoint=small_checkpoint)
        assert made.hits[:, LANE_INDEX["floor"]].all() == ("keep" in what)


def test_the_number_of_particles_matters(small_checkpoint):
    made = {
        generate(1, keep=("kick",), source_pattern=LOOP, particles=particles, checkpoint=small_checkpoint)
        for particles in (1, 2, 32)
    }
    assert len(made) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"seed": LOOP, "keep": ("kick",), "source_pattern": LOOP},
            "a primer cannot be combined with keep or fill_bars",
        ),
        (
            {"keep": ("kick",), "source_pattern": LOOP, "bars": 8},
            "bars must be 4, as many as the source pattern has, got 8",
        ),
        ({"keep": ("kick",)}, "keep and fill_bars require source_pattern"),
        ({"given": LOOP}, "source_pattern .* requires keep or fill_bars"),
        (
            {"fill_bars": (5,), "given": LOOP},
            "fill_bars must be between 1 and 4, the bars of the source pattern, got 5",
        ),
        ({"keep": {"cowbell": LOOP}}, "keep must be one of kick, snare, "),
        ({"keep": ("kick",), "given": LOOP, "greedy": True}, "greedy cannot be combined with keep"),
        (
            {"keep": ("kick",), "given": LOOP, "density": {"snare": 9}},
            "density of snare must be above 0 and at most 8, .*, got 9",
        ),
    ],
)
def test_settings_that_cannot_be_combined_with_keep(small_checkpoint, arguments, message):
    with pytest.raises(DrumtokError, match=message):
        generate(**{"checkpoint": small_checkpoint, **arguments})
    assert generate(1, keep=("kick",), source_pattern=LOOP, bars=4, particles=1, checkpoint=small_checkpoint).bars == 4


def test_a_file_that_is_written_and_read_again_still_has_what_was_kept(small_checkpoint, tmp_path):
    made = generate(4, keep=("kick", "snare"), source_pattern=LOOP, particles=4, checkpoint=small_checkpoint)
    write_midi(made, tmp_path / "made.mid")
    again = read_midi(tmp_path / "made.mid")
    assert again.hits[:, :2].tobytes() == LOOP.hits[:, :2].tobytes()
    assert again.velocity[:, :2].tobytes() == LOOP.velocity[:, :2].tobytes()
