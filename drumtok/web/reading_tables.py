"""The tables by which a static site recognises the style of a MIDI file and places patterns on the map.

They contain what `drumtok.evaluation.style_recognition` and `drumtok.web.groove_map` derive from the bundled grooves.
"""

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES
from drumtok.evaluation import fitting_grid, style_recognition
from drumtok.evaluation.rhythm_features import GROUPS, PAIRS, metrical_weights
from drumtok.evaluation.style_recognition import StyleEvidence, StyleRecogniser
from drumtok.grids import DEFAULT_GRID, DEFAULT_METER, GRIDS, Meter, steps_per_bar
from drumtok.sampling.signatures import signatures
from drumtok.web import groove_map
from drumtok.web.engine_tables import rule_table
from drumtok.web.groove_map import GrooveMap

DIGITS = 5


def recognition_tables(recogniser: StyleRecogniser) -> dict[str, Any]:
    """Return the tables for recognising styles, as JSON values."""
    meters = dict.fromkeys(meter for own in signatures().values() for meter in own.meters)
    return {
        "config": asdict(recogniser.config),
        "grids": list(GRIDS),
        "grid": DEFAULT_GRID,
        "better": fitting_grid.BETTER,
        "finest": style_recognition.FINEST,
        "drums": len(LANES),
        "styles": {
            name: {"tempo": own.tempo, "rules": [rule.text for rule in own.rules]} for name, own in signatures().items()
        },
        "meters": {_name(meter): _styles(recogniser, meter) for meter in meters},
        "rules": {f"{grid} {_name(meter)}": _rules(grid, meter) for meter in meters for grid in _grids(meter)},
    }


def map_tables(grooves: GrooveMap) -> dict[str, Any]:
    """Return the tables for placing patterns on the map, as JSON values."""
    return {
        "grid": DEFAULT_GRID,
        "meter": list(DEFAULT_METER),
        "window": groove_map.WINDOW,
        "neighbours": groove_map.NEIGHBOURS,
        "drums": list(LANES),
        "pairs": np.transpose(PAIRS).tolist(),
        "weights": metrical_weights(steps_per_bar(DEFAULT_GRID, DEFAULT_METER)).tolist(),
        "means": _rounded(np.concatenate([grooves.means[name] for name in GROUPS])),
        "scales": [float(grooves.scales[name]) for name in GROUPS],
        "axes": _rounded(grooves.axes),
        "components": _rounded(grooves.components),
    }


def _styles(recogniser: StyleRecogniser, meter: Meter) -> dict[str, dict[str, Any]]:
    """Return the evidence for each style in a meter, with the hits of a profile as log-odds."""
    return {name: _evidence(own, recogniser.config.onsets) for name, own in recogniser.evidence(meter).items()}


def _evidence(own: StyleEvidence, onsets: float) -> dict[str, Any]:
    if own.profile is None:
        return {"prior": own.prior, "odds": None, "kept": own.kept}
    rests = np.log1p(-own.profile)
    odds = onsets * (np.log(own.profile) - rests)
    return {"prior": own.prior + float(onsets * rests.sum()), "odds": _rounded(odds), "kept": own.kept}


def _rules(grid: int, meter: Meter) -> dict[str, dict[str, Any]]:
    """Return the rules of all styles in a meter by their text."""
    own = {rule.text: rule for style in signatures().values() if meter in style.meters for rule in style.rules}
    return {text: rule_table(rule, grid, meter) for text, rule in own.items()}


def _grids(meter: Meter) -> list[int]:
    """Return the grids on which a bar of a meter has whole steps."""
    return [grid for grid in GRIDS if 4 * grid * meter[0] % meter[1] == 0]


def _name(meter: Meter) -> str:
    return "{}/{}".format(*meter)


def _rounded(values: NDArray[np.float64]) -> list[Any]:
    found: list[Any] = values.round(DIGITS).tolist()
    return found
