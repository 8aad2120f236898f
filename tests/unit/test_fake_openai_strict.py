"""Every rule of the fake OpenAI server: what the original refuses, the fake refuses."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.fakes.openai import FakeOpenAI, Text

Json = dict[str, Any]

CALL = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "{}"}
CHAT_CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
ASSISTANT_CALLS = {"role": "assistant", "content": None, "tool_calls": [CHAT_CALL]}
TOOL_ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "{}"}
USER = {"role": "user", "content": "hello"}


def schema(**properties: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def function(**changes: Any) -> Json:
    return {
        "name": "look",
        "description": "Look.",
        "strict": True,
        "parameters": schema(),
    } | changes


def responses(**changes: Any) -> Json:
    return {"model": "gpt-6-luna", "input": [USER], "store": False} | changes


def chat(**changes: Any) -> Json:
    return {"model": "gpt-6-luna", "messages": [USER]} | changes


def without(body: Json, name: str) -> Json:
    return {key: value for key, value in body.items() if key != name}


def tool(**changes: Any) -> Json:
    return {"type": "function"} | function(**changes)


def chat_tool(**changes: Any) -> Json:
    return {"type": "function", "function": function(**changes)}


async def post(path: str, body: Json, **options: Any) -> tuple[int, Json, FakeOpenAI]:
    """Post raw JSON; returns status, answer and the server."""
    headers = {"Authorization": "Bearer sk-test"}
    async with (
        FakeOpenAI([Text("accepted")], **options) as server,
        aiohttp.ClientSession() as http,
        http.post(f"{server.base_url}{path}", json=body, headers=headers) as answer,
    ):
        return answer.status, json.loads(await answer.text()), server


ACCEPTED_RESPONSES = [
    responses(),
    responses(input="hello"),
    responses(tools=[], instructions="Be brief."),
    responses(input=[USER, CALL, RESULT]),
    responses(
        input=[USER, CALL | {"id": "fc_1", "status": "completed"}, RESULT | {"status": None}]
    ),
    responses(
        input=[USER, CALL, CALL | {"call_id": "call_2"}, RESULT | {"call_id": "call_2"}, RESULT]
    ),
    responses(
        input=[
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]},
            {"role": "developer", "content": "facts"},
            {"role": "assistant", "content": "plain"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "typed"}],
            },
        ]
    ),
    responses(
        tools=[tool()],
        tool_choice={"type": "function", "name": "look"},
        parallel_tool_calls=False,
        max_output_tokens=16,
        safety_identifier="s" * 64,
        prompt_cache_key="k" * 64,
        reasoning={"effort": "low"},
        metadata={"a": "b"},
        include=["reasoning.encrypted_content"],
        text={"verbosity": "low"},
    ),
    responses(
        tools=[
            tool(
                parameters=schema(
                    day={"type": ["string", "null"], "format": "date", "description": "Day."},
                    phone={"type": "string", "pattern": "^[0-9]+$"},
                    count={"type": "integer", "minimum": 1, "maximum": 5},
                    kind={"type": "string", "enum": ["a", "b"]},
                    either={"anyOf": [{"type": "string"}, {"type": "null"}]},
                    other={"$ref": "#/$defs/Other"},
                    many={"type": "array", "items": {"type": "string"}, "maxItems": 3},
                )
                | {"$defs": {"Other": schema(x={"const": "y"})}, "title": "Args"}
            )
        ]
    ),
    responses(
        tools=[
            tool(strict=False, parameters={"type": "object", "properties": {"a": {"default": 1}}})
        ]
    ),
]

ACCEPTED_CHAT = [
    chat(),
    chat(messages=[{"role": "system", "content": "x"}, USER, ASSISTANT_CALLS, TOOL_ANSWER]),
    chat(messages=[{"role": "user", "content": [{"type": "text", "text": "x"}]}]),
    chat(tools=[chat_tool()], reasoning_effort="none", parallel_tool_calls=False),
    chat(max_completion_tokens=100, temperature=1),
    chat(model="gpt-4.1", tools=[chat_tool()], max_tokens=10, temperature=0.2),
]


@pytest.mark.parametrize("body", ACCEPTED_RESPONSES)
async def test_responses_accepts(body: Json) -> None:
    status, answer, server = await post("/responses", body)
    assert (status, answer.get("error")) == (200, None)
    assert server.refused == []


@pytest.mark.parametrize("body", ACCEPTED_CHAT)
async def test_chat_accepts(body: Json) -> None:
    status, answer, _ = await post("/chat/completions", body)
    assert (status, answer.get("error")) == (200, None)


REFUSED_RESPONSES = [
    (without(responses(), "model"), "Missing required parameter: 'model'."),
    (without(responses(), "input"), 'One of "input" or "previous_response_id"'),
    (responses(input=[]), 'One of "input" or "previous_response_id"'),
    (responses(messages=[]), "Unknown parameter: 'messages'."),
    (responses(input=7), "Invalid type for 'input': expected one of a string or an array"),
    (responses(model=7), "Invalid type for 'model': expected a string, but got an integer"),
    (responses(max_output_tokens="9"), "Invalid type for 'max_output_tokens'"),
    (responses(max_output_tokens=15), "Expected a value >= 16, but got 15"),
    (responses(stream="yes"), "Invalid type for 'stream'"),
    (responses(input=[{"type": "tool_result"}]), "Invalid value: 'tool_result'. Supported values"),
    (responses(input=[USER | {"colour": 1}]), "Unknown parameter: 'input[0].colour'."),
    (responses(input=[{"role": "tool", "content": "x"}]), "Invalid value: 'tool'."),
    (responses(input=[{"role": "user"}]), "Missing required parameter: 'input[0].content'."),
    (responses(input=[{"role": "user", "content": []}]), "Invalid 'input[0].content': empty array"),
    (responses(input=[{"role": "user", "content": None}]), "Invalid type for 'input[0].content'"),
    (
        responses(input=[{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]),
        "Invalid value: 'input_text'.",
    ),
    (
        responses(input=[{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]),
        "Invalid value: 'output_text'.",
    ),
    (responses(input=[USER, CALL]), "No tool output found for function call call_1."),
    (
        responses(input=[USER, RESULT]),
        "No tool call found for function call output with call_id call_1.",
    ),
    (responses(input=[RESULT, CALL]), "No tool call found for function call output"),
    (responses(input=[CALL, RESULT, CALL, RESULT]), "Duplicate function call"),
    (responses(input=[CALL, RESULT, RESULT]), "No tool call found for function call output"),
    (responses(input=[CALL | {"arguments": {}}, RESULT]), "Invalid type for 'input[0].arguments'"),
    (
        responses(input=[CALL, without(RESULT, "call_id")]),
        "Missing required parameter: 'input[1].call_id'",
    ),
    (responses(input=[CALL, RESULT | {"output": {}}]), "Invalid type for 'input[1].output'"),
    (responses(input=[CALL | {"id": "x"}, RESULT]), "Expected an ID that begins with 'fc'"),
    (
        responses(input=[CALL | {"call_id": "c" * 65}]),
        "maximum length 64, but got a string with length 65",
    ),
    (responses(safety_identifier="s" * 65), "Invalid 'safety_identifier': string too long"),
    (responses(prompt_cache_key="k" * 65), "Invalid 'prompt_cache_key': string too long"),
    (responses(temperature=0.2), "'temperature' is not supported with this model"),
    (responses(model="gpt-4.1", temperature=3), "Expected a value <= 2, but got 3"),
    (responses(previous_response_id="resp_1"), "Previous response with id 'resp_1' not found."),
    (responses(model="gpt-nope"), "The requested model 'gpt-nope' does not exist."),
    (
        responses(reasoning={"effort": "huge"}),
        "Invalid value: 'huge'. Supported values are: 'none'",
    ),
    (
        responses(stream_options={"include_obfuscation": False}),
        "only allowed when 'stream' is enabled",
    ),
    (responses(metadata={str(n): "x" for n in range(17)}), "Invalid 'metadata'"),
    (responses(tool_choice="required"), "Tool choice 'required' must be specified with 'tools'"),
    (
        responses(tools=[tool()], tool_choice={"type": "function", "name": "other"}),
        "Tool choice 'function' not found in 'tools' parameter.",
    ),
    (responses(tools=[chat_tool()]), "Unknown parameter: 'tools[0].function'."),
    (responses(tools=[tool(), tool()]), "Duplicate function name 'look'"),
    (responses(tools=[tool(name="look here")]), "string does not match pattern"),
    (responses(tools=[tool(name="n" * 65)]), "Invalid 'tools[0].name': string too long"),
    (responses(tools=[without(tool(), "name")]), "Missing required parameter: 'tools[0].name'."),
    (responses(tools=[tool(description="d" * 1025)]), "Invalid 'tools[0].description'"),
    (responses(tools=[tool(name=f"t{n}") for n in range(129)]), "Invalid 'tools': array too long"),
]

REFUSED_CHAT = [
    (without(chat(), "model"), "Missing required parameter: 'model'."),
    (without(chat(), "messages"), "Missing required parameter: 'messages'."),
    (chat(messages=[]), "Invalid 'messages': empty array."),
    (chat(input="x"), "Unknown parameter: 'input'."),
    (chat(messages="x"), "Invalid type for 'messages': expected an array, but got a string"),
    (chat(messages=[{"role": "robot", "content": "x"}]), "Invalid value: 'robot'."),
    (chat(messages=[{"content": "x"}]), "Missing required parameter: 'messages[0].role'."),
    (chat(messages=[USER | {"colour": 1}]), "Unknown parameter: 'messages[0].colour'."),
    (chat(messages=[USER | {"name": "a b"}]), "Invalid 'messages[0].name'"),
    (
        chat(messages=[{"role": "user", "content": []}]),
        "Invalid 'messages[0].content': empty array",
    ),
    (
        chat(messages=[{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]),
        "Invalid value: 'input_text'.",
    ),
    (chat(messages=[{"role": "assistant", "content": None}]), "expected a string, got null"),
    (
        chat(messages=[{"role": "assistant", "tool_calls": []}]),
        "Invalid 'messages[0].tool_calls': empty",
    ),
    (
        chat(messages=[ASSISTANT_CALLS]),
        "An assistant message with 'tool_calls' must be followed by tool messages responding to "
        "each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
    ),
    (chat(messages=[ASSISTANT_CALLS, USER, TOOL_ANSWER]), "must be followed by tool messages"),
    (chat(messages=[USER, TOOL_ANSWER]), "messages with role 'tool' must be a response"),
    (
        chat(messages=[ASSISTANT_CALLS, TOOL_ANSWER | {"tool_call_id": "call_2"}]),
        "'tool_call_id' of 'call_2' not found",
    ),
    (
        chat(messages=[{"role": "assistant", "tool_calls": [CHAT_CALL, CHAT_CALL]}, TOOL_ANSWER]),
        "duplicate 'id' in 'tool_calls'",
    ),
    (
        chat(
            messages=[
                {
                    "role": "assistant",
                    "tool_calls": [CHAT_CALL | {"function": {"name": "look", "arguments": {}}}],
                }
            ]
        ),
        "Invalid type for 'messages[0].tool_calls[0].function.arguments'",
    ),
    (
        chat(messages=[{"role": "assistant", "tool_calls": [CHAT_CALL | {"id": "c" * 41}]}]),
        "maximum length 40",
    ),
    (chat(tools=[]), "Invalid 'tools': empty array."),
    (chat(tool_choice="auto"), "'tool_choice' is only allowed when 'tools' are specified"),
    (chat(parallel_tool_calls=False), "'parallel_tool_calls' is only allowed when 'tools'"),
    (chat(tools=[tool()]), "Unknown parameter: 'tools[0].name'."),
    (chat(tools=[chat_tool()]), "set reasoning_effort to 'none'"),
    (chat(tools=[chat_tool()], reasoning_effort="low"), "set reasoning_effort to 'none'"),
    (chat(model="gpt-5.6-luna", tools=[chat_tool()]), "set reasoning_effort to 'none'"),
    (
        chat(tools=[chat_tool(), chat_tool()], reasoning_effort="none"),
        "Duplicate function name 'look'",
    ),
    (chat(temperature=0.2), "'temperature' does not support 0.2 with this model"),
    (chat(max_tokens=10), "Use 'max_completion_tokens' instead."),
    (chat(safety_identifier="s" * 65), "Invalid 'safety_identifier': string too long"),
    (chat(prompt_cache_key="k" * 65), "Invalid 'prompt_cache_key': string too long"),
    (chat(stream_options={"include_usage": True}), "only allowed when 'stream' is enabled"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED_RESPONSES)
async def test_responses_refuses(body: Json, message: str) -> None:
    await refused("/responses", body, message)


@pytest.mark.parametrize(("body", "message"), REFUSED_CHAT)
async def test_chat_refuses(body: Json, message: str) -> None:
    await refused("/chat/completions", body, message)


async def refused(
    path: str, body: Json, message: str, *, status: int = 400, **options: Any
) -> Json:
    got, answer, server = await post(path, body, **options)
    assert message in answer["error"]["message"]
    assert got == status
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert answer["error"]["type"] == "invalid_request_error"
    assert [(r.status, r.message) for r in server.refused] == [(status, answer["error"]["message"])]
    assert server.left == 1, "a refused request must not consume an answer"
    error: Json = answer["error"]
    return error


async def test_strict_schemas_in_chat_and_output_formats() -> None:
    bad = schema(a={"type": "string", "default": "x"})
    error = await refused(
        "/responses", responses(tools=[tool(parameters=bad)]), "Invalid schema for function 'look'"
    )
    assert (error["param"], error["code"]) == ("tools[0].parameters", "invalid_function_parameters")
    body = chat(tools=[chat_tool(parameters=bad)], reasoning_effort="none")
    error = await refused("/chat/completions", body, "'default' is not permitted")
    assert error["param"] == "tools[0].function.parameters"
    fmt = {"name": "facts", "strict": True, "schema": bad}
    body = responses(text={"format": {"type": "json_schema"} | fmt})
    await refused("/responses", body, "Invalid schema for response_format 'facts'")
    body = chat(response_format={"type": "json_schema", "json_schema": fmt})
    await refused("/chat/completions", body, "Invalid schema for response_format 'facts'")


async def test_context_window() -> None:
    long = [{"role": "user", "content": "x" * 5000}]
    error = await refused(
        "/responses", responses(input=long), "context window", context_tokens=1000
    )
    assert error["code"] == "context_length_exceeded"
    error = await refused(
        "/chat/completions",
        chat(messages=long),
        "maximum context length is 1000",
        context_tokens=1000,
    )
    assert error["code"] == "context_length_exceeded"


async def test_what_a_stateless_service_does_not_have() -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": []}
    body = responses(input=[USER, item])
    await refused("/responses", body, "Item with id 'rs_1' not found", status=404)
    body = responses(conversation="conv_1")
    await refused("/responses", body, "Conversation with id 'conv_1' not found", status=404)
    await refused("/chat/completions", chat(model="nope"), "`nope` does not exist", status=404)
    status, _, _ = await post("/chat/completions", chat(model="nope"), extra_models=["nope"])
    assert status == 200
