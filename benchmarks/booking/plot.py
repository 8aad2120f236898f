"""The picture: how long a listing takes as history grows, ours and what one would write first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.booking.listing import Listing


def draw(listings: Sequence[Listing], path: Path) -> bool:
    """Write the plot as PNG; False where matplotlib isn't installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    past = [one.past for one in listings]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for label, times, marker in (
        ("fetch all rows, filter in Python", [o.everything.p50 for o in listings], "^"),
        ("a query per day and staff member", [o.per_day.p50 for o in listings], "s"),
        ("this engine", [o.month_of_ten.p50 for o in listings], "o"),
    ):
        axes.plot(past, times, marker=marker, label=label)
    axes.axhline(50, linestyle=":", color="grey", label="goal: 50 ms")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="past appointments",
        ylabel="milliseconds (median)",
        title="Free times of 10 people for 30 days, step 15 minutes",
    )
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, dpi=120)
    return True
