"""Typed words without a model: every text gets a clear answer and a way on."""

import datetime as dt

import pytest

from booking.business import Business, DayInterval
from booking.draft import DraftStage
from db.store import Store
from tests.conftest import MovableClock
from tests.integration.guided_support import (
    Chat,
    S,
    chat_about,
    new_chat,
)


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return await new_chat(store, business)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("25:99", "couldn't make out the date"),
        ("31 February", "no such day as “31 February”"),
        ("yesterday", "already passed"),
        ("massage tomorrow at 3", "couldn't find that service"),
        ("I want a massage", "couldn't find that service"),
        ("x" * 10_000, "too long"),
        ("😀🎉", "in words"),
        ("???", "not sure I follow"),
        ("", "not sure I follow"),
        ("asdfgh", "only good at appointments"),
        ("thanks!", "welcome"),
        ("haircut on 1 June 2028", "Wednesday, 20 January 2027"),
        ("haircut on Sunday", "no free times on Sunday, 22 November"),
        ("haircut on Sunday at 3", "outside our opening hours"),
        ("haircut on Tuesday 2 December", "that date is Wednesday, 2 December"),
        ("haircut on Monday or Tuesday", "Mon 23 Nov or Tue 24 Nov"),
        ("haircut with Maria on Tuesday", "couldn't find that staff member"),
        ("beard trim with Anna on Tuesday", "couldn't find that staff member"),
        ("beard", "Which service"),
        ("how much is a haircut", "€35.00"),
        ("what can you do", "Here is what I can do"),
    ],
)
async def test_every_text_gets_a_clear_answer_and_a_way_on(
    chat: Chat, said: str, answer: str
) -> None:
    assert answer in await chat.say(said)
    assert chat.buttons


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("25:99", "Не получилось разобрать дату"),
        ("вчера", "уже прошло"),
        ("массаж завтра в 15", "Такой услуги не нашлось"),
        ("кракозябра", "Не совсем вас понимаю"),
        ("спасибо", "Пожалуйста"),
        ("стрижка в воскресенье", "Нет свободного времени"),
    ],
)
async def test_the_same_in_russian(chat: Chat, said: str, answer: str) -> None:
    chat.language = "ru"
    assert answer in await chat.say(said)
    assert chat.buttons


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("haircut el próximo martes a las tres y media", "martes, 24 de noviembre, 15:30"),
        ("haircut pasado mañana a las 5 de la tarde", "lunes, 23 de noviembre, 17:00"),
        ("haircut el 8 a las diez y media de la mañana", "martes, 8 de diciembre, 10:30"),
    ],
)
async def test_spanish_dates_lead_to_the_card(chat: Chat, said: str, card: str) -> None:
    chat.language = "es"
    assert card in (await chat.say(said)).lower()
    assert (await chat.draft()).stage is DraftStage.CONFIRM_BOOKING


async def test_the_example_of_a_date_is_itself_understood(chat: Chat) -> None:
    for language, quotes in (("en", "“”"), ("ru", "«»"), ("de", "„“"), ("es", "«»")):
        chat.language = language
        answer = await chat.say("25:99")
        example = answer.split(quotes[0])[1].split(quotes[1])[0]
        await chat.say("haircut")
        assert "15:00" in await chat.say(example)
        assert (await chat.draft()).stage is DraftStage.CONFIRM_BOOKING
        await chat.command("start")


async def test_which_of_two_days_is_asked_with_buttons_that_keep_the_time(chat: Chat) -> None:
    await chat.say("haircut on Monday or Tuesday at 5pm")
    await chat.tap("Tue 24 Nov, 17:00")
    assert "Tuesday, 24 November, 17:00" in chat.text
    assert chat.labels == ["Confirm", "Other times"]


async def test_a_time_without_a_day_and_the_soonest(chat: Chat) -> None:
    await chat.say("haircut at 15:30")
    assert all(label.endswith("15:30") for label in chat.labels[:-1])
    await chat.say("haircut as soon as possible")
    assert chat.labels[0] == "Sat 21 Nov, 11:00"


async def test_a_wall_time_that_comes_twice_is_asked(store: Store, clock: MovableClock) -> None:
    clock.instant = dt.datetime(2026, 10, 20, 8, tzinfo=dt.UTC)
    night = (DayInterval(0, 6 * 60),)  # the clocks go back at three in the morning
    chat = await chat_about(store, exceptions={dt.date(2026, 10, 25): night})
    assert "comes twice" in await chat.say("beard trim with Boris on 25 October at 02:30")
    await chat.tap("UTC+01:00")
    assert "Sunday, 25 October, 02:30 (UTC+01:00)" in chat.text
    assert await chat.tap("Confirm") == ""
    [row] = await chat.rows(S.CONFIRMED)
    assert row.starts_at == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)


async def test_commands_nobody_knows_are_answered_with_help(chat: Chat) -> None:
    assert "Here is what I can do" in await chat.command("frobnicate", "x")
    assert "Free on Tuesday" in await chat.command("book", "haircut on Tuesday")
    assert "€35.00" in await chat.command("services")
    assert "only read text" in chat.flow.other(chat.context())[0].text


async def test_it_is_said_once_that_the_model_is_away(chat: Chat) -> None:
    [message] = await chat.flow.text(chat.context(), "haircut on Tuesday", model_away=True)
    assert message.text.startswith("I can't chat freely right now, but the buttons work.\n\n")
    assert message.text.count("chat freely") == 1


async def test_a_bare_yes_without_a_card_is_left_to_the_model(chat: Chat) -> None:
    assert await chat.flow.answer_to_card(chat.context(), "yes") is None
    await chat.say("haircut on Tuesday at 3")
    assert await chat.flow.answer_to_card(chat.context(), "yes, but with Boris") is None
    assert await chat.flow.answer_to_card(chat.context(), "да 👍") == []


async def test_who_asks_for_every_friday_reads_that_one_visit_is_booked(chat: Chat) -> None:
    said = await chat.say("a haircut every Friday at 10")
    assert said.startswith("I book one visit at a time")
    assert "Friday, 27 November, 10:00" in said
