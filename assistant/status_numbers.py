"""The numbers of a running process in words, from its page of metrics: for `assistant status`."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from assistant.health import Check

_SHARE = 0.95
_PREFIX = "assistant_"


def numbers(page: str) -> dict[str, Check]:
    """Say what a process has done since its start.

    Args:
        page: what /metrics says.

    Returns:
        By name, in the order in which they are shown; what didn't happen is left out.

    Raises:
        ValueError: it is no such page.
    """
    found: dict[str, list[Sample]] = defaultdict(list)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            found[sample.name.removeprefix(_PREFIX)].append(sample)
    lines = {
        "turns": _counted(found["turns_total"], "outcome"),
        "latency": _latencies(found),
        "tools": _counted(found["tool_calls_total"], "tool", "outcome"),
        "refusals": _counted(found["refusals_total"], "code"),
        "model use": ", ".join(_model_use(found)),
        "sends": _counted(found["sends_total"], "kind", "outcome"),
        "pool": f"{_sum(found['pool_connections_in_use']):.0f} of"
        f" {_sum(found['pool_connections_max']):.0f} connections in use",
    }
    return {name: Check(True, words) for name, words in lines.items() if words}


def _counted(samples: Iterable[Sample], *labels: str) -> str:
    """Add up by some of the labels, the most frequent first."""
    counts: dict[str, float] = defaultdict(float)
    for sample in samples:
        counts[" ".join(sample.labels[label] for label in labels)] += sample.value
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:.0f} {name}" for name, count in ranked if count)


def _latencies(found: dict[str, list[Sample]]) -> str:
    parts = {"turn": found["turn_seconds_bucket"]}
    for sample in found["stage_seconds_bucket"]:
        parts.setdefault(sample.labels["stage"], []).append(sample)
    told = ((name, _within(samples)) for name, samples in parts.items())
    words = ", ".join(f"{name} {seconds}" for name, seconds in told if seconds)
    return words and f"{_SHARE:.0%} within: {words}"


def _within(buckets: Iterable[Sample]) -> str:
    """Return the bound that 95 % stay below; "" where there were none."""
    counts: dict[float, float] = defaultdict(float)
    for sample in buckets:
        counts[float(sample.labels["le"])] += sample.value
    total = counts.get(math.inf, 0.0)
    if not total:
        return ""
    bound = min(le for le, count in counts.items() if count >= _SHARE * total)
    return "over 5 min" if math.isinf(bound) else f"{bound:g} s"


def _model_use(found: dict[str, list[Sample]]) -> Iterator[str]:
    tokens = {sample.labels["kind"]: sample.value for sample in found["model_tokens_total"]}
    if calls := _sum(found["model_calls_total"]):
        yield f"{calls:.0f} calls"
    if given := tokens.get("input"):
        yield f"{tokens.get('cached', 0.0) / given:.0%} of the input cached"
    if cost := _sum(found["model_cost_total"]):
        yield f"cost {cost:.4f}"
    if errors := _counted(found["model_errors_total"], "kind"):
        yield f"failed: {errors}"


def _sum(samples: Iterable[Sample]) -> float:
    return sum(sample.value for sample in samples)
