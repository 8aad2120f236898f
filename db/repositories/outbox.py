"""What is to be sent: rows written in the transaction that causes them, sent after its commit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import Business
from db.notices import OUTBOX, notice
from db.queue_models import OutboxRow
from db.repositories.locks import claim_in_turn
from db.repositories.pace import CLAIM, NEXT, UNPACED, Pace
from db.repositories.reminders import due_reminders, due_review, last_seen


class OutboxKind(StrEnum):
    """What a row's payload holds; the words are rendered when it is sent."""

    MESSAGE = "message"  # an assistant.messages.Outgoing
    RECEIPT = "receipt"  # change, appointment, language, previous_starts_at
    REMINDER = "reminder"  # the appointment's start when it was planned, language
    OWNER_NOTICE = "owner_notice"  # change, appointment
    REVIEW = "review"  # after the visit: the appointment's start when it was planned, language
    UNANSWERED = "unanswered"  # to the owner: ids of appointments whose reminder has no answer
    UNREACHABLE = "unreachable"  # to the owner: customer id, whether there was something to tell
    BROADCAST = "broadcast"  # an assistant.messages.Outgoing that many get
    WAITLIST_OFFER = "waitlist_offer"  # appointment (held for the next in line), language
    CALENDAR = "calendar"  # the appointment as a file: language, whether it is a changed one
    PRIVACY = "privacy"  # customer_id, language, and what (db.repositories.forgetting)
    HAND_OFF = "hand_off"  # to the customer: see db.repositories.hand_offs
    OWNER_HAND_OFF = "owner_hand_off"  # to an owner: see there


# What goes to the owner's chats and is about a customer.
OWNER_KINDS = frozenset(
    {
        OutboxKind.OWNER_NOTICE,
        OutboxKind.UNREACHABLE,
        OutboxKind.UNANSWERED,
        OutboxKind.OWNER_HAND_OFF,
    }
)


class Priority(IntEnum):
    """Replies before reminders before broadcasts."""

    REPLY = 0
    REMINDER = 1
    BROADCAST = 2


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where a customer is told what a command did.

    Args:
        channel: "telegram:<bot id>" or "terminal".
        chat_id: the chat in that channel.
        language: ISO 639-1 code of the words.
    """

    channel: str
    chat_id: int
    language: str


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A claimed row.

    Args:
        attempts: attempts recorded, this one included; more than one after a crash or a
            failure whose outcome could not be known.
        unknown_outcomes: attempts after which the channel could not say whether it arrived.
        due_at: instant at which it was due first, before any attempt put it off.
        trace: names the work that caused it, where that was traced; else "".
    """

    id: int
    business_id: int
    channel: str
    chat_id: int
    kind: OutboxKind
    payload: dict[str, Any]
    appointment_id: int | None
    due_at: dt.datetime
    attempts: int
    unknown_outcomes: int = 0
    trace: str = ""


# On the table: the mapped class would go through the unit of work's bulk path, for nothing.
_ENQUEUE = insert(cast(Table, OutboxRow.__table__)).returning(
    notice(OUTBOX, OutboxRow.__table__.c.channel)
)


