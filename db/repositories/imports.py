"""Customers and appointments from elsewhere: all lines of a file or none, and a repeat is safe.

What is to come is booked as the owner books: what is taken stays taken, the customers' rules don't
bind. What is over becomes history: a row that occupies nothing. Nobody is written to.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import Business, Service
from booking.refusals import Refusal
from booking.status import AppointmentStatus
from db.models import AppointmentRow, CustomerRow
from db.repositories import commands, rows
from db.repositories.desk import Desk
from db.repositories.locks import change_business

_S = AppointmentStatus
_EVENTS = {
    _S.CONFIRMED: Change.BOOKED,
    _S.COMPLETED: Change.COMPLETED,
    _S.NO_SHOW: Change.NO_SHOW,
    _S.CANCELLED: Change.CANCELLED,
    _S.DECLINED: Change.DECLINED,
    _S.EXPIRED: Change.EXPIRED,
}
ACTOR = "owner"


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a file.

    Args:
        line: as an editor counts them, the header being line 1.
        column: its name in the header.
        message: what is wrong and what is allowed.
    """

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer to import: known by `external_id`, by `telegram_id`, or both.

    Args:
        fields: columns of `customers` by name; what isn't among them is left as it is.
    """

    line: int
    external_id: str | None
    telegram_id: int | None
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """An appointment to import.

    Args:
        external_id: its key; the same key again is the same appointment.
        customer_external_id, customer_telegram_id: whose; one of them is given.
        service: with the duration and price of this appointment.
        starts_at: instant.
        status: confirmed, or how it ended.
        seats: how many places of what has places.
        doubt: why it can't be imported; it matters only where the appointment isn't here already.
    """

    line: int
    external_id: str
    customer_external_id: str | None
    customer_telegram_id: int | None
    service: Service
    starts_at: dt.datetime
    staff_id: int | None = None
    status: AppointmentStatus = AppointmentStatus.CONFIRMED
    notes: str | None = None
    seats: int = 1
    doubt: Problem | None = None


@dataclass(slots=True)
class ImportResult:
    """What an import did, or would do.

    Args:
        problems: with any of them the caller rolls everything back.
        refusals: line -> why the time can't be booked; they count as problems.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    refusals: dict[int, Refusal] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether every line can be imported."""
        return not self.problems and not self.refusals


def export_key(business: Business, appointment_id: int) -> str:
    """Return the key under which an appointment made here is exported.

    It carries a mark of this database, so that an export read back finds its own rows, and one
    read into another database doesn't take that one's rows for its own.
    """
    return f"{_key_prefix(business)}{appointment_id}"


def _key_prefix(business: Business) -> str:
    mark = hmac.digest(business.handle_key, b"export", hashlib.sha256).hex()[:8]
    return f"{business.slug}-{mark}-"


