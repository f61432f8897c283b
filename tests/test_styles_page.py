"""The page of styles has every style with its rules."""

from pathlib import Path

import pytest

from drumtok.sampling.signatures import signatures

PAGE = (Path(__file__).parents[1] / "docs" / "styles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("style", signatures())
def test_the_page_has_the_rules_of_each_style(style):
    own = signatures()[style]
    (section,) = (part for part in PAGE.split("\n## ") if part.startswith(f"{own.title}\n"))
    assert f"`--style {style}`. {own.tempo[0]:g} to {own.tempo[2]:g} BPM" in section
    assert [line[2:] for line in section.splitlines() if line.startswith("- ")] == [rule.text for rule in own.rules]
    assert section.count("```text") >= 2
