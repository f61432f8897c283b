"""The HTTP API of sounds: the sounds of the command line, and bad requests."""

import base64
import io
import zipfile

import numpy as np
import pytest
from web_client import BEAT, client_of

from drumtok.drums import LANES
from drumtok.rendering.audio import render, render_stems
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.kits import RATE
from drumtok.rendering.load_kit import kit
from drumtok.rendering.mixing import LEVEL
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.wav_files import parse_wav, wav_bytes
from drumtok.sound.likeness import distance, log_mel
from drumtok.web.models import to_wire

WAV = {"content-type": "audio/wav"}


@pytest.fixture(scope="module")
def client(small_checkpoint):
    with client_of(small_checkpoint) as made:
        yield made


@pytest.fixture(scope="module")
def voices(client):
    return client.get("/api/sound/kit", params={"seed": 7, "style": "trap"}).json()["voices"]


def test_a_kit_is_that_of_the_command_line(client, voices):
    assert tuple(voices) == tuple(PIECE)
    assert set(client.get("/api/sound/about").json()["pieces"]) == set(PIECE)
    snare = kit(7, "trap").piece("snare")
    response = client.post(
        "/api/sound/shot", json={"piece": "snare", "voice": voices["snare"], "velocity": 50, "take": 1}
    )
    sound = parse_wav(response.content)[0]
    expected = snare.sound(snare.layer(50), 1) * np.float32(LEVEL)
    assert sound.shape == expected.shape
    assert np.abs(sound - expected).max() < 0.01  # the latent is sent with four digits


def test_a_voice_has_its_decay_in_seconds_and_takes_another(client, voices):
    voice = voices["crash"]
    assert voice["controls"]["decay_seconds"] is None

    def shot(**controls):
        other = voice | {"controls": voice["controls"] | controls}
        sound = client.post("/api/sound/shot", json={"piece": "crash", "voice": other}).content
        return client.post("/api/sound/decay", json=other).json()["seconds"], len(sound)

    own, frames = shot()
    assert 0.3 < own < 1.5
    assert shot(decay_seconds=own / 2) == (pytest.approx(own / 2, abs=2e-4), pytest.approx(frames / 2, rel=0.2))
    # a factor, as the page of drumtok 0.13.0 sent it
    assert shot(decay=0.5) == (pytest.approx(own / 2, rel=0.2), pytest.approx(frames / 2, rel=0.2))
    control = client.get("/api/sound/about").json()["controls"]["decay_seconds"]
    assert (control["min"], control["max"], control["value"], control["unit"]) == (0.02, 6, None, "s")


def test_close_places_of_a_map_are_alike(client):
    spots = client.get("/api/sound/map/snare").json()
    assert len(spots) >= 40
    places = np.array([[one["x"], one["y"]] for one in spots])
    latents = np.array([one["latent"] for one in spots])
    assert places.min() == 0
    assert places.max() == 1
    far = np.linalg.norm(places[:, None] - places, axis=2)[np.triu_indices(len(spots), 1)]
    unlike = np.linalg.norm(latents[:, None] - latents, axis=2)[np.triu_indices(len(spots), 1)]
    assert np.corrcoef(far, unlike)[0, 1] > 0.3


def test_a_pattern_is_played_by_voices_and_samples(client, voices):
    sample = np.full((900, 1), 0.25, np.float32)
    body = {
        "pattern": to_wire(BEAT).model_dump(mode="json"),
        "voices": {lane: voices[lane] for lane in LANES},
        "samples": {"snare": base64.b64encode(wav_bytes(sample)).decode()},
    }
    whole = parse_wav(client.post("/api/sound/pattern", json=body).content)[0]
    assert whole.shape == render(BEAT).shape
    stems = zipfile.ZipFile(io.BytesIO(client.post("/api/sound/pattern", json=body | {"stems": True}).content))
    assert stems.namelist() == [f"{lane}.wav" for lane, _ in render_stems(BEAT)]
    total = sum(parse_wav(stems.read(name))[0] for name in stems.namelist())
    assert np.abs(total - whole).max() < 1e-3
    snare = parse_wav(stems.read("snare.wav"))[0]
    hit = np.flatnonzero(snare.any(axis=1))[0]
    assert np.ptp(snare[hit : hit + 800, 0]) < 1e-3  # the sample, which has a constant level


def test_a_kit_is_a_zip_for_samplers(client, voices):
    response = client.post("/api/sound/kit.zip", json={"name": "my kit", "style": "trap", "voices": voices})
    packed = zipfile.ZipFile(io.BytesIO(response.content))
    layers = LayersConfig()
    # three text files, and the bass files of trap
    assert len(packed.namelist()) == len(PIECE) * layers.layers * layers.takes + 6
    assert {name.split("/")[0] for name in packed.namelist()} == {"my kit"}


def test_a_sound_like_a_file(client, voices):
    shot = client.post("/api/sound/shot", json={"piece": "kick", "voice": voices["kick"]}).content
    found = client.post("/api/sound/like", content=shot, headers=WAV)
    assert found.status_code == 200
    made = client.post("/api/sound/shot", json={"piece": "kick", "voice": found.json()}).content
    one, other = (log_mel(parse_wav(data)[0].mean(axis=1)) for data in (shot, made))
    assert distance(one, other) < 4  # decibels


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("shot", {"piece": "banjo"}, "piece"),
        ("shot", {"piece": "kick", "voice": {"class": "kick", "latent": [0.0]}}, "latent"),
        ("shot", {"piece": "kick", "voice": {"class": "kick", "latent": [1e9]}}, "latent"),
        ("shot", {"piece": "kick", "voice": {"class": "kick", "latent": [0], "controls": {"gain": 1}}}, "gain"),
        (
            "shot",
            {"piece": "kick", "voice": {"class": "kick", "latent": [0], "controls": {"decay_seconds": 9}}},
            "decay_seconds",
        ),
        ("kit.zip", {"name": "../kit", "voices": {}}, "name"),
        ("kit.zip", {"voices": {}}, "voices"),
    ],
)
def test_bad_requests_name_what_is_wrong(client, path, body, detail):
    response = client.post(f"/api/sound/{path}", json=body)
    assert response.status_code == 422
    assert detail in response.json()["detail"]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"noise", "cannot read the sound: it is not a WAV file"),
        (wav_bytes(np.zeros((5 * RATE, 1), np.float32)), "the sound must last at most 4 seconds, got 5.0"),
        (wav_bytes(np.zeros((RATE, 1), np.float32)), "the sound must not be silent"),
    ],
)
def test_a_sound_that_cannot_be_used_is_an_error(client, data, detail):
    response = client.post("/api/sound/like", content=data, headers=WAV)
    assert (response.status_code, response.json()["detail"]) == (422, detail)
