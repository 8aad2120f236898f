"""A customer's data: all of it handed out; after erasing, none of it anywhere in the database."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import text

from assistant.conversation import Conversation
from assistant.data_cli import erase
from assistant.messages import Incoming, IncomingKind, Person
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from booking.appointment import Appointment
from booking.business import Business
from booking.hand_off import Owner
from db.models import Base
from db.repositories.imports import ImportRepository
from db.repositories.inbox import InboxRepository
from db.repositories.outbox import OutboxKind, ReplyTo
from db.repositories.privacy import Erased, PrivacyRepository, StillUpcoming
from db.repositories.reports import ReportRepository
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, load_example
from tests.fakes.model import ScriptedModel, Step, calls
from tests.founding import founded
from tests.integration.db_support import WAITERS
from tests.integration.test_turn import CHANNEL, WORDS
from tools.support.registry import discover

ADA = 700_123_456
OWNER = 900_000_001
SECRETS = (
    "Zzlovelace",
    "zzada_user",
    "Zzada",
    "+49 555 0177",
    "zz@example.org",
    "zzallergic",
    "zzreason",
    "zzextern",
    str(ADA),
)
BOOK = {
    "service": "haircut",
    "when": "Tue 2026-11-24 10:00",
    "staff": None,
    "notes": "zzallergic to lavender",
}


OPEN_HAND_OFFS = text("SELECT id FROM hand_offs WHERE ended_at IS NULL")


@pytest.fixture
async def business(store: Store) -> Business:
    """The example shop with an owner who is told of every booking."""
    return await founded(store, load_example().model_copy(update={"owner_chat_ids": [OWNER]}))


class Talk:
    """Customers who write through the inbox, as a channel stores it."""

    def __init__(self, store: Store, business: Business, clock: MovableClock) -> None:
        self.store, self.business, self.clock = store, business, clock
        self.update_id = 0

    async def says(
        self, words: str, *script: Step, who: int = ADA, group: int | None = None
    ) -> None:
        """Store a message and answer it."""
        self.update_id += 1
        name = {"first_name": "Zzada", "last_name": "Zzlovelace", "username": "zzada_user"}
        person = Person(telegram_id=who, **(name if who == ADA else {"first_name": "Bob"}))
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=group or who,
            update_id=self.update_id,
            person=person,
            kind=IncomingKind.TEXT,
            text=words,
            received_at=self.clock.now(),
        )
        async with self.store.worker() as session:
            await InboxRepository(session).store(
                self.business.id,
                CHANNEL,
                group or who,
                self.update_id,
                incoming.model_dump(mode="json"),
                received_at=self.clock.now(),
            )
            found = await session.scalar(text("SELECT max(id) FROM inbox"))
        assert found is not None
        engine = TurnEngine(ScriptedModel(script), discover(), WORDS.texts, TurnLimits())
        conversation = Conversation(
            self.store, {CHANNEL: self.business.id}, WORDS, engine if script else None
        )
        await conversation.handle(incoming, inbox_ids=[found])


@pytest.fixture
async def talk(store: Store, business: Business, clock: MovableClock) -> Talk:
    """Ada books one visit, cancels another with a reason, and left a card open; Bob wrote too."""
    talk = Talk(store, business, clock)
    await talk.says("haircut tuesday 10, zzallergic to lavender", calls("create_appointment", BOOK))
    await talk.says("yes")
    wednesday = {**BOOK, "when": "Wed 2026-11-25 10:00"}
    await talk.says("and wednesday", calls("create_appointment", wednesday))
    await talk.says("yes")
    await talk.says("hello from Bob", who=42)

    async def more(uow: UnitOfWork) -> None:
        ada = await uow.customers.get_customer_by_telegram_id(ADA)
        assert ada is not None
        await uow.customers.update_customer(ada.id, phone="+49 555 0177", email="zz@example.org")
        await uow.session.execute(
            text("UPDATE customers SET external_id = 'zzextern' WHERE id = :id"), {"id": ada.id}
        )
        await uow.session.execute(text("UPDATE appointments SET external_id = 'zzextern-' || id"))
        rows = await uow.appointments.get_customer_appointments(ada.id)
        await uow.appointments.cancel_appointment(
            rows[1].id,
            customer_id=ada.id,
            reason="zzreason",
            key=f"{CHANNEL}:{ADA}:99:1",
            reply_to=ReplyTo(CHANNEL, ADA, "en"),
        )
        await uow.appointments.update_appointment_status(  # the owner's command, about her row
            rows[0].id, "confirmed", key="owner-key"
        )

    await store.run(business, more)
    open_card = {**BOOK, "when": "Thu 2026-11-26 10:00"}
    await talk.says("thursday?", calls("create_appointment", open_card))
    return talk


async def dump(store: Store, business: Business) -> dict[str, list[str]]:
    """Every row of every table as text."""
    async with store.database.transaction(business.id, worker=True) as session:
        tables = await session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        return {
            table: list(await session.scalars(text(f'SELECT t::text FROM "{table}" t')))
            for table in tables.all()
        }


def found_in(dumped: dict[str, list[str]]) -> dict[str, set[str]]:
    """Table -> which of her secrets are in it."""
    found = {
        table: {secret for secret in SECRETS for row in rows if secret in row}
        for table, rows in dumped.items()
    }
    return {table: secrets for table, secrets in found.items() if secrets}


async def privately(talk: Talk, work: Any) -> Any:
    async def run(uow: UnitOfWork) -> Any:
        ada = await uow.customers.get_customer_by_telegram_id(ADA)
        assert ada is not None
        return await work(PrivacyRepository(uow.session, talk.business, talk.clock), ada.id)

    return await talk.store.run(talk.business, run)


async def test_nothing_of_hers_is_left_anywhere(talk: Talk) -> None:
    before = found_in(await dump(talk.store, talk.business))
    # Her words and numbers are all over the place, or this test would prove nothing.
    assert set(before) >= {
        "customers",
        "appointments",
        "conversation_messages",
        "turns",
        "turn_steps",
        "inbox",
        "lanes",
        "outbox",
        "idempotency_keys",
    }
    outcome = await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    assert outcome == Erased((1,))
    after = await dump(talk.store, talk.business)
    assert found_in(after) == {}


async def test_nothing_of_hers_is_left_where_a_person_answered_her(talk: Talk) -> None:
    """Transcripts, what was passed on, and what an owner replied to or pressed a button of."""
    await talk.says("a human, zzallergic!", calls("ask_for_human", {}))
    await talk.says("zzreason is that")
    [number] = await privately(talk, lambda p, ada: p._session.scalars(OPEN_HAND_OFFS))
    notice = {"message_id": 5, "text": "Zzada Zzlovelace: zzreason is that"}
    updates = (
        {"message": {"text": "Hello, how are you?", "reply_to_message": notice}},
        {"callback_query": {"data": f"gb:{number}", "message": notice}},
    )
    async with talk.store.worker() as session:
        inbox = InboxRepository(session)
        for update_id, update in enumerate(updates, start=500):
            await inbox.store(
                talk.business.id, CHANNEL, OWNER, update_id, update, received_at=talk.clock.now()
            )
        await session.execute(text("UPDATE inbox SET state = 'done'"))

    async def answer(uow: UnitOfWork) -> None:
        owner = Owner(CHANNEL, OWNER, "Olga")
        await uow.hand_offs.answer(number, owner, "Yes, Zzada?", key="k", message_id=9)

    await talk.store.run(talk.business, answer)
    assert set(found_in(await dump(talk.store, talk.business))) >= {"hand_offs", "outbox", "inbox"}
    held = await privately(talk, lambda p, ada: p.export_customer(ada))
    assert "Yes, Zzada?" in json.dumps(held["messages_out"])
    assert held["hand_offs"][0]["reason"] == "asked"
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    dumped = await dump(talk.store, talk.business)
    assert found_in(dumped) == {}
    assert dumped["hand_offs"] == dumped["hand_off_messages"] == []
    # What the owner wrote is the owner's.
    assert any("Hello, how are you?" in row for row in dumped["inbox"])


async def test_the_business_keeps_its_appointments_and_others_keep_everything(talk: Talk) -> None:
    async def count(statement: str) -> int:
        async with talk.store.database.transaction(talk.business.id, worker=True) as session:
            found: int = await session.scalar(text(statement)) or 0
            return found

    kept = [
        "SELECT count(*) FROM appointments",
        "SELECT sum(price_minor) FROM appointments",
        "SELECT sum(input_tokens) FROM turns",
        "SELECT count(*) FROM inbox",
        f"SELECT count(*) FROM outbox WHERE chat_id = {OWNER} AND payload::text LIKE '%Haircut%'",
        "SELECT count(*) FROM inbox WHERE payload::text LIKE '%hello from Bob%'",
        "SELECT count(*) FROM conversation_messages WHERE message_text LIKE '%hello from Bob%'",
        "SELECT count(*) FROM lanes WHERE chat_id = 42",
    ]
    before = [await count(statement) for statement in kept]
    assert all(before)
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    assert [await count(statement) for statement in kept] == before
    assert await count("SELECT count(*) FROM appointments WHERE status = 'cancelled'") == 3
    assert await count("SELECT count(*) FROM occupancies WHERE active") == 0


async def test_what_is_to_come_is_cancelled_first(talk: Talk) -> None:
    before = await dump(talk.store, talk.business)
    code, words = await erase(talk.store, talk.business, ADA, cancel_upcoming=False)
    assert code == 1
    assert "still to come are 1." in words
    assert await dump(talk.store, talk.business) == before
    outcome = await privately(talk, lambda p, ada: p.erase_customer(ada))
    assert outcome == StillUpcoming((1,))


async def test_not_while_a_message_is_being_answered(talk: Talk) -> None:
    async with talk.store.worker() as session:
        inbox = InboxRepository(session)
        lane = await inbox.claim_lane([CHANNEL], chat_id=ADA)
    assert lane is not None
    code, words = await erase(talk.store, talk.business, ADA, cancel_upcoming=True)
    assert (code, words) == (1, "Nothing was erased: a message is being answered. Try again.")
    async with talk.store.worker() as session:
        await InboxRepository(session).release(lane)
    assert await erase(talk.store, talk.business, ADA, cancel_upcoming=True) == (
        0,
        "Erased; cancelled: 1.",
    )
    code, words = await erase(talk.store, talk.business, ADA, cancel_upcoming=True)
    assert code == 2
    assert "There is no customer" in words


async def test_what_waited_to_be_sent_to_her_is_not_sent(talk: Talk) -> None:
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    async with talk.store.worker() as session:
        waiting = await session.execute(
            text("SELECT kind, chat_id FROM outbox WHERE state IN ('queued', 'sending')")
        )
        left = waiting.all()
    assert {chat for _, chat in left} <= {OWNER, 42}
    assert OutboxKind.OWNER_NOTICE in {kind for kind, _ in left}


async def test_in_a_group_only_her_own_messages_go(talk: Talk) -> None:
    await talk.says("zzallergic, said Ada", group=-100)
    await talk.says("well, said Bob", who=42, group=-100)
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    dumped = await dump(talk.store, talk.business)
    assert found_in(dumped) == {}
    assert any("well, said Bob" in row for row in dumped["inbox"])
    assert any("-100" in row for row in dumped["lanes"])


async def test_erasing_waits_for_a_booking_that_is_under_way(talk: Talk) -> None:
    """Without the customer's lock the booking would commit after the erasing, with her notes."""

    async def book(uow: UnitOfWork) -> asyncio.Task[tuple[int, str]]:
        ada = await uow.customers.get_customer_by_telegram_id(ADA)
        assert ada is not None
        at = dt.datetime(2026, 11, 27, 10, 0, tzinfo=dt.UTC)
        await uow.appointments.create_appointment(ada.id, starts_at=at, notes="zzallergic again")
        erasing = asyncio.create_task(erase(talk.store, talk.business, ADA, cancel_upcoming=True))
        done, _ = await asyncio.wait([erasing], timeout=0.3)
        assert not done
        return erasing

    erasing = await talk.store.run(talk.business, book)
    assert await erasing == (0, "Erased; cancelled: 1, 4.")
    assert found_in(await dump(talk.store, talk.business)) == {}


