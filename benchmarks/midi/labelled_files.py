"""Small MIDI files of many kinds, in which every note is labelled as a drum or not.

Each kind stands for files that people have: songs, loops, packs, exports of DAWs and of electronic kits. A seed varies
their beats, bass lines, chords and tunes, without changing any label.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

import mido
import numpy as np

from benchmarks.midi.labelled_parts import Part, bank, bass, beat, chords, exclusive, toms, tune

TICKS = 480  # per quarter note
STEP = TICKS // 4
VARIANTS = 5  # files of each kind
Songs = dict[str, tuple[Part, ...]]  # kind of file -> its parts


@dataclass(frozen=True)
class LabelledFile:
    """A MIDI file with labels.

    Attributes:
        kind: the kind of file.
        path: its path within its source.
        data: its bytes.
        drums: (track, channel) of each drum part, counted from 0.
    """

    kind: str
    path: str
    data: bytes
    drums: frozenset[tuple[int, int]] = field(default_factory=frozenset)


def file_of(
    kind: str, path: str, parts: Sequence[Part], *, tracks: Sequence[int] = (), title: str = "", midi_type: int = 1
) -> LabelledFile:
    """Write a file of parts.

    Args:
        tracks: the track of each part; by default each has its own.
        title: name of the conductor track, which comes first; in a file with one track, the name of that track.
    """
    file = mido.MidiFile(type=midi_type, ticks_per_beat=TICKS)
    first = 1 if title and midi_type == 1 else 0
    owner = [first + number for number in tracks or range(len(parts))] if midi_type else [0] * len(parts)
    for number in range(max(owner) + 1):
        events: list[tuple[int, int, mido.Message | mido.MetaMessage]] = []
        own = [part for part, track in zip(parts, owner, strict=True) if track == number]
        name = next((part.name for part in own if part.name), "")
        if title and number == 0:
            name = title
        if name:
            events.append((0, 0, mido.MetaMessage("track_name", name=name)))
        for part in own:
            channel = part.channel - 1
            events += [(0, 1, message.copy(time=0)) for message in part.before]
            if part.program is not None:
                events.append((0, 2, mido.Message("program_change", channel=channel, program=part.program - 1)))
            for step, pitch in part.notes:
                on, off = step * STEP, step * STEP + STEP // 2
                events.append((on, 4, mido.Message("note_on", channel=channel, note=pitch, velocity=90)))
                events.append((off, 3, mido.Message("note_off", channel=channel, note=pitch)))
        track, now = mido.MidiTrack(), 0
        for tick, _, message in sorted(events, key=lambda event: event[:2]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    written = BytesIO()
    file.save(file=written)
    drums = frozenset((track, part.channel - 1) for part, track in zip(parts, owner, strict=True) if part.drums)
    return LabelledFile(kind, path, written.getvalue(), drums)


GS_RHYTHM, GS_MELODIC = "41 10 42 12 40 1A 15 02 0F", "41 10 42 12 40 10 15 00 1B"  # channel 11, channel 10
KIT_NAMES = ("Drums", "Live Kit 2", "EZdrummer", "Schlagzeug", "Batterie")
PRODUCTS = ("SD3", "Addictive Drums 2", "BFD3", "Superior Drummer 3", "SSD5")
TITLES = ("Oh Starry Night", "Ride the Lightning", "Kick Out the Jams", "Little Drummer Boy", "Clap Your Hands")
TITLES_OF_FILES = ("Dont You Wanna Ride", "Crash Into Me", "Let It Snap", "Toms Diner", "Ticket to Ride")
PACK = ("01_Kick.mid", "Hats/Open 3.mid", "Snares/7.mid", "Trap_Hat_140.mid", "808 clap.mid")
MELODIC_PACK = ("Bass/01.mid", "Melodies/Chords 3.mid", "Piano Loop 90.mid", "Lead_2.mid", "Bassline 4.mid")
MELODIC_NAMES = ("Steel Drums", "Tubular Bells", "Synth Drums", "Timpani", "Melodic Percussion")
NOT_DRUMS = ("Ch 1", "MT-32", "CH 2", "Track 4", "Audio 1")
LATIN = ("Congas", "Bongos", "Timbales", "Shaker", "Tambourine")


class _Band(NamedTuple):
    """The parts that all songs of a turn have in common."""

    flute: Part
    low: Part
    high: Part
    piano: Part
    kit: Part


def _songs(rng: np.random.Generator, turn: int) -> Songs:
    """Return kind -> parts of a song, each on a track of its own."""
    band = _Band(
        flute=Part(tune(rng), 1, False, "Flute", 74),
        low=Part(bass(rng), 2, False, "Bass", 34),
        high=Part(bass(rng, low=36), 2, False, "", 34),
        piano=Part(chords(rng), 1, False, "Piano"),
        kit=Part(beat(rng), 10, True),
    )
    return {
        **_songs_on_channel_10(rng, turn, band),
        **_songs_with_names(rng, turn, band),
        **_songs_with_programs(rng, turn, band),
    }


def _songs_on_channel_10(rng: np.random.Generator, turn: int, band: _Band) -> Songs:
    """Return songs whose drums are on the drum channel of General MIDI."""
    flute, low, _, _, kit = band
    title, name = TITLES[turn % 5], KIT_NAMES[turn % 5]
    return {
        "song with channel 10": (flute, low, Part(beat(rng), 10, True, "Drums")),
        "channel 10 alone": (kit,),
        "channel 10, one pitch, track of another drum": (flute, Part([(4, 38), (12, 38)], 10, True, "Percussion")),
        "channel 10 in two tracks": (
            Part(beat(rng), 10, True, name),
            Part([(s, 54) for s in range(8)], 10, True, "Tambourine"),
        ),
        "melodic tracks whose names hold letters of drums": (
            Part(tune(rng), 1, False, NOT_DRUMS[turn % 5], 1),
            Part(bass(rng), 2, False, "Ch 2", 49),
            kit,
        ),
        "melodic track named like a song": (Part(tune(rng), 1, False, title, 6), kit),
        "percussion on channel 10": (Part([(s, 63 + s % 2) for s in range(16)], 10, True, "Congas"),),
        "electronic kit": (Part([*beat(rng), (0, 55), (14, 26), (6, 22)], 10, True, "TD-17"),),
    }


def _songs_with_names(rng: np.random.Generator, turn: int, band: _Band) -> Songs:
    """Return songs whose track names decide."""
    _, low, _, piano, _ = band
    name, number = KIT_NAMES[turn % 5], 3 + turn % 5
    return {
        "drums on another channel, named": (piano, low, Part(beat(rng), number, True, name)),
        "drum software on another channel": (Part(beat(rng), number, True, PRODUCTS[turn % 5]), piano, low),
        "everything on channel 1, tracks named": (
            Part(beat(rng), 1, True, name),
            Part(bass(rng, low=36), 1, False, "Bass"),
            Part(chords(rng), 1, False, "Piano"),
        ),
        "a track for each drum": (
            Part([(0, 60), (8, 60)], 1, True, "Kick"),
            Part([(4, 60), (12, 60)], 2, True, "Dusty Snare"),
            Part([(s, 60) for s in range(0, 16, 2)], 3, True, "Closed Hat"),
            Part(bass(rng), 4, False, "Sub Bass"),
        ),
        "percussion on another channel, named": (
            Part(chords(rng), 1, False, "Keys", 5),
            Part([(s, 62 + s % 3) for s in range(16)], 5, True, f"{LATIN[turn % 5]}" if turn % 2 else "Percussion"),
        ),
    }


def _songs_with_programs(rng: np.random.Generator, turn: int, band: _Band) -> Songs:
    """Return songs in which programs, banks, system exclusive messages or the notes decide."""
    flute, _, high, _, kit = band
    number = 3 + turn % 5
    return {
        "drums left by programs": (flute, high, Part(beat(rng), number, True)),
        "melodic programs alone": (flute, high),
        "bass in the kit, named": (Part(tune(rng), 1, False, "Melody"), Part(bass(rng, low=36), 2, False, "Bass")),
        "no programs, no names": (Part(tune(rng), 1, False), Part(bass(rng, low=36), 2, False)),
        "tuned drums": (Part(tune(rng), 2, False, MELODIC_NAMES[turn % 5], 115), kit),
        "drum machine, a channel for each drum": (
            Part([(0, 36), (8, 36)], 1, True),
            Part([(4, 38), (12, 38)], 2, True),
            Part([(s, 42) for s in range(16)], 3, True),
        ),
        "XG kit on another channel": (flute, Part(beat(rng), number, True, "", 1, (bank(number, 127),))),
        "General MIDI 2 kit on another channel": (flute, Part(beat(rng), number, True, "", 1, (bank(number, 120),))),
        "GS rhythm part on channel 11": (flute, Part(beat(rng), 11, True, "", None, (exclusive(GS_RHYTHM),)), kit),
        "channel 10 made melodic by GS": (
            Part(tune(rng), 10, False, "Lead", 81, (exclusive(GS_MELODIC),)),
            Part(beat(rng), number, True, "Drums"),
        ),
        "percussion track beside drums": (kit, Part([(s, 44) for s in range(0, 16, 4)], 4, True, "Hi-Hat")),
        "piano with pedal, no drums": (
            Part(chords(rng), 1, False, "Right Hand", 1),
            Part(bass(rng), 2, False, "Left Hand", 1),
        ),
    }


def _others(rng: np.random.Generator, turn: int) -> Iterator[LabelledFile]:
    """Yield loops, packs, and songs with other layouts."""
    flute, low = Part(tune(rng), 1, False, "Flute", 74), Part(bass(rng), 2, False, "Bass", 34)
    piano, kit = Part(chords(rng), 1, False, "Piano"), Part(beat(rng), 10, True)
    title = TITLES[turn % 5]
    yield file_of(
        "song with a title of drums", f"{TITLES_OF_FILES[turn]}.mid", (piano, kit), title=TITLES_OF_FILES[turn]
    )
    yield file_of("type 0 song", f"song {turn}.mid", (flute, low, kit), title=title, midi_type=0)
    yield file_of("type 0 loop", f"loop {turn}.mid", (Part(beat(rng), 1, True),), midi_type=0)
    yield file_of("loop on channel 1", f"loop {turn}.mid", (Part(beat(rng), 1, True),))
    yield file_of("fill on channel 1", f"fill {turn}.mid", (Part(toms(rng), 1, True),))
    yield file_of("loop of drum software", f"loop {turn}.mid", (Part(beat(rng), 1, True, PRODUCTS[turn % 5]),))
    yield file_of(
        "named loop on unknown notes", f"Drum Loop {turn}.mid", (Part([(s, p + 40) for s, p in beat(rng)], 1, True),)
    )
    pitch = int(rng.integers(40, 80))
    yield file_of("pack of single drums", PACK[turn], (Part([(s, pitch) for s in range(0, 16, 4)], 1, True),))
    yield file_of("melodic pack", MELODIC_PACK[turn], (Part(bass(rng, low=36), 1, False),))
    yield file_of("piano on one channel", f"piece {turn}.mid", (Part([*chords(rng), *tune(rng)], 1, False),))
    yield file_of("program of a bass on one channel", f"line {turn}.mid", (Part(bass(rng, low=36), 1, False, "", 34),))
    yield file_of(
        "two hands on one channel", f"piece {turn}.mid", (piano, Part(bass(rng), 1, False, "Left")), title=title
    )


def labelled_files(seed: int = 0) -> list[LabelledFile]:
    """Write the whole set: every kind `VARIANTS` times."""
    rng = np.random.default_rng(seed)
    files: list[LabelledFile] = []
    for turn in range(VARIANTS):
        files += [file_of(kind, f"file {turn}.mid", parts) for kind, parts in _songs(rng, turn).items()]
        files += _others(rng, turn)
    return files
