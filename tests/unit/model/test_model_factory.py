from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from assistant.model.circuit import CircuitState
from assistant.model.factory import build_model
from assistant.model.model_names import is_openai, needs_effort_none_with_tools, reasons
from assistant.model.port import ModelError, ModelErrorKind, ModelSettings

BASE_URL = "http://openai.test/v1"
CHAT = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}
RESPONSE = {
    "status": "completed",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}],
}


def settings(**extra) -> ModelSettings:
    return ModelSettings(api_key="sk-test-1234567890", base_url=BASE_URL, **extra)


@pytest.fixture
async def build():
    built = []

    def make(**extra):
        changes = extra.pop("on_change", None)
        connection = build_model(
            settings(**extra), on_change=changes, http_client=httpx.AsyncClient()
        )
        built.append(connection)
        return connection

    yield make
    for connection in built:
        await connection.aclose()


@pytest.mark.parametrize(
    ("api_name", "path", "answer"),
    [("responses", "/responses", RESPONSE), ("chat", "/chat/completions", CHAT)],
)
async def test_the_setting_chooses_the_endpoint(api, build, request_, api_name, path, answer):
    route = api.post(path).respond(json=answer)
    reply = await build(api=api_name).complete(request_, timeout_seconds=5)
    assert (reply.text, reply.model, route.call_count) == ("Hello", "gpt-6-luna", 1)


async def test_the_fallback_model_answers_for_a_missing_one(api, build, request_):
    missing = {"error": {"message": "No such model", "code": "model_not_found"}}
    api.post("/responses").mock(
        side_effect=[httpx.Response(404, json=missing), httpx.Response(200, json=RESPONSE)]
    )
    reply = await build().complete(request_, timeout_seconds=5)
    assert reply.model == "gpt-5.6-luna"


async def test_no_quota_opens_the_circuit(api, build, request_):
    route = api.post("/responses").respond(429, json={"error": {"code": "insufficient_quota"}})
    told = []
    connection = build(on_change=lambda state, why: told.append((state, why.kind)))
    for kind in (ModelErrorKind.QUOTA, ModelErrorKind.CIRCUIT_OPEN):
        with pytest.raises(ModelError) as caught:
            await connection.complete(request_, timeout_seconds=5)
        assert caught.value.kind is kind
    assert route.call_count == 1
    assert connection.circuit.state is CircuitState.OPEN
    assert told == [(CircuitState.OPEN, ModelErrorKind.QUOTA)]


async def test_aclose_closes_the_connections():
    http_client = httpx.AsyncClient()
    await build_model(settings(), http_client=http_client).aclose()
    assert http_client.is_closed


def test_without_a_key_there_is_no_model():
    with pytest.raises(ValueError, match="API key"):
        build_model(ModelSettings(api_key=""))


def test_the_key_is_not_in_the_settings_repr():
    assert "sk-test" not in repr(settings())


def test_importing_the_factory_does_not_import_the_sdk():
    code = "import sys, assistant.model.factory; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "ours", "reasoning", "none_with_tools"),
    [
        ("gpt-6-luna", True, True, True),
        ("gpt-6.1-sol", True, True, True),
        ("gpt-5.6-luna", True, True, True),
        ("gpt-5.10-luna", True, True, True),
        ("ft:gpt-5.6-luna:salon::abc", True, True, True),
        ("openai/gpt-6-luna", True, True, True),
        ("gpt-5.4-mini-2026-03-17", True, True, False),
        ("gpt-5-mini", True, True, False),
        ("gpt-4o", True, False, False),
        ("gpt-4.1", True, False, False),
        ("o4-mini", True, False, False),
        ("gpt-oss:20b", False, False, False),
        ("qwen3:32b", False, False, False),
        ("my-gpt-6", False, False, False),
    ],
)
def test_what_names_say(name, ours, reasoning, none_with_tools):
    assert is_openai(name) is ours
    assert reasons(name) is reasoning
    assert needs_effort_none_with_tools(name) is none_with_tools
