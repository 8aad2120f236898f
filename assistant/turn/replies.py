"""A model reply as the journal keeps it, so that a replayed turn doesn't ask the model again."""

from __future__ import annotations

from typing import Any

from assistant.model.port import Finish, ModelReply, ToolCall, Usage


def to_step(reply: ModelReply) -> dict[str, Any]:
    """Return a reply as JSON."""
    return {
        "text": reply.text,
        "calls": [[call.call_id, call.name, call.arguments] for call in reply.calls],
        "finish": reply.finish.value,
        "usage": [
            reply.usage.input_tokens,
            reply.usage.cached_tokens,
            reply.usage.output_tokens,
        ],
        "model": reply.model,
    }


def from_step(step: dict[str, Any]) -> ModelReply:
    """Return a reply from the journal."""
    return ModelReply(
        text=step["text"],
        calls=tuple(ToolCall(*call) for call in step["calls"]),
        finish=Finish(step["finish"]),
        usage=Usage(*step["usage"]),
        model=step["model"],
    )
