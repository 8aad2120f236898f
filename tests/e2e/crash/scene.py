"""Customers who talk to an assistant that is killed all the time.

Real processes between a fake Telegram and a fake OpenAI. They are killed with SIGKILL at the named
points of a message's path and at random moments, and started again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, load_example, settings_for
from tests.e2e.crash.audit import Audit, settle
from tests.e2e.crash.balancer import Balancer
from tests.e2e.crash.fleet import Fleet, free_ports
from tests.e2e.crash.points import Stage
from tests.e2e.crash.sightings import Sightings
from tests.e2e.crash.traps import Traps
from tests.e2e.crash.wires import Wires
from tests.e2e.harness import query
from tests.fakes.openai import Answer, Call, FakeOpenAI, Request, Text
from tests.fakes.telegram import DEFAULT_TOKEN, BotMessage, FakeTelegram, Person
from tests.founding import founded

PATIENCE = 240.0
_MOVED, _SATURDAY = dt.timedelta(days=3), 5
_AWAY = "can't be reached for a moment"
# Two and a half hours before the first appointments: all of that Tuesday are reminded of.
LATER = dt.datetime.fromisoformat("2026-11-24T09:30:00+01:00")
CHANNEL = f"telegram:{DEFAULT_TOKEN.partition(':')[0]}"


@dataclass
class Scene:
    """What a run is made of."""

    telegram: FakeTelegram
    openai: FakeOpenAI
    fleet: Fleet
    url: str
    balancer: Balancer | None
    traps: Traps
    sightings: Sightings
    _refusals: dict[int, asyncio.Event] = field(default_factory=dict)

    @property
    def _audit(self) -> Audit:
        return Audit(self.url, self.telegram, self.fleet, self.sightings)

    def repeats(self) -> int:
        """Return how many messages came more than once."""
        return self._audit.repeats()

    def wrong(self, ends: Counter[str]) -> list[str]:
        """Return all that doesn't tally after a run, in words."""
        wrong = self._audit.wrong() + self.openai.unexpected + self.telegram.oddities
        # Two wanted each time, one got it.
        if ends["booked"] != ends["refused"]:
            wrong.append(f"a time was given twice, or to nobody: {ends}")
        return wrong + [f"nobody was caught {point}" for point in self.traps.unsprung()]

    async def remind(self) -> list[str]:
        """Let days pass, kill who sends the reminders, and return what is wrong with them."""
        await asyncio.to_thread(self.fleet.jump, LATER)
        due = "SELECT FROM outbox WHERE kind = 'reminder' AND state = 'sent'"
        for _ in range(int(PATIENCE / 0.05)):
            if await asyncio.to_thread(query, self.url, due):
                break
            await asyncio.sleep(0.05)
        await asyncio.to_thread(self.fleet.kill, "while reminders are sent")
        await asyncio.to_thread(settle, self.url, PATIENCE, until=LATER)
        return await asyncio.to_thread(self._audit.reminded, LATER)

    # --- the model

    def play(self, request: Request) -> Answer:
        """Answer every note by its number, and do what is asked for."""
        said = request.last_user_text
        number = re.search(r"q(\d+)", said)
        assert number is not None, said
        n = int(number[1])
        if wish := re.search(r"book q\d+ at (.+?) with (\w+)", said):
            when = {"service": "haircut", "when": wish[1], "staff": wish[2], "notes": None}
            call = Call("create_appointment", when)
            return self.traps.answer(n, _chat(n), Stage.BOOKING_ASKED, call)
        if wish := re.search(r"move q\d+ #(\d+) to (.+)$", said, re.MULTILINE):
            there = {"appointment": int(wish[1]), "when": wish[2].strip(), "staff": None}
            return Call("reschedule_appointment", there)
        if wish := re.search(r"cancel q\d+ #(\d+)", said):
            return Call("cancel_appointment", {"appointment": int(wish[1]), "reason": None})
        notes = " and ".join(re.findall(r"note (q\d+[ab])", said))
        answer = Text(f"I have read {notes}.")
        return self.traps.answer(n, _chat(n), Stage.NOTE_ASKED, answer)

    # --- the customers

    async def talk(self, number: int, rng: random.Random) -> str:
        """One conversation: a note or a burst of two, then a booking; returns how it ended.

        Some of those who have booked move it, others cancel.
        """
        person = self.telegram.person(_chat(number), f"Guest {number}", "en")
        notes = [f"q{number}a", f"q{number}b"][: rng.choice([1, 1, 2])]
        sent = []
        for note in notes:
            sent.append(person.says(f"note {note}").update_id)
            await asyncio.sleep(rng.uniform(0, 0.3))
        missing = set(notes)
        while missing:
            answer = await _until(person, "I have read")
            missing -= set(re.findall(r"q\d+[ab]", answer.text))
        if rng.random() < 0.3:
            self.telegram.redeliver(rng.choice(sent))
        await self._lay(number, Stage.BOOKING_WRITTEN)
        when, staff = _slot(number // 2)  # two want each time
        wish = f"book q{number} at {_said(when)} with {staff}"

        def ask() -> None:
            sent.append(person.says(wish).update_id)

        answer = await _insist(person, ask, "confirm|taken")
        if "Confirm" not in answer.labels:
            self._refused(number).set()
            return "refused"
        again = rng.random() < 0.3

        def confirm() -> None:
            press = person.presses(answer, "Confirm")
            if again and press.update_id is not None:
                self.telegram.redeliver(press.update_id)
                self.telegram.redeliver(sent[-1])  # and an older one after it

        receipt = await _insist(person, confirm, "Booked")
        await self._go_on(person, number, when, receipt)
        return "booked"

    async def _go_on(
        self, person: Person, number: int, when: dt.datetime, receipt: BotMessage
    ) -> None:
        """Move, cancel or keep what was booked; a point in one of these decides."""
        pair = number - number % 2
        point = self.traps.points.get(pair)
        stage = None if point is None else point.stage
        booked = re.search(r"#(\d+)", receipt.text)
        assert booked is not None
        # Before that it would be free for the other one.
        await asyncio.wait_for(self._refused(number).wait(), 2 * PATIENCE)
        if stage is Stage.MOVE_PRESSED or (pair % 8 == 2 and _is_open(when + _MOVED)):
            wish = f"move q{number} #{booked[1]} to {_said(when + _MOVED)}"
            card = await _insist(person, lambda: person.says(wish), "Move this")
            await self._lay(pair, Stage.MOVE_PRESSED, number)
            await _insist(person, lambda: person.presses(card, "Confirm"), "Moved")
        elif stage is Stage.CANCEL_PRESSED or pair % 8 == 6:
            wish = f"cancel q{number} #{booked[1]}"
            card = await _insist(person, lambda: person.says(wish), "Cancel this")
            await self._lay(pair, Stage.CANCEL_PRESSED, number)
            await _insist(person, lambda: person.presses(card, "Yes, cancel it"), "Cancelled")

    def _refused(self, number: int) -> asyncio.Event:
        """Set when one of a pair has read that the time is taken."""
        return self._refusals.setdefault(number // 2, asyncio.Event())

    async def _lay(self, number: int, stage: Stage, whose: int | None = None) -> None:
        chat = _chat(number if whose is None else whose)
        await asyncio.to_thread(self.traps.lay, number, chat, stage)

    async def run(
        self, conversations: int, kills: int, seed: int, *, at_once: int = 12
    ) -> Counter[str]:
        """Let everybody talk while processes are killed at random moments."""
        seats = asyncio.Semaphore(at_once)

        async def sit(number: int) -> str:
            async with seats:
                return await self.talk(number, random.Random(f"{seed}:{number}"))

        async def kill() -> None:
            rng = random.Random(seed)
            killed, seen = 0, -1
            while killed < kills:
                await asyncio.sleep(rng.uniform(0.5, 6.0))
                # On a busy machine nobody would live long enough to say anything.
                if self.sightings.total != seen:
                    seen = self.sightings.total
                    await asyncio.to_thread(self.fleet.kill, "at a random moment", one=True)
                    killed += 1

        killing = asyncio.create_task(kill())
        try:
            ends = await asyncio.gather(*(sit(number) for number in range(conversations)))
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        return Counter(ends)


async def _until(person: Person, wanted: str) -> BotMessage:
    return await person.waits_for(re.compile(wanted), PATIENCE)


async def _insist(person: Person, ask: Callable[[], object], wanted: str) -> BotMessage:
    """Ask, and again where the person is told that the book can't be reached for a moment."""
    while True:
        ask()
        answer = await _until(person, f"{wanted}|{_AWAY}")
        if _AWAY not in answer.text:
            return answer
        await asyncio.sleep(1.0)


def _chat(number: int) -> int:
    return 10_000 + number


def _slot(number: int) -> tuple[dt.datetime, str]:
    """The (wall) time that a pair of customers wants, none of them twice.

    Tuesdays and Wednesdays, on which both of the staff work; as they do on what is `_MOVED` later.
    """
    hours = (12, 13, 15, 16, 17, 18)
    day, rest = divmod(number, len(hours) * 2)
    staff, hour = divmod(rest, len(hours))
    date = dt.datetime(2026, 11, 24) + dt.timedelta(days=day // 2 * 7 + day % 2)
    return date + dt.timedelta(hours=hours[hour]), ("anna", "boris")[staff]


def _is_open(when: dt.datetime) -> bool:
    """Whether the shop is: a Saturday ends early, and there are holidays."""
    return (when.weekday() != _SATURDAY or when.hour < 18) and when.date() < dt.date(2026, 12, 25)


def _said(when: dt.datetime) -> str:
    return f"{when:%a %Y-%m-%d %H:%M}"


async def _found(url: str) -> None:
    database = Database(settings_for(url))
    await founded(Store(database, MovableClock()), load_example())
    await database.close()


@contextmanager
def scene(
    url: str,
    folder: Path,
    *,
    processes: int,
    webhook: bool = False,
    api: str = "responses",
    seed: int = 1,
    wired: bool = False,
) -> Iterator[Scene]:
    """Set the stage.

    Args:
        url: of an empty, migrated database.
        folder: for the logs.
        webhook: updates come through a webhook, which the processes share, with duplicates and
            late ones; else by polling.
        api: which of OpenAI's: responses or chat.
        wired: processes can be cut off from the database.
    """
    with ExitStack() as stack:
        telegram = stack.enter_context(FakeTelegram.in_thread())
        telegram.limits.keep()
        telegram.limits.webhook_backoff_scale = 0.05
        openai = stack.enter_context(FakeOpenAI.in_thread([]))
        settings = {
            "DATABASE_URL": url,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_BASE_URL": telegram.base_url,
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": openai.base_url,
            "OPENAI_API": api,
            "ASSISTANT_BURST_SECONDS": "0.2",
            "LOG_FORMAT": "json",
        }
        # By us: a process that was killed while it founds the business would leave a gap, and the
        # business with another number than the audit's.
        asyncio.run(_found(url))
        ports = free_ports(processes) if webhook else [0] * processes
        balancer = None
        if webhook:
            balancer = stack.enter_context(Balancer(ports, seed).in_thread())
            settings["TELEGRAM_WEBHOOK_URL"] = balancer.url
        wires = stack.enter_context(Wires(url).in_thread()) if wired else None
        fleet = Fleet(ports, folder, settings, wires)
        stack.callback(fleet.end)
        traps = Traps(telegram, fleet, url)
        made = Scene(telegram, openai, fleet, url, balancer, traps, Sightings(telegram))
        openai.play(made.play)
        yield made
