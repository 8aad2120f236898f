"""The file that describes a business, as its owner writes it. Validated before anything is applied.

Times of day are "HH:MM" wall-clock in the business's zone ("24:00" = midnight at the end of the
day); a range whose end is not after its start runs into the next date.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from booking.business import ConfirmationMode, DayInterval, LocalText
from booking.localtime import zone as known_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def parse_range(value: object) -> DayInterval:
    """Read "10:00-19:00" as an interval.

    Raises:
        ValueError: not of that form, or no time of day.
    """
    match = _RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'write opening times as "10:00-19:00", not {value!r}')
    numbers = [int(part) for part in match.groups()]
    opens, closes = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if numbers[1] > 59 or numbers[3] > 59 or opens >= 24 * 60 or closes > 24 * 60:
        raise ValueError(f"no such time of day in {value!r}")
    return DayInterval(opens, closes)


def format_range(interval: DayInterval) -> str:
    """Write an interval the way `parse_range` reads it."""
    return "-".join(f"{m // 60:02d}:{m % 60:02d}" for m in (interval.opens, interval.closes))


def _minutes(value: DayInterval | str) -> DayInterval:
    return value if isinstance(value, DayInterval) else parse_range(value)


def _ranges(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _in_order(intervals: tuple[DayInterval, ...]) -> tuple[DayInterval, ...]:
    ordered = sorted(intervals)
    for before, after in pairwise(ordered):
        if before.runs_into_next_date or before.closes > after.opens:
            raise ValueError(f"{format_range(before)} and {format_range(after)} overlap")
    return tuple(ordered)


def _known_zone(name: str) -> str:
    known_zone(name)
    return name


def _texts(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


Range = Annotated[DayInterval, BeforeValidator(_minutes, json_schema_input_type=str)]
DayRanges = Annotated[tuple[Range, ...], BeforeValidator(_ranges), AfterValidator(_in_order)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Texts = Annotated[dict[Language, ShortText], BeforeValidator(_texts), Field(min_length=1)]
LongTexts = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]],
    BeforeValidator(_texts),
    Field(min_length=1),
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Week = dict[Weekday, DayRanges]
Exceptions = dict[dt.date, DayRanges]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


def _wall_time(value: object) -> object:
    # YAML reads an unquoted 10:00 as the number 600 (sexagesimal), and 09:00 as a text.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return dt.time(value // 60, value % 60)
    return value


def _whole_minute(value: dt.time) -> dt.time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValueError('a time of day is written "10:00", in the business\'s own zone')
    return value


WallTime = Annotated[dt.time, BeforeValidator(_wall_time), AfterValidator(_whole_minute)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicyFile(_Strict):
    """The booking policy; what is left out has the default of `booking.business.Policy`."""

    step_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    min_notice_minutes: Annotated[int, Field(ge=0, le=90 * 24 * 60)] = 0
    horizon_days: Annotated[int, Field(ge=0, le=730)] = 60
    max_active: Annotated[int, Field(ge=1, le=1000)] = 3
    max_per_day: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_per_week: Annotated[int, Field(ge=1, le=1000)] | None = None
    cancel_window_minutes: Annotated[int, Field(ge=0, le=90 * 24 * 60)] = 24 * 60
    reschedule_window_minutes: Annotated[int, Field(ge=0, le=90 * 24 * 60)] = 24 * 60
    confirmation: ConfirmationMode = ConfirmationMode.CARD
    hold_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 10
    confirm_within_minutes: Annotated[int, Field(ge=1, le=30 * 24 * 60)] = 24 * 60
    reminder_minutes: tuple[Annotated[int, Field(ge=1, le=30 * 24 * 60)], ...] = (24 * 60, 2 * 60)
    reminder_day_before_at: WallTime | None = None


class ContactFile(_Strict):
    """How a customer reaches the owner."""

    phone: str | None = None
    email: str | None = None
    telegram: str | None = None


class StaffFile(_Strict):
    """A staff member; without hours of their own they work when the business is open."""

    slug: Slug
    name: Texts
    zone: Zone | None = None
    hours: Week | None = None
    exceptions: Exceptions = {}


class ResourceFile(StaffFile):
    """A room, a chair, a class with seats."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z_-]{0,30}$")]
    capacity: Annotated[int, Field(ge=1, le=10000)] = 1


class ServiceFile(_Strict):
    """A service. `staff` and `resources` name who and what can serve it, one of each kind."""

    slug: Slug
    name: Texts
    description: LongTexts | None = None
    duration_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    step_minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = None
    approval_required: bool = False
    staff: tuple[Slug, ...] = ()
    resources: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _price_has_currency(self) -> Self:
        if self.price is not None and self.currency is None:
            raise ValueError("a price needs a currency, such as EUR")
        if not (self.staff or self.resources):
            raise ValueError("name who gives the service (staff) or what it needs (resources)")
        return self


class BusinessFile(_Strict):
    """One business."""

    slug: Slug
    name: Texts
    zone: Zone
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    contact: ContactFile = ContactFile()
    address: LongTexts | None = None
    owner_chat_ids: tuple[int, ...] = ()
    policy: PolicyFile = PolicyFile()
    hours: Week
    exceptions: Exceptions = {}
    staff: tuple[StaffFile, ...] = ()
    resources: tuple[ResourceFile, ...] = ()
    services: Annotated[tuple[ServiceFile, ...], Field(min_length=1)]
    facts: dict[str, LongTexts] = {}

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        slugs = [entry.slug for entry in (*self.staff, *self.resources)]
        twice = {slug for slug in slugs if slugs.count(slug) > 1}
        services = [service.slug for service in self.services]
        twice |= {slug for slug in services if services.count(slug) > 1}
        if twice:
            raise ValueError(f"used twice: {', '.join(sorted(twice))}")
        staff = {member.slug for member in self.staff}
        things = {resource.slug for resource in self.resources}
        for service in self.services:
            for wanted, known, kind in (
                (service.staff, staff, "staff"),
                (service.resources, things, "resources"),
            ):
                missing = set(wanted) - known
                if missing:
                    raise ValueError(
                        f"service {service.slug}: no such {kind}: {', '.join(sorted(missing))};"
                        f" there are: {', '.join(sorted(known)) or 'none'}"
                    )
        if any(resource.kind == "staff" for resource in self.resources):
            raise ValueError('people go under "staff", not under "resources"')
        return self


def local_text(texts: dict[str, str]) -> LocalText:
    """Return a file's text as the domain's value."""
    return LocalText(dict(texts))
