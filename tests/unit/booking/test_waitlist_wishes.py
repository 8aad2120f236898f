"""What a wish of the waiting list fits."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.refusals import Offer
from booking.waitlist import Wish, within_window
from tests.unit.booking.builders import MONDAY, at

DAY = dt.timedelta(days=1)


def time(text: str | None) -> dt.time | None:
    return None if text is None else dt.time.fromisoformat(text)


@pytest.mark.parametrize(
    ("wall", "since", "until", "inside"),
    [
        ("10:00", None, None, True),
        ("10:00", "10:00", "10:01", True),
        ("10:00", "09:00", "10:00", False),
        ("09:59", "10:00", None, False),
        ("23:00", "20:00", "05:00", True),
        ("04:59", "20:00", "05:00", True),
        ("05:00", "20:00", "05:00", False),
        ("23:59", "23:59", "00:00", True),
        ("00:00", "23:59", "00:00", False),
    ],
)
def test_a_window_is_half_open_and_may_span_midnight(
    wall: str, since: str | None, until: str | None, inside: bool
) -> None:
    assert within_window(dt.time.fromisoformat(wall), time(since), time(until)) is inside


@pytest.mark.parametrize(("days", "inside"), [(-1, False), (0, True), (1, True), (2, False)])
def test_dates_are_the_businesss_and_inclusive(days: int, inside: bool) -> None:
    wish = Wish(7, MONDAY, MONDAY + DAY)
    # 00:30 in Berlin is the day before in UTC.
    start = at("00:30", MONDAY + days * DAY)
    offer = Offer(starts_at=start, ends_at=start + dt.timedelta(hours=1))
    assert wish.fits(offer, "Europe/Berlin") is inside


@pytest.mark.parametrize("wish", [{"date_to": MONDAY - DAY}, {"date_to": MONDAY, "seats": 0}])
def test_a_wish_that_means_nothing_is_none(wish: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="dates in order and 1 seat"):
        Wish(7, MONDAY, **wish)  # type: ignore[arg-type]
