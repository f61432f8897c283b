"""`vary`, `morph` and `--keep` leave everything else in a file as it was."""

import io
from dataclasses import replace

import mido
import pytest
from click.testing import CliRunner
from midi_bytes import make_midi, wrapped

from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.midi.files import from_midi_bytes
from drumtok.midi.raw import raw_bytes, read_raw
from drumtok.pattern import Pattern

BAR = 1920
BEAT = [(tick, 42) for tick in range(0, 2 * BAR, 240)] + [(0, 36), (465, 38, 60), (480, 38), (BAR, 36), (BAR + 480, 38)]
PICKUP = [(tick, 38) for tick in range(0, 480, 120)] + [(480 + tick, *note) for tick, *note in BEAT]


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def notes_in(data):
    tracks = mido.MidiFile(file=io.BytesIO(data)).tracks
    return [(m.note, m.velocity) for track in tracks for m in track if m.type == "note_on" and m.velocity]


def without_text(data):
    """Return a file without its first event, the text that drumtok writes."""
    file = read_raw(data)
    first, *others = file.tracks
    assert first.events[0][1][:2] == b"\xff\x01"
    return replace(file, tracks=[replace(first, events=first.events[1:]), *others])


@pytest.fixture
def path(tmp_path):
    """A file with a flam, a cowbell, a melody, controllers, a pressure event and a tempo change."""
    raw = read_raw(make_midi([*BEAT, (600, 56)], end=2 * BAR, tempi=[(0, 500_000), (BAR, 400_000)], meters=[(0, 4, 4)]))
    extra = [(100, bytes((0xB9, 7, 99))), (200, bytes((0xA9, 42, 12))), (0, bytes((0x90, 60, 90)))]
    events = sorted((*raw.tracks[1].events, *extra), key=lambda event: event[0])
    file = tmp_path / "beat.mid"
    file.write_bytes(raw_bytes(replace(raw, tracks=[raw.tracks[0], replace(raw.tracks[1], events=events)])))
    return file


def test_vary_of_nothing_keeps_every_event(path, tmp_path):
    run("vary", path, "--amount", 0, "--seed", 1, "--out", tmp_path / "out.mid")
    assert without_text((tmp_path / "out.mid").read_bytes()) == read_raw(path.read_bytes())


def test_vary_keeps_what_it_does_not_change(path, tmp_path):
    run("vary", path, "--amount", 0.3, "--seed", 1, "--out", tmp_path / "out.mid")
    data = (tmp_path / "out.mid").read_bytes()
    before, after = (from_midi_bytes(each).sections[0] for each in (path.read_bytes(), data))
    assert (before.hits != after.hits).any()
    raws = read_raw(path.read_bytes()), read_raw(data)
    others = [{event for event in raw.tracks[1].events if event[1][0] >> 4 not in (8, 9)} for raw in raws]
    assert others[0] == others[1]
    assert {(56, 100), (60, 90)} <= set(notes_in(data))
    assert after.tempo_changes == before.tempo_changes == ((16, 150),)
    assert len(mido.MidiFile(file=io.BytesIO(data)).tracks) == 2


def test_vary_reads_a_wrapped_file(path, tmp_path):
    rmi = tmp_path / "beat.rmi"
    rmi.write_bytes(wrapped(path.read_bytes()))
    run("vary", rmi, "--amount", 0, "--seed", 1, "--out", tmp_path / "out.mid")
    assert sorted(notes_in((tmp_path / "out.mid").read_bytes())) == sorted(notes_in(path.read_bytes()))


def test_vary_keeps_a_pickup(tmp_path):
    path = tmp_path / "pickup.mid"
    path.write_bytes(make_midi(PICKUP, meters=[(0, 1, 4), (480, 4, 4)], end=480 + 2 * BAR))
    result = run("vary", path, "--seed", 1, "--out", tmp_path / "out.mid")
    before, after = (from_midi_bytes(each.read_bytes()).sections for each in (path, tmp_path / "out.mid"))
    assert [section.meter for section in after] == [(1, 4), (4, 4)]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)
    assert "# the pickup bar stays as it is" in result.output
    run("vary", path, "--meter", "4/4", "--seed", 1, "--out", tmp_path / "flat.mid")


def test_a_layout_that_is_requested_is_written_again(path, tmp_path):
    run("vary", path, "--amount", 0, "--seed", 1, "--midi-type", 0, "--out", tmp_path / "out.mid")
    assert mido.MidiFile(tmp_path / "out.mid").type == 0


