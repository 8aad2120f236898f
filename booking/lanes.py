"""What one resource allows a service: where it may start, and which starts are taken."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from booking.business import Resource, Service
from booking.intervals import Span, above, merge, peak, subtract
from booking.opening import Opening

SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Busy:
    """One occupied range of a resource: an appointment with its buffers, a live hold, a block.

    Args:
        start, end: epoch seconds, half-open.
        units: how much of the resource's capacity it takes.
        blocked: blocked time or time off; it takes the resource wholly, whatever its capacity.
        appointment_id: whose range it is; None for blocked time.
    """

    resource_id: int
    start: int
    end: int
    units: int = 1
    blocked: bool = False
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The time that a service takes around its start, in seconds."""

    duration: int
    before: int
    after: int

    @classmethod
    def of(cls, service: Service) -> Shape:
        """Return the shape of a service.

        Raises:
            ValueError: it lasts no time, or a buffer is negative.
        """
        shape = cls(
            service.duration_minutes * SECONDS_PER_MINUTE,
            service.buffer_before_minutes * SECONDS_PER_MINUTE,
            service.buffer_after_minutes * SECONDS_PER_MINUTE,
        )
        if shape.duration <= 0 or shape.before < 0 or shape.after < 0:
            raise ValueError(f"service {service.slug!r} has no duration or a negative buffer")
        return shape

    def occupied(self, start: int) -> Span:
        """Return `[start - buffer_before, start + duration + buffer_after)`."""
        return start - self.before, start + self.duration + self.after

    def starts_touching(self, spans: Iterable[Span]) -> list[Span]:
        """Return the starts whose occupied range would overlap one of the spans, merged."""
        return merge(
            (low - self.duration - self.after + 1, high + self.before) for low, high in spans
        )


@dataclass(frozen=True, slots=True)
class Lane:
    """One resource as a service sees it. All times are epoch seconds of a start.

    Args:
        openings: where it is open, sorted; None = always.
        duration: seconds that must fit inside one opening.
        step: seconds between its starts; None = it makes no grid.
        taken: starts that run into blocked time or, with a capacity of one, into anything.
        full: starts at whose peak not enough units are left, with a capacity above one.
        shared: what takes its units (start, end, units), with a capacity above one.
    """

    resource: Resource
    openings: Sequence[Opening] | None
    duration: int
    step: int | None
    taken: Sequence[Span]
    full: Sequence[Span]
    shared: Sequence[tuple[int, int, int]] = ()

    def is_open(self, start: int) -> bool:
        """Return whether `[start, start + duration)` lies inside one merged open interval."""
        if self.openings is None:
            return True
        opening = self._opening(start)
        return opening is not None and start + self.duration <= opening.closes

    def is_on_grid(self, start: int) -> bool:
        """Return whether an open start is one of `opening.start + k * step`."""
        if self.step is None:
            return True
        opening = self._opening(start)
        return opening is not None and (start - opening.start) % self.step == 0

    def admits(self, start: int) -> bool:
        """Return whether the hours and the grid allow the start."""
        return self.is_open(start) and self.is_on_grid(start)

    def is_untaken(self, start: int) -> bool:
        """Return whether no block, nor with a capacity of one anything else, is in the way."""
        return not _covers(self.taken, start)

    def is_free(self, start: int) -> bool:
        """Return whether nothing at all is in the way."""
        return self.is_untaken(start) and not _covers(self.full, start)

    def places(self, occupied: Span) -> int | None:
        """Return how many units are left at the peak of an occupied range; None = it has one."""
        if self.resource.capacity == 1:
            return None
        return self.resource.capacity - peak(self.shared, *occupied)

    def lifted(self) -> Lane:
        """Return the lane without hours and grid: what occupies it still counts."""
        return replace(self, openings=None, step=None)

    def starts(self, start: int, end: int) -> list[int]:
        """Return the admitted free starts within `[start, end)`, sorted.

        The sweep reads the same openings and the same taken spans that `admits` and `is_free` do.
        """
        step = self.step
        if step is None or self.openings is None:
            raise ValueError(f"resource {self.resource.slug!r} has no grid to list starts on")
        blocked = merge([*self.taken, *self.full])
        found: list[int] = []
        for opening in self.openings:
            low = max(start, opening.start)
            high = min(end, opening.until, opening.closes - self.duration + 1)
            for left, right in _outside(low, high, blocked):
                found += range(left + (opening.start - left) % step, right, step)
        return found

    def _opening(self, start: int) -> Opening | None:
        openings = self.openings or ()
        at = bisect_right(openings, start, key=_start_of) - 1
        return openings[at] if at >= 0 and start < openings[at].until else None


def _start_of(opening: Opening) -> int:
    return opening.start


def _covers(spans: Sequence[Span], start: int) -> bool:
    at = bisect_right(spans, start, key=_low) - 1
    return at >= 0 and start < spans[at][1]


def _low(span: Span) -> int:
    return span[0]


def _high(span: Span) -> int:
    return span[1]


def _outside(low: int, high: int, blocked: Sequence[Span]) -> list[Span]:
    """Return what is left of `[low, high)` outside the blocked spans."""
    if low >= high:
        return []
    first = bisect_right(blocked, low, key=_high)
    last = bisect_right(blocked, high, key=_low)
    return subtract([(low, high)], blocked[first:last])


def lane(
    resource: Resource,
    openings: Sequence[Opening] | None,
    step: int | None,
    shape: Shape,
    units: int,
    busy: Iterable[Busy],
) -> Lane:
    """Return the lane of a resource.

    Args:
        openings: None = always open; step: seconds, None = no grid of its own.
        units: how much of its capacity the new appointment takes.
        busy: what occupies it, in any order.
    """
    rows = [row for row in busy if row.start < row.end]
    whole = [(row.start, row.end) for row in rows if row.blocked or resource.capacity == 1]
    shared = [(r.start, r.end, r.units) for r in rows if not r.blocked and resource.capacity > 1]
    full: list[Span] = []
    left = resource.capacity - units
    if left < 0:
        full = [(-(1 << 62), 1 << 62)]
    elif resource.capacity > 1:
        full = shape.starts_touching(above(shared, left))
    return Lane(
        resource, openings, shape.duration, step, shape.starts_touching(whole), full, shared
    )


def units_by_kind(kinds: Mapping[str, Sequence[Resource]], units: int) -> dict[str, int]:
    """Return how many units a party takes of each kind of resource.

    Seats are counted where there are seats: beside a class for twelve, one teacher serves the
    whole party. Where nothing has a capacity above one, the party has to fit into one.
    """
    seated = {kind for kind, members in kinds.items() if any(m.capacity > 1 for m in members)}
    return {kind: units if kind in seated or not seated else 1 for kind in kinds}
