"""The conversation without a model, on a real database: what a customer taps and types."""

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from assistant.guided import GuidedFlow, card_message, slot_buttons
from assistant.messages import Button, Outgoing
from assistant.texts import Texts
from booking.appointment import Appointment
from booking.business import Business, ConfirmationMode, DayInterval
from booking.draft import Draft, DraftStage
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.errors import DatabaseUnavailableError
from db.repositories.customers import Customer
from db.repositories.outbox import ReplyTo
from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tools.support.context import ToolContext

TEXTS = Texts.load(Path(__file__).resolve().parents[2] / "prompts" / "phrases")
S = AppointmentStatus


class Chat:
    """One customer's chat with the guided flow."""

    def __init__(
        self, store: Store, business: Business, customer: Customer, language: str = "en"
    ) -> None:
        self.store, self.business, self.customer = store, business, customer
        self.language = language
        self.flow = GuidedFlow(TEXTS)
        self.last: list[Outgoing] = []
        self._messages = 0

    def context(self) -> ToolContext:
        self._messages += 1
        assert self.customer.telegram_id is not None
        to = ReplyTo("terminal", self.customer.telegram_id, self.language)
        key = f"{self.customer.id}:{self._messages}"
        return ToolContext(
            self.store, self.business, self.customer, self.language, to, key, position=1
        )

    async def say(self, text: str) -> str:
        ctx = self.context()
        answer = await self.flow.answer_to_card(ctx, text)
        self.last = answer if answer is not None else await self.flow.text(ctx, text)
        return self.text

    async def command(self, command: str, argument: str = "") -> str:
        self.last = await self.flow.command(self.context(), command, argument)
        return self.text

    async def press(self, action: str) -> str:
        self.last = await self.flow.press(self.context(), action)
        return self.text

    async def tap(self, label: str) -> str:
        """Press the first button whose label holds `label`."""
        return await self.press(self.button(label).action)

    def button(self, label: str) -> Button:
        return next(button for button in self.buttons if label in button.label)

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.last)

    @property
    def buttons(self) -> list[Button]:
        return [button for m in self.last for row in m.buttons for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    async def rows(self, status: AppointmentStatus) -> list[Appointment]:
        return await self.store.run(
            self.business,
            lambda uow: uow.appointments.get_customer_appointments(self.customer.id, status),
        )

    async def draft(self) -> Draft:
        return await self.store.run(
            self.business, lambda uow: uow.conversations.get_draft(self.customer.id)
        )

    async def receipts(self) -> list[str]:
        return [payload["change"] for payload in await outbox(self.store, "receipt")]


async def outbox(store: Store, kind: str) -> list[dict[str, Any]]:
    async with store.worker() as session:
        rows = await session.execute(
            sql("SELECT payload, chat_id FROM outbox WHERE kind = :kind ORDER BY id"),
            {"kind": kind},
        )
        return [{**row.payload, "chat_id": row.chat_id} for row in rows]


async def new_customer(store: Store, business: Business, telegram_id: int = 5) -> Customer:
    return await store.run(
        business,
        lambda uow: uow.customers.create_customer(
            telegram_id,
            first_name="Olga",
            language="en",
            channel="terminal",
            chat_id=telegram_id,
        ),
    )


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return Chat(store, business, await new_customer(store, business))


async def chat_about(store: Store, language: str = "en", **changes: object) -> Chat:
    """A chat with the example shop with some fields of its file changed."""
    business = await apply_file(store, load_example().model_copy(update=changes))
    return Chat(store, business, await new_customer(store, business), language)


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


@pytest.mark.parametrize("word", ["cancel", "отмена"])
async def test_cancel_under_a_card_means_the_card(chat: Chat, word: str) -> None:
    await book(chat)
    await chat.say("haircut on Friday at 3")
    assert "nothing was changed" in await chat.say(word)
    assert await chat.rows(S.HELD) == []
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def book(chat: Chat, said: str = "haircut on Tuesday at 3pm") -> Appointment:
    """Book something, and return it."""
    known = {row.id for row in await chat.rows(S.CONFIRMED)}
    language, chat.language = chat.language, "en"
    await chat.say(said)
    await chat.say("yes")
    chat.language = language
    return next(row for row in await chat.rows(S.CONFIRMED) if row.id not in known)


async def test_moving_by_buttons(chat: Chat) -> None:
    row = await book(chat)
    assert "Tuesday, 24 November, 15:00: Haircut" in await chat.command("my")
    await chat.tap("Move")
    assert "Which day would you like instead?" in chat.text
    await chat.tap("Fri 27 Nov")
    await chat.tap("10:00")
    assert chat.labels == ["Confirm", "Other times", "Keep it"]
    assert "New: Friday, 27 November, 10:00" in chat.text
    assert await chat.tap("Confirm") == ""
    [moved] = await chat.rows(S.CONFIRMED)
    assert (moved.id, moved.staff_id) == (row.id, row.staff_id)
    assert moved.starts_at == dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC)
    assert await chat.receipts() == ["booked", "moved"]


