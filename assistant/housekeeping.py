"""What has to happen by itself: closing what ran out, telling of reminders, forgetting people."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from booking.business import Business
from db.errors import DatabaseError
from db.outage import Outage
from db.repositories.forgetting import ForgettingRepository, Forgotten
from db.store import Store, UnitOfWork
from db.timekeeping import is_settled

logger = structlog.get_logger(__name__)

PAUSE_SECONDS = 5.0
# Owners hear of several at once instead of one by one.
UNANSWERED_SECONDS = 15 * 60.0
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
        self._database = Outage("housekeeping_database_away", "housekeeping_database_back")

    async def run(self, stop: asyncio.Event) -> None:
        """Work every few seconds until `stop` is set."""
        loop = asyncio.get_running_loop()
        looked_at = -UNANSWERED_SECONDS
        while not stop.is_set():
            try:
                if is_settled(self._store.clock):
                    await self.work()
                if loop.time() - looked_at >= UNANSWERED_SECONDS:
                    await self.tell_unanswered()
                    looked_at = loop.time()
            except DatabaseError as error:
                self._database.goes_on(error=str(error))
            else:
                self._database.is_over()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)

    async def tell_unanswered(self) -> int:
        """Let the owners know whose reminders have no answer, and return how many those are.

        Raises:
            DatabaseUnavailableError: the database is away.
        """
        total = 0
        for business_id in self._business_ids:
            business = await self._store.business(business_id)
            minutes = business.policy.unanswered_after_minutes
            if minutes and business.owner_chat_ids:
                after = dt.timedelta(minutes=minutes)
                total += await self._store.run(business, partial(_tell, after))
        if total:
            logger.info("unanswered_told", count=total)
            self._on_closed()
        return total

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
            if await forget_who_asked(self._store, business):
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


async def forget_who_asked(store: Store, business: Business) -> int:
    """Erase the customers who asked for it in their chat, once the chat has come to rest.

    Returns:
        How many wishes were settled, one way or the other.

    Raises:
        DatabaseUnavailableError: the database is away; who was erased before stays erased.
    """

    def at(uow: UnitOfWork) -> ForgettingRepository:
        return ForgettingRepository(uow.session, business, store.clock)

    settled = 0
    for customer_id in await store.run(business, lambda uow: at(uow).due()):
        # A transaction each: one that fails keeps no other from being forgotten.
        outcome = await store.run(business, lambda uow, who=customer_id: at(uow).forget(who))  # type: ignore[misc]
        if outcome is not Forgotten.LATER:
            settled += 1
            logger.info("wish_to_be_forgotten", outcome=outcome.value)
    return settled


async def _tell(after: dt.timedelta, uow: UnitOfWork) -> int:
    return await uow.unanswered.tell(after)
