"""Chats handed to a person: who has them, what is passed on, and when the assistant is back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.hand_off import (
    Answered,
    Asked,
    HandOff,
    HandOffEnd,
    HandOffReason,
    Owner,
    TakenByAnother,
)
from db.clock import Clock
from db.hand_off_models import HandOffMessageRow, HandOffRow
from db.queue_models import OutboxRow
from db.repositories.appointments import AppointmentRepository
from db.repositories.hand_off_news import HandOffNews, parts_of
from db.repositories.outbox import OutboxKind, ReplyTo

_APPOINTMENTS = 3
# Nobody's chat is handed over more often: owners must not be flooded.
MOST_A_DAY = 5


class HandOffRepository:
    """Hand-offs of one business.

    Args:
        session: the caller commits.
        business: whose.
        clock: tells now.
    """

    def __init__(self, session: AsyncSession, business: Business, *, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock
        self._news = HandOffNews(session, business, clock)

    async def open_of(self, customer_id: int, *, key: str | None = None) -> HandOff | None:
        """Return the hand-off by which a person has the customer's chat now, if one has.

        Args:
            key: names a message; where it was passed on in a hand-off, that is the one.
        """
        is_open = (HandOffRow.customer_id == customer_id) & HandOffRow.ended_at.is_(None)
        if key is None:
            return await self._one(is_open)
        passed_on = select(HandOffMessageRow.hand_off_id).where(
            HandOffMessageRow.business_id == self._business.id, HandOffMessageRow.key == key
        )
        return await self._one(is_open | (HandOffRow.id == passed_on.scalar_subquery()))

    async def taken_by(self, channel: str, chat_id: int) -> list[HandOff]:
        """Return the open hand-offs that an owner has taken, oldest first."""
        rows = await self._session.scalars(
            select(HandOffRow)
            .where(
                HandOffRow.business_id == self._business.id,
                HandOffRow.channel == channel,
                HandOffRow.taken_by == chat_id,
                HandOffRow.ended_at.is_(None),
            )
            .order_by(HandOffRow.id)
        )
        return [_read(row) for row in rows]

    async def ask_which(self, owner: Owner) -> int:
        """Have an owner asked which of the chats that they have is given back.

        Returns:
            How many those are.
        """
        taken = await self.taken_by(owner.channel, owner.chat_id)
        for hand_off in taken:
            await self._news.tell_owners(hand_off, "which", {}, chats=[owner.chat_id])
        return len(taken)

    async def of_message(self, channel: str, chat_id: int, message_id: int) -> HandOff | None:
        """Return the hand-off that a message in an owner's chat belongs to.

        Args:
            chat_id: the owner's.
            message_id: one that was sent there about it, or one that the owner wrote.
        """
        told = select(OutboxRow.hand_off_id).where(
            OutboxRow.business_id == self._business.id,
            OutboxRow.channel == channel,
            OutboxRow.chat_id == chat_id,
            OutboxRow.sent_message_id == message_id,
            OutboxRow.hand_off_id.is_not(None),
        )
        written = select(HandOffMessageRow.hand_off_id).where(
            HandOffMessageRow.business_id == self._business.id,
            HandOffMessageRow.channel == channel,
            HandOffMessageRow.chat_id == chat_id,
            HandOffMessageRow.message_id == message_id,
        )
        found = await self._session.scalar(told.union_all(written).limit(1))
        return None if found is None else await self._one(HandOffRow.id == found)

    async def ask(
        self, customer_id: int, reason: HandOffReason, *, key: str, to: ReplyTo, said: str
    ) -> Asked:
        """Hand a customer's chat to a person and tell the owners. Idempotent.

        Args:
            key: names the message that led to it.
            to: the customer's chat.
            said: the customer's newest words, which aren't in the conversation yet.
        """
        if not self._business.owner_chat_ids:
            return Asked(None)
        if reason is not HandOffReason.MEDICAL and await self._too_often(customer_id, key):
            return Asked(await self.open_of(customer_id))
        now = self._clock.now()
        opened = await self._session.scalar(
            insert(HandOffRow)
            .values(
                business_id=self._business.id,
                customer_id=customer_id,
                key=key,
                channel=to.channel,
                chat_id=to.chat_id,
                language=to.language,
                reason=reason.value,
                asked_at=now,
                quiet_since=now,
            )
            .on_conflict_do_nothing()
            .returning(HandOffRow)
        )
        if opened is None:  # a person has the chat, or this is the same message once more
            known = await self.open_of(customer_id)
            ours = await self._one(HandOffRow.key == key)
            return Asked(known or ours, new=ours is not None)
        hand_off = _read(opened)
        rows = await AppointmentRepository(
            self._session, self._business, clock=self._clock
        ).get_customer_appointments(customer_id, upcoming=True, limit=_APPOINTMENTS)
        head = {
            "reason": reason.value,
            "appointments": [row.model_dump(mode="json") for row in rows],
        }
        await self._news.tell_owners(hand_off, "asked", head)
        lines = await self._news.conversation(customer_id)
        if said.strip():
            lines.append(("customer", said))
        for part in parts_of(lines):
            await self._news.tell_owners(hand_off, "transcript", {"lines": part})
        return Asked(hand_off, new=True)

    async def pass_on(
        self,
        hand_off_id: int,
        said: str,
        *,
        key: str,
        attached: Sequence[int] = (),
        edited: bool = False,
    ) -> bool:
        """Pass a customer's message on to whoever has the chat, else to all owners. Idempotent.

        Args:
            said: the text of it.
            key: names the message.
            attached: numbers of what isn't text in the customer's chat; it's shown as it is.
            edited: whether it replaces an earlier message, which was passed on as it was then.

        Returns:
            False where the assistant answers again: the chat was given back.
        """
        row = await self._locked(hand_off_id)
        if row is None:
            return False
        hand_off = _read(row)
        if await self._is_noted(key):
            return True
        if not hand_off.is_open:
            return False
        await self._note(hand_off, key, hand_off.channel, hand_off.chat_id, None)
        for part in parts_of([("customer", said)] if said.strip() else []):
            words = {"lines": part, "edited": True} if edited else {"lines": part}
            await self._news.tell_owners(hand_off, "said", words)
        for number in attached:
            shown = {"chat": hand_off.chat_id, "message": number}
            await self._news.tell_owners(hand_off, "attached", shown)
        return True

    async def answer(
        self, hand_off_id: int, owner: Owner, written: str, *, key: str, message_id: int | None
    ) -> Answered | TakenByAnother | None:
        """Send the customer what an owner wrote; the first who answers has the chat. Idempotent.

        A chat that was given back is taken up again by it.

        Args:
            key: names the owner's message.
            message_id: its number in the owner's chat.

        Returns:
            What came of it; None where there is no such hand-off (any more).
        """
        row = await self._locked(hand_off_id)
        if row is not None and await self._is_noted(key):
            return Answered(_read(row))
        if row is not None and row.ended_at is not None:
            row = await self._resumed(_read(row), key)
        if row is None:
            return None
        if row.taken_by not in (None, owner.chat_id):
            return TakenByAnother(row.taken_name or "")
        first = row.taken_by is None
        await self._note(_read(row), key, owner.channel, owner.chat_id, message_id)
        now = self._clock.now()
        row.taken_by, row.taken_name, row.quiet_since = owner.chat_id, owner.name, now
        await self._session.flush()
        hand_off = _read(row)
        await self._news.tell_customer(hand_off, "person", {"name": owner.name, "text": written})
        await self._news.tell_owners(hand_off, "passed", {"taken": first}, chats=[owner.chat_id])
        if first:
            others = [chat for chat in self._business.owner_chat_ids if chat != owner.chat_id]
            await self._news.tell_owners(hand_off, "taken", {"name": owner.name}, chats=others)
        await self._news.remember(hand_off, owner.name, written)
        return Answered(hand_off)

    async def end(
        self,
        hand_off_id: int,
        ended_by: HandOffEnd,
        *,
        key: str | None = None,
        owner: Owner | None = None,
    ) -> HandOff | None:
        """Let the assistant answer again, and tell those who don't know yet. Idempotent.

        Args:
            key: names the message or press that asked for it; None = no message did.
            owner: who gives the chat back.

        Returns:
            The hand-off as it is now; None where it had ended before, or never was.
        """
        row = await self._locked(hand_off_id)
        if row is None:
            return None
        if row.ended_at is not None:
            return _read(row) if key is not None and row.ended_key == key else None
        row.ended_at, row.ended_by, row.ended_key = self._clock.now(), ended_by.value, key
        await self._session.flush()
        hand_off = _read(row)
        if ended_by is not HandOffEnd.CUSTOMER:
            await self._news.tell_customer(hand_off, "back", {"ended_by": ended_by.value})
        if ended_by is not HandOffEnd.UNREACHED:
            taken, giver = hand_off.taken_by, None if owner is None else owner.chat_id
            concerned = self._business.owner_chat_ids if taken is None else (taken,)
            told = {"ended_by": ended_by.value, "by": giver, "name": owner and owner.name}
            chats = [*concerned]
            if giver is not None and giver not in concerned:
                chats.append(giver)
            await self._news.tell_owners(hand_off, "ended", told, chats=chats)
        return hand_off

    async def end_overdue(self, limit: int = 20) -> int:
        """End what no person wrote in for too long, and what no owner could be told of.

        Rows that another process works on are left to it.

        Returns:
            How many were ended.
        """
        now = self._clock.now()
        quiet = dt.timedelta(minutes=self._business.policy.hand_off_minutes)
        notice = (
            OutboxRow.business_id == self._business.id,
            OutboxRow.hand_off_id == HandOffRow.id,
            OutboxRow.kind == OutboxKind.OWNER_HAND_OFF.value,
        )
        reached = (
            select(OutboxRow.id).where(*notice, OutboxRow.state.in_(("queued", "sending", "sent")))
        ).exists()
        given_up = select(OutboxRow.id).where(*notice, OutboxRow.state == "failed").exists()
        unreached = HandOffRow.taken_by.is_(None) & given_up & ~reached
        rows = await self._session.execute(
            select(HandOffRow.id, unreached.label("unreached"))
            .where(
                HandOffRow.business_id == self._business.id,
                HandOffRow.ended_at.is_(None),
                (HandOffRow.quiet_since <= now - quiet) | unreached,
            )
            .order_by(HandOffRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=HandOffRow)
        )
        found = rows.all()
        for row in found:
            why = HandOffEnd.UNREACHED if row.unreached else HandOffEnd.SILENCE
            await self.end(row.id, why)
        return len(found)

    # --- rows

    async def _one(self, *conditions: Any) -> HandOff | None:
        row = await self._session.scalar(
            select(HandOffRow)
            .where(HandOffRow.business_id == self._business.id, *conditions)
            .order_by(HandOffRow.id.desc())
            .limit(1)
        )
        return None if row is None else _read(row)

    async def _locked(self, hand_off_id: int) -> HandOffRow | None:
        """Return a row that nobody else changes until the transaction's end."""
        found: HandOffRow | None = await self._session.scalar(
            select(HandOffRow)
            .where(HandOffRow.business_id == self._business.id, HandOffRow.id == hand_off_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return found

    async def _resumed(self, before: HandOff, key: str) -> HandOffRow | None:
        """Return the customer's open hand-off, or begin one: a person writes after the end."""
        now = self._clock.now()
        await self._session.execute(
            insert(HandOffRow)
            .values(
                business_id=self._business.id,
                customer_id=before.customer_id,
                key=key,
                channel=before.channel,
                chat_id=before.chat_id,
                language=before.language,
                reason=HandOffReason.RESUMED.value,
                asked_at=now,
                quiet_since=now,
            )
            .on_conflict_do_nothing()
        )
        current = await self.open_of(before.customer_id)
        return None if current is None else await self._locked(current.id)

    async def _is_noted(self, key: str) -> bool:
        """Return whether a message was passed on before."""
        found = await self._session.scalar(
            select(HandOffMessageRow.key).where(
                HandOffMessageRow.business_id == self._business.id, HandOffMessageRow.key == key
            )
        )
        return found is not None

    async def _note(
        self, hand_off: HandOff, key: str, channel: str, chat_id: int, message_id: int | None
    ) -> None:
        await self._session.execute(
            insert(HandOffMessageRow).values(
                business_id=self._business.id,
                key=key,
                hand_off_id=hand_off.id,
                channel=channel,
                chat_id=chat_id,
                message_id=message_id,
                created_at=self._clock.now(),
            )
        )

    async def _too_often(self, customer_id: int, key: str) -> bool:
        """Return whether the customer had a person called often enough for a day."""
        since = self._clock.now() - dt.timedelta(days=1)
        count = await self._session.scalar(
            select(func.count())
            .select_from(HandOffRow)
            .where(
                HandOffRow.business_id == self._business.id,
                HandOffRow.customer_id == customer_id,
                HandOffRow.asked_at > since,
                HandOffRow.key != key,
                HandOffRow.reason != HandOffReason.RESUMED.value,
                HandOffRow.ended_at.is_not(None),
            )
        )
        return int(count or 0) >= MOST_A_DAY


def _read(row: HandOffRow) -> HandOff:
    return HandOff(
        **{name: getattr(row, name) for name in HandOff.model_fields}  # the row has more
    )
