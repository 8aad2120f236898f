"""Which appointments a new edition of a business would leave without their time, person or service.

An appointment stays as it is whatever an edition says; the owner is told, and moves or cancels it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from booking.appointment import Appointment
from booking.business import Business, Resource, Service
from booking.intervals import above
from booking.lanes import Busy
from booking.localtime import to_epoch
from booking.opening import openings, primary_calendar, secondary_calendar
from booking.rules import primary_kind


class Reason(StrEnum):
    """Why an appointment no longer fits."""

    SERVICE_GONE = "service_gone"
    RESOURCE_GONE = "resource_gone"
    NOT_ITS_SERVICE = "not_its_service"  # the person or room is there, but not for this service
    OUTSIDE_HOURS = "outside_hours"
    OVER_CAPACITY = "over_capacity"
    LACKS_RESOURCE = "lacks_resource"  # the service needs a kind that it was booked without


@dataclass(frozen=True, slots=True)
class Conflict:
    """An appointment that fitted before and doesn't any more.

    Args:
        reasons: each with the resource it is about; None with `SERVICE_GONE`, `LACKS_RESOURCE`.
    """

    appointment: Appointment
    reasons: tuple[tuple[Reason, int | None], ...]


def conflicts(
    before: Business, after: Business, appointments: Iterable[Appointment], busy: Iterable[Busy]
) -> list[Conflict]:
    """Return the appointments that fit `before` and not `after`, in order of time.

    What the owner put outside the hours before stays unmentioned.

    Args:
        before, after: two editions of one business.
        appointments: the active ones that aren't over.
        busy: all that is occupied while those last.
    """
    rows = list(busy)
    shortage_before, shortage_after = _shortages(before, rows), _shortages(after, rows)
    found = []
    for appointment in appointments:
        old = _reasons(before, appointment, shortage_before)
        new = [r for r in _reasons(after, appointment, shortage_after) if r not in old]
        if new:
            found.append(Conflict(appointment, tuple(new)))
    return sorted(found, key=lambda c: (c.appointment.starts_at, c.appointment.id))


def _shortages(business: Business, busy: Sequence[Busy]) -> Mapping[int, set[int | None]]:
    """Return resource id -> ids of the appointments that are there when it is overbooked."""
    rows: dict[int, list[Busy]] = {}
    for row in busy:
        rows.setdefault(row.resource_id, []).append(row)
    found: dict[int, set[int | None]] = {}
    for resource in business.resources:
        taken = rows.get(resource.id, ())
        spans = above(((row.start, row.end, row.units) for row in taken), resource.capacity)
        found[resource.id] = {
            row.appointment_id
            for row in taken
            if any(row.start < end and row.end > start for start, end in spans)
        }
    return found


def _reasons(
    business: Business, appointment: Appointment, shortages: Mapping[int, set[int | None]]
) -> list[tuple[Reason, int | None]]:
    service = business.service(appointment.service_id)
    if service is None or not service.active:
        return [(Reason.SERVICE_GONE, None)]
    found: list[tuple[Reason, int | None]] = []
    taken = set(appointment.resource_ids)
    for resource_id in sorted(taken):
        resource = business.resource(resource_id)
        if resource is None or not resource.active:
            found.append((Reason.RESOURCE_GONE, resource_id))
        elif resource_id not in service.resource_ids.get(resource.kind, ()):
            found.append((Reason.NOT_ITS_SERVICE, resource_id))
        elif not _is_open(business, service, resource, appointment):
            found.append((Reason.OUTSIDE_HOURS, resource_id))
        elif appointment.id in shortages.get(resource_id, ()):
            found.append((Reason.OVER_CAPACITY, resource_id))
    kinds = {resource.kind for resource in business.resources if resource.id in taken}
    if not found and not kinds >= set(service.resource_ids):
        found.append((Reason.LACKS_RESOURCE, None))
    return found


def _is_open(
    business: Business, service: Service, resource: Resource, appointment: Appointment
) -> bool:
    """Return whether the appointment lies inside one merged open interval of the resource."""
    make = primary_calendar if resource.kind == primary_kind(service) else secondary_calendar
    calendar = make(business, resource)
    if calendar is None:
        return True
    start, end = to_epoch(appointment.starts_at), to_epoch(appointment.ends_at)
    return any(
        opening.start <= start < opening.until and end <= opening.closes
        for opening in openings(calendar, start, end)
    )
