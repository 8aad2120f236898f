"""One party in a process of its own, told what to do line by line. Started by `children`."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2

from assistant.logs import configure_logs
from benchmarks.conversation.party import Opener, Party

# Party -> module and function; the module imports the library.
OPENERS = {
    "floor": ("benchmarks.conversation.floor", "open_floor"),
    "ours": ("benchmarks.conversation.ours", "open_ours"),
    "whole-turn": ("benchmarks.conversation.whole_turn", "open_whole_turn"),
    "openai-agents": ("benchmarks.conversation.with_openai_agents", "open_with_openai_agents"),
    "pydantic-ai": ("benchmarks.conversation.with_pydantic_ai", "open_with_pydantic_ai"),
}
_TICK_SECONDS = 0.001


class Sent:
    """Counts what goes over the wire."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        names = ("calls", "body_bytes", "header_bytes", "input_tokens", "cached_tokens")
        self.counts.update(dict.fromkeys(names, 0))

    def client(self) -> httpx2.AsyncClient:
        """Return an HTTP client whose traffic is counted."""
        hooks: dict[str, list[Any]] = {"request": [self._asked], "response": [self._answered]}
        return httpx2.AsyncClient(event_hooks=hooks)

    async def _asked(self, request: httpx2.Request) -> None:
        self.counts["calls"] += 1
        self.counts["body_bytes"] += len(request.content)
        raw = request.headers.raw
        self.counts["header_bytes"] += sum(len(name) + len(value) + 4 for name, value in raw)

    async def _answered(self, response: httpx2.Response) -> None:
        usage = json.loads(await response.aread())["usage"]
        self.counts["input_tokens"] += usage["input_tokens"]
        self.counts["cached_tokens"] += usage["input_tokens_details"]["cached_tokens"]


async def _longest_stall(party: Party, number: int) -> float:
    """Book beside a ticker; return milliseconds between two ticks beyond the tick itself."""
    longest, before = 0.0, time.perf_counter()

    async def tick() -> None:
        nonlocal longest, before
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.perf_counter()
            longest = max(longest, now - before - _TICK_SECONDS)
            before = now

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(_TICK_SECONDS * 2)
    longest = 0.0
    await party.book(number)
    await asyncio.sleep(_TICK_SECONDS * 2)
    ticker.cancel()
    return longest * 1000


class Child:
    """A party and its event loop, which stands still between two commands.

    Args:
        opener: makes the party.
        url: base URL of the model's server.
    """

    def __init__(self, opener: Opener, url: str, runner: asyncio.Runner) -> None:
        self._opener = opener
        self._url = url
        self._runner = runner
        self._numbers = itertools.count()
        self._party = runner.run(self._open())

    async def _open(self) -> Party:
        return await self._opener(self._url)

    def block(self, turns: int, bookings: int) -> dict[str, float]:
        """Book; return milliseconds of each booking: CPU of this process, and time that passed."""
        self._runner.run(self._party.prepare(turns, bookings))
        started, at = time.process_time(), time.perf_counter()
        self._runner.run(self._book(bookings))
        return {
            "cpu_ms": (time.process_time() - started) / bookings * 1000,
            "wall_ms": (time.perf_counter() - at) / bookings * 1000,
        }

    async def _book(self, bookings: int) -> None:
        for _ in range(bookings):
            await self._party.book(next(self._numbers))

    def stalls(self, turns: int, bookings: int) -> dict[str, list[float]]:
        """Book beside a ticker; return the longest stall of each booking."""
        self._runner.run(self._party.prepare(turns, bookings))
        return {"stall_ms": self._runner.run(self._stalls(bookings))}

    async def _stalls(self, bookings: int) -> list[float]:
        return [await _longest_stall(self._party, next(self._numbers)) for _ in range(bookings)]

    def count(self, turns: int) -> dict[str, int]:
        """Return what one booking sends, once connection and prompt cache are warm."""
        return self._runner.run(self._count(turns))

    async def _count(self, turns: int) -> dict[str, int]:
        sent = Sent()
        party = await self._opener(self._url, sent.client())
        await party.prepare(turns, 2)
        await party.book(0)
        sent.forget()
        await party.book(1)
        await party.aclose()
        return sent.counts

    def memory(self) -> dict[str, float]:
        """Return resident memory now and the most it ever was, in MiB."""
        return {"now_mb": _resident_mb(), "peak_mb": _peak_mb()}

    def close(self) -> None:
        """Close the party's connections."""
        self._runner.run(self._party.aclose())


def _resident_mb() -> float:
    """Resident memory now; where /proc isn't, the most it ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return _peak_mb()
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main() -> None:
    """Carry out commands from standard input, `NAME NUMBER ...` a line; answer each in JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversation.child")
    parser.add_argument("party", choices=OPENERS)
    parser.add_argument("url", help="base URL of the model's server")
    options = parser.parse_args()
    # As the product logs, but to nowhere: standard output carries the results.
    configure_logs(format="json", file=Path(os.devnull))
    module, name = OPENERS[options.party]
    started = time.process_time()
    opener: Opener = getattr(import_module(module), name)
    with asyncio.Runner() as runner:
        child = Child(opener, options.url, runner)
        made_ms = (time.process_time() - started) * 1000
        print(json.dumps({"made_ms": made_ms, **child.memory()}), flush=True)
        for line in sys.stdin:
            command, *numbers = line.split()
            answer = getattr(child, command)(*map(int, numbers))
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
