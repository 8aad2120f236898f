"""What a turn may cost, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.messages import Outgoing
from assistant.model.port import Item, Usage

# The stamp of a turn that called a person of the business.
HANDED_OFF = "handed_off"


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """Caps of one turn.

    Args:
        model_calls: calls of the model; the last one has tools off.
        writes: write tools carried out.
        seconds: wall time of the turn.
        max_output_tokens: of one model call.
        tokens: of the turn, input and output together; then one last call with tools off.
    """

    model_calls: int = 6
    writes: int = 2
    seconds: float = 45.0
    max_output_tokens: int = 1024
    tokens: int = 60_000


@dataclass(slots=True)
class TurnAnswer:
    """What a turn came to.

    Args:
        outgoing: what is sent.
        items: the turn's tool calls and results, for the conversation.
        outcome: one word for the turn's stamp.
        usage, model_calls, model: what it cost.
    """

    outgoing: list[Outgoing] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    outcome: str = "answered"
    usage: Usage = field(default_factory=Usage)
    model_calls: int = 0
    model: str | None = None
