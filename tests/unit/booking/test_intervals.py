"""Interval arithmetic against sets of whole numbers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.intervals import Span, above, intersect, merge, peak, subtract

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)
merged = spans.map(merge)
rows = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 3)), max_size=10)
modest = settings(max_examples=150, deadline=None)


def points(of: list[Span]) -> set[int]:
    return {point for low, high in of for point in range(low, high)}


def is_canonical(of: list[Span]) -> bool:
    return all(low < high for low, high in of) and all(a[1] < b[0] for a, b in pairwise(of))


def use(of: list[tuple[int, int, int]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for low, high, units in of:
        counts.update(dict.fromkeys(range(low, high), units))
    return counts


def test_touching_spans_become_one_and_empty_ones_vanish() -> None:
    assert merge([(5, 7), (1, 3), (3, 5), (9, 9), (8, 4)]) == [(1, 7)]
    assert merge([(-5, -3), (-3, -1), (0, 0)]) == [(-5, -1)]
    assert merge([]) == []


@modest
@given(spans)
def test_merge(some: list[Span]) -> None:
    assert is_canonical(merge(some))
    assert points(merge(some)) == points(some)


@modest
@given(merged, merged)
def test_subtract_and_intersect(one: list[Span], other: list[Span]) -> None:
    left, common = subtract(one, other), intersect(one, other)
    assert is_canonical(left)
    assert is_canonical(common)
    assert points(left) == points(one) - points(other)
    assert points(common) == points(one) & points(other)


@modest
@given(rows, st.integers(0, 6))
def test_above(some: list[tuple[int, int, int]], limit: int) -> None:
    found = above(some, limit)
    assert is_canonical(found)
    assert points(found) == {point for point, units in use(some).items() if units > limit}


@modest
@given(rows, st.integers(0, 40), st.integers(1, 20))
def test_peak(some: list[tuple[int, int, int]], start: int, length: int) -> None:
    units = use(some)
    expected = max(units[point] for point in range(start, start + length))
    assert peak(some, start, start + length) == expected


def test_the_peak_is_not_the_number_of_rows() -> None:
    one_after_another = [(0, 10, 1), (10, 20, 1), (20, 30, 1)]
    assert peak(one_after_another, 0, 30) == 1
    assert above(one_after_another, 1) == []
