"""The sound panel in Chromium: the map, sliders, dropped sounds, kits by seed and downloads, heard offline."""

import io
import json
import math
import zipfile

import numpy as np
import pytest
from page_driver import cell, clear, drop, fragment, state, until
from playwright.sync_api import expect

from drumtok.drums import LANES
from drumtok.rendering.kits import RATE
from drumtok.rendering.pieces import PIECE
from drumtok.rendering.wav_files import parse_wav, wav_bytes
from drumtok.sound.sound_map import spot_of
from drumtok.sound.voices import SoundModel
from drumtok.web.sounds import new_kit

# Renders the sound of a drum at a velocity; returns its spectral centroid in hertz, and its peak.
HEAR = """
async ([lane, velocity]) => {
  const { layersOf } = await import("/js/playback/sounds.js");
  const buffer = layersOf(lane).find(({ top }) => velocity <= top).buffer;
  const context = new OfflineAudioContext(1, buffer.length, buffer.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return [...(await context.startRendering()).getChannelData(0)];
}
"""


def heard(page, lane, velocity=127):
    """Return the spectral centroid in hertz and the peak of a drum."""
    return np.array(page.evaluate(HEAR, [LANES.index(lane), velocity]), dtype=np.float32)


def centroid(sound):
    power = np.abs(np.fft.rfft(sound)) ** 2
    return (power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum()


MODULE = "import('/js/playback/sounds.js')"


def ready(page, lane, layers=2):
    """Wait until a drum has its own sounds, with all layers."""
    until(page, f"{MODULE}.then(({{ layersOf }}) => layersOf({LANES.index(lane)})?.length === {layers})")


def voices(page):
    """Return lane -> voice from the link."""
    return {LANES[lane]: voice for lane, voice, _ in state(page)["sounds"] if lane < len(LANES)}


def point_at(page, x, y):
    """Move the mouse to a point of the map, 0 to 1."""
    page.locator("#sound-map").scroll_into_view_if_needed()
    box = page.locator("#sound-map").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def on_map(page, x, y):
    """Press on a point of the map."""
    point_at(page, x, y)
    page.mouse.down()
    page.mouse.up()


def plays_another(page, lane):
    """Wait until the pattern plays another sound of a drum than `before`; then that is `before`."""
    own = f"{MODULE}.then(({{ layersOf }}) => layersOf({LANES.index(lane)})?.at(-1).buffer)"
    until(page, f"{own}.then((own) => own && own !== window.before && (window.before = own, played.length = 0, true))")
    until(page, "played.some(({ frames }) => frames === before.length)")


def test_a_point_of_the_map_is_a_sound_and_softer_hits_are_duller(opened):
    page = opened()
    page.locator("#sound-lane").select_option("snare")
    on_map(page, 0.3, 0.3)
    ready(page, "snare")
    loud, soft = heard(page, "snare"), heard(page, "snare", 40)
    assert np.abs(loud).max() > 0.1
    assert centroid(soft) < centroid(loud)
    before = voices(page)["snare"]
    on_map(page, 0.32, 0.3)
    until(page, "!document.getElementById('puck').hidden")
    near = voices(page)["snare"]
    on_map(page, 0.9, 0.9)
    far = voices(page)["snare"]
    moved = [np.linalg.norm(np.subtract(one["latent"], before["latent"])) for one in (near, far)]
    assert 0 < moved[0] < moved[1]
    page.locator("#sound-map").press("ArrowLeft")
    assert voices(page)["snare"]["latent"] != far["latent"]


def test_the_map_is_dragged_while_the_pattern_plays(opened):
    page = opened()
    clear(page)
    for step in range(0, 16, 2):
        cell(page, "snare", step).click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator("#sound-lane").select_option("snare")
    point_at(page, 0.2, 0.2)
    page.mouse.down()
    plays_another(page, "snare")
    point_at(page, 0.8, 0.7)
    plays_another(page, "snare")
    page.mouse.up()
    place = voices(page)["snare"]
    point_at(page, 0.2, 0.2)
    assert voices(page)["snare"] == place


def slide(page, lane, control, value):
    """Move the slider of a control, wait for the new sound of the lane, and return the slider."""
    layers = LANES.index(lane)
    page.evaluate(f"{MODULE}.then(({{ layersOf }}) => {{ window.before = layersOf({layers})[1].buffer }})")
    slider = page.locator(f"#sound-controls input[data-control={control}]")
    slider.evaluate("(f, value) => { f.value = value; f.dispatchEvent(new Event('input', { bubbles: true })); }", value)
    until(page, f"{MODULE}.then(({{ layersOf }}) => layersOf({layers})[1]?.buffer !== before)")
    ready(page, lane)
    return slider


def test_a_slider_does_what_it_is_named_after(opened):
    page = opened()
    page.locator("#sound-lane").select_option("low")
    on_map(page, 0.5, 0.5)
    ready(page, "low")
    before = heard(page, "low")
    slide(page, "low", "tune", 12)
    assert voices(page)["low"]["controls"]["tune"] == 12

    def lowest(sound):
        return np.abs(np.fft.rfft(sound, RATE))[:2000].argmax()

    assert lowest(heard(page, "low")) > 1.5 * lowest(before)


def decay(page):
    """Return the seconds that the slider of the decay shows."""
    text = page.locator("label.slide", has_text="decay").locator("output").inner_text()
    assert text.endswith(" s")
    return float(text[:-2])


def fall(sound):
    """Return the seconds in which a sound falls by 30 dB."""
    left = np.cumsum(sound[::-1].astype(float) ** 2)[::-1]
    return np.argmax(left <= left[0] / 1000) / RATE


def test_the_decay_is_in_seconds_and_begins_at_that_of_the_sound(opened):
    page = opened()
    page.locator("#sound-lane").select_option("open")
    on_map(page, 0.5, 0.5)
    ready(page, "open")
    own = decay(page)
    assert fall(heard(page, "open")) == pytest.approx(own, rel=0.1)
    assert voices(page)["open"]["controls"]["decay_seconds"] is None
    slider = slide(page, "open", "decay_seconds", math.log(0.2))  # the slider is logarithmic
    assert decay(page) == pytest.approx(0.2, rel=0.03)
    assert fall(heard(page, "open")) == pytest.approx(0.2, rel=0.1)
    assert voices(page)["open"]["controls"]["decay_seconds"] == pytest.approx(0.2, rel=0.03)
    slider.dblclick()
    until(page, f"document.querySelector('[data-control=decay_seconds]').ariaValueText === '{own:.2f} s'")
    assert voices(page)["open"]["controls"]["decay_seconds"] is None


APPLY = """async ([lane, voice]) => {
  const { applyContent, content } = await import("/js/files/share.js");
  applyContent({ ...content(), sounds: [[lane, voice, { x: 0.5, y: 0.5 }]] });
}"""


@pytest.mark.parametrize("source", ["kit", "link or project"])
def test_sounds_of_an_earlier_version_are_as_long_as_they_were(opened, source):
    page = opened()
    former = {"tune": 0, "decay": 0.5, "brightness": 0, "punch": 0, "noise": 0, "drive": 0}  # a factor
    voice = new_kit(5, "")["voices"]["open"] | {"controls": former}
    if source == "kit":
        drop(page, json.dumps({"drumtok": "0.13.0", "pieces": {"open": {"voice": voice}}}).encode(), "kit.json")
    else:
        page.evaluate(APPLY, [LANES.index("open"), voice])
    ready(page, "open")
    page.locator("#sound-lane").select_option("open")
    expected = SoundModel.load().decay("open", np.array(voice["latent"]), length=0.5)
    until(page, f"document.querySelector('[data-control=decay_seconds]').ariaValueText === '{expected:.2f} s'")
    assert fall(heard(page, "open")) == pytest.approx(expected, rel=0.1)
    slide(page, "open", "decay_seconds", math.log(0.1))
    assert fall(heard(page, "open")) == pytest.approx(0.1, rel=0.15)
    assert "decay" not in voices(page)["open"]["controls"]


def test_a_dropped_sound_is_heard_and_the_model_makes_one_like_it(opened):
    page = opened()
    time = np.arange(RATE // 4) / RATE
    sound = (0.5 * np.sin(2 * np.pi * 330 * time) * np.exp(-time / 0.05)).astype(np.float32)[:, None]
    drop(page, wav_bytes(sound), "hit.wav", on=f".cell[data-lane='{LANES.index('high')}']")
    ready(page, "high", 1)
    until(page, "played.length === 1")
    found = heard(page, "high")
    assert abs(np.abs(np.fft.rfft(found, RATE)).argmax() - 330) < 5
    expect(page.locator("#sound-lane")).to_have_value("high")
    page.wait_for_timeout(800)  # until the project is saved
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.locator("#sound-lane").select_option("high")
    expect(page.locator("#sound-name")).to_have_text("hit.wav")
    assert np.abs(heard(page, "high") - found).max() < 1e-3
    page.get_by_role("button", name="Make one like it").click()
    ready(page, "high", 2)
    voice, place = next(found[1:] for found in state(page)["sounds"] if found[0] == LANES.index("high"))
    spot = spot_of(SoundModel.load(), voice["class"], np.array(voice["latent"]))  # as drumtok kit like prints it
    assert [place["x"], place["y"]] == pytest.approx([spot.x, spot.y], abs=1e-4)
    page.get_by_role("button", name="Reset").click()
    assert "high" not in voices(page)


def test_a_new_kit_leaves_drums_that_keep_their_sound(opened):
    page = opened()
    page.fill("#kit-seed", "7")
    page.press("#kit-seed", "Enter")
    ready(page, "crash")
    first = voices(page)
    assert set(first) == set(LANES)
    page.locator("#sound-lane").select_option("kick")
    page.get_by_role("button", name="keep").click()
    page.get_by_role("button", name="New kit").click()
    until(page, "!document.getElementById('status').textContent.includes('Kit 7')")
    ready(page, "crash")
    second = voices(page)
    assert {lane for lane in LANES if first[lane] == second[lane]} == {"kick"}
    link = fragment(page)
    other = opened(link)
    ready(other, "snare")
    assert voices(other) == second


def test_the_kit_stems_and_sound_of_the_page_are_downloaded(opened):
    page = opened()
    clear(page)
    for lane, step in (("kick", 0), ("snare", 4)):
        cell(page, lane, step).click()
    page.fill("#kit-seed", "7")
    page.press("#kit-seed", "Enter")
    ready(page, "crash")
    with page.expect_download() as download:
        page.get_by_role("button", name=".wav").click()
    whole = parse_wav(download.value.path().read_bytes())[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="Stems").click()
    stems = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert stems.namelist() == ["kick.wav", "snare.wav"]
    assert np.abs(sum(parse_wav(stems.read(name))[0] for name in stems.namelist()) - whole).max() < 1e-3
    with page.expect_download() as download:
        page.get_by_role("button", name="Export kit").click()
    kit = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    names = kit.namelist()
    assert {name.split("/")[-1] for name in names} >= {"kit.sfz", "drumkit.xml", "kit.json"}
    assert {name.split("/")[-1].split("-")[0] for name in names if name.endswith(".wav")} == set(PIECE)
    before = voices(page)
    other = opened()
    drop(other, kit.read(next(name for name in names if name.endswith("kit.json"))), "kit.json")
    ready(other, "crash")
    assert voices(other) == before


def test_a_sound_or_kit_that_cannot_be_read_is_an_error(opened):
    page = opened()
    drop(page, b"noise", "noise.wav")
    expect(page.locator("#status .error")).to_contain_text("noise.wav: it is not an audio file")
    kit = {"pieces": {"kick": {"voice": {"class": "kick", "latent": [0.5]}}}}
    drop(page, json.dumps(kit).encode(), "kit.json")
    expect(page.locator("#status .error")).to_contain_text("kit.json: it is not a kit of this version of drumtok")
    assert voices(page) == {}
