"""`drumtok sample`: writes new patterns as MIDI files and prints them."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from drumtok.archives import PackConfig, Recipe, write_archives
from drumtok.commands.like import Like, like_option
from drumtok.commands.progress import Reruns, progress
from drumtok.engines import Workers
from drumtok.errors import DrumtokError
from drumtok.forms import formatted
from drumtok.kits import AudioConfig
from drumtok.midi_tracks import WritingConfig
from drumtok.options import arguments_of, parameters_of, settings_options
from drumtok.output import OutputConfig, player, write_beside
from drumtok.remote import address
from drumtok.sampling_config import SamplingConfig

MARK_STYLES = {"X": "bold yellow", "x": "green", "o": "dim green"}
REMADE = {"seed", "primer", "given", "checkpoint", *parameters_of(SamplingConfig, WritingConfig)}  # what --like takes


@click.command()
@settings_options(
    config=SamplingConfig,
    writing=WritingConfig,
    output=OutputConfig,
    audio=AudioConfig,
    packing=PackConfig,
    workers=Workers,
)
@like_option(REMADE)
@click.option("--seed", type=int, help="The same seed writes the same bytes.  [from 0; default drawn and printed]")
@click.option("--primer", type=click.Path(path_type=Path), help="A MIDI file to go on from; only new bars are written.")
@click.option(
    "--from", "given", type=click.Path(path_type=Path), help="The MIDI file that --keep and --fill-bars keep from."
)
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), help="The network to use.  [default the one that drumtok brings]"
)
@click.option("--out", type=click.Path(), help="MIDI file to write, or a folder for it.  [default drumtok-SEED.mid]")
@click.option(
    "--count",
    type=int,
    default=1,
    show_default=True,
    help="Patterns to write, from 1, with the seeds SEED, SEED + 1, ...",
)
def sample(
    config: SamplingConfig,
    writing: WritingConfig,
    output: OutputConfig,
    audio: AudioConfig,
    packing: PackConfig,
    workers: Workers,
    like: Like | None,
    seed: int | None,
    primer: Path | None,
    given: Path | None,
    checkpoint: Path | None,
    out: str | None,
    count: int,
) -> None:
    """Writes new drum patterns as MIDI files and prints them.

    What is printed is grid notation. With --count above 1 the name of each file has its seed in it. With --format
    a MIDI file is written only where --out says one. With --pack thousands go into archives, by all cores or a cluster;
    a run that was stopped goes on when the same command is given again, its --seed too. Each MIDI file says how it was
    made, and --like makes it again.
    """
    from drumtok.checkpoint import load_checkpoint
    from drumtok.files import data_path
    from drumtok.generation import DEFAULT_CHECKPOINT, fresh_seed, generate
    from drumtok.midi import to_midi_bytes, write_midi
    from drumtok.primers import read_primer
    from drumtok.provenance import paths_said, provenance

    first = fresh_seed() if seed is None else seed
    paths = _midi_paths(out, first, count) if packing.pack is None else []
    _check_packing(packing, workers, output, out, count)
    if paths:
        output.check_with(paths, audio)
    used = checkpoint or data_path(DEFAULT_CHECKPOINT)
    network = load_checkpoint(used)
    writing.check_with(network.grid)
    before = None if primer is None else read_primer(primer, network.grid)
    heard = click.get_current_context().with_resource(player(output, writing))
    around = None if given is None else read_primer(given, network.grid, "the file of --from")
    if config.greedy and count > 1:
        raise DrumtokError(f"greedy and count {count} are both given: allowed is one, for all would be the same")
    how = provenance(
        "sample",
        (*arguments_of(config, writing), *paths_said({"checkpoint": checkpoint, "primer": primer, "from": given})),
        {"checkpoint": used, "primer": primer, "from": given, "out-map": writing.own_map},
    )
    if like:
        like.tell(how)
    if packing.pack is not None and out is not None:
        _pack(
            Path(out), Recipe(used, config, writing, how, before, around), packing, range(first, first + count), workers
        )
        return
    for number, path in enumerate(paths, first):
        made = generate(before, **asdict(config), given=around, checkpoint=network, rng=number)
        settings = f"seed {number}, temperature {config.temperature}, top-p {config.top_p}, checkpoint {network.name}"
        source = config.said() + "".join(
            f", {what} {click.format_filename(pattern.name)}"
            for what, pattern in (("primer", before), ("from", around))
            if pattern is not None
        )
        text = how.led_by("--seed", str(number)).text
        files = [path] * (output.format is None or out is not None)
        for file in files:
            if like and out is None:
                like.check_over(file, to_midi_bytes(made, text=text, **asdict(writing)))
            write_midi(made, file, text=text, **asdict(writing))
        files += write_beside(made, path, output, audio, writing)
        if output.format is not None:
            click.echo(formatted(made, output.format, text, writing), nl=False)
        else:
            if number > first:
                click.echo()  # parts the patterns in grid notation
            click.echo(f"# {settings}{source}")
            print_grid(made.to_grid())
            click.echo("\n".join(f"# {click.format_filename(file)}" for file in files))
        heard(made)


def _check_packing(packing: PackConfig, workers: Workers, output: OutputConfig, out: str | None, count: int) -> None:
    """Whether what is told of archives goes together."""
    if packing.pack is None:
        if packing != PackConfig() or workers != Workers():
            raise DrumtokError("pack_size, engine, address and jobs are read with --pack alone")
    elif out is None or output != OutputConfig():
        raise DrumtokError(f"pack is {packing.pack}: allowed is it with --out, without --wav, --png, --format, --play")
    elif count < 1:
        raise DrumtokError(f"count is {count}: allowed is from 1")


def _pack(out: Path, recipe: Recipe, packing: PackConfig, seeds: range, workers: Workers) -> None:
    """Writes archives and prints what was written."""
    reruns = Reruns()
    with progress("writing", lambda: len(seeds)) as shown:
        archives = write_archives(out, recipe, packing, seeds, workers, shown, reruns.add)
    reruns.tell()
    click.echo(f"{len(seeds):,} patterns, seeds {seeds[0]} to {seeds[-1]}, in {archives:,} archives: {address(out)}")


def _midi_paths(out: str | None, first: int, count: int) -> list[Path]:
    """The file for each of the seeds from `first` on, its folder there already."""
    if count < 1:
        raise DrumtokError(f"count is {count}: allowed is from 1")
    is_folder = out is not None and (out.endswith(("/", os.sep)) or Path(out).is_dir())
    if out is None or is_folder:
        paths = [Path(out or "", f"drumtok-{seed}.mid") for seed in range(first, first + count)]
    elif count == 1:
        paths = [Path(out)]
    else:
        paths = [Path(out).with_stem(f"{Path(out).stem}-{seed}") for seed in range(first, first + count)]
    if not paths[0].parent.is_dir():
        raise DrumtokError(f"cannot write {str(paths[0])!r}: folder {str(paths[0].parent)!r} is not there")
    return paths


def print_grid(grid: str) -> None:
    """Prints grid notation, in colour where the terminal has it."""
    from rich.console import Console
    from rich.text import Text

    text = Text()
    for line in grid.splitlines():
        lane, bar, marks = line.partition("|")
        text.append(lane, "cyan")
        for mark in f"{bar}{marks}\n":
            text.append(mark, MARK_STYLES.get(mark, "bright_black"))
    Console().print(text, end="", soft_wrap=True)
