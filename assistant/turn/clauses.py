"""What the clause around a time says of it: that it can be had, or that it can't."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assistant.turn.claim_words.words import Words
from assistant.turn.wall_times import DATE, TIME

CLAUSE = re.compile(r" (?:[,;:()—]|but|aber|но|а|pero) ")
# Dates, times and what joins them: of what they are, nobody knows.
BARE = frozenset((DATE, TIME, *"at um в во a las am on el or oder или o and und и y .".split()))
_UNSURE = re.compile(r"\b(?:if|whether|check|ob|wenn|falls|prufe|schaue|si|если|ли)\b")


def told_absent(text: str, known: Sequence[Words]) -> list[bool]:
    """Return, for each time of a sentence, whether its clause says that it isn't to be had."""
    return _of_each_time(text, lambda clause: any(w.absent.search(clause) for w in known))


def told_free(text: str, known: Sequence[Words]) -> list[bool]:
    """Return, for each time of a sentence, whether its clause says that it can be had."""
    return _of_each_time(
        text,
        lambda clause: any(
            w.free.search(clause) and not (w.absent.search(clause) or _UNSURE.search(clause))
            for w in known
        ),
    )


def _of_each_time(text: str, said: Callable[[str], bool]) -> list[bool]:
    found: list[bool] = []
    lead = ""
    for clause in CLAUSE.split(text):
        words = clause.split()
        # "The next free time is Tuesday, 10:00": bare dates and times belong to what leads them.
        lead = f"{lead} , {clause}" if set(words) <= BARE else clause
        if TIME in words:
            found += [said(lead)] * words.count(TIME)
    return found
