"""Compare distributions of rhythm features by overlap area and Kullback-Leibler divergence.

After Yang and Lerch, "On the evaluation of generative models in music", Neural Computing and Applications 2020. A
feature that is one number is compared by its own density. One of many columns, such as an onset histogram, is compared
by Euclidean distances: among the held-out windows (intra-set), and from generated to held-out windows (inter-set). All
densities are Gaussian kernel estimates; the two of a pair use one kernel width and one grid.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drumtok.evaluation.rhythm_features import Windows, feature_groups, single_features

Values = NDArray[np.float64]
GRID_POINTS = 512
MARGIN = 4  # kernel widths by which the grid extends beyond the values
MIN_PROB = 1e-12  # floor of the densities, which are 0 far from all values
MOST_DISTANCES = 250_000  # of a set, to limit memory
POINTS_AT_ONCE = 16


@dataclass(frozen=True)
class Densities:
    """One feature in two sets of windows.

    Attributes:
        grid: (512,) values of the feature, evenly spaced.
        ours, theirs: (512,) densities of the generated and of the held-out windows at these values.
        mean_ours, mean_theirs: means of the feature itself.
    """

    grid: Values
    ours: Values
    theirs: Values
    mean_ours: float
    mean_theirs: float

    @property
    def overlap(self) -> float:
        """The area under both densities, between 0 and 1."""
        return float(np.minimum(self.ours, self.theirs).sum() / self.theirs.sum())

    @property
    def divergence(self) -> float:
        """The Kullback-Leibler divergence of the held-out density from the generated one, in nats, at least 0."""
        ours, theirs = (np.maximum(d, MIN_PROB) / np.maximum(d, MIN_PROB).sum() for d in (self.ours, self.theirs))
        return float(max((theirs * np.log(theirs / ours)).sum(), 0))


def densities(ours: Values, theirs: Values) -> Densities:
    """Estimate the densities of two non-empty sets of values, (n,) and (m,).

    The kernel width follows Scott's rule with the size of the smaller set and the spread of all values. If all values
    are equal, the densities are equal.

    >>> rng = np.random.default_rng(0)
    >>> same, other = densities(*rng.normal(size=(2, 2000))), densities(rng.normal(size=2000), np.full(50, 9.0))
    >>> same.overlap > 0.95, same.divergence < 0.01, other.overlap < 0.05, other.divergence > 5
    (True, True, True, True)
    """
    both = np.concatenate([ours, theirs])
    width = float(both.std() * min(len(ours), len(theirs)) ** -0.2) or 1.0
    grid = np.linspace(both.min() - MARGIN * width, both.max() + MARGIN * width, GRID_POINTS)
    drawn, played = (_density(values, grid, width) for values in (ours, theirs))
    return Densities(grid, drawn, played, float(ours.mean()), float(theirs.mean()))


def _density(values: Values, grid: Values, width: float) -> Values:
    """Return the density of the values at the points of a grid."""
    different, times = np.unique(values, return_counts=True)
    parts = [
        np.exp(-0.5 * ((points[:, None] - different) / width) ** 2) @ times
        for points in np.split(grid, range(POINTS_AT_ONCE, len(grid), POINTS_AT_ONCE))
    ]
    return np.concatenate(parts) / (len(values) * width * np.sqrt(2 * np.pi))


def set_distances(ours: Values, theirs: Values, rng: np.random.Generator) -> tuple[Values, Values]:
    """Return the Euclidean distances from each row of `ours` to each of `theirs`, and between all rows of `theirs`.

    Rows of sets with more than 250,000 distances are sampled.

    >>> ours, theirs = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])
    >>> inter, intra = set_distances(ours, theirs, np.random.default_rng(0))
    >>> np.sort(inter).tolist(), intra.round(2).tolist()
    ([1.0, 5.0], [4.24])
    """
    most = int(MOST_DISTANCES**0.5)
    ours, theirs = (rows if len(rows) <= most else rng.choice(rows, most, replace=False) for rows in (ours, theirs))
    return _distances(ours, theirs).ravel(), _distances(theirs, theirs)[np.triu_indices(len(theirs), 1)]


def _distances(a: Values, b: Values) -> Values:
    """Return the Euclidean distances of rows, (n, m)."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def compare_features(ours: Windows, theirs: Windows, rng: np.random.Generator) -> dict[str, Densities]:
    """Return the densities of each feature in generated and held-out windows, and of the distances of each group."""
    singles = single_features(ours), single_features(theirs)
    groups = feature_groups(ours), feature_groups(theirs)
    pairs = {name: (singles[0][name], singles[1][name]) for name in singles[0]}
    pairs |= {f"{name}, distances": set_distances(groups[0][name], groups[1][name], rng) for name in groups[0]}
    return {name: densities(*pair) for name, pair in pairs.items()}
