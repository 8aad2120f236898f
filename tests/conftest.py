"""Fixtures over a real PostgreSQL: the embedded one, or the server of TEST_DATABASE_URL.

All test processes of a run share one server. Each test that asks for a database gets one of its
own: a copy of a migrated template, or one that an earlier test has left and that was emptied.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import gc
import json
import os
import shutil
import ssl
import sys
import tempfile
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack
from functools import cache, lru_cache
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
import yaml
from pydantic import SecretStr

from booking.business import Business
from booking.business_file import BusinessFile
from db.clock import PinnedClock
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from db.repositories.businesses import BusinessRepository
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.session import Database
from db.settings import DatabaseSettings
from db.store import Store, UnitOfWork
from tests.founding import founded
from tests.recycling import emptied, fingerprint
from tools.support import registry
from tools.support.context import ToolContext

ROOT = Path(__file__).resolve().parents[1]
_FOLDER = "ASSISTANT_TEST_FOLDER"
_TEMPLATE = "assistant_template"
T = TypeVar("T")
# A Saturday morning in Berlin; every test pins its clock.
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Make one folder for the run's server; workers find it in the environment."""
    gc.set_threshold(50_000)  # a tenth of the imports' time is spent on looking for garbage
    if _FOLDER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="ba-tests-"))
        folder.chmod(0o711)  # the server runs as another account when the tests run as root
        os.environ[_FOLDER] = str(folder)
        config.add_cleanup(lambda: _remove(folder))


@pytest.hookimpl(optionalhook=True)  # where xdist is told to stay away
def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: some tests wait for most of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Keep the collector of garbage away from all that importing the tests has made."""
    gc.collect()
    gc.freeze()


def _remove(folder: Path) -> None:
    del os.environ[_FOLDER]
    shutil.rmtree(folder, ignore_errors=True)


def settings_for(url: str) -> DatabaseSettings:
    """Return settings for a database, whatever the environment says."""
    return DatabaseSettings(
        _env_file=None,
        database_url=SecretStr(url),
        db_pool_size=5,
        db_max_overflow=60,
        # Nobody has to be quick because the machine is slow.
        db_lock_timeout=30,
        db_statement_timeout=60,
    )


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: the present one may have an event loop running."""
    found: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            found.append(asyncio.run(work))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return found[0]


class Server:
    """The run's PostgreSQL server: makes databases from the migrated template."""

    def __init__(self, stack: ExitStack) -> None:
        self._made: set[str] = set()
        self._free: list[str] = []
        self.given = os.environ.get("TEST_DATABASE_URL")
        self.embedded: EmbeddedPostgres | None = None
        folder = Path(os.environ[_FOLDER])
        with (folder / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.given:
                self.embedded = EmbeddedPostgres.start(
                    folder / "data",
                    settings={
                        "fsync": "off",
                        "max_connections": "400",
                        "synchronous_commit": "off",
                        "full_page_writes": "off",
                        "wal_level": "minimal",
                        "max_wal_senders": "0",
                        "autovacuum": "off",
                    },
                )
                stack.callback(self.embedded.stop)
            done = folder / "template.json"
            if not done.exists():
                self._create(_TEMPLATE, None, replace=True)
                asyncio.run(_migrate(self.url(_TEMPLATE)))
                # Now or never: whoever is connected to a template keeps the others from copying it.
                seen = (
                    apart(fingerprint(self.embedded.admin_url(_TEMPLATE))) if self.embedded else ()
                )
                done.write_text(json.dumps(seen))
            self._template = json.loads(done.read_text())

    def url(self, name: str) -> str:
        """Return the URL of a database of this server for the application's role."""
        if self.embedded is not None:
            return self.embedded.url(name)
        assert self.given is not None
        head, _, query = self.given.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")

    def create(self) -> str:
        """Return the name of an empty database with the template's schema."""
        if self._free:
            return self._free.pop()
        name = f"t_{uuid.uuid4().hex[:16]}"
        self._create(name, _TEMPLATE)
        self._made.add(name)
        return name

    def drop(self, name: str) -> None:
        """Take a database back, whoever is still connected."""
        if self.embedded is not None and name in self._made:
            if apart(emptied(self.embedded.admin_url(name), self._template)):
                self._free.append(name)
                return
            self._made.remove(name)
        if self.embedded is not None:
            self.embedded.drop_database(name)
        else:
            # FORCE asks for rights over every process in it, autovacuum's too: only if need be.
            try:
                self._execute(f'DROP DATABASE IF EXISTS "{name}"')
            except asyncpg.ObjectInUseError:
                self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _create(self, name: str, template: str | None, *, replace: bool = False) -> None:
        if replace:
            self.drop(name)
        if self.embedded is not None:
            self.embedded.create_database(name, template)
        else:
            self._execute(
                f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")
            )

    def _execute(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.given)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())


