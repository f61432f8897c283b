"""Many who write at once: shared steps, fair turns, jobs that are stopped, room that is limited."""

import asyncio
import threading
import time

import numpy as np
import pytest
from web_client import BEAT, client_of, wire

from drumtok.errors import DrumtokError
from drumtok.generation.generate import generate
from drumtok.network.engine import Engine
from drumtok.sampling.sampler import sample_words
from drumtok.web.config import LIMITS
from drumtok.web.jobs import Busy, Job, JobEngine, JobQueue, Stopped
from drumtok.web.state import Studio
from drumtok.web.step_batcher import MOST_STREAMS, SharedSteps


class Counted(Engine):
    """An engine that notes how many streams each of its steps had."""

    def __init__(self, checkpoint):
        super().__init__(checkpoint)
        self.rounds = []

    def step(self, context, state):
        self.rounds.append(len(context.previous))
        return super().step(context, state)


class Writer:
    """What an engine is to `sample_words`, its steps shared."""

    def __init__(self, steps):
        self.__dict__.update(steps.engine.__dict__)
        self.step, self.label, self.start = steps.step, steps.engine.label, steps.engine.start
        self.lookback = steps.engine.lookback


def in_threads(*calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_many_threads_write_what_each_writes_alone_in_few_rounds(small_checkpoint):
    engine = Counted(small_checkpoint)
    steps, found = SharedSteps(engine), {}
    streams = {seed: 1 + seed % 3 for seed in range(12)}
    together = threading.Barrier(len(streams))

    def write(seed):
        with steps.joined():
            together.wait()
            found[seed] = sample_words(Writer(steps), np.random.default_rng(seed), words=40, streams=streams[seed])

    in_threads(*(lambda seed=seed: write(seed) for seed in streams))
    assert len(engine.rounds) < 40 * len(streams) / 2
    assert sum(engine.rounds) == 40 * sum(streams.values())
    alone = Engine(small_checkpoint)
    for seed, count in streams.items():
        expected = sample_words(alone, np.random.default_rng(seed), words=40, streams=count)
        assert np.array_equal(found[seed], expected)


def test_a_round_has_room_for_so_many_streams(small_checkpoint):
    engine = Counted(small_checkpoint)
    steps = SharedSteps(engine)
    many = MOST_STREAMS // 2 + 1

    def write():
        with steps.joined():
            sample_words(Writer(steps), np.random.default_rng(0), words=5, streams=many)

    in_threads(write, write, write)
    assert engine.rounds == [many] * 15


def test_an_error_of_a_step_reaches_all_who_wait_and_leaves_no_one_behind(small_checkpoint):
    class Failing(Counted):
        def step(self, context, state):
            logits = super().step(context, state)
            if len(self.rounds) == 3:
                raise MemoryError
            return logits

    engine = Failing(small_checkpoint)
    steps, errors = SharedSteps(engine), []
    together = threading.Barrier(3)

    def write():
        with steps.joined():
            together.wait()
            try:
                sample_words(Writer(steps), np.random.default_rng(0), words=20)
            except MemoryError as error:
                errors.append(error)

    in_threads(*[write] * 3)
    assert len(errors) == engine.rounds[2] > 0
    assert len(sample_words(Writer(steps), np.random.default_rng(0), words=4)[0]) == 4  # it goes on


def test_a_job_ends_at_the_next_word_when_it_is_stopped(small_checkpoint):
    begun = threading.Event()

    async def main():
        steps, desk = SharedSteps(Engine(small_checkpoint)), JobQueue(1, 0)
        ended = []

        def work(job):
            begun.set()
            try:
                generate(1, bars=1024, loop=False, checkpoint=JobEngine(steps, job))
            finally:
                ended.append(True)

        job = Job(work)
        desk.take(job)
        await asyncio.to_thread(begun.wait, 10)
        job.stop()
        with pytest.raises(Stopped):
            await asyncio.wait_for(job.answer, 10)
        assert ended
        assert not desk.held

    asyncio.run(main())


def test_a_job_that_takes_too_long_ends_with_an_error(small_checkpoint):
    async def main():
        steps, desk = SharedSteps(Engine(small_checkpoint)), JobQueue(1, 0)
        work = lambda job: generate(1, bars=1024, loop=False, checkpoint=JobEngine(steps, job))  # noqa: E731
        job = Job(work, seconds=0.05)
        desk.take(job)
        with pytest.raises(DrumtokError, match=r"longer than 0\.05 seconds: ask for fewer bars"):
            await asyncio.wait_for(job.answer, 10)

    asyncio.run(main())


def test_leaving_early_stops_the_work():
    async def main():
        stopped = threading.Event()

        def work(job):
            for n in range(1000):
                job.tell(n)
                time.sleep(0.001)
                try:
                    job.check()
                except Stopped:
                    stopped.set()
                    raise

        desk, job = JobQueue(1, 0), Job(work)
        desk.take(job)
        conditioning = job.conditioning()
        assert [await anext(conditioning), await anext(conditioning)] == [0, 1]
        await conditioning.aclose()
        assert await asyncio.to_thread(stopped.wait, 10)

    asyncio.run(main())


def test_the_desk_takes_no_more_than_it_has_room_for():
    async def main():
        go = threading.Event()
        desk = JobQueue(at_once=1, waiting=1)
        jobs = [Job(lambda job: go.wait(10)) for _ in range(2)]
        for job in jobs:
            desk.take(job)
        with pytest.raises(Busy):
            desk.take(Job(lambda job: None))
        go.set()
        await asyncio.gather(*(job.answer for job in jobs))
        assert not desk.held  # whoever has the answer may ask for the next thing at once
        last = Job(lambda job: "done")
        desk.take(last)
        assert await last.answer == "done"

    asyncio.run(main())


def test_beyond_the_queue_a_request_is_told_when_to_come_again(small_checkpoint):
    studio = Studio(Engine(small_checkpoint), writers=JobQueue(1, 0))
    go, begun = threading.Event(), threading.Event()

    def work(job):
        begun.set()
        go.wait(10)

    with client_of(small_checkpoint, studio) as client:

        async def occupy():
            studio.writers.take(Job(work))

        client.portal.call(occupy)
        begun.wait(10)
        answer = client.post("/api/generate", json={"bars": 1})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == str(LIMITS.retry)
        assert client.get("/api/about").status_code == 200  # only writing is full
        go.set()
        while studio.writers.held:
            time.sleep(0.01)
        assert client.post("/api/vary", json={"around": {"pattern": wire(BEAT)}, "particles": 2}).status_code == 200


def test_sixteen_at_once_lose_nothing(small_checkpoint):
    with client_of(small_checkpoint) as client:
        found = {}

        def ask(seed):
            found[seed] = client.post("/api/generate", json={"seed": seed, "bars": 2}).json()

        in_threads(*(lambda seed=seed: ask(seed) for seed in range(16)))
        alone = {seed: client.post("/api/generate", json={"seed": seed, "bars": 2}).json() for seed in range(16)}
    assert found == alone


def test_what_was_written_ahead_is_the_same_and_comes_with_fewer_steps(small_checkpoint):
    engine = Counted(small_checkpoint)
    studio = Studio(engine)
    asked = {"seed": 5, "temperature": 0.9, "style": "funk", "tempo": 100}
    with client_of(small_checkpoint, studio) as client:
        for guidance in (1, 2):
            asked["guidance"] = guidance
            alone = client.post("/api/generate", json={**asked, "bars": 3}).json()
            steps, engine.rounds = len(engine.rounds), []
            while studio.at_work:
                time.sleep(0.01)
            assert client.post("/api/prepare", json=asked).status_code == 202
            while studio.at_work:
                time.sleep(0.01)
            assert len(engine.rounds) == 5 * 17  # four bars of lead-in and the first
            engine.rounds = []
            assert client.post("/api/generate", json={**asked, "bars": 3}).json() == alone
            assert len(engine.rounds) == steps - 5 * 17
            engine.rounds = []
            other = client.post("/api/generate", json={**asked, "bars": 3, "seed": 6}).json()
            assert other["pattern"] != alone["pattern"]
            assert len(engine.rounds) == steps
            engine.rounds = []


def test_what_is_to_be_written_ahead_is_what_was_said_last(small_checkpoint):
    engine = Counted(small_checkpoint)
    studio = Studio(engine)
    with client_of(small_checkpoint, studio) as client:
        for seed in range(8):
            client.post("/api/prepare", json={"seed": seed})
        while studio.at_work:
            time.sleep(0.01)
        engine.rounds = []
        client.post("/api/generate", json={"seed": 7, "bars": 1, "loop": False})
        assert engine.rounds == []
        client.post("/api/prepare", json={"seed": 8})  # at once, after an answer
        while studio.at_work:
            time.sleep(0.01)
        engine.rounds = []
        client.post("/api/generate", json={"seed": 8, "bars": 1, "loop": False})
        assert engine.rounds == []


def test_writing_ahead_gives_way_and_leaves_what_it_has(small_checkpoint):
    engine = Counted(small_checkpoint)
    studio = Studio(engine)
    with client_of(small_checkpoint, studio) as client:
        alone = client.post("/api/generate", json={"seed": 5, "bars": 3}).json()
        for wait in (0, 0.005, 0.02, 0.04):
            while studio.at_work:
                time.sleep(0.01)
            client.post("/api/prepare", json={"seed": 5})
            time.sleep(wait)
            assert client.post("/api/generate", json={"seed": 5, "bars": 3}).json() == alone
        assert client.post("/api/prepare", json={"seed": 5, "bars": 99}).status_code == 422
