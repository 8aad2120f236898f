"""Reminders: planned, sent once, confirmed; moved and gone with their appointment."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import text

from assistant.channel import Delivery, RetryLater, Sent
from assistant.delivery import Sender
from assistant.messages import Outgoing
from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal
from booking.reminders import reminder_times
from db.repositories.outbox import OutboxRepository, ReplyTo
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.integration.db_support import CHANNEL, TUESDAY_TEN
from tests.integration.guided_support import TEXTS, Chat, book, chat_about, new_customer


@dataclass
class Recorder:
    """A channel that keeps what it is given; now and then it wants it later."""

    name: str = CHANNEL
    pace: None = None
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    sent: list[tuple[int, Outgoing]] = field(default_factory=list)

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        await asyncio.sleep(0)
        if self.rng.random() < 0.1:
            return RetryLater(30.0, "too many")
        self.sent.append((chat_id, outgoing))
        return Sent(len(self.sent))


class Month:
    """A simulated month of one shop: two senders, restarts, moves, cancellations."""

    def __init__(self, store: Store, business: Business, clock: MovableClock, seed: int) -> None:
        self.store, self.business, self.clock = store, business, clock
        self.rng = random.Random(seed)
        self.channel = Recorder(rng=random.Random(seed))
        self.senders = [self.sender(), self.sender()]
        self.open: dict[int, Appointment] = {}
        # Appointment -> how many reminders were due while it stood.
        self.expected: Counter[int] = Counter()

    def sender(self) -> Sender:
        return Sender(self.store, {CHANNEL: self.channel}, TEXTS)  # type: ignore[dict-item]

    async def send(self) -> None:
        """Both send at once; now and then one dies between its claim and the send."""
        if self.rng.random() < 0.3:
            async with self.store.worker() as session:
                await OutboxRepository(session).claim(CHANNEL, self.clock.now(), limit=2)
            self.senders[0] = self.sender()
        async with self.store.worker() as session:
            await OutboxRepository(session).requeue_abandoned(CHANNEL, 0.0)
        await asyncio.gather(*(sender.send_due(CHANNEL) for sender in self.senders))

    async def delayed(self) -> bool:
        async with self.store.worker() as session:
            waiting = "SELECT 1 FROM outbox WHERE state = 'queued' AND attempts > 0"
            return await session.scalar(text(waiting)) is not None

    async def go_on(self) -> None:
        """100 minutes by day, over the night at once; what is put off goes out before the next."""
        if self.clock.now().hour < 20:
            await self.pass_time(100)
        else:
            morning = self.clock.now().replace(hour=7, minute=0, second=0) + dt.timedelta(days=1)
            await self.pass_time((morning - self.clock.now()) / dt.timedelta(minutes=1))
        await self.send()
        while await self.delayed():
            await self.pass_time(0.6)
            await self.send()

    async def book(self) -> None:
        who = (await new_customer(self.store, self.business, 1000 + len(self.expected))).id
        for _ in range(20):
            made = await self.book_one(who, self.slot())
            if isinstance(made, Appointment):
                self.open[made.id] = made
                self.expected[made.id] += 0
                return

    async def book_one(self, who: int, start: dt.datetime) -> Appointment | Refusal:
        return await self.store.run(
            self.business,
            lambda uow: uow.appointments.create_appointment(
                who, starts_at=start, service="haircut", reply_to=ReplyTo(CHANNEL, who, "en")
            ),
        )

    def slot(self) -> dt.datetime:
        days = self.rng.randrange(1, 20)
        first = self.clock.now().date() + dt.timedelta(days=days)
        hour = self.rng.choice([9, 10, 11, 14, 15, 16])
        return dt.datetime(first.year, first.month, first.day, hour, tzinfo=dt.UTC)

    async def change(self) -> None:
        if not self.open:
            return
        row = self.open[self.rng.choice(sorted(self.open))]
        if self.rng.random() < 0.5:
            done: Appointment | Refusal = await self.store.run(
                self.business,
                lambda uow: uow.appointments.cancel_appointment(row.id, customer_id=None),
            )
            if isinstance(done, Appointment):
                del self.open[row.id]
        else:
            start, to = self.slot(), ReplyTo(CHANNEL, row.customer_id, "en")
            done = await self.store.run(
                self.business,
                lambda uow: uow.appointments.reschedule_appointment(
                    row.id, start, customer_id=None, reply_to=to
                ),
            )
            if isinstance(done, Appointment):
                self.open[row.id] = done

    async def pass_time(self, minutes: float) -> None:
        before = self.clock.now()
        self.clock.advance(minutes=minutes)
        for row in list(self.open.values()):
            times = reminder_times(self.business.policy, row.zone, row.starts_at)
            planned_after = max(before, row.updated_at)
            self.expected[row.id] += sum(planned_after < t <= self.clock.now() for t in times)
            if row.starts_at <= self.clock.now() + dt.timedelta(hours=1):
                del self.open[row.id]

    def reminded(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for _, outgoing in self.channel.sent:
            if "reminder" in outgoing.text:
                found[int(outgoing.buttons[0][0].action.split(":")[1])] += 1
        return found


async def test_a_month_of_reminders(store: Store, clock: MovableClock) -> None:
    file = load_example()
    policy = file.policy.model_copy(
        update={"reminder_minutes": (120,), "reminder_day_before_at": dt.time(10)}
    )
    business = await apply_file(store, file.model_copy(update={"policy": policy}))
    month = Month(store, business, clock, seed=1)
    over = clock.now() + dt.timedelta(days=30)
    while clock.now() < over:
        if month.rng.random() < 0.15:
            await month.book()
        if month.rng.random() < 0.1:
            await month.change()
        await month.go_on()
    assert month.reminded() == +month.expected
    assert month.reminded().total() > 15
    async with store.worker() as session:
        repeats = text("SELECT count(*) FROM outbox WHERE kind = 'reminder' AND attempts > 1")
        assert await session.scalar(repeats)  # deaths and delays did meet reminders


async def test_one_on_its_way_during_a_move_is_dropped(
    store: Store, business: Business, clock: MovableClock
) -> None:
    who = (await new_customer(store, business, 9)).id
    to = ReplyTo(CHANNEL, 9, "en")
    row = await store.run(
        business,
        lambda uow: uow.appointments.create_appointment(
            who, starts_at=TUESDAY_TEN, service="haircut", reply_to=to
        ),
    )
    assert isinstance(row, Appointment)
    clock.instant = TUESDAY_TEN - dt.timedelta(hours=24)
    channel = Recorder(rng=random.Random(0))
    sender = Sender(store, {CHANNEL: channel}, TEXTS)  # type: ignore[dict-item]
    async with store.worker() as session:
        await session.execute(text("UPDATE outbox SET state = 'sent' WHERE kind = 'receipt'"))
        [claimed] = await OutboxRepository(session).claim(CHANNEL, clock.now())
    later = TUESDAY_TEN + dt.timedelta(days=2)
    moved = await store.run(
        business,
        lambda uow: uow.appointments.reschedule_appointment(row.id, later, customer_id=None),
    )
    assert isinstance(moved, Appointment)
    async with store.worker() as session:
        await OutboxRepository(session).requeue_abandoned(CHANNEL, 0.0)
        planned = text(
            "SELECT channel, chat_id, due_at FROM outbox WHERE kind = 'reminder'"
            f" AND id <> {claimed.id} AND state = 'queued' ORDER BY due_at"
        )
        # The owner moved it, and nobody asked from a chat: the chat last seen is reminded.
        assert [tuple(row) for row in await session.execute(planned)] == [
            ("terminal", 9, later - dt.timedelta(hours=24)),
            ("terminal", 9, later - dt.timedelta(hours=2)),
        ]
    await sender.send_due(CHANNEL)
    assert channel.sent == []


async def test_the_day_before_is_a_wall_time() -> None:
    policy = load_example().policy.model_copy(
        update={"reminder_minutes": (), "reminder_day_before_at": dt.time(2, 30)}
    )

    def due(local: str) -> list[str]:
        start = dt.datetime.fromisoformat(local)
        times = reminder_times(policy, "Europe/Berlin", start)  # type: ignore[arg-type]
        return [time.isoformat() for time in times]

    assert due("2026-11-24T10:00+01:00") == ["2026-11-23T01:30:00+00:00"]
    assert due("2027-03-29T10:00+02:00") == ["2027-03-28T01:00:00+00:00"]  # 02:30 is missing
    assert due("2026-10-26T10:00+01:00") == ["2026-10-25T00:30:00+00:00"]  # 02:30 comes twice


# --- the answer to one


async def test_a_customer_confirms_a_reminder(store: Store) -> None:
    chat = await chat_about(store)
    row = await book(chat)
    for _ in range(2):
        assert "Thank you for confirming" in await chat.press(f"ack:{row.id}:{row.version}")
    assert await events(chat) == 1


async def test_a_stale_confirmation_changes_nothing(store: Store) -> None:
    chat = await chat_about(store)
    row = await book(chat)
    assert "out of date" in await chat.press(f"ack:{row.id}:{row.version - 1}")
    other = Chat(store, chat.business, await new_customer(store, chat.business, 66))
    assert "couldn't find" in await other.press(f"ack:{row.id}:{row.version}")
    await chat.press(f"c:{row.id}:{row.version}")
    await chat.say("yes")
    assert "couldn't find" in await chat.press(f"ack:{row.id}:{row.version}")
    assert await events(chat) == 0


async def events(chat: Chat) -> int:
    async with chat.store.database.transaction(chat.business.id) as session:
        acknowledged = "SELECT count(*) FROM appointment_events WHERE change = 'acknowledged'"
        return int(await session.scalar(text(acknowledged)) or 0)
