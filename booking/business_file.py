"""The file that describes a business, as its owner writes it. Validated before anything is applied.

Times of day are "HH:MM" wall-clock in the business's zone ("24:00" = midnight at the end of the
day); a range whose end is not after its start runs into the next date.

What the order of a list doesn't tell is put in order here, and what says nothing is left out (a
weekday without ranges), so that two files that mean the same are equal.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from booking.business import ConfirmationMode, DayInterval, LocalText
from booking.business_checks import REFERENCES, reference_mistakes
from booking.localtime import zone as known_zone
from booking.money import known_currency

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_SAFE_INTEGER = 2**53 - 1  # what JSON, and Telegram's ids, keep exactly


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
        raise ValueError(f"no such time of day in {value!r}; times go from 00:00 to 24:00")
    return DayInterval(opens, closes)


def format_range(interval: DayInterval) -> str:
    """Write an interval the way `parse_range` reads it."""
    return "-".join(f"{m // 60:02d}:{m % 60:02d}" for m in (interval.opens, interval.closes))


def _wall_time(value: object) -> dt.time:
    if isinstance(value, dt.time):
        return value
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    hours, minutes = (24, 0) if match is None else (int(part) for part in match.groups())
    if hours > 23 or minutes > 59:
        raise ValueError(f'write a time of day as "10:00", from 00:00 to 23:59, not {value!r}')
    return dt.time(hours, minutes)


def _interval(value: DayInterval | str) -> DayInterval:
    return value if isinstance(value, DayInterval) else parse_range(value)


def _ranges(value: object) -> object:
    if value is None:
        raise ValueError("nothing is written here; [] means closed")
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


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character NUL can't be stored")
    return text


def _once(values: tuple[object, ...]) -> tuple[object, ...]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{value} is named twice")
    return values


def _open_days(week: dict[str, tuple[DayInterval, ...]]) -> dict[str, tuple[DayInterval, ...]]:
    return {day: week[day] for day in WEEKDAYS if week.get(day)}


_RangeText = Annotated[
    str,
    Field(
        pattern=r"^\s*\d{1,2}:\d{2}\s*[-–]\s*\d{1,2}:\d{2}\s*$",
        description='From when until when, such as "10:00-19:00"; an end that is not after the'
        ' start lies on the next date, "24:00" is midnight at the end of the day.',
    ),
]
Range = Annotated[
    DayInterval,
    BeforeValidator(_interval, json_schema_input_type=_RangeText),
    PlainSerializer(format_range, return_type=str),
]
DayRanges = Annotated[
    tuple[Range, ...],
    BeforeValidator(_ranges, json_schema_input_type=_RangeText | list[_RangeText]),
    AfterValidator(_in_order),
]
Zone = Annotated[
    str, AfterValidator(_known_zone), Field(examples=["Europe/Berlin", "America/Santiago"])
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Slugs = Annotated[tuple[Slug, ...], AfterValidator(_once)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Currency = Annotated[
    str, AfterValidator(known_currency), Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})
]
_SHORT = StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
_LONG = StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)
ShortText = Annotated[str, _SHORT, AfterValidator(_storable)]
LongText = Annotated[str, _LONG, AfterValidator(_storable)]
Texts = Annotated[
    dict[Language, ShortText],
    BeforeValidator(_texts, json_schema_input_type=ShortText | dict[Language, ShortText]),
    Field(min_length=1),
]
LongTexts = Annotated[
    dict[Language, LongText],
    BeforeValidator(_texts, json_schema_input_type=LongText | dict[Language, LongText]),
    Field(min_length=1),
]
_ClockText = Annotated[
    str,
    Field(pattern=r"^\s*\d{1,2}:\d{2}\s*$", description='A time of day, such as "10:00".'),
]
WallTime = Annotated[
    dt.time,
    BeforeValidator(_wall_time, json_schema_input_type=_ClockText),
    PlainSerializer(lambda time: f"{time:%H:%M}", return_type=str),
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Week = Annotated[dict[Weekday, DayRanges], AfterValidator(_open_days)]
Exceptions = Annotated[
    dict[dt.date, DayRanges], AfterValidator(lambda dates: dict(sorted(dates.items())))
]
Buffer = Annotated[int, Field(ge=0, le=24 * 60)]
Limit = Annotated[int, Field(ge=1, le=1000)]
Window = Annotated[int, Field(ge=0, le=90 * 24 * 60)]
LeadTime = Annotated[int, Field(ge=1, le=30 * 24 * 60)]
Later = Annotated[int, Field(ge=0, le=30 * 24 * 60)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$", max_length=500)]
ChatId = Annotated[int, Field(ge=-_SAFE_INTEGER, le=_SAFE_INTEGER)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PolicyFile(_Strict):
    """The booking policy; what is left out has the default of `booking.business.Policy`."""

    step_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """Minutes between offered starts; a service may have its own."""
    min_notice_minutes: Window = 0
    """How many minutes before its start a time can be booked at the latest."""
    horizon_days: Annotated[int, Field(ge=0, le=730)] = 60
    """How many days ahead can be booked; today is day 0."""
    max_active: Limit = 3
    """How many future appointments one customer can have."""
    max_per_day: Limit | None = None
    """The same on one day; left out = no limit."""
    max_per_week: Limit | None = None
    """The same in one week, Monday to Sunday; left out = no limit."""
    cancel_window_minutes: Window = 24 * 60
    """Until how many minutes before the start customers cancel by themselves."""
    reschedule_window_minutes: Window = 24 * 60
    """Until how many minutes before the start customers move an appointment by themselves."""
    confirmation: ConfirmationMode = ConfirmationMode.CARD
    """card: the time is held and one tap confirms it; immediate: the request books at once."""
    hold_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 10
    """How long a time is held while the customer decides."""
    confirm_within_minutes: LeadTime = 24 * 60
    """How long a request waits for your approval before it lapses."""
    reminder_minutes: Annotated[tuple[LeadTime, ...], Field(max_length=10)] = (24 * 60, 2 * 60)
    """How many minutes before the start customers are reminded; [] = never."""
    reminder_day_before_at: WallTime | None = None
    """At what time on the day before customers are reminded; left out = they aren't."""
    unanswered_after_minutes: Later = 180
    """How many minutes after a reminder without an answer you are told; 0 = never."""
    review_after_minutes: Later = 0
    """How many minutes after a visit the customer is thanked and may review it; 0 = never."""
    review_url: WebAddress | None = None
    """Where customers write reviews; left out = they are only thanked."""
    waitlist_offer_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """How long a time that became free is kept for the next on the waiting list."""
    hand_off_minutes: Annotated[int, Field(ge=10, le=7 * 24 * 60)] = 12 * 60
    """After how many minutes without a word of yours the assistant answers again in a chat that
    was handed to you."""


