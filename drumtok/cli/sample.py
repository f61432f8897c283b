"""`drumtok sample`: write new patterns as MIDI files and print them."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from drumtok.cli.delivery import Delivery, about
from drumtok.cli.inputs import Inputs
from drumtok.cli.like import Like, like_option
from drumtok.cli.output import OutputConfig, player
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, is_folder_name, make_folder
from drumtok.cli.pack import write_packs
from drumtok.cli.progress import progress
from drumtok.cli.shared_options import COMPLETERS, PATH, checkpoint_option, drums_option, rare_options_last, seed_option
from drumtok.cli.show_plan import show_plan_option
from drumtok.cli.sources import warn_of_meter
from drumtok.cli.streams import output_error
from drumtok.cli.styling import network_of, with_kit, with_style
from drumtok.cli.terminal import is_quiet, note, quiet_option
from drumtok.errors import DrumtokError
from drumtok.generation.config import ChoosingConfig, ExpressionConfig, PackConfig
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import own_map
from drumtok.midi.onsets import followed_file
from drumtok.midi.writer import MidiConfig
from drumtok.rendering.kits import DETAILS, AudioConfig
from drumtok.runtime.options import parameters_of, settings_options
from drumtok.runtime.workers import Workers
from drumtok.sampling.config import KEEP, WHAT, SamplingConfig

if TYPE_CHECKING:
    from drumtok.sampling.song_plan import Section

REMADE = {
    *("seed", "primer", "given", "groove_from", "checkpoint"),
    *parameters_of(SamplingConfig, ExpressionConfig, MidiConfig, DrumsConfig),
}  # the options that --like takes from a file


def input_options(command: Callable) -> Callable:
    """Decorate a command with the options for input files."""
    options = (
        ("--primer", "primer", "MIDI file to continue."),
        ("--from", "given", "MIDI file that --keep and --fill-bars keep from."),
        ("--groove-from", "groove_from", "MIDI file whose dynamics and timing to copy."),
    )
    for flag, name, text in reversed(options):
        command = click.option(flag, name, type=PATH, help=text, panel=KEEP)(command)
    return command


@click.command
@rare_options_last
@settings_options(
    COMPLETERS,
    hidden=DETAILS,
    config=SamplingConfig,
    expression=ExpressionConfig,
    writing=MidiConfig,
    output=OutputConfig,
    audio=AudioConfig,
    choosing=ChoosingConfig,
)
@settings_options(packing=PackConfig, workers=Workers, hidden=True)  # of the deprecated --pack, now `drumtok pack`
@click.option("--count", type=int, default=1, help="Patterns, with seeds SEED, SEED + 1, ...  [default 1]", panel=WHAT)
@input_options
@show_plan_option
@drums_option
@like_option(REMADE)
@seed_option
@checkpoint_option
@click.option("--out", "-o", type=click.Path(readable=False), help="MIDI file or folder.  [default drumtok-SEED.mid]")
@force_option
@quiet_option
def sample(
    config: SamplingConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    output: OutputConfig,
    audio: AudioConfig,
    choosing: ChoosingConfig,
    packing: PackConfig,
    workers: Workers,
    drums: DrumsConfig,
    like: Like | None,
    seed: int | None,
    out: str | None,
    count: int,
    show_plan: bool,
    **files: Path | None,
) -> None:
    """Write new drum patterns as MIDI files, and print them as grids.

    A file holds its options; --like reproduces it. A style sets tempo, swing and kit. Hits have a drummer's
    velocities (--dynamics) on the grid (--timing 0).

    \b
    Examples:
    drumtok sample --style funk --tempo 96
    drumtok sample --count 10 --out sketches/
    drumtok sample --keep kick --from beat.mid --out hats.mid
    """
    from drumtok.generation.randomness import fresh_seed

    _check_count(count, config, choosing)
    first = fresh_seed() if seed is None else seed
    seeds = range(first, first + count)
    paths = [] if packing.pack else _midi_paths(out, seeds)
    _check_packing(packing, workers, output, choosing, out)
    if paths:
        output.check_with(paths[: choosing.best], audio)
        maps = (writing.own_map, own_map(drums.note_map))
        read = (*files.values(), *maps, followed_file(config.follow), *audio.kit_files)
        check_outputs(_written(paths, output, out), read)
    inputs, config, writing = _read(config, writing, drums, files, again=like is not None)
    how = inputs.provenance(config, expression, writing)
    if like:
        like.warn(how)
    if packing.pack is not None and out is not None:
        write_packs(Path(out), inputs, config, expression, writing, how, packing, seeds, workers)
        return
    if _written(paths, output, out):
        make_folder(paths[0].parent)
    printed = about(config, inputs.network, inputs.primer, inputs.kept_from)
    audio = with_kit(audio, config.style)
    delivery = Delivery(writing, output, audio, like, out, how, printed, inputs.source, _planned(config, show_plan))
    _write(inputs, config, expression, choosing, delivery, seeds, paths)


def _read(
    config: SamplingConfig, writing: MidiConfig, drums: DrumsConfig, files: dict[str, Path | None], again: bool
) -> tuple[Inputs, SamplingConfig, MidiConfig]:
    """Read the input files; return them, and the settings completed by them and by the style."""
    if not again:  # a file that is reproduced has its network among its options
        files = files | {"checkpoint": files["checkpoint"] or network_of(config.style)}
    inputs = Inputs.read(**files, drums=drums, meter=config.meter)
    config, writing = with_style(config, writing, inputs, again=again)
    writing.check_with(inputs.network.grid)
    warn_of_meter(config.meter, inputs.network.grid)
    return inputs, config, writing


def _write(
    inputs: Inputs,
    config: SamplingConfig,
    expression: ExpressionConfig,
    choosing: ChoosingConfig,
    delivery: Delivery,
    seeds: range,
    paths: list[Path],
) -> None:
    """Write, play and deliver each pattern, or the best of them."""
    from drumtok.generation.generate import generate_with

    play = get_current_context().with_resource(player(delivery.output, delivery.writing))
    printed = delivery.output.format is None and not is_quiet()
    numbers: Sequence[int] = seeds
    if choosing.best is not None:
        numbers = _best(choosing, seeds, config, inputs)
        note(f"# the best {choosing.best} of {len(seeds)} by {choosing.by}", err=delivery.output.format is not None)
    # The printed patterns show the progress; a progress bar would interrupt them.
    shows = len(numbers) > 1 and not (printed and sys.stdout.isatty())
    bar: Any = progress("writing", lambda: len(numbers)) if shows else nullcontext(lambda done, before: None)
    with bar as on_progress:
        for done, number in enumerate(numbers, 1):
            made = generate_with(
                config, number, sources=inputs.sources, expression=expression, checkpoint=inputs.network
            )
            if number != numbers[0] and printed:
                click.echo()  # an empty line between patterns in grid notation
            delivery.give(made, number, paths[number - seeds[0]])
            play(made)
            on_progress(done, 0)
            if output_error() and not (delivery.writes_files or delivery.output.play):
                return  # the only output is printed, and its reader has gone


def _best(choosing: ChoosingConfig, seeds: range, config: SamplingConfig, inputs: Inputs) -> list[int]:
    """Return the seeds of the best patterns; each is generated again alone, so that its seed reproduces its file."""
    from drumtok.generation.best_of import chosen
    from drumtok.generation.compose import conditioning_for
    from drumtok.generation.engines import engine_of
    from drumtok.generation.generate import generate_many_with

    assert choosing.best is not None
    network = inputs.network
    many = generate_many_with(config, seeds, sources=inputs.sources, checkpoint=network)
    places = chosen(engine_of(network), many, choosing.best, choosing.by, conditioning_for(config, network))
    return [seeds[place] for place in places]


def _check_count(count: int, config: SamplingConfig, choosing: ChoosingConfig) -> None:
    """Check how many patterns are written."""
    if count < 1:
        raise DrumtokError(f"count must be at least 1, got {count}")
    choosing.check_with(count)
    if config.greedy and count > 1:
        raise DrumtokError("--greedy cannot be combined with --count above 1, because all patterns would be the same")


def _check_packing(
    packing: PackConfig, workers: Workers, output: OutputConfig, choosing: ChoosingConfig, out: str | None
) -> None:
    """Check the options of the deprecated `sample --pack`."""
    if packing.pack is None:
        if packing != PackConfig() or workers != Workers():
            raise DrumtokError("options of drumtok pack cannot be combined with drumtok sample")
    elif out is None or output != OutputConfig() or choosing != ChoosingConfig():
        raise DrumtokError("--pack requires --out and cannot be combined with --wav, --png, --format, --play or --best")
    else:
        note("sample --pack is deprecated, use drumtok pack", err=True)


def _planned(config: SamplingConfig, show_plan: bool) -> "tuple[Section, ...] | None":
    """Return the sections for printing the plan of each bar, or None to print no plan."""
    if not show_plan:
        return None
    return config.song_plan.sections if config.plan and config.song_plan else ()


def _written(paths: Sequence[Path], output: OutputConfig, out: str | None) -> list[Path]:
    """Return the files that are written for patterns, given the names of their MIDI files."""
    midi = paths if output.format is None or out is not None else ()
    return [*midi, *(file for path in paths for file in output.files_beside(path))]


def _midi_paths(out: str | None, seeds: range) -> list[Path]:
    """Return the file for each of the seeds.

    Raises:
        DrumtokError: `out` is neither a folder nor a MIDI file in an existing folder.
    """
    if out is None or out.endswith(("/", os.sep)) or is_folder_name(Path(out)):
        return [Path(out or "", f"drumtok-{seed}.mid") for seed in seeds]
    path = Path(out)
    check_midi_name(path)
    if not path.parent.is_dir():
        raise DrumtokError(f"cannot write {out!r}: folder {str(path.parent)!r} does not exist")
    return [path] if len(seeds) == 1 else [path.with_stem(f"{path.stem}-{seed}") for seed in seeds]
