"""Patterns as sound: where each hit sounds, how loud it is, what ends it, and that files loop."""

import io
import wave
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from strategies import examples, offsets, patterns

from drumtok.drums import LANE_INDEX, N_DRUMS
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering import audio
from drumtok.rendering.audio import write_wav
from drumtok.rendering.bus import KNEE, LIMIT, loudness, soft_clip
from drumtok.rendering.kits import FONT_KITS, RATE, RATES, AudioConfig
from drumtok.rendering.mixing import CHOKE, LEVEL
from drumtok.rendering.one_shots import font_kit
from drumtok.rendering.wav_files import wav_bytes

BEAT = RATE // 2
KITS = tuple(row.name for row in FONT_KITS)


def grid(text, **options):
    return Pattern.from_grid(text, **options)


def shot(lane, velocity=100, kit="gm"):
    return font_kit(kit).piece(lane).sound() * np.float32(LEVEL * (velocity / 127) ** 2)


def render(pattern, kit="gm", **options):
    """Render with `gm`, whose sounds do not change with the velocity and differ in length between drums."""
    return audio.render(pattern, kit, **options)


def close(one, other):
    return one.shape == other.shape and np.abs(one - other).max() < 1e-6


@pytest.mark.parametrize(
    ("pattern", "frames"),
    [
        (grid("kick |x---x---x---x---|"), 88_200),
        (grid("kick |x---x---x---x---|" + "-" * 32, tempo=90), 3 * 117_600),
        (grid("kick |x---x---x---|", meter=(3, 4), tempo=100), 79_380),
        (grid("kick |x--x--|", grid=6, meter=(1, 4), tempo=333.3), round(60 / 333.3 * RATE)),
        (grid("kick |----------------|", tempo=121), round(240 / 121 * RATE)),
    ],
)
def test_a_loop_is_exactly_as_long_as_its_bars(pattern, frames):
    assert render(pattern).shape == (frames, 2)


def test_a_hit_is_the_one_shot_at_its_place_as_loud_as_its_velocity():
    expected = np.zeros((88_200, 2), dtype=np.float32)
    for step, velocity in ((0, 120), (6, 40), (12, 100)):
        at = round(step * RATE / 8)
        sound = shot("kick", velocity)
        expected[at : at + len(sound)] += sound
    assert close(render(grid("kick |X-----o-----x---|")), expected)


@pytest.mark.parametrize("kit", KITS)
def test_the_kit_is_the_one_requested(kit):
    sound = render(grid("snare |x---------------|"), kit)
    assert close(sound[: len(shot("snare", kit=kit))], shot("snare", kit=kit))


def test_a_hit_sounds_where_a_midi_file_has_it():
    late = grid("kick |----x-----------|")
    late = replace(late, offset=np.where(late.hits, 0.25, 0))
    first = np.flatnonzero(render(late).any(axis=1))[0]
    begins = np.flatnonzero(shot("kick").any(axis=1))[0]
    assert first - begins == round((480 + 30) * BEAT / 480)
    swung = render(grid("kick |-x--------------|"), swing=60)
    assert np.flatnonzero(swung.any(axis=1))[0] - begins == round(0.6 * BEAT / 2)


def test_what_rings_on_after_the_end_sounds_at_the_beginning():
    crash = grid("crash |------------x---|")
    ringing, looped = render(crash, tail="ring"), render(crash)
    assert len(ringing) == 12 * RATE // 8 + len(shot("crash"))
    assert len(ringing) > 3 * 88_200  # so that the ring-out wraps around more than once
    folded = np.pad(ringing, ((0, -len(ringing) % 88_200), (0, 0))).reshape(-1, 88_200, 2).sum(axis=0)
    assert close(looped, folded)
    assert np.abs(looped[:100]).max() > 0.001
    assert not ringing[:100].any()


def test_a_loop_that_is_repeated_is_what_a_longer_loop_sounds_like():
    """So the seam of the loop is inaudible."""
    bars = {"kick": "|x-----x---x-----|", "open": "|--x---------x---|", "crash": "|----x-----------|"}
    once, twice = (grid("\n".join(f"{lane} {bar * times}" for lane, bar in bars.items())) for times in (1, 2))
    assert close(render(twice), np.tile(render(once), (2, 1)))


