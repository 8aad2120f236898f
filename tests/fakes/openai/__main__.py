"""Run the fake by hand: `python -m tests.fakes.openai --port 0 --script FILE`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from .script import ScriptError, load_script
from .server import FakeOpenAI


async def run(server: FakeOpenAI) -> None:
    """Serve until Ctrl-C or SIGTERM, printing the base URL as the first line."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with server:
        print(server.base_url, flush=True)
        await stop.wait()
    for refused in server.refused:
        print(f"refused {refused.path}: {refused.status} {refused.message}", file=sys.stderr)
    for problem in server.unexpected:
        print(f"unexpected: {problem}", file=sys.stderr)


def main() -> int:
    """Parse the command line and serve.

    Returns:
        Exit code: 0, or 2 when the script can't be read.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.openai", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="TCP port; 0 takes a free one")
    parser.add_argument("--script", type=Path, help="JSON or YAML list of {answer, when?, after?}")
    chosen = parser.parse_args()
    try:
        player = load_script(chosen.script) if chosen.script else None
    except (OSError, ScriptError) as problem:
        print(problem, file=sys.stderr)
        return 2
    asyncio.run(run(FakeOpenAI(player, port=chosen.port)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
