"""Appointments of one business: reading them, and the public face of the write path."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business, Service
from booking.engine import CustomerLoad, Request
from booking.refusals import Offer, Refusal
from booking.starts import resolve_start
from booking.status import AppointmentStatus, effective_status
from db.clock import Clock, SystemClock
from db.models import AppointmentRow
from db.repositories import calendar, commands, reminders
from db.repositories.businesses import BusinessRepository
from db.repositories.desk import Desk
from db.repositories.moves import with_snapshot
from db.repositories.outbox import ReplyTo
from db.session import bind_business

_S = AppointmentStatus


class AppointmentRepository:
    """Appointments of one business. Commands answer with the row, or with why not.

    Args:
        session: its transaction is the unit of every command; the caller commits.
        business: whose appointments; None = the default business, read on first use.
        clock: tells now.
    """

    def __init__(
        self, session: AsyncSession, business: Business | None = None, *, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._business = business
        self._clock = clock or SystemClock()

    async def get_available_slots(
        self,
        date: dt.date,
        duration_minutes: int | None = None,
        *,
        last_date: dt.date | None = None,
        service: int | str | None = None,
        staff_id: int | None = None,
        customer_id: int | None = None,
        moving: int | None = None,
        seats: int = 1,
    ) -> list[Offer]:
        """Return the free starts of one or more business-local dates, earliest first.

        Args:
            date: first local date.
            duration_minutes: elapsed minutes; None = the service's.
            last_date: last local date, inclusive; None = `date`.
            service: id or slug; None = the business's first service.
            staff_id: one staff member; None = anyone.
            customer_id: whose limits count; None = nobody's.
            moving: id of an appointment (of that customer) whose own time counts as free, and that
                keeps its duration, buffers and seats.
            seats: how many places are needed, of what has places.

        Raises:
            ValueError: unknown service, or a duration that is not positive.
        """
        desk = await self._desk("system")
        chosen = _service(desk.business, service)
        if duration_minutes is not None:
            if duration_minutes <= 0:
                raise ValueError(f"a duration is a number of minutes above 0: {duration_minutes}")
            chosen = dataclasses.replace(chosen, duration_minutes=duration_minutes)
        moved = None if moving is None else await desk.row(moving, customer_id)
        if moved is not None:
            chosen, seats = with_snapshot(chosen, moved), moved.seats
        load = CustomerLoad()
        if customer_id is not None:
            load = await calendar.read_load(
                self._session,
                desk.business.id,
                customer_id,
                desk.now,
                without_appointments=() if moving is None else (moving,),
            )
        request = Request(service=chosen, now=desk.now, staff_id=staff_id, load=load, units=seats)
        return await desk.offers(request, date, last_date or date, moving=moving)

    async def get_appointment_by_id(
        self, appointment_id: int, *, customer_id: int | None = None
    ) -> Appointment | None:
        """Return an appointment; with `customer_id`, only if it is theirs."""
        desk = await self._desk("system")
        row = await desk.row(appointment_id, customer_id)
        return None if row is None else _as_of(await desk.appointment(row), desk.now)

    async def get_customer_appointments(
        self,
        customer_id: int,
        status: AppointmentStatus | str | None = None,
        *,
        upcoming: bool = False,
        limit: int = 50,
    ) -> list[Appointment]:
        """Return a customer's appointments, earliest first.

        Args:
            status: only those that have it now (a hold that ran out is `expired`).
            upcoming: only pending and confirmed ones that have not ended.
            limit: at most this many, the latest ones.

        Raises:
            ValueError: there is no such status.
        """
        wanted = None if status is None else _S(status)
        desk = await self._desk("system")
        query = (
            select(AppointmentRow)
            .where(
                AppointmentRow.business_id == desk.business.id,
                AppointmentRow.customer_id == customer_id,
            )
            .order_by(AppointmentRow.starts_at.desc(), AppointmentRow.id.desc())
            .limit(limit)
        )
        if upcoming:
            query = query.where(
                AppointmentRow.status.in_([_S.PENDING.value, _S.CONFIRMED.value]),
                AppointmentRow.ends_at > desk.now,
            )
        elif wanted is not None and wanted is not _S.EXPIRED:
            query = query.where(AppointmentRow.status == wanted.value)
        found = await desk.appointments((await self._session.scalars(query)).all())
        present = [_as_of(appointment, desk.now) for appointment in reversed(found)]
        if upcoming:
            present = [a for a in present if a.status in (_S.PENDING, _S.CONFIRMED)]
        return [a for a in present if wanted is None or a.status is wanted]

    async def create_appointment(
        self,
        customer_id: int,
        date: dt.date | str | None = None,
        time: dt.time | str | None = None,
        notes: str | None = None,
        *,
        starts_at: dt.datetime | None = None,
        service: int | str | None = None,
        staff_id: int | None = None,
        hold: bool = False,
        replacing_hold: int | None = None,
        seats: int = 1,
        by_owner: bool = False,
        key: str | None = None,
        actor: str | None = None,
        reply_to: ReplyTo | None = None,
    ) -> Appointment | Refusal:
        """Book a time, or hold it for the policy's minutes.

        Args:
            customer_id: whose appointment.
            date, time: wall-clock start in the business's zone ("YYYY-MM-DD", "HH:MM").
            starts_at: the start as an instant, in place of date and time.
            service: id or slug; None = the business's first service.
            staff_id: one staff member; None = anyone, the least loaded that day.
            hold: hold the time until it is confirmed, in place of booking it.
            replacing_hold: an earlier hold of this customer that is given up for this one.
            seats: how many places of what has places; they count as one appointment.
            by_owner: notice, horizon, limits, grid, hours and approval don't bind; what is taken
                stays taken.
            key: idempotency key.
            actor: who commands; None = the customer, or the owner with `by_owner`.
            reply_to: where the customer gets the receipt; None = nowhere.

        Raises:
            ValueError: a date or time that is none ("25:99"), an unknown service, or no seat.
        """
        if seats < 1:
            raise ValueError(f"an appointment takes 1 seat or more, not {seats}")
        desk = await self._desk(actor or _actor(None if by_owner else customer_id), reply_to)
        chosen = _service(desk.business, service)
        if starts_at is None:
            instant = resolve_start(desk.business, _date(date), _time(time))
            if isinstance(instant, Refusal):
                request = Request(service=chosen, now=desk.now, staff_id=staff_id)
                wanted = instant.candidates[0] if instant.candidates else desk.now
                return await desk.with_alternatives(instant, request, wanted)
            starts_at = instant
        command = commands.Book(
            customer_id,
            chosen,
            starts_at,
            staff_id,
            notes,
            hold,
            replacing_hold,
            seats,
            by_owner,
        )
        return await _once(desk, key, command.body(), lambda: commands.book(desk, command))

    async def confirm_appointment(
        self,
        appointment_id: int,
        *,
        customer_id: int,
        version: int | None = None,
        key: str | None = None,
        reply_to: ReplyTo | None = None,
    ) -> Appointment | Refusal:
        """Turn a customer's live hold into a booking, or a request where approval is needed.

        Args:
            version: the version that the customer saw; another one is `offer_changed`.
        """
        desk = await self._desk(f"customer:{customer_id}", reply_to)
        return await _once(
            desk,
            key,
            {"do": "confirm", "id": appointment_id, "version": version},
            lambda: commands.confirm(desk, appointment_id, customer_id, version=version),
        )

    async def reschedule_appointment(
        self,
        appointment_id: int,
        starts_at: dt.datetime,
        *,
        customer_id: int | None,
        staff_id: int | None = None,
        anyone: bool = False,
        version: int | None = None,
        dry_run: bool = False,
        key: str | None = None,
        reply_to: ReplyTo | None = None,
    ) -> Appointment | Refusal:
        """Move an appointment: same row, next version; a refused move changes nothing.

        Args:
            starts_at: the new start, an instant.
            customer_id: whose; None = the owner moves it: neither the window nor notice, horizon,
                limits, grid and hours bind.
            staff_id: another staff member; None = the same one, unless `anyone`.
            version: the version that the mover saw; another one is `offer_changed`.
            dry_run: only say whether it could be done.
        """
        desk = await self._desk(_actor(customer_id), reply_to)
        command = commands.Move(appointment_id, customer_id, starts_at, staff_id, anyone, version)
        if dry_run:
            return await commands.move(desk, command, dry_run=True)
        return await _once(desk, key, command.body(), lambda: commands.move(desk, command))

    async def cancel_appointment(
        self,
        appointment_id: int,
        *,
        customer_id: int | None,
        reason: str | None = None,
        version: int | None = None,
        dry_run: bool = False,
        key: str | None = None,
        reply_to: ReplyTo | None = None,
    ) -> Appointment | Refusal:
        """Cancel an appointment and free its time; the row stays. Idempotent.

        Args:
            customer_id: whose; None = the owner cancels, and the window doesn't bind.
            version: the version that the caller saw; another one is `offer_changed`.
            dry_run: only say whether it could be done.
        """
        desk = await self._desk(_actor(customer_id), reply_to)
        if dry_run:
            return await commands.cancel(
                desk, appointment_id, customer_id, version=version, dry_run=True
            )
        body = {"do": "cancel", "id": appointment_id, "reason": reason, "version": version}
        return await _once(
            desk,
            key,
            body,
            lambda: commands.cancel(
                desk, appointment_id, customer_id, reason=reason, version=version
            ),
        )

    async def acknowledge_appointment(
        self, appointment_id: int, *, customer_id: int, version: int
    ) -> Appointment | Refusal:
        """Record that a customer has confirmed a reminder; see `reminders.acknowledge`."""
        desk = await self._desk(f"customer:{customer_id}")
        return await reminders.acknowledge(desk, appointment_id, customer_id, version=version)

    async def update_appointment_status(
        self,
        appointment_id: int,
        status: AppointmentStatus | str,
        *,
        version: int | None = None,
        actor: str = "owner",
        key: str | None = None,
        reply_to: ReplyTo | None = None,
    ) -> Appointment | Refusal:
        """Take an appointment along the closed table of transitions, as the owner.

        `completed` and `no_show` are possible from the start on, not before.

        Args:
            version: compare-and-set; another version is `offer_changed`.

        Raises:
            ValueError: there is no such status.
        """
        wanted = _S(status)
        desk = await self._desk(actor, reply_to)
        body = {"do": "status", "id": appointment_id, "to": wanted.value, "version": version}
        return await _once(
            desk,
            key,
            body,
            lambda: commands.change_status(desk, appointment_id, wanted, version=version),
        )

    async def expire_due(self, *, limit: int = 20) -> int:
        """Close holds and requests whose time is over: one batch, one transaction.

        Writes the event and, for a request, the customer's receipt and the owner's notice, and
        offers the time to the next in line. Call it until it returns less than `limit`; several
        processes may do so at once.

        Args:
            limit: at most this many.

        Returns:
            How many were closed.
        """
        return await commands.expire_due(await self._desk("system"), limit)

    async def _desk(self, actor: str, reply_to: ReplyTo | None = None) -> Desk:
        if self._business is None:
            businesses = BusinessRepository(self._session)
            found = await businesses.find()
            if found is None:
                raise ValueError("there is no business yet; apply a business file first")
            self._business = await businesses.load(found)
        else:
            await bind_business(self._session, self._business.id)
        return Desk(self._session, self._business, self._clock.now(), actor, reply_to)


async def _once(
    desk: Desk,
    key: str | None,
    body: Mapping[str, Any],
    work: Callable[[], Awaitable[Appointment | Refusal]],
) -> Appointment | Refusal:
    return await desk.once(key, body, work, Appointment)


def _actor(customer_id: int | None) -> str:
    return "owner" if customer_id is None else f"customer:{customer_id}"


def _as_of(appointment: Appointment, now: dt.datetime) -> Appointment:
    status = effective_status(appointment.status, appointment.expires_at, now)
    return appointment.model_copy(update={"status": status})


def _service(business: Business, wanted: int | str | None) -> Service:
    for service in business.services:
        if service.active and wanted in (None, service.id, service.slug):
            return service
    names = ", ".join(s.slug for s in business.services if s.active)
    raise ValueError(f"no service {wanted!r}; there are: {names or 'none'}")


def _date(value: dt.date | str | None) -> dt.date:
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value or "")
    except ValueError:
        raise ValueError(f"a date is written YYYY-MM-DD, not {value!r}") from None


def _time(value: dt.time | str | None) -> dt.time:
    if isinstance(value, dt.time):
        return value
    try:
        return dt.time.fromisoformat(value or "")
    except ValueError:
        raise ValueError(f"a time is written HH:MM, 00:00 to 23:59, not {value!r}") from None