async def test_moving_by_words(chat: Chat) -> None:
    await book(chat)
    chat.language = "ru"
    assert "пятница, 27 ноября" in await chat.say("перенесите на пятницу")
    assert "Новое время: пятница, 27 ноября, 12:00" in await chat.say("в 12")
    assert await chat.tap("Оставить") != ""
    [kept] = await chat.rows(S.CONFIRMED)
    assert kept.starts_at == dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)


async def test_with_several_appointments_it_is_asked_which(chat: Chat) -> None:
    await book(chat)
    await book(chat, "beard trim on Friday at 4pm")
    await chat.say("move my appointment")
    assert chat.labels == [
        "Tue 24 Nov, 15:00 · Haircut",
        "Fri 27 Nov, 16:00 · Beard trim",
        "Back",
    ]
    await chat.tap("Beard trim")
    assert "Now: Friday, 27 November, 16:00" in chat.text
    assert "Cancel this appointment?" in await chat.say("cancel the appointment on Tuesday")
    assert "Haircut" in chat.text


async def test_cancelling(chat: Chat) -> None:
    await book(chat)
    await chat.command("cancel")
    assert chat.labels == ["Yes, cancel it", "Keep it"]
    await chat.tap("Keep it")
    assert len(await chat.rows(S.CONFIRMED)) == 1
    await chat.say("cancel my appointment")
    assert await chat.say("yes, cancel it") == ""
    assert await chat.rows(S.CONFIRMED) == []
    assert "no upcoming appointments" in await chat.command("cancel")


async def test_too_late_is_told_at_once_with_the_contact(chat: Chat) -> None:
    await book(chat, "haircut today at 15:00")
    await chat.command("my")
    assert "+49 30 1234567" in await chat.tap("Move")
    await chat.command("my")
    assert "+49 30 1234567" in await chat.tap("Cancel")
    assert (await chat.draft()).stage is DraftStage.IDLE


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


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("25:99", "couldn't make out the date"),
        ("31 February", "couldn't make out the date"),
        ("yesterday", "already passed"),
        ("massage tomorrow at 3", "couldn't find that service"),
        ("I want a massage", "couldn't find that service"),
        ("x" * 10_000, "too long"),
        ("😀🎉", "in words"),
        ("???", "not sure I follow"),
        ("", "not sure I follow"),
        ("asdfgh", "not sure I follow"),
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


async def test_the_example_of_a_date_is_itself_understood(chat: Chat) -> None:
    for language, quotes in (("en", "“”"), ("ru", "«»")):
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


async def test_booking_moving_and_cancelling_at_once(store: Store) -> None:
    policy = load_example().policy.model_copy(update={"confirmation": ConfirmationMode.IMMEDIATE})
    chat = await chat_about(store, policy=policy)
    assert await chat.say("haircut on Tuesday at 3") == ""
    assert await chat.say("move it to Friday at 3") == ""
    assert (await chat.draft()).stage is DraftStage.IDLE
    assert await chat.say("cancel it") == ""
    assert await chat.receipts() == ["booked", "moved", "cancelled"]


