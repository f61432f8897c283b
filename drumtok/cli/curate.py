"""`drumtok curate`: join the clips of a folder to one piece."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from drumtok.cli.like import Like, like_option
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import COMPLETERS, PATH, seed_option
from drumtok.cli.sources import READING, Reading, Source, reading_options
from drumtok.cli.terminal import note, quiet_option, report_skipped
from drumtok.errors import DrumtokError
from drumtok.generation.curate_config import CurateConfig
from drumtok.midi.writer import MidiConfig
from drumtok.runtime.options import parameters_of, settings_options

if TYPE_CHECKING:
    from drumtok.generation.curate import Piece
    from drumtok.midi.join import Stretch


@click.command("curate")
@click.argument("folder", type=PATH, metavar="DIR")
@settings_options(COMPLETERS, config=CurateConfig, writing=MidiConfig)
@reading_options
@click.option("--no-fills", is_flag=True, hidden=True)  # the former name of --fills 0
@like_option({"folder", "seed", "no_fills", *READING, *parameters_of(CurateConfig, MidiConfig)})
@seed_option
@click.option("--out", "-o", type=PATH, required=True, help="MIDI file to write.")
@force_option
@quiet_option
def curate_command(
    config: CurateConfig,
    writing: MidiConfig,
    reading: Reading,
    no_fills: bool,
    like: Like | None,
    folder: Path,
    seed: int | None,
    out: Path,
) -> None:
    """Join the MIDI files of a folder and its subfolders into one piece, and print its plan.

    Each clip is played once before any is repeated. The next clip is the one whose first bar is most likely after the
    bars so far. The clips must have one meter, and one tempo unless --tempo is given. All notes of the clips are kept,
    flams and notes outside the kit included, unless another layout or note map is given. With --plan each section is
    one clip, repeated and cut to its bars, and sections of one name have the same clip.
    """
    from drumtok.generation.curate import curate
    from drumtok.generation.randomness import fresh_seed

    if no_fills and config.fills is None:
        config = replace(config, fills=0.0)
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
    for line in _plan_lines(piece, [str(clip.path.relative_to(folder)) for clip in clips]):
        note(line)
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


def _plan_lines(piece: "Piece", names: list[str]) -> Iterator[str]:
    """Iterate over a line for each section of a piece of clips with these names: its first bar, clip and bars."""
    bar = 1
    for section in piece.sections:
        name = f"{section.name}: " * bool(section.name) + click.format_filename(names[section.clip])
        yield f"{bar:5} {name}, {section.bars} bars" + ", the last a fill" * section.filled
        bar += section.bars


def _joined(piece: "Piece", clips: list[Source], text: str, writing: MidiConfig) -> bytes:
    """Return the bytes of a piece with all notes of its clips, or rewritten in another layout or note map."""
    from drumtok.midi.files import to_midi_bytes
    from drumtok.midi.join import join_files

    note_map = clips[0].drums.note_map
    if writing != MidiConfig(note_map=note_map):
        return to_midi_bytes(piece.pattern, text=text, markers=piece.markers, **asdict(writing))
    return join_files(piece.pattern, list(_stretches(piece, clips)), text, note_map, piece.markers)


def _stretches(piece: "Piece", clips: list[Source]) -> "Iterator[Stretch]":
    """Iterate over the clips of a piece, each as often as its section repeats it."""
    from drumtok.midi.join import Stretch

    at = 0
    for section in piece.sections:
        clip, left = clips[section.clip], section.bars
        while left:
            bars = min(clip.pattern.bars, left)
            left -= bars
            part = bars if bars < clip.pattern.bars else None
            yield Stretch(clip.drums, clip.index, at, section.filled and not left, part)
            at += bars * piece.pattern.steps_per_bar
