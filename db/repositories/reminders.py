"""Reminders and reviews: when they are due, where they go, that a customer has answered one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.reminders import reminder_times
from booking.status import AppointmentStatus
from db.models import AppointmentEventRow, CustomerRow
from db.repositories import rows

if TYPE_CHECKING:
    from db.repositories.desk import Desk  # which plans reminders itself

ACKNOWLEDGED = "acknowledged"
_VISITS = frozenset({AppointmentStatus.CONFIRMED, AppointmentStatus.COMPLETED})


def due_reminders(
    business: Business, appointment: Appointment, now: dt.datetime
) -> list[dt.datetime]:
    """Return when a confirmed appointment's reminders are due from now on.

    Args:
        now: instant.
    """
    if appointment.status is not AppointmentStatus.CONFIRMED:
        return []
    times = reminder_times(business.policy, appointment.zone, appointment.starts_at)
    return [due_at for due_at in times if now < due_at < appointment.starts_at]


def due_review(business: Business, appointment: Appointment) -> list[dt.datetime]:
    """Return when the customer is thanked and asked for a review; empty where they aren't."""
    minutes = business.policy.review_after_minutes
    if not minutes or appointment.status not in _VISITS:
        return []
    return [appointment.ends_at + dt.timedelta(minutes=minutes)]


async def last_seen(
    session: AsyncSession, business_id: int, customer_id: int
) -> tuple[str, int, str | None] | None:
    """Return channel, chat and language of a customer; None where no chat is known."""
    found = (
        await session.execute(
            select(CustomerRow.channel, CustomerRow.chat_id, CustomerRow.language).where(
                CustomerRow.business_id == business_id, CustomerRow.id == customer_id
            )
        )
    ).one_or_none()
    if found is None or found.channel is None or found.chat_id is None:
        return None
    return found.channel, found.chat_id, found.language


async def acknowledge(
    desk: Desk, appointment_id: int, customer_id: int, *, version: int
) -> Appointment | Refusal:
    """Record that a customer has answered a reminder; once for each version of the appointment.

    Args:
        version: the one that the reminder told of; another one is `offer_changed`.
    """
    row = await desk.row(appointment_id, customer_id, lock=True)
    if row is None:
        return Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
    if row.status != AppointmentStatus.CONFIRMED.value or row.ends_at <= desk.now:
        return Refusal(code=RefusalCode.INVALID_TRANSITION)
    if row.version != version:
        return Refusal(code=RefusalCode.OFFER_CHANGED, what="appointment")
    appointment = await desk.appointment(row)
    known = exists().where(
        AppointmentEventRow.business_id == desk.business.id,
        AppointmentEventRow.appointment_id == appointment_id,
        AppointmentEventRow.change == ACKNOWLEDGED,
        AppointmentEventRow.new["version"].as_integer() == version,
    )
    if not await desk.session.scalar(select(known)):
        await desk.session.execute(
            insert(AppointmentEventRow).values(
                business_id=desk.business.id,
                appointment_id=appointment_id,
                at=desk.now,
                change=ACKNOWLEDGED,
                actor=desk.actor,
                old={},
                new=rows.audit_values(appointment),
            )
        )
    return appointment
