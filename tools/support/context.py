"""What a tool may know and touch: never an identity from the model, never the bot or the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from booking.appointment import Appointment, Change
from booking.business import Business
from booking.draft import Draft
from booking.localtime import local_date, zone
from booking.refusals import Offer, Refusal, RefusalCode
from db.clock import Clock
from db.errors import DatabaseUnavailableError
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork

if TYPE_CHECKING:
    from tools.support.contract import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A card that waits for the customer's yes. Nothing is booked, moved or cancelled by it.

    Args:
        draft: what the yes will do, with the version that the card's buttons carry.
        appointment: the held row, or the one to be moved or cancelled as it is now.
    """

    draft: Draft
    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Done:
    """A committed change; its receipt is in the outbox."""

    change: Change
    appointment: Appointment
    previous_starts_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Offers that were shown to the model or to the customer in this turn."""

    service_id: int
    staff_id: int | None
    offers: tuple[Offer, ...]
    moving: int | None = None


@dataclass(slots=True)
class Ledger:
    """What this turn really did. Whatever is told to the customer is held against it."""

    proposal: Proposal | None = None
    done: list[Done] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


Journal = Callable[[UnitOfWork, "Outcome"], Awaitable[None]]


@dataclass(slots=True)
class ToolContext:
    """One message of one customer, as tools see it.

    Args:
        customer: who wrote, as the channel vouches for it.
        language: ISO 639-1 code of the reply.
        reply_to: where receipts go.
        message_key: names the incoming message; with the call's index it makes idempotency keys.
        ledger: what this turn did so far.
        call_index: position of the present call in the turn.
        journal: stores a write's outcome in the transaction of the write.
    """

    store: Store
    business: Business
    customer: Customer
    language: str
    reply_to: ReplyTo
    message_key: str
    ledger: Ledger = field(default_factory=Ledger)
    call_index: int = 0
    journal: Journal | None = None

    @property
    def clock(self) -> Clock:
        """The one clock."""
        return self.store.clock

    @property
    def today(self) -> dt.date:
        """The business's local date now."""
        return local_date(self.clock.now(), zone(self.business.zone))

    @property
    def key(self) -> str:
        """The idempotency key of the present call: derived, never random."""
        return f"{self.message_key}:{self.call_index}"

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T | Refusal:
        """Run a read in a transaction; `temporarily_unavailable` where the database is away."""
        try:
            return await self.store.run(self.business, work)
        except DatabaseUnavailableError:
            return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)

    async def write(self, work: Callable[[UnitOfWork], Awaitable[Outcome]]) -> Outcome:
        """Run a write and its journal entry in one transaction.

        `work` runs again after a serialization failure or a lost connection, so what it writes
        carries `key`.
        """

        async def with_journal(uow: UnitOfWork) -> Outcome:
            outcome = await work(uow)
            if self.journal is not None:
                await self.journal(uow, outcome)
            return outcome

        try:
            return await self.store.run(self.business, with_journal)
        except DatabaseUnavailableError:
            return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)
