"""The conversation as the model reads it: whole turns, and never a call without its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.model.port import AssistantText, Item, ToolCall, ToolResult, UserText
from assistant.prompts.render import as_data
from assistant.prompts.tokens import weigh
from db.repositories.conversations import ConversationMessage


def to_items(messages: Sequence[ConversationMessage]) -> list[Item]:
    """Return stored messages as the model port's items, oldest first, repaired."""
    items: list[Item] = []
    for message in messages:
        data = message.context_data or {}
        match message.message_type:
            case "user":
                items.append(UserText(as_data(message.message_text, single_line=False)))
            case "assistant":
                items.append(AssistantText(message.message_text))
            case "tool_call":
                items.append(
                    ToolCall(str(data.get("call_id", "")), message.message_text, data["arguments"])
                )
            case "tool_result":
                items.append(ToolResult(str(data.get("call_id", "")), message.message_text))
            case _:
                items.append(UserText(f"[{as_data(message.message_text)}]"))
    return repair(items)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a conversation goes to the model as it was said.

    Args:
        turns: at most.
        tokens: of all texts and arguments together, at most, as `prompts.tokens.weigh` counts.
    """

    turns: int
    tokens: int


def latest_turns(
    messages: Sequence[ConversationMessage], budget: Budget
) -> list[ConversationMessage]:
    """Return the turns that go to the model: all, or the latest of them where there are too many.

    The cut doesn't slide from turn to turn: it falls where half the budget is free again, and stays
    there until that is used up, so that the beginning of the history can be served from a cache.

    Args:
        messages: whole turns behind the last cut, oldest first.

    Returns:
        The latest whole turns. What was cut off is at the beginning of `messages`.
    """
    turns = [list(turn) for _, turn in groupby(messages, key=_turn_of)]
    sizes = [sum(map(_weight, turn)) for turn in turns]
    if len(turns) <= budget.turns and sum(sizes) <= budget.tokens:
        return list(messages)
    kept = 0
    tokens = 0
    for size in reversed(sizes):
        tokens += size
        # The newest turn is what the message answers: it may take all there is.
        most = budget.tokens // 2 if kept else budget.tokens
        if kept >= max(budget.turns // 2, min(budget.turns, 1)) or tokens > most:
            break
        kept += 1
    return [message for turn in turns[len(turns) - kept :] for message in turn]


def _weight(message: ConversationMessage) -> int:
    return weigh(message.message_text) + weigh(str(message.context_data or ""))


def _turn_of(message: ConversationMessage) -> tuple[str, int]:
    if message.turn_id is None:
        return "message", message.id
    return "turn", message.turn_id


def repair(items: Sequence[Item]) -> list[Item]:
    """Drop calls without a result and results without a call before them. Idempotent.

    One orphan makes the provider refuse every later request of the conversation.
    """
    kept: list[Item] = []
    open_calls: set[str] = set()
    seen: set[str] = set()
    for item in items:
        if isinstance(item, ToolCall):
            if item.call_id in seen or not item.call_id:
                continue
            open_calls.add(item.call_id)
            seen.add(item.call_id)
        elif isinstance(item, ToolResult):
            if item.call_id not in open_calls:
                continue
            open_calls.discard(item.call_id)
        kept.append(item)
    # What is open now has no result behind it.
    return [i for i in kept if not (isinstance(i, ToolCall) and i.call_id in open_calls)]
