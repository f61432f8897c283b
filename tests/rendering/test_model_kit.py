"""Kits of the sound model: seeds, layers and takes, exports for samplers, variations and morphs."""

import base64
import json
import xml.etree.ElementTree as ElementTree
from dataclasses import fields, replace

import numpy as np
import pytest

import drumtok
from drumtok.drums import DRUMS, LANES
from drumtok.errors import DrumtokError
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.bus import LIMIT
from drumtok.rendering.characters import character_of, characters
from drumtok.rendering.folder_kit import read_kit
from drumtok.rendering.kit_config import LayersConfig
from drumtok.rendering.kit_design import design_like, morph_designs, new_design, vary_design
from drumtok.rendering.kit_files import design_of, read_design
from drumtok.rendering.kits import RATE, SHIPPED
from drumtok.rendering.model_kit import kit_of
from drumtok.rendering.model_shots import FADE_OUT, PEAK, finished, one_shot
from drumtok.rendering.neighbours import neighbours
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.voice import voice_of
from drumtok.rendering.wav_files import parse_wav
from drumtok.sound.details import mixed_details
from drumtok.sound.parameters import SIZE
from drumtok.sound.voices import SOUND_CLASSES, Controls, SoundModel

TWO = LayersConfig(layers=2, takes=2)
XML = "{http://www.hydrogen-music.org/drumkit}"


@pytest.fixture(scope="module")
def model():
    return SoundModel.load()


@pytest.fixture(scope="module")
def design(model):
    return new_design(7, "trap", model)


@pytest.fixture(scope="module")
def folder(design, tmp_path_factory):
    place = tmp_path_factory.mktemp("kits") / "my-kit"
    kit_of(design, layers=TWO).write(place)
    return place


def test_a_seed_makes_one_kit_and_another_seed_another(model, design):
    assert new_design(7, "trap", model) == design
    assert new_design(8, "trap", model) != design
    assert tuple(design.voices) == tuple(PIECE)
    assert set(LANES) < set(PIECE)
    assert {PIECE[drum.lane].note for drum in DRUMS} == {drum.note for drum in DRUMS}


def test_toms_are_one_drum_at_three_pitches(model, design):
    for made in (design, vary_design(design, 3, 0.5, model=model)):
        floor, low, high = (made.voices[name] for name in ("floor", "low", "high"))
        assert floor.latent == low.latent == high.latent
        assert floor.controls.tune < low.controls.tune < high.controls.tune


def test_every_character_is_of_known_pieces_classes_and_controls():
    names = {f.name for f in fields(Controls)} - {"decay"} | {"length"}
    for name, character in characters().items():
        assert character_of(name) is character
        assert character.controls.keys() <= names
        assert character.parts.keys() <= PIECE.keys()
        for part in character.parts.values():
            assert part.keys() <= names | {"class"}
            assert part.get("class", "kick") in SOUND_CLASSES
    assert {row.sound_class for row in PIECE.values()} <= set(SOUND_CLASSES)


def test_a_style_that_no_kit_has_is_an_error():
    with pytest.raises(DrumtokError, match=r"style must be one of acoustic, .*, got 'tarp', did you mean 'trap'"):
        new_design(7, "tarp")


@pytest.mark.parametrize("piece", PIECE)
def test_a_one_shot_has_no_offset_no_click_and_one_peak(model, design, piece):
    for velocity, take in ((127, 0), (40, 1)):
        wave = one_shot(model, design.voices[piece], velocity, take)
        assert wave.dtype == np.float32
        assert np.abs(wave).max() == pytest.approx(PEAK, abs=1e-6)
        assert abs(float(wave.mean(dtype=np.float64))) < 1e-6
        assert wave[0] == 0
        assert abs(wave[-1]) < 1e-3
        assert RATE // 50 < len(wave) < 4 * RATE


def test_finishing_leaves_the_middle_of_a_sound_as_it_was():
    sine = np.sin(2 * np.pi * 10 * np.arange(RATE) / RATE).astype(np.float32)
    changed = finished(sine + np.float32(0.25))
    assert abs(changed.mean(dtype=np.float64)) < 1e-6
    assert changed[0] == 0
    assert abs(changed[-1]) < 1e-6
    plain = finished(sine)[100:-FADE_OUT]
    assert np.abs(plain - PEAK * sine[100:-FADE_OUT]).max() < 0.01
    assert not finished(np.zeros(10, np.float32)).any()


