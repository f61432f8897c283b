"""`humanise`: what it keeps, the meaning of 0 and 1, groove transfer, and the other events of MIDI files."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from midi_bytes import make_midi
from strategies import examples, patterns

from drumtok.cli.main import main
from drumtok.errors import DrumtokError
from drumtok.generation.groove_transfer import as_played
from drumtok.generation.humanise import humanise
from drumtok.midi.files import from_midi_bytes, read_midi, to_midi_bytes, write_midi
from drumtok.midi.rewrite import rewrite_drums
from drumtok.pattern import Pattern

TRAP = Pattern.from_grid(
    """
kick   |x-----x---x-----|x-----x--x------|
snare  |--------x-------|--------x-----o-|
closed |x-x-x-x-x-xxx-x-|x-x-xxx-x-x-xxxx|
""",
    tempo=140,
)
SWING = Pattern.from_grid(
    """
kick   |x-------x-------|x-------x-------|
closed |----x-------x---|----x-------x---|
ride   |x---x--xx---x--x|x---x--xx---x--x|
""",
    tempo=180,
)
FUNK = Pattern.from_grid(
    """
kick   |x-x-------x-----|x-x-------x--x--|
snare  |----x--x-x--x--x|----x--x-x--x---|
closed |xxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxx-|
""",
    tempo=100,
)
DRAWN = {"trap": TRAP, "swing": SWING, "funk": FUNK}


def played(hits, seed=0, **rest):
    """Return a pattern of the hits with random velocities and offsets."""
    rng = np.random.default_rng(seed)
    return Pattern(hits, rng.integers(1, 128, hits.shape), rng.uniform(-0.45, 0.45, hits.shape), **rest)


@examples(30)
@given(patterns(), st.integers(0, 9))
def test_hits_meter_tempo_and_length_stay_and_nothing_leaves_its_range(pattern, seed):
    made = humanise(pattern, seed=seed)
    assert np.array_equal(made.hits, pattern.hits)
    assert (made.grid, made.meter, made.tempo) == (pattern.grid, pattern.meter, pattern.tempo)
    assert (made.velocity[made.hits] >= 1).all()
    assert (made.velocity <= 127).all()
    assert (np.abs(made.offset) <= 0.5).all()
    if len(made):
        assert (made.offset[0] >= 0).all()


@examples(30)
@given(patterns())
def test_0_is_exactly_the_input_each_by_itself(pattern):
    assert humanise(pattern, 0, 0, seed=1) == pattern
    assert np.array_equal(humanise(pattern, 1, 0, seed=1).offset, pattern.offset)
    assert np.array_equal(humanise(pattern, 0, 1, seed=1).velocity, pattern.velocity)


def test_half_is_half_way():
    whole, half = humanise(FUNK, seed=3), humanise(FUNK, 0.5, 0.5, seed=3)
    way = (whole.velocity[FUNK.hits].astype(float) + FUNK.velocity[FUNK.hits]) / 2
    assert np.array_equal(half.velocity[FUNK.hits], np.floor(way + 0.5))
    assert np.allclose(half.offset, whole.offset / 2, atol=1e-7)


@pytest.mark.parametrize("grid", [4, 8])
def test_drawn_ghosts_stay_ghosts_and_accents_accents(grid):
    drawn = Pattern.from_grid("snare |o-X-o-X-oxXxo-X-|\nkick |X-o-X-o-X-o-X-o-|", grid=grid, meter=(16 // grid, 4))
    for seed in range(20):
        made = humanise(drawn, seed=seed)
        marks = zip(drawn.to_grid(), made.to_grid(), strict=True)
        assert all(mark == now for mark, now in marks if mark in "oX")


def test_the_seed_determines_the_performance():
    assert humanise(FUNK, seed=3) == humanise(FUNK, seed=3)
    assert humanise(FUNK, seed=3) != humanise(FUNK, seed=4)


@pytest.mark.parametrize("name", DRAWN)
def test_written_and_read_it_is_the_same_within_a_tick(name):
    made = humanise(DRAWN[name], seed=5)
    read = from_midi_bytes(to_midi_bytes(made)).sections[0]
    assert np.array_equal(read.hits, made.hits)
    assert np.array_equal(read.velocity, made.velocity)
    assert np.abs(read.offset - made.offset).max() <= 1 / 120 + 1e-6


def test_a_style_that_is_not_known_lists_the_others():
    with pytest.raises(DrumtokError, match=r"style must be one that the groove network knows .*funk.*, got .polka."):
        humanise(FUNK, style="polka")
    with pytest.raises(DrumtokError, match="style cannot be combined with groove_from"):
        humanise(FUNK, style="funk", groove_from=FUNK)


@pytest.mark.parametrize(("dynamics", "timing"), [(-0.1, 1), (1, 1.1), (float("nan"), 1)])
def test_dynamics_and_timing_have_a_range(dynamics, timing):
    with pytest.raises(DrumtokError, match="must be between 0 and 1"):
        humanise(FUNK, dynamics, timing)


@examples(30)
@given(patterns())
def test_a_take_played_as_itself_stays(pattern):
    if pattern.hits.any():
        take = played(pattern.hits, grid=pattern.grid, meter=pattern.meter)
        again = as_played(take, take)
        assert np.array_equal(again.velocity, take.velocity)
        assert np.allclose(again.offset, take.offset)


def test_the_feel_of_a_take_goes_by_drum_and_step():
    take = Pattern.from_grid("kick |x---|x---|\nclosed |x-o-|x---|", meter=(1, 4))
    offset = np.where(take.hits, 0.1, 0)
    offset[2, 2] = 0.3
    take = Pattern(take.hits, take.velocity, offset, meter=(1, 4))
    moved = as_played(Pattern.from_grid("closed |x-xx|--x-|\nride |---x|----|", meter=(1, 4)), take)
    # step 6 is played as the same step of the take's other bar
    assert moved.velocity[[0, 2, 6], 2].tolist() == [100, 40, 40]
    assert moved.velocity[3, 2] == 80  # the mean of the take's hats
    assert moved.offset[[0, 2], 2] == pytest.approx([0.1, 0.3])
    assert moved.velocity[3, 7] == 100  # the take has no ride


def test_takes_that_do_not_fit_are_errors():
    with pytest.raises(DrumtokError, match="the take must have at least one hit"):
        as_played(FUNK, Pattern(np.zeros((16, 9))))
    with pytest.raises(DrumtokError, match="meter"):
        as_played(FUNK, Pattern(np.ones((12, 9)), meter=(3, 4)))


def shifted(section):
    """Return a pattern with every hit 2 ticks later, and at velocity 77."""
    late = np.where(section.hits, np.clip(section.offset + 2 / 120, -0.5, 0.5), 0)
    return Pattern(section.hits, np.full(section.hits.shape, 77), late, meter=section.meter, tempo=section.tempo)


def messages_of(data):
    return [list(track) for track in mido.MidiFile(file=io.BytesIO(data)).tracks]


def a_song():
    """Return a file with a piano, a kit and a tambourine, controllers, and a tempo change."""
    file = mido.MidiFile(ticks_per_beat=480)
    meta = mido.MidiTrack(
        [mido.MetaMessage("set_tempo", tempo=500000), mido.MetaMessage("set_tempo", tempo=400000, time=1920)]
    )
    piano = mido.MidiTrack([mido.Message("note_on", note=36, velocity=90), mido.Message("note_off", note=36, time=480)])
    drums = mido.MidiTrack([mido.MetaMessage("track_name", name="drums")])
    for note, velocity, time in ((36, 100, 0), (42, 50, 240), (38, 110, 240), (54, 64, 0), (42, 60, 240)):
        drums.append(mido.Message("note_on", channel=9, note=note, velocity=velocity, time=time))
        drums.append(mido.Message("control_change", channel=9, control=4, value=velocity))
        drums.append(mido.Message("note_off", channel=9, note=note, time=30))
    drums.append(mido.MetaMessage("end_of_track", time=2000))
    file.tracks += [meta, piano, drums]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def test_a_file_keeps_all_that_is_not_a_hit():
    data = a_song()
    made = rewrite_drums(data, shifted)
    before, after = messages_of(data), messages_of(made)
    assert after[:2] == before[:2]
    tracks = [timed(track[2]) for track in (before, after)]
    assert tracks[0][-1] == tracks[1][-1]  # the ends of the tracks
    others = [[(t, m) for t, m in own if not m.type.startswith("note")] for own in tracks]
    assert others[0] == others[1]
    for kind, velocity in (("note_on", 77), ("note_off", 64)):
        notes, moved = ([(t, m.note, m.velocity) for t, m in own if m.type == kind] for own in tracks)
        assert sorted(moved) == sorted((t, n, v) if n == 54 else (t + 2, n, velocity) for t, n, v in notes)


def timed(track):
    """Return (tick, message without its time) of a track."""
    ticks = np.cumsum([message.time for message in track]).tolist()
    return [(tick, message.copy(time=0)) for tick, message in zip(ticks, track, strict=True)]


def test_nothing_changed_is_the_same_bytes():
    for data in (a_song(), make_midi([(0, 36, 90), (3, 36, 100), (480, 38)]), to_midi_bytes(FUNK)):
        assert rewrite_drums(data, lambda section: section) == data


@examples(40)
@given(patterns(), st.integers(0, 99))
def test_a_file_of_ours_is_read_as_it_was_played(pattern, seed):
    if pattern.grid != 4 or not pattern.hits.any():
        return
    plain = Pattern(pattern.hits, grid=4, meter=pattern.meter, tempo=pattern.tempo)
    wanted = played(pattern.hits, seed, meter=pattern.meter, tempo=pattern.tempo)
    after = from_midi_bytes(rewrite_drums(to_midi_bytes(plain), lambda section: wanted)).sections[0]
    assert np.array_equal(after.hits, plain.hits)
    assert np.array_equal(after.velocity, wanted.velocity)
    late = np.where(plain.hits, np.maximum(wanted.offset, np.where(np.arange(plain.steps) == 0, 0, -1)[:, None]), 0)
    # but for the last step, whose hits may not pass the end
    assert np.abs(after.offset - late)[:-1].max(initial=0) <= 1 / 120 + 1e-6


def test_files_that_cannot_be_rewritten_are_errors():
    with pytest.raises(DrumtokError, match="cannot read 'MIDI data': it has no MThd header"):
        rewrite_drums(b"RIFF", shifted)
    with pytest.raises(DrumtokError, match="no hits of the kit"):
        rewrite_drums(make_midi([(0, 54), (480, 56)]), shifted)
    damaged = a_song()[:-20]
    with pytest.raises(DrumtokError, match=r"cannot rewrite 'x.mid': it is damaged \(1 track breaks off"):
        rewrite_drums(damaged, shifted, "x.mid")
    type_2 = bytearray(a_song())
    type_2[9] = 2
    with pytest.raises(DrumtokError, match="type must be 0 or 1, got 2"):
        rewrite_drums(bytes(type_2), shifted)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


def test_the_command(run):
    write_midi(FUNK, "in.mid")
    result = run("humanise", "in.mid", "--seed", "4", "-o", "out.mid")
    assert result.exit_code == 0, result.output
    assert read_midi("out.mid") == from_midi_bytes(to_midi_bytes(humanise(read_midi("in.mid"), seed=4))).sections[0]
    assert run("humanise", "in.mid", "--dynamics", "0", "--timing", "0", "-o", "same.mid").exit_code == 0
    assert Path("same.mid").read_bytes() == Path("in.mid").read_bytes()


def test_the_command_moves_the_feel_of_a_take(run):
    write_midi(FUNK, "in.mid")
    write_midi(played(FUNK.hits, tempo=80), "take.mid")
    assert run("humanise", "in.mid", "--groove-from", "take.mid", "-o", "out.mid").exit_code == 0
    ours, take = read_midi("out.mid"), read_midi("take.mid")
    assert np.array_equal(ours.velocity, take.velocity)
    assert np.abs(ours.offset - take.offset).max() <= 1 / 120 + 1e-6
    assert ours.tempo == 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.mid",), "cannot read 'nowhere.mid'"),
        (("in.mid", "--style", "polka"), "got 'polka'"),
        (("in.mid", "--dynamics", "2"), "dynamics must be between 0 and 1, got 2"),
        (("in.mid", "--groove", "in.mid"), "damaged or not a checkpoint"),
    ],
)
def test_wrong_input_is_one_line(run, arguments, message):
    write_midi(FUNK, "in.mid")
    result = run("humanise", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1
