"""PostgreSQL's disk is full: nothing is half written, nothing lost, and it goes on by itself."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from assistant.conversation import Conversation
from assistant.health import database_check
from assistant.worker import Worker
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from db.errors import DatabaseFullError
from db.repositories.inbox import InboxRepository
from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, apply_file, context_for, load_example, settings_for
from tests.fakes.small_disk import SmallDisk, small_disk
from tests.integration.db_support import CHANNEL, TUESDAY_TEN
from tests.integration.lively import WORDS
from tests.integration.test_clocks import Wire, stored
from tools.support.proposals import propose_booking


@pytest.fixture
def disk(database_url: str) -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="ba-disk-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with small_disk(folder, database_url) as found:
            yield found


@pytest.fixture
async def database(disk: SmallDisk) -> AsyncIterator[Database]:
    """A pool on the small disk's server."""
    database = Database(settings_for(disk.url))
    yield database
    await database.close()


# Everything that a booking writes.
_WRITTEN = ("appointments", "occupancies", "idempotency_keys", "outbox", "appointment_events")
_ROWS = text("SELECT " + " + ".join(f"(SELECT count(*) FROM {each})" for each in _WRITTEN))


async def rows(database: Database, business: Business) -> int:
    async with database.transaction(business.id) as session:
        return int(await session.scalar(_ROWS) or 0)


async def stored_long(store: Store, business: Business, update_id: int) -> None:
    """Store an update that no page has room for as it is."""
    payload = {"text": os.urandom(9000).hex()}
    async with store.worker() as session:
        await InboxRepository(session).store(
            business.id, CHANNEL, 5, update_id, payload, received_at=store.clock.now()
        )


async def states(store: Store) -> list[str]:
    async with store.worker() as session:
        return list(await session.scalars(text("SELECT state FROM inbox ORDER BY id")))


async def test_nothing_is_half_written_or_lost_and_it_goes_on_by_itself(
    disk: SmallDisk, database: Database, clock: MovableClock
) -> None:
    store = Store(database, clock)
    business = await apply_file(store, load_example())
    context = await context_for(store, business)
    [service, *_] = business.services
    conversation = Conversation(store, {CHANNEL: business.id}, WORDS)
    worker = Worker(store, {CHANNEL: Wire()}, conversation, WORDS.texts)
    await stored(store, business, 1)
    disk.fill()

    # A booking is refused with a true "couldn't", and nothing of it is there.
    refused = await propose_booking(context, service, TUESDAY_TEN, staff_id=None)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.TEMPORARILY_UNAVAILABLE
    assert await rows(database, business) == 0

    # A message that came before keeps its place; a new one isn't taken, so that Telegram keeps it.
    with capture_logs() as logs, pytest.raises(DatabaseFullError):
        await worker.drain(CHANNEL, 5)
    assert await states(store) == ["new"]
    [told] = [each for each in logs if each["event"] == "turn_database_away"]
    assert "make room" in told["error"]
    with pytest.raises(DatabaseFullError, match="make room"):
        await stored_long(store, business, 2)
    check = await database_check(database)
    assert (check.ok, check.serious) == (False, True)
    assert "full" in check.detail
    assert disk.back_up() == ("BackupError", ["b.zip"])

    # There is room again: no restart, and the same things succeed.
    disk.free()
    held = await propose_booking(context, service, TUESDAY_TEN, staff_id=None)
    assert not isinstance(held, Refusal)
    await stored_long(store, business, 2)
    async with store.worker() as session:  # its pause, and a lease that couldn't be given back
        await session.execute(text("UPDATE lanes SET ready_at = clock_timestamp(), lease = NULL"))
    await worker.drain(CHANNEL, 5)
    assert await states(store) == ["done", "done"]
