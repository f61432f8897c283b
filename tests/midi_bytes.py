"""MIDI files for tests, made of mido events or of commented hex."""

import io

import mido


def from_hex(text):
    """Return the bytes of a hex text, in which `#` begins a comment."""
    return bytes.fromhex(" ".join(line.partition("#")[0] for line in text.splitlines()))


def make_midi(notes=(), *, ppq=480, meters=(), tempi=(), end=None, channel=9, length=10):
    """Return the bytes of a type 1 file with a conductor track and one track of notes.

    Args:
        notes: (tick, note) or (tick, note, velocity) of each note; velocity 100 by default.
        meters: (tick, numerator, denominator) of each time signature.
        tempi: (tick, microseconds per quarter note) of each.
        end: the tick of the end-of-track; by default that of the last event.
        length: of a note in ticks.
    """
    conductor = [
        (tick, mido.MetaMessage("time_signature", numerator=n, denominator=d, time=0)) for tick, n, d in meters
    ] + [(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempi]
    events = []
    for tick, note, *velocity in notes:
        events.append((tick, mido.Message("note_on", channel=channel, note=note, velocity=(velocity or [100])[0])))
        events.append((tick + length, mido.Message("note_off", channel=channel, note=note)))
    file = mido.MidiFile(type=1, ticks_per_beat=ppq)
    for track_events, track_end in ((conductor, None), (events, end)):
        track, now = mido.MidiTrack(), 0
        for tick, message in sorted(track_events, key=lambda event: event[0]):
            track.append(message.copy(time=tick - now))
            now = tick
        track.append(mido.MetaMessage("end_of_track", time=(now if track_end is None else track_end) - now))
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def kit_beside_a_melody(notes):
    """Return the bytes of a file with a melody, and with drums on track 2 and channel 3 that cannot be detected."""
    kit, melody = (
        mido.MidiFile(file=io.BytesIO(make_midi(own, channel=channel, end=1920)))
        for own, channel in ((notes, 2), ([(120 * step, 60 + step % 7) for step in range(16)], 3))
    )
    kit.tracks.append(melody.tracks[1])
    buffer = io.BytesIO()
    kit.save(file=buffer)
    return buffer.getvalue()


def two_kits(notes, others):
    """Return the bytes of two bars, marked a and b: a kit on track 2 and channel 3, one on track 3 and channel 5."""
    first, second = (
        mido.MidiFile(
            file=io.BytesIO(
                make_midi([(bar + tick, note) for bar in (0, 1920) for tick, note in own], channel=channel, end=3840)
            )
        )
        for own, channel in ((notes, 2), (others, 4))
    )
    first.tracks.append(second.tracks[1])
    first.tracks[0][-1:-1] = [mido.MetaMessage("marker", text=name, time=1920 * (name == "b")) for name in "ab"]
    buffer = io.BytesIO()
    first.save(file=buffer)
    return buffer.getvalue()


def absolute(track):
    """Return (tick, message) of each event of a mido track."""
    now, events = 0, []
    for message in track:
        now += message.time
        events.append((now, message))
    return events


def wrapped(data):
    """Return a MIDI file in the RIFF wrapper of `.rmi` files."""
    body = b"RMIDdata" + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
