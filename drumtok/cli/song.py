"""`drumtok song`: write a song with named sections, or rewrite one of its sections."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click import get_current_context

from drumtok.cli.like import Like, like_option, options_of_file
from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import COMPLETERS, PATH, checkpoint_option, drums_option, seed_option
from drumtok.cli.show_plan import print_plan, show_plan_option
from drumtok.cli.sources import warn_of_meter
from drumtok.cli.terminal import note, quiet_option
from drumtok.errors import DrumtokError
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.provenance import Provenance, path_arguments, provenance
from drumtok.generation.song_config import WHAT, SongConfig
from drumtok.midi.drums_config import DRUMS, DrumsConfig
from drumtok.midi.note_maps import own_map
from drumtok.midi.writer import STRAIGHT, MidiConfig
from drumtok.runtime.options import arguments_of, parameters_of, settings_options

if TYPE_CHECKING:
    from drumtok.generation.song import WrittenSong

OF_THE_WHOLE = ("minutes", "plan", "intensity", "intensity_curve", "fills", "count_in", "ending", "tempo", "meter")


def _as_in_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Take the options that the song file holds, except those of the whole song."""
    if path is not None:
        own = parameters_of(SongConfig, ExpressionConfig, MidiConfig) - set(OF_THE_WHOLE)
        held = {name: value for name, value in options_of_file(path, context).items() if name in own}
        held["map"] = held.get("out_map", DRUMS.note_map)
        context.default_map = {**held, **(context.default_map or {})}
    return path


@click.command("song")
@settings_options(COMPLETERS, config=SongConfig, expression=ExpressionConfig, writing=MidiConfig)
@click.option("--again", help="Rewrite the sections of this name.", panel=WHAT)
@click.option(
    "--in", "-i", "given", type=PATH, is_eager=True, callback=_as_in_file, help="Song for --again.", panel=WHAT
)
@drums_option
@show_plan_option
@like_option(
    {"again", "given", "seed", "checkpoint", *parameters_of(SongConfig, ExpressionConfig, MidiConfig, DrumsConfig)}
)
@seed_option
@checkpoint_option
@click.option("--out", "-o", type=PATH, help="MIDI file to write.  [default song-SEED.mid]")
@force_option
@quiet_option
def song_command(
    config: SongConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    again: str | None,
    given: Path | None,
    drums: DrumsConfig,
    show_plan: bool,
    like: Like | None,
    seed: int | None,
    checkpoint: Path | None,
    out: Path | None,
) -> None:
    """Write the drums of a song as a MIDI file, with a marker for each section.

    Without --plan the sections are an intro, verses, choruses, a bridge and an outro. --again rewrites all sections of
    a name and keeps the others; markers that were moved or added in a DAW count.

    \b
    Examples:
    drumtok song --minutes 3 --style rock --out song.mid
    drumtok song --again chorus --in song.mid --out song-2.mid
    """
    from drumtok.generation.randomness import fresh_seed

    seed = fresh_seed() if seed is None else seed
    path = out or Path(f"song-{seed}.mid")
    check_midi_name(path)
    check_outputs([path], (given, checkpoint, writing.own_map, own_map(drums.note_map)))
    options = ("--seed", str(seed), *_again_arguments(again, given, config, drums))
    how = _provenance(options, config, expression, writing, checkpoint, given)
    if like:
        like.warn(how)
    song = _written(config, expression, seed, checkpoint, again, given, drums)
    data = _bytes(song, how.text, writing)
    if like:
        like.check_over(path, data)
    write_result(path, data)
    _print(song, seed, show_plan)
    note(f"# {click.format_filename(path)}")


def _again_arguments(again: str | None, given: Path | None, config: SongConfig, drums: DrumsConfig) -> tuple[str, ...]:
    """Check --again and --in, and return them as arguments."""
    if (again is None) != (given is None):
        raise DrumtokError("--again requires --in" if given is None else "--in requires --again")
    if again is None:
        if drums != DRUMS:
            raise DrumtokError(f"{arguments_of(drums)[0]} requires --again")
        return ()
    whole = [name for name in OF_THE_WHOLE if getattr(config, name) != getattr(SongConfig, name)]
    if whole:
        raise DrumtokError(f"--again cannot be combined with --{whole[0].replace('_', '-')}")
    return ("--again", again, *path_arguments({"in": given}), *arguments_of(drums))


def _provenance(
    options: tuple[str, ...],
    config: SongConfig,
    expression: ExpressionConfig,
    writing: MidiConfig,
    checkpoint: Path | None,
    given: Path | None,
) -> Provenance:
    """Return how the song is made."""
    from drumtok.generation.styling import network_of_style
    from drumtok.network.checkpoint import checkpoint_file
    from drumtok.network.groove_checkpoint import DEFAULT_GROOVE
    from drumtok.runtime.files import data_path

    used = checkpoint_file(network_of_style(config.style) if checkpoint is None else checkpoint)
    files = {
        "checkpoint": used,
        "song": given,
        "groove": data_path(DEFAULT_GROOVE) if expression.plays else None,
        "out-map": writing.own_map,
    }
    arguments = (*options, *arguments_of(config, expression, writing), *path_arguments({"checkpoint": checkpoint}))
    return provenance("song", arguments, files)


def _written(
    config: SongConfig,
    expression: ExpressionConfig,
    seed: int,
    checkpoint: Path | None,
    again: str | None,
    given: Path | None,
    drums: DrumsConfig,
) -> "WrittenSong":
    """Write the song, or rewrite one of its sections."""
    from drumtok.generation.song import WrittenSong, rewrite, sections_of, write_song
    from drumtok.midi.files import from_midi_bytes, read_midi_bytes, single_section
    from drumtok.midi.markers import read_markers
    from drumtok.midi.straighten import straightened

    if again is None or given is None:
        song = write_song(config, seed, expression=expression, checkpoint=checkpoint)
        warn_of_meter(config.meter, song.pattern.grid)
        return song
    held = options_of_file(given, get_current_context())
    data = straightened(read_midi_bytes(given), float(held.get("swing") or STRAIGHT))
    pattern = single_section(from_midi_bytes(data, str(given), **asdict(drums)), str(given), {})
    song = WrittenSong(pattern, sections_of(pattern, read_markers(given)))
    return rewrite(song, again, config.sampling, seed, expression=expression, checkpoint=checkpoint)


def _bytes(song: "WrittenSong", text: str, writing: MidiConfig) -> bytes:
    from drumtok.midi.files import to_midi_bytes

    return to_midi_bytes(song.pattern, text=text, markers=song.markers, **asdict(writing))


def _print(song: "WrittenSong", seed: int, show_plan: bool) -> None:
    """Print the sections, and with `show_plan` each bar."""
    pattern = song.pattern
    note(f"# seed {seed}, {pattern.bars} bars at {pattern.tempo:g} beats per minute, {pattern.seconds:.0f} seconds")
    for (step, _), section in zip(song.markers, song.sections, strict=True):
        note(f"{step // pattern.steps_per_bar + 1:5} {section.text}")
    if show_plan:
        print_plan(pattern, song.sections)
