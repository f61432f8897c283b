"""SoundFont files: some made by hand, and the one that comes with pretty_midi."""

import numpy as np
import pytest
from soundfont_bytes import PRESET, notes, soundfont

from drumtok.drums import DRUMS
from drumtok.errors import DrumtokError
from drumtok.rendering.kits import FONT_KITS
from drumtok.rendering.one_shots import font_path
from drumtok.rendering.soundfont import SHAPE, SoundFont

RAMP, FALL = (np.arange(100), 10, 90, 22_050, 60, -7), (-np.arange(50), 0, 0, 44_100, 38, 0)
TWO = [
    [(48, 100), (17, -250)],  # a global zone
    [notes(36, 36), (58, 48), (52, 13), (54, 1), (57, 3), (48, 40), (53, 0)],
    [notes(35, 40), (51, 2), (53, 1)],
]


def font_of(tmp_path, *arguments, **options):
    (tmp_path / "a.sf2").write_bytes(soundfont(*arguments, **options))
    return SoundFont(tmp_path / "a.sf2")


def test_a_zone_is_read_to_the_last_number(tmp_path):
    own, wide = font_of(tmp_path, [RAMP, FALL], TWO).zones(PRESET, 36)
    assert own.sample.tolist() == list(range(100))
    assert (own.rate, own.loop, own.notes, own.exclusive) == (22_050, (10, 90), 1, 3)
    assert own.cents == (36 - 48) * 100 + 13 - 7  # the root key of the zone overrides that of the sample
    assert (own.shape["attenuation"], own.shape["pan"]) == (40, -250)  # its own attenuation, and the global pan
    assert wide.sample.tolist() == [-value for value in range(50)]
    assert (wide.rate, wide.loop, wide.notes, wide.exclusive) == (44_100, None, 6, 0)
    assert wide.cents == (36 - 38 + 2) * 100
    assert (wide.shape["attenuation"], wide.shape["pan"]) == (100, -250)
    assert wide.shape["decay"] == SHAPE["decay"][1] == -12_000


def test_a_preset_adds_to_its_instrument_and_leaves_notes_out(tmp_path):
    font = font_of(tmp_path, [RAMP, FALL], TWO, preset=[[notes(36, 38), (48, 5), (52, -3)]])
    own, _ = font.zones(PRESET, 36)
    assert own.shape["attenuation"] == 45
    assert own.cents == (36 - 48) * 100 + 13 - 7 - 3
    assert [len(font.zones(PRESET, note)) for note in (35, 36, 37, 39)] == [0, 2, 1, 0]


def test_of_layers_of_velocity_the_loudest_sounds(tmp_path):
    layers = [[notes(36, 36), (44, 0 | 100 << 8), (53, 0)], [notes(36, 36), (44, 101 | 127 << 8), (53, 1)]]
    assert [len(zone.sample) for zone in font_of(tmp_path, [RAMP, FALL], layers).zones(PRESET, 36)] == [50]


def test_an_invalid_loop_is_left_out(tmp_path):
    backward = (np.arange(100), 90, 10, 44_100, 60, 0)
    assert font_of(tmp_path, [backward], [[notes(36, 36), (54, 1), (53, 0)]]).zones(PRESET, 36)[0].loop is None


def test_the_font_of_pretty_midi_has_every_drum_of_every_kit():
    font = SoundFont(font_path())
    for kit in FONT_KITS:
        for drum in DRUMS:
            zones = font.zones(kit.other.get(drum.lane, kit.preset), drum.note)
            assert any(zone.notes == 1 for zone in zones), (kit.name, drum.lane)
            assert {zone.exclusive for zone in zones if zone.notes == 1} == {drum.lane in ("closed", "open")}


def test_what_the_font_calls_jazz_is_its_standard_kit():
    """This is why the kit `jazz` is made in another way."""
    font = SoundFont(font_path())
    for drum in DRUMS:
        for one, other in zip(font.zones(0, drum.note), font.zones(32, drum.note), strict=True):
            assert (one.cents, one.shape, one.loop) == (other.cents, other.shape, other.loop)
            assert np.array_equal(one.sample, other.sample)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"", "is not a SoundFont 2 file"),
        (lambda data: b"noise" * 100, "is not a SoundFont 2 file"),
        (lambda data: data[:8] + b"WAVE" + data[12:], "is not a SoundFont 2 file"),
        (lambda data: data[:-200], "is not a SoundFont 2 file"),  # the last tables are missing
    ],
)
def test_another_file_is_an_error(damage, message, tmp_path):
    (tmp_path / "a.sf2").write_bytes(damage(soundfont([RAMP, FALL], TWO)))
    with pytest.raises(DrumtokError, match=message):
        SoundFont(tmp_path / "a.sf2")


def test_every_cut_of_a_font_is_an_error_or_costs_only_the_last_row(tmp_path):
    """The last row of the last table describes no sample."""
    data = soundfont([RAMP, FALL], TWO)
    for length in range(len(data)):
        (tmp_path / "a.sf2").write_bytes(data[:length])
        if length < len(data) - 46:
            with pytest.raises(DrumtokError):
                SoundFont(tmp_path / "a.sf2").zones(PRESET, 36)
        else:
            assert len(SoundFont(tmp_path / "a.sf2").zones(PRESET, 36)) == 2


def test_what_points_outside_is_an_error(tmp_path):
    font = font_of(tmp_path, [RAMP], [[notes(36, 36), (53, 9)]])
    with pytest.raises(DrumtokError, match="preset 7, note 36 is damaged"):
        font.zones(PRESET, 36)
    with pytest.raises(DrumtokError, match="preset 8 of bank 128 is not in"):
        font.zones(8, 36)
    with pytest.raises(DrumtokError, match=r"cannot read 'missing\.sf2'"):
        SoundFont("missing.sf2")
