"""Training the sound model: the torch network equals that in NumPy, learns, and is written to a checkpoint."""

import numpy as np
import pytest
import torch

from drumtok.errors import DrumtokError
from drumtok.rendering.wav_files import wav_bytes
from drumtok.sound.bands import RATE
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.latents import COMPONENTS, N_CLASSES, network_of
from drumtok.sound.parameters import DEPTH, LEVELS, SIZE, TONES
from drumtok.sound.tones import SILENT
from drumtok.sound.voices import SoundModel
from drumtok.training.data.sound_vectors import SoundVectors, changed, read_sounds
from drumtok.training.sound_config import SoundTrainingConfig
from drumtok.training.sound_model import DecibelLoss
from drumtok.training.sound_prior import SPREAD, groups_of, prior_of
from drumtok.training.sound_training import save_sounds, train_sounds

SMALL = SoundTrainingConfig(steps=3, batch=4, latent=4, hidden=8, ear=4)


@pytest.fixture(scope="module")
def sounds():
    rng = np.random.default_rng(0)
    vectors = rng.normal(-30, 10, (12, SIZE)).clip(-DEPTH, 6).astype(np.float32)
    return SoundVectors(vectors, vectors, np.arange(12) % 3, ["a"] * 12)


@pytest.fixture(scope="module")
def network(sounds):
    return train_sounds(sounds, SMALL, enable_progress_bar=False)


def test_numpy_and_torch_are_one_network(sounds, network, tmp_path):
    save_sounds(network, sounds, SMALL, tmp_path / "small.safetensors")
    numpy_one = network_of(tmp_path / "small.safetensors")
    vector, latent = sounds.vectors[0], np.array([0.5, -1, 0.2, 0.8], np.float32)
    with torch.no_grad():
        encoded = network.encode(torch.from_numpy(vector[None])).mean[0].numpy()
        decoded = network.decode(torch.from_numpy(latent[None]), torch.tensor([2]))[0].numpy()
        heard = SOUND_CLASSES[int(network.classify(torch.from_numpy(vector[None])).argmax())]
    assert np.allclose(numpy_one.encode(vector), encoded, atol=0.01)  # stored as 16-bit floats
    assert np.allclose(numpy_one.decode(SOUND_CLASSES[2], latent), decoded, atol=0.1)
    assert numpy_one.classify(vector) == heard
    assert np.isfinite(SoundModel(numpy_one).render("kick", latent)).all()


def test_training_lowers_the_loss_of_a_few_sounds(sounds):
    loss = DecibelLoss()
    vectors, classes = torch.from_numpy(sounds.vectors), torch.from_numpy(sounds.classes)

    def error(network):
        with torch.no_grad():
            return float(loss(network.decode(network.encode(vectors).mean, classes), vectors).mean())

    few, many = (
        train_sounds(
            sounds,
            SoundTrainingConfig(steps=steps, batch=12, latent=16, hidden=64, ear=4, augment=0, learning_rate=5e-3),
            enable_progress_bar=False,
        )
        for steps in (1, 120)
    )
    assert error(many) < 0.6 * error(few)


def test_the_loss_counts_nothing_below_the_floor_and_no_ratio_of_a_silent_partial():
    loss = DecibelLoss()
    real = torch.full((1, SIZE), -DEPTH)
    real[:, LEVELS] = SILENT
    made = real.clone()
    least = float(loss(made, real))
    made[:, 3 : LEVELS.start] += 30
    made[:, :3] += 30
    assert float(loss(made, real)) == pytest.approx(least)
    made[:, TONES:] -= 10
    assert float(loss(made, real)) == pytest.approx(least, abs=0.05)
    made[:, TONES:] += 30
    assert float(loss(made, real)) > least + 10


def test_changes_keep_what_is_silent_and_strength_zero_changes_nothing(sounds):
    vectors = torch.from_numpy(sounds.vectors).clone()
    vectors[:, TONES : TONES + 50] = -DEPTH
    generator = torch.Generator().manual_seed(0)
    assert torch.allclose(changed(vectors, 0.0, generator), vectors, atol=1e-3)
    moved = changed(vectors, 1.0, generator)
    assert torch.equal(moved[:, TONES : TONES + 50], vectors[:, TONES : TONES + 50])
    assert float((moved - vectors).abs().mean()) > 0.5


def test_groups_are_found_and_the_prior_has_their_means():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(centre, 0.1, (40, 2)) for centre in ((0, 0), (5, 5))])
    centres, nearest = groups_of(points, 2, rng)
    assert sorted(centres[:, 0].round()) == [0, 5]
    assert np.bincount(nearest).tolist() == [40, 40]
    prior = prior_of(points.astype(np.float32), np.zeros(80, int))
    assert prior["prior.mean"].shape == (N_CLASSES, COMPONENTS, 2)
    assert prior["prior.spread"].tolist() == [SPREAD] * N_CLASSES
    assert np.allclose(prior["prior.weight"].sum(axis=1), 1)
    assert np.allclose(prior["prior.weight"][0] @ prior["prior.mean"][0], points.mean(axis=0), atol=1e-4)


def test_sounds_are_read_by_class_and_source_but_not_those_that_are_held_out(tmp_path):
    wave = np.random.default_rng(0).standard_normal(RATE // 4) * np.exp(-np.arange(RATE // 4) / 2000)
    for name in ("one/Snare.wav", "one/Clap.wav", "two/Snare.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(wav_bytes((wave / np.abs(wave).max())[:, None].astype(np.float32)))
    read = read_sounds([tmp_path], ("two",))
    assert sorted(SOUND_CLASSES[number] for number in read.classes) == ["clap", "snare"]
    assert set(read.sources) == {"one"}
    with pytest.raises(DrumtokError, match="held_out must be sources of the sounds, got 'three'"):
        read_sounds([tmp_path], ("three",))
    with pytest.raises(DrumtokError, match="no sounds are left"):
        read_sounds([tmp_path], ("one", "two"))
