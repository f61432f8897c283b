"""Terminal output common to all commands: `--quiet`, and notes that it silences."""

from collections.abc import Callable

import rich_click as click

QUIET = "drumtok.quiet"


def quiet_option(command: Callable) -> Callable:
    """Decorate a click command with `--quiet`, under which `note` prints nothing."""

    def keep(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        context.meta[QUIET] = value

    decorated: Callable = click.option(
        "--quiet", "-q", is_flag=True, expose_value=False, callback=keep, help="Print errors alone."
    )(command)
    return decorated


def is_quiet() -> bool:
    """Return whether the command was asked to print errors alone."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(QUIET))


def note(text: str = "", *, err: bool = False) -> None:
    """Print a line about what was done, unless `--quiet` was given."""
    if not is_quiet():
        click.echo(text, err=err)
