"""Paths of MIDI files with a pickup or meter changes, passed to `generate`, `vary`, `morph` and `curate`."""

import pytest
from midi_bytes import kit_beside_a_melody, make_midi

from drumtok.errors import DrumtokError
from drumtok.generation.curate import curate
from drumtok.generation.generate import generate
from drumtok.generation.morph import morph
from drumtok.generation.vary import vary
from drumtok.midi.files import read_midi
from drumtok.network.checkpoint import checkpoint_file, load_checkpoint

PICKUP = [(0, 38), (240, 38)]
BAR = [(0, 36), (480, 42), (960, 38), (1440, 42)]
WALTZ = [(0, 36), (480, 42), (960, 42)]


def moved(notes, ticks):
    return [(tick + ticks, note) for tick, note in notes]


@pytest.fixture
def path(tmp_path):
    """The path of a song with a pickup, one bar of 4/4 and one of 3/4."""
    file = tmp_path / "song.mid"
    notes = [*PICKUP, *moved(BAR, 480), *moved(WALTZ, 2400)]
    file.write_bytes(make_midi(notes, meters=[(0, 1, 4), (480, 4, 4), (2400, 3, 4)], end=3840))
    return file


@pytest.fixture(scope="module")
def network():
    return load_checkpoint(checkpoint_file(None))


def test_morph_reads_the_first_section_and_warns(path, network):
    with pytest.warns(UserWarning, match="song.mid") as found:
        pattern = morph(path, path, 2, checkpoint=network)[0]
    assert (pattern.meter, pattern.hits.sum(axis=0).tolist()[:2]) == ((4, 4), [1, 1])
    messages = [str(each.message) for each in found]
    assert messages[0] == f"{path}: the pickup bar is left out"
    assert messages[1].startswith(f"{path}: the meter changes, only section 2 of 3, of 1 bar in 4/4")


def test_vary_names_the_meters_of_a_file_whose_meter_changes(path, network):
    with pytest.raises(DrumtokError, match=r"song.mid' must not change, got 4/4, 3/4; pass meter='4/4'"):
        vary(path, 0, checkpoint=network)


def test_vary_leaves_a_pickup_out_and_warns(tmp_path, network):
    file = tmp_path / "pickup.mid"
    file.write_bytes(make_midi([*PICKUP, *moved(BAR, 480)], meters=[(0, 1, 4), (480, 4, 4)], end=2400))
    with pytest.warns(UserWarning, match="the pickup bar is left out"):
        assert vary(file, 0, checkpoint=network).meter == (4, 4)


@pytest.mark.parametrize("drums", [{"channel": 3}, {"track": "2"}])
def test_the_channel_or_track_of_the_drums_can_be_passed(tmp_path, network, drums):
    file = tmp_path / "two.mid"
    file.write_bytes(kit_beside_a_melody(BAR))
    varied = vary(file, 0, **drums, checkpoint=network)
    path = morph(file, file, 2, **drums, checkpoint=network)
    assert varied.hits.sum(axis=0)[:4].tolist() == path[0].hits.sum(axis=0)[:4].tolist() == [1, 1, 2, 0]
    with pytest.raises(DrumtokError, match="channel must be"):
        vary(file, 0, channel=17, checkpoint=network)


def test_with_a_meter_the_whole_file_is_read(path, network, recwarn):
    whole = read_midi(path, meter="4/4")
    assert vary(path, 0, meter="4/4", checkpoint=network).hits.tolist() == whole.hits.tolist()
    assert morph(path, path, 2, meter="4/4", checkpoint=network)[0].hits.tolist() == whole.hits.tolist()
    assert curate([path, path], 0.1, meter="4/4", checkpoint=network, rng=1).pattern.bars >= 2 * whole.bars
    kept = generate(source_pattern=path, keep=["snare"], meter="4/4", checkpoint=network, rng=1)
    assert kept.hits[:, 1].tolist() == whole.hits[:, 1].tolist()
    assert not recwarn.list


def test_a_primer_is_continued_in_its_last_meter(path, network):
    with pytest.warns(UserWarning, match=r"only section 3 of 3, of 1 bar in 3/4"):
        assert generate(path, bars=1, checkpoint=network, rng=1).meter == (3, 4)
    assert generate(path, bars=1, meter="4/4", checkpoint=network, rng=1).meter == (4, 4)
