"""The report of `drumtok evaluate` on a pattern network, as tables and as JSON."""

from dataclasses import asdict
from typing import Any

from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.pattern_metrics import BARS_APART, PatternMetrics
from drumtok.evaluation.report import (
    BITS,
    PERCENT,
    PLAIN,
    Row,
    Table,
    format_estimate,
    metrics_table,
    with_deprecated_names,
)
from drumtok.evaluation.style_fidelity import Kept

PLURALS = {"any": "songs", "beat": "beats", "fill": "fills"}
DEPRECATED_NAMES = {
    "bits_per_step_given_kind": "bits_per_step_kind_told",
    "bits_per_step_given_labels": "bits_per_step_told",
    "accuracy_given_kind": "accuracy_kind_told",
    "accuracy_given_labels": "accuracy_told",
}


def _row(name: str, label: str, style: str, meaning: str, compared: str | None = None) -> Row:
    """Build a row that is compared with held-out songs, or with another metric."""
    return Row(name, label, style, meaning, (("", compared or f"natural_{name}"),))


ROWS = (
    Row("bits_per_step", "bits per step, {steps:,} steps", BITS, "The mean of -log2 p(word | all earlier words of its"
        " song) over the hit words, from the start of each song without a primer; BAR is known and not counted."),
    Row("bits_per_step_given_kind", "bits per step, given the kind", BITS, "The same, conditioned on whether the song"
        " is a beat or a fill."),
    Row("bits_per_step_given_labels", "bits per step, given all labels", BITS, "The same, conditioned on the kind,"
        " style, tempo and source of the song."),
    _row("bits_late", "bits per step in bars 9 and later; compared with bars 1 to 4", BITS, "Whether the network makes"
         " use of the song so far.", "bits_early"),
    _row("accuracy", "next-step accuracy; compared with copying the last bar", PERCENT, "Fraction of the steps whose"
        " likeliest word is the right one.", "copy_accuracy"),
    Row("accuracy_given_kind", "next-step accuracy, given the kind", PERCENT, "The same, conditioned on the kind."),
    Row("accuracy_given_labels", "next-step accuracy, given all labels", PERCENT, "The same, conditioned on all."),
    Row("bar_validity", "bars closed after {bar} steps, without the grammar", PERCENT, "Over 1,000 bars generated at"
        " temperature 1."),
    _row("copied", "bars found in training", PERCENT, "Fraction of the non-empty bars that occur word for word in a"
        " training song."),
    _row("copied_two", "windows of two bars found in training", PERCENT, "The same for every two consecutive bars."),
    _row("novelty", "novelty: hits from the nearest training bar", PLAIN, "Mean distance to the nearest training bar:"
        " the hits that only one of the two bars has, those of kick and snare counted twice."),
    _row("repeated", "bars equal to the bar before", PERCENT, "Bars with exactly the same words."),
    *(
        _row(f"alike_{n}", f"similarity of bars {n} apart, {{kinds}}", PERCENT, "Fraction of their hits that both bars"
             " have, those of kick and snare counted twice.")
        for n in BARS_APART
    ),
    _row("alike_8", "similarity of bars 8 apart, pieces of 64 bars", PERCENT, "As above."),
    Row("steady", "pieces of 64 bars that are as steady as songs", PERCENT, "Fraction of the pieces whose mean"
        " similarity of bars 8 apart lies between the 5th and the 95th percentile of the held-out songs."),
    _row("phrase_end", "change at the fourth bar of each four, pieces of 64 bars", PERCENT, "How much the bar differs"
         " from the bar before it."),
    _row("phrase_inside", "change at the second and third", PERCENT, "The same: fills end phrases if this is lower."),
    _row("style", "style recognised as requested; compared with held-out songs", PERCENT, "Fraction of the windows of"
         " two bars whose style a gradient-boosted classifier, fitted to training songs, recognises."),
    _row("style_3", "the same among the three likeliest styles", PERCENT, "As above."),
    Row("style_kept", "pieces that keep the rules of the requested style, mean of styles; compared with real grooves",
        PERCENT, "Fraction of the pieces of 4 bars, generated in each style at the defaults, that keep all rules of its"
        " signature; compared with songs of the style (or starter grooves without such songs), and pieces without a"
        " style.", (("", "natural_style_kept"), ("without a style", "no_style_kept"))),
    _row("rolls", "trap: bars with a hat roll; compared with training songs", PERCENT, "Bars with a run of four or more"
         " closed hi-hats on thirty-seconds, in pieces of style trap."),
    _row("realism", "realism AUC, two bars of {kinds}; compared with held-out against training songs", PLAIN,
         "How well a gradient-boosted classifier on rhythm features separates the pieces' windows of two bars from"
         " played ones of all splits: 0.5 is chance, 1 always right. Folds are grouped by song; the mean of several"
         " sets of pieces."),
    Row("realism_later", "the same, four bars later", PLAIN, "Whether pieces continue as they begin."),
    _row("", "the same, two halves of the training songs", PLAIN, "What chance alone gives.", "halves_realism"),
)  # fmt: skip


