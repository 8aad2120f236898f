"""Own appointments without a model, and presses that are old, foreign, made up or repeated."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.messages import Outgoing
from booking.business import Business, ConfirmationMode
from booking.draft import DraftStage
from db.errors import DatabaseUnavailableError
from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.integration.guided_support import (
    TEXTS,
    Chat,
    S,
    book,
    chat_about,
    new_chat,
    new_customer,
    outbox,
)
from tools.support.context import ToolContext


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    return await new_chat(store, business)


@pytest.mark.parametrize("word", ["cancel", "отмена"])
async def test_cancel_under_a_card_means_the_card(chat: Chat, word: str) -> None:
    await book(chat)
    await chat.say("haircut on Friday at 3")
    assert "nothing was changed" in await chat.say(word)
    assert await chat.rows(S.HELD) == []
    assert len(await chat.rows(S.CONFIRMED)) == 1


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
    assert "пятницу, 27 ноября" in await chat.say("перенесите на пятницу")
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
    others = [chat.button("Other times").action, old.action.replace("y:", "n:")]
    await chat.say("haircut on Wednesday at 3")
    new = chat.button("Confirm")
    for action in (old.action, *others):
        answer = await chat.press(action)
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
    assert await chat.press(f"ok:{request.id}") == await chat.press("xyz")
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
    [shown] = await chat.flow.command(chat.context(), "my", "")
    [pressed] = await chat.flow.press(chat.context(), "y:1")
    assert all("can't be reached" in answer.text for answer in (shown, pressed))
    with pytest.raises(DatabaseUnavailableError):
        await chat.say("tomorrow")
    monkeypatch.undo()
    assert [kept.id for kept in await chat.rows(S.CONFIRMED)] == [row.id]


@pytest.mark.parametrize(
    ("language", "said", "day"),
    [
        ("en", "actually can you make it wednesday?", "Wednesday, 25 November"),
        ("en", "can we do Wednesday instead?", "Wednesday, 25 November"),
        ("ru", "а можно лучше в среду?", "среда, 25 ноября"),
        ("de", "doch lieber am Mittwoch", "Mittwoch, 25. November"),
        ("es", "mejor el miércoles", "miércoles, 25 de noviembre"),
    ],
)
async def test_another_day_for_what_is_booked_is_a_move_that_keeps_the_time(
    chat: Chat, language: str, said: str, day: str
) -> None:
    row = await book(chat)
    chat.language = language
    assert f"{day}, 15:00" in await chat.say(said)
    assert (await chat.draft()).stage is DraftStage.CONFIRM_MOVE
    assert f"{day}, 12:00" in await chat.say("12:00")
    await chat.tap(TEXTS.say("button_confirm", language))
    [moved] = await chat.rows(S.CONFIRMED)
    assert (moved.id, moved.starts_at) == (row.id, dt.datetime(2026, 11, 25, 11, tzinfo=dt.UTC))


async def test_a_day_on_which_the_time_is_not_free_lists_its_times(chat: Chat) -> None:
    await book(chat, "haircut with Anna on Tuesday at 19:00")
    assert "Free on Saturday, 28 November" in await chat.say("make it Saturday")
    assert "New: Saturday, 28 November, 12:00" in await chat.say("12:00")


async def test_another_time_alone_is_a_move_on_its_day(chat: Chat) -> None:
    await book(chat)
    assert "New: Tuesday, 24 November, 12:00" in await chat.say("make it 12")
    await chat.say("no")
    assert "#" in await chat.say("make it 15:00")  # it is there already
    assert (await chat.draft()).stage is DraftStage.IDLE
    assert "Free on Tuesday" in await chat.say("can I come a bit earlier?")
    assert chat.labels[-3] == "13:00"  # before the break


async def test_with_nothing_booked_it_is_a_new_wish(chat: Chat) -> None:
    assert "Which service" in await chat.say("can we do Friday instead?")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "same as last time on 2 December at 16:00"),
        ("ru", "как обычно, 2 декабря в 16:00"),
        ("de", "wie immer, am 2. Dezember um 16 Uhr"),
        ("es", "lo de siempre el 2 de diciembre a las 16:00"),
    ],
)
async def test_the_usual_is_the_service_and_person_of_the_last_time(
    chat: Chat, language: str, said: str
) -> None:
    await book(chat, "beard trim on Tuesday at 15:00")
    row = await book(chat, "haircut with Boris on Wednesday at 15:00")
    chat.language = language
    await chat.say(said)
    [held] = await chat.rows(S.HELD)
    assert (held.service_id, held.staff_id) == (row.service_id, row.staff_id)


async def test_without_a_last_time_the_usual_is_asked_for(chat: Chat) -> None:
    assert "Which service" in await chat.say("the usual please")


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ("move Tuesday to Thursday at 4pm", "Thursday, 26 November, 16:00"),
        ("перенесите пятницу на среду в 11", "Wednesday, 25 November, 11:00"),
        ("Termin von Dienstag auf Mittwoch um 16 Uhr verschieben", "Wednesday, 25 November, 16:00"),
        ("cambia el viernes al jueves a las 11", "Thursday, 26 November, 11:00"),
    ],
)
async def test_a_move_names_the_old_day_and_the_new(
    store: Store, business: Business, said: str, new: str
) -> None:
    chat = await new_chat(store, business)
    await book(chat, "haircut on Tuesday at 3pm")
    await book(chat, "haircut on Friday at 3pm")
    assert f"New: {new}" in await chat.say(said)
