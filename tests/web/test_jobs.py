"""Concurrent requests: batched steps, stopped jobs, the limits of queues, and prefetching."""

import asyncio
import threading
import time

import numpy as np
import pytest
from web_client import BEAT, client_of, wait_until, wire

from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.network.engine import Engine
from drumtok.sampling.sampler import sample_words
from drumtok.web.config import LIMITS
from drumtok.web.jobs import Busy, Job, JobEngine, JobQueue, Stopped
from drumtok.web.state import ServerState
from drumtok.web.step_batcher import MAX_STREAMS, StepBatcher


class CountingEngine(Engine):
    """An engine that records the number of streams of each step."""

    def __init__(self, checkpoint):
        super().__init__(checkpoint)
        self.rounds = []

    def step(self, context, state):
        self.rounds.append(len(context.previous))
        return super().step(context, state)


class UnlimitedJob:
    """A job that is never stopped, for engines outside of an event loop."""

    def check(self):
        pass


def engine_on(batcher):
    return JobEngine(batcher, UnlimitedJob())


def in_threads(*calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_threads_sample_together_what_each_samples_alone_in_fewer_steps(small_checkpoint):
    engine = CountingEngine(small_checkpoint)
    batcher, found = StepBatcher(engine), {}
    streams = {seed: 1 + seed % 3 for seed in range(12)}
    together = threading.Barrier(len(streams))

    def sample(seed):
        with batcher.joined():
            together.wait()
            found[seed] = sample_words(engine_on(batcher), np.random.default_rng(seed), words=40, streams=streams[seed])

    in_threads(*(lambda seed=seed: sample(seed) for seed in streams))
    assert len(engine.rounds) < 40 * len(streams) / 2
    assert sum(engine.rounds) == 40 * sum(streams.values())
    alone = Engine(small_checkpoint)
    for seed, count in streams.items():
        expected = sample_words(alone, np.random.default_rng(seed), words=40, streams=count)
        assert np.array_equal(found[seed], expected)


def test_a_round_has_at_most_max_streams(small_checkpoint):
    engine = CountingEngine(small_checkpoint)
    batcher = StepBatcher(engine)
    many = MAX_STREAMS // 2 + 1

    def sample():
        with batcher.joined():
            sample_words(engine_on(batcher), np.random.default_rng(0), words=5, streams=many)

    in_threads(sample, sample, sample)
    assert engine.rounds == [many] * 15


def test_an_error_in_a_round_reaches_all_its_members_and_the_next_round_works(small_checkpoint):
    class Failing(CountingEngine):
        def step(self, context, state):
            logits = super().step(context, state)
            if len(self.rounds) == 3:
                raise MemoryError
            return logits

    engine = Failing(small_checkpoint)
    batcher, errors = StepBatcher(engine), []
    together = threading.Barrier(3)

    def sample():
        with batcher.joined():
            together.wait()
            try:
                sample_words(engine_on(batcher), np.random.default_rng(0), words=20)
            except MemoryError as error:
                errors.append(error)

    in_threads(*[sample] * 3)
    assert len(errors) == engine.rounds[2] > 0
    assert len(sample_words(engine_on(batcher), np.random.default_rng(0), words=4)[0]) == 4  # the next rounds work


def test_a_stopped_job_ends_at_the_next_word(small_checkpoint):
    begun = threading.Event()

    async def main():
        batcher, queue = StepBatcher(Engine(small_checkpoint)), JobQueue(1, 0)
        ended = []

        def work(job):
            begun.set()
            try:
                generate(1, bars=1024, loop=False, checkpoint=JobEngine(batcher, job))
            finally:
                ended.append(True)

        job = Job(work)
        queue.submit(job)
        await asyncio.to_thread(begun.wait, 10)
        job.stop()
        with pytest.raises(Stopped):
            await asyncio.wait_for(job.result, 10)
        assert ended
        assert not queue.pending

    asyncio.run(main())


def test_a_job_over_the_time_limit_ends_with_an_error(small_checkpoint):
    async def main():
        batcher, queue = StepBatcher(Engine(small_checkpoint)), JobQueue(1, 0)
        work = lambda job: generate(1, bars=1024, loop=False, checkpoint=JobEngine(batcher, job))  # noqa: E731
        job = Job(work, seconds=0.05)
        queue.submit(job)
        with pytest.raises(DrumtokError, match=r"longer than 0\.05 seconds, try fewer bars"):
            await asyncio.wait_for(job.result, 10)

    asyncio.run(main())


def test_closing_the_events_early_stops_the_work():
    async def main():
        stopped = threading.Event()

        def work(job):
            for n in range(1000):
                job.send(n)
                time.sleep(0.001)
                try:
                    job.check()
                except Stopped:
                    stopped.set()
                    raise

        queue, job = JobQueue(1, 0), Job(work)
        queue.submit(job)
        events = job.events()
        assert [await anext(events), await anext(events)] == [0, 1]
        await events.aclose()
        assert await asyncio.to_thread(stopped.wait, 10)

    asyncio.run(main())


def test_a_full_queue_rejects_jobs():
    async def main():
        go = threading.Event()
        queue = JobQueue(at_once=1, waiting=1)
        jobs = [Job(lambda job: go.wait(10)) for _ in range(2)]
        for job in jobs:
            queue.submit(job)
        with pytest.raises(Busy):
            queue.submit(Job(lambda job: None))
        go.set()
        await asyncio.gather(*(job.result for job in jobs))
        assert not queue.pending  # a client that has its result may send the next request
        last = Job(lambda job: "done")
        queue.submit(last)
        assert await last.result == "done"

    asyncio.run(main())


def test_a_request_to_a_full_queue_gets_retry_after(small_checkpoint):
    state = ServerState(Engine(small_checkpoint), writers=JobQueue(1, 0))
    go, begun = threading.Event(), threading.Event()

    def work(job):
        begun.set()
        go.wait(10)

    with client_of(small_checkpoint, state) as client:

        async def occupy():
            state.writers.submit(Job(work))

        client.portal.call(occupy)
        begun.wait(10)
        response = client.post("/api/generate", json={"bars": 1})
        assert response.status_code == 429
        assert response.headers["retry-after"] == str(LIMITS.retry)
        assert client.get("/api/about").status_code == 200  # only the queue of jobs that generate is full
        go.set()
        wait_until(lambda: not state.writers.pending)
        assert client.post("/api/vary", json={"around": {"pattern": wire(BEAT)}, "particles": 2}).status_code == 200


def test_sixteen_concurrent_requests_get_what_each_gets_alone(small_checkpoint):
    with client_of(small_checkpoint) as client:
        found, alone = {}, {}

        def ask(seed, answers):
            body = {"seed": seed, "bars": 2, "kind": "any"}  # a beat would first write a lead-in
            answers[seed] = client.post("/api/generate", json=body).json()

        in_threads(*(lambda seed=seed: ask(seed, found) for seed in range(16)))
        for seed in range(16):
            ask(seed, alone)
    assert found == alone


def test_a_prefetched_request_gets_the_same_result_with_fewer_steps(small_checkpoint):
    engine = CountingEngine(small_checkpoint)
    state = ServerState(engine)
    body = {"seed": 5, "temperature": 0.9, "style": "funk", "tempo": 100}
    with client_of(small_checkpoint, state) as client:
        for guidance in (1, 2):
            body["guidance"] = guidance
            alone = client.post("/api/generate", json={**body, "bars": 3}).json()
            steps, engine.rounds = len(engine.rounds), []
            wait_until(lambda: not state.is_generating)
            assert client.post("/api/prepare", json=body).status_code == 202
            wait_until(lambda: not state.is_generating)
            assert len(engine.rounds) == 5 * 17  # four bars of lead-in and the first bar
            engine.rounds = []
            assert client.post("/api/generate", json={**body, "bars": 3}).json() == alone
            assert len(engine.rounds) == steps - 5 * 17
            engine.rounds = []
            other = client.post("/api/generate", json={**body, "bars": 3, "seed": 6}).json()
            assert other["pattern"] != alone["pattern"]
            assert len(engine.rounds) == steps
            engine.rounds = []


def test_the_last_announced_request_is_prefetched(small_checkpoint):
    engine = CountingEngine(small_checkpoint)
    state = ServerState(engine)
    with client_of(small_checkpoint, state) as client:
        for seed in range(8):
            client.post("/api/prepare", json={"seed": seed})
        wait_until(lambda: not state.is_generating)
        engine.rounds = []
        client.post("/api/generate", json={"seed": 7, "bars": 1, "loop": False})
        assert engine.rounds == []
        client.post("/api/prepare", json={"seed": 8})  # announced directly after a response
        wait_until(lambda: not state.is_generating)
        engine.rounds = []
        client.post("/api/generate", json={"seed": 8, "bars": 1, "loop": False})
        assert engine.rounds == []


def test_a_request_interrupts_prefetching_and_uses_its_steps(small_checkpoint):
    engine = CountingEngine(small_checkpoint)
    state = ServerState(engine)
    with client_of(small_checkpoint, state) as client:
        alone = client.post("/api/generate", json={"seed": 5, "bars": 3}).json()
        for steps in (0, 3, 60):
            wait_until(lambda: not state.is_generating)
            engine.rounds = []
            client.post("/api/prepare", json={"seed": 5})
            wait_until(lambda steps=steps: len(engine.rounds) >= steps or not state.is_generating)
            assert client.post("/api/generate", json={"seed": 5, "bars": 3}).json() == alone
        assert client.post("/api/prepare", json={"seed": 5, "bars": 99}).status_code == 422
