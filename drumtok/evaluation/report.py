"""Tables of metrics, which the terminal and the HTML report show, and the JSON names that they share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drumtok.evaluation.bootstrap import CONFIDENCE, Estimate

PERCENT, BITS, PLAIN = "{:.1%}", "{:.3f}", "{:.2f}"
INTERVALS_NOTE = f"In brackets: {CONFIDENCE} % confidence intervals (bootstrap over songs)."


@dataclass(frozen=True)
class Row:
    """One row of the table of metrics.

    Attributes:
        name: the name of the metric, also in JSON; empty for a row with only a comparison.
        label: its label.
        style: the format of its value.
        meaning: an explanation for the HTML report.
        compared: (label, name) of each metric for comparison; one without a label is shown with its interval.
    """

    name: str
    label: str
    style: str = PLAIN
    meaning: str = ""
    compared: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        head: the titles of the columns.
        rows: the cells of each row.
        meanings: an explanation of each row, or nothing.
    """

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    meanings: tuple[str, ...] = ()


def metrics_table(
    rows: Iterable[Row], figures: Mapping[str, Estimate], head: tuple[str, ...], words: Mapping[str, Any] | None = None
) -> Table:
    """Build the table of the available metrics.

    Args:
        rows: the rows, in order.
        figures: name -> metric; rows without any of their metrics are left out.
        head: the titles of the three columns.
        words: replaces {placeholders} in the labels.
    """
    cells: list[tuple[str, ...]] = []
    meanings = []
    for row in rows:
        value = format_estimate(figures.get(row.name), row.style)
        compared = ", ".join(
            _compared(figures[name], label, row.style) for label, name in row.compared if name in figures
        )
        if value or compared:
            cells.append((row.label.format(**words or {}), value, compared))
            meanings.append(row.meaning)
    return Table(head, cells, tuple(meanings))


def _compared(figure: Estimate, label: str, style: str) -> str:
    return f"{label} {style.format(figure.value)}" if label else format_estimate(figure, style)


def format_estimate(figure: Estimate | None, style: str = PLAIN) -> str:
    """Format a metric with its confidence interval; nothing for None.

    >>> format_estimate(Estimate(0.5, 0.25, 0.75), PERCENT)
    '50.0% (25.0% to 75.0%)'
    """
    if figure is None:
        return ""
    return f"{style.format(figure.value)} ({style.format(figure.low)} to {style.format(figure.high)})"


def with_deprecated_names(figures: dict[str, Any], deprecated: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures, also under their deprecated JSON names of version 0.5, which the next version drops.

    >>> with_deprecated_names({"new": 1}, {"new": "old", "other": "older"})
    {'new': 1, 'old': 1}
    """
    return figures | {old: figures[name] for name, old in deprecated.items() if name in figures}
