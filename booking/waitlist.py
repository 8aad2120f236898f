"""Waiting for a time that is taken: what is wished, and where an entry stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from booking.localtime import to_local, zone
from booking.refusals import Offer


class WaitlistState(StrEnum):
    """`waiting` and `offered` are open; an entry gets one offer, and ends with its answer."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN_STATES: frozenset[WaitlistState] = frozenset({WaitlistState.WAITING, WaitlistState.OFFERED})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer waits for.

    Args:
        service_id: what is to be booked.
        date_from, date_to: business-local dates of the start, inclusive.
        time_from, time_to: wall-clock bounds of the start in the business's zone, `[from, to)`,
            None = unbounded; `to < from` spans midnight.
        staff_id: the wanted staff member; None = anyone.
        seats: how many places.
        moving_appointment_id: the customer's own appointment that would be moved there; None = the
            time is for another one.
    """

    service_id: int
    date_from: dt.date
    date_to: dt.date
    time_from: dt.time | None = None
    time_to: dt.time | None = None
    staff_id: int | None = None
    seats: int = 1
    moving_appointment_id: int | None = None

    def __post_init__(self) -> None:
        if self.date_to < self.date_from or self.seats < 1:
            raise ValueError(f"dates in order and 1 seat or more are waited for, not {self}")

    def fits(self, offer: Offer, where: str) -> bool:
        """Return whether a free start is one that the customer waits for.

        Args:
            where: the business's IANA zone.
        """
        return self._holds(offer.starts_at, where)

    def is_worth_a_move(self, offer: Offer, present: dt.datetime, where: str) -> bool:
        """Return whether an appointment would be moved to a free start that fits.

        Where the time that it has fits the wish as well, only an earlier one is better.

        Args:
            present: when it starts now, an instant.
            where: the business's IANA zone.
        """
        return offer.starts_at < present or not self._holds(present, where)

    def _holds(self, instant: dt.datetime, where: str) -> bool:
        local = to_local(instant, zone(where))
        if not self.date_from <= local.date() <= self.date_to:
            return False
        return within_window(local.time(), self.time_from, self.time_to)


class WaitlistEntry(BaseModel):
    """A customer's place in line.

    Args:
        service_id ... moving_appointment_id: as in `Wish`.
        offered_appointment_id: the hold that was placed when a time became free.
        offered_starts_at, offer_expires_at: instants.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    business_id: int
    customer_id: int
    service_id: int
    staff_id: int | None
    date_from: dt.date
    date_to: dt.date
    time_from: dt.time | None
    time_to: dt.time | None
    seats: int
    moving_appointment_id: int | None
    state: WaitlistState
    offered_appointment_id: int | None
    offered_starts_at: dt.datetime | None
    offer_expires_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def wish(self) -> Wish:
        """What the entry waits for."""
        return Wish(
            self.service_id,
            self.date_from,
            self.date_to,
            self.time_from,
            self.time_to,
            self.staff_id,
            self.seats,
            self.moving_appointment_id,
        )


def within_window(wall: dt.time, since: dt.time | None, until: dt.time | None) -> bool:
    """Return whether a wall time lies in `[since, until)`; `until < since` spans midnight."""
    if since is not None and until is not None and until < since:
        return wall >= since or wall < until
    return (since is None or wall >= since) and (until is None or wall < until)
