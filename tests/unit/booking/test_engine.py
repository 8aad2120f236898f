"""Who is assigned, what must be locked and fetched, and which times are near."""

from __future__ import annotations

import datetime as dt

from booking.business import Policy
from booking.engine import busy_window, nearest_offers, resources_needed
from booking.refusals import Offer, RefusalCode
from tests.unit.booking.builders import (
    ANNA,
    BORIS,
    CLARA,
    HALL,
    MONDAY,
    ROOM,
    assigned,
    at,
    business,
    busy,
    code,
    every_day,
    hours,
    offers,
    staff,
    thing,
    times,
)

DAY = dt.timedelta(days=1)
TEAM = staff(ANNA), staff(BORIS), staff(CLARA)


def who(found: list[Offer]) -> dict[str, tuple[int, ...]]:
    return {offer.starts_at.strftime("%H:%M"): offer.staff_ids for offer in found}


class TestAnyone:
    def test_the_listing_is_the_union_with_who_is_free(self) -> None:
        shop = business("09:00-11:00", staff(BORIS, hours=every_day("10:00-12:00")), staff(ANNA))
        assert who(offers(shop, taken=[busy(ANNA, "09:00", "09:10")])) == {
            "08:30": (ANNA,),
            "09:00": (BORIS, ANNA),
            "09:30": (BORIS,),
            "10:00": (BORIS,),
        }

    def test_staff_on_different_grids(self) -> None:
        shop = business("09:00-10:00", staff(ANNA), staff(BORIS, hours=every_day("09:15-10:15")))
        assert times(shop) == ["09:00", "09:15"]
        assert assigned(shop, at("09:15")).staff_id == BORIS
        assert code(shop, at("09:15"), staff_id=ANNA) == RefusalCode.OUTSIDE_HOURS
        assert code(shop, at("09:15"), [busy(BORIS, "09:00", "10:00")]) == RefusalCode.SLOT_TAKEN

    def test_a_wanted_member_is_the_only_one_asked(self) -> None:
        shop = business("09:00-10:00", *TEAM)
        rows = [busy(BORIS, "09:00", "10:00")]
        assert who(offers(shop, staff_id=BORIS)) == {"08:00": (BORIS,)}
        assert offers(shop, taken=rows, staff_id=BORIS) == []
        assert code(shop, at("09:00"), rows, staff_id=BORIS) == RefusalCode.SLOT_TAKEN
        assert code(shop, at("09:00"), rows) is None

    def test_the_least_loaded_that_day_is_assigned(self) -> None:
        shop = business("09:00-17:00", *TEAM)
        rows = [
            busy(ANNA, "09:00", "10:00"),
            busy(ANNA, "10:00", "11:00"),
            busy(BORIS, "09:00", "12:00"),
            busy(CLARA, "09:00", "09:30"),
            busy(CLARA, "09:30", "10:00"),
        ]
        assert assigned(shop, at("14:00"), rows).staff_id == BORIS
        # Another day's work doesn't count, and neither does time off.
        assert assigned(shop, at("14:00", MONDAY + DAY), rows).staff_id == ANNA
        off = [busy(ANNA, "09:00", "10:00", blocked=True)]
        assert assigned(shop, at("14:00"), off).staff_id == ANNA

    def test_the_day_is_the_business_local_one(self) -> None:
        shop = business("00:00-24:00", staff(ANNA), staff(BORIS))
        # 00:00-00:30 on Tuesday in Berlin is still Monday in UTC.
        rows = [busy(ANNA, "00:00", "00:30", MONDAY + DAY)]
        assert assigned(shop, at("22:00"), rows).staff_id == ANNA
        assert assigned(shop, at("22:00", MONDAY + DAY), rows).staff_id == BORIS

    def test_ties_go_by_the_owners_order(self) -> None:
        assert assigned(business("09:00-17:00", *TEAM), at("14:00")).staff_id == ANNA
        assert assigned(business("09:00-17:00", *reversed(TEAM)), at("14:00")).staff_id == CLARA

    def test_a_busy_or_absent_member_is_never_assigned(self) -> None:
        shop = business(
            "09:00-17:00", staff(ANNA), staff(BORIS), staff(CLARA, hours={}), staff(4, active=False)
        )
        rows = [busy(ANNA, "13:30", "14:30")]
        rows += [busy(BORIS, f"{hour:02d}:00", f"{hour:02d}:30") for hour in (9, 10, 11)]
        assert assigned(shop, at("14:00"), rows).staff_id == BORIS


