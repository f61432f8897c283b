"""The tables by which the groove network plays patterns in the browser."""

from typing import Any

from drumtok.drums import N_DRUMS
from drumtok.network import groove_bins, groove_checkpoint, groove_engine, groove_inputs, groove_levels, groove_memory
from drumtok.network.groove_players import LEAN
from drumtok.notation import ACCENT_FROM, GHOST_BELOW


def groove_tables() -> dict[str, Any]:
    """Return the tables, which JSON can hold."""
    return {
        "drums": N_DRUMS,
        "positions": groove_inputs.POSITIONS,
        "tempi": groove_inputs.TEMPI.tolist(),
        "exactTempi": groove_inputs.EXACT_TEMPI.tolist(),
        "tempoWidth": groove_inputs.TEMPO_WIDTH,
        "near": groove_checkpoint.NEAR,
        "summary": groove_checkpoint.SUMMARY,
        "probScale": groove_checkpoint.PROB_SCALE,
        "minProb": groove_engine.MIN_PROB,
        "velocityPlaces": groove_bins.VELOCITY_PLACES.tolist(),
        "offsetPlaces": groove_bins.OFFSET_PLACES.tolist(),
        "velocityMiddles": groove_bins.VELOCITY_MIDDLES.tolist(),
        "offsetMiddles": groove_bins.OFFSET_MIDDLES.tolist(),
        "traces": [{"per": trace.per, "rate": trace.rate} for trace in groove_memory.TRACES],
        "enough": groove_memory.SEEN,
        "fades": groove_memory.FADES,
        "hats": groove_memory.HATS,
        "lean": LEAN,
        "hitsOfAll": groove_levels.HITS_OF_ALL,
        "hitsOfDrum": groove_levels.HITS_OF_DRUM,
        "seldomHit": list(groove_levels.SELDOM_HIT),
        "maxShift": groove_levels.MAX_SHIFT,
        "ghostBelow": GHOST_BELOW,
        "accentFrom": ACCENT_FROM,
    }
