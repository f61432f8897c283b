"""`drumtok sound`: build corpora of one-shots, and train the sound model."""

from pathlib import Path

import rich_click as click

from drumtok.cli.progress import progress
from drumtok.cli.shared_options import PATH, out_and_sources
from drumtok.cli.terminal import note, quiet_option
from drumtok.dataset.one_shots.config import OneShotConfig
from drumtok.errors import DrumtokError
from drumtok.runtime.files import check_target
from drumtok.runtime.install import install_command
from drumtok.runtime.options import settings_options
from drumtok.training.sound_config import SoundTrainingConfig


@click.group("sound")
def sound_command() -> None:
    """Build corpora of one-shots, and train the sound model."""


@sound_command.group("corpus")
def sound_corpus() -> None:
    """Build corpora of one-shots."""


@sound_corpus.command("build")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="OUT FOLDER|ZIP...")
@click.option("--out", "-o", type=PATH, help="The corpus to write, instead of the argument OUT.")
@settings_options(config=OneShotConfig)
@quiet_option
def sound_corpus_build(config: OneShotConfig, paths: tuple[Path, ...], out: Path | None) -> None:
    """Build the corpus OUT, a new folder, from the one-shots of folders and zips.

    WAV files are read, and with the extra `sound` FLAC, Ogg, AIFF and MP3 files. The class of a sound comes from an
    index.csv (columns file and class; source, licence and original if known), or from its name or folders. Sounds
    become mono WAV files of 44,100 Hz that begin at the onset and have the same peak. Splits are by source: that of the
    index.csv, or the top folder. OUT/report.jsonl lists the files that were skipped, and why.
    """
    from drumtok.dataset.one_shots.build import REPORT, build_one_shots
    from drumtok.dataset.one_shots.files import list_one_shots
    from drumtok.tokenizer.splits import SPLITS

    out, sources = out_and_sources(paths, out)
    with progress("reading", lambda: sum(1 for source in sources for _ in list_one_shots(source))) as on_progress:
        built = build_one_shots(out, sources, config, on_progress)
    for split in SPLITS:
        counts = built.counts(split)
        listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        note(f"{split:10} {counts.total():8,} sounds  {listed}")
    note(f"skipped    {len(built.skipped):8,} files: {out / REPORT}")


@sound_command.command("train", epilog="Example:  drumtok sound train my-sounds.safetensors one-shots.zip")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="OUT FOLDER|ZIP...")
@click.option("--out", "-o", type=PATH, help="The file to write, instead of the argument OUT.")
@settings_options(config=SoundTrainingConfig)
@quiet_option
def sound_train(config: SoundTrainingConfig, paths: tuple[Path, ...], out: Path | None) -> None:
    """Train a sound model on the one-shots of folders and zips, and write it to OUT, a .safetensors file.

    Sounds, their classes and their sources are read as by drumtok sound corpus build. Training takes a few minutes on
    one core.
    """
    try:
        from drumtok.training.data.sound_vectors import read_sounds
        from drumtok.training.sound_training import save_sounds, train_sounds
    except ModuleNotFoundError as error:
        raise DrumtokError(f"training requires {error.name}: {install_command('train')}") from error
    out, sources = out_and_sources(paths, out)
    check_target(out)
    sounds = read_sounds(sources, config.held_out)
    note(f"# {len(sounds.vectors):,} sounds of {len(set(sounds.sources))} sources")
    save_sounds(train_sounds(sounds, config), sounds, config, out)
    note(f"# {click.format_filename(out)}")
