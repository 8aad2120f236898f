"""Planning anew what comes due by itself, when a business has changed when that is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business
from booking.status import AppointmentStatus
from db.models import AppointmentRow
from db.queue_models import OutboxRow
from db.repositories import rows
from db.repositories.outbox import OutboxKind, OutboxRepository, Priority, ReplyTo
from db.repositories.reminders import due_reminders, due_review, last_seen

_KINDS = (OutboxKind.REMINDER, OutboxKind.REVIEW)


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder or review that waits for its time.

    Args:
        due_at: instant.
        to: where it goes.
    """

    id: int
    kind: OutboxKind
    due_at: dt.datetime
    to: ReplyTo


async def replan(session: AsyncSession, before: Business, after: Business, now: dt.datetime) -> int:
    """Let what is booked be reminded of, and thanked for, at the times of the new edition.

    What is due already, or was tried before, goes out as it was planned.

    Args:
        session: holds the lock of the business, so that nobody books, confirms or moves meanwhile.
        before, after: the two editions.
        now: instant.

    Returns:
        How many appointments have other times now.
    """
    if _timing(before) == _timing(after):
        return 0
    planned = await _planned(session, after.id, now)
    open_ones = await session.scalars(
        select(AppointmentRow).where(
            AppointmentRow.business_id == after.id,
            or_(
                and_(
                    AppointmentRow.status == AppointmentStatus.CONFIRMED.value,
                    AppointmentRow.ends_at > now,
                ),
                AppointmentRow.id.in_(planned),
            ),
        )
    )
    changed = 0
    for row in open_ones.all():
        appointment = rows.to_appointment(row, ())
        changed += await _replan_one(session, after, appointment, planned.get(row.id, []), now)
    return changed


def _timing(business: Business) -> tuple[object, ...]:
    policy = business.policy
    return policy.reminder_minutes, policy.reminder_day_before_at, policy.review_after_minutes


async def _planned(
    session: AsyncSession, business_id: int, now: dt.datetime
) -> dict[int, list[Planned]]:
    found = await session.scalars(
        select(OutboxRow).where(
            OutboxRow.business_id == business_id,
            OutboxRow.appointment_id.is_not(None),
            OutboxRow.state == "queued",
            OutboxRow.kind.in_([kind.value for kind in _KINDS]),
            OutboxRow.attempts == 0,
            OutboxRow.due_at > now,
        )
    )
    planned: dict[int, list[Planned]] = defaultdict(list)
    for row in found:
        assert row.appointment_id is not None
        to = ReplyTo(row.channel, row.chat_id, row.payload["language"])
        each = Planned(row.id, OutboxKind(row.kind), row.due_at, to)
        planned[row.appointment_id].append(each)
    return planned


async def _replan_one(
    session: AsyncSession,
    business: Business,
    appointment: Appointment,
    planned: list[Planned],
    now: dt.datetime,
) -> bool:
    wanted = {(OutboxKind.REMINDER, at) for at in due_reminders(business, appointment, now)}
    wanted |= {(OutboxKind.REVIEW, at) for at in due_review(business, appointment) if at > now}
    have = {(each.kind, each.due_at) for each in planned}
    await _drop(session, (each.id for each in planned if (each.kind, each.due_at) not in wanted))
    missing = wanted - have
    to = planned[0].to if planned else await _chat(session, business, appointment.customer_id)
    if missing and to is not None:
        outbox = OutboxRepository(session)
        for kind, due_at in sorted(missing, key=lambda each: each[1]):
            await outbox.enqueue(
                business.id,
                to,
                kind,
                {"starts_at": appointment.starts_at.isoformat(), "language": to.language},
                due_at=due_at,
                priority=Priority.REMINDER,
                appointment_id=appointment.id,
            )
    return have != wanted


async def _chat(session: AsyncSession, business: Business, customer_id: int) -> ReplyTo | None:
    seen = await last_seen(session, business.id, customer_id)
    return None if seen is None else ReplyTo(seen[0], seen[1], seen[2] or business.languages[0])


async def _drop(session: AsyncSession, ids: Iterable[int]) -> None:
    # A sender may have taken one just now: that one is on its way.
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(list(ids)), OutboxRow.state == "queued")
        .values(state="cancelled")
    )
