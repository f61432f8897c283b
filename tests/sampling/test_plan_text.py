"""Plans of songs as text, and their targets for each bar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumtok.errors import DrumtokError
from drumtok.sampling.plan_text import Section, parse_plan, plan_text
from drumtok.sampling.song_plan import SongPlan

SECTIONS = st.builds(
    Section,
    st.from_regex(r"[a-zA-Zé][a-z0-9_-]{0,8}", fullmatch=True).filter(lambda name: name != "fill"),
    st.integers(1, 9999),
    st.none() | st.integers(0, 1000).map(lambda n: n / 1000),
    st.booleans(),
)


@given(st.lists(SECTIONS, min_size=1, max_size=8).map(tuple))
def test_plans_are_read_as_they_were_written(sections):
    assert parse_plan(plan_text(sections)) == sections


def test_a_fill_belongs_to_the_section_before_it():
    assert parse_plan("intro:4, verse 1:16@.7,fill,chorus:8@1") == (
        Section("intro", 4),
        Section("verse 1", 16, 0.7, fill=True),
        Section("chorus", 8, 1.0),
    )


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "''"),
        ("fill,verse:4", "'fill'"),
        ("verse:4,fill,fill", "'fill'"),
        ("fill:4", "'fill:4'"),
        ("verse", "'verse'"),
        ("verse:4,", "''"),
        ("verse:-4", "'verse:-4'"),
        ("verse:4@-1", "'verse:4@-1'"),
        (":4", "':4'"),
    ],
)
def test_another_form_is_refused(text, got):
    with pytest.raises(DrumtokError, match=rf"^plan must be NAME:BARS, .*, got {got}$"):
        parse_plan(text)


def test_what_is_out_of_range_is_refused():
    with pytest.raises(DrumtokError, match="bars of a section must be at least 1, got 'a:0'"):
        parse_plan("a:0")
    with pytest.raises(DrumtokError, match=r"intensity of a section must be between 0 and 1, got 'a:1@1.5'"):
        parse_plan("a:1@1.5")
    with pytest.raises(DrumtokError, match="plan must have at most 256 sections, got 257"):
        parse_plan(",".join(["a:1"] * 257))


def targets(text, **settings):
    return SongPlan(parse_plan(text), **settings).targets()


def test_a_bar_without_targets_is_open():
    assert [(w.section, w.intensity, w.fill, w.same_as) for w in targets("a:1,b:1")] == [
        (0, None, None, None),
        (1, None, None, None),
    ]


def test_repeated_names_share_material_but_for_fills():
    found = targets("verse:4,fill,chorus:2,verse:6,fill")
    assert [w.same_as for w in found] == [None] * 6 + [0, 1, 2, 2, 0, None]  # bar 3 is a fill, so bar 2 takes its place
    assert [bar for bar, w in enumerate(found) if w.fill] == [3, 11]


@pytest.mark.parametrize(("fills", "bars"), [(0, []), (1, [3, 7, 11, 15, 17]), (0.5, [7, 15]), (0.25, [15])], ids=str)
def test_fills_are_spread_over_the_ends_of_phrases(fills, bars):
    found = targets("a:18", fills=fills)
    assert [bar for bar, w in enumerate(found) if w.fill] == bars
    assert all(w.fill is not None for w in found)


def test_the_intensity_of_a_section_comes_before_the_curve():
    found = [w.intensity for w in targets("a:3,b:2@0.9", curve=(0.0, 1.0))]
    assert found == [0, 0.25, 0.5, 0.9, 0.9]
    assert [w.intensity for w in targets("a:2", curve=(0.3,))] == [0.3, 0.3]
    assert len(targets("a:1", curve=(0.3, 0.6))) == 1
    assert SongPlan(parse_plan("a:3,b:2")).starts == (0, 3)