def test_several_meters_cannot_have_another_layout(tmp_path):
    path = tmp_path / "pickup.mid"
    path.write_bytes(make_midi(PICKUP, meters=[(0, 1, 4), (480, 4, 4)]))
    result = CliRunner().invoke(main, ["vary", str(path), "--midi-type", "0", "--out", str(tmp_path / "out.mid")])
    assert result.exit_code != 0
    assert "must not change with the options of its layout, use --meter 4/4" in " ".join(result.output.split())


def test_a_damaged_file_is_written_again(path, tmp_path):
    path.write_bytes(path.read_bytes()[:-3])
    run("vary", path, "--amount", 0, "--seed", 1, "--out", tmp_path / "out.mid")
    assert from_midi_bytes((tmp_path / "out.mid").read_bytes()).sections[0].hits.sum() == len(BEAT) - 1


def test_a_morph_keeps_the_first_file_and_ends_with_the_last(path, tmp_path):
    last = tmp_path / "last.mid"
    last.write_bytes(make_midi([*BEAT[:-2], (720, 38)], end=2 * BAR, meters=[(0, 4, 4)]))
    run("morph", path, last, "--steps", 3, "--out", tmp_path / "path")
    found = [file.read_bytes() for file in sorted((tmp_path / "path").iterdir())]
    assert without_text(found[0]) == read_raw(path.read_bytes())
    assert without_text(found[2]) == read_raw(last.read_bytes())
    assert (56, 100) in notes_in(found[1])


def test_kept_drums_stay_as_they_are_in_the_file(path, tmp_path):
    run("sample", "--keep", "snare", "--from", path, "--seed", 1, "--bars", 2, "--out", tmp_path / "out.mid")
    data = (tmp_path / "out.mid").read_bytes()
    snares = [[note for note in notes_in(each) if note[0] == 38] for each in (path.read_bytes(), data)]
    assert snares[0] == snares[1]
    assert {(56, 100), (60, 90)} <= set(notes_in(data))


def test_a_primer_with_a_pickup_is_continued_in_the_meter_of_the_song(tmp_path):
    path = tmp_path / "pickup.mid"
    path.write_bytes(make_midi(PICKUP, meters=[(0, 1, 4), (480, 4, 4)], end=480 + 2 * BAR))
    result = run("sample", "--primer", path, "--bars", 1, "--seed", 1, "--out", tmp_path / "out.mid")
    assert "the pickup bar is left out" in result.output
    assert from_midi_bytes((tmp_path / "out.mid").read_bytes()).sections[0].meter == (4, 4)


@pytest.mark.parametrize(("meter", "steps"), [("3/4", 12), ("6/8", 12), ("7/8", 14), ("12/8", 24)])
def test_a_meter_can_be_requested_from_nothing(meter, steps, tmp_path):
    result = run("sample", "--meter", meter, "--bars", 1, "--seed", 1, "--out", tmp_path / "out.mid")
    assert f"the network was trained on few songs in {meter}" in result.output
    (pattern,) = from_midi_bytes((tmp_path / "out.mid").read_bytes()).sections
    assert ("{}/{}".format(*pattern.meter), pattern.steps) == (meter, steps)


@pytest.mark.parametrize("meter", ["0/4", "4/3", "300/4", "0/0", "7/32", "x", "9" * 5000 + "/4"])
@pytest.mark.parametrize("command", [("sample",), ("song",), ("pack", "--count", "1")])
def test_a_meter_that_cannot_be_is_an_error_without_a_warning(command, meter, tmp_path):
    result = CliRunner().invoke(main, [*command, "--meter", meter, "--out", str(tmp_path / "out.mid")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: meter ")
    assert not list(tmp_path.iterdir())


def test_pack_warns_of_a_meter(tmp_path):
    result = run("pack", tmp_path / "out", "--meter", "3/4", "--count", 1, "--bars", 1, "--seed", 1)
    assert "the network was trained on few songs in 3/4" in result.stderr


def test_a_meter_is_that_of_the_pattern_that_is_continued():
    pattern = Pattern.from_grid("kick |x---x---x---|", meter=(3, 4))
    with pytest.raises(DrumtokError, match="meter must be 3/4, that of the pattern, got 4/4"):
        generate(pattern, meter="4/4", bars=1)
    assert generate(pattern, bars=1, rng=1).meter == (3, 4)
