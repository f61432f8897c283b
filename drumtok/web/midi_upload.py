"""Uploaded MIDI files: their drums, the place of these on the map, and matching settings."""

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.files import Song, from_midi_bytes
from drumtok.network.context import BarTracker
from drumtok.network.engine import SteppedNetwork
from drumtok.pattern import DEFAULT_METER, Pattern
from drumtok.sampling.sampler import log_sum
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, to_ids
from drumtok.web.config import LIMITS
from drumtok.web.models import ImportedPattern, density_of, to_wire
from drumtok.web.state import ServerState

STYLE_BARS = 4  # bars that the style is estimated from


def read_upload(data: bytes, engine: SteppedNetwork, state: ServerState) -> ImportedPattern:
    """Return what a MIDI file holds, cut to the limits of the page.

    Raises:
        DrumtokError: the data is not a MIDI file, or has no drums.
    """
    song = from_midi_bytes(data, "the file", grid=engine.checkpoint.grid)
    pattern, remarks = _first_section(song)
    return ImportedPattern(
        pattern=to_wire(pattern),
        place=state.place(pattern) if pattern.meter == DEFAULT_METER else None,
        style=likeliest_style(engine, pattern),
        density=density_of(pattern),
        remarks=remarks,
    )


def _first_section(song: Song) -> tuple[Pattern, list[str]]:
    """Return the first section with hits, cut to the limits of the page, and remarks for the user."""
    sections = [section for section in song.sections if section.hits.any()]
    remarks = [remark for remark in (song.reason, song.suggestion) if remark]
    if not sections:
        raise DrumtokError("; ".join(["the file has no drum hits", *remarks]))
    pattern = sections[0]
    bars = min(LIMITS.bars, LIMITS.steps // pattern.steps_per_bar)
    if not bars:
        raise DrumtokError(f"a bar must have at most {LIMITS.steps} steps, got {pattern.steps_per_bar}")
    if len(sections) > 1:
        remarks.append(f"the meter changes, only the first of {len(sections)} sections was imported")
    if pattern.bars > bars:
        remarks.append(f"only the first {bars} of {pattern.bars} bars were imported")
    return pattern.slice_bars(0, bars), remarks


def likeliest_style(engine: SteppedNetwork, pattern: Pattern) -> str | None:
    """Return the style in which the first bars of a pattern are most likely; None if the network has no styles."""
    styles = engine.checkpoint.config.styles
    if not styles:
        return None
    kind = engine.checkpoint.default_kind
    labels = [engine.label(Conditioning(kind, style)) for style in styles]
    state, tracker = engine.start(len(styles)), BarTracker(len(styles), engine.lookback, labels)
    total = np.zeros(len(styles))
    for word in to_ids(pattern.slice_bars(0, STYLE_BARS)):
        logits = engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
        if word != BAR_ID:
            total += logits[:, word] - log_sum(logits)
        tracker.push(np.full(len(styles), word), given=True)
    return styles[int(total.argmax())]
