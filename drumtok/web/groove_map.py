"""The groove map: place grooves, and any other pattern, in a square by the similarity of their rhythms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from drumtok.dataset.starter import starter_grooves
from drumtok.errors import DrumtokError
from drumtok.evaluation.rhythm_features import feature_groups
from drumtok.pattern import DEFAULT_GRID, DEFAULT_METER, STRAIGHT_GRIDS, Pattern

WINDOW = 2  # bars to compare
DIMENSIONS = 10  # principal components for distances; the square shows two of them
NEIGHBOURS = 5


@dataclass(frozen=True)
class MapPoint:
    """The place of a pattern.

    Attributes:
        x, y: in the square, 0 to 1.
        nearest: indices of the most similar grooves, nearest first.
    """

    x: float
    y: float
    nearest: tuple[int, ...]


class GrooveMap:
    """Grooves on a map: the first principal components of their rhythm features, each axis spread evenly.

    Every group of features has the same weight, whatever its number of columns.

    Args:
        grooves: at least three, in 4/4, on grids of `STRAIGHT_GRIDS`.

    Attributes:
        means, scales: the mean, (columns,), and the factor of each group of features.
        axes: the axes of the principal components, (all columns, dimensions).
        components: the components of the grooves, (grooves, dimensions).
        points: the places of the grooves.
    """

    def __init__(self, grooves: Sequence[Pattern]) -> None:
        self.grooves = tuple(grooves)
        groups = feature_groups(np.stack([window(groove) for groove in self.grooves]))
        self.means = {name: columns.mean(axis=0) for name, columns in groups.items()}
        self.scales = {
            name: 1 / (columns.std(axis=0).mean() * columns.shape[1] ** 0.5) for name, columns in groups.items()
        }
        rows = self._rows(groups)
        self.axes = np.linalg.svd(rows, full_matrices=False)[2][:DIMENSIONS].T  # (columns, dimensions)
        self.components = rows @ self.axes  # (grooves, dimensions)
        self._sorted = np.sort(self.components[:, :2], axis=0)
        self.points = [self._point(component) for component in self.components]

    def locate(self, pattern: Pattern) -> MapPoint:
        """Return the place of a pattern.

        Raises:
            DrumtokError: the pattern is not in 4/4, or has no bars.
        """
        return self._point((self._rows(feature_groups(window(pattern)[None])) @ self.axes)[0])

    def _point(self, component: NDArray[np.float64]) -> MapPoint:
        """Return the place of a pattern's components, (dimensions,)."""
        near = np.argsort(((self.components - component) ** 2).sum(axis=1), kind="stable")[:NEIGHBOURS]
        ranks = np.linspace(0, 1, len(self._sorted))
        x, y = (float(np.interp(component[axis], self._sorted[:, axis], ranks)) for axis in range(2))
        return MapPoint(x, y, tuple(near.tolist()))

    def _rows(self, groups: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the features (patterns, columns), centered and scaled."""
        parts = [(columns - self.means[name]) * self.scales[name] for name, columns in groups.items()]
        return np.concatenate(parts, axis=1)


def window(pattern: Pattern) -> NDArray[np.bool_]:
    """Return the hits (2, 16, 9) of the first two bars on sixteenths; a pattern of one bar is repeated.

    Raises:
        DrumtokError: the pattern is not in 4/4, or has no bars.
    """
    if pattern.meter != DEFAULT_METER or not pattern.bars:
        meter = "/".join(map(str, pattern.meter))
        raise DrumtokError(f"a pattern on the map must have bars in 4/4, got {pattern.bars} bars in {meter}")
    first = pattern.slice_bars(0, WINDOW).regridded(DEFAULT_GRID)
    return np.resize(first.hits, (WINDOW, first.steps_per_bar, first.hits.shape[1]))


@lru_cache(maxsize=1)
def starter_map() -> GrooveMap:
    """Return the map of the bundled grooves that are in 4/4 and not in triplets."""
    grooves = starter_grooves()
    return GrooveMap([groove for groove in grooves if groove.meter == DEFAULT_METER and groove.grid in STRAIGHT_GRIDS])
