"""A sign of life of each process: what a dead one held is free at once, not when a lease ends.

A process holds a session-level advisory lock for as long as it lives. The kernel closes the sockets
of a killed process, the server ends the session, and with it the lock is gone: leases and sends
under that number are taken over within a poll. It only ever speeds recovery up: a process without
the lock (a lost connection, a pooler in between) works under leases that run out, and a turn that
two workers believe to be theirs is fenced by its attempt (`ConversationRepository.holds_turn`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.session import Database

logger = structlog.get_logger(__name__)

# The first half of the two-part keys; the write path's locks use the one-part keys.
LOCK_CLASS = 0x11FE
KEEP_SECONDS = 2.0

# A sub-select for SQL with the holders that live. Materialized by its caller, read once.
LIVING = (
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
    f" AND classid = {LOCK_CLASS}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_TAKE = text("SELECT pg_try_advisory_lock(:class, :number)")
_PING = text("SELECT 1")


class Presence:
    """This process's sign of life; nothing is held before `kept` is entered.

    Args:
        database: gives one of its connections away for as long as the process lives.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._number = 0
        self._connection: AsyncConnection | None = None

    @property
    def holder(self) -> int | None:
        """The number to put on what is taken; None while there is no sign of life to look for."""
        return None if self._connection is None else self._number

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Give the sign of life while the body runs; it is looked after and given again."""
        await self._take()
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._drop()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if self._connection is None:
                await self._take()
                continue
            try:
                await self._connection.execute(_PING)
            except (SQLAlchemyError, OSError):
                logger.warning("presence_lost")
                await self._drop()

    async def _take(self) -> None:
        # A number of its own each time: what was held under the last one may be another's by now.
        number = secrets.randbelow(2**31 - 1) + 1
        try:
            raw = await self._database.engine.connect()
            connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
            taken = await connection.scalar(_TAKE, {"class": LOCK_CLASS, "number": number})
        except (SQLAlchemyError, OSError):
            return
        if taken:
            self._number, self._connection = number, connection
        else:
            await connection.invalidate()
            await connection.close()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The session must end: back in the pool it would go on holding the lock.
            with contextlib.suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            await connection.close()
