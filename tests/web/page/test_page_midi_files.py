"""The browser reads and writes MIDI files as Python does."""

import base64
import io

import mido
import numpy as np
import pytest
from midi_bytes import make_midi, wrapped
from midi_kinds import BEAT, KINDS, type_0
from page_driver import drop
from page_driver import pattern as shown

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.midi.note_maps import load_note_map, note_map_names
from drumtok.midi.strikes import Strike
from drumtok.midi.track_names import NameKind, name_kind
from drumtok.midi.writer import Additions
from drumtok.pattern import Pattern
from drumtok.tokenizer.json_format import to_json
from drumtok.tokenizer.tokens import from_ids

BYTES = "const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));"
READ = f"""async (files) => {{ {BYTES}
  const {{ readSong }} = await import("/js/midi/read.js");
  const tables = await (await fetch("/api/tables")).json();
  return files.map(([data, grid, channel, track]) => {{
    try {{
      const song = readSong(bytes(data), {{ grid, noteMap: "gm", channel, track, tables }});
      return {{ ...song, outside: [...song.outside] }};
    }} catch (error) {{
      return error.message;
    }}
  }});
}}"""
UPLOAD = f"""async (files) => {{ {BYTES}
  const {{ readUpload }} = await import("/js/midi/read.js");
  const get = async (path) => (await fetch(`/api/${{path}}`)).json();
  const tables = await get("tables"), about = await get("about");
  const read = async (data) => {{
    try {{
      const {{ style, place, ...here }} = readUpload(bytes(data).buffer, {{ ...about, noteMap: "gm", tables }});
      return here;
    }} catch (error) {{
      return error.message;
    }}
  }};
  const ask = async (data) => {{
    const options = {{ method: "POST", body: bytes(data), headers: {{ "Content-Type": "audio/midi" }} }};
    const response = await fetch("/api/midi/read", options);
    const {{ style, place, detail, ...there }} = await response.json();
    return detail ?? there;
  }};
  return Promise.all(files.map(async (data) => [await read(data), await ask(data)]));
}}"""
WRITE = """async (requests) => {
  const { writeMidi } = await import("/js/midi/write.js"), { fromWire } = await import("/js/core/pattern.js");
  const { drums, note_maps } = await (await fetch("/api/tables")).json();
  const { percussion } = await (await fetch("/api/about")).json();
  return requests.map(({ pattern, note_map = "gm", track_per_drum: trackPerDrum, ...layout }) => [
    ...writeMidi(fromWire(JSON.parse(pattern)),
      { drums, percussion, trackPerDrum, notes: note_maps[note_map].written, ...layout }),
  ]);
}"""
KIT_AND_BASS = [("Bass", 0, [(0, 36), (480, 43)]), ("Drums", 3, BEAT)]
TUNE = [(0, 60), (240, 64), (480, 67), (960, 72)]


