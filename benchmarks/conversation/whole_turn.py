"""The whole turn: the product's conversation on PostgreSQL, for the message and for the tap.

From the incoming message to the committed answer: the customer and the turn are opened, the history
is read, the journal, the booking and the outbox rows are written, the conversation is kept. The CPU
is this process's; PostgreSQL's own isn't in it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from assistant.business_files import read_business_file
from assistant.conversation import Conversation
from assistant.guided.actions import Press, Verb
from assistant.messages import Incoming, IncomingKind, Person
from assistant.model.factory import ModelConnection, build_model
from assistant.model.port import AssistantText, Item, ModelSettings, ToolCall, ToolResult, UserText
from assistant.script import SHIPPED, Script
from assistant.turn.engine import TurnEngine
from benchmarks.conversation.party import API_KEY, expect_booked
from benchmarks.conversation.scene import EXAMPLE, MODEL, NOW, batched_turns, wish
from booking.business import Business
from db.migrate import migrate
from db.repositories.businesses import BusinessRepository
from db.repositories.conversations import TurnSummary
from db.session import Database
from db.settings import DatabaseSettings
from db.store import Store, UnitOfWork
from tools.support.registry import discover
from tools.support.say import when

DATABASE = "BENCHMARK_DATABASE_URL"
CHANNEL = "terminal:benchmark"
_CARD = 1  # the version of a new customer's first draft


class MovingClock:
    """Stands still until it is told to move on."""

    def __init__(self) -> None:
        self.instant = NOW

    def now(self) -> dt.datetime:
        """Return the instant that it shows."""
        return self.instant


class Shop:
    """The example shop on PostgreSQL, with the product's conversation.

    Args:
        model: whom it asks.
        url: of an empty or an earlier run's database.
    """

    def __init__(self, model: ModelConnection, url: str) -> None:
        self.clock = MovingClock()
        settings = DatabaseSettings(_env_file=None, database_url=SecretStr(url))
        self.store = Store(Database(settings), self.clock)
        self.model = model
        self.business: Business
        self._conversation: Conversation
        self._updates: Counter[int] = Counter()

    async def open(self) -> None:
        """Migrate, apply the business, and get ready to answer."""
        database = self.store.database
        await migrate(database.engine)
        file = read_business_file(EXAMPLE)
        async with database.transaction() as session:
            self.business = await BusinessRepository(session).apply(file)
        script = Script.load(SHIPPED)
        self._conversation = Conversation(
            self.store,
            {CHANNEL: self.business.id},
            script,
            TurnEngine(self.model, discover(), script.texts),
        )

    async def says(self, who: int, words: str) -> None:
        """Answer what somebody writes."""
        await self._handle(who, IncomingKind.TEXT, text=words)

    async def confirms(self, who: int) -> None:
        """Answer somebody's tap on their first card."""
        action = Press(Verb.YES, version=_CARD).encode()
        await self._handle(who, IncomingKind.PRESS, action=action)

    async def _handle(self, who: int, kind: IncomingKind, **what: Any) -> None:
        self._updates[who] += 1
        incoming = Incoming(
            channel=CHANNEL,
            chat_id=who,
            update_id=_update_id(who, self._updates[who]),
            person=Person(telegram_id=who, first_name="Ada", language_code="en"),
            kind=kind,
            received_at=self.clock.now(),
            **what,
        )
        await self._conversation.handle(incoming, inbox_ids=[])

    async def aclose(self) -> None:
        """Close all connections."""
        await self.model.aclose()
        await self.store.database.close()


async def open_shop(base_url: str, database_url: str, http_client: Any = None) -> Shop:
    """Make a shop whose model is the one behind `base_url`."""
    settings = ModelSettings(api_key=API_KEY, base_url=base_url, model=MODEL)
    shop = Shop(build_model(settings, http_client=http_client), database_url)
    await shop.open()
    return shop


