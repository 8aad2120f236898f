"""What a tool may know and touch: never an identity from the model, never the bot or the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from booking.business import Business
from booking.draft import NextWish
from booking.hand_off import HandOff
from booking.localtime import local_date, zone
from booking.refusals import Refusal, RefusalCode
from db.clock import Clock
from db.errors import DatabaseUnavailableError
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork
from tools.support.ledger import Ledger
from tools.support.outcomes import HandedOff, Outcome, from_journal, to_journal

T = TypeVar("T")
MAX_WISH = 500  # characters of a wish that is kept for later


@dataclass(slots=True)
class ToolContext:
    """One message of one customer, as tools see it.

    Args:
        customer: who wrote, as the channel vouches for it.
        language: ISO 639-1 code of the reply.
        reply_to: where receipts go.
        message_key: names the incoming message; with the call's position it makes idempotency keys.
        ledger: what this turn did so far.
        said: the customer's own words of this message.
        heard: what an earlier attempt at this turn heard, by update id.
        words: what of the message was heard and not read.
        hand_off: by which a person has the customer's chat; None = the assistant answers.
        turn_id: whose journal a write's outcome goes into; None = no journal is kept.
        attempt: which attempt at the turn this is; an older one may write no more.
        position: the present call's place in the journal.
        recorded: outcomes of an earlier attempt at this turn, by position; they are not repeated.
        unsaved: journal entries (position, kind, payload) to be stored with the next write: the
            model's reply that asked for it.
        wrote: whether a write has begun.
        next_wish: what this message asks for besides the wish that is seen to now.
        following: the wish that is seen to now, where an earlier one was settled before it.
        begin: where the journal of the model's calls for the present wish begins.
    """

    store: Store
    business: Business
    customer: Customer
    language: str
    reply_to: ReplyTo
    message_key: str
    ledger: Ledger = field(default_factory=Ledger)
    said: str = ""
    heard: dict[int, str] = field(default_factory=dict)
    words: str = ""
    hand_off: HandOff | None = None
    turn_id: int | None = None
    attempt: int = 1
    wrote: bool = False
    position: int = 0
    recorded: dict[int, dict[str, Any]] = field(default_factory=dict)
    unsaved: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    next_wish: NextWish | None = None
    following: NextWish | None = None
    begin: int = 0

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
        return f"{self.message_key}:{self.position}"

    def wishes_next(self, text: str | None) -> None:
        """Note what this message asks for besides the change that is made now.

        Args:
            text: in words; None or blank = nothing.
        """
        words = (text or "").strip()[:MAX_WISH]
        self.next_wish = NextWish(text=words, said_at=self.clock.now()) if words else None

    async def read(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T | Refusal:
        """Run a read in a transaction; `temporarily_unavailable` where the database is away."""
        try:
            return await self.store.run(self.business, work)
        except DatabaseUnavailableError:
            return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)

    async def write(self, work: Callable[[UnitOfWork], Awaitable[Outcome]]) -> Outcome:
        """Run a write and its journal entry in one transaction, and enter it into the ledger.

        `work` runs again after a serialization failure or a lost connection, so what it writes
        carries `key`. What was recorded at this position before a crash is returned as it was.
        """
        if self.position in self.recorded:
            return self._note(from_journal(self.recorded[self.position]))
        self.wrote = True

        attempts = count()

        async def with_journal(uow: UnitOfWork) -> Outcome:
            if not await self.may_write(uow):
                return Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE)
            if next(attempts) and self.turn_id is not None:
                # The attempt before may have been committed and its answer lost. What it found then
                # (an open card, a waiting request) isn't there any more: its outcome is.
                kept = await uow.conversations.get_step(self.turn_id, self.position)
                if kept is not None:
                    return from_journal(kept)
            outcome = await work(uow)
            if self.turn_id is not None:
                entries = [*self.unsaved, (self.position, "tool", to_journal(outcome))]
                for position, kind, payload in entries:
                    await uow.conversations.add_step(self.turn_id, position, kind, payload)
            return outcome

        try:
            outcome = await self.store.run(self.business, with_journal)
        except DatabaseUnavailableError:
            return self._note(Refusal(code=RefusalCode.TEMPORARILY_UNAVAILABLE))
        self.unsaved.clear()
        return self._note(outcome)

    async def may_write(self, uow: UnitOfWork) -> bool:
        """Return whether this is still the turn's last attempt; keeps it so until the commit.

        A worker that was thought dead may wake up in the middle of a turn that another one has
        taken over. What it would write now is the other's to write.
        """
        if self.turn_id is None:
            return True
        return await uow.conversations.holds_turn(self.turn_id, self.attempt)

    def _note(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Refusal):
            self.ledger.refusals.append(outcome)
            return outcome
        if isinstance(outcome, HandedOff):
            self.ledger.handed_off = outcome.is_true
            return outcome
        proposal, done = getattr(outcome, "proposal", None), getattr(outcome, "done", None)
        next_wish = getattr(outcome, "next_wish", None)
        if next_wish is not None:
            self.ledger.next_wish = NextWish.model_validate(next_wish)
        if proposal is not None:
            self.ledger.proposal = proposal
        if done is not None:
            self.ledger.done.append(done)
        return outcome
