"""`Pattern` -> code for Strudel and for TidalCycles; timing that differs from the grid is left out.

A bar is a cycle. Names of sounds are those of Strudel's default drum machines
(https://strudel.cc/learn/samples) and of the folders of Dirt-Samples (https://github.com/tidalcycles/Dirt-Samples).
"""

import numpy as np

from drumtok.drums import LANES
from drumtok.pattern import Pattern

# In the order of the kit: kick, snare, closed and open hi-hat, floor, low and high tom, ride, crash.
STRUDEL_SOUNDS = dict(zip(LANES, ("bd", "sd", "hh", "oh", "lt", "mt", "ht", "rd", "cr"), strict=True))
TIDAL_SOUNDS = dict(zip(LANES, ("bd", "sn", "hh", "ho", "lt", "mt", "ht", "cr:1", "cr"), strict=True))
REST = "~"


def to_strudel(pattern: Pattern) -> str:
    """Write a pattern as Strudel code.

    >>> print(to_strudel(Pattern.from_grid("kick |x--x|", meter=(1, 4))))
    // 1 bar of 1/4 at 120 BPM, by drumtok
    setcpm(120/1)
    stack(
      s("[bd ~ ~ bd]").gain("[0.79 ~ ~ 0.79]"),
    )
    """
    lines = [
        f'  s("{_cycles(pattern, lane, sound)}").gain("{_cycles(pattern, lane)}"),'
        for lane, sound in _used(pattern, STRUDEL_SOUNDS)
    ]
    quarters = 4 * pattern.meter[0] / pattern.meter[1]
    return "\n".join((f"// {_title(pattern)}", f"setcpm({pattern.tempo:g}/{quarters:g})", "stack(", *lines, ")"))


def to_tidal(pattern: Pattern) -> str:
    """Write a pattern as TidalCycles code.

    >>> print(to_tidal(Pattern.from_grid("snare |x--x|", meter=(1, 4))))
    -- 1 bar of 1/4 at 120 BPM, by drumtok
    setcps (120/60/1)
    d1 $ stack [
      s "[sn ~ ~ sn]" # gain "[0.79 ~ ~ 0.79]"
      ]
    """
    lines = [
        f'  s "{_cycles(pattern, lane, sound)}" # gain "{_cycles(pattern, lane)}"'
        for lane, sound in _used(pattern, TIDAL_SOUNDS)
    ]
    quarters = 4 * pattern.meter[0] / pattern.meter[1]
    head = (f"-- {_title(pattern)}", f"setcps ({pattern.tempo:g}/60/{quarters:g})", "d1 $ stack [")
    return "\n".join((*head, ",\n".join(lines), "  ]"))


def _title(pattern: Pattern) -> str:
    bars = f"{pattern.bars} bar{'s' * (pattern.bars != 1)}"
    return f"{bars} of {pattern.meter[0]}/{pattern.meter[1]} at {pattern.tempo:g} BPM, by drumtok"


def _used(pattern: Pattern, sounds: dict[str, str]) -> list[tuple[str, str]]:
    """Return the lanes that are hit, with their sounds; the first lane for a silent pattern."""
    hit = [LANES[drum] for drum in np.flatnonzero(pattern.hits.any(axis=0))] or [LANES[0]]
    return [(lane, sounds[lane]) for lane in hit]


def _cycles(pattern: Pattern, lane: str, sound: str = "") -> str:
    """Return the bars of a drum in mini-notation: its sound at each hit, or the gain of each hit."""
    levels = pattern.velocity[:, LANES.index(lane)].tolist()
    steps = [(sound or f"{level / 127:.2g}") if level else REST for level in levels]
    per_bar = pattern.steps_per_bar
    bars = [f"[{' '.join(steps[start : start + per_bar])}]" for start in range(0, len(steps), per_bar)]
    return bars[0] if len(bars) == 1 else f"<{' '.join(bars)}>"
