"""Applying a business file, with what it changes and whose appointments it leaves in the air."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.business_conflicts import Conflict, conflicts
from booking.business_edition import Change, changes, to_file
from booking.business_file import BusinessFile
from booking.status import OCCUPYING
from db.models import AppointmentRow, CustomerRow
from db.repositories import calendar, rows
from db.repositories.businesses import BusinessRepository
from db.repositories.customers import Customer
from db.repositories.timers import replan

# The longest service with room to spare: what began earlier than that is over.
_LONGEST = dt.timedelta(days=2)
# What an appointment occupies beyond its own time: buffers are a day at most.
_MARGIN = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edition:
    """What applying a file does.

    Args:
        before: the business as it was; None = the file founds it.
        after: the business as the file makes it; None = a founding was only rehearsed.
        changes: the differences, in the order of the file; empty when founded, or nothing changes.
        conflicts: active appointments that fitted before and don't any more, in order of time.
        customers: customer id -> name as far as it is known, of those in `conflicts`.
        applied: False for a rehearsal, or where it isn't what the owner was shown.
    """

    before: Business | None
    after: Business | None
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    customers: Mapping[int, str]
    applied: bool = True

    def is_as_shown(self, shown: Edition) -> bool:
        """Return whether somebody who saw `shown` has seen all that this one does."""
        seen = {conflict.appointment.id for conflict in shown.conflicts}
        present = {conflict.appointment.id for conflict in self.conflicts}
        return present <= seen and _revision(self) == _revision(shown)


def _revision(edition: Edition) -> int | None:
    return None if edition.before is None else edition.before.revision


async def apply_edition(
    session: AsyncSession, file: BusinessFile, now: dt.datetime, *, rehearse: bool = False
) -> Edition:
    """Make a business what its file says, in the caller's transaction, and tell what that does.

    The business is locked first: a booking that runs at the same time is either in the list, or
    sees the new edition.

    Args:
        session: the caller commits it, or rolls it back to have only looked.
        file: the validated description.
        now: instant; appointments that are over by then don't matter.
        rehearse: the caller will roll back; no business is founded, which would use up an id.
    """
    businesses = BusinessRepository(session)
    before = await businesses.open_for_change(file.slug)
    if before is None and rehearse:
        return Edition(None, None, (), (), {})
    after = await businesses.change(before, file)
    if before is None or before == after:
        return Edition(before, after, (), (), {})
    await replan(session, before, after, now)
    found = await _conflicts(session, before, after, now)
    return Edition(
        before,
        after,
        tuple(changes(to_file(before), file)),
        tuple(found),
        await _names(session, after.id, [c.appointment.customer_id for c in found]),
    )


async def _conflicts(
    session: AsyncSession, before: Business, after: Business, now: dt.datetime
) -> list[Conflict]:
    active = (
        await session.scalars(
            select(AppointmentRow)
            .where(
                AppointmentRow.business_id == after.id,
                AppointmentRow.starts_at > now - _LONGEST,
                AppointmentRow.ends_at > now,
                AppointmentRow.status.in_([status.value for status in sorted(OCCUPYING)]),
                (AppointmentRow.expires_at.is_(None)) | (AppointmentRow.expires_at > now),
            )
            .order_by(AppointmentRow.starts_at)
        )
    ).all()
    if not active:
        return []
    taken = await calendar.resources_of(session, after.id, (row.id for row in active))
    appointments = [rows.to_appointment(row, taken.get(row.id, ())) for row in active]
    window = (active[0].starts_at - _MARGIN, max(row.ends_at for row in active) + _MARGIN)
    busy = await calendar.read_busy(
        session, after.id, [resource.id for resource in before.resources], window, now
    )
    return conflicts(before, after, appointments, busy)


async def _names(
    session: AsyncSession, business_id: int, customer_ids: Sequence[int]
) -> dict[int, str]:
    if not customer_ids:
        return {}
    found = await session.execute(
        select(CustomerRow).where(
            CustomerRow.business_id == business_id, CustomerRow.id.in_(set(customer_ids))
        )
    )
    named = {row.id: Customer.model_validate(row).name for row in found.scalars()}
    return {customer_id: name for customer_id, name in named.items() if name}
