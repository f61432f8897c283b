"""A source with a file that kills the process that reads it."""

import os
import signal
from dataclasses import dataclass

from drumtok.dataset.sources import Source

DEADLY = "broken.mid"


@dataclass(frozen=True)
class DeadlySource(Source):
    """A source whose broken file kills the process that reads it."""

    def items_of(self, file, data, grid):
        """Yield the items of a file, or kill the process."""
        if file.ref.name == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().items_of(file, data, grid)
