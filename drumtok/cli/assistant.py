"""`drumtok mcp`: serves the tools of drumtok to an assistant by the Model Context Protocol."""

import ipaddress
from importlib.util import find_spec
from pathlib import Path

import rich_click as click

from drumtok.cli.shared_options import PATH, checkpoint_option
from drumtok.cli.terminal import note
from drumtok.errors import DrumtokError
from drumtok.runtime.install import install_command


@click.command("mcp")
@click.option("--folder", type=PATH, help="Folder whose files a client may name, and where it may write new ones.")
@click.option("--http", metavar="HOST:PORT", help="Serve HTTP here.  [default standard input and output]")
@checkpoint_option
def mcp_command(folder: Path | None, http: str | None, checkpoint: Path | None) -> None:
    """Serve drumtok to an assistant by the Model Context Protocol: write, vary, fill, humanise, render.

    Without --http it serves standard input and output, as a client starts it. With it, the address is
    http://HOST:PORT/mcp, HOST must be of this machine, and Ctrl-C stops the server.
    """
    if find_spec("mcp") is None:
        raise DrumtokError(f"the server requires mcp: {install_command('mcp')}")
    address = None if http is None else read_address(http)
    from drumtok.connect.groove_tools import GrooveTools
    from drumtok.connect.mcp_server import mcp_server
    from drumtok.connect.shared_folder import SharedFolder
    from drumtok.generation.engines import engine_of

    engine_of(checkpoint)  # one that cannot be read stops the command
    server = mcp_server(GrooveTools(SharedFolder(folder), checkpoint))
    if address is None:
        server.run()
        return
    host, port = address
    note(f"serving http://{http}/mcp", err=True)
    server.run("streamable-http", host=host, port=port)


def read_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT of this machine.

    Raises:
        DrumtokError: it has another form, or other machines can reach it.

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
