"""Sounds, audio files and kits made in the browser equal those of Python."""

import base64
import io
import json
import wave
import zipfile

import numpy as np
import pytest
from static_site import as_wire

from drumtok.drums import LANES
from drumtok.pattern import Pattern
from drumtok.rendering.kits import RATE
from drumtok.rendering.wav_files import parse_wav, wav_bytes
from drumtok.sound.likeness import distance, log_mel
from drumtok.sound.parameters import SIZE, analyse
from drumtok.sound.voices import SoundModel
from drumtok.web.sound_requests import KitExport, Shot, SoundExport
from drumtok.web.sounds import decay_of, kit_zip, new_kit, pattern_sound, shot

MODEL = """
  const { readCheckpoint } = await import("/js/engine/checkpoint.js");
  const { SoundModel } = await import("/js/synth/model.js");
  const { cached } = await import("/js/engine/cached.js");
  const read = async (path, kind) => (await cached(new URL(`/${path}`, location)))[kind]();
  const tables = await read("data/sound/tables.json", "json");
  const model = new SoundModel(readCheckpoint(await read("weights/sound.safetensors.zz", "arrayBuffer")), tables);
  const text = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
"""
SOUNDS = (
    f"async ({{ kits, shots }}) => {{ {MODEL}"
    """
  const { wavBytes } = await import("/js/files/wav.js");
  const made = shots.map((request) => model.shot(request));
  return {
    kits: kits.map((request) => model.kit(request)),
    shots: made.map(({ channels }) => text(wavBytes(channels, tables.rate))),
    decays: shots.map(({ voice }) => model.decay(voice)),
  };
}"""
)
FILES = (
    f"async ({{ patterns, kit }}) => {{ {MODEL}"
    """
  const { kitZip, patternSound } = await import("/js/synth/kit.js");
  const joined = async (parts) => text(await new Blob(parts).arrayBuffer());
  const cells = (wire) => {
    const [velocity, offset] = ["velocity", "offset"].map((field) => {
      const values = Array(wire.bars * 4 * wire.grid * 9).fill(0); // 4/4
      for (const hit of wire.hits) values[hit.step * 9 + wire.drums.indexOf(hit.drum)] = hit[field];
      return values;
    });
    return { ...wire, velocity, offset };
  };
  const made = [];
  for (const body of patterns) {
    const pattern = cells({ ...body.pattern, drums: body.drums });
    made.push(await joined(await patternSound(model, { ...body, pattern }, { tables, read })));
  }
  const fewer = async (path, kind) => { // one sound of each piece
    const found = await read(path, kind), isOne = ({ take, velocity }) => take && velocity === 64;
    return found.samples ? { ...found, samples: found.samples.filter(isOne) } : found;
  };
  const zipped = await joined(await kitZip(model, kit, { tables, read: fewer }));
  return { patterns: made, kit: zipped };
}"""
)
LIKE = (
    f"async ({{ files }}) => {{ {MODEL}"
    """
  const { analysis } = await import("/js/synth/analysis.js");
  const { like } = await import("/js/synth/likeness.js");
  const { readWav } = await import("/js/files/wav.js");
  const found = await read("data/sound/likeness.json", "json");
  return files.map((file) => {
    const data = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)).buffer;
    const wave = Float64Array.from(readWav(data).channels[0]), vector = analysis(wave, { ...tables, ...found });
    return { vectors: [false, true].map((tonal) => [...vector(tonal)]), voice: like(model, data, found) };
  });
}"""
)
CONTROLS = {
    "kick": {"decay": 1.6},  # a factor, of a project of drumtok 0.13.0
    "snare": {"tune": 3.0, "decay_seconds": 0.4, "brightness": 0.3, "punch": 0.5, "noise": 0.4, "drive": 0.5},
    "closed": {"tune": 9.0},
    "crash": {"tune": -6.0},
    "low": {"tune": -4.0, "decay_seconds": 0.3, "brightness": -0.5, "punch": -0.5, "noise": -0.4},
}
# the detail of a reproduced sound: levels up to 8 dB higher or lower
DETAIL = base64.b64encode(np.random.default_rng(0).integers(-16, 17, SIZE).astype(np.int8).tobytes()).decode()


