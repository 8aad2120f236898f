"""How much of a text that is still being written may be shown.

A claim can't be judged before its sentence ends, and what comes behind a sentence can change what
it says. So only whole sentences are shown, and none from the first one on that claims something or
names a date or time or a failure, or reads out a line of the instructions: those wait for the end,
when the whole text is checked.
"""

from __future__ import annotations

import re

from assistant.turn.events import TextSoFar, TurnSink
from assistant.turn.grounding import Backing, promises_nothing
from assistant.turn.recital import RUN, is_not_for_customers

# A sentence is over where the next one begins; a line, where it breaks.
_OVER = re.compile(r"[.!?…]+[)\"'»“*_]*\s+(?=\S)|\n+")

_ITEM = re.compile(r"(?:[-*•·▪◦>#]|\d{1,2}[.)])\s")


class OpenText:
    """Takes one model call's text piece by piece and passes on what may be shown of it.

    Args:
        backing: what is so while this text is written.
        instructions: the system prompt as sent; nobody is read it.
        sink: told the text so far whenever there is more of it to show.
    """

    def __init__(self, backing: Backing, instructions: str, sink: TurnSink) -> None:
        self._backing = backing
        self._instructions = instructions
        self._sink = sink
        self._text = ""
        self._shown = 0
        self._held_back = False

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self._text += piece
        if self._held_back:  # for good: what stands behind it waits for the end as well
            return
        # Sentence by sentence: those in front of the first that must wait are shown.
        may_show = self._shown
        for found in _OVER.finditer(self._text, self._shown):
            beginning = self._text[: found.end()]
            if not self._is_harmless(beginning):
                self._held_back = True
                break
            if not self._may_go_on(found):
                may_show = found.end()
        if may_show > self._shown:
            self._shown = may_show
            self._sink(TextSoFar(self._text[:may_show].rstrip()))

    def _is_harmless(self, beginning: str) -> bool:
        return promises_nothing(beginning, self._backing) and not is_not_for_customers(
            beginning, self._instructions, at_least=RUN
        )

    def _may_go_on(self, end: re.Match[str]) -> bool:
        """Return whether the line that ends here may be the first half of a sentence.

        "You are", on a line of its own, waits for the next one; before an item of a list a line
        is whole.
        """
        before, behind = self._text[: end.start()].rstrip(), self._text[end.end() :].lstrip()
        if end.group().strip() or before[-1:] in ".!?…:;":
            return False
        return not _ITEM.match(behind)
