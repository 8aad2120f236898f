"""The picture: CPU of a booking, by party and history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.conversation.measure import MESSAGES, TURNS, Result


def draw(results: Mapping[str, Result], path: Path) -> bool:
    """Write the plot as PNG; False where matplotlib isn't installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    names = list(results)[::-1]
    height = 0.4
    for shift, turns in enumerate(TURNS[::-1]):
        places = [place + (shift - 0.5) * height for place in range(len(names))]
        cpu = [results[name].costs[turns].cpu_ms for name in names]
        bars = axes.barh(places, cpu, height, label=f"{MESSAGES[turns]} messages of history")
        axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="milliseconds of CPU for a booking (median)", title="A booking's CPU")
    axes.margins(x=0.12)
    axes.legend()
    figure.savefig(path, dpi=120)
    return True
