"""Brings the schema to the newest version. Run at every start; concurrent starts are safe."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.errors import DatabaseError
from db.session import translated

if TYPE_CHECKING:
    from alembic.config import Config

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


@cache
def head_revision() -> str:
    """Return the newest revision in the migrations folder; read once."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(_FOLDER)).get_current_head()
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
    try:
        async with engine.begin() as connection:
            version = await connection.scalar(text("SHOW server_version_num"))
            if int(version or 0) < MINIMUM_SERVER_VERSION:
                raise DatabaseError(
                    f"PostgreSQL 15 or later is needed; the server is {version}."
                    " Upgrade it or unset DATABASE_URL to use the embedded one."
                )
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
            )
            await connection.run_sync(_upgrade, revision)
    except (SQLAlchemyError, OSError) as error:
        raise translated(error) from None


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
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
        )
        await connection.run_sync(_downgrade, revision)
