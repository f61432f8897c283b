"""The page of styles has each style with its rules, its starter grooves and current examples."""

import runpy
from pathlib import Path

import pytest

from drumtok.sampling.signatures import signatures

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "styles.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(DOCS / "scripts" / "make_styles.py"))


@pytest.mark.parametrize("style", signatures())
def test_the_page_has_the_rules_of_each_style(style):
    own = signatures()[style]
    (section,) = (part for part in PAGE.split("\n## ") if part.startswith(f"{own.title}\n"))
    assert f"`--style {style}`. {own.tempo[0]:g} to {own.tempo[2]:g} BPM" in section
    assert [line[2:] for line in section.splitlines() if line.startswith("- ")] == [
        rule.text for rule in (*own.rules, *own.usual)
    ]
    assert section.count("```text") >= 2


def test_the_page_has_our_grooves_as_they_are():
    for style in signatures():
        for groove in SCRIPT["written"](style):
            assert "\n".join(SCRIPT["block"](groove.name, groove[0:2])) in PAGE


@pytest.mark.slow  # fails after each change of the networks until the page is regenerated
@pytest.mark.parametrize("style", ["rock", "trap"])  # one for each network, since all would take minutes
def test_the_page_has_the_pieces_that_are_written_today(style):
    assert SCRIPT["section"](signatures()[style]) in PAGE, "run python docs/scripts/make_styles.py"
