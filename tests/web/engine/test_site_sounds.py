"""Sounds of the model made in the browser: those that Python makes."""

import base64
import io
import wave

import numpy as np
import pytest

from drumtok.web.sound_requests import Shot
from drumtok.web.sounds import new_kit, shot

SOUNDS = """async ({ kits, shots }) => {
  const { readCheckpoint } = await import("/js/engine/checkpoint.js");
  const { SoundModel } = await import("/js/synth/model.js");
  const { cached } = await import("/js/engine/cached.js");
  const buffer = await (await cached(new URL("/weights/sound.safetensors.zz", location))).arrayBuffer();
  const model = new SoundModel(readCheckpoint(buffer), await (await fetch("/data/sound/tables.json")).json());
  const text = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
  const made = shots.map((request) => text(model.shot(request)));
  return { kits: kits.map((request) => model.kit(request)), shots: made };
}"""
CONTROLS = {
    "snare": {"tune": 3.0, "decay": 1.5, "brightness": 0.3, "punch": 0.5, "noise": 0.4, "drive": 0.5},
    "low": {"tune": -4.0, "decay": 0.6, "brightness": -0.5, "punch": -0.5, "noise": -0.4},
}


def frames(data):
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (44_100, 2, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32767


@pytest.fixture(scope="module")
def asked():
    """The requested kits, and single hits of one: drums with partials, noise and metal, two with controls."""
    kits = [{"seed": 5, "style": ""}, {"seed": 2**31 - 1, "style": "808"}]
    voices = new_kit(**kits[0])["voices"]
    hits = [("kick", 127), ("snare", 127), ("low", 64), ("closed", 40), ("crash", 127), ("clap", 100)]
    shots = []
    for piece, velocity in hits:
        voice = voices[piece]
        controls = voice["controls"] | CONTROLS.get(piece, {})
        shots.append({"piece": piece, "velocity": velocity, "voice": voice | {"controls": controls}})
    return {"kits": kits, "shots": shots}


def test_kits_and_hits_are_those_that_python_makes(site_page, asked):
    found = site_page.evaluate(SOUNDS, asked)
    for request, kit in zip(asked["kits"], found["kits"], strict=True):
        expected = new_kit(**request)["voices"]
        assert list(kit["voices"]) == list(expected)
        for piece, voice in kit["voices"].items():
            assert (voice["class"], voice["controls"]) == (expected[piece]["class"], expected[piece]["controls"])
            assert voice["latent"] == pytest.approx(expected[piece]["latent"], abs=2e-4)
    for request, text in zip(asked["shots"], found["shots"], strict=True):
        made, expected = frames(base64.b64decode(text)), frames(shot(Shot(**request)))
        assert made.shape == expected.shape
        assert np.sqrt(((made - expected) ** 2).mean()) < 0.02 * np.sqrt((expected**2).mean()), request["piece"]
