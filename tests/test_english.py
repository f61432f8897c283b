"""The words of the glossary: each is banned where the field has another one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".pyi", ".md"}
FOLDERS = ("drumtok", "benchmarks", "tests")
# Names on disk: a deprecated one in reports, weights of groove networks, fields of older checkpoints, a former option.
KEPT = re.compile(
    r'"nats\.told"|"(reader|drawn)\.told\b|"midst"|"homes"|deprecated="told"|self\.told\b|drawn\["told"\]|\)\.told\["velocity"\]'
    r'|"(bits_per_step|accuracy)(_kind)?_told"|\("told", "step"'
)
# pattern -> what to write instead
BANNED = {
    r"\b(told|tells?|untold|unasked)\b": "conditioning, pass, report",
    r"\b(says?|said)\b": "names, contains, reports",
    r"\bthe midst\b|\bmidst\b": "starts_mid_song",
    r"\b(strangers?|homes|turned|likes)\b": "see the glossary",
    r"\ballowed (is|are)\b": "<what> must be <what is allowed>, got <value>",
    r"\bare both given\b": "--a cannot be combined with --b",
    r"(?<!there) is none\b": "<what> must be <what is allowed>, got <value>",
}


def lines_of(folder):
    """Return (place, line) of every line of code and prose in a folder."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in SUFFIXES and path != Path(__file__):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("pattern", BANNED)
@pytest.mark.parametrize("folder", FOLDERS)
def test_words_of_the_glossary_are_those_of_the_field(folder, pattern):
    """The words of names count too: `_` separates them as a space does."""
    lines = [(place, line, KEPT.sub("", line).replace("_", " ")) for place, line in lines_of(folder)]
    assert lines
    found = [f"{place}: {line.strip()}" for place, line, words in lines if re.search(pattern, words)]
    assert not found, f"write {BANNED[pattern]} in\n" + "\n".join(found)


@pytest.mark.parametrize("pattern", BANNED)
def test_pages_speak_the_words_of_the_field(pattern):
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "checkpoints").glob("*.md")]
    for page in pages:
        prose = re.sub(
            r"`[^`\n]*`", "", page.read_text(encoding="utf-8")
        )  # names of deprecated options may stand in code
        assert not re.search(pattern, prose), f"write {BANNED[pattern]} in {page.relative_to(ROOT)}"