def test_velocity_changes_timbre_and_takes_differ(model, design):
    voice = design.voices["snare"]
    loud, soft, again = (one_shot(model, voice, *which) for which in ((127, 0), (30, 0), (127, 1)))

    def centroid(wave):
        power = np.abs(np.fft.rfft(wave)) ** 2
        return (power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum()

    assert centroid(soft) < 0.97 * centroid(loud)
    assert not np.array_equal(loud, again)
    assert centroid(again) == pytest.approx(centroid(loud), rel=0.2)


def test_a_folder_holds_what_the_kit_sounds_like(design, folder):
    kit, read = kit_of(design, layers=TWO), read_kit(folder)
    assert read.pieces.keys() == kit.pieces.keys()
    for name, piece in kit.pieces.items():
        other = read.pieces[name]
        assert (other.tops, other.takes, other.choke) == (piece.tops, piece.takes, piece.choke)
        made, found = piece.sound(0, 1), other.sound(0, 1)
        assert made.shape == found.shape
        assert np.abs(made - found)[:-FADE_OUT].max() < 2e-6
    beat = Pattern.from_grid("kick |X---x---|\nsnare |----X---|\nclosed |x-o-x-o-|", meter=(2, 4))
    assert np.abs(render(beat, read) - render(beat, kit)).max() < 1e-3


def test_the_wav_files_have_24_bits(folder):
    files = sorted(folder.glob("*.wav"))
    assert len(files) == 4 * len(PIECE) + 2  # the bass and its glide
    data = files[0].read_bytes()
    assert int.from_bytes(data[34:36], "little") == 24
    sound, rate = parse_wav(data)
    assert (sound.shape[1], rate) == (1, RATE)


def regions_of(text):
    """Return the opcodes of each region of an SFZ file, including those of its group."""
    found, group = [], {}
    for line in text.splitlines():
        header, _, rest = line.partition(" ")
        opcodes = dict(opcode.split("=") for opcode in rest.split()) if header in ("<group>", "<region>") else {}
        if header == "<group>":
            group = opcodes
        elif header == "<region>":
            found.append({**group, **opcodes})
    return found


def test_the_sfz_plays_every_velocity_of_every_note_once(folder):
    regions = regions_of((folder / "kit.sfz").read_text(encoding="utf-8"))
    notes = {note for row in PIECE.values() for note in (row.note, *row.notes)}
    assert {int(region["key"]) for region in regions} == notes
    for note in notes:
        for turn in ("1", "2"):
            own = [r for r in regions if int(r["key"]) == note and r["seq_position"] == turn]
            played = [v for r in own for v in range(int(r["lovel"]), int(r["hivel"]) + 1)]
            assert sorted(played) == list(range(1, 128))
    assert all((folder / region["sample"]).is_file() for region in regions)
    assert {r["key"] for r in regions if r.get("off_by") == r.get("group") == "1"} == {"42", "44", "46"}


def test_the_bass_of_a_trap_kit_glides_when_it_is_struck_hard(folder):
    regions = regions_of((folder / "bass.sfz").read_text(encoding="utf-8"))
    played = {region["sample"]: (int(region["lovel"]), int(region["hivel"])) for region in regions}
    assert played == {"bass.wav": (1, 111), "bass-glide.wav": (112, 127)}
    for name, hertz in (("bass.wav", 55), ("bass-glide.wav", 110)):
        wave = parse_wav((folder / name).read_bytes())[0][RATE // 2 : 3 * RATE // 2, 0]
        assert abs(np.abs(np.fft.rfft(wave)).argmax() - hertz) <= 1
    assert "bass" not in read_kit(folder).pieces


def test_the_hydrogen_kit_has_the_notes_of_general_midi_without_a_gap(folder):
    kit = ElementTree.parse(folder / "drumkit.xml").getroot()
    assert kit.tag == f"{XML}drumkit_info"
    assert kit.findtext(f"{XML}name") == "my-kit"
    instruments = kit.findall(f"{XML}instrumentList/{XML}instrument")
    head = ["name", "author", "info", "license", "image", "imageLicense", "componentList", "instrumentList"]
    assert [child.tag.removeprefix(XML) for child in kit] == head  # as `h2cli --check` requires
    required = ["id", "name", "volume", "isMuted", "isSoloed", "pan_L", "pan_R", "pitchOffset", "randomPitchFactor"]
    assert all([child.tag.removeprefix(XML) for child in one][: len(required)] == required for one in instruments)
    assert [int(one.findtext(f"{XML}id")) for one in instruments] == list(range(len(instruments)))
    notes = [int(one.findtext(f"{XML}midiOutNote")) for one in instruments]
    assert notes[:18] == list(range(36, 54))  # an instrument without a note plays 36 plus its number
    for one in instruments:
        layers = one.findall(f"{XML}instrumentComponent/{XML}layer")
        assert len(layers) == 4
        assert all((folder / layer.findtext(f"{XML}filename")).is_file() for layer in layers)
        assert {layer.findtext(f"{XML}max") for layer in layers} == {"0.2520", "1.0000"}
    chokes = {one.findtext(f"{XML}name") for one in instruments if one.findtext(f"{XML}muteGroup") == "1"}
    assert chokes == {"closed", "open", "closed 44"}


def test_a_design_is_read_back_from_its_folder(design, folder):
    assert read_design(folder / "kit.json") == design_of(str(folder)) == design
    assert design_of("seed:7:trap") == design
    data = json.loads((folder / "kit.json").read_text(encoding="utf-8"))
    assert data["name"] == "my-kit"
    for voice in design.voices.values():
        assert voice_of(json.loads(json.dumps(voice.to_json()))) == voice


def test_controls_of_a_kit_are_changed():
    kit = drumtok.kit(7)
    changed = kit.with_controls("kick", decay=0.3, tune=2).with_controls("all", drive=0.5)
    assert changed.design.voices["kick"].controls == Controls(decay=0.3, tune=2, drive=0.5)
    assert changed.design.voices["snare"].controls.drive == 0.5
    assert changed.with_controls("kick", decay=None).design.voices["kick"].controls.decay is None
    with pytest.raises(DrumtokError, match=r"piece must be one of all, kick, .* got 'kik', did you mean 'kick'"):
        kit.with_controls("kik", decay=0.3)
    with pytest.raises(DrumtokError, match="decay must be between"):
        kit.with_controls("kick", decay=60)
    with pytest.raises(TypeError, match="length"):
        kit.with_controls("kick", length=2)


def test_a_variation_keeps_what_it_is_asked_to_keep(model, design):
    assert vary_design(design, 3, 0.0, model=model) == design
    varied = vary_design(design, 3, 0.3, keep=("kick",), model=model)
    assert varied.voices["kick"] == design.voices["kick"]
    assert varied.voices["snare"] != design.voices["snare"]

    def moved(amount):
        voices = vary_design(design, 3, amount, model=model).voices
        return np.linalg.norm(np.subtract(voices["snare"].latent, design.voices["snare"].latent))

    assert 0 < moved(0.2) < moved(0.6) < moved(1.0)


def test_a_morph_begins_with_one_kit_and_ends_with_the_other(model, design):
    other = new_design(8, "jazz", model)
    assert morph_designs(design, other, 0.0).voices == design.voices
    assert morph_designs(design, other, 1.0).voices == other.voices
    half = morph_designs(design, other, 0.5)
    kicks = [one.voices["kick"] for one in (design, half, other)]
    assert np.allclose(kicks[1].latent, (np.array(kicks[0].latent) + kicks[2].latent) / 2)
    lengths = [kick.length(model) for kick in kicks]
    assert lengths[1] == pytest.approx((lengths[0] + lengths[2]) / 2, rel=1e-4)
    assert half.voices["snare"].sound_class == "brush"


def test_latents_of_different_models_do_not_mix(design):
    kick = design.voices["kick"]
    other = replace(design, voices={**design.voices, "kick": replace(kick, latent=kick.latent[:-1])})
    with pytest.raises(DrumtokError, match="latents must have the same length"):
        morph_designs(design, other, 0.5)


def test_sounds_like_a_sound_begin_with_its_own_place(model, design):
    wave = one_shot(model, design.voices["snare"])
    sound_class, voices = design_like(wave, RATE, 3, 0.2, seed=1, model=model)
    assert {voice.sound_class for voice in voices} == {sound_class}
    assert len({voice.latent for voice in voices}) == 4
    found = model.encode(wave, RATE)
    assert (tuple(map(float, found.latent)), found.detail) == (voices[0].latent, voices[0].detail)
    assert voice_of(json.loads(json.dumps(voices[0].to_json()))) == voices[0]
    assert voices[1].detail == mixed_details(found.detail, "", 0.2)


def test_a_piece_of_a_kit_is_its_own_nearest_neighbour(model):
    found = neighbours(model, design_of("909").voices["snare"])
    assert (found[0].kit, found[0].piece) == ("909", "snare")
    assert found[0].decibels == pytest.approx(0)
    assert [own.decibels for own in found] == sorted(own.decibels for own in found)
    assert len(found) == 3


def test_the_detail_of_a_sound_fades_as_a_kit_is_varied_or_morphed(model, design):
    detail = base64.b64encode(bytes([10]) * SIZE).decode()
    voices = {**design.voices, "kick": replace(design.voices["kick"], detail=detail)}
    like = replace(design, voices=voices)
    assert vary_design(like, 1, 0.0, model=model).voices == voices
    assert vary_design(like, 1, 1.0, model=model).voices["kick"].detail == ""
    assert morph_designs(like, design, 1.0).voices == design.voices
    assert morph_designs(design, like, 1.0).voices["kick"].detail == detail
    assert morph_designs(design, like, 0.5).voices["kick"].detail == base64.b64encode(bytes([5]) * SIZE).decode()
    assert not np.array_equal(one_shot(model, voices["kick"]), one_shot(model, design.voices["kick"]))


def test_a_kit_by_its_seed_plays_a_pattern():
    kit = drumtok.kit(7, "drill")
    assert kit is drumtok.kit("seed:7:drill")
    beat = Pattern.from_grid("kick |X---x---|\nsnare |----X---|", meter=(2, 4))
    assert np.array_equal(render(beat, kit), render(beat, "seed:7:drill"))
    assert not np.array_equal(render(beat, kit), render(beat, drumtok.kit(8, "drill")))
    with pytest.raises(DrumtokError, match="seed must be at least 0, got -1"):
        drumtok.kit(-1)
    with pytest.raises(DrumtokError, match="style requires a seed, got kit 'gm'"):
        drumtok.kit("gm", "trap")


@pytest.mark.parametrize("name", SHIPPED)
def test_kits_that_come_with_drumtok_are_whole_and_no_two_are_the_same(name, model):
    design = design_of(name)
    assert design.voices.keys() == PIECE.keys()
    assert design.style == name
    assert all(
        len(voice.latent) == len(model.sample("kick", np.random.default_rng(0))) for voice in design.voices.values()
    )
    assert [other for other in SHIPPED if design_of(other).voices == design.voices] == [name]
    beat = Pattern.from_grid("kick |X---x---|\nsnare |----X---|\nclosed |x-x-x-x-|\ncrash |x-------|", meter=(2, 4))
    looped, ringing = (render(beat, name, tail=tail) for tail in ("loop", "ring"))
    assert 0.1 < np.abs(looped).max() <= LIMIT * 1.000001
    for sound in (looped, ringing):
        assert np.abs(sound.mean(axis=0, dtype=np.float64)).max() < 1e-4
    assert np.abs(ringing[[0, -1]]).max() < 1e-4
    seam = np.abs(looped[0] - looped[-1]).max()
    assert seam <= np.abs(np.diff(looped, axis=0)).max()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"class": "kick", "latent": ["x"]},
        {"class": "kick", "latent": [float("nan")]},
        {"class": "banjo", "latent": [0.0]},
        {"class": "kick", "latent": [0.0], "controls": {"volume": 1}},
        {"class": "kick", "latent": [0.0], "controls": {"tune": 1000}},
        {"class": "kick", "latent": [0.0], "detail": "AAAA"},
        [],
    ],
)
def test_what_is_no_voice_is_an_error(data):
    with pytest.raises(DrumtokError, match="must"):
        voice_of(data)
