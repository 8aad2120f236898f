"""What a customer asks for in their own chat about their data: a copy of it, and to be forgotten.

The wish to be forgotten can't be carried out by the turn that says so, since that turn is part of
what goes; it is noted, and housekeeping carries it out when the chat has come to rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import db.queue_models as queue
from booking.business import Business
from db.clock import Clock
from db.models import CustomerRow
from db.repositories.outbox import OWNER_KINDS, OutboxKind, OutboxRepository, ReplyTo
from db.repositories.privacy import BeingAnswered, Erased, PrivacyRepository, StillUpcoming

# What a message of `OutboxKind.PRIVACY` brings.
COPY, EXPECTED = "copy", "expected"
# A goodbye that can't be delivered for so long (Telegram is away) is not waited for.
PATIENCE = dt.timedelta(minutes=10)
# What of an export is the customer's own: the rest is how the business keeps its books, and names
# others (owners' chats, who did what).
_OWN = ("profile", "appointments", "waitlist_entries", "conversation", "conversation_facts")


class Forgotten(StrEnum):
    """What came of a wish to be forgotten."""

    ERASED = "erased"
    LATER = "later"  # something of the chat is still on its way
    STILL_EXPECTED = "still_expected"  # there is an appointment ahead; the wish is dropped


class ForgettingRepository:
    """A customer's own requests about their data.

    Args:
        session: bound to the business; the caller commits.
        business: whose customers.
        clock: tells now.
    """

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock

    async def own_data(self, customer_id: int) -> dict[str, Any] | None:
        """Return a copy of a customer's data for themselves; None where there is no such customer.

        Returns:
            Values for JSON, as in `PrivacyRepository.export_customer`.
        """
        privacy = PrivacyRepository(self._session, self._business, self._clock)
        held = await privacy.export_customer(customer_id)
        if held is None:
            return None
        own = {key: held[key] for key in _OWN if key in held}
        own["messages_in"] = [_message(row) for row in held["messages_in"]]
        theirs = held["profile"]["telegram_id"]
        others = {kind.value for kind in OWNER_KINDS}
        own["messages_out"] = [
            _message(row)
            for row in held["messages_out"]
            if row["chat_id"] == theirs and row["kind"] not in others
        ]
        return own

    async def send_copy(self, customer_id: int, to: ReplyTo) -> None:
        """Send a customer the copy of their data; it is put together when it goes out.

        Args:
            to: their own chat.
        """
        await self._tell(customer_id, to, COPY)

    async def _tell(self, customer_id: int, to: ReplyTo, what: str) -> None:
        payload = {"customer_id": customer_id, "language": to.language, "what": what}
        await OutboxRepository(self._session).enqueue(
            self._business.id, to, OutboxKind.PRIVACY, payload, due_at=self._clock.now()
        )

    async def ask(self, customer_id: int) -> None:
        """Note that a customer wants to be forgotten."""
        await self._note(customer_id, self._clock.now())

    async def due(self, limit: int = 20) -> list[int]:
        """Return the ids of customers who want to be forgotten, those who asked first."""
        found = await self._session.scalars(
            select(CustomerRow.id)
            .where(
                CustomerRow.business_id == self._business.id,
                CustomerRow.erase_asked_at.is_not(None),
            )
            .order_by(CustomerRow.erase_asked_at)
            .limit(limit)
        )
        return list(found)

    async def forget(self, customer_id: int) -> Forgotten:
        """Carry out a customer's wish to be forgotten, if the chat has come to rest.

        Where an appointment is ahead after all, the wish is dropped, and they are told.
        """
        row = await self._session.scalar(
            select(CustomerRow)
            .where(
                CustomerRow.business_id == self._business.id,
                CustomerRow.id == customer_id,
                CustomerRow.erase_asked_at.is_not(None),
            )
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if row is None or row.erase_asked_at is None:
            return Forgotten.LATER  # another process is at it, or has done it
        patient = self._clock.now() < row.erase_asked_at + PATIENCE
        if patient and await self._is_under_way(row.chat_id):
            return Forgotten.LATER
        privacy = PrivacyRepository(self._session, self._business, self._clock)
        match await privacy.erase_customer(customer_id):
            case Erased():
                return Forgotten.ERASED
            case BeingAnswered():
                return Forgotten.LATER
            case StillUpcoming():
                await self._note(customer_id, None)
                if row.channel is not None and row.chat_id is not None:
                    language = row.language or self._business.languages[0]
                    to = ReplyTo(row.channel, row.chat_id, language)
                    await self._tell(customer_id, to, EXPECTED)
                return Forgotten.STILL_EXPECTED

    async def _note(self, customer_id: int, when: dt.datetime | None) -> None:
        await self._session.execute(
            update(CustomerRow)
            .where(CustomerRow.business_id == self._business.id, CustomerRow.id == customer_id)
            .values(erase_asked_at=when)
        )

    async def _is_under_way(self, chat_id: int | None) -> bool:
        """Return whether something of a chat waits to be answered or to be sent."""
        inbox, outbox = queue.InboxRow, queue.OutboxRow
        waits = exists().where(
            inbox.business_id == self._business.id, inbox.chat_id == chat_id, inbox.state == "new"
        )
        goes = exists().where(
            outbox.business_id == self._business.id,
            outbox.chat_id == chat_id,
            outbox.state.in_(["queued", "sending"]),
            outbox.due_at <= self._clock.now(),
        )
        return bool(await self._session.scalar(select(waits | goes)))


def _message(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without how it was delivered."""
    kept = ("kind", "received_at", "created_at", "payload")
    return {key: row[key] for key in kept if key in row}