def test_a_ringing_file_ends_with_its_bars_at_the_earliest():
    assert len(render(grid("kick |x---------------|"), tail="ring")) == 88_200


@pytest.mark.parametrize("kit", KITS)
def test_a_closed_hat_ends_an_open_one(kit):
    opened, closed = "open |--x-------------|", "closed |----x-----------|"
    alone, rung, both = (render(grid(lanes), kit) for lanes in (closed, opened, f"{opened}\n{closed}"))
    closed_at = 4 * RATE // 8
    faded = closed_at + int(CHOKE * RATE)
    assert np.abs(both[closed_at - 1000 : closed_at]).max() > 0.005  # it rings until then
    assert close(both[faded:], alone[faded:])
    assert not close(both[closed_at:faded], alone[closed_at:faded])  # and fades out instead of clicking
    steepest = [np.abs(np.diff(sound[closed_at - 50 : faded + 50], axis=0)).max() for sound in (alone, rung, both)]
    assert steepest[2] < steepest[0] + steepest[1] + 0.002


def test_an_open_hat_at_the_end_is_ended_by_the_closed_one_at_the_beginning():
    alone, both = (render(grid(f"open |{o}|\nclosed |x---------------|")) for o in ("-" * 16, "-" * 14 + "x-"))
    faded = int(CHOKE * RATE)
    assert close(both[faded : 14 * RATE // 8], alone[faded : 14 * RATE // 8])
    ringing = render(grid("open |--------------x-|\nclosed |x---------------|"), tail="ring")
    assert len(ringing) == 14 * RATE // 8 + len(shot("open"))


def test_hats_at_once_both_sound_and_other_drums_ring_on():
    both = render(grid("closed |x---------------|\nopen |x---------------|"), tail="ring")
    assert close(both[: len(shot("closed"))], shot("closed") + shot("open")[: len(shot("closed"))])
    crash = render(grid("crash |x---------------|"), tail="ring")
    with_hat = render(grid("crash |x---------------|\nclosed |----x-----------|"), tail="ring")
    assert close(with_hat[RATE:], crash[RATE:])


def test_nothing_is_cut_off_by_loudness():
    loud = Pattern(np.ones((16, N_DRUMS)), np.full((16, N_DRUMS), 127), tempo=200)
    assert np.abs(render(loud)).max() == pytest.approx(LIMIT)
    assert LIMIT < 1


@examples(25)
@given(pattern=patterns(offset=offsets, min_bars=1, max_bars=2))
def test_every_pattern_has_a_sound_as_long_as_it_is(pattern):
    pattern = replace(pattern, tempo=max(pattern.tempo, 60))
    sound = render(pattern)
    assert len(sound) == round(pattern.steps * 60 / pattern.grid / pattern.tempo * RATE)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= LIMIT * 1.000001
    assert sound.any() == pattern.hits.any()


def test_the_header_is_that_of_the_sound_and_the_same_pattern_gives_the_same_bytes(tmp_path):
    beat = grid("kick |x-------x-------|\nopen |--------------x-|")
    for name in ("a.wav", "b.wav"):
        write_wav(beat, tmp_path / name, "808", swing=60)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getparams()[:4] == (2, 2, 44_100, 88_200)
        frames = np.frombuffer(file.readframes(88_200), dtype="<i2").reshape(-1, 2)
    assert np.abs(frames / 32_767 - render(beat, "808", swing=60)).max() <= 0.51 / 32_767


def test_full_scale_is_the_highest_number_of_16_bits():
    data = wav_bytes(np.array([[1.0, -1.0], [0.5, 2.0]], dtype=np.float32))
    with wave.open(io.BytesIO(data)) as file:
        assert np.frombuffer(file.readframes(2), dtype="<i2").tolist() == [32_767, -32_767, 16_384, 32_767]


@pytest.mark.parametrize(
    ("pattern", "options", "message"),
    [
        (grid("kick |x---|", meter=(1, 4)), {"kit": "banjo"}, "kit must be one of acoustic, jazz"),
        (grid("kick |x---|", meter=(1, 4)), {"tail": "cut"}, "tail must be one of loop, ring, got 'cut'"),
        (grid("kick |x---|", meter=(1, 4)), {"swing": 80}, "swing must be between 50 and 75, got 80"),
        (grid("kick |x--|", grid=3, meter=(1, 4)), {"swing": 60}, "swing must be 50 on a grid of triplets, got 60"),
        (Pattern(np.zeros((0, N_DRUMS))), {}, "pattern must last above 0 and at most 3600 seconds, got 0"),
        (
            Pattern(np.zeros((16 * 61, N_DRUMS)), tempo=4),
            {},
            "pattern must last above 0 and at most 3600 seconds, got 3660",
        ),
    ],
)
def test_what_has_no_sound_is_an_error(pattern, options, message, tmp_path):
    with pytest.raises(DrumtokError, match=message):
        write_wav(pattern, tmp_path / "a.wav", **options)
    assert not list(tmp_path.iterdir())


def test_every_drum_of_a_pattern_sounds():
    for lane, index in LANE_INDEX.items():
        hits = np.zeros((16, N_DRUMS), dtype=bool)
        hits[4, index] = True
        assert close(render(Pattern(hits), tail="ring")[4 * RATE // 8 :][: len(shot(lane))], shot(lane)), lane


def test_at_another_rate_a_loop_is_as_long_and_its_hits_are_as_early():
    beat = grid("kick |----X-----------|", tempo=97)
    sounds = {rate: render(beat, rate=rate) for rate in RATES}
    assert {rate: len(sound) for rate, sound in sounds.items()} == {rate: round(240 / 97 * rate) for rate in RATES}
    peaks = [np.abs(sound).sum(axis=1).argmax() / rate for rate, sound in sounds.items()]
    assert peaks[0] == pytest.approx(peaks[1], abs=1e-3)


def test_stems_add_up_to_the_whole_and_are_as_long():
    beat = grid("kick |X---X---X---X---|\nsnare |----X-------X---|\nopen |--x-----------x-|\nclosed |X---x---x---x---|")
    loud = replace(beat, velocity=np.where(beat.hits, 127, 0))
    for tail in ("loop", "ring"):
        whole = render(loud, tail=tail)
        stems = dict(audio.render_stems(loud, "gm", audio=AudioConfig(tail=tail)))
        assert list(stems) == ["kick", "snare", "closed", "open"]
        assert {stem.shape for stem in stems.values()} == {whole.shape}
        assert close(sum(stems.values()), whole)


def test_the_bus_rounds_off_peaks_and_keeps_what_is_low():
    loud = Pattern(np.ones((16, N_DRUMS)), np.full((16, N_DRUMS), 127), tempo=200)
    clipped = render(loud, soft_clip=True)
    assert 0.99 * LIMIT < np.abs(clipped).max() <= np.float32(LIMIT)
    soft = grid("kick |o---------------|")
    assert np.array_equal(render(soft, soft_clip=True), render(soft))
    rising = np.linspace(-4, 4, 8001, dtype=np.float32)
    assert (np.diff(soft_clip(rising)) >= 0).all()
    assert np.array_equal(soft_clip(rising * np.float32(KNEE / 4)), rising * np.float32(KNEE / 4))


@pytest.mark.parametrize("target", [-30.0, -18.0, -10.0])
def test_a_sound_has_the_loudness_that_was_requested(target):
    pytest.importorskip("pyloudnorm")
    beat = grid("kick |X---x---X---x---|\nsnare |----X-------X---|\nclosed |x-x-x-x-x-x-x-x-|")
    sound = render(beat, loudness=target)
    assert loudness(sound) == pytest.approx(target, abs=0.1)
    assert np.abs(sound).max() <= np.float32(LIMIT)
    stems = sum(stem for _, stem in audio.render_stems(beat, "gm", audio=AudioConfig(loudness=target)))
    assert np.abs(soft_clip(stems) - sound).max() < 1e-5


def test_silence_and_short_sounds_have_a_loudness_too():
    pytest.importorskip("pyloudnorm")
    assert not render(grid("kick |----------------|"), loudness=-20.0).any()
    short = grid("snare |X---|", meter=(1, 4), tempo=300)
    assert loudness(render(short, loudness=-20.0)) == pytest.approx(-20, abs=0.1)
