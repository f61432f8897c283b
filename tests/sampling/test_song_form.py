"""Song forms: repeated and new letters, fills, and loops."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.evaluation.prediction import predict
from drumtok.generation.generate import generate, generate_many
from drumtok.midi.files import read_midi
from drumtok.pattern import Pattern
from drumtok.sampling.config import ENDINGS
from drumtok.sampling.logit_filters import BarGrammar, Temperature
from drumtok.sampling.sampler import sample_words
from drumtok.sampling.song import FILL_BONUS, SongState, write_bars
from drumtok.sampling.song_form import Form, write_form
from drumtok.tokenizer.bar_plan import PHRASE_BARS, is_fill
from drumtok.tokenizer.labels import ANY, FILL, Conditioning
from drumtok.tokenizer.tokens import BAR_ID, from_ids, ids_to_hits, to_ids

RULES = [BarGrammar(16), Temperature(1.0)]
BAR = 17  # words


def song_of(engine, seed=0, **arguments):
    return SongState(engine, np.random.default_rng(seed), RULES, **arguments)


def sections(form, bars, network, seed=3, **options):
    """Return the hits of each section of a form, (sections, bars, steps, 9)."""
    made = generate(seed, form=form, section=bars, checkpoint=network, **options)
    return made.hits.reshape(len(form), bars, 16, 9)


def first_bar_after(engine, words):
    """Return the bits per step of the first bar, written after the last one."""
    looped, once = predict(engine, [np.append(words, words[:16]), words]).bits.tops
    return (looped - once) / 16


@pytest.mark.parametrize(("form", "bars"), [("A", 3), ("AABA", 2), ("ABAC", 4), ("AAAB", 1)])
def test_a_form_has_its_bars(network, form, bars):
    made = generate(1, form=form, section=bars, checkpoint=network)
    assert (made.bars, made.meter, made.name) == (len(form) * bars, (4, 4), "drumtok seed 1")
    assert made == generate(1, form=form, bars=len(form) * bars, checkpoint=network)
    assert made == generate(1, form=form, section=bars, checkpoint=network)
    assert made != generate(2, form=form, section=bars, checkpoint=network)


def test_a_section_has_four_bars_by_default(network):
    assert generate(1, form="AB", checkpoint=network).bars == 8


@pytest.mark.parametrize(("bars", "filled"), [(1, 8), (3, 8), (4, 16), (5, 16)])
def test_a_repeated_letter_is_a_copy_but_for_its_fill(network, bars, filled):
    a, again, b, last = sections("AABA", bars, network, variation=0).reshape(4, 16 * bars, 9)
    assert a.tolist() == last.tolist()
    assert a[:-filled].tolist() == again[:-filled].tolist()
    assert a[-filled:].tolist() != again[-filled:].tolist()
    assert a[:-filled].tolist() != b[:-filled].tolist()


def test_fills_stand_where_another_letter_follows():
    looped, open_end = Form("AABA", 4), Form("AAB", 4, loop=False)
    assert [looped.fills(n) for n in range(4)] == [False, True, True, False]
    assert [open_end.fills(n) for n in range(3)] == [False, True, False]
    assert [Form("AAB", 4).fills(n) for n in range(3)] == [False, True, True]


def test_the_end_of_an_open_form_is_no_fill(network):
    looped, open_end = (sections("AB", 4, network, loop=loop) for loop in (True, False))
    assert looped[0].tolist() == open_end[0].tolist()
    assert looped[1, :3].tolist() == open_end[1, :3].tolist()
    assert looped[1, 3].tolist() != open_end[1, 3].tolist()


def test_a_fill_is_a_song_of_that_kind(engine):
    """Before a new letter, the fill is the first candidate."""
    song = song_of(engine, 4, conditioning=Conditioning("beat", "funk"))
    write_bars(song.select(0), 4, 16, loop=True)
    wanted = sample_words(engine, song.rng, RULES, words=BAR, conditioning=Conditioning(FILL, "funk"))[0]
    made = write_form(song_of(engine, 4, conditioning=Conditioning("beat", "funk")), Form("AB", 4), 4, (4, 4))
    assert made.words[0, 3 * BAR : 4 * BAR].tolist() == wanted.tolist()


def test_a_network_that_knows_of_no_fills_writes_one_as_it_can(small_checkpoint, network):
    assert FILL not in small_checkpoint.kinds
    without, conditioning = (sections("AABA", 4, checkpoint) for checkpoint in (small_checkpoint, network))
    assert without[1, :3].tolist() == conditioning[1, :3].tolist()
    assert without[1, 3].tolist() != conditioning[1, 3].tolist()


def test_more_variation_changes_more_and_never_more_than_its_fraction(network):
    def changed(variation):
        """Return the mean fraction of beats that differ when a letter is repeated."""
        fractions = []
        for seed in range(4):
            a, again = sections("AA", 4, network, seed=seed, variation=variation)
            beats = (a != again).reshape(16, -1).any(axis=1)
            assert beats.sum() <= np.ceil(variation * 16)
            fractions.append(beats.mean())
        return np.mean(fractions)

    fractions = [changed(variation) for variation in (0.0, 0.1, 0.3, 0.6, 1.0)]
    assert fractions[0] == 0
    assert all(less < more for less, more in pairwise(fractions))
    assert fractions[-1] > 0.5


def test_variation_does_not_pile_up(network):
    """Each repetition is a variation of the first section."""
    a, *others = sections("AAAAA", 4, network, variation=0.25)
    for other in others:
        assert (a != other).reshape(16, -1).any(axis=1).sum() <= 4
    assert others[0].tolist() != others[1].tolist()


def test_the_end_of_a_meter_with_half_a_beat_is_a_beat(network):
    primer = Pattern.from_grid("kick |x---x---x-----|", meter=(7, 8))
    made = generate(primer, form="AAB", section=2, variation=1.0, rng=1, checkpoint=network, particles=2)
    assert (made.bars, made.meter) == (6, (7, 8))
    a, again = made.hits[:56].reshape(2, 28, 9)
    assert a[12:14].tolist() != again[12:14].tolist()


def test_a_new_letter_is_the_take_that_is_least_like_those_before(engine):
    made = write_form(song_of(engine), Form("ABC", 3), 4, (4, 4)).words[0].reshape(3, -1)

    def like(songs):
        return np.mean([(one[: 2 * BAR] == other[: 2 * BAR]).mean() for one, other in combinations(songs, 2)])

    usual = []
    for seed in range(8):
        written = song_of(engine, seed)
        written.write(9 * BAR)
        usual.append(like(written.words[0].reshape(3, -1)))
    assert like(made) < np.mean(usual)


def test_a_loop_is_never_worse_than_the_same_without(engine, network):
    better = []
    many = (
        generate_many(30, 0, bars=2, kind=ANY, loop=loop, candidates=1, top_p=0.96, checkpoint=network)
        for loop in (True, False)
    )
    for looped, plain in zip(*(map(to_ids, made) for made in many), strict=True):
        assert looped[:BAR].tolist() == plain[:BAR].tolist()
        better.append(first_bar_after(engine, plain) - first_bar_after(engine, looped))
    assert min(better) > -1e-4
    assert np.mean(better) > 0.5
    assert np.mean(np.array(better) > 1e-4) > 0.6


def test_the_last_bar_is_the_best_of_the_candidates(engine):
    song = song_of(engine, conditioning=Conditioning("beat"))
    song.write(2 * BAR)
    many = song.select(*[0] * ENDINGS)
    made = write_bars(song, 1, 16, loop=True)  # a single bar leads to itself
    many.rng.bit_generator.state = np.random.default_rng(0).bit_generator.state
    many.rng.random(2 * BAR)
    many.write(BAR)
    likely = many.likelihood(many.words[:, 2 * BAR : 3 * BAR - 1])
    assert made.words[0].tolist() == many.words[likely.argmax()].tolist()
    assert len(np.unique(many.words, axis=0)) > 1


def test_likelihood_is_that_of_the_whole_song(engine):
    song = song_of(engine)
    song.write(3 * BAR)
    words = song.words[0]
    assert -song.likelihood(words[None, :16])[0] / np.log(2) == pytest.approx(first_bar_after(engine, words), abs=1e-4)
    assert song.words[0].tolist() == words.tolist()


def test_a_song_writes_as_sampling_does(engine):
    primer = sample_words(engine, np.random.default_rng(9), RULES, words=BAR)[0]
    song = song_of(engine, 5, primer=primer, conditioning=Conditioning("beat"))
    song.write(BAR)
    song.write(BAR)
    wanted = sample_words(
        engine, np.random.default_rng(5), RULES, words=2 * BAR, primer=primer, conditioning=Conditioning("beat")
    )
    assert song.words[:, BAR:].tolist() == wanted.tolist()
    assert (len(song), song.tracker.drawn.shape) == (3 * BAR, (1, 2 * BAR))


def test_selected_streams_go_their_own_ways(engine):
    song = song_of(engine)
    song.write(BAR)
    many = song.select(0, 0, 0)
    many.write(BAR)
    assert len(song) == BAR
    assert len(np.unique(many.words, axis=0)) == 3
    assert many.select(2).words.tolist() == many.words[[2]].tolist()


def test_a_form_continues_a_primer(network):
    primer = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4), tempo=90)
    made = generate(primer, form="AAB", section=2, rng=1, checkpoint=network)
    assert (made.bars, made.meter, made.tempo) == (6, (3, 4), 90)


def test_a_continuation_is_no_loop_by_default(network):
    primer = generate(1, bars=1, checkpoint=network)
    plain, looped, default = (
        [generate(primer, bars=2, rng=seed, checkpoint=network, **asked) for seed in range(4)]
        for asked in ({"loop": False}, {"loop": True}, {})
    )
    assert default == plain != looped


def test_a_beat_is_a_loop_and_a_fill_is_not_by_default(network):
    for kind, usual in (("beat", True), (FILL, False)):
        default, same, other = (
            [generate(seed, bars=2, kind=kind, loop=loop, checkpoint=network) for seed in range(4)]
            for loop in (None, usual, not usual)
        )
        assert default == same != other


def test_rules_apply_to_all_of_a_form(network):
    made = generate(3, form="AABC", forbid=["ride", "kick"], density={"snare": 3}, variation=0.5, checkpoint=network)
    assert not made.hits[:, [0, 7]].any()
    assert made.hits[:, 1].sum() / made.bars == pytest.approx(3, abs=0.75)


def test_words_of_a_form_are_whole_bars(engine):
    made = write_form(song_of(engine, 2), Form("ABA", 2, 0.5, particles=3), 4, (4, 4)).words[0]
    assert from_ids(made).bars == 6
    assert (np.flatnonzero(made == BAR_ID) == np.arange(6) * BAR + 16).all()


def test_the_command_writes_what_generate_makes(sample, small_checkpoint):
    options = ["--form", "ABA", "--section", 2, "--variation", 0.5, "--no-loop", "--particles", 3]
    result = sample("--seed", 7, *options)
    assert result.exit_code == 0, result.output
    summary = "form ABA, section 2, variation 0.5, loop False, particles 3"
    assert result.stdout.startswith(f"# seed 7, temperature 1.0, top-p 1.0, checkpoint small, {summary}\n")
    wanted = generate(7, form="ABA", section=2, variation=0.5, loop=False, particles=3, checkpoint=small_checkpoint)
    assert read_midi("drumtok-7.mid") == wanted


def test_a_form_around_what_is_kept_is_an_error(network):
    with pytest.raises(DrumtokError, match="form cannot be combined with keep or fill_bars"):
        generate(1, form="AB", keep={"kick": generate(1, bars=8, checkpoint=network)}, checkpoint=network)


def ends_with_fill(words):
    """Return whether the last bar of some words is a fill."""
    bars = ids_to_hits(words.reshape(-1, BAR)[:, :-1])
    return is_fill(bars[-1], bars[:-1])


def test_a_fill_is_preferred_as_far_as_its_bonus_outweighs_the_seam(engine):
    def chosen(bonus):
        return [ends_with_fill(song.leading_to(0, 16, fill_bonus=bonus).words[0]) for song in songs]

    songs = [song_of(engine, seed, streams=ENDINGS) for seed in range(12)]
    for song in songs:
        song.write(2 * BAR)
    possible = [any(map(ends_with_fill, song.words)) for song in songs]
    assert chosen(100) == possible
    assert chosen(-100) == [all(map(ends_with_fill, song.words)) for song in songs]
    assert sum(possible) > sum(chosen(0))


@pytest.mark.parametrize(("bars", "bonus"), [(PHRASE_BARS - 1, 0), (PHRASE_BARS, FILL_BONUS)])
def test_only_a_loop_of_a_phrase_prefers_fills(engine, bars, bonus):
    given = []

    class Recorder(SongState):
        def leading_to(self, *arguments):
            given.append(arguments[3])
            return super().leading_to(*arguments)

    write_bars(Recorder(engine, np.random.default_rng(0), RULES), bars, 16, loop=True)
    assert given == [bonus]
