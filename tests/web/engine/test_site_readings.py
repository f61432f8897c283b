"""A static site finds the style of a MIDI file and its place on the map as Python does."""

import base64

import numpy as np
import pytest
from static_site import as_wire

from drumtok.dataset.starter import starter_grooves
from drumtok.evaluation.fitting_grid import fitting_song
from drumtok.evaluation.style_recognition import starter_recogniser
from drumtok.midi.files import to_midi_bytes
from drumtok.pattern import Pattern
from drumtok.web.groove_map import starter_map

READ = """async ({ files, patterns }) => {
  const { recognised } = await import("/js/midi/recognise.js");
  const { placeOf } = await import("/js/map/place.js");
  const load = async (name) => (await fetch(`/data/${name}.json`)).json();
  const { cached } = await import("/js/engine/cached.js");
  const names = ["tables", "about", "recognition", "place"];
  const [tables, { limits }, recognition, place] = await Promise.all(names.map(load));
  const { grooves } = await (await cached(new URL("/data/map.json.zz", location))).json();
  const ids = grooves.map(({ id }) => id);
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const options = { noteMap: "gm", tables, limits, recognition };
  return {
    styles: files.map((text) => recognised(bytes(text), options)),
    places: patterns.map((one) => placeOf(one, place, ids)),
  };
}"""


def random_pattern(rng, grid, meter=(4, 4)):
    bars = int(rng.integers(1, 4))
    hits = rng.random((bars * 4 * grid * meter[0] // meter[1], 9)) < 0.15
    hits[0, 0] = True
    return Pattern(hits, tempo=float(rng.integers(70, 180)), meter=meter, grid=grid)


@pytest.fixture(scope="module")
def grooves():
    """Every thirtieth starter groove, and random patterns on all grids and in several meters."""
    rng = np.random.default_rng(9)
    grids = [(4, (4, 4)), (3, (4, 4)), (6, (4, 4)), (8, (4, 4)), (4, (3, 4)), (4, (6, 8)), (4, (7, 8)), (4, (11, 16))]
    return [*starter_grooves()[::30], *(random_pattern(rng, grid, meter) for grid, meter in grids * 2)]


def test_styles_and_places_are_those_that_python_finds(site_page, grooves):
    files = [to_midi_bytes(groove) for groove in grooves]
    placed = [groove for groove in grooves if groove.meter == (4, 4)]
    sent = {"files": [base64.b64encode(data).decode() for data in files], "patterns": [as_wire(own) for own in placed]}
    found = site_page.evaluate(READ, sent)
    likeliest = [starter_recogniser().likeliest(fitting_song(data).sections[0]) for data in files]
    assert found["styles"] == [names[0] if names else None for names in likeliest]
    for groove, place in zip(placed, found["places"], strict=True):
        point = starter_map().locate(groove)
        assert (place["x"], place["y"]) == pytest.approx((point.x, point.y), abs=2e-3)
        assert place["neighbours"] == [starter_map().grooves[n].name for n in point.nearest]


def test_a_pattern_in_another_meter_has_no_place(site_page):
    waltz = as_wire(Pattern(np.ones((12, 9), dtype=bool), meter=(3, 4)))
    assert site_page.evaluate(READ, {"files": [], "patterns": [waltz]})["places"] == [None]
