"""The closed table of statuses, through the owner's command, pair by pair."""

from __future__ import annotations

import datetime as dt
from itertools import count

import pytest

from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal, RefusalCode
from booking.status import OCCUPYING, TRANSITIONS, AppointmentStatus
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.life_support import (
    HOUR,
    TEN,
    booked,
    cancel,
    change,
    get,
    joined,
    move,
    outbox,
    person,
    scalar,
    shop,
)

S = AppointmentStatus
ACKNOWLEDGED = "SELECT count(*) FROM appointment_events WHERE change = 'acknowledged'"
KNOWN_LATER = (S.COMPLETED, S.NO_SHOW)
# The way to each status from a new hold.
WAYS: dict[S, list[S]] = {
    S.HELD: [],
    S.PENDING: [S.PENDING],
    S.CONFIRMED: [S.CONFIRMED],
    S.CANCELLED: [S.CANCELLED],
    S.DECLINED: [S.PENDING, S.DECLINED],
    S.EXPIRED: [S.EXPIRED],
    S.COMPLETED: [S.CONFIRMED, S.COMPLETED],
    S.NO_SHOW: [S.CONFIRMED, S.NO_SHOW],
}


class Lives:
    """Appointments one after the other, each on a day and of a customer of its own."""

    def __init__(self, store: Store, business: Business, clock: MovableClock) -> None:
        self.store, self.business, self.clock = store, business, clock
        self._numbers = count(1)

    async def reach(self, status: S) -> Appointment:
        """Make an appointment of that status; it's an hour before its start, or at it."""
        number = next(self._numbers)
        start = TEN + dt.timedelta(days=number)
        self.clock.instant = start - HOUR
        who = await person(self.store, self.business, number)
        # By the owner, so that the days on which the shop is closed are days too.
        row = await booked(self.store, self.business, who, start, hold=True, by_owner=True)
        for step in WAYS[status]:
            row = await self.to(row, step)
        assert row.status is status
        return row

    async def scalar(self, statement: str) -> object:
        return await scalar(self.store, self.business, statement)

    async def ask(self, row: Appointment, new: S) -> Appointment | Refusal:
        return await change(self.store, self.business, row, new)

    async def confirm(self, row: Appointment, version: int | None = None) -> Appointment | Refusal:
        return await self.store.run(
            self.business,
            lambda uow: uow.appointments.confirm_appointment(
                row.id, customer_id=row.customer_id, version=version
            ),
        )

    async def refusal_to_come(
        self, row: Appointment, version: int | None = None
    ) -> RefusalCode | None:
        """Answer the appointment's reminder; None = it was taken."""
        seen = row.version if version is None else version
        outcome = await self.store.run(
            self.business,
            lambda uow: uow.appointments.acknowledge_appointment(
                row.id, customer_id=row.customer_id, version=seen
            ),
        )
        return outcome.code if isinstance(outcome, Refusal) else None

    async def to(self, row: Appointment, new: S) -> Appointment:
        if new in KNOWN_LATER:
            self.clock.instant = row.starts_at
        outcome = await self.ask(row, new)
        assert isinstance(outcome, Appointment), (row.status, new, outcome)
        return outcome


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop(hold_minutes=1440, confirm_within_minutes=1440))


@pytest.fixture
def lives(store: Store, business: Business, clock: MovableClock) -> Lives:
    return Lives(store, business, clock)


async def test_what_is_not_in_the_table_is_refused_and_changes_nothing(lives: Lives) -> None:
    for old in S:
        row = await lives.reach(old)
        lives.clock.instant = row.starts_at
        for new in set(S) - TRANSITIONS[old] - {old}:
            refused = await lives.ask(row, new)
            assert isinstance(refused, Refusal), (old, new)
            assert refused.code is RefusalCode.INVALID_TRANSITION
        assert await lives.to(row, old) == row  # what it is already is no change
        assert await get(lives.store, lives.business, row.id) == row


