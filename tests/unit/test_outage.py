"""An outage is two lines in the log, however long it lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from structlog.testing import capture_logs

from assistant.delivery import Sender
from db.errors import DatabaseUnavailableError
from tests.shipped import shipped


class _Store:
    """A database that is away, until it isn't."""

    is_away = True

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        if self.is_away:
            raise DatabaseUnavailableError("connection refused")
        yield


async def test_a_sender_tells_of_an_outage_once_and_of_its_end() -> None:
    store: Any = _Store()
    sender = Sender(store, {"terminal": None}, shipped().texts)  # type: ignore[dict-item]

    async def nothing_due(_: str) -> float:
        async with store.worker():
            return 1.0

    sender._begin = nothing_due  # type: ignore[method-assign]
    with capture_logs() as logs:
        for is_away in (True, True, True, False, False, True, True):
            store.is_away = is_away
            sender._looked_at = float("inf")  # what others left is looked for another time
            await sender._begin_all()
    assert [(each["event"], each.get("error")) for each in logs] == [
        ("outbox_database_away", "connection refused"),
        ("outbox_database_back", None),
        ("outbox_database_away", "connection refused"),
    ]
