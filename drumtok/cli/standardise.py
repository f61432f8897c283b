"""`drumtok standardise`: rewrite a loop pack as General MIDI drum files."""

from pathlib import Path

import rich_click as click

from drumtok.cli.progress import progress
from drumtok.cli.shared_options import PATH, complete_note_map, drums_option, out_of
from drumtok.cli.terminal import note, quiet_option
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import GM, MAP_HELP


@click.command("standardise")
@click.argument("pack", metavar="DIR", type=PATH)
@click.argument("folder", required=False, metavar="[OUT]", type=PATH)
@click.option("--out", "-o", type=PATH, help="The folder to write, instead of the argument OUT.")
@drums_option
@click.option("--out-map", default=GM, help=f"{MAP_HELP}  [default {GM}]", shell_complete=complete_note_map)
@quiet_option
def standardise_command(pack: Path, folder: Path | None, out: Path | None, drums: DrumsConfig, out_map: str) -> None:
    """Rewrite the loop pack DIR as General MIDI drum files in the new folder OUT.

    A file of one drum on any pitch goes to that drum's note on channel 10; the names of the file and its
    folders decide which drum it is (01_Kick.mid, Hats/Open 3.mid). Timing, velocities, tempo and length stay. Files
    of a whole kit are copied, or moved to channel 10 and the notes of --out-map; of damaged files, the readable part is
    written. OUT/report.jsonl has a line for each file. Exits with code 2 if every file is skipped.
    """
    out = out_of(folder, out)
    from drumtok.midi.events import SKIPPED
    from drumtok.midi.single_drum import STATUSES
    from drumtok.midi.standardise import REPORT, files_of, standardise
    from drumtok.midi.to_channel_10 import StandardConfig

    with progress("standardising", lambda: len(files_of(pack))) as show:
        counts = standardise(pack, out, lambda done: show(done, 0), config=StandardConfig(drums, out_map))
    figures = ", ".join(f"{status} {counts[status]:,}" for status in STATUSES)
    note(f"{figures} of {counts.total():,} files: {out / REPORT}")
    if counts[SKIPPED] == counts.total():
        raise DrumtokError(f"cannot use any of {counts.total():,} files: {str(out / REPORT)!r} has the reasons")
