"""Voices as JSON: seconds of decay, and the factors of length that drumtok 0.13.0 wrote."""

import json
from dataclasses import replace

import numpy as np
import pytest

from drumtok.errors import DrumtokError
from drumtok.rendering.kit_files import read_design
from drumtok.rendering.model_shots import finished, one_shot
from drumtok.rendering.voice import Voice, voice_of
from drumtok.sound.synthesis import synthesise
from drumtok.sound.voices import NEUTRAL, Controls, SoundModel

FORMER = {"tune": 0.0, "decay": 1.0, "brightness": 0.0, "punch": 0.0, "noise": 0.0, "drive": 0.0}  # of 0.13.0


@pytest.fixture(scope="module")
def model():
    return SoundModel.load()


def voice(model, name="snare", controls=NEUTRAL):
    return Voice(name, tuple(map(float, model.sample(name, np.random.default_rng(3)))), controls)


def test_json_has_the_seconds_of_the_decay(model):
    made = voice(model, controls=Controls(decay=0.42))
    data = json.loads(json.dumps(made.to_json()))
    assert data["controls"]["decay_seconds"] == 0.42
    assert voice_of(data) == made
    assert voice(model).to_json()["controls"]["decay_seconds"] is None


@pytest.mark.parametrize("factor", [0.25, 0.8, 1.8, 4])
@pytest.mark.parametrize("name", ["kick", "clap", "closed", "crash"])
def test_a_voice_of_an_earlier_version_sounds_as_it_did(model, monkeypatch, name, factor):
    own = voice(model, name)
    read = voice_of(own.to_json() | {"controls": FORMER | {"decay": factor}})
    assert (read.controls.decay < own.decay(model)) == (factor < 1)
    made = one_shot(model, read)
    # as 0.13.0 made it: the factor was that of the strike
    calls = []
    monkeypatch.setattr("drumtok.sound.voices.synthesise", lambda *how: calls.append(how) or synthesise(*how))
    one_shot(model, own)
    parameters, metal, strike = calls[0]
    former = finished(synthesise(parameters, metal, replace(strike, length=factor)))
    assert made.shape == former.shape
    assert np.abs(made - former).max() < 1e-3


def test_a_voice_of_an_earlier_version_with_a_neutral_decay_has_its_own(model):
    own = voice(model)
    assert voice_of(own.to_json() | {"controls": FORMER}) == own
    assert voice_of(own.to_json() | {"controls": FORMER | {"tune": 2}}).controls == Controls(tune=2)


def test_a_kit_of_an_earlier_version_is_read(model, tmp_path):
    own = voice(model, "kick")
    data = {"drumtok": "0.13.0", "pieces": {"kick": {"voice": own.to_json() | {"controls": FORMER | {"decay": 2}}}}}
    (tmp_path / "kit.json").write_text(json.dumps(data))
    read = read_design(tmp_path / "kit.json").voices["kick"]
    assert read.length(model) == pytest.approx(2, rel=1e-4)


@pytest.mark.parametrize("value", [5, 0.1, float("nan"), "long"])
def test_a_factor_or_decay_that_cannot_be_is_an_error(model, value):
    with pytest.raises(DrumtokError, match="must"):
        voice_of(voice(model).to_json() | {"controls": FORMER | {"decay": value}})


def test_an_unknown_control_is_an_error(model):
    with pytest.raises(DrumtokError, match=r"control must be one of tune, decay_seconds, .* got 'dekay'"):
        voice_of(voice(model).to_json() | {"controls": {"dekay": 1}})


def test_lengthening_by_one_keeps_the_own_decay(model):
    assert voice(model).lengthened(1.0, model) == voice(model)
    assert voice(model, controls=Controls(decay=0.3)).lengthened(1.0, model).controls.decay is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"latent": [0.0, float("nan")]}, "the numbers of a latent must be finite, got nan$"),
        ({"class": "kik"}, "class must be one of kick, .*, got 'kik'$"),
    ],
)
def test_a_latent_or_a_class_that_cannot_be_is_named(model, wrong, message):
    with pytest.raises(DrumtokError, match=message):
        voice_of(voice(model).to_json() | wrong)
