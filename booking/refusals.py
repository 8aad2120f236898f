"""Why a command was not carried out, as a value with what a person needs to go on."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class RefusalCode(StrEnum):
    """The closed list of refusals (booking rules, "refusal codes")."""

    SLOT_TAKEN = "slot_taken"
    OUTSIDE_HOURS = "outside_hours"
    NOT_ON_GRID = "not_on_grid"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    PAST = "past"
    LIMIT_REACHED = "limit_reached"
    CANCEL_WINDOW_PASSED = "cancel_window_passed"
    INVALID_TRANSITION = "invalid_transition"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    NONEXISTENT_LOCAL_TIME = "nonexistent_local_time"
    AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time"
    HOLD_EXPIRED = "hold_expired"
    OFFER_CHANGED = "offer_changed"
    NOT_FOUND = "not_found"
    CAPACITY_EXCEEDED = "capacity_exceeded"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"


class Offer(BaseModel):
    """A start that can be booked now.

    Args:
        starts_at: instant (UTC).
        ends_at: instant (UTC), without buffers.
        staff_ids: who is free at that time, in the owner's order; empty where the service needs
            no staff.
        places: how many places one booking could still take; None where there are no seats to
            count (one person, one room).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starts_at: dt.datetime
    ends_at: dt.datetime
    staff_ids: tuple[int, ...] = ()
    places: int | None = None


class Refusal(BaseModel):
    """A typed "no". Only the fields that the code needs are set.

    Args:
        code: the reason.
        earliest: the earliest bookable instant, with `too_soon` and `past`.
        latest_date: the last bookable local date, with `too_far`.
        alternatives: up to five nearest bookable times.
        candidates: the instants that a wall time may mean, with `ambiguous_local_time`, or the
            real instants nearest to one that doesn't exist.
        limit: the number that was reached, with `limit_reached`; limit_period says over what:
            "active", "day", "week" or "waitlist".
        window_minutes: the self-service window, with `cancel_window_passed`.
        contact: how to reach the owner where self-service ends.
        what: what was not found, or which fact of an offer changed: "service", "staff",
            "appointment", "price", "slot".
        choices: valid names in place of one that was not found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: RefusalCode
    earliest: dt.datetime | None = None
    latest_date: dt.date | None = None
    alternatives: tuple[Offer, ...] = ()
    candidates: tuple[dt.datetime, ...] = ()
    limit: int | None = None
    limit_period: str | None = None
    window_minutes: int | None = None
    contact: str | None = None
    what: str | None = None
    choices: tuple[str, ...] = ()


class Refused(Exception):  # noqa: N818 - an outcome that unwinds a transaction, not an error
    """Carries a refusal out of a transaction so that everything in it is rolled back."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code.value)
        self.refusal = refusal
