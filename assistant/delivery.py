"""The sender: takes what is due from the outbox, puts it into words, and records each attempt."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping

import structlog

from assistant import receipts
from assistant.channel import (
    Channel,
    Delivery,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Sent,
    Unreachable,
)
from assistant.guided.actions import Press, Verb
from assistant.messages import Button, Outgoing
from assistant.recorder import Recorder, SendOutcome, Stage
from assistant.texts import Texts
from booking.appointment import Appointment, Change
from booking.business import Business
from booking.status import AppointmentStatus
from db.errors import DatabaseError, DatabaseUnavailableError
from db.presence import Presence
from db.repositories.customers import Customer
from db.repositories.outbox import OutboxKind, OutboxMessage, OutboxRepository
from db.store import Store

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
# After this long in `sending` the sender that took it is dead: the HTTP time-outs are shorter.
ABANDONED_SECONDS = 60.0
MAX_ATTEMPTS = 8
UNKNOWN_PAUSE_SECONDS = 3.0
# A message is out, but the database is away: its outcome is kept in memory that long.
SETTLE_SECONDS = 30.0


class Sender:
    """Sends the outbox of some channels.

    Args:
        store: the database.
        channels: by name.
        texts: words of receipts and reminders.
        presence: this process's sign of life; None = what a killed sender had in hand is found
             after `ABANDONED_SECONDS`.
        recorder: takes note of what happens.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        texts: Texts,
        presence: Presence | None = None,
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self._store = store
        self._presence = presence
        self._channels = channels
        self._texts = texts
        self._recorder = recorder or Recorder()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then what is due by then."""
        while not stop.is_set():
            self.wake.clear()
            if not await self._send_all():
                await _wait_for(self.wake, stop, POLL_SECONDS)
        await self._send_all()

    async def _send_all(self) -> int:
        sent = 0
        try:
            for name in self._channels:
                await self._requeue_abandoned(name)
                sent += await self.send_due(name)
        except DatabaseError as error:
            logger.warning("outbox_database_away", error=str(error))
        return sent

    async def send_due(self, name: str, *, chat_id: int | None = None) -> int:
        """Send what is due in a channel (or one chat of it), and return how many were sent.

        Raises:
            DatabaseUnavailableError: the database is away.
        """
        total = 0
        while True:
            async with self._store.worker() as session:
                batch = await OutboxRepository(session).claim(
                    name,
                    self._store.clock.now(),
                    chat_id=chat_id,
                    holder=None if self._presence is None else self._presence.holder,
                )
            if not batch:
                return total
            await asyncio.gather(*(self._send(self._channels[name], message) for message in batch))
            total += len(batch)

    async def _requeue_abandoned(self, name: str) -> None:
        async with self._store.worker() as session:
            ids = await OutboxRepository(session).requeue_abandoned(name, ABANDONED_SECONDS)
        if ids:
            logger.warning("outbox_outcome_unknown", outbox_ids=list(ids))

    async def _send(self, channel: Channel, message: OutboxMessage) -> None:
        outgoing = await self._render(message)
        if outgoing is None:
            self._recorder.send(message.kind.value, SendOutcome.DROPPED)
            await self._settle(message, "cancelled")
            return
        delivery = await channel.send(
            message.chat_id, outgoing, first_attempt=message.attempts == 1
        )
        await self._record(message, delivery)

    async def _record(self, message: OutboxMessage, delivery: Delivery) -> None:
        kind = message.kind.value
        log = logger.bind(
            outbox_id=message.id, channel=message.channel, chat_id=message.chat_id, kind=kind
        )
        match delivery:
            case Sent(message_id):
                log.info("sent")
                late = self._store.clock.now() - message.due_at
                self._recorder.stage(Stage.DELIVERY, late.total_seconds())
                self._recorder.send(kind, SendOutcome.SENT)
                await self._settle(message, "sent", sent_message_id=message_id)
            case RetryLater(after_seconds, reason) if message.attempts < MAX_ATTEMPTS:
                self._recorder.send(kind, SendOutcome.RETRIED)
                log.warning("send_retry", reason=reason, after_seconds=after_seconds)
                due = self._store.clock.now() + dt.timedelta(seconds=after_seconds)
                await self._settle(message, "queued", error=reason, due_at=due)
            case OutcomeUnknown(reason) if message.unknown_outcomes == 0:
                # It may have arrived. An answer that is lost is worse than one that comes twice,
                # so it is repeated, but only once: the attempt is on record.
                self._recorder.send(kind, SendOutcome.UNKNOWN)
                log.warning("send_outcome_unknown", reason=reason)
                due = self._store.clock.now() + dt.timedelta(seconds=UNKNOWN_PAUSE_SECONDS)
                await self._settle(
                    message, "queued", error=f"outcome unknown: {reason}", due_at=due, unknown=True
                )
            case (
                RetryLater(_, reason)
                | Unreachable(reason)
                | Rejected(reason)
                | OutcomeUnknown(reason)
            ):
                self._recorder.send(kind, SendOutcome.FAILED)
                log.error("send_failed", reason=reason)
                await self._settle(message, "failed", error=reason)

    async def _settle(
        self,
        message: OutboxMessage,
        state: str,
        *,
        error: str | None = None,
        sent_message_id: int | None = None,
        due_at: dt.datetime | None = None,
        unknown: bool = False,
    ) -> None:
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while True:
            try:
                async with self._store.worker() as session:
                    await OutboxRepository(session).settle(
                        message.id,
                        state=state,
                        attempt=message.attempts,
                        unknown=unknown,
                        error=error,
                        sent_message_id=sent_message_id,
                        due_at=due_at,
                    )
            except DatabaseUnavailableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.5)
            else:
                return

    async def _render(self, message: OutboxMessage) -> Outgoing | None:
        """Put a row into words; None where it is not wanted any more."""
        if message.kind is OutboxKind.MESSAGE:
            return Outgoing.model_validate(message.payload)
        business = await self._store.business(message.business_id)
        if message.kind is OutboxKind.REMINDER:
            return await self._reminder(business, message)
        if message.kind is OutboxKind.WAITLIST_OFFER:
            return await self._waitlist_offer(business, message)
        appointment = Appointment.model_validate(message.payload["appointment"])
        change = Change(message.payload["change"])
        previous = message.payload.get("previous_starts_at")
        previous_starts_at = dt.datetime.fromisoformat(previous) if previous else None
        now = self._store.clock.now()
        if message.kind is OutboxKind.RECEIPT:
            return Outgoing(
                text=receipts.receipt(
                    change,
                    appointment,
                    business=business,
                    language=message.payload["language"],
                    texts=self._texts,
                    now=now,
                    previous_starts_at=previous_starts_at,
                )
            )
        if change not in receipts.OWNER_CHANGES:
            return None
        customer = await self._customer(business, appointment.customer_id)
        text = receipts.owner_notice(
            change,
            appointment,
            customer=_name(customer),
            business=business,
            texts=self._texts,
            now=now,
            previous_starts_at=previous_starts_at,
        )
        language = business.languages[0]
        if change is not Change.REQUESTED:
            return Outgoing(text=text)
        keys = (("button_approve", Verb.APPROVE), ("button_decline", Verb.DECLINE))
        return Outgoing(text=text, buttons=(self._buttons(appointment, language, keys),))

    async def _reminder(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        appointment_id = message.appointment_id
        if appointment_id is None:
            return None
        row = await self._store.run(
            business, lambda uow: uow.appointments.get_appointment_by_id(appointment_id)
        )
        now = self._store.clock.now()
        if row is None or row.status is not AppointmentStatus.CONFIRMED or row.starts_at <= now:
            return None
        if row.starts_at != dt.datetime.fromisoformat(message.payload["starts_at"]):
            return None  # moved while this one was on its way; the new time has its own
        language = message.payload["language"]
        text = receipts.reminder_text(
            row, business=business, language=language, texts=self._texts, now=now
        )
        keys = (
            ("button_confirm", Verb.ACKNOWLEDGE),
            ("button_move", Verb.MOVE),
            ("button_cancel_appointment", Verb.CANCEL),
        )
        return Outgoing(text=text, buttons=(self._buttons(row, language, keys),))

    async def _waitlist_offer(self, business: Business, message: OutboxMessage) -> Outgoing | None:
        held = Appointment.model_validate(message.payload["appointment"])
        row = await self._store.run(
            business, lambda uow: uow.appointments.get_appointment_by_id(held.id)
        )
        if row is None or row.status is not AppointmentStatus.HELD:
            return None  # answered, given back or over
        language = message.payload["language"]
        customer = await self._customer(business, row.customer_id)
        text = receipts.waitlist_offer_text(
            row,
            business=business,
            language=language,
            texts=self._texts,
            now=self._store.clock.now(),
            customer_zone=None if customer is None else customer.zone,
        )
        keys = (("button_confirm", Verb.TAKE), ("button_no_thanks", Verb.PASS))
        return Outgoing(text=text, buttons=(self._buttons(row, language, keys),))

    def _buttons(
        self, row: Appointment, language: str, keys: Iterable[tuple[str, Verb]]
    ) -> tuple[Button, ...]:
        return tuple(
            Button(
                label=self._texts.say(key, language),
                action=Press(verb, appointment=row.id, version=row.version).encode(),
            )
            for key, verb in keys
        )

    async def _customer(self, business: Business, customer_id: int) -> Customer | None:
        return await self._store.run(
            business, lambda uow: uow.customers.get_customer_by_id(customer_id)
        )


def _name(customer: Customer | None) -> str:
    if customer is None:
        return "?"
    handle = f"@{customer.username}" if customer.username else ""
    known = (customer.name, handle, customer.phone)
    return " ".join(part for part in known if part) or f"#{customer.id}"


async def _wait_for(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Wait until woken, stopped, or the time is over."""
    waits = [asyncio.create_task(event.wait()) for event in (wake, stop)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
