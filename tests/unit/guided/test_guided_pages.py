"""Pages of days and times."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from assistant.guided.listing import (
    DAYS_PER_PAGE,
    TIMES_PER_PAGE,
    DayPage,
    page_of,
    spread,
    times_page,
)
from booking.refusals import Offer

FIRST = dt.date(2026, 11, 21)
START = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def offers(count: int) -> list[Offer]:
    starts = [START + dt.timedelta(minutes=30 * i) for i in range(count)]
    return [Offer(starts_at=at, ends_at=at + dt.timedelta(minutes=30)) for at in starts]


def test_the_first_page_has_no_way_back() -> None:
    page = page_of([day(i) for i in range(9)], FIRST)
    assert page == DayPage(tuple(day(i) for i in range(6)), None, day(6))


def test_a_page_in_the_middle_leads_both_ways() -> None:
    page = page_of([day(i) for i in range(20)], day(8))
    assert (page.dates[0], page.earlier, page.later) == (day(8), day(2), day(14))


def test_a_range_ends_the_page_and_later_goes_on_behind_it() -> None:
    page = page_of([day(i) for i in range(9)], day(2), until=day(3))
    assert page == DayPage((day(2), day(3)), day(0), day(4))


def test_nothing_free_in_the_window_still_leads_on() -> None:
    assert page_of([], FIRST, more=day(32)) == DayPage((), None, day(32))
    assert page_of([], FIRST) == DayPage(())


@given(st.sets(st.integers(0, 60)), st.integers(0, 60))
def test_turning_pages_shows_every_day_once(numbers: set[int], start: int) -> None:
    dates = sorted(day(number) for number in numbers)
    seen: list[dt.date] = []
    page = page_of(dates, day(start))
    seen.extend(page.dates)
    while page.later is not None:
        page = page_of(dates, page.later)
        assert len(page.dates) <= DAYS_PER_PAGE
        seen.extend(page.dates)
    assert seen == [date for date in dates if date >= day(start)]


@given(st.integers(1, 100))
def test_pages_of_times_hold_each_time_once_and_are_about_equal(count: int) -> None:
    all_offers = offers(count)
    _, pages = times_page(all_offers, 0)
    cut = [times_page(all_offers, page)[0] for page in range(pages)]
    assert [offer for page in cut for offer in page] == all_offers
    assert all(0 < len(page) <= TIMES_PER_PAGE for page in cut)


def test_a_page_of_times_that_does_not_exist_is_the_last() -> None:
    assert times_page(offers(15), 99) == times_page(offers(15), 1)


@given(st.integers(0, 60), st.integers(1, 8))
def test_a_spread_goes_from_the_first_to_the_last(count: int, limit: int) -> None:
    chosen = spread(offers(count), limit)
    assert len(chosen) == min(count, limit)
    assert len(set(chosen)) == len(chosen)
    if limit > 1 and count:
        assert (chosen[0], chosen[-1]) == (offers(count)[0], offers(count)[-1])
