"""The fake OpenAI server answers in shapes the installed SDK reads, whole and streamed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.fakes.openai import (
    Answer,
    Call,
    Calls,
    ContentFilter,
    CutStream,
    DropConnection,
    Empty,
    Failed,
    FakeOpenAI,
    HtmlPage,
    HttpError,
    QuotaExhausted,
    RateLimited,
    Refusal,
    Slow,
    Text,
    TextAndCall,
    Truncated,
)

MODEL = "gpt-6-luna"
PARAMETERS = {
    "type": "object",
    "properties": {"day": {"type": "string", "format": "date"}},
    "required": ["day"],
    "additionalProperties": False,
}
FUNCTION = {"name": "look", "description": "Look.", "strict": True, "parameters": PARAMETERS}
TOOLS: Any = [{"type": "function"} | FUNCTION]
CHAT_TOOLS: Any = [{"type": "function", "function": FUNCTION}]
USER: Any = [{"role": "user", "content": "hello"}]
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


@asynccontextmanager
async def serving(script: Any, **options: Any) -> AsyncIterator[tuple[FakeOpenAI, AsyncOpenAI]]:
    async with (
        FakeOpenAI(script, **options) as server,
        AsyncOpenAI(base_url=server.base_url, api_key="sk-test", max_retries=0) as client,
    ):
        yield server, client


async def ask(client: AsyncOpenAI, **more: Any) -> Any:
    return await client.responses.create(
        **({"model": MODEL, "input": USER, "store": False, "tools": TOOLS} | more)
    )


async def ask_chat(client: AsyncOpenAI, **more: Any) -> Any:
    given = {"model": MODEL, "messages": USER, "tools": CHAT_TOOLS, "reasoning_effort": "none"}
    return await client.chat.completions.create(**(given | more))


LOOK = Call("look", {"day": "2026-12-01"}, "call_a")
BROKEN = Call("look", '{"day": ', "call_b")
# answer; Responses: status, reason, text, refusal, arguments; Chat: finish, content, refusal
OUTPUTS: list[tuple[Answer, tuple[Any, ...], tuple[Any, ...]]] = [
    (
        Text("Привет, мир"),
        ("completed", None, "Привет, мир", None, []),
        ("stop", "Привет, мир", None),
    ),
    (LOOK, ("completed", None, "", None, [LOOK.arguments_text()]), ("tool_calls", None, None)),
    (BROKEN, ("completed", None, "", None, ['{"day": ']), ("tool_calls", None, None)),
    (
        Calls((LOOK, BROKEN)),
        ("completed", None, "", None, [LOOK.arguments_text(), '{"day": ']),
        ("tool_calls", None, None),
    ),
    (
        TextAndCall("One moment", LOOK),
        ("completed", None, "One moment", None, [LOOK.arguments_text()]),
        ("tool_calls", "One moment", None),
    ),
    (Refusal("No."), ("completed", None, "", "No.", []), ("stop", None, "No.")),
    (
        Truncated("Half a sen"),
        ("incomplete", "max_output_tokens", "Half a sen", None, []),
        ("length", "Half a sen", None),
    ),
    (
        Truncated(calls=(BROKEN,)),
        ("incomplete", "max_output_tokens", "", None, ['{"day": ']),
        ("length", None, None),
    ),
    (Empty(), ("completed", None, "", None, []), ("stop", "", None)),
    (ContentFilter(), ("incomplete", "content_filter", "", None, []), ("content_filter", "", None)),
    (Slow(0.01, Text("late")), ("completed", None, "late", None, []), ("stop", "late", None)),
]


def seen(response: Response) -> tuple[Any, ...]:
    """What a client makes of a response; the whole of it is checked against the SDK's types."""
    checked = Response.model_validate(json.loads(response.to_json(exclude_unset=True)))
    refusals = [
        part.refusal
        for item in checked.output
        if item.type == "message"
        for part in item.content
        if part.type == "refusal"
    ]
    calls = [item.arguments for item in checked.output if item.type == "function_call"]
    reason = checked.incomplete_details.reason if checked.incomplete_details else None
    refusal = refusals[0] if refusals else None
    return (checked.status, reason, checked.output_text, refusal, calls)


@pytest.mark.parametrize(("answer", "expected", "in_chat"), OUTPUTS)
async def test_outputs_whole(answer: Answer, expected: Any, in_chat: Any) -> None:
    async with serving([answer, answer]) as (server, client):
        assert seen(await ask(client)) == expected
        given = await ask_chat(client)
        choice = ChatCompletion.model_validate(json.loads(given.to_json())).choices[0]
        assert (choice.finish_reason, choice.message.content, choice.message.refusal) == in_chat
        calls = choice.message.tool_calls or []
        arguments = [call.function.arguments for call in calls if call.type == "function"]
        assert arguments == expected[4]
        assert (server.refused, server.unexpected, server.left) == ([], [], 0)


