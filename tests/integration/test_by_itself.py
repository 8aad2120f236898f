"""What happens by itself, as people see it in Telegram: expiry, offers, reminders, thanks."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.housekeeping import Housekeeper
from assistant.telegram.bot import build_bot
from assistant.telegram.channel import TelegramChannel
from assistant.worker import Worker
from booking.business import Business
from booking.waitlist import WaitlistEntry, Wish
from db.repositories.pace import UNPACED
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.fakes.telegram import FakeTelegram, Person
from tests.integration.hand_off_support import WORDS

OLGA = 900
PATIENCE = 60.0
TUESDAY = dt.date(2026, 11, 24)
TEN = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)  # 10:00 in Berlin


@dataclass
class House:
    """A shop on the wire whose clock a test moves."""

    store: Store
    business: Business
    clock: MovableClock
    telegram: FakeTelegram
    sender: Sender

    async def at(self, instant: dt.datetime) -> None:
        """Let it become that time, and let the house be kept then."""
        self.clock.instant = instant
        housekeeper = Housekeeper(self.store, [self.business.id])
        await housekeeper.work()
        self.sender.wake.set()

    async def recorded(self) -> None:
        """Wait until it's on record what became of all that was sent."""
        sending = text("SELECT 1 FROM outbox WHERE state = 'sending'")
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.store.worker() as session:
                    if await session.scalar(sending) is None:
                        return
                await asyncio.sleep(0.02)

    async def unanswered(self) -> None:
        """Let it be looked for reminders without an answer."""
        assert await Housekeeper(self.store, [self.business.id]).tell_unanswered() == 1
        self.sender.wake.set()

    async def guest(self, number: int, name: str) -> Person:
        """Somebody whose chat the bot knows."""
        person = self.telegram.person(number, name, "en")
        person.says("/start")
        await person.waits_for("Hello!", PATIENCE)
        return person

    async def books(self, person: Person, wish: str) -> None:
        person.says(wish)
        person.presses(await person.waits_for("Please check and confirm", PATIENCE), "Confirm")

    async def waits(self, person: Person) -> None:
        """Put somebody in line for ten o'clock."""

        async def join(uow: object) -> object:
            customer = await uow.customers.get_customer_by_telegram_id(person.user["id"])  # type: ignore[attr-defined]
            service = next(s for s in self.business.services if s.slug == "haircut")
            ten = Wish(service.id, TUESDAY, TUESDAY, dt.time(10), dt.time(10, 30))
            return await uow.waitlist.join(customer.id, ten)  # type: ignore[attr-defined]

        assert isinstance(await self.store.run(self.business, join), WaitlistEntry)


@asynccontextmanager
async def house(store: Store, clock: MovableClock) -> AsyncIterator[House]:
    file = load_example()
    policy = file.policy.model_copy(
        update={
            "reminder_minutes": (1440,),
            "review_after_minutes": 60,
            "review_url": "https://example.com/review",
            "cancel_window_minutes": 0,
            "confirm_within_minutes": 120,
        }
    )
    business = await apply_file(
        store, file.model_copy(update={"owner_chat_ids": (OLGA,), "policy": policy})
    )
    async with FakeTelegram() as telegram:
        bot = build_bot(telegram.token, telegram.base_url)
        channel = TelegramChannel(bot, pace=UNPACED)
        channels = {channel.name: channel}
        sender = Sender(store, channels, WORDS.texts)
        conversation = Conversation(store, {channel.name: business.id}, WORDS)
        worker = Worker(store, channels, conversation, WORDS.texts, on_answered=sender.wake.set)
        poller = channel.poller(
            store, business.id, clock, burst_seconds=0.02, on_stored=worker.wake.set
        )
        stop = asyncio.Event()
        tasks = [asyncio.create_task(each.run(stop)) for each in (poller, worker, sender)]
        try:
            yield House(store, business, clock, telegram, sender)
        finally:
            stop.set()
            await asyncio.gather(*tasks, return_exceptions=True)
            await channel.aclose()
        assert telegram.oddities == []


async def test_from_the_request_to_the_thanks(store: Store, clock: MovableClock) -> None:
    async with house(store, clock) as it:
        olga, ada = await it.guest(OLGA, "Olga"), await it.guest(42, "Ada")
        bob, cleo = await it.guest(43, "Bob"), await it.guest(44, "Cleo")

        # A request that nobody approves in time.
        await it.books(ada, "colouring on Tuesday at 15:00")
        await ada.waits_for("Request sent", PATIENCE)
        assert (await olga.waits_for("Colouring", PATIENCE)).labels == ("Approve", "Decline")
        await it.at(clock.now() + dt.timedelta(minutes=120))
        await ada.waits_for("wasn't confirmed in time", PATIENCE)
        await olga.waits_for("expired|ran out|in time", PATIENCE)

        # A time that becomes free: the first in line lets it run out, the second one takes it.
        await it.books(ada, "haircut with Anna on Tuesday at 10:00")
        await ada.waits_for("✅ Booked", PATIENCE)
        await it.waits(bob)
        await it.waits(cleo)
        ada.says("cancel")
        ada.presses(await ada.waits_for("Cancel this", PATIENCE), "Yes, cancel it")
        await ada.waits_for("Cancelled", PATIENCE)
        offer = await bob.waits_for("Tuesday, 24 November, 10:00", PATIENCE)
        await it.at(clock.now() + dt.timedelta(minutes=30))
        late = await cleo.waits_for("Tuesday, 24 November, 10:00", PATIENCE)
        bob.presses(offer, "Confirm")
        assert "Booked" not in (await bob.waits_for(None, PATIENCE)).text
        cleo.presses(late, "Confirm")
        await cleo.waits_for("✅ Booked", PATIENCE)

        # A reminder, what becomes of one without an answer, and the answer.
        await it.at(TEN - dt.timedelta(hours=24))
        reminder = await cleo.waits_for("reminder", PATIENCE)
        assert reminder.labels[0] == "Confirm"
        await it.recorded()
        clock.instant = TEN - dt.timedelta(hours=21)
        await it.unanswered()
        told = await olga.waits_for("without an answer", PATIENCE)
        assert "Cleo" in told.text
        cleo.presses(reminder, "Confirm")
        await cleo.waits_for("Thank you for confirming", PATIENCE)
        olga.presses(told, 0)
        await olga.waits_for("who was reminded has answered", PATIENCE)

        # The thanks after the visit; nobody else is thanked, or reminded.
        await it.at(TEN + dt.timedelta(minutes=45 + 60))
        thanks = await cleo.waits_for("Thank you for your visit", PATIENCE)
        assert "https://example.com/review" in thanks.text
        cleo.presses(thanks, "Book again")
        await cleo.waits_for("day", PATIENCE)
        for person in (ada, bob):
            texts = " ".join(message.text for message in person.chat.shown)
            assert "reminder" not in texts
            assert "your visit" not in texts
