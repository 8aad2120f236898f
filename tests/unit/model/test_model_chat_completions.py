from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import pytest

from assistant.model.bodies import messages
from assistant.model.chat_completions import ChatCompletionsModel
from assistant.model.port import (
    AssistantText,
    Finish,
    ModelError,
    ModelErrorKind,
    ToolCall,
    ToolResult,
    Usage,
    UserText,
)

PATH = "/chat/completions"


def call(call_id: Any = "call_2", arguments: Any = '{"service":"haircut"}') -> dict[str, Any]:
    function = {"name": "create_appointment", "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def completion(finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "model": "gpt-6-luna-2026-10-01",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
        ],
        "usage": {
            "prompt_tokens": 1500,
            "prompt_tokens_details": {"cached_tokens": 1024},
            "completion_tokens": 40,
        },
    }


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "model": "gpt-6-luna",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


@pytest.fixture
def model(client):
    return ChatCompletionsModel(client, model="gpt-6-luna", reasoning_effort="low")


async def test_request_to_a_model_of_openai(api, model, request_, sent):
    api.post(PATH).respond(json=completion(content="Hello"))
    await model.complete(request_, timeout_seconds=5)
    assert sent() == {
        "model": "gpt-6-luna",
        "messages": [
            {"role": "system", "content": "You book."},
            {"role": "user", "content": "haircut please"},
            {
                "role": "assistant",
                "content": "One moment.",
                "tool_calls": [call("call_1")],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"status":"no_such_time"}'},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "create_appointment",
                    "description": "Books.",
                    "parameters": request_.tools[0].parameters,
                    "strict": True,
                },
            }
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "max_completion_tokens": 300,
        "store": False,
        "prompt_cache_key": "salon:1",
        "safety_identifier": "f00d",
        "reasoning_effort": "none",
    }


async def test_request_to_a_compatible_server_has_only_common_fields(api, client, request_, sent):
    api.post(PATH).respond(json=completion(content="Hello"))
    other = ChatCompletionsModel(client, model="qwen3:32b", reasoning_effort="low", temperature=0)
    await other.complete(request_, timeout_seconds=5)
    assert set(sent()) == {
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "max_tokens",
        "temperature",
    }


@pytest.mark.parametrize(
    ("name", "with_tools", "effort"),
    [
        ("gpt-5.6-luna", True, "none"),
        ("gpt-6-luna", True, "none"),
        ("gpt-6-luna", False, "low"),
        ("gpt-5.4", True, None),
        ("gpt-4.1", True, None),
    ],
)
async def test_reasoning_effort_by_model_and_tools(
    api, client, request_, sent, name, with_tools, effort
):
    api.post(PATH).respond(json=completion(content="Hello"))
    asked = request_ if with_tools else dataclasses.replace(request_, tools=())
    model = ChatCompletionsModel(client, model=name, reasoning_effort="low")
    await model.complete(asked, timeout_seconds=5)
    assert sent().get("reasoning_effort") == effort
    assert ("tool_choice" in sent()) is with_tools


async def test_forbidden_tools_are_still_sent_for_the_cached_prefix(api, model, request_, sent):
    api.post(PATH).respond(json=completion(content="Hello"))
    await model.complete(dataclasses.replace(request_, tools_allowed=False), timeout_seconds=5)
    assert sent()["tool_choice"] == "none"
    assert len(sent()["tools"]) == 1


def test_calls_that_follow_each_other_make_one_message():
    a, b, c = (ToolCall(name, "tool", "{}") for name in "abc")
    written = messages(
        [UserText("hi"), a, b, ToolResult("a", "1"), ToolResult("b", "2"), c, ToolResult("c", "3")]
    )
    roles = [
        (entry["role"], [made["id"] for made in entry.get("tool_calls", [])]) for entry in written
    ]
    assert roles == [
        ("user", []),
        ("assistant", ["a", "b"]),
        ("tool", []),
        ("tool", []),
        ("assistant", ["c"]),
        ("tool", []),
    ]
    assert written[1]["content"] is None


def test_a_name_that_is_no_name_does_not_poison_the_history():
    written = messages([ToolCall("a", "book it!", "{}"), ToolResult("a", "unknown tool")])
    assert written[0]["tool_calls"][0]["function"]["name"] == "book_it_"


def test_text_right_before_calls_goes_into_their_message_and_earlier_text_does_not():
    written = messages(
        [AssistantText("Booked."), UserText("more"), AssistantText("Wait."), ToolCall("a", "t", "")]
    )
    assert [(entry["role"], entry["content"]) for entry in written] == [
        ("assistant", "Booked."),
        ("user", "more"),
        ("assistant", "Wait."),
    ]
    assert "tool_calls" not in written[0]
    assert written[2]["tool_calls"][0]["id"] == "a"


async def test_text_with_usage_and_the_model_that_answered(api, model, request_):
    api.post(PATH).respond(json=completion(content="Hello"))
    reply = await model.complete(request_, timeout_seconds=5)
    assert (reply.text, reply.finish, reply.calls) == ("Hello", Finish.STOP, ())
    assert reply.usage == Usage(input_tokens=1500, cached_tokens=1024, output_tokens=40)
    assert reply.model == "gpt-6-luna-2026-10-01"


