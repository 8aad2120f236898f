"""What a button carries: a verb and its values as a short ASCII string, 64 bytes at most.

An action says all that it means (`d:12:0:20261124:0`), so a button works after a restart and from
an old message. It comes back from the chat as untrusted input: what can't be read is None.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What a press asks for; the value is what stands in the action."""

    MENU = "menu"
    BOOK = "svc"
    PRICES = "prices"
    HELP = "help"
    MINE = "my"
    CHOOSE_MOVE = "mv"
    CHOOSE_CANCEL = "cn"
    SERVICE = "s"
    SEATS = "q"
    STAFF = "w"
    DAYS = "p"
    DAY = "d"
    TIME = "t"
    THEN = "on"
    YES = "y"
    NO = "n"
    OTHER = "o"
    MOVE = "m"
    MOVE_DAYS = "mp"
    MOVE_DAY = "md"
    MOVE_TIME = "mt"
    CANCEL = "c"
    APPROVE = "ok"
    DECLINE = "no"
    TAKE = "wy"
    TAKE_MOVING = "wm"
    PASS = "wn"
    BOT = "bot"
    GIVE_BACK = "gb"
    ACKNOWLEDGE = "ack"
    UNANSWERED = "un"
    STOP_BROADCASTS = "nn"
    TAKE_BROADCASTS = "ny"
    CALENDAR = "ics"
    MAP = "map"
    MY_DATA = "data"
    FORGET = "fg"
    FORGET_YES = "fgy"
    WAIT = "wt"
    WAIT_MOVING = "wp"
    WAIT_EARLIER = "we"
    UNWAIT = "wx"
    # The owner's day.
    AGENDA = "ag"
    ENTRY = "ae"
    CALL_OFF = "ac"
    CALL_OFF_YES = "ay"
    CAME = "ax"
    MISSED = "am"
    OFF = "fo"
    OFF_WHO = "fw"
    OFF_DAY = "fd"
    OFF_YES = "fy"
    OFF_END = "fe"


@dataclass(frozen=True, slots=True)
class Press:
    """A press as read. Only the fields of its verb (`_SHAPES`) are set.

    Args:
        service, staff, appointment: database ids; staff 0 = anyone.
        version: of the draft (YES, NO, OTHER) or of the appointment (MOVE, CANCEL, TAKE, PASS,
            TAKE_MOVING, ACKNOWLEDGE, CALL_OFF_YES, CAME, MISSED).
        moving, moving_version: with TAKE_MOVING, the appointment that is moved.
        date: business-local date: the day, or the first day of a page.
        time: wall time, with THEN, WAIT and WAIT_MOVING; None = the date alone.
        page: which part of a day's times, from 0.
        seats: how many places are wanted.
        handle: of an offered time (`booking.handles`).
        hand_off, block, entry: database ids.
        since, until: instants in epoch seconds, half-open.
        digest: of what was shown above the button, so that a yes to it is one to nothing else.
    """

    verb: Verb
    service: int = 0
    staff: int = 0
    appointment: int = 0
    version: int = 0
    moving: int = 0
    moving_version: int = 0
    date: dt.date = dt.date.min
    time: dt.time | None = None
    page: int = 0
    seats: int = 1
    handle: str = ""
    hand_off: int = 0
    block: int = 0
    entry: int = 0
    since: int = 0
    until: int = 0
    digest: int = 0

    def encode(self) -> str:
        """Return the action string; `read` turns it back."""
        parts = [self.verb.value]
        more = ("seats",) if self.verb in _SEATED and self.seats > 1 else ()
        for name in (*_SHAPES[self.verb], *more):
            value = getattr(self, name)
            if isinstance(value, dt.date):
                text = f"{value.year:04d}{value.month:02d}{value.day:02d}"
            elif isinstance(value, dt.time):
                text = f"{value:%H%M}"
            else:
                text = "" if value is None else str(value)
            parts.append(text)
        return ":".join(parts)


