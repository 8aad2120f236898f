"""Backup and restore: every row of every business comes back, or nothing does."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from booking.appointment import Appointment
from booking.business import Business
from db.backup import BackupError, BackupFile, Manifest, Restored, back_up, restore
from db.embedded import EmbeddedPostgres
from db.migrate import head_revision, migrate
from db.models import Base
from db.repositories.inbox import InboxRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo
from db.session import Database
from db.store import Store, UnitOfWork
from tests.conftest import NOW, Server, settings_for
from tests.e2e.harness import data_folder
from tests.integration.cli_support import Shell
from tests.integration.db_support import TUESDAY_TEN, WAITERS, new_customer
from tests.integration.test_isolation import plant

# Opens a time window onto the run of a backup: it reads this table between the queues and the
# appointments, and no booking touches it.
MIDDLE = "prompt_versions"
ODD = "tab\t line\n backslash \\ \\N \\. quote \" ' Ж 👋 "


@pytest.fixture
def new_url(server: Server) -> Iterator[str]:
    """A database without any table: its URL."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    server._create(name, None)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def new(new_url: str) -> AsyncIterator[Database]:
    """A pool on it."""
    database = Database(settings_for(new_url))
    yield database
    await database.close()


async def truth(server: Server, database: Database) -> dict[str, Any]:
    """Everything in a database, past row-level security: a superuser's view where there is one."""
    url = make_url(database.settings.database_url_str)
    assert url.database is not None
    seen_by = (
        server.embedded.admin_url(url.database) if server.embedded else server.url(url.database)
    )
    connection = await asyncpg.connect(seen_by)
    try:
        names = [
            row["relname"]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        ]
        found: dict[str, Any] = {
            name: [
                row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} t ORDER BY 1")
            ]
            for name in names
        }
        found["sequences"] = await connection.fetch(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
            " ORDER BY 1"
        )
        found["protection"] = await connection.fetch(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        found["triggers"] = await connection.fetch(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        )
        return found
    finally:
        await connection.close()


async def save(database: Database, path: Path) -> Manifest:
    return await back_up(database, path, made_at=NOW, program="0.1.0")


async def load(database: Database, path: Path, **options: Any) -> Restored:
    with closing(BackupFile(path)) as file:
        return await restore(database, file, now=NOW, **options)


async def overfull(database: Database, business: int) -> None:
    """Shrink what has been booked: rows that no trigger would let in again."""
    async with database.transaction(business) as session:
        for statement in (
            "INSERT INTO resources (business_id, slug, kind, name, capacity)"
            " VALUES (:b, 'class', 'room', '{}', 2)",
            *[
                "INSERT INTO occupancies (business_id, resource_id, during, units, exclusive)"
                " SELECT :b, id, '[2026-11-25 09:00Z,2026-11-25 10:00Z)', 1, false FROM resources"
                " WHERE business_id = :b AND slug = 'class'"
            ]
            * 2,
            "UPDATE resources SET capacity = 1 WHERE business_id = :b AND slug = 'class'",
        ):
            await session.execute(text(statement), {"b": business})


async def test_every_row_of_every_business_comes_back(
    server: Server, database: Database, new: Database, tmp_path: Path
) -> None:
    first, second = await plant(database, "first", 1), await plant(database, "second", 2)
    await overfull(database, first.id)
    async with database.transaction(second.id) as session:
        await session.execute(text("UPDATE customers SET username = :odd"), {"odd": ODD})
        # A number that was given out is not given out again.
        await session.execute(
            text("INSERT INTO customers (business_id) VALUES (:b)"), {"b": second.id}
        )
        await session.execute(text("DELETE FROM customers WHERE telegram_id IS NULL"))
    before = await truth(server, database)
    assert {name for name in Base.metadata.tables if not before[name]} == set()

    manifest = await save(database, tmp_path / "b.zip")
    assert {table.name for table in manifest.tables} == set(Base.metadata.tables)
    assert (manifest.revision, manifest.rows("customers")) == (head_revision(), 2)
    await load(new, tmp_path / "b.zip", resume=True)
    assert await truth(server, new) == before
    # And again from there: the same file but for its date.
    again = await save(new, tmp_path / "c.zip")
    assert again.tables == manifest.tables


async def test_bookings_during_a_backup_are_in_it_as_a_whole_or_not_at_all(
    server: Server, store: Store, business: Business, new: Database, tmp_path: Path
) -> None:
    database = store.database
    customer = await new_customer(store, business)
    before = await truth(server, database)
    async with database.transaction() as session:
        await session.execute(text(f"LOCK TABLE {MIDDLE} IN ACCESS EXCLUSIVE MODE"))
        saving = asyncio.create_task(save(database, tmp_path / "b.zip"))
        await _until(database, WAITERS)
        await book(store, business, customer)
        # A migration would have to wait; a start that needs none doesn't.
        async with asyncio.timeout(20):
            await migrate(database.engine)
        async with database.engine.begin() as connection:
            free = text("SELECT pg_try_advisory_xact_lock(0x626F6F6B)")
            assert await connection.scalar(free) is False
        assert not saving.done()
    await saving
    await load(new, tmp_path / "b.zip", resume=True)
    restored = await truth(server, new)
    after = await truth(server, database)
    for name in Base.metadata.tables:
        assert restored[name] == before[name], name
    for name in ("appointments", "outbox", "occupancies"):  # control: it did book
        assert len(after[name]) > len(before[name]), name


async def _until(database: Database, question: str) -> None:
    async with asyncio.timeout(20):
        while True:
            async with database.engine.connect() as connection:
                if await connection.scalar(text(question)):
                    return
            await asyncio.sleep(0.01)


async def book(store: Store, business: Business, customer: int) -> None:
    """Book Tuesday at ten, with a receipt for the customer's chat."""

    async def work(uow: UnitOfWork) -> None:
        booked = await uow.appointments.create_appointment(
            customer,
            starts_at=TUESDAY_TEN,
            service=business.services[0].id,
            key="k",
            reply_to=ReplyTo("terminal:test", 1, "en"),
        )
        assert isinstance(booked, Appointment), booked

    await store.run(business, work)


async def test_a_database_that_is_not_empty_is_left_alone(
    server: Server, database: Database, store: Store, business: Business, tmp_path: Path
) -> None:
    await save(database, tmp_path / "b.zip")
    await new_customer(store, business)
    before = await truth(server, database)
    # It is seen without a lock: whoever works there is not disturbed.
    async with database.transaction() as session:
        await session.execute(text("SELECT FROM businesses"))
        with pytest.raises(BackupError, match=r"isn't empty.*1 business"):
            await load(database, tmp_path / "b.zip")
    assert await truth(server, database) == before


async def test_who_arrives_between_the_look_and_the_load_is_not_lost(
    server: Server, database: Database, new: Database, tmp_path: Path
) -> None:
    """A business that another process founds just now is seen once its transaction ends."""
    await plant(database, "first", 1)
    await save(database, tmp_path / "b.zip")
    await migrate(new.engine)
    async with new.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO businesses (slug, name, zone, languages, contact, policy, facts,"
                " owner_chat_ids, handle_key)"
                " VALUES ('new', '{}', 'UTC', '{en}', '{}', '{}', '{}', '{}', '')"
            )
        )
        loading = asyncio.create_task(load(new, tmp_path / "b.zip"))
        await _until(new, WAITERS)
    with pytest.raises(BackupError, match="isn't empty"):
        await loading
    assert len((await truth(server, new))["businesses"]) == 1


