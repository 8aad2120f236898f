"""Connections, sessions and transactions.

A `Database` is built by the composition root and handed down. The four functions at the end serve
programs that only want a session (a FastAPI route, a script): they share one `Database` made from
the environment on first use, or the one given to `use_database`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import QueuePool

from db.errors import (
    DISK_FULL,
    DatabaseError,
    DatabaseFullError,
    DatabaseUnavailableError,
    constraint_name,
    is_connection_failure,
    is_retried,
    sqlstate,
)
from db.settings import DatabaseSettings, get_database_settings
from db.storable import dump_json

# A full disk is news for so long; whoever has something to store tries more often.
FULL_SECONDS = 60.0

# A program that was stopped, or is cut off, in the middle of a transaction sends no more: its locks
# would keep everybody from booking for as long as that lasts. After so long the server ends it.
STANDSTILL_SECONDS = 15.0
# One round trip opens a transaction for a business: the row-level security policies read these.
_OPEN = text(
    "SELECT set_config('app.business', :business, true), set_config('app.worker', :worker, true),"
    " set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true),"
    " set_config('idle_in_transaction_session_timeout', :standstill, true),"
    " set_config('app.trace', :trace, true)"
)
# What the work is known by where it is traced (W3C traceparent); what it puts into the outbox keeps
# it, so that a message can be followed back to what caused it.
TRACE: ContextVar[str] = ContextVar("trace", default="")


@dataclass(frozen=True, slots=True)
class PoolState:
    """How busy a pool is.

    Args:
        in_use: connections at work.
        most: as many there can be.
    """

    in_use: int
    most: int


class Database:
    """One pool of connections.

    Args:
        settings: where the server is and how big the pool may grow.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        connect_args: dict[str, Any] = {"timeout": settings.db_pool_timeout}
        if not settings.db_statement_cache:
            connect_args |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        self.settings = settings
        self._was_full_at = -math.inf
        self.engine: AsyncEngine = create_async_engine(
            settings.database_url_str,
            pool_size=settings.db_pool_size,
            max_overflow=settings.db_max_overflow,
            pool_timeout=settings.db_pool_timeout,
            pool_recycle=settings.db_pool_recycle,
            pool_pre_ping=settings.db_pool_pre_ping,
            connect_args=connect_args,
            json_serializer=dump_json,
            hide_parameters=True,  # parameters hold what customers wrote; errors get logged
        )

    def session(self, business_id: int | None = None, *, worker: bool = False) -> AsyncSession:
        """Return a new session whose transactions see the rows of one business only.

        Args:
            business_id: the business; None sees the public list of businesses and nothing else
                until `bind_business` names one.
            worker: also see the delivery queues of all businesses (inbox, lanes, outbox).
        """
        return AsyncSession(
            self.engine,
            expire_on_commit=False,
            sync_session_class=_ScopedSession,
            info={
                "business": business_id,
                "worker": worker,
                "lock_ms": int(self.settings.db_lock_timeout * 1000),
                "statement_ms": int(self.settings.db_statement_timeout * 1000),
                "trace": TRACE.get(),
            },
        )

    @asynccontextmanager
    async def transaction(
        self, business_id: int | None = None, *, worker: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """Open a transaction: committed at the end, rolled back on any exception.

        Raises:
            DatabaseUnavailableError: the server is away, or locks were not had in time.
            DatabaseError: any other error of the database.
        """
        try:
            async with self.session(business_id, worker=worker) as session, session.begin():
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise self.translated(error) from None

    def translated(self, error: Exception) -> DatabaseError:
        """Return the error to raise in place of a driver's; see the function of that name."""
        told = translated(error)
        if isinstance(told, DatabaseFullError):
            self._was_full_at = time.monotonic()
        return told

    def is_full(self) -> bool:
        """Return whether the server lately had no space left: reading still works then."""
        return time.monotonic() - self._was_full_at < FULL_SECONDS

    async def ping(self, timeout_seconds: float = 5.0) -> None:
        """Ask the server for a sign of life.

        Args:
            timeout_seconds: how long to wait for it, a free connection included.

        Raises:
            DatabaseUnavailableError: there is none.
        """
        try:
            async with asyncio.timeout(timeout_seconds), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise translated(error) from None

    def pool_state(self) -> PoolState:
        """Return how busy the pool is."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)  # create_async_engine's own choice
        most = self.settings.db_pool_size + self.settings.db_max_overflow
        return PoolState(pool.checkedout(), most)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


class _ScopedSession(Session):
    """A session that tells the server, at the start of each transaction, whose rows it may see."""


@event.listens_for(_ScopedSession, "after_begin")
def _open_transaction(
    session: Session, _transaction: SessionTransaction, connection: Connection
) -> None:
    info = session.info
    connection.execute(
        _OPEN,
        {
            "business": "" if info["business"] is None else str(info["business"]),
            "worker": "on" if info["worker"] else "",
            "lock": f"{info['lock_ms']}ms",
            "statement": f"{info['statement_ms']}ms",
            "trace": info["trace"],
            "standstill": f"{STANDSTILL_SECONDS * 1000:.0f}ms",
        },
    )


async def bind_business(session: AsyncSession, business_id: int) -> None:
    """Let `session`, now and in its later transactions, see the rows of `business_id`."""
    if session.info.get("business") == business_id:
        return
    session.info["business"] = business_id
    await session.execute(
        text("SELECT set_config('app.business', :business, true)"), {"business": str(business_id)}
    )


def translated(error: Exception) -> DatabaseError:
    """Return the error to raise in place of a driver's, `from None`.

    The driver's text quotes the refused row, and with it what a customer wrote. It stays in
    `__context__` for a debugger; tracebacks don't print it.
    """
    if sqlstate(error) == DISK_FULL:
        return DatabaseFullError(
            "the database's disk is full: make room where PostgreSQL keeps its data, and everything"
            " goes on by itself"
        )
    if is_retried(error) or is_connection_failure(error):
        return DatabaseUnavailableError("the database is not available right now")
    code, constraint = sqlstate(error), constraint_name(error)
    where = "".join(f", {what}" for what in (code, constraint) if what)
    return DatabaseError(f"the database refused a statement ({type(error).__name__}{where})")


class _Default:
    database: Database | None = None


def use_database(database: Database | None) -> None:
    """Let the functions below use `database`; None forgets it."""
    _Default.database = database


def _default() -> Database:
    if _Default.database is None:
        _Default.database = Database(get_database_settings())
    return _Default.database


async def get_db_session() -> AsyncIterator[AsyncSession]:
    """Yield a session: committed when the caller is done, rolled back on an exception.

    An async generator, usable as a FastAPI dependency: `Depends(get_db_session)`.
    """
    async with _default().transaction() as session:
        yield session


@asynccontextmanager
async def get_db_context() -> AsyncIterator[AsyncSession]:
    """Open a session for a background task: committed at the end, rolled back on an exception."""
    async with _default().transaction() as session:
        yield session


async def check_database_connection() -> bool:
    """Return whether the database answers."""
    try:
        await _default().ping()
    except DatabaseError:
        return False
    return True


async def close_database_connection() -> None:
    """Close the connections of the functions above. They reopen on the next use."""
    if _Default.database is not None:
        await _Default.database.close()
        _Default.database = None
