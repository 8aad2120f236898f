"""People who block the bot, over the wire: marked, their bookings kept, the owner told, revived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from assistant.admin.alerts import AdminAlerts
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.intake import Intake
from assistant.worker import Worker
from booking.appointment import Appointment
from booking.business import Business
from db.repositories.outbox import ReplyTo
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, load_example
from tests.fakes.telegram import FakeTelegram, Person
from tests.founding import founded
from tests.integration.db_support import TUESDAY_TEN
from tests.shipped import shipped

OWNER, ALICE = 900, 42
WORDS = shipped()


@dataclass
class House:
    """A bot with its worker and sender, its owner and a customer; nothing runs by itself."""

    store: Store
    business: Business
    telegram: FakeTelegram
    channel: TelegramChannel
    owner: Person
    alice: Person

    def __post_init__(self) -> None:
        channels = {self.channel.name: self.channel}
        talk = Conversation(self.store, {self.channel.name: self.business.id}, WORDS)
        alerts = AdminAlerts(self.store, [OWNER])
        self.worker = Worker(self.store, channels, talk, WORDS.texts, alerts=alerts)
        self.sender = Sender(self.store, channels, WORDS.texts)

    async def works(self) -> None:
        """Take in what Telegram has, answer it, and send what is due."""
        updates = self.telegram.updates
        shapes = [update.shape() for update in updates.pending]
        updates.pending.clear()
        await self.takes(*shapes)

    async def takes(self, *updates: dict[str, object]) -> None:
        intake = Intake(
            self.channel.bot,
            self.store,
            self.business.id,
            self.channel.name,
            self.store.clock,
            burst_seconds=0.0,
        )
        await intake.take(list(updates))
        for chat_id in (OWNER, ALICE):
            await self.worker.drain(self.channel.name, chat_id)
        await self.sends()

    async def sends(self) -> None:
        """Send what is due, as if the chats had rested."""
        while await self.sender.send_due(self.channel.name):
            async with self.store.worker() as session:
                await session.execute(
                    text("UPDATE outbox SET attempted_at = attempted_at - interval '61 s'")
                )

    async def books(self) -> Appointment:
        async def work(uow: UnitOfWork) -> Appointment:
            alice = await uow.customers.get_customer_by_telegram_id(ALICE)
            assert alice is not None
            made = await uow.appointments.create_appointment(
                alice.id,
                starts_at=TUESDAY_TEN,
                service="haircut",
                reply_to=ReplyTo(self.channel.name, ALICE, "en"),
            )
            assert isinstance(made, Appointment)
            return made

        made = await self.store.run(self.business, work)
        await self.sends()
        return made

    async def is_reachable(self) -> bool:
        customer = await self.store.run(
            self.business, lambda uow: uow.customers.get_customer_by_telegram_id(ALICE)
        )
        return customer is not None and customer.unreachable_since is None


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    file = load_example().model_copy(update={"owner_chat_ids": (OWNER,)})
    business = await founded(store, file)
    async with FakeTelegram() as telegram:
        channel = build_channel(telegram.token, base_url=telegram.base_url)
        owner = telegram.person(OWNER, "Olga")
        alice = telegram.person(ALICE, "Alice")
        house = House(store, business, telegram, channel, owner, alice)
        owner.says("/start")
        alice.says("/start")
        await house.works()
        yield house
        await channel.aclose()
        assert telegram.oddities == []


async def test_a_refused_message_marks_the_chat_and_the_owner_hears_of_it_once(
    house: House, clock: MovableClock
) -> None:
    made = await house.books()
    house.telegram.updates.allowed = ["message"]  # no word of the blocking comes
    house.alice.blocks()
    for hours in (24, 2):
        clock.instant = TUESDAY_TEN
        clock.advance(hours=-hours)
        await house.sends()
    assert not await house.is_reachable()
    told = [m.text for m in house.owner.unseen() if "can't be reached" in m.text]
    assert len(told) == 1
    assert "Alice" in told[0]
    assert f"#{made.id}" in told[0]
    kept = await house.store.run(
        house.business, lambda uow: uow.appointments.get_appointment_by_id(made.id)
    )
    assert kept == made


async def test_blocking_is_heard_of_at_once_and_unblocking_revives(house: House) -> None:
    await house.books()
    house.alice.blocks()
    await house.works()
    assert not await house.is_reachable()
    assert sum("can't be reached" in m.text for m in house.owner.unseen()) == 1
    said = len(house.alice.unseen())
    house.alice.unblocks()
    await house.works()
    assert await house.is_reachable()
    assert len(house.alice.unseen()) == said  # coming back is no reason to be written to


async def test_the_next_message_revives(house: House) -> None:
    house.alice.blocks()
    await house.works()
    assert not await house.is_reachable()
    assert not any("can't be reached" in m.text for m in house.owner.unseen())  # isn't expected
    house.telegram.updates.allowed = ["message"]
    house.alice.unblocks()
    house.alice.says("/my")
    await house.works()
    assert await house.is_reachable()


async def test_the_owner_hears_of_each_change_that_could_not_be_told(house: House) -> None:
    made = await house.books()
    house.alice.blocks()
    await house.works()
    to = ReplyTo(house.channel.name, ALICE, "en")
    await house.store.run(
        house.business,
        lambda uow: uow.appointments.cancel_appointment(made.id, customer_id=None, reply_to=to),
    )
    await house.sends()
    assert any("could not be told of a change" in m.text for m in house.owner.unseen())


async def test_admins_hear_of_what_was_set_aside_once_an_hour(
    house: House, clock: MovableClock
) -> None:
    def odd(number: int) -> dict[str, object]:
        chat = {"id": ALICE, "type": "private"}
        return {"update_id": number, "message": {"chat": chat, "text": "secret words"}}

    def alerts() -> list[str]:
        return [m.text for m in house.owner.unseen() if "set aside" in m.text]

    await house.takes(odd(1), odd(2))
    assert len(alerts()) == 1
    assert "message.message_id: missing" in alerts()[0]
    assert "secret" not in alerts()[0]
    clock.advance(minutes=61)
    await house.takes(odd(3))
    assert len(alerts()) == 2
    house.alice.says("/my")
    await house.works()  # and the chat goes on
    assert "appointments" in house.alice.last().text


async def test_an_album_is_answered_once_and_words_beside_it_instead(house: House) -> None:
    for _ in range(4):
        house.alice.sends_photo()
    before = len(house.alice.unseen())
    await house.works()
    assert len(house.alice.unseen()) == before + 1
    house.alice.sends_sticker()
    house.alice.says("haircut with Anna on Tuesday at 10")
    house.alice.sends_photo()
    await house.works()
    assert len(house.alice.unseen()) == before + 2
    assert "Please check and confirm" in house.alice.last().text
