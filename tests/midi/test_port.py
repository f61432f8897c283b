"""Playing to a MIDI port, with a fake port and a fake clock."""

import sys

import mido
import numpy as np
import pytest

from drumtok.drums import DRUMS, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.midi.port import open_port, play
from drumtok.midi.writer import MidiConfig
from drumtok.pattern import Pattern

BEAT = Pattern.from_grid("kick |x-------x-------|\nopen |--x-------------|", tempo=120)


class JobQueue:
    """A port that records the time of each message, and the clock that it is played by."""

    def __init__(self, until=None):
        self.time, self.until, self.sent, self.closed = 1000.0, until, [], False

    def send(self, message):
        self.sent.append((round(self.time - 1000, 6), message))

    def now(self):
        return self.time

    def sleep(self, seconds):
        assert seconds > 0
        self.time += seconds
        if self.until is not None and self.time - 1000 > self.until:
            raise KeyboardInterrupt

    def play(self, pattern=BEAT, **options):
        play(pattern, self, now=self.now, sleep=self.sleep, **options)

    def of(self, kind, end=None):
        return [(at, message) for at, message in self.sent if message.type == kind and (end is None or at < end)]

    def sounding(self):
        """Return the notes that are still on."""
        state = {message.note: message.type for _, message in self.sent if message.type.startswith("note_")}
        return {note for note, kind in state.items() if kind == "note_on"}


def ending(messages):
    """Return the last messages: stop, a note-off for each drum, all notes off."""
    kinds = [message.type for _, message in messages[-N_DRUMS - 2 :]]
    assert kinds == ["stop", *["note_off"] * N_DRUMS, "control_change"]
    assert all(message.channel == 9 for _, message in messages[-N_DRUMS - 1 :])
    assert (messages[-1][1].control, messages[-1][1].value) == (123, 0)
    return {message.note for _, message in messages[-N_DRUMS - 1 : -1]}


def test_clock_and_notes_come_in_time():
    desk = JobQueue()
    desk.play()
    assert [message.type for _, message in desk.sent[:3]] == ["start", "clock", "note_on"]
    assert [at for at, _ in desk.of("clock")] == pytest.approx(
        [n / 48 for n in range(96)], abs=1e-6
    )  # 24 pulses in half a second
    notes = [(at, message.note, message.velocity, message.channel) for at, message in desk.of("note_on")]
    assert notes == [(0, 36, 100, 9), (0.25, 46, 100, 9), (1, 36, 100, 9)]
    offs = [(at, message.note) for at, message in desk.of("note_off", end=2)]
    assert offs == [(0.0625, 36), (0.3125, 46), (1.0625, 36)]
    assert desk.of("stop")[0][0] == pytest.approx(2)
    assert ending(desk.sent) == {drum.note for drum in DRUMS}


def test_it_is_repeated_without_a_gap():
    desk = JobQueue()
    desk.play(times=3)
    assert [at for at, _ in desk.of("clock")] == pytest.approx([n / 48 for n in range(3 * 96)], abs=1e-6)
    assert [at for at, message in desk.of("note_on") if message.note == 46] == [0.25, 2.25, 4.25]
    assert [len(desk.of(kind)) for kind in ("start", "stop")] == [1, 1]


@pytest.mark.parametrize("times", [1, 0])
def test_ctrl_c_leaves_no_note_sounding(times):
    desk = JobQueue(until=0.26 if times else 6.26)
    with pytest.raises(KeyboardInterrupt):
        desk.play(times=times)
    assert len(desk.of("note_on")) == (2 if times else 3 * 3 + 2)
    assert ending(desk.sent) == {drum.note for drum in DRUMS}
    assert not desk.sounding()
    del desk.sent[-N_DRUMS - 2 :]
    assert desk.sounding() == {46}  # an open hi-hat had begun


def test_a_failing_port_still_gets_the_note_offs():
    desk, count = JobQueue(), 0

    def breaks(message):
        nonlocal count
        count += 1
        if count == 5:
            raise OSError("gone")
        JobQueue.send(desk, message)

    desk.send = breaks
    with pytest.raises(OSError, match="gone"):
        desk.play()
    ending(desk.sent)


def test_swing_and_the_notes_of_a_map_are_played(tmp_path):
    path = tmp_path / "my.toml"
    path.write_text('[notes]\n60 = "kick"', encoding="utf-8")
    desk = JobQueue()
    swung = Pattern.from_grid("kick |-x--------------|")
    desk.play(swung, writing=MidiConfig(swing=60, note_map=str(path), track_per_drum=True))
    assert [(at, message.note) for at, message in desk.of("note_on")] == [(0.15, 60)]
    assert 60 in ending(desk.sent)


def test_invalid_settings_are_errors_before_anything_is_sent():
    desk = JobQueue()
    with pytest.raises(DrumtokError, match="pattern must have bars"):
        desk.play(Pattern(np.zeros((0, N_DRUMS))))
    with pytest.raises(DrumtokError, match="swing must be 50 on a grid of triplets, got 60 on grid 3"):
        desk.play(Pattern.from_grid("kick |x--|", grid=3, meter=(1, 4)), writing=MidiConfig(swing=60))
    assert not desk.sent


class Backend:
    """A MIDI system with ports of these names."""

    names = ("Synth A:in 1", "Synth B:in 1")

    def __init__(self, name):
        self.name = name

    def get_output_names(self):
        return list(self.names)

    def open_output(self, name):
        return name


def test_a_port_is_found_by_a_part_of_its_name(monkeypatch):
    monkeypatch.setattr(mido, "Backend", Backend)
    assert open_port() == "Synth A:in 1"
    assert open_port("synth b") == "Synth B:in 1"
    assert open_port("Synth A:in 1") == "Synth A:in 1"
    with pytest.raises(DrumtokError, match=r"port must be one of Synth A:in 1, Synth B.*, got 'synth'"):
        open_port("synth")
    with pytest.raises(DrumtokError, match=r"port must be one of .*, got 'drum'"):
        open_port("drum")
    monkeypatch.setattr(Backend, "names", ())
    with pytest.raises(
        DrumtokError, match="cannot open a MIDI port: no port exists; open a synthesiser or a DAW first"
    ):
        open_port()


def test_without_rtmidi_pygame_is_used(monkeypatch):
    class OnlyPygame(Backend):
        def get_output_names(self):
            if self.name != "mido.backends.pygame":
                raise ModuleNotFoundError("No module named 'rtmidi'", name="rtmidi")
            return ["Synth"]

    monkeypatch.setattr(mido, "Backend", OnlyPygame)
    assert open_port() == "Synth"


def test_a_missing_package_or_midi_system_is_an_error_of_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.delitem(sys.modules, "mido.backends.rtmidi", raising=False)
    monkeypatch.setitem(sys.modules, "pygame", None)
    monkeypatch.delitem(sys.modules, "mido.backends.pygame", raising=False)
    with pytest.raises(DrumtokError, match=r"playing requires python-rtmidi or pygame-ce: pip install .*\[play\]'"):
        open_port()

    def fails(self):
        raise OSError("error creating ALSA sequencer client object.")

    monkeypatch.setattr(mido, "Backend", Backend)
    monkeypatch.setattr(Backend, "get_output_names", fails)
    with pytest.raises(DrumtokError, match="cannot open a MIDI port: error creating ALSA sequencer client object"):
        open_port()
