"""`drumtok mcp`: serve the tools of drumtok to an assistant over the Model Context Protocol."""

import ipaddress
from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import PATH, checkpoint_option
from drumtok.cli.terminal import note
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command


@click.command("mcp")
@click.option("--folder", type=PATH, help="Folder in which a client may read files and write new ones.")
@click.option("--http", metavar="HOST:PORT", help="Serve HTTP at this address.  [default standard input and output]")
@checkpoint_option
def mcp_command(folder: Path | None, http: str | None, checkpoint: Path | None) -> None:
    """Serve drumtok to an assistant over the Model Context Protocol: write, vary, fill, humanise, render.

    A client starts it and talks to it over standard input and output. With --http it serves http://HOST:PORT/mcp until
    Ctrl-C; HOST must be an address of this machine.
    """
    if find_spec("mcp") is None:
        raise DrumtokError(f"the server requires mcp: {install_command('mcp')}")
    address = None if http is None else read_address(http)
    from drumtok.connect.groove_tools import GrooveTools
    from drumtok.connect.mcp_server import mcp_server
    from drumtok.connect.shared_folder import SharedFolder
    from drumtok.generation.engines import engine_of

    engine_of(checkpoint)  # an unreadable checkpoint stops the command
    server = mcp_server(GrooveTools(SharedFolder(folder), checkpoint))
    if address is None:
        server.run()
        return
    host, port = address
    note(f"serving http://{http}/mcp", err=True)
    server.run("streamable-http", host=host, port=port)


def read_address(text: str) -> tuple[str, int]:
    """Parse HOST:PORT, an address of this machine.

    Raises:
        DrumtokError: the text has another form, or other machines can reach the address.

    >>> read_address("127.0.0.1:8810"), read_address("[::1]:8810")
    (('127.0.0.1', 8810), ('::1', 8810))
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not colon or not local or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise DrumtokError(f"--http must be an address of this machine such as 127.0.0.1:8810, got {text!r}")
    return host, int(port)
