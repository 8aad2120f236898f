"""Booking without a model, on a real database: what a customer taps and types."""

import dataclasses

import pytest

from assistant.guided import card_message, slot_buttons
from booking.business import Business
from booking.draft import DraftStage
from booking.refusals import Refusal, RefusalCode
from db.store import Store
from tests.conftest import MovableClock, load_example
from tests.integration.guided_support import (
    TEXTS,
    Chat,
    S,
    book,
    chat_about,
    new_chat,
    new_customer,
)


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return await new_chat(store, business)


async def test_booking_by_buttons_alone(chat: Chat) -> None:
    assert "Northside Barbers" in await chat.command("start")
    await chat.tap("Book")
    assert "Haircut · 45 min · €35.00" in chat.labels
    await chat.tap("Haircut")
    assert chat.labels == ["Anyone", "Anna", "Boris"]
    await chat.tap("Anna")
    assert "With: Anna" in chat.text
    assert chat.labels[:3] == ["Today, Sat 21 Nov", "Mon 23 Nov", "Tue 24 Nov"]  # closed on Sunday
    await chat.tap("Tue 24 Nov")
    assert "Free on Tuesday, 24 November" in chat.text
    await chat.tap("10:30")
    assert "Tuesday, 24 November, 10:30" in chat.text
    assert "Berlin, UTC+01:00" in chat.text
    assert chat.labels == ["Confirm", "Other times"]
    [held] = await chat.rows(S.HELD)
    assert await chat.tap("Confirm") == ""  # the receipt says it
    [booked] = await chat.rows(S.CONFIRMED)
    assert booked.id == held.id
    assert await chat.receipts() == ["booked"]


async def test_days_and_times_are_paged(chat: Chat) -> None:
    await chat.say("haircut with Anna")
    first = chat.labels
    await chat.tap("Later")
    assert not set(first[:6]) & set(chat.labels[:6])
    await chat.tap("Earlier")
    assert chat.labels == first
    await chat.tap("Tue 24 Nov")
    assert "18:30" not in chat.labels
    await chat.tap("Later")
    assert "18:30" in chat.labels
    await chat.tap("Another day")
    assert chat.labels == first


@pytest.mark.parametrize(
    ("language", "said", "line"),
    [
        ("en", "haircut on Tuesday at 3", "Tuesday, 24 November, 15:00"),
        ("en", "Can I book a haircut with Boris, Nov 24, 3pm please", "With: Boris"),
        ("ru", "стрижка во вторник в 15:00", "Вторник, 24 ноября, 15:00"),
        ("ru", "запишите меня на стрижку к Анне 24 ноября в 15", "Специалист: Анна"),
        ("de", "Haarschnitt am Dienstag um 15 Uhr", "Dienstag, 24. November, 15:00"),
    ],
)
async def test_one_message_with_everything_gives_the_card(
    chat: Chat, language: str, said: str, line: str
) -> None:
    chat.language = language
    assert line in await chat.say(said)
    assert (await chat.draft()).stage is DraftStage.CONFIRM_BOOKING


async def test_only_what_is_missing_is_asked_and_the_rest_is_remembered(chat: Chat) -> None:
    assert "Which service" in await chat.say("on Tuesday at 3")
    assert "Tuesday, 24 November, 15:00" in chat.text
    assert "Tuesday, 24 November, 15:00\n" in await chat.say("a haircut")
    assert chat.labels == ["Confirm", "Other times"]


async def test_typing_step_by_step(chat: Chat) -> None:
    chat.language = "ru"
    await chat.say("хочу записаться")
    await chat.say("стрижка бороды")
    assert "Какой день" in chat.text
    await chat.say("в пятницу вечером")
    assert chat.labels[0] == "16:00"
    assert "Пятница, 27 ноября, 18:30" in await chat.say("18:30")
    assert await chat.say("да!") == ""
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def test_the_8th_and_another_time_and_another_person_while_a_card_is_open(
    chat: Chat,
) -> None:
    await chat.say("haircut on the 8th at 15:00")
    assert "Tuesday, 8 December, 15:30" in await chat.say("15:30")
    assert "Tuesday, 8 December" in await chat.say("with Boris")
    await chat.say("16:00")
    assert "With: Boris" in chat.text
    assert len(await chat.rows(S.HELD)) == 1


