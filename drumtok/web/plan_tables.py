"""The tables by which the page reads the plan of a pattern, and the engine in the browser plans long pieces."""

from typing import Any

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.generation.planning import UNPLANNED
from drumtok.network import bar_clock, plan_reader
from drumtok.sampling import plan_text, planned, planner, targets
from drumtok.tokenizer import bar_plan
from drumtok.web.config import LIMITS


def bar_tables() -> dict[str, Any]:
    """Return the tables by which the plan of a bar is read, which JSON can hold."""
    return {
        "fields": [
            {"name": field.name, "size": size} for field, size in zip(bar_plan.FIELDS, bar_plan.SIZES, strict=True)
        ],
        "roles": [_bits(drums) for drums in bar_plan.PLAN_ROLES.values()],
        "toms": _bits(bar_plan.PLAN_ROLES["toms"]),
        "filling": _bits(("snare", *bar_plan.PLAN_ROLES["toms"])),
        "weights": bar_plan.LANE_WEIGHTS.tolist(),
        "fewest": list(bar_plan.FEWEST),
        "hitsClasses": list(bar_plan.HITS_CLASSES),
        "backs": list(bar_plan.BACKS),
        "likeness": list(bar_plan.LIKENESS),
        "no": bar_plan.NO,
        "yes": bar_plan.YES,
        "equal": bar_plan.EQUAL,
        "remembered": bar_plan.REMEMBERED,
        "moreLate": bar_plan.MORE_LATE,
        "moreToms": bar_plan.MORE_TOMS,
        "usualLate": bar_plan.USUAL_LATE,
    }


def plan_tables() -> dict[str, Any]:
    """Return the tables by which long pieces are planned, beside those of `drumtok.web.engine_tables`."""
    return bar_tables() | {
        "unplanned": UNPLANNED,
        "units": bar_clock.UNITS,
        "phrase": bar_clock.PHRASE,
        "places": bar_plan.PLACES,
        "phraseEnd": bar_plan.PHRASE_BARS,
        "equalOdds": bar_clock.EQUAL_ODDS,
        "fillOdds": bar_clock.FILL_ODDS,
        "readerUnits": plan_reader.UNITS,
        "ofRole": plan_reader.OF_ROLE.tolist(),
        "ofAll": plan_reader.OF_ALL.tolist(),
        "likenessOf": plan_reader.LIKENESS_OF.tolist(),
        "drafts": planned.DRAFTS,
        "costs": planner.COSTS.tolist(),
        "fault": planned.FAULT,
        "seam": planned.SEAM,
        "pull": planner.PULL,
        "reference": planner.REFERENCE,
        "recent": planner.RECENT,
        "renewed": planner.RENEWED,
        "laterFillOdds": planner.LATER_FILL_ODDS,
        "freedom": planned.FREEDOM,
        "targetedDrafts": planned.TARGETED_DRAFTS,
        "targeted": planner.TARGETED,
        "missed": planner.MISSED,
        "span": targets.SPAN,
        "fullnessGain": targets.GAIN,
        "fullnessMax": targets.MAX_GAIN,
        "targetFault": targets.FAULT,
        "targetMissed": targets.MISSED,
        "sectionPhrase": bar_plan.PHRASE_BARS,
        "sectionLimit": plan_text.MAX_SECTIONS,
        "barLimit": LIMITS.bars,
    }


def _bits(drums: tuple[str, ...]) -> int:
    return sum(1 << (N_DRUMS - 1 - LANE_INDEX[drum]) for drum in drums)
