"""Customers who talk to an assistant that is killed all the time, and the accounts at the end.

Real processes between a fake Telegram and a fake OpenAI. They are killed with SIGKILL at the named
points of a message's path and at random moments, and started again. Then every message must have
been answered once (twice only where nobody can know whether it arrived), and appointments, receipts
and messages must tally. By hand:

    python -m tests.e2e.crash --conversations 200 --processes 2 --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from tests.e2e.harness import NOW, environment, query
from tests.fakes.openai import Answer, Call, FakeOpenAI, Request, Slow, Text
from tests.fakes.telegram import BotMessage, FakeTelegram, Fault, Person

# Loads what `assistant run` needs once and forks for each start: a restart costs no CPU seconds.
_NURSERY = """
import os, signal, sys
import assistant.app, assistant.cli, assistant.telegram.serve, assistant.model.openai_client
from tools.support.registry import discover
discover()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while line := sys.stdin.readline():
    now, log = line.split()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in (1, 2):
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), fd)
        os.environ["ASSISTANT_NOW"] = now
        sys.argv = ["assistant", "run"]
        try:
            assistant.cli.main()
        finally:
            os._exit(1)
    print(pid, flush=True)
"""
POINTS = (
    "while the model thinks",
    "after the model's reply",
    "inside the commit of the answer",
    "inside the commit of the booking",
    "between commit and send",
    "during the send",
    "after the send, its answer lost",
)
PATIENCE = 90.0


class Fleet:
    """So many processes of the assistant at any time."""

    def __init__(self, size: int, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._serial = 0
        self.kills: Counter[str] = Counter()
        with (folder / "nursery.log").open("w") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-c", _NURSERY],
                cwd=folder,
                env=environment(**settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._began = time.monotonic()
        self.running = [self._start() for _ in range(size)]

    def _start(self) -> int:
        self._serial += 1
        passed = dt.timedelta(seconds=time.monotonic() - self._began)
        now = (dt.datetime.fromisoformat(NOW) + passed).isoformat()
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{now} {self._folder}/assistant-{self._serial:03d}.log\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def kill(self, why: str, *, one: bool = False) -> None:
        """Kill all processes, or one, and start as many again."""
        with self._lock:
            self.kills[why] += 1
            for place in [random.randrange(len(self.running))] if one else range(len(self.running)):
                _kill(self.running[place])
                self.running[place] = self._start()

    def ended(self) -> list[int]:
        """The processes that ended although nobody killed them."""
        return [pid for pid in self.running if not _lives(pid)]

    def end(self) -> None:
        """Kill whatever is left."""
        with self._lock:
            for pid in self.running:
                _kill(pid)
            self._nursery.kill()
            self._nursery.wait()

    def logged(self) -> str:
        """All that the processes have logged."""
        return "".join(p.read_text() for p in sorted(self._folder.glob("*.log")))


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    while _lives(pid):
        time.sleep(0.005)


@dataclass
class Scene:
    """What a run is made of."""

    telegram: FakeTelegram
    openai: FakeOpenAI
    fleet: Fleet
    url: str
    points: dict[int, str] = field(default_factory=dict)
    sprung: set[int] = field(default_factory=set)
    traps: list[threading.Thread] = field(default_factory=list)

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
        if point is None or number in self.sprung or books is not ("booking" in point):
            return answer
        self.sprung.add(number)
        send = {
            "between commit and send": Fault.too_many(1),
            "during the send": Fault.slow(2.0),
            "after the send, its answer lost": Fault.drop_after(),
        }.get(point)
        if send is not None:
            self.telegram.fail_next("sendMessage", send)
            self._spring(lambda: self._kill_at_fault(send, point))
        elif point == "while the model thinks":
            self._spring(lambda: self._kill_after(0.3, point))
            assert isinstance(answer, Text)
            return Slow(20.0, answer)
        elif point == "after the model's reply":
            self._spring(lambda: self._kill_after(0.01, point))
        else:
            locked = threading.Event()
            lock = (
                "SELECT pg_advisory_xact_lock((2::bigint << 56) | id) FROM resources"
                if books
                else f"SELECT 1 FROM inbox WHERE chat_id = {_chat(number)} FOR UPDATE"
            )
            self._spring(lambda: asyncio.run(self._kill_in_commit(lock, locked, point)))
            locked.wait(10)
        return answer

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

    async def _kill_in_commit(self, lock: str, locked: threading.Event, point: str) -> None:
        connection = await asyncpg.connect(self.url)
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
                    # Only what waits for us: a baton is waited for by trying.
                    if await connection.fetchval(
                        "SELECT count(*) FROM pg_stat_activity"
                        " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
                    ):
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

    # --- the accounts

    def settle(self) -> None:
        """Wait until nothing is open any more."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            [row] = query(
                self.url,
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
                " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')"
                "    AND kind <> 'reminder') AS open",
            )
            if not row["open"]:
                return
            time.sleep(0.1)
        raise AssertionError("something is still open after all that time")

    def audit(self) -> list[str]:
        """Return everything that doesn't tally; empty = nothing lost and nothing twice."""
        wrong = [
            f"a process ended by itself: {self.fleet.logged()[-2000:]}" for _ in self.fleet.ended()
        ]
        inbox = query(self.url, "SELECT update_id, chat_id, state FROM inbox")
        wrong += [f"update not answered: {row}" for row in inbox if row["state"] != "done"]
        asked = {n for n, u in self.telegram.updates.history.items() if u.kind != "my_chat_member"}
        wrong += [f"update lost: {n}" for n in asked - {row["update_id"] for row in inbox}]
        turns = query(self.url, "SELECT update_ids, state FROM turns")
        wrong += [f"turn not ended: {turn}" for turn in turns if turn["state"] != "done"]
        times = Counter(n for turn in turns for n in turn["update_ids"])
        wrong += [f"update in {times[n]} turns: {n}" for n in asked if times[n] != 1]
        return wrong + self._audit_messages() + self._audit_bookings()

    def _audit_messages(self) -> list[str]:
        wrong = []
        rows = query(
            self.url,
            "SELECT id, chat_id, state, attempts, kind, payload->>'text' AS text"
            " FROM outbox WHERE kind <> 'reminder' ORDER BY id",
        )
        notes = Counter(n for row in rows for n in re.findall(r"q\d+[ab]", row["text"] or ""))
        wrong += [f"note answered {n} times: {note}" for note, n in notes.items() if n != 1]
        for row in rows:
            if row["state"] != "sent":
                wrong.append(f"message not sent: {row}")
        for chat_id in {row["chat_id"] for row in rows}:
            mine = [row for row in rows if row["chat_id"] == chat_id]
            came = Counter(m.text for m in self.telegram.world.chats[chat_id].shown)
            for row in mine:
                seen = came[row["text"]] if row["text"] else self._receipts(chat_id)
                if not 1 <= seen <= row["attempts"]:
                    wrong.append(f"message came {seen} times: {row}")
            if came.total() > sum(row["attempts"] for row in mine):
                wrong.append(f"more messages than attempts in chat {chat_id}")
        return wrong

    def _receipts(self, chat_id: int) -> int:
        return sum("Booked" in m.text for m in self.telegram.world.chats[chat_id].shown)

    def _audit_bookings(self) -> list[str]:
        booked = query(
            self.url,
            "SELECT a.id, c.chat_id FROM appointments a JOIN customers c ON c.id = a.customer_id"
            " WHERE a.status = 'confirmed'",
        )
        receipts = query(
            self.url,
            "SELECT (payload->'appointment'->>'id')::bigint AS id, chat_id FROM outbox"
            " WHERE kind = 'receipt'",
        )
        events = query(
            self.url, "SELECT appointment_id AS id FROM appointment_events WHERE change = 'booked'"
        )
        wrong = []
        have = Counter((row["id"], row["chat_id"]) for row in booked)
        if have != Counter((row["id"], row["chat_id"]) for row in receipts):
            wrong.append(f"appointments and receipts differ: {booked} {receipts}")
        if Counter(row["id"] for row in booked) != Counter(row["id"] for row in events):
            wrong.append("appointments and audit events differ")
        wrong += [f"a row and no receipt: {row}" for row in booked if not self._came(row)]
        double = query(
            self.url,
            "SELECT o.id FROM occupancies o JOIN occupancies p ON p.id > o.id AND p.active"
            " AND p.resource_id = o.resource_id AND p.during && o.during WHERE o.active",
        )
        return wrong + [f"double booking: {row}" for row in double]

    def _came(self, row: dict[str, Any]) -> bool:
        return self._receipts(row["chat_id"]) >= 1

    def repeats(self) -> int:
        """How many messages came more than once, each after an outcome nobody can know."""
        [row] = query(self.url, "SELECT count(*) AS n FROM outbox WHERE kind <> 'reminder'")
        return sum(len(chat.shown) for chat in self.telegram.world.chats.values()) - int(row["n"])


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