def tracks(*parts, programs=(), messages=()):
    """Return a file with a track for each (name, channel, notes), and first program changes (channel, program)."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    for number, (name, channel, notes) in enumerate(parts):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)] if name else [])
        track += [mido.Message("program_change", channel=at, program=p) for at, p in programs if at == channel]
        track += [message for message in messages if not number]
        now = 0
        for tick, note in notes:
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=90, time=tick - now))
            now = tick
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def pedalled():
    """Return hi-hats on one note, every second of which is opened by the pedal."""
    track = mido.MidiTrack()
    for step in range(16):
        track.append(mido.Message("control_change", channel=9, control=4, value=127 * (step % 2), time=100))
        track.append(mido.Message("note_on", channel=9, note=42, velocity=90, time=20))
        track.append(mido.Message("note_on", channel=9, note=36, velocity=90, time=0))
    file, buffer = mido.MidiFile(type=0, tracks=[track]), io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


MORE = {
    "wrapped": wrapped(make_midi(BEAT)),
    "kit by name": tracks(*KIT_AND_BASS),
    "kit by name in Portuguese": tracks(("Baixo", 0, TUNE), ("Bateria", 4, BEAT)),
    "melodic program": tracks(("", 0, BEAT), programs=[(0, 33)]),
    "beside a melodic program": tracks(("", 0, TUNE), ("", 1, BEAT), programs=[(0, 5)]),
    "rhythm bank": tracks(
        ("x", 2, BEAT),
        ("y", 5, TUNE),
        messages=[
            mido.Message("control_change", channel=2, control=0, value=120),
            mido.Message("program_change", channel=2, program=3),
        ],
    ),
    "one drum by name": tracks(("Kick", 1, [(0, 60), (480, 60)]), ("Open Hat", 2, [(0, 61), (240, 61)])),
    "named against channel 10": tracks(("Snare", 9, [(0, 36), (480, 36)])),
    "a drum each": tracks(("a", 0, [(0, 36), (480, 36)]), ("b", 1, [(240, 38)])),
    "several channels": tracks(("a", 0, BEAT), ("b", 1, TUNE)),
    "congas alone": make_midi([(120 * n, 62 + n % 3) for n in range(40)]),
    "congas": tracks(("Congas", 1, [(0, 62), (240, 63), (480, 64)]), ("Piano", 0, TUNE)),
    "GS": tracks(
        ("a", 10, BEAT),
        ("b", 1, TUNE),
        messages=[mido.Message("sysex", data=bytes.fromhex("411042124 01A1502 0F".replace(" ", "")))],
    ),
    "pedal": pedalled(),
    "early one": make_midi([*BEAT, (1915, 36)], end=1920, length=2),
    "roll into the end": make_midi([(0, 36), (1800, 38), (1860, 38), (1910, 38)], end=1920, length=2),
    "pickup": make_midi([(400, 38), (480, 36), (960, 38)], meters=[(0, 1, 4), (480, 4, 4)]),
    "long silence": make_midi(BEAT, end=1920 * 40),
    "tempi within": make_midi(BEAT, tempi=[(0, 500_000), (480, 413_793)]),
    "odd tempi": make_midi(BEAT, tempi=[(0, 434_782)]),
    "type 2": make_midi(BEAT)[:8] + b"\0\2" + make_midi(BEAT)[10:],
    "type 7": make_midi(BEAT)[:8] + b"\0\7" + make_midi(BEAT)[10:],
    "wrong length": type_0("00 99 24 64 60 26 64")[:21] + b"\x90" + type_0("00 99 24 64 60 26 64")[22:],
    "junk before": b"junk" + make_midi(BEAT),
}


def random_file(rng):
    """Return a file with random notes inside and outside the kit, meters and tempi."""
    ppq = int(rng.choice([96, 120, 480, 960, 7]))
    ticks = np.sort(rng.integers(0, 8 * 4 * ppq, 60))
    notes = [(int(t), int(n), int(v)) for t, n, v in zip(ticks, rng.integers(34, 60, 60), rng.integers(1, 128, 60))]  # noqa: B905
    meters = [(int(bar) * 3 * ppq, int(rng.choice([3, 6, 4])), int(rng.choice([4, 8]))) for bar in range(0, 6, 3)]
    return make_midi(notes, ppq=ppq, meters=meters, tempi=[(0, int(rng.integers(250_000, 900_000)))])


def random_files():
    rng = np.random.default_rng(5)
    return {f"random {n}": random_file(rng) for n in range(40)} | dict(files_of_other_maps())


def files_of_other_maps():
    """Yield (name, file) of a groove in each note map, and in one that lies octaves away from General MIDI."""
    groove = Pattern.from_grid(
        """kick   |x-----x-x-------|x-----x-x-------|
        snare  |----X-------X---|----X-------X--o|
        closed |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x---|
        floor  |----------------|-------------x--|
        crash  |x---------------|----------------|"""
    )
    for name in note_map_names():
        if None not in load_note_map(name).written:
            yield f"map {name}", to_midi_bytes(groove, note_map=name)
    for octaves in (-2, -1, 1, 2):
        yield f"{octaves} octaves", make_midi([(step * 120, 12 * octaves + note) for step, note in KIT_NOTES * 4])


KIT_NOTES = [(0, 36), (2, 42), (4, 38), (6, 42), (8, 36), (12, 38)]


def read_by_python(data, grid, channel=None, track=None):
    try:
        song = from_midi_bytes(data, "the file", grid=grid, channel=channel, track=track)
    except DrumtokError as error:
        return str(error)
    sections = [
        {
            "bars": section.bars,
            "meter": list(section.meter),
            "tempi": [[0, section.tempo], *map(list, section.tempo_changes)],
            "hits": [
                (int(step), int(drum), int(section.velocity[step, drum]), float(section.offset[step, drum]))
                for step, drum in np.argwhere(section.hits)
            ],
        }
        for section in song.sections
    ]
    rest = (
        song.notes,
        song.merged,
        dict(song.outside),
        song.tempo_changes,
        song.evidence,
        song.reason,
        song.suggestion,
    )
    return sections, *rest


def read_by_page(song):
    if isinstance(song, str):
        return song
    sections = [
        section | {"hits": [(hit["step"], hit["drum"], hit["velocity"], hit["offset"]) for hit in section["hits"]]}
        for section in song["sections"]
    ]
    counts = song["notes"], song["merged"], dict(song["outside"]), song["tempoChanges"]
    return sections, *counts, song["evidence"], song["reason"], song["suggestion"]


@pytest.fixture(scope="module")
def page(desktop, address):
    found = desktop.new_page()
    found.goto(address)
    yield found
    found.close()


@pytest.mark.parametrize("grid", [4, 6])
def test_files_are_read_as_python_reads_them(page, grid):
    files = KINDS | MORE | random_files()
    read = page.evaluate(READ, [[base64.b64encode(data).decode(), grid] for data in files.values()])
    for (name, data), song in zip(files.items(), read, strict=True):
        assert (name, read_by_page(song)) == (name, read_by_python(data, grid))
    suggestions = {song["suggestion"] for song in read if not isinstance(song, str)}
    assert sum("note map" in suggestion and "fits" in suggestion for suggestion in suggestions) >= 3
    assert any("notes lower" in suggestion for suggestion in suggestions)


def test_the_channel_that_is_requested_is_read_as_python_reads_it(page):
    names = ["kit by name", "several channels", "a drum each", "GS", "congas", "one drum by name", "pedal", "wrapped"]
    cases = [(MORE[name], channel) for name in names for channel in (1, 2, 4, 10, 11)]
    read = page.evaluate(READ, [[base64.b64encode(data).decode(), 4, channel] for data, channel in cases])
    assert [read_by_page(song) for song in read] == [read_by_python(data, 4, channel) for data, channel in cases]
    assert "cannot read 'the file': channel must be one that has notes (1, 4), got 2" in read


def test_the_track_that_is_requested_is_read_as_python_reads_it(page):
    names = ["kit by name", "several channels", "a drum each", "one drum by name", "wrapped"]
    cases = [(MORE[name], 4, channel, track) for name in names for channel in (None, 1, 2) for track in ("1", "2", "b")]
    read = page.evaluate(READ, [[base64.b64encode(data).decode(), *rest] for data, *rest in cases])
    assert [read_by_page(song) for song in read] == [read_by_python(*case) for case in cases]
    assert any("track must be the number or name of one that has notes (1 'a', 2 'b')" in str(song) for song in read)


def test_one_track_of_several_is_chosen(opened):
    page = opened()
    data = tracks(("Drums", 9, BEAT), ("Fill", 9, [(0, 49)]))
    drop(page, data, "two.mid")
    page.wait_for_selector("#takes li:nth-child(2)")
    assert shown(page).hits[:, LANES.index("kick")].any()
    choice = page.locator("#read-track")
    listed = ["found", f"1 Drums: {len(BEAT)} notes, channel 10", "2 Fill: 1 note, channel 10"]
    assert choice.locator("option").all_text_contents() == listed
    choice.evaluate("(field) => { field.value = '2'; field.dispatchEvent(new Event('change')); }")
    page.wait_for_selector("#takes li:nth-child(3)")
    assert shown(page).hits.nonzero()[1].tolist() == [LANES.index("crash")]


NAMES = [
    "Drums", "EZdrummer", "SD3", "Snare 2", "Steel Drums", "Bass", "Oh Starry Night", "Little Drummer Boy", "ドラム",
    "Große Trommel", "Percussão", "Hi-Hat Open", "OpenHats", "Cymbals", "Crash Guitar", "SoCal Kit", "CH 1", "oh baby",
    "Kick/Snare", "TR 808", "drum and bass", "Барабаны", "Synth Kick", "Tambourine", "", "12", "Tom3", "BD", "Piano",
    "Crème brûlée", "SD Strings", "Drum_Loop_02",
]  # fmt: skip
KIND = """async (names) => {
  const { Names } = await import("/js/midi/names.js"), tables = await (await fetch("/api/tables")).json();
  const reader = new Names(tables.names);
  return names.map((name) => reader.kind(name));
}"""


def test_names_are_of_the_kinds_that_python_finds(page):
    kinds = {NameKind.KIT: "kit", NameKind.DRUM: "drum", NameKind.CYMBALS: "cymbals", NameKind.MELODIC: "melodic"}
    wanted = [kinds.get(name_kind(name), "") for name in NAMES]
    assert dict(zip(NAMES, page.evaluate(KIND, NAMES), strict=True)) == dict(zip(NAMES, wanted, strict=True))


def patterns():
    """Return random patterns with velocities and offsets and their layouts, on all grids and in several meters."""
    rng = np.random.default_rng(2)
    for number, (grid, meter) in enumerate([(4, (4, 4)), (8, (7, 8)), (6, (3, 4)), (3, (4, 4)), (4, (7, 16))]):
        empty = from_ids(
            np.append(np.zeros(int(4 * grid * meter[0] / meter[1]), dtype=int), 512), grid, meter, 97.3 + number
        )
        hits = rng.random(empty.hits.shape) < 0.3
        velocity = np.where(hits, rng.integers(1, 128, hits.shape), 0).astype(np.uint8)
        offset = np.where(hits, rng.uniform(-0.5, 0.5, hits.shape), 0).astype(np.float32)
        pattern = Pattern(hits, velocity, offset, grid, meter, 97.3 + number, name="Ünder" if number else "")
        swing = 62.5 if grid % 4 == 0 else 50
        yield pattern, {"swing": swing, "text": "made" * 20 * (number % 2), "note_map": "td11" if number else "gm"}
        yield pattern, {"track_per_drum": True}


def test_files_are_written_as_python_writes_them(page):
    cases = list(patterns())
    written = page.evaluate(WRITE, [{"pattern": to_json(pattern), **layout} for pattern, layout in cases])
    for (pattern, layout), data in zip(cases, written, strict=True):
        assert bytes(data) == to_midi_bytes(pattern, **layout), (pattern.grid, pattern.meter, layout)


def test_hits_beside_the_pattern_and_names_are_written_as_python_writes_them(page):
    pattern = Pattern.from_grid("kick |x---x---x---x---|\nsnare |----X-------o---|")
    more = [
        {"part": "snare", "at": 1.25, "velocity": 60},
        {"part": "snare", "at": 1.0, "velocity": 127},  # louder than the hit there
        {"part": "kick", "at": 3.9999, "velocity": 80},  # just before the end
        {"part": "cowbell", "at": 0.5, "velocity": 90},
        {"part": "clap", "at": 2.0004, "velocity": 70},
    ]
    additions = Additions([Strike(**strike) for strike in more], {"cowbell": "Bell", "kick": "Boom"})
    for tracks_of_drums in (False, True):
        layout = {"track_per_drum": tracks_of_drums}
        request = {"pattern": to_json(pattern), "more": more, "names": additions.names, **layout}
        (written,) = page.evaluate(WRITE, [request])
        assert bytes(written) == to_midi_bytes(pattern, additions=additions, **layout)


def test_the_page_without_a_server_reads_what_the_server_reads(page):
    silent_start = make_midi([(tick + 1920 * 3, note) for tick, note in BEAT], tempi=[(0, 500_000), (1920, 413_793)])
    slower = make_midi(BEAT, tempi=[(0, 500_000), (480, 413_793)], end=1920 * 2)
    names = ["pickup", "kit by name", "piano", "meter changes", "long", "mostly outside", "congas alone", "no MIDI"]
    chosen = {name: (KINDS | MORE)[name] for name in names}
    files = chosen | {"drums enter late": silent_start, "tempo changes": slower}
    pairs = page.evaluate(UPLOAD, [base64.b64encode(data).decode() for data in files.values()])
    for name, (here, there) in zip(files, pairs, strict=True):
        for answer in (here, there):
            for hit in answer["pattern"]["hits"] if isinstance(answer, dict) else ():
                hit["offset"] = np.float32(hit["offset"])
        assert (name, here) == (name, there)
