"""The prior of the latents: what it draws, and that the fitted one is of known classes."""

import numpy as np

from drumtok.sound.prior import REACH, Gaussian, prior_of, priors
from drumtok.sound.voices import LATENT_SIZE, SOUND_CLASSES


def test_latents_have_the_mean_and_covariance_of_their_prior_and_stay_within_reach():
    factor = np.array([[0.5, 0.0], [0.3, 0.4]])
    rng = np.random.default_rng(0)
    drawn = np.array([Gaussian(np.array([0.2, -0.4]), factor).sample(rng) for _ in range(4000)])
    assert np.allclose(drawn.mean(axis=0), [0.2, -0.4], atol=0.03)
    assert np.allclose(np.cov(drawn.T), factor @ factor.T, atol=0.03)
    assert np.abs(Gaussian(np.array([9.0, 0.0]), factor).sample(rng)).max() == REACH


def test_the_fitted_priors_are_of_known_classes_and_others_are_standard_normal():
    assert set(priors()) <= set(SOUND_CLASSES)
    for prior in priors().values():
        assert prior.mean.shape == (LATENT_SIZE,)
        assert prior.factor.shape == (LATENT_SIZE, LATENT_SIZE)
        assert (np.diag(prior.factor) > 0).all()
        assert np.abs(prior.mean).max() < REACH
    assert np.array_equal(prior_of("bass808", LATENT_SIZE).factor, np.eye(LATENT_SIZE))
