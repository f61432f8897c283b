"""A running server: clients that disconnect, many uploads, and requests generated from the OpenAPI schema."""

import gc
import http.client
import json
import resource
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hostile_files import READABLE, REFUSED
from schema_requests import send_requests
from web_client import BEAT, client_of, live, wait_until

from drumtok.midi.files import to_midi_bytes
from drumtok.network.engine import Engine
from drumtok.web.state import ServerState


class SlowEngine(Engine):
    """An engine that sleeps in each step, and counts its steps."""

    steps = 0

    def step(self, context, state):
        self.steps += 1
        time.sleep(0.002)
        return super().step(context, state)


def steps_after_disconnect(small_checkpoint, path, body, headers, read_first):
    """Return the number of steps that the server computes for a client that disconnects."""
    engine = SlowEngine(small_checkpoint)
    state = ServerState(engine)
    with live(small_checkpoint, state) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        if read_first:
            assert connection.getresponse().readline() == b"event: bar\n"
        wait_until(lambda: engine.steps > 20)
        connection.close()
        wait_until(lambda: state.writers.pending == 0)
    return engine.steps


def test_a_client_that_disconnects_stops_its_job(small_checkpoint):
    body = {"bars": 32, "seed": 1, "loop": False}
    whole = 36 * 17
    assert steps_after_disconnect(small_checkpoint, "/api/generate", body, {}, read_first=False) < whole
    assert (
        steps_after_disconnect(
            small_checkpoint, "/api/generate", body, {"Accept": "text/event-stream"}, read_first=True
        )
        < whole
    )


def resident():
    """Return the resident memory of this process in MiB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@pytest.mark.slow  # sends some hundred uploads
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="/proc/self/statm exists on Linux only")
def test_many_uploads_do_not_grow_the_process(small_checkpoint):
    files = [data for data, *_ in [*REFUSED.values(), *READABLE.values()]] + [b"", to_midi_bytes(BEAT)]
    with client_of(small_checkpoint) as client:

        def send(count):
            for n in range(count):
                data = files[n % len(files)] + bytes(400_000)
                response = client.post("/api/midi/read", content=data, headers={"content-type": "audio/midi"})
                assert response.status_code in (200, 422), response.text

        send(len(files))  # fills the caches
        before = resident()
        send(120)
        grown = resident() - before
        assert client.post("/api/generate", json={"bars": 1}).status_code == 200
    assert grown < 16, f"{grown:.1f} MiB"  # the uploads are 48 MiB in all


@pytest.mark.slow  # sends some hundred requests
def test_no_request_that_the_schema_allows_ends_in_a_server_error(small_checkpoint):
    with live(small_checkpoint) as address:
        seen = send_requests(f"{address}/api/openapi.json")
    assert {"/api/generate", "/api/midi/read", "/api/kit/{kit}/{drum}.wav"} <= seen
