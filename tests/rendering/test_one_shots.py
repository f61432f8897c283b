"""The SoundFont kits: measurements of the drums, and zones made by hand."""

import numpy as np
import pytest

from drumtok.drums import LANES
from drumtok.errors import DrumtokError
from drumtok.rendering.kits import FONT_KITS, FORMER_NAMES, RATE
from drumtok.rendering.one_shots import font_kit, render_zone
from drumtok.rendering.soundfont import SHAPE, Zone

KITS = tuple(row.name for row in FONT_KITS)
WAVE = 100  # frames of a period of the sine below: 441 Hz


def shot(kit, lane):
    return font_kit(kit).piece(lane).sound()


def energy(sound, low, high):
    """Return the fraction of the energy between two frequencies."""
    power = np.abs(np.fft.rfft(np.mean(sound, axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    return power[(hertz >= low) & (hertz < high)].sum() / power.sum()


def zone(sample=None, loop=None, rate=RATE, cents=0.0, **shape):
    """Return a zone that plays its sample unchanged except for the given settings."""
    if sample is None:
        sample, loop = np.round(30_000 * np.sin(2 * np.pi * np.arange(WAVE) / WAVE)).astype(np.int16), (0, WAVE)
        shape = {"decay": 0, "sustain": 1000, **shape}  # 100 dB in a second
    return Zone(sample, rate, loop, cents, {name: default for name, (_, default) in SHAPE.items()} | shape, 1, 0)


def pitch(sound):
    """Return the frequency of each period of a sine, between its upward zero crossings."""
    mono = sound.sum(axis=1)
    ups = np.flatnonzero((mono[:-1] < 0) & (mono[1:] >= 0))
    return RATE / np.diff(ups)


@pytest.mark.parametrize("kit", KITS)
def test_a_kick_is_low_and_a_closed_hat_is_high(kit):
    assert energy(shot(kit, "kick"), 0, 500) > 0.8
    assert energy(shot(kit, "closed"), 3000, RATE) > 0.8
    assert energy(shot(kit, "ride"), 2000, RATE) > 0.8
    toms = [np.argmax(np.abs(np.fft.rfft(shot(kit, lane)[:RATE].sum(axis=1), RATE))) for lane in LANES[4:7]]
    assert toms == sorted(toms)  # the order of floor, low and high tom
    assert len(set(toms)) == 3


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("lane", LANES)
def test_every_drum_sounds_at_once_and_ends_in_silence(kit, lane):
    sound = shot(kit, lane)
    assert sound.dtype == np.float32
    assert sound.shape[1] == 2
    assert not sound.flags.writeable
    assert 0.1 < np.abs(sound).max() < 1.2
    assert np.abs(sound[: RATE // 50]).max() > 0.03  # within 20 ms
    assert not sound[-1].any()
    assert np.abs(sound[-200:]).max() < 0.02
    assert np.abs(sound[0]).max() < 0.01  # no click at the start
    assert font_kit(kit).piece(lane).choke == (lane in ("closed", "open"))


def test_an_open_hat_rings_longer_than_a_closed_one_and_a_crash_longest():
    for kit in KITS:
        closed, open_hat, crash = (len(shot(kit, lane)) for lane in ("closed", "open", "crash"))
        assert 1.5 * closed < open_hat < crash < 8 * RATE


def test_no_two_kits_are_the_same():
    sounds = {kit: b"".join(shot(kit, lane).tobytes() for lane in LANES) for kit in KITS}
    assert len(set(sounds.values())) == len(KITS)
    assert not np.array_equal(shot("gm-jazz", "snare"), shot("gm", "snare"))
    assert np.array_equal(shot("gm-jazz", "ride"), shot("gm", "ride"))


def test_an_unknown_kit_is_an_error():
    with pytest.raises(DrumtokError, match="kit must be one of gm, gm-electronic, gm-jazz, gm-808, got 'gm-909'"):
        font_kit("gm-909")


def test_former_names_are_those_of_the_font():
    assert FORMER_NAMES.keys() == {"standard", "electronic"}
    for former, name in FORMER_NAMES.items():
        assert font_kit(former).name == name


@pytest.mark.parametrize(("rate", "cents", "hertz"), [(RATE, 0, 441), (RATE, 1200, 882), (22_050, 700, 330.4)])
def test_a_zone_is_tuned_by_its_rate_and_cents_and_its_loop_continues(rate, cents, hertz):
    measured = pitch(render_zone(zone(rate=rate, cents=cents))[: RATE // 2])
    assert len(measured) > 100
    assert abs(measured.mean() - hertz) < 1


def test_the_pitch_is_swept_down():
    measured = pitch(render_zone(zone(pitch_sweep=1200, sweep_decay=-1200, sweep_sustain=1000)))  # an octave in 0.5 s
    assert abs(measured[:5].mean() - 882) < 20
    assert abs(measured[len(measured) // 2 :].min() - 441) < 10
    flat = pitch(render_zone(zone(pitch_sweep=1200, sweep_decay=-1200, sweep_sustain=0)))  # the sweep stays at its peak
    assert abs(flat.mean() - 882) < 2


def test_the_volume_follows_its_envelope():
    sound = np.abs(render_zone(zone(hold=-2400)).sum(axis=1))  # a quarter of a second, then 100 dB a second
    peak = [20 * np.log10(sound[at : at + WAVE].max()) for at in (RATE // 8, RATE // 2, RATE * 3 // 4)]
    assert peak[0] - peak[1] == pytest.approx(25, abs=0.3)
    assert peak[1] - peak[2] == pytest.approx(25, abs=0.3)
    assert len(sound) == pytest.approx((0.25 + 0.66) * RATE, abs=2)


def test_a_zone_has_its_own_level_and_panning():
    left, right = np.abs(render_zone(zone())).max(axis=0)
    assert left == pytest.approx(right)
    assert left**2 + right**2 == pytest.approx((30_000 / 32_768) ** 2, rel=0.05)
    assert np.abs(render_zone(zone(attenuation=100))).max() == pytest.approx(left * 10 ** (-4 / 20), rel=0.02)
    assert np.abs(render_zone(zone(pan=-500)))[:, 1].max() < 1e-6
    assert np.abs(render_zone(zone(pan=500)))[:, 0].max() < 1e-6


def test_a_filter_lets_through_what_is_low():
    noise = np.random.default_rng(0).integers(-9000, 9000, RATE // 2).astype(np.int16)
    cutoff = round(1200 * np.log2(1000 / 8.176))
    full, low = render_zone(zone(noise)), render_zone(zone(noise, filter_cutoff=cutoff))
    assert len(full) == len(low) == RATE // 2
    power = [np.abs(np.fft.rfft(sound.sum(axis=1))) ** 2 for sound in (full, low)]
    hertz = np.fft.rfftfreq(RATE // 2, 1 / RATE)

    def change(near):
        band = np.abs(hertz - near) < near / 10
        return 10 * np.log10(power[1][band].sum() / power[0][band].sum())

    assert change(200) == pytest.approx(0, abs=0.3)
    assert change(1000) == pytest.approx(-3, abs=0.5)
    assert change(4000) == pytest.approx(-24, abs=1)
    opened = render_zone(zone(noise, filter_cutoff=cutoff, filter_sweep=12_000))  # the envelope stays at its peak
    assert np.abs(opened - full).max() < 1e-5


def test_a_filter_moves_nothing_in_time():
    click = np.zeros(3000, dtype=np.int16)
    click[1000] = 30_000
    assert np.abs(render_zone(zone(click, filter_cutoff=9000))).sum(axis=1).argmax() == 1000


@pytest.mark.parametrize("frames", [1, 2, 3, 63, 256, 257])
def test_short_samples_are_rendered_too(frames):
    sound = render_zone(zone(np.full(frames, 10_000, dtype=np.int16), filter_cutoff=9000))
    assert sound.shape == (frames, 2)
    assert np.isfinite(sound).all()
