"""The OpenAI client: how it is built, how it is called cheaply, and what its errors mean.

Importing this module imports `openai` (half a second); `assistant.model.factory` does so only when
a model is wanted.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import Any

import openai

from assistant.model.port import (
    MODEL_NOT_FOUND,
    ModelError,
    ModelErrorKind,
    ModelSettings,
    ToolCall,
)

OPENAI_BASE_URL = "https://api.openai.com/v1"

_CONNECT_TIMEOUT_SECONDS = 5.0
_DRAIN_SECONDS = 0.2
_MAX_MESSAGE = 300

_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_CONTEXT_CODE = "context_length_exceeded"
_AUTH_CODES = frozenset({"invalid_api_key", "authentication_error", "permission_error"})
_REQUEST_CODES = frozenset({"invalid_request_error", "invalid_prompt", "data_residency_mismatch"})
_PAIRING = re.compile(
    r"no tool output found for"
    r"|no tool call found for"
    r"|must be followed by tool messages"
    r"|must be a response to a prec\w+ message with 'tool_calls'"
    r"|'tool_call_id' of .* not found"
    r"|duplicate function call|duplicate 'id' in 'tool_calls'",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r"maximum context length|context window|context length", re.IGNORECASE)
_UNKNOWN_MODEL = re.compile(r"model\b.*(not found|does not exist)", re.IGNORECASE | re.DOTALL)
_SECRET = re.compile(r"\b(?:sk|pk|sess)-[\w*.-]{4,}")
_QUOTED = re.compile(r"(['\"`])(.*?)\1", re.DOTALL)
_IDENTIFIER = re.compile(r"[\w.\[\]/:-]{0,64}", re.ASCII)
_PHONE = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_EMAIL = re.compile(r"\S+@\S+")


def build_client(settings: ModelSettings, *, http_client: Any = None) -> openai.AsyncOpenAI:
    """Build the SDK's client without its own retries.

    Args:
        settings: key, base URL, time limits.
        http_client: an `httpx2.AsyncClient` (or a legacy `httpx.AsyncClient`) to use instead of
            the SDK's own.

    Raises:
        ValueError: there is no key.
    """
    if not settings.api_key:
        raise ValueError("the model needs an API key")
    return openai.AsyncOpenAI(
        api_key=settings.api_key,
        base_url=settings.base_url or OPENAI_BASE_URL,
        timeout=_timeouts(settings.attempt_timeout_seconds),
        # The SDK's retries know nothing of the turn's deadline and multiply with ours.
        max_retries=0,
        http_client=http_client,
    )


async def post_json(
    client: openai.AsyncOpenAI, path: str, body: Mapping[str, Any], *, timeout_seconds: float
) -> dict[str, Any]:
    """Post once and return the JSON object; the caller bounds the whole with `attempt_bound`.

    The low-level `post` keeps the SDK's authentication and errors; the typed `create()` spends most
    of a booking's CPU on validating a long history.

    Args:
        client: from `build_client`.
        path: below the base URL, with a leading slash.
        body: the request as JSON values.
        timeout_seconds: for connecting and for each read.

    Raises:
        ModelError: any failure, an answer that isn't a JSON object included.
    """
    try:
        raw = await client.post(path, cast_to=bytes, body=body, options=_options(timeout_seconds))
        return _checked(json.loads(raw))
    except (openai.OpenAIError, ValueError, RecursionError) as exc:
        failure = model_error(exc, api_key=client.api_key)
    # Raised out here so that no traceback carries the SDK's error, which holds the request.
    raise failure


async def post_events(
    client: openai.AsyncOpenAI, path: str, body: Mapping[str, Any], *, timeout_seconds: float
) -> AsyncGenerator[dict[str, Any], None]:
    """Post once with `stream` in the body and yield the server-sent events' JSON objects.

    The caller bounds the whole stream with `attempt_bound`; the timeout here is per read.

    Args:
        client: from `build_client`.
        path: below the base URL, with a leading slash.
        body: the request as JSON values.
        timeout_seconds: for connecting and for each read.

    Raises:
        ModelError: any failure. A stream that is cut may also just end: the caller has to know
            which event is the last.
    """
    try:
        stream = await client.post(
            path,
            cast_to=object,
            body=body,
            options=_options(timeout_seconds),
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
        async with stream:
            async for event in stream:
                yield _checked(event)
        return
    except (openai.OpenAIError, ValueError, RecursionError) as exc:
        failure = model_error(exc, api_key=client.api_key)
    raise failure


async def drain(events: AsyncIterator[dict[str, Any]]) -> None:
    """Read what follows the last event of interest, briefly: the connection can be used again."""
    with suppress(ModelError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in events:
                pass


@asynccontextmanager
async def attempt_bound(seconds: float) -> AsyncIterator[None]:
    """Bound an attempt as a whole: HTTP timeouts count per read, and a slow stream has many.

    Args:
        seconds: from now.

    Raises:
        ModelError: TIMEOUT, once the time is over.
    """
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            yield
        return
    except TimeoutError:
        if not bound.expired():
            raise
    raise ModelError(ModelErrorKind.TIMEOUT, f"no complete answer within {seconds:.1f} s")


def model_error(exc: Exception, *, api_key: str = "") -> ModelError:
    """Translate what the SDK raised.

    Args:
        exc: an `OpenAIError`, or the `ValueError`/`RecursionError` of an unreadable answer.
        api_key: removed from the message wherever it stands.
    """
    if isinstance(exc, openai.APIStatusError):
        headers = exc.response.headers
        body = exc.body if isinstance(exc.body, Mapping) else None
        return error_from_payload(
            body or {},
            status=exc.status_code,
            retry_after=retry_after_seconds(headers),
            api_key=api_key,
        )
    if isinstance(exc, openai.APITimeoutError):
        return ModelError(ModelErrorKind.TIMEOUT, "no answer in time")
    if isinstance(exc, openai.APIConnectionError):
        return ModelError(ModelErrorKind.CONNECTION, f"connection failed: {_cause(exc)}")
    if isinstance(exc, openai.APIError) and isinstance(exc.body, Mapping):
        return error_from_payload(exc.body, api_key=api_key)
    if isinstance(exc, UnicodeEncodeError):
        return ModelError(ModelErrorKind.BAD_REQUEST, "the request holds half a character")
    return ModelError(ModelErrorKind.PROTOCOL, f"unreadable answer ({type(exc).__name__})")


def error_from_payload(
    error: Mapping[str, Any],
    *,
    status: int | None = None,
    retry_after: float | None = None,
    api_key: str = "",
) -> ModelError:
    """Translate an error object of OpenAI's: `{"message", "type", "param", "code"}`.

    Args:
        error: as the provider sent it; may be empty.
        status: HTTP status; None where the error came inside a 200 answer or a stream.
        retry_after: seconds, from the headers.
        api_key: removed from the message wherever it stands.
    """
    code = error.get("code")
    if status is None and str(code).isdigit() and 400 <= int(str(code)) <= 599:
        status = int(str(code))  # some gateways put the upstream's status there
    labels = {value for value in (code, error.get("type")) if isinstance(value, str)}
    message = error.get("message")
    words = message if isinstance(message, str) else ""
    if status == 404 and _UNKNOWN_MODEL.search(words):
        labels.add(MODEL_NOT_FOUND)
    named = MODEL_NOT_FOUND if MODEL_NOT_FOUND in labels else code
    return ModelError(
        _kind(status, labels, words),
        scrub(words, api_key) or (f"HTTP {status}" if status else "the provider reported an error"),
        status=status,
        code=named if isinstance(named, str) else None,
        retry_after=retry_after,
    )


def _kind(status: int | None, labels: set[str], message: str) -> ModelErrorKind:
    if status == 402 or labels & _QUOTA_CODES:
        return ModelErrorKind.QUOTA
    if MODEL_NOT_FOUND in labels:
        return ModelErrorKind.AUTH
    if status in {None, 400, 413, 422}:
        if _PAIRING.search(message):
            return ModelErrorKind.PAIRING
        if status == 413 or _CONTEXT_CODE in labels or _CONTEXT.search(message):
            return ModelErrorKind.CONTEXT
    if status is None:
        if "rate_limit_exceeded" in labels:
            return ModelErrorKind.RATE_LIMIT
        if labels & _AUTH_CODES:
            return ModelErrorKind.AUTH
        return ModelErrorKind.BAD_REQUEST if labels & _REQUEST_CODES else ModelErrorKind.SERVER
    if status in {401, 403, 404}:
        return ModelErrorKind.AUTH
    if status == 429:
        return ModelErrorKind.RATE_LIMIT
    if status in {408, 409} or status >= 500:
        return ModelErrorKind.SERVER
    return ModelErrorKind.BAD_REQUEST if status >= 400 else ModelErrorKind.PROTOCOL


def scrub(message: str, api_key: str = "") -> str:
    """Shorten a provider's message and take out keys and anything that may be a customer's words.

    Providers quote the offending value. Quoted names of fields and models stay; other quoted text,
    phone numbers and addresses don't.

    Args:
        message: as received.
        api_key: the key in use, whatever it looks like.

    Returns:
        One line of at most 300 characters.
    """
    if api_key:
        message = message.replace(api_key, "[key]")
    message = _SECRET.sub("[key]", message)
    message = _QUOTED.sub(
        lambda found: found[0] if _IDENTIFIER.fullmatch(found[2]) else f"{found[1]}…{found[1]}",
        message,
    )
    message = _EMAIL.sub("…", _PHONE.sub("…", message))
    message = " ".join(message.split())
    return message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 1] + "…"


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the provider asks to wait.

    Args:
        headers: response headers, case-insensitive. `Retry-After` is seconds or an HTTP date
            (RFC 9110, 10.2.3), measured against the answer's own `Date`; OpenAI also sends
            `retry-after-ms`.

    Returns:
        Seconds, never negative; None where nothing readable is asked.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        with suppress(KeyError, ValueError):
            seconds = float(headers[name]) * unit
            if math.isfinite(seconds):
                return max(0.0, seconds)
    with suppress(KeyError, ValueError, TypeError):
        until = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (until - parsedate_to_datetime(headers["date"])).total_seconds())
    return None


def protocol_error(what: str) -> ModelError:
    """An answer that breaks the API's contract; `what` never quotes the answer."""
    return ModelError(ModelErrorKind.PROTOCOL, what)


