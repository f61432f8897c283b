"""The ancestors of the sound model can be trained and sampled, and stepping them frame by frame predicts the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.sound.ancestors.ahead import compared
from benchmarks.sound.ancestors.base import FRAMES
from benchmarks.sound.ancestors.ddsp import HARMONICS, MOMENTS, harmonic_sound
from benchmarks.sound.ancestors.families import ANCESTORS
from benchmarks.sound.ancestors.own import OwnModel
from benchmarks.sound.ancestors.samplernn import BLOCK, SampleRNN
from benchmarks.sound.ancestors.samples import CODES, SILENCE, codes_of, frames_of
from benchmarks.sound.ancestors.spectrograms import levels_of, waves_of
from benchmarks.sound.ancestors.tables import Result
from benchmarks.sound.ancestors.training import KEPT_AT, keep_sounds, make_sounds, train
from benchmarks.sound.ancestors.wavenet import FIELD, Steps, WaveNet
from drumtok.rendering.wav_files import parse_wav

FRAME_BY_FRAME = ("samplernn", "wavenet")  # models that sample slowly
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("dense-384-96-24-2-tanh", "conv", "wavegan")]


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture(scope="module")
def sounds():
    time = torch.arange(FRAMES) / 44_100
    return torch.stack([torch.exp(-30 * time) * torch.sin(2 * torch.pi * hertz * time) for hertz in (200, 330, 500)])


@pytest.mark.parametrize("name", ["dense-9-2-relu", "vae-0.01", "ddsp", *FRAME_BY_FRAME, *SLOW])
def test_a_step_changes_the_weights_and_sounds_are_finite(name, sounds):
    ancestor = ANCESTORS[name](sounds)
    before = [parameter.detach().clone() for parameter in ancestor.parameters()]
    ancestor.step()
    assert any(not torch.equal(old, new) for old, new in zip(before, ancestor.parameters(), strict=True))
    if name not in FRAME_BY_FRAME:
        made = make_sounds(ancestor, 2)
        assert made.shape == (2, FRAMES)
        assert np.isfinite(made).all()
        assert made.std() > 0


def test_the_model_of_drumtok_trains_as_the_others_do(sounds):
    own = OwnModel(sounds, "snare")
    own.step()
    assert make_sounds(own, 2).shape == (2, FRAMES)


def test_training_makes_at_least_one_step_and_keeps_sounds_on_the_way(tmp_path, sounds):
    kept = []
    assert train(ANCESTORS["dense-9-2-relu"](sounds), 1e-6, kept.append) == 1
    assert kept == [1e-6 * KEPT_AT[0]]
    keep_sounds(np.ones((4, 100), np.float32) / 2, tmp_path, "dense", 3)
    wave, rate = parse_wav((tmp_path / "dense-003.0s.wav").read_bytes())
    assert (len(wave), rate) == (300, 44_100)
    assert float(wave.max()) == pytest.approx(0.95, abs=1e-3)


def test_a_model_is_ahead_equal_or_behind():
    own = Result(weights=9, steps=9, heard=0.9, covered=0.7, apart=5, frechet=4, kernel=50, found=0, new=1, nearest=3)
    assert compared(own, replace(own, covered=0.6, frechet=5, new=0.5)) == "3 of 3"
    assert compared(own, replace(own, covered=0.8, frechet=5)) == "1 of 3 (novelty equal, class behind)"


def test_codes_and_frames_are_inverse():
    codes = torch.arange(CODES)
    assert torch.equal(codes_of(frames_of(codes)), codes)
    assert frames_of(torch.tensor([0, CODES - 1])).tolist() == pytest.approx([-1, 1])
    assert abs(frames_of(torch.tensor(SILENCE))) < 1e-4


def test_spectrograms_become_sounds_with_the_same_spectrogram(sounds):
    levels = levels_of(sounds)
    assert (levels_of(waves_of(levels)) - levels).abs().mean() < 0.02  # 1.6 dB


def test_harmonics_are_multiples_of_the_pitch():
    levels = torch.zeros(1, MOMENTS + 1, HARMONICS)
    levels[..., 1] = 1
    spectrum = torch.fft.rfft(harmonic_sound(torch.full((1, MOMENTS + 1), 441.0), levels)[0]).abs()
    assert float(spectrum.argmax()) * 44_100 / FRAMES == pytest.approx(882, abs=2)


@torch.no_grad()
def test_wavenet_predicts_the_same_frame_by_frame(sounds):
    network = WaveNet(sounds)
    codes = torch.randint(CODES, (2, FIELD + 5))
    steps = Steps(network, 2)
    stepped = torch.stack([steps.push(column) for column in codes.T], dim=1)
    assert torch.allclose(stepped[:, FIELD - 1 :], network.logits(codes), atol=1e-4)


@torch.no_grad()
def test_samplernn_predicts_from_the_past_alone(sounds):
    network = SampleRNN(sounds)
    codes = torch.randint(CODES, (1, 4 * BLOCK))
    changed = codes.clone()
    changed[:, 2 * BLOCK + 3] = (changed[:, 2 * BLOCK + 3] + 1) % CODES
    same = (network.logits(codes) == network.logits(changed)).all(dim=2)[0]
    assert same[: BLOCK + 4].all()  # predictions up to that of the changed frame
    assert not same[BLOCK + 4 :].any()
