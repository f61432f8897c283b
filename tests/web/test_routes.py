"""The HTTP API: equality with Python and the command line, streams, and locks."""

import io
import json
import wave
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from hostile_files import READABLE, REFUSED
from midi_bytes import kit_beside_a_melody, make_midi
from textbook_beats import textbook_beats
from web_client import BEAT, client_of, events_of, wire

from drumtok.drums import LANE_INDEX, LANES
from drumtok.generation.config import ExpressionConfig
from drumtok.generation.generate import generate
from drumtok.generation.humanise import humanise
from drumtok.generation.morph import morph
from drumtok.generation.vary import vary
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.notation import ACCENT_FROM, GHOST_BELOW
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render
from drumtok.rendering.wav_files import SOFTWARE, wav_bytes
from drumtok.sampling.signatures import signatures
from drumtok.version import __version__
from drumtok.web.config import LIMITS
from drumtok.web.models import WirePattern, to_wire

MIDI = {"content-type": "audio/midi"}
EVENTS = {"accept": "text/event-stream"}
FLAT = {"dynamics": 0}


@pytest.fixture(scope="module")
def client(small_checkpoint):
    with client_of(small_checkpoint) as made:
        yield made


def pattern_of(response):
    assert response.status_code == 200, response.text
    return WirePattern.model_validate(response.json()["pattern"]).pattern()


def test_a_pattern_survives_the_round_trip_through_json():
    odd = Pattern.from_grid("kick |x-o-X-------|\nride |x-----x-----|", meter=(6, 8), tempo=93.5)
    for pattern in (BEAT, odd):
        assert to_wire(pattern).pattern() == pattern


@pytest.mark.parametrize("form", [None, "ABA"])
def test_generate_equals_python(client, small_checkpoint, form):
    body = {"seed": 7, "bars": 3, "temperature": 0.8, "style": "funk", "tempo": 100, "form": form}
    made = client.post("/api/generate", json=body | FLAT)
    arguments = {name: value for name, value in body.items() if value is not None}
    assert pattern_of(made) == generate(**arguments, candidates=1, checkpoint=small_checkpoint)
    assert made.json()["seed"] == 7


def test_generate_writes_the_meters_that_are_listed_with_their_warnings(client, small_checkpoint):
    meters = client.get("/api/about").json()["meters"]
    assert list(meters) == ["4/4", "3/4", "6/8", "7/8", "12/8", "5/4"]
    assert meters["4/4"] == ""
    assert meters["7/8"].startswith("the network was trained on few songs in 7/8")
    made = client.post("/api/generate", json={"seed": 7, "bars": 2, "meter": "7/8"} | FLAT)
    assert pattern_of(made) == generate(7, bars=2, meter="7/8", candidates=1, checkpoint=small_checkpoint)
    assert client.post("/api/generate", json={"meter": "9/8"}).status_code == 422


def test_generate_follows_a_part_and_opens_no_file(client, small_checkpoint):
    part, settings = [0, 0.45, 0.9, 1.65], {"bars": 2, "tempo": 100, "tightness": 3}
    made = client.post("/api/generate", json={"seed": 7, "follow": part, **settings} | FLAT)
    assert pattern_of(made) == generate(7, follow=part, checkpoint=small_checkpoint, **settings)
    for wrong in ("bass.mid", ["bass.mid"], [], [-1], [601]):
        assert client.post("/api/generate", json={"follow": wrong, "bars": 2}).status_code == 422
    response = client.post("/api/generate", json={"follow": part})
    assert (response.status_code, response.json()["detail"]) == (422, "follow requires bars, form or plan")


def test_all_styles_are_listed_in_groups_with_their_defaults(client):
    about = client.get("/api/about").json()
    grouped = [name for names in about["style_groups"].values() for name in names]
    assert sorted(grouped) == sorted(about["styles"])
    assert set(signatures()) <= set(about["styles"])
    boombap = {"title": "Boom bap", "tempo": 91, "swing": 57, "meter": "4/4", "grid": 4, "kit": "boom-bap"}
    assert about["styles"]["boombap"] == boombap
    assert about["styles"]["waltz"]["meter"] == "3/4"