async def test_an_old_card_changes_nothing_and_shows_where_we_are(chat: Chat) -> None:
    await chat.say("haircut on Tuesday at 3")
    old = chat.button("Confirm")
    await chat.say("haircut on Wednesday at 3")
    new = chat.button("Confirm")
    answer = await chat.press(old.action)
    assert "out of date" in answer
    assert "Wednesday, 25 November" in answer
    assert chat.button("Confirm") == new
    assert await chat.rows(S.CONFIRMED) == []
    assert await chat.press(new.action) == ""
    assert "Your appointments" in await chat.press(new.action)  # pressed twice
    assert await chat.receipts() == ["booked"]


async def test_buttons_of_an_appointment_that_has_changed_are_stale(chat: Chat) -> None:
    await book(chat)
    await chat.command("my")
    move, cancel = chat.button("Move").action, chat.button("Cancel").action
    await chat.say("move it to Friday at 10")
    await chat.say("yes")
    for action in (move, cancel):
        assert "out of date" in await chat.press(action)
        assert "Friday, 27 November, 10:00" in chat.text


async def test_another_customers_appointment_looks_like_none(
    store: Store, business: Business, chat: Chat
) -> None:
    row = await book(chat)
    stranger = Chat(store, business, await new_customer(store, business, 6))
    for number in (row.id, row.id + 1000):
        answers = {
            await stranger.press(action)
            for action in (
                f"c:{number}:{row.version}",
                f"m:{number}:{row.version}",
                f"mp:{number}:0:20261124",
                f"md:{number}:0:20261124:0",
                f"mt:{number}:abc",
            )
        }
        answers.add(await stranger.command("cancel", str(number)))
        assert answers <= {
            "I couldn't find that appointment among yours.",
            "You have no upcoming appointments.",
        }
    await stranger.say("haircut on Friday at 3")
    draft = await chat.draft()
    assert "out of date" in await chat.press(f"y:{draft.version + 1}")
    assert len(await stranger.rows(S.HELD)) == 1


async def test_a_handle_of_another_shop_is_nothing(
    store: Store, business: Business, chat: Chat
) -> None:
    foreign = load_example().model_copy(update={"slug": "other"})
    there = await apply_file(store, foreign)
    other = Chat(store, there, await new_customer(store, there))
    await other.say("haircut on Tuesday")
    action = other.button("10:00").action
    assert "couldn't find that time" in await chat.press(action)
    assert await chat.rows(S.HELD) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    action=st.text(max_size=64)
    | st.from_regex(
        r"(s|w|p|d|t|on|y|n|o|m|mp|md|mt|c|ok|no|mv|cn)(:[0-9a-z.]{0,18}){0,4}", fullmatch=True
    )
    | st.tuples(
        st.sampled_from(
            ["s:{}", "w:{}:0", "d:{}:0:{}:0", "p:{}:0:{}", "md:{}:0:{}:0", "on:{}:2500"]
        ),
        st.integers(0, 10**18 - 1),
        st.dates().map(lambda d: f"{d.year:04d}{d.month:02d}{d.day:02d}"),
    ).map(lambda parts: parts[0].format(parts[1], parts[2]))
)
async def test_any_action_is_answered(chat: Chat, action: str) -> None:
    assert await chat.press(action)
    assert await chat.rows(S.CONFIRMED) == []


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


