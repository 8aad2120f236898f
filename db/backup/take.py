"""Makes a backup: one snapshot of the whole database, while the assistant works on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.backup.archive import BackupError, BackupWriter, Counter, Manifest, SavedTable, Write
from db.backup.catalog import (
    BUSINESSES,
    VERSIONS,
    Shape,
    business_ids,
    copy_out,
    counters,
    prepare,
    read_catalog,
)
from db.migrate import migrations_held
from db.session import Database, translated


async def back_up(
    database: Database,
    path: Path,
    *,
    made_at: dt.datetime,
    program: str,
    replace: bool = False,
    warn: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Write every row of every business, as they are at one instant, to a file.

    Bookings and messages go on meanwhile; what commits later isn't in the file.

    Args:
        database: connects as the program's own role; one above row-level security does too.
        path: of the file.
        made_at: now, an instant.
        program: version of the program.
        replace: whether a file that is there may be replaced.
        warn: told what is left out.

    Returns:
        What is in the file.

    Raises:
        BackupError: the file can't be written, or the database is no assistant's; nothing is left
            behind.
        DatabaseError: the database is away, or refused a statement; nothing is left behind.
    """
    with BackupWriter(path, replace=replace) as writer:
        try:
            async with migrations_held(database.engine), database.engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                async with connection.begin():
                    manifest = await _copy(connection, writer, made_at, program, warn)
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise translated(error) from None
        writer.manifest(manifest)
    return manifest


async def _copy(
    connection: AsyncConnection,
    writer: BackupWriter,
    made_at: dt.datetime,
    program: str,
    warn: Callable[[str], None],
) -> Manifest:
    raw = await prepare(connection)
    catalog = await read_catalog(connection)
    if BUSINESSES not in {shape.name for shape in catalog.shapes}:
        raise BackupError("There is nothing to back up: the database holds no business's tables.")
    if catalog.strangers:
        warn(f"Left out, since they aren't the assistant's: {', '.join(catalog.strangers)}")
    revision = await connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))
    businesses = await business_ids(raw)
    tables = []
    for shape in catalog.shapes:
        rows, digest = await writer.table(shape.name, _fill(raw, shape, businesses))
        tables.append(SavedTable(name=shape.name, columns=shape.columns, rows=rows, sha256=digest))
    return Manifest(
        program=program,
        revision=revision or "",
        server=int(await connection.scalar(text("SHOW server_version_num")) or 0),
        made_at=made_at,
        tables=tuple(tables),
        counters=await _read_counters(connection),
    )


def _fill(
    raw: asyncpg.Connection, shape: Shape, businesses: list[int]
) -> Callable[[Write], Awaitable[int]]:
    return partial(copy_out, raw, shape, shape.columns, businesses)


async def _read_counters(connection: AsyncConnection) -> dict[str, Counter]:
    # They are outside of any snapshot, and so as far as the rows are, or farther: read last.
    found = {}
    for name, sequence in (await counters(connection)).items():
        row = (
            await connection.execute(text(f"SELECT last_value, is_called FROM {sequence}"))
        ).one()
        found[name] = Counter(last=row.last_value, used=row.is_called)
    return found
