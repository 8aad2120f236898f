"""Moving an appointment: whether it may be, what it keeps, what is asked for it, the writing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from booking.appointment import Appointment, Change
from booking.business import Service
from booking.engine import Assignment, CustomerLoad, Request
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus, effective_status
from db.models import AppointmentRow
from db.repositories import calendar, rows
from db.repositories.outbox import OutboxRepository

if TYPE_CHECKING:
    from db.repositories.desk import Desk

_S = AppointmentStatus
_MOVABLE = frozenset({_S.PENDING, _S.CONFIRMED})


def with_snapshot(service: Service, row: AppointmentRow) -> Service:
    """Return the service with the duration and buffers that the appointment was booked with."""
    return dataclasses.replace(
        service,
        duration_minutes=row.duration_minutes,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
    )


def too_late(
    desk: Desk, row: AppointmentRow, window_minutes: int, *, at: dt.datetime | None = None
) -> Refusal | None:
    """Return why a customer can't change an appointment by themselves any more, if so.

    The self-service window binds customers, not owners.

    Args:
        at: instant that counts; None = now.
    """
    if (at or desk.now) <= row.starts_at - dt.timedelta(minutes=window_minutes):
        return None
    return Refusal(
        code=RefusalCode.CANCEL_WINDOW_PASSED,
        window_minutes=window_minutes,
        contact=desk.business.contact.first(),
    )


def not_movable(
    desk: Desk,
    row: AppointmentRow,
    *,
    by_owner: bool = False,
    version: int | None = None,
    at: dt.datetime | None = None,
) -> Refusal | None:
    """Return why an appointment can't be moved at all, wherever to.

    Args:
        by_owner: the customers' window doesn't bind.
        version: the version that the mover saw; None = whichever it is.
        at: instant that counts for the window; None = now.
    """
    if effective_status(_S(row.status), row.expires_at, desk.now) not in _MOVABLE:
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    if version is not None and version != row.version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    if by_owner:
        return None
    return too_late(desk, row, desk.business.policy.reschedule_window_minutes, at=at)


async def request_to_move(
    desk: Desk,
    service: Service,
    row: AppointmentRow,
    *,
    staff_id: int | None,
    by_owner: bool = False,
    without: Iterable[int] = (),
    at: dt.datetime | None = None,
) -> Request:
    """Return what is asked of the slot engine for a move; the row itself isn't counted.

    Args:
        staff_id: with whom; None = anyone.
        by_owner: the customer's limits don't bind.
        without: other appointments (ids) that don't count for the limits.
        at: instant by which notice and horizon are judged; None = now.
    """
    load = CustomerLoad()
    if not by_owner:
        load = await calendar.read_load(
            desk.session,
            desk.business.id,
            row.customer_id,
            desk.now,
            without_appointments=[row.id, *without],
        )
    return Request(
        service=with_snapshot(service, row),
        now=at or desk.now,
        staff_id=staff_id,
        load=load,
        units=row.seats,
    )


async def carry_out(
    desk: Desk, row: AppointmentRow, assignment: Assignment
) -> Appointment | RefusalCode:
    """Give a (locked) row its new time, with the event, the receipt and new reminders.

    Returns:
        The moved appointment, or the code where a constraint is against it; nothing is changed
        then.
    """
    before = await desk.appointment(row)
    refused = await rows.move_row(desk.session, desk.business, row, assignment, desk.now)
    if refused is not None:
        return refused
    await OutboxRepository(desk.session).drop_timers(desk.business.id, row.id)
    after = await desk.appointment(row)
    await desk.announce(
        Change.MOVED,
        after,
        before=rows.audit_values(before),
        previous_starts_at=before.starts_at,
    )
    return after


async def movable_to(
    desk: Desk,
    customer_id: int,
    service_id: int,
    starts_at: dt.datetime,
    *,
    seats: int,
    at: dt.datetime | None = None,
) -> list[AppointmentRow]:
    """Return a customer's upcoming appointments of a service that they may move, nearest first.

    Args:
        starts_at: where to, an instant.
        seats: only those of so many places.
        at: as in `not_movable`.
    """
    found = await desk.session.scalars(
        select(AppointmentRow).where(
            AppointmentRow.business_id == desk.business.id,
            AppointmentRow.customer_id == customer_id,
            AppointmentRow.service_id == service_id,
            AppointmentRow.seats == seats,
            AppointmentRow.status.in_([status.value for status in sorted(_MOVABLE)]),
            AppointmentRow.starts_at > desk.now,
        )
    )
    movable = [row for row in found if not_movable(desk, row, at=at) is None]
    return sorted(movable, key=lambda row: (abs(row.starts_at - starts_at), row.id))
