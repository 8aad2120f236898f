from __future__ import annotations

import dataclasses
import json
from typing import Any

import httpx
import pytest

from assistant.model.port import (
    Finish,
    ModelError,
    ModelErrorKind,
    ModelRequest,
    ToolCall,
    ToolResult,
    Usage,
    UserText,
)
from assistant.model.responses import ResponsesModel

USAGE = {
    "input_tokens": 1500,
    "input_tokens_details": {"cached_tokens": 1024},
    "output_tokens": 40,
}


def message(*parts: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(parts), **extra}


def text(value: str) -> dict[str, Any]:
    return {"type": "output_text", "text": value, "annotations": []}


def call(call_id: str = "call_2", **extra: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": "fc_1",
        "call_id": call_id,
        "name": "create_appointment",
        "arguments": '{"service":"haircut"}',
        **extra,
    }


def response(*output: dict[str, Any], status: str = "completed", **extra: Any) -> dict[str, Any]:
    return {
        "object": "response",
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": "gpt-6-luna-2026-10-01",
        "output": list(output),
        "usage": USAGE,
        **extra,
    }


@pytest.fixture
def model(client):
    return ResponsesModel(client, model="gpt-6-luna", reasoning_effort="low")


async def test_request_is_stateless_and_strict(api, client, model, request_, sent):
    api.post("/responses").respond(json=response(message(text("Hello"))))
    await model.complete(request_, timeout_seconds=5)
    assert sent() == {
        "model": "gpt-6-luna",
        "instructions": "You book.",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "haircut please"}],
            },
            {"type": "message", "role": "assistant", "content": "One moment."},
            {
                "type": "function_call",
                "call_id": "call_1",
                "name": "create_appointment",
                "arguments": '{"service":"haircut"}',
            },
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": '{"status":"no_such_time"}',
            },
        ],
        "tools": [
            {
                "type": "function",
                "name": "create_appointment",
                "description": "Books.",
                "parameters": request_.tools[0].parameters,
                "strict": True,
            }
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "max_output_tokens": 300,
        "store": False,
        "prompt_cache_key": "salon:1",
        "safety_identifier": "f00d",
        "reasoning": {"effort": "low"},
    }
    assert api.calls.last.request.headers["authorization"] == f"Bearer {client.api_key}"


async def test_optional_fields_are_left_out(api, client, request_, sent):
    api.post("/responses").respond(json=response(message(text("Hello"))))
    bare = dataclasses.replace(request_, tools=(), cache_key=None, safety_identifier=None)
    await ResponsesModel(client, model="qwen3", reasoning_effort="low").complete(
        bare, timeout_seconds=5
    )
    assert set(sent()) == {"model", "instructions", "input", "max_output_tokens", "store"}


async def test_forbidden_tools_are_still_sent_for_the_cached_prefix(api, model, request_, sent):
    api.post("/responses").respond(json=response(message(text("Hello"))))
    await model.complete(dataclasses.replace(request_, tools_allowed=False), timeout_seconds=5)
    assert sent()["tool_choice"] == "none"
    assert len(sent()["tools"]) == 1


async def test_temperature_is_sent_when_set(api, client, request_, sent):
    api.post("/responses").respond(json=response(message(text("Hello"))))
    warm = ResponsesModel(client, model="gpt-6-luna", temperature=0.2)
    await warm.complete(request_, timeout_seconds=5)
    assert sent()["temperature"] == 0.2
    assert "reasoning" not in sent()


async def test_text_with_usage_and_the_model_that_answered(api, model, request_):
    api.post("/responses").respond(
        json=response({"type": "reasoning", "summary": []}, message(text("Hello "), text("you")))
    )
    reply = await model.complete(request_, timeout_seconds=5)
    assert (reply.text, reply.finish, reply.calls) == ("Hello you", Finish.STOP, ())
    assert reply.usage == Usage(input_tokens=1500, cached_tokens=1024, output_tokens=40)
    assert reply.model == "gpt-6-luna-2026-10-01"


