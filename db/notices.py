"""Waking whoever waits for work: NOTIFY in the transaction that writes, LISTEN in each process.

A notice only says that it's worth looking. One that is lost (a connection that broke, a pooler that
hands connections round) costs the wait for the next poll, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import structlog
from sqlalchemy import ColumnElement, SQLColumnExpression, func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.outage import Outage
from db.session import Database

logger = structlog.get_logger(__name__)

# What there is to look for; a notice carries the channel ("telegram:<bot id>") that it is in.
INBOX, OUTBOX = "assistant_inbox", "assistant_outbox"
# A broken connection may not tell: it is asked for a sign of life.
_KEEP_SECONDS, _ANSWER_SECONDS = 5.0, 5.0
_AGAIN_SECONDS = 1.0
_PING = text("SELECT 1")
_GONE = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

# Told the channel; None = whichever: it may be that something was missed.
Wake = Callable[[str | None], None]


def notice(of: str, channel: str | SQLColumnExpression[str]) -> ColumnElement[Any]:
    """Return what a writing statement returns in addition, so that listeners hear of its commit.

    In the statement itself it costs no round trip, and what is rolled back wakes nobody.

    Args:
        of: `INBOX` or `OUTBOX`.
        channel: where there is something to do.
    """
    return func.pg_notify(of, channel)


class Listener:
    """Hears of the work that any process has written.

    Args:
        database: gives one of its connections away for as long as somebody listens. Behind a pooler
            in transaction mode nobody can listen: none is taken, and the poll has to do.
        wakes: what to call, by `INBOX` and `OUTBOX`.
    """

    def __init__(self, database: Database, wakes: Mapping[str, Wake]) -> None:
        self._database = database
        self._wakes = wakes
        self._lost = asyncio.Event()
        self._line = Outage("not_listening", "listening_again")
        self.listens = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen, and again whenever the connection is lost, until `stop` is set."""
        if not self._database.settings.db_statement_cache:
            logger.info("not_listening", reason="DB_STATEMENT_CACHE is false: behind a pooler")
            return
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                listening = asyncio.create_task(self._listen())
                await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                if not stop.is_set():
                    self._line.goes_on(reason="the connection is lost")
                    await asyncio.wait({stopping}, timeout=_AGAIN_SECONDS)
        finally:
            stopping.cancel()

    async def _listen(self) -> None:
        """Listen until the connection is lost."""
        try:
            connection = await self._database.engine.connect()
        except _GONE:
            return
        try:
            with contextlib.suppress(*_GONE):
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await self._listen_on(connection)
        finally:
            self.listens.clear()
            # Back in the pool it would go on listening.
            with contextlib.suppress(*_GONE):
                await connection.invalidate()
            await connection.close()

    async def _listen_on(self, connection: AsyncConnection) -> None:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        self._lost.clear()
        raw.add_termination_listener(lambda _: self._lost.set())
        for name in self._wakes:
            await raw.add_listener(name, self._hear)
        self.listens.set()
        self._line.is_over()
        for wake in self._wakes.values():
            wake(None)  # for what was written while nobody listened
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), _KEEP_SECONDS)
            async with asyncio.timeout(_ANSWER_SECONDS):
                await connection.execute(_PING)

    def _hear(self, _connection: Any, _pid: int, name: str, channel: str) -> None:
        self._wakes[name](channel)
