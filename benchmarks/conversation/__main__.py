"""`python -m benchmarks.conversation [--quick] [--output DIR]`.

Beside the product it measures openai-agents and pydantic-ai where they are installed:
`pip install --group bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.conversation.children import model_server
from benchmarks.conversation.measure import FULL, LIBRARIES, QUICK, installed, measure_parties
from benchmarks.conversation.plot import draw
from benchmarks.conversation.prefix import measure_prefix
from benchmarks.conversation.report import lines, markdown
from benchmarks.databases import databases
from benchmarks.report import all_met, versions_of

HERE = Path(__file__).parent
_PACKAGES = {"openai-agents": "openai-agents", "pydantic-ai": "pydantic-ai-slim"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write RESULTS.md and the plot, print the page; 1 where a goal wasn't met."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.conversation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="few bookings")
    parser.add_argument("--output", type=Path, default=HERE, help="folder of RESULTS.md and plot")
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    plan = QUICK if options.quick else FULL
    if missing := sorted(LIBRARIES.keys() - set(installed())):
        say(f"Not measured: {', '.join(missing)} (pip install --group bench).")
    with databases(2, say) as (for_turns, for_prefix):
        results = measure_parties(plan, for_turns, say)
        say(f"The prompt cache over {plan.talkers * plan.talks:,} turns ...")
        with model_server("talk") as url:
            prefix = asyncio.run(
                measure_prefix(url, for_prefix, customers=plan.talkers, turns=plan.talks)
            )
    measured = lines(results, prefix)
    options.output.mkdir(parents=True, exist_ok=True)
    drawn = draw(results, options.output / "cpu.png")
    others = [_PACKAGES[party] for party in installed()]
    page = markdown(
        results,
        prefix,
        measured,
        versions=versions_of("openai", "httpx2", "SQLAlchemy", "pydantic", *others),
        command="python -m benchmarks.conversation" + (" --quick" if options.quick else ""),
        rounds=plan.rounds,
        bookings=plan.bookings,
        plot="cpu.png" if drawn else None,
    )
    (options.output / "RESULTS.md").write_text(page, "utf-8")
    print(page)
    return 0 if all_met(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
