"""`--like FILE`: a command takes the options that a file says it was made with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click

from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, read_provenance


@dataclass(frozen=True)
class Like:
    """A file to make again.

    Attributes:
        path: the file.
        made: what made it.
    """

    path: Path
    made: Provenance

    def tell(self, now: Provenance) -> None:
        """Says on standard error, in one line for each, what is not as it was."""
        for difference in self.made.differences(now):
            click.echo(
                f"{click.format_filename(self.path)} was made with {difference}: what is made now may differ", err=True
            )

    def check_over(self, path: Path, data: bytes) -> None:
        """Checks that nothing else is written over the file itself.

        Raises:
            DrumtokError: the path is the file's, and the data differ from what is in it.
        """
        if path.exists() and path.samefile(self.path) and path.read_bytes() != data:
            raise DrumtokError(
                f"{str(path)!r} would be overwritten, and what is made now differs: give it another --out"
            )


def like_option(own: set[str]) -> Callable[[Callable], Callable]:
    """Decorates a click command with `--like`; the command gets it as a `Like` or None.

    Options given beside it go before those of the file.

    Args:
        own: what click calls the options and arguments that a file may say.
    """

    def take_over(context: click.Context, parameter: click.Parameter, path: Path | None) -> Like | None:
        if path is None:
            return None
        made, command = read_provenance(path), context.command
        if made.command != command.name:
            raise DrumtokError(f"{str(path)!r} was made by another command: drumtok {made.line}")
        said = _said(path, made, context)
        unknown = sorted(said.keys() - own)
        if unknown:
            raise DrumtokError(f"{str(path)!r} says {unknown[0]!r}, which is not how a pattern is made")
        context.default_map = said
        return Like(path, made)

    return click.option(
        "--like",
        type=click.Path(path_type=Path),
        is_eager=True,  # before the options whose defaults it changes
        callback=take_over,
        help="Make this MIDI file again, with the options given beside.",
    )


def _said(path: Path, made: Provenance, context: click.Context) -> dict[str, Any]:
    """What click calls each option that the file says -> its value, as on the command line."""
    try:
        said, rest, _ = context.command.make_parser(context).parse_args(args=list(made.options))
    except click.UsageError as error:
        raise DrumtokError(f"{str(path)!r} says what this version of drumtok does not know: {error.message}") from None
    if rest:
        raise DrumtokError(f"{str(path)!r} says {rest[0]!r}, which is no option")
    return dict(said)
