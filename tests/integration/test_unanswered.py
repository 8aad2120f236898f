"""Reminders that nobody answers reach the owner; after the visit customers are thanked."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.channel import Delivery, Rejected, Sent, Unreachable
from assistant.delivery import Sender
from assistant.housekeeping import Housekeeper
from assistant.messages import Outgoing
from booking.appointment import Appointment
from booking.status import AppointmentStatus
from db.repositories.outbox import ReplyTo
from db.store import Store
from tests.conftest import MovableClock, load_example
from tests.integration.guided_support import TEXTS, Chat, book, chat_about, new_customer, outbox

OWNER = 900
S = AppointmentStatus


@dataclass
class Phones:
    """A channel that keeps what each chat got; some chats refuse."""

    name: str = "terminal"
    pace: None = None
    sent: list[tuple[int, Outgoing]] = field(default_factory=list)
    refuse: Delivery | None = None

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        if self.refuse is not None and chat_id != OWNER:
            return self.refuse
        self.sent.append((chat_id, outgoing))
        return Sent(1)

    def to(self, chat_id: int) -> list[str]:
        return [outgoing.text for chat, outgoing in self.sent if chat == chat_id]


@dataclass
class Shop:
    """A customer's chat, the clock, and what is sent when."""

    chat: Chat
    clock: MovableClock
    phones: Phones = field(default_factory=Phones)

    @property
    def store(self) -> Store:
        return self.chat.store

    async def at(self, instant: dt.datetime) -> None:
        """Let it become that time: what is due is sent, and the house is kept."""
        self.clock.instant = instant
        await self.sends()
        await self.keeps_house()
        await self.sends()

    async def sends(self) -> None:
        sender = Sender(self.store, {"terminal": self.phones}, TEXTS)  # type: ignore[dict-item]
        await sender.send_due("terminal")

    async def keeps_house(self) -> int:
        return await Housekeeper(self.store, [self.chat.business.id]).tell_unanswered()

    async def owner_sees(self) -> str:
        """What the owner reads behind the button of the notice."""
        owner = dataclasses.replace(
            self.chat.context(), reply_to=ReplyTo("terminal", OWNER, "en"), message_key="owner"
        )
        return "\n".join(out.text for out in await self.chat.flow.press(owner, "un"))

    def told(self) -> list[str]:
        return [text for text in self.phones.to(OWNER) if "without an answer" in text]


async def shop(store: Store, clock: MovableClock, **policy: object) -> Shop:
    changed = load_example().policy.model_copy(update={"reminder_minutes": (1440,), **policy})
    chat = await chat_about(store, policy=changed, owner_chat_ids=(OWNER,))
    return Shop(chat, clock)


def before(row: Appointment, **ago: float) -> dt.datetime:
    return row.starts_at - dt.timedelta(**ago)


async def test_an_unanswered_reminder_reaches_the_owner_once(
    store: Store, clock: MovableClock
) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    assert "answered" in await it.owner_sees()  # nobody was reminded yet
    await it.at(before(row, hours=24))
    assert f"#{row.id}" in await it.owner_sees()
    assert it.told() == []  # three hours are left to answer
    await it.at(before(row, hours=21))
    [notice] = it.told()
    assert "Olga" in notice
    assert f"#{row.id}" in notice
    await it.at(before(row, hours=20))
    assert len(it.told()) == 1


@pytest.mark.parametrize("how", ["confirm", "move", "cancel"])
async def test_an_answer_keeps_it_off_the_list(store: Store, clock: MovableClock, how: str) -> None:
    it = await shop(store, clock, cancel_window_minutes=0, reschedule_window_minutes=0)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    if how == "confirm":
        await it.chat.press(f"ack:{row.id}:{row.version}")
    elif how == "move":
        await it.chat.say("move it to Thursday at 4pm")
        await it.chat.say("yes")
    else:
        await it.chat.press(f"c:{row.id}:{row.version}")
        await it.chat.say("yes")
    await it.at(before(row, hours=20))
    assert it.told() == []
    assert "#" not in await it.owner_sees()


