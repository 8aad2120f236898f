"""What a turn really did. Whatever is told to the customer is held against it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from booking.appointment import Appointment, Change
from booking.draft import Draft, NextWish
from booking.refusals import Offer, Refusal


class Proposal(BaseModel):
    """A card that waits for the customer's yes. Nothing is booked, moved or cancelled by it.

    Args:
        draft: what the yes will do, with the version that the card's buttons carry.
        appointment: the held row, or the one to be moved or cancelled as it is now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    draft: Draft
    appointment: Appointment


class Done(BaseModel):
    """A committed change; its receipt is in the outbox.

    Args:
        previous_starts_at: the old start of a move, an instant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: Change
    appointment: Appointment
    previous_starts_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Offers that were shown to the model or to the customer in this turn.

    Args:
        staff_id: whose times; None = anyone's.
        moving: id of the appointment that would be moved to one of them.
        seats: how many places each of them has left at least.
    """

    service_id: int
    staff_id: int | None
    offers: tuple[Offer, ...]
    moving: int | None = None
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Aim:
    """What a time was asked for, so that a refusal's nearest times can be offered for the same.

    Args:
        staff_id: None = anyone.
        moving: the appointment that would be moved; None = a new one.
        seats: how many places were wanted.
    """

    service_id: int
    staff_id: int | None
    moving: Appointment | None = None
    seats: int = 1


@dataclass(slots=True)
class Ledger:
    """One turn's entries, in the order they came.

    Args:
        appointments: the customer's upcoming appointments as this turn read them.
        aim: what the last time was asked for.
        handed_off: a person of the business has the chat.
        waiting: the customer was put on the waiting list.
        saved: their contact data was changed.
        other: a write tool did something that has no entry of its own here.
        unclear: the answer only asks what is meant.
        wants_a_person: the customer asked for one in words that code understood.
        asked_before: it is the same question as in the turn before.
        next_wish: what was asked for after a wish that this turn settled.
    """

    proposal: Proposal | None = None
    done: list[Done] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    appointments: tuple[Appointment, ...] = ()
    aim: Aim | None = None
    handed_off: bool = False
    waiting: bool = False
    saved: bool = False
    other: bool = False
    unclear: bool = False
    wants_a_person: bool = False
    asked_before: bool = False
    next_wish: NextWish | None = None

    def entries(self) -> tuple[object, ...]:
        """Return what changes when a write enters what it did."""
        own = self.proposal, self.handed_off, self.waiting, self.saved
        return (*own, len(self.done))