class ImportRepository:
    """Writes imported lines in the caller's transaction, which commits all of them or none.

    Args:
        session: bound to the business.
        business: whose.
        now: instant.
    """

    def __init__(self, session: AsyncSession, business: Business, now: dt.datetime) -> None:
        self._session = session
        self._business = business
        self._now = now

    async def import_customers(self, lines: Sequence[CustomerLine]) -> ImportResult:
        """Create customers, or change the fields that a line gives differently."""
        await change_business(self._session, self._business.id)
        result = ImportResult()
        for line in lines:
            await self._customer(line, result)
        return result

    async def _customer(self, line: CustomerLine, result: ImportResult) -> None:
        by_key = await self._find(line.external_id, None)
        by_telegram = await self._find(None, line.telegram_id)
        if by_key is not None and by_telegram is not None and by_key.id != by_telegram.id:
            message = f"is another customer than the one with the key {line.external_id!r}"
            result.problems.append(Problem(line.line, "telegram_id", message))
            return
        row = by_key or by_telegram
        if row is None:
            await self._session.execute(
                insert(CustomerRow).values(
                    business_id=self._business.id,
                    external_id=line.external_id,
                    telegram_id=line.telegram_id,
                    **line.fields,
                )
            )
            result.created += 1
            return
        if None not in (row.external_id, line.external_id) and row.external_id != line.external_id:
            message = f"this customer was imported with the key {row.external_id!r}"
            result.problems.append(Problem(line.line, "key", message))
            return
        if None not in (row.telegram_id, line.telegram_id) and row.telegram_id != line.telegram_id:
            message = f"the customer with this key has the Telegram id {row.telegram_id}"
            result.problems.append(Problem(line.line, "telegram_id", message))
            return
        given = {
            **line.fields,
            "external_id": line.external_id,
            "telegram_id": line.telegram_id,
        }
        different = {
            name: value
            for name, value in given.items()
            if value is not None and getattr(row, name) != value
        }
        if not different:
            result.unchanged += 1
            return
        await self._session.execute(
            update(CustomerRow)
            .where(CustomerRow.business_id == self._business.id, CustomerRow.id == row.id)
            .values(**different, updated_at=func.now())
        )
        result.changed += 1

    async def import_appointments(self, lines: Sequence[AppointmentLine]) -> ImportResult:
        """Book what is to come as the owner, and write what is over as history.

        New bookings of others wait until the caller's transaction ends: customers and resources
        are locked in the order of the lines, which would otherwise cross theirs.
        """
        await change_business(self._session, self._business.id)
        result = ImportResult()
        for line in lines:
            await self._appointment(line, result)
        return result

    async def _appointment(self, line: AppointmentLine, result: ImportResult) -> None:
        known = await self._known(line.external_id)
        if known is None and line.doubt is not None:
            result.problems.append(line.doubt)
            return
        customer = await self._find(line.customer_external_id, line.customer_telegram_id)
        if customer is None:
            column = "customer_key" if line.customer_external_id else "customer_telegram_id"
            message = "there is no such customer; import the customers first"
            result.problems.append(Problem(line.line, column, message))
            return
        if known is not None:
            same = (known.customer_id, known.service_id, known.starts_at) == (
                customer.id,
                line.service.id,
                line.starts_at,
            )
            if same:
                result.unchanged += 1
            else:
                message = (
                    f"is appointment {known.id} here, with another customer, service or start;"
                    " move or cancel that one instead"
                )
                result.problems.append(Problem(line.line, "key", message))
            return
        if line.starts_at > self._now and line.status is _S.CONFIRMED:
            booked = await self._book(line, customer.id)
        else:
            booked = await self._write_history(line, customer.id)
        if isinstance(booked, Refusal):
            result.refusals[line.line] = booked
            return
        await self._session.execute(
            update(AppointmentRow)
            .where(AppointmentRow.business_id == self._business.id, AppointmentRow.id == booked.id)
            .values(
                external_id=line.external_id,
                price_minor=line.service.price_minor,
                currency=line.service.currency,
            )
        )
        result.created += 1

    async def _book(self, line: AppointmentLine, customer_id: int) -> Appointment | Refusal:
        desk = Desk(self._session, self._business, self._now, ACTOR)
        command = commands.Book(
            customer_id,
            line.service,
            line.starts_at,
            line.staff_id,
            line.notes,
            seats=line.seats,
            by_owner=True,
            duration_minutes=line.service.duration_minutes,
        )
        return await commands.book(desk, command)

    async def _write_history(self, line: AppointmentLine, customer_id: int) -> Appointment:
        service, business = line.service, self._business
        staff = None if line.staff_id is None else business.resource(line.staff_id)
        row = (
            await self._session.execute(
                insert(AppointmentRow)
                .values(
                    business_id=business.id,
                    customer_id=customer_id,
                    service_id=service.id,
                    staff_id=line.staff_id,
                    status=line.status.value,
                    starts_at=line.starts_at,
                    ends_at=line.starts_at + dt.timedelta(minutes=service.duration_minutes),
                    zone=business.zone,
                    service_name=dict(service.name.by_language),
                    staff_name=None if staff is None else dict(staff.name.by_language),
                    duration_minutes=service.duration_minutes,
                    buffer_before_minutes=service.buffer_before_minutes,
                    buffer_after_minutes=service.buffer_after_minutes,
                    seats=line.seats,
                    notes=line.notes,
                    cancelled_by="owner" if line.status is _S.CANCELLED else None,
                    created_at=self._now,
                    updated_at=self._now,
                )
                .returning(AppointmentRow)
            )
        ).scalar_one()
        appointment = rows.to_appointment(row, ())
        await rows.record_event(self._session, _EVENTS[line.status], ACTOR, appointment)
        return appointment

    async def _find(self, external_id: str | None, telegram_id: int | None) -> CustomerRow | None:
        query = select(CustomerRow).where(CustomerRow.business_id == self._business.id)
        if external_id is not None:
            query = query.where(CustomerRow.external_id == external_id)
        elif telegram_id is not None:
            query = query.where(CustomerRow.telegram_id == telegram_id)
        else:
            return None
        found: CustomerRow | None = await self._session.scalar(
            query.execution_options(populate_existing=True)
        )
        return found

    async def _known(self, external_id: str) -> AppointmentRow | None:
        """Return the appointment of that key: imported under it, or exported from here."""
        query = select(AppointmentRow).where(AppointmentRow.business_id == self._business.id)
        found: AppointmentRow | None = await self._session.scalar(
            query.where(AppointmentRow.external_id == external_id)
        )
        number = external_id.removeprefix(_key_prefix(self._business))
        if found is None and number != external_id and number.isdecimal() and len(number) < 19:
            found = await self._session.scalar(query.where(AppointmentRow.id == int(number)))
        return found


def with_facts(service: Service, minutes: int | None, price: tuple[int, str] | None) -> Service:
    """Return a service with the duration (elapsed minutes) and price (minor units, ISO 4217 code)
    of one imported appointment."""
    if minutes is not None:
        service = replace(service, duration_minutes=minutes)
    if price is not None:
        service = replace(service, price_minor=price[0], currency=price[1])
    return service
