"""A long conversation on PostgreSQL: old turns become facts, and nothing that is open is lost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from assistant.model.port import UserText
from assistant.turn.request import Opening, read_opening
from booking.appointment import Appointment
from booking.business import Business
from booking.draft import Draft, DraftStage
from db.repositories.privacy import PrivacyRepository
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock
from tests.fakes.model import calls, says
from tests.integration.test_turn import BOOK, WORDS, Chat

TURNS = 26  # more than go to the model as they were said


@pytest.fixture
def chat(store: Store, business: Business, clock: MovableClock) -> Chat:
    """The chat of a customer called Ada."""
    return Chat(store, business, clock)


def first_texts(chat: Chat) -> list[str]:
    return [item.text for item in chat.model.requests[0].items if isinstance(item, UserText)]


async def talk(chat: Chat, turns: int) -> list[list[str]]:
    """Talk on; return the texts of each turn's request but the newest message."""
    asked = []
    for n in range(turns):
        await chat.says(f"question {n}", says("Yes."))
        asked.append(first_texts(chat)[:-1])
    return asked


async def test_old_turns_become_facts_and_the_beginning_stays_the_same_for_long(
    chat: Chat,
) -> None:
    await chat.sends("haircut tuesday 10", calls("create_appointment", BOOK))
    await chat.says("yes")
    asked = await talk(chat, TURNS)
    assert not any("customer_facts" in text for text in asked[0])
    facts = asked[-1][0]
    assert facts.startswith("<customer_facts>\nfrom earlier conversations")
    assert "done: booked #1 Haircut, Tue 2026-11-24 10:00" in facts
    assert "usually books: Haircut, with" in facts
    # The beginning changed with the cut alone: once in so many turns.
    beginnings = [texts[0] for texts in asked[1:]]
    changes = sum(a != b for a, b in pairwise(beginnings))
    assert changes <= 2
    [row] = await chat.rows("SELECT version FROM conversation_facts")
    assert row == changes


async def look(chat: Chat) -> Opening:
    """What would be sent now, with one turn as it was said."""

    async def read(uow: UnitOfWork) -> Opening:
        ada = await uow.customers.get_customer_by_telegram_id(1)
        assert ada is not None
        return await read_opening(
            uow,
            "hello",
            customer=ada,
            language="en",
            prompts=WORDS.prompts,
            clock=chat.clock,
            history_turns=1,
            keeps=False,
        )

    return await chat.store.run(chat.business, read)


async def test_a_look_at_what_would_be_sent_stores_nothing(chat: Chat) -> None:
    await chat.sends("haircut tuesday 10", calls("create_appointment", BOOK))
    await chat.says("yes")
    await talk(chat, 2)

    [facts, *_] = (await look(chat)).history
    assert isinstance(facts, UserText)
    assert "done: booked #1 Haircut" in facts.text
    assert await chat.rows("SELECT version FROM conversation_facts") == []


async def test_an_open_card_is_told_however_long_ago_it_was_shown(chat: Chat) -> None:
    await chat.sends("haircut tuesday 10", calls("create_appointment", BOOK))
    for n in range(TURNS):
        await chat.says(f"question {n}", says("Yes."))
        newest = chat.model.requests[0].items[-1]
        assert isinstance(newest, UserText)
        assert "open card: booking #1 Haircut, Tue 2026-11-24 10:00" in newest.text
    assert await chat.says("yes") == ["[receipt booked]"]
    await chat.says("thanks", says("You're welcome!"))
    newest = chat.model.requests[0].items[-1]
    assert isinstance(newest, UserText)
    assert "open card" not in newest.text


async def test_a_card_about_another_customers_appointment_is_not_told(chat: Chat) -> None:
    await chat.says("hello", says("Hello!"))

    async def mix_up(uow: UnitOfWork) -> None:
        ada = await uow.customers.get_customer_by_telegram_id(1)
        bob = await uow.customers.create_customer(2)
        theirs = await uow.appointments.create_appointment(bob.id, "2026-11-24", "10:00")
        assert ada is not None
        assert isinstance(theirs, Appointment)
        draft = Draft(stage=DraftStage.CONFIRM_CANCEL, appointment_id=theirs.id)
        await uow.conversations.save_draft(ada.id, draft)

    await chat.store.run(chat.business, mix_up)
    assert "open card" not in (await look(chat)).envelope


async def test_what_was_refused_stays_a_wish_until_it_is_had(chat: Chat) -> None:
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00"}
    await chat.sends("haircut sunday noon", calls("create_appointment", sunday))
    asked = await talk(chat, TURNS)
    assert "wanted and not had yet: haircut, Sun 2026-11-29 12:00" in asked[-1][0]


async def test_facts_are_stored_once_for_a_version(store: Store, business: Business) -> None:
    who = (await store.run(business, lambda uow: uow.customers.create_customer(7))).id

    async def save(uow: UnitOfWork, version: int, through: int) -> bool:
        return await uow.memories.save_facts(
            who, {"turns": through}, through_turn_id=through, version=version
        )

    assert await store.run(business, lambda uow: save(uow, 0, 5))
    # Another process read the same version: its facts may lack what is in these.
    assert not await store.run(business, lambda uow: save(uow, 0, 9))
    assert not await store.run(business, lambda uow: save(uow, 1, 5))
    assert await store.run(business, lambda uow: save(uow, 1, 9))
    found = await store.run(business, lambda uow: uow.memories.get_memory(who))
    assert (found.version, found.through_turn_id, found.facts) == (2, 9, {"turns": 9})


async def test_facts_are_handed_out_and_erased_with_the_customer(chat: Chat) -> None:
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00"}
    await chat.sends("haircut sunday noon", calls("create_appointment", sunday))
    await talk(chat, TURNS)

    async def export(uow: UnitOfWork) -> Any:
        privacy = PrivacyRepository(uow.session, chat.business, chat.clock)
        return await privacy.export_customer(1)

    exported = str(await chat.store.run(chat.business, export))
    assert "wish" in exported
    assert "Sun 2026-11-29 12:00" in exported
    assert len(await chat.rows("SELECT 1 FROM turns WHERE digest IS NOT NULL")) == 1

    async def erase(uow: UnitOfWork) -> Any:
        privacy = PrivacyRepository(uow.session, chat.business, chat.clock)
        return await privacy.erase_customer(1)

    await chat.store.run(chat.business, erase)
    assert await chat.rows("SELECT 1 FROM conversation_facts") == []
    assert await chat.rows("SELECT 1 FROM turns WHERE digest IS NOT NULL") == []
