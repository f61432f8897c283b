"""`drumtok styles`: list the values of `--style`, `--kind` and `--source`."""

import json
from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import PATH, checkpoint_option, drums_option
from drumtok.errors import DrumtokError
from drumtok.midi.drums_config import DrumsConfig

LIKELIEST = 3  # styles that are printed for a file


@click.command("styles")
@checkpoint_option
@click.option("--rules", is_flag=True, help="Also print the rules of each style, and their source.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--of", "file", type=PATH, help="Print the likeliest styles of a MIDI file instead, the best first.")
@drums_option
def styles_command(checkpoint: Path | None, rules: bool, as_json: bool, file: Path | None, drums: DrumsConfig) -> None:
    """List the styles, kinds and sources that a checkpoint can write.

    They are the values of --style, --kind and --source. A style that the checkpoint was not trained on
    is written like a similar one, under its own rules.
    """
    if file is not None:
        _print_likeliest(file, drums, as_json)
        return
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint
    from drumtok.sampling.signatures import grouped, signatures

    network = load_checkpoint(checkpoint_file(checkpoint))
    config = network.config
    sources = dict(zip(config.styles, config.source_of_style or [""] * len(config.styles), strict=True))
    if as_json:
        listed = {
            "checkpoint": network.name,
            "styles": sources,
            "kinds": network.kinds,
            "sources": config.sources,
            "groups": grouped(config.styles),
            "signatures": {name: own.as_data() for name, own in signatures().items()},
        }
        click.echo(json.dumps(listed))
        return
    for title, styles in grouped(config.styles).items():
        click.echo(f"{title}:")
        for style in styles:
            _print_style(style, config.styles, rules)
    click.echo(f"kinds: {', '.join(network.kinds)}; sources: {', '.join(config.sources) or 'none'}")


def _print_style(style: str, known: Sequence[str], rules: bool) -> None:
    """Print a style: its tempo, meters and swing, the style it is written like, and on request its rules."""
    from drumtok.sampling.signatures import nearest_known, signatures

    own = signatures().get(style)
    if own is None:
        click.echo(style)
        return
    like = "" if style in known else f"like {nearest_known(style, known) or 'none'}"
    slowest, usual, fastest = own.tempo
    meters = " ".join("{}/{}".format(*meter) for meter in own.meters)
    row = f"{style:15}{own.title:26}{slowest:3g} to {fastest:3g}, {usual:3g} BPM  {meters:5} {own.feel}"
    click.echo(f"{row:92}{like}".rstrip())
    for line in (*(rule.text for rule in own.for_writing().rules), *filter(None, [own.source])) if rules else ():
        click.echo(f"    {line}")


def _print_likeliest(file: Path, drums: DrumsConfig, as_json: bool) -> None:
    """Print the likeliest styles of a MIDI file.

    Raises:
        DrumtokError: the file cannot be read, or has no drum hits.
    """
    from drumtok.evaluation.fitting_grid import fitting_song
    from drumtok.evaluation.style_recognition import starter_recogniser
    from drumtok.midi.files import read_midi_bytes
    from drumtok.midi.song_sections import main_section

    sections = fitting_song(read_midi_bytes(file), str(file), drums).sections
    if not any(section.hits.any() for section in sections):
        raise DrumtokError(f"cannot read {str(file)!r}: it has no drum hits")
    styles = starter_recogniser().likeliest(sections[main_section(sections)[0]], LIKELIEST)
    click.echo(json.dumps(styles) if as_json else "\n".join(styles))
