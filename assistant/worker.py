"""The worker: leases one chat at a time and has its messages answered in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import structlog
from structlog.contextvars import bound_contextvars

from assistant.admin.alerts import AdminAlerts
from assistant.burst import merge_burst
from assistant.channel import BurstGoesOnError, Channel, Handler, UnparsableError
from assistant.messages import Incoming, Outgoing
from assistant.recorder import Recorder, Work
from assistant.silence import Silence
from assistant.texts import Texts
from db.errors import DatabaseError, DatabaseUnavailableError
from db.outage import Outage
from db.presence import Presence
from db.repositories.inbox import LEASE_SECONDS, InboxMessage, InboxRepository, Lane
from db.repositories.leavings import Lease, LeavingsRepository
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
# A stop (SIGTERM) is to be over within 10 s; the sender (2 s), open requests (1.5 s) and the end of
# the process need the rest.
DRAIN_SECONDS = 6.0
# How long a chat waits when the database went away in the middle of an answer.
_DATABASE_PAUSE_SECONDS = 1.0


class _Collector:
    """A handler that only collects: a burst is merged before it's answered."""

    def __init__(self) -> None:
        self.collected: list[tuple[Incoming, list[int]]] = []

    async def handle(self, incoming: Incoming, *, inbox_ids: Sequence[int]) -> None:
        self.collected.append((incoming, list(inbox_ids)))


