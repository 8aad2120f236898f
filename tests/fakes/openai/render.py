"""Answer bodies of both model endpoints, in the shapes of the installed SDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .answers import Failed, Output
from .errors import JsonObject
from .usage import Usage

_CHAT_ENDINGS = {"stop": "stop", "length": "length", "filter": "content_filter"}
_INCOMPLETE = {"length": "max_output_tokens", "filter": "content_filter"}


@dataclass(frozen=True)
class Frame:
    """What an answer's envelope needs beside the model's output.

    Args:
        request: the request's body, parts of which are echoed.
        tag: what ids are made from, unique to this answer.
        created: seconds since the epoch.
        usage: token counts.
    """

    request: JsonObject
    tag: str
    created: int
    usage: Usage


def output_items(output: Output, tag: str) -> list[JsonObject]:
    """The Responses endpoint's `output` list."""
    done = "completed" if output.ending == "stop" else "incomplete"
    items: list[JsonObject] = []
    content: list[JsonObject] = []
    if output.text is not None:
        content.append(
            {"type": "output_text", "text": output.text, "annotations": [], "logprobs": []}
        )
    if output.refusal is not None:
        content.append({"type": "refusal", "refusal": output.refusal})
    if content:
        items.append(
            {
                "id": f"msg_{tag}",
                "type": "message",
                "role": "assistant",
                "status": done if not output.calls else "completed",
                "content": content,
            }
        )
    last = len(output.calls) - 1
    for position, call in enumerate(output.calls):
        items.append(
            {
                "id": f"fc_{tag}{position}",
                "type": "function_call",
                "status": done if position == last else "completed",
                "call_id": call.call_id,
                "name": call.name,
                "arguments": call.arguments_text(),
            }
        )
    return items


def response_body(frame: Frame, output: Output) -> JsonObject:
    """A finished `response` object: completed, or incomplete with its reason."""
    reason = _INCOMPLETE.get(output.ending)
    return envelope(
        frame,
        status="incomplete" if reason else "completed",
        output=output_items(output, frame.tag),
        incomplete_details={"reason": reason} if reason else None,
        usage=frame.usage.responses_shape(),
    )


def failed_body(frame: Frame, answer: Failed) -> JsonObject:
    """A `response` object that failed on the server's side."""
    error = {"code": answer.code, "message": answer.message}
    return envelope(frame, status="failed", output=[], error=error)


def envelope(frame: Frame, *, status: str, output: list[JsonObject], **more: Any) -> JsonObject:
    """A `response` object around an output list."""
    asked = frame.request
    tools: Any = asked.get("tools") or []
    reasoning: Any = asked.get("reasoning") or {}
    return {
        "id": f"resp_{frame.tag}",
        "object": "response",
        "created_at": frame.created,
        "status": status,
        "background": False,
        "completed_at": frame.created if status == "completed" else None,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.get("instructions"),
        "max_output_tokens": asked.get("max_output_tokens"),
        "max_tool_calls": None,
        "metadata": asked.get("metadata") or {},
        "model": asked["model"],
        "output": output,
        "parallel_tool_calls": asked.get("parallel_tool_calls") is not False,
        "previous_response_id": None,
        "prompt_cache_key": asked.get("prompt_cache_key"),
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "safety_identifier": asked.get("safety_identifier"),
        "service_tier": "default",
        "store": asked.get("store") is not False,
        "temperature": asked.get("temperature", 1.0),
        "text": asked.get("text") or {"format": {"type": "text"}},
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": [{"strict": True, "parameters": None, **tool} for tool in tools],
        "top_p": asked.get("top_p", 1.0),
        "truncation": asked.get("truncation") or "disabled",
        "usage": None,
        "user": asked.get("user"),
    } | more


def chat_ending(output: Output) -> str:
    """The `finish_reason` of an output."""
    if output.ending == "stop" and output.calls:
        return "tool_calls"
    return _CHAT_ENDINGS[output.ending]


def chat_body(frame: Frame, output: Output) -> JsonObject:
    """A finished `chat.completion` object."""
    message: JsonObject = {
        "role": "assistant",
        "content": output.text if output.text is not None or has_more(output) else "",
        "refusal": output.refusal,
        "annotations": [],
    }
    if output.calls:
        message["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_text()},
            }
            for call in output.calls
        ]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": chat_ending(output),
    }
    return {
        "id": f"chatcmpl-{frame.tag}",
        "object": "chat.completion",
        "created": frame.created,
        "model": frame.request["model"],
        "choices": [choice],
        "usage": frame.usage.chat_shape(),
        "service_tier": "default",
        "system_fingerprint": None,
    }


def has_more(output: Output) -> bool:
    """Whether something other than text was produced: then `content` is null, not empty."""
    return bool(output.calls) or output.refusal is not None
