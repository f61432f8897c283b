"""`drumtok pack`: write many patterns to archives, on all cores or a cluster."""

from pathlib import Path

import rich_click as click

from drumtok.cli.inputs import Inputs
from drumtok.cli.progress import Reruns, progress
from drumtok.cli.shared_options import COMPLETERS, PATH, checkpoint_option, out_of, rare_options_last, seed_option
from drumtok.cli.sources import warn_of_meter
from drumtok.cli.styling import network_of, with_style
from drumtok.cli.terminal import note, quiet_option
from drumtok.errors import DrumtokError
from drumtok.generation.config import ZIP, ExpressionConfig, PackConfig
from drumtok.generation.provenance import Provenance
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import settings_options
from drumtok.runtime.workers import Workers
from drumtok.sampling.config import WHAT, SamplingConfig


@click.command("pack")
@click.argument("folder", required=False, metavar="[OUT]", type=PATH)
@rare_options_last
@settings_options(
    COMPLETERS,
    config=SamplingConfig,
    expression=ExpressionConfig,
    writing=MidiConfig,
    packing=PackConfig,
    workers=Workers,
)
@click.option(
    "--count", type=int, default=1000, help="Patterns, with seeds SEED, SEED + 1, ...  [default 1000]", panel=WHAT
)
@seed_option
@checkpoint_option
@click.option("--out", "-o", type=PATH, help="Folder or address of the archives.")
@quiet_option
def pack_command(
    config: SamplingConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    packing: PackConfig,
    workers: Workers,
    folder: Path | None,
    seed: int | None,
    checkpoint: Path | None,
    out: Path | None,
    count: int,
) -> None:
    """Write archives of patterns with an index to the folder or address OUT.

    Each file equals that of `drumtok sample` with its seed. An interrupted run continues when the same command is run
    again with its --seed.
    """
    from drumtok.generation.randomness import fresh_seed

    if count < 1:
        raise DrumtokError(f"count must be at least 1, got {count}")
    out = out_of(folder, out)
    first = fresh_seed() if seed is None else seed
    inputs = Inputs.read(checkpoint or network_of(config.style))
    config, writing = with_style(config, writing, inputs)
    writing.check_with(inputs.network.grid)
    warn_of_meter(config.meter, inputs.network.grid)
    how = inputs.provenance(config, expression, writing)
    packing = packing if packing.pack else PackConfig(ZIP, packing.pack_size)
    write_packs(out, inputs, config, expression, writing, how, packing, range(first, first + count), workers)


def write_packs(
    out: Path,
    inputs: Inputs,
    config: SamplingConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    how: Provenance,
    packing: PackConfig,
    seeds: range,
    workers: Workers,
) -> None:
    """Write archives of the patterns of all seeds, and print what was written."""
    from drumtok.generation.archives import PatternJob, write_archives
    from drumtok.runtime.remote import address

    job = PatternJob(inputs.used, config, expression, writing, how, inputs.sources)
    reruns = Reruns()
    with progress("writing", lambda: len(seeds)) as on_progress:
        archives = write_archives(out, job, packing, seeds, workers, on_progress, reruns.add)
    reruns.report()
    note(f"{len(seeds):,} patterns, seeds {seeds[0]} to {seeds[-1]}, in {archives:,} archives: {address(out)}")
