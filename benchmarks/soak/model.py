"""The model's server: the strict fake of the provider, with a model that takes its time."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.fakes.openai import Answer, FakeOpenAI, Request, Slow, load_script

SCRIPT = Path(__file__).parent / "script.yaml"


class SlowModel:
    """Answers as the script says, after a while.

    Args:
        seconds: how long it thinks.
    """

    def __init__(self, seconds: float) -> None:
        self._player = load_script(SCRIPT)
        self._seconds = seconds
        self.server = FakeOpenAI(self)

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        # What was asked isn't looked at again, and thousands of bodies would fill the memory.
        recorded = self.server.requests[request.index]
        self.server.requests[request.index] = dataclasses.replace(recorded, body={}, headers={})
        answer = self._player(request)
        assert not isinstance(answer, Slow)
        return Slow(self._seconds, answer)


async def _serve(seconds: float) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with SlowModel(seconds).server as server:
        print(server.base_url, flush=True)
        await stop.wait()
    print(len(server.requests), flush=True)
    for refused in server.refused:
        print(f"refused {refused.path}: {refused.status} {refused.message}", flush=True)
    for problem in server.unexpected:
        print(f"unexpected: {problem}", flush=True)
    return 1 if server.refused or server.unexpected else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; print the base URL first, then how many asked, then complaints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak.model")
    parser.add_argument("--seconds", type=float, default=0.8, help="how long the model thinks")
    return asyncio.run(_serve(parser.parse_args(arguments).seconds))


if __name__ == "__main__":
    raise SystemExit(main())
