"""The model port over OpenAI's Responses API: stateless, with our own history."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from assistant.model.bodies import Manner, responses_body
from assistant.model.openai_client import (
    attempt_bound,
    checked_calls,
    clean,
    drain,
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

_PATH = "/responses"
_TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})
# Failures that say "this conversation may not be answered", not "the service is down".
_FILTER_CODES = frozenset({"invalid_prompt", "bio_policy", "misalignment_policy_violation"})


class ResponsesModel:
    """One model behind `POST /responses`; every `complete` is one attempt.

    Args:
        client: built with `build_client`; shared, not closed here.
        model: the model's name.
        reasoning_effort: sent to models that reason; None = their own default.
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
        body = responses_body(request, self._manner)
        async with attempt_bound(timeout_seconds):
            if on_text is None:
                payload = await post_json(
                    self._client, _PATH, body, timeout_seconds=timeout_seconds
                )
            else:
                payload = await self._stream(body, timeout_seconds, on_text)
        return parse_response(payload, model=self._model)

    async def _stream(
        self, body: dict[str, Any], timeout_seconds: float, on_text: TextSink
    ) -> dict[str, Any]:
        items: list[Any] = []
        events = post_events(
            self._client, _PATH, {**body, "stream": True}, timeout_seconds=timeout_seconds
        )
        async with aclosing(events):
            async for event in events:
                kind = event.get("type")
                if kind == "response.output_text.delta":
                    if isinstance(piece := event.get("delta"), str) and piece:
                        on_text(clean(piece))
                elif kind == "response.output_item.done":
                    items.append(event.get("item"))
                elif kind == "error":
                    raise error_from_payload(event, api_key=self._client.api_key)
                elif kind in _TERMINAL and isinstance(response := event.get("response"), dict):
                    await drain(events)
                    # Some compatible servers leave the last event's output empty.
                    return response if response.get("output") else {**response, "output": items}
        raise protocol_error("the stream ended before the response did")


def parse_response(payload: Mapping[str, Any], *, model: str) -> ModelReply:
    """Read a Response object, trusting nothing about its shape.

    Args:
        payload: the object as received.
        model: the name to report where the answer names none.

    Raises:
        ModelError: a failed response by its code; PROTOCOL for anything that isn't a finished one.
    """
    status = payload.get("status")
    error = payload.get("error")
    if isinstance(error, dict) and (status == "failed" or status is None):
        if error.get("code") in _FILTER_CODES:
            return ModelReply("", (), Finish.CONTENT_FILTER, _usage(payload), model)
        raise error_from_payload(error)
    output = payload.get("output")
    if status not in {"completed", "incomplete"} or not isinstance(output, list):
        raise protocol_error("not a finished response")
    texts, refusals, calls = _read_output(output)
    finish = _finish(payload, bool(calls), bool(refusals), any(text.strip() for text in texts))
    named = payload.get("model")
    return ModelReply(
        text=clean("\n\n".join(refusals if finish is Finish.REFUSAL else texts)),
        calls=checked_calls(calls) if finish is Finish.TOOL_CALLS else (),
        finish=finish,
        usage=_usage(payload),
        model=named if isinstance(named, str) and named else model,
    )


def _read_output(
    output: list[Any],
) -> tuple[list[str], list[str], list[tuple[Any, Any, Any]]]:
    messages: list[tuple[bool, str]] = []
    refusals: list[str] = []
    calls: list[tuple[Any, Any, Any]] = []
    for item in output:
        if not isinstance(item, dict):
            raise protocol_error("an output item that is not an object")
        if item.get("type") == "function_call":
            calls.append((item.get("call_id"), item.get("name"), item.get("arguments")))
        elif item.get("type") == "message":
            content = item.get("content")
            parts = content if isinstance(content, list) else []
            text = _joined(parts, "output_text", "text")
            if text:
                messages.append((item.get("phase") == "commentary", text))
            if refusal := _joined(parts, "refusal", "refusal"):
                refusals.append(refusal)
    answers = [text for commentary, text in messages if not commentary]
    return answers or [text for _, text in messages], refusals, calls


def _joined(parts: list[Any], kind: str, key: str) -> str:
    return "".join(
        part[key]
        for part in parts
        if isinstance(part, dict) and part.get("type") == kind and isinstance(part.get(key), str)
    )


def _finish(payload: Mapping[str, Any], calls: bool, refused: bool, text: bool) -> Finish:
    if payload.get("status") == "incomplete":
        details = payload.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        # Calls of a cut answer are dropped: their arguments may be cut as well.
        return Finish.CONTENT_FILTER if reason == "content_filter" else Finish.LENGTH
    if calls:
        return Finish.TOOL_CALLS
    if refused:
        return Finish.REFUSAL
    return Finish.STOP if text else Finish.EMPTY


def _usage(payload: Mapping[str, Any]) -> Usage:
    usage = payload.get("usage")
    return Usage(
        input_tokens=token_count(usage, "input_tokens"),
        cached_tokens=token_count(usage, "input_tokens_details", "cached_tokens"),
        output_tokens=token_count(usage, "output_tokens"),
    )
