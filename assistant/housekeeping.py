"""Closing in time what has run out, so that customers are told and the next in line is asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import structlog

from booking.business import Business
from db.errors import DatabaseError
from db.store import Store

logger = structlog.get_logger(__name__)

PAUSE_SECONDS = 5.0
_BATCH = 20


class Housekeeper:
    """Looks after the businesses of a process. Several processes may do so at once.

    Args:
        store: the database.
        business_ids: whose holds and requests.
        on_closed: called after some were closed: there may be something to send.
    """

    def __init__(
        self,
        store: Store,
        business_ids: Iterable[int],
        on_closed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._business_ids = tuple(business_ids)
        self._on_closed = on_closed

    async def run(self, stop: asyncio.Event) -> None:
        """Work every few seconds until `stop` is set."""
        while not stop.is_set():
            try:
                await self.work()
            except DatabaseError as error:
                logger.warning("housekeeping_database_away", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)

    async def work(self) -> int:
        """Close all that has run out, and return how much that was.

        Raises:
            DatabaseUnavailableError: the database is away; what was closed before stays closed.
        """
        total = 0
        for business_id in self._business_ids:
            business = await self._store.business(business_id)
            while closed := await self._close_batch(business):
                total += closed
                self._on_closed()
        if total:
            logger.info("expired", count=total)
        return total

    async def _close_batch(self, business: Business) -> int:
        closed = await self._store.run(
            business, lambda uow: uow.appointments.expire_due(limit=_BATCH)
        )
        return closed + await self._store.run(
            business, lambda uow: uow.hand_offs.end_overdue(limit=_BATCH)
        )
