"""Half-open intervals `[start, end)` of whole epoch seconds, as plain pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return the union as sorted, disjoint spans; touching ones become one, empty ones vanish."""
    merged: list[Span] = []
    start, end = 0, -1  # the span being grown; end < start = none yet
    for low, high in sorted(spans):
        if high <= low:
            continue
        if low > end or end < start:
            if end > start:
                merged.append((start, end))
            start, end = low, high
        elif high > end:
            end = high
    if end > start:
        merged.append((start, end))
    return merged


def subtract(spans: Sequence[Span], removed: Sequence[Span]) -> list[Span]:
    """Return what is left of `spans` outside `removed`.

    Args:
        spans, removed: each merged (sorted, disjoint, not empty).
    """
    left: list[Span] = []
    first = 0
    for low, high in spans:
        while first < len(removed) and removed[first][1] <= low:
            first += 1
        at, start = first, low
        while at < len(removed) and removed[at][0] < high:
            if removed[at][0] > start:
                left.append((start, removed[at][0]))
            start = max(start, removed[at][1])
            at += 1
        if start < high:
            left.append((start, high))
    return left


def intersect(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Return what lies in both.

    Args:
        one, other: each merged (sorted, disjoint, not empty).
    """
    common: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low < high:
            common.append((low, high))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return common


def above(rows: Iterable[tuple[int, int, int]], limit: int) -> list[Span]:
    """Return the spans in which more than `limit` units are in use at once, merged.

    Args:
        rows: (start, end, units) each; they may overlap.
        limit: 0 or more; what matters is the peak at an instant, not how many rows a window sees
            (booking rules, "occupied").
    """
    changes: list[Span] = []
    for start, end, units in rows:
        if start < end:
            changes += ((start, units), (end, -units))
    changes.sort()  # at one instant what ends (negative) comes before what begins
    spans: list[Span] = []
    in_use, since = 0, 0
    for at, change in changes:
        before, in_use = in_use, in_use + change
        if before <= limit < in_use:
            since = at
        elif in_use <= limit < before:
            spans.append((since, at))
    return merge(spans)


def peak(rows: Iterable[tuple[int, int, int]], start: int, end: int) -> int:
    """Return the most units in use at any instant of `[start, end)`.

    Args:
        rows: (start, end, units) each; they may overlap.
    """
    changes: list[Span] = []
    for low, high, units in rows:
        if low < end and high > start and low < high:
            changes += ((low, units), (high, -units))
    changes.sort()
    most = in_use = 0
    for _, change in changes:
        in_use += change
        most = max(most, in_use)
    return most
