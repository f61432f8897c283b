"""Draw the packages of drumtok and which import which, as docs/rooms.svg: python docs/scripts/draw_rooms.py."""

import ast
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Rows from what all rooms import to what no room imports, each room with its column.
ROWS: tuple[dict[str, float], ...] = (
    {"errors, drums, grids, notation": 1},
    {"runtime": 0.5, "pattern": 1.5},
    {"midi": 1, "sound": 2},
    {"exchange": 0.25},
    {"tokenizer": 0.5, "rendering": 2},
    {"dataset": 0, "network": 1},
    {"sampling": 1},
    {"evaluation": 0.5},
    {"generation": 1.25, "library": 0.25},
    {"training": 0.5, "web": 1.25, "connect": 2},
    {"cli": 1.25},
)
WIDTH, HEIGHT, GAP, COLUMN = 200, 30, 26, 240  # pixels


def room(module: str) -> str:
    """Return the box of a module: `drumtok.midi.files` -> `midi`."""
    name = module.split(".")[1] if "." in module else ""
    return next(iter(ROWS[0])) if name in {"errors", "drums", "grids", "notation", "version"} else name


def edges() -> set[tuple[str, str]]:
    """Return (room, room that it imports) of every import."""
    found = set()
    for path in (ROOT / "drumtok").rglob("*.py"):
        own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("drumtok."):
                found.add((own, room(node.module)))
    return found


def shortest(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out an import against the order of `ROWS`, and one that a chain of other imports implies.

    >>> shortest([("cli", "web"), ("web", "midi"), ("cli", "midi"), ("midi", "cli")])
    [('cli', 'web'), ('web', 'midi')]
    """
    rank = {name: y for y, row in enumerate(ROWS) for name in row}
    down = {(own, other): None for own, other in found if rank.get(own, 0) > rank.get(other, len(ROWS))}
    reached = {name: {name} for name in rank}
    for name in rank:  # what a room imports comes before it in ROWS
        reached[name] |= {far for own, other in down if own == name for far in reached[other]}
    return [
        (own, other)
        for own, other in down
        if not any(start == own and middle != other and other in reached[middle] for start, middle in down)
    ]


def main() -> None:
    """Write the picture: each room below those that it imports, with lines to the nearest of them."""
    place = {
        name: (10 + round(COLUMN * x), 10 + y * (HEIGHT + GAP)) for y, row in enumerate(ROWS) for name, x in row.items()
    }
    lines = []
    for own, other in sorted(shortest(edges())):
        (x1, y1), (x2, y2) = place[own], place[other]
        start, end, half = y1, y2 + HEIGHT, WIDTH / 2
        lines.append(
            f'<path d="M{x1 + half} {start} L{x2 + half} {end}" marker-end="url(#head)">'
            f"<title>{own} imports {other}</title></path>"
        )
    boxes = [
        f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + WIDTH / 2}" y="{y + 20}">{name}</text></g>'
        for name, (x, y) in place.items()
    ]
    width, height = 20 + 2 * COLUMN + WIDTH, 20 + len(ROWS) * (HEIGHT + GAP) - GAP
    (ROOT / "docs" / "rooms.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="14">\n'
        "<style>rect{fill:#fff3e0;stroke:#bf5b17}text{text-anchor:middle;fill:#222}"
        "path{fill:none;stroke:#888;stroke-width:1.5}marker path{fill:#888}</style>\n"
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8Z"/></marker>\n' + "\n".join(lines + boxes) + "\n</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
