"""The provenance of MIDI files from the page, with which `drumtok sample --like` reproduces them."""

from dataclasses import replace
from pathlib import Path

from drumtok.errors import DrumtokError
from drumtok.generation.provenance import Provenance, path_arguments, provenance
from drumtok.generation.styling import styled
from drumtok.network.checkpoint import BUNDLED, checkpoint_file
from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
from drumtok.runtime.files import data_path
from drumtok.runtime.options import arguments_of
from drumtok.version import __version__
from drumtok.web.networks import Networks
from drumtok.web.requests import MidiExport

GROOVE = "groove"  # the name of the groove network among the files of a provenance


def server_provenance(checkpoint: Path | None, with_folders: bool) -> Provenance:
    """Return the common provenance of the files of a server: its checkpoints.

    Args:
        checkpoint: file or name, as on the command line.
        with_folders: whether to store the whole path instead of only the file name.

    Raises:
        DrumtokError: a checkpoint cannot be read.
    """
    is_public = checkpoint is None or with_folders or str(checkpoint) in BUNDLED
    path = checkpoint if is_public or checkpoint is None else checkpoint.name
    files = {"checkpoint": checkpoint_file(checkpoint), GROOVE: data_path(DEFAULT_GROOVE)}
    return provenance("sample", path_arguments({"checkpoint": path}), files)


def stamp_of(origin: Provenance | None) -> str | None:
    """Return an identifier of this version of drumtok with this checkpoint, or None without provenance."""
    return None if origin is None else f"{origin.version} {origin.files['checkpoint'][1]}"


def text_event(export: MidiExport, origin: Provenance | None, networks: Networks) -> str:
    """Return the text event of a MIDI file.

    Args:
        export: the request for the file.
        origin: the provenance of the server.
        networks: the networks of the server, one of which generated the pattern.

    Raises:
        DrumtokError: the request that generated the pattern has no seed, or has a kept pattern.
    """
    request = export.written_by
    if request is None or origin is None or export.stamp not in (None, stamp_of(origin)):
        return f"drumtok {__version__}: serve"
    if request.seed is None or request.kept_pattern is not None:
        raise DrumtokError("written_by must be a request with a seed and without around")
    name = networks.name_for(request)
    if name is not None:
        chosen = provenance("sample", path_arguments({"checkpoint": name}), {"checkpoint": checkpoint_file(name)})
        origin = replace(origin, options=chosen.options, files={**origin.files, **chosen.files})
    files = {what: file for what, file in origin.files.items() if what != GROOVE or request.expression.plays}
    config = styled(request.config(), networks.batcher_for(request).engine.checkpoint)
    options = (*arguments_of(config, request.expression, export.midi_config), *origin.options)
    return replace(origin, options=("--seed", str(request.seed), *options), files=files).text
