"""The benchmark keeps running: everything it does, on little data. No times are asserted."""

from __future__ import annotations

from benchmarks.booking.__main__ import Plan, measure
from benchmarks.booking.report import lines, markdown


async def test_the_booking_benchmark_runs(database_url: str) -> None:
    told: list[str] = []
    plan = Plan(sizes=(200,), staff=10, customers=120, repeats=2, rounds=1)
    version, listings, writing = await measure([database_url], plan, told.append)
    assert listings[0].listed > 0
    assert listings[0].queries <= 4
    assert writing.winners == (1,)
    assert writing.errors == 0
    page = markdown(lines(listings, writing), [("PostgreSQL", version)], "a command", None)
    assert "| queries of one listing, 200 past | 2 | at most 4 | yes |" in page
    assert told
