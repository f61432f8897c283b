"""The plan of a song as text, such as `intro:4,verse:16@0.7,fill,chorus:16,outro:4`.

A section is NAME:BARS, optionally with @INTENSITY from 0 to 1. `fill` makes the last bar of the section before it a
fill. Sections of the same name share their material.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from drumtok.errors import DrumtokError

FILL_WORD = "fill"
MAX_SECTIONS = 256
_SECTION = re.compile(r"([^\W\d][\w -]*):(\d{1,4})(?:@(\d*\.?\d+(?:e-?\d+)?))?")
_FORM = f"NAME:BARS, NAME:BARS@INTENSITY or {FILL_WORD}, separated by commas, such as verse:16@0.7,fill,chorus:16"


@dataclass(frozen=True)
class Section:
    """A section of a song.

    Attributes:
        name: sections of the same name share their material.
        bars: at least 1.
        intensity: 0 to 1, or None to leave it open.
        fill: whether the last bar is a fill.
    """

    name: str
    bars: int
    intensity: float | None = None
    fill: bool = False

    @property
    def text(self) -> str:
        """The section as text, in the form that `parse_plan` reads."""
        intensity = "" if self.intensity is None else f"@{self.intensity:.12g}"
        return f"{self.name}:{self.bars}{intensity}{f',{FILL_WORD}' * self.fill}"


def parse_plan(text: str) -> tuple[Section, ...]:
    """Parse the sections of a plan.

    Raises:
        DrumtokError: the text has another form, a section has no bars, or an intensity is above 1.

    >>> parse_plan("verse:8@0.7, fill")
    (Section(name='verse', bars=8, intensity=0.7, fill=True),)
    """
    sections: list[Section] = []
    for part in map(str.strip, text.split(",")):
        if part == FILL_WORD and sections and not sections[-1].fill:
            sections[-1] = replace(sections[-1], fill=True)
            continue
        sections.append(_section(part))
    if len(sections) > MAX_SECTIONS:
        raise DrumtokError(f"plan must have at most {MAX_SECTIONS} sections, got {len(sections)}")
    return tuple(sections)


def plan_text(sections: Iterable[Section]) -> str:
    """Write sections as text: the inverse of `parse_plan`.

    >>> plan_text(parse_plan("verse:8@.70,fill , chorus:04"))
    'verse:8@0.7,fill,chorus:4'
    """
    return ",".join(section.text for section in sections)


def _section(text: str) -> Section:
    found = _SECTION.fullmatch(text)
    if found is None or found[1].strip() == FILL_WORD:
        raise DrumtokError(f"plan must be {_FORM}, got {text!r}")
    section = Section(found[1].strip(), int(found[2]), None if found[3] is None else float(found[3]))
    if not section.bars:
        raise DrumtokError(f"bars of a section must be at least 1, got {text!r}")
    if section.intensity is not None and section.intensity > 1:
        raise DrumtokError(f"intensity of a section must be between 0 and 1, got {text!r}")
    return section
