"""By hand, at any size:

    python -m tests.e2e.crash --full
    python -m tests.e2e.crash --conversations 50 --kills 20 --transport webhook --seed 3
    python -m tests.e2e.crash --frozen --transport polling

`--full`: 200 conversations in each transport, with one process and with two; and the frozen ones.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.crash.audit import settle
from tests.e2e.crash.points import CUT, FROZEN, STOPPED, Point, points
from tests.e2e.crash.scene import CHANNEL, PATIENCE, scene

TRANSPORTS = ("polling", "webhook")


def main() -> None:
    """Run as many conversations as asked for and print the accounts; exit code 1: they don't tally.

    One database server serves all runs.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.crash", description=__doc__)
    parser.add_argument("--full", action="store_true", help="everything that there is")
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kills", type=int, default=60, help="at random moments, at most")
    parser.add_argument(
        "--frozen",
        action="store_true",
        help="processes aren't killed, but frozen or cut off from the database, replaced and woken,"
        " or told to stop",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api", choices=("responses", "chat"), default="responses")
    parser.add_argument("--transport", choices=TRANSPORTS, default="polling")
    asked = parser.parse_args()
    # What was started is ended, also when this is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runs = [(asked.transport, asked.processes, asked.frozen)]
    if asked.full:
        runs = [(each, n, False) for each in TRANSPORTS for n in (1, 2)]
        runs += [(each, 2, True) for each in TRANSPORTS]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ba-crash-")))
        folder.chmod(0o711)
        os.environ["ASSISTANT_TEST_FOLDER"] = str(folder)
        from tests.conftest import Server  # after the folder is named

        server = Server(stack)
        wrong = []
        for number, (transport, processes, frozen) in enumerate(runs):
            logs = folder / f"run-{number}"
            logs.mkdir()
            url = server.url(server.create())
            wrong += play(url, logs, transport, processes, asked, frozen=frozen)
    sys.exit(bool(wrong))


def play(
    url: str,
    logs: Path,
    transport: str,
    processes: int,
    asked: argparse.Namespace,
    *,
    frozen: bool,
) -> list[str]:
    """Run once, print the accounts, and return what doesn't tally."""
    webhook = transport == "webhook"
    with scene(
        url,
        logs,
        processes=processes,
        webhook=webhook,
        api=asked.api,
        seed=asked.seed,
        wired=frozen,
    ) as made:
        began = time.monotonic()
        caught: tuple[Point, ...] = (*FROZEN, *CUT, *STOPPED) if frozen else points(CHANNEL)
        count = 4 * len(caught) if frozen else asked.conversations
        made.traps.points = {n: caught[n // 4 % len(caught)] for n in range(0, count, 4)}
        kills = 0 if frozen else asked.kills
        # Who is frozen is missed for a while: one after the other.
        at_once = 4 if frozen else 12
        ends = asyncio.run(made.run(count, kills, asked.seed, at_once=at_once))
        settle(url, PATIENCE)
        wrong = made.wrong(ends) + asyncio.run(made.remind())
        lasted = time.monotonic() - began
        print(f"{count} conversations, {transport}, {processes} processes, {asked.api},")
        print(f"seed {asked.seed}, {lasted:.0f} s: {dict(ends)}")
        for why, times in sorted(made.fleet.kills.items()):
            print(f"  caught {times:3d} times {why}")
        if made.balancer is not None:
            print(f"  updates: {dict(made.balancer.mischief)}")
        print(f"  model calls: {len(made.openai.requests)}; repeated sends: {made.repeats()}")
        print(f"  messages that came too soon after a kill: {made.telegram.limits.refused}")
        print("\n".join(wrong) or "  everything tallies", flush=True)
    return wrong


if __name__ == "__main__":
    main()
