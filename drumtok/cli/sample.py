"""`drumtok sample`: writes new patterns as MIDI files and prints them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drumtok.cli.delivery import Delivery, about
from drumtok.cli.like import Like, like_option
from drumtok.cli.output import OutputConfig, player
from drumtok.cli.progress import Reruns, progress
from drumtok.errors import DrumtokError
from drumtok.generation.config import ChoosingConfig, ExpressionConfig, PackConfig
from drumtok.generation.provenance import paths_said, provenance
from drumtok.midi.writer import MidiConfig
from drumtok.rendering.kits import AudioConfig
from drumtok.runtime.options import arguments_of, parameters_of, settings_options
from drumtok.runtime.workers import Workers
from drumtok.sampling.config import SamplingConfig

if TYPE_CHECKING:
    from drumtok.generation.archives import PatternJob
    from drumtok.generation.generate import Sources
    from drumtok.network.checkpoint import Checkpoint

REMADE = {
    *("seed", "primer", "given", "groove_from", "checkpoint"),
    *parameters_of(SamplingConfig, ExpressionConfig, MidiConfig),
}  # what --like takes


@click.command()
@settings_options(
    config=SamplingConfig, expression=ExpressionConfig, writing=MidiConfig, output=OutputConfig, audio=AudioConfig
)
@settings_options(choosing=ChoosingConfig, packing=PackConfig, workers=Workers)
@like_option(REMADE)
@click.option("--seed", type=int, help="The same seed writes the same bytes.  [from 0; default drawn and printed]")
@click.option(
    "--primer",
    type=click.Path(path_type=Path),
    help="A MIDI file to go on from; only new bars are written.  [default none]",
)
@click.option(
    "--from",
    "given",
    type=click.Path(path_type=Path),
    help="The MIDI file that --keep and --fill-bars keep from.  [default none]",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="The network to use: a file or 'thirtyseconds'.  [default the one that drumtok brings]",
)
@click.option(
    "--groove-from",
    type=click.Path(path_type=Path),
    help="A take whose feel --dynamics and --timing follow.  [default none]",
)
@click.option("--out", type=click.Path(), help="MIDI file to write, or a folder for it.  [default drumtok-SEED.mid]")
@click.option(
    "--count",
    type=int,
    default=1,
    help="Patterns to write, with the seeds SEED, SEED + 1, ...  [from 1; default 1]",
)
def sample(
    config: SamplingConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    output: OutputConfig,
    audio: AudioConfig,
    choosing: ChoosingConfig,
    packing: PackConfig,
    workers: Workers,
    like: Like | None,
    seed: int | None,
    primer: Path | None,
    given: Path | None,
    groove_from: Path | None,
    checkpoint: Path | None,
    out: str | None,
    count: int,
) -> None:
    """Writes new drum patterns as MIDI files and prints them.

    What is printed is grid notation. With --count above 1 the name of each file has its seed in it; with --best the
    best come first. With --format a MIDI file is written only where --out says one. With --pack thousands go into
    archives, by all cores or a cluster; a run that was stopped goes on when the same command is given again, its --seed
    too. Each MIDI file says how it was made, and --like makes it again.

    Loops breathe as a drummer's do (--dynamics), but stay on the grid unless --timing says how far they go off it.
    """
    from drumtok.generation.generate import Sources, generate_with
    from drumtok.generation.randomness import fresh_seed
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
    from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
    from drumtok.runtime.files import data_path
    from drumtok.sampling.primers import read_primer

    first = fresh_seed() if seed is None else seed
    paths = _midi_paths(out, first, count) if packing.pack is None else []
    _check_packing(packing, workers, output, choosing, out, count)
    choosing.check_with(count)
    if config.greedy and count > 1:
        raise DrumtokError(f"greedy and count {count} are both given: allowed is one, for all would be the same")
    if paths:
        output.check_with(paths[: choosing.best], audio)
    used = checkpoint_file(checkpoint)
    network = load_checkpoint(used)
    writing.check_with(network.grid)
    before = None if primer is None else read_primer(primer, network.grid)
    on_bar = click.get_current_context().with_resource(player(output, writing))
    kept_pattern = None if given is None else read_primer(given, network.grid, "the file of --from")
    take = None if groove_from is None else read_primer(groove_from, network.grid, "the file of --groove-from")
    files = {"primer": primer, "from": given, "groove-from": groove_from}
    drummer = data_path(DEFAULT_GROOVE) if expression.plays and take is None else None
    how = provenance(
        "sample",
        (*arguments_of(config, expression, writing), *paths_said({"checkpoint": checkpoint, **files})),
        {"checkpoint": used, **files, "groove": drummer, "out-map": writing.own_map},
    )
    sources = Sources(before, kept_pattern, groove_from=take)
    if like:
        like.tell(how)
    numbers: Sequence[int] = range(first, first + count)
    if packing.pack is not None and out is not None:
        from drumtok.generation.archives import PatternJob

        job = PatternJob(used, config, expression, writing, how, sources)
        _pack(Path(out), job, packing, range(first, first + count), workers)
        return
    if choosing.best is not None:
        numbers = _best(choosing.best, choosing.by, range(first, first + count), config, network, sources)
        click.echo(f"# the best {choosing.best} of {count} by {choosing.by}", err=output.format is not None)
    delivery = Delivery(writing, output, audio, like, out, how, about(config, network, before, kept_pattern))
    for number in numbers:
        made = generate_with(config, number, sources=sources, expression=expression, checkpoint=network)
        if number != numbers[0] and output.format is None:
            click.echo()  # parts the patterns in grid notation
        delivery.give(made, number, paths[number - first])
        on_bar(made)


def _best(
    best: int,
    by: str,
    seeds: range,
    config: SamplingConfig,
    network: "Checkpoint",
    sources: "Sources",
) -> list[int]:
    """The seeds of the best; each pattern is to be made anew, alone, so that its file can be made again by its seed."""
    from drumtok.generation.best_of import chosen
    from drumtok.generation.compose import conditioning_for
    from drumtok.generation.engines import engine_of
    from drumtok.generation.generate import generate_many_with

    many = generate_many_with(config, seeds, sources=sources, checkpoint=network)
    return [seeds[place] for place in chosen(engine_of(network), many, best, by, conditioning_for(config, network))]


def _check_packing(
    packing: PackConfig,
    workers: Workers,
    output: OutputConfig,
    choosing: ChoosingConfig,
    out: str | None,
    count: int,
) -> None:
    """Whether what is told of archives goes together."""
    if packing.pack is None:
        if packing != PackConfig() or workers != Workers():
            raise DrumtokError("pack_size, engine, address and jobs are read with --pack alone")
    elif out is None or output != OutputConfig() or choosing != ChoosingConfig():
        raise DrumtokError(
            f"pack is {packing.pack}: allowed is it with --out, without --wav, --png, --format, --play, --best"
        )
    elif count < 1:
        raise DrumtokError(f"count must be at least 1, got {count}")


def _pack(out: Path, job: "PatternJob", packing: PackConfig, seeds: range, workers: Workers) -> None:
    """Writes archives and prints what was written."""
    from drumtok.generation.archives import write_archives
    from drumtok.runtime.remote import address

    reruns = Reruns()
    with progress("writing", lambda: len(seeds)) as on_progress:
        archives = write_archives(out, job, packing, seeds, workers, on_progress, reruns.add)
    reruns.tell()
    click.echo(f"{len(seeds):,} patterns, seeds {seeds[0]} to {seeds[-1]}, in {archives:,} archives: {address(out)}")


def _midi_paths(out: str | None, first: int, count: int) -> list[Path]:
    """The file for each of the seeds from `first` on, its folder there already."""
    if count < 1:
        raise DrumtokError(f"count must be at least 1, got {count}")
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
