"""Whose "tomorrow" it is, and how long two hours are."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.phrases import Moment, Resolved, asked_at, resolve

# Friday 22:30 in Berlin: Saturday morning in Auckland, Friday afternoon in New York.
FRIDAY_NIGHT = dt.datetime(2026, 11, 27, 21, 30, tzinfo=dt.UTC)
# Saturday 01:30 in Berlin, Friday 19:30 in New York.
SATURDAY = dt.datetime(2026, 11, 28, 0, 30, tzinfo=dt.UTC)


def read(text: str, instant: dt.datetime, customer_zone: str | None) -> Moment:
    asked = asked_at(instant, "Europe/Berlin", customer_zone)
    found = resolve(text, today=asked.today, now_time=asked.now_time, later=asked.later)
    assert isinstance(found, Resolved), found
    return found.moment


@pytest.mark.parametrize(
    ("customer_zone", "instant", "date"),
    [
        (None, FRIDAY_NIGHT, "2026-11-28"),
        ("Pacific/Auckland", FRIDAY_NIGHT, "2026-11-29"),
        ("America/New_York", FRIDAY_NIGHT, "2026-11-28"),
        (None, SATURDAY, "2026-11-29"),
        ("America/New_York", SATURDAY, "2026-11-28"),
    ],
)
def test_tomorrow_is_the_customers_where_their_zone_is_known(
    customer_zone: str | None, instant: dt.datetime, date: str
) -> None:
    moment = read("tomorrow at 10", instant, customer_zone)
    assert moment.date == dt.date.fromisoformat(date)
    assert moment.time == dt.time(10)


def test_a_time_of_a_date_that_the_business_has_not_reached_is_ahead() -> None:
    # In Auckland it is Saturday 10:30: their Saturday is the one that begins in Berlin soon.
    assert read("Saturday at 9", FRIDAY_NIGHT, "Pacific/Auckland").date == dt.date(2026, 11, 28)
    # In New York it is still Friday, which is over in Berlin.
    assert read("Friday at 22:00", SATURDAY, "America/New_York").date == dt.date(2026, 12, 4)


@pytest.mark.parametrize("customer_zone", [None, "Pacific/Auckland"])
def test_in_three_hours_is_elapsed_time_on_the_business_clock(customer_zone: str | None) -> None:
    # 01:30 before the clocks go back: three hours later the wall shows 03:30.
    before = dt.datetime(2026, 10, 24, 23, 30, tzinfo=dt.UTC)
    moment = read("in 3 hours", before, customer_zone)
    assert (moment.date, moment.time) == (dt.date(2026, 10, 25), dt.time(3, 30))
