"""New grooves without a style begin with a usable bar, for one of a few seeds."""

import json

import pytest
from web_client import client_of, wire

from drumtok.generation.generate import generate
from drumtok.pattern import Pattern
from drumtok.sampling.signatures import USABLE
from drumtok.web.models import WirePattern
from drumtok.web.usable_seed import TRIES, write_usable

USABLE_BAR = Pattern.from_grid("kick |x-------x-------|\nsnare |----x-------x---|\nclosed |x-x-x-x-x-x-x-x-|")
EMPTY, WALTZ = Pattern.from_grid("kick |----------------|"), Pattern.from_grid("kick |------------|", meter=(3, 4))


def writer(good, bars=(USABLE_BAR, EMPTY), bad=EMPTY):
    """Return a function that writes usable bars for one seed, and the seeds that it was called with."""
    seeds = []

    def write(seed, on_bar):
        seeds.append(seed)
        for bar in bars if seed == good else [bad]:
            on_bar(bar)
        return bars[0] if seed == good else bad

    return write, seeds


def test_the_next_seed_is_taken_until_the_first_bar_is_usable():
    write, seeds = writer(good=12)
    heard = []
    assert write_usable(write, 10, heard.append) == (USABLE_BAR, 12)
    assert seeds == [10, 11, 12]
    assert heard == [USABLE_BAR, EMPTY]  # the second bar need not be usable


def test_the_last_seed_is_taken_in_any_case():
    write, seeds = writer(good=None)
    heard = []
    assert write_usable(write, 5, heard.append) == (EMPTY, 5 + TRIES - 1)
    assert seeds == list(range(5, 5 + TRIES))
    assert heard == [EMPTY]
    assert write_usable(write, 5) == (EMPTY, 5 + TRIES - 1)


def test_bars_of_a_meter_without_rules_are_usable():
    assert write_usable(writer(good=None, bad=WALTZ)[0], 3) == (WALTZ, 3)


def test_other_errors_are_raised():
    def fail(seed, on_bar):
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        write_usable(fail, 1)


@pytest.fixture(scope="module")
def client(small_checkpoint):
    with client_of(small_checkpoint) as made:
        yield made


def first_bar_is_usable(pattern):
    return USABLE.kept_by(pattern.slice_bars(0, 1))


def test_a_request_takes_the_first_seed_with_a_usable_bar(client, small_checkpoint):
    settings = {"bars": 2, "temperature": 0.5}
    usable = [
        first_bar_is_usable(generate(n, candidates=1, checkpoint=small_checkpoint, **settings)) for n in range(30)
    ]
    seed = next(n for n in range(30 - TRIES) if not usable[n])
    wanted = next((n for n in range(seed, seed + TRIES) if usable[n]), seed + TRIES - 1)
    body = {"seed": seed, "dynamics": 0, "usable": True} | settings
    made = client.post("/api/generate", json=body).json()
    assert made["seed"] == wanted > seed
    expected = generate(wanted, candidates=1, checkpoint=small_checkpoint, **settings)
    assert WirePattern.model_validate(made["pattern"]).pattern() == expected
    again = client.post("/api/generate", json=body | {"seed": wanted, "usable": False}).json()
    assert again == made


@pytest.mark.parametrize(
    "more", [{"usable": False}, {"style": "funk"}, {"around": {"pattern": wire(), "keep": ["kick"]}}]
)
def test_other_requests_keep_their_seed(client, more):
    body = {"bars": 1, "temperature": 3, "dynamics": 0, "usable": True} | more
    assert [client.post("/api/generate", json=body | {"seed": n}).json()["seed"] for n in range(6)] == list(range(6))


def test_only_bars_of_the_pattern_are_streamed(client):
    body = {"seed": 0, "bars": 2, "temperature": 3, "usable": True, "dynamics": 0}
    events = client.post("/api/generate", json=body, headers={"accept": "text/event-stream"}).text
    streamed = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: ")]
    assert streamed[-1] == client.post("/api/generate", json=body).json()
    assert len(streamed) == 1 + body["bars"]
