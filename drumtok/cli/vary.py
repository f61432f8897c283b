"""`drumtok vary` and `drumtok morph`: make new patterns from existing ones."""

from dataclasses import replace
from pathlib import Path

import rich_click as click

from drumtok.cli.delivery import print_grid
from drumtok.cli.like import Like, like_option
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import COMPLETERS, PATH, rare_options_last, seed_option
from drumtok.cli.sources import READING, Reading, reading_options
from drumtok.cli.terminal import note, quiet_option
from drumtok.generation.morph import MorphConfig
from drumtok.generation.vary import VaryConfig
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import parameters_of, settings_options


@click.command("vary")
@click.argument("file", type=PATH)
@rare_options_last
@settings_options(COMPLETERS, config=VaryConfig, writing=MidiConfig)
@reading_options
@like_option({"file", "seed", *READING, *parameters_of(VaryConfig, MidiConfig)})
@seed_option
@click.option("--out", "-o", type=PATH, help="MIDI file to write.  [default FILE-SEED.mid in the current folder]")
@force_option
@quiet_option
def vary_command(
    config: VaryConfig,
    writing: MidiConfig,
    reading: Reading,
    like: Like | None,
    file: Path,
    seed: int | None,
    out: Path | None,
) -> None:
    """Rewrite a fraction of a MIDI file to fit the rest, and print the result.

    The unit is one drum in one bar. Everything else in the file stays as it is, a pickup bar included, unless another
    layout or note map is given. With --like, FILE defaults to the one that the other file was made from.
    """
    from drumtok.generation.randomness import fresh_seed
    from drumtok.generation.vary import vary_with

    seed = fresh_seed() if seed is None else seed
    path = out or Path(f"{file.stem}-{seed}.mid")
    check_midi_name(path)
    check_outputs([path], (file, *reading.inputs(writing)))
    source = reading.read(file, report=False)
    made = [
        section
        if source.pickup and number == 0
        else vary_with(config, replace(section, name=file.stem), seed, checkpoint=reading.network)
        for number, section in enumerate(source.drums.sections)
    ]
    how = reading.provenance("vary", (str(file), "--seed", str(seed)), config, writing, file=file)
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
@reading_options
@like_option({"first", "last", *READING, *parameters_of(MorphConfig, MidiConfig)})
@click.option("--out", "-o", type=PATH, required=True, help="A new or empty folder to write to.")
@quiet_option
def morph_command(
    config: MorphConfig,
    writing: MidiConfig,
    reading: Reading,
    like: Like | None,
    first: Path,
    last: Path,
    out: Path,
) -> None:
    """Write a path from one MIDI file to another of the same meter and length: morph-1.mid, morph-2.mid and so on.

    The differing hits change in an order that keeps each pattern likely. Everything else stays as in the first file;
    the path ends with the second file. With --like and a file of a path, the two files default to those of that path.
    """
    from drumtok.generation.morph import morph
    from drumtok.runtime.files import new_folder, write_atomically

    one, other = (reading.read(file) for file in (first, last))
    path = morph(one.pattern, other.pattern, config.steps, checkpoint=reading.network)
    how = reading.provenance("morph", (str(first), str(last)), config, writing, first=first, last=last)
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
