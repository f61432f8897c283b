"""The API of the page: the same as in Python, locks that hold, limits that are kept, errors that say what is wrong."""

import io
import json
import wave
from itertools import pairwise

import numpy as np
import pytest
from test_hostile import READABLE, REFUSED
from web_client import BEAT, LOCAL, client_of, events_of, wire

from drumtok.drums import LANE_INDEX, LANES
from drumtok.generation.generate import generate
from drumtok.generation.humanise import ExpressionConfig, humanise, player_of
from drumtok.generation.morph import morph
from drumtok.generation.vary import vary
from drumtok.midi.files import from_midi_bytes, to_midi_bytes
from drumtok.notation import ACCENT_FROM, GHOST_BELOW
from drumtok.pattern import Pattern
from drumtok.rendering.audio import render, wav_bytes
from drumtok.sampling.config import SamplingConfig
from drumtok.version import __version__
from drumtok.web.app import page_files, with_token
from drumtok.web.config import LIMITS, ServeConfig
from drumtok.web.middleware import HEADERS
from drumtok.web.models import Sent, sent

MIDI = {"content-type": "audio/midi"}
EVENTS = {"accept": "text/event-stream"}
FLAT = {"dynamics": 0}


@pytest.fixture(scope="module")
def client(small_checkpoint):
    with client_of(small_checkpoint) as made:
        yield made


def pattern_of(answer, key="pattern"):
    assert answer.status_code == 200, answer.text
    return Sent.model_validate(answer.json()[key]).pattern()


def test_a_pattern_goes_over_the_wire_and_back():
    odd = Pattern.from_grid("kick |x-o-X-------|\nride |x-----x-----|", meter=(6, 8), tempo=93.5)
    for pattern in (BEAT, odd):
        assert sent(pattern).pattern() == pattern


@pytest.mark.parametrize("form", [None, "ABA"])
def test_generate_is_that_of_python(client, small_checkpoint, form):
    asked = {"seed": 7, "bars": 3, "temperature": 0.8, "style": "funk", "tempo": 100, "form": form}
    made = client.post("/api/generate", json=asked | FLAT)
    there = {name: value for name, value in asked.items() if value is not None}
    assert pattern_of(made) == generate(**there, checkpoint=small_checkpoint)
    assert made.json()["seed"] == 7


def test_a_seed_that_was_drawn_writes_the_same_again(client):
    first = client.post("/api/generate", json={"bars": 2})
    again = client.post("/api/generate", json={"bars": 2, "seed": first.json()["seed"]})
    assert first.json() == again.json()


@pytest.mark.parametrize(
    "asked",
    [
        {"bars": 4},
        {"bars": 3, "loop": False},
        {"form": "AB", "bars": 4},
        {"around": {"pattern": wire(), "keep": ["kick"], "keep_bars": [2]}},
        {"kind": "any", "around": {"pattern": wire(), "keep": ["snare", "ride"]}},
    ],
)
def test_bars_are_told_in_order_and_are_those_of_the_answer(client, asked):
    whole = pattern_of(client.post("/api/generate", json={"seed": 3, **asked}))
    flat = pattern_of(client.post("/api/generate", json={"seed": 3, **asked, **FLAT}))
    conditioning = events_of(client.post("/api/generate", json={"seed": 3, **asked}, headers=EVENTS))
    *bars, (last, answer) = conditioning
    assert [name for name, _ in bars] == ["bar"] * whole.bars
    assert [json.loads(data)["bar"] for _, data in bars] == list(range(1, whole.bars + 1))
    on_bar = [Sent.model_validate(json.loads(data)["pattern"]).pattern() for _, data in bars]
    assert on_bar == [flat.slice_bars(bar, bar + 1) for bar in range(whole.bars)]  # played once all hits are known
    assert last == "done"
    assert Sent.model_validate(json.loads(answer)["pattern"]).pattern() == whole


def test_an_error_while_answers_stream_is_an_event(client):
    conditioning = events_of(client.post("/api/generate", json={"style": "polka"}, headers=EVENTS))
    assert [name for name, _ in conditioning] == ["error"]
    assert "polka" in conditioning[0][1]