@contextmanager
def scene(url: str, folder: Path, *, processes: int, api: str = "responses") -> Iterator[Scene]:
    """Set the stage."""
    with ExitStack() as stack:
        telegram = stack.enter_context(FakeTelegram.in_thread())
        openai = stack.enter_context(FakeOpenAI.in_thread([]))
        fleet = Fleet(
            processes,
            folder,
            {
                "DATABASE_URL": url,
                "TELEGRAM_BOT_TOKEN": telegram.token,
                "TELEGRAM_API_BASE_URL": telegram.base_url,
                "OPENAI_API_KEY": "sk-test",
                "OPENAI_BASE_URL": openai.base_url,
                "OPENAI_API": api,
                "ASSISTANT_BURST_SECONDS": "0.2",
                "LOG_FORMAT": "json",
            },
        )
        stack.callback(fleet.end)
        made = Scene(telegram, openai, fleet, url)
        openai.play(made.play)
        yield made


def main() -> None:
    """Run as many conversations as asked for and print the accounts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kills", type=int, default=60, help="at random moments, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api", choices=("responses", "chat"), default="responses")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ba-crash-")))
        folder.chmod(0o711)
        os.environ["ASSISTANT_TEST_FOLDER"] = str(folder)
        from tests.conftest import Server  # after the folder is named

        server = Server(stack)
        logs = folder / "logs"
        logs.mkdir()
        url = server.url(server.create())
        with scene(url, logs, processes=asked.processes, api=asked.api) as made:
            began = time.monotonic()
            made.points = {
                n: POINTS[n // 2 % len(POINTS)] for n in range(0, asked.conversations, 5)
            }
            ends = asyncio.run(made.run(asked.conversations, asked.kills, asked.seed))
            made.settle()
            wrong = made.audit() + made.openai.unexpected
            print(f"{asked.conversations} conversations, {asked.processes} processes, {asked.api},")
            print(f"seed {asked.seed}, {time.monotonic() - began:.0f} s: {dict(ends)}")
            for why, times in sorted(made.fleet.kills.items()):
                print(f"  killed {times:3d} times {why}")
            print(f"  model calls: {len(made.openai.requests)}; repeated sends: {made.repeats()}")
            print("\n".join(wrong) or "  everything tallies")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
