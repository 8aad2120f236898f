"""The model port over Chat Completions, which OpenAI-compatible servers speak too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from assistant.model.bodies import Manner, chat_body
from assistant.model.openai_client import (
    attempt_bound,
    checked_calls,
    clean,
    error_from_payload,
    post_events,
    post_json,
    protocol_error,
    token_count,
)
from assistant.model.port import (
    Finish,
    ModelReply,
    ModelRequest,
    TextSink,
    Usage,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_PATH = "/chat/completions"


class ChatCompletionsModel:
    """One model behind `POST /chat/completions`; every `complete` is one attempt.

    Args:
        client: built with `build_client`; shared, not closed here.
        model: the model's name. OpenAI's own get OpenAI's newer fields; any other name gets only
            what compatible servers know in common (`max_tokens`, no cache key, no identifier):
            several of them refuse unknown fields.
        reasoning_effort: sent to models that reason when no tools go along; None = not sent.
        temperature: None = not sent.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        model: str,
        reasoning_effort: str | None = None,
        temperature: float | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._manner = Manner(model, reasoning_effort, temperature)

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Answer one request in one attempt; see `Model.complete`."""
        body = chat_body(request, self._manner)
        async with attempt_bound(timeout_seconds):
            if on_text is None:
                payload = await post_json(
                    self._client, _PATH, body, timeout_seconds=timeout_seconds
                )
            else:
                payload = await self._stream(body, timeout_seconds, on_text)
        return parse_completion(payload, model=self._model)

    async def _stream(
        self, body: dict[str, Any], timeout_seconds: float, on_text: TextSink
    ) -> dict[str, Any]:
        gathered = _Gathered()
        asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
        events = post_events(self._client, _PATH, asked, timeout_seconds=timeout_seconds)
        async with aclosing(events):
            async for chunk in events:
                if piece := gathered.add(chunk):
                    on_text(clean(piece))
        return gathered.completion()


class _Gathered:
    """Puts the pieces of a streamed completion together."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[Any, dict[str, Any]] = {}
        self._finish: Any = None
        self._usage: Any = None
        self._model: Any = None

    def add(self, chunk: Mapping[str, Any]) -> str:
        """Take one chunk; return the text in it."""
        self._usage = chunk.get("usage") or self._usage
        self._model = chunk.get("model") or self._model
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return ""
        if isinstance(refusal := delta.get("refusal"), str):
            self._refusal.append(refusal)
        for call in delta.get("tool_calls") or ():
            self._add_call(call)
        piece = delta.get("content")
        if not isinstance(piece, str):
            return ""
        self._text.append(piece)
        return piece

    def _add_call(self, piece: Any) -> None:
        if not isinstance(piece, dict):
            raise protocol_error("a tool call that is not an object")
        # Without an index (some compatible servers) each piece is a whole call.
        index = piece.get("index")
        call = self._calls.setdefault(
            index if isinstance(index, int) else f"unnumbered {len(self._calls)}",
            {"id": None, "function": {"name": None, "arguments": ""}},
        )
        call["id"] = call["id"] or piece.get("id")
        function = piece.get("function")
        if isinstance(function, dict):
            call["function"]["name"] = call["function"]["name"] or function.get("name")
            if isinstance(arguments := function.get("arguments"), str):
                call["function"]["arguments"] += arguments

    def completion(self) -> dict[str, Any]:
        """The completion as an unstreamed answer would have had it.

        A stream that was cut has given no finish reason, which `parse_completion` refuses.
        """
        message = {
            "content": "".join(self._text),
            "refusal": "".join(self._refusal),
            "tool_calls": list(self._calls.values()),
        }
        return {
            "choices": [{"message": message, "finish_reason": self._finish}],
            "usage": self._usage,
            "model": self._model,
        }


def parse_completion(payload: Mapping[str, Any], *, model: str) -> ModelReply:
    """Read a chat completion, trusting nothing about its shape.

    Args:
        payload: the object as received, or gathered from a stream.
        model: the name to report where the answer names none.

    Raises:
        ModelError: an error inside a 200 answer by its code; PROTOCOL for anything that isn't a
            finished completion.
    """
    choices = payload.get("choices")
    if not isinstance(choices, list) or not choices:
        if isinstance(error := payload.get("error"), dict):
            raise error_from_payload(error)
        raise protocol_error("a completion without choices")
    choice = choices[0] if isinstance(choices[0], dict) else {}
    message = choice.get("message")
    reason = choice.get("finish_reason")
    if not isinstance(message, dict) or not isinstance(reason, str):
        raise protocol_error("a completion without message or finish reason")
    text = _text(message.get("content"))
    refusal = _text(message.get("refusal"))
    calls = _calls(message.get("tool_calls"))
    finish = _finish(reason, bool(calls), bool(refusal), bool(text.strip()))
    named = payload.get("model")
    usage = payload.get("usage")
    return ModelReply(
        text=clean(refusal if finish is Finish.REFUSAL else text),
        calls=checked_calls(calls) if finish is Finish.TOOL_CALLS else (),
        finish=finish,
        usage=Usage(
            input_tokens=token_count(usage, "prompt_tokens"),
            cached_tokens=token_count(usage, "prompt_tokens_details", "cached_tokens"),
            output_tokens=token_count(usage, "completion_tokens"),
        ),
        model=named if isinstance(named, str) and named else model,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _calls(raw: Any) -> list[tuple[Any, Any, Any]]:
    calls = []
    for call in raw if isinstance(raw, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise protocol_error("a tool call without a function")
        calls.append((call.get("id"), function.get("name"), function.get("arguments")))
    return calls


def _finish(reason: str, calls: bool, refused: bool, text: bool) -> Finish:
    # Calls of a cut or filtered answer are dropped: their arguments may be cut as well.
    if reason == "length":
        return Finish.LENGTH
    if reason == "content_filter":
        return Finish.CONTENT_FILTER
    if calls:  # some compatible servers say "stop" here
        return Finish.TOOL_CALLS
    if refused:
        return Finish.REFUSAL
    return Finish.STOP if text else Finish.EMPTY