def frames(data):
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (44_100, 2, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32767


@pytest.fixture(scope="module")
def asked():
    """Requests for kits and for single hits: drums with partials, noise and metal, with controls or a detail."""
    kits = [{"seed": 5, "style": ""}, {"seed": 2**31 - 1, "style": "808"}]
    voices = new_kit(**kits[0])["voices"]
    hits = [("kick", 127), ("snare", 127), ("low", 64), ("closed", 40), ("crash", 127), ("clap", 100)]
    shots = []
    for piece, velocity in hits:
        voice = voices[piece]
        controls = voice["controls"] | CONTROLS.get(piece, {})
        detail = DETAIL if piece == "snare" else ""
        shots.append({"piece": piece, "velocity": velocity, "voice": voice | {"controls": controls, "detail": detail}})
    return {"kits": kits, "shots": shots}


def test_kits_and_hits_are_those_that_python_makes(site_page, asked):
    found = site_page.evaluate(SOUNDS, asked)
    for request, kit in zip(asked["kits"], found["kits"], strict=True):
        expected = new_kit(**request)["voices"]
        assert list(kit["voices"]) == list(expected)
        for piece, voice in kit["voices"].items():
            assert voice["class"] == expected[piece]["class"]
            assert voice["controls"] == pytest.approx(expected[piece]["controls"], abs=2e-4)
            assert voice["latent"] == pytest.approx(expected[piece]["latent"], abs=2e-4)
    for request, text, decay in zip(asked["shots"], found["shots"], found["decays"], strict=True):
        body = Shot(**request)
        made, expected = frames(base64.b64decode(text)), frames(shot(body))
        assert decay == pytest.approx(decay_of(body.voice)["seconds"], rel=1e-3)
        assert made.shape == expected.shape
        assert np.sqrt(((made - expected) ** 2).mean()) < 0.02 * np.sqrt((expected**2).mean()), request["piece"]


BEAT = """
kick   |X--x--x-x-------|
snare  |----X--o----X--o|
closed |xxxxx-xxxxxxx-xx|
open   |-----x-------x--|
crash  |x-------------x-|
"""


@pytest.fixture(scope="module")
def exported(site_page):
    """The bodies of exports, and the files that the browser makes: a swung loop, its stems, and a kit."""
    pattern = as_wire(Pattern.from_grid(BEAT, tempo=133))
    samples = {"crash": base64.b64encode(wav_bytes(np.full((400, 2), 0.25, np.float32))).decode()}
    more = [{"part": "clap", "at": 1.5, "velocity": 90}, {"part": "snare", "at": 3.9, "velocity": 50}]
    loop = {"pattern": pattern, "kit": "808", "swing": 60.0, "more": more, "samples": samples, "voices": {}}
    kit = {"name": "drumtok kit 3", "style": "trap", "voices": new_kit(3, "trap")["voices"]}
    bodies = [loop, loop | {"stems": True}]
    sent = [body | {"drums": list(LANES), "limit": 300} for body in bodies]
    found = site_page.evaluate(FILES, {"patterns": sent, "kit": kit})
    return [*bodies, kit], [base64.b64decode(text) for text in (*found["patterns"], found["kit"])]


def nearly_equal(made, expected):
    assert made.shape == expected.shape
    return np.sqrt(((made - expected) ** 2).mean()) < 0.02 * np.sqrt((expected**2).mean())


def test_the_sound_of_a_pattern_is_that_of_python(exported):
    (body, *_), (made, *_) = exported
    assert nearly_equal(frames(made), frames(pattern_sound(SoundExport(**body))))


def test_stems_add_up_to_the_sound(exported):
    whole, stems = frames(exported[1][0]), zipfile.ZipFile(io.BytesIO(exported[1][1]))
    assert stems.namelist() == ["kick.wav", "snare.wav", "closed.wav", "open.wav", "crash.wav", "clap.wav"]
    assert stems.testzip() is None
    assert np.abs(sum(frames(stems.read(name)) for name in stems.namelist()) - whole).max() < 1e-3


def test_a_kit_has_the_files_of_python(exported):
    made, expected = (
        zipfile.ZipFile(io.BytesIO(data)) for data in (exported[1][2], kit_zip(KitExport(**exported[0][2])))
    )
    left_out = {name for name in expected.namelist() if "-v" in name and not name.endswith("-v2-r2.wav")}
    assert {*made.namelist(), *left_out} == set(expected.namelist())
    for name in made.namelist():
        if name.endswith((".sfz", ".xml")) or "bass" in name:
            assert made.read(name) == expected.read(name)
        elif name.endswith(".wav"):
            assert nearly_equal(*(parse_wav(file.read(name))[0] for file in (made, expected))), name
    assert json.loads(made.read("drumtok kit 3/kit.json")) == json.loads(expected.read("drumtok kit 3/kit.json"))


def struck(kind):
    """Return a sound from its onset on, with a peak of 1: a falling tone, or noise."""
    time = np.arange(RATE // 2) / RATE
    tone = np.cos(2 * np.pi * (150 * time + 4 * (1 - np.exp(-time / 0.02)))) * np.exp(-time / 0.12)
    noise = np.random.default_rng(2).standard_normal(len(time)) * np.exp(-time / 0.05)
    sound = tone if kind == "tone" else noise
    return (sound / np.abs(sound).max()).astype(np.float32)


def test_a_sound_like_another_is_found_as_python_finds_it(site_page):
    sounds = [wav_bytes(struck(kind)[:, None]) for kind in ("tone", "noise")]
    files = [base64.b64encode(data).decode() for data in sounds]
    model = SoundModel.load()
    for data, found in zip(sounds, site_page.evaluate(LIKE, {"files": files}), strict=True):
        wave = parse_wav(data)[0][:, 0]
        for tonal, vector in enumerate(found["vectors"]):
            assert np.abs(analyse(wave[None], [bool(tonal)])[0] - vector).mean() < 0.5  # decibels
        voice, (sound_class, latent, detail) = found["voice"], model.encode(wave, RATE)
        assert voice["class"] == sound_class
        pairs = ((voice["latent"], voice["detail"]), (latent, detail))
        heard = [log_mel(model.render(sound_class, np.float32(one), detail=more)) for one, more in pairs]
        assert distance(log_mel(wave), heard[0]) < distance(log_mel(wave), heard[1]) + 0.1
