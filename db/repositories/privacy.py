"""What is held about one customer: all of it, to hand out; and none of it any more, on request.

The business keeps its appointments (when, what, with whom of the staff, for how much) and its
counters of turns and tokens; whose they were can't be told from them afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

import db.queue_models as queue
from booking.business import Business
from booking.status import OCCUPYING, AppointmentStatus
from db.clock import Clock
from db.models import (
    AppointmentEventRow,
    AppointmentRow,
    Base,
    CustomerRow,
    IdempotencyKeyRow,
    OccupancyRow,
)
from db.repositories.appointments import AppointmentRepository
from db.repositories.locks import lock_customer_and_resources
from db.repositories.outbox import OWNER_KINDS
from db.repositories.written import WITHOUT_QUOTES, WITHOUT_WRITTEN

# Tables with a customer_id that are treated by name below; any other one (a waiting list) is
# exported as it is, and its rows of the customer are deleted.
_BY_NAME = frozenset({"appointments", "conversation_messages", "drafts", "turns"})
_PERSONAL = (
    "telegram_id external_id username first_name last_name preferred_name phone email"
    " language zone channel chat_id unreachable_since erase_asked_at"
).split()


@dataclass(frozen=True, slots=True)
class Erased:
    """A customer was erased.

    Args:
        cancelled: numbers of the appointments that were cancelled for it.
    """

    cancelled: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StillUpcoming:
    """Nothing was erased: these appointments (numbers) are still to come."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BeingAnswered:
    """Nothing was erased: a message of the customer is being answered right now."""


