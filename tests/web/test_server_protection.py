"""Protection of the server: limits, errors, headers, hosts, origins and tokens; and the files of the page."""

import pytest
from web_client import LOCAL, client_of, wire

from drumtok.drums import LANES
from drumtok.pattern import Pattern
from drumtok.web.app import with_token
from drumtok.web.config import LIMITS, ServeConfig
from drumtok.web.middleware import HEADERS

MIDI = {"content-type": "audio/midi"}


@pytest.fixture(scope="module")
def client(small_checkpoint):
    with client_of(small_checkpoint) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("generate", {"bars": LIMITS.bars + 1}, "bars: Input should be less than or equal to 32"),
        ("generate", {"particles": 65}, "particles"),
        ("generate", {"dynamics": 1.01}, "dynamics: Input should be less than or equal to 1"),
        ("continue", {"pattern": wire(), "timing": -0.1}, "timing: Input should be greater than or equal to 0"),
        ("generate", {"hits": 20}, "hits"),
        ("humanise", {"around": {"pattern": wire(), "keep_bars": [1, 2]}}, "must leave something"),
        ("humanise", {"around": {"pattern": wire()}, "bars": 4}, "bars: Extra inputs are not permitted"),
        ("generate", {"temperature": 0}, "temperature: Input should be greater than 0"),
        ("generate", {"temprature": 1}, "temprature: Extra inputs are not permitted"),
        ("generate", {"form": "AAB", "bars": 4}, "multiple of 3"),
        ("generate", {"density": {"kick": 17}}, "density of kick"),
        ("generate", {"around": {"pattern": wire(), "keep": list(LANES)}}, "must leave something to generate"),
        ("generate", {"around": {"pattern": wire(), "keep_bars": [1, 2]}}, "must leave something to generate"),
        ("generate", {"around": {"pattern": wire(), "keep_bars": [3]}}, "between 1 and 2, got 3"),
        ("generate", {"form": "AB", "around": {"pattern": wire(), "keep": ["kick"]}}, "form cannot be combined"),
        ("morph", {"first": wire(), "last": wire(Pattern.from_grid("kick |x-----------|", meter=(3, 4)))}, "meter"),
        ("map/place", wire(Pattern.from_grid("kick |x-----------|", meter=(3, 4))), "4/4"),
        ("midi/write", {"pattern": wire(), "note_map": "/etc/passwd.toml"}, "note_map: Input should be 'gm', 'ad2'"),
        ("wav", {"pattern": {**wire(), "tempo": 4, "bars": 32}}, "at most 300 seconds, got 1920"),
        ("map/place", {**wire(), "meter": [255, 1], "bars": 32}, "at most 2048 steps, got 130560"),
        ("map/place", {**wire(), "hits": [{"step": 40, "drum": "kick"}]}, "JSON"),
    ],
)  # fmt: skip
def test_invalid_values_are_errors_that_name_what_is_allowed(client, path, body, message):
    response = client.post(f"/api/{path}", json=body)
    assert response.status_code == 422
    assert message in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/generate", "POST"),
        ("PUT", "/api/midi/read", "POST"),
        ("POST", "/api/about", "GET"),
        ("DELETE", "/api/map", "GET"),
    ],
)
def test_a_method_that_a_route_does_not_have_is_405_with_those_it_has(client, method, path, allowed):
    response = client.request(method, path)
    assert response.status_code == 405
    assert allowed in response.headers["allow"]


def test_a_path_that_is_nothing_is_404(client):
    assert client.get("/api/nothing").status_code == 404
    assert client.get("/js/nothing.js").status_code == 404


def test_a_body_that_is_too_large_is_rejected(client):
    response = client.post("/api/midi/read", content=bytes(LIMITS.upload + 1), headers=MIDI)
    assert response.status_code == 413


def test_limits_are_in_about_and_in_the_schema(client):
    assert client.get("/api/about").json()["limits"]["bars"] == LIMITS.bars
    schema = client.get("/api/openapi.json").json()
    bars = schema["components"]["schemas"]["Generate"]["properties"]["bars"]["anyOf"][0]
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
    assert paths <= set(schema["paths"])


@pytest.mark.parametrize("path", ["/", "/api/about", "/js/main.js", "/nowhere", "/api/kit/808/kick.wav"])
def test_every_response_has_the_security_headers(client, path):
    response = client.get(path)
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


def test_the_policy_allows_no_inline_script_and_no_other_host(client):
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    html = client.get("/").text
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
def test_only_the_files_of_the_page_are_served(client, path):
    assert client.get(path).status_code == 404


def test_browsers_revalidate_the_files_of_the_page_except_the_icon(client):
    for path, media in (("/", "text/html"), ("/style.css", "text/css"), ("/js/main.js", "text/javascript")):
        response = client.get(path)
        assert response.headers["content-type"].startswith(media)
        assert response.headers["cache-control"] == "no-cache"
        unchanged = client.get(path, headers={"if-none-match": response.headers["etag"]})
        assert (unchanged.status_code, unchanged.headers["cache-control"]) == (304, "no-cache")
    assert client.get("/icon.svg").headers["cache-control"] == "private, max-age=3600"
    assert client.get("/api/about").headers["cache-control"] == "no-store"


def test_requests_by_another_host_name_are_rejected(client):
    for host in ("localhost:8808", "127.0.0.1", "[::1]:8808"):
        assert client.get("/api/about", headers={"host": host}).status_code == 200
    for host in ("evil.example", "localhost.evil.example", ""):
        for path in ("/", "/api/about"):
            response = client.get(path, headers={"host": host})
            assert response.status_code == 400
            assert {name: response.headers[name] for name in HEADERS} == HEADERS


def test_requests_from_other_origins_are_rejected(client):
    assert client.post("/api/generate", json={}, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get("/api/about", headers={"origin": LOCAL}).status_code == 200


def test_the_token_is_required_by_the_api_only(small_checkpoint):
    with client_of(small_checkpoint, token="open sesame") as client:
        assert client.get("/").status_code == 200
        assert client.get("/api/about").status_code == 401
        assert client.get("/api/about", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/api/about", headers={"authorization": "Bearer open sesame"}).status_code == 200


def test_public_addresses_get_a_random_token():
    assert with_token(ServeConfig()).token is None
    assert with_token(ServeConfig("0.0.0.0", token="mine")).token == "mine"
    tokens = {with_token(ServeConfig("0.0.0.0")).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) >= 20 for token in tokens)
