"""`--like FILE`: take the options that a file was made with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from drumtok.cli.shared_options import PATH
from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, read_provenance


@dataclass(frozen=True)
class Like:
    """A file to reproduce.

    Attributes:
        path: the file.
        made: how it was made.
    """

    path: Path
    made: Provenance

    def warn(self, now: Provenance) -> None:
        """Print on standard error which inputs or versions have changed since the file was made."""
        for difference in self.made.differences(now):
            click.echo(
                f"{click.format_filename(self.path)} was made with {difference}, so the result may differ", err=True
            )

    def check_over(self, path: Path, data: bytes) -> None:
        """Check that the file itself is not overwritten with other data.

        Raises:
            DrumtokError: the path is that of the file, and the data differ.
        """
        if path.exists() and path.samefile(self.path) and path.read_bytes() != data:
            raise DrumtokError(f"cannot write {str(path)!r}: it would be overwritten with another result, use --out")


def like_option(own: set[str]) -> Callable[[Callable], Callable]:
    """Decorate a click command with `--like`; the command receives a `Like` or None.

    Options on the command line take precedence over those of the file.

    Args:
        own: click's names of the options and arguments that a file may hold.
    """

    def take_over(context: click.Context, parameter: click.Parameter, path: Path | None) -> Like | None:
        if path is None:
            return None
        made, command = read_provenance(path), context.command
        if made.command != command.name:
            raise DrumtokError(f"--like must be a file of drumtok {command.name}, got one of: drumtok {made.line}")
        options = _options(path, made, context)
        unknown = sorted(options.keys() - own)
        if unknown:
            raise DrumtokError(
                f"cannot use --like {str(path)!r}: it holds {unknown[0]!r}, which does not determine a pattern"
            )
        context.default_map = options
        return Like(path, made)

    return click.option(
        "--like",
        type=PATH,
        is_eager=True,  # before the options whose defaults it changes
        callback=take_over,
        help="Reproduce this MIDI file; options change it.",
    )


def options_of_file(path: Path, context: click.Context) -> dict[str, Any]:
    """Return the options of a file that the same command made; empty for any other or unreadable file."""
    try:
        made = read_provenance(path)
        return _options(path, made, context) if made.command == context.command.name else {}
    except DrumtokError:
        return {}


def _options(path: Path, made: Provenance, context: click.Context) -> dict[str, Any]:
    """Return the options that the file holds: click's name -> value, as on the command line."""
    try:
        options, rest, _ = context.command.make_parser(context).parse_args(args=list(made.options))
    except click.UsageError as error:
        raise DrumtokError(
            f"cannot use --like {str(path)!r}: this version of drumtok does not know an option: {error.message}"
        ) from None
    if rest:
        raise DrumtokError(f"cannot use --like {str(path)!r}: {rest[0]!r} is not an option")
    return dict(options)
