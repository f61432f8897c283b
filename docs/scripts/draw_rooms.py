"""Draw the packages of drumtok and which import which, as docs/rooms.svg: python docs/scripts/draw_rooms.py."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = (
    ("errors, drums, notation",),
    ("runtime",),
    ("pattern",),
    ("midi",),
    ("tokenizer", "rendering"),
    ("dataset", "network"),
    ("sampling",),
    ("evaluation",),
    ("generation",),
    ("training",),
    ("web",),
    ("cli",),
)
WIDTH, HEIGHT, GAP = 190, 30, 16


def room(module: str) -> str:
    """The box of a module: `drumtok.midi.files` -> `midi`."""
    name = module.split(".")[1] if "." in module else ""
    return ROWS[0][0] if name in {"errors", "drums", "notation", "version"} else name


def edges() -> dict[tuple[str, str], int]:
    """How many imports go from one box to another."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for path in (ROOT / "drumtok").rglob("*.py"):
        own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("drumtok."):
                found[own, room(node.module)] += 1
    return {pair: count for pair, count in found.items() if pair[0] != pair[1] and "__init__" not in pair}


def main() -> None:
    """Write the picture: boxes from top (imported by all) to bottom, lines as thick as there are imports."""
    place = {}
    for y, row in enumerate(ROWS):
        for x, name in enumerate(row):
            place[name] = (40 + 260 * x + 130 * (2 - len(row)), 10 + y * (HEIGHT + GAP))
    lines = []
    for (own, other), count in sorted(edges().items()):
        if own not in place or other not in place:
            continue
        (x1, y1), (x2, y2) = place[own], place[other]
        side = x1 + WIDTH if x1 >= x2 else x1
        bend = (60 + 0.4 * abs(y1 - y2)) * (1 if x1 >= x2 else -1)
        end = x2 + WIDTH if x1 >= x2 else x2
        lines.append(
            f'<path d="M{side} {y1 + HEIGHT / 2} C{side + bend} {y1} {end + bend} {y2 + HEIGHT} {end} {y2 + HEIGHT / 2}"'
            f' stroke-width="{min(0.6 + count / 25, 4):.1f}"><title>{own} imports {other} {count} times</title></path>'
        )
    boxes = [
        f'<g><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + WIDTH / 2}" y="{y + 20}">{name}</text></g>'
        for name, (x, y) in place.items()
    ]
    height = 10 + len(ROWS) * (HEIGHT + GAP)
    (ROOT / "docs" / "rooms.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-120 0 980 {height}" font-family="sans-serif" font-size="14">\n'
        "<style>rect{fill:#fff3e0;stroke:#bf5b17}text{text-anchor:middle;fill:#222}path{fill:none;stroke:#999;opacity:.55}"
        "</style>\n" + "\n".join(lines + boxes) + "\n</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
