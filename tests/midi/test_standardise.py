"""Standardising loop packs: the new files to the tick, and the lines of the report."""

import io
import json
import os

import mido
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import absolute, from_hex, make_midi, wrapped
from strategies import examples

from drumtok.cli.main import main
from drumtok.drums import LANE_INDEX
from drumtok.errors import DrumtokError
from drumtok.midi.chunks import unwrapped
from drumtok.midi.drum_names import drum_from_name
from drumtok.midi.drums_config import DrumsConfig
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.note_maps import written_notes
from drumtok.midi.single_drum import standard_file
from drumtok.midi.standardise import standardise
from drumtok.midi.to_channel_10 import StandardConfig


def events_of(data):
    """Return, for each track, its notes as (tick, type, note, velocity or None), and the tick of its end."""
    tracks = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        events = absolute(track)
        notes = [(t, m.type, m.note, m.velocity) for t, m in events if m.type.startswith("note")]
        assert all(m.channel == 9 for _, m in events if not m.is_meta and m.type != "sysex")
        tracks.append((notes, events[-1][0]))
    return tracks


def song(notes, *, tracks=1, kind=1, other=()):
    """Return a file with tracks of 3,840 ticks; a note is (track, on, off, pitch, channel, velocity)."""
    file = mido.MidiFile(type=kind, ticks_per_beat=480)
    for number in range(tracks):
        events = [(tick, message) for where, tick, message in other if where == number]
        for where, on, off, pitch, channel, velocity in notes:
            if where == number:
                events.append((on, mido.Message("note_on", note=pitch, channel=channel, velocity=velocity)))
                events.append((off, mido.Message("note_off", note=pitch, channel=channel)))
        track, now = mido.MidiTrack(), 0
        for tick, message in [*sorted(events, key=lambda e: e[0]), (3840, mido.MetaMessage("end_of_track"))]:
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


# One file


def test_the_bytes_of_a_small_loop():
    loop = from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  00 60     # type 0, 96 ticks to a quarter note
        4D 54 72 6B  00 00 00 2C
        00 FF 51 03  07 A1 20                             # 120 beats per minute
        00 FF 03 04  47 72 FC 6E                          # a name in Latin 1
        00 C0 05                                          # program 5
        00 90 3C 50                                       # 0: note 60 on channel 1, velocity 80
        17 3C 00                                          # 23: off, by running status
        1A 90 3C 01                                       # 49: velocity 1
        01 80 3C 00                                       # 50: off
        82 4E FF 2F 00                                    # end at 384, a bar
    """)
    loop = loop[:18] + (len(loop) - 22).to_bytes(4, "big") + loop[22:]
    outcome, data = standard_file(loop, "Pack/01_Snare.mid")
    assert data == from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  00 60
        4D 54 72 6B  00 00 00 24
        00 FF 51 03  07 A1 20
        00 FF 03 04  47 72 FC 6E
        00 99 26 50                                       # note 38 on channel 10
        17 89 26 40
        1A 99 26 01
        01 89 26 40
        82 4E FF 2F 00
    """)
    assert (outcome.file, outcome.status, outcome.reason) == ("Pack/01_Snare.mid", "standardised", "")
    assert (outcome.role, outcome.pitches, outcome.notes, outcome.merged, outcome.dropped) == ("snare", (60,), 2, 0, 1)


notes_of_one_pitch = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(1, 800), st.integers(1, 127)), min_size=1, max_size=20
)


