"""A business read back as the file that describes it, and what one edition changes in another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from booking.business import STAFF, Business, LocalText, Resource, Service, WeeklyHours
from booking.business_file import (
    WEEKDAYS,
    BusinessFile,
    ContactFile,
    LocationFile,
    PolicyFile,
    ResourceFile,
    ServiceFile,
    StaffFile,
    Week,
)
from booking.money import from_minor, money


def to_file(business: Business) -> BusinessFile:
    """Return the file that makes the business what it is.

    What is inactive isn't in it: the owner's file no longer names it.
    """
    resources = [resource for resource in business.resources if resource.active]
    slugs = {resource.id: resource.slug for resource in resources}
    kinds = {resource.id: resource.kind for resource in resources}
    return BusinessFile(
        slug=business.slug,
        name=_texts(business.name),
        zone=business.zone,
        languages=business.languages,
        contact=ContactFile(**dataclasses.asdict(business.contact)),
        address=_optional(business.address),
        location=None
        if business.location is None
        else LocationFile(**dataclasses.asdict(business.location)),
        owner_chat_ids=business.owner_chat_ids,
        policy=PolicyFile(**dataclasses.asdict(business.policy)),
        hours=_week(business.hours),
        exceptions=dict(business.exceptions),
        staff=tuple(StaffFile(**_member(r)) for r in resources if r.kind == STAFF),
        resources=tuple(
            ResourceFile(kind=r.kind, capacity=r.capacity, **_member(r))
            for r in resources
            if r.kind != STAFF
        ),
        services=tuple(_service(s, slugs, kinds) for s in business.services if s.active),
        facts={topic: _texts(texts) for topic, texts in business.facts.items()},
    )


def _texts(text: LocalText) -> dict[str, str]:
    return dict(text.by_language)


def _optional(text: LocalText | None) -> dict[str, str] | None:
    return None if text is None else _texts(text)


def _week(hours: WeeklyHours) -> Week:
    return {WEEKDAYS[day]: tuple(ranges) for day, ranges in hours.items()}  # type: ignore[misc]


def _member(resource: Resource) -> dict[str, Any]:
    return {
        "slug": resource.slug,
        "name": _texts(resource.name),
        "zone": resource.zone,
        "hours": None if resource.hours is None else _week(resource.hours),
        "exceptions": dict(resource.exceptions),
    }


def _service(service: Service, slugs: Mapping[int, str], kinds: Mapping[int, str]) -> ServiceFile:
    price = None
    if service.price_minor is not None and service.currency is not None:
        price = from_minor(service.price_minor, service.currency)
    serving = [i for ids in service.resource_ids.values() for i in ids if i in slugs]
    return ServiceFile(
        slug=service.slug,
        name=_texts(service.name),
        description=_optional(service.description),
        duration_minutes=service.duration_minutes,
        price=price,
        currency=service.currency,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        step_minutes=service.step_minutes,
        approval_required=service.approval_required,
        staff=tuple(slugs[i] for i in serving if kinds[i] == STAFF),
        resources=tuple(slugs[i] for i in serving if kinds[i] != STAFF),
    )


class Kind(StrEnum):
    """What an edition does to a line of the file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two editions.

    Args:
        kind: what happened.
        path: where, from the top of the file: ("services", "haircut", "price").
        old, new: what was and what will be, as plain data; None = nothing.
    """

    kind: Kind
    path: tuple[str, ...]
    old: Any = None
    new: Any = None


# Lists whose entries are told by their slug.
_BY_SLUG = ("staff", "resources", "services")


def changes(before: BusinessFile, after: BusinessFile) -> list[Change]:
    """Return what `after` changes in `before`; empty if and only if they mean the same."""
    return list(_differences((), _keyed(before), _keyed(after)))


def _keyed(file: BusinessFile) -> dict[str, Any]:
    plain = file.model_dump(mode="json")
    for key in _BY_SLUG:
        entries = plain[key]
        plain[key] = {entry["slug"]: entry for entry in entries}
        plain[f"order of {key}"] = [entry["slug"] for entry in entries]
    for service in plain["services"].values():
        currency = service.pop("currency")
        if service["price"] is not None:  # 35 and 35.00 are the same price
            service["price"] = money(Decimal(service["price"]), currency)
    return plain


def _differences(
    path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        here = (*path, key)
        was, will = old.get(key), new.get(key)
        if not path and key.startswith("order of "):
            before, after = old[key], new[key]
            kept = [slug for slug in before if slug in after]  # others are told already
            if kept != [slug for slug in after if slug in before]:
                yield Change(Kind.CHANGED, here, before, after)
        elif isinstance(was, Mapping) and isinstance(will, Mapping):
            yield from _differences(here, was, will)
        elif was != will:
            if was is None:
                yield Change(Kind.ADDED, here, new=will)
            elif will is None:
                yield Change(Kind.REMOVED, here, old=was)
            else:
                yield Change(Kind.CHANGED, here, was, will)


def described(value: Any) -> str:
    """Return a value of a change in a line's words."""
    if isinstance(value, Mapping):
        parts = (f"{k}: {described(v)}" for k, v in value.items() if v not in (None, [], {}))
        return ", ".join(parts)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(described(item) for item in value) if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)
