"""`drumtok serve`: the web page."""

from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import checkpoint_option
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command
from drumtok.runtime.options import settings_options
from drumtok.web.config import ServeConfig


@click.command("serve")
@settings_options(config=ServeConfig)
@checkpoint_option
def serve_command(config: ServeConfig, checkpoint: Path | None) -> None:
    """Serve a web page for writing drum patterns by hand and with the network, and print its address.

    The server runs on this machine, contacts no other host, and stops with Ctrl-C.
    """
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise DrumtokError(f"serving requires fastapi and uvicorn: {install_command('web')}")
    from drumtok.web.app import serve

    serve(checkpoint, config, click.echo)
