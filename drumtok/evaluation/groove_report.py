"""What `drumtok evaluate` tells of a groove network: the rows of its tables, for people and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from drumtok.evaluation.bootstrap import Estimate
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.groove_metrics import GrooveMeasures

# label, the network's figure, the baselines' figures with what they are
ROWS = (
    ("timing, mean absolute error in ms", "timing", (("on the grid", "timing.grid"), ("median", "timing.median"))),
    ("velocity, mean absolute error", "velocity", (("one velocity", "velocity.one"), ("median", "velocity.median"))),
    ("nats per hit, before any is played", "nats.told", (("histogram", "nats.histogram"),)),
    ("nats per hit, those before being known", "nats", (("histogram", "nats.histogram"),)),
    (
        "AUC, drawn against played, two bars",
        "auc",
        (("each file by itself", "auc.files"), ("independent noise", "auc.noise")),
    ),
)
BASELINES = (
    "Beside it: the median or the histogram of each drum and step of the training songs, and normal noise of each "
    "drum's mean and spread."
)


def groove_rows(measures: GrooveMeasures) -> Iterator[tuple[str, str, str]]:
    """What was measured, the network's figure with its interval, and those of the baselines."""
    for label, name, baselines in ROWS:
        if name in measures.figures:
            beside = [f"{what} {measures.figures[own].value:.2f}" for what, own in baselines]
            yield label, _told(measures.figures[name]), ", ".join(beside)


def divergence_rows(measures: GrooveMeasures) -> Iterator[tuple[str, ...]]:
    """Of each drum, the divergence of velocity and of offset, each with that of noise beside it."""
    for drum in measures.divergences["velocity"]:
        pairs = (measures.divergences[values][drum] for values in ("velocity", "offset"))
        yield drum, *(f"{figure:.3f}" for pair in pairs for figure in pair)


def groove_json(measures: GrooveMeasures, config: EvaluationConfig) -> dict[str, Any]:
    """All of it, of plain types."""
    return {
        "split": config.split,
        "source": config.source,
        "seed": config.seed,
        "hits": measures.hits,
        **{name: asdict(figure) for name, figure in measures.figures.items()},
        "divergence": {
            values: {drum: {"drawn": ours, "noise": noise} for drum, (ours, noise) in drums.items()}
            for values, drums in measures.divergences.items()
        },
    }


def _told(figure: Estimate) -> str:
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"
