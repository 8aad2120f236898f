"""Whether the model reads out to a customer what isn't for them: instructions, tools, results."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
# So many words in a row are no chance; so many of them in all are no answer about a rule either.
RUN = 8
_RECITED = 40
_DATA = "<business_data>"
# A result of a tool as it is, and a name such as create_appointment: no word of any language, but
# perhaps a part of an address.
_JSON = re.compile(r'[{,]\s*"\w+"\s*:')
_NAME = re.compile(r"(?<![\w@./-])[a-z]{2,}(?:_[a-z]+)+(?![\w@/-])")


def is_not_for_customers(text: str, instructions: str, *, at_least: int = _RECITED) -> bool:
    """Return whether a text reads out the instructions, or shows the tools or their results.

    Args:
        text: what the model wrote.
        instructions: the system prompt as sent; what stands in the business's data is public.
        at_least: as in `recites`.
    """
    public = instructions.rpartition(_DATA)[2] if _DATA in instructions else ""
    shown = _JSON.search(text) or any(name not in public for name in _NAME.findall(text))
    return bool(shown) or recites(text, instructions, at_least=at_least)


def recites(text: str, instructions: str, *, at_least: int = _RECITED) -> bool:
    """Return whether a text holds a good part of the instructions word for word.

    A rule of the business told in the prompt's own words is a fair answer, and what stands from
    the business's data on is public; neither counts. The instructions hold no secret: this keeps a
    customer from being sent a page of them, and is no proof against paraphrase.

    Args:
        text: what the model wrote.
        instructions: the system prompt as sent.
        at_least: so many words of it, in runs of `RUN`.
    """
    words = _WORD.findall(text.casefold())
    if len(words) < at_least:
        return False
    runs = _runs_of(instructions)
    taken = [False] * len(words)
    for start in range(len(words) - RUN + 1):
        if tuple(words[start : start + RUN]) in runs:
            taken[start : start + RUN] = [True] * RUN
    return sum(taken) >= at_least


@lru_cache(maxsize=8)
def _runs_of(instructions: str) -> frozenset[tuple[str, ...]]:
    rules = instructions.rpartition(_DATA)[0] or instructions
    words = _WORD.findall(rules.casefold())
    return frozenset(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
