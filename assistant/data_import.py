"""Reads the lines of an import, and names the line and the column of each mistake."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from assistant.csv_files import Line, read_csv
from booking.business import Business, Resource, Service
from booking.localtime import to_local, zone
from booking.money import to_minor
from booking.refusals import Refusal, RefusalCode
from booking.starts import resolve_start
from booking.status import AppointmentStatus
from db.repositories.imports import AppointmentLine, CustomerLine, Problem, with_facts

T = TypeVar("T")
_S = AppointmentStatus

CUSTOMER_COLUMNS = (
    "key",
    "telegram_id",
    "username",
    "first_name",
    "last_name",
    "phone",
    "email",
    "language",
    "zone",
)
# The columns after `notes` are told by an export and passed over by an import.
APPOINTMENT_COLUMNS = (
    "key",
    "customer_key",
    "customer_telegram_id",
    "service",
    "start",
    "end",
    "staff",
    "status",
    "price",
    "currency",
    "seats",
    "notes",
    "number",
    "customer_name",
    "local_time",
    "version",
)
_MAX_CELL = 500
_IMPORTED = (_S.CONFIRMED, _S.COMPLETED, _S.NO_SHOW, _S.CANCELLED, _S.DECLINED, _S.EXPIRED)
_OVER_ONLY = (_S.COMPLETED, _S.NO_SHOW)
_PATTERNS = {
    "username": (re.compile(r"@?\w{1,64}"), "letters, digits and _"),
    "phone": (re.compile(r"\+?[0-9 ()/.-]{5,30}"), "digits with an optional + before them"),
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an address with an @"),
    "language": (re.compile(r"[a-z]{2}"), "two small letters, such as en"),
}


class _MistakeError(Exception):
    """A cell can't be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_customers(data: bytes) -> tuple[list[CustomerLine], list[Problem]]:
    """Read a file of customers.

    Raises:
        CsvError: the file as a whole can't be read.
    """
    lines = read_csv(data, required=(), known=CUSTOMER_COLUMNS)
    return _each(lines, _customer, once=("key", "telegram_id"))


def read_appointments(
    data: bytes, business: Business, now: dt.datetime
) -> tuple[list[AppointmentLine], list[Problem]]:
    """Read a file of appointments.

    Args:
        business: its services and staff are named by slug or name; its zone is that of a start
            without an offset.
        now: instant.

    Raises:
        CsvError: the file as a whole can't be read.
    """
    required = ("key", "service", "start")
    lines = read_csv(data, required=required, known=APPOINTMENT_COLUMNS)
    return _each(lines, lambda line: _appointment(line, business, now), once=("key",))


def _each(
    lines: list[Line], read: Callable[[Line], T], *, once: tuple[str, ...]
) -> tuple[list[T], list[Problem]]:
    """Read each line that is not a repeat of another one in one of the columns `once`."""
    good: list[T] = []
    problems = [problem for column in once for problem in _twice(lines, column)]
    repeats = {problem.line for problem in problems}
    for line in lines:
        if line.number in repeats:
            continue
        try:
            good.append(read(line))
        except _MistakeError as mistake:
            problems.append(Problem(line.number, mistake.column, str(mistake)))
    return good, problems


def _twice(lines: list[Line], column: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for line in lines:
        value = line.get(column)
        if value is not None and first.setdefault(value, line.number) != line.number:
            message = f"{value!r} is in line {first[value]} too"
            problems.append(Problem(line.number, column, message))
    return problems


def _customer(line: Line) -> CustomerLine:
    key, telegram_id = _text(line, "key"), _telegram_id(line, "telegram_id")
    if key is None and telegram_id is None:
        raise _MistakeError("key", "give a key or a telegram_id")
    fields = {}
    for column in CUSTOMER_COLUMNS[2:]:
        value = _text(line, column)
        if value is None:
            continue
        pattern, allowed = _PATTERNS.get(column, (None, ""))
        if pattern is not None and not pattern.fullmatch(value):
            raise _MistakeError(column, f"{value!r} can't be used: {allowed}")
        if column == "zone":
            _zone(value)
        fields[column] = value.removeprefix("@") if column == "username" else value
    return CustomerLine(line.number, key, telegram_id, fields)


def _zone(name: str) -> None:
    try:
        zone(name)
    except ValueError as error:
        raise _MistakeError("zone", str(error)) from None


def _text(line: Line, column: str) -> str | None:
    value = line.get(column)
    if value is not None and len(value) > _MAX_CELL:
        raise _MistakeError(column, f"{len(value)} characters; at most {_MAX_CELL} are kept")
    return value


def _needed(line: Line, column: str) -> str:
    value = _text(line, column)
    if value is None:
        raise _MistakeError(column, "is empty")
    return value


def _telegram_id(line: Line, column: str) -> int | None:
    value = line.get(column)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", value) or int(value) == 0:
        raise _MistakeError(column, f"{value!r} is no Telegram id: a number of up to 18 digits")
    return int(value)


def _appointment(line: Line, business: Business, now: dt.datetime) -> AppointmentLine:
    key = _needed(line, "key")
    customer_key = _text(line, "customer_key")
    telegram_id = _telegram_id(line, "customer_telegram_id")
    if customer_key is None and telegram_id is None:
        raise _MistakeError("customer_key", "give a customer_key or a customer_telegram_id")
    start = _instant(_needed(line, "start"), "start", business)
    known = AppointmentLine(
        line=line.number,
        external_id=key,
        customer_external_id=customer_key,
        customer_telegram_id=telegram_id,
        service=_service(_needed(line, "service"), business),
        starts_at=start,
    )
    try:
        return _with_facts(known, line, business, now)
    except _MistakeError as mistake:
        return replace(known, doubt=Problem(line.number, mistake.column, str(mistake)))


def _with_facts(
    known: AppointmentLine, line: Line, business: Business, now: dt.datetime
) -> AppointmentLine:
    """Read what is needed to book it, or to write it as history."""
    start = known.starts_at
    service = with_facts(known.service, _minutes(line, start, business), _price(line))
    status = _status(line, start, now)
    ends_at = start + dt.timedelta(minutes=service.duration_minutes)
    if status is _S.CONFIRMED and start <= now < ends_at:
        raise _MistakeError("start", "is going on right now; import it when it's over")
    if status is _S.CONFIRMED and start > now and not service.active:
        raise _MistakeError("service", f"{service.slug} isn't offered any more")
    return replace(
        known,
        service=service,
        staff_id=_staff(line, service, business, history=start <= now),
        status=status,
        notes=_text(line, "notes"),
        seats=_seats(line),
    )


def _seats(line: Line) -> int:
    value = line.get("seats")
    if value is None:
        return 1
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) == 0:
        raise _MistakeError("seats", f"{value!r} is no number of seats: 1 or more")
    return int(value)


