"""Catches processes at the named points of a message's path."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg

from tests.e2e.crash.fleet import Fleet
from tests.e2e.crash.points import End, Point, Stage
from tests.fakes.openai import Answer, Call, Slow, Text
from tests.fakes.telegram import FakeTelegram, Fault

# How long a trap waits for whom it is for: all may be starting, or frozen, just now.
_PATIENCE = 60.0
_NAME = "trap"
# Not pg_stat_activity: within a transaction it goes on showing those who were there at first.
_WAITS = (
    "SELECT EXISTS (SELECT FROM pg_locks"
    " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)
_ANSWERED = """
    SELECT NOT EXISTS (SELECT FROM inbox WHERE chat_id = $1 AND state = 'new')
       AND NOT EXISTS (SELECT FROM outbox WHERE chat_id = $1 AND kind <> 'reminder'
                       AND state IN ('queued', 'sending'))
"""


class Traps:
    """Lays them and springs them, each once.

    Args:
        telegram: whose sends are held up.
        fleet: the processes.
        url: of the database.
    """

    def __init__(self, telegram: FakeTelegram, fleet: Fleet, url: str) -> None:
        self._telegram = telegram
        self._fleet = fleet
        self._url = url
        self._sprung: set[int] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        # Conversation number -> the point at which processes are caught in it.
        self.points: Mapping[int, Point] = {}
        # Those that are frozen are taken for dead at once, not when what they hold lapses.
        self.hurried = False
        self.missed: Counter[str] = Counter()

    def lay(self, number: int, chat: int, stage: Stage) -> None:
        """Lay the trap of a conversation, if it has one at this stage; blocks until it's laid."""
        self.answer(number, chat, stage, Text(""))

    def answer(self, number: int, chat: int, stage: Stage, answer: Answer) -> Answer:
        """Lay the trap, and return the model's answer as it comes there."""
        point = self.points.get(number)
        with self._lock:
            if point is None or point.stage is not stage or number in self._sprung:
                return answer
            self._sprung.add(number)
        if point.fault is not None:
            fault = point.fault()
            self._telegram.fail_next("sendMessage", fault)
            self._spring(lambda: self._at_send(point, fault))
        elif point.lock is not None:
            locked = threading.Event()
            self._spring(lambda: asyncio.run(self._at_lock(point, chat, locked)))
            assert locked.wait(_PATIENCE)
        else:
            self._spring(lambda: self._after(0.3, point, chat))
            assert isinstance(answer, Text | Call)
            return Slow(point.thinks, answer)
        return answer

    def unsprung(self) -> list[str]:
        """Wait for all traps, and return the points at which nobody was caught.

        One trap of several at a point may find that who was to come there was killed before.
        """
        for thread in self._threads:
            thread.join()
        never = [self.points[n].name for n in self.points if n not in self._sprung]
        return sorted({*self.missed, *never} - {*self._fleet.kills})

    def _spring(self, trap: Callable[[], None]) -> None:
        thread = threading.Thread(target=trap, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _after(self, seconds: float, point: Point, chat: int) -> None:
        time.sleep(seconds)
        self._catch(point, chat)

    def _at_send(self, point: Point, fault: Fault) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            found = [c for c in self._telegram.calls_of("sendMessage") if c.fault is fault]
            # It may be another chat's message: any will do.
            if found and (point.lock is None or found[0].status):
                chat = int(found[0].params["chat_id"])
                if point.lock is None:
                    self._catch(point, chat)
                else:
                    asyncio.run(self._at_lock(point, chat, threading.Event()))
                return
            time.sleep(0.01)
        self.missed[point.name] += 1

    async def _at_lock(self, point: Point, chat: int, locked: threading.Event) -> None:
        """Hold what the path needs at a point, and catch whoever waits for it."""
        assert point.lock is not None
        come = f"{_WAITS} AND {point.when.format(chat=chat)}"
        async with self._connection() as connection, connection.transaction():
            await connection.execute(point.lock.format(chat=chat))
            locked.set()
            deadline = time.monotonic() + _PATIENCE
            while not await connection.fetchval(come):
                if time.monotonic() > deadline:
                    self.missed[point.name] += 1
                    return
                await asyncio.sleep(0.01)
            if point.end not in (End.FROZEN, End.CUT):
                await asyncio.to_thread(self._catch, point, chat)
                return
            waking = await asyncio.to_thread(self._replace, point, chat)
        # Only now: what was waited for is had, and kept by those who are frozen.
        await asyncio.to_thread(waking.join)

    def _catch(self, point: Point, chat: int) -> None:
        match point.end:
            case End.KILLED:
                self._fleet.kill(point.name)
            case End.STOPPED:
                self._fleet.stop(point.name)
            case End.FROZEN | End.CUT:
                self._replace(point, chat).join()

    def _replace(self, point: Point, chat: int) -> threading.Thread:
        """Freeze the processes and start others; return what wakes them when they are replaced."""
        sessions = asyncio.run(self._sessions())
        frozen = self._fleet.freeze(point.name, cut=point.end is End.CUT)

        def wake() -> None:
            asyncio.run(self._until_replaced(sessions, chat))
            self._fleet.wake(frozen)

        thread = threading.Thread(target=wake, daemon=True)
        thread.start()
        return thread

    async def _sessions(self) -> list[int]:
        async with self._connection() as connection:
            found = await connection.fetch(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND application_name <> $1",
                _NAME,
            )
            return [row["pid"] for row in found]

    async def _until_replaced(self, sessions: list[int], chat: int) -> None:
        """Wait until others have answered; hurried, the server is told who is dead."""
        async with self._connection() as connection:
            if self.hurried:
                await connection.fetch("SELECT pg_terminate_backend(unnest($1::int[]))", sessions)
            deadline = time.monotonic() + _PATIENCE
            while time.monotonic() < deadline:
                if await connection.fetchval(_ANSWERED, chat):
                    break
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self._url, server_settings={"application_name": _NAME})
        try:
            await connection.execute(
                "SELECT set_config('app.business', '1', false),"
                " set_config('app.worker', 'on', false)"
            )
            yield connection
        finally:
            await connection.close()
