"""Empty databases to measure on."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from db.embedded import EmbeddedPostgres
from db.session import Database
from db.settings import DatabaseSettings

Say = Callable[[str], None]


@contextmanager
def databases(count: int, say: Say) -> Iterator[list[str]]:
    """Yield the URLs of new, empty databases: on DATABASE_URL's server, else an embedded one."""
    given = os.environ.get("DATABASE_URL")
    names = [f"bench_{uuid.uuid4().hex[:12]}" for _ in range(count)]
    if given:
        server = _settings(given).database_url_str
        asyncio.run(_administer(server, [f'CREATE DATABASE "{name}"' for name in names]))
        try:
            address = make_url(server)
            yield [
                address.set(database=name).render_as_string(hide_password=False) for name in names
            ]
        finally:
            asyncio.run(_administer(server, [f'DROP DATABASE "{n}" WITH (FORCE)' for n in names]))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)  # as root the server runs under another account
        with EmbeddedPostgres.start(Path(folder) / "data", progress=say) as embedded:
            for name in names:
                embedded.create_database(name)
            yield [embedded.url(name) for name in names]


async def _administer(url: str, orders: Sequence[str]) -> None:
    database = Database(_settings(url))
    try:
        async with database.engine.connect() as connection:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for order in orders:
                await plain.execute(text(order))
    finally:
        await database.close()


def _settings(url: str) -> DatabaseSettings:
    return DatabaseSettings(_env_file=None, database_url=SecretStr(url))