def pattern_table(metrics: PatternMetrics, head: tuple[str, ...]) -> Table:
    """Build the table of the metrics."""
    words = {"kinds": PLURALS[metrics.kind], "bar": metrics.pieces[0].shape[1], "steps": metrics.steps}
    return metrics_table(ROWS, metrics.figures, head, words)


def feature_table(metrics: PatternMetrics, name: str, compared: str) -> Table:
    """Build the table of the rhythm features: means of the pieces and of held-out songs, overlap and divergence."""
    rows = [
        (
            label,
            *(f"{mean:.2f}" for mean in (own.mean_ours, own.mean_theirs)),
            f"{own.overlap:.3f}",
            f"{own.divergence:.3f}",
        )
        for label, own in metrics.features.items()
    ]
    return Table(("rhythm feature, mean", name, compared, "overlap", "divergence"), rows)


def temperature_table(metrics: PatternMetrics) -> Table:
    """Build the table of the metrics of pieces at each temperature."""
    styles = {"entropy": BITS, "repeated": PERCENT, "novelty": PLAIN}
    rows = [
        (f"{temperature:g}", *(format_estimate(figures[name], style) for name, style in styles.items()))
        for temperature, figures in metrics.temperatures.items()
    ]
    head = ("temperature", "bits of a draw", "bars equal to the bar before", "hits from the nearest training bar")
    return Table(head, rows)


def style_table(metrics: PatternMetrics) -> Table:
    """Build the table of style fidelity: the fraction of pieces that keep all rules of each style."""
    rows: list[tuple[str, ...]] = [
        (name, _share(own.asked), _share(own.real), _share(own.no_style), own.asked.broken)
        for name, own in metrics.styles.items()
    ]
    return Table(("style", "pieces that keep its rules", "real grooves", "without a style", "broken most often"), rows)


def _share(kept: Kept) -> str:
    return f"{kept.fraction:.0%} of {kept.pieces}" if kept.pieces else ""


def pattern_json(metrics: PatternMetrics, config: EvaluationConfig) -> dict[str, Any]:
    """Return the metrics by name, their confidence intervals, rhythm features, missing metrics, and the settings."""
    values = {name: figure.value for name, figure in metrics.figures.items()}
    intervals = {name: [figure.low, figure.high] for name, figure in metrics.figures.items()}
    return {
        "steps": metrics.steps,
        **with_deprecated_names(values, DEPRECATED_NAMES),
        "intervals": with_deprecated_names(intervals, DEPRECATED_NAMES),
        "features": {
            name: {
                "mean": own.mean_ours,
                "natural_mean": own.mean_theirs,
                "overlap": own.overlap,
                "divergence": own.divergence,
            }
            for name, own in metrics.features.items()
        },
        "styles": {name: own.as_data() for name, own in metrics.styles.items()},
        "temperatures": {
            str(temperature): {name: figure.value for name, figure in figures.items()}
            for temperature, figures in metrics.temperatures.items()
        },
        "left_out": metrics.left_out,
        "settings": {**asdict(config), "kind": metrics.kind},
    }
