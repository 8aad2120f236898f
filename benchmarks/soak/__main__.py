"""`python -m benchmarks.soak [--minutes 10] [--chats 500] [--output DIR]`; on Linux.

`locustfile.py` beside it puts load on a deployment of your own.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.databases import databases
from benchmarks.report import all_met, versions_of
from benchmarks.soak.plot import draw
from benchmarks.soak.report import lines, markdown
from benchmarks.soak.run import Plan, soak

HERE = Path(__file__).parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, write RESULTS.md and the plot, print the page; 1 where a goal wasn't met."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10, help="of talk (default: 10)")
    parser.add_argument("--chats", type=int, default=500, help="people who write (default: 500)")
    parser.add_argument(
        "--think", type=float, default=45, help="average pause of a person, seconds (default: 45)"
    )
    parser.add_argument("--flood", type=float, default=30, help="seconds of writing without pause")
    parser.add_argument("--output", type=Path, default=HERE, help="folder of RESULTS.md and plot")
    options = parser.parse_args(arguments)
    # What was started is ended and what was made is removed, also when this is told to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    plan = Plan(
        seconds=options.minutes * 60,
        chats=options.chats,
        think=options.think,
        flood=options.flood,
    )
    with databases(1, say) as [url], tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soaked = soak(plan, url, Path(folder), say)
    measured = lines(soaked)
    options.output.mkdir(parents=True, exist_ok=True)
    drawn = draw(soaked.samples, options.output / "memory.png")
    if not drawn:
        say("No plot: matplotlib isn't installed (pip install --group bench).")
    given = {"minutes": options.minutes, "chats": options.chats, "think": options.think}
    command = " ".join(["python -m benchmarks.soak", *(f"--{k} {v:g}" for k, v in given.items())])
    page = markdown(
        soaked,
        measured,
        versions_of("aiogram", "aiohttp", "openai", "SQLAlchemy", "asyncpg"),
        command,
        "memory.png" if drawn else None,
    )
    (options.output / "RESULTS.md").write_text(page, "utf-8")
    print(page)
    return 0 if all_met(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
