"""The loss curve of a run: its CSV logs drawn as a PNG."""

import csv
import io
import os
from pathlib import Path

from drumtok.runtime.files import write_atomically

METRICS = {"train_bits": "training, a word, with dropout", "val_bits": "validation, a step"}

Curve = tuple[list[int], list[float]]


def read_curves(logs: str | os.PathLike[str]) -> dict[str, Curve]:
    """Read metric -> (steps, values) from the `metrics.csv` of each folder in `logs`.

    A resumed run has a folder for each part; where parts overlap, the later one counts.
    """
    points: dict[str, dict[int, float]] = {metric: {} for metric in METRICS}
    files = Path(logs).glob("version_*/metrics.csv")
    for path in sorted(files, key=lambda path: int(path.parent.name.removeprefix("version_"))):
        with open(path, newline="", encoding="utf-8") as file:
            lines = [line for line in csv.DictReader(file) if line.get("step")]
        start = min((int(line["step"]) for line in lines), default=0)
        for metric, known in points.items():
            kept = {step: value for step, value in known.items() if step < start}
            points[metric] = kept | {int(line["step"]): float(line[metric]) for line in lines if line.get(metric)}
    return {metric: (list(known), list(known.values())) for metric, known in points.items()}


def draw_curves(logs: str | os.PathLike[str], path: str | os.PathLike[str]) -> None:
    """Draw bits over steps, of training and validation, to a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")  # not pyplot, which keeps state and selects a window system
    axes = figure.add_subplot(xlabel="step", ylabel="bits")
    for metric, (steps, values) in read_curves(logs).items():
        axes.plot(steps, values, label=METRICS[metric], marker="." if metric == "val_bits" else "")
    axes.grid(alpha=0.3)
    axes.legend()
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    write_atomically(path, picture.getvalue())
