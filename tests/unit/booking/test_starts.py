"""Starts that people and models ask for: labels read back, doubtful wall times, other clocks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.localtime import boundary, from_epoch, is_repeated, to_local, zone
from booking.phrases import Resolved, resolve
from booking.refusals import Refusal, RefusalCode
from booking.starts import resolve_start, split_offset
from tests.unit.booking.builders import CHANGES, business, staff
from tools.support.say import when

DAY = dt.timedelta(days=1)
SHOP = business("00:00-24:00", staff(1), zone="Europe/Berlin")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CHANGES), st.integers(-24 * 60, 48 * 60))
def test_a_label_names_its_instant_and_no_other(change: tuple[str, dt.date], minutes: int) -> None:
    where, date = change
    shop = business("00:00-24:00", staff(1), zone=where)
    instant = from_epoch(boundary(date, 0, zone(where)) + minutes * 60)
    label = when(instant, shop)
    plain, offset = split_offset(label)
    read = resolve(plain, today=date - DAY, now_time=dt.time(0), languages=("en",))
    assert isinstance(read, Resolved)
    assert read.moment.date is not None
    assert read.moment.time is not None
    start = resolve_start(shop, read.moment.date, read.moment.time, offset)
    assert start == instant
    # Without its offset a repeated one is refused with both, and this one is among them.
    bare = resolve_start(shop, read.moment.date, read.moment.time)
    if is_repeated(instant, zone(where)):
        assert isinstance(bare, Refusal)
        assert bare.code is RefusalCode.AMBIGUOUS_LOCAL_TIME
        assert instant in bare.candidates
        assert len({to_local(each, zone(where)).utcoffset() for each in bare.candidates}) == 2
    else:
        assert bare == instant


@pytest.mark.parametrize(
    ("phrase", "rest", "hours"),
    [
        ("2026-12-01T14:00:00Z", "2026-12-01T14:00:00", 0),
        ("2026-12-01T14:00+01:00", "2026-12-01T14:00", 1),
        ("Sun 2026-10-25 02:30 (UTC+02:00)", "Sun 2026-10-25 02:30", 2),
        ("Sun 2026-10-25 02:30(UTC-03:30)", "Sun 2026-10-25 02:30", -3.5),
        ("Sun 2026-10-25 02:30 UTC+01:00, please", "Sun 2026-10-25 02:30, please", 1),
        ("Sun 2026-10-25 02:30 (UTC−330)", "Sun 2026-10-25 02:30", -3.5),
        ("am 25.10. um 02:30 (gmt+1)", "am 25.10. um 02:30", 1),
        ("2026-10-25 02:30+01:00", "2026-10-25 02:30", 1),
        ("Tue 2026-12-01 14:00", "Tue 2026-12-01 14:00", None),
        ("10-12 on Tuesday", "10-12 on Tuesday", None),
        ("from 10:00-12:00", "from 10:00-12:00", None),
    ],
)
def test_the_offset_that_was_said(phrase: str, rest: str, hours: float | None) -> None:
    offset = None if hours is None else dt.timedelta(hours=hours)
    assert split_offset(phrase) == (rest, offset)


def test_another_clock_is_not_taken_for_the_business_s() -> None:
    date, time = dt.date(2026, 12, 1), dt.time(14)
    assert resolve_start(SHOP, date, time) == dt.datetime(2026, 12, 1, 13, tzinfo=dt.UTC)
    said = resolve_start(SHOP, date, time, dt.timedelta(0))
    assert said == dt.datetime(2026, 12, 1, 14, tzinfo=dt.UTC)


def test_a_wall_time_that_does_not_exist_has_no_offset_either() -> None:
    date, time = dt.date(2026, 3, 29), dt.time(2, 30)
    for offset in (None, dt.timedelta(hours=1), dt.timedelta(hours=2)):
        refused = resolve_start(SHOP, date, time, offset)
        assert isinstance(refused, Refusal)
        assert refused.code is RefusalCode.NONEXISTENT_LOCAL_TIME
        assert [to_local(c, SHOP.zone).time() for c in refused.candidates] == [
            dt.time(1, 30),
            dt.time(3, 30),
        ]
