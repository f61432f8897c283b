"""`drumtok curate`: join the clips of a folder to one piece."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from drumtok.cli.like import Like, like_option
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option
from drumtok.cli.shared_options import COMPLETERS, PATH, checkpoint_option, map_arguments, map_option, seed_option
from drumtok.cli.terminal import note, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.generation.curate import CurateConfig
from drumtok.midi.note_maps import own_map
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern
from drumtok.runtime.options import arguments_of, parameters_of, settings_options


@click.command("curate")
@click.argument("folder", type=PATH, metavar="DIR")
@settings_options(COMPLETERS, config=CurateConfig, writing=MidiConfig)
@map_option
@like_option({"folder", "seed", "checkpoint", "note_map", *parameters_of(CurateConfig, MidiConfig)})
@seed_option
@checkpoint_option
@click.option("--out", "-o", type=PATH, required=True, help="MIDI file to write.")
@force_option
@quiet_option
def curate_command(
    config: CurateConfig,
    writing: MidiConfig,
    note_map: str,
    like: Like | None,
    folder: Path,
    seed: int | None,
    checkpoint: Path | None,
    out: Path,
) -> None:
    """Join the MIDI files of a folder, and of the folders in it, to one piece, and print its plan.

    Each clip is played once before any is repeated. The next clip is the one whose first bar is most likely after what
    was played. The clips must have one meter, and one tempo unless --tempo is given.
    """
    from drumtok.generation.curate import curate
    from drumtok.generation.provenance import path_arguments, provenance
    from drumtok.generation.randomness import fresh_seed
    from drumtok.midi.files import to_midi_bytes, write_midi
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

    if not folder.is_dir():
        raise DrumtokError(f"DIR must be a folder of MIDI files, got {str(folder)!r}")
    check_midi_name(out)
    used = checkpoint_file(checkpoint)
    network = load_checkpoint(used)
    clips = _clips(folder, network.grid, note_map)
    check_outputs([out], (*(path for path, _ in clips), checkpoint, writing.own_map, own_map(note_map)))
    seed = fresh_seed() if seed is None else seed
    piece = curate([clip for _, clip in clips], **asdict(config), checkpoint=network, rng=seed)
    options = (
        str(folder),
        "--seed",
        str(seed),
        *arguments_of(config, writing),
        *map_arguments(note_map),
        *path_arguments({"checkpoint": checkpoint}),
    )
    how = provenance("curate", options, {"checkpoint": used, "map": own_map(note_map), "out-map": writing.own_map})
    if like:
        like.warn(how)
        like.check_over(out, to_midi_bytes(piece.pattern, text=how.text, **asdict(writing)))
    write_midi(piece.pattern, out, text=how.text, **asdict(writing))
    note(f"# seed {seed}, {piece.pattern.bars} bars at {piece.pattern.tempo:g} beats per minute")
    bar = 1
    for section in piece.sections:
        name = click.format_filename(clips[section.clip][0].relative_to(folder))
        note(f"{bar:5} {name}, {section.bars} bars" + ", the last a fill" * section.filled)
        bar += section.bars
    note(f"# {click.format_filename(out)}")


def _clips(folder: Path, grid: int, note_map: str) -> list[tuple[Path, Pattern]]:
    """Read the clips of a folder, sorted by path; print which files are skipped."""
    from drumtok.midi.chunks import MIDI_ENDINGS
    from drumtok.runtime.reading import files_in
    from drumtok.sampling.primers import read_primer

    skipped: list[str] = []
    clips = []
    for path in sorted(files_in(folder, MIDI_ENDINGS, skipped)):
        try:
            clips.append((path, read_primer(path, grid, str(path), note_map=note_map)))
        except DrumtokError as error:
            skipped.append(f"{path.relative_to(folder)}: {error}")
    report_skipped(skipped)
    return clips