def checked_calls(raw: list[tuple[Any, Any, Any]]) -> tuple[ToolCall, ...]:
    """Turn (call id, name, arguments) as received into calls that can be answered.

    Args:
        raw: values of any type, in the model's order. Arguments may be JSON text or, from some
            compatible servers, an object.

    Raises:
        ModelError: PROTOCOL, where a call has no id or name or two share an id: its result could
            not be paired, and would poison every later request of that customer.
    """
    calls = []
    for call_id, name, arguments in raw:
        if not (isinstance(call_id, str) and call_id and isinstance(name, str) and name):
            raise protocol_error("a tool call without id or name")
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, ensure_ascii=False)
        arguments = clean(arguments) if isinstance(arguments, str) else ""
        calls.append(ToolCall(clean(call_id), clean(name), arguments))
    if len({call.call_id for call in calls}) != len(calls):
        raise protocol_error("two tool calls with the same id")
    return tuple(calls)


def clean(text: str) -> str:
    """Replace what can neither be stored in PostgreSQL nor sent again: half characters and NUL.

    JSON may hold both as escapes (RFC 8259, 8.2), and models do write them.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "�")


def token_count(usage: Any, *path: str) -> int:
    """The number at `path` in a usage object of any shape; 0 where there is none."""
    for key in path:
        usage = usage.get(key) if isinstance(usage, Mapping) else None
    return usage if isinstance(usage, int) and usage > 0 else 0


def _checked(payload: object) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise protocol_error("the answer is not a JSON object")
    return payload


def _options(timeout_seconds: float) -> openai.RequestOptions:
    return {"timeout": _timeouts(timeout_seconds), "security": {"bearer_auth": True}}


def _timeouts(seconds: float) -> openai.Timeout:
    # A host that doesn't even accept is worth giving up on early: a retry may reach another one.
    return openai.Timeout(seconds, connect=min(seconds, _CONNECT_TIMEOUT_SECONDS))


def _cause(exc: BaseException) -> str:
    return type(exc.__cause__ or exc).__name__