async def test_other_times_gives_the_hold_back(chat: Chat) -> None:
    await chat.say("haircut on Tuesday at 3")
    assert "Free on Tuesday, 24 November" in await chat.tap("Other times")
    assert "10:00" in chat.labels
    assert await chat.rows(S.HELD) == []


async def test_a_typed_no_gives_the_hold_back(chat: Chat) -> None:
    await chat.say("haircut on Tuesday at 3")
    assert "nothing was changed" in await chat.say("nope")
    assert await chat.rows(S.HELD) == []
    assert "nothing to confirm" in await chat.say("yes")
    assert await chat.receipts() == []


async def test_a_taken_time_comes_with_the_nearest_as_buttons(
    store: Store, business: Business, chat: Chat
) -> None:
    other = Chat(store, business, await new_customer(store, business, 6))
    await other.say("haircut with Anna on Tuesday at 3")
    await chat.say("haircut with Anna on Tuesday at 3")
    assert "already taken" in chat.text
    assert "Tue 24 Nov, 16:00" in chat.labels
    await chat.tap("Tue 24 Nov, 16:00")
    assert "Tuesday, 24 November, 16:00" in chat.text
    assert "With: Anna" in chat.text


async def test_a_card_that_ran_out_offers_the_same_time_again(
    chat: Chat, clock: MovableClock
) -> None:
    await chat.say("haircut on Tuesday at 3")
    clock.advance(minutes=11)
    assert "no longer held" in await chat.say("yes")
    await chat.tap("Tue 24 Nov, 15:00")
    assert await chat.say("yes") == ""
    assert await chat.receipts() == ["booked"]


async def test_the_limit_leads_to_the_appointments(chat: Chat) -> None:
    for day in ("Tuesday", "Wednesday", "Thursday"):
        await book(chat, f"haircut with Anna on {day} at 3pm")
    await chat.say("haircut on Friday at 3pm")
    assert "3 upcoming appointments" in chat.text
    assert chat.labels == ["My appointments"]


async def test_a_request_says_that_it_is_one(chat: Chat) -> None:
    assert "still has to approve" in await chat.say("colouring on Tuesday at 10")
    await chat.say("yes")
    assert await chat.receipts() == ["requested"]
    assert "waiting for approval" in await chat.command("my")


async def test_a_shop_with_one_service_and_one_person_asks_only_for_the_time(
    store: Store,
) -> None:
    whole = load_example()
    chat = await chat_about(store, services=[s for s in whole.services if s.slug == "beard-trim"])
    await chat.command("book")
    assert "Which day suits you?" in chat.text


async def test_a_shop_where_nothing_is_offered_any_more_says_so(
    business: Business, chat: Chat
) -> None:
    row = await book(chat)
    gone = tuple(dataclasses.replace(service, active=False) for service in business.services)
    chat.business = dataclasses.replace(business, services=gone)
    for said in ("book", "tomorrow at 3"):
        assert "Nothing can be booked" in await chat.say(said)
    assert "Nothing can be booked" in await chat.command("services")
    for action in (f"s:{row.service_id}", f"d:{row.service_id}:0:20261124:0"):
        assert "couldn't find that service" in await chat.press(action)
    only_other = tuple(
        dataclasses.replace(service, active=service.id != row.service_id)
        for service in business.services
    )
    chat.business = dataclasses.replace(business, services=only_other)
    for action in (f"m:{row.id}:{row.version}", f"md:{row.id}:0:20261124:0"):
        assert "couldn't find that service" in await chat.press(action)


