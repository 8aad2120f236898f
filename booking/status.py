"""The life of an appointment: a closed table of statuses and transitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum


class AppointmentStatus(StrEnum):
    """What an appointment is. `held` and `pending` end by themselves at `expires_at`."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


_S = AppointmentStatus

# Everything that isn't here is `invalid_transition` (booking rules, "status transitions").
TRANSITIONS: Mapping[AppointmentStatus, frozenset[AppointmentStatus]] = {
    _S.HELD: frozenset({_S.PENDING, _S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.PENDING: frozenset({_S.CONFIRMED, _S.DECLINED, _S.CANCELLED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset({_S.CANCELLED, _S.COMPLETED, _S.NO_SHOW}),
    _S.COMPLETED: frozenset({_S.NO_SHOW}),
    _S.NO_SHOW: frozenset({_S.COMPLETED}),
    _S.CANCELLED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.EXPIRED: frozenset(),
}

# Statuses whose rows occupy time; held and pending only until they expire.
OCCUPYING: frozenset[AppointmentStatus] = frozenset({_S.HELD, _S.PENDING, _S.CONFIRMED})


def may_become(old: AppointmentStatus, new: AppointmentStatus) -> bool:
    """Return whether the table allows the step from `old` to `new`."""
    return new in TRANSITIONS[old]


def effective_status(
    status: AppointmentStatus, expires_at: dt.datetime | None, now: dt.datetime
) -> AppointmentStatus:
    """Return the status that counts at `now`, whether or not a job has closed the row.

    Args:
        status: the stored status.
        expires_at: instant at which a held or pending row ends by itself.
        now: instant.
    """
    if status in (_S.HELD, _S.PENDING) and expires_at is not None and now >= expires_at:
        return _S.EXPIRED
    return status