async def test_tables_of_others_are_named_and_left_out(
    database: Database, new: Database, tmp_path: Path
) -> None:
    await plant(database, "first", 1)
    for other in (database, new):
        async with other.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE theirs (id int PRIMARY KEY)"))
    said: list[str] = []
    manifest = await back_up(
        database, tmp_path / "b.zip", made_at=NOW, program="0.1.0", warn=said.append
    )
    assert said == ["Left out, since they aren't the assistant's: theirs"]
    assert manifest.rows("theirs") == 0
    with pytest.raises(BackupError, match=r"aren't the assistant's \(theirs\)"):
        await load(new, tmp_path / "b.zip")


async def test_a_database_without_our_tables_has_no_backup(new: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        await save(new, tmp_path / "b.zip")
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 - a test's folder


def altered(path: Path, name: str, change: Callable[[bytes], bytes], *, sign: bool) -> Path:
    """Copy a backup with another text of one entry; `sign` makes the manifest agree with it."""
    result = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(result, "w") as target:
        manifest = source.read("manifest.json")
        for entry in source.namelist():
            data = source.read(entry)
            if entry == name:
                digests = [
                    hashlib.sha256(each).hexdigest().encode() for each in (data, change(data))
                ]
                manifest = manifest.replace(*digests) if sign else manifest
                data = change(data)
            if entry != "manifest.json":
                target.writestr(entry, data)
        if name == "manifest.json":
            manifest = change(manifest)
        target.writestr("manifest.json", manifest)
    return result


@pytest.mark.parametrize(
    ("entry", "old", "new_", "sign", "words"),
    [
        # Something else than was saved.
        ("data/customers.copy", b"Ada", b"Eve", False, "damaged"),
        # The file agrees with itself, but PostgreSQL would store something else.
        ("data/customers.copy", b"+00", b"+00:00", True, "isn't what .* holds"),
        ("manifest.json", b'"rows": 1', b'"rows": 2', False, "isn't what .* holds"),
        ("manifest.json", b'"telegram_id"', b'"telephone"', False, "doesn't fit the schema"),
        ("manifest.json", b'"revision": "0', b'"revision": "9', False, "a newer version"),
    ],
)
async def test_a_file_that_is_wrong_restores_nothing(
    server: Server,
    database: Database,
    new: Database,
    tmp_path: Path,
    entry: str,
    old: bytes,
    new_: bytes,
    sign: bool,
    words: str,
) -> None:
    planted = await plant(database, "first", 1)
    async with database.transaction(planted.id) as session:
        await session.execute(text("UPDATE customers SET first_name = 'Ada'"))
    await save(database, tmp_path / "b.zip")
    empty = await truth(server, new)
    wrong = altered(tmp_path / "b.zip", entry, lambda data: data.replace(old, new_, 1), sign=sign)
    with pytest.raises(BackupError, match=words):
        await load(new, wrong)
    assert await truth(server, new) == empty


async def test_an_older_schema_is_brought_up_to_date(
    server: Server, new: Database, database: Database, tmp_path: Path
) -> None:
    """And one that was migrated, but is empty, takes it as well."""
    await migrate(new.engine, "0001")
    async with new.transaction() as session:
        business = await session.scalar(
            text(
                "INSERT INTO businesses (slug, name, zone, languages, contact, policy, facts,"
                " owner_chat_ids, handle_key)"
                " VALUES ('old', '{}', 'UTC', '{en}', '{}', '{}', '{}', '{}', '') RETURNING id"
            )
        )
    async with new.transaction(business) as session:
        await session.execute(
            text("INSERT INTO customers (business_id, telegram_id) VALUES (:b, 77)"),
            {"b": business},
        )
    manifest = await save(new, tmp_path / "b.zip")
    assert manifest.revision == "0001"
    await load(database, tmp_path / "b.zip")
    found = await truth(server, database)
    assert found["alembic_version"] == [f"({head_revision()})"]
    assert len(found["customers"]) == 1


# --- what waited


async def wait_for_answers(store: Store, business: Business) -> None:
    """One update, and of each kind of message one that is due and one for tomorrow.

    And a message that is tried again, in a while.
    """
    async with store.worker() as session:
        await InboxRepository(session).store(business.id, "telegram:1", 7, 1, {}, received_at=NOW)
        for kind in (OutboxKind.MESSAGE, OutboxKind.RECEIPT, OutboxKind.REMINDER):
            for due_at in (NOW, NOW + dt.timedelta(days=1)):
                await OutboxRepository(session).enqueue(
                    business.id, ReplyTo("telegram:1", 7, "en"), kind, {}, due_at=due_at
                )
        # Being sent at the moment of the backup.
        await session.execute(text("UPDATE outbox SET state = 'sending' WHERE id = 3"))
        await OutboxRepository(session).enqueue(
            business.id, ReplyTo("telegram:1", 8, "en"), OutboxKind.MESSAGE, {}, due_at=NOW
        )
        again = NOW + dt.timedelta(minutes=5)
        await OutboxRepository(session).settle(7, state="queued", due_at=again)


async def states(server: Server, database: Database) -> dict[str, list[tuple[Any, ...]]]:
    url = make_url(database.settings.database_url_str)
    connection = await asyncpg.connect(
        server.embedded.admin_url(str(url.database)) if server.embedded else server.given
    )
    try:
        return {
            "inbox": [tuple(r) for r in await connection.fetch("SELECT state, error FROM inbox")],
            "outbox": [
                tuple(row)
                for row in await connection.fetch(
                    "SELECT kind, state, error FROM outbox ORDER BY id"
                )
            ],
        }
    finally:
        await connection.close()


async def test_what_waited_is_set_aside_since_somebody_saw_to_it(
    server: Server, store: Store, business: Business, new: Database, tmp_path: Path
) -> None:
    await wait_for_answers(store, business)
    await save(store.database, tmp_path / "b.zip")
    done = await load(new, tmp_path / "b.zip")
    assert (done.updates, done.messages) == (1, 3)
    found = await states(server, new)
    assert found["inbox"] == [("set_aside", "restored")]
    assert found["outbox"] == [
        ("message", "failed", "restored"),
        ("message", "queued", None),
        ("receipt", "failed", "restored"),
        ("receipt", "queued", None),
        # A second reminder is better than none.
        ("reminder", "queued", None),
        ("reminder", "queued", None),
        ("message", "failed", "restored"),
    ]


async def test_what_waited_goes_on_where_nobody_did(
    server: Server, store: Store, business: Business, new: Database, tmp_path: Path
) -> None:
    await wait_for_answers(store, business)
    before = await states(server, store.database)
    await save(store.database, tmp_path / "b.zip")
    done = await load(new, tmp_path / "b.zip", resume=True)
    assert (done.updates, done.messages) == (0, 0)
    assert await states(server, new) == before


# --- the commands


def test_the_commands_on_a_server_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, database_url: str, new_url: str, tmp_path: Path
) -> None:
    shell = Shell(monkeypatch, database_url, tmp_path)
    number = shell.book()
    said = shell.says("backup", "b.zip")
    assert said.startswith("Wrote b.zip: 1 business, 1 customer, 1 appointment, ")
    assert "b.zip is whole: made 2026-11-21 09:00 UTC" in shell.says("restore", "--check", "b.zip")
    with pytest.raises(BackupError, match="is there already"):
        shell.run("backup", "b.zip")
    shell.says("backup", "b.zip", "--replace")
    monkeypatch.setenv("DATABASE_URL", new_url)
    said = shell.says("restore", "b.zip", "--now", "2026-11-21T12:00:00+01:00")
    assert said.startswith("Restored b.zip: made 2026-11-21 09:00 UTC, schema ")
    assert "Set aside: 1 messages" in said  # the receipt in the terminal's outbox
    assert "--resume" in said
    [listed] = shell.json("appointments", "--json")
    assert listed["number"] == number


def test_from_one_data_folder_to_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (
        data_folder() as mine,
        data_folder() as theirs,
        # Held, so that each command joins a server instead of starting one.
        EmbeddedPostgres.start(mine, settings={"fsync": "off"}),
        EmbeddedPostgres.start(theirs, settings={"fsync": "off"}),
    ):
        shell = Shell(monkeypatch, "", tmp_path)
        monkeypatch.setenv("ASSISTANT_DATA_DIR", str(mine))
        number = shell.book()
        shell.says("backup", "b.zip")
        monkeypatch.setenv("ASSISTANT_DATA_DIR", str(theirs))
        shell.says("restore", "b.zip")
        [listed] = shell.json("appointments", "--json")
        assert listed["number"] == number
