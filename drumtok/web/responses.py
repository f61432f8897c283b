"""How requests become answers: work for a desk, told whole or bar by bar; and what the description says of that."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from drumtok.errors import DrumtokError
from drumtok.generation.generate import Heard
from drumtok.network.engine import Engine
from drumtok.tokenizer.json_format import to_json
from drumtok.web.config import LIMITS
from drumtok.web.handlers import Rest
from drumtok.web.jobs import Job, Stopped
from drumtok.web.models import Made, Trouble
from drumtok.web.state import Studio

Result = TypeVar("Result")
EVENTS = "text/event-stream"
GONE = 499  # nobody reads it
TROUBLES: dict[int | str, dict[str, Any]] = {
    401: {"model": Trouble, "description": "A token is wanted."},
    413: {"model": Trouble, "description": f"The body has more than {LIMITS.upload} bytes."},
    422: {"model": Trouble, "description": "A value is out of its range, or the request took too long."},
    429: {"model": Trouble, "description": "Too many ask at once; Retry-After says in how many seconds to try again."},
}
STREAMED: dict[int | str, dict[str, Any]] = {
    **TROUBLES,
    200: {
        "description": f"The whole answer; or, where {EVENTS} is accepted, events: `bar` for each bar as soon as its"
        " hits are settled, not yet played, then `done` with the whole answer, or `error`.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    },
}


def file_answer(media: str, description: str) -> dict[str, Any]:
    """What a route says of itself that answers with a file."""
    return {
        "responses": {
            200: {"description": description, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
        },
        "response_class": Response,
    }


def studio_of(request: Request) -> Studio:
    """What a request shares with all others."""
    studio: Studio = request.app.state.studio
    return studio


async def done(request: Request, take: Callable[[Job[Result]], None], work: Callable[[Job[Result]], Result]) -> Result:
    """The answer of a job; one whose client goes away is stopped."""
    job = Job(work)
    take(job)
    try:
        while not job.answer.done():
            await asyncio.wait({job.answer}, timeout=0.2)
            if not job.answer.done() and await request.is_disconnected():
                raise Stopped
        return job.answer.result()
    finally:
        job.stop()


async def _events(job: Job[Made]) -> AsyncIterator[str]:
    """What a job tells, as server-sent events."""
    number = 0
    async for bar in job.conditioning():
        number += 1
        yield _event("bar", {"bar": number, "pattern": bar})
    try:
        yield _event("done", job.answer.result().model_dump(mode="json"))
    except DrumtokError as error:
        yield _event("error", {"detail": str(error)})


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def written(request: Request, write: Callable[[Any, Any, Heard | None], Rest[Made]], wanted: Any) -> Any:
    """What the network writes, whole or bar by bar."""
    studio = studio_of(request)
    streams = EVENTS in request.headers.get("accept", "")

    def work(job: Job[Made]) -> Made:
        on_bar: Heard | None = (lambda bar: job.tell(json.loads(to_json(bar)))) if streams else None
        with studio.engine(job, wanted) as engine:
            finish = write(engine, wanted, on_bar)
        return finish()

    if not streams:
        return await done(request, studio.write, work)
    job = Job(work)
    studio.write(job)
    return StreamingResponse(_events(job), media_type=EVENTS)


async def asked(request: Request, write: Callable[[Engine, Any], Rest[Result]], wanted: Any) -> Result:
    """What the network writes that is not told bar by bar."""
    studio = studio_of(request)

    def work(job: Job[Result]) -> Result:
        with studio.engine(job) as engine:
            finish = write(engine, wanted)
        return finish()

    return await done(request, studio.write, work)
