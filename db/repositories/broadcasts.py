"""Messages to many customers at once: who gets them, and their outbox rows in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.localtime import day_bounds, zone
from booking.status import AppointmentStatus
from db.models import AppointmentRow, CustomerRow
from db.notices import OUTBOX, notice
from db.queue_models import OutboxRow
from db.repositories.outbox import OutboxKind, Priority

_EXPECTED = (AppointmentStatus.PENDING.value, AppointmentStatus.CONFIRMED.value)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for.

    Args:
        upcoming: only customers who are still expected.
        day: only customers who are expected on that business-local date.
        language: only customers who read that language, ISO 639-1; None = whatever they read.
    """

    upcoming: bool = False
    day: dt.date | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """How many customers an audience has.

    Args:
        customers: who get the message.
        unreachable: who can't be reached.
        stopped: who could, and don't want any.
    """

    customers: int
    unreachable: int
    stopped: int = 0


class BroadcastRepository:
    """Broadcasts of one business.

    Args:
        session: bound to the business; the caller commits.
        business: whose customers.
        now: instant; decides who is still expected, and names the broadcast.
    """

    def __init__(self, session: AsyncSession, business: Business, now: dt.datetime) -> None:
        self._session = session
        self._business = business
        self._now = now

    async def count(self, audience: Audience) -> Reached:
        """Return how many customers the audience has."""
        can_be_reached, wants = _can_be_reached(), _wants()
        found = (
            await self._session.execute(
                select(
                    func.count().filter(can_be_reached & wants),
                    func.count().filter(~can_be_reached),
                    func.count().filter(can_be_reached & ~wants),
                ).where(*self._those(audience))
            )
        ).one()
        return Reached(*(int(number) for number in found))

    async def queue(self, audience: Audience, payload: dict[str, Any]) -> int:
        """Queue a message for everybody who gets it; a repeat at the same instant does not.

        Args:
            payload: an `assistant.messages.Outgoing`.

        Returns:
            How many get it.
        """
        earlier = await self._session.scalar(
            select(func.count()).where(
                OutboxRow.business_id == self._business.id,
                OutboxRow.kind == OutboxKind.BROADCAST.value,
                OutboxRow.due_at == self._now,
            )
        )
        if earlier:
            return int(earlier)  # the commit whose answer was lost took place
        columns = {
            "business_id": CustomerRow.business_id,
            "channel": CustomerRow.channel,
            "chat_id": CustomerRow.chat_id,
            "kind": literal(OutboxKind.BROADCAST.value),
            "priority": literal(int(Priority.BROADCAST)),
            "payload": literal(payload, type_=JSONB),
            "due_at": literal(self._now),
        }
        chosen = (
            select(*columns.values())
            .where(*self._those(audience), _can_be_reached(), _wants())
            .order_by(CustomerRow.id)
        )
        queued = await self._session.execute(
            insert(OutboxRow)
            .from_select(list(columns), chosen)
            .returning(notice(OUTBOX, OutboxRow.channel))
        )
        return len(queued.all())

    def _those(self, audience: Audience) -> list[ColumnElement[bool]]:
        those = [
            CustomerRow.business_id == self._business.id,
            CustomerRow.erased_at.is_(None),
            # The terminal's customers are whoever tries the assistant out there.
            or_(CustomerRow.channel.is_(None), CustomerRow.channel.like("telegram:%")),
        ]
        if audience.language is not None:
            spoken = func.coalesce(CustomerRow.language, self._business.languages[0])
            those.append(spoken == audience.language)
        if audience.upcoming or audience.day is not None:
            expected = [
                AppointmentRow.business_id == self._business.id,
                AppointmentRow.customer_id == CustomerRow.id,
                AppointmentRow.status.in_(_EXPECTED),
                AppointmentRow.ends_at > self._now,
            ]
            if audience.day is not None:
                begins, ends = day_bounds(audience.day, zone(self._business.zone))
                expected += [AppointmentRow.starts_at >= begins, AppointmentRow.starts_at < ends]
            those.append(select(AppointmentRow.id).where(*expected).exists())
        return those


def _can_be_reached() -> ColumnElement[bool]:
    return CustomerRow.chat_id.is_not(None) & CustomerRow.unreachable_since.is_(None)


def _wants() -> ColumnElement[bool]:
    return CustomerRow.broadcasts_stopped_at.is_(None)
