"""A typed yes or no answers the last question: an older card is not confirmed by it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from assistant.messages import Outgoing
from booking.business import Business
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork
from tests.integration.guided_support import Chat, S, new_chat

QUESTION = Outgoing(text="Would you like to hear about our new oils?")


@pytest.fixture
async def chat(store: Store, business: Business) -> Chat:
    """A chat with an open card."""
    chat = await new_chat(store, business)
    await chat.say("haircut on Tuesday at 3pm")
    assert "Please check" in chat.text
    return chat


async def queue(
    chat: Chat,
    kind: OutboxKind = OutboxKind.MESSAGE,
    said: Outgoing = QUESTION,
    *,
    to: ReplyTo | None = None,
    due_in: dt.timedelta = dt.timedelta(),
) -> None:
    """Let something else be said in the chat, or in another one."""
    due_at = chat.store.clock.now() + due_in
    payload = said.model_dump(mode="json")

    async def work(uow: UnitOfWork) -> None:
        await uow.outbox.enqueue(chat.business.id, to or chat.to, kind, payload, due_at=due_at)

    await chat.store.run(chat.business, work)


@pytest.mark.parametrize("kind", [OutboxKind.MESSAGE, OutboxKind.REMINDER, OutboxKind.BROADCAST])
@pytest.mark.parametrize("said", ["yes", "no", "да", "ja bitte", "👍"])
async def test_an_answer_to_something_else_leaves_the_card_open(
    chat: Chat, kind: OutboxKind, said: str
) -> None:
    await queue(chat, kind)
    assert await chat.flow.answer_to_card(chat.context(), said) is None
    assert len(await chat.rows(S.HELD)) == 1


async def test_the_flow_shows_the_card_again_and_then_takes_the_yes(chat: Chat) -> None:
    await queue(chat)
    assert (await chat.say("yes")).startswith("Did you mean this one?")
    assert chat.labels == ["Confirm", "Other times"]
    assert await chat.rows(S.CONFIRMED) == []
    await chat.say("yes")
    assert len(await chat.rows(S.CONFIRMED)) == 1


@pytest.mark.parametrize(
    "question",
    [
        "Shall I add a beard trim?",
        "I can add a beard trim if you like.",
        "Давайте добавлю бороду, если хотите.",
        "Sagen Sie mir, ob ich den Bart dazunehmen soll.",
        "Si quiere, añado la barba.",
    ],
)
async def test_any_question_takes_the_card_s_place(chat: Chat, question: str) -> None:
    await queue(chat, said=Outgoing(text=question))
    assert await chat.flow.answer_to_card(chat.context(), "yes") is None


async def test_a_plain_statement_leaves_the_card_the_last_question(chat: Chat) -> None:
    await queue(chat, said=Outgoing(text="A haircut is 35 EUR."))
    await chat.command("my")
    await chat.say("ok, yes")
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def test_a_reply_to_the_card_is_an_answer_to_it(chat: Chat) -> None:
    card = [button.action for button in chat.buttons]
    await queue(chat)
    await chat.say("yes", replied=card)
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def test_a_reply_to_an_older_card_is_none(chat: Chat) -> None:
    older = [button.action for button in chat.buttons]
    await chat.say("haircut on Wednesday at 3pm")
    await queue(chat)
    assert await chat.flow.answer_to_card(chat.context(), "yes", older) is None


async def test_other_chats_and_what_is_not_due_yet_change_nothing(chat: Chat) -> None:
    await queue(chat, to=ReplyTo("terminal", 6, "en"))
    await queue(chat, to=ReplyTo("telegram:1", chat.to.chat_id, "en"))
    await queue(chat, OutboxKind.REMINDER, due_in=dt.timedelta(hours=1))
    await chat.say("yes")
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def test_what_is_said_beside_the_card_belongs_to_it(chat: Chat) -> None:
    [card] = chat.last
    await chat.sent([QUESTION, card, QUESTION])
    await chat.say("yes")
    assert len(await chat.rows(S.CONFIRMED)) == 1


async def test_an_earlier_reminder_that_is_sent_after_the_card_is_said_after_it(
    store: Store, business: Business
) -> None:
    chat = await new_chat(store, business)
    await queue(chat, OutboxKind.REMINDER)  # written long before, and due now
    await chat.say("haircut on Tuesday at 3pm")
    sent = "UPDATE outbox SET state = 'sent', attempted_at = clock_timestamp() WHERE kind = :kind"
    async with store.worker() as session:
        await session.execute(text(sent), {"kind": "message"})
    assert await chat.flow.answer_to_card(chat.context(), "no") is not None
    await chat.say("haircut on Tuesday at 3pm")
    for kind in ("message", "reminder"):
        async with store.worker() as session:
            await session.execute(text(sent), {"kind": kind})
    assert await chat.flow.answer_to_card(chat.context(), "yes") is None
