"""Both adapters, streamed and not, over a real socket against the strict fake of OpenAI."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from assistant.model.factory import ModelConnection, build_model
from assistant.model.port import (
    AssistantText,
    Finish,
    ModelError,
    ModelErrorKind,
    ModelReply,
    ModelRequest,
    ModelSettings,
    ToolCall,
    ToolResult,
    UserText,
)
from tests.fakes import openai as fake

KIND = ModelErrorKind
KEY = "sk-test-1234567890"


class Bench:
    """A fake server and a connection to it that makes one attempt a call."""

    def __init__(self, server: fake.FakeOpenAI, api: str, streamed: bool) -> None:
        self.server = server
        self.api = api
        self.streamed = streamed
        self.pieces: list[str] = []
        self.connections: list[ModelConnection] = []

    def connect(self, **changes) -> ModelConnection:
        changes = {"max_attempts": 1, "fallback_model": None, "api_key": KEY} | changes
        settings = ModelSettings(base_url=self.server.base_url, api=self.api, **changes)
        self.connections.append(build_model(settings))
        return self.connections[-1]

    async def ask(
        self, request: ModelRequest, *script: fake.Answer, timeout_seconds: float = 5, **changes
    ) -> ModelReply:
        self.server.play(script)
        self.pieces.clear()
        return await self.connect(**changes).complete(
            request,
            timeout_seconds=timeout_seconds,
            on_text=self.pieces.append if self.streamed else None,
        )

    async def failure(self, request: ModelRequest, *script: fake.Answer, **extra) -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.ask(request, *script, **extra)
        return caught.value


@pytest.fixture(params=["responses", "chat"])
def api_name(request) -> str:
    return request.param


@pytest.fixture(params=[False, True], ids=["whole", "streamed"])
async def bench(request, api_name) -> AsyncIterator[Bench]:
    async with fake.FakeOpenAI(api_key=KEY) as server:
        built = Bench(server, api_name, request.param)
        yield built
        for connection in built.connections:
            await connection.aclose()
        assert server.unexpected == []


async def test_text(bench, request_):
    reply = await bench.ask(request_, fake.Text("At ten, or at noon."))
    assert (reply.text, reply.finish) == ("At ten, or at noon.", Finish.STOP)
    assert reply.usage.input_tokens > 0
    assert reply.usage.output_tokens > 0
    assert "".join(bench.pieces) == (reply.text if bench.streamed else "")
    assert len(bench.pieces) > 1 or not bench.streamed


async def test_the_static_part_is_served_from_the_cache(bench, request_):
    long = dataclasses.replace(request_, instructions="You book. " * 2000)
    connection = bench.connect()
    bench.server.play([fake.Text("One."), fake.Text("Two.")])
    first = await connection.complete(long, timeout_seconds=5)
    second = await connection.complete(long, timeout_seconds=5)
    assert (first.usage.cached_tokens, second.usage.cached_tokens > 1024) == (0, True)


async def test_a_whole_loop_of_calls_and_results(bench, request_):
    asked = fake.Call("create_appointment", {"service": "стрижка"})
    reply = await bench.ask(request_, fake.TextAndCall("Let me see.", (asked, asked)))
    assert (reply.finish, reply.text, len(reply.calls)) == (
        Finish.TOOL_CALLS,
        "Let me see.",
        2,
    )
    assert reply.calls[0].arguments == '{"service": "стрижка"}'
    results = [ToolResult(made.call_id, '{"status":"booked"}') for made in reply.calls]
    items = [*request_.items, AssistantText(reply.text), *reply.calls, *results]
    again = await bench.ask(
        dataclasses.replace(request_, items=items, tools_allowed=False), fake.Text("Done.")
    )
    assert again.text == "Done."
    assert bench.server.refused == []


async def test_a_name_that_is_no_name_and_broken_arguments_can_be_sent_back(bench, request_):
    reply = await bench.ask(request_, fake.Call("book it!", "{"))
    assert [(made.name, made.arguments) for made in reply.calls] == [("book it!", "{")]
    items = [UserText("hi"), *reply.calls, ToolResult(reply.calls[0].call_id, "unknown tool")]
    await bench.ask(dataclasses.replace(request_, items=items), fake.Text("Sorry."))
    assert bench.server.refused == []


async def test_without_tools_and_options(bench):
    bare = ModelRequest(instructions="Sum up.", items=[UserText("hi")])
    assert (await bench.ask(bare, fake.Text("Hi."))).text == "Hi."
    assert bench.server.refused == []


@pytest.mark.parametrize(
    ("answer", "finish"),
    [
        (fake.Refusal("No."), Finish.REFUSAL),
        (fake.Truncated("You are boo"), Finish.LENGTH),
        (fake.Truncated(calls=(fake.Call("create_appointment", '{"se'),)), Finish.LENGTH),
        (fake.ContentFilter("You"), Finish.CONTENT_FILTER),
        (fake.Empty(), Finish.EMPTY),
    ],
)
async def test_unusual_endings(bench, request_, answer, finish):
    reply = await bench.ask(request_, answer)
    assert (reply.finish, reply.calls) == (finish, ())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fake.HtmlPage(), KIND.PROTOCOL),
        (fake.HtmlPage(502), KIND.SERVER),
        (fake.CutStream(), KIND.PROTOCOL),
        (fake.DropConnection("before"), KIND.CONNECTION),
        (fake.DropConnection("mid"), KIND.CONNECTION),
        (fake.Failed(), KIND.SERVER),
        (fake.RateLimited(7), KIND.RATE_LIMIT),
        (fake.QuotaExhausted(), KIND.QUOTA),
        (fake.HttpError(408), KIND.SERVER),
        (fake.HttpError(409), KIND.SERVER),
        (fake.HttpError(503), KIND.SERVER),
        (fake.HttpError(403), KIND.AUTH),
        (fake.HttpError(400, body="plain"), KIND.BAD_REQUEST),
    ],
)
async def test_failures(bench, request_, answer, kind):
    error = await bench.failure(request_, answer)
    assert error.kind is kind
    assert error.retry_after == (7 if kind is KIND.RATE_LIMIT else None)


async def test_a_wrong_key(bench, request_):
    error = await bench.failure(request_, fake.Text("hi"), api_key="sk-wrong-key-of-mine")
    assert (error.kind, error.status) == (KIND.AUTH, 401)
    assert "sk-wr" not in str(error)


async def test_nobody_listens(bench, request_):
    connection = bench.connect()
    await bench.server.close()
    with pytest.raises(ModelError) as caught:
        await connection.complete(request_, timeout_seconds=5)
    assert caught.value.kind is KIND.CONNECTION


async def test_a_model_that_does_not_exist_is_replaced(bench, request_):
    reply = await bench.ask(
        request_, fake.Text("hi"), model="gpt-77-nova", fallback_model="gpt-5.6-luna"
    )
    assert reply.model.startswith("gpt-5.6-luna")


@pytest.mark.parametrize(
    "items",
    [
        [UserText("hi"), ToolCall("a", "create_appointment", "{}")],
        [UserText("hi"), ToolResult("a", "{}")],
        [ToolCall("a", "t", "{}"), ToolResult("a", "{}"), ToolResult("a", "{}")],
    ],
)
async def test_broken_pairs_are_recognised(bench, request_, items):
    error = await bench.failure(dataclasses.replace(request_, items=items))
    assert error.kind is KIND.PAIRING


async def test_too_long_a_context_is_recognised(api_name, request_):
    async with fake.FakeOpenAI(context_tokens=50) as server:
        bench = Bench(server, api_name, streamed=False)
        long = dataclasses.replace(request_, items=[UserText("word " * 500)])
        assert (await bench.failure(long)).kind is KIND.CONTEXT
        await bench.connections[0].aclose()


async def test_retries_over_the_wire(bench, request_):
    reply = await bench.ask(
        request_,
        fake.RateLimited(0.01),
        fake.DropConnection("mid"),
        fake.Text("Hello."),
        max_attempts=3,
    )
    assert reply.text == "Hello."
    assert len(bench.server.requests) == 3


async def test_a_slow_answer_is_given_up_in_time(bench, request_):
    slow = fake.Slow(30, fake.Text("late"))
    async with asyncio.timeout(20):
        error = await bench.failure(
            request_, slow, timeout_seconds=0.6, attempt_timeout_seconds=0.3
        )
    assert error.kind is KIND.TIMEOUT
