"""Train the models that drumtok's sound model descends from, and measure what they make beside it.

    python -m benchmarks.sound.ancestors --sounds ONE_SHOTS vae-0.001 --minutes 1.5
    python -m benchmarks.sound.ancestors --sounds ONE_SHOTS
    python -m benchmarks.sound.ancestors --sounds ONE_SHOTS --markdown

ONE_SHOTS is a folder of real one-shots with an index.csv (file, class, source, original). Each is trained on the
training sounds of one class for the same minutes of one core, measured by the metrics of `benchmarks.sound.measure`,
and kept in OUT: its result as a line of results.jsonl, and three sounds after a quarter of the minutes and at the
end. A model that has a result is not trained again. Without a name all are trained.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import numpy as np
import torch

from benchmarks.results import Results, show
from benchmarks.sound.ancestors.base import FRAMES
from benchmarks.sound.ancestors.families import ANCESTORS
from benchmarks.sound.ancestors.own import OwnModel
from benchmarks.sound.ancestors.tables import DRUMTOK, HEAD, OWN, REAL, Result, Task, row_of
from benchmarks.sound.ancestors.training import KEPT, Waves, keep_sounds, make_sounds, train
from benchmarks.sound.measure import MADE, draw
from benchmarks.sound.metrics import MadeScore, classifier, evenly, heard, score_made
from benchmarks.sound.real_sounds import LANES, RealSounds
from drumtok.sound.likeness import log_mel
from drumtok.sound.voices import SoundModel


class Bench:
    """The real sounds of a class, and what trains and measures models on them.

    Args:
        out: the folder for the sounds that models make.
    """

    def __init__(self, real: RealSounds, sound_class: str, out: Path) -> None:
        self._real, self._class, self._out = real, sound_class, out / sound_class
        lanes = np.isin(real.classes, LANES) & ~real.held_out
        self._hear = classifier(real.spectra[lanes], real.classes[lanes])
        self._models = ANCESTORS | {OWN: partial(OwnModel, sound_class=sound_class)}
        self._own = ~real.held_out & (real.classes == sound_class)

    def run(self, task: Task) -> Result:
        """Train a model, keep sounds of it, and measure it."""
        if task.name in (REAL, DRUMTOK):
            return Result(weights=0, steps=0, **vars(self._reference(task.name)))
        with torch.random.fork_rng():
            torch.manual_seed(task.seed)
            ancestor = self._models[task.name](torch.from_numpy(self._waves()))
            keep = partial(keep_sounds, folder=self._out, name=task.name)
            steps = train(
                ancestor, 60 * task.minutes, lambda seconds: keep(make_sounds(ancestor, KEPT), seconds=seconds)
            )
            made = make_sounds(ancestor, MADE)
        keep(made, seconds=60 * task.minutes)
        weights = sum(parameter.numel() for parameter in ancestor.parameters())
        return Result(weights=weights, steps=steps, **vars(self._score(made)))

    def _waves(self) -> Waves:
        chosen = [self._real.waves[index][:FRAMES] for index in np.flatnonzero(self._own)]
        return np.array([np.pad(wave, (0, FRAMES - len(wave))) for wave in chosen], np.float32)

    def _reference(self, name: str) -> MadeScore:
        if name == REAL:
            other = self._real.held_out & (self._real.classes == self._class)
            own = evenly(self._real.spectra[self._own], MADE)
            score = score_made(own, self._real, self._class, self._hear)
            # the classifier was trained on the training sounds
            return replace(score, heard=heard(self._hear, self._real.spectra[other], self._class))
        return self._score(draw(SoundModel.load(), self._class, LANES.index(self._class))[0])

    def _score(self, waves: list[Waves] | Waves) -> MadeScore:
        spectra = np.array([log_mel(wave) for wave in waves], np.float32)
        return score_made(spectra, self._real, self._class, self._hear)


@click.command(context_settings={"show_default": True})
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice([REAL, DRUMTOK, OWN, *ANCESTORS]))
@click.option("--sounds", required=True, type=click.Path(path_type=Path), help="Folder of real one-shots.")
@click.option("--minutes", default=1.5, help="Minutes of one core that each is trained for.")
@click.option("--class", "sound_class", default="snare", type=click.Choice(LANES), help="Class of the sounds.")
@click.option("--seed", default=0, help="Seed of the weights, the batches and the sounds.")
@click.option("--out", default=Path("runs/ancestors"), type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--markdown", is_flag=True, help="Print the results there are as Markdown, and train nothing.")
def main(
    names: tuple[str, ...], sounds: Path, minutes: float, sound_class: str, seed: int, out: Path, markdown: bool
) -> None:
    """Train and measure models of one-shots."""
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    results: Results[Task, Result] = Results(out / "results.jsonl", Task, Result)
    tasks = [Task(name, sound_class, minutes, seed) for name in names or (REAL, DRUMTOK, OWN, *ANCESTORS)]
    if not markdown:
        bench = Bench(RealSounds.read(sounds), sound_class, out)
        for task, result in results.make(tasks, bench.run):
            click.echo(" ".join(row_of(task, result)))
    known = results.known()
    show(HEAD, [row_of(task, known[task]) for task in tasks if task in known], markdown)


if __name__ == "__main__":
    main()
