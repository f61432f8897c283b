"""Make docs/styles.md, every style with its rules and four grooves: python docs/scripts/make_styles.py."""

from pathlib import Path

from drumtok.dataset.starter import starter_grooves
from drumtok.generation.generate import generate
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import Signature, signatures

PAGE = Path(__file__).resolve().parents[1] / "styles.md"
SEEDS = (1, 2)  # of the written pieces, not chosen
BARS = 2
GROOVES = starter_grooves()
HEAD = """# Styles

The styles that `--style` takes, in any usual spelling: `--style "Hip Hop"` and `--style dnb` work too. A style sets the
tempo and the swing unless they are given, the kit of `--wav`, and how loud kicks and snares are. It also has rules for
its hits, which are kept as data in [`datasets/styles.toml`](reference/formats.md#styles). `--strictness` sets how
strongly a pattern is held to them, and of `--candidates` patterns the one that breaks the fewest rules is kept.
`drumtok styles --rules` prints the rules.

Each style below has two examples, written by `drumtok sample --style STYLE --bars 2` with `--seed 1` and `--seed 2` and
not selected, and the first bars of up to two grooves that were written by hand. `python docs/scripts/make_styles.py`
makes this page.
"""


def section(own: Signature) -> str:
    """Write the section of a style."""
    slowest, usual, fastest = own.tempo
    meters = ", ".join("{}/{}".format(*meter) for meter in own.meters)
    facts = f"{slowest:g} to {fastest:g} BPM, usually {usual:g}; {meters}; {own.feel}."
    lines = [f"## {own.title}", "", f"`--style {own.name}`. {facts}", ""]
    lines += [*(f"- {rule.text}" for rule in own.rules), ""]
    if own.usual:
        lines += ["New patterns also keep these:", "", *(f"- {rule.text}" for rule in own.usual), ""]
    if own.source:
        lines += [f"Source: {own.source}.", ""]
    for seed in SEEDS:
        lines += [*block(f"seed {seed}", generate(seed, style=own.name, bars=BARS)), ""]
    for groove in written(own.name):
        lines += [*block(groove.name, groove[0:BARS]), ""]
    return "\n".join(lines)


def block(title: str, pattern: Pattern) -> list[str]:
    """Write a pattern as a block of grid notation."""
    return [f"{title}:", "", "```text", *pattern.to_grid().splitlines(), "```"]


def written(style: str) -> list[Pattern]:
    """Return the first starter grooves of a style, if it has some."""
    return [groove for groove in GROOVES if groove.style == style][: len(SEEDS)]


if __name__ == "__main__":
    PAGE.write_text(HEAD + "\n" + "\n".join(map(section, signatures().values())), encoding="utf-8")
