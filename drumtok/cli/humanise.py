"""`drumtok humanise`: play the drums of a MIDI file as a drummer would."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from drumtok.cli.overwriting import check_midi_name, check_outputs, force_option, write_result
from drumtok.cli.shared_options import PATH, drums_option, seed_option
from drumtok.cli.terminal import note, quiet_option
from drumtok.generation.config import HumaniseConfig
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.note_maps import own_map
from drumtok.runtime.options import arguments_of, settings_options


@click.command("humanise")
@click.argument("file", type=PATH)
@settings_options(config=HumaniseConfig)
@seed_option
@click.option("--style", help="Style of the performance, such as funk; an unknown style lists all of them.")
@click.option("--groove-from", type=PATH, help="A performance whose feel is copied to the file, without sampling.")
@drums_option
@click.option("--groove", type=PATH, help="The groove network to use.  [default the bundled one]")
@click.option("--out", "-o", type=PATH, help="MIDI file to write.  [default FILE-SEED.mid in the current folder]")
@force_option
@quiet_option
def humanise_command(
    config: HumaniseConfig,
    file: Path,
    seed: int | None,
    style: str | None,
    groove_from: Path | None,
    drums: DrumsConfig,
    groove: Path | None,
    out: Path | None,
) -> None:
    """Play the drums of a MIDI file with the dynamics and timing of a drummer.

    Hits, notes, tracks, tempo, meter and end stay as they are. With --dynamics 0 and --timing 0 the file is copied.
    """
    from drumtok.generation.humanise import humanise
    from drumtok.generation.randomness import fresh_seed
    from drumtok.midi.files import read_midi, read_midi_bytes
    from drumtok.midi.rewrite import rewrite_drums
    from drumtok.network.groove_checkpoint import DEFAULT_GROOVE, load_groove
    from drumtok.runtime.files import data_path

    seed, data = fresh_seed() if seed is None else seed, read_midi_bytes(file)
    path = out or Path(f"{file.stem}-{seed}.mid")
    check_midi_name(path)
    check_outputs([path], (file, groove_from, groove, own_map(drums.note_map)))
    used = groove or data_path(DEFAULT_GROOVE)
    network = load_groove(used)
    take = None if groove_from is None else read_midi(groove_from, **asdict(drums))
    own = {"style": style, "groove-from": groove_from, "groove": groove}
    made = rewrite_drums(
        data,
        lambda section: humanise(
            section, **asdict(config), seed=seed, style=style, groove_from=take, checkpoint=network
        ),
        str(file),
        drums,
        _provenance(config, drums, file, seed, own, used),
    )
    write_result(path, made)
    note(f"# seed {seed}, dynamics {config.dynamics:g}, timing {config.timing:g} of {click.format_filename(file)}")
    note(f"# {click.format_filename(path)}")


def _provenance(
    config: HumaniseConfig, drums: DrumsConfig, file: Path, seed: int, own: dict[str, str | Path | None], groove: Path
) -> str:
    """Return the text event that describes how the file was made.

    Args:
        own: option -> value, of the options that are not settings.
        groove: the file of the groove network.
    """
    from drumtok.generation.provenance import path_arguments, provenance

    options = (str(file), "--seed", str(seed), *arguments_of(config, drums), *path_arguments(own))
    files = {"groove": groove, "file": file, "groove-from": own["groove-from"], "map": own_map(drums.note_map)}
    return provenance("humanise", options, files).text