async def test_the_parts_that_a_models_turn_uses(chat: Chat) -> None:
    ctx = chat.context()
    await chat.flow.text(ctx, "haircut on Tuesday")
    listing = ctx.ledger.listings[-1]
    rows = slot_buttons(chat.business, "ru", listing, TEXTS)
    labels = [button.label for row in rows for button in row]
    assert len(labels) == 6
    assert labels[0] == "вт 24 нояб., 10:00"
    ctx = chat.context()
    await chat.flow.press(ctx, rows[0][0].action)
    assert ctx.ledger.proposal is not None
    assert card_message(ctx, TEXTS, ctx.ledger.proposal).buttons
    refused = chat.context()
    await chat.flow.text(refused, "haircut on Sunday at 3")
    assert [r.code for r in refused.ledger.refusals] == [RefusalCode.OUTSIDE_HOURS]
    assert isinstance(refused.ledger.refusals[0], Refusal)


@pytest.mark.parametrize(
    ("language", "said", "service", "when"),
    [
        (
            "en",
            "I would like to come in next week sometime, evening would be best",
            "haircut",
            "Mon 23 – Sun 29 November, in the evening",
        ),
        ("en", "next week after 5", "haircut", "Mon 23 – Sun 29 November, from 17:00 on"),
        (
            "ru",
            "хочу прийти как-нибудь на следующей неделе, лучше вечером",
            "стрижка",
            "Пн 23 – вс 29 ноября, вечером",
        ),
        (
            "de",
            "Ich möchte nächste Woche irgendwann vorbeikommen, abends wäre am besten",
            "Haarschnitt",
            "Mo 23. – So 29. November, abends",
        ),
        (
            "es",
            "quisiera ir la semana que viene, mejor por la tarde",
            "corte de pelo",
            "Lun 23 – dom 29 de noviembre, por la tarde",
        ),
    ],
)
async def test_a_range_and_a_part_of_the_day_are_kept_and_shown_back(
    chat: Chat, language: str, said: str, service: str, when: str
) -> None:
    chat.language = language
    first = await chat.say(said)
    assert first.startswith(f"{when}\n")
    assert when in await chat.say(service)
    hours = {int(label[-5:-3]) for label in chat.labels[:-1]}
    assert min(hours) >= (12 if language == "es" else 16)
    days = {label.split(",")[0] for label in chat.labels[:-1]}
    assert len(days) > 3


async def test_a_day_said_later_keeps_the_part_of_the_day(chat: Chat) -> None:
    await chat.say("haircut next week in the evening")
    assert "Free on Wednesday, 25 November" in await chat.say("wednesday")
    assert chat.labels[0] == "16:00"
    await chat.tap("Other times")
    assert chat.labels[0] == "10:00"


async def test_what_does_not_fit_is_said_with_what_there_is(chat: Chat) -> None:
    told = await chat.say("haircut on Saturday evening after 7")
    assert "Nothing is free then (Saturday, 21 November, from 19:00 on)" in told
    assert "11:00" in chat.labels
    await chat.command("start")
    told = await chat.say("haircut next week before 8 in the morning")
    assert told.startswith("Nothing is free then (Mon 23 – Sun 29 November, before 08:00)")
    assert "Mon 23 Nov" in chat.labels[0]


async def test_monday_or_tuesday_evening_keeps_the_evening(chat: Chat) -> None:
    await chat.say("haircut on Monday or Tuesday in the evening")
    await chat.tap("Tue 24 Nov")
    assert chat.labels[0] == "16:00"


async def test_anybody_but_one(chat: Chat) -> None:
    assert "With: Boris" in await chat.say("haircut with anybody but Anna on Tuesday")
    assert "With: Anna" in await chat.say("not with Boris")


async def test_earlier_and_later_look_around_the_card(chat: Chat) -> None:
    await chat.say("haircut on Tuesday at 15:00")
    await chat.say("earlier")
    assert chat.labels[-3:] == ["14:30", "Other times", "Another day"]
    await chat.say("haircut on Tuesday at 15:00")
    await chat.say("a bit later please")
    assert chat.labels[0] == "15:30"
