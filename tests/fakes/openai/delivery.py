"""Reading requests and sending answers: whole, streamed, or broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import takewhile
from typing import NoReturn

from aiohttp import web

from .answers import CutStream, DropConnection, Failed, Output, Plain, Text, output_of
from .errors import ApiError, JsonObject, invalid_type
from .faults import fault_response
from .render import Frame, chat_body, failed_body, response_body
from .request import Request
from .shapes import describe
from .sse import chat_events, response_events

#: Events that only a stream that was played to its end has.
_FINISHING = (b"event: response.output_text.done", b"data: [DONE]")


async def deliver(
    request: web.Request, view: Request, frame: Frame, answer: Plain, output: Output | None
) -> web.StreamResponse:
    """Send one answer.

    Args:
        request: the HTTP request being answered.
        view: the same request, parsed and checked.
        frame: what goes around the output.
        answer: what the script said.
        output: the answer's model output with its ids, or None where it has none.
    """
    if answer == DropConnection("before"):
        return _abort(request, web.Response())
    content: Output | Failed | None = output
    if isinstance(answer, CutStream):
        content = output_of(Text(answer.text))
    elif isinstance(answer, DropConnection):
        content = output_of(Text(CutStream().text))
    elif isinstance(answer, Failed) and view.endpoint == "responses":
        content = answer
    if content is None:
        fault = fault_response(answer)
        assert fault is not None, f"{answer!r} has no rendering"
        return fault
    if view.body.get("stream"):
        events = _events(view, frame, content)
        if isinstance(answer, CutStream | DropConnection):
            events = takewhile(_unfinished, events)
        response = await _send_stream(request, events)
    else:
        response = await _send_body(request, _body(view, frame, content), answer)
    return _abort(request, response) if isinstance(answer, DropConnection) else response


def _events(view: Request, frame: Frame, content: Output | Failed) -> Iterator[bytes]:
    if view.endpoint == "responses":
        return response_events(frame, content)
    assert isinstance(content, Output)
    return chat_events(frame, content)


def _body(view: Request, frame: Frame, content: Output | Failed) -> JsonObject:
    if isinstance(content, Failed):
        return failed_body(frame, content)
    return (response_body if view.endpoint == "responses" else chat_body)(frame, content)


def _unfinished(event: bytes) -> bool:
    return not event.startswith(_FINISHING) and b'"finish_reason": "' not in event


async def _send_stream(request: web.Request, events: Iterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": "no-cache"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    for event in events:
        await response.write(event)
    return response


async def _send_body(
    request: web.Request, payload: JsonObject, answer: Plain
) -> web.StreamResponse:
    data = json.dumps(payload, ensure_ascii=False).encode()
    if isinstance(answer, DropConnection):
        response = web.StreamResponse()
        response.content_type = "application/json"
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        return response
    if isinstance(answer, CutStream):
        data = data[: len(data) // 2]
    return web.Response(body=data, content_type="application/json")


def _abort(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response


def _bad_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


async def read_json(request: web.Request) -> JsonObject:
    """The request's JSON object.

    Raises:
        ApiError: 400 for another content type, for what isn't JSON, and for what isn't an object.
    """
    unreadable = ApiError(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
        "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was "
        "sent was not valid JSON.)"
    )
    if request.content_type != "application/json":
        raise ApiError(
            f"Unsupported content type: '{request.content_type}'. This API method only accepts "
            "'application/json' requests.",
            code="unsupported_content_type",
        )
    try:
        body = json.loads((await request.read()).decode(), parse_constant=_bad_constant)
        # Lone surrogates survive parsing, but aren't text: what can't be encoded is refused.
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError:
        raise unreadable from None
    if not isinstance(body, dict):
        raise invalid_type("body", "an object", describe(body))
    return body
