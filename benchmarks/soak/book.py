"""The shop of a soak, and what its database says at the end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.booking.data import NOW, business_file
from db.migrate import migrate
from db.repositories.businesses import BusinessRepository
from db.session import Database
from db.settings import DatabaseSettings
from tools.support.say import when

STAFF = 10
_HOURS = (8, 9, 10, 11, 13, 14, 15)  # UTC; the shop's zone is an hour ahead
_DAYS = range(3, 55)


@dataclass(frozen=True, slots=True)
class Left:
    """What the database holds when everybody is gone.

    Args:
        confirmed: appointments.
        overlaps: pairs of appointments of one person at one time; there must be none.
        unanswered: updates that aren't done.
        unsent: messages that are due and weren't sent, reminders to come left out.
        failed: messages that couldn't be sent.
        turns: that were answered.
    """

    confirmed: int
    overlaps: int
    unanswered: int
    unsent: int
    failed: int
    turns: int


_LEFT = text(
    """
    SELECT (SELECT count(*) FROM appointments WHERE status = 'confirmed') AS confirmed,
           (SELECT count(*) FROM occupancies a JOIN occupancies b
            ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during
            WHERE a.active AND b.active) AS overlaps,
           (SELECT count(*) FROM inbox WHERE state <> 'done') AS unanswered,
           (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')
            AND kind <> 'reminder') AS unsent,
           (SELECT count(*) FROM outbox WHERE state = 'failed') AS failed,
           (SELECT count(*) FROM turns WHERE state = 'done') AS turns
    """
)


class Book:
    """The database of a soak.

    Args:
        url: of an empty database.
    """

    def __init__(self, url: str) -> None:
        settings = DatabaseSettings(_env_file=None, database_url=SecretStr(url))
        self._database = Database(settings)
        self._business_id = 0

    async def open(self) -> list[str]:
        """Found the shop; return the labels of times that can be booked."""
        await migrate(self._database.engine)
        async with self._database.transaction() as session:
            business = await BusinessRepository(session).apply(business_file(STAFF))
        self._business_id = business.id
        midnight = NOW.replace(hour=0)
        return [
            when(midnight + dt.timedelta(days=day, hours=hour), business)
            for day in _DAYS
            for hour in _HOURS
        ]

    async def backend_pid(self) -> int:
        """Return the process id of a connection's process, a child of the server's."""
        async with self._database.transaction() as session:
            return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)

    async def left(self) -> Left:
        """Return what is there now."""
        async with self._database.transaction(self._business_id, worker=True) as session:
            row = (await session.execute(_LEFT)).one()
        return Left(**row._mapping)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._database.close()
