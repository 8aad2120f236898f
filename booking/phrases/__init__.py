"""Relative and partial dates and times as customers write them, from the business's clock."""

from booking.phrases.model import (
    PART_WINDOWS,
    Ambiguous,
    Expect,
    Fault,
    Impossible,
    Mismatch,
    Moment,
    PartOfDay,
    Resolution,
    Resolved,
)
from booking.phrases.resolve import resolve

__all__ = [
    "PART_WINDOWS",
    "Ambiguous",
    "Expect",
    "Fault",
    "Impossible",
    "Mismatch",
    "Moment",
    "PartOfDay",
    "Resolution",
    "Resolved",
    "resolve",
]
