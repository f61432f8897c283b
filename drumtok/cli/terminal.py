"""Terminal output of all commands: `--quiet`, and the notes that it silences."""

from collections.abc import Callable, Sequence

import rich_click as click

QUIET = "drumtok.quiet"
SHOWN = 10  # skipped files that are listed


def quiet_option(command: Callable) -> Callable:
    """Decorate a click command with `--quiet`, under which `note` prints nothing."""

    def keep(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        context.meta[QUIET] = value

    decorated: Callable = click.option(
        "--quiet", "-q", is_flag=True, expose_value=False, callback=keep, help="Print only errors."
    )(command)
    return decorated


def is_quiet() -> bool:
    """Return whether `--quiet` was given."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(QUIET))


def report_skipped(reasons: Sequence[str]) -> None:
    """Print on standard error which files were skipped and why, at most `SHOWN` of them.

    Args:
        reasons: a line for each file, its name first.
    """
    for reason in reasons[:SHOWN]:
        note(f"skipped {printable(reason)}", err=True)
    if len(reasons) > SHOWN:
        note(f"skipped {len(reasons) - SHOWN:,} more", err=True)


def report_others(names: Sequence[str]) -> None:
    """Print how many files have other endings, which a report does not list."""
    if names:
        note(f"other kinds{len(names):10,} files, such as {printable(names[0])}")


def printable(text: str) -> str:
    """Return a text with escapes for bytes of a file's name that are not UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def note(text: str = "", *, err: bool = False) -> None:
    """Print a line about what was done, unless `--quiet` was given."""
    if not is_quiet():
        click.echo(text, err=err)
