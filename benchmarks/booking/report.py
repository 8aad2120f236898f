"""The results as a Markdown table: each number beside its goal, and whether it was met."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.booking.listing import Listing
from benchmarks.booking.writing import CLIENTS_AT_ONCE, CLIENTS_ON_ONE_SLOT, Writing
from benchmarks.report import Line, in_one_line, table


def lines(listings: Sequence[Listing], writing: Writing) -> list[Line]:
    """Return every number with its goal."""
    found = []
    for one in listings:
        size = f"{one.past:,} past"
        found += [
            _at_most(f"30 days x 10 staff x 15 min, {size}: p95", one.month_of_ten.p95, 50),
            Line(f"the same, {size}: p50", f"{one.month_of_ten.p50:.1f} ms"),
            _at_most(f"next free times (3 days), {size}: p95", one.next_free.p95, 15),
            _at_most(f"{one.staff} staff x 30 days, {size}: p95", one.month_of_everybody.p95, 250),
            Line(
                f"queries of one listing, {size}",
                str(one.queries),
                "at most 4",
                one.queries <= 4,
            ),
        ]
    first, last = listings[0], listings[-1]
    if last.past > first.past:
        name = f"listing, p50 at {last.past:,} / p50 at {first.past:,}"
        ratio = last.month_of_ten.p50 / first.month_of_ten.p50
        found.append(Line(name, f"{ratio:.2f}", "at most 1.5", ratio <= 1.5))
        ratio = last.month_of_ten.p95 / first.month_of_ten.p95
        name = f"listing, p95 at {last.past:,} / p95 at {first.past:,}"
        found.append(Line(name, f"{ratio:.2f}", "at most 1.5", ratio <= 1.5))
    for one in listings:
        for draft, name in (
            (one.per_day, "a query per day and staff member"),
            (one.everything, "fetching all rows and filtering them"),
        ):
            times = draft.p50 / one.month_of_ten.p50
            found.append(
                Line(
                    f"{name}, {one.past:,} past: p50",
                    f"{draft.p50:,.0f} ms = {times:,.0f} x the listing",
                )
            )
    share = writing.bookings / writing.inserts
    found += [
        _at_most("a booking, nobody else there: p95", writing.alone.p95, 20),
        Line("statements of one booking", str(writing.statements)),
        Line(f"bookings a second, {CLIENTS_AT_ONCE} at once", f"{writing.bookings:,.0f}"),
        Line(
            f"bare inserts of the row a second, {CLIENTS_AT_ONCE} at once",
            f"{writing.inserts:,.0f}",
        ),
        Line("bookings / bare inserts", f"{share:.0%}", "at least 40%", share >= 0.4),
        Line(
            f"{CLIENTS_ON_ONE_SLOT} clients on one slot: winners of each round",
            ", ".join(map(str, writing.winners)),
            "exactly 1",
            set(writing.winners) == {1},
        ),
        _at_most("the same: slowest answer", writing.race.slowest, 1000),
        Line("the same: errors", str(writing.errors), "none", writing.errors == 0),
    ]
    return found


def _at_most(what: str, milliseconds: float, limit: int) -> Line:
    return Line(what, f"{milliseconds:.1f} ms", f"at most {limit} ms", milliseconds <= limit)


def markdown(
    measured: Sequence[Line], versions: Sequence[tuple[str, str]], command: str, plot: str | None
) -> str:
    """Return the whole page."""
    text = [
        "# Booking engine, measured",
        "",
        f"Printed by `{command}`. Every listing and booking is a whole transaction on PostgreSQL,",
        "row-level security included, warm, timed from the outside; past appointments are still",
        "`confirmed`, so that all of them are in the index that is read.",
        "",
        in_one_line(versions),
        "",
        *table(measured),
    ]
    if plot is not None:
        text += ["", f"![Listing time against the size of history]({plot})"]
    return "\n".join(text) + "\n"
