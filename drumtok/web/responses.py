"""Answer requests by a job, with one response or an event stream; and the OpenAPI texts of both."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from drumtok.errors import DrumtokError
from drumtok.generation.compose import OnBar
from drumtok.network.engine import SteppedNetwork
from drumtok.tokenizer.json_format import to_json
from drumtok.web.config import LIMITS
from drumtok.web.handlers import Finish
from drumtok.web.jobs import Job, Stopped
from drumtok.web.models import ErrorDetail, GeneratedPattern
from drumtok.web.state import ServerState

Result = TypeVar("Result")
EVENTS = "text/event-stream"
CLIENT_CLOSED = 499  # the status of a request whose client has disconnected, as in nginx
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorDetail, "description": "The token is missing or wrong."},
    413: {"model": ErrorDetail, "description": f"The body is larger than {LIMITS.upload} bytes."},
    422: {"model": ErrorDetail, "description": "A value is invalid, or the request took too long."},
    429: {"model": ErrorDetail, "description": "The server is busy; Retry-After gives the seconds to wait."},
}
STREAM_RESPONSES: dict[int | str, dict[str, Any]] = {
    **ERROR_RESPONSES,
    200: {
        "description": f"The result as one object; or, if the client accepts {EVENTS}, as events: `bar` for each bar as"
        " soon as its hits are final, before expression is applied, then `done` with the whole result, or `error`.",
        "content": {EVENTS: {"schema": {"type": "string"}}},
    },
}


def file_response(media: str, description: str) -> dict[str, Any]:
    """Return the route arguments of a route that responds with a file."""
    return {
        "responses": {
            200: {"description": description, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
        },
        "response_class": Response,
    }


def state_of(request: Request) -> ServerState:
    """Return the state that all requests share."""
    state: ServerState = request.app.state.drumtok
    return state


async def run_job(
    request: Request, submit: Callable[[Job[Result]], None], work: Callable[[Job[Result]], Result]
) -> Result:
    """Return the result of a job, which is stopped if the client disconnects."""
    job = Job(work)
    submit(job)
    try:
        while not job.result.done():
            await asyncio.wait({job.result}, timeout=0.2)
            if not job.result.done() and await request.is_disconnected():
                raise Stopped
        return job.result.result()
    finally:
        job.stop()


async def _event_stream(job: Job[GeneratedPattern]) -> AsyncIterator[str]:
    """Iterate over the bars and the result of a job as server-sent events."""
    number = 0
    async for bar in job.events():
        number += 1
        yield _event("bar", {"bar": number, "pattern": bar})
    try:
        yield _event("done", job.result.result().model_dump(mode="json"))
    except DrumtokError as error:
        yield _event("error", {"detail": str(error)})


def _event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


async def respond_with_stream(
    request: Request, handler: Callable[[Any, Any, OnBar | None], Finish[GeneratedPattern]], body: Any
) -> Any:
    """Run a handler that generates, and respond bar by bar if the client accepts events."""
    state = state_of(request)
    streams = EVENTS in request.headers.get("accept", "")

    def work(job: Job[GeneratedPattern]) -> GeneratedPattern:
        on_bar: OnBar | None = (lambda bar: job.send(json.loads(to_json(bar)))) if streams else None
        with state.engine_for(job, body) as engine:
            finish = handler(engine, body, on_bar)
        return finish()

    if not streams:
        return await run_job(request, state.submit_writer, work)
    job = Job(work)
    state.submit_writer(job)
    return StreamingResponse(_event_stream(job), media_type=EVENTS)


async def respond(request: Request, handler: Callable[[SteppedNetwork, Any], Finish[Result]], body: Any) -> Result:
    """Run a handler that generates, and respond with its result."""
    state = state_of(request)

    def work(job: Job[Result]) -> Result:
        with state.engine_for(job) as engine:
            finish = handler(engine, body)
        return finish()

    return await run_job(request, state.submit_writer, work)
