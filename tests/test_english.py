"""Words that are not used because the field has other ones."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".pyi", ".md", ".js", ".html", ".toml", ".yml", ".ini", ".lua"}
FOLDERS = ("drumtok", "benchmarks", "tests", "docs/scripts", "datasets", "augment", "note_maps", ".github")
# Names in files: a deprecated metric, weights of groove networks, fields of older checkpoints, a former option.
KEPT = re.compile(
    r'"nats\.told"|"(reader|drawn)\.told\b|"midst"|"homes"|deprecated="told"|self\.told\b|drawn\["told"\]|\)\.told\["velocity"\]'
    r'|"(bits_per_step|accuracy)(_kind)?_told"|\("told", "step"'
)
# pattern -> what to write instead
BANNED = {
    r"\b(told|tells?|telling|untold|unasked)\b": "conditioning, pass, report",
    r"\b(says?|said|saying)\b": "names, contains, reports",
    r"\b(heed(s|ed)?|wish(es|ed)?|naught|hence)\b": "follow, target, nothing, so",
    r"\bthe midst\b|\bmidst\b": "starts_mid_song",
    r"\b(strangers?|homes|turned|likes)\b": "see the glossary",
    r"\ballowed (is|are)\b": "<what> must be <what is allowed>, got <value>",
    r"\bare both given\b": "--a cannot be combined with --b",
    r"\bis\s+none\b": "<what> must be <what is allowed>, got <value>",
}


@cache
def words_of(folder):
    """Return (path, text, text with the words of names apart) of the files of a folder."""
    paths = [path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in SUFFIXES and path != Path(__file__)]
    texts = [(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths]
    return [(path, text, KEPT.sub(blank, text).replace("_", " ")) for path, text in texts]


def blank(match):
    """Return as many spaces as the match has characters, so that positions stay the same."""
    return " " * len(match[0])


@pytest.mark.parametrize("pattern", BANNED)
@pytest.mark.parametrize("folder", FOLDERS)
def test_words_of_the_glossary_are_those_of_the_field(folder, pattern):
    assert words_of(folder)
    found = [
        f"{path}:{text.count(chr(10), 0, at) + 1}: {text.splitlines()[text.count(chr(10), 0, at)].strip()}"
        for path, text, words in words_of(folder)
        for at in (match.start() for match in re.finditer(pattern, words))
    ]
    assert not found, f"write {BANNED[pattern]} in\n" + "\n".join(found)


@pytest.mark.parametrize("pattern", BANNED)
def test_pages_speak_the_words_of_the_field(pattern):
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "checkpoints").glob("*.md")]
    for page in pages:
        prose = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))  # code may name deprecated options
        assert not re.search(pattern, prose), f"write {BANNED[pattern]} in {page.relative_to(ROOT)}"
