"""The commands of drumtok, by their names on the command line."""

import rich_click as click

from drumtok.cli.main import main


def all_commands(group=main, before=()):
    """Yield the name, such as ("corpus", "build"), and the command of each, groups included."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from all_commands(command, (*before, name))
