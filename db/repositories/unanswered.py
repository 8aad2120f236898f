"""Reminders without an answer: who was reminded, who hasn't answered, and that the owner knows.

The audit trail of an appointment tells it: `reminded` or `not_reminded` when its reminder was sent
or could not be, `acknowledged` when the customer confirmed, `unanswered` when the owner was told.
Each line names the version that it is about, so that a move begins anew.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import BigInteger, DateTime, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.business import Business
from booking.status import AppointmentStatus
from db.clock import Clock
from db.models import AppointmentEventRow, AppointmentRow, CustomerRow
from db.repositories import calendar, rows
from db.repositories.customers import Customer
from db.repositories.locks import try_unanswered
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo

REMINDED, NOT_REMINDED, TOLD = "reminded", "not_reminded", "unanswered"

_WAITING = """
    a.business_id = :business AND a.status = 'confirmed' AND a.starts_at > :now
    AND EXISTS (SELECT FROM appointment_events e
        WHERE e.business_id = a.business_id AND e.appointment_id = a.id
          AND CAST(e.new ->> 'version' AS integer) = a.version
          AND (e.change = 'not_reminded' OR (e.change = 'reminded' AND e.at <= :before)))
    AND NOT EXISTS (SELECT FROM appointment_events e
        WHERE e.business_id = a.business_id AND e.appointment_id = a.id
          AND CAST(e.new ->> 'version' AS integer) = a.version AND e.change = ANY(:over))
"""
_TYPED = (
    bindparam("business", type_=BigInteger),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("before", type_=DateTime(timezone=True)),
)
# A later one of the same start is due as well, or the customer was reminded after this one was due.
_OVERTAKEN = text(
    """
    SELECT EXISTS (SELECT FROM outbox o
        WHERE o.business_id = :business AND o.appointment_id = :appointment AND o.state = 'queued'
          AND o.kind = 'reminder' AND o.payload ->> 'starts_at' = :starts_at
          AND coalesce(o.waiting_since, o.due_at) > :due_at
          AND coalesce(o.waiting_since, o.due_at) <= :now)
    OR EXISTS (SELECT FROM appointments a
        JOIN appointment_events e ON e.business_id = a.business_id AND e.appointment_id = a.id
        WHERE a.business_id = :business AND a.id = :appointment AND e.change = 'reminded'
          AND CAST(e.new ->> 'version' AS integer) = a.version AND e.at >= :due_at)
    """
).bindparams(
    *_TYPED[:2],
    bindparam("appointment", type_=BigInteger),
    bindparam("due_at", type_=DateTime(timezone=True)),
)
_LISTED = text(
    f"""
    SELECT a.id, EXISTS (SELECT FROM appointment_events e
        WHERE e.business_id = a.business_id AND e.appointment_id = a.id
          AND CAST(e.new ->> 'version' AS integer) = a.version AND e.change = 'reminded') AS reached
    FROM appointments a WHERE {_WAITING} ORDER BY a.starts_at, a.id LIMIT 50
    """
).bindparams(*_TYPED)
_TO_TELL = text(
    f"""
    SELECT a.id, a.version, c.channel FROM appointments a
    JOIN customers c ON c.business_id = a.business_id AND c.id = a.customer_id
    WHERE {_WAITING} AND c.channel IS NOT NULL ORDER BY a.starts_at, a.id LIMIT 200
    """
).bindparams(*_TYPED)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An appointment whose customer hasn't answered.

    Args:
        reached: whether a reminder went out; False = none could be sent.
    """

    appointment: Appointment
    customer: Customer
    reached: bool


class UnansweredRepository:
    """Reminders of one business and their answers.

    Args:
        session: bound to the business; the caller commits.
        business: whose.
        clock: says what is still to come.
    """

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock

    async def note(self, appointment_id: int, *, reached: bool) -> None:
        """Write into the audit trail that a reminder was sent, or could not be."""
        row = await self._session.scalar(
            select(AppointmentRow).where(
                AppointmentRow.business_id == self._business.id, AppointmentRow.id == appointment_id
            )
        )
        if row is not None and row.status == AppointmentStatus.CONFIRMED.value:
            change = REMINDED if reached else NOT_REMINDED
            await self._write([(row.id, row.version)], change)

    async def is_overtaken(
        self, appointment_id: int, starts_at: str | None, due_at: dt.datetime
    ) -> bool:
        """Return whether a reminder needn't be sent, since a nearer one is or was.

        After an outage several may be due at once.

        Args:
            starts_at: the start that it was planned for, as its outbox row has it.
            due_at: instant at which it was due first.
        """
        given = {
            "business": self._business.id,
            "appointment": appointment_id,
            "starts_at": starts_at,
            "due_at": due_at,
            "now": self._clock.now(),
        }
        return bool(await self._session.scalar(_OVERTAKEN, given))

    async def listed(self) -> list[Unanswered]:
        """Return what the owner may want to telephone about: what comes first, first."""
        now = self._clock.now()
        given = {"business": self._business.id, "now": now, "before": now, "over": ["acknowledged"]}
        reached = {row.id: bool(row.reached) for row in await self._session.execute(_LISTED, given)}
        found = await self._session.execute(
            select(AppointmentRow, CustomerRow)
            .join(
                CustomerRow,
                (CustomerRow.business_id == AppointmentRow.business_id)
                & (CustomerRow.id == AppointmentRow.customer_id),
            )
            .where(
                AppointmentRow.business_id == self._business.id,
                AppointmentRow.id.in_(list(reached)),
            )
            .order_by(AppointmentRow.starts_at, AppointmentRow.id)
        )
        taken = await calendar.resources_of(self._session, self._business.id, reached)
        return [
            Unanswered(
                rows.to_appointment(row, taken.get(row.id, ())),
                Customer.model_validate(customer),
                reached[row.id],
            )
            for row, customer in found
        ]

    async def tell(self, after: dt.timedelta) -> int:
        """Let the owner know of those that nobody has told of yet: once, in one message.

        Args:
            after: how long a customer has had time to answer.

        Returns:
            How many the owner is told of now.
        """
        # One process at a time, so that the next one sees what this one told.
        if not await try_unanswered(self._session, self._business.id):
            return 0
        now = self._clock.now()
        given = {
            "business": self._business.id,
            "now": now,
            "before": now - after,
            "over": ["acknowledged", TOLD],
        }
        by_channel: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row in await self._session.execute(_TO_TELL, given):
            by_channel[row.channel].append((row.id, row.version))
        outbox = OutboxRepository(self._session)
        for channel, told in by_channel.items():
            await self._write(told, TOLD)
            for chat_id in self._business.owner_chat_ids:
                await outbox.enqueue(
                    self._business.id,
                    ReplyTo(channel, chat_id, self._business.languages[0]),
                    OutboxKind.UNANSWERED,
                    {"appointments": [number for number, _ in told]},
                    due_at=now,
                )
        return sum(len(told) for told in by_channel.values())

    async def _write(self, about: list[tuple[int, int]], change: str) -> None:
        await self._session.execute(
            insert(AppointmentEventRow),
            [
                {
                    "business_id": self._business.id,
                    "appointment_id": number,
                    "at": self._clock.now(),
                    "change": change,
                    "actor": "system",
                    "old": {},
                    "new": {"version": version},
                }
                for number, version in about
            ],
        )