async def test_erasing_waits_for_a_yes_that_is_under_way(talk: Talk) -> None:
    """Without the customer's lock it would find a mere hold, and cancel what is booked by then."""
    start = dt.datetime(2026, 11, 27, 10, 0, tzinfo=dt.UTC)

    async def hold(uow: UnitOfWork) -> Appointment:
        eve = await uow.customers.create_customer(77)
        held = await uow.appointments.create_appointment(eve.id, starts_at=start, hold=True)
        assert isinstance(held, Appointment)
        return held

    held = await talk.store.run(talk.business, hold)

    async def confirm(uow: UnitOfWork) -> asyncio.Task[object]:
        await uow.appointments.confirm_appointment(held.id, customer_id=held.customer_id)

        async def erase_eve(uow: UnitOfWork) -> object:
            privacy = PrivacyRepository(uow.session, talk.business, talk.clock)
            return await privacy.erase_customer(held.customer_id)

        erasing = asyncio.create_task(talk.store.run(talk.business, erase_eve))
        while not await uow.session.scalar(text(WAITERS)):
            assert not erasing.done()
            await asyncio.sleep(0.01)
        return erasing

    erasing = await talk.store.run(talk.business, confirm)
    assert await erasing == StillUpcoming((held.id,))


async def test_new_bookings_wait_while_an_import_runs(talk: Talk) -> None:
    """An import locks in the order of its lines, which would deadlock with theirs."""
    at = dt.datetime(2026, 11, 27, 10, 0, tzinfo=dt.UTC)

    async def bob_books() -> object:
        async def work(uow: UnitOfWork) -> object:
            bob = await uow.customers.get_customer_by_telegram_id(42)
            assert bob is not None
            return await uow.appointments.create_appointment(bob.id, starts_at=at)

        return await talk.store.run(talk.business, work)

    async def importing(uow: UnitOfWork) -> asyncio.Task[object]:
        repository = ImportRepository(uow.session, talk.business, talk.clock.now())
        await repository.import_appointments([])
        booking = asyncio.create_task(bob_books())
        done, _ = await asyncio.wait([booking], timeout=0.3)
        assert not done
        return booking

    booking = await talk.store.run(talk.business, importing)
    assert isinstance(await booking, Appointment)


