"""Local time: missing and repeated hours, skipped dates, and whose zone data counts."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from importlib import resources

import pytest

from booking.localtime import (
    Missing,
    Repeated,
    boundary,
    day_bounds,
    from_epoch,
    is_repeated,
    local_date,
    resolve_wall,
    to_epoch,
    to_local,
    utc_offset_label,
    week_bounds,
    zone,
)

HOUR = dt.timedelta(hours=1)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text + "Z")


def wall(text: str) -> tuple[dt.date, int]:
    moment = dt.datetime.fromisoformat(text)
    return moment.date(), moment.hour * 60 + moment.minute


@pytest.mark.parametrize(
    ("where", "local", "expected"),
    [
        ("Europe/Berlin", "2026-11-23T09:00", "2026-11-23T08:00"),
        ("Asia/Kathmandu", "2026-11-23T09:00", "2026-11-23T03:15"),
        # Missing hours: the transition instant.
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:00"),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00"),
        ("Africa/Cairo", "2026-04-24T00:45", "2026-04-23T22:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00"),
        ("Pacific/Apia", "2011-12-30T15:00", "2011-12-30T10:00"),
        # Repeated hours: the first occurrence.
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("Africa/Cairo", "2026-10-29T23:30", "2026-10-29T20:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("America/Santiago", "2026-04-04T23:00", "2026-04-05T02:00"),
        # The end of a repeated hour comes after both.
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("Africa/Cairo", "2026-10-30T00:00", "2026-10-29T22:00"),
    ],
)
def test_boundary(where: str, local: str, expected: str) -> None:
    date, minutes = wall(local)
    assert from_epoch(boundary(date, minutes, zone(where))) == utc(expected)


def test_boundary_minutes_run_into_later_dates() -> None:
    berlin = zone("Europe/Berlin")
    saturday, sunday = dt.date(2026, 10, 24), dt.date(2026, 10, 25)
    assert boundary(saturday, 1440, berlin) == boundary(sunday, 0, berlin)
    assert boundary(saturday, 1440 + 210, berlin) == boundary(sunday, 210, berlin)
    assert boundary(saturday, 2880, berlin) == boundary(dt.date(2026, 10, 26), 0, berlin)


@pytest.mark.parametrize(
    ("where", "date", "time", "before", "after"),
    [
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T00:30", "2026-03-29T01:30"),
        ("Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T00:00", "2026-03-29T01:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:15", "2026-10-03T15:45"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T21:30", "2026-04-23T22:30"),
        ("Pacific/Apia", "2011-12-30", "10:00", "2011-12-29T20:00", "2011-12-30T20:00"),
    ],
)
def test_a_wall_time_that_does_not_exist_has_real_neighbours(
    where: str, date: str, time: str, before: str, after: str
) -> None:
    asked = dt.date.fromisoformat(date), dt.time.fromisoformat(time)
    assert resolve_wall(*asked, where) == Missing(utc(before), utc(after))


@pytest.mark.parametrize(
    ("where", "date", "time", "first", "second"),
    [
        # 00:30Z is fold 0; a database's AT TIME ZONE would take the other one.
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30", "2026-10-25T01:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45", "2026-04-04T15:15"),
        ("America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30", "2026-04-05T03:30"),
    ],
)
def test_a_wall_time_that_happens_twice(
    where: str, date: str, time: str, first: str, second: str
) -> None:
    asked = dt.date.fromisoformat(date), dt.time.fromisoformat(time)
    assert resolve_wall(*asked, where) == Repeated(utc(first), utc(second))
    for instant in (utc(first), utc(second)):
        assert is_repeated(instant, where)
        assert to_local(instant, where).time().replace(fold=0) == asked[1]


def test_a_wall_time_that_happens_once_ignores_fold() -> None:
    asked = dt.date(2026, 10, 25), dt.time(3, 0, fold=1)
    assert resolve_wall(*asked, "Europe/Berlin") == utc("2026-10-25T02:00")
    assert not is_repeated(utc("2026-10-25T02:00"), "Europe/Berlin")
    assert not is_repeated(utc("2026-10-24T23:59"), "Europe/Berlin")
    assert not is_repeated(utc("2026-03-29T01:00"), "Europe/Berlin")


@pytest.mark.parametrize(
    ("where", "date", "start", "length"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23 * HOUR),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25 * HOUR),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23 * HOUR),
        ("Africa/Cairo", "2026-10-29", "2026-10-28T21:00", 25 * HOUR),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5 * HOUR),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", 23 * HOUR),
        ("America/Santiago", "2026-04-04", "2026-04-04T03:00", 25 * HOUR),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00", 24 * HOUR),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00", 0 * HOUR),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", 24 * HOUR),
    ],
)
def test_day_bounds(where: str, date: str, start: str, length: dt.timedelta) -> None:
    assert day_bounds(dt.date.fromisoformat(date), where) == (utc(start), utc(start) + length)


def test_week_bounds_run_from_monday_to_sunday() -> None:
    monday, sunday = utc("2026-10-18T22:00"), utc("2026-10-25T23:00")
    for day in range(19, 26):
        assert week_bounds(dt.date(2026, 10, day), "Europe/Berlin") == (monday, sunday)
    assert week_bounds(dt.date(2026, 10, 26), "Europe/Berlin")[0] == sunday


@pytest.mark.parametrize(
    ("where", "instant", "label"),
    [
        ("Europe/Berlin", "2026-07-01T12:00", "UTC+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30", "UTC+01:00"),
        ("America/New_York", "2026-07-01T12:00", "UTC-04:00"),
        ("America/St_Johns", "2026-01-01T12:00", "UTC-03:30"),
        ("Asia/Kathmandu", "2026-01-01T12:00", "UTC+05:45"),
        ("UTC", "2026-01-01T12:00", "UTC+00:00"),
    ],
)
def test_offset_label(where: str, instant: str, label: str) -> None:
    assert utc_offset_label(utc(instant), where) == label


def test_local_date_is_the_zones_own() -> None:
    instant = utc("2026-11-23T23:30")
    assert local_date(instant, "Europe/Berlin") == dt.date(2026, 11, 24)
    assert local_date(instant, "America/New_York") == dt.date(2026, 11, 23)


def test_epoch_there_and_back() -> None:
    for instant in (utc("2026-11-23T23:30"), utc("1969-12-31T23:59")):
        assert from_epoch(to_epoch(instant)) == instant
    assert to_epoch(dt.datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=dt.UTC)) == -1


def test_a_naive_datetime_is_no_instant() -> None:
    naive = dt.datetime(2026, 11, 23, 9)
    for read in (to_epoch, lambda n: to_local(n, "UTC"), lambda n: local_date(n, "UTC")):
        with pytest.raises(ValueError, match="no instant"):
            read(naive)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "europe/berlin"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="no IANA time zone") as raised:
        zone(name)
    assert repr(name) in str(raised.value)


def test_an_unknown_zone_comes_with_the_likely_one() -> None:
    with pytest.raises(ValueError, match="did you mean Europe/Berlin"):
        zone("Europe/Berln")


def test_every_listed_zone_loads_under_its_name() -> None:
    names = resources.files("tzdata").joinpath("zones").read_text().split()
    assert len(names) > 400
    assert [zone(name).key for name in names] == names


def test_the_systems_zone_data_does_not_count(tmp_path) -> None:
    """A machine whose Berlin lies in Kathmandu gets the same answer."""
    fake = tmp_path / "Europe" / "Berlin"
    fake.parent.mkdir()
    kathmandu = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Kathmandu")
    fake.write_bytes(kathmandu.read_bytes())
    script = (
        "import datetime as dt, zoneinfo; from booking.localtime import utc_offset_label as label\n"
        "now = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)\n"
        "print(label(now, zoneinfo.ZoneInfo('Europe/Berlin')), label(now, 'Europe/Berlin'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path), "TZ": "Asia/Kathmandu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["UTC+05:45", "UTC+02:00"]
