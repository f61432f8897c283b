"""Kicks that follow another part."""

import numpy as np
import pytest
from midi_bytes import make_midi

from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.midi.files import read_midi
from drumtok.midi.onsets import Onsets
from drumtok.network.context import BarTracker
from drumtok.sampling.following import ONSET, REST, Follow, FollowedPart, kicks_met
from drumtok.sampling.logit_filters import Stage, in_order
from drumtok.tokenizer.tokens import BAR_ID

KICK = LANE_INDEX["kick"]
BASS = [0.0, 0.375, 0.75, 1.25, 1.5]  # seconds: steps 0, 3, 6, 10 and 12 at 120 BPM


def part_of(times, strength=None, tempo=120, meter=(4, 4)):
    times = np.array(times, dtype=float)
    return FollowedPart.of(Onsets(times, np.ones(len(times)) if strength is None else strength), tempo, 4, meter)


def test_a_part_lies_on_the_nearest_steps_of_whole_bars():
    part = part_of([0, 0.26, 4.5], np.array([1.0, 0.3, 1.0]))
    assert part.bars == 2
    assert part.pull[0].tolist() == [1, ONSET, *[REST] * 14]
    assert np.flatnonzero(part.pull[1] == 1).tolist() == [2]
    assert part_of([3.0], meter=(3, 4)).pull.shape == (2, 12)
    with pytest.raises(DrumtokError, match="the part to follow must have onsets, got none"):
        part_of([])


def test_the_rule_pulls_kicks_to_accents_and_off_rests_and_repeats_the_part():
    rule, tracker = Follow(part_of([0]), 2.0), BarTracker(1, ())
    assert rule.apply(np.zeros((1, 513)), tracker)[0, [256, 257, 128, BAR_ID]].tolist() == [2, 2, 0, 0]
    for word in [0] * 15:
        tracker.push(np.array([word]))
        assert rule.apply(np.zeros((1, 513)), tracker)[0, 256] == 2 * REST
    tracker.push(np.array([0]))
    assert (rule.apply(np.zeros((1, 513)), tracker) == 0).all()  # BAR comes next
    tracker.push(np.array([BAR_ID]))
    assert rule.apply(np.zeros((1, 513)), tracker)[0, 256] == 2


def test_following_comes_after_all_that_weighs_words_and_before_the_cuts():
    assert Stage.FORBID < Stage.FOLLOW < Stage.TOP_K
    assert in_order([Follow(part_of([0]), 1.0)])[0].stage == Stage.FOLLOW


def kick_rate(small_checkpoint, tightness, **options):
    """Return the fraction of accents with a kick and the fraction of steps with a kick, over some seeds."""
    make = {"follow": BASS, "tempo": 120, "bars": 2, "particles": 8, "checkpoint": small_checkpoint, **options}
    made = [generate(seed, tightness=tightness, **make) for seed in range(4)]
    part = part_of(np.array(BASS) * 2)
    return np.mean([kicks_met(pattern, part) for pattern in made], axis=0)


@pytest.mark.parametrize("options", [{}, {"style": "rock"}], ids=str)
def test_kicks_meet_the_accents_of_a_part(small_checkpoint, options):
    loose, _ = kick_rate(small_checkpoint, 0.0, **options)
    tight, chance = kick_rate(small_checkpoint, 6.0, **options)
    assert tight > loose
    assert tight > 2 * chance


def test_a_pattern_is_as_long_as_the_part_and_has_its_tempo(small_checkpoint, tmp_path):
    path = tmp_path / "bass.mid"
    path.write_bytes(make_midi([(0, 40), (1920, 40), (4080, 40)], channel=1, tempi=[(0, 600_000)]))
    made = generate(1, follow=path, particles=4, checkpoint=small_checkpoint)
    assert (made.bars, made.tempo, made.name) == (3, 100, "drumtok seed 1")
    assert made == generate(1, follow=str(path), follow_channel=2, particles=4, checkpoint=small_checkpoint)
    assert generate(1, follow=path, bars=5, tempo=90, particles=4, checkpoint=small_checkpoint).tempo == 90


def test_plans_primers_forms_and_kept_hits_follow_too(small_checkpoint):
    make = {"follow": BASS, "tightness": 20.0, "tempo": 120, "checkpoint": small_checkpoint, "temperature": 2.0}
    primer = generate(3, bars=1, tempo=120, checkpoint=small_checkpoint)
    for made in (
        generate(1, plan="a:2", **make),
        generate(primer, rng=1, bars=2, **make),
        generate(1, form="AB", section=1, **make),
        generate(1, source_pattern=primer, keep=["snare"], **make),
    ):
        met, _ = kicks_met(made, part_of(np.array(BASS) * 2))
        assert met > 0.8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tightness": 3.0}, "tightness requires follow"),
        ({"follow_channel": 3}, "follow_channel requires follow"),
        ({"follow": BASS, "loop": True}, "loop cannot be combined with follow"),
        ({"follow": BASS, "greedy": True}, "greedy cannot be combined with follow"),
        ({"follow": "no/bass.mid"}, "cannot read 'no/bass.mid'"),
    ],
)
def test_what_cannot_be_followed(small_checkpoint, settings, message):
    with pytest.raises(DrumtokError, match=message):
        generate(1, checkpoint=small_checkpoint, **settings)


def test_the_command_follows_a_file_and_names_it_in_the_result(sample, tmp_path):
    (tmp_path / "bass.mid").write_bytes(make_midi([(0, 40), (720, 40)], channel=1))
    options = ("--seed", 1, "--follow", "bass.mid", "--particles", 4)
    result = sample(*options, "-o", "drums.mid")
    assert result.exit_code == 0, result.output
    assert read_midi("drums.mid").bars == 1
    assert b"follow bass sha256" in (tmp_path / "drums.mid").read_bytes()
    again = sample("--like", "drums.mid", "-o", "again.mid")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again.mid").read_bytes() == (tmp_path / "drums.mid").read_bytes()
    assert "cannot write 'bass.mid': the command reads it" in sample(*options, "-o", "bass.mid").output
