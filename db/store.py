"""Transactions in domain words: a unit of work with its repositories, retried within bounds."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.business_file import BusinessFile
from db.clock import Clock
from db.errors import is_connection_failure, is_retried
from db.repositories.appointments import AppointmentRepository
from db.repositories.blocks import BlockRepository
from db.repositories.businesses import BusinessRepository, Listed
from db.repositories.conversations import ConversationRepository
from db.repositories.customers import CustomerRepository
from db.repositories.editions import Edition, apply_edition
from db.repositories.hand_offs import HandOffRepository
from db.repositories.inbox import InboxRepository
from db.repositories.last_word import LastWordRepository
from db.repositories.memories import MemoryRepository
from db.repositories.outbox import OutboxRepository
from db.repositories.prompts import PromptRepository
from db.repositories.reach import ReachRepository
from db.repositories.unanswered import UnansweredRepository
from db.repositories.usage import UsageRepository
from db.repositories.waitlist import WaitlistRepository
from db.session import Database

T = TypeVar("T")
_ATTEMPTS = 3


class UnitOfWork:
    """One transaction of one business with its repositories. Committed by whoever opened it."""

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self.session = session
        self.business = business
        self.appointments = AppointmentRepository(session, business, clock=clock)
        self.blocks = BlockRepository(session, business, clock=clock)
        self.waitlist = WaitlistRepository(session, business, clock=clock)
        self.hand_offs = HandOffRepository(session, business, clock=clock)
        self.customers = CustomerRepository(session, business.id)
        self.conversations = ConversationRepository(session, business.id, clock=clock)
        self.memories = MemoryRepository(session, business.id, clock)
        self.outbox = OutboxRepository(session)
        self.last_word = LastWordRepository(session)
        self.inbox = InboxRepository(session)
        self.unanswered = UnansweredRepository(session, business, clock)
        self.usage = UsageRepository(session, business.id)
        self.reach = ReachRepository(session, business, clock)
        self.prompts = PromptRepository(session, business.id, clock=clock)


class Store:
    """The database as the assistant uses it.

    Args:
        database: the pool.
        clock: tells now to everything that happens in a transaction.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._known: dict[int, Business] = {}

    async def run(self, business: Business, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """Run `work` in a transaction and commit it.

        A serialization failure, a deadlock or a lock time-out runs the whole of it again, and so
        does a lost connection: whether that commit took place can't be known, so `work` must be
        idempotent (commands carry a key; their repeat returns the first result).

        Raises:
            DatabaseUnavailableError: the server is away, or busy beyond the retries.
            DatabaseError: the database refused a statement.
        """

        async def once() -> T:
            async with self.database.session(business.id) as session, session.begin():
                return await work(UnitOfWork(session, business, self.clock))

        return await self._retried(once)

    async def apply_business(
        self,
        file: BusinessFile,
        *,
        shown: Edition | None = None,
        rehearse: bool = False,
    ) -> Edition:
        """Make a business what its file says, in one transaction. Applying it again does nothing.

        Args:
            file: the validated description.
            shown: the rehearsal that the owner said yes to: where it would do something else by
                now, nothing is changed. None = apply whatever is in conflict.
            rehearse: only say what it would do.

        Raises:
            DatabaseUnavailableError: the server is away, or busy beyond the retries.
            DatabaseError: the database refused a statement.
        """

        async def once() -> Edition:
            async with self.database.session() as session, session.begin() as transaction:
                now = self.clock.now()
                edition = await apply_edition(session, file, now, rehearse=rehearse)
                if rehearse or not (shown is None or edition.is_as_shown(shown)):
                    await transaction.rollback()
                    return dataclasses.replace(edition, applied=False)
                return edition

        return await self._retried(once)

    async def _retried(self, once: Callable[[], Awaitable[T]]) -> T:
        """Run a transaction, again where that can help."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await once()
            except (SQLAlchemyError, OSError) as error:
                again = is_retried(error) or is_connection_failure(error)
                if not again or attempt == _ATTEMPTS:
                    raise self.database.translated(error) from None
                # Jitter keeps those that collided once from colliding again.
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that sees the delivery queues of all businesses.

        Raises:
            DatabaseUnavailableError: the server is away.
        """
        async with self.database.transaction(worker=True) as session:
            yield session

    async def business(self, business_id: int) -> Business:
        """Return a business in its newest edition.

        Raises:
            LookupError: there is none with that id.
            DatabaseUnavailableError: the server is away.
        """
        known = self._known.get(business_id)
        async with self.database.transaction(business_id) as session:
            businesses = BusinessRepository(session)
            if known is not None and await businesses.revision(business_id) == known.revision:
                return known
            loaded = await businesses.load(business_id)
        self._known[business_id] = loaded
        return loaded

    async def businesses(self) -> list[Listed]:
        """Return all businesses, in alphabetical order."""
        async with self.database.transaction() as session:
            return await BusinessRepository(session).listed()

    async def find_business(self, slug: str | None = None) -> Business | None:
        """Return the business with that slug, or the default one; None where there is none."""
        async with self.database.transaction() as session:
            found = await BusinessRepository(session).find(slug)
        return None if found is None else await self.business(found)
