"""`--show-plan`: the line that is printed for each bar."""

from drumtok.cli.show_plan import plan_lines
from drumtok.pattern import Pattern
from drumtok.sampling.plan_text import Section

BEAT = """
kick   |x---x---x---x---|x---x---x---x---|x---x---x---x-x-|x---x---x---x---|
snare  |----------------|----------------|----------------|-------xxxxxxxxx-|
"""


def test_bars_name_their_section_and_what_they_repeat():
    pattern = Pattern.from_grid(BEAT.replace("-------xxxxxxxxx-", "------xxxxxxxxx-"))
    assert list(plan_lines(pattern, (Section("a", 2, 0.25), Section("b", 2)))) == [
        "    1 a @0.25: 4 hits (kick 4)",
        "    2 a @0.25: 4 hits (kick 4), as 1 bar before",
        "    3 b: 5 hits (kick 5), 75% as 1 bar before",
        "    4 b: 13 hits (kick 4, snare 9), a fill",
    ]


def test_bars_without_sections_have_numbers_alone():
    assert list(plan_lines(Pattern.from_grid("kick |----------------|"))) == ["    1: 0 hits"]


def test_sample_prints_the_plan_after_the_grid(sample):
    result = sample("--plan", "a:1,b:1", "--seed", 3, "--show-plan")
    assert result.exit_code == 0, result.output
    shown = [line.split(":")[0].strip() for line in result.output.splitlines()[-3:-1]]
    assert shown == ["1 a", "2 b"]
    assert "2:" in sample("--bars", 2, "--seed", 3, "--show-plan").output
    assert "    1" not in sample("--bars", 2, "--seed", 3, "-o", "b.mid").output
