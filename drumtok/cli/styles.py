"""`drumtok styles`: lists what a checkpoint can be asked for."""

import json
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import checkpoint_option


@click.command("styles")
@checkpoint_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def styles_command(checkpoint: Path | None, as_json: bool) -> None:
    """List the styles, kinds and sources that a checkpoint can be asked for.

    They are the values of --style, --kind and --source.
    """
    from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

    network = load_checkpoint(checkpoint_file(checkpoint))
    config = network.config
    sources = dict(zip(config.styles, config.source_of_style or [""] * len(config.styles), strict=True))
    if as_json:
        click.echo(
            json.dumps(
                {"checkpoint": network.name, "styles": sources, "kinds": network.kinds, "sources": config.sources}
            )
        )
        return
    for style, source in sources.items():
        click.echo(f"{style:16}{source or 'several sources'}")
    click.echo(f"kinds: {', '.join(network.kinds)}; sources: {', '.join(config.sources) or 'none'}")
