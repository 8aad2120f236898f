"""How much of a text that is still being written may be shown.

A claim can't be judged before its sentence ends, and what comes behind a sentence can change what
it says. So only whole sentences are shown, and none from the first one on that claims something or
names a date or time: those wait for the end, when the whole text is checked.
"""

from __future__ import annotations

import re

from assistant.turn.events import TextSoFar, TurnSink
from assistant.turn.grounding import Backing, promises_nothing
from assistant.turn.recital import is_not_for_customers

# A sentence is over where the next one begins; a line, where it breaks.
_OVER = re.compile(r"[.!?…]+[)\"'»“*_]*\s+(?=\S)|\n+")


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
        if self._held_back:
            return
        ends = [found.end() for found in _OVER.finditer(self._text, self._shown)]
        if not ends:
            return
        # Sentence by sentence: those in front of the first that must wait are shown.
        may_show = self._shown
        for end in ends:
            beginning = self._text[:end]
            if not promises_nothing(beginning, self._backing) or is_not_for_customers(
                beginning, self._instructions
            ):
                self._held_back = True
                break
            may_show = end
        if may_show > self._shown:
            self._shown = may_show
            self._sink(TextSoFar(self._text[:may_show].rstrip()))
