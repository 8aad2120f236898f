"""Customers who talk to an assistant that is killed all the time.

Real processes between a fake Telegram and a fake OpenAI. They are killed with SIGKILL at the named
points of a message's path and at random moments, and started again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from db.session import Database
from db.store import Store
from tests.conftest import MovableClock, load_example, settings_for
from tests.e2e.crash.audit import Audit
from tests.e2e.crash.balancer import Balancer
from tests.e2e.crash.fleet import Fleet, free_ports
from tests.fakes.openai import Answer, Call, FakeOpenAI, Request, Slow, Text
from tests.fakes.telegram import BotMessage, FakeTelegram, Fault, Person
from tests.founding import founded

POINTS = (
    "after the claim",
    "before the model is asked for the booking",
    "while the model thinks",
    "after the model's reply",
    "inside the commit of the answer",
    "inside the commit of the booking",
    "between commit and send",
    "during the send",
    "after the send, its answer lost",
)
PATIENCE = 90.0
# What holds a process up at a point: it waits for a lock of ours, and is killed then.
_LOCKS = {
    "after the claim": "SELECT 1 FROM customers WHERE telegram_id = {chat} FOR UPDATE",
    "before the model is asked for the booking": "LOCK TABLE conversation_messages",
    "inside the commit of the answer": "SELECT 1 FROM inbox WHERE chat_id = {chat} FOR UPDATE",
    "inside the commit of the booking": (
        "SELECT pg_advisory_xact_lock((2::bigint << 56) | id) FROM resources"
    ),
}
# Set before the message is written; the others when the model is asked.
_EARLY = POINTS[:2]
_SENDS: dict[str, Callable[[], Fault]] = {
    "between commit and send": lambda: Fault.too_many(1),
    "during the send": lambda: Fault.slow(2.0),
    "after the send, its answer lost": Fault.drop_after,
}


@dataclass
class Scene:
    """What a run is made of.

    Args:
        points: conversation number -> where the processes are killed in it.
    """

    telegram: FakeTelegram
    openai: FakeOpenAI
    fleet: Fleet
    url: str
    balancer: Balancer | None
    points: dict[int, str] = field(default_factory=dict)
    sprung: set[int] = field(default_factory=set)
    traps: list[threading.Thread] = field(default_factory=list)

    @property
    def audit(self) -> Audit:
        """The accounts so far."""
        return Audit(self.url, self.telegram, self.fleet)

    # --- the model

    def play(self, request: Request) -> Answer:
        """Answer every note by its number, book what is asked for, and spring the traps."""
        said = request.last_user_text
        wish = re.search(r"book q(\d+) at (.+?) with (\w+)", said)
        notes = re.findall(r"note (q\d+[ab])", said)
        answer: Answer = Text("I have read " + " and ".join(notes) + ".")
        if wish is not None:
            when = {"service": "haircut", "when": wish[2], "staff": wish[3], "notes": None}
            answer = Call("create_appointment", when)
        number = re.search(r"q(\d+)", said)
        assert number is not None, said
        return self._trap(int(number[1]), wish is not None, answer)

    def _trap(self, number: int, books: bool, answer: Answer) -> Answer:
        point = self.points.get(number)
        if point is None or point in _EARLY or books is not ("booking" in point):
            return answer
        if number in self.sprung:
            return answer
        self.sprung.add(number)
        if point in _SENDS:
            fault = _SENDS[point]()
            self.telegram.fail_next("sendMessage", fault)
            self._spring(lambda: self._kill_at_fault(fault, point))
        elif point == "while the model thinks":
            self._spring(lambda: self._kill_after(0.3, point))
            assert isinstance(answer, Text)
            return Slow(20.0, answer)
        elif point == "after the model's reply":
            self._spring(lambda: self._kill_after(0.01, point))
        else:
            self._lay(number, point)
        return answer

    def _lay(self, number: int, point: str) -> None:
        """Hold what the path needs at a point, and kill whoever waits for it."""
        locked = threading.Event()
        lock = _LOCKS[point].format(chat=_chat(number))
        self._spring(lambda: asyncio.run(self._kill_who_waits(lock, number, locked, point)))
        locked.wait(10)

    def _spring(self, trap: Callable[[], None]) -> None:
        thread = threading.Thread(target=trap, daemon=True)
        self.traps.append(thread)
        thread.start()

    def _kill_after(self, seconds: float, point: str) -> None:
        time.sleep(seconds)
        self.fleet.kill(point)

    def _kill_at_fault(self, fault: Fault, point: str) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if any(call.fault is fault for call in self.telegram.calls_of("sendMessage")):
                break
            time.sleep(0.01)
        self.fleet.kill(point)

    async def _kill_who_waits(
        self, lock: str, number: int, locked: threading.Event, point: str
    ) -> None:
        connection = await asyncpg.connect(self.url)
        # Only what waits for us: a baton is waited for by trying.
        waits = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        if lock.startswith("LOCK TABLE"):  # which everybody needs: it is this chat's turn we want
            running = f"SELECT 1 FROM turns WHERE chat_id = {_chat(number)} AND state = 'running'"
            waits += f" AND EXISTS ({running})"
        try:
            await connection.execute(
                "SELECT set_config('app.business', '1', false),"
                " set_config('app.worker', 'on', false)"
            )
            async with connection.transaction():
                await connection.execute(lock)
                locked.set()
                deadline = time.monotonic() + 10
                while time.monotonic() < deadline:
                    if await connection.fetchval(waits):
                        break
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(self.fleet.kill, point)
        finally:
            await connection.close()

    # --- the customers

    async def talk(self, number: int, rng: random.Random) -> str:
        """One conversation: a note or a burst of two, then a booking; returns how it ended."""
        person = self.telegram.person(_chat(number), f"Guest {number}", "en")
        notes = [f"q{number}a", f"q{number}b"][: rng.choice([1, 1, 2])]
        sent = []
        for note in notes:
            sent.append(person.says(f"note {note}").update_id)
            await asyncio.sleep(rng.uniform(0, 0.3))
        missing = set(notes)
        while missing:
            answer = await _until(person, lambda text: "I have read" in text)
            missing -= set(re.findall(r"q\d+[ab]", answer.text))
        if rng.random() < 0.3:
            self.telegram.redeliver(rng.choice(sent))
        point = self.points.get(number)
        if point in _EARLY:
            await asyncio.to_thread(self._lay, number, point)
        when, staff = _slot(number // 2)  # two want each time
        sent.append(person.says(f"book q{number} at {when} with {staff}").update_id)
        answer = await _until(person, lambda text: "confirm" in text or "taken" in text)
        if "Confirm" not in answer.labels:
            return "refused"
        press = person.presses(answer, "Confirm")
        if rng.random() < 0.3 and press.update_id is not None:
            self.telegram.redeliver(press.update_id)
            self.telegram.redeliver(sent[-1])  # and an older one after it
        await _until(person, lambda text: "Booked" in text)
        return "booked"

    async def run(self, conversations: int, kills: int, seed: int) -> Counter[str]:
        """Let everybody talk, a dozen at a time, while processes are killed at random moments."""
        seats = asyncio.Semaphore(12)

        async def sit(number: int) -> str:
            async with seats:
                return await self.talk(number, random.Random(f"{seed}:{number}"))

        async def kill() -> None:
            rng = random.Random(seed)
            for _ in range(kills):
                await asyncio.sleep(rng.uniform(0.5, 6.0))
                await asyncio.to_thread(self.fleet.kill, "at a random moment", one=True)

        killing = asyncio.create_task(kill())
        try:
            ends = await asyncio.gather(*(sit(number) for number in range(conversations)))
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
        for trap in self.traps:
            await asyncio.to_thread(trap.join)
        return Counter(ends)


async def _until(person: Person, wanted: Callable[[str], bool]) -> BotMessage:
    return await person.waits_for(lambda message: wanted(message.text), PATIENCE)


def _chat(number: int) -> int:
    return 10_000 + number


def _slot(number: int) -> tuple[str, str]:
    """The time that a pair of customers wants, none of them twice."""
    hours = (12, 13, 15, 16, 17, 18)
    day, rest = divmod(number, len(hours) * 2)
    staff, hour = divmod(rest, len(hours))
    # Tuesdays and Wednesdays, on which both of the staff work.
    date = dt.date(2026, 11, 24) + dt.timedelta(days=day // 2 * 7 + day % 2)
    return f"{date:%a} {date} {hours[hour]}:00", ("anna", "boris")[staff]


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
) -> Iterator[Scene]:
    """Set the stage.

    Args:
        url: of an empty, migrated database.
        folder: for the logs.
        webhook: updates come through a webhook, which two processes share, with duplicates and
            late ones; else by polling.
        api: which of OpenAI's: responses or chat.
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
        fleet = Fleet(ports, folder, settings)
        stack.callback(fleet.end)
        made = Scene(telegram, openai, fleet, url, balancer)
        openai.play(made.play)
        yield made
