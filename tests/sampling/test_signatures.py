"""Signatures of styles: the syntax of rules, and the styles of the data file."""

import pytest

from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import find_style, signatures, style_groups
from drumtok.sampling.style_rules import StyleRule

STYLES = signatures()


def bars(text, **timing):
    return Pattern.from_grid(text, **timing)


BACKBEAT = bars("kick |x-------x-x-----|\nsnare |----x-------x---|\nclosed |x-x-x-x-x-x-x-x-|")


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("snare on 2, 4", True),
        ("snare on 2, 3", False),
        ("snare on any of 1, 2", True),
        ("no snare on 1, 3", True),
        ("no snare on 1, 2", False),
        ("kick on 3&", True),
        ("snare only on 2, 4", True),
        ("snare only on 2", False),
        ("kick only on 1, 2, 3", False),
        ("cymbals 8-8 a bar", True),
        ("closed on beats", True),
        ("closed on offbeats", True),
        ("kick on beats", False),
        ("kick on beats or snare on 2", True),
        ("closed 8-8 a bar", True),
        ("timekeeper 9-16 a bar", False),
        ("toms 0-0 a bar", True),
        ("any 8-8 a bar", True),
        ("roll", False),
    ],
)
def test_rules_of_a_bar(rule, holds):
    assert StyleRule.parse(rule).holds(BACKBEAT) == holds


@pytest.mark.parametrize(("ending", "most_missing"), [("", 1), (" in half", 2), (" once", 3)])
def test_how_many_bars_must_keep_a_rule(ending, most_missing):
    rule = StyleRule.parse(f"kick on 1{ending}")
    for missing in range(5):
        text = "|" + "|".join(["----"] * missing + ["x---"] * (4 - missing)) + "|"
        pattern = bars(f"kick {text}\nsnare |{'|'.join(['x---'] * 4)}|", meter=(1, 4))
        assert rule.holds(pattern) == (missing <= most_missing)


@pytest.mark.parametrize(
    ("grid", "lane", "rule"),
    [
        (8, "|--------xxxx----|", "roll once"),
        (6, "|x-----xxxx--|", "roll once"),
        (3, "|x-xx-xx-xx-x|", "closed on 1, 1l, 2, 2l"),
        (3, "|-x-|", "closed on 1t"),
        (4, "|-x----x-|", "closed on 1e, 2&"),
    ],
)
def test_places_on_every_grid(grid, lane, rule):
    beats = lane.count("x") + lane.count("-")
    assert StyleRule.parse(rule).holds(bars(f"closed {lane}", grid=grid, meter=(beats // grid, 4)))


def test_in_meters_over_8_a_number_counts_eighths():
    pattern = bars("kick |x-----------|\nsnare |------x-----|\nclosed |x-x-x-x-x-x-|", meter=(6, 8))
    assert StyleRule.parse("snare on 4").holds(pattern)
    assert StyleRule.parse("closed on beats").holds(pattern)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("snare", "rule must be such as 'snare on 2, 4'"),
        ("clap on 2", "the drum of a rule must be one of kick, .*, got 'clap'"),
        ("snare 2 a bar", "rule must be such as"),
    ],
)
def test_an_invalid_rule_is_an_error(text, message):
    with pytest.raises(DrumtokError, match=message):
        StyleRule.parse(text)


def test_a_place_outside_the_bar_is_an_error():
    with pytest.raises(DrumtokError, match="a place must be a beat of 4/4 such as 2, 2e, 2&, 2a, got '5'"):
        StyleRule.parse("snare on 5").holds(BACKBEAT)


def test_a_signature_names_the_rules_that_are_broken():
    assert STYLES["rock"].broken(BACKBEAT) == []
    assert STYLES["trap"].broken(BACKBEAT) == ["snare on 3", "no snare on 2, 4", "roll once"]
    assert STYLES["waltz"].kept_by(BACKBEAT) is False  # a waltz is in another meter


def test_new_patterns_keep_the_plain_beat_of_a_style_too():
    blues = STYLES["blues"]
    straight = bars("kick |x-------x-------|\nsnare |----x-------x---|\nclosed |x-x-x-x-x-x-x-x-|")
    assert blues.kept_by(straight)
    assert set(blues.for_writing().broken(straight)) == {"no any on offbeats", "timekeeper on 1l, 2l, 3l"}


@pytest.mark.parametrize("style", STYLES)
def test_each_signature_is_sound(style):
    own = STYLES[style]
    assert own.tempo[0] < own.tempo[1] < own.tempo[2]
    assert 50 <= own.swing <= 75
    assert own.rules
    for meter in own.meters:
        silence = Pattern.from_grid("kick |" + "-" * (16 * meter[0] // meter[1]) + "|", meter=meter)
        assert not own.kept_by(silence)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hip Hop", "hiphop"),
        ("hip-hop", "hiphop"),
        ("dnb", "drum-and-bass"),
        ("D&B", "drum-and-bass"),
        ("Drum and Bass", "drum-and-bass"),
        ("UK Garage", "uk-garage"),
        ("bossa nova", "bossa-nova"),
        ("R&B", "rnb"),
        ("2-step", "two-step"),
        ("trap", "trap"),
        ("Motown", "soul"),
        ("drum & bass", "drum-and-bass"),
        ("d'n'b", "drum-and-bass"),
        ("R and B", "rnb"),
        ("UKG", "uk-garage"),
        ("reggaet\u00f3n", "reggaeton"),
        ("Lo-Fi Beats", "lofi"),
        ("trap beat", "trap"),
        ("breakbeat", "breakbeat"),
        ("jersey", "jersey-club"),
    ],
)
def test_a_style_is_found_however_it_is_written(text, name):
    assert find_style(text) == name


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("trapp", "trap"), ("Hip Hopp", "hiphop"), ("Drum n Base", "drum-and-bass"), ("Jersy Club", "jersey-club")],
)
def test_an_unknown_style_is_an_error_with_the_nearest(text, nearest):
    with pytest.raises(DrumtokError, match=rf"style must be one of .*, got '{text}', did you mean '{nearest}'\?$"):
        find_style(text)


def test_a_style_that_is_like_none_is_an_error_without_a_nearest():
    with pytest.raises(DrumtokError, match=r"style must be one of .*, got 'xyzzy'$"):
        find_style("xyzzy")


def test_no_two_styles_are_written_alike():
    names = {}
    for name, own in STYLES.items():
        for text in (name, own.title, *own.aliases):
            assert names.setdefault(text.lower(), name) == name
            assert find_style(text) == name


def test_each_style_is_in_one_group():
    assert sorted(name for names in style_groups().values() for name in names) == sorted(STYLES)
