"""`Lateness`: a performance that is being drawn stays as late as it is.

A network that follows its own draws comes, over hundreds of hits, to a lateness of its own: the same in all
performances of a song, and farther from what it takes for likely than drummers are. For each hit it goes a little
towards that lateness, which is hardly to be seen in a hit, but adds up. A drummer who is late stays late. So what the
network says is moved until, in the long run, it is as late as the hits that were drawn.
"""

from drumtok.drums import N_DRUMS

HITS_OF_ALL, HITS_OF_DRUM = 64, 32  # after which lateness is as much that of the hits drawn as the best guess


class _Level:
    """How far from the best guesses the hits lie that were drawn, and how far what the network says of them does.

    Args:
        hits: what the network says is a running mean of so many; of what is drawn, so many at the best guess count too.
    """

    def __init__(self, hits: int) -> None:
        self._hits, self._count = hits, 0
        self.drawn = self.said = 0.0

    @property
    def gap(self) -> float:
        """How much later the hits are than what the network says; of a few hits that means little."""
        return (self.drawn - self.said) * min(self._count / self._hits, 1)

    def note(self, said: float, drawn: float) -> None:
        """Takes up a hit."""
        self.drawn += (drawn - self.drawn) / (self._hits + self._count)
        self._count += 1
        self.said += (said - self.said) / min(self._count, self._hits)


class Lateness:
    """How late one performance is, as a whole and, beyond that, drum by drum. All is in steps."""

    def __init__(self) -> None:
        self._all, self._drums = _Level(HITS_OF_ALL), [_Level(HITS_OF_DRUM) for _ in range(N_DRUMS)]

    def gap(self, drum: int) -> float:
        """How much later the next hit of a drum is to be than the network says."""
        return self._all.gap + self._drums[drum].gap

    def note(self, drum: int, said: float, drawn: float) -> None:
        """Takes up a hit of a drum.

        Args:
            said, drawn: the mean of what the network said of it, and what was drawn, less the best guess.
        """
        self._drums[drum].note(said - self._all.said, drawn - self._all.drawn)
        self._all.note(said, drawn)