@pytest.mark.parametrize("grid", [4, 8])
def test_what_is_locked_stays_and_the_rest_is_written(client, grid):
    fine = Pattern.from_grid("kick   |x---x---x---xxxx|x-----x---x-----|\nsnare  |----X--o----X---|----X-------X---|")
    if grid == 8:
        fine = fine.regridded(8)
        hits = fine.hits.copy()
        hits[1, 0] = True  # a thirty-second that no sixteenth holds
        fine = Pattern(hits, grid=8)
    kept_pattern = {"pattern": wire(fine), "keep": ["kick"], "keep_bars": [2]}
    made = pattern_of(client.post("/api/generate", json={"seed": 1, "around": kept_pattern, "particles": 4}))
    half = len(fine) // 2
    assert made.grid == grid
    assert np.array_equal(made.velocity[:, 0], fine.velocity[:, 0])
    assert np.array_equal(made.velocity[half:], fine.velocity[half:])
    assert not np.array_equal(made.hits[:half, 1:], fine.hits[:half, 1:])


def test_varied_is_that_of_python_and_keeps_locks(client, small_checkpoint):
    asked = {"seed": 5, "amount": 0.5, "around": {"pattern": wire()}}
    assert pattern_of(client.post("/api/vary", json=asked | FLAT)) == vary(
        BEAT, 0.5, checkpoint=small_checkpoint, rng=5
    )
    asked["around"] |= {"keep": ["snare", "closed"], "keep_bars": [1]}
    made = pattern_of(client.post("/api/vary", json={**asked, "amount": 1}))
    changed = np.argwhere(made.hits != BEAT.hits)
    assert changed.size
    assert changed[:, 0].min() >= 16
    assert not {LANE_INDEX["snare"], LANE_INDEX["closed"]} & set(changed[:, 1].tolist())


@pytest.mark.parametrize("expression", [{}, {"dynamics": 0.6, "timing": 0.5}, {"dynamics": 0, "timing": 1}])
def test_what_is_written_is_played_as_the_command_line_plays_it(client, small_checkpoint, expression):
    play = player_of(ExpressionConfig(**expression), SamplingConfig(style="funk"), None, None)
    asked = {"seed": 7, "bars": 2, "style": "funk", **expression}
    flat = generate(7, bars=2, style="funk", checkpoint=small_checkpoint)
    assert pattern_of(client.post("/api/generate", json=asked)) == play(flat, 7)
    on = generate(BEAT, bars=2, style="funk", checkpoint=small_checkpoint, rng=7)
    assert pattern_of(client.post("/api/continue", json={**asked, "pattern": wire()})) == play(on, 7)


