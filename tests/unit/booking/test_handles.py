"""Handles of offered times: what they mean comes back, and nobody else's are read."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.handles import Slot, make_handle, read_handle

TEN = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
SLOT = Slot(service_id=12, staff_id=None, starts_at=TEN, seats=3)
HANDLE = make_handle(SLOT, 1, b"key")


def test_what_a_handle_means_comes_back() -> None:
    assert read_handle(HANDLE, 1, b"key") == SLOT


@pytest.mark.parametrize(
    ("handle", "business_id", "key"),
    [
        (HANDLE, 2, b"key"),
        (HANDLE, 1, b"another"),
        (make_handle(Slot(13, None, TEN, 3), 1, b"?").rpartition(".")[0] + HANDLE[-9:], 1, b"key"),
        ("", 1, b"key"),
    ],
    ids=["of another business", "of another key", "of another service", "none"],
)
def test_what_was_not_made_here_is_nothing(handle: str, business_id: int, key: bytes) -> None:
    assert read_handle(handle, business_id, key) is None
