"""Opens the configured database: for the assistant itself, and for commands that need no more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr
from sqlalchemy import text

from assistant.business_files import read_business_file
from assistant.settings import Settings
from assistant.start_errors import UnknownBusinessError
from booking.business import Business
from db.clock import Clock, PinnedClock
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from db.repositories.businesses import BusinessRepository
from db.session import Database, use_database
from db.store import Store
from db.timekeeping import DatabaseClock

logger = structlog.get_logger(__name__)

Progress = Callable[[str], None]


class EmbeddedServer:
    """This process's share of the embedded PostgreSQL.

    Args:
        settings: where its data and its programs are.
        progress: told what is being done at the start.
    """

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._data_dir = settings.assistant_data_dir
        self._binaries = settings.assistant_postgres_bin
        self._server = self._start(progress)

    def _start(self, progress: Progress) -> EmbeddedPostgres:
        return EmbeddedPostgres.start(self._data_dir, binaries=self._binaries, progress=progress)

    @property
    def url(self) -> str:
        """The URL of the application's database."""
        return self._server.url()

    def revive(self) -> None:
        """Start the server again if it was killed; safe to repeat.

        Raises:
            EmbeddedUnavailable: it can't be started.
        """
        before, self._server = self._server, self._start(lambda _: None)
        before.stop()

    def stop(self) -> None:
        """Leave; the last process that leaves waits until the server is gone."""
        self._server.stop()


async def chosen_business(store: Store, slug: str | None) -> Business:
    """Return the business with that slug, or the default one.

    Raises:
        UnknownBusinessError: there is none.
    """
    found = await store.find_business(slug)
    if found is None:
        async with store.database.transaction() as session:
            known = await BusinessRepository(session).slugs()
        raise UnknownBusinessError(
            f"There is no business {slug!r}; there are: {', '.join(known) or 'none'}."
            " Add one with: assistant business apply FILE"
        )
    return found


@asynccontextmanager
async def open_store(
    settings: Settings, progress: Progress
) -> AsyncIterator[tuple[Store, EmbeddedServer | None]]:
    """Open the database as it is: nothing is migrated and nothing written.

    Starts (or joins) the embedded PostgreSQL unless DATABASE_URL is set.

    Args:
        progress: told, in a few words, what is being done.

    Raises:
        EmbeddedUnavailable: it can't be started; says why.
    """
    async with contextlib.AsyncExitStack() as stack:
        server = None
        if settings.database_url is None:
            progress("Starting PostgreSQL")
            server = await asyncio.to_thread(EmbeddedServer, settings, progress)
            stack.callback(server.stop)
            settings = settings.model_copy(update={"database_url": _async_url(server.url)})
        database = Database(settings)
        stack.push_async_callback(database.close)
        yield Store(database, await _clock(settings, database, stack)), server


@asynccontextmanager
async def open_founded(
    settings: Settings, progress: Progress
) -> AsyncIterator[tuple[Store, EmbeddedServer | None]]:
    """Open the database, its schema at the newest version and a business in it.

    Args:
        progress: told, in a few words, what is being done.

    Raises:
        StartError, EmbeddedUnavailable, DatabaseError: it can't be had; says why.
    """
    async with open_store(settings, progress) as (store, server):
        use_database(store.database)
        try:
            progress("Updating the database schema")
            await migrate(store.database.engine)
            await _warn_about_role(store.database)
            await _load_first_business(store, settings, progress)
            yield store, server
        finally:
            use_database(None)


def _async_url(url: str) -> SecretStr:
    return SecretStr(url.replace("postgresql://", "postgresql+asyncpg://", 1))


async def _clock(settings: Settings, database: Database, stack: contextlib.AsyncExitStack) -> Clock:
    if settings.assistant_now is None:
        clock = DatabaseClock(database)
        await stack.enter_async_context(clock.kept())
        return clock
    logger.warning("clock_pinned", now=settings.assistant_now.isoformat())
    return PinnedClock(settings.assistant_now)


async def _warn_about_role(database: Database) -> None:
    """A role above row-level security makes the second lock between businesses void."""
    async with database.transaction() as session:
        above = await session.scalar(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        )
    if above:
        logger.warning(
            "role_bypasses_row_level_security",
            advice="let DATABASE_URL name a role without SUPERUSER and BYPASSRLS",
        )


async def _load_first_business(store: Store, settings: Settings, progress: Progress) -> None:
    if await store.find_business() is not None:
        return
    progress(f"Loading the business of {settings.business_file.name}")
    file = read_business_file(settings.business_file)
    async with store.database.transaction() as session:
        await BusinessRepository(session).apply(file)
