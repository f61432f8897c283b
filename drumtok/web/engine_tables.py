"""The tables for the engine in the browser: constants, labels, defaults and the rules of styles.

Each is defined once in Python; this module converts them to JSON for the engine.
"""

from dataclasses import asdict
from typing import Any

from drumtok.drums import LANES, N_DRUMS
from drumtok.generation.style_sound import FLOORS, GHOST_LEVEL, LEVELS, LOUDEST, TRIPLET_OFFSETS
from drumtok.generation.styling import FINE_GRID, network_of_style
from drumtok.generation.vary import VaryConfig
from drumtok.grids import DEFAULT_GRID, DEFAULT_TEMPO, Meter, steps_per_bar
from drumtok.network import song_cache
from drumtok.network.context import MAX_POSITION, REMEMBERED
from drumtok.notation import DEFAULT_VELOCITY
from drumtok.sampling import drum_filters, following
from drumtok.sampling.config import BARS, ENDINGS, LEAD_IN, SECTION, SamplingConfig
from drumtok.sampling.logit_filters import MIN_LOGIT
from drumtok.sampling.particle_filter import ESS_THRESHOLD
from drumtok.sampling.signatures import USABLE, Signature, signatures
from drumtok.sampling.song import FILL_BONUS
from drumtok.sampling.song_form import WHOLE_BAR_FILL
from drumtok.sampling.style_clauses import ROLL, Clause, Count, On, lanes_of, room_after, steps_of
from drumtok.sampling.style_rules import MOST_BARS, StyleRule
from drumtok.tokenizer.bar_plan import PHRASE_BARS
from drumtok.tokenizer.labels import CHANGED, EMBEDDED, KINDS, LABELS
from drumtok.web.groove_tables import groove_tables
from drumtok.web.plan_tables import plan_tables
from drumtok.web.usable_seed import TRIES

GRIDS = (DEFAULT_GRID, FINE_GRID)  # of the bundled networks


def engine_tables(by_style: bool = True) -> dict[str, Any]:
    """Return the tables as JSON values.

    Args:
        by_style: whether a style may choose its network, as in `drumtok.web.networks.Networks`.
    """
    return {
        "drums": list(LANES),
        "velocity": DEFAULT_VELOCITY,
        "tempo": DEFAULT_TEMPO,
        "kinds": list(KINDS),
        "changed": CHANGED,
        "labels": [{"name": label.name, "values": label.values, "numbering": label.numbering} for label in LABELS],
        "embedded": [label.name for label in EMBEDDED],
        "guided": [label.name for label in EMBEDDED if label.is_guided],
        "maxPosition": MAX_POSITION,
        "remembered": REMEMBERED,
        "cache": song_cache.CONSTANTS,
        "minLogit": MIN_LOGIT,
        "gain": drum_filters.GAIN,
        "maxGain": drum_filters.MAX_GAIN,
        "primed": drum_filters.PRIMED,
        "primedBars": drum_filters.PRIMED_BARS,
        "followRest": following.REST,
        "mostBars": MOST_BARS,
        "essThreshold": ESS_THRESHOLD,
        "wholeBarFill": WHOLE_BAR_FILL,
        "bars": BARS,
        "section": SECTION,
        "amount": VaryConfig.amount,
        "endings": ENDINGS,
        "phrase": PHRASE_BARS,
        "fillBonus": FILL_BONUS,
        "leadIn": LEAD_IN,
        "defaults": asdict(SamplingConfig()) | {"density": {}},
        "plan": plan_tables(),
        "groove": groove_tables(),
        "levels": dict(LEVELS),
        "floors": dict(FLOORS),
        "ghostLevel": GHOST_LEVEL,
        "loudest": LOUDEST,
        "tripletOffsets": list(TRIPLET_OFFSETS),
        "usable": rules_of_meters(USABLE),
        "usableSeeds": TRIES,
        "styles": {name: style_table(own, by_style) for name, own in signatures().items()},
    }


def style_table(signature: Signature, by_style: bool) -> dict[str, Any]:
    """Return the table of a style."""
    return {
        "tempo": signature.tempo[1],
        "triplets": signature.triplets,
        "levels": dict(signature.levels),
        "floors": dict(signature.floors),
        "accents": list(signature.accents),
        "meters": ["{}/{}".format(*meter) for meter in signature.meters],
        "like": list(signature.like),
        "network": network_of_style(signature.name) if by_style else None,
        "rules": rules_of_meters(signature.for_writing()),
    }


def rules_of_meters(signature: Signature) -> dict[str, list[dict[str, Any]]]:
    """Return the rules of a style by grid and meter, such as `4 3/4`.

    >>> rules_of_meters(USABLE)["4 4/4"][0]["clauses"]
    [{'kind': 'on', 'drums': 256, 'steps': [0], 'negated': False, 'any_of': False, 'only': False}]
    """
    return {
        "{} {}/{}".format(grid, *meter): [rule_table(rule, grid, meter) for rule in signature.rules]
        for grid in GRIDS
        for meter in signature.meters
    }


def rule_table(rule: StyleRule, grid: int, meter: Meter) -> dict[str, Any]:
    """Return a rule: the least fraction of bars that keep it (0 for any), and its alternative clauses."""
    return {"least": rule.least, "clauses": [clause_table(clause, grid, meter) for clause in rule.clauses]}


def clause_table(clause: Clause, grid: int, meter: Meter) -> dict[str, Any]:
    """Return a clause with its drums as the bits of hit words and its places as steps of a bar."""
    if isinstance(clause, On):
        steps = list(steps_of(clause.places, grid, meter))
        flags = {"negated": clause.negated, "any_of": clause.any_of, "only": clause.only}
        return {"kind": "on", "drums": _bits(clause.lanes), "steps": steps, **flags}
    if isinstance(clause, Count):
        rooms = [room_after(step, grid, meter) for step in range(steps_per_bar(grid, meter))]
        bounds = {"least": clause.least, "most": clause.most}
        return {"kind": "count", "drums": _bits(clause.lanes), **bounds, "rooms": rooms}
    return {"kind": "roll", "drums": _bits(lanes_of("hats")), "length": ROLL if grid > DEFAULT_GRID else 0}


def _bits(lanes: tuple[int, ...]) -> int:
    return sum(1 << (N_DRUMS - 1 - lane) for lane in lanes)
