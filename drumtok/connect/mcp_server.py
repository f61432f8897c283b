"""A Model Context Protocol server over `GrooveTools`, by the package `mcp` (extra `mcp`)."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from drumtok.connect.groove_tools import GrooveTools
from drumtok.errors import DrumtokError
from drumtok.version import __version__

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

INSTRUCTIONS = (
    "drumtok writes drum grooves. They are exchanged as grid notation, a line for each drum and a character for each "
    "step, and as MIDI files. Take styles from list_styles, and pass the notation or the file that one tool returns on "
    "to the next."
)


def mcp_server(tools: GrooveTools) -> "MCPServer":
    """Return a server that offers the tools; `run()` serves standard input and output."""
    from mcp.server.mcpserver import MCPServer

    server: MCPServer = MCPServer("drumtok", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")
    for tool in tools.tools():
        server.add_tool(_with_clear_errors(tool))
    return server


def _with_clear_errors(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a tool so that its errors reach the client as messages, and other exceptions do not."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def call(*args: Any, **arguments: Any) -> Any:
        try:
            return tool(*args, **arguments)
        except (DrumtokError, TypeError) as error:
            raise ToolError(str(error)) from error

    return call