async def test_an_erased_customer_is_in_no_export(talk: Talk) -> None:
    async def listed(uow: UnitOfWork) -> list[int | None]:
        reports = ReportRepository(uow.session, talk.business.id, talk.clock.now())
        return [record.customer.telegram_id for record in await reports.customers()]

    assert await talk.store.run(talk.business, listed) == [ADA, 42]
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    assert await talk.store.run(talk.business, listed) == [42]


async def test_she_can_come_back_as_somebody_new(talk: Talk) -> None:
    await privately(talk, lambda p, ada: p.erase_customer(ada, cancel_upcoming=True))
    await talk.says("hello again")
    async with talk.store.database.transaction(talk.business.id) as session:
        rows = await session.scalars(text("SELECT telegram_id FROM customers ORDER BY id"))
        assert list(rows) == [None, 42, ADA]
        messages = await session.scalars(
            text("SELECT message_text FROM conversation_messages WHERE message_type = 'user'")
        )
        assert sorted(messages) == ["hello again", "hello from Bob"]


async def test_an_export_holds_all_that_is_held(talk: Talk) -> None:
    held = await privately(talk, lambda p, ada: p.export_customer(ada))
    whole = json.dumps(held, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret not in whole] == []
    assert "hello from Bob" not in whole
    assert [row["id"] for row in held["appointments"]] == [1, 2, 3]
    assert held["profile"]["phone"] == "+49 555 0177"
    said = [row["message_text"] for row in held["conversation"] if row["message_type"] == "user"]
    assert said[0] == "haircut tuesday 10, zzallergic to lavender"
    parts = "events occupied_times draft turns turn_steps messages_in messages_out commands"
    assert [part for part in parts.split() if not held[part]] == []


def test_every_table_is_one_that_erasing_knows() -> None:
    """A new table either names its customer, and is emptied by that, or holds nothing personal."""
    without_people = {
        "businesses",
        "services",
        "resources",
        "service_resources",
        "opening_hours",
        "date_exceptions",
        "occupancies",
        "blocks",
        "prompt_versions",
    }
    by_hand = {
        "customers",
        "appointment_events",
        "idempotency_keys",
        "turn_steps",
        "inbox",
        "lanes",
        "outbox",
        "hand_off_messages",  # goes with its hand-off
    }
    unknown = {
        table.name for table in Base.metadata.sorted_tables if "customer_id" not in table.c
    } - without_people
    assert unknown == by_hand
