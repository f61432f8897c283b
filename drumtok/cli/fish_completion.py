"""Completion in fish of lists such as `--keep kick,snare`, of which click's script takes what is before a comma."""

from typing import ClassVar

from click.shell_completion import FishComplete, add_completion_class


class ListFishComplete(FishComplete):
    """Click's completion for fish, whose script parts the type of a value from the value at the first comma alone."""

    source_template: ClassVar[str] = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


add_completion_class(ListFishComplete)
