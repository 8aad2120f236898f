"""Calendar files: which appointments a customer has taken into their own calendar.

A line of the audit trail tells it. Whoever took the file gets the next edition of it by themselves
when the appointment changes, since nothing else would change the entry in their calendar.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from db.models import AppointmentEventRow
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo

TAKEN = "calendar"
# What makes an entry in somebody's calendar wrong.
_FOLLOWED = frozenset({Change.MOVED, Change.CANCELLED, Change.DECLINED, Change.EXPIRED})


async def take(
    session: AsyncSession, appointment: Appointment, to: ReplyTo, now: dt.datetime
) -> None:
    """Send a customer the file of an appointment, and remember that they have it.

    Args:
        to: the customer's chat.
        now: instant.
    """
    if not await _is_taken(session, appointment):
        await session.execute(
            insert(AppointmentEventRow).values(
                business_id=appointment.business_id,
                appointment_id=appointment.id,
                at=now,
                change=TAKEN,
                actor=f"customer:{appointment.customer_id}",
                old={},
                new={"version": appointment.version},
            )
        )
    await _send(session, appointment, to, now, changed=False)


async def follow(
    session: AsyncSession,
    change: Change,
    appointment: Appointment,
    to: ReplyTo | None,
    now: dt.datetime,
) -> None:
    """Send the next edition of the file after a change, to whoever took it.

    Args:
        to: the customer's chat; None = there is nobody to tell.
        now: instant.
    """
    if to is not None and change in _FOLLOWED and await _is_taken(session, appointment):
        await _send(session, appointment, to, now, changed=True)


async def _is_taken(session: AsyncSession, appointment: Appointment) -> bool:
    taken = exists().where(
        AppointmentEventRow.business_id == appointment.business_id,
        AppointmentEventRow.appointment_id == appointment.id,
        AppointmentEventRow.change == TAKEN,
    )
    return bool(await session.scalar(select(taken)))


async def _send(
    session: AsyncSession, appointment: Appointment, to: ReplyTo, now: dt.datetime, *, changed: bool
) -> None:
    await OutboxRepository(session).enqueue(
        appointment.business_id,
        to,
        OutboxKind.CALENDAR,
        {"language": to.language, "changed": changed},
        due_at=now,
        appointment_id=appointment.id,
    )
