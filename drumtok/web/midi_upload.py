"""A MIDI file from a browser: its drums, where they belong, and the controls that suit them."""

import numpy as np

from drumtok.errors import DrumtokError
from drumtok.midi.files import Song, from_midi_bytes
from drumtok.network.context import BarTracker
from drumtok.network.engine import Engine
from drumtok.pattern import DEFAULT_METER, Pattern
from drumtok.sampling.sampler import log_sum
from drumtok.tokenizer.labels import Conditioning
from drumtok.tokenizer.tokens import BAR_ID, N_HIT_WORDS, to_ids
from drumtok.web.config import LIMITS
from drumtok.web.models import Read, density_of, sent
from drumtok.web.state import Studio

HEARD = 4  # bars that the style is told by


def read_upload(data: bytes, engine: Engine, studio: Studio) -> Read:
    """What a MIDI file holds, as far as the page takes it.

    Raises:
        DrumtokError: it is no MIDI file, or has no drums.
    """
    song = from_midi_bytes(data, "the file", grid=engine.checkpoint.grid)
    pattern, remarks = _first_section(song)
    return Read(
        pattern=sent(pattern),
        place=studio.place(pattern) if pattern.meter == DEFAULT_METER else None,
        style=likeliest_style(engine, pattern),
        density=density_of(pattern),
        remarks=remarks,
    )


def _first_section(song: Song) -> tuple[Pattern, list[str]]:
    """The first section with hits, cut to what the page takes, and what is to be told of that."""
    sections = [section for section in song.sections if section.hits.any()]
    remarks = [remark for remark in (song.reason, song.suggestion) if remark]
    if not sections:
        raise DrumtokError("; ".join(["the file has no hits of the kit", *remarks]))
    pattern = sections[0]
    bars = min(LIMITS.bars, LIMITS.steps // pattern.steps_per_bar)
    if not bars:
        raise DrumtokError(f"a bar of the file has {pattern.steps_per_bar} steps: allowed is up to {LIMITS.steps}")
    if len(sections) > 1:
        remarks.append(f"the meter changes: the first of {len(sections)} sections is shown")
    if pattern.bars > bars:
        remarks.append(f"the first {bars} of {pattern.bars} bars are shown")
    return pattern.slice_bars(0, bars), remarks


def likeliest_style(engine: Engine, pattern: Pattern) -> str | None:
    """The style in which the network finds the first bars of a pattern likeliest; None where it knows of none."""
    styles = engine.checkpoint.config.styles
    if not styles:
        return None
    kind = engine.checkpoint.default_kind
    labels = [engine.label(Conditioning(kind, style)) for style in styles]
    state, tracker = engine.start(len(styles)), BarTracker(len(styles), engine.lookback, labels)
    total = np.zeros(len(styles))
    for word in to_ids(pattern.slice_bars(0, HEARD)):
        logits = engine.step(tracker.context, state)[:, :N_HIT_WORDS].astype(np.float64)
        if word != BAR_ID:
            total += logits[:, word] - log_sum(logits)
        tracker.push(np.full(len(styles), word), given=True)
    return styles[int(total.argmax())]
