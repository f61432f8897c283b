"""`drumtok curate`: join the clips of a folder to one piece."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from drumtok.cli.like import Like, like_option
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import COMPLETERS, PATH, seed_option
from drumtok.cli.sources import READING, Reading, Source, reading_options
from drumtok.cli.terminal import note, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.generation.curate import CurateConfig, Piece
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import parameters_of, settings_options


@click.command("curate")
@click.argument("folder", type=PATH, metavar="DIR")
@settings_options(COMPLETERS, config=CurateConfig, writing=MidiConfig)
@reading_options
@like_option({"folder", "seed", *READING, *parameters_of(CurateConfig, MidiConfig)})
@seed_option
@click.option("--out", "-o", type=PATH, required=True, help="MIDI file to write.")
@force_option
@quiet_option
def curate_command(
    config: CurateConfig,
    writing: MidiConfig,
    reading: Reading,
    like: Like | None,
    folder: Path,
    seed: int | None,
    out: Path,
) -> None:
    """Join the MIDI files of a folder and its subfolders into one piece, and print its plan.

    Each clip is played once before any is repeated. The next clip is the one whose first bar is most likely after the
    bars so far. The clips must have one meter, and one tempo unless --tempo is given. All notes of the clips are kept,
    flams and notes outside the kit included, unless another layout or note map is given.
    """
    from drumtok.generation.curate import curate
    from drumtok.generation.randomness import fresh_seed

    if not folder.is_dir():
        raise DrumtokError(f"DIR must be a folder of MIDI files, got {str(folder)!r}")
    check_midi_name(out)
    clips = _clips(folder, reading)
    check_outputs([out], (*(clip.path for clip in clips), *reading.inputs(writing)))
    seed = fresh_seed() if seed is None else seed
    piece = curate([clip.pattern for clip in clips], **asdict(config), checkpoint=reading.network, rng=seed)
    how = reading.provenance("curate", (str(folder), "--seed", str(seed)), config, writing)
    data = _joined(piece, clips, how.text, writing)
    if like:
        like.warn(how)
        like.check_over(out, data)
    write_result(out, data)
    note(f"# seed {seed}, {piece.pattern.bars} bars at {piece.pattern.tempo:g} beats per minute")
    bar = 1
    for section in piece.sections:
        name = click.format_filename(clips[section.clip].path.relative_to(folder))
        note(f"{bar:5} {name}, {section.bars} bars" + ", the last a fill" * section.filled)
        bar += section.bars
    note(f"# {click.format_filename(out)}")


def _clips(folder: Path, reading: Reading) -> list[Source]:
    """Read the clips of a folder, sorted by path; print which files are skipped."""
    from drumtok.midi.chunks import MIDI_ENDINGS
    from drumtok.runtime.reading import files_in

    skipped: list[str] = []
    clips = []
    for path in sorted(files_in(folder, MIDI_ENDINGS, skipped)):
        try:
            clips.append(reading.read(path))
        except DrumtokError as error:
            skipped.append(f"{path.relative_to(folder)}: {error}")
    report_skipped(skipped)
    return clips


def _joined(piece: Piece, clips: list[Source], text: str, writing: MidiConfig) -> bytes:
    """Return the bytes of a piece with all notes of its clips, or rewritten in another layout or note map."""
    from drumtok.midi.files import to_midi_bytes
    from drumtok.midi.join import Stretch, join_files

    note_map = clips[0].drums.note_map
    if writing != MidiConfig(note_map=note_map):
        return to_midi_bytes(piece.pattern, text=text, **asdict(writing))
    stretches = []
    at = 0
    for section in piece.sections:
        clip = clips[section.clip]
        end = at + section.bars * piece.pattern.steps_per_bar
        for begin in range(at, end, clip.pattern.steps):
            last = begin + clip.pattern.steps == end
            stretches.append(Stretch(clip.drums, clip.index, begin, section.filled and last))
        at = end
    return join_files(piece.pattern, stretches, text, note_map)
