"""Puts a backup into an empty database: all of it in one transaction, read back and compared."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.backup.archive import BackupError, BackupFile, Manifest
from db.backup.catalog import (
    BUSINESSES,
    Shape,
    business_ids,
    copy_out,
    counters,
    prepare,
    quoted,
    read_catalog,
)
from db.migrate import bring_to, migration_lock
from db.session import Database, translated

_LOCK_TIMEOUT = "10s"
# What is written beside a row that is set aside.
RESTORED = "restored"

_SET_ASIDE_UPDATES = text(
    "UPDATE inbox SET state = 'set_aside', error = :why WHERE state = 'new' RETURNING id"
)
# Not reminders: one for an appointment that is over is dropped anyway, and for one that is still to
# come a second reminder is better than none. What an attempt has put off waits, too.
_SET_ASIDE_MESSAGES = text(
    "UPDATE outbox SET state = 'failed', error = :why WHERE kind <> 'reminder'"
    " AND (state = 'sending' OR (state = 'queued' AND coalesce(waiting_since, due_at) <= :now))"
    " RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Args:
        manifest: of the file.
        updates: messages of customers that were set aside.
        messages: messages to people that were set aside.
    """

    manifest: Manifest
    updates: int
    messages: int


async def restore(
    database: Database, file: BackupFile, *, now: dt.datetime, resume: bool = False
) -> Restored:
    """Load a backup and migrate it to this version's schema.

    What waited to be answered or sent when the backup was made is set aside: whoever worked on
    afterwards has done it by then. Future messages and all reminders stay.

    Args:
        database: an empty one; connects as its owner.
        file: the backup.
        now: an instant; messages due later aren't set aside.
        resume: nobody worked on after the backup: nothing is set aside, all of it goes on.

    Raises:
        BackupError: the file is damaged or of a newer version, or the database isn't empty.
        DatabaseError: the database is away, or refused a statement. In all cases it stays as it
            was.
    """
    try:
        async with database.engine.begin() as connection:
            raw = await prepare(connection)
            await connection.execute(
                text("SELECT set_config('lock_timeout', :time, true)"), {"time": _LOCK_TIMEOUT}
            )
            await migration_lock(connection)
            await _refuse_unless_empty(connection)
            await _make_schema(connection, file)
            await _load(connection, raw, file)
            await bring_to(connection, "head")
            updates = messages = 0
            if not resume:
                updates, messages = await _set_aside(connection, now)
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise translated(error) from None
    return Restored(file.manifest, updates, messages)


async def _refuse_unless_empty(connection: AsyncConnection) -> None:
    """Businesses are seen by everybody, and without one of them no other row can be there."""
    catalog = await read_catalog(connection)
    if catalog.strangers:
        raise BackupError(
            "The database holds tables that aren't the assistant's"
            f" ({', '.join(catalog.strangers)}): restore into one of its own."
        )
    if BUSINESSES not in {shape.name for shape in catalog.shapes}:
        return
    await _refuse_businesses(connection)  # without a lock, which would stop an assistant at work
    await connection.execute(text(f"LOCK TABLE {BUSINESSES} IN ACCESS EXCLUSIVE MODE"))
    await _refuse_businesses(connection)


async def _refuse_businesses(connection: AsyncConnection) -> None:
    found = await connection.scalar(text(f"SELECT count(*) FROM {BUSINESSES}"))
    if found:
        raise BackupError(
            "The database isn't empty, and a restore never overwrites:"
            f" it holds {found} {'business' if found == 1 else 'businesses'}. Restore into a"
            " new database (DATABASE_URL) or data folder (ASSISTANT_DATA_DIR)."
        )


async def _make_schema(connection: AsyncConnection, file: BackupFile) -> None:
    revision = file.manifest.revision
    try:
        await bring_to(connection, revision, afresh=True)
    except LookupError:
        raise BackupError(
            f"{file.path} was made by a newer version of the program ({file.manifest.program},"
            f" schema {revision}), which this one can't read: restore with that one."
        ) from None


async def _load(connection: AsyncConnection, raw: asyncpg.Connection, file: BackupFile) -> None:
    shapes = {shape.name: shape for shape in (await read_catalog(connection)).shapes}
    saved = {table.name: table for table in file.manifest.tables}
    if {name: set(shape.columns) for name, shape in shapes.items()} != {
        name: set(table.columns) for name, table in saved.items()
    }:
        raise BackupError(
            f"{file.path} doesn't fit the schema {file.manifest.revision} that it names."
        )
    for shape in shapes.values():
        # COPY isn't for tables whose rows are hidden from us; nobody else sees them unlocked.
        # Triggers have done their work on these rows when they were new.
        await raw.execute(f"ALTER TABLE {quoted(shape.name)} NO FORCE ROW LEVEL SECURITY")
        await raw.execute(f"ALTER TABLE {quoted(shape.name)} DISABLE TRIGGER USER")
    for table in file.manifest.tables:
        await raw.copy_to_table(
            table.name, source=file.rows(table), columns=table.columns, format="text"
        )
    for shape in shapes.values():
        await raw.execute(f"ALTER TABLE {quoted(shape.name)} ENABLE TRIGGER USER")
        if shape.forced:
            await raw.execute(f"ALTER TABLE {quoted(shape.name)} FORCE ROW LEVEL SECURITY")
    await _compare(raw, file, shapes)
    await _set_counters(connection, file.manifest)


async def _compare(raw: asyncpg.Connection, file: BackupFile, shapes: dict[str, Shape]) -> None:
    """Read everything back, the way it was read for the backup: it must be the same text."""
    businesses = await business_ids(raw)
    for table in file.manifest.tables:
        digest = hashlib.sha256()
        shape = shapes[table.name]
        rows = await copy_out(raw, shape, table.columns, businesses, _feed(digest))
        if (rows, digest.hexdigest()) != (table.rows, table.sha256):
            raise BackupError(
                f"What was restored of {table.name} isn't what {file.path} holds; nothing was"
                " restored."
            )


def _feed(digest: hashlib._Hash) -> Callable[[bytes], Awaitable[None]]:
    async def read(data: bytes) -> None:
        digest.update(data)

    return read


async def _set_counters(connection: AsyncConnection, manifest: Manifest) -> None:
    for name, sequence in (await counters(connection)).items():
        counter = manifest.counters.get(name)
        if counter is not None:
            await connection.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :last, :used)"),
                {"sequence": sequence, "last": counter.last, "used": counter.used},
            )


async def _set_aside(connection: AsyncConnection, now: dt.datetime) -> tuple[int, int]:
    await connection.execute(text("SELECT set_config('app.worker', 'on', true)"))
    given = {"why": RESTORED, "now": now}
    updates = await connection.execute(_SET_ASIDE_UPDATES, {"why": RESTORED})
    messages = await connection.execute(_SET_ASIDE_MESSAGES, given)
    return len(updates.all()), len(messages.all())
