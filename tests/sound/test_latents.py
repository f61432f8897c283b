"""The sound network in NumPy: derivatives, fits, the prior, and the bundled checkpoint."""

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.runtime.files import data_path
from drumtok.sound.classes import SOUND_CLASSES
from drumtok.sound.latents import (
    COMPONENTS,
    FILE,
    REACH,
    SoundNetwork,
    bundled_network,
    network_of,
    sound_shapes,
)

CONFIG = {"latent": 3, "hidden": 5, "ear": 4}


@pytest.fixture
def small():
    rng = np.random.default_rng(0)
    weights = {name: 0.3 * rng.standard_normal(shape) for name, shape in sound_shapes(**CONFIG).items()}
    weights["scale"] = np.full_like(weights["scale"], 4)
    weights["prior.weight"] = np.tile([0.25, 0.75, *[0] * (COMPONENTS - 2)], (len(SOUND_CLASSES), 1))
    weights["prior.spread"] = np.full(len(SOUND_CLASSES), 0.5)
    return SoundNetwork("small", CONFIG, weights)


def test_derivatives_are_those_of_small_differences(small):
    place = np.array([0.2, -0.5, 1.0])
    made, jacobian = small._with_jacobian("snare", place)
    assert np.allclose(made, small.decode("snare", place), atol=1e-4)
    for number in range(3):
        step = np.eye(3)[number] * 0.05
        slope = (small.decode("snare", place + step) - small.decode("snare", place - step)) / 0.1
        assert np.allclose(jacobian[:, number], slope, atol=1e-3)


def test_a_fit_finds_the_latent_of_what_the_network_makes(small):
    place = np.array([0.7, -0.4, 0.2])
    found = small.fit("kick", small.decode("kick", place), np.zeros(3))
    assert np.abs(small.decode("kick", found) - small.decode("kick", place)).mean() < 0.2


def test_latents_are_drawn_from_a_mixture_within_reach(small):
    rng = np.random.default_rng(0)
    drawn = np.array([small.draw("tom", rng) for _ in range(3000)])
    number = SOUND_CLASSES.index("tom")
    means, factor = small.w["prior.mean"][number], 0.5 * small.w["prior.factor"][number]
    expected = 0.25 * means[0] + 0.75 * means[1]
    apart = means[1] - means[0]
    assert np.allclose(drawn.mean(axis=0), expected, atol=0.06)
    assert np.allclose(np.cov(drawn.T), factor @ factor.T + 0.1875 * np.outer(apart, apart), atol=0.08)
    assert np.abs(drawn).max() <= REACH


def test_the_bundled_checkpoint_is_small_and_draws_its_own_classes():
    assert data_path(FILE).stat().st_size < 4_000_000
    network = bundled_network()
    for name in SOUND_CLASSES:
        assert np.isfinite(network.decode(name, network.draw(name, np.random.default_rng(0)))).all()


def test_a_checkpoint_of_another_kind_is_an_error():
    with pytest.raises(DrumtokError, match="format must be 'drumtok-sound-2'"):
        network_of(data_path("checkpoints/groove.safetensors"))
