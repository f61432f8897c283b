"""The server as it runs: clients that go away, a thousand uploads, requests that a machine thinks up."""

import gc
import http.client
import json
import resource
import time
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from test_hostile import READABLE, REFUSED
from web_client import BEAT, client_of, live

from drumtok.midi.files import to_midi_bytes
from drumtok.network.engine import Engine
from drumtok.web.state import Studio


@schemathesis.serializer("audio/midi")
def as_bytes(context, value):
    """Whatever schemathesis thinks up as a MIDI file."""
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()


class Slow(Engine):
    """An engine that takes its time, and counts its steps."""

    steps = 0

    def step(self, context, state):
        self.steps += 1
        time.sleep(0.002)
        return super().step(context, state)


def eventually(so, seconds=30):
    ends = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < ends
        time.sleep(0.02)


def gone_after(small_checkpoint, path, body, headers, read_first):
    """The steps that a server still makes when a client has gone."""
    engine = Slow(small_checkpoint)
    studio = Studio(engine)
    with live(small_checkpoint, studio) as address:
        there = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        there.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        if read_first:
            assert there.getresponse().readline() == b"event: bar\n"
        eventually(lambda: engine.steps > 20)
        there.close()
        eventually(lambda: studio.writers.held == 0)
    return engine.steps


def test_a_client_that_goes_away_stops_its_work(small_checkpoint):
    body = {"bars": 32, "seed": 1, "loop": False}
    whole = 36 * 17
    assert gone_after(small_checkpoint, "/api/generate", body, {}, read_first=False) < whole
    assert gone_after(small_checkpoint, "/api/generate", body, {"Accept": "text/event-stream"}, read_first=True) < whole


def resident():
    """MiB of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells it there")
def test_a_thousand_uploads_leave_nothing_behind(small_checkpoint):
    files = [data for data, *_ in [*REFUSED.values(), *READABLE.values()]] + [b"", to_midi_bytes(BEAT)]
    with client_of(small_checkpoint) as client:

        def send(count):
            for n in range(count):
                data = files[n % len(files)] + bytes(50_000)
                answer = client.post("/api/midi/read", content=data, headers={"content-type": "audio/midi"})
                assert answer.status_code in (200, 422), answer.text

        send(len(files))  # what is made once is made
        before = resident()
        send(1000)
        grown = resident() - before
        assert client.post("/api/generate", json={"bars": 1}).status_code == 200
    assert grown < 16, f"{grown:.1f} MiB"  # all files together are 48


def test_no_request_that_the_description_allows_ends_in_a_server_error(small_checkpoint):
    with live(small_checkpoint) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
        operations = [result.ok() for result in schema.get_all_operations()]
        for operation in operations:
            asked_for(operation)
    seen = {operation.path for operation in operations}
    assert {"/api/generate", "/api/midi/read", "/api/kit/{kit}/{drum}.wav"} <= seen


def asked_for(operation):
    """Sends requests of all kinds that the description of an operation allows."""

    @hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def ask(case):
        case.call_and_validate(checks=[not_a_server_error])

    ask()