class PrivacyRepository:
    """A customer's data of one business.

    Args:
        session: bound to the business; the caller commits.
        business: whose customer.
        clock: tells now.
    """

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock

    async def export_customer(self, customer_id: int) -> dict[str, Any] | None:
        """Return everything that is held about a customer; None where there is no such customer.

        Returns:
            Values for JSON: instants as ISO text in UTC, ranges as two of them.
        """
        profile = await self._rows(CustomerRow, CustomerRow.id == customer_id)
        if not profile:
            return None
        chats = await self._chats(customer_id)
        numbers = await self._numbers(customer_id)
        turns = await self._rows(queue.TurnRow, queue.TurnRow.customer_id == customer_id)
        turn_ids = [turn["id"] for turn in turns]
        found = {
            "profile": profile[0],
            "appointments": await self._rows(
                AppointmentRow, AppointmentRow.customer_id == customer_id
            ),
            "occupied_times": await self._rows(
                OccupancyRow, OccupancyRow.appointment_id.in_(numbers)
            ),
            "events": await self._rows(
                AppointmentEventRow, AppointmentEventRow.appointment_id.in_(numbers)
            ),
            "conversation": await self._rows(
                queue.ConversationMessageRow,
                queue.ConversationMessageRow.customer_id == customer_id,
            ),
            "draft": await self._rows(queue.DraftRow, queue.DraftRow.customer_id == customer_id),
            "turns": turns,
            "turn_steps": await self._rows(
                queue.TurnStepRow, queue.TurnStepRow.turn_id.in_(turn_ids)
            ),
            "messages_in": await self._rows(queue.InboxRow, self._their_inbox(chats)),
            "messages_out": await self._rows(
                queue.OutboxRow, or_(self._their_outbox(chats), self._about(customer_id, numbers))
            ),
            "commands": await self._rows(IdempotencyKeyRow, self._their_commands(customer_id)),
        }
        for table in _other_tables():
            found[table.name] = await self._rows(table, table.c.customer_id == customer_id)
        return found

    async def erase_customer(
        self, customer_id: int, *, cancel_upcoming: bool = False
    ) -> Erased | StillUpcoming | BeingAnswered:
        """Delete or blank everything by which a customer could be told or found again.

        Rows that carry a number which must not be given out twice (updates, turns, appointments)
        stay without their contents.

        Args:
            cancel_upcoming: cancel, as the owner, what is still to come; else nothing is done
                where there is something.
        """
        await lock_customer_and_resources(self._session, customer_id, ())
        chats = await self._chats(customer_id)
        if await self._is_being_answered(chats):
            return BeingAnswered()
        active = await self._active(customer_id)
        upcoming = tuple(row.id for row in active if row.status != AppointmentStatus.HELD.value)
        if upcoming and not cancel_upcoming:
            return StillUpcoming(upcoming)
        appointments = AppointmentRepository(self._session, self._business, clock=self._clock)
        for row in active:  # a hold is no appointment yet: it is given up without asking
            await appointments.cancel_appointment(row.id, customer_id=None)
        await self._erase_messages(customer_id, chats)
        await self._erase_appointments(customer_id)
        for table in reversed(_other_tables()):
            await self._session.execute(
                delete(table).where(
                    table.c.business_id == self._business.id, table.c.customer_id == customer_id
                )
            )
        await self._session.execute(
            update(CustomerRow)
            .where(CustomerRow.business_id == self._business.id, CustomerRow.id == customer_id)
            .values(
                **dict.fromkeys(_PERSONAL),
                erased_at=self._clock.now(),
                updated_at=self._clock.now(),
            )
        )
        return Erased(upcoming)

    # --- whose is what

    async def _chats(self, customer_id: int) -> _Chats:
        """Return where the customer was ever talked with, and which updates were theirs."""
        person = (
            await self._session.execute(
                select(CustomerRow.telegram_id, CustomerRow.channel, CustomerRow.chat_id).where(
                    CustomerRow.business_id == self._business.id, CustomerRow.id == customer_id
                )
            )
        ).one_or_none()
        turns = await self._session.execute(
            select(queue.TurnRow.channel, queue.TurnRow.update_ids).where(
                queue.TurnRow.business_id == self._business.id,
                queue.TurnRow.customer_id == customer_id,
            )
        )
        updates: dict[str, set[int]] = {}
        for channel, update_ids in turns:
            updates.setdefault(channel, set()).update(update_ids)
        return _Chats(None if person is None else person.telegram_id, updates)

    def _their_inbox(self, chats: _Chats) -> ColumnElement[bool]:
        """Their private chat, and their own messages in groups; not those of others there."""
        inbox = queue.InboxRow
        return or_(
            inbox.chat_id == chats.private,
            *(
                (inbox.channel == channel) & inbox.update_id.in_(update_ids)
                for channel, update_ids in chats.updates.items()
            ),
        )

    @staticmethod
    def _their_outbox(chats: _Chats) -> ColumnElement[bool]:
        return (queue.OutboxRow.chat_id == chats.private) & queue.OutboxRow.kind.not_in(OWNER_KINDS)

    @staticmethod
    def _about(customer_id: int, numbers: Iterable[int]) -> ColumnElement[bool]:
        """Messages about the customer's appointments: the owner's notices, receipts elsewhere."""
        payload = queue.OutboxRow.payload
        whose = payload["appointment"]["customer_id"].astext
        return or_(
            whose == str(customer_id),
            payload["customer"].astext == str(customer_id),
            queue.OutboxRow.appointment_id.in_(list(numbers)),
        )

    @staticmethod
    def _their_commands(customer_id: int) -> ColumnElement[bool]:
        return or_(
            IdempotencyKeyRow.actor == f"customer:{customer_id}",
            IdempotencyKeyRow.result["customer_id"].astext == str(customer_id),
        )

    async def _numbers(self, customer_id: int) -> list[int]:
        return list(
            await self._session.scalars(
                select(AppointmentRow.id).where(
                    AppointmentRow.business_id == self._business.id,
                    AppointmentRow.customer_id == customer_id,
                )
            )
        )

    async def _rows(
        self, model: type[Base] | Table, condition: ColumnElement[bool]
    ) -> list[dict[str, Any]]:
        table = model if isinstance(model, Table) else Base.metadata.tables[model.__tablename__]
        found = await self._session.execute(
            select(table)
            .where(table.c.business_id == self._business.id, condition)
            .order_by(*table.primary_key.columns)
        )
        return [_plain_row(row) for row in found.mappings()]

    # --- erasing

    async def _is_being_answered(self, chats: _Chats) -> bool:
        """Lock the lane of their private chat; whether a worker has it leased."""
        lane = queue.LaneRow
        leased = await self._session.scalars(
            select(lane.leased_until > func.clock_timestamp())
            .where(lane.business_id == self._business.id, lane.chat_id == chats.private)
            .with_for_update()
        )
        return any(leased.all())

    async def _active(self, customer_id: int) -> list[AppointmentRow]:
        found = await self._session.scalars(
            select(AppointmentRow)
            .where(
                AppointmentRow.business_id == self._business.id,
                AppointmentRow.customer_id == customer_id,
                AppointmentRow.status.in_([status.value for status in sorted(OCCUPYING)]),
                AppointmentRow.ends_at > self._clock.now(),
                AppointmentRow.expires_at.is_(None)
                | (AppointmentRow.expires_at > self._clock.now()),
            )
            .order_by(AppointmentRow.id)
        )
        return list(found)

    async def _erase_messages(self, customer_id: int, chats: _Chats) -> None:
        session, business_id = self._session, self._business.id
        turns = select(queue.TurnRow.id).where(
            queue.TurnRow.business_id == business_id, queue.TurnRow.customer_id == customer_id
        )
        for table, whose in (
            (queue.TurnStepRow, queue.TurnStepRow.turn_id.in_(turns)),
            (queue.ConversationMessageRow, queue.ConversationMessageRow.customer_id == customer_id),
            (queue.DraftRow, queue.DraftRow.customer_id == customer_id),
            (queue.LaneRow, queue.LaneRow.chat_id == chats.private),
        ):
            await session.execute(delete(table).where(table.business_id == business_id, whose))
        await session.execute(
            update(queue.TurnRow)
            .where(queue.TurnRow.business_id == business_id)
            .where(queue.TurnRow.customer_id == customer_id)
            .values(chat_id=0, state="done", digest=None)
        )
        await session.execute(
            update(queue.InboxRow)
            .where(queue.InboxRow.business_id == business_id, self._their_inbox(chats))
            .values(payload={}, chat_id=0, state="done", error=None)
        )
        await session.execute(
            update(queue.OutboxRow)
            .where(
                queue.OutboxRow.business_id == business_id,
                queue.OutboxRow.state.in_(["queued", "sending"]),
                self._their_outbox(chats),
            )
            .values(state="cancelled")
        )
        await session.execute(
            update(queue.OutboxRow)
            .where(queue.OutboxRow.business_id == business_id, self._their_outbox(chats))
            .values(payload={}, chat_id=0, error=None, sent_message_id=None)
        )

    async def _erase_appointments(self, customer_id: int) -> None:
        session, business_id = self._session, self._business.id
        await session.execute(
            update(AppointmentRow)
            .where(
                AppointmentRow.business_id == business_id, AppointmentRow.customer_id == customer_id
            )
            .values(notes=None, cancel_reason=None, external_id=None)
        )
        await session.execute(
            delete(IdempotencyKeyRow).where(
                IdempotencyKeyRow.business_id == business_id,
                IdempotencyKeyRow.actor == f"customer:{customer_id}",
            )
        )
        # What others did stays: the owner's commands, notices and the audit trail are theirs. What
        # the customer wrote goes from it.
        for statement in WITHOUT_WRITTEN:
            await session.execute(statement, {"business": business_id, "customer": customer_id})
        await session.execute(WITHOUT_QUOTES, {"business": business_id})


@dataclass(frozen=True, slots=True)
class _Chats:
    """Where a customer was talked with.

    Args:
        private: chat id of their private chats: the Telegram id, in every channel.
        updates: by channel, the updates that were theirs.
    """

    private: int | None
    updates: dict[str, set[int]]


def _other_tables() -> list[Table]:
    return [
        table
        for table in Base.metadata.sorted_tables
        if "customer_id" in table.c and table.name not in _BY_NAME
    ]


def _plain_row(row: RowMapping) -> dict[str, Any]:
    return {
        name: _plain(value)
        for name, value in row.items()
        if name != "business_id" and not isinstance(value, bytes)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Range):
        return [_plain(value.lower), _plain(value.upper)]
    return value