async def test_what_is_in_the_table_is_done(lives: Lives) -> None:
    for old, new in [(before, after) for before in S for after in sorted(TRANSITIONS[before])]:
        row = await lives.reach(old)
        if new in KNOWN_LATER and lives.clock.instant < row.starts_at:
            early = await lives.ask(row, new)
            assert isinstance(early, Refusal)
            assert early.code is RefusalCode.INVALID_TRANSITION
        after = await lives.to(row, new)
        assert (after.status, after.version) == (new, row.version + 1)
        assert (after.expires_at is not None) is (new is S.PENDING)
        active = f"SELECT bool_or(active) FROM occupancies WHERE appointment_id = {row.id}"
        assert await lives.scalar(active) is (new in OCCUPYING), (old, new)
        event = (
            "SELECT old->>'status' || ' ' || (new->>'status') FROM appointment_events"
            f" WHERE appointment_id = {row.id} ORDER BY id DESC LIMIT 1"
        )
        assert await lives.scalar(event) == f"{old} {new}"


async def test_what_the_owner_ends_is_offered_to_the_next_in_line(lives: Lives) -> None:
    for n, new in enumerate((S.EXPIRED, S.CANCELLED, S.DECLINED)):
        row = await lives.reach(S.PENDING)
        date = row.starts_at.date()
        who = await person(lives.store, lives.business, 100 + n)
        wish = {"date_from": date, "date_to": date, "staff_id": row.staff_id}
        await joined(
            lives.store, lives.business, who, time_from=dt.time(10), time_to=dt.time(10, 30), **wish
        )
        await lives.to(row, new)
    assert [chat for chat, _ in await outbox(lives.store, "waitlist_offer")] == [100, 101, 102]


async def test_only_what_is_held_can_be_confirmed(lives: Lives) -> None:
    for old in set(S) - {S.HELD, S.PENDING, S.CONFIRMED}:
        row = await lives.reach(old)
        lives.clock.instant = row.starts_at - HOUR
        refused = await lives.confirm(row)
        assert isinstance(refused, Refusal), old
        over = RefusalCode.HOLD_EXPIRED if old is S.EXPIRED else RefusalCode.INVALID_TRANSITION
        assert refused.code is over
        assert await get(lives.store, lives.business, row.id) == row


async def test_a_hold_is_given_back_however_near_its_time_is(lives: Lives) -> None:
    """The window is for what is booked: a card that was declined must free its time."""
    row = await lives.reach(S.HELD)
    given = await cancel(lives.store, lives.business, row)
    assert isinstance(given, Appointment)
    assert given.status is S.CANCELLED
    late = await cancel(lives.store, lives.business, await lives.reach(S.CONFIRMED))
    assert isinstance(late, Refusal)
    assert late.code is RefusalCode.CANCEL_WINDOW_PASSED


async def test_only_what_stands_can_be_answered_for(lives: Lives) -> None:
    """A reminder's [Confirm]."""
    for old in set(S) - {S.CONFIRMED}:
        row = await lives.reach(old)
        lives.clock.instant = row.starts_at - HOUR
        assert await lives.refusal_to_come(row) is RefusalCode.INVALID_TRANSITION
    row = await lives.reach(S.CONFIRMED)
    assert await lives.refusal_to_come(row, version=row.version + 1) is RefusalCode.OFFER_CHANGED
    lives.clock.instant = row.ends_at
    assert await lives.refusal_to_come(row) is RefusalCode.INVALID_TRANSITION
    assert await lives.scalar(ACKNOWLEDGED) == 0
    lives.clock.instant = row.starts_at
    assert await lives.refusal_to_come(row) is None
    assert await lives.scalar(ACKNOWLEDGED) == 1


async def test_each_command_goes_by_the_version_that_was_seen(lives: Lives) -> None:
    row, held = await lives.reach(S.CONFIRMED), await lives.reach(S.HELD)
    where, other = (lives.store, lives.business), row.version + 1
    for refused in (
        await lives.confirm(held, version=held.version + 1),
        await move(*where, row, row.starts_at + HOUR, customer_id=None, version=other),
        await cancel(*where, row, customer_id=None, version=other),
        await change(*where, row, S.CANCELLED, version=other),
        await change(*where, held, S.EXPIRED, version=held.version + 1),
    ):
        assert isinstance(refused, Refusal), refused
        assert refused.code is RefusalCode.OFFER_CHANGED
    for known in (held, row):
        assert await get(*where, known.id) == known
