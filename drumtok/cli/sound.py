"""`drumtok sound`: builds corpora of one-shots."""

from pathlib import Path

import rich_click as click

from drumtok.cli.progress import progress
from drumtok.cli.shared_options import PATH
from drumtok.cli.terminal import note, quiet_option
from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.runtime.options import settings_options


@click.group("sound")
def sound_command() -> None:
    """Data of the sound model."""


@sound_command.group("corpus")
def sound_corpus() -> None:
    """Corpora of one-shots."""


@sound_corpus.command("build")
@click.argument("out", type=PATH)
@click.argument("sources", nargs=-1, required=True, type=PATH, metavar="FOLDER|ZIP...")
@settings_options(config=OneShotConfig)
@quiet_option
def sound_corpus_build(config: OneShotConfig, out: Path, sources: tuple[Path, ...]) -> None:
    """Build the corpus OUT, a new folder, from the one-shots of folders and zips.

    WAV files are read, and FLAC, Ogg, AIFF and MP3 with the extra sound. The class of a sound is that of an index.csv
    (columns file and class; source, licence and original if known), or that which its name or its folders have. Sounds
    become mono WAV files of 44,100 Hz that begin at their onset and have one peak. Splits are by source: an index.csv
    has it, or it is the top folder. What was skipped, and why, stands in OUT/report.jsonl.
    """
    from drumtok.dataset.one_shots.build import REPORT, build_one_shots
    from drumtok.dataset.one_shots.files import list_one_shots
    from drumtok.tokenizer.splits import SPLITS

    with progress("reading", lambda: sum(1 for source in sources for _ in list_one_shots(source))) as on_progress:
        built = build_one_shots(out, sources, config, on_progress)
    for split in SPLITS:
        counts = built.counts(split)
        listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        note(f"{split:10} {counts.total():8,} sounds  {listed}")
    note(f"skipped    {len(built.skipped):8,} files: {out / REPORT}")
