"""What a script can let the fake model answer: small frozen values, endpoint-neutral."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Text:
    """A plain answer."""

    text: str


@dataclass(frozen=True)
class Call:
    """One function call.

    Args:
        name: the function; a name that isn't offered is sent all the same.
        arguments: an object, or raw JSON text, which may be invalid on purpose.
        call_id: the pairing id; made up by the server when None.
    """

    name: str
    arguments: Mapping[str, object] | str = field(default_factory=dict)
    call_id: str | None = None

    def arguments_text(self) -> str:
        """The arguments as they go over the wire."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Calls:
    """Several function calls in one answer."""

    calls: tuple[Call, ...]


@dataclass(frozen=True)
class TextAndCall:
    """Text beside one or more function calls."""

    text: str
    calls: Call | tuple[Call, ...]


@dataclass(frozen=True)
class Refusal:
    """The model declines, in the refusal part or field."""

    text: str = "I'm sorry, but I can't help with that."


@dataclass(frozen=True)
class Truncated:
    """The answer hit the output limit; the last call's arguments may stop in the middle."""

    text: str = ""
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Empty:
    """A successful answer that holds nothing."""


@dataclass(frozen=True)
class ContentFilter:
    """The answer was cut by the content filter."""

    text: str = ""


@dataclass(frozen=True)
class Failed:
    """Responses: HTTP 200 whose body says `failed`. Chat Completions: HTTP 500."""

    code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"] = "server_error"
    message: str = "The model had an error while processing your request."


@dataclass(frozen=True)
class HttpError:
    """An HTTP error.

    Args:
        status: HTTP status.
        code: `error.code` of the body.
        retry_after: value of `Retry-After` in seconds, or None for no such header.
        body: replaces OpenAI's JSON body: an object is sent as JSON, a string as plain text.
    """

    status: int
    code: str | None = None
    retry_after: float | None = None
    body: Mapping[str, object] | str | None = None


@dataclass(frozen=True)
class RateLimited:
    """429 `rate_limit_exceeded`, with `Retry-After` in seconds unless None."""

    retry_after: float | None = 1.0


@dataclass(frozen=True)
class QuotaExhausted:
    """429 `insufficient_quota`: no retry helps."""


@dataclass(frozen=True)
class HtmlPage:
    """What a proxy in between answers: HTML where JSON was expected."""

    status: int = 200


@dataclass(frozen=True)
class DropConnection:
    """The connection breaks before the answer, or in the middle of its body."""

    when: Literal["before", "mid"] = "before"


@dataclass(frozen=True)
class CutStream:
    """The answer ends early but tidily.

    Streaming: the stream just ends, with no finish reason. Otherwise: a complete HTTP answer whose
    JSON is cut in half.
    """

    text: str = "Let me have a look at the"


Plain: TypeAlias = (
    Text
    | Call
    | Calls
    | TextAndCall
    | Refusal
    | Truncated
    | Empty
    | ContentFilter
    | Failed
    | HttpError
    | RateLimited
    | QuotaExhausted
    | HtmlPage
    | DropConnection
    | CutStream
)


@dataclass(frozen=True)
class Slow:
    """An answer that keeps the caller waiting first, for some seconds."""

    seconds: float
    then: Plain


Answer: TypeAlias = Plain | Slow


@dataclass(frozen=True)
class Output:
    """What an answer that is a model's output holds, in one shape for both endpoints.

    Args:
        text: the message, or None for no message at all.
        refusal: the refusal, or None.
        calls: function calls, their ids filled in.
        ending: why the model stopped.
    """

    text: str | None
    refusal: str | None
    calls: tuple[Call, ...]
    ending: Literal["stop", "length", "filter"]

    def bytes_out(self) -> str:
        """All that was generated, for counting tokens."""
        parts = [self.text or "", self.refusal or ""]
        parts += [call.name + call.arguments_text() for call in self.calls]
        return "".join(parts)


def output_of(answer: Plain) -> Output | None:
    """The model output an answer stands for, or None for faults of the transport."""
    match answer:
        case Text(text):
            return Output(text, None, (), "stop")
        case Call():
            return Output(None, None, (answer,), "stop")
        case Calls(calls):
            return Output(None, None, calls, "stop")
        case TextAndCall(text, calls):
            return Output(text, None, calls if isinstance(calls, tuple) else (calls,), "stop")
        case Refusal(text):
            return Output(None, text, (), "stop")
        case Truncated(text, calls):
            return Output(text or None, None, calls, "length")
        case Empty():
            return Output(None, None, (), "stop")
        case ContentFilter(text):
            return Output(text or None, None, (), "filter")
        case _:
            return None
