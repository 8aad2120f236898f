"""The load: pretend people in a pretend Telegram, which posts what they write to the webhook.

A process of its own, told what to do line by line: `talk SECONDS THINK`, `flood SECONDS`. Each
person writes, waits for the answer, thinks, and writes again; nobody writes before the answer came,
so that every message has an answer that can be missed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from tests.fakes.telegram import BotMessage, FakeTelegram, Person
from tests.fakes.telegram.world import Chat

# After so long without an answer a message counts as lost.
PATIENCE_SECONDS = 60.0
FIRST_ID = 10_001

# What people write, and how often the model is called until it is answered.
TALK, LIST, BOOK, TAP = "talk", "list", "book", "tap"
MODEL_CALLS = {TALK: 1, LIST: 2, BOOK: 1, TAP: 0}


@dataclass(slots=True)
class Tally:
    """What came of it.

    Args:
        seconds: between writing and answer, by kind of message.
        lost: messages without an answer.
        odd: answers that were not the expected ones.
        booked: receipts that people were shown.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lost: int = 0
    odd: Counter[str] = field(default_factory=Counter)
    booked: int = 0

    def shape(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "seconds": self.seconds,
            "lost": self.lost,
            "odd": dict(self.odd),
            "booked": self.booked,
        }


class Crowd:
    """All people of a run.

    Args:
        telegram: where they are.
        chats: how many.
        starts: labels of times that can be booked, given out in turn.
    """

    def __init__(self, telegram: FakeTelegram, chats: int, starts: Sequence[str]) -> None:
        self.tally = Tally()
        self._telegram = telegram
        self._people = [telegram.person(FIRST_ID + n, f"Person {n}") for n in range(chats)]
        self._arrivals = {person.chat.id: asyncio.Event() for person in self._people}
        self._seen: Counter[int] = Counter()
        self._starts = itertools.cycle(starts)
        self._random = random.Random(20261121)
        self._flooding = itertools.count()
        telegram.world.listeners.append(self._noted)

    def _noted(self, chat: Chat, line: str) -> None:
        if line.startswith("Bot"):
            self._arrivals[chat.id].set()

    async def talk(self, seconds: float, think: float) -> dict[str, object]:
        """Let everybody converse.

        Args:
            seconds: after these, nobody begins anything new.
            think: average pause of a person, in seconds.
        """
        until = time.monotonic() + seconds
        await self._all(lambda person: self._converse(person, until, think))
        return self.tally.shape()

    async def flood(self, seconds: float) -> dict[str, object]:
        """Let everybody write without a pause; return how many answers came in that time."""
        until = time.monotonic() + seconds
        answered = 0

        async def write(person: Person) -> None:
            nonlocal answered
            while time.monotonic() < until:
                if await self._says(person, TALK, f"Can I pay by card? ({next(self._flooding)})"):
                    answered += time.monotonic() < until

        self.tally = Tally()
        await self._all(write)
        return {**self.tally.shape(), "answered": answered}

    async def _all(self, life: Callable[[Person], Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            for person in self._people:
                tasks.create_task(life(person))

    async def _converse(self, person: Person, until: float, think: float) -> None:
        booked = 0
        await asyncio.sleep(self._random.uniform(0, think))
        while time.monotonic() < until:
            dice = self._random.random()
            if dice < 0.25 and booked < 2:
                booked += await self._books(person)
            elif dice < 0.5:
                day = next(self._starts).rsplit(" ", 1)[0]
                await self._says(person, LIST, f"What is free on {day}?", "Here is what is free")
            else:
                await self._says(person, TALK, "Can I pay by card?", "cash or by card")
            pause = self._random.expovariate(1 / think)
            await asyncio.sleep(max(0.0, min(pause, until - time.monotonic())))

    async def _books(self, person: Person) -> bool:
        wish = f"I'd like a haircut on {next(self._starts)}, please."
        card = await self._says(person, BOOK, wish, "Please check and confirm")
        if card is None or "Confirm" not in card.labels:
            return False
        at = time.monotonic()
        self._arrivals[person.chat.id].clear()
        person.presses(card, "Confirm")
        receipt = await self._answer(person, TAP, at, "Booked")
        self.tally.booked += receipt is not None
        return receipt is not None

    async def _says(
        self, person: Person, kind: str, words: str, expected: str = ""
    ) -> BotMessage | None:
        at = time.monotonic()
        self._arrivals[person.chat.id].clear()
        person.says(words)
        return await self._answer(person, kind, at, expected)

    async def _answer(
        self, person: Person, kind: str, at: float, expected: str
    ) -> BotMessage | None:
        """Wait for the answer that is expected; other answers are noted by their first words."""
        chat = person.chat
        while True:
            new = chat.shown[self._seen[chat.id] :]
            self._seen[chat.id] = len(chat.shown)
            for message in new:
                if expected in message.text:
                    self.tally.seconds.setdefault(kind, []).append(time.monotonic() - at)
                    return message
                self.tally.odd[f"{kind}: {message.text[:40]}"] += 1
                if kind != TAP:  # an answer it is, though another one
                    return None
            self._arrivals[chat.id].clear()
            left = at + PATIENCE_SECONDS - time.monotonic()
            try:
                await asyncio.wait_for(self._arrivals[chat.id].wait(), left)
            except TimeoutError:
                self.tally.lost += 1
                return None


async def _serve(chats: int, starts: Sequence[str]) -> None:
    async with FakeTelegram() as telegram:
        crowd = Crowd(telegram, chats, starts)
        print(json.dumps({"url": telegram.base_url, "token": telegram.token}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, *numbers = line.split()
            result = await getattr(crowd, command)(*map(float, numbers))
            print(json.dumps({**result, "oddities": telegram.oddities[:5]}), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print where Telegram is, then carry out commands from standard input."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.people")
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("starts", nargs="+", help='times to book: "Tue 2026-11-24 10:00"')
    options = parser.parse_args(arguments)
    asyncio.run(_serve(options.chats, options.starts))


if __name__ == "__main__":
    main()
