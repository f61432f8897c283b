"""Completion in fish of lists such as `--keep kick,snare`, which click's script would cut off at the first comma."""

from typing import ClassVar

from click.shell_completion import FishComplete, add_completion_class


class ListFishComplete(FishComplete):
    """Click's completion for fish, with a script that splits type and value only at the first comma."""

    source_template: ClassVar[str] = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


add_completion_class(ListFishComplete)
