"""What chooses by its place from what is shown, and what only looks like it."""

import pytest

from assistant.guided.actions import Press, Verb
from assistant.messages import Button, Outgoing
from booking.business import Business
from db.store import Store
from tests.integration.guided_support import Chat, S, book, new_chat


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return await new_chat(store, business)


@pytest.mark.parametrize(
    ("language", "choice", "card"),
    [
        ("en", "the second one", "Wednesday, 25 November, 10:30"),
        ("en", "option 3 please", "Wednesday, 25 November, 11:00"),
        ("en", "I want the last one please", "Wednesday, 25 November, 14:30"),
        ("ru", "давайте вторую", "Среда, 25 ноября, 10:30"),
        ("de", "die zweite bitte", "Mittwoch, 25. November, 10:30"),
        ("es", "la primera", "Miércoles, 25 de noviembre, 10:00"),
    ],
)
async def test_a_time_by_its_place_is_proposed(
    chat: Chat, language: str, choice: str, card: str
) -> None:
    chat.language = language
    await chat.say("haircut on Wednesday")
    assert card in await chat.say(choice)
    assert await chat.rows(S.CONFIRMED) == []


@pytest.mark.parametrize(
    "said", ["the second one is too early", "not the second one", "I do not want the first one"]
)
async def test_what_names_a_place_and_chooses_nothing_holds_nothing(chat: Chat, said: str) -> None:
    await chat.say("haircut on Wednesday")
    await chat.say(said)
    assert await chat.rows(S.HELD) == []


async def test_more_than_was_shown_chooses_nothing(chat: Chat) -> None:
    await chat.say("haircut on Wednesday at 10:30 or 11:30")
    assert chat.labels == ["10:30", "11:30"]
    await chat.say("the third one")
    assert await chat.rows(S.HELD) == []


async def test_a_day_offered_by_its_place_is_that_day(chat: Chat) -> None:
    chat.language = "de"
    await chat.say("Haarschnitt am Dienstag 25. November")
    assert chat.labels == ["Di 24. Nov.", "Mi 25. Nov.", "Di 1. Dez."]
    assert "Mittwoch, 25. November" in await chat.say("die zweite")


async def test_a_day_of_the_month_is_no_place_in_the_list_of_days(chat: Chat) -> None:
    await chat.say("haircut with Anna")
    assert chat.labels[1] == "Mon 23 Nov"
    assert "Wednesday, 2 December" in await chat.say("the second")


async def test_an_appointment_to_be_cancelled_is_asked_about_first(chat: Chat) -> None:
    await book(chat)
    await book(chat, "beard trim on Wednesday at 4pm")
    await chat.say("cancel")
    assert "Beard trim" in await chat.say("the second one")
    assert chat.labels[0] == "Yes, cancel it"
    assert len(await chat.rows(S.CONFIRMED)) == 2


async def test_a_place_in_nothing_shown_is_not_understood(chat: Chat) -> None:
    assert "not sure I follow" in await chat.say("the second one")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("hello", "haircut Tuesday before 11 or after 4"),
        ("haircut", "Tuesday before 11 or after 4"),
    ],
)
async def test_a_day_with_two_spans_of_time_stays_that_day(
    chat: Chat, before: str, said: str
) -> None:
    await chat.say(before)
    assert "Tuesday, 24 November" in await chat.say(said)


async def test_a_day_that_the_calendar_lacks_leaves_no_other_day_behind(chat: Chat) -> None:
    await chat.say("haircut on Wednesday")
    assert "no such day as “31 February”" in await chat.say("31 February")
    assert "Which day suits you?" in chat.text


async def test_a_button_that_writes_is_only_pressed(chat: Chat) -> None:
    rows = tuple(
        (Button(label="✕", action=Press(Verb.UNWAIT, entry=entry).encode()),) for entry in (1, 2)
    )
    await chat.sent([Outgoing(text="Waiting for a free time", buttons=rows)])
    assert "not sure I follow" in await chat.say("the second one")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "sorry, that doesn't work for me"),
        ("ru", "неудобно"),
        ("de", "das passt mir leider nicht"),
        ("es", "no me viene bien"),
    ],
)
async def test_a_time_that_does_not_suit_is_given_back_and_others_shown(
    chat: Chat, language: str, said: str
) -> None:
    chat.language = language
    await chat.say("haircut on Wednesday at 11")
    await chat.say(said)
    assert await chat.rows(S.HELD) == []
    assert "11:00" in chat.labels
