"""The click commands; `train.py` and `sample.py` at the root are thin doors to two of them."""

from typing import Any

import click

from drumtok import __version__
from drumtok.errors import DrumtokError


class Commands(click.Group):
    """A group whose commands end with one clear line and exit code 2 on bad input, 130 on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DrumtokError as error:
            problem = click.ClickException(str(error))
            problem.exit_code = 2
            raise problem from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="drumtok")
def main() -> None:
    """Drum patterns that a model writes, a person steers and a DAW plays."""