_SHAPES: Mapping[Verb, tuple[str, ...]] = {
    Verb.MENU: (),
    Verb.BOOK: (),
    Verb.PRICES: (),
    Verb.HELP: (),
    Verb.MINE: (),
    Verb.CHOOSE_MOVE: (),
    Verb.CHOOSE_CANCEL: (),
    Verb.SERVICE: ("service",),
    Verb.SEATS: ("service", "seats"),
    Verb.STAFF: ("service", "staff"),
    Verb.DAYS: ("service", "staff", "date"),
    Verb.DAY: ("service", "staff", "date", "page"),
    Verb.TIME: ("handle",),
    Verb.THEN: ("date", "time"),
    Verb.YES: ("version",),
    Verb.NO: ("version",),
    Verb.OTHER: ("version",),
    Verb.MOVE: ("appointment", "version"),
    Verb.MOVE_DAYS: ("appointment", "staff", "date"),
    Verb.MOVE_DAY: ("appointment", "staff", "date", "page"),
    Verb.MOVE_TIME: ("appointment", "handle"),
    Verb.CANCEL: ("appointment", "version"),
    Verb.APPROVE: ("appointment",),
    Verb.DECLINE: ("appointment",),
    Verb.TAKE: ("appointment", "version"),
    Verb.TAKE_MOVING: ("appointment", "version", "moving", "moving_version"),
    Verb.PASS: ("appointment", "version"),
    Verb.BOT: (),
    Verb.GIVE_BACK: ("hand_off",),
    Verb.ACKNOWLEDGE: ("appointment", "version"),
    Verb.UNANSWERED: (),
    Verb.STOP_BROADCASTS: (),
    Verb.TAKE_BROADCASTS: (),
    Verb.CALENDAR: ("appointment",),
    Verb.MAP: (),
    Verb.MY_DATA: (),
    Verb.FORGET: (),
    Verb.FORGET_YES: (),
    Verb.WAIT: ("service", "staff", "date", "time"),
    Verb.WAIT_MOVING: ("appointment", "staff", "date", "time"),
    Verb.WAIT_EARLIER: ("appointment", "staff"),
    Verb.UNWAIT: ("entry",),
    Verb.AGENDA: ("date",),
    Verb.ENTRY: ("appointment",),
    Verb.CALL_OFF: ("appointment",),
    Verb.CALL_OFF_YES: ("appointment", "version"),
    Verb.CAME: ("appointment", "version"),
    Verb.MISSED: ("appointment", "version"),
    Verb.OFF: (),
    Verb.OFF_WHO: ("date",),
    Verb.OFF_DAY: ("staff", "date"),
    Verb.OFF_YES: ("staff", "since", "until", "digest"),
    Verb.OFF_END: ("block",),
}
# What may be chosen for several people carries their number at its end; one needs no saying.
_SEATED = frozenset((Verb.DAYS, Verb.DAY, Verb.WAIT))
_VERBS = {verb.value: verb for verb in Verb}
# 18 digits always fit the database's bigint.
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_TIME = re.compile(r"([0-9]{2})([0-9]{2})", re.ASCII)
# More places than a button ever offers; it keeps made-up numbers out of the database's integers.
MOST_SEATS = 9999
# The year 5138; two of them leave room in a button's 64 bytes.
LAST_SECOND = 10**11 - 1
_HANDLE = re.compile(r"[a-z0-9.]{1,50}", re.ASCII)
_Value = int | str | dt.date | dt.time | None


def read(action: str) -> Press | None:
    """Return what an action means; None where it isn't one of ours.

    Args:
        action: as it came from the chat: any length, any characters.
    """
    word, *parts = action.split(":")
    verb = _VERBS.get(word)
    if verb is None:
        return None
    shape = _SHAPES[verb]
    if verb in _SEATED and len(parts) == len(shape) + 1:
        shape = (*shape, "seats")
    if len(parts) != len(shape):
        return None
    values: dict[str, _Value] = {}
    for name, part in zip(shape, parts, strict=True):
        try:
            values[name] = _value(name, part)
        except ValueError:
            return None
    return Press(verb, **values)  # type: ignore[arg-type] # _value gives each field its own type


def _value(name: str, part: str) -> _Value:
    """Return a field's value.

    Raises:
        ValueError: it isn't one.
    """
    if name == "handle":
        return _match(_HANDLE, part)[0]
    if name == "date":
        year, month, day = _match(_DATE, part).groups()
        return dt.date(int(year), int(month), int(day))
    if name == "time":
        if not part:
            return None
        hour, minute = _match(_TIME, part).groups()
        return dt.time(int(hour), int(minute))
    number = int(_match(_NUMBER, part)[0])
    if name == "seats" and not 1 <= number <= MOST_SEATS:
        raise ValueError(part)
    if name in ("since", "until") and number > LAST_SECOND:
        raise ValueError(part)
    return number


def _match(pattern: re.Pattern[str], part: str) -> re.Match[str]:
    match = pattern.fullmatch(part)
    if match is None:
        raise ValueError(part)
    return match