@pytest.mark.parametrize(("written", "name"), [("Boom Bap", "boombap"), ("R&B", "rnb")])
def test_a_style_is_found_however_it_is_written(client, written, name):
    body = {"seed": 7, "bars": 1, "timing": 1}
    one, other = (client.post("/api/generate", json=body | {"style": style}) for style in (written, name))
    assert pattern_of(one) == pattern_of(other)
    assert pattern_of(one).tempo == signatures()[name].tempo[1]
    humanise = {"seed": 7, "timing": 1, "around": {"pattern": wire()}}
    one, other = (client.post("/api/humanise", json=humanise | {"style": style}) for style in ("Hip Hop", "hiphop"))
    assert pattern_of(one) == pattern_of(other)


def test_a_random_seed_generates_the_same_again(client):
    first = client.post("/api/generate", json={"bars": 2})
    again = client.post("/api/generate", json={"bars": 2, "seed": first.json()["seed"]})
    assert first.json() == again.json()


@pytest.mark.parametrize(
    "body",
    [
        {"bars": 4},
        {"bars": 3, "loop": False},
        {"form": "AB", "bars": 4},
        {"bars": 2, "follow": [0, 1]},
        {"around": {"pattern": wire(), "keep": ["kick"], "keep_bars": [2]}},
        {"kind": "any", "around": {"pattern": wire(), "keep": ["snare", "ride"]}},
    ],
)
def test_bars_are_streamed_in_order_and_equal_the_result(client, body):
    whole = pattern_of(client.post("/api/generate", json={"seed": 3, **body}))
    flat = pattern_of(client.post("/api/generate", json={"seed": 3, **body, **FLAT}))
    events = events_of(client.post("/api/generate", json={"seed": 3, **body}, headers=EVENTS))
    *bars, (last, answer) = events
    assert [name for name, _ in bars] == ["bar"] * whole.bars
    assert [json.loads(data)["bar"] for _, data in bars] == list(range(1, whole.bars + 1))
    streamed = [WirePattern.model_validate(json.loads(data)["pattern"]).pattern() for _, data in bars]
    assert streamed == [
        flat.slice_bars(bar, bar + 1) for bar in range(whole.bars)
    ]  # streamed bars have no expression yet
    assert last == "done"
    assert WirePattern.model_validate(json.loads(answer)["pattern"]).pattern() == whole


def test_an_error_during_a_stream_is_an_event(client):
    events = events_of(client.post("/api/generate", json={"style": "polka"}, headers=EVENTS))
    assert [name for name, _ in events] == ["error"]
    assert "polka" in events[0][1]


@pytest.mark.parametrize("grid", [4, 8])
def test_locked_cells_stay_and_the_rest_is_generated(client, grid):
    fine = Pattern.from_grid("kick   |x---x---x---xxxx|x-----x---x-----|\nsnare  |----X--o----X---|----X-------X---|")
    if grid == 8:
        fine = fine.regridded(8)
        hits = fine.hits.copy()
        hits[1, 0] = True  # a thirty-second between two sixteenths
        fine = Pattern(hits, grid=8)
    kept_pattern = {"pattern": wire(fine), "keep": ["kick"], "keep_bars": [2]}
    made = pattern_of(client.post("/api/generate", json={"seed": 1, "around": kept_pattern, "particles": 4}))
    half = fine.steps // 2
    assert made.grid == grid
    assert np.array_equal(made.velocity[:, 0], fine.velocity[:, 0])
    assert np.array_equal(made.velocity[half:], fine.velocity[half:])
    assert not np.array_equal(made.hits[:half, 1:], fine.hits[:half, 1:])


def test_vary_equals_python_and_keeps_locks(client, small_checkpoint):
    body = {"seed": 5, "amount": 0.5, "around": {"pattern": wire()}}
    assert pattern_of(client.post("/api/vary", json=body | FLAT)) == vary(BEAT, 0.5, checkpoint=small_checkpoint, rng=5)
    body["around"] |= {"keep": ["snare", "closed"], "keep_bars": [1]}
    made = pattern_of(client.post("/api/vary", json={**body, "amount": 1}))
    changed = np.argwhere(made.hits != BEAT.hits)
    assert changed.size
    assert changed[:, 0].min() >= 16
    assert not {LANE_INDEX["snare"], LANE_INDEX["closed"]} & set(changed[:, 1].tolist())


