"""Place the sounds of a kit by onset, velocity and choke: the mix of a pattern, or of some of its lanes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drumtok.drums import LANES, PERCUSSION_NAMES
from drumtok.errors import DrumtokError
from drumtok.midi.strikes import Strike
from drumtok.midi.writer import TICKS_PER_BEAT, MidiConfig, lane_onsets
from drumtok.pattern import Pattern
from drumtok.rendering.kit import MAX_VELOCITY, Kit, Piece
from drumtok.rendering.kits import BASS
from drumtok.rendering.load_kit import part_piece

LEVEL = 10 ** (-3 / 20)  # a hit at full velocity is 3 dB below the one-shot, so that few grooves reach the limit
KICK = LANES[0]  # plays the bass
CHOKE = 0.005  # fade-out of a choked sound in seconds
MAX_SECONDS = 3600.0  # seconds; in memory that is 1.3 GB


@dataclass(frozen=True)
class _Hit:
    frame: int
    part: str
    velocity: int
    take: int


class Mix:
    """The hits of a pattern on a kit.

    Attributes:
        parts: the lanes and percussion with hits, in the order of the kit, and the bass if the kick plays one.
        frames: the length of the bars in frames.

    Raises:
        DrumtokError: the pattern has no bars or is longer than an hour, or the kit has no sound for one of its lanes.
    """

    def __init__(
        self,
        pattern: Pattern,
        kit: Kit,
        swing: float,
        looped: bool,
        rate: int,
        bass: Piece | None,
        strikes: Sequence[Strike] = (),
    ) -> None:
        MidiConfig(swing=swing).check_with(pattern.grid)
        seconds = pattern.seconds
        if not 0 < seconds <= MAX_SECONDS:
            raise DrumtokError(f"pattern must last above 0 and at most {MAX_SECONDS:g} seconds, got {seconds:.0f}")
        self.frames, self._rate, self._looped = round(seconds * rate), rate, looped
        self._hits = _with_strikes(_hits(pattern, swing, rate), strikes, pattern, rate)
        found = {hit.part for hit in self._hits}
        self._pieces = {part: part_piece(kit, part) for part in (*LANES, *PERCUSSION_NAMES) if part in found}
        if bass is not None and KICK in found:
            self._hits = [bassed for hit in self._hits for bassed in _with_bass(hit)]
            self._pieces[BASS] = bass
        self.parts = tuple(self._pieces)
        chokes = {part: piece.choke for part, piece in self._pieces.items()}
        self._ends = _ends(self._hits, chokes, self.frames if looped else None)

    def sound(self, part: str | None = None) -> NDArray[np.float32]:
        """Return the sound of a part, by default of all parts, before the bus: (frames, 2).

        All have the same length, and the parts add up to the whole.
        """
        fade = int(CHOKE * self._rate)
        every = [(hit, self._shot(hit), end - hit.frame) for hit, end in zip(self._hits, self._ends, strict=True)]
        lasts = [hit.frame + int(min(len(shot), length + fade)) for hit, shot, length in every]
        sound = np.zeros((max([self.frames, *lasts]), 2), dtype=np.float32)
        for hit, shot, length in every:
            if part in (None, hit.part):
                played = _choked(shot, length, fade) * np.float32(LEVEL * (hit.velocity / MAX_VELOCITY) ** 2)
                sound[hit.frame : hit.frame + len(played)] += played
        return _wrapped(sound, self.frames) if self._looped else sound

    def _shot(self, hit: _Hit) -> NDArray[np.float32]:
        piece = self._pieces[hit.part]
        return piece.sound(piece.layer(hit.velocity), hit.take, self._rate)


def _hits(pattern: Pattern, swing: float, rate: int) -> list[_Hit]:
    """Return the hits in the order of their onsets."""
    steps_per_tick = pattern.grid / TICKS_PER_BEAT
    hits = []
    for lane in range(len(LANES)):
        steps, ticks = lane_onsets(pattern, lane, swing)
        frames = np.round(pattern.seconds_at(ticks * steps_per_tick) * rate).astype(np.int64).tolist()
        velocities = pattern.velocity[steps, lane].tolist()
        numbered = enumerate(zip(frames, velocities, strict=True))
        hits += [_Hit(frame, LANES[lane], round(velocity), take) for take, (frame, velocity) in numbered]
    return sorted(hits, key=lambda hit: hit.frame)


def _with_strikes(hits: list[_Hit], strikes: Sequence[Strike], pattern: Pattern, rate: int) -> list[_Hit]:
    """Return hits and strikes in the order of their onsets; each strike is another take of its part."""
    takes = Counter(hit.part for hit in hits)
    more = []
    for strike in strikes:
        seconds = float(pattern.seconds_at(np.array([strike.at * pattern.grid]))[0])
        more.append(_Hit(round(seconds * rate), strike.part, strike.velocity, takes[strike.part]))
        takes[strike.part] += 1
    return sorted([*hits, *more], key=lambda hit: hit.frame)


def _with_bass(hit: _Hit) -> tuple[_Hit, ...]:
    return (hit, replace(hit, part=BASS)) if hit.part == KICK else (hit,)


def _ends(hits: list[_Hit], chokes: dict[str, int], frames: int | None) -> list[float]:
    """Return the frame at which a later hit of its choke group ends each hit, infinity without such a hit.

    Simultaneous hits do not end each other. In a loop of `frames` the first hit ends the ring of the last.
    """
    ends = [np.inf] * len(hits)
    for group in {*chokes.values()} - {0}:
        own = [index for index, hit in enumerate(hits) if chokes[hit.part] == group]
        onsets = sorted({hits[index].frame for index in own})
        after = dict(zip(onsets, [*onsets[1:], np.inf if frames is None else onsets[0] + frames], strict=True))
        for index in own:
            ends[index] = after[hits[index].frame]
    return ends


def _choked(shot: NDArray[np.float32], length: float, fade: int) -> NDArray[np.float32]:
    """Fade out a one-shot, in `fade` frames, from the frame at which another one ends it."""
    if length >= len(shot):
        return shot
    cut = shot[: int(length) + fade].copy()
    faded = len(cut) - int(length)
    cut[int(length) :] *= np.linspace(1, 0, faded, dtype=np.float32)[:, None]
    return cut


def _wrapped(sound: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Return the first `frames`, with all later ones added from the beginning, repeatedly if needed."""
    padded = np.pad(sound, ((0, -len(sound) % frames), (0, 0)))
    return padded.reshape(-1, frames, 2).sum(axis=0)
