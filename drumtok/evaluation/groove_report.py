"""The report of `drumtok evaluate` on a groove network, as tables and as JSON."""

from dataclasses import asdict
from typing import Any

from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.groove_metrics import GrooveMetrics
from drumtok.evaluation.report import Row, Table, metrics_table, with_deprecated_names

HISTOGRAM = (("histogram", "nats.histogram"),)
ROWS = (
    Row("timing", "timing, mean absolute error in ms", compared=(("on the grid", "timing.grid"),
        ("median", "timing.median"))),
    Row("timing.within", "the same, without each song's median error",
        compared=(("on the grid", "timing.within.grid"),)),
    Row("velocity", "velocity, mean absolute error", compared=(("one velocity", "velocity.one"),
        ("median", "velocity.median"))),
    Row("nats.before", "nats per hit, before any is played", compared=HISTOGRAM),
    Row("nats", "nats per hit, given those before", compared=HISTOGRAM),
    Row("auc", "AUC, drawn against played, two bars", compared=(("each file by itself", "auc.files"),
        ("independent noise", "auc.noise"))),
)  # fmt: skip
BASELINES_NOTE = (
    "For comparison: the median or the histogram of each drum and step of the training songs, and normal noise with "
    "each drum's mean and spread."
)
DEPRECATED_NAMES = {"nats.before": "nats.told"}


def groove_table(metrics: GrooveMetrics, head: tuple[str, ...]) -> Table:
    """Build the table of the metrics, compared with the baselines."""
    return metrics_table(ROWS, metrics.figures, head)


def divergence_table(metrics: GrooveMetrics) -> Table:
    """Build the table of each drum's divergence of velocity and of offset, each followed by that of noise."""
    rows = []
    for drum in metrics.divergences["velocity"]:
        pairs = (metrics.divergences[values][drum] for values in ("velocity", "offset"))
        rows.append((drum, *(f"{figure:.3f}" for pair in pairs for figure in pair)))
    return Table(("divergence", "velocity", "of noise", "offset", "of noise"), rows)


def groove_json(metrics: GrooveMetrics, config: EvaluationConfig) -> dict[str, Any]:
    """Return the metrics with their confidence intervals, the divergences, and the settings."""
    return {
        "split": config.split,
        "source": config.source,
        "seed": config.seed,
        "hits": metrics.hits,
        **with_deprecated_names({name: asdict(figure) for name, figure in metrics.figures.items()}, DEPRECATED_NAMES),
        "divergence": {
            values: {drum: {"drawn": ours, "noise": noise} for drum, (ours, noise) in drums.items()}
            for values, drums in metrics.divergences.items()
        },
    }