class OutboxRepository:
    """Rows to be sent. The sender's methods need a worker's session (`worker=True`)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def enqueue(
        self,
        business_id: int,
        to: ReplyTo,
        kind: OutboxKind,
        payload: dict[str, Any],
        *,
        due_at: dt.datetime,
        priority: Priority = Priority.REPLY,
        appointment_id: int | None = None,
        hand_off_id: int | None = None,
    ) -> None:
        """Add one message to a chat's queue."""
        await self._session.execute(
            insert(OutboxRow)
            .values(
                business_id=business_id,
                channel=to.channel,
                chat_id=to.chat_id,
                kind=kind.value,
                priority=int(priority),
                payload=payload,
                appointment_id=appointment_id,
                hand_off_id=hand_off_id,
                due_at=due_at,
            )
            .returning(notice(OUTBOX, to.channel))
        )

    async def has_said(
        self,
        business_id: int,
        to: ReplyTo,
        payload: dict[str, Any],
        *,
        since: dt.datetime | None = None,
    ) -> bool:
        """Return whether a chat was told exactly this, or is about to be.

        Args:
            since: what was due before that instant doesn't count; None = ever.
        """
        query = select(OutboxRow.id).where(
            OutboxRow.business_id == business_id,
            OutboxRow.channel == to.channel,
            OutboxRow.chat_id == to.chat_id,
            OutboxRow.payload == payload,
        )
        if since is not None:
            query = query.where(OutboxRow.due_at > since)
        return await self._session.scalar(query.limit(1)) is not None

    async def announce(
        self,
        business: Business,
        change: Change,
        appointment: Appointment,
        reply_to: ReplyTo | None,
        *,
        now: dt.datetime,
        previous_starts_at: dt.datetime | None = None,
        owner_channel: str | None = None,
        tell_owners: bool = True,
    ) -> None:
        """Write the receipt, the owner's notice and the reminders of a committed change.

        Args:
            reply_to: the customer's chat; None = nobody to tell.
            now: instant.
            previous_starts_at: the old start of a move, an instant.
            owner_channel: channel of the owner's chats; None = the customer's channel.
            tell_owners: whether it is news to the owners: what they did themselves isn't.
        """
        if change in (Change.HELD, Change.RELEASED):
            return  # a card is shown by the turn that asked for it; an unused hold is nobody's news
        body: dict[str, Any] = {
            "change": change.value,
            "appointment": appointment.model_dump(mode="json"),
            "previous_starts_at": previous_starts_at and previous_starts_at.isoformat(),
        }
        rows = []
        if reply_to is not None:
            rows.append(
                _values(
                    business.id,
                    reply_to,
                    OutboxKind.RECEIPT,
                    {**body, "language": reply_to.language},
                    now,
                )
            )
        channel = owner_channel or (reply_to.channel if reply_to else None)
        if channel is not None and tell_owners:
            rows += [
                _values(
                    business.id,
                    ReplyTo(channel, chat_id, business.languages[0]),
                    OutboxKind.OWNER_NOTICE,
                    body,
                    now,
                )
                for chat_id in business.owner_chat_ids
            ]
        if change in (Change.BOOKED, Change.APPROVED, Change.MOVED):
            rows += await self._timers(business, appointment, reply_to, now)
        if rows:
            await self._session.execute(_ENQUEUE, rows)

    async def _timers(
        self, business: Business, appointment: Appointment, to: ReplyTo | None, now: dt.datetime
    ) -> list[dict[str, Any]]:
        """Return the rows that come due by themselves: reminders, the request for a review."""
        if to is None:  # the owner moves or approves: it is the customer who is reminded
            seen = await last_seen(self._session, business.id, appointment.customer_id)
            if seen is None:
                return []
            to = ReplyTo(seen[0], seen[1], seen[2] or business.languages[0])
        more = {"priority": int(Priority.REMINDER), "appointment_id": appointment.id}
        # The start goes with it: what was on its way when the appointment was moved is recognised
        # by it, and dropped.
        payload = {"starts_at": appointment.starts_at.isoformat(), "language": to.language}
        due = [(OutboxKind.REMINDER, at) for at in due_reminders(business, appointment, now)]
        due += [(OutboxKind.REVIEW, at) for at in due_review(business, appointment)]
        return [_values(business.id, to, kind, payload, at) | more for kind, at in due]

    async def drop_timers(self, business_id: int, appointment_id: int) -> None:
        """Take back what an appointment has planned and is not sent yet."""
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.business_id == business_id,
                OutboxRow.appointment_id == appointment_id,
                OutboxRow.state == "queued",
            )
            .values(state="cancelled")
        )

    async def claim(
        self,
        channel: str,
        now: dt.datetime,
        *,
        limit: int = 20,
        chat_id: int | None = None,
        holder: int | None = None,
        pace: Pace | None = None,
        timers: bool = True,
    ) -> list[OutboxMessage]:
        """Take due messages, one a chat, and record the attempt before anything is sent.

        Replies come before reminders before broadcasts.

        Args:
            channel: whose messages.
            now: instant; messages due later stay.
            chat_id: one chat only.
            holder: the process's sign of life (`db.presence`), None without one.
            pace: what the channel takes; None = any number at any time.
            timers: also what came due by itself: reminders and reviews.
        """
        kept = pace or UNPACED
        if pace is not None:
            # One sender at a time, so that the next one counts what this one takes.
            await claim_in_turn(self._session, channel)
        rows = await self._session.execute(
            CLAIM,
            {
                "per_second": kept.per_second,
                "chat_seconds": kept.chat_seconds,
                "group_per_minute": kept.group_per_minute,
                "window": max(1.0, kept.chat_seconds),
                "channel": channel,
                "now": now,
                "limit": limit,
                "chat_id": chat_id,
                "holder": holder,
                "timers": timers,
            },
        )
        claimed = [
            OutboxMessage(**{**row, "kind": OutboxKind(row["kind"])}) for row in rows.mappings()
        ]
        return sorted(claimed, key=lambda message: message.id)

    async def settle(
        self,
        message_id: int,
        *,
        state: str,
        attempt: int | None = None,
        unknown: bool = False,
        error: str | None = None,
        sent_message_id: int | None = None,
        due_at: dt.datetime | None = None,
    ) -> bool:
        """Record how an attempt ended: `sent`, `failed`, `cancelled`, or `queued` for a retry.

        An attempt that was given up for dead meanwhile has no say: the message is another's.

        Args:
            attempt: which one it was; None = whichever is the last.
            unknown: the channel couldn't say whether the message arrived.
            error: a short reason without the customer's text.
            due_at: when to try again, an instant.

        Returns:
            Whether it was recorded; a repeat of it (a commit whose answer was lost) is not.
        """
        values: dict[str, Any] = {
            "state": state,
            "error": error,
            "sent_message_id": sent_message_id,
            "holder": None,
            "attempted_at": func.clock_timestamp(),
        }
        if due_at is not None:
            values["due_at"] = due_at
            values["waiting_since"] = func.coalesce(OutboxRow.waiting_since, OutboxRow.due_at)
        if unknown:
            values["unknown_outcomes"] = OutboxRow.unknown_outcomes + 1
        statement = update(OutboxRow).where(OutboxRow.id == message_id)
        if attempt is not None:
            statement = statement.where(OutboxRow.attempts == attempt, OutboxRow.state == "sending")
        settled = await self._session.execute(statement.values(**values).returning(OutboxRow.id))
        return settled.first() is not None

    async def seconds_to_next(
        self, channel: str, now: dt.datetime, pace: Pace | None = None
    ) -> float | None:
        """Return how long until it's worth claiming again; None where nothing tells.

        To be asked when nothing could be claimed: what is due then waits for the pace, or for a
        message before it.

        Args:
            now: instant by which messages are due.
            pace: as in `claim`.
        """
        window = max(1.0, (pace or UNPACED).chat_seconds)
        found = (
            await self._session.execute(NEXT, {"channel": channel, "now": now, "window": window})
        ).one()
        waits = [] if found.due_in is None else [float(found.due_in)]
        if found.is_due and found.rests is not None:
            waits.append(max(0.0, window + float(found.rests)))
        return min(waits, default=None)


def _values(
    business_id: int, to: ReplyTo, kind: OutboxKind, payload: dict[str, Any], due_at: dt.datetime
) -> dict[str, Any]:
    return {
        "business_id": business_id,
        "channel": to.channel,
        "chat_id": to.chat_id,
        "kind": kind.value,
        "priority": int(Priority.REPLY),
        "payload": payload,
        "appointment_id": None,
        "due_at": due_at,
    }
