"""The engine against a plain reading of the rules, on days when the clocks change."""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.business import STAFF, Business, DayInterval, Policy, Resource
from booking.engine import (
    Assignment,
    Busy,
    CustomerLoad,
    Request,
    busy_window,
    judge,
    list_offers,
    resources_needed,
)
from booking.intervals import peak
from booking.localtime import boundary, from_epoch, local_date, to_epoch, zone
from booking.refusals import Offer
from tests.unit.booking.builders import CHANGES, business, staff, taken, thing

DAY = dt.timedelta(days=1)
ALWAYS_CLOSED = 3  # days after the first date: no opening lasts longer than the oracle looks back


@dataclass(frozen=True)
class World:
    """A business, what is asked of it, what is taken, and the dates looked at."""

    shop: Business
    asked: Request
    busy: tuple[Busy, ...]
    first: dt.date
    last: dt.date

    def offers(self, busy: list[Busy] | tuple[Busy, ...] | None = None) -> list[Offer]:
        rows = self.busy if busy is None else busy
        return list_offers(
            self.shop, self.asked, first_date=self.first, last_date=self.last, busy=rows
        )

    def approves(self, start: int, busy: list[Busy] | None = None) -> bool:
        rows = self.busy if busy is None else busy
        return isinstance(judge(self.shop, self.asked, from_epoch(start), busy=rows), Assignment)

    def lattice(self, step: int) -> range:
        """Every `step` seconds of the dates, in epoch seconds."""
        where = zone(self.shop.zone)
        return range(boundary(self.first, 0, where), boundary(self.last + DAY, 0, where), step)


minute = st.integers(0, 95).map(lambda quarter: quarter * 15)
interval = st.builds(DayInterval, minute, st.integers(0, 96).map(lambda quarter: quarter * 15))
day_intervals = st.lists(interval, min_size=1, max_size=2).map(tuple)
special_day = st.one_of(st.just(()), day_intervals)


