"""Locks that a process holds while it lives: its sign of life, and the baton of a sole reader.

Both are session-level advisory locks. The kernel closes the sockets of a killed process, the server
ends its sessions, and the locks are gone: what the process held is taken over within a poll, where
a lease would have to run out. Of a process that was stopped, or is cut off, the server hears
nothing: it ends a session that wasn't used for `LAPSE_SECONDS`, and the locks with it. The sign of
life only ever speeds recovery up: a process without it
(a lost connection, a pooler in between) works under leases, and a turn that two workers believe to
be theirs is fenced by its attempt (`ConversationRepository.holds_turn`).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.outage import Outage
from db.session import STANDSTILL_SECONDS, Database

logger = structlog.get_logger(__name__)

# First halves of two-part keys; the write path's locks use one-part keys.
_LIFE, _BATON = 0x11FE, 0xBA70
KEEP_SECONDS = 2.0
# After so long without a sign the server takes a process for dead.
LAPSE_SECONDS = STANDSTILL_SECONDS
# A restart of the server ends all signs at once; within that the living give theirs again.
GRACE_SECONDS = 2.5 * KEEP_SECONDS

# The numbers of those that live, for SQL: a sub-select that is to be materialized.
LIVING = (
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
    f" AND classid = {_LIFE}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_TAKE = text("SELECT pg_try_advisory_lock(:kind, :number)")
# For the session, which is ended with the lock.
_LAPSE = text("SELECT set_config('idle_session_timeout', :lapse, false)")
_PING = text("SELECT 1")


class SessionLock:
    """An advisory lock on a connection of its own, which the pool never gets back."""

    def __init__(self, database: Database, kind: int) -> None:
        self._database = database
        self._kind = kind
        self._connection: AsyncConnection | None = None

    @property
    def is_held(self) -> bool:
        """Whether it was held when last looked."""
        return self._connection is not None

    async def take(self, number: int) -> bool:
        """Take the lock if nobody has it; False also where the database is away."""
        try:
            connection = await self._database.engine.connect()
        except (SQLAlchemyError, OSError):
            return False
        self._connection = connection
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(_LAPSE, {"lapse": f"{LAPSE_SECONDS * 1000:.0f}ms"})
            if await connection.scalar(_TAKE, {"kind": self._kind, "number": number}):
                return True
        except (SQLAlchemyError, OSError):
            pass
        await self.drop()
        return False

    async def keeps(self) -> bool:
        """Return whether the connection, and with it the lock, is still there."""
        if self._connection is None:
            return False
        try:
            # Where no answer comes the lock has lapsed by then; a TimeoutError is an OSError.
            async with asyncio.timeout(LAPSE_SECONDS):
                await self._connection.execute(_PING)
        except (SQLAlchemyError, OSError):
            await self.drop()
        return self.is_held

    async def drop(self) -> None:
        """End the session: back in the pool it would go on holding the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            await connection.close()


class Presence:
    """This process's sign of life; there is none before `kept` is entered.

    Args:
        database: gives one of its connections away for as long as the process lives.
    """

    def __init__(self, database: Database) -> None:
        self._lock = SessionLock(database, _LIFE)
        # The same each time: what nobody took over while the sign was away is still held under it,
        # and what somebody did has their number.
        self._number = secrets.randbelow(2**31 - 1) + 1
        self._again_at = -math.inf
        self._sign = Outage("no_sign_of_life", "sign_of_life_again")

    @property
    def holder(self) -> int | None:
        """The number to put on what is taken; None while there is no sign of life to look for."""
        return self._number if self._lock.is_held else None

    @property
    def may_judge(self) -> bool:
        """Whether others without a sign are dead: not while all may just have lost theirs."""
        settled = time.monotonic() - self._again_at >= GRACE_SECONDS
        return self._lock.is_held and settled

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Give the sign of life while the body runs; it is looked after and given again."""
        await self._give()
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._lock.drop()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            await self._look()

    async def _look(self) -> None:
        if not await self._lock.keeps():
            await self._give()
            self._again_at = time.monotonic()

    async def _give(self) -> None:
        if await self._lock.take(self._number):
            self._sign.is_over()
        else:
            self._sign.goes_on()


class Baton:
    """Held by the one process that may do something which two at once would spoil.

    Args:
        database: gives one of its connections away while the baton is held.
        name: of what may be done by one only.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._lock = SessionLock(database, _BATON)
        self._number = zlib.crc32(name.encode()) & 0x7FFFFFFF

    async def take(self) -> bool:
        """Take it if nobody has it."""
        return await self._lock.take(self._number)

    async def lost(self) -> None:
        """Return when the connection that holds it is lost."""
        while await self._lock.keeps():  # noqa: ASYNC110 - nobody tells of a lost connection
            await asyncio.sleep(KEEP_SECONDS)

    async def drop(self) -> None:
        """Hand it on."""
        await self._lock.drop()
