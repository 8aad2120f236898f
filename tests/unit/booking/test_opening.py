"""Opening hours: exceptions, nights, merging, and the days on which the clocks change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.business import DayInterval
from booking.localtime import boundary, to_epoch, to_local, zone
from booking.opening import Calendar, Opening, openings, primary_calendar, secondary_calendar
from tests.unit.booking.builders import (
    CHANGES,
    MONDAY,
    business,
    every_day,
    hours,
    staff,
    thing,
    times,
)

DAY = dt.timedelta(days=1)
SUNDAY = MONDAY - DAY
TUESDAY = MONDAY + DAY


minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
ranges = st.builds(DayInterval, minutes, st.integers(0, 96).map(lambda quarter: quarter * 15))
day_ranges = st.lists(ranges, max_size=2).map(tuple)


def local(calendar: Calendar, date: dt.date, last: dt.date | None = None) -> list[str]:
    """Return the openings of some dates as wall times, "start-end"."""
    start = boundary(date, 0, calendar.where)
    end = boundary((last or date) + DAY, 0, calendar.where)
    return [
        "-".join(
            to_local(dt.datetime.fromtimestamp(edge, dt.UTC), calendar.where).strftime("%d/%H:%M")
            for edge in (opening.start, opening.closes)
        )
        for opening in openings(calendar, start, end)
    ]


def calendar(
    weekly: str | Mapping[int, tuple[DayInterval, ...]] = "09:00-17:00",
    exceptions: Mapping[dt.date, tuple[DayInterval, ...]] | None = None,
    where: str = "Europe/Berlin",
) -> Calendar:
    return Calendar(
        zone(where), every_day(weekly) if isinstance(weekly, str) else weekly, exceptions or {}
    )


def test_breaks_and_touching_intervals() -> None:
    assert local(calendar("09:00-12:00 13:00-17:00"), MONDAY) == [
        "23/09:00-23/12:00",
        "23/13:00-23/17:00",
    ]
    assert local(calendar("09:00-12:00 12:00-17:00"), MONDAY) == ["23/09:00-23/17:00"]
    assert local(calendar("09:00-13:00 12:00-17:00"), MONDAY) == ["23/09:00-23/17:00"]


def test_a_weekday_without_intervals_is_closed() -> None:
    assert local(calendar({1: hours("09:00-17:00")}), MONDAY) == []


def test_a_night_belongs_to_the_date_it_starts_on() -> None:
    nights = calendar({0: hours("20:00-04:00")})
    assert local(nights, MONDAY) == ["23/20:00-24/04:00"]
    assert local(nights, TUESDAY) == ["23/20:00-24/04:00"]
    assert local(nights, SUNDAY) == []


def test_midnight_as_an_end_runs_to_the_next_date() -> None:
    assert local(calendar({0: hours("18:00-24:00")}), MONDAY) == ["23/18:00-24/00:00"]
    assert local(calendar({0: hours("18:00-00:00")}), MONDAY) == ["23/18:00-24/00:00"]
    evenings = calendar({0: hours("18:00-24:00"), 1: hours("00:00-02:00")})
    assert local(evenings, MONDAY) == ["23/18:00-24/02:00"]


def test_equal_ends_are_a_whole_day() -> None:
    assert local(calendar({0: hours("09:00-09:00")}), MONDAY) == ["23/09:00-24/09:00"]


def test_an_exception_replaces_what_starts_on_its_date() -> None:
    assert local(calendar("09:00-17:00", {MONDAY: hours("12:00-14:00")}), SUNDAY, TUESDAY) == [
        "22/09:00-22/17:00",
        "23/12:00-23/14:00",
        "24/09:00-24/17:00",
    ]
    assert local(calendar("09:00-17:00", {MONDAY: ()}), MONDAY) == []


def test_an_exception_keeps_the_tail_of_the_night_before() -> None:
    closed = calendar("20:00-04:00", {MONDAY: ()})
    assert local(closed, MONDAY) == ["22/20:00-23/04:00"]
    assert local(closed, TUESDAY) == ["24/20:00-25/04:00"]


def test_an_exception_may_add_a_night() -> None:
    added = calendar({}, {MONDAY: hours("22:00-03:00")})
    assert local(added, TUESDAY) == ["23/22:00-24/03:00"]


def test_own_exceptions_win_over_the_business_on_their_date() -> None:
    shop = business(
        "09:00-17:00",
        staff(exceptions={MONDAY: hours("10:00-11:00")}),
        exceptions={MONDAY: (), TUESDAY: ()},
    )
    own = primary_calendar(shop, shop.resources[0])
    assert local(own, MONDAY, TUESDAY) == ["23/10:00-23/11:00"]


def test_own_hours_replace_the_business_hours() -> None:
    shop = business("09:00-17:00", staff(hours=every_day("07:00-08:00")))
    assert local(primary_calendar(shop, shop.resources[0]), MONDAY) == ["23/07:00-23/08:00"]
    shop = business("09:00-17:00", staff(hours={}))
    assert local(primary_calendar(shop, shop.resources[0]), MONDAY) == []


def test_own_zone_is_the_clock_of_the_hours() -> None:
    shop = business("09:00-17:00", staff(zone="Asia/Kathmandu", hours=every_day("09:00-10:00")))
    assert times(shop) == ["04:15"]  # 09:00 in Kathmandu, in Berlin
    shop = business("09:00-10:00", staff(zone="Europe/London"))
    assert times(shop) == ["10:00"]


def test_a_room_without_hours_is_there_always() -> None:
    shop = business("09:00-17:00", staff(), thing())
    assert secondary_calendar(shop, shop.resources[1]) is None


def test_a_room_with_exceptions_alone_is_there_at_all_other_times() -> None:
    shop = business("09:00-17:00", staff(), thing(exceptions={MONDAY: hours("10:00-12:00")}))
    room = secondary_calendar(shop, shop.resources[1])
    assert room is not None
    assert local(room, MONDAY) == ["23/10:00-23/12:00"]
    assert times(shop) == ["10:00", "10:30", "11:00"]
    assert times(shop, TUESDAY)[0] == "09:00"
    assert times(shop, TUESDAY)[-1] == "16:00"


def test_a_room_with_hours_obeys_the_exceptions_of_the_business() -> None:
    shop = business(
        "09:00-17:00",
        staff(exceptions={MONDAY: hours("09:00-17:00")}),
        thing(hours=every_day("08:00-12:00")),
        exceptions={MONDAY: ()},
    )
    assert times(shop) == []
    assert times(shop, TUESDAY)[-1] == "11:00"


@pytest.mark.parametrize(
    ("where", "date", "weekly", "expected"),
    [
        # Opening inside the missing hour: the transition; closing inside it: the same instant.
        ("America/New_York", "2026-03-08", "02:30-06:00", ["08/03:00-08/06:00"]),
        ("America/New_York", "2026-03-08", "00:00-02:30", ["08/00:00-08/03:00"]),
        ("America/New_York", "2026-03-08", "02:10-02:50", []),
        # The break vanishes with the hour, so the halves touch and merge.
        ("America/New_York", "2026-03-08", "00:00-02:00 03:00-05:00", ["08/00:00-08/05:00"]),
        ("Africa/Cairo", "2026-04-24", "00:00-08:00", ["24/01:00-24/08:00"]),
        ("Africa/Cairo", "2026-04-24", "00:30-00:45", []),
        ("Australia/Lord_Howe", "2026-10-04", "02:15-05:00", ["04/02:30-04/05:00"]),
    ],
)
def test_spring(where: str, date: str, weekly: str, expected: list[str]) -> None:
    shown = local(calendar(weekly, where=where), dt.date.fromisoformat(date))
    assert [s for s in shown if s.startswith(date[-2:])] == expected


@pytest.mark.parametrize(
    ("where", "date", "weekly", "elapsed_minutes"),
    [
        ("Europe/Berlin", "2026-10-25", "02:30-04:00", 150),  # from the first 02:30
        ("Europe/Berlin", "2026-10-25", "01:00-02:30", 90),  # to the first 02:30
        ("Australia/Lord_Howe", "2026-04-05", "01:00-03:00", 150),
        ("America/Santiago", "2026-04-04", "22:00-23:30", 90),
        ("America/Santiago", "2026-04-04", "22:00-24:00", 180),
        ("Africa/Cairo", "2026-10-29", "22:00-24:00", 180),
    ],
)
def test_autumn(where: str, date: str, weekly: str, elapsed_minutes: int) -> None:
    day = dt.date.fromisoformat(date)
    start = boundary(day, 0, zone(where))
    found = [
        opening
        for opening in openings(calendar(weekly, where=where), start, start + 26 * 3600)
        if opening.start >= start
    ]
    assert (found[0].closes - found[0].start) // 60 == elapsed_minutes


def test_a_date_that_the_zone_skipped_has_no_hours() -> None:
    apia = calendar("09:00-17:00", where="Pacific/Apia")
    assert local(apia, dt.date(2011, 12, 29), dt.date(2011, 12, 31)) == [
        "29/09:00-29/17:00",
        "31/09:00-31/17:00",
    ]


def test_the_grid_of_a_long_opening_is_counted_from_where_it_began() -> None:
    # Open from Monday 08:00 to Sunday 20:00 without a break; 50 minutes fit no day.
    weekly = {day: hours("00:00-24:00") for day in range(7)}
    weekly |= {0: hours("08:00-24:00"), 6: hours("00:00-20:00")}
    shop = business(weekly, service={"step_minutes": 50})
    began = boundary(MONDAY, 8 * 60, zone("Europe/Berlin"))
    for n in range(7):
        date = MONDAY + n * DAY
        start = boundary(date, 0, zone("Europe/Berlin"))
        for opening in openings(primary_calendar(shop, shop.resources[0]), start, start + 86400):
            if opening.closes > start + 20 * 3600:
                assert opening.start == began
    assert times(shop, MONDAY + DAY)[0] == "00:40"


def test_an_opening_that_never_began_counts_from_each_local_midnight() -> None:
    shop = business("00:00-24:00", service={"step_minutes": 50})
    for n in range(3):
        found = times(shop, MONDAY + n * DAY)
        assert found[:2] == ["00:00", "00:50"]
        assert found[-1] == "23:20"  # and its hour ends after midnight


def test_a_service_of_several_days_fits_an_opening_that_is_long_enough() -> None:
    shop = business("00:00-24:00", minutes=3 * 1440, service={"step_minutes": 720})
    assert times(shop) == ["00:00", "12:00"]
    shop = replace(shop, exceptions={MONDAY + 3 * DAY: ()})
    assert times(shop) == ["00:00"]


def test_a_closed_day_years_ago_is_where_an_endless_opening_began() -> None:
    closed = dt.date(2024, 12, 25)
    shop = business("00:00-24:00", exceptions={closed: ()}, service={"step_minutes": 50})
    start = boundary(MONDAY, 0, zone("Europe/Berlin"))
    found = openings(primary_calendar(shop, shop.resources[0]), start, start + 3600)
    assert [opening.start for opening in found] == [
        boundary(closed + DAY, 0, zone("Europe/Berlin"))
    ]
    # An exception that closes nothing is no beginning.
    shop = replace(shop, exceptions={closed: hours("00:00-24:00")})
    found = openings(primary_calendar(shop, shop.resources[0]), start, start + 3600)
    assert found[0] == Opening(start, start + 86400, found[0].closes)


@pytest.mark.parametrize("days_after", range(1, 6))
def test_a_closed_day_is_where_an_endless_opening_begins_again(days_after: int) -> None:
    shop = business("00:00-24:00", exceptions={SUNDAY: ()}, service={"step_minutes": 50})
    start = boundary(SUNDAY + days_after * DAY, 0, zone("Europe/Berlin"))
    found = openings(primary_calendar(shop, shop.resources[0]), start, start + 3600)
    assert [opening.start for opening in found] == [boundary(MONDAY, 0, zone("Europe/Berlin"))]


def test_a_later_exception_is_no_beginning_of_what_is_open_before_it() -> None:
    nights = {day: hours("06:00-06:00") for day in range(7)}
    kept, later = dt.date(2026, 3, 8), dt.date(2026, 3, 10)
    exceptions = {kept: hours("06:00-06:00"), later: hours("06:15-24:00")}
    rules = calendar(nights, exceptions, "America/New_York")
    night = boundary(later, 60, rules.where)
    assert [o.start for o in openings(rules, night, night + 1)] == [boundary(later, 0, rules.where)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_grid_does_not_depend_on_where_one_looks(data: st.DataObject) -> None:
    """Listing looks at many days and judging at one second: both must count from one start."""
    where, change = data.draw(st.sampled_from(CHANGES))
    always = st.just({day: hours("00:00-24:00") for day in range(7)})
    nights = st.just({day: hours("06:00-06:00") for day in range(7)})
    weekly = data.draw(st.one_of(always, nights, st.dictionaries(st.integers(0, 6), day_ranges)))
    near = st.integers(-4, 2).map(lambda n: change + n * DAY)
    rules = calendar(weekly, data.draw(st.dictionaries(near, day_ranges, max_size=3)), where)
    start = boundary(change - 4 * DAY, 0, rules.where)
    wide = openings(rules, start, start + 7 * 86400)
    for at in range(start, start + 7 * 86400, 2 * 3600 + 900):
        around = [o.start for o in wide if o.start <= at < o.until]
        assert [o.start for o in openings(rules, at, at + 1)] == around


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_openings_against_a_minute_by_minute_reading(data: st.DataObject) -> None:
    """An interval lasts from the first minute whose wall clock shows its start, or later, to the
    first one that shows its end, or later: that is the rule for missing and repeated hours too.
    """
    where, change = data.draw(st.sampled_from(CHANGES))
    weekly = data.draw(st.dictionaries(st.integers(0, 6), day_ranges))
    near = st.integers(-3, 2).map(lambda n: change + n * DAY)
    rules = calendar(weekly, data.draw(st.dictionaries(near, day_ranges, max_size=3)), where)
    # Whole minutes around the change, with their wall clock.
    noon = dt.datetime.combine(change, dt.time(12), dt.UTC)
    aware = [
        (noon + dt.timedelta(minutes=m)).astimezone(rules.where) for m in range(-6 * 1440, 5 * 1440)
    ]
    walls = [dt.datetime.combine(moment.date(), moment.time()) for moment in aware]
    first = to_epoch(noon) // 60 - 6 * 1440

    def shows(wall: dt.datetime) -> int:
        guess = walls.index(max(w for w in walls if w < wall)) if wall > walls[0] else 0
        return next(n for n in range(max(0, guess - 180), len(walls)) if walls[n] >= wall)

    is_open = [False] * len(walls)
    for n in range(-4, 4):
        date = change + n * DAY
        midnight = dt.datetime.combine(date, dt.time())
        for interval in rules.exceptions.get(date, weekly.get(date.weekday(), ())):
            over = DAY if interval.closes <= interval.opens else 0 * DAY
            opens = shows(midnight + dt.timedelta(minutes=interval.opens))
            closes = shows(midnight + dt.timedelta(minutes=interval.closes) + over)
            is_open[opens:closes] = [True] * (closes - opens)

    start, end = to_epoch(noon) - 36 * 3600, to_epoch(noon) + 36 * 3600
    found = openings(rules, start, end)
    for n in range(start // 60, end // 60):
        covered = any(o.start <= n * 60 < o.until for o in found)
        assert covered == is_open[n - first], walls[n - first]
    for opening in found:
        begins = opening.start // 60 - first
        if begins > 2 * 1440:  # else it began before the minutes that were read
            assert not is_open[begins - 1]
        ends = opening.closes // 60 - first
        if opening.closes < end:  # else it is only known to go on until then
            assert not is_open[ends]
