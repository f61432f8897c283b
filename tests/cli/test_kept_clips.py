"""`curate` keeps the notes of its clips: flams, notes outside the kit, other channels, velocities and offsets."""

import io
from dataclasses import replace

import mido
import pytest
from click.testing import CliRunner
from midi_bytes import absolute, make_midi

from drumtok.cli.main import main
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.raw import raw_bytes, read_raw

BAR = 1920
BEAT = [(tick, 42, 70) for tick in range(0, BAR, 240)] + [(0, 36, 110), (465, 38, 60), (487, 38, 99), (600, 56, 80)]
OTHER = [(0, 36, 101), (960, 38, 90), (967, 60, 77), *((tick, 51, 64) for tick in range(0, BAR, 480))]
BASS = [
    (0, b"\xc0\x21"),
    (240, b"\x90\x28\x5a"),
    (700, b"\x80\x28\x40"),
    (300, b"\xa9\x2a\x0c"),
    (480, b"\xb9\x07\x10"),
]


@pytest.fixture
def clips(tmp_path):
    """A folder of two clips: one with a flam, a cowbell, a bass and a pressure event, the other with a conga."""
    folder = tmp_path / "clips"
    folder.mkdir()
    raw = read_raw(make_midi(BEAT, end=BAR, meters=[(0, 4, 4)]))
    events = sorted((*raw.tracks[1].events, *BASS), key=lambda event: event[0])
    made = replace(raw, tracks=[raw.tracks[0], replace(raw.tracks[1], events=events)])
    (folder / "a.mid").write_bytes(raw_bytes(made))
    (folder / "b.mid").write_bytes(make_midi(OTHER, ppq=480, end=BAR, meters=[(0, 4, 4)]))
    return folder


def curate(folder, *options):
    """Make a piece from a folder; return its bytes and the printed text."""
    out = folder.parent / "piece.mid"
    arguments = ["curate", folder, "--seed", 1, "--section", 2, "--minutes", 0.13, "--out", out, "--force", *options]
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return out.read_bytes(), result.output


def notes_in(data):
    """Return (tick, channel, note, velocity) of each note, in order."""
    tracks = mido.MidiFile(file=io.BytesIO(data)).tracks
    events = [event for track in tracks for event in absolute(track)]
    return sorted((t, m.channel, m.note, m.velocity) for t, m in events if m.type == "note_on" and m.velocity)


def expected(plan):
    """Return the notes of a plan such as "abB": a letter for each bar, in upper case without the hits of the kit."""
    found = []
    for bar, name in enumerate(plan):
        own = [(tick, 9, *note) for tick, *note in (BEAT if name.lower() == "a" else OTHER)]
        own += [(240, 0, 40, 90)] * (name.lower() == "a")
        found += [(bar * BAR + tick, *note) for tick, *note in own if name.islower() or note[1] in (40, 56, 60)]
    return sorted(found)


def test_all_notes_of_the_clips_stay(clips):
    data, output = curate(clips, "--no-fills")
    plan = [line.split()[1][0] for line in output.splitlines() if ".mid, " in line]
    assert plan in (["a", "b"], ["b", "a"])
    assert notes_in(data) == expected("".join(name * 2 for name in plan))
    messages = [event for track in mido.MidiFile(file=io.BytesIO(data)).tracks for event in absolute(track)]
    begin = BAR * 2 * (plan == ["b", "a"])
    assert [tick for tick, m in messages if m.type == "polytouch"] == [begin + 300, begin + BAR + 300]
    assert [(tick, m.channel, m.program) for tick, m in messages if m.type == "program_change"] == [
        (begin, 0, 33),
        (begin + BAR, 0, 33),
    ]


def test_controllers_stay_and_end_with_their_clip(clips):
    data, output = curate(clips, "--no-fills")
    is_first = next(line for line in output.splitlines() if ".mid, " in line).split()[1][0] == "a"
    begin = 0 if is_first else BAR * 2
    messages = [event for track in mido.MidiFile(file=io.BytesIO(data)).tracks for event in absolute(track)]
    found = [(tick, m.channel, m.control, m.value) for tick, m in messages if m.type == "control_change"]
    wanted = [(begin + 480, 9, 7, 16), (begin + BAR, 9, 7, 100), (begin + BAR + 480, 9, 7, 16)]
    assert found == [*wanted, *[(BAR * 2, 9, 7, 100)] * is_first]


