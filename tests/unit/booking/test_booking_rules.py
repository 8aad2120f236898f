"""Every rule of the policy by example: what is offered, what is refused, and with which data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from booking.business import Policy
from booking.engine import Assignment, Busy, CustomerLoad, judge_for_owner
from booking.localtime import to_epoch
from booking.refusals import Refusal, RefusalCode
from booking.rules import POLICY, for_owner
from tests.unit.booking.builders import (
    ANNA,
    BORIS,
    HALL,
    MONDAY,
    NOW,
    ROOM,
    assigned,
    at,
    business,
    busy,
    code,
    every_day,
    hours,
    offers,
    refusal,
    request,
    staff,
    thing,
    times,
)

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
FRIDAY = dt.date(2026, 11, 20)  # the day of NOW, which is 09:00
R = RefusalCode


def load(*starts: dt.datetime) -> CustomerLoad:
    return CustomerLoad(tuple(to_epoch(start) for start in starts))


class TestHoursAndGrid:
    def test_starts_follow_the_grid_and_the_last_one_ends_at_closing(self) -> None:
        assert times(business("09:00-11:00")) == ["09:00", "09:30", "10:00"]

    def test_each_interval_has_its_own_grid(self) -> None:
        assert times(business("09:10-11:00 13:05-14:05")) == ["09:10", "09:40", "13:05"]

    def test_touching_intervals_share_the_grid_of_the_first(self) -> None:
        shop = business("09:00-10:15 10:15-12:00")
        assert times(shop) == ["09:00", "09:30", "10:00", "10:30", "11:00"]

    def test_a_service_may_have_its_own_step(self) -> None:
        shop = business("09:00-10:30", service={"step_minutes": 20}, policy=Policy(step_minutes=5))
        assert times(shop) == ["09:00", "09:20"]

    def test_neighbours_notice_and_now_do_not_shift_the_grid(self) -> None:
        shop = business("09:00-12:00", policy=Policy(min_notice_minutes=20))
        found = times(shop, FRIDAY, now=at("09:05", FRIDAY))
        assert found == ["09:30", "10:00", "10:30", "11:00"]
        neighbour = [busy(ANNA, "09:00", "09:40")]
        assert times(shop, taken=neighbour) == ["10:00", "10:30", "11:00"]

    def test_outside_hours(self) -> None:
        shop = business("09:00-12:00 13:00-17:00")
        for text in ("08:30", "12:00", "12:30", "17:00", "11:30"):
            assert code(shop, at(text)) == R.OUTSIDE_HOURS, text
        for text in ("09:00", "11:00", "13:00", "16:00"):
            assert code(shop, at(text)) is None, text

    def test_off_the_grid(self) -> None:
        shop = business("09:00-12:00")
        assert code(shop, at("09:15")) == R.NOT_ON_GRID
        assert code(shop, at("09:00") + SECOND) == R.NOT_ON_GRID
        assert code(shop, at("09:00") + dt.timedelta(microseconds=1)) == R.NOT_ON_GRID
        assert code(shop, at("08:45")) == R.OUTSIDE_HOURS

    def test_a_night_is_listed_under_the_date_of_each_start(self) -> None:
        shop = business({0: hours("22:00-02:00")})
        assert times(shop) == ["22:00", "22:30", "23:00", "23:30"]
        assert times(shop, MONDAY + DAY) == ["00:00", "00:30", "01:00"]

    def test_the_grid_is_elapsed_time_through_the_autumn_change(self) -> None:
        sunday = dt.date(2026, 10, 25)
        shop = business("01:00-04:00", service={"step_minutes": 60})
        now = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
        starts = [offer.starts_at for offer in offers(shop, sunday, now=now)]
        assert [start.strftime("%H:%M") for start in starts] == [
            "23:00",  # 01:00
            "00:00",  # 02:00, summer time
            "01:00",  # 02:00 again
            "02:00",  # 03:00
        ]
        ends = [offer.ends_at for offer in offers(shop, sunday, now=now)]
        assert [end - start for start, end in zip(starts, ends, strict=True)] == [
            dt.timedelta(hours=1)
        ] * 4

    def test_the_grid_is_elapsed_time_through_the_spring_change(self) -> None:
        sunday = dt.date(2026, 3, 29)
        shop = business("01:00-05:00", service={"step_minutes": 60})
        found = times(shop, sunday, now=dt.datetime(2026, 3, 20, tzinfo=dt.UTC))
        assert found == ["01:00", "03:00", "04:00"]

    def test_several_dates_are_listed_in_order(self) -> None:
        shop = business("09:00-10:00")
        found = offers(shop, MONDAY, MONDAY + 2 * DAY)
        assert [offer.starts_at for offer in found] == [
            at("09:00", MONDAY + n * DAY) for n in range(3)
        ]
        assert offers(shop, MONDAY, MONDAY - DAY) == []


class TestOccupancy:
    def test_neighbours_may_touch(self) -> None:
        shop = business("09:00-12:00")
        rows = [busy(ANNA, "10:00", "11:00")]
        assert times(shop, taken=rows) == ["09:00", "11:00"]
        assert code(shop, at("09:30"), rows) == R.SLOT_TAKEN

    def test_buffers_of_neighbours_add_up(self) -> None:
        shop = business(
            "09:00-13:00",
            service={"buffer_before_minutes": 15, "buffer_after_minutes": 10, "step_minutes": 5},
        )
        first = assigned(shop, at("10:00"))
        rows = [busy(ANNA, "09:45", "11:10")]
        assert first.occupied_start == at("09:45")
        assert first.occupied_end == at("11:10")
        found = times(shop, taken=rows)
        assert found[0] == "11:25"  # 11:10 and its own 15 minutes before
        assert "09:00" not in found  # would occupy until 10:10

    def test_buffers_spill_outside_hours_but_not_into_blocked_time(self) -> None:
        shop = business(
            "09:00-10:00", service={"buffer_before_minutes": 30, "buffer_after_minutes": 30}
        )
        assert times(shop) == ["09:00"]
        for edge in (("08:00", "08:31"), ("10:29", "11:00")):
            rows = [busy(ANNA, *edge, blocked=True, appointment_id=None)]
            assert times(shop, taken=rows) == []
            assert code(shop, at("09:00"), rows) == R.SLOT_TAKEN
        for edge in (("08:00", "08:30"), ("10:30", "11:00")):
            assert times(shop, taken=[busy(ANNA, *edge, blocked=True)]) == ["09:00"]

    def test_blocked_time_takes_a_resource_wholly(self) -> None:
        shop = business("09:00-10:00", thing(HALL, "class", capacity=10))
        rows = [busy(HALL, "09:30", "09:45", blocked=True, appointment_id=None)]
        assert code(shop, at("09:00"), rows) == R.SLOT_TAKEN

    def test_capacity_is_the_peak_not_the_number_of_rows(self) -> None:
        shop = business("09:00-12:00", thing(HALL, "class", capacity=2), minutes=120)
        after_another = [busy(HALL, "09:00", "10:00"), busy(HALL, "10:00", "11:00")]
        assert code(shop, at("09:00"), after_another) is None
        at_once = [busy(HALL, "09:00", "10:30"), busy(HALL, "10:00", "11:00")]
        assert code(shop, at("09:00"), at_once) == R.CAPACITY_EXCEEDED
        assert times(shop, taken=at_once) == []

    def test_a_class_fills_up_to_its_capacity(self) -> None:
        shop = business("09:00-10:00", thing(HALL, "class", capacity=3))
        seat = busy(HALL, "09:00", "10:00")
        assert code(shop, at("09:00"), [seat] * 2) is None
        assert code(shop, at("09:00"), [seat] * 3) == R.CAPACITY_EXCEEDED

    def test_units(self) -> None:
        shop = business("09:00-10:00", thing(HALL, "class", capacity=5))
        rows = [busy(HALL, "09:00", "10:00", units=2)]
        assert code(shop, at("09:00"), rows, units=3) is None
        assert code(shop, at("09:00"), rows, units=4) == R.CAPACITY_EXCEEDED
        assert code(shop, at("09:00"), units=6) == R.CAPACITY_EXCEEDED
        assert code(business(), at("09:00"), units=2) == R.CAPACITY_EXCEEDED
        with pytest.raises(ValueError, match="1 place or more"):
            request(shop, units=0)

    def test_one_teacher_serves_a_party_that_takes_several_seats(self) -> None:
        shop = business("09:00-10:00", staff(), thing(HALL, "class", capacity=5))
        assert code(shop, at("09:00"), units=5) is None
        assert code(shop, at("09:00"), units=6) == R.CAPACITY_EXCEEDED
        assert code(shop, at("09:00"), [busy(ANNA, "09:30", "09:45")]) == R.SLOT_TAKEN

    def test_a_small_room_is_no_room_for_a_party(self) -> None:
        shop = business("09:00-10:00", thing(ROOM), thing(HALL, "room", capacity=4))
        verdict = assigned(shop, at("09:00"), units=3)
        assert (verdict.resource_ids, verdict.units) == ((HALL,), (3,))

    def test_offers_tell_the_places_left_at_the_peak(self) -> None:
        shop = business("09:00-11:00", thing(HALL, "class", capacity=5))
        rows = [busy(HALL, "09:00", "09:30", units=2), busy(HALL, "09:30", "10:00", units=3)]
        places = [offer.places for offer in offers(shop, taken=rows)]
        assert places == [2, 2, 5]
        assert {offer.places for offer in offers(business("09:00-11:00"))} == {None}

    def test_past_rows_change_nothing(self) -> None:
        shop = business("09:00-12:00")
        long_ago = [busy(ANNA, "09:00", "10:00", MONDAY - n * DAY) for n in range(4, 400)]
        assert offers(shop, taken=long_ago) == offers(shop)

    def test_a_moved_appointment_may_overlap_its_own_old_time_and_come_back(self) -> None:
        shop = business("09:00-11:00")
        there = assigned(shop, at("09:00"))
        # The caller leaves the moved row out of what is busy, so its old time is free for it.
        moved = assigned(shop, at("09:30"))
        back = assigned(shop, at("09:00"))
        assert (moved.starts_at, back) == (at("09:30"), there)


class TestNotice:
    shop = business("00:00-24:00", policy=Policy(min_notice_minutes=120))

    def test_is_inclusive(self) -> None:
        assert code(self.shop, at("11:00", FRIDAY)) is None
        assert code(self.shop, at("11:00", FRIDAY), now=NOW + SECOND) == R.TOO_SOON
        assert times(self.shop, FRIDAY)[0] == "11:00"
        assert times(self.shop, FRIDAY, now=NOW + SECOND)[0] == "11:30"

    def test_fractions_of_a_second_count(self) -> None:
        late = NOW + dt.timedelta(microseconds=1)
        assert code(self.shop, at("11:00", FRIDAY), now=late) == R.TOO_SOON
        assert times(self.shop, FRIDAY, now=late)[0] == "11:30"

    def test_tells_the_earliest_instant_as_whole_minutes(self) -> None:
        assert refusal(self.shop, at("10:30", FRIDAY)).earliest == at("11:00", FRIDAY)
        told = refusal(self.shop, at("10:30", FRIDAY), now=NOW + SECOND)
        assert told.earliest == at("11:01", FRIDAY)

    def test_past_comes_before_too_soon(self) -> None:
        assert code(self.shop, at("08:30", FRIDAY)) == R.PAST
        assert refusal(self.shop, at("08:30", FRIDAY)).earliest == at("11:00", FRIDAY)
        assert code(self.shop, at("09:00", FRIDAY)) == R.TOO_SOON

    def test_now_itself_is_not_past(self) -> None:
        shop = business("00:00-24:00")
        assert code(shop, NOW) is None
        assert code(shop, NOW, now=NOW + dt.timedelta(microseconds=1)) == R.PAST
        assert times(shop, FRIDAY)[0] == "09:00"


class TestHorizon:
    shop = business("00:00-24:00", policy=Policy(horizon_days=3))

    def test_is_inclusive_and_counts_local_dates(self) -> None:
        assert code(self.shop, at("23:30", FRIDAY + 3 * DAY)) is None
        assert code(self.shop, at("00:00", FRIDAY + 4 * DAY)) == R.TOO_FAR
        told = refusal(self.shop, at("12:00", FRIDAY + 30 * DAY))
        assert told.latest_date == FRIDAY + 3 * DAY
        found = offers(self.shop, FRIDAY, FRIDAY + 30 * DAY)
        assert found[-1].starts_at == at("23:30", FRIDAY + 3 * DAY)

    def test_today_is_the_business_local_today(self) -> None:
        # 23:30Z on Friday is Saturday in Berlin already.
        now = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
        assert code(self.shop, at("12:00", FRIDAY + 4 * DAY), now=now) is None
        assert code(self.shop, at("12:00", FRIDAY + 5 * DAY), now=now) == R.TOO_FAR
        # A millisecond before Berlin's midnight it isn't.
        now = at("00:00", FRIDAY + DAY) - dt.timedelta(milliseconds=1)
        assert code(self.shop, at("12:00", FRIDAY + 4 * DAY), now=now) == R.TOO_FAR

    def test_no_days_ahead_is_today_only(self) -> None:
        shop = business("00:00-24:00", policy=Policy(horizon_days=0))
        assert code(shop, at("23:30", FRIDAY)) is None
        assert code(shop, at("00:00", FRIDAY + DAY)) == R.TOO_FAR

    @pytest.mark.parametrize("year", [1, 9999])
    def test_the_ends_of_the_calendar_are_refused_too(self, year: int) -> None:
        edge = dt.datetime(year, 1 if year == 1 else 12, 31, 23, 59, tzinfo=dt.UTC)
        assert code(self.shop, edge) == (R.PAST if year == 1 else R.TOO_FAR)
        assert offers(self.shop, edge.date(), edge.date()) == []


class TestLimits:
    def test_active_appointments(self) -> None:
        shop = business(policy=Policy(max_active=2))
        two = load(at("09:00"), at("12:00", MONDAY + DAY))
        told = refusal(shop, at("15:00"), load=two)
        assert (told.code, told.limit, told.limit_period) == (R.LIMIT_REACHED, 2, "active")
        assert offers(shop, MONDAY, MONDAY + 5 * DAY, load=two) == []
        assert code(shop, at("15:00"), load=load(at("09:00"))) is None

    def test_the_default_is_three(self) -> None:
        three = load(*(at("09:00", MONDAY + n * DAY) for n in range(3)))
        assert refusal(business(), at("15:00"), load=three).limit == 3

    def test_what_has_started_does_not_count(self) -> None:
        shop = business(policy=Policy(max_active=1))
        assert code(shop, at("15:00"), load=load(NOW - SECOND)) is None
        assert code(shop, at("15:00"), load=load(NOW + SECOND)) == R.LIMIT_REACHED

    def test_per_day_uses_the_local_date_of_the_start(self) -> None:
        shop = business("00:00-24:00", policy=Policy(max_per_day=1))
        # 23:30 on Monday in Berlin; in UTC it is Monday too, and 00:00 on Tuesday is still Monday.
        has = load(at("23:30"))
        told = refusal(shop, at("00:00"), load=has)
        assert (told.code, told.limit, told.limit_period) == (R.LIMIT_REACHED, 1, "day")
        assert code(shop, at("00:00", MONDAY + DAY), load=has) is None
        assert times(shop, load=has) == []
        assert times(shop, MONDAY + DAY, load=has) != []

    def test_per_week_runs_from_monday_to_sunday(self) -> None:
        shop = business("00:00-24:00", policy=Policy(max_per_week=1))
        has = load(at("12:00", MONDAY + 2 * DAY))
        told = refusal(shop, at("23:30", MONDAY + 6 * DAY), load=has)
        assert (told.code, told.limit, told.limit_period) == (R.LIMIT_REACHED, 1, "week")
        assert code(shop, at("00:00"), load=has) == R.LIMIT_REACHED
        assert code(shop, at("23:30", MONDAY - DAY), load=has) is None
        assert code(shop, at("00:00", MONDAY + 7 * DAY), load=has) is None

    def test_a_limit_is_told_before_what_another_time_could_mend(self) -> None:
        shop = business(policy=Policy(max_active=1))
        assert code(shop, at("03:00"), load=load(at("09:00"))) == R.LIMIT_REACHED


class TestOwner:
    shop = business(
        "09:00-17:00",
        staff(ANNA),
        staff(BORIS, hours=every_day("09:00-12:00")),
        policy=Policy(min_notice_minutes=600, horizon_days=2, max_active=1),
    )

    def book(self, starts_at: dt.datetime, rows: list[Busy], **changes: object) -> object:
        asked = request(self.shop, load=load(at("09:00")), **changes)
        return judge_for_owner(self.shop, asked, starts_at, busy=rows)

    def test_notice_horizon_limits_grid_and_hours_do_not_bind(self) -> None:
        for starts_at in (
            at("09:10", FRIDAY),
            at("12:00", FRIDAY + 300 * DAY),
            at("10:07"),
            at("05:00"),
            at("16:30"),
        ):
            assert isinstance(self.book(starts_at, []), Assignment), starts_at

    def test_what_is_taken_stays_taken(self) -> None:
        rows = [busy(ANNA, "10:00", "11:00"), busy(BORIS, "10:00", "11:00", blocked=True)]
        found = self.book(at("10:30"), rows)
        assert isinstance(found, Refusal)
        assert found.code == R.SLOT_TAKEN

    def test_nobody_comes_yesterday(self) -> None:
        found = self.book(at("08:00", FRIDAY), [])
        assert isinstance(found, Refusal)
        assert found.code == R.PAST

    def test_who_works_is_preferred_to_who_does_not(self) -> None:
        rows = [busy(ANNA, "09:00", "10:00")]
        found = self.book(at("14:00"), rows)
        assert isinstance(found, Assignment)
        assert found.staff_id == ANNA  # Boris has less to do, but is at home
        at_work_and_taken = [busy(ANNA, "14:00", "15:00")]
        found = self.book(at("14:00"), at_work_and_taken)
        assert isinstance(found, Assignment)
        assert found.staff_id == BORIS

    def test_the_override_is_made_of_the_policy_itself(self) -> None:
        assert set(for_owner(POLICY)) < set(POLICY)
        assert [rule.__name__ for rule in for_owner(POLICY)] == [
            "not_past",
            "not_taken",
            "has_capacity",
        ]


class TestNotOffered:
    def test_an_inactive_service(self) -> None:
        shop = business(service={"active": False})
        told = refusal(shop, at("09:00"))
        assert (told.code, told.what) == (R.NOT_FOUND, "service")
        assert offers(shop) == []

    def test_a_staff_member_who_does_not_give_it(self) -> None:
        shop = business("09:00-17:00", staff(ANNA), staff(BORIS, active=False))
        for stranger in (BORIS, 99):
            told = refusal(shop, at("09:00"), staff_id=stranger)
            assert (told.code, told.what, told.choices) == (R.NOT_FOUND, "staff", ("S1",))
            assert offers(shop, staff_id=stranger) == []

    def test_a_service_that_nothing_can_serve(self) -> None:
        for kinds in ({}, {"staff": ()}, {"staff": (ANNA,), "room": ()}, {"room": (ROOM,)}):
            shop = business(service={"resource_ids": kinds})
            assert offers(shop) == []
            assert code(shop, at("09:00")) == R.OUTSIDE_HOURS

    def test_values_that_make_no_sense_are_errors_not_refusals(self) -> None:
        shop = business()
        for service in (
            replace(shop.services[0], duration_minutes=0),
            replace(shop.services[0], step_minutes=0),
        ):
            with pytest.raises(ValueError, match=r"duration|step"):
                code(shop, at("09:00"), service=service)
        with pytest.raises(ValueError, match="no instant"):
            code(shop, dt.datetime(2026, 11, 23, 9))
        with pytest.raises(ValueError, match="no instant"):
            code(shop, at("09:00"), now=dt.datetime(2026, 11, 20, 9))


def test_rooms_are_things_besides_the_staff() -> None:
    shop = business("09:00-11:00", staff(), thing(ROOM, hours=every_day("09:30-11:00")))
    assert times(shop) == ["09:30", "10:00"]
    assert code(shop, at("09:00")) == R.OUTSIDE_HOURS
    rows = [busy(ROOM, "10:30", "11:00")]
    assert code(shop, at("10:00"), rows) == R.SLOT_TAKEN
    assert times(shop, taken=rows) == ["09:30"]