class ContactFile(_Strict):
    """How a customer reaches the owner when the assistant can't help."""

    phone: ShortText | None = None
    """With the country's code, in quotes: "+49 30 1234567"."""
    email: ShortText | None = None
    """An e-mail address."""
    telegram: ShortText | None = None
    """A Telegram name, in quotes: "@name"."""


class LocationFile(_Strict):
    """Where the address is on the map."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    """Degrees north of the equator, such as 52.5312."""
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    """Degrees east of Greenwich, such as 13.4021."""


class StaffFile(_Strict):
    """A staff member; without hours of their own they work when the business is open."""

    slug: Slug
    """A short name for this file: small letters, digits and -. It stays when the name changes."""
    name: Texts
    """What customers read: one text, or one per language."""
    zone: Zone | None = None
    """Time zone of their hours; left out = the business's."""
    hours: Week | None = None
    """Weekly hours in place of the business's; left out = the business's."""
    exceptions: Exceptions = {}
    """Dates with other hours; [] = off. They win over the business's on the same date."""


class ResourceFile(StaffFile):
    """A room, a chair, a class with seats; without hours of its own it is always there."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z_-]{0,30}$")]
    """What it is, in one word such as room, chair or class. An appointment takes one of each."""
    capacity: Annotated[int, Field(ge=1, le=10000)] = 1
    """How many customers it takes at a time."""


class ServiceFile(_Strict):
    """A service. `staff` and `resources` name who and what can serve it, one of each kind."""

    slug: Slug
    """A short name for this file: small letters, digits and -. It stays when the name changes."""
    name: Texts
    """What customers read: one text, or one per language."""
    description: LongTexts | None = None
    """What it is, in a sentence or two."""
    duration_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    """How long it takes, without buffers."""
    price: Annotated[Decimal, Field(ge=0, le=999_999_999, decimal_places=3)] | None = None
    """What it costs, in units of the currency; left out = not told."""
    currency: Currency | None = None
    """Its three letters (ISO 4217), such as EUR."""
    buffer_before_minutes: Buffer = 0
    """Minutes kept free before the start, seen by nobody."""
    buffer_after_minutes: Buffer = 0
    """Minutes kept free after the end, such as for cleaning."""
    step_minutes: Annotated[int, Field(ge=1, le=24 * 60)] | None = None
    """Minutes between offered starts; left out = the policy's."""
    approval_required: bool = False
    """true: you approve each request."""
    staff: Slugs = ()
    """Slugs of those who give it; a customer gets one of them."""
    resources: Slugs = ()
    """Slugs of the rooms, chairs or classes that can serve it; one of each kind is taken."""


