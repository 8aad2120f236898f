"""The JSON of a request, as both endpoints take it.

The adapters send exactly this, and `assistant prompts preview` shows exactly this. It imports no
SDK: a preview must work at once and without a key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.model.model_names import is_openai, needs_effort_none_with_tools, reasons
from assistant.model.port import (
    AssistantText,
    Item,
    ModelRequest,
    ModelSettings,
    ToolCall,
    ToolResult,
    UserText,
)
from assistant.model.tool_json import chat_tool, responses_tool

_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class Manner:
    """What goes into a request besides what is asked.

    Args:
        model: its name.
        reasoning_effort, temperature: None = not sent.
    """

    model: str
    reasoning_effort: str | None = None
    temperature: float | None = None


def body_of(request: ModelRequest, settings: ModelSettings) -> dict[str, Any]:
    """Return the JSON that a request is sent as, by the endpoint that the settings name."""
    manner = Manner(settings.model, settings.reasoning_effort, settings.temperature)
    build = responses_body if settings.api == "responses" else chat_body
    return build(request, manner)


def responses_body(request: ModelRequest, manner: Manner) -> dict[str, Any]:
    """Return what is sent to `POST /responses`."""
    body: dict[str, Any] = {
        "model": manner.model,
        "instructions": request.instructions,
        "input": input_items(request.items),
        "max_output_tokens": request.max_output_tokens,
        "store": False,
    }
    if request.tools:
        body["tools"] = [responses_tool(tool) for tool in request.tools]
        body["tool_choice"] = "auto" if request.tools_allowed else "none"
        # Strict arguments aren't guaranteed in parallel calls.
        body["parallel_tool_calls"] = False
    if request.cache_key is not None:
        body["prompt_cache_key"] = request.cache_key
    if request.safety_identifier is not None:
        body["safety_identifier"] = request.safety_identifier
    if manner.reasoning_effort is not None and reasons(manner.model):
        body["reasoning"] = {"effort": manner.reasoning_effort}
    if manner.temperature is not None:
        body["temperature"] = manner.temperature
    return body


def input_items(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Write the history as input items.

    Reasoning items and item ids are left out on purpose. A `function_call` is only refused for
    missing its reasoning item when it carries the provider's item id; by `call_id` alone it stands
    on its own, and the history stays free of a provider's state.

    Args:
        items: oldest first.
    """
    return [_input_item(item) for item in items]


def _input_item(item: Item) -> dict[str, Any]:
    match item:
        case UserText(text):
            return {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": text}],
            }
        case AssistantText(text):
            # As a string: a list of `output_text` parts is only specified together with the id
            # and status of a stored output item.
            return {"type": "message", "role": "assistant", "content": text}
        case ToolCall(call_id, name, arguments):
            return {
                "type": "function_call",
                "call_id": call_id,
                "name": callable_name(name),
                "arguments": arguments,
            }
        case ToolResult(call_id, output):
            return {"type": "function_call_output", "call_id": call_id, "output": output}


def chat_body(request: ModelRequest, manner: Manner) -> dict[str, Any]:
    """Return what is sent to `POST /chat/completions`."""
    body: dict[str, Any] = {
        "model": manner.model,
        "messages": [
            {"role": "system", "content": request.instructions},
            *messages(request.items),
        ],
    }
    if request.tools:
        body["tools"] = [chat_tool(tool) for tool in request.tools]
        body["tool_choice"] = "auto" if request.tools_allowed else "none"
        # Strict arguments aren't guaranteed in parallel calls.
        body["parallel_tool_calls"] = False
    if is_openai(manner.model):
        body |= _openai_fields(request, manner)
    else:
        body["max_tokens"] = request.max_output_tokens
    if manner.temperature is not None:
        body["temperature"] = manner.temperature
    return body


def _openai_fields(request: ModelRequest, manner: Manner) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "max_completion_tokens": request.max_output_tokens,
        "store": False,
    }
    if request.cache_key is not None:
        fields["prompt_cache_key"] = request.cache_key
    if request.safety_identifier is not None:
        fields["safety_identifier"] = request.safety_identifier
    if request.tools:
        if needs_effort_none_with_tools(manner.model):
            fields["reasoning_effort"] = "none"
    elif manner.reasoning_effort is not None and reasons(manner.model):
        fields["reasoning_effort"] = manner.reasoning_effort
    return fields


def messages(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Write the history as chat messages.

    Calls that follow each other, and the text right before them, make one assistant message: every
    tool message must answer a call of the nearest assistant message before it.

    Args:
        items: oldest first.
    """
    written: list[dict[str, Any]] = []
    for item in items:
        match item:
            case UserText(text):
                written.append({"role": "user", "content": text})
            case AssistantText(text):
                written.append({"role": "assistant", "content": text})
            case ToolResult(call_id, output):
                written.append({"role": "tool", "tool_call_id": call_id, "content": output})
            case ToolCall(call_id, name, arguments):
                if not written or written[-1]["role"] != "assistant":
                    written.append({"role": "assistant", "content": None})
                written[-1].setdefault("tool_calls", []).append(
                    {
                        "id": call_id,
                        "type": "function",
                        "function": {"name": callable_name(name), "arguments": arguments},
                    }
                )
    return written


def callable_name(name: str) -> str:
    """A tool's name as a request may hold it.

    A model can call a tool by a name that isn't one; sent back as it stands in the history, it
    would be refused in every later request.
    """
    return _NOT_IN_A_NAME.sub("_", name)[:64] or "_"
