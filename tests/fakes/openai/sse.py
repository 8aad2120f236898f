"""Server-sent events of both model endpoints, in the order the original sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .answers import Failed, Output
from .errors import JsonObject
from .render import Frame, chat_ending, envelope, failed_body, has_more, response_body

#: Characters in one delta: small, so that words and JSON are cut in awkward places.
DELTA_CHARS = 7


def _pieces(text: str) -> list[str]:
    return [text[start : start + DELTA_CHARS] for start in range(0, len(text), DELTA_CHARS)]


def _data(payload: JsonObject) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


class _Numbered:
    """Builds Responses events with their running `sequence_number`."""

    def __init__(self) -> None:
        self.next = 0

    def event(self, kind: str, **fields: Any) -> bytes:
        payload = {"type": kind, "sequence_number": self.next, **fields}
        self.next += 1
        return f"event: {kind}\n".encode() + _data(payload)


def response_events(frame: Frame, output: Output | Failed) -> Iterator[bytes]:
    """Events of a streamed response, the finishing one last."""
    numbered = _Numbered()
    begun = envelope(frame, status="in_progress", output=[])
    yield numbered.event("response.created", response=begun)
    yield numbered.event("response.in_progress", response=begun)
    if isinstance(output, Failed):
        yield numbered.event("response.failed", response=failed_body(frame, output))
        return
    body = response_body(frame, output)
    items: Any = body["output"]
    for position, item in enumerate(items):
        yield from _item_events(numbered, position, item)
    yield numbered.event(f"response.{body['status']}", response=body)


def _item_events(numbered: _Numbered, position: int, item: dict[str, Any]) -> Iterator[bytes]:
    at = {"item_id": item["id"], "output_index": position}
    blank: JsonObject = {"content": []} if item["type"] == "message" else {"arguments": ""}
    started = item | {"status": "in_progress"} | blank
    yield numbered.event("response.output_item.added", output_index=position, item=started)
    if item["type"] == "function_call":
        for piece in _pieces(item["arguments"]):
            yield numbered.event("response.function_call_arguments.delta", **at, delta=piece)
        # Arguments that were cut by the output limit are never announced as done.
        if item["status"] == "completed":
            yield numbered.event(
                "response.function_call_arguments.done",
                **at,
                name=item["name"],
                arguments=item["arguments"],
            )
    else:
        for index, part in enumerate(item["content"]):
            yield from _part_events(numbered, at | {"content_index": index}, part)
    yield numbered.event("response.output_item.done", output_index=position, item=item)


def _part_events(numbered: _Numbered, at: JsonObject, part: dict[str, Any]) -> Iterator[bytes]:
    kind = part["type"]
    field = "text" if kind == "output_text" else "refusal"
    extra: JsonObject = {"logprobs": []} if kind == "output_text" else {}
    yield numbered.event("response.content_part.added", **at, part=part | {field: ""})
    for piece in _pieces(part[field]):
        yield numbered.event(f"response.{kind}.delta", **at, delta=piece, **extra)
    yield numbered.event(f"response.{kind}.done", **at, **{field: part[field]}, **extra)
    yield numbered.event("response.content_part.done", **at, part=part)


def chat_events(frame: Frame, output: Output) -> Iterator[bytes]:
    """Events of a streamed chat completion, `[DONE]` last."""
    options: Any = frame.request.get("stream_options") or {}
    with_usage = bool(options.get("include_usage"))

    def chunk(delta: JsonObject | None, ending: str | None = None, usage: Any = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": ending}
        payload: JsonObject = {
            "id": f"chatcmpl-{frame.tag}",
            "object": "chat.completion.chunk",
            "created": frame.created,
            "model": frame.request["model"],
            "service_tier": "default",
            "system_fingerprint": None,
            "choices": [] if delta is None else [choice],
        }
        if with_usage:
            payload["usage"] = usage
        return _data(payload)

    content = None if output.text is None and has_more(output) else ""
    yield chunk({"role": "assistant", "content": content, "refusal": None})
    for piece in _pieces(output.text or ""):
        yield chunk({"content": piece})
    for piece in _pieces(output.refusal or ""):
        yield chunk({"refusal": piece})
    for index, call in enumerate(output.calls):
        opening = {
            "index": index,
            "id": call.call_id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield chunk({"tool_calls": [opening]})
        for piece in _pieces(call.arguments_text()):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, chat_ending(output))
    if with_usage:
        yield chunk(None, usage=frame.usage.chat_shape())
    yield b"data: [DONE]\n\n"
