"""Brings the schema to the newest version. Run at every start; concurrent starts are safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.errors import DatabaseError
from db.session import translated

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

# Any constant does, as long as every version of this program uses the same one.
_MIGRATION_LOCK = 0x626F6F6B  # "book"
_FOLDER = Path(__file__).parent / "migrations"
MINIMUM_SERVER_VERSION = 150000


def alembic_config(connection: Connection) -> Config:
    """Return the configuration that runs Alembic on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(_FOLDER))


@cache
def known_revisions() -> frozenset[str]:
    """Return all revisions in the migrations folder; read once."""
    return frozenset(script.revision for script in _script().walk_revisions())


@cache
def head_revision() -> str:
    """Return the newest revision in the migrations folder; read once."""
    head = _script().get_current_head()
    if head is None:
        raise DatabaseError(f"no migrations in {_FOLDER}")
    return head


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), revision)


def _downgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.downgrade(alembic_config(connection), revision)


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Upgrade the schema, in one transaction, one process at a time.

    Args:
        engine: connects as the owner of the database.
        revision: where to stop; the newest by default.

    Raises:
        DatabaseError: the server is away, too old, or a migration failed; nothing was changed.
    """
    # A backup holds the lock below for as long as it takes: a start that has nothing to do in the
    # schema doesn't wait for it.
    wanted = head_revision() if revision == "head" else revision
    if await present_revision(engine) == wanted:
        return
    try:
        async with engine.begin() as connection:
            version = await connection.scalar(text("SHOW server_version_num"))
            if int(version or 0) < MINIMUM_SERVER_VERSION:
                raise DatabaseError(
                    f"PostgreSQL 15 or later is needed; the server is {version}."
                    " Upgrade it or unset DATABASE_URL to use the embedded one."
                )
            await migration_lock(connection)
            await connection.run_sync(_upgrade, revision)
    except (SQLAlchemyError, OSError) as error:
        raise translated(error) from None


async def migration_lock(connection: AsyncConnection) -> None:
    """Wait for other migrations, and keep them waiting until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})


@asynccontextmanager
async def migrations_held(engine: AsyncEngine) -> AsyncIterator[None]:
    """Keep migrations waiting while the body runs; several may do so at once.

    On a connection of its own: in the body's transaction the lock would be had after its snapshot
    was taken, and the schema could be another one by then.
    """
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "SELECT set_config('idle_in_transaction_session_timeout', '0', true),"
                " pg_advisory_xact_lock_shared(:lock)"
            ),
            {"lock": _MIGRATION_LOCK},
        )
        yield


async def bring_to(connection: AsyncConnection, revision: str, *, afresh: bool = False) -> None:
    """Migrate within the caller's transaction, who holds the `migration_lock`.

    Args:
        revision: where to; "head" = the newest.
        afresh: take everything away first: for a database without rows, whatever its schema.

    Raises:
        LookupError: this version of the program doesn't know the revision.
    """
    if revision != "head" and revision not in known_revisions():
        raise LookupError(revision)
    if afresh and await connection.scalar(text("SELECT to_regclass('alembic_version')")):
        await connection.run_sync(_downgrade, "base")
    await connection.run_sync(_upgrade, revision)


async def present_revision(engine: AsyncEngine, timeout_seconds: float = 5.0) -> str | None:
    """Return the revision that the schema is at; None for an empty database.

    Args:
        timeout_seconds: how long to wait for the answer, a free connection included.

    Raises:
        DatabaseUnavailableError: the server doesn't answer.
        DatabaseError: the revision can't be read.
    """
    try:
        async with asyncio.timeout(timeout_seconds), engine.connect() as connection:
            there = await connection.scalar(text("SELECT to_regclass('alembic_version')"))
            if there is None:
                return None
            found: str | None = await connection.scalar(
                text("SELECT version_num FROM alembic_version")
            )
            return found
    except (SQLAlchemyError, OSError) as error:
        raise translated(error) from None


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the schema back to `revision` ("base" = empty), in one transaction."""
    async with engine.begin() as connection:
        await migration_lock(connection)
        await connection.run_sync(_downgrade, revision)