async def _migrate(url: str) -> None:
    database = Database(settings_for(url))
    try:
        await migrate(database.engine)
    finally:
        await database.close()


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """What is read again and again and is the same for all tests.

    The installed packages' entry points; and the certificates of all authorities, of which each
    client reads a bundle in 20 ms: no test speaks TLS.
    """
    path = list(sys.path)

    @cache
    def at_first(group: str) -> EntryPoints:
        return entry_points(group=group)

    def found(group: str) -> EntryPoints:
        return at_first(group) if sys.path == path else entry_points(group=group)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)
        patch.setattr(registry, "entry_points", found)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The run's PostgreSQL server."""
    with ExitStack() as stack:
        yield Server(stack)


@pytest.fixture
def database_url(server: Server) -> Iterator[str]:
    """A fresh, migrated, empty database: its URL."""
    name = server.create()
    yield server.url(name)
    server.drop(name)


@lru_cache(maxsize=8)
def connected(url: str) -> Database:
    """Return a pool on a database, empty until it is used; close it, and it is empty again.

    The next test on the same database gets the same: its SQL is compiled already.
    """
    return Database(settings_for(url))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on the fresh database."""
    database = connected(database_url)
    yield database
    await database.close()


class MovableClock(PinnedClock):
    """A pinned clock that stands still until a test moves it."""

    def __init__(self, start: dt.datetime = NOW) -> None:
        super().__init__(start)
        self.instant = start

    def now(self) -> dt.datetime:
        """Return the instant that the test set, in UTC."""
        return self.instant.astimezone(dt.UTC)

    def advance(self, **duration: float) -> None:
        """Move on by a `timedelta` of these parts."""
        self.instant += dt.timedelta(**duration)


@pytest.fixture
def clock() -> MovableClock:
    """Saturday 2026-11-21, 10:00 in Berlin."""
    return MovableClock()


@pytest.fixture
def store(database: Database, clock: MovableClock) -> Store:
    """The fresh database as the assistant uses it."""
    return Store(database, clock)


async def apply_file(store: Store, file: BusinessFile) -> Business:
    """Apply a business file and return the business."""
    async with store.database.transaction() as session:
        return await BusinessRepository(session).apply(file)


@cache
def load_example(name: str = "barber") -> BusinessFile:
    """Read an example business."""
    raw = yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text("utf-8"))
    return BusinessFile.model_validate(raw)


@pytest.fixture
async def business(store: Store) -> Business:
    """The example barber shop in the fresh database."""
    return await founded(store, load_example())


async def context_for(
    store: Store, business: Business, telegram_id: int = 1, *, message: int = 1
) -> ToolContext:
    """A tool's context for a message of that customer."""

    async def work(uow: UnitOfWork) -> Customer:
        return await uow.customers.create_customer(telegram_id, first_name="Ada", language="en")

    customer = await store.run(business, work)
    return ToolContext(
        store=store,
        business=business,
        customer=customer,
        language="en",
        reply_to=ReplyTo("terminal:test", telegram_id, "en"),
        message_key=f"terminal:test:{telegram_id}:{message}",
    )


@pytest.fixture
async def context(store: Store, business: Business) -> ToolContext:
    """The context of a customer's message."""
    return await context_for(store, business)
