"""A scripted model behind the port, for tests that need no server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from assistant.model.port import (
    Finish,
    ModelError,
    ModelReply,
    ModelRequest,
    TextSink,
    ToolCall,
    Usage,
)

# Characters of a streamed piece: words are cut in awkward places.
_PIECE = 5

Step = ModelReply | ModelError | Callable[[ModelRequest], ModelReply]


def says(text: str, finish: Finish = Finish.STOP) -> ModelReply:
    """Return a reply with a text."""
    return ModelReply(text, (), finish, Usage(100, 0, 10), "scripted")


def calls(name: str, arguments: dict[str, Any] | str, *, call_id: str | None = None) -> ModelReply:
    """Return a reply that asks for one tool; `arguments` may be any text."""
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return calls_all((name, raw), call_id=call_id)


def calls_all(*wanted: tuple[str, str], call_id: str | None = None) -> ModelReply:
    """Return a reply that asks for several tools at once."""
    asked = tuple(
        ToolCall(call_id or f"call_{name}_{n}_{abs(hash(raw)) % 10**8}", name, raw)
        for n, (name, raw) in enumerate(wanted)
    )
    return ModelReply("", asked, Finish.TOOL_CALLS, Usage(100, 50, 20), "scripted")


class ScriptedModel:
    """Plays its steps in order and keeps the requests; running out is an error of the test."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.requests: list[ModelRequest] = []

    async def complete(
        self, request: ModelRequest, *, timeout_seconds: float, on_text: TextSink | None = None
    ) -> ModelReply:
        """Play the next step."""
        self.requests.append(request)
        if not self.steps:
            raise AssertionError("the script is over, but the model was called again")
        step = self.steps.pop(0)
        if isinstance(step, ModelError):
            raise step
        reply = step(request) if callable(step) else step
        if on_text is not None:
            for start in range(0, len(reply.text), _PIECE):
                on_text(reply.text[start : start + _PIECE])
        return reply
