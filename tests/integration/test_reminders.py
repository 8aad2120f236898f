"""Reminders: planned, sent once, confirmed; moved and gone with their appointment."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections import Counter

from sqlalchemy import text

from assistant.delivery import Sender
from assistant.telegram.bot import build_bot
from assistant.telegram.channel import TelegramChannel
from booking.appointment import Appointment
from booking.business import Business
from booking.refusals import Refusal
from booking.reminders import reminder_times
from db.repositories.leavings import LeavingsRepository
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo
from db.repositories.pace import UNPACED
from db.store import Store
from tests.conftest import MovableClock, load_example
from tests.fakes.telegram import FakeTelegram, Fault
from tests.integration.db_support import CHANNEL, TUESDAY_TEN
from tests.integration.guided_support import TEXTS, Chat, book, chat_about, new_customer
from tests.integration.test_unanswered import Phones


class Month:
    """A simulated month of one shop, over the wire: two senders, restarts, moves, cancellations."""

    def __init__(
        self, store: Store, business: Business, clock: MovableClock, telegram: FakeTelegram
    ) -> None:
        self.store, self.business, self.clock, self.telegram = store, business, clock, telegram
        self.rng = random.Random(1)
        bot = build_bot(telegram.token, telegram.base_url)
        self.channel = TelegramChannel(bot, pace=UNPACED)
        self.name = self.channel.name
        self.senders = [self.sender(), self.sender()]
        self.open: dict[int, Appointment] = {}
        # Appointment -> how many reminders were due while it stood; and could not be delivered.
        self.expected: Counter[int] = Counter()
        self.undelivered: Counter[int] = Counter()
        self.blocked: set[int] = set()

    def sender(self) -> Sender:
        return Sender(self.store, {self.name: self.channel}, TEXTS)

    async def send(self) -> None:
        """Both send at once; now and then one dies between its claim and the send."""
        if self.rng.random() < 0.3:
            async with self.store.worker() as session:
                await OutboxRepository(session).claim(self.name, self.clock.now(), limit=2)
            self.senders[0] = self.sender()
        if self.rng.random() < 0.05:
            self.telegram.fail_next("sendMessage", Fault.too_many(30))
        async with self.store.worker() as session:
            leavings = LeavingsRepository(session)
            await leavings.requeue_silent(await leavings.in_hand([self.name]))
        await asyncio.gather(*(sender.send_due(self.name) for sender in self.senders))

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
        number = 1000 + len(self.expected)
        person = self.telegram.person(number)
        person.says("/start")
        who = (await new_customer(self.store, self.business, number)).id
        if self.rng.random() < 0.2:
            person.blocks()
            self.blocked.add(who)
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
                who, starts_at=start, service="haircut", reply_to=self.chat(who)
            ),
        )

    def chat(self, who: int) -> ReplyTo:
        return ReplyTo(self.name, 999 + who, "en")

    def slot(self) -> dt.datetime:
        """Some time of the next weeks; now and then it is nearer than the reminders."""
        days = self.rng.choice([0, 1, *range(1, 20)])
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
            start, to = self.slot(), self.chat(row.customer_id)
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
            due = sum(planned_after < t <= self.clock.now() for t in times)
            met = self.undelivered if row.customer_id in self.blocked else self.expected
            met[row.id] += due
            if row.starts_at <= self.clock.now() + dt.timedelta(hours=1):
                del self.open[row.id]

    def reminded(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for chat in self.telegram.world.chats.values():
            for message in chat.shown:
                first = message.buttons[0].data if message.buttons else ""
                if first and first.startswith("ack:"):
                    found[int(first.split(":")[1])] += 1
        return found


async def test_a_month_of_reminders(store: Store, clock: MovableClock) -> None:
    """With a change of the clocks, one of the lead times, and people who have blocked the bot."""
    clock.instant = dt.datetime(2027, 3, 5, 9, 0, tzinfo=dt.UTC)
    business = await times_of(store, reminder_minutes=(120,), reminder_day_before_at=dt.time(10))
    over = clock.now() + dt.timedelta(days=30)
    async with FakeTelegram() as telegram:
        month = Month(store, business, clock, telegram)
        while clock.now() < over:
            if month.rng.random() < 0.15:
                await month.book()
            if month.rng.random() < 0.1:
                await month.change()
            await month.go_on()
            if month.business is business and clock.now() > over - dt.timedelta(days=14):
                month.business = await times_of(store, reminder_minutes=(1440, 180))
        await month.channel.aclose()
        assert telegram.oddities == []
    assert month.reminded() == +month.expected
    assert month.reminded().total() > 15
    async with store.database.transaction(business.id, worker=True) as session:
        repeats = text("SELECT count(*) FROM outbox WHERE kind = 'reminder' AND attempts > 1")
        assert await session.scalar(repeats)  # deaths and delays did meet reminders
        told = text("SELECT appointment_id FROM appointment_events WHERE change = 'not_reminded'")
        assert Counter(await session.scalars(told)) == +month.undelivered
    assert month.undelivered.total() > 2


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
    channel = Phones(name=CHANNEL)
    sender = Sender(store, {CHANNEL: channel}, TEXTS)  # type: ignore[dict-item] # a stand-in
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
        leavings = LeavingsRepository(session)
        await leavings.requeue_silent(await leavings.in_hand([CHANNEL]))
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


async def test_one_on_its_way_while_it_is_called_off_is_dropped(
    store: Store, business: Business, clock: MovableClock
) -> None:
    """What is taken back with the appointment is what is queued, not what somebody has in hand."""
    who = (await new_customer(store, business, 9)).id
    to = ReplyTo(CHANNEL, 9, "en")
    await store.run(
        business,
        lambda uow: uow.appointments.create_appointment(
            who, starts_at=TUESDAY_TEN, service="haircut", reply_to=to
        ),
    )
    clock.instant = TUESDAY_TEN - dt.timedelta(hours=24)
    async with store.worker() as session:
        await session.execute(text("UPDATE outbox SET state = 'sent' WHERE kind = 'receipt'"))
        assert len(await OutboxRepository(session).claim(CHANNEL, clock.now())) == 1
    await store.run(business, lambda uow: uow.appointments.cancel_appointment(1, customer_id=None))
    async with store.worker() as session:
        leavings = LeavingsRepository(session)
        await leavings.requeue_silent(await leavings.in_hand([CHANNEL]))
    channel = Phones(name=CHANNEL)
    await Sender(store, {CHANNEL: channel}, TEXTS).send_due(CHANNEL)  # type: ignore[dict-item] # a stand-in
    assert channel.sent == []


async def test_after_an_outage_one_reminder_comes_and_it_is_the_nearest(
    store: Store, clock: MovableClock
) -> None:
    """Fails without `is_overtaken`: then whoever was away brings both at once."""
    file = load_example()
    hours = {n: dt.timedelta(hours=n) for n in (48, 24, 2, 1)}
    chat = await chat_about(
        store, policy=file.policy.model_copy(update={"reminder_minutes": (1440, 120)})
    )
    row, phones = await book(chat, "haircut on Tuesday at 10"), Phones()
    moved = await book(chat, "haircut on Tuesday at 12")
    gone = await book(chat, "haircut on Wednesday at 10")
    sender = Sender(store, {"terminal": phones}, TEXTS)  # type: ignore[dict-item] # a stand-in

    async def reminded_at(instant: dt.datetime) -> list[str]:
        clock.instant = instant
        phones.sent.clear()
        await sender.send_due("terminal")
        return [
            out.buttons[0][0].action
            for _, out in phones.sent
            if out.buttons[0][0].action[:3] == "ack"
        ]

    await sender.send_due("terminal")
    # Nobody sends. Meanwhile the owner moves one to Thursday, and cancels another.
    clock.instant = row.starts_at - hours[2]
    thursday = moved.starts_at + 2 * hours[24]
    for work in (
        lambda uow: uow.appointments.reschedule_appointment(moved.id, thursday, customer_id=None),
        lambda uow: uow.appointments.cancel_appointment(gone.id, customer_id=None),
    ):
        assert isinstance(await store.run(chat.business, work), Appointment)
    assert await reminded_at(row.starts_at - hours[1]) == [f"ack:{row.id}:{row.version}"]
    assert await reminded_at(row.starts_at - dt.timedelta(minutes=1)) == []
    # The other one's old times are nobody's, the new ones are kept.
    assert await reminded_at(thursday - hours[24]) == [f"ack:{moved.id}:{moved.version + 1}"]
    # One that was planned later and is due earlier is as superfluous.
    await store.run(
        chat.business,
        lambda uow: uow.outbox.enqueue(
            chat.business.id,
            chat.to,
            OutboxKind.REMINDER,
            {"starts_at": thursday.isoformat(), "language": "en"},
            due_at=thursday - hours[48],
            appointment_id=moved.id,
        ),
    )
    assert await reminded_at(thursday - hours[24] + hours[1]) == []
    assert await reminded_at(thursday - hours[2]) == [f"ack:{moved.id}:{moved.version + 1}"]
    # Too late for any of them: nobody is reminded of what has begun.
    last = await book(chat, "haircut next Tuesday at 10")
    assert await reminded_at(last.starts_at) == []
    async with store.worker() as session:
        ends = text(
            "SELECT state, error FROM outbox WHERE kind = 'reminder'"
            " ORDER BY appointment_id, due_at"
        )
        overtaken = ("cancelled", "a nearer reminder takes its place")
        assert [tuple(each) for each in await session.execute(ends)] == [
            overtaken,
            ("sent", None),
            *[("cancelled", None)] * 2,  # moved away
            overtaken,
            ("sent", None),
            ("sent", None),
            *[("cancelled", None)] * 2,  # called off
            *[("cancelled", None)] * 2,  # begun
        ]


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


# --- the owner changes when


async def planned(store: Store) -> list[tuple[str, dt.timedelta]]:
    """What waits to be sent by itself: its kind, and how long before 10:00 on the Tuesday."""
    async with store.worker() as session:
        rows = await session.execute(
            text(
                "SELECT kind, due_at FROM outbox WHERE appointment_id IS NOT NULL"
                " AND state = 'queued' ORDER BY due_at"
            )
        )
        return [(row.kind, TUESDAY_TEN - row.due_at) for row in rows]


async def times_of(store: Store, **policy: object) -> Business:
    file = load_example()
    policy = {"reminder_minutes": (), **policy}
    changed = file.model_copy(update={"policy": file.policy.model_copy(update=policy)})
    edition = await store.apply_business(changed)
    assert edition.after is not None
    return edition.after


async def test_other_lead_times_are_those_of_what_is_booked_already(
    store: Store, business: Business, clock: MovableClock
) -> None:
    """Fails without `replan`: then who has booked is reminded as it was, or not at all."""
    hours = {n: dt.timedelta(hours=n) for n in (48, 24, 2, 1)}
    who = (await new_customer(store, business, 9)).id
    for hold in (False, True):
        made = await store.run(
            business,
            lambda uow, hold=hold: uow.appointments.create_appointment(  # type: ignore[misc]
                who,
                starts_at=TUESDAY_TEN + dt.timedelta(hours=2 * hold),
                service="haircut",
                hold=hold,
                reply_to=ReplyTo(CHANNEL, 9, "en"),
            ),
        )
        assert isinstance(made, Appointment)
    assert await planned(store) == [("reminder", hours[24]), ("reminder", hours[2])]
    await times_of(store, reminder_minutes=(2880, 120), review_after_minutes=60)
    assert await planned(store) == [
        ("reminder", hours[48]),
        ("reminder", hours[2]),
        ("review", -dt.timedelta(minutes=45 + 60)),
    ]
    # The first one is out, or on its way: it is not planned a second time, nor taken back.
    clock.instant = TUESDAY_TEN - hours[24]
    await times_of(store, reminder_minutes=(2880, 1440, 60))
    assert await planned(store) == [("reminder", hours[48]), ("reminder", hours[1])]
    await times_of(store, reminder_minutes=())
    assert await planned(store) == [("reminder", hours[48])]


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