@examples(150)
@given(
    notes_of_one_pitch,
    st.integers(0, 127),
    st.integers(0, 15),
    st.sampled_from(("kick", "open hat", "crash 2")),
    st.integers(60_000, 15_000_000),
    st.integers(0, 500),
    st.sampled_from((24, 96, 480, 960)),
)
def test_ticks_velocities_tempo_and_length_stay(notes, pitch, channel, name, tempo, tail, ppq):
    first = {}
    for tick, _, velocity in notes:
        first.setdefault(tick, velocity)
    given_notes = [(tick, pitch, velocity) for tick, velocity in sorted(first.items())]
    end = max(first) + 10 + tail
    loop = make_midi(given_notes, ppq=ppq, tempi=[(0, tempo)], meters=[(0, 7, 8)], channel=channel, end=end)
    outcome, data = standard_file(loop, name)
    before, after = mido.MidiFile(file=io.BytesIO(loop)), mido.MidiFile(file=io.BytesIO(data))
    assert (after.type, after.ticks_per_beat) == (before.type, before.ticks_per_beat)
    assert after.tracks[0] == before.tracks[0]  # the conductor track
    assert abs(after.length - before.length) < 1e-9
    _, (written, its_end) = events_of(data)
    assert its_end == end
    (note,) = {note for _, _, note, _ in written}
    assert [(tick, pitch, velocity) for tick, kind, _, velocity in written if kind == "note_on"] == given_notes
    # each note lasts at least a tick, and ends before the next one begins
    kinds = [kind for _, kind, _, _ in written]
    assert kinds == ["note_on", "note_off"] * len(first)
    assert all(on[0] < off[0] for on, off in zip(written[::2], written[1::2], strict=True))
    (section,) = from_midi_bytes(data, meter="4/4").sections
    assert section.hits.any()
    assert (note, outcome.role) == {"kick": (36, "kick"), "open hat": (46, "open")}.get(name, (49, "crash"))


def test_pitched_rolls_are_one_drum():
    # a sampler's trap hat: two notes at 240, the second louder, and one that overlaps the next note
    loop = song([(0, 0, 300, 60, 0, 90), (0, 240, 280, 72, 0, 50), (0, 240, 360, 63, 0, 70), (0, 480, 490, 60, 0, 9)])
    outcome, data = standard_file(loop, "02_Trap_Hat.mid")
    assert events_of(data) == [
        (
            [
                (0, "note_on", 42, 90),
                (240, "note_off", 42, 64),
                (240, "note_on", 42, 70),
                (360, "note_off", 42, 64),
                (480, "note_on", 42, 9),
                (490, "note_off", 42, 64),
            ],
            3840,
        )
    ]
    assert (outcome.reason, outcome.merged, outcome.notes) == ("notes 60, 63, 72 are all read as one drum", 1, 3)


def test_notes_of_many_tracks_come_into_one_and_the_others_go():
    name = (0, 0, mido.MetaMessage("track_name", name="left"))
    loop = song([(0, 0, 100, 60, 0, 90), (1, 50, 60, 60, 1, 80)], tracks=3, other=[name])
    _, data = standard_file(loop, "tom 1")
    notes = [
        (0, "note_on", 45, 90),
        (50, "note_off", 45, 64),
        (50, "note_on", 45, 80),
        (60, "note_off", 45, 64),
    ]
    assert events_of(data) == [(notes, 3840)]
    assert mido.MidiFile(file=io.BytesIO(data)).tracks[0].name == "left"
    marker = (2, 0, mido.MetaMessage("marker", text="verse"))
    loop = song([(0, 0, 100, 60, 0, 90), (1, 50, 60, 60, 1, 80)], tracks=3, other=[name, marker])
    assert events_of(standard_file(loop, "tom 1")[1]) == [(notes, 3840), ([], 3840)]


def test_a_note_without_an_end_and_one_on_the_last_tick():
    other = [
        (0, 100, mido.Message("note_on", note=50, velocity=5)),
        (0, 3840, mido.Message("note_on", note=50, velocity=7)),
        (0, 10, mido.Message("note_off", note=50)),  # ends no note
    ]
    _, data = standard_file(song([], other=other), "ride")
    assert events_of(data) == [
        (
            [
                (100, "note_on", 51, 5),
                (3840, "note_off", 51, 64),
                (3840, "note_on", 51, 7),
                (3840, "note_off", 51, 64),
            ],
            3840,
        )
    ]


def test_data_bytes_above_127_are_clipped():
    loop = make_midi([(0, 60, 100)], channel=0).replace(b"\x90\x3c\x64", b"\x90\x3c\xff")
    _, data = standard_file(loop, "clap")
    assert events_of(data)[1][0][0] == (0, "note_on", 38, 127)


