"""`drumtok train`: train a network."""

from dataclasses import fields
from pathlib import Path

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from drumtok.cli.shared_options import PATH
from drumtok.errors import DrumtokError
from drumtok.network.config import GrooveConfig, ModelConfig
from drumtok.runtime.install import install_command
from drumtok.runtime.options import settings_options
from drumtok.training.config import TrainingConfig


@click.command("train")
@click.option(
    "--task",
    type=click.Choice(["pattern", "groove", "plan"]),
    default="pattern",
    show_default=True,
    help="What the network learns: patterns; how hits are played (velocity and timing, for drumtok humanise); or to "
    "plan long pieces bar by bar, with the network of --init.",
)
@click.option("--corpus", type=PATH, help="The corpus; by default one is built from the fetched sources.")
@click.option("--out", "-o", type=PATH, help="Folder of the run; by default runs/ with date and time.")
@click.option("--resume", type=PATH, help="Folder or checkpoint of a run to continue.")
@click.option("--init", type=PATH, help="An exported network to start from, trained on any corpus.")
@settings_options(model=ModelConfig, training=TrainingConfig)
def train_command(
    model: ModelConfig,
    training: TrainingConfig,
    task: str,
    corpus: Path | None,
    out: Path | None,
    resume: Path | None,
    init: Path | None,
) -> None:
    """Train a network on a corpus.

    --resume continues an interrupted run with its settings, of which some can be changed by options. --init starts a
    new run from the weights of another, to fine-tune it on a new corpus. --task plan only takes --epochs and --seed of
    the other options, and adds its weights to those of --init.
    """
    try:
        from drumtok.training.run_planning import plan_run
        from drumtok.training.trainer import train
    except ModuleNotFoundError as error:
        raise DrumtokError(f"training requires {error.name}: {install_command('train')}") from error
    context = get_current_context()
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if task == "plan":
        _train_plans(training, corpus, out, resume, init, given)
        return
    shape = model if task == "pattern" else _groove_shape(model, given)
    run = plan_run(shape, training, corpus=corpus, out=out, resume=resume, init=init, given=given)
    train(run, click.echo)


def _groove_shape(model: ModelConfig, given: list[str]) -> GrooveConfig:
    """Return the shape of a groove network, with the given settings.

    Raises:
        DrumtokError: a groove network does not have a given setting.
    """
    own = {f.name for f in fields(GrooveConfig)}
    settings = [f.name for f in fields(ModelConfig) if f.metadata]
    for name in ({*settings, "augment"} - own) & set(given):
        raise DrumtokError(f"{name} is given: a groove network has none")
    return GrooveConfig(**{name: getattr(model, name) for name in settings if name in own and name in given})


def _train_plans(
    training: TrainingConfig,
    corpus: Path | None,
    out: Path | None,
    resume: Path | None,
    init: Path | None,
    given: list[str],
) -> None:
    """Give the network of `init` a bar clock and a plan reader.

    Raises:
        DrumtokError: `init` is missing, or an option is given that this task does not have.
    """
    from drumtok.training.planning import PlanConfig, train_plans

    if init is None:
        raise DrumtokError("--task plan requires --init, the network that plays what is planned")
    if resume is not None:
        raise DrumtokError("--resume cannot be combined with --task plan, which takes minutes")
    own = {f.name for f in fields(PlanConfig)}
    settings = {f.name for f in (*fields(ModelConfig), *fields(TrainingConfig)) if f.metadata}
    for name in sorted(settings - own):
        if name in given:
            raise DrumtokError(f"--{name.replace('_', '-')} cannot be combined with --task plan")
    config = PlanConfig(**{name: getattr(training, name) for name in own if name in given})
    train_plans(init, corpus, out, config, click.echo)