@pytest.mark.parametrize("grid", [4, 8])
def test_what_stays_stays_as_it_was_played(client, grid):
    rng = np.random.default_rng(2)
    live = Pattern(BEAT.hits, rng.integers(1, 128, BEAT.hits.shape), rng.uniform(-0.4, 0.4, BEAT.hits.shape))
    live = live.regridded(grid)
    kept_pattern = {"pattern": wire(live), "keep": ["kick"], "keep_bars": [2]}
    asked = {"seed": 1, "around": kept_pattern, "timing": 1}
    for path, more in (("generate", {"particles": 2}), ("vary", {"amount": 1, "particles": 2}), ("humanise", {})):
        made = pattern_of(client.post(f"/api/{path}", json=asked | more))
        for name in ("hits", "velocity", "offset"):
            one, other = getattr(made, name), getattr(live, name)
            assert np.array_equal(one[:, 0], other[:, 0])
            assert np.array_equal(one[len(live) // 2 :], other[len(live) // 2 :])
        assert not np.array_equal(made.offset[: len(live) // 2], live.offset[: len(live) // 2])


def test_hits_that_varying_leaves_stay_as_they_were_played_and_new_ones_are_played(client):
    made = pattern_of(client.post("/api/vary", json={"seed": 5, "amount": 1, "around": {"pattern": wire()}}))
    stays, new = made.hits & BEAT.hits, made.hits & ~BEAT.hits
    assert np.array_equal(made.velocity[stays], BEAT.velocity[stays])
    assert len(set(made.velocity[new].tolist())) > 2


def test_humanise_is_that_of_python(client):
    asked = {"seed": 3, "dynamics": 0.8, "timing": 0.4, "style": "funk", "around": {"pattern": wire()}}
    made = pattern_of(client.post("/api/humanise", json=asked))
    assert made == humanise(BEAT, 0.8, 0.4, seed=3, style="funk")
    assert made.offset.any()
    accents, ghosts = BEAT.velocity >= ACCENT_FROM, BEAT.hits & (BEAT.velocity < GHOST_BELOW)
    assert (made.velocity[accents] >= ACCENT_FROM).all()
    assert (made.velocity[ghosts] < GHOST_BELOW).all()
    unknown = pattern_of(client.post("/api/humanise", json={**asked, "style": "polka"}))
    assert unknown == humanise(BEAT, 0.8, 0.4, seed=3)
    still = pattern_of(client.post("/api/humanise", json={**asked, "dynamics": 0, "timing": 0}))
    assert still == BEAT


def test_a_seed_that_was_drawn_plays_the_same_again(client):
    first = client.post("/api/humanise", json={"around": {"pattern": wire()}}).json()
    again = client.post("/api/humanise", json={"around": {"pattern": wire()}, "seed": first["seed"]}).json()
    assert first == again


def test_continue_goes_on(client, small_checkpoint):
    made = client.post("/api/continue", json={"pattern": wire(), "bars": 2, "seed": 4, **FLAT})
    assert pattern_of(made) == generate(BEAT, bars=2, checkpoint=small_checkpoint, rng=4)


def test_morph_is_that_of_python_and_lengths_may_differ(client, small_checkpoint):
    other = Pattern.from_grid("kick |x-------x-------|\nride |x-x-x-x-x-x-x-x-|", tempo=120)
    twice = Pattern.from_grid("kick |x-------x-------|x-------x-------|\nride |x-x-x-x-x-x-x-x-|x-x-x-x-x-x-x-x-|")
    path = client.post("/api/morph", json={"first": wire(), "last": wire(other), "steps": 4}).json()["patterns"]
    found = [Sent.model_validate(one).pattern() for one in path]
    assert found == morph(BEAT, twice, 4, checkpoint=small_checkpoint)


def test_a_quick_morph_ends_at_both_and_turns_each_cell_once(client):
    other = Pattern.from_grid("kick |x-------x-------|x-------x-------|\nride |x-x-x-x-x-x-x-x-|x---x---x---x---|")
    asked = {"first": wire(), "last": wire(other), "steps": 6, "quick": True}
    found = [Sent.model_validate(one).pattern() for one in client.post("/api/morph", json=asked).json()["patterns"]]
    assert (found[0], found[-1]) == (BEAT, other)
    choose_flips = [int((one.hits != BEAT.hits).sum()) for one in found]
    cells = choose_flips[-1]
    assert choose_flips == [round(cells * k / 5) for k in range(6)]
    assert all(((one.hits != BEAT.hits) <= (after.hits != BEAT.hits)).all() for one, after in pairwise(found))


def test_midi_goes_both_ways(client):
    asked = {"pattern": wire(), "swing": 58, "note_map": "td11", "track_per_drum": True}
    answer = client.post("/api/midi/write", json=asked)
    assert answer.headers["content-type"] == "audio/midi"
    assert np.array_equal(from_midi_bytes(answer.content).sections[0].hits, BEAT.hits)
    assert answer.content == to_midi_bytes(
        BEAT, text=f"drumtok {__version__}: serve", swing=58, note_map="td11", track_per_drum=True
    )
    back = client.post("/api/midi/read", content=to_midi_bytes(BEAT), headers=MIDI).json()
    found = Sent.model_validate(back["pattern"]).pattern()
    assert (found.hits == BEAT.hits).all()
    assert found.tempo == pytest.approx(BEAT.tempo, abs=1e-3)
    assert back["density"] == {"kick": 3.5, "snare": 2.5, "closed": 7.5}
    assert back["style"] in ("funk", "rock")
    assert len(back["place"]["neighbours"]) == 5


def test_a_long_file_is_cut_and_says_so(client):
    long = Pattern(np.tile(BEAT.hits, (20, 1)))
    back = client.post("/api/midi/read", content=to_midi_bytes(long), headers=MIDI).json()
    assert back["pattern"]["bars"] == LIMITS.bars
    assert back["remarks"] == [f"the first {LIMITS.bars} of 40 bars are shown"]


@pytest.mark.parametrize("name", [*READABLE, *REFUSED])
def test_hostile_files_are_read_or_refused_in_words(client, name):
    data = READABLE[name][0] if name in READABLE else REFUSED[name][0]
    answer = client.post("/api/midi/read", content=data, headers=MIDI)
    assert answer.status_code in (200, 422) if name in READABLE else answer.status_code == 422
    assert answer.status_code == 200 or answer.json()["detail"]


def test_sound_is_that_of_the_command_line(client):
    answer = client.post("/api/wav", json={"pattern": wire(), "kit": "808", "swing": 60})
    assert answer.content == wav_bytes(render(BEAT, "808", swing=60))
    kit = client.get("/api/kit/808").json()
    assert [sound["drum"] for sound in kit] == list(LANES)
    assert kit[2]["choke"] == kit[3]["choke"] != 0
    with wave.open(io.BytesIO(client.get(kit[0]["url"]).content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (44100, 2, 2)


def test_one_hit_on_the_page_is_as_loud_as_in_a_wav(client):
    shot = client.get("/api/kit/standard/kick.wav").content[44:]
    one = Pattern(np.eye(16, 9, dtype=bool) & (np.arange(9) == 0), np.full((16, 9), 127), tempo=20)
    on_bar = wav_bytes(render(one))[44:]
    assert len(shot) < len(on_bar)
    assert np.abs(np.frombuffer(shot, "<i2").astype(int) - np.frombuffer(on_bar[: len(shot)], "<i2")).max() <= 1


def test_the_map_holds_grooves_and_a_groove_belongs_where_it_stands(client):
    spots = client.get("/api/map").json()
    assert len(spots) > 100
    assert len({spot["id"] for spot in spots}) == len(spots)
    assert all(0 <= spot[axis] <= 1 for spot in spots for axis in "xy")
    for spot in spots[::40]:
        place = client.post("/api/map/place", json=spot["pattern"]).json()
        assert (place["x"], place["y"]) == (spot["x"], spot["y"])
        assert place["neighbours"][0] == spot["id"]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("generate", {"bars": LIMITS.bars + 1}, "bars: Input should be less than or equal to 32"),
        ("generate", {"particles": 65}, "particles"),
        ("generate", {"dynamics": 1.01}, "dynamics: Input should be less than or equal to 1"),
        ("continue", {"pattern": wire(), "timing": -0.1}, "timing: Input should be greater than or equal to 0"),
        ("generate", {"hits": 20}, "hits is 20: the checkpoint was trained without it"),
        ("humanise", {"around": {"pattern": wire(), "keep_bars": [1, 2]}}, "nothing is left"),
        ("humanise", {"around": {"pattern": wire()}, "bars": 4}, "bars: Extra inputs are not permitted"),
        ("generate", {"temperature": 0}, "temperature: Input should be greater than 0"),
        ("generate", {"temprature": 1}, "temprature: Extra inputs are not permitted"),
        ("generate", {"form": "AAB", "bars": 4}, "bars is 4: allowed is a multiple of 3"),
        ("generate", {"density": {"kick": 17}}, "density of kick is 17"),
        ("generate", {"around": {"pattern": wire(), "keep": list(LANES)}}, "nothing is left to write"),
        ("generate", {"around": {"pattern": wire(), "keep_bars": [1, 2]}}, "nothing is left to write"),
        ("generate", {"around": {"pattern": wire(), "keep_bars": [3]}}, "allowed is from 1 up to 2"),
        ("generate", {"form": "AB", "around": {"pattern": wire(), "keep": ["kick"]}}, "form and around"),
        ("morph", {"first": wire(), "last": wire(Pattern.from_grid("kick |x-----------|", meter=(3, 4)))}, "meter"),
        ("map/place", wire(Pattern.from_grid("kick |x-----------|", meter=(3, 4))), "4/4"),
        ("midi/write", {"pattern": wire(), "note_map": "/etc/passwd.toml"}, "note_map: Input should be 'gm' or 'td11'"),
        ("wav", {"pattern": {**wire(), "tempo": 4, "bars": 32}}, "1920 seconds"),
        ("map/place", {**wire(), "meter": [255, 1], "bars": 32}, "allowed is up to 2048"),
        ("map/place", {**wire(), "hits": [{"step": 40, "drum": "kick"}]}, "the JSON is no pattern"),
    ],
)  # fmt: skip
def test_values_out_of_range_are_told(client, path, body, said):
    answer = client.post(f"/api/{path}", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_a_body_that_is_too_large_is_refused(client):
    answer = client.post("/api/midi/read", content=bytes(LIMITS.upload + 1), headers=MIDI)
    assert answer.status_code == 413


def test_limits_are_stated(client):
    assert client.get("/api/about").json()["limits"]["bars"] == LIMITS.bars
    described = client.get("/api/openapi.json").json()
    bars = described["components"]["schemas"]["Generate"]["properties"]["bars"]["anyOf"][0]
    assert (bars["minimum"], bars["maximum"]) == (1, LIMITS.bars)
    paths = {
        "/api/generate",
        "/api/continue",
        "/api/vary",
        "/api/humanise",
        "/api/morph",
        "/api/midi/read",
        "/api/midi/write",
        "/api/map",
    }
    assert paths <= set(described["paths"])


@pytest.mark.parametrize("path", ["/", "/api/about", "/js/main.js", "/nowhere", "/api/kit/808/kick.wav"])
def test_every_answer_carries_the_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_allows_no_inline_script_and_no_other_host():
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    html = page_files()["/"].read_text("utf-8")
    assert "http:" not in html
    assert "https:" not in html
    assert " style=" not in html
    assert " on" not in {word[:3] for word in html.split('"')[::2]}
    assert html.count("<script") == html.count('<script type="module" src=')


@pytest.mark.parametrize(
    "path",
    [
        "/../setup.cfg",
        "/js/../../server.py",
        "/%2e%2e/server.py",
        "/js/%2e%2e/%2e%2e/api.py",
        "/server.py",
        "//etc/hosts",
    ],
)
def test_nothing_but_the_pages_own_files_is_served(client, path):
    assert client.get(path).status_code == 404


def test_the_pages_files_are_those_of_the_folder():
    assert {"/", "/style.css", "/js/main.js", "/icon.svg"} <= set(page_files())


def test_other_names_and_origins_are_turned_away(client):
    assert client.get("/api/about", headers={"host": "evil.example"}).status_code == 421
    assert client.post("/api/generate", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/about", headers={"origin": LOCAL}).status_code == 200


def test_a_token_is_wanted_by_the_api_alone(small_checkpoint):
    with client_of(small_checkpoint, token="open sesame") as client:
        assert client.get("/").status_code == 200
        assert client.get("/api/about").status_code == 401
        assert client.get("/api/about", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/api/about", headers={"authorization": "Bearer open sesame"}).status_code == 200


def test_on_other_addresses_a_token_is_drawn():
    assert with_token(ServeConfig()).token is None
    assert with_token(ServeConfig("0.0.0.0", token="mine")).token == "mine"
    drawn = {with_token(ServeConfig("0.0.0.0")).token for _ in range(3)}
    assert len(drawn) == 3
    assert all(len(token) >= 20 for token in drawn)