async def test_after_a_move_the_answer_is_asked_for_anew(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    await it.chat.press(f"ack:{row.id}:{row.version}")
    moved = await store.run(
        it.chat.business,
        lambda uow: uow.appointments.reschedule_appointment(
            row.id, row.starts_at + dt.timedelta(days=2), customer_id=None
        ),
    )
    assert isinstance(moved, Appointment)
    await it.at(before(moved, hours=24))
    await it.at(before(moved, hours=20))
    assert len(it.told()) == 1


async def test_an_answer_that_comes_while_the_notice_is_on_its_way(
    store: Store, clock: MovableClock
) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    clock.instant = before(row, hours=20)
    assert await it.keeps_house() == 1
    await it.chat.press(f"ack:{row.id}:{row.version}")
    await it.sends()
    assert it.told() == []


@pytest.mark.parametrize("refuse", [Rejected("no"), Unreachable("blocked")])
async def test_one_that_could_not_be_sent_is_told_without_delay(
    store: Store, clock: MovableClock, refuse: Delivery
) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.sends()
    it.phones.refuse = refuse
    await it.at(before(row, hours=24))
    [notice] = it.told()
    assert "could not be reached" in notice


async def test_who_is_known_to_have_gone_is_not_written_to(
    store: Store, clock: MovableClock
) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.sends()
    await store.run(it.chat.business, lambda uow: uow.reach.lose("terminal", 5))
    it.phones.sent.clear()
    await it.at(before(row, hours=24))
    assert it.phones.to(5) == []
    assert len(it.told()) == 1


async def test_two_processes_tell_once(store: Store, clock: MovableClock) -> None:
    """Fails when `try_unanswered` is taken away."""
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    clock.instant = before(row, hours=20)
    told = await asyncio.gather(*(it.keeps_house() for _ in range(8)))
    assert sorted(told) == [0] * 7 + [1]
    await it.sends()
    assert len(it.told()) == 1


async def test_it_can_be_switched_off(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock, unanswered_after_minutes=0)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    await it.at(before(row, hours=1))
    assert it.told() == []


async def test_the_list_is_the_owners(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    await it.at(before(row, hours=24))
    assert "Olga" not in await it.chat.press("un")
    assert "Olga" not in await it.chat.command("unanswered")


# --- after the visit


async def reviewed(it: Shop, row: Appointment) -> list[str]:
    """What the customer has got of the thanks, an hour after the visit."""
    await it.at(row.ends_at + dt.timedelta(minutes=60))
    return [text for text in it.phones.to(5) if "Thank you for your visit" in text]


LINK = "https://example.com/review"


async def test_the_customer_is_thanked_and_books_again(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock, review_after_minutes=60, review_url=LINK)
    row = await book(it.chat)
    await it.at(row.ends_at)
    await complete(it, row, S.COMPLETED)
    [thanks] = await reviewed(it, row)
    assert LINK in thanks
    again = it.phones.sent[-1][1].buttons[0][0]
    assert again.label == "Book again"
    assert "day" in await it.chat.press(again.action)  # the service and the person are chosen
    assert await reviewed(it, row) == [thanks]


@pytest.mark.parametrize("status", [S.NO_SHOW, S.CANCELLED])
async def test_who_did_not_come_is_not_thanked(
    store: Store, clock: MovableClock, status: AppointmentStatus
) -> None:
    it = await shop(store, clock, review_after_minutes=60)
    row = await book(it.chat)
    if status is S.NO_SHOW:
        clock.instant = row.ends_at
    await complete(it, row, status)
    assert await reviewed(it, row) == []


async def test_nobody_is_thanked_unasked(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock)
    row = await book(it.chat)
    assert await reviewed(it, row) == []
    assert await outbox(store, "review") == []


async def complete(it: Shop, row: Appointment, status: AppointmentStatus) -> None:
    async def work(uow: Any) -> object:
        return await uow.appointments.update_appointment_status(row.id, status)

    done = await it.store.run(it.chat.business, work)
    assert isinstance(done, Appointment)


async def test_the_thanks_move_with_the_appointment(store: Store, clock: MovableClock) -> None:
    it = await shop(store, clock, review_after_minutes=60)
    row = await book(it.chat)
    later = row.starts_at + dt.timedelta(days=1)
    moved = await store.run(
        it.chat.business,
        lambda uow: uow.appointments.reschedule_appointment(row.id, later, customer_id=None),
    )
    assert isinstance(moved, Appointment)
    assert await reviewed(it, row) == []
    assert len(await reviewed(it, moved)) == 1


async def test_another_customers_appointment_is_another_line(
    store: Store, clock: MovableClock
) -> None:
    it = await shop(store, clock)
    other = Chat(store, it.chat.business, await new_customer(store, it.chat.business, 66))
    first = await book(it.chat)
    second = await book(other, "haircut on Wednesday at 2pm")
    await it.at(before(first, hours=24))
    await it.at(before(second, hours=24))
    listed = await it.owner_sees()
    assert listed.index(f"#{first.id}") < listed.index(f"#{second.id}")
    await it.chat.press(f"ack:{first.id}:{first.version}")
    assert f"#{first.id}" not in await it.owner_sees()
