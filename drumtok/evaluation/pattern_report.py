"""What `drumtok evaluate` tells: the rows of its tables, for people and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from drumtok.evaluation.bootstrap import COVERED, Estimate
from drumtok.evaluation.config import EvaluationConfig
from drumtok.evaluation.pattern_metrics import BARS_APART, Measures

PERCENT, BITS, PLAIN = "{:.1%}", "{:.3f}", "{:.2f}"
INTERVALS = (
    f"In brackets: where {COVERED} % of the figures lie when as many songs are drawn anew (bootstrap over songs)."
)
PLURALS = {"any": "songs", "beat": "beats", "fill": "fills"}


@dataclass(frozen=True)
class Row:
    """One line of the table of measures.

    Attributes:
        name: of the network's figure in `Measures.figures`, and in JSON.
        beside: name of the figure that stands beside it, empty where there is none.
        label: what it is; {kinds} is what the pieces are, {bar} the steps of a bar.
        style: how a figure is written.
        meaning: a sentence more, for the page.
    """

    name: str
    beside: str
    label: str
    style: str
    meaning: str


ROWS = (
    Row("bits_per_step", "", "bits per step", BITS, "The mean of -log2 p(word | all words before it in its song) over"
        " the hit words, from the start of each song without a primer; BAR is known and not counted."),
    Row("bits_per_step_kind_told", "", "bits per step, told which songs are fills", BITS, "The same, the network"
        " being told of each song whether it is a beat or a fill."),
    Row("bits_per_step_told", "", "bits per step, told all", BITS, "The same, the network being"
        " told these of each song."),
    Row("accuracy", "copy_accuracy", "next-step accuracy; beside it copying the last bar", PERCENT, "Share of the steps"
        " whose likeliest word is the right one."),
    Row("accuracy_kind_told", "", "next-step accuracy, told which songs are fills", PERCENT, "The same, being told."),
    Row("accuracy_told", "", "next-step accuracy, told all", PERCENT, "The same, being told."),
    Row("bar_validity", "", "bars closed after {bar} steps, without the grammar", PERCENT, "Over 1,000 bars written at"
        " temperature 1."),
    Row("copied", "natural_copied", "bars found in training", PERCENT, "Share of the bars that are not empty that stand"
        " word for word in a training song."),
    Row("copied_two", "natural_copied_two", "windows of two bars found in training", PERCENT, "The same of every two"
        " bars that follow each other."),
    Row("novelty", "natural_novelty", "novelty: hits from the nearest training bar", PLAIN, "The mean distance to the"
        " nearest training bar: hits that one has and the other has not, those of kick and snare counting double."),
    Row("repeated", "natural_repeated", "bars equal to the bar before", PERCENT, "Word for word."),
    *(
        Row(f"alike_{n}", f"natural_alike_{n}", f"likeness of bars {n} apart, {{kinds}}", PERCENT, "Share of their hits"
            " that both bars have, kick and snare counting double.")
        for n in BARS_APART
    ),
    Row("alike_8", "natural_alike_8", "likeness of bars 8 apart, pieces of 64 bars", PERCENT, "As above."),
    Row("steady", "", "pieces of 64 bars that are as steady as songs", PERCENT, "Share of those whose bars 8 apart are"
        " as alike, on average, as in the held-out songs but for the twentieth at either end."),
    Row("phrase_end", "natural_phrase_end", "change at the fourth bar of each four, pieces of 64 bars", PERCENT, "How"
        " unlike the bar before it is."),
    Row("phrase_inside", "natural_phrase_inside", "change at the second and third", PERCENT, "The same: fills stand at"
        " the ends of phrases if this is less."),
    Row("style", "natural_style", "style heard as asked for; beside it that of held-out songs", PERCENT, "Share of"
        " windows of two bars whose style a gradient-boosted classifier of training songs' windows tells."),
    Row("rolls", "natural_rolls", "trap: bars with a hat roll; beside it those of training songs", PERCENT, "Bars with"
        " a run of four or more closed hi-hats on thirty-seconds, in pieces that are asked for as trap."),
    Row("realism", "natural_realism", "realism AUC, two bars of {kinds}; beside it held-out against training", PLAIN,
        "How well a gradient-boosted classifier on rhythm features tells the pieces' windows of two bars from those"
        " that were played, of all splits: 0.5 not at all, 1 always. Folds are grouped by song; the mean of several"
        " sets of pieces."),
    Row("realism_later", "", "the same, four bars later", PLAIN, "Whether pieces go on as they begin."),
    Row("", "halves_realism", "the same, two halves of the training songs", PLAIN, "What chance alone gives."),
)  # fmt: skip


def table_rows(measures: Measures) -> Iterator[tuple[str, str, str, str]]:
    """(label, the network's figure, what stands beside it, meaning) of each row that was measured."""
    words = {"kinds": PLURALS[measures.kind], "bar": measures.pieces[0].shape[1]}
    for row in ROWS:
        ours, beside = (_written(measures.figures.get(name), row.style) for name in (row.name, row.beside))
        if ours or beside:
            label = row.label.format(**words) + f", {measures.steps:,} steps" * (row.name == "bits_per_step")
            yield label, ours, beside, row.meaning


def _written(figure: Estimate | None, style: str) -> str:
    if figure is None:
        return ""
    return f"{style.format(figure.value)} ({style.format(figure.low)} to {style.format(figure.high)})"


def feature_rows(measures: Measures) -> Iterator[tuple[str, str, str, str, str]]:
    """(feature, mean of the pieces, mean of the held-out songs, overlap, divergence) of each rhythm feature."""
    for name, found in measures.features.items():
        means = f"{found.mean_ours:.2f}", f"{found.mean_theirs:.2f}"
        yield name, *means, f"{found.overlap:.3f}", f"{found.divergence:.3f}"


def temperature_rows(measures: Measures) -> Iterator[tuple[str, str, str, str]]:
    """(temperature, entropy of a draw, bars equal to the bar before, distance to training) at each temperature."""
    styles = {"entropy": BITS, "repeated": PERCENT, "novelty": PLAIN}
    for temperature, figures in measures.temperatures.items():
        entropy, again, novelty = (_written(figures[name], style) for name, style in styles.items())
        yield f"{temperature:g}", entropy, again, novelty


def as_json(measures: Measures, config: EvaluationConfig) -> dict[str, Any]:
    """The figures by name, their intervals, the rhythm features, what was left out, and the settings."""
    return {
        "steps": measures.steps,
        **{name: figure.value for name, figure in measures.figures.items()},
        "intervals": {name: [figure.low, figure.high] for name, figure in measures.figures.items()},
        "features": {
            name: {
                "mean": found.mean_ours,
                "natural_mean": found.mean_theirs,
                "overlap": found.overlap,
                "divergence": found.divergence,
            }
            for name, found in measures.features.items()
        },
        "temperatures": {
            str(temperature): {name: figure.value for name, figure in figures.items()}
            for temperature, figures in measures.temperatures.items()
        },
        "left_out": measures.left_out,
        "settings": {**asdict(config), "kind": measures.kind},
    }
