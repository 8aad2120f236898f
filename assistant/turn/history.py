"""The conversation as the model reads it: whole turns, and never a call without its result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from assistant.model.port import AssistantText, Item, ToolCall, ToolResult, UserText
from assistant.prompts.render import as_data
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


def whole_turns(
    messages: Sequence[ConversationMessage], *, max_characters: int
) -> list[ConversationMessage]:
    """Return the latest whole turns that fit a budget.

    Args:
        messages: whole turns, oldest first.
        max_characters: budget for all texts and arguments together.
    """
    turns = [list(turn) for _, turn in groupby(messages, key=_turn_of)]
    kept: list[list[ConversationMessage]] = []
    left = max_characters
    for turn in reversed(turns):
        left -= sum(len(m.message_text) + len(str(m.context_data or "")) for m in turn)
        if left < 0:
            break
        kept.append(turn)
    return [message for turn in reversed(kept) for message in turn]


def _turn_of(message: ConversationMessage) -> tuple[str, int]:
    if message.turn_id is None:
        return "message", message.id
    return "turn", message.turn_id


def repair(items: Sequence[Item]) -> list[Item]:
    """Drop calls without a result and results without a call before them. Idempotent.

    One orphan makes the provider refuse every later request of the conversation.
    """
    answered = {item.call_id for item in items if isinstance(item, ToolResult)}
    kept: list[Item] = []
    open_calls: set[str] = set()
    seen: set[str] = set()
    for item in items:
        if isinstance(item, ToolCall):
            if item.call_id not in answered or item.call_id in seen or not item.call_id:
                continue
            open_calls.add(item.call_id)
            seen.add(item.call_id)
        elif isinstance(item, ToolResult):
            if item.call_id not in open_calls:
                continue
            open_calls.discard(item.call_id)
        kept.append(item)
    # A result may stand before its call only in a broken history; its call is open now, too.
    return [i for i in kept if not (isinstance(i, ToolCall) and i.call_id in open_calls)]
