"""The command `drumtok`; `train.py` and `sample.py` at the root are thin doors to two of its commands."""

from importlib import import_module
from typing import Any

import click

from drumtok.errors import DrumtokError
from drumtok.version import __version__

# Command -> its module in `drumtok.cli`, and its name there. The module is imported when the command is asked for,
# so that each starts with what it needs alone.
COMMANDS = {
    "augment": ("augment", "augment"),
    "corpus": ("corpus", "corpus"),
    "curate": ("curate", "curate_command"),
    "decode": ("encode", "decode"),
    "encode": ("encode", "encode"),
    "evaluate": ("evaluate", "evaluate"),
    "humanise": ("humanise", "humanise_command"),
    "morph": ("vary", "morph_command"),
    "render": ("render", "render_command"),
    "sample": ("sample", "sample"),
    "serve": ("serve", "serve_command"),
    "standardise": ("standardise", "standardise_command"),
    "train": ("train", "train_command"),
    "vary": ("vary", "vary_command"),
}


class BadInput(click.ClickException):
    """One clear line instead of a traceback."""

    exit_code = 2


class Commands(click.Group):
    """The group of `COMMANDS`, which end with one clear line and exit code 2 on bad input, 130 on Ctrl-C."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"drumtok.cli.{module}"), name)
        return command

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