class WholeTurn:
    """Each booking is another customer's, at a free full hour."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._wishes: list[tuple[int, str]] = []
        # Other parties on this database may have made people and bookings before.
        self._people = self._before = self._booked = 0

    async def open(self) -> None:
        """See what is there already."""
        business = self._shop.business
        self._people = await self._shop.store.run(business, _people)
        self._before = await self._shop.store.run(business, _confirmed)

    async def prepare(self, turns: int, bookings: int) -> None:
        """Free all time, make the customers with their history, and find a time for each."""
        await self._shop.store.run(
            self._shop.business, lambda uow: self._prepare(uow, turns, bookings)
        )

    async def _prepare(self, uow: UnitOfWork, turns: int, bookings: int) -> None:
        taken = await uow.session.scalars(
            text("SELECT id FROM appointments WHERE status = 'confirmed' ORDER BY id")
        )
        for appointment_id in taken.all():
            await uow.appointments.cancel_appointment(appointment_id, customer_id=None)
        offers = await uow.appointments.get_available_slots(
            (NOW + dt.timedelta(days=3)).date(),
            last_date=(NOW + dt.timedelta(days=55)).date(),
            service="haircut",
        )
        hours = [offer.starts_at for offer in offers if offer.starts_at.minute == 0]
        self._wishes = []
        for hour in hours[:bookings]:
            self._people += 1
            await _remember(uow, self._people, turns)
            self._wishes.append((self._people, when(hour, uow.business)))

    async def book(self, number: int) -> str:
        """Write the wish, tap the card."""
        who, label = self._wishes.pop()
        await self._shop.says(who, wish(label))
        await self._shop.confirms(who)
        self._booked += 1
        return label

    async def aclose(self) -> None:
        """Check that all were booked, and close the connections."""
        confirmed = await self._shop.store.run(self._shop.business, _confirmed)
        expect_booked(confirmed - self._before, self._booked)
        await self._shop.aclose()


async def _people(uow: UnitOfWork) -> int:
    return int(await uow.session.scalar(text("SELECT count(*) FROM customers")) or 0)


async def _confirmed(uow: UnitOfWork) -> int:
    found = await uow.session.scalar(
        text("SELECT count(*) FROM appointment_events WHERE change = 'booked'")
    )
    return int(found or 0)


async def _remember(uow: UnitOfWork, telegram_id: int, turns: int) -> None:
    """Create a customer with earlier turns, as the product stores them."""
    customer = await uow.customers.create_customer(
        telegram_id, language="en", first_name="Ada", channel=CHANNEL, chat_id=telegram_id
    )
    for number, items in enumerate(batched_turns(turns)):
        turn = await uow.conversations.open_turn(
            customer.id,
            channel=f"{CHANNEL}:earlier",
            chat_id=telegram_id,
            update_ids=[_update_id(telegram_id, number)],
            kind="text",
        )
        for item in items:
            kind, words, data = _as_stored(item)
            await uow.conversations.save_message(customer.id, words, kind, data, turn_id=turn.id)
        await uow.conversations.finish_turn(turn.id, TurnSummary(outcome="answered"))


def _update_id(who: int, number: int) -> int:
    """Return a number that no other update has: it names the turn."""
    return who * 1000 + number


def _as_stored(item: Item) -> tuple[str, str, dict[str, Any] | None]:
    match item:
        case UserText(words):
            return "user", words, None
        case AssistantText(words):
            return "assistant", words, None
        case ToolCall(call_id, name, arguments):
            return "tool_call", name, {"call_id": call_id, "arguments": arguments}
        case ToolResult(call_id, output):
            return "tool_result", output, {"call_id": call_id}


async def open_whole_turn(base_url: str, http_client: Any = None) -> WholeTurn:
    """Make it, on the database of the environment's BENCHMARK_DATABASE_URL; see `Opener`."""
    party = WholeTurn(await open_shop(base_url, os.environ[DATABASE], http_client))
    await party.open()
    return party