class TestSeveralResources:
    shop = business("09:00-11:00", *TEAM, thing(ROOM), thing(HALL), thing(5, "chair"))

    def test_one_of_each_kind_is_taken(self) -> None:
        found = assigned(self.shop, at("09:00"))
        assert found.resource_ids == (ANNA, 5, ROOM)
        assert found.staff_id == ANNA
        assert found.ends_at - found.starts_at == dt.timedelta(hours=1)

    def test_the_first_free_room_is_taken(self) -> None:
        found = assigned(self.shop, at("09:00"), [busy(ROOM, "09:30", "09:40")])
        assert found.resource_ids == (ANNA, 5, HALL)

    def test_all_kinds_must_be_free(self) -> None:
        rows = [busy(ROOM, "09:00", "10:00"), busy(HALL, "09:00", "10:00")]
        assert code(self.shop, at("09:00"), rows) == RefusalCode.SLOT_TAKEN
        assert times(self.shop, taken=rows) == ["10:00"]
        assert times(self.shop, taken=[busy(5, "10:00", "10:10")]) == ["09:00"]

    def test_without_staff_the_first_kind_by_name_makes_the_grid(self) -> None:
        shop = business(
            "09:00-11:00",
            thing(ROOM, hours=every_day("08:10-12:00")),
            thing(5, "chair"),
        )
        assert times(shop) == ["09:00", "09:30", "10:00"]
        assert assigned(shop, at("09:00")).staff_id is None
        assert offers(shop)[0].staff_ids == ()

    def test_a_shared_room_has_room_for_as_many_as_fit(self) -> None:
        shop = business("09:00-10:00", *TEAM, thing(HALL, capacity=2))
        one, two = busy(ANNA, "09:00", "10:00"), busy(BORIS, "09:00", "10:00")
        seats = [busy(HALL, "09:00", "10:00")] * 2
        assert assigned(shop, at("09:00"), [one, seats[0]]).resource_ids == (BORIS, HALL)
        refused = code(shop, at("09:00"), [one, two, *seats])
        assert refused == RefusalCode.CAPACITY_EXCEEDED


class TestFetching:
    def test_resources_needed_are_sorted_and_active(self) -> None:
        shop = business(
            "09:00-17:00", thing(ROOM), staff(BORIS), staff(CLARA, active=False), staff(ANNA)
        )
        service = shop.services[0]
        assert resources_needed(shop, service, None) == (ANNA, BORIS, ROOM)
        assert resources_needed(shop, service, BORIS) == (BORIS, ROOM)
        assert resources_needed(shop, service, CLARA) == (ROOM,)

    def test_busy_window_covers_the_dates_and_what_spills_over(self) -> None:
        shop = business(
            "09:00-17:00",
            minutes=90,
            service={"buffer_before_minutes": 20, "buffer_after_minutes": 40},
        )
        since, until = busy_window(shop, shop.services[0], MONDAY, MONDAY + DAY)
        assert since == at("00:00") - dt.timedelta(minutes=20)
        assert until == at("00:00", MONDAY + 2 * DAY) + dt.timedelta(minutes=130)

    def test_busy_window_at_the_ends_of_the_calendar_is_finite(self) -> None:
        shop = business()
        since, until = busy_window(shop, shop.services[0], dt.date.min, dt.date.max)
        assert since.year == 1
        assert until.year == 9999

    def test_a_row_outside_the_window_matters_to_nobody(self) -> None:
        shop = business({0: hours("20:00-24:00")}, minutes=120)
        since, until = busy_window(shop, shop.services[0], MONDAY, MONDAY)
        row = busy(ANNA, "00:00", "01:00")
        outside = [
            row.__class__(ANNA, int(since.timestamp()) - 3600, int(since.timestamp())),
            row.__class__(ANNA, int(until.timestamp()), int(until.timestamp()) + 3600),
        ]
        assert offers(shop, taken=outside) == offers(shop)


class TestNearest:
    def test_the_five_nearest_in_order_of_time(self) -> None:
        shop = business("09:00-17:00")
        found = nearest_offers(offers(shop), at("12:10"))
        assert [offer.starts_at for offer in found] == [
            at(text) for text in ("11:00", "11:30", "12:00", "12:30", "13:00")
        ]

    def test_fewer_when_there_are_fewer(self) -> None:
        shop = business("09:00-10:00")
        assert len(nearest_offers(offers(shop), at("18:00"))) == 1
        assert nearest_offers([], at("18:00")) == ()

    def test_of_two_equally_near_the_earlier_one(self) -> None:
        shop = business("09:00-12:00", policy=Policy(step_minutes=60))
        found = nearest_offers(offers(shop), at("10:30"), limit=1)
        assert [offer.starts_at for offer in found] == [at("10:00")]
