"""The map: grooves placed in a square by how alike their rhythms are, and where any other pattern belongs on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.manifests import load_manifest
from drumtok.errors import DrumtokError
from drumtok.evaluation.rhythm_features import feature_groups
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, Pattern
from drumtok.runtime.files import data_path
from drumtok.tokenizer.text import parse_grooves

GRIDS = (4, 8)  # of grooves on the map; triplets are no sixteenths
WINDOW = 2  # bars that are compared
DIMENSIONS = 10  # in which distances are counted; the square shows two of them
NEIGHBOURS = 5


@dataclass(frozen=True)
class Spot:
    """Where a pattern belongs.

    Attributes:
        x, y: in the square, 0 to 1.
        nearest: places of the grooves that are most alike, the nearest first.
    """

    x: float
    y: float
    nearest: tuple[int, ...]


class Atlas:
    """Grooves on a map: the principal components of their rhythm features, each axis spread evenly.

    Every group of features counts alike, whatever its number of columns.

    Args:
        grooves: in 4/4, on grids of `GRIDS`, three at least.
    """

    def __init__(self, grooves: Sequence[Pattern]) -> None:
        self.grooves = tuple(grooves)
        groups = feature_groups(np.stack([window(groove) for groove in self.grooves]))
        self._means = {name: columns.mean(axis=0) for name, columns in groups.items()}
        self._scales = {
            name: 1 / (columns.std(axis=0).mean() * columns.shape[1] ** 0.5) for name, columns in groups.items()
        }
        rows = self._rows(groups)
        self._axes = np.linalg.svd(rows, full_matrices=False)[2][:DIMENSIONS].T  # (columns, dimensions)
        self._points = rows @ self._axes  # (grooves, dimensions)
        self._sorted = np.sort(self._points[:, :2], axis=0)
        self.spots = [self.spot(groove) for groove in self.grooves]

    def spot(self, pattern: Pattern) -> Spot:
        """Where a pattern belongs.

        Raises:
            DrumtokError: it is not in 4/4, or has no bars.
        """
        point = (self._rows(feature_groups(window(pattern)[None])) @ self._axes)[0]
        near = np.argsort(((self._points - point) ** 2).sum(axis=1), kind="stable")[:NEIGHBOURS]
        ranks = np.linspace(0, 1, len(self._sorted))
        x, y = (float(np.interp(point[axis], self._sorted[:, axis], ranks)) for axis in range(2))
        return Spot(x, y, tuple(near.tolist()))

    def _rows(self, groups: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """(patterns, columns) the features, centred and scaled."""
        parts = [(columns - self._means[name]) * self._scales[name] for name, columns in groups.items()]
        return np.concatenate(parts, axis=1)


def window(pattern: Pattern) -> NDArray[np.bool_]:
    """(2, 16, 9) the hits of the first two bars on sixteenths; a pattern of one bar is heard twice.

    Raises:
        DrumtokError: the pattern is not in 4/4, or has no bars.
    """
    if pattern.meter != DEFAULT_METER or not pattern.bars:
        raise DrumtokError(f"the pattern has {pattern.bars} bars of {pattern.meter}: on the map are patterns in 4/4")
    first = pattern.slice_bars(0, WINDOW).regridded(DEFAULT_GRID)
    return np.resize(first.hits, (WINDOW, first.steps_per_bar, first.hits.shape[1]))


def starter_atlas() -> Atlas:
    """The map of the grooves that come with drumtok, as far as they are in 4/4 and no triplets."""
    paths = sorted((data_path("datasets") / load_manifest("starter").folder).glob("*.grid"))
    grooves = [groove for path in paths for groove in parse_grooves(path.read_text(encoding="utf-8"))]
    return Atlas([groove for groove in grooves if groove.meter == DEFAULT_METER and groove.grid in GRIDS])
