"""The waiting list as a customer meets it: the tool, the offer in the chat, and its two buttons."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from assistant.channel import Delivery, Sent
from assistant.delivery import Sender
from assistant.guided import GuidedFlow
from assistant.guided.actions import Press, Verb
from assistant.housekeeping import Housekeeper
from assistant.messages import Outgoing
from assistant.turn.backing import backing_of
from assistant.turn.grounding import problems
from booking.appointment import Appointment
from booking.business import Business
from booking.status import AppointmentStatus
from booking.waitlist import WaitlistState
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.store import Store
from tests.conftest import MovableClock
from tests.founding import founded
from tests.integration.life_support import (
    TEN,
    booked,
    cancel,
    entry,
    outbox,
    person,
    shop,
)
from tests.integration.test_tools import read, use
from tests.shipped import shipped
from tools.support.context import ToolContext
from tools.support.waitlist import Joined

ROOT = Path(__file__).resolve().parents[2]
TEXTS = shipped().texts
S, W = AppointmentStatus, WaitlistState
TUESDAY_AT_TEN = "Tuesday 2026-11-24 10:00"


@pytest.fixture
async def business(store: Store) -> Business:
    return await founded(store, shop())


@pytest.fixture
async def first(store: Store, business: Business) -> Appointment:
    return await booked(store, business, await person(store, business, 1))


class Phone:
    """A channel that keeps what was sent, by chat."""

    name = "telegram:1"
    pace = None

    def __init__(self) -> None:
        self.sent: list[tuple[int, Outgoing]] = []

    async def dispatch(self, *_: object) -> bool:
        return False

    async def typing(self, chat_id: int) -> None:
        return None

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        self.sent.append((chat_id, outgoing))
        return Sent()

    def to(self, chat_id: int) -> list[Outgoing]:
        return [outgoing for chat, outgoing in self.sent if chat == chat_id]


async def context(
    store: Store, business: Business, number: int, message: int = 1, language: str = "en"
) -> ToolContext:
    who = await person(store, business, number)
    customer = await store.run(business, lambda uow: uow.customers.get_customer_by_id(who))
    assert isinstance(customer, Customer)
    to = ReplyTo("telegram:1", number, language)
    return ToolContext(store, business, customer, language, to, f"{number}:{message}", position=1)


async def deliver(store: Store) -> Phone:
    phone = Phone()
    await Sender(store, {phone.name: phone}, TEXTS).send_due(phone.name)
    return phone


async def press(
    store: Store, business: Business, number: int, action: str, message: int = 5
) -> list[Outgoing]:
    ctx = await context(store, business, number, message)
    return await GuidedFlow(TEXTS).press(ctx, action)


async def offered(store: Store, business: Business, first: Appointment) -> tuple[str, str]:
    """Let customer 2 wait and be offered the time; return the actions of the two buttons."""
    ctx = await context(store, business, 2)
    outcome = await use(ctx, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    assert isinstance(outcome, Joined), outcome
    await cancel(store, business, first)
    (message,) = (await deliver(store)).to(2)
    yes, no = message.buttons[0]
    assert (yes.label, no.label) == ("Confirm", "No, thanks")
    return yes.action, no.action


async def held(store: Store, business: Business, number: int) -> Appointment:
    who = await person(store, business, number)
    found = await entry(store, business, who)
    assert found.offered_appointment_id is not None
    row_id = found.offered_appointment_id
    row = await store.run(business, lambda uow: uow.appointments.get_appointment_by_id(row_id))
    assert row is not None
    return row


# --- the tool


async def test_the_model_puts_the_customer_in_line(
    store: Store, business: Business, first: Appointment
) -> None:
    ctx = await context(store, business, 2)
    outcome = await use(ctx, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    assert read(outcome) == {
        "state": "waiting",
        "service": "haircut",
        "days": "Tue 2026-11-24",
        "next": "Tell the customer they are on the list and will be sent an offer if a time gets"
        " free.",
    }
    found = await entry(store, business, ctx.customer.id)
    assert (found.time_from, found.time_to) == (dt.time(10), dt.time(10, 1))
    assert (found.date_from, found.date_to, found.seats) == (TEN.date(), TEN.date(), 1)
    # The text beside it may say so.
    assert problems("You're on the waiting list for Tuesday.", backing_of(ctx, "")) == []


async def test_the_model_is_told_what_is_free_already(
    store: Store, business: Business, first: Appointment
) -> None:
    ctx = await context(store, business, 2)
    outcome = await use(ctx, "join_waiting_list", service="haircut", when="tuesday morning")
    told: dict[str, Any] = read(outcome)
    assert told["state"] == "free_now"
    assert told["free"] == [{"day": "Tue 2026-11-24", "morning": "11:00 11:30"}]
    # What was listed may be offered in words.
    assert [o.starts_at.hour for o in ctx.ledger.listings[-1].offers] == [10, 10]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"service": "piercing", "when": "tuesday"}, {"refused": "not_found", "what": "service"}),
        ({"service": "haircut", "when": "blah"}, {"error": "when: no date or time found"}),
        ({"service": "haircut", "when": "tuesday", "staff": "zoe"}, {"what": "staff"}),
        ({"service": "haircut", "when": "tuesday", "seats": 0}, {"error": "seats: must be 1"}),
        ({"service": "haircut", "when": "2026-11-02"}, {"refused": "past"}),
    ],
)
async def test_what_the_model_gets_wrong_is_told(
    store: Store, business: Business, arguments: dict[str, Any], said: dict[str, str]
) -> None:
    ctx = await context(store, business, 2)
    told = read(await use(ctx, "join_waiting_list", **arguments))
    for key, start in said.items():
        assert str(told[key]).startswith(start), told


async def test_places_left_are_told_to_the_model(store: Store, business: Business) -> None:
    await booked(store, business, await person(store, business, 1), service="yoga", seats=3)
    ctx = await context(store, business, 2)
    told = read(await use(ctx, "get_available_slots", service="yoga", when=TUESDAY_AT_TEN))
    assert told["days"][0]["morning"].startswith("10:00(2 left)")


# --- the offer


async def test_the_offer_says_what_when_and_until(
    store: Store, business: Business, first: Appointment
) -> None:
    ctx = await context(store, business, 2)
    await use(ctx, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    await cancel(store, business, first)
    phone = await deliver(store)
    (message,) = phone.to(2)
    lines = message.text.splitlines()
    assert lines[0] == "🔔 A time you were waiting for has become free:"
    assert "Haircut (45 min)" in lines[1]
    assert "Tuesday" in lines[2]
    assert "10:00" in lines[2]
    assert lines[-1].startswith("I'm holding this time for you until 10:30")
    row = await held(store, business, 2)
    assert [b.action for b in message.buttons[0]] == [
        Press(Verb.TAKE, appointment=row.id, version=1).encode(),
        Press(Verb.PASS, appointment=row.id, version=1).encode(),
    ]


async def test_an_offer_that_is_over_is_not_sent(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    ctx = await context(store, business, 2)
    await use(ctx, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    await cancel(store, business, first)
    clock.advance(minutes=30)
    assert (await deliver(store)).to(2) == []


async def test_confirming_books_and_a_second_tap_changes_nothing(
    store: Store, business: Business, first: Appointment
) -> None:
    yes, no = await offered(store, business, first)
    assert await press(store, business, 2, yes) == []
    row = await held(store, business, 2)
    assert (row.status, row.version) == (S.CONFIRMED, 2)
    assert (await entry(store, business, row.customer_id)).state is W.TAKEN
    assert await outbox(store, "receipt") == [(2, "booked")]
    for action in (yes, no):
        (answer,) = await press(store, business, 2, action, message=6)
        assert answer.text.startswith("That button is out of date.")
    assert (await held(store, business, 2)) == row
    assert await outbox(store, "receipt") == [(2, "booked")]


async def test_no_thanks_gives_the_time_to_the_next(
    store: Store, business: Business, first: Appointment, clock: MovableClock
) -> None:
    third = await context(store, business, 3)
    yes, no = await offered(store, business, first)
    # Behind the second customer, whose offer keeps the time for now.
    await use(third, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    (answer,) = await press(store, business, 2, no)
    assert answer.text.startswith("All right, the time goes to the next in line.")
    two = await person(store, business, 2)
    assert (await entry(store, business, two)).state is W.CANCELLED
    assert (await entry(store, business, third.customer.id)).state is W.OFFERED
    assert len((await deliver(store)).to(3)) == 1
    (late,) = await press(store, business, 2, yes, message=6)
    assert late.text.startswith("That button is out of date.")


async def test_nobody_else_can_answer_an_offer(
    store: Store, business: Business, first: Appointment
) -> None:
    yes, no = await offered(store, business, first)
    for action in (yes, no):
        (answer,) = await press(store, business, 9, action)
        assert answer.text == TEXTS.say("refusal_not_found_appointment", "en")
    assert (await held(store, business, 2)).status is S.HELD
    # Nor do they hear that it was answered: a stranger's row looks like none in any state.
    await press(store, business, 2, yes)
    for action in (yes, no):
        (answer,) = await press(store, business, 9, action)
        assert answer.text == TEXTS.say("refusal_not_found_appointment", "en")


async def test_another_version_of_the_row_is_not_confirmed(
    store: Store, business: Business, first: Appointment
) -> None:
    await offered(store, business, first)
    row = await held(store, business, 2)
    forged = Press(Verb.TAKE, appointment=row.id, version=7).encode()
    (answer,) = await press(store, business, 2, forged)
    assert answer.text.startswith("That button is out of date.")
    assert (await held(store, business, 2)).status is S.HELD


@pytest.mark.parametrize("closed", [True, False])
async def test_a_tap_after_the_time_shows_what_else_is_free(
    store: Store, business: Business, first: Appointment, clock: MovableClock, closed: bool
) -> None:
    """Whether or not a job has closed the hold by then."""
    yes, _ = await offered(store, business, first)
    clock.advance(minutes=30)
    if closed:
        assert await Housekeeper(store, [business.id]).work() == 1
    (answer,) = await press(store, business, 2, yes)
    assert answer.text.startswith("The time is no longer held for you")
    assert any(Verb.TIME.value == b.action.split(":")[0] for row in answer.buttons for b in row)


async def test_a_press_handled_again_after_a_crash_is_answered_from_the_journal(
    store: Store, business: Business, first: Appointment
) -> None:
    yes, _ = await offered(store, business, first)
    ctx = await context(store, business, 2, 5)
    turn = await store.run(
        business,
        lambda uow: uow.conversations.open_turn(
            ctx.customer.id, channel="telegram:1", chat_id=2, update_ids=[5], kind="press"
        ),
    )
    ctx.turn_id = turn.id
    assert await GuidedFlow(TEXTS).press(ctx, yes) == []
    again = await context(store, business, 2, 5)
    again.turn_id = turn.id
    reopened = await store.run(
        business,
        lambda uow: uow.conversations.open_turn(
            ctx.customer.id, channel="telegram:1", chat_id=2, update_ids=[5], kind="press"
        ),
    )
    again.recorded = {step.position: step.payload for step in reopened.steps}
    assert await GuidedFlow(TEXTS).press(again, yes) == []
    assert await outbox(store, "receipt") == [(2, "booked")]


@pytest.mark.parametrize("language", ["en", "ru", "de", "es"])
async def test_the_offer_speaks_the_customers_language(
    store: Store, business: Business, first: Appointment, language: str
) -> None:
    who = await person(store, business, 2)
    await store.run(business, lambda uow: uow.customers.update_customer(who, language=language))
    ctx = await context(store, business, 2, language=language)
    await use(ctx, "join_waiting_list", service="haircut", when=TUESDAY_AT_TEN)
    await cancel(store, business, first)
    (message,) = (await deliver(store)).to(2)
    assert message.text.startswith(TEXTS.say("waitlist_offer", language))
    assert message.buttons[0][1].label == TEXTS.say("button_no_thanks", language)


async def test_what_needs_approval_says_so_and_becomes_a_request(
    store: Store, business: Business
) -> None:
    first = await booked(store, business, await person(store, business, 1), service="colouring")
    ctx = await context(store, business, 2)
    await use(ctx, "join_waiting_list", service="colouring", when=TUESDAY_AT_TEN)
    await cancel(store, business, first)
    (message,) = (await deliver(store)).to(2)
    assert message.text.splitlines()[-1].startswith("Once you confirm, Northside Barbers")
    await press(store, business, 2, message.buttons[0][0].action)
    assert (await held(store, business, 2)).status is S.PENDING
    assert (2, "requested") in await outbox(store, "receipt")


# --- the housekeeper


async def test_the_housekeeper_closes_all_batches_and_wakes_the_sender(
    store: Store, business: Business, clock: MovableClock
) -> None:
    for n in range(22):
        start = TEN + dt.timedelta(days=n // 5)
        if start.weekday() == 6:
            start += dt.timedelta(days=2)  # closed on Sundays
        who = await person(store, business, n + 1)
        await booked(store, business, who, start, service="yoga", hold=True)
    clock.advance(minutes=10)
    woken: list[None] = []
    keeper = Housekeeper(store, [business.id], lambda: woken.append(None))
    assert await keeper.work() == 22
    assert len(woken) == 2
    assert await keeper.work() == 0
    assert len(woken) == 2
