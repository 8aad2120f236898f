"""A tool as the provider's two endpoints take it."""

from __future__ import annotations

from typing import Any

from assistant.model.port import ToolSpec


def responses_tool(tool: ToolSpec) -> dict[str, Any]:
    """Return a tool as the Responses endpoint takes it."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "strict": True,
    }


def chat_tool(tool: ToolSpec) -> dict[str, Any]:
    """Return a tool as the Chat Completions endpoint takes it."""
    function = responses_tool(tool)
    return {"type": function.pop("type"), "function": function}
