"""The fake OpenAI server's scripts, records, small endpoints, and its life as a process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.fakes.openai import (
    Answer,
    Call,
    DropConnection,
    FakeOpenAI,
    HttpError,
    KeywordModel,
    RateLimited,
    Request,
    Rule,
    ScriptError,
    Slow,
    Text,
    TextAndCall,
    load_script,
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
ROOT = Path(__file__).parents[2]


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


async def test_a_tool_loop_through_both_endpoints_with_one_script() -> None:
    def model(request: Request) -> Answer:
        if request.last_result is None:
            assert request.tool_names == ["look"]
            return Call("look", {"day": request.last_user_text})
        assert request.last_result.name == "look"
        return Text(f"free at {request.last_result.data['times'][0]}")

    async with serving(model) as (server, client):
        history: Any = [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "2026-12-01"},
        ]
        first = await ask(client, input=history)
        item = first.output[0]
        history += [item.to_dict()]
        history += [
            {
                "type": "function_call_output",
                "call_id": item.call_id,
                "output": '{"times": ["09:00"]}',
            }
        ]
        assert (await ask(client, input=history)).output_text == "free at 09:00"

        messages: Any = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "2026-12-01"},
        ]
        reply = (await ask_chat(client, messages=messages)).choices[0].message
        messages += [reply.to_dict()]
        call_id = reply.tool_calls[0].id
        messages += [{"role": "tool", "tool_call_id": call_id, "content": '{"times": ["09:00"]}'}]
        answer = await ask_chat(client, messages=messages)
        assert answer.choices[0].message.content == "free at 09:00"

        through_responses, through_chat = server.requests[1].view, server.requests[3].view
        strip = [(entry.kind, entry.name, entry.data) for entry in through_responses.transcript]
        assert strip == [(entry.kind, entry.name, entry.data) for entry in through_chat.transcript]
        assert through_chat.system_text == "Be brief."
        assert [r.endpoint for r in server.requests] == ["responses"] * 2 + ["chat"] * 2
        assert [r.index for r in server.requests] == [0, 1, 2, 3]
        assert server.requests[0].headers["authorization"] == "Bearer sk-test"


async def test_scripts_that_run_out_or_break_fail_loudly() -> None:
    async with serving([Text("one")]) as (server, client):
        await ask(client)
        with pytest.raises(openai.InternalServerError, match="the script has run out"):
            await ask(client)
        assert len(server.unexpected) == 1
        server.play([Call("look")])
        with pytest.raises(openai.InternalServerError, match="offers no tools"):
            await ask(client, tool_choice="none")

        def broken(_: Request) -> Answer:
            raise KeyError("slot")

        server.play(broken)
        with pytest.raises(openai.InternalServerError):
            await ask(client)
        assert server.unexpected[2] == "KeyError: 'slot'"


async def test_authorization_paths_and_bodies() -> None:
    async with FakeOpenAI([Text("x")], api_key="right") as server, aiohttp.ClientSession() as http:

        async def call(
            path: str, *, key: str | None = "Bearer right", method: str = "POST", **more: Any
        ) -> Any:
            headers = {} if key is None else {"Authorization": key}
            url = f"{server.base_url}{path}"
            async with http.request(method, url, headers=headers, **more) as answer:
                return answer.status, json.loads(await answer.text())["error"]

        for key in (None, "right", "Bearer ", "Bearer wrong"):
            status, error = await call("/responses", key=key, json={})
            assert (status, error["code"]) == (401, "invalid_api_key")
        status, error = await call("/chat", json={})
        assert (status, error["message"]) == (404, "Invalid URL (POST /v1/chat)")
        assert (await call("/responses", method="GET"))[0] == 405
        for data in (b"{", b"\xff", b'{"a": NaN}', b'{"model": "\\ud800"}'):
            async with http.post(
                f"{server.base_url}/responses",
                data=data,
                headers={"Authorization": "Bearer right", "Content-Type": "application/json"},
            ) as answer:
                assert answer.status == 400
                assert "could not parse the JSON body" in await answer.text()
        assert (await call("/responses", json=[]))[0] == 400
        assert (await call("/responses", data=b"{}"))[1]["code"] == "unsupported_content_type"
        assert server.left == 1


async def test_models_and_transcription() -> None:
    async with serving([], transcripts=[Text("book me in"), RateLimited()]) as (server, client):
        assert MODEL in [model.id async for model in await client.models.list()]
        voice = ("voice.ogg", b"OggS" * 10)
        create = client.audio.transcriptions.create
        assert (await create(model="gpt-transcribe", file=voice)).text == "book me in"
        assert server.requests[1].body["file"] == {"filename": "voice.ogg", "size": 40}
        with pytest.raises(openai.RateLimitError):
            await create(model="gpt-transcribe", file=voice)
        with pytest.raises(openai.BadRequestError, match="Invalid file format"):
            await create(model="gpt-transcribe", file=("voice.txt", b"x"))
        with pytest.raises(openai.BadRequestError, match="too short"):
            await create(model="gpt-transcribe", file=("voice.ogg", b""))
        with pytest.raises(openai.BadRequestError, match="Unknown parameter: 'colour'"):
            await create(model="gpt-transcribe", file=voice, extra_body={"colour": "x"})
        with pytest.raises(openai.NotFoundError):
            await create(model="gpt-none", file=voice)
        with pytest.raises(openai.InternalServerError, match="no transcript is left"):
            await create(model="gpt-transcribe", file=voice)


async def test_keyword_model() -> None:
    rules = [
        Rule(
            r"look (?P<day>\S+)", Call("look", {"day": "{{match.day}}", "text": "on {{match.1}}"})
        ),
        Rule("look", Text("first free: {{result.slots.0.at}}, of {{result.count}}"), after="look"),
    ]
    model = KeywordModel(rules)

    def request(*items: Any) -> Request:
        return Request("responses", 0, {"model": MODEL, "input": list(items), "tools": TOOLS})

    said = {"role": "user", "content": "please LOOK 2026-12-01"}
    call = model(request(said))
    assert call == Call("look", {"day": "2026-12-01", "text": "on 2026-12-01"})
    made = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    result = {
        "type": "function_call_output",
        "call_id": "c",
        "output": '{"slots":[{"at":"9"}],"count":1}',
    }
    assert model(request(said, made, result)) == Text("first free: 9, of 1")
    assert model(request({"role": "user", "content": "hi"})) == Text(
        "Hello! I am the built-in stand-in for a model. I was offered these tools: look."
    )
    with pytest.raises(ScriptError, match=re.escape("nothing stands at 'result.slots.0.at'")):
        model(request(said, made, result | {"output": "{}"}))


def test_script_files(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    request = Request("responses", 0, {"model": MODEL, "input": "look", "tools": TOOLS})
    path.write_text(
        "- answer: plain\n"
        "- answer: {call: {name: look, arguments: {day: x}}}\n"
        "- answer: {text: t, calls: [{name: look, arguments: '{'}]}\n"
        "- answer: {slow: {seconds: 1, then: {http_error: {status: 500}}}}\n"
        "- answer: {rate_limited: 2}\n"
    )
    player = load_script(path)
    assert [player(request) for _ in range(5)] == [
        Text("plain"),
        Call("look", {"day": "x"}),
        TextAndCall("t", (Call("look", "{"),)),
        Slow(1.0, HttpError(500)),
        RateLimited(2.0),
    ]
    path.write_text(
        '[{"when": "nothing", "answer": "a"}, {"when": "LOO", "answer": {"drop": "mid"}}]'
    )
    assert load_script(path)(request) == DropConnection("mid")
    for text, problem in (
        ("{}", "a script is a list"),
        ("- text: x", "entry 1: expected an object with 'answer'"),
        ("- {answer: x, whenn: y}", "unknown keys \\['whenn'\\]"),
        ("- answer: {say: x}", "entry 1: can't read the answer"),
        ("- answer: {call: {nam: x}}", "entry 1: can't read the answer"),
    ):
        path.write_text(text)
        with pytest.raises(ScriptError, match=problem):
            load_script(path)


def test_in_a_thread() -> None:
    with (
        FakeOpenAI.in_thread([Text("from a thread")]) as server,
        OpenAI(base_url=server.base_url, api_key="sk-test", max_retries=0) as client,
    ):
        assert client.responses.create(model=MODEL, input="x").output_text == "from a thread"


async def test_by_hand(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- answer: by hand\n")
    arguments = [sys.executable, "-m", "tests.fakes.openai", "--port", "0", "--script", str(script)]
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    )
    assert process.stdout is not None
    try:
        base_url = (await process.stdout.readline()).decode().strip()
        async with AsyncOpenAI(base_url=base_url, api_key="sk-test", max_retries=0) as client:
            assert (await ask(client)).output_text == "by hand"
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
