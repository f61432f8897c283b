"""The description of the server for the page: version, network, styles, meters, drums, kits, controls and limits."""

from dataclasses import asdict
from typing import Any

from drumtok.drums import DRUMS, PERCUSSION
from drumtok.evaluation.bar_distance import DRUM_WEIGHTS
from drumtok.library.config import FindConfig
from drumtok.midi.chunks import MIDI_ENDINGS
from drumtok.midi.note_maps import load_note_map, note_map_names
from drumtok.notation import ACCENT_FROM, GHOST_BELOW, LEVELS
from drumtok.pattern import DEFAULT_GRID, GRIDS
from drumtok.rendering.kits import KIT_NAMES
from drumtok.rendering.one_shots import RATE
from drumtok.sampling.config import meter_warning
from drumtok.sampling.signatures import grouped
from drumtok.version import __version__
from drumtok.web.config import LIMITS, METERS
from drumtok.web.controls import CONTROLS
from drumtok.web.plan_tables import bar_tables
from drumtok.web.provenance import stamp_of
from drumtok.web.state import ServerState


def about_page(state: ServerState) -> dict[str, Any]:
    """Return the description as JSON values, meters with their warnings."""
    checkpoint = state.engine.checkpoint
    return {
        "version": __version__,
        "stamp": stamp_of(state.provenance),
        "checkpoint": checkpoint.name,
        "styles": {name: asdict(style) for name, style in state.networks.styles().items()},
        "style_groups": grouped(checkpoint.config.styles),
        "meters": {meter: meter_warning(meter) for meter in METERS},
        "kinds": list(checkpoint.kinds),
        "hits": bool(checkpoint.config.hits),
        "grid": checkpoint.grid,
        "grids": list(GRIDS),
        "drums": [{"lane": drum.lane, "name": drum.name, "note": drum.note} for drum in DRUMS],
        "percussion": [{"lane": row.piece, "name": row.name, "note": row.note} for row in PERCUSSION],
        "levels": {"ghost": LEVELS["o"], "hit": LEVELS["x"], "accent": LEVELS["X"]},
        "ghost_below": GHOST_BELOW,
        "accent_from": ACCENT_FROM,
        "kits": list(KIT_NAMES),
        "sample_rate": RATE,
        "note_maps": list(note_map_names()),
        "written_maps": [name for name in note_map_names() if None not in load_note_map(name).written],
        "controls": {name: asdict(control) for name, control in CONTROLS.items()},
        "plan": bar_tables(),
        "find": {
            "grid": DEFAULT_GRID,
            "weights": DRUM_WEIGHTS.tolist(),
            "count": FindConfig.count,
            "endings": list(MIDI_ENDINGS),
        },
        "limits": asdict(LIMITS),
    }
