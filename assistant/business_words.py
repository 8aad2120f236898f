"""What the command line tells an owner about a business file: what it describes and changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from booking.business import Business, LocalText
from booking.business_conflicts import Conflict, Reason
from booking.business_edition import Change, Kind, described
from booking.business_file import WEEKDAYS, BusinessFile, StaffFile, Week, format_range
from booking.localtime import is_repeated, to_local, utc_offset_label
from booking.money import money
from booking.status import AppointmentStatus

if TYPE_CHECKING:
    from db.repositories.editions import Edition

_SIGNS = {Kind.ADDED: "+", Kind.CHANGED: "~", Kind.REMOVED: "-"}
# Shown one by one; a change below is told with the entry's slug.
_LISTS = {"staff": "staff", "resources": "resource", "services": "service"}
_REASONS = {
    Reason.SERVICE_GONE: "the service is no longer there",
    Reason.RESOURCE_GONE: "{} is no longer there",
    Reason.NOT_ITS_SERVICE: "{} no longer serves this",
    Reason.OUTSIDE_HOURS: "outside the hours of {}",
    Reason.OVER_CAPACITY: "more is booked than {} takes",
    Reason.LACKS_RESOURCE: "booked without what the service needs now",
}
_STATUS = {AppointmentStatus.HELD: " (held)", AppointmentStatus.PENDING: " (to be approved)"}


def summary(file: BusinessFile) -> list[str]:
    """Return what a valid file describes, in a few lines."""
    language = file.languages[0]
    lines = [
        f"{_name(file.name, language)} ({file.slug}), {file.zone}, in {', '.join(file.languages)}",
        f"open {_week(file.hours)}",
    ]
    if file.exceptions:
        count = len(file.exceptions)
        lines[1] += "; 1 date differs" if count == 1 else f"; {count} dates differ"
    everybody: tuple[StaffFile, ...] = (*file.staff, *file.resources)
    names = {entry.slug: _name(entry.name, language) for entry in everybody}
    for service in file.services:
        price = "" if service.price is None else f", {money(service.price, service.currency or '')}"
        approval = ", each approved by you" if service.approval_required else ""
        who = ", ".join(names[slug] for slug in (*service.staff, *service.resources))
        told = f"{_name(service.name, language)}, {service.duration_minutes} min{price}{approval}"
        lines.append(f"{told}: {who}")
    return lines


def _name(texts: Mapping[str, str], language: str) -> str:
    return LocalText(texts).get(language)


def _week(week: Week) -> str:
    if not week:
        return "never"
    by_day = [(day, _ranges(week.get(day, ()))) for day in WEEKDAYS]  # type: ignore[call-overload]
    told = []
    for ranges, group in groupby(by_day, key=lambda item: item[1]):
        days = [day for day, _ in group]
        if ranges:
            span = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
            told.append(f"{span} {ranges}")
    return ", ".join(told)


def _ranges(ranges: object) -> str:
    assert isinstance(ranges, tuple)
    return " ".join(format_range(interval) for interval in ranges)


def heading(file: BusinessFile, edition: Edition) -> str:
    """Return the line that says what applying the file is."""
    if edition.before is None:
        count = len(file.services)
        return f"{file.slug}: a new business with {count} service{'' if count == 1 else 's'}"
    revision = edition.before.revision
    if not edition.changes:
        return f"{file.slug}: nothing to change, edition {revision}"
    return f"{file.slug}: edition {revision} → {revision + 1}"


def change_lines(changes: tuple[Change, ...]) -> Iterator[str]:
    """Return one line for each change: its sign, where it is, old → new."""
    for change in changes:
        old, new = described(change.old), described(change.new)
        values = {Kind.ADDED: new, Kind.CHANGED: f"{old} → {new}", Kind.REMOVED: f"was {old}"}
        yield f"  {_SIGNS[change.kind]} {_where(change.path)}: {values[change.kind]}"


def _where(path: tuple[str, ...]) -> str:
    head, *rest = path
    if head in _LISTS and rest:
        return ", ".join([f"{_LISTS[head]} {rest[0]}", *rest[1:]])
    return ", ".join(path)


def conflict_lines(edition: Edition) -> Iterator[str]:
    """Return one line for each appointment in conflict: number, when, what, who, why."""
    business = edition.after
    if business is None:
        return
    for conflict in edition.conflicts:
        yield f"  {_conflict(business, conflict, edition.customers)}"


def _conflict(business: Business, conflict: Conflict, customers: Mapping[int, str]) -> str:
    appointment, language = conflict.appointment, business.languages[0]
    local = to_local(appointment.starts_at, business.zone)
    when = f"{local:%a %d %b %Y %H:%M}"
    if is_repeated(appointment.starts_at, business.zone):
        when += f" {utc_offset_label(appointment.starts_at, business.zone)}"
    what = _name(appointment.service_name, language)
    if appointment.staff_name is not None:
        what += f" with {_name(appointment.staff_name, language)}"
    customer = f"customer {appointment.customer_id}"
    if name := customers.get(appointment.customer_id):
        customer += f" ({name})"
    why = "; ".join(_why(business, reason, about) for reason, about in conflict.reasons)
    status = _STATUS.get(appointment.status, "")
    return f"#{appointment.id}{status}  {when}  {what}  {customer}: {why}"


def _why(business: Business, reason: Reason, about: int | None) -> str:
    resource = None if about is None else business.resource(about)
    name = "" if resource is None else resource.name.get(business.languages[0])
    return _REASONS[reason].format(name)