@st.composite
def worlds(draw: st.DrawFn, busy_rows: int = 12) -> World:
    where, first = draw(st.sampled_from(CHANGES))
    first -= draw(st.integers(0, 1)) * DAY
    closed = (first + ALWAYS_CLOSED * DAY).weekday()
    # Each date has one interval or two; the night before the closed day may still run into it.
    weekly = st.dictionaries(st.integers(0, 6), day_intervals, min_size=5).map(
        lambda week: {day: spans for day, spans in week.items() if day != closed}
    )
    dates = st.integers(-1, 2).map(lambda n: first + n * DAY)
    exceptions = st.dictionaries(dates, special_day, max_size=1)

    def resource(made: Resource, own: st.SearchStrategy[object]) -> Resource:
        return replace(
            made,
            hours=draw(own),
            exceptions=draw(exceptions),
            zone=draw(st.sampled_from([None, None, "Asia/Kathmandu", "America/New_York"])),
        )

    resources = [
        resource(staff(n + 1), st.one_of(st.none(), weekly)) for n in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        hall = thing(11, capacity=draw(st.integers(1, 3)))
        resources.append(resource(hall, st.one_of(st.none(), weekly)))
    if draw(st.booleans()) and draw(st.booleans()):  # sometimes a class without staff
        resources = [replace(r, kind="class", capacity=2) for r in resources if r.kind == STAFF]
    policy = Policy(
        step_minutes=draw(st.sampled_from([10, 15, 30, 45, 60])),
        min_notice_minutes=draw(st.sampled_from([0, 0, 0, 90, 1440])),
        horizon_days=draw(st.sampled_from([60, 60, 60, 2, 1])),
        max_active=draw(st.sampled_from([3, 3, 3, 1])),
        max_per_day=draw(st.sampled_from([None, None, 1, 2])),
        max_per_week=draw(st.sampled_from([None, None, None, 1, 2])),
    )
    shop = business(
        draw(weekly),
        *resources,
        zone=where,
        minutes=draw(st.sampled_from([15, 30, 50, 60, 240])),
        policy=policy,
        exceptions=draw(exceptions),
        service={
            "buffer_before_minutes": draw(st.sampled_from([0, 0, 15])),
            "buffer_after_minutes": draw(st.sampled_from([0, 0, 25])),
        },
    )
    midnight = boundary(first, 0, zone(where))
    rows = []
    for _ in range(draw(st.integers(0, busy_rows))):
        start = midnight + draw(st.integers(-8, 200)) * 900 + draw(st.sampled_from([0, 0, 60]))
        rows.append(
            Busy(
                draw(st.sampled_from([r.id for r in resources])),
                start,
                start + draw(st.sampled_from([300, 1800, 7200])),
                units=draw(st.integers(1, 2)),
                blocked=draw(st.sampled_from([False, False, True])),
            )
        )
    now = from_epoch(midnight + draw(st.integers(-72, 16)) * 3600) + draw(
        st.sampled_from([0, 0, 1, 61]).map(lambda n: dt.timedelta(seconds=n, microseconds=n))
    )
    load = st.lists(st.integers(-10, 60).map(lambda n: midnight + n * 3600), max_size=2)
    asked = Request(
        service=shop.services[0],
        now=now,
        staff_id=draw(st.sampled_from([None, None, 1])) if resources[0].kind == STAFF else None,
        load=CustomerLoad(tuple(draw(load))),
        units=draw(st.sampled_from([1, 1, 1, 1, 2])),
    )
    return World(shop, asked, tuple(rows), first, first + DAY)


class Oracle:
    """The rules read literally, one start at a time, over arrays of minutes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.origin = boundary(world.first - 9 * DAY, 0, zone(world.shop.zone)) // 60
        service = world.asked.service
        staff_id = world.asked.staff_id
        self.kinds = {
            kind: [
                r
                for r in world.shop.resources
                if r.id in ids and (kind != STAFF or staff_id in (None, r.id))
            ]
            for kind, ids in service.resource_ids.items()
        }
        self.primary = STAFF if STAFF in self.kinds else min(self.kinds)
        self.open = {r.id: self.minutes(r, kind) for kind, rs in self.kinds.items() for r in rs}

    def minutes(self, resource: Resource, kind: str) -> bytearray:
        shop, first = self.world.shop, self.world.first
        where = zone(resource.zone or shop.zone)
        weekly, shared = resource.hours, shop.exceptions
        if weekly is None and kind == self.primary:
            weekly = shop.hours
        if weekly is None:
            weekly, shared = dict.fromkeys(range(7), (DayInterval(0, 1440),)), {}
        minutes = bytearray(15 * 1440)
        for n in range(-8, 5):
            date = first + n * DAY
            for span in resource.exceptions.get(
                date, shared.get(date, weekly.get(date.weekday(), ()))
            ):
                over = 1440 if span.closes <= span.opens else 0
                low = boundary(date, span.opens, where) // 60 - self.origin
                high = boundary(date, span.closes + over, where) // 60 - self.origin
                minutes[low:high] = b"\1" * (high - low)
        return minutes

    def suits(self, resource: Resource, start: int, on_grid: bool) -> bool:
        service, step = self.world.asked.service, self.world.shop.policy.step_minutes
        minutes, at = self.open[resource.id], start // 60 - self.origin
        if not all(minutes[at : at + service.duration_minutes]):
            return False
        began = minutes.rfind(0, 0, at) + 1
        if on_grid and (at - began) % step:
            return False
        low = start - service.buffer_before_minutes * 60
        high = start + (service.duration_minutes + service.buffer_after_minutes) * 60
        rows = [r for r in self.world.busy if r.resource_id == resource.id]
        if any(r.start < high and low < r.end for r in rows if r.blocked or resource.capacity == 1):
            return False
        in_use = peak([(r.start, r.end, r.units) for r in rows if not r.blocked], low, high)
        # Seats are counted where there are seats; beside them one person serves the whole party.
        wide = {kind for kind, of in self.kinds.items() if any(r.capacity > 1 for r in of)}
        wanted = self.world.asked.units if resource.kind in wide or not wide else 1
        return in_use + wanted <= resource.capacity

    def allows(self, start: int) -> bool:
        shop, asked = self.world.shop, self.world.asked
        policy, where, instant = shop.policy, zone(shop.zone), from_epoch(start)
        date = local_date(instant, where)
        if instant < asked.now + dt.timedelta(minutes=policy.min_notice_minutes):
            return False
        if date > local_date(asked.now, where) + policy.horizon_days * DAY:
            return False
        mine = [from_epoch(s) for s in asked.load.starts if from_epoch(s) >= asked.now]
        dates = [local_date(s, where) for s in mine]
        weeks = [d.isocalendar()[:2] for d in dates]
        for count, limit in (
            (len(mine), policy.max_active),
            (dates.count(date), policy.max_per_day),
            (weeks.count(date.isocalendar()[:2]), policy.max_per_week),
        ):
            if limit is not None and count >= limit:
                return False
        return all(
            any(self.suits(r, start, kind == self.primary) for r in resources)
            for kind, resources in self.kinds.items()
        )


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_listed_if_and_only_if_the_rules_allow_it_and_judge_approves(world: World) -> None:
    offers = world.offers()
    listed = [to_epoch(offer.starts_at) for offer in offers]
    assert listed == sorted(set(listed))
    oracle = Oracle(world)
    assert listed == [start for start in world.lattice(60) if oracle.allows(start)]
    window = busy_window(world.shop, world.asked.service, world.first, world.last)
    needed = resources_needed(world.shop, world.asked.service, world.asked.staff_id)
    fetched = [
        row
        for row in world.busy
        if row.resource_id in needed
        and row.start < to_epoch(window[1])
        and row.end > to_epoch(window[0])
    ]
    approved = {start for start in world.lattice(900) if world.approves(start, fetched)}
    assert approved == {start for start in listed if (start - world.lattice(900).start) % 900 == 0}
    for offer in offers:
        start = to_epoch(offer.starts_at)
        verdict = judge(world.shop, world.asked, offer.starts_at, busy=fetched)
        assert isinstance(verdict, Assignment)
        assert not world.approves(start + 1, fetched)
        if offer.staff_ids:
            assert verdict.staff_id in offer.staff_ids
        for staff_id in offer.staff_ids:
            alone = replace(world, asked=replace(world.asked, staff_id=staff_id))
            assert alone.approves(start, fetched)


@settings(max_examples=25, deadline=None)
@given(worlds(busy_rows=4), st.randoms(use_true_random=False))
def test_booking_at_random_until_full_overlaps_nowhere(world: World, dice: random.Random) -> None:
    world = replace(
        world, asked=replace(world.asked, load=CustomerLoad(), now=from_epoch(world.lattice(1)[0]))
    )
    service, rows = world.asked.service, list(world.busy)
    needed = resources_needed(world.shop, service, world.asked.staff_id)
    # What is there already may be over capacity on its own: start from rows that aren't.
    rows = [row for row in rows if row.blocked]
    while offers := world.offers(rows):
        offer = dice.choice(offers)
        verdict = judge(world.shop, world.asked, offer.starts_at, busy=rows)
        assert isinstance(verdict, Assignment)
        assert set(verdict.resource_ids) <= set(needed)
        assert len(verdict.resource_ids) == len(service.resource_ids)
        rows += taken(verdict)
    for resource in world.shop.resources:
        own = [row for row in rows if row.resource_id == resource.id]
        booked = [(r.start, r.end, r.units) for r in own if not r.blocked]
        assert peak(booked, -(1 << 40), 1 << 40) <= resource.capacity
        for low, high, _ in booked:
            assert not any(r.blocked and r.start < high and low < r.end for r in own)
    assert not any(world.approves(start, rows) for start in world.lattice(900))


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_history_and_the_order_of_rows_change_nothing(world: World, dice: random.Random) -> None:
    since, _ = busy_window(world.shop, world.asked.service, world.first, world.last)
    history = [
        Busy(resource.id, to_epoch(since) - n * 3600, to_epoch(since) - (n - 1) * 3600, units=3)
        for resource in world.shop.resources
        for n in range(1, 60)
    ]
    rows = [*world.busy, *history]
    dice.shuffle(rows)
    assert world.offers(rows) == world.offers()


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_a_move_there_and_back(world: World, dice: random.Random) -> None:
    others = list(world.busy)
    offers = world.offers(others)
    if not offers:
        return
    here, there = dice.choice(offers), dice.choice(offers)
    first = judge(world.shop, world.asked, here.starts_at, busy=others)
    # The moved row is left out of what is taken, so both times stay on offer all along.
    moved = judge(world.shop, world.asked, there.starts_at, busy=others)
    assert isinstance(first, Assignment)
    assert isinstance(moved, Assignment)
    assert judge(world.shop, world.asked, here.starts_at, busy=others) == first
    # For everybody else the new time is taken and the old one is as free as it was.
    seen = world.offers([*others, *taken(moved)])
    assert {offer.starts_at for offer in seen} <= {offer.starts_at for offer in offers}
    apart = moved.occupied_start >= first.occupied_end or moved.occupied_end <= first.occupied_start
    if apart:
        assert here.starts_at in {offer.starts_at for offer in seen}


@pytest.mark.parametrize("process_zone", ["Pacific/Apia", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(("where", "date"), CHANGES)
def test_the_zone_of_the_process_does_not_matter(
    where: str, date: dt.date, process_zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> list[object]:
        night = business("20:00-03:30", staff(1), staff(2, zone="Asia/Kathmandu"), zone=where)
        now = from_epoch(boundary(date, 0, zone(where)) - 86400)
        asked = Request(service=night.services[0], now=now)
        listed = list_offers(night, asked, first_date=date - DAY, last_date=date + DAY, busy=())
        return [listed, [judge(night, asked, offer.starts_at, busy=()) for offer in listed]]

    def under(name: str) -> list[object]:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        boundary.cache_clear()
        return answers()

    try:
        expected = under("UTC")
        assert time.localtime(0).tm_gmtoff == 0
        found = under(process_zone)
        assert time.localtime(0).tm_gmtoff != 0
    finally:
        monkeypatch.undo()
        time.tzset()
    assert expected[0]
    assert found == expected
