"""What the turn asks of a language model, in no provider's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class UserText:
    """What the customer's side said: the envelope of facts and the customer's words."""

    text: str


@dataclass(frozen=True, slots=True)
class AssistantText:
    """What the assistant said."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool.

    Args:
        call_id: the provider's id; pairs the call with its result.
        name: the tool's name as the model wrote it, known or not.
        arguments: raw JSON text, valid or not.
    """

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the tool answered, as the compact JSON the model reads."""

    call_id: str
    output: str


Item = UserText | AssistantText | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it; `parameters` is a schema inside OpenAI's strict subset."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call of the model.

    Args:
        instructions: the static part; byte-identical for every customer of a business and prompt
            version, so that the provider's prompt cache can serve it.
        items: history, the newest envelope, then this turn's calls and results, oldest first.
        tools: the offered tools in stable order.
        tools_allowed: False sends the tools (the cached prefix stays) but forbids calling them.
        cache_key: groups requests with one static part; at most 64 characters.
        safety_identifier: HMAC of the customer; at most 64 characters.
        max_output_tokens: upper bound for the answer.
    """

    instructions: str
    items: Sequence[Item]
    tools: Sequence[ToolSpec] = ()
    tools_allowed: bool = True
    cache_key: str | None = None
    safety_identifier: str | None = None
    max_output_tokens: int = 1024


class Finish(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    TOOL_CALLS = "tool_calls"
    LENGTH = "length"  # truncated at the token limit
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    EMPTY = "empty"  # neither text nor calls


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls; `cached_tokens` are part of `input_tokens`."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the provider's currency, and a minute of a voice message.

    Args:
        voice_minute: None = its tokens cost as much as the model's.
    """

    input_tokens: float
    cached_tokens: float
    output_tokens: float
    voice_minute: float | None = None

    def cost(self, usage: Usage) -> float:
        """Return what a call cost; cached tokens are part of the input and have their own price."""
        fresh = usage.input_tokens - usage.cached_tokens
        return (
            fresh * self.input_tokens
            + usage.cached_tokens * self.cached_tokens
            + usage.output_tokens * self.output_tokens
        ) / 1_000_000

    def of_voice(self, usage: Usage, seconds: float) -> float:
        """Return what it cost to hear a voice message of so many seconds."""
        if self.voice_minute is None:
            return self.cost(usage)
        return seconds / 60 * self.voice_minute


@dataclass(frozen=True, slots=True)
class ModelReply:
    """The model's answer. `calls` is empty unless `finish` is TOOL_CALLS."""

    text: str
    calls: tuple[ToolCall, ...]
    finish: Finish
    usage: Usage
    model: str


class ModelErrorKind(StrEnum):
    """What went wrong, by what can be done about it."""

    CONNECTION = "connection"  # retried
    TIMEOUT = "timeout"  # retried
    RATE_LIMIT = "rate_limit"  # retried after `retry_after`
    SERVER = "server"  # 408, 409, 5xx: retried
    PROTOCOL = "protocol"  # an HTML page, cut JSON, a stream that just ends: retried
    QUOTA = "quota"  # insufficient_quota: the circuit opens, admins are told
    AUTH = "auth"  # 401, 403, 404: the circuit opens, admins are told
    PAIRING = "pairing"  # 400 about tool calls without results: repair the history, once
    CONTEXT = "context"  # context too long: compact, once
    BAD_REQUEST = "bad_request"  # any other 400: a defect of ours
    CIRCUIT_OPEN = "circuit_open"  # not even tried: the guided flow serves the customer


#: `ModelError.code` where the provider doesn't know, or doesn't give this key, the model.
MODEL_NOT_FOUND = "model_not_found"

RETRIED = frozenset(
    {
        ModelErrorKind.CONNECTION,
        ModelErrorKind.TIMEOUT,
        ModelErrorKind.RATE_LIMIT,
        ModelErrorKind.SERVER,
        ModelErrorKind.PROTOCOL,
    }
)


class ModelError(Exception):
    """A model call failed.

    Args:
        kind: what can be done about it.
        message: the provider's words, without the request's text or the key.
        status: HTTP status, where there was one.
        code: the provider's machine-readable code, for instance `model_not_found`.
        retry_after: seconds the provider, or the open circuit, asks to wait.

    Attributes:
        used: what calls of the same turn had cost before this one failed.
    """

    def __init__(
        self,
        kind: ModelErrorKind,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.used = Usage()


TextSink = Callable[[str], None]


class Model(Protocol):
    """A language model that can call tools. Both adapters and the scripted models implement it."""

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Answer one request.

        Args:
            request: what to send.
            timeout_seconds: bound on this call, retries included.
            on_text: called with each piece of text as it streams in; asks for streaming.

        Raises:
            ModelError: the call failed after the retries its kind allows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a voice message, "" where nothing is; what hearing it cost, and who heard."""

    text: str
    usage: Usage = Usage()
    model: str = ""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How to reach the model.

    Args:
        api_key: secret; never logged.
        base_url: None = OpenAI's own.
        model, fallback_model: names; the fall-back is tried when the first is not found or keeps
            failing with `server` errors.
        api: which endpoint speaks.
        transcribe_model: for voice messages; None = they aren't transcribed.
        attempt_timeout_seconds: bound of one HTTP attempt.
        max_attempts: attempts of one call over both models.
        temperature: sent only when set.
        reasoning_effort: None = not sent. The models' own default (medium) costs seconds a reply,
            and its tokens count against `max_output_tokens`.
    """

    api_key: str = field(repr=False)
    base_url: str | None = None
    model: str = "gpt-6-luna"
    fallback_model: str | None = "gpt-5.6-luna"
    api: Literal["responses", "chat"] = "responses"
    transcribe_model: str | None = "gpt-transcribe"
    attempt_timeout_seconds: float = 20.0
    max_attempts: int = 3
    temperature: float | None = None
    reasoning_effort: str | None = "low"
