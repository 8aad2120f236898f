"""What a customer's conversation has open: a choice being made or a proposal to confirm."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from booking.localtime import local_date, zone
from booking.phrases.model import Moment

# Who comes back to the first wish after so long has the second one in mind no more.
_REMEMBERED = dt.timedelta(hours=6)


class DraftStage(StrEnum):
    """How far the choice has come."""

    IDLE = "idle"
    CHOOSING_SERVICE = "choosing_service"
    CHOOSING_SEATS = "choosing_seats"
    CHOOSING_STAFF = "choosing_staff"
    CHOOSING_TIME = "choosing_time"
    CONFIRM_BOOKING = "confirm_booking"
    CONFIRM_MOVE = "confirm_move"
    CONFIRM_CANCEL = "confirm_cancel"


class NextWish(BaseModel):
    """What a message asks for besides its first wish: it comes up when that one is settled.

    Args:
        text: in words, as if the customer had written them alone.
        said_at: instant; what is relative in the words counts from there.
        service_id: of the first wish; meant where the words name none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    said_at: dt.datetime
    service_id: int | None = None

    def is_fresh(self, now: dt.datetime, zone_name: str) -> bool:
        """Whether it may still come up: on another date "tomorrow" would be a wrong one.

        Args:
            now: an instant.
            zone_name: IANA name of the business's zone.
        """
        there = zone(zone_name)
        same_date = local_date(self.said_at, there) == local_date(now, there)
        return same_date and now - self.said_at <= _REMEMBERED


class Draft(BaseModel):
    """One per customer, kept in the database so that it survives a restart.

    Args:
        version: grows with every change; a button names the version it was made for, and a press
            with another one is stale.
        stage: what the next message or press answers.
        service_id, staff_id: choices so far; staff_id None with `staff_chosen` means anyone.
        appointment_id: the held appointment to confirm, or the one to move or cancel.
        appointment_version: its version when the card was shown.
        starts_at: the proposed start, an instant.
        local_date: the business-local date whose times were listed last.
        moment: what was said of day and time and isn't settled yet; None = nothing.
        seats: how many places are wanted; None = not said, which means one where none are counted.
        next_wish: what comes when this is settled; None = nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 0
    stage: DraftStage = DraftStage.IDLE
    service_id: int | None = None
    staff_id: int | None = None
    staff_chosen: bool = False
    appointment_id: int | None = None
    appointment_version: int | None = None
    starts_at: dt.datetime | None = None
    local_date: dt.date | None = None
    moment: Moment | None = None
    seats: int | None = None
    next_wish: NextWish | None = None

    @property
    def awaits_yes(self) -> bool:
        """Whether a plain "yes" would confirm something."""
        return self.stage in (
            DraftStage.CONFIRM_BOOKING,
            DraftStage.CONFIRM_MOVE,
            DraftStage.CONFIRM_CANCEL,
        )