class Worker:
    """Answers the messages of some channels.

    Args:
        store: the database.
        channels: by name.
        handler: answers one message.
        texts: for the word of apology when a message can't be answered.
        on_answered: called after each answer, to wake the sender.
        concurrency: chats answered at once by this process; most of them wait for the model, whose
            seconds would otherwise bound how many are answered.
        presence: this process's sign of life; None = a dead worker's chats wait for its lease.
        alerts: tells the admins of what can't be handled; None = the log alone does.
        recorder: takes note of what happens.
        poll_seconds: how long nothing is looked for where nobody tells of anything; see `heard`.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        handler: Handler,
        texts: Texts,
        *,
        on_answered: Callable[[], None] = lambda: None,
        concurrency: int = 64,
        presence: Presence | None = None,
        alerts: AdminAlerts | None = None,
        recorder: Recorder | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._store = store
        self._channels = channels
        self._handler = handler
        self._texts = texts
        self._on_answered = on_answered
        self._concurrency = concurrency
        self._presence = presence
        self._alerts = alerts
        self._looked_at = 0.0
        self._leases: Silence[Lease] = Silence(LEASE_SECONDS)
        self._recorder = recorder or Recorder()
        self._poll_seconds = poll_seconds
        self._database = Outage("inbox_database_away", "inbox_database_back")
        self.wake = asyncio.Event()

    def heard(self, channel: str | None) -> None:
        """Look for messages at once: some process has stored one (`db.notices`).

        Args:
            channel: where; None = it isn't known.
        """
        if channel is None or channel in self._channels:
            self.wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set; chats being answered then are finished first."""
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            self.wake.clear()
            pause = self._poll_seconds
            try:
                await self._take_over()
                while (free := self._concurrency - len(running)) > 0:
                    # Together: one after the other, a transaction each would bound the pace.
                    lanes = await self._claim(None, most=free)
                    if not lanes:
                        pause = await self._pause()
                        break
                    for lane in lanes:
                        task = asyncio.create_task(self._work(lane))
                        running.add(task)
                        task.add_done_callback(running.discard)
                        task.add_done_callback(lambda _: self.wake.set())
            except DatabaseError as error:
                self._database.goes_on(error=str(error))
            else:
                self._database.is_over()
            await self._sleep(stop, pause)
        await self._drain(running)

    async def _drain(self, running: set[asyncio.Task[None]]) -> None:
        """Let answers that are under way end; what takes too long is taken up at the next start."""
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def drain(self, name: str, chat_id: int) -> None:
        """Answer what is open in one chat now: the terminal's way.

        Raises:
            DatabaseUnavailableError: the database is away; the messages stay.
        """
        await self._take_over()
        while lanes := await self._claim((name, chat_id), most=1):
            await self._work(lanes[0], raise_unavailable=True)

    async def _take_over(self) -> None:
        """Free what dead or silent workers hold; looked for once in `POLL_SECONDS`."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < POLL_SECONDS:
            return
        self._looked_at = now
        names = list(self._channels)
        async with self._store.worker() as session:
            leavings = LeavingsRepository(session)
            freed: list[int] = []
            if self._presence is None or self._presence.may_judge:
                witness = None if self._presence is None else self._presence.holder
                freed = await leavings.free_dead(names, witness=witness)
            silent = self._leases.look(await leavings.leases(names))
            freed += await leavings.free_silent(silent)
            mended = await leavings.mend_lanes(names)
        if freed:
            logger.warning("dead_workers_chats_taken_over", chats=len(freed))
        if mended:
            logger.warning("clock_was_set_back", chats=len(mended))

    async def _claim(self, only: tuple[str, int] | None, *, most: int) -> list[Lane]:
        names = list(self._channels) if only is None else [only[0]]
        async with self._store.worker() as session:
            return await InboxRepository(session).claim_lanes(
                names,
                chat_id=None if only is None else only[1],
                holder=None if self._presence is None else self._presence.holder,
                most=most,
            )

    async def _pause(self) -> float:
        async with self._store.worker() as session:
            seconds = await InboxRepository(session).seconds_to_next(list(self._channels))
        most = self._poll_seconds
        return most if seconds is None else min(max(seconds, 0.01), most)

    async def _sleep(self, stop: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self.wake, stop)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _work(self, lane: Lane, *, raise_unavailable: bool = False) -> None:
        with bound_contextvars(channel=lane.channel, chat_id=lane.chat_id):
            await self._work_off(lane, raise_unavailable=raise_unavailable)

    async def _work_off(self, lane: Lane, *, raise_unavailable: bool) -> None:
        pause = 0.0
        try:
            async with self._renewed(lane):
                await self._answer_all(lane)
        except BurstGoesOnError:
            logger.info("burst_goes_on")
        except DatabaseUnavailableError as error:
            logger.warning("turn_database_away", error=str(error))
            pause = _DATABASE_PAUSE_SECONDS
            if raise_unavailable:
                raise
        finally:
            # Where the database is away the lease runs out by itself.
            with suppress(DatabaseError):
                async with self._store.worker() as session:
                    await InboxRepository(session).release(lane, retry_after_seconds=pause)

    @asynccontextmanager
    async def _renewed(self, lane: Lane) -> AsyncIterator[None]:
        """Keep the lease while the body runs; cancel the body if the lease was lost."""
        body = asyncio.current_task()

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_SECONDS / 3)
                try:
                    async with self._store.worker() as session:
                        kept = await InboxRepository(session).renew(lane)
                except DatabaseError:
                    continue
                if not kept and body is not None:
                    logger.error("lease_lost")
                    body.cancel()
                    return

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _answer_all(self, lane: Lane) -> None:
        async with self._store.worker() as session:
            messages = await InboxRepository(session).messages(lane)
        channel = self._channels[lane.channel]
        collector = _Collector()
        for message in messages:
            await self._read(channel, message, collector)
        for incoming, ids in merge_burst(collector.collected):
            async with self._store.worker() as session:
                if not await InboxRepository(session).renew(lane):
                    logger.error("lease_lost", chat_id=lane.chat_id)
                    return
            # The handler adds the turn's id once there is one; it goes with the block.
            ids_of_turn = bound_contextvars(update_id=incoming.update_id, turn_id=None)
            with ids_of_turn, self._recorder.span(Work.TURN):
                await self._answer(lane, incoming, ids)
            self._on_answered()

    async def _answer(self, lane: Lane, incoming: Incoming, ids: list[int]) -> None:
        try:
            await self._handler.handle(incoming, inbox_ids=ids)
        except (DatabaseUnavailableError, BurstGoesOnError):
            raise
        except Exception as error:  # a defect: the message is kept, the person gets a word
            logger.exception("turn_failed", inbox_ids=ids)
            await self._apologise(lane, incoming, ids, type(error).__name__)

    async def _read(self, channel: Channel, message: InboxMessage, collector: _Collector) -> None:
        try:
            if await channel.dispatch(message, collector):
                return
        except DatabaseUnavailableError:
            raise
        except Exception as error:  # whatever it is, it must not stall the chat behind it
            reason = str(error) if isinstance(error, UnparsableError) else type(error).__name__
            logger.exception(
                "update_set_aside",
                inbox_id=message.id,
                update_id=message.update_id,
                reason=reason,
            )
            await self._set_aside(message.business_id, [message.id], reason)
            return
        async with self._store.worker() as session:
            await InboxRepository(session).done([message.id])

    async def _apologise(self, lane: Lane, incoming: Incoming, ids: list[int], error: str) -> None:
        language = self._texts.resolve(incoming.person.language_code)
        word = Outgoing(text=self._texts.say("internal_error", language))
        to = ReplyTo(incoming.channel, incoming.chat_id, language)
        await self._set_aside(lane.business_id, ids, error, word, to)
        age = (self._store.clock.now() - incoming.received_at).total_seconds()
        self._recorder.turn(incoming.kind.value, "failed", age)

    async def _set_aside(
        self,
        business_id: int,
        ids: list[int],
        reason: str,
        word: Outgoing | None = None,
        to: ReplyTo | None = None,
    ) -> None:
        """Set updates aside, tell the admins, and the person if there is a word for them."""
        business = await self._store.business(business_id)

        async def work(uow: UnitOfWork) -> None:
            if not await uow.inbox.set_aside(ids, reason):
                return  # the commit whose answer was lost took place
            if word is not None and to is not None:
                payload, now = word.model_dump(mode="json"), self._store.clock.now()
                await uow.outbox.enqueue(business_id, to, OutboxKind.MESSAGE, payload, due_at=now)
            if self._alerts is not None:
                await self._alerts.set_aside(uow, reason, self._texts)

        await self._store.run(business, work)
        self._recorder.set_aside()
        self._on_answered()