async def test_several_calls_keep_their_order_and_the_text_beside_them(api, model, request_):
    api.post("/responses").respond(
        json=response(message(text("Let me see.")), call("call_a"), call("call_b", arguments="{"))
    )
    reply = await model.complete(request_, timeout_seconds=5)
    assert reply.finish is Finish.TOOL_CALLS
    assert reply.text == "Let me see."
    assert reply.calls == (
        ToolCall("call_a", "create_appointment", '{"service":"haircut"}'),
        ToolCall("call_b", "create_appointment", "{"),
    )


async def test_what_no_database_takes_is_replaced(api, model, request_):
    payload = response(message(text("Hi \ud83d\0 😀")), call("a", arguments="\udc00"))
    api.post("/responses").respond(content=json.dumps(payload).encode())
    reply = await model.complete(request_, timeout_seconds=5)
    assert reply.text == "Hi �� 😀"
    assert reply.calls[0].arguments == "�"


async def test_a_name_that_is_no_name_does_not_poison_the_history(api, model, sent):
    api.post("/responses").respond(json=response(message(text("Hello"))))
    items = [UserText("hi"), ToolCall("a", "book it!" * 20, "{}"), ToolResult("a", "{}")]
    await model.complete(ModelRequest(instructions="", items=items), timeout_seconds=5)
    assert sent()["input"][1]["name"] == ("book_it_" * 20)[:64]


async def test_commentary_is_not_the_answer(api, model, request_):
    api.post("/responses").respond(
        json=response(
            message(text("Thinking aloud."), phase="commentary"),
            message(text("At ten."), phase="final_answer"),
        )
    )
    reply = await model.complete(request_, timeout_seconds=5)
    assert reply.text == "At ten."


@pytest.mark.parametrize(
    ("payload", "finish", "said"),
    [
        (
            response(
                message(text("You are boo")),
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            Finish.LENGTH,
            "You are boo",
        ),
        (
            response(
                call(arguments='{"serv'),
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            Finish.LENGTH,
            "",
        ),
        (
            response(status="incomplete", incomplete_details={"reason": "content_filter"}),
            Finish.CONTENT_FILTER,
            "",
        ),
        (
            response(status="failed", error={"code": "invalid_prompt", "message": "flagged"}),
            Finish.CONTENT_FILTER,
            "",
        ),
        (
            response(message({"type": "refusal", "refusal": "I can't help with that."})),
            Finish.REFUSAL,
            "I can't help with that.",
        ),
        (response(), Finish.EMPTY, ""),
        (response(message(text(" \n"))), Finish.EMPTY, " \n"),
    ],
)
async def test_unusual_endings_have_names(api, model, request_, payload, finish, said):
    api.post("/responses").respond(json=payload)
    reply = await model.complete(request_, timeout_seconds=5)
    assert (reply.finish, reply.text, reply.calls) == (finish, said, ())


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", ModelErrorKind.SERVER),
        ("rate_limit_exceeded", ModelErrorKind.RATE_LIMIT),
        ("insufficient_quota", ModelErrorKind.QUOTA),
        ("data_residency_mismatch", ModelErrorKind.BAD_REQUEST),
    ],
)
async def test_failed_response_by_its_code(api, model, request_, code, kind):
    api.post("/responses").respond(
        json=response(status="failed", error={"code": code, "message": "It broke."})
    )
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert (caught.value.kind, caught.value.message) == (kind, "It broke.")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html>Please log in to the hotel's Wi-Fi</html>"),
        httpx.Response(200, headers={"content-type": "application/json"}, text='{"status": "comp'),
        httpx.Response(200, headers={"content-type": "application/json"}, content=b"\xff\xfe\x00"),
        httpx.Response(200, headers={"content-type": "application/json"}, text="[" * 100_000),
        httpx.Response(200, json=[]),
        httpx.Response(200, json="ok"),
        httpx.Response(200, json={}),
        httpx.Response(200, json=response(status="in_progress")),
        httpx.Response(200, json=response() | {"output": None}),
        httpx.Response(200, json=response() | {"output": ["text"]}),
        httpx.Response(200, json=response(call(call_id=""))),
        httpx.Response(200, json=response(call(name=None))),
        httpx.Response(200, json=response(call("same"), call("same"))),
    ],
)
async def test_unreadable_answers_are_protocol_errors(api, model, request_, answer):
    api.post("/responses").mock(return_value=answer)
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert caught.value.kind is ModelErrorKind.PROTOCOL
    assert "Wi-Fi" not in str(caught.value)


