"""The results of the ancestors, and the tables of them."""

from dataclasses import dataclass

from benchmarks.sound.metrics import MadeScore

REAL, DRUMTOK = "real", "drumtok"  # training sounds, and the model that comes with drumtok
OWN = "drumtok-trained"  # its kind of model, trained as the others are
HEAD = ("model", "weights", "steps", "recognised", "covered", "apart", "Frechet", "kernel", "found", "new", "nearest")


@dataclass(frozen=True)
class Task:
    """A model to train on the sounds of a class for some minutes of one core."""

    name: str
    sound_class: str
    minutes: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Result(MadeScore):
    """What a model is after its training, and the score of what it makes."""

    weights: int
    steps: int


def row_of(task: Task, result: Result) -> list[str]:
    """Return the row of a table for a model."""
    trained = (f"{number:,}" if number else "" for number in (result.weights, result.steps))
    row = [task.name, *trained, f"{result.heard:.0%}", f"{result.covered:.0%}", f"{result.apart:.1f} dB"]
    row += [f"{result.frechet:.1f}", f"{result.kernel:.0f}"]
    novelty = (f"{result.found:.0%}", f"{result.new:.0%}", f"{result.nearest:.1f} dB")
    return [*row, *(("", "", "") if task.name == REAL else novelty)]  # a training sound is found in training
