"""Several people in one booking: read from the text, listed, held, shown, and kept on a move."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from booking.business import Business, ConfirmationMode
from booking.draft import DraftStage
from booking.refusals import Refusal, RefusalCode
from db.errors import DatabaseError
from db.store import Store, UnitOfWork
from tests.conftest import apply_file, context_for, load_example
from tests.integration.guided_support import Chat, S, book, chat_about, new_customer
from tools.support.contract import ArgumentProblem, Outcome, Proposed, render
from tools.support.registry import discover

SEATS = 8  # of the class on Tuesday and Thursday evening


@pytest.fixture
async def studio(store: Store) -> Business:
    """The yoga studio, with a card before each booking."""
    file = load_example("yoga")
    policy = file.policy.model_copy(update={"confirmation": ConfirmationMode.CARD})
    return await apply_file(store, file.model_copy(update={"policy": policy}))


@pytest.fixture
async def chat(store: Store, studio: Business) -> Chat:
    return Chat(store, studio, await new_customer(store, studio))


async def taken(store: Store, studio: Business, seats: int) -> None:
    """Let somebody else book places of Tuesday's class."""
    other = await context_for(store, studio, telegram_id=77)
    booked = await use(other, "create_appointment", when="Tue 2026-11-24 19:30", seats=seats)
    assert isinstance(booked, Proposed), booked


async def use(ctx: Any, tool: str, **arguments: Any) -> Outcome:
    entry = discover()[tool]
    args = entry.parse(json.dumps({"service": "slow-evening", **arguments}))
    if isinstance(args, ArgumentProblem):
        return args
    ctx.position += 1
    return await entry.run(ctx, args)


@pytest.mark.parametrize(
    ("language", "said", "card"),
    [
        ("en", "slow evening for three people on Tuesday at 19:30", "Places: 3"),
        ("ru", "slow evening во вторник в 19:30, нас трое", "Мест: 3"),
        ("de", "slow evening am Dienstag um 19:30 für drei Personen", "Plätze: 3"),
        ("es", "slow evening el martes a las 19:30, somos tres", "Plazas: 3"),
    ],
)
async def test_the_number_of_people_is_read_and_shown(
    chat: Chat, language: str, said: str, card: str
) -> None:
    chat.language = language
    assert card in await chat.say(said)
    assert (await chat.draft()).stage is DraftStage.CONFIRM_BOOKING
    assert await chat.tap(chat.labels[0]) == ""
    [row] = await chat.rows(S.CONFIRMED)
    assert row.seats == 3


async def test_the_flow_asks_for_how_many_and_keeps_what_was_said(chat: Chat) -> None:
    assert "How many people" in await chat.say("slow evening on Tuesday at 19:30")
    assert chat.labels[:6] == ["1", "2", "3", "4", "5", "6"]
    assert "Places: 2" in await chat.tap("2")
    assert "24 November" in chat.text
    # "No, for four" changes the number, not the time.
    assert "Places: 4" in await chat.say("no, for four people please")
    assert "24 November" in chat.text
    assert len(await chat.rows(S.HELD)) == 1


async def test_a_typed_number_answers_the_question_and_one_names_no_places(chat: Chat) -> None:
    await chat.say("slow evening on Thursday")
    assert "Thursday, 26 November" in await chat.say("just me")
    assert "Places" not in await chat.tap("19:30")
    await chat.command("start")
    assert "How many people" in await chat.say("slow evening")
    assert "not sure" in await chat.say("purple rain")
    assert "Which day" in await chat.say("seven")


async def test_more_than_there_is_and_a_service_for_one(chat: Chat) -> None:
    assert f"at most {SEATS} places" in await chat.say("slow evening for nine people")
    assert "How many people" in chat.text
    assert "one person at a time" in await chat.say("private lesson for two people")


async def test_only_times_with_that_many_places_are_listed_by_buttons(
    chat: Chat, store: Store, studio: Business
) -> None:
    await taken(store, studio, SEATS - 2)
    await chat.say("slow evening for three people")
    assert not any("24" in label for label in chat.labels)
    # The number stays with the buttons of an older list, whatever was chosen since.
    thursday = chat.button("26").action
    await chat.say("slow evening for two people")
    assert any("24" in label for label in chat.labels)
    assert "Places: 3" in await chat.press(thursday)
    # So do the days' buttons, and what is typed after them counts for as many.
    [evening] = [x for x in chat.business.services if x.slug == "slow-evening"]
    await chat.press(f"p:{evening.id}:0:20261124:3")
    assert "Places: 3" in await chat.say("Thursday at 19:30")


async def test_the_tools_count_places_too(store: Store, studio: Business) -> None:
    await taken(store, studio, SEATS - 2)
    ctx = await context_for(store, studio)
    for_two = render(await use(ctx, "get_available_slots", when="2026-11-24", seats=2))
    for_three = render(await use(ctx, "get_available_slots", when="2026-11-24", seats=3))
    assert "19:30" in for_two
    assert "19:30" not in for_three
    refused = await use(ctx, "create_appointment", when="Tue 2026-11-24 19:30", seats=3)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.CAPACITY_EXCEEDED
    # What is offered instead has room for all three.
    assert all((offer.places or 0) >= 3 for offer in refused.alternatives)
    assert ctx.ledger.aim is not None
    assert ctx.ledger.aim.seats == 3
    held = await use(ctx, "create_appointment", when="Tue 2026-11-24 19:30", seats=2)
    assert isinstance(held, Proposed)
    assert held.appointment.seats == 2


@pytest.mark.parametrize("seats", [0, -1])
async def test_no_people_is_an_argument_error(store: Store, studio: Business, seats: int) -> None:
    ctx = await context_for(store, studio)
    for tool in ("get_available_slots", "create_appointment"):
        outcome = await use(ctx, tool, when="Tue 2026-11-24 19:30", seats=seats)
        assert isinstance(outcome, ArgumentProblem)
        assert "seats: must be 1 or more" in outcome.error


async def test_a_move_keeps_its_places(chat: Chat, store: Store, studio: Business) -> None:
    await book(chat, "slow evening for three people on Thursday at 19:30")
    await taken(store, studio, SEATS - 2)
    await chat.say("move my appointment")
    assert not any("24" in label for label in chat.labels)
    await chat.say("Tuesday at 19:30")
    assert "enough places" in chat.text
    # The model's tool lists no time for a move that hasn't room for all three either.
    ctx = chat.context()
    entry = discover()["reschedule_appointment"]
    [row] = await chat.rows(S.CONFIRMED)
    args = entry.parse(json.dumps({"appointment": row.id, "when": "Tuesday 24 November"}))
    assert not isinstance(args, ArgumentProblem)
    assert "19:30" not in render(await entry.run(ctx, args))


async def test_a_shop_without_places_is_never_asked(store: Store) -> None:
    chat = await chat_about(store)
    await chat.say("haircut on Tuesday at 3pm")
    assert (await chat.draft()).stage is DraftStage.CONFIRM_BOOKING
    await chat.command("start")
    assert "one person at a time" in await chat.say("haircut for two people on Tuesday at 3pm")


async def test_only_the_capacity_is_told_as_the_capacity(store: Store, studio: Business) -> None:
    """Whatever else the database refuses where places are counted is an error."""

    async def book_for_nobody(uow: UnitOfWork) -> object:
        start = dt.datetime(2026, 11, 25, 0, 30, tzinfo=dt.UTC)  # Tuesday 19:30 in New York
        return await uow.appointments.create_appointment(
            404, starts_at=start, service="slow-evening"
        )

    with pytest.raises(DatabaseError, match="23503"):
        await store.run(studio, book_for_nobody)
