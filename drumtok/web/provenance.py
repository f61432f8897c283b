"""How a MIDI file from the page was made, so that `drumtok sample --like` makes it again."""

from dataclasses import replace
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, paths_said, provenance
from drumtok.network.checkpoint import BUNDLED, checkpoint_file
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
from drumtok.runtime.files import data_path
from drumtok.runtime.options import arguments_of
from drumtok.version import __version__
from drumtok.web.requests import MidiExport

DRUMMER = "groove"  # what the network that plays is called among the files


def origin_of(checkpoint: Path | None, conditioning: bool) -> Provenance:
    """What the networks of a server are.

    Args:
        checkpoint: as on the command line.
        conditioning: whether a path may be told; else its file's name stands for it.

    Raises:
        DrumtokError: a network cannot be read.
    """
    said = checkpoint if checkpoint is None or conditioning or str(checkpoint) in BUNDLED else checkpoint.name
    files = {"checkpoint": checkpoint_file(checkpoint), DRUMMER: data_path(DEFAULT_GROOVE)}
    return provenance("sample", paths_said({"checkpoint": said}), files)


def stamp_of(origin: Provenance | None) -> str | None:
    """What tells this drumtok with this network from others; None where nothing does."""
    return None if origin is None else f"{origin.version} {origin.files['checkpoint'][1]}"


def text_for(wanted: MidiExport, origin: Provenance | None) -> str:
    """What the text event of a file says.

    Raises:
        DrumtokError: what is said to have written the pattern is more than a seed and settings.
    """
    made = wanted.written_by
    if made is None or origin is None or wanted.stamp not in (None, stamp_of(origin)):
        return f"drumtok {__version__}: serve"
    if made.seed is None or made.kept_pattern is not None:
        raise DrumtokError(
            "written_by has no seed, or goes around a pattern: allowed is what a seed alone writes again"
        )
    files = {what: file for what, file in origin.files.items() if what != DRUMMER or made.expression.plays}
    options = (*arguments_of(made.config, made.expression, wanted.writing), *origin.options)
    return replace(origin, options=("--seed", str(made.seed), *options), files=files).text