async def test_stream_passes_text_on_and_ends_with_the_response(api, model, request_, sse, sent):
    done = response(message(text("Hello you")))
    api.post("/responses").mock(
        return_value=sse(
            {"type": "response.created", "response": response(status="in_progress")},
            {"type": "response.output_text.delta", "delta": "Hello "},
            {"type": "response.output_text.delta", "delta": ""},
            {"type": "response.output_text.delta", "delta": "you"},
            {"type": "response.completed", "response": done},
        )
    )
    pieces: list[str] = []
    reply = await model.complete(request_, timeout_seconds=5, on_text=pieces.append)
    assert pieces == ["Hello ", "you"]
    assert (reply.text, reply.finish) == ("Hello you", Finish.STOP)
    assert sent()["stream"] is True


async def test_stream_with_an_empty_last_event_uses_the_items_before_it(api, model, request_, sse):
    api.post("/responses").mock(
        return_value=sse(
            {"type": "response.output_item.done", "item": call()},
            {"type": "response.completed", "response": response()},
        )
    )
    reply = await model.complete(request_, timeout_seconds=5, on_text=print)
    assert [made.call_id for made in reply.calls] == ["call_2"]


async def test_stream_can_end_incomplete(api, model, request_, sse):
    cut = response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    api.post("/responses").mock(return_value=sse({"type": "response.incomplete", "response": cut}))
    reply = await model.complete(request_, timeout_seconds=5, on_text=print)
    assert reply.finish is Finish.LENGTH


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([], ModelErrorKind.PROTOCOL),
        (
            [{"type": "response.output_text.delta", "delta": "You are boo"}],
            ModelErrorKind.PROTOCOL,
        ),
        (['{"type": "response.compl'], ModelErrorKind.PROTOCOL),
        (["[1]"], ModelErrorKind.PROTOCOL),
        (
            [{"type": "error", "code": "rate_limit_exceeded", "message": "Slow down."}],
            ModelErrorKind.RATE_LIMIT,
        ),
        (
            [{"type": "error", "error": {"code": "server_error", "message": "Oh no."}}],
            ModelErrorKind.SERVER,
        ),
        (
            [
                {
                    "type": "response.failed",
                    "response": response(
                        status="failed", error={"code": "server_error", "message": "Oh no."}
                    ),
                }
            ],
            ModelErrorKind.SERVER,
        ),
    ],
)
async def test_broken_streams(api, model, request_, sse, events, kind):
    api.post("/responses").mock(return_value=sse(*events))
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5, on_text=lambda _: None)
    assert caught.value.kind is kind


async def test_html_instead_of_a_stream(api, model, request_):
    api.post("/responses").respond(html="<html>Please log in</html>")
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5, on_text=lambda _: None)
    assert caught.value.kind is ModelErrorKind.PROTOCOL


async def test_a_failing_sink_is_not_mistaken_for_a_failing_model(api, model, request_, sse):
    api.post("/responses").mock(
        return_value=sse({"type": "response.output_text.delta", "delta": "Hello"})
    )

    def sink(piece: str) -> None:
        raise ValueError(piece)

    with pytest.raises(ValueError, match="Hello"):
        await model.complete(request_, timeout_seconds=5, on_text=sink)
