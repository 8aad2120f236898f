"""What a customer's conversation has open: a choice being made or a proposal to confirm."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


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


class Draft(BaseModel):
    """One per customer, kept in the database so that it survives a restart.

    Args:
        version: grows with every change; a button names the version it was made for, and a press
            with another one is stale.
        stage: what the next message or press answers.
        service_id, staff_id: choices so far; staff_id None with `staff_chosen` means anyone.
        appointment_id: the held appointment to confirm, or the one to move or cancel.
        appointment_version: its version when the card was shown.
        starts_at: the proposed new start of a move, an instant.
        local_date: the business-local date whose times were listed last.
        seats: how many places are wanted; None = not said, which means one where none are counted.
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
    seats: int | None = None

    @property
    def awaits_yes(self) -> bool:
        """Whether a plain "yes" would confirm something."""
        return self.stage in (
            DraftStage.CONFIRM_BOOKING,
            DraftStage.CONFIRM_MOVE,
            DraftStage.CONFIRM_CANCEL,
        )
