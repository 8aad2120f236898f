"""The sender: takes what is due from the outbox and records each attempt."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from assistant.channel import (
    Channel,
    Delivery,
    OutcomeUnknown,
    Rejected,
    RetryLater,
    Sent,
    Unreachable,
)
from assistant.recorder import Recorder, SendOutcome, Stage, Work
from assistant.rendering import NotReachableError, OvertakenError, Renderer
from assistant.silence import Silence
from assistant.texts import Texts
from db.errors import DatabaseError, DatabaseUnavailableError
from db.outage import Outage
from db.presence import Presence
from db.repositories.leavings import InHand, LeavingsRepository
from db.repositories.outbox import OutboxKind, OutboxMessage, OutboxRepository
from db.store import Store, UnitOfWork
from db.timekeeping import is_settled

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
# Messages of a channel on their way at once: one that takes long holds up nobody but its own chat,
# and a bot whose messages all do holds up no other bot.
CONCURRENCY = 30
# Who has had a message in hand for so long is cut off or hangs: the HTTP time-outs are shorter.
ABANDONED_SECONDS = 60.0
# A message that was taken so long ago and isn't sent yet may be another's by now: this process was
# stopped in between, and has been taken for dead after `db.presence.LAPSE_SECONDS` at the earliest.
STALE_SECONDS = 10.0
# What surely wasn't sent is tried again for about a day; the pause doubles up to this.
MAX_ATTEMPTS = 300
_LONGEST_PAUSE_SECONDS = 300.0
UNKNOWN_PAUSE_SECONDS = 3.0
# A message is out, but the database is away: its outcome is kept in memory that long.
SETTLE_SECONDS = 30.0
# When the process is told to stop, what is due then still goes out for so long.
FAREWELL_SECONDS = 2.0
# What is on its way by then is given at least this.
_LAST_SECONDS = 0.3
# What follows from the end of an attempt, in the transaction that records it.
Note = Callable[[UnitOfWork], Awaitable[None]]
# What must not come twice; of the rest, a lost one is worse.
_NEVER_REPEATED = frozenset({OutboxKind.BROADCAST})


class Sender:
    """Sends the outbox of some channels.

    Args:
        store: the database.
        channels: by name.
        texts: words of receipts and reminders.
        presence: this process's sign of life; None = what a killed sender had in hand is found
            after `ABANDONED_SECONDS`.
        recorder: takes note of what happens.
        poll_seconds: how long nothing is looked for where nobody tells of anything; see `heard`.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        texts: Texts,
        presence: Presence | None = None,
        *,
        recorder: Recorder | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._store = store
        self._presence = presence
        self._channels = channels
        self._renderer = Renderer(store, texts)
        self._recorder = recorder or Recorder()
        self._running: dict[str, set[asyncio.Task[None]]] = {name: set() for name in channels}
        self._looked_at = 0.0
        self._in_hand: Silence[InHand] = Silence(ABANDONED_SECONDS)
        self._poll_seconds = poll_seconds
        self._database = Outage("outbox_database_away", "outbox_database_back")
        self.wake = asyncio.Event()

    def heard(self, channel: str | None) -> None:
        """Look for messages at once: some process has written one (`db.notices`).

        Args:
            channel: where; None = it isn't known.
        """
        if channel is None or channel in self._channels:
            self.wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then what is due by then."""
        while not stop.is_set():
            self.wake.clear()
            await _wait_for(self.wake, stop, await self._begin_all())
        loop = asyncio.get_running_loop()
        until = loop.time() + FAREWELL_SECONDS
        while (left := until - loop.time()) > 0:
            self.wake.clear()
            pause = await self._begin_all()
            if not any(self._running.values()) and pause >= min(POLL_SECONDS, self._poll_seconds):
                break  # nothing waits but for a later time
            await _wait_for(self.wake, None, min(pause, left))
        if running := set().union(*self._running.values()):
            left = max(until - loop.time(), _LAST_SECONDS)
            await asyncio.wait(running, timeout=left)

    async def _begin_all(self) -> float:
        """Begin to send what may be sent now; return the seconds until there may be more."""
        pause = self._poll_seconds
        try:
            await self._requeue_abandoned()
            for name in self._channels:
                pause = min(pause, await self._begin(name))
        except DatabaseError as error:
            self._database.goes_on(error=str(error))
        else:
            self._database.is_over()
        return pause

    async def _begin(self, name: str) -> float:
        running = self._running[name]
        while (free := CONCURRENCY - len(running)) > 0:
            taken_at = time.monotonic()
            batch = await self._claim(name, limit=free)
            if not batch:
                return await self._seconds_to_next(name)
            for message in batch:
                task = asyncio.create_task(self._send_or_leave(name, message, taken_at))
                running.add(task)
                task.add_done_callback(running.discard)
                task.add_done_callback(lambda _: self.wake.set())
        return self._poll_seconds  # whichever ends first wakes us

    async def _send_or_leave(self, name: str, message: OutboxMessage, taken_at: float) -> None:
        try:
            await self._send(self._channels[name], message, taken_at)
        except DatabaseError as error:
            # It stays as being sent, and is taken up like a dead sender's.
            logger.warning("outbox_database_away", outbox_id=message.id, error=str(error))

    async def send_due(self, name: str, *, chat_id: int | None = None) -> int:
        """Send what is due in a channel (or one chat of it), and return how many were sent.

        Raises:
            DatabaseUnavailableError: the database is away.
        """
        total = 0
        await self._requeue_abandoned()
        while True:
            taken_at = time.monotonic()
            batch = await self._claim(name, chat_id=chat_id)
            if not batch:
                return total
            channel = self._channels[name]
            await asyncio.gather(*(self._send(channel, message, taken_at) for message in batch))
            total += len(batch)

    async def _claim(
        self, name: str, *, chat_id: int | None = None, limit: int = 20
    ) -> list[OutboxMessage]:
        async with self._store.worker() as session:
            return await OutboxRepository(session).claim(
                name,
                self._store.clock.now(),
                limit=limit,
                chat_id=chat_id,
                holder=None if self._presence is None else self._presence.holder,
                pace=self._channels[name].pace,
                timers=is_settled(self._store.clock),
            )

    async def _seconds_to_next(self, name: str) -> float:
        async with self._store.worker() as session:
            seconds = await OutboxRepository(session).seconds_to_next(
                name, self._store.clock.now(), self._channels[name].pace
            )
        most = self._poll_seconds
        return most if seconds is None else min(max(seconds, 0.01), most)

    async def _requeue_abandoned(self) -> None:
        """Take up what dead or silent senders left; looked for once in `POLL_SECONDS`."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < POLL_SECONDS:
            return
        self._looked_at = now
        names = list(self._channels)
        async with self._store.worker() as session:
            leavings = LeavingsRepository(session)
            left: list[int] = []
            if self._presence is None or self._presence.may_judge:
                witness = None if self._presence is None else self._presence.holder
                left = await leavings.requeue_dead(names, witness=witness)
            silent = self._in_hand.look(await leavings.in_hand(names))
            left += await leavings.requeue_silent(silent)
            mended = await leavings.mend_outbox(names, self._store.clock.now())
        if left:
            logger.warning("outbox_outcome_unknown", outbox_ids=left)
        if mended:
            logger.warning("clock_was_set_back", messages=len(mended))

    async def _send(self, channel: Channel, message: OutboxMessage, taken_at: float) -> None:
        with self._recorder.span(Work.DELIVERY, caused_by=message.trace, outbox_id=message.id):
            await self._deliver(channel, message, taken_at)

    async def _deliver(self, channel: Channel, message: OutboxMessage, taken_at: float) -> None:
        try:
            outgoing = await self._renderer.render(message)
        except DatabaseError:
            raise
        except NotReachableError:
            self._recorder.send(message.kind.value, SendOutcome.DROPPED)
            note = self._reminded(message, reached=False)
            await self._settle(message, "failed", error="the chat takes no messages", note=note)
            return
        except OvertakenError:
            self._recorder.send(message.kind.value, SendOutcome.DROPPED)
            await self._settle(message, "cancelled", error="a nearer reminder takes its place")
            return
        except Exception:  # a defect: the row is kept, and what waits behind it goes on
            logger.exception("send_unrenderable", outbox_id=message.id, kind=message.kind.value)
            self._recorder.send(message.kind.value, SendOutcome.FAILED)
            await self._settle(message, "failed", error="it can't be put into words")
            return
        if outgoing is None:
            self._recorder.send(message.kind.value, SendOutcome.DROPPED)
            await self._settle(message, "cancelled")
            return
        if time.monotonic() - taken_at > STALE_SECONDS:
            logger.warning("send_given_back", outbox_id=message.id)
            await self._settle(message, "queued", error="taken too long ago")
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
                note = self._reminded(message, reached=True)
                await self._settle(message, "sent", sent_message_id=message_id, note=note)
            case RetryLater(_, reason) if message.attempts < MAX_ATTEMPTS:
                pause = _pause(delivery, message.attempts)
                self._recorder.send(kind, SendOutcome.RETRIED)
                log.warning("send_retry", reason=reason, after_seconds=pause)
                due = self._store.clock.now() + dt.timedelta(seconds=pause)
                await self._settle(message, "queued", error=reason, due_at=due)
            case OutcomeUnknown(reason) if (
                message.unknown_outcomes == 0 and message.kind not in _NEVER_REPEATED
            ):
                # It may have arrived. An answer that is lost is worse than one that comes twice,
                # so it is repeated, but only once: the attempt is on record.
                self._recorder.send(kind, SendOutcome.UNKNOWN)
                log.warning("send_outcome_unknown", reason=reason)
                due = self._store.clock.now() + dt.timedelta(seconds=UNKNOWN_PAUSE_SECONDS)
                await self._settle(
                    message, "queued", error=f"outcome unknown: {reason}", due_at=due, unknown=True
                )
            case Unreachable(reason):
                self._recorder.send(kind, SendOutcome.FAILED)
                log.warning("send_unreachable", reason=reason)
                await self._settle(message, "failed", error=reason, note=self._lost(message))
            case RetryLater(_, reason) | Rejected(reason) | OutcomeUnknown(reason):
                self._recorder.send(kind, SendOutcome.FAILED)
                log.error("send_failed", reason=reason)
                note = self._reminded(message, reached=False)
                await self._settle(message, "failed", error=reason, note=note)

    @staticmethod
    def _reminded(message: OutboxMessage, *, reached: bool) -> Note | None:
        number = message.appointment_id
        if message.kind is not OutboxKind.REMINDER or number is None:
            return None
        return lambda uow: uow.unanswered.note(number, reached=reached)

    @staticmethod
    def _lost(message: OutboxMessage) -> Note:
        async def note(uow: UnitOfWork) -> None:
            untold = message.kind is OutboxKind.RECEIPT
            await uow.reach.lose(message.channel, message.chat_id, untold=untold)
            if message.kind is OutboxKind.REMINDER and message.appointment_id is not None:
                await uow.unanswered.note(message.appointment_id, reached=False)

        return note

    async def _settle(
        self,
        message: OutboxMessage,
        state: str,
        *,
        error: str | None = None,
        sent_message_id: int | None = None,
        due_at: dt.datetime | None = None,
        unknown: bool = False,
        note: Note | None = None,
    ) -> None:
        """Record how an attempt ended, however long the database is away.

        Args:
            note: what else follows from it, in the same transaction.
        """

        async def settle(outbox: OutboxRepository) -> bool:
            return await outbox.settle(
                message.id,
                state=state,
                attempt=message.attempts,
                unknown=unknown,
                error=error,
                sent_message_id=sent_message_id,
                due_at=due_at,
            )

        async def settle_with_note(uow: UnitOfWork) -> None:
            if await settle(uow.outbox) and note is not None:
                await note(uow)

        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while True:
            try:
                if note is not None:
                    business = await self._store.business(message.business_id)
                    await self._store.run(business, settle_with_note)
                else:
                    async with self._store.worker() as session:
                        await settle(OutboxRepository(session))
            except DatabaseUnavailableError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.5)
            else:
                return


def _pause(delivery: RetryLater, attempts: int) -> float:
    """Return the seconds until the next attempt."""
    if delivery.exact:
        return delivery.after_seconds
    return float(min(delivery.after_seconds * 2 ** min(attempts - 1, 10), _LONGEST_PAUSE_SECONDS))


async def _wait_for(wake: asyncio.Event, stop: asyncio.Event | None, seconds: float) -> None:
    """Wait until woken, stopped, or the time is over."""
    events = [wake] if stop is None else [wake, stop]
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
