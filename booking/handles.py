"""Opaque handles of offered times: bound to business, service, staff, start and places.

A handle survives a restart because it holds all that it means; the signature keeps it from being
made up. Whether the time is still free is checked when it's used.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SIGNATURE_BYTES = 5


@dataclass(frozen=True, slots=True)
class Slot:
    """An offered time.

    Args:
        staff_id: None = anyone.
        starts_at: instant, on a whole minute.
        seats: how many places it was offered for.
    """

    service_id: int
    staff_id: int | None
    starts_at: dt.datetime
    seats: int = 1


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits


def _signature(key: bytes, business_id: int, body: str) -> str:
    digest = hmac.digest(key, f"{business_id}:{body}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:_SIGNATURE_BYTES]).decode().lower()


def make_handle(slot: Slot, business_id: int, key: bytes) -> str:
    """Return a slot's handle: ASCII, at most 50 bytes.

    Args:
        key: the business's secret.

    Raises:
        ValueError: the start isn't on a whole minute.
    """
    seconds = int(slot.starts_at.timestamp())
    if seconds % 60:
        raise ValueError("an offered time starts on a whole minute")
    numbers = [slot.service_id, slot.staff_id or 0, seconds // 60]
    if slot.seats > 1:
        numbers.append(slot.seats)
    body = ".".join(map(_base36, numbers))
    return f"{body}.{_signature(key, business_id, body)}"


def read_handle(handle: str, business_id: int, key: bytes) -> Slot | None:
    """Return what a handle means; None where it isn't one of this business."""
    body, _, signature = handle.rpartition(".")
    expected = _signature(key, business_id, body)
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    service_id, staff_id, minutes, *seats = (int(part, 36) for part in body.split("."))
    starts_at = dt.datetime.fromtimestamp(minutes * 60, dt.UTC)
    return Slot(service_id, staff_id or None, starts_at, *seats)
