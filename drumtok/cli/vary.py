"""`drumtok vary` and `drumtok morph`: make new patterns of existing ones."""

from dataclasses import asdict, replace
from pathlib import Path

import rich_click as click

from drumtok.cli.delivery import print_grid
from drumtok.cli.like import Like, like_option
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import COMPLETERS, PATH, checkpoint_option, map_arguments, map_option, seed_option
from drumtok.cli.sources import Source, meter_arguments, meter_option
from drumtok.cli.terminal import note, quiet_option
from drumtok.generation.morph import MorphConfig
from drumtok.generation.vary import VaryConfig
from drumtok.midi.note_maps import own_map
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import arguments_of, parameters_of, settings_options


@click.command("vary")
@click.argument("file", type=PATH)
@settings_options(COMPLETERS, config=VaryConfig, writing=MidiConfig)
@map_option
@meter_option
@like_option({"file", "seed", "checkpoint", "note_map", "meter", *parameters_of(VaryConfig, MidiConfig)})
@seed_option
@checkpoint_option
@click.option("--out", "-o", type=PATH, help="MIDI file to write.  [default FILE-SEED.mid, in the present folder]")
@force_option
@quiet_option
def vary_command(
    config: VaryConfig,
    writing: MidiConfig,
    note_map: str,
    meter: str,
    like: Like | None,
    file: Path,
    seed: int | None,
    checkpoint: Path | None,
    out: Path | None,
) -> None:
    """Rewrite a fraction of a MIDI file to fit the rest, and print the result.

    The unit is one drum in one bar. What does not change stays as it is in the file, a pickup bar included, unless
    another layout or note map is given. With --like, FILE defaults to that of the other file.
    """
    from drumtok.generation.provenance import path_arguments, provenance
    from drumtok.generation.randomness import fresh_seed
    from drumtok.generation.vary import vary
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

    seed = fresh_seed() if seed is None else seed
    path = out or Path(f"{file.stem}-{seed}.mid")
    check_midi_name(path)
    check_outputs([path], (file, checkpoint, writing.own_map, own_map(note_map)))
    network = load_checkpoint(checkpoint_file(checkpoint))
    source = Source.read(file, network.grid, note_map, meter, report=False)
    made = [
        section
        if source.pickup and number == 0
        else vary(replace(section, name=file.stem), **asdict(config), checkpoint=network, rng=seed)
        for number, section in enumerate(source.drums.sections)
    ]
    options = (
        str(file),
        "--seed",
        str(seed),
        *arguments_of(config, writing),
        *map_arguments(note_map),
        *meter_arguments(meter),
        *path_arguments({"checkpoint": checkpoint}),
    )
    maps = {"map": own_map(note_map), "out-map": writing.own_map}
    used = {"checkpoint": checkpoint_file(checkpoint), "file": file, **maps}
    how = provenance("vary", options, used)
    data = source.with_sections(made, how.text, writing)
    if like:
        like.warn(how)
        like.check_over(path, data)
    write_result(path, data)
    note(f"# seed {seed}, amount {config.amount:g} of {click.format_filename(file)}")
    if source.pickup:
        note("# the pickup bar stays as it is")
    print_grid("\n\n".join(section.to_grid() for section in made))
    note(f"# {click.format_filename(path)}")


@click.command("morph")
@click.argument("first", type=PATH)
@click.argument("last", type=PATH)
@settings_options(COMPLETERS, config=MorphConfig, writing=MidiConfig)
@map_option
@meter_option
@like_option({"first", "last", "checkpoint", "note_map", "meter", *parameters_of(MorphConfig, MidiConfig)})
@checkpoint_option
@click.option("--out", "-o", type=PATH, required=True, help="A new or empty folder to write to.")
@quiet_option
def morph_command(
    config: MorphConfig,
    writing: MidiConfig,
    note_map: str,
    meter: str,
    like: Like | None,
    first: Path,
    last: Path,
    checkpoint: Path | None,
    out: Path,
) -> None:
    """Write a path from one MIDI file to another of equal meter and bars: morph-1.mid, morph-2.mid and so on.

    The hits in which they differ change in an order that keeps each pattern likely. What does not change stays as it is
    in the first file; the last of the path is the last file. With --like, a file of a path, the two files default to
    those of that path.
    """
    from drumtok.generation.morph import morph
    from drumtok.generation.provenance import path_arguments, provenance
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
    from drumtok.runtime.files import new_folder, write_atomically

    network = load_checkpoint(checkpoint_file(checkpoint))
    one, other = (Source.read(file, network.grid, note_map, meter) for file in (first, last))
    path = morph(one.pattern, other.pattern, config.steps, checkpoint=network)
    own = (
        *arguments_of(config, writing),
        *map_arguments(note_map),
        *meter_arguments(meter),
        *path_arguments({"checkpoint": checkpoint}),
    )
    options = (str(first), str(last), *own)
    maps = {"map": own_map(note_map), "out-map": writing.own_map}
    used = {"checkpoint": checkpoint_file(checkpoint), "first": first, "last": last, **maps}
    how = provenance("morph", options, used)
    if like:
        like.warn(how)
    cells = (path[0].hits != path[-1].hits).sum()
    names = [f"morph-{number:0{len(str(len(path)))}}.mid" for number in range(1, len(path) + 1)]
    with new_folder(out) as folder:
        for name, pattern in zip(names, path, strict=True):
            source = other if pattern is path[-1] else one
            write_atomically(folder / name, source.with_pattern(pattern, how.text, writing))
    for name, pattern in zip(names, path, strict=True):
        note(f"{click.format_filename(out / name)}: {(pattern.hits != path[0].hits).sum()} of {cells} changes")
