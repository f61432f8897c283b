"""A pattern in a notebook: its grid as inline SVG, readable on light and dark, above an audio player."""

from base64 import b64encode
from html import escape

import numpy as np

from drumtok.drums import DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering.kits import RATE

BARS_PER_ROW = 4
MAX_BARS = 32  # that are drawn; the others are only counted
MAX_SECONDS = 60.0  # of patterns with a player, 3.5 MB in the notebook
STEP, LANE, LABELS, GAP = 12, 14, 90, 18  # pixels


def pattern_html(pattern: Pattern) -> str:
    """Return the grid and, if it can be rendered, the sound of a pattern as HTML."""
    title = escape(" · ".join(filter(None, (pattern.name, pattern.style, repr(pattern)))))
    more = f"<div>… {pattern.bars - MAX_BARS} more bars</div>" if pattern.bars > MAX_BARS else ""
    return f"<div><div>{title}</div>{pattern_svg(pattern[:MAX_BARS])}{more}{_player(pattern)}</div>"


def pattern_svg(pattern: Pattern) -> str:
    """Draw a pattern as SVG: a lane for each drum that sounds, four bars to a row, louder hits more opaque.

    Lines and text have the colour of the surrounding text.

    >>> pattern_svg(Pattern.from_grid("kick |x---x---x---x---|")).count("<rect")
    4
    """
    lanes = np.flatnonzero(pattern.hits.any(axis=0)).tolist() or [0]
    rows = [pattern[first : first + BARS_PER_ROW] for first in range(0, pattern.bars, BARS_PER_ROW)]
    pitch = LANE * len(lanes) + GAP
    width = LABELS + STEP * max((row.steps for row in rows), default=0)
    drawn = "".join(
        f'<g transform="translate({LABELS} {number * pitch + GAP})">{_row(row, lanes, number * BARS_PER_ROW + 1)}</g>'
        for number, row in enumerate(rows)
    )
    size = f'width="{width + 2}" height="{pitch * len(rows) + 2}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-size="10" font-family="sans-serif" '
        f'fill="currentColor">{drawn}</svg>'
    )


def _row(pattern: Pattern, lanes: list[int], first_bar: int) -> str:
    """Draw up to four bars: bar and beat lines, the names of drums and bars, the hits at their onsets."""
    height, per_bar = LANE * len(lanes), pattern.steps_per_bar
    shapes = []
    for step in range(0, pattern.steps + 1):
        if step % per_bar in range(0, per_bar, pattern.grid):
            opacity = 0.7 if step % per_bar == 0 else 0.2
            shapes.append(f'<path d="M{step * STEP} 0V{height}" stroke="currentColor" opacity="{opacity}"/>')
    for bar in range(pattern.bars):
        shapes.append(f'<text x="{bar * per_bar * STEP + 2}" y="-4">{first_bar + bar}</text>')
    for n, lane in enumerate(lanes):
        shapes.append(f'<text x="-6" y="{n * LANE + 11}" text-anchor="end">{DRUMS[lane].name}</text>')
        for step in np.flatnonzero(pattern.hits[:, lane]).tolist():
            onset, opacity = (step + pattern.offset[step, lane]) * STEP, 0.25 + pattern.velocity[step, lane] / 170
            place = f'x="{onset + 1:.1f}" y="{n * LANE + 2}" width="{STEP - 3}" height="{LANE - 4}"'
            shapes.append(f'<rect {place} rx="2" fill="#e08214" opacity="{opacity:.2f}"/>')
    return "".join(shapes)


def _player(pattern: Pattern) -> str:
    """Return an audio element with a mono WAV at half the usual rate, or empty if it cannot be rendered."""
    from drumtok.rendering.audio import render
    from drumtok.rendering.wav_files import wav_bytes

    if not 0 < pattern.seconds <= MAX_SECONDS:
        return ""
    try:
        sound = render(pattern)
    except DrumtokError:  # the kits are not installed
        return ""
    mono = sound[: len(sound) // 2 * 2].mean(axis=1).reshape(-1, 2).mean(axis=1, keepdims=True)
    data = b64encode(wav_bytes(mono, RATE // 2)).decode()
    return f'<audio controls loop preload="none" src="data:audio/wav;base64,{data}"></audio>'
