"""By hand, at any size:

    python -m tests.e2e.crash --full
    python -m tests.e2e.crash --conversations 50 --kills 20 --transport webhook --seed 3

`--full`: 200 conversations in each transport, two processes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.crash.audit import settle
from tests.e2e.crash.scene import PATIENCE, POINTS, scene

TRANSPORTS = ("polling", "webhook")


def main() -> None:
    """Run as many conversations as asked for and print the accounts; exit code 1: they don't tally.

    One database server serves all runs.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.crash", description=__doc__)
    parser.add_argument("--full", action="store_true", help="200 conversations, both transports")
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kills", type=int, default=60, help="at random moments, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api", choices=("responses", "chat"), default="responses")
    parser.add_argument("--transport", choices=TRANSPORTS, default="polling")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ba-crash-")))
        folder.chmod(0o711)
        os.environ["ASSISTANT_TEST_FOLDER"] = str(folder)
        from tests.conftest import Server  # after the folder is named

        server = Server(stack)
        wrong = []
        for transport in TRANSPORTS if asked.full else (asked.transport,):
            logs = folder / transport
            logs.mkdir()
            wrong += play(server.url(server.create()), logs, transport, asked)
    sys.exit(bool(wrong))


def play(url: str, logs: Path, transport: str, asked: argparse.Namespace) -> list[str]:
    """Run once, print the accounts, and return what doesn't tally."""
    webhook = transport == "webhook"
    with scene(
        url, logs, processes=asked.processes, webhook=webhook, api=asked.api, seed=asked.seed
    ) as made:
        began = time.monotonic()
        count = asked.conversations
        made.points = {n: POINTS[n // 2 % len(POINTS)] for n in range(0, count, 4)}
        ends = asyncio.run(made.run(count, asked.kills, asked.seed))
        settle(url, PATIENCE)
        wrong = made.audit.wrong() + made.openai.unexpected + made.telegram.oddities
        lasted = time.monotonic() - began
        print(f"{count} conversations, {transport}, {asked.processes} processes, {asked.api},")
        print(f"seed {asked.seed}, {lasted:.0f} s: {dict(ends)}")
        for why, times in sorted(made.fleet.kills.items()):
            print(f"  killed {times:3d} times {why}")
        if made.balancer is not None:
            print(f"  updates: {dict(made.balancer.mischief)}")
        again = made.audit.repeats()
        print(f"  model calls: {len(made.openai.requests)}; repeated sends: {again}")
        print(f"  messages that came too soon after a kill: {made.telegram.limits.refused}")
        print("\n".join(wrong) or "  everything tallies", flush=True)
    return wrong


if __name__ == "__main__":
    main()