@pytest.mark.parametrize(
    "steps",
    [
        ["haircut on Tuesday at 3"],
        ["haircut on Tuesday at 3", "yes"],
        ["haircut on Tuesday at 3", "no"],
        ["haircut on Tuesday at 3", "!Other times"],
        ["haircut on Tuesday", "15:00"],
        ["on Tuesday at 3", "!Haircut"],
        ["haircut on Tuesday at 3", "yes", "move it to Friday at 3"],
        ["haircut on Tuesday at 3", "yes", "move it to Friday at 3", "!Confirm"],
        ["haircut on Tuesday at 3", "yes", "move it to Friday at 3", "!Keep it"],
        ["haircut on Tuesday at 3", "yes", "cancel", "!Yes, cancel"],
        ["haircut on Sunday at 3"],
        ["haircut on Tuesday at 3", "+11", "yes"],
        ["haircut on Tuesday at 3", "+11", "!Confirm"],
    ],
    ids=" > ".join,
)
async def test_after_a_crash_the_last_message_is_answered_the_same(
    chat: Chat, clock: MovableClock, steps: list[str]
) -> None:
    """The turn's write was committed, its answer was not: the message is handled again."""
    for step in steps[:-1]:
        if step.startswith("+"):
            clock.advance(minutes=int(step))
        elif step.startswith("!"):
            await chat.tap(step[1:])
        else:
            await chat.say(step)
    last = steps[-1]
    action = chat.button(last[1:]).action if last.startswith("!") else None
    ctx = chat.context()
    turn = await chat.store.run(
        chat.business,
        lambda uow: uow.conversations.open_turn(
            chat.customer.id, channel="terminal", chat_id=5, update_ids=[1], kind="text"
        ),
    )

    async def handle(ctx: ToolContext) -> list[Outgoing]:
        if action is not None:
            return await chat.flow.press(ctx, action)
        answer = await chat.flow.answer_to_card(ctx, last)
        return answer if answer is not None else await chat.flow.text(ctx, last)

    first = await handle(dataclasses.replace(ctx, turn_id=turn.id))
    state = await chat.draft(), await chat.receipts(), await chat.rows(S.HELD)
    again = await chat.store.run(
        chat.business,
        lambda uow: uow.conversations.open_turn(
            chat.customer.id, channel="terminal", chat_id=5, update_ids=[1], kind="text"
        ),
    )
    recorded = {step.position: step.payload for step in again.steps if step.kind == "tool"}
    assert recorded
    second = await handle(dataclasses.replace(ctx, turn_id=turn.id, recorded=recorded))
    assert second == first
    draft, receipts, held = await chat.draft(), await chat.receipts(), await chat.rows(S.HELD)
    assert (draft.stage, receipts, held) == (state[0].stage, *state[1:])


async def test_the_owner_approves_and_the_customer_is_told(store: Store) -> None:
    chat = await chat_about(store, owner_chat_ids=[77])
    await chat.say("colouring on Tuesday at 10")
    await chat.say("yes")
    [request] = await chat.rows(S.PENDING)
    assert await chat.press(f"ok:{request.id}") == "That is for administrators only."
    owner = Chat(store, chat.business, await new_customer(store, chat.business, 77))
    assert "Approved" in await owner.press(f"ok:{request.id}")
    assert "Tuesday, 24 November, 10:00" in owner.text
    assert len(await chat.rows(S.CONFIRMED)) == 1
    told = (await outbox(store, "receipt"))[-1]
    assert (told["change"], told["chat_id"], told["language"]) == ("approved", 5, "en")
    assert "no longer open" in await owner.press(f"no:{request.id}")
    assert "couldn't find" in await owner.press("ok:999999")


async def test_the_owner_declines_but_cannot_confirm_a_mere_hold(store: Store) -> None:
    chat = await chat_about(store, owner_chat_ids=[77])
    owner = Chat(store, chat.business, await new_customer(store, chat.business, 77))
    await chat.say("colouring on Tuesday at 10")
    [held] = await chat.rows(S.HELD)
    assert "no longer open" in await owner.press(f"ok:{held.id}")
    await chat.say("yes")
    assert "Declined" in await owner.press(f"no:{held.id}")
    assert [row.id for row in await chat.rows(S.DECLINED)] == [held.id]
    assert (await chat.receipts())[-1] == "declined"


async def test_a_database_that_is_away_loses_nothing(
    chat: Chat, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await book(chat)

    async def away(*_: object) -> object:
        raise DatabaseUnavailableError("away")

    monkeypatch.setattr(chat.store, "run", away)
    assert "can't be reached" in await chat.command("my")
    assert "can't be reached" in await chat.press("y:1")
    with pytest.raises(DatabaseUnavailableError):
        await chat.say("tomorrow")
    monkeypatch.undo()
    assert [kept.id for kept in await chat.rows(S.CONFIRMED)] == [row.id]


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
