"""The picture: memory while people talk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.soak.machine import Sample


def draw(samples: Sequence[Sample], path: Path) -> bool:
    """Write the plot as PNG; False where matplotlib isn't installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    minutes = [sample.seconds / 60 for sample in samples]
    for name in samples[0].memory_mb:
        axes.plot(minutes, [sample.memory_mb[name] for sample in samples], label=name)
    axes.set(xlabel="minutes", ylabel="MiB", title="Memory (PSS) while people talk")
    axes.set_ylim(bottom=0)
    axes.legend()
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, dpi=120)
    return True
