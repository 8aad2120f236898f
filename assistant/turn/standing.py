"""The customer's appointments as what the model says of them is held against."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from assistant.turn.plain_text import normalised
from assistant.turn.wall_times import SaidDate, SaidTime
from booking.appointment import Appointment
from booking.localtime import to_local

_ROW_NUMBER = re.compile(r"\b(?:number|no|nr|номер|nummer|numero) (\d+)\b")
_STILL = re.compile(
    r"\b(?:still|unchanged|noch|weiterhin|unverandert|в силе|по-прежнему|всё ещё|sigue|siguen)\b"
)
# "Anna", "Анне": so much of a short name stays in all its cases.
_STEM_LETTERS = 3


class Standing(NamedTuple):
    """An appointment with its wall times in its own zone."""

    appointment: Appointment
    start: dt.datetime
    end: dt.datetime


def standing(appointments: Iterable[Appointment]) -> list[Standing]:
    """Return appointments with their wall times."""
    return [
        Standing(row, to_local(row.starts_at, row.zone), to_local(row.ends_at, row.zone))
        for row in appointments
    ]


def named_in(text: str, rows: Sequence[Standing]) -> Sequence[Standing]:
    """Return the rows that normalised text speaks of: those whose service it names, else all."""
    return [row for row in rows if _names(row.appointment.service_name, text)] or rows


def means_one(
    text: str,
    rows: Sequence[Standing],
    said: Iterable[tuple[SaidTime, SaidDate | None]],
) -> bool:
    """Return whether words without a date or time can only mean a row that stands.

    They name its number, or both what is done and who does it, or say that it *still* stands; and
    the customer hasn't asked for another time.

    Args:
        text: normalised.
        said: the times of the customer's own message with their dates.
    """
    for time, date in said:
        if not any(
            row.start.time() in time.readings
            and (date is None or date.fits(row.start.date(), None))
            for row in rows
        ):
            return False
    if numbers := _ROW_NUMBER.findall(text):
        return {int(number) for number in numbers} <= {row.appointment.id for row in rows}
    return bool(_STILL.search(text)) or any(
        _names(row.appointment.service_name, text) and _names(row.appointment.staff_name, text)
        for row in rows
    )


def _names(names: Mapping[str, str] | None, text: str) -> bool:
    """Return whether a name is in a text; its last letters are left to the language's cases."""
    words = [normalised(name).strip() for name in (names or {}).values()]
    stems = [word[: max(_STEM_LETTERS, len(word) - 1)] for word in words if word]
    return any(re.search(rf"(?<!\w){re.escape(stem)}", text) for stem in stems)
