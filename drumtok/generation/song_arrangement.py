"""The default sections of a song: intro, verses, choruses, a bridge, outro."""

from drumtok.sampling.plan_text import Section

UNIT = 4  # bars
ROUND = 5  # units of a verse and a chorus together
CHORUS = 2  # units
# How full the bars of each kind of section are.
INTENSITIES = {"intro": 0.35, "verse": 0.5, "chorus": 0.75, "bridge": 0.4, "outro": 0.45}


def arrangement(bars: int, with_intensity: bool = True) -> tuple[Section, ...]:
    """Return sections of about `bars` bars: intro, verses and choruses in turn, the last verse a bridge, outro.

    Every section ends with a fill. Sections are multiples of `UNIT` bars.

    Args:
        bars: at least 1.
        with_intensity: whether the sections have the intensities of `INTENSITIES`.

    >>> [(section.name, section.bars) for section in arrangement(30)]
    [('intro', 4), ('verse', 16), ('chorus', 8), ('outro', 4)]
    """
    units = max(round(bars / UNIT), 1)
    named = [("verse", units)] if units < 4 else [("intro", 1), *_rounds(units - 2), ("outro", 1)]
    return tuple(
        Section(name, length * UNIT, INTENSITIES[name] if with_intensity else None, fill=True) for name, length in named
    )


def _rounds(units: int) -> list[tuple[str, int]]:
    """Return verses and choruses of some units, at least 2; the first verses are the longer ones."""
    rounds = max(round(units / ROUND), 1)
    chorus = CHORUS if units >= rounds * (CHORUS + 1) else 1
    shortest, longer = divmod(units - rounds * chorus, rounds)
    verses = [shortest + (n < longer) for n in range(rounds)]
    names = ["verse"] * rounds
    if rounds > 2:
        names[-1] = "bridge"
    return [each for name, verse in zip(names, verses, strict=True) for each in ((name, verse), ("chorus", chorus))]
