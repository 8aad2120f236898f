"""An OpenAI client whose HTTP is answered by respx, and the parts the model tests share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import respx

from assistant.model.openai_client import build_client
from assistant.model.port import (
    AssistantText,
    ModelRequest,
    ModelSettings,
    ToolCall,
    ToolResult,
    ToolSpec,
    UserText,
)

BASE_URL = "http://openai.test/v1"
KEY = "sk-test-1234567890"

TOOL = ToolSpec(
    "create_appointment",
    "Books.",
    {
        "type": "object",
        "properties": {"service": {"type": "string", "description": "Which."}},
        "required": ["service"],
        "additionalProperties": False,
    },
)


@pytest.fixture
def request_() -> ModelRequest:
    """A request in the middle of a turn: history, a call and its result."""
    return ModelRequest(
        instructions="You book.",
        items=[
            UserText("haircut please"),
            AssistantText("One moment."),
            ToolCall("call_1", "create_appointment", '{"service":"haircut"}'),
            ToolResult("call_1", '{"status":"no_such_time"}'),
        ],
        tools=[TOOL],
        cache_key="salon:1",
        safety_identifier="f00d",
        max_output_tokens=300,
    )


@pytest.fixture
def api() -> Any:
    """The respx router; a request without a route fails the test."""
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        yield router


@pytest.fixture
async def client(api: respx.MockRouter) -> AsyncIterator[Any]:
    """The SDK's client over legacy HTTPX, the only one respx can intercept."""
    settings = ModelSettings(api_key=KEY, base_url=BASE_URL)
    built = build_client(settings, http_client=httpx.AsyncClient())
    yield built
    await built.close()


@pytest.fixture
def sent(api: respx.MockRouter) -> Callable[[], dict[str, Any]]:
    """The last request's JSON body."""
    return lambda: json.loads(api.calls.last.request.content)


@pytest.fixture
def sse() -> Callable[..., httpx.Response]:
    """A streamed answer out of JSON events; strings go out as they are."""

    def build(*events: dict[str, Any] | str) -> httpx.Response:
        text = "".join(
            f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n"
            for event in events
        )
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=text)

    return build
