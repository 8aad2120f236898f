"""One soak: starts everything, lets people talk, and collects what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.booking.data import NOW
from benchmarks.soak.book import Book, Left
from benchmarks.soak.machine import Machine, Sample, parent_of
from benchmarks.soak.processes import Program, SoakError, free_port, running

Say = Callable[[str], None]

_SAMPLE_SECONDS = 2.0
ASSISTANT, POSTGRES, MODEL, PEOPLE = "assistant", "PostgreSQL", "model's server", "people"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how much.

    Args:
        seconds: of talk.
        chats: people who write.
        think: average pause of a person between an answer and the next message, in seconds.
        model: how long the model thinks, in seconds.
        burst: how long the assistant waits for more of a message, in seconds.
        flood: how long everybody writes without pausing, for the throughput, in seconds; 0 =
            not at all.
    """

    seconds: float
    chats: int
    think: float
    model: float = 0.8
    burst: float = 1.2
    flood: float = 30.0


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of a soak.

    Args:
        talked: the people's tally while they talked; see `people`.
        flooded: the same while they wrote without pausing; None = they didn't.
        echoed: the same with the echo bot in the assistant's place, and its memory.
        left: what the database held when the talk was over.
        samples: CPU and memory while they talked.
        complaints: warnings and errors that the assistant logged.
    """

    plan: Plan
    talked: dict[str, Any]
    flooded: dict[str, Any] | None
    echoed: dict[str, Any] | None
    left: Left
    samples: list[Sample]
    complaints: list[str]


def soak(plan: Plan, url: str, folder: Path, say: Say) -> Soaked:
    """Run everything against an empty database.

    Raises:
        SoakError: a process failed.
    """
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        book = Book(url)
        stack.callback(lambda: runner.run(book.aclose()))
        starts = runner.run(book.open())
        crowd = ["benchmarks.soak.people", "--chats", str(plan.chats), *starts]
        people = stack.enter_context(running(crowd, folder / "people.log"))
        telegram = _json(people.line())
        thinking = ["benchmarks.soak.model", "--seconds", str(plan.model)]
        model = stack.enter_context(running(thinking, folder / "model.log"))
        assistant = stack.enter_context(_assistant(plan, url, telegram, model.line(), folder))
        pids = {ASSISTANT: assistant.pid, POSTGRES: parent_of(runner.run(book.backend_pid()))}
        machine = Machine({**pids, MODEL: model.pid, PEOPLE: people.pid})
        say(f"{plan.chats} people talk for {plan.seconds:.0f} s ...")
        with _watched(machine):
            talked = people.ask(f"talk {plan.seconds} {plan.think}")
        samples = list(machine.samples)
        left = runner.run(book.left())
        flooded = _flooded(plan, people, say)
        code, _ = assistant.stop()
        if code != 0:
            said = assistant.log.read_text()[-2000:]
            raise SoakError(f"the assistant ended with {code}:\n{said}")
        echoed = None if flooded is None else _echoed(plan, people, telegram, folder, say)
        code, said = model.stop()
        if code != 0:
            raise SoakError(f"the model's server complains:\n{said}")
    return Soaked(plan, talked, flooded, echoed, left, samples, _errors(assistant.log))


@contextlib.contextmanager
def _assistant(
    plan: Plan, url: str, telegram: dict[str, Any], model: str, folder: Path
) -> Iterator[Program]:
    port = free_port()
    with running(
        ["assistant", "run"],
        folder / "assistant.log",
        DATABASE_URL=url,
        TELEGRAM_BOT_TOKEN=telegram["token"],
        TELEGRAM_API_BASE_URL=telegram["url"],
        TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}",
        ASSISTANT_HTTP_PORT=str(port),
        OPENAI_API_KEY="sk-soak",
        OPENAI_BASE_URL=model,
        ASSISTANT_NOW=NOW.isoformat(),
        ASSISTANT_BURST_SECONDS=str(plan.burst),
        # A day's messages come in minutes here.
        LIMIT_MESSAGES_PER_MINUTE="0",
        LIMIT_CUSTOMER_TOKENS_PER_DAY="0",
        LIMIT_BUSINESS_TOKENS_PER_DAY="0",
    ) as program:
        program.waits_for("telegram_webhook_set")
        yield program


@contextlib.contextmanager
def _watched(machine: Machine) -> Iterator[None]:
    """Take samples while the body runs, and one at its end."""
    stop = threading.Event()

    def watch() -> None:
        machine.look()
        while not stop.wait(_SAMPLE_SECONDS):
            machine.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
        machine.look()


def _flooded(plan: Plan, people: Program, say: Say) -> dict[str, Any] | None:
    """Let people write without pausing, if the plan says so."""
    if not plan.flood:
        return None
    say(f"They write without pausing for {plan.flood:.0f} s ...")
    answered: dict[str, Any] = people.ask(f"flood {plan.flood}")
    return answered


def _echoed(
    plan: Plan, people: Program, telegram: dict[str, Any], folder: Path, say: Say
) -> dict[str, Any]:
    module = ["benchmarks.soak.echo_bot", telegram["url"], telegram["token"], str(free_port())]
    say(f"The same with the echo bot ({plan.flood:.0f} s) ...")
    with running(module, folder / "echo.log") as bot:
        bot.line()
        answered: dict[str, Any] = people.ask(f"flood {plan.flood}")
        answered["memory_mb"] = Machine({"echo": bot.pid}).look().memory_mb["echo"]
        bot.stop()
    return answered


def _errors(log: Path) -> list[str]:
    """Return the warnings and errors that the assistant logged, each event once."""
    found = (line for line in log.read_text().splitlines() if line.startswith("{"))
    events = [_json(line) for line in found]
    bad = {event["event"] for event in events if event.get("level") in ("warning", "error")}
    return sorted(bad)


def _json(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    return found