def test_a_fill_replaces_the_hits_of_the_kit_alone(clips):
    data, output = curate(clips)
    first, second = (line.split()[1][0] for line in output.splitlines() if ".mid, " in line)
    wanted = expected(f"{first}{first.upper()}{second}{second}")
    found = notes_in(data)
    assert set(wanted) <= set(found)
    assert all(BAR <= tick < 2 * BAR for tick, *_ in set(found) - set(wanted))
    assert set(found) - set(wanted)


def test_a_section_of_a_plan_has_the_first_bars_of_its_clip_alone(clips):
    later = [(tick + BAR, note, 81) for tick, note, _ in OTHER] + [(2 * BAR - 120, 56, 82)]
    two = make_midi([*BEAT, *later], end=2 * BAR, meters=[(0, 4, 4)])
    (clips / "a.mid").write_bytes(two)
    out = clips.parent / "piece.mid"
    arguments = ["curate", str(clips), "--seed", "1", "--plan", "x:3@1,y:1@0", "--out", str(out)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    once = [(tick, 9, note, velocity) for tick, note, velocity in BEAT]
    second = [(tick, 9, note, velocity) for tick, note, velocity in later]
    first_clip = sorted([*once, *second, *((2 * BAR + tick, *note) for tick, *note in once)])
    found = notes_in(out.read_bytes())
    assert [note for note in found if note[0] < 3 * BAR] == first_clip


def test_offsets_and_ticks_of_another_resolution_stay(clips):
    notes = [(0, 36), (1001, 38), (3839, 42), (3839, 56)]  # the last two are early hits of the next bar
    (clips / "b.mid").write_bytes(make_midi(notes, ppq=960, end=2 * BAR, meters=[(0, 4, 4)], length=1))
    data, output = curate(clips, "--no-fills")
    start = 2 * BAR * output_plan(output).index("b")
    assert mido.MidiFile(file=io.BytesIO(data)).ticks_per_beat == 960
    found = [(tick - start, note) for tick, _, note, velocity in notes_in(data) if velocity == 100]
    bars = [(-1 if start else 0, 42), (0, 36), (1001, 38), (3839, 42), (3840, 36), (4841, 38)]
    bars += [(3839, 56), (7679, 56)]
    assert sorted(found) == sorted(bars)


def test_a_piece_has_the_tempo_maps_of_its_clips(clips):
    for name in ("a", "b"):
        (clips / f"{name}.mid").write_bytes(
            make_midi(BEAT, end=BAR, tempi=[(0, 500_000), (960, 400_000)], meters=[(0, 4, 4)])
        )
    data, _ = curate(clips, "--no-fills")
    (pattern,) = from_midi_bytes(data).sections
    assert pattern.tempo_changes == ((8, 150), (16, 120), (24, 150), (32, 120), (40, 150), (48, 120), (56, 150))


def test_clips_may_have_a_pickup_or_be_read_in_another_meter(clips):
    pickup = [(0, 38), (240, 38), *((480 + tick, *note) for tick, *note in BEAT)]
    (clips / "a.mid").write_bytes(make_midi(pickup, end=480 + BAR, meters=[(0, 1, 4), (480, 4, 4)]))
    data, output = curate(clips, "--no-fills")
    assert "a.mid: the pickup bar is left out" in output
    assert [n for n in notes_in(data) if n[2] == 56] == [n for n in expected(output_plan(output)) if n[2] == 56]
    (clips / "b.mid").write_bytes(make_midi(OTHER, end=BAR, meters=[(0, 3, 4)]))
    data, _ = curate(clips, "--no-fills", "--meter", "4/4")
    assert from_midi_bytes(data).sections[0].meter == (4, 4)


def output_plan(output):
    """Return the plan of a piece: for each bar the first letter of its clip."""
    return "".join(line.split()[1][0] * 2 for line in output.splitlines() if ".mid, 2 bars" in line)


def test_a_layout_that_is_requested_is_written_again(clips):
    data, _ = curate(clips, "--midi-type", 0)
    assert read_raw(data).kind == 0