@pytest.mark.parametrize("kind", [2, 3, 0x8000])
def test_an_unneeded_type_is_corrected(kind):
    loop = song([(0, 0, 10, 60, 0, 90)])
    loop = loop[:8] + kind.to_bytes(2, "big") + loop[10:]
    _, data = standard_file(loop, "kick")
    assert data[8:10] == b"\0\1"
    assert events_of(data) == [([(0, "note_on", 36, 90), (10, "note_off", 36, 64)], 3840)]


def test_unknown_events_stay_at_their_time_and_invalid_ones_go():
    odd = from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  00 60
        4D 54 72 6B  00 00 00 27
        05 FF 64 02  01 02        # 5: a meta event of no known kind
        00 FF 59 02  0C 00        # 5: a key of twelve sharps
        05 90 3C 50               # 10
        05 80 3C 00               # 15
        05 F0 03  7E 09 F7        # 20: a system exclusive message
        00 F7 01 F8               # 20: and one in parts
        0A FF 2F 00               # 30
    """)
    odd = odd[:18] + (len(odd) - 22).to_bytes(4, "big") + odd[22:]
    outcome, data = standard_file(odd, "kick")
    assert data == from_hex("""
        4D 54 68 64  00 00 00 06  00 00  00 01  00 60
        4D 54 72 6B  00 00 00 18
        05 FF 64 02  01 02
        05 99 24 50
        05 89 24 40
        05 F0 03  7E 09 F7
        0A FF 2F 00
    """)
    assert outcome.dropped == 2


KIT = make_midi([(0, 36), (480, 38), (960, 56)])


def pitches(data):
    return sorted({event[2] for notes, _ in events_of(data) for event in notes})


def test_a_kit_goes_from_the_notes_of_one_map_to_those_of_another():
    """Note 49 is the tip of the closed hi-hat in Addictive Drums 2, and a crash in General MIDI."""
    loop = make_midi([(0, 36), (0, 49), (240, 49), (480, 38)])
    outcome, data = standard_file(loop, "Loop.mid", config=StandardConfig(DrumsConfig("ad2")))
    assert (outcome.status, outcome.notes) == ("standardised", 4)
    assert outcome.reason == "its drums go to the notes of gm: channel 10"
    assert pitches(data) == [36, 38, 42]
    again, same = standard_file(loop, "Loop.mid", config=StandardConfig(DrumsConfig("ad2"), "ad2"))
    assert (again.status, same) == ("copied", loop)


def test_the_channel_that_is_requested_goes_to_channel_10_and_what_was_there_to_a_free_one():
    notes = [(0, 0, 60, 36, 2, 90), (0, 480, 540, 38, 2, 90), (0, 0, 60, 61, 9, 70), (0, 0, 60, 40, 0, 80)]
    config = StandardConfig(DrumsConfig(channel=3))
    outcome, data = standard_file(song(notes), "Song.mid", config=config)
    assert outcome.reason == "its drums go to channel 10: requested: channel 3"
    (track,) = mido.MidiFile(file=io.BytesIO(data)).tracks
    for kind in ("note_on", "note_off"):
        found = [(message.channel, message.note) for message in track if message.type == kind]
        assert found == [(9, 36), (1, 61), (0, 40), (9, 38)]


def test_one_drum_goes_to_the_note_of_the_map_that_is_written():
    loop = make_midi([(0, 60), (480, 60)], channel=0)
    written = written_notes("ad2")
    for lane, name in (("kick", "Kick.mid"), ("closed", "Hat.mid")):
        _, data = standard_file(loop, name, config=StandardConfig(written="ad2"))
        assert pitches(data) == [written[LANE_INDEX[lane]]]


def test_a_pack_is_standardised_by_note_maps(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "loop.mid").write_bytes(make_midi([(0, 36), (0, 49), (480, 38)]))
    command = ["standardise", str(tmp_path / "pack"), str(tmp_path / "out")]
    assert CliRunner().invoke(main, [*command, "--map", "nonsense"]).exit_code == 2
    assert not (tmp_path / "out").exists()
    assert CliRunner().invoke(main, [*command, "--map", "ad2"]).exit_code == 0
    assert pitches((tmp_path / "out" / "loop.mid").read_bytes()) == [36, 38, 42]


@pytest.mark.parametrize(
    ("data", "name", "status", "reason"),
    [
        (KIT, "Loop 1.mid", "copied", "it is a drum kit already: notes 36, 38 on channel 10"),
        (
            KIT,
            "Kick.mid",
            "copied",
            "it is a drum kit already: notes 36, 38 on channel 10, though its name gives kick",
        ),
        (make_midi([(0, 60)]), "Loop 1.mid", "skipped", "neither its name nor its folders name one drum of the kit"),
        (make_midi([(0, 36)]), "Loop 1.mid", "skipped", "neither its name nor its folders name one drum of the kit"),
        (make_midi([(0, 60)]), "Kick Snare.mid", "skipped", "neither its name nor its folders name one drum"),
        (
            make_midi([(0, 36), (0, 60), (480, 61)], channel=0),
            "Kick.mid",
            "standardised",
            "notes 36, 60, 61 are all read as one drum",
        ),
        (
            make_midi([(0, 36), (0, 38), (480, 70), (960, 71), (1440, 72)], channel=0),
            "Kick.mid",
            "skipped",
            "notes 36, 38, 70, 71, 72 look like several drums, not on",
        ),
        (make_midi(), "Kick.mid", "skipped", "it has no notes"),
        (b"", "Kick.mid", "skipped", "it cannot be read: it has no MThd header"),
        (KIT[:12], "Kick.mid", "skipped", "it cannot be read: it breaks off in its header"),
        (KIT[:14], "Kick.mid", "skipped", "it cannot be read: it has no track"),
        (
            b"RIFF" + bytes(100),
            "Kick.mid",
            "skipped",
            "it cannot be read: it has no MThd header",
        ),
        (
            KIT[:12] + b"\xe7\x28" + KIT[14:],
            "Kick.mid",
            "skipped",
            "it cannot be read: it counts 1000 ticks a second and no beats",
        ),
        (
            make_midi([(0, 60), (480, 60)])[:-4],
            "Loop 1.mid",
            "skipped",
            "neither its name nor its folders name one drum of the kit; 1 track has no end-of-track event",
        ),
    ],
)
def test_files_that_are_not_one_drum_are_reported(data, name, status, reason):
    outcome, written = standard_file(data, name)
    assert (outcome.status, outcome.reason[: len(reason)]) == (status, reason)
    assert outcome.role == drum_from_name(name)
    assert (written == data, written is None) == (status == "copied", status == "skipped")


DAMAGED = [
    (lambda data: data[:-4], "1 track has no end-of-track event"),
    (lambda data: data[:-7], "1 track breaks off in the middle of an event"),
    (lambda data: data[:-10], "1 track breaks off in the middle of an event"),
    (lambda data: data[:18] + b"\0\0\x0f\xff" + data[22:], "1 track has a wrong length"),
    (lambda data: bytes(128) + data, "128 bytes before the header are skipped"),
    (lambda data: data[:10] + b"\0\7" + data[12:], "the number of tracks is 2 and not 7"),
    (lambda data: data + b"TAG", "3 bytes that belong to no track are skipped"),
]


@pytest.mark.parametrize(("damage", "fault"), DAMAGED)
@pytest.mark.parametrize("notes", [[(0, 60), (480, 60), (960, 60)], [(0, 36), (480, 38), (960, 42)]])
def test_damaged_files_are_salvaged(damage, fault, notes):
    damaged = damage(make_midi(notes, tempi=[(0, 400_000)], channel=9 if len({n for _, n in notes}) > 1 else 0))
    outcome, written = standard_file(damaged, "Kick.mid")
    assert outcome.status == "salvaged"
    assert fault in outcome.reason
    song = from_midi_bytes(damaged, "Kick.mid")
    assert fault in song.reason
    again = from_midi_bytes(written, "Kick.mid")
    assert (again.status, again.sections[0].tempo) == ("read", 150)
    assert again.sections[0].hits.sum(axis=1).tolist() == song.sections[0].hits.sum(axis=1).tolist()
    assert all(on[0] < off[0] for on, off in sounding_of(written))


def sounding_of(data):
    """Return (note-on, note-off) of each note of the last track, in which no pitch overlaps itself."""
    notes = sorted(events_of(data)[-1][0], key=lambda event: (event[2], event[0], event[1] == "note_on"))
    return list(zip(notes[::2], notes[1::2], strict=True))


def test_a_file_in_a_riff_wrapper_becomes_a_plain_one(tmp_path):
    plain = song([(0, 0, 10, 60, 0, 90)])
    outcome, data = standard_file(wrapped(plain), "kick.rmi")
    assert (outcome.status, outcome.reason) == ("standardised", "")
    assert data == standard_file(plain, "kick.mid")[1]
    assert standard_file(wrapped(plain), "kick.mid")[1] == data
    assert unwrapped(wrapped(plain) + b"\0") == (plain, 0)
    assert standard_file(wrapped(KIT), "kit.rmi")[1] == KIT
    (tmp_path / "in").mkdir()
    for name in ("kick.mid", "kick.rmi", "snare.rmi"):
        (tmp_path / "in" / name).write_bytes(wrapped(plain) if name.endswith("rmi") else plain)
    standardise(tmp_path / "in", tmp_path / "out")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["kick.mid", "kick.rmi.mid", "report.jsonl", "snare.mid"]


def test_tracks_of_type_2_are_laid_end_to_end():
    file = song([(0, 0, 10, 60, 0, 90), (1, 480, 500, 60, 0, 80)], tracks=2, kind=2)
    outcome, data = standard_file(file, "snare.mid")
    assert (outcome.status, outcome.reason) == ("standardised", "it is of type 2: its 2 tracks are laid end to end")
    notes = [(0, "note_on", 38, 90), (10, "note_off", 38, 64), (4320, "note_on", 38, 80), (4340, "note_off", 38, 64)]
    assert events_of(data) == [(notes, 7680)]
    read, again = (from_midi_bytes(each, "snare.mid") for each in (file, data))
    assert [section.to_grid() for section in again.sections] == [section.to_grid() for section in read.sections]


@examples(300)
@given(st.data())
def test_damage_is_reported_and_not_raised(data):
    loop = bytearray(make_midi([(0, 60), (480, 60), (960, 60)], tempi=[(0, 500_000)], meters=[(0, 4, 4)], channel=0))
    for _ in range(data.draw(st.integers(1, 4))):
        loop[data.draw(st.integers(0, len(loop) - 1))] = data.draw(st.integers(0, 255))
    outcome, written = standard_file(bytes(loop), "kick")
    assert (written is None) == (outcome.status == "skipped")
    assert outcome.reason or outcome.status == "standardised"


# Packs


@pytest.fixture
def pack(tmp_path):
    """A pack of six files, which get every status."""
    folder = tmp_path / "Trap Pack"
    files = {
        "01_Kick.mid": make_midi([(0, 60)], channel=0, end=1920),
        "Hats/Open 3.MID": make_midi([(0, 60), (5, 60)], channel=3, end=960),
        "Hats/broken.mid": b"MThd",
        "Kits/Full Kit.mid": KIT,
        "Kits/readme.txt": b"hello",
        "Melodies/7.mid": make_midi([(0, 60), (0, 64)], channel=0),
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def run(*arguments):
    return CliRunner().invoke(main, ["standardise", *map(str, arguments)])


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_pack_becomes_a_folder_of_the_same_structure(pack, tmp_path):
    out = tmp_path / "out"
    result = run(pack, out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"standardised 2, copied 1, salvaged 0, skipped 3 of 6 files: {out}/report.jsonl\n"
    assert files_in(out) == ["01_Kick.mid", "Hats/Open 3.MID", "Kits/Full Kit.mid", "report.jsonl"]
    assert (out / "Kits" / "Full Kit.mid").read_bytes() == KIT
    assert events_of((out / "Hats" / "Open 3.MID").read_bytes())[1][1] == 960
    report = [json.loads(line) for line in (out / "report.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["file"], line["status"], line["role"], line["notes"]) for line in report] == [
        ("01_Kick.mid", "standardised", "kick", 1),
        ("Hats/Open 3.MID", "standardised", "open", 2),
        ("Hats/broken.mid", "skipped", "closed", 0),
        ("Kits/Full Kit.mid", "copied", None, 3),
        ("Kits/readme.txt", "skipped", None, 0),
        ("Melodies/7.mid", "skipped", None, 2),
    ]
    assert all(line["reason"] for line in report if line["status"] != "standardised")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Trap Pack", "out"]


def test_the_same_pack_gives_the_same_bytes(pack, tmp_path):
    (tmp_path / "b").mkdir()  # an existing folder may be empty
    assert standardise(pack, tmp_path / "a") == standardise(str(pack), tmp_path / "b")
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")
    for name in files_in(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_name_of_the_pack_can_name_the_drum(tmp_path, monkeypatch):
    folder = tmp_path / "Snares"
    folder.mkdir()
    (folder / "1.mid").write_bytes(make_midi([(0, 60)]))
    monkeypatch.chdir(folder)
    assert standardise(".", "../out") == {"standardised": 1}


def test_a_pack_of_what_cannot_be_read_is_an_error_with_the_reason(tmp_path):
    (tmp_path / "self").symlink_to(".")
    reason = "got none in .*; self: it is a link to a folder, which is not followed"
    with pytest.raises(DrumtokError, match=reason):
        standardise(tmp_path, tmp_path.with_name("out"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing", "out"], "pack must be a folder of MIDI files, got 'missing'"),
        (["pack/Kits/readme.txt", "out"], "pack must be a folder of MIDI files, got 'pack/Kits/readme.txt'"),
        (["empty", "out"], "pack must hold files that end in .mid, .midi, .rmi, got none in 'empty'"),
        (["pack", "pack/out"], "out must be a folder outside the pack 'pack', got 'pack/out'"),
        (["pack", "pack"], "out must be a folder outside the pack 'pack', got 'pack'"),
        (["pack", "full"], "cannot write 'full': it exists and is not an empty folder"),
        (["pack", "full/inside"], "cannot write 'full/inside'"),
        (["pack", "missing/out"], "cannot write 'missing/out': folder 'missing' does not exist"),
    ],
)
def test_bad_input_ends_in_one_line_and_nothing_written(pack, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    pack.rename("pack")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "inside").write_text("kept")
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_nothing(pack, tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(json, "dumps", fail)
    result = run(pack, tmp_path / "out")
    assert result.exit_code == (2 if isinstance(error, OSError) else 130)
    assert [path.name for path in tmp_path.iterdir()] == ["Trap Pack"]


@pytest.mark.skipif(os.name == "nt", reason="links and permissions")
def test_links_and_unreadable_files_are_reported(pack, tmp_path, monkeypatch):
    (pack / "Kick gone.mid").symlink_to(pack / "nowhere")
    (pack / "More.mid").symlink_to(pack)

    opened = os.open

    def open_but_one(path, *mode, **options):
        if os.fspath(path).endswith("01_Kick.mid"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *mode, **options)

    monkeypatch.setattr(os, "open", open_but_one)
    assert standardise(pack, tmp_path / "out") == {"standardised": 1, "copied": 1, "skipped": 6}
    reasons = [json.loads(line)["reason"] for line in (tmp_path / "out" / "report.jsonl").open(encoding="utf-8")]
    assert {"it cannot be read: No such file or directory", "it is a link to a folder, which is not followed"} <= set(
        reasons
    )
    assert "it cannot be read: Permission denied" in reasons


def test_the_beginning_of_a_far_too_large_file_is_read(pack, tmp_path):
    with open(pack / "01_Kick.mid", "ab") as file:
        file.truncate(2**22 + 1)
    standardise(pack, tmp_path / "out")
    line = json.loads((tmp_path / "out" / "report.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (line["status"], line["notes"]) == ("salvaged", 1)
    assert line["reason"].startswith("only its first 4,194,304 bytes are read; ")


def test_a_folder_that_cannot_be_listed_is_reported(pack, tmp_path, monkeypatch):
    (pack / "Locked").mkdir()
    scandir = os.scandir

    def all_but_one(folder):
        if os.fspath(folder).rstrip("/").endswith("Locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", all_but_one)
    assert standardise(pack, tmp_path / "out")["skipped"] == 4
    rows = [json.loads(line) for line in (tmp_path / "out" / "report.jsonl").open(encoding="utf-8")]
    assert ("Locked", "it cannot be listed: Permission denied") in [(row["file"], row["reason"]) for row in rows]