@pytest.mark.parametrize("reason", ["tool_calls", "stop"])
async def test_calls(api, model, request_, reason):
    payload = completion(reason, content=None, tool_calls=[call("a"), call("b", {"x": "ж"})])
    api.post(PATH).respond(json=payload)
    reply = await model.complete(request_, timeout_seconds=5)
    assert reply.finish is Finish.TOOL_CALLS
    assert reply.calls == (
        ToolCall("a", "create_appointment", '{"service":"haircut"}'),
        ToolCall("b", "create_appointment", '{"x": "ж"}'),
    )


@pytest.mark.parametrize(
    ("payload", "finish", "said"),
    [
        (completion("length", content="You are boo"), Finish.LENGTH, "You are boo"),
        (completion("length", tool_calls=[call(arguments='{"se')]), Finish.LENGTH, ""),
        (completion("content_filter", content=""), Finish.CONTENT_FILTER, ""),
        (completion(content=None, refusal="I can't."), Finish.REFUSAL, "I can't."),
        (completion(content=None), Finish.EMPTY, ""),
        (completion(content="  "), Finish.EMPTY, "  "),
        (completion("tool_calls", content=None, tool_calls=[]), Finish.EMPTY, ""),
    ],
)
async def test_unusual_endings_have_names(api, model, request_, payload, finish, said):
    api.post(PATH).respond(json=payload)
    reply = await model.complete(request_, timeout_seconds=5)
    assert (reply.finish, reply.text, reply.calls) == (finish, said, ())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html>Please log in</html>"),
        httpx.Response(200, headers={"content-type": "application/json"}, text='{"choices": [{'),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"choices": []}),
        httpx.Response(200, json={"choices": ["Hello"]}),
        httpx.Response(200, json=completion(None, content="Hello")),
        httpx.Response(200, json=completion(tool_calls=["create_appointment"])),
        httpx.Response(200, json=completion(tool_calls=[call(call_id=None)])),
        httpx.Response(200, json=completion(tool_calls=[call("same"), call("same")])),
    ],
)
async def test_unreadable_answers_are_protocol_errors(api, model, request_, answer):
    api.post(PATH).mock(return_value=answer)
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert caught.value.kind is ModelErrorKind.PROTOCOL


async def test_an_error_inside_a_200_answer(api, model, request_):
    api.post(PATH).respond(json={"error": {"code": 429, "message": "Upstream is busy"}})
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert caught.value.kind is ModelErrorKind.RATE_LIMIT


async def test_stream_of_text(api, model, request_, sse, sent):
    usage = completion()["usage"]
    api.post(PATH).mock(
        return_value=sse(
            chunk(role="assistant", content=""),
            chunk(content="Hello "),
            chunk(content="you"),
            chunk("stop"),
            {"model": "gpt-6-luna", "choices": [], "usage": usage},
            "[DONE]",
        )
    )
    pieces: list[str] = []
    reply = await model.complete(request_, timeout_seconds=5, on_text=pieces.append)
    assert pieces == ["Hello ", "you"]
    assert (reply.text, reply.finish, reply.usage.cached_tokens) == ("Hello you", Finish.STOP, 1024)
    assert sent()["stream_options"] == {"include_usage": True}


async def test_stream_of_calls_in_pieces(api, model, request_, sse):
    def piece(index: int, **extra: Any) -> dict[str, Any]:
        return chunk(tool_calls=[{"index": index, **extra}])

    api.post(PATH).mock(
        return_value=sse(
            piece(0, id="a", type="function", function={"name": "one", "arguments": ""}),
            piece(0, function={"arguments": '{"x"'}),
            piece(1, id="b", type="function", function={"name": "two", "arguments": "{}"}),
            piece(0, function={"arguments": ":1}"}),
            chunk("tool_calls"),
            "[DONE]",
        )
    )
    reply = await model.complete(request_, timeout_seconds=5, on_text=print)
    assert reply.calls == (ToolCall("a", "one", '{"x":1}'), ToolCall("b", "two", "{}"))


async def test_stream_of_unnumbered_calls(api, model, request_, sse):
    api.post(PATH).mock(
        return_value=sse(
            chunk(tool_calls=[call("a")]), chunk("tool_calls", tool_calls=[call("b")]), "[DONE]"
        )
    )
    reply = await model.complete(request_, timeout_seconds=5, on_text=print)
    assert [made.call_id for made in reply.calls] == ["a", "b"]


async def test_stream_of_a_refusal(api, model, request_, sse):
    api.post(PATH).mock(return_value=sse(chunk(refusal="I "), chunk("stop", refusal="can't.")))
    pieces: list[str] = []
    reply = await model.complete(request_, timeout_seconds=5, on_text=pieces.append)
    assert (reply.finish, reply.text, pieces) == (Finish.REFUSAL, "I can't.", [])


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([], ModelErrorKind.PROTOCOL),
        ([chunk(content="You are boo")], ModelErrorKind.PROTOCOL),
        ([chunk(content="You are boo"), "[DONE]"], ModelErrorKind.PROTOCOL),
        (['{"choices": [{'], ModelErrorKind.PROTOCOL),
        ([chunk("tool_calls", tool_calls=["a"])], ModelErrorKind.PROTOCOL),
        (
            [chunk(content="You"), {"error": {"type": "insufficient_quota", "message": "Pay."}}],
            ModelErrorKind.QUOTA,
        ),
    ],
)
async def test_broken_streams(api, model, request_, sse, events, kind):
    api.post(PATH).mock(return_value=sse(*events))
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5, on_text=lambda _: None)
    assert caught.value.kind is kind
