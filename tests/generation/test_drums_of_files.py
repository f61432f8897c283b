"""`channel`, `track` and `note_map` choose the drums of MIDI files wherever the Python API accepts a path."""

import pytest
from midi_bytes import two_kits

from drumtok import DrumtokError, curate, generate, generate_many, humanise, morph, read_midi, vary
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern

ROCK = [(0, 36), (480, 38), (960, 36), (1440, 38), *[(240 * step, 42) for step in range(8)]]
SPARSE = [(0, 36), (720, 38), (840, 36), (1200, 36), (1680, 38), (0, 51), (480, 51)]

MAKERS = {
    "generate": lambda file, other, network, **drums: generate(file, bars=1, rng=1, checkpoint=network, **drums),
    "generate keep": lambda file, other, network, **drums: generate(
        1, source_pattern=file, keep=["kick", "snare"], particles=2, checkpoint=network, **drums
    ),
    "generate keep of each": lambda file, other, network, **drums: generate(
        1, keep={"kick": file, "snare": other}, particles=2, checkpoint=network, **drums
    ),
    "generate_many": lambda file, other, network, **drums: generate_many(
        1, 1, primer=file, bars=1, checkpoint=network, **drums
    )[0],
    "curate": lambda file, other, network, **drums: (
        curate([file, other], 0.1, section=2, checkpoint=network, rng=1, **drums).pattern
    ),
    "humanise": lambda file, other, network, **drums: humanise(file, groove_from=other, **drums),
    "morph": lambda file, other, network, **drums: morph(file, other, 3, checkpoint=network, **drums)[1],
    "vary": lambda file, other, network, **drums: vary(file, 0, checkpoint=network, **drums),
}


@pytest.fixture
def files(tmp_path):
    """The paths of two files with two kits each."""
    paths = [tmp_path / "a.mid", tmp_path / "b.mid"]
    for path, rock in zip(paths, (ROCK, ROCK[:8]), strict=True):
        path.write_bytes(two_kits(rock, SPARSE))
    return paths


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("drums", [{"channel": 3}, {"channel": 5}, {"track": "3"}], ids=str)
def test_the_drums_of_a_path_are_those_that_are_requested(files, small_checkpoint, name, drums):
    made = MAKERS[name](*files, small_checkpoint, **drums)
    assert made.hits.any()
    patterns = [read_midi(path, **drums) for path in files]
    assert (made.hits == MAKERS[name](*patterns, small_checkpoint).hits).all()


@pytest.mark.parametrize("name", MAKERS)
def test_a_channel_without_notes_is_an_error(files, small_checkpoint, name):
    with pytest.raises(DrumtokError, match=r"channel must be one that has notes \(3, 5\), got 7"):
        MAKERS[name](*files, small_checkpoint, channel=7)
    with pytest.raises(DrumtokError, match="channel must be between 1 and 16, got 0"):
        MAKERS[name](*files, small_checkpoint, channel=0)


@pytest.mark.parametrize("name", MAKERS)
def test_paths_are_read_by_the_note_map(tmp_path, small_checkpoint, name):
    beat = Pattern.from_grid("kick |x---x---x---x---|\nclosed |x-x-x-x-x-x-x-x-|")
    path = tmp_path / "ad2.mid"
    path.write_bytes(to_midi_bytes(beat, note_map="ad2"))
    made = MAKERS[name](path, path, small_checkpoint, note_map="ad2")
    assert (made.hits == MAKERS[name](beat, beat, small_checkpoint).hits).all()