@pytest.mark.parametrize("expression", [{}, {"dynamics": 0.6, "timing": 0.5}, {"dynamics": 0, "timing": 1}])
def test_expression_equals_that_of_the_command_line(client, small_checkpoint, expression):
    make = {
        "bars": 2,
        "style": "funk",
        "candidates": 1,
        "checkpoint": small_checkpoint,
        **asdict(ExpressionConfig(**expression)),
    }
    body = {"seed": 7, "bars": 2, "style": "funk", **expression}
    assert pattern_of(client.post("/api/generate", json=body)) == generate(7, **make)
    assert pattern_of(client.post("/api/continue", json={**body, "pattern": wire()})) == generate(BEAT, rng=7, **make)


@pytest.mark.parametrize("grid", [4, 8])
def test_locked_hits_keep_velocity_and_offset(client, grid):
    rng = np.random.default_rng(2)
    live = Pattern(BEAT.hits, rng.integers(1, 128, BEAT.hits.shape), rng.uniform(-0.4, 0.4, BEAT.hits.shape))
    live = live.regridded(grid)
    kept_pattern = {"pattern": wire(live), "keep": ["kick"], "keep_bars": [2]}
    body = {"seed": 1, "around": kept_pattern, "timing": 1}
    for path, more in (("generate", {"particles": 2}), ("vary", {"amount": 1, "particles": 2}), ("humanise", {})):
        made = pattern_of(client.post(f"/api/{path}", json=body | more))
        for name in ("hits", "velocity", "offset"):
            one, other = getattr(made, name), getattr(live, name)
            assert np.array_equal(one[:, 0], other[:, 0])
            assert np.array_equal(one[live.steps // 2 :], other[live.steps // 2 :])
        assert not np.array_equal(made.offset[: live.steps // 2], live.offset[: live.steps // 2])


def test_vary_keeps_the_expression_of_old_hits_and_gives_new_hits_their_own(client):
    made = pattern_of(client.post("/api/vary", json={"seed": 5, "amount": 1, "around": {"pattern": wire()}}))
    stays, new = made.hits & BEAT.hits, made.hits & ~BEAT.hits
    assert np.array_equal(made.velocity[stays], BEAT.velocity[stays])
    assert len(set(made.velocity[new].tolist())) > 2


def test_humanise_equals_python(client):
    body = {"seed": 3, "dynamics": 0.8, "timing": 0.4, "style": "funk", "around": {"pattern": wire()}}
    made = pattern_of(client.post("/api/humanise", json=body))
    assert made == humanise(BEAT, 0.8, 0.4, seed=3, style="funk")
    assert made.offset.any()
    accents, ghosts = BEAT.velocity >= ACCENT_FROM, BEAT.hits & (BEAT.velocity < GHOST_BELOW)
    assert (made.velocity[accents] >= ACCENT_FROM).all()
    assert (made.velocity[ghosts] < GHOST_BELOW).all()
    unknown = pattern_of(client.post("/api/humanise", json={**body, "style": "polka"}))
    assert unknown == humanise(BEAT, 0.8, 0.4, seed=3)
    still = pattern_of(client.post("/api/humanise", json={**body, "dynamics": 0, "timing": 0}))
    assert still == BEAT


def test_a_random_seed_humanises_the_same_again(client):
    first = client.post("/api/humanise", json={"around": {"pattern": wire()}}).json()
    again = client.post("/api/humanise", json={"around": {"pattern": wire()}, "seed": first["seed"]}).json()
    assert first == again


def test_continue_equals_python(client, small_checkpoint):
    made = client.post("/api/continue", json={"pattern": wire(), "bars": 2, "seed": 4, **FLAT})
    assert pattern_of(made) == generate(BEAT, bars=2, checkpoint=small_checkpoint, rng=4)


def test_morph_equals_python_and_lengths_may_differ(client, small_checkpoint):
    other = Pattern.from_grid("kick |x-------x-------|\nride |x-x-x-x-x-x-x-x-|", tempo=120)
    twice = Pattern.from_grid("kick |x-------x-------|x-------x-------|\nride |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|")
    path = client.post("/api/morph", json={"first": wire(), "last": wire(other), "steps": 4}).json()["patterns"]
    found = [WirePattern.model_validate(one).pattern() for one in path]
    assert found == morph(BEAT, twice, 4, checkpoint=small_checkpoint)


def test_a_quick_morph_reaches_both_ends_and_flips_each_cell_once(client):
    other = Pattern.from_grid("kick |x-------x-------|x-------x-------|\nride |x-x-x-x-x-x-x-x-|x---x---x---x---|")
    body = {"first": wire(), "last": wire(other), "steps": 6, "quick": True}
    found = [
        WirePattern.model_validate(one).pattern() for one in client.post("/api/morph", json=body).json()["patterns"]
    ]
    assert (found[0], found[-1]) == (BEAT, other)
    flips = [int((one.hits != BEAT.hits).sum()) for one in found]
    cells = flips[-1]
    assert flips == [round(cells * k / 5) for k in range(6)]
    assert all(((one.hits != BEAT.hits) <= (after.hits != BEAT.hits)).all() for one, after in pairwise(found))


def test_midi_is_written_and_read(client):
    body = {"pattern": wire(), "swing": 58, "note_map": "td11", "track_per_drum": True}
    response = client.post("/api/midi/write", json=body)
    assert response.headers["content-type"] == "audio/midi"
    assert np.array_equal(from_midi_bytes(response.content).sections[0].hits, BEAT.hits)
    assert response.content == to_midi_bytes(
        BEAT, text=f"drumtok {__version__}: serve", swing=58, note_map="td11", track_per_drum=True
    )
    back = client.post("/api/midi/read", content=to_midi_bytes(BEAT), headers=MIDI).json()
    found = WirePattern.model_validate(back["pattern"]).pattern()
    assert (found.hits == BEAT.hits).all()
    assert found.tempo == pytest.approx(BEAT.tempo, abs=1e-3)
    assert back["density"] == {"kick": 3.5, "snare": 2.5, "closed": 7.5}
    assert back["style"] in ("funk", "rock", "hiphop")  # a kick on each beat, a backbeat, eighths, at 96


@pytest.mark.parametrize("style", ["trap", "reggae", "jazz", "waltz", "drum-and-bass"])
def test_the_style_of_a_file_is_recognised(client, style):
    (beat,) = (beat for beat in textbook_beats() if beat.style == style)
    back = client.post("/api/midi/read", content=to_midi_bytes(beat), headers=MIDI).json()
    assert back["style"] == style


def test_a_file_in_a_meter_of_no_style_has_none(client):
    odd = Pattern.from_grid("kick |x-----------------|", meter=(9, 8))
    assert client.post("/api/midi/read", content=to_midi_bytes(odd), headers=MIDI).json()["style"] is None


def test_midi_is_read_by_the_note_map_that_is_chosen(client):
    about = client.get("/api/about").json()
    assert "clonehero" in about["note_maps"]
    assert set(about["note_maps"]) - set(about["written_maps"]) == {"clonehero"}
    data = to_midi_bytes(BEAT, note_map="bfd3")
    back = client.post("/api/midi/read?note_map=bfd3", content=data, headers=MIDI).json()
    assert np.array_equal(WirePattern.model_validate(back["pattern"]).pattern().hits, BEAT.hits)
    response = client.post("/api/midi/read?note_map=../my.toml", content=data, headers=MIDI)
    assert (response.status_code, "note_map: Input should be 'gm'" in response.json()["detail"]) == (422, True)
    assert len(back["place"]["neighbours"]) == 5


def test_midi_is_read_from_the_channel_or_the_track_that_is_chosen(client):
    data = kit_beside_a_melody([(0, 36), (480, 38), (960, 36), (1440, 38)])
    silent = client.post("/api/midi/read", content=data, headers=MIDI)
    assert (silent.status_code, "no drum hits" in silent.json()["detail"]) == (422, True)
    for query in ("channel=3", "track=2"):
        back = client.post(f"/api/midi/read?{query}", content=data, headers=MIDI).json()
        assert back["density"] == {"kick": 2, "snare": 2}
    for query, why in (("channel=5", "must be one that has notes (3, 4), got 5"), ("channel=17", "between 1 and 16")):
        response = client.post(f"/api/midi/read?{query}", content=data, headers=MIDI)
        assert (response.status_code, why in response.json()["detail"]) == (422, True)


def test_a_long_file_is_cut_with_a_remark(client):
    long = Pattern(np.tile(BEAT.hits, (20, 1)))
    back = client.post("/api/midi/read", content=to_midi_bytes(long), headers=MIDI).json()
    assert back["pattern"]["bars"] == LIMITS.bars
    assert back["remarks"] == [f"only the first {LIMITS.bars} of 40 bars were imported"]


def test_a_file_begins_where_its_drums_do(client):
    late = Pattern(np.pad(BEAT.hits, ((60 * BEAT.steps_per_bar, 0), (0, 0))))
    back = client.post("/api/midi/read", content=to_midi_bytes(late), headers=MIDI).json()
    assert (WirePattern.model_validate(back["pattern"]).pattern().hits == BEAT.hits).all()
    assert back["remarks"] == ["the drums enter at bar 61, the bars before it were left out"]


def test_a_pickup_is_left_out_with_a_remark(client):
    notes = [(240, 38), *((480 + tick, 36) for tick in range(0, 3840, 480)), (960, 38)]
    data = make_midi(notes, meters=[(0, 1, 4), (480, 4, 4)])
    back = client.post("/api/midi/read", content=data, headers=MIDI).json()
    assert (back["pattern"]["bars"], back["remarks"]) == (2, ["the pickup bar is left out"])


def test_a_file_whose_tempo_changes_has_the_first_tempo_and_a_remark(client):
    data = make_midi([(0, 36), (960, 38)], tempi=[(0, 500_000), (480, 400_000)])
    back = client.post("/api/midi/read", content=data, headers=MIDI).json()
    assert back["pattern"]["tempo"] == 120
    assert back["remarks"] == ["the tempo changes, the pattern has the first tempo"]


@pytest.mark.parametrize("name", [*READABLE, *REFUSED])
def test_broken_files_are_read_or_rejected_with_a_reason(client, name):
    data = READABLE[name][0] if name in READABLE else REFUSED[name][0]
    response = client.post("/api/midi/read", content=data, headers=MIDI)
    assert response.status_code in (200, 422) if name in READABLE else response.status_code == 422
    assert response.status_code == 200 or response.json()["detail"]


def test_sound_equals_that_of_the_command_line(client):
    response = client.post("/api/wav", json={"pattern": wire(), "kit": "808", "swing": 60})
    assert response.content == wav_bytes(render(BEAT, "808", swing=60))
    kit = client.get("/api/kit/808").json()
    assert [sound["drum"] for sound in kit][: len(LANES)] == list(LANES)  # percussion comes after the lanes
    assert kit[2]["choke"] == kit[3]["choke"] != 0
    with wave.open(io.BytesIO(client.get(kit[0]["url"]).content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (44100, 2, 2)


def test_a_kit_sound_is_as_loud_as_a_hit_in_a_wav(client):
    shot = client.get("/api/kit/standard/kick.wav").content[44 : -len(SOFTWARE)]
    one = Pattern(np.eye(16, 9, dtype=bool) & (np.arange(9) == 0), np.full((16, 9), 127), tempo=20)
    rendered = wav_bytes(render(one, "gm"))[44 : -len(SOFTWARE)]
    assert len(shot) < len(rendered)
    assert np.abs(np.frombuffer(shot, "<i2").astype(int) - np.frombuffer(rendered[: len(shot)], "<i2")).max() <= 1


def test_the_map_places_each_groove_where_it_shows_it(client):
    points = client.get("/api/map").json()
    assert len(points) > 100
    assert len({point["id"] for point in points}) == len(points)
    assert all(0 <= point[axis] <= 1 for point in points for axis in "xy")
    for point in points[::40]:
        place = client.post("/api/map/place", json=point["pattern"]).json()
        assert (place["x"], place["y"]) == pytest.approx((point["x"], point["y"]), abs=1e-9)
        assert place["neighbours"][0] == point["id"]