class BusinessFile(_Strict):
    """One business."""

    slug: Slug
    """A short name for the command line: small letters, digits and -. It never changes."""
    name: Texts
    """What customers read: one text, or one per language."""
    zone: Zone
    """Time zone of the hours and of all times told, such as Europe/Berlin."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(_once)] = ("en",)
    """Languages that customers are served in (ISO 639-1), your own first."""
    contact: ContactFile = ContactFile()
    """How a customer reaches you when the assistant can't help."""
    address: LongTexts | None = None
    """Where to come."""
    location: LocationFile | None = None
    """The same on the map: customers can be sent a pin."""
    owner_chat_ids: Annotated[tuple[ChatId, ...], AfterValidator(_once)] = ()
    """Telegram ids of the chats that are told of every booking, and asked to take over a chat."""
    policy: PolicyFile = PolicyFile()
    """The rules of booking."""
    hours: Week
    """Weekly opening hours; two ranges make a break, a missing day is closed."""
    exceptions: Exceptions = {}
    """Dates with other hours than the week's; [] = closed."""
    staff: tuple[StaffFile, ...] = ()
    """The people, in the order in which customers see them."""
    resources: tuple[ResourceFile, ...] = ()
    """Rooms, chairs, classes with seats."""
    services: Annotated[tuple[ServiceFile, ...], Field(min_length=1)]
    """What can be booked, in the order in which customers see it."""
    facts: dict[ShortText, LongTexts] = {}
    """What customers ask about, by topic: parking, payment."""

    @field_validator("services")
    @classmethod
    def _in_the_owners_order(
        cls, services: tuple[ServiceFile, ...], info: ValidationInfo
    ) -> tuple[ServiceFile, ...]:
        entries = (*info.data.get("staff", ()), *info.data.get("resources", ()))
        place = {entry.slug: n for n, entry in enumerate(entries)}

        def ordered(slugs: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(sorted(slugs, key=lambda slug: place.get(slug, len(place))))

        return tuple(
            service.model_copy(
                update={"staff": ordered(service.staff), "resources": ordered(service.resources)}
            )
            for service in services
        )

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        found = reference_mistakes(self.model_dump(mode="json"))
        if found:
            told = "; ".join(f"{finding.path}: {finding.message}" for finding in found)
            raise PydanticCustomError(REFERENCES, "{told}", {"told": told})
        return self


def local_text(texts: dict[str, str]) -> LocalText:
    """Return a file's text as the domain's value."""
    return LocalText(dict(texts))
