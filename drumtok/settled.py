"""Bars that will not change any more, told while others are still to be written."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


class Settled:
    """Tells each bar of a song once, in their order, as soon as it is settled.

    Args:
        per_bar: steps of a bar.
        start: the place of the first word that counts.
        heard: is given the words of each bar, (per_bar + 1,) ids; None where nobody listens.

    >>> settled = Settled(1, 0, print)
    >>> settled.tell(np.array([[7, 512, 8, 512], [7, 512, 9, 512]]))  # two streams agree on the first bar
    [  7 512]
    >>> settled.tell(np.array([[7, 512, 9, 512]]))
    [  9 512]
    """

    def __init__(
        self, per_bar: int = 0, start: int = 0, heard: Callable[[NDArray[np.integer]], None] | None = None
    ) -> None:
        self._words, self._told, self._heard = per_bar + 1, start, heard

    def tell(self, words: NDArray[np.integer]) -> None:
        """Takes what the streams hold so far, (streams, n); a bar on which all agree is settled."""
        while self._heard is not None and words.shape[1] >= self._told + self._words:
            bar = words[:, self._told : self._told + self._words]
            if (bar != bar[0]).any():
                return
            self._heard(bar[0])
            self._told += self._words


SILENT = Settled()
