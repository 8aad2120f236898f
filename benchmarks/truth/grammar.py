"""A small grammar of texts: alternatives in brackets, slots in braces.

`[a|b|]` is one of its alternatives, nested as deep as one likes; `{name}` is what the caller puts
there, a new one at each place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

_PARTS = re.compile(r"[\[\]|{}]|[^\[\]|{}]+")
_SPACES = re.compile(r"[^\S\n]{2,}")
_BEFORE_MARK = re.compile(r" (?=[,.!?;:)…])")

Fill = Callable[[str], str]
# A part of a template: words, a slot, or alternatives that are sequences of parts.
Part = str | tuple[str] | list["Sequence[Part]"]


class Act(StrEnum):
    """What a sentence does; in which world it is true is decided by `world.World`."""

    # Claims of something done or promised.
    BOOKED = "booked"
    BOOKED_BARE = "booked_bare"
    WILL_BOOK = "will_book"
    HAS = "has"
    MOVED = "moved"
    WILL_MOVE = "will_move"
    CANCELLED = "cancelled"
    WILL_CANCEL = "will_cancel"
    REMINDER = "reminder"
    HANDED_OFF = "handed_off"
    WAITING = "waiting"
    FREE = "free"
    FAILED_BOOKING = "failed_booking"
    # Honest in every world in which they are said.
    SMALL_TALK = "small_talk"
    ASK = "ask"
    OFFER = "offer"
    CONDITION = "condition"
    NOT_DONE = "not_done"
    TAKEN = "taken"
    POLICY = "policy"
    FACT = "fact"
    QUOTE = "quote"
    CANNOT = "cannot"


CLAIMS = frozenset(
    {
        *(Act.BOOKED, Act.BOOKED_BARE, Act.WILL_BOOK, Act.HAS, Act.MOVED, Act.WILL_MOVE),
        *(Act.CANCELLED, Act.WILL_CANCEL, Act.REMINDER, Act.HANDED_OFF, Act.WAITING, Act.FREE),
        Act.FAILED_BOOKING,
    }
)


@dataclass(frozen=True, slots=True)
class Language:
    """How one language says things.

    Args:
        code: ISO 639-1.
        acts: act -> templates, one a line.
        openings, closings: what a reply begins and ends with; one may be empty.
        said: what the customer may have written before.
        weekdays, weekdays_on, months: Monday and January first; "on Monday" as one says it.
        tomorrow: the word.
        dates, days_on, accusatives: forms of a date; slots `weekday`, `weekday_on`,
            `weekday_acc`, `day`, `month`, `number`, `tomorrow`.
        times, times_at: forms of a time; slots `h`, `hh`, `mm`, `h12`, `half`.
        when, on_when, for_when, acc_when: date and time in one; slots `date`, `on`, `accusative`,
            `time`, `at`.
        or_: joins a list.
        services, staff: names.
    """

    code: str
    acts: Mapping[Act, Sequence[str]]
    openings: Sequence[str]
    closings: Sequence[str]
    said: Sequence[str]
    weekdays: Sequence[str]
    weekdays_on: Sequence[str]
    months: Sequence[str]
    tomorrow: str
    dates: Sequence[str]
    days_on: Sequence[str]
    times: Sequence[str]
    times_at: Sequence[str]
    when: Sequence[str]
    on_when: Sequence[str]
    for_when: Sequence[str]
    or_: str
    services: Sequence[str]
    staff: Sequence[str]
    accusatives: Sequence[str] = ()
    acc_when: Sequence[str] = ()


def lines(text: str) -> tuple[str, ...]:
    """Return the templates of a block, one a line."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def say(template: str, fill: Fill, chance: random.Random) -> str:
    """Return one text of a template, its slots filled."""
    text = _expand(_parsed(template), fill, chance)
    return _BEFORE_MARK.sub("", _SPACES.sub(" ", text)).strip()


def _expand(parts: Sequence[Part], fill: Fill, chance: random.Random) -> str:
    out: list[str] = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, tuple):
            out.append(fill(part[0]))
        else:
            out.append(_expand(chance.choice(part), fill, chance))
    return "".join(out)


@cache
def _parsed(template: str) -> tuple[Part, ...]:
    tokens = _PARTS.findall(template)
    parts, rest = _sequence(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"a bracket is closed that was never opened: {template!r}")
    return tuple(parts)


def _sequence(tokens: list[str], at: int) -> tuple[list[Part], int]:
    parts: list[Part] = []
    while at < len(tokens) and tokens[at] not in ("|", "]"):
        if tokens[at] == "[":
            alternatives: list[Sequence[Part]] = []
            while tokens[at] != "]":
                alternative, at = _sequence(tokens, at + 1)
                alternatives.append(alternative)
            parts.append(alternatives)
        elif tokens[at] == "{":
            parts.append((tokens[at + 1],))
            at += 2
        else:
            parts.append(tokens[at])
        at += 1
    return parts, at
