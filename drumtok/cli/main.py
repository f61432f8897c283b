"""The command `drumtok`; `train.py` and `sample.py` at the root run two of its commands."""

import os
from importlib import import_module
from typing import Any

import rich_click as click
from click.core import Group

from drumtok.cli.streams import guarded_streams, output_error
from drumtok.errors import DrumtokError, did_you_mean
from drumtok.runtime.threads import start_without_threads
from drumtok.version import __version__

# Heading -> command -> its module in `drumtok.cli`, and its name there. A module is imported when its command is run,
# so that each command imports only what it needs.
PANELS = {
    "Write": {
        "sample": ("sample", "sample"),
        "song": ("song", "song_command"),
        "vary": ("vary", "vary_command"),
        "morph": ("vary", "morph_command"),
        "curate": ("curate", "curate_command"),
        "pack": ("pack", "pack_command"),
        "styles": ("styles", "styles_command"),
    },
    "Change and listen": {
        "humanise": ("humanise", "humanise_command"),
        "render": ("render", "render_command"),
        "standardise": ("standardise", "standardise_command"),
        "serve": ("serve", "serve_command"),
        "site": ("site_build", "site_command"),
    },
    "Sounds": {
        "kit": ("kit", "kit_command"),
    },
    "Other programs": {
        "find": ("find", "find_command"),
        "mcp": ("assistant", "mcp_command"),
        "osc": ("osc", "osc_command"),
    },
    "Data": {
        "corpus": ("corpus", "corpus"),
        "sound": ("sound", "sound_command"),
        "maps": ("maps", "maps_command"),
        "encode": ("encode", "encode"),
        "decode": ("encode", "decode"),
        "augment": ("augment", "augment"),
    },
    "Train and measure": {
        "train": ("train", "train_command"),
        "evaluate": ("evaluate", "evaluate"),
    },
}
COMMANDS = {name: place for panel in PANELS.values() for name, place in panel.items()}
SPELLINGS = {"humanize": "humanise", "standardize": "standardise"}


class BadInput(click.ClickException):
    """One clear line instead of a traceback."""

    exit_code = 2


class Commands(click.RichGroup):
    """The commands of `PANELS`; bad input ends with one clear line and exit code 2, Ctrl-C with 130."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = SPELLINGS.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module, function = COMMANDS[name]
        command: click.Command = getattr(import_module(f"drumtok.cli.{module}"), function)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = did_you_mean(args[0], (*COMMANDS, *SPELLINGS)) if args else ""
        if near and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(f"No such command {args[0]!r}{near}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run a command; errors are printed as one line, not as a panel."""
        start_without_threads()
        if os.environ.get("_DRUMTOK_COMPLETE", "").startswith("fish"):
            import_module("drumtok.cli.fish_completion")
        with guarded_streams():
            try:
                return Group.main(self, *args, **settings)
            except SystemExit as stop:
                error = output_error()
                if error and not isinstance(error, BrokenPipeError) and not stop.code:
                    click.echo(f"Error: cannot write standard output: {error.strerror}", err=True)
                    raise SystemExit(BadInput.exit_code) from None
                raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DrumtokError as error:
            raise BadInput(str(error)) from error
        except OSError as error:  # a file system that fails while a command works
            if error.filename is None:
                raise
            raise BadInput(f"cannot use {str(error.filename)!r}: {error.strerror}") from error
        except KeyboardInterrupt as stop:  # a command may re-raise it with a message
            click.echo(f"\n{stop}".rstrip() or "\nstopped", err=True)
            ctx.exit(130)


def _panels(group: Any) -> Any:
    """Decorate the group with the headings of `PANELS`."""
    for heading, commands in PANELS.items():
        group = click.command_panel(heading, commands=list(commands))(group)
    return group


@_panels
@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="drumtok")
def main() -> None:
    """Drum patterns that a model writes, a person steers and a DAW plays."""
