from __future__ import annotations

import asyncio
import traceback

import httpx
import pytest

from assistant.model.openai_client import attempt_bound, retry_after_seconds, scrub
from assistant.model.port import ModelError, ModelErrorKind, ModelRequest, UserText
from assistant.model.responses import ResponsesModel

KIND = ModelErrorKind


def error(message: str = "No.", code: str | int | None = None, kind: str | None = None):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


CASES = [
    (400, error("Unknown parameter: 'x'.", "unknown_parameter"), KIND.BAD_REQUEST),
    (400, error("No tool output found for function call call_1."), KIND.PAIRING),
    (
        400,
        error("No tool call found for function call output with call_id call_1."),
        KIND.PAIRING,
    ),
    (
        400,
        error(
            "An assistant message with 'tool_calls' must be followed by tool messages "
            "responding to each 'tool_call_id'."
        ),
        KIND.PAIRING,
    ),
    (
        400,
        error(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'."
        ),
        KIND.PAIRING,
    ),
    (
        400,
        error("Invalid parameter: 'tool_call_id' of 'a' not found in 'tool_calls' of previous."),
        KIND.PAIRING,
    ),
    (400, error("Duplicate function call with call_id a."), KIND.PAIRING),
    (400, error("Too long.", "context_length_exceeded"), KIND.CONTEXT),
    (400, error("This model's maximum context length is 8192 tokens."), KIND.CONTEXT),
    (413, error("Request entity too large"), KIND.CONTEXT),
    (400, error("Hard limit.", "billing_hard_limit_reached"), KIND.QUOTA),
    (401, error("Incorrect API key provided.", "invalid_api_key"), KIND.AUTH),
    (403, error("Country not supported.", "unsupported_country_region_territory"), KIND.AUTH),
    (404, error("No such URL."), KIND.AUTH),
    (402, error("Insufficient balance"), KIND.QUOTA),
    (422, error("messages.0: extra field"), KIND.BAD_REQUEST),
    (408, error(), KIND.SERVER),
    (409, error(), KIND.SERVER),
    (429, error("Slow down.", "rate_limit_exceeded"), KIND.RATE_LIMIT),
    (429, error("Pay.", "insufficient_quota", "insufficient_quota"), KIND.QUOTA),
    (429, error("Pay.", None, "insufficient_quota"), KIND.QUOTA),
    (500, error("Oops.", None, "server_error"), KIND.SERVER),
    (503, "<html>overloaded</html>", KIND.SERVER),
    (529, "", KIND.SERVER),
    (302, "", KIND.PROTOCOL),
    (418, "[1, 2]", KIND.BAD_REQUEST),
]


@pytest.fixture
def model(client):
    return ResponsesModel(client, model="gpt-6-luna")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("status", "body", "kind"), CASES)
async def test_status_and_body_decide_the_kind(api, model, request_, status, body, kind, streamed):
    answer = {"text": body} if isinstance(body, str) else {"json": body}
    api.post("/responses").respond(status, **answer)
    with pytest.raises(ModelError) as caught:
        await model.complete(
            request_, timeout_seconds=5, on_text=(lambda _: None) if streamed else None
        )
    assert (caught.value.kind, caught.value.status) == (kind, status)
    assert "html" not in str(caught.value)
    assert api.calls.call_count == 1  # the SDK itself retries nothing


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error("The model `gpt-7` does not exist.", "model_not_found")),
        (403, error("Project has no access to model `gpt-7`", "model_not_found")),
        (404, error('model "qwen9" not found, try pulling it first', None, "api_error")),
        (404, error("The model `qwen9` does not exist.", 404, "NotFoundError")),
    ],
)
async def test_an_unknown_model_has_its_code(api, model, request_, status, body):
    api.post("/responses").respond(status, json=body)
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert (caught.value.kind, caught.value.code) == (KIND.AUTH, "model_not_found")


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectError("refused"), KIND.CONNECTION),
        (httpx.RemoteProtocolError("peer closed"), KIND.CONNECTION),
        (httpx.ConnectTimeout("slow"), KIND.TIMEOUT),
        (httpx.ReadTimeout("slow"), KIND.TIMEOUT),
    ],
)
async def test_the_network_fails(api, model, request_, raised, kind):
    api.post("/responses").mock(side_effect=raised)
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert caught.value.kind is kind


async def test_half_a_character_in_a_request_is_our_defect(model):
    broken = ModelRequest(instructions="", items=[UserText("\ud83d")])
    with pytest.raises(ModelError) as caught:
        await model.complete(broken, timeout_seconds=5)
    assert caught.value.kind is KIND.BAD_REQUEST


async def test_retry_after_is_carried(api, model, request_):
    api.post("/responses").respond(429, json=error(), headers={"Retry-After": "7"})
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    assert caught.value.retry_after == 7


async def test_http_timeouts_follow_the_attempt(api, model, request_):
    api.post("/responses").respond(500)
    with pytest.raises(ModelError):
        await model.complete(request_, timeout_seconds=12)
    timeouts = api.calls.last.request.extensions["timeout"]
    assert (timeouts["read"], timeouts["connect"]) == (12, 5)


async def test_no_error_shows_the_key_or_the_customers_words(api, model, request_):
    body = error(
        "Invalid value: 'call me on a Friday, I am ill' for key sk-test-1234567890, "
        "phone +7 916 123-45-67, mail anna@example.org. Expected 'input_text'."
    )
    api.post("/responses").respond(400, json=body)
    with pytest.raises(ModelError) as caught:
        await model.complete(request_, timeout_seconds=5)
    shown = "".join(traceback.format_exception(caught.value))
    for secret in ("sk-test", "Friday", "916", "anna@", "haircut please"):
        assert secret not in shown
    assert "Expected 'input_text'." in caught.value.message
    assert caught.value.__context__ is None


def test_scrub_keeps_one_short_line_and_names():
    assert scrub("Model 'gpt-6-luna' at\n 'input[2].content'") == (
        "Model 'gpt-6-luna' at 'input[2].content'"
    )
    assert len(scrub("word " * 200)) == 300
    assert scrub("bad key hunter2", "hunter2") == "bad key [key]"
    assert scrub("bad key sk-proj-abc***xyz.") == "bad key [key]"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        (
            {
                "retry-after": "Tue, 03 Nov 2026 10:00:30 GMT",
                "date": "Tue, 03 Nov 2026 10:00:00 GMT",
            },
            30,
        ),
        ({"retry-after": "Tue, 03 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after_seconds(httpx.Headers(headers)) == seconds


async def test_an_attempt_that_trickles_on_is_bounded_as_a_whole():
    with pytest.raises(ModelError) as caught:
        async with attempt_bound(0.01):
            await asyncio.Event().wait()
    assert caught.value.kind is KIND.TIMEOUT


async def test_a_timeout_of_somebody_else_is_not_the_attempts():
    with pytest.raises(TimeoutError):
        async with attempt_bound(5):
            raise TimeoutError
