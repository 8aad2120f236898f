"""A customer's own data, asked for in the chat: a copy of it, and to be forgotten."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from assistant.housekeeping import forget_who_asked
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.integration.guided_support import chat_about
from tests.integration.hand_off_support import ADA, BEN, OLGA, Town


@pytest.fixture
async def town(store: Store) -> Town:
    business = await apply_file(
        store, load_example().model_copy(update={"owner_chat_ids": (OLGA,)})
    )
    return Town(store, business)


async def booked(town: Town, who: int) -> None:
    await town.says(who, "haircut with Anna on Tuesday at 15:00")
    await town.presses(who, "Confirm")


async def forgotten(town: Town) -> int:
    return await forget_who_asked(town.store, town.business)


async def test_a_copy_holds_what_is_theirs_and_nothing_of_others(town: Town) -> None:
    await town.says(BEN, "my secret is blue")
    await booked(town, ADA)
    await town.says(ADA, "/human")
    await town.says(OLGA, "Yes?", reply_to="Ada would like")
    await town.says(ADA, "/privacy")
    await town.presses(ADA, "A copy of my data")
    document = next(out.document for _, _, out in reversed(town.phones.sent) if out.document)
    copy = json.loads(document.content)
    assert copy["profile"]["first_name"] == "Ada"
    assert [row["status"] for row in copy["appointments"]] == ["confirmed"]
    assert "haircut with Anna" in document.content
    assert "Yes?" in document.content  # what a person wrote to them is theirs
    kinds = {row["kind"] for row in copy["messages_out"]}
    assert kinds >= {"receipt", "hand_off"}
    assert not {kind for kind in kinds if kind.startswith("owner")}
    for others in ("blue", "Ben", "would like to talk"):
        assert others not in document.content
    # As a number of its own: the microseconds of an instant may end in it.
    assert not re.search(rf"\b{OLGA}\b", document.content)
    assert await town.read(
        "SELECT count(*) FROM outbox WHERE payload::text LIKE '%first_name%'"
    ) == [0]


async def test_who_asks_to_be_forgotten_is_when_the_goodbye_is_out(town: Town) -> None:
    await booked(town, ADA)
    await town.says(ADA, "/privacy")
    [refused] = await town.presses(ADA, "Forget me")
    assert refused.startswith("You are expected for an appointment")
    await town.says(ADA, "cancel")
    await town.presses(ADA, "Yes, cancel it")
    await town.says(ADA, "/privacy")
    assert "can't be undone" in (await town.presses(ADA, "Forget me"))[0]
    town.deliver, deliver = _nothing, town.deliver  # type: ignore[method-assign]
    await town.presses(ADA, "Yes, erase everything")
    assert await forgotten(town) == 0  # the goodbye isn't out
    await deliver()
    assert town.phones.to(ADA)[-1].startswith("Everything about you is being erased now.")
    assert await forgotten(town) == 1
    assert await forgotten(town) == 0
    profile = "SELECT (telegram_id IS NULL AND first_name IS NULL AND erase_asked_at IS NULL)"
    assert await town.read(f"{profile} FROM customers WHERE erased_at IS NOT NULL") == [True]
    for table in ("inbox", "outbox", "conversation_messages"):
        assert not await town.read(f"SELECT 1 FROM {table} t WHERE t::text LIKE '%haircut%'")


async def _nothing() -> None:
    """Telegram is away."""


async def test_a_goodbye_that_never_arrives_is_not_waited_for_forever(
    town: Town, clock: MovableClock
) -> None:
    await town.says(ADA, "/privacy")
    await town.presses(ADA, "Forget me")
    town.deliver = _nothing  # type: ignore[method-assign]
    await town.presses(ADA, "Yes, erase everything")
    clock.advance(minutes=9)
    assert await forgotten(town) == 0
    clock.advance(minutes=1)
    assert await forgotten(town) == 1


async def test_who_has_booked_since_the_question_is_told_at_once(town: Town) -> None:
    await town.says(ADA, "/privacy")
    await town.presses(ADA, "Forget me")
    await booked(town, ADA)
    [told] = await town.presses(ADA, "Yes, erase everything")
    assert told.startswith("You are expected for an appointment")
    assert await forgotten(town) == 0


async def test_who_books_after_asking_is_not_forgotten_and_is_told(town: Town) -> None:
    await town.says(ADA, "/privacy")
    await town.presses(ADA, "Forget me")
    await town.presses(ADA, "Yes, erase everything")
    await booked(town, ADA)
    assert await forgotten(town) == 1
    await town.deliver()
    assert town.phones.to(ADA)[-1].startswith("You are expected for an appointment")
    assert await forgotten(town) == 0
    assert await town.read("SELECT first_name FROM customers WHERE erased_at IS NULL") == ["Ada"]


async def test_what_comes_while_it_waits_is_answered_first(town: Town) -> None:
    """A message that is stored and not answered would be lost with the chat."""
    await town.says(ADA, "/privacy")
    await town.presses(ADA, "Forget me")
    await town.presses(ADA, "Yes, erase everything")
    waiting = text(
        "INSERT INTO inbox (business_id, channel, update_id, chat_id, payload, received_at)"
        " VALUES (:business, :channel, 77, :chat, '{}', now())"
    )
    values = {"business": town.business.id, "channel": town.phones.name, "chat": ADA}
    async with town.store.worker() as session:
        await session.execute(waiting, values)
    assert await forgotten(town) == 0
    async with town.store.worker() as session:
        await session.execute(text("UPDATE inbox SET state = 'done' WHERE update_id = 77"))
    assert await forgotten(town) == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "please delete my data"),
        ("en", "What do you know about me?"),
        ("ru", "Удалите мои данные, пожалуйста"),
        ("de", "Ich möchte, dass meine Daten gelöscht werden"),
        ("es", "quiero borrar mis datos"),
    ],
)
async def test_asking_for_it_in_words_leads_there(store: Store, language: str, said: str) -> None:
    chat = await chat_about(store, language)
    await chat.say(said)
    assert [button.action for button in chat.buttons][:2] == ["data", "fg"]
