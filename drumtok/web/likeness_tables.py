"""The tables by which the browser finds the sound of the model that is most like a given one."""

from typing import Any

from drumtok.sound import bands, details, latents, likeness, parameters, reproduction, tones
from drumtok.sound.synthesis import EVEN


def likeness_tables() -> dict[str, Any]:
    """Return the tables, which JSON can hold."""
    return _analysis_tables() | _search_tables()


def _analysis_tables() -> dict[str, Any]:
    """Return what the parameters of a sound are found by."""
    return {
        "span": bands.SPAN,
        "step": bands.STEP,
        "sharpening": bands.SHARPENING,
        "overlap": parameters.OVERLAP,
        "falls": tones.falls().tolist(),
        "pitchStep": tones.PITCH_STEP,
        "partialStep": tones.PARTIAL_STEP,
        "searched": tones.SEARCHED,
        "window": tones.WINDOW,
        "ratios": tones.RATIOS.tolist(),
        "prominence": tones.PROMINENCE,
        "ring": list(tones.RING),
    }


def _search_tables() -> dict[str, Any]:
    """Return what a latent is fitted by, and what its sound is compared by."""
    lowest = parameters.floors().astype(float)
    shown = likeness.HOP * (likeness.FRAMES + 1)
    return {
        "floors": [max(float(level), -1e9) for level in lowest],  # JSON has no infinity
        "importance": parameters.importance().astype(float).tolist(),
        "levels": parameters.LEVELS.start,
        "rounds": latents.ROUNDS,
        "hold": latents.HOLD,
        "melFrames": likeness.FRAMES,
        "melEdges": likeness.mel_edges().tolist(),
        "melWindow": likeness.WINDOW,
        "hop": likeness.HOP,
        "floor": likeness.FLOOR,
        "heard": (shown // EVEN + 2) * EVEN,  # the fade at the end comes after what is compared
        "detailMost": details.MOST,
        "corrections": reproduction.CORRECTIONS,
        "correctionStep": reproduction.STEP,
        "largest": reproduction.LARGEST,
        "struckFrames": reproduction.STRUCK,
    }
