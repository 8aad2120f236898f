"""Whether the model asks the same question once more: the customer's answer led nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.model.port import AssistantText, Item
from assistant.turn.answer import TurnAnswer

_WORD = re.compile(r"\w+")
_QUESTION = re.compile(r"\?[^\w?]*$")
# Share of words that two texts have in common from which on they ask the same.
_SAME = 0.7


def asks_again(answer: TurnAnswer, history: Sequence[Item]) -> bool:
    """Return whether an answer is a mere question that the model asked right before.

    Args:
        answer: the model's; where it used a tool, it got somewhere.
        history: of the turns before, oldest first.
    """
    if answer.outcome != "answered" or answer.items or len(answer.outgoing) != 1:
        return False
    text = answer.outgoing[0].text
    asked = next((i.text for i in reversed(history) if isinstance(i, AssistantText)), "")
    return bool(_QUESTION.search(text) and _QUESTION.search(asked) and _alike(text, asked))


def _alike(one: str, other: str) -> bool:
    first, second = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return len(first & second) >= _SAME * len(first | second)
