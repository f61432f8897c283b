"""The command `drumtok`; `train.py` and `sample.py` at the root are thin doors to two of its commands."""

from typing import Any

import click

from drumtok.commands.augment import augment
from drumtok.commands.corpus import corpus
from drumtok.commands.curate import curate_command
from drumtok.commands.encode import decode, encode
from drumtok.commands.evaluate import evaluate
from drumtok.commands.humanise import humanise_command
from drumtok.commands.render import render_command
from drumtok.commands.sample import sample
from drumtok.commands.serve import serve_command
from drumtok.commands.standardise import standardise_command
from drumtok.commands.train import train_command
from drumtok.commands.vary import morph_command, vary_command
from drumtok.errors import DrumtokError
from drumtok.version import __version__


class BadInput(click.ClickException):
    """One clear line instead of a traceback."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands end with one clear line and exit code 2 on bad input, 130 on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DrumtokError as error:
            raise BadInput(str(error)) from error
        except KeyboardInterrupt as stop:  # a command may raise it anew with what to tell
            click.echo(f"\n{stop}".rstrip() or "\nstopped", err=True)
            ctx.exit(130)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="drumtok")
def main() -> None:
    """Drum patterns that a model writes, a person steers and a DAW plays."""


for command in (
    *(augment, corpus, curate_command, decode, encode, evaluate, humanise_command, morph_command, render_command),
    *(sample, serve_command, standardise_command, train_command, vary_command),
):
    main.add_command(command)