def _instant(value: str, column: str, business: Business) -> dt.datetime:
    """Read an instant with its offset, or a wall time of the business's zone."""
    try:
        read = dt.datetime.fromisoformat(value)
    except ValueError:
        read = None
    if read is None or len(value) < len("2026-12-01 10:00"):
        raise _MistakeError(
            column, f"{value!r} is no time: write 2026-12-01 10:00 or 2026-12-01T10:00+01:00"
        )
    if read.second or read.microsecond or not 1900 <= read.year <= 9000:
        raise _MistakeError(column, f"{value!r}: whole minutes of the years 1900 to 9000")
    if read.tzinfo is not None:
        return read.astimezone(dt.UTC)
    found = resolve_start(business, read.date(), read.time())
    if isinstance(found, Refusal):
        local = [to_local(each, business.zone).isoformat() for each in found.candidates]
        doubt = "comes twice" if found.code is RefusalCode.AMBIGUOUS_LOCAL_TIME else "doesn't exist"
        raise _MistakeError(
            column, f"{value!r} {doubt} in {business.zone}; write it as {' or '.join(local)}"
        )
    return found


def _minutes(line: Line, start: dt.datetime, business: Business) -> int | None:
    value = line.get("end")
    if value is None:
        return None
    seconds = (_instant(value, "end", business) - start).total_seconds()
    if not 60 <= seconds <= 24 * 60 * 60:
        raise _MistakeError("end", f"{value!r} isn't after the start, by at most 24 hours")
    return int(seconds) // 60


def _named(word: str, slug: str, names: tuple[str, ...]) -> bool:
    return word.casefold() in (slug.casefold(), *(name.casefold() for name in names))


def _service(word: str, business: Business) -> Service:
    for service in business.services:
        if _named(word, service.slug, tuple(service.name.by_language.values())):
            return service
    slugs = ", ".join(service.slug for service in business.services if service.active)
    raise _MistakeError("service", f"there is no service {word!r}; there are: {slugs}")


def _staff(line: Line, service: Service, business: Business, *, history: bool) -> int | None:
    word = line.get("staff")
    if word is None:
        return None
    ids = {each for kind in service.resource_ids.values() for each in kind}
    choices: list[Resource] = [r for r in business.resources if history or r.id in ids]
    staff = [member for member in choices if member.kind == "staff"]
    for member in staff:
        if _named(word, member.slug, tuple(member.name.by_language.values())):
            return member.id
    slugs = ", ".join(member.slug for member in staff if member.active)
    raise _MistakeError("staff", f"nobody {word!r} gives {service.slug}; there are: {slugs}")


def _status(line: Line, start: dt.datetime, now: dt.datetime) -> AppointmentStatus:
    word = line.get("status")
    if word is None:
        return _S.CONFIRMED if start > now else _S.COMPLETED
    allowed = [s.value for s in _IMPORTED if start <= now or s not in _OVER_ONLY]
    if word.lower() not in allowed:
        when = "to come" if start > now else "over"
        raise _MistakeError(
            "status", f"{word!r} can't be imported for what is {when}: {', '.join(allowed)}"
        )
    return _S(word.lower())


def _price(line: Line) -> tuple[int, str] | None:
    amount, currency = line.get("price"), line.get("currency")
    if amount is None and currency is None:
        return None
    if amount is None or currency is None:
        raise _MistakeError("price" if amount is None else "currency", "is empty")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise _MistakeError("currency", f"{currency!r} is no currency: three capitals, such as EUR")
    try:
        minor = to_minor(Decimal(amount), currency)
    except (InvalidOperation, ValueError, OverflowError):
        minor = -1
    if not 0 <= minor < 10**15:
        raise _MistakeError("price", f"{amount!r} is no price in {currency}, such as 35.00")
    return minor, currency