@pytest.mark.parametrize(("answer", "expected", "in_chat"), OUTPUTS)
async def test_outputs_streamed(answer: Answer, expected: Any, in_chat: Any) -> None:
    async with serving([answer, answer]) as (_, client):
        events = [
            EVENTS.validate_python(event.to_dict())
            async for event in await ask(client, stream=True)
        ]
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[-1].type == f"response.{expected[0]}"
        assert seen(events[-1].response) == expected
        text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        assert text == expected[2]
        deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
        assert "".join(deltas) == "".join(expected[4])

        options = {"stream": True, "stream_options": {"include_usage": True}}
        raw = [chunk async for chunk in await ask_chat(client, **options)]
        chunks = [ChatCompletionChunk.model_validate(json.loads(chunk.to_json())) for chunk in raw]
        assert chunks[-1].choices == []
        assert chunks[-1].usage is not None
        choices = [chunk.choices[0] for chunk in chunks[:-1]]
        assert choices[-1].finish_reason == in_chat[0]
        assert "".join(c.delta.content or "" for c in choices) == (in_chat[1] or "")
        assert "".join(c.delta.refusal or "" for c in choices) == (in_chat[2] or "")
        pieces = [call for c in choices for call in c.delta.tool_calls or []]
        assert len([piece.id for piece in pieces if piece.id]) == len(expected[4])
        assert "".join(p.function.arguments or "" for p in pieces if p.function) == "".join(
            expected[4]
        )


FAULTS: list[tuple[Answer, Callable[[Any], bool]]] = [
    (HttpError(500), lambda e: isinstance(e, openai.InternalServerError)),
    (HttpError(503, retry_after=2), lambda e: e.response.headers["retry-after"] == "2"),
    (HttpError(401), lambda e: isinstance(e, openai.AuthenticationError)),
    (
        HttpError(400, "odd_code"),
        lambda e: isinstance(e, openai.BadRequestError) and e.code == "odd_code",
    ),
    (HttpError(502, body="bad gateway"), lambda e: isinstance(e, openai.InternalServerError)),
    (
        HttpError(409, body={"error": {"message": "m"}}),
        lambda e: isinstance(e, openai.ConflictError),
    ),
    (
        RateLimited(3),
        lambda e: isinstance(e, openai.RateLimitError) and e.code == "rate_limit_exceeded",
    ),
    (
        QuotaExhausted(),
        lambda e: isinstance(e, openai.RateLimitError) and e.code == "insufficient_quota",
    ),
    (HtmlPage(503), lambda e: isinstance(e, openai.InternalServerError)),
    (DropConnection("before"), lambda e: isinstance(e, openai.APIConnectionError)),
    (DropConnection("mid"), lambda e: isinstance(e, openai.APIConnectionError)),
    (CutStream(), lambda e: isinstance(e, json.JSONDecodeError)),
]


@pytest.mark.parametrize(("answer", "fits"), FAULTS)
async def test_faults(answer: Answer, fits: Callable[[Any], bool]) -> None:
    async with serving([answer, answer]) as (server, client):
        for call in (ask, ask_chat):
            with pytest.raises((openai.OpenAIError, ValueError)) as caught:
                await call(client)
            assert fits(caught.value), repr(caught.value)
        assert (server.refused, server.unexpected) == ([], [])


async def test_html_with_status_200_comes_back_as_text() -> None:
    async with serving([HtmlPage(), HtmlPage()]) as (_, client):
        assert isinstance(await ask(client), str)
        assert isinstance(await ask_chat(client), str)


async def test_failed_response() -> None:
    async with serving([Failed(), Failed(), Failed()]) as (_, client):
        response = await ask(client)
        assert (response.status, response.error.code) == ("failed", "server_error")
        assert [event.type async for event in await ask(client, stream=True)][
            -1
        ] == "response.failed"
        with pytest.raises(openai.InternalServerError):
            await ask_chat(client)


async def test_cut_and_dropped_streams() -> None:
    async with serving([CutStream("Let me"), CutStream("Let me")]) as (_, client):
        kinds = [event.type async for event in await ask(client, stream=True)]
        assert "response.output_text.delta" in kinds
        assert "response.completed" not in kinds
        chunks = [chunk async for chunk in await ask_chat(client, stream=True)]
        assert all(chunk.choices[0].finish_reason is None for chunk in chunks)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Let me"
    async with serving([DropConnection("mid")] * 2) as (_, client):
        for call in (ask, ask_chat):
            with pytest.raises(openai.APIConnectionError):
                [event async for event in await call(client, stream=True)]


async def test_slow_answers_meet_the_clients_timeout_and_do_not_hold_up_the_end() -> None:
    async with serving([Slow(3600, Text("never"))]) as (_, client):
        with pytest.raises(openai.APITimeoutError):
            await ask(client, timeout=0.05)


async def test_prefix_caching() -> None:
    rules = "Rules of the house. " * 400
    async with serving(lambda _: Text("ok")) as (_, client):

        async def usage(key: str, text: str, instructions: str = rules) -> tuple[int, int]:
            history = [*USER, {"role": "user", "content": text}]
            more = {"instructions": instructions, "input": history, "prompt_cache_key": key}
            given = (await ask(client, **more)).usage
            assert given.total_tokens == given.input_tokens + given.output_tokens
            return given.input_tokens, given.input_tokens_details.cached_tokens

        size, cached = await usage("salon", "first")
        assert (size > 2000, cached) == (True, 0)
        size, cached = await usage("salon", "second")
        assert cached == size // 128 * 128
        assert (await usage("other", "third"))[1] == 0, "another key has another cache"
        assert (await usage("salon", "fourth", "Now: 12:00. " + rules))[1] == 0, "prefix changed"
        assert (await usage("tiny", "x", "short"))[1] == 0
        assert (await usage("tiny", "y", "short"))[1] == 0, "under 1,024 tokens nothing is cached"
        messages = [{"role": "system", "content": rules}, *USER]
        await ask_chat(client, messages=messages, prompt_cache_key="chat")
        given = (await ask_chat(client, messages=messages, prompt_cache_key="chat")).usage
        assert given.prompt_tokens_details.cached_tokens == given.prompt_tokens // 128 * 128
