"""What a business is to the booking rules: its zone, hours, policy, services and resources.

These values are read from the database (or built by a test) and never change; a new edition of the
business is a new value with a higher `revision`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text in one or more languages.

    Args:
        by_language: language code (ISO 639-1) -> text; never empty.
    """

    by_language: Mapping[str, str]

    def get(self, language: str) -> str:
        """Return the text in `language`, else in English, else in the first language given."""
        texts = self.by_language
        return texts.get(language) or texts.get("en") or next(iter(texts.values()))


@dataclass(frozen=True, slots=True, order=True)
class DayInterval:
    """An open interval as wall-clock minutes of the date it starts on.

    Args:
        opens: minutes after local midnight, 0-1439.
        closes: minutes after local midnight, 0-1440. `closes <= opens`, or 1440, runs into the next
            local date (booking rules, "opening hours").
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < MINUTES_PER_DAY and 0 <= self.closes <= MINUTES_PER_DAY):
            raise ValueError(f"minutes of a day are 0-1440, not {self.opens}-{self.closes}")

    @property
    def runs_into_next_date(self) -> bool:
        """Whether the interval ends on the local date after the one it starts on."""
        return self.closes <= self.opens or self.closes == MINUTES_PER_DAY


# Weekday (0 = Monday) -> the intervals that start on it. A missing weekday is closed.
WeeklyHours = Mapping[int, tuple[DayInterval, ...]]
# Local date -> the intervals that start on it instead of the weekly ones. Empty = closed.
DateExceptions = Mapping[dt.date, tuple[DayInterval, ...]]


class ConfirmationMode(StrEnum):
    """How a customer's request becomes a booking."""

    CARD = "card"  # the time is held and a proposal card asks for one tap
    IMMEDIATE = "immediate"  # the request books at once


@dataclass(frozen=True, slots=True)
class Policy:
    """The business's rules for bookings. Durations are elapsed minutes.

    Args:
        step_minutes: distance between offered starts (a service may override it).
        min_notice_minutes: a start must be at least this long after now (inclusive).
        horizon_days: a start's local date is at most today + this many days (inclusive).
        max_active: active future appointments of one customer.
        max_per_day: the same on one business-local date; None = no limit.
        max_per_week: the same in one Monday-to-Sunday week; None = no limit.
        cancel_window_minutes: customers cancel themselves while `now <= start - window`.
        reschedule_window_minutes: customers move themselves while `now <= start - window`.
        confirmation: whether a booking asks for a tap on a proposal card first.
        hold_minutes: how long a proposal card keeps its time.
        confirm_within_minutes: how long a request waits for the owner's approval.
        reminder_minutes: lead times of reminders before the start.
        reminder_day_before_at: wall time of a reminder on the day before; None = there is none.
        unanswered_after_minutes: how long after a reminder without an answer the owner is told;
            0 = never.
        review_after_minutes: how long after the end of a visit the customer is thanked and asked
            for a review; 0 = never.
        review_url: where reviews are written; None = nowhere.
        waitlist_offer_minutes: how long a freed time is kept for the next in line.
        hand_off_minutes: after how long without a word of a person the assistant answers again in
            a chat that was handed to one.
    """

    step_minutes: int = 30
    min_notice_minutes: int = 0
    horizon_days: int = 60
    max_active: int = 3
    max_per_day: int | None = None
    max_per_week: int | None = None
    cancel_window_minutes: int = 24 * 60
    reschedule_window_minutes: int = 24 * 60
    confirmation: ConfirmationMode = ConfirmationMode.CARD
    hold_minutes: int = 10
    confirm_within_minutes: int = 24 * 60
    reminder_minutes: tuple[int, ...] = (24 * 60, 2 * 60)
    reminder_day_before_at: dt.time | None = None
    unanswered_after_minutes: int = 180
    review_after_minutes: int = 0
    review_url: str | None = None
    waitlist_offer_minutes: int = 30
    hand_off_minutes: int = 12 * 60


@dataclass(frozen=True, slots=True)
class Resource:
    """Something a service occupies: a staff member, a room, a class with seats.

    Args:
        id: database id, unique over all businesses.
        kind: "staff" for people; any other word ("room", "chair", "class") for things.
        capacity: how many units may be occupied at any instant.
        zone: IANA zone of its own hours; None = the business's zone.
        hours: its own weekly hours, in place of the business's; None = the business's hours.
        exceptions: its own date exceptions; they win over the business's on the same date.
        active: an inactive resource is offered to nobody; its appointments stay.
    """

    id: int
    slug: str
    kind: str
    name: LocalText
    capacity: int = 1
    zone: str | None = None
    hours: WeeklyHours | None = None
    exceptions: DateExceptions = field(default_factory=dict)
    active: bool = True


STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Service:
    """Something a customer can book. Durations are elapsed minutes.

    Args:
        id: database id, unique over all businesses.
        price_minor: price in the currency's minor unit (cents); None = not told.
        currency: ISO 4217 code; None when there is no price.
        buffer_before_minutes: occupied time before the start, seen by nobody.
        buffer_after_minutes: occupied time after the end.
        step_minutes: distance between its starts; None = the policy's.
        approval_required: the owner approves each request; until then it is `pending`.
        resource_ids: kind -> ids of the resources of that kind that can serve it. One of EACH kind
            is occupied by an appointment. Empty = nothing can be booked.
    """

    id: int
    slug: str
    name: LocalText
    duration_minutes: int
    price_minor: int | None = None
    currency: str | None = None
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    step_minutes: int | None = None
    approval_required: bool = False
    resource_ids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    active: bool = True
    description: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person reaches the owner when the assistant can't help. None = not told."""

    phone: str | None = None
    email: str | None = None
    telegram: str | None = None

    def first(self) -> str | None:
        """Return the contact to show first: phone, then Telegram, then e-mail."""
        return self.phone or self.telegram or self.email


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Business:
    """One business as the rules see it.

    Args:
        id: database id.
        zone: IANA zone of its opening hours and of every label told to a person.
        languages: languages it serves, its own first.
        hours: weekly opening hours; exceptions: dates that differ, for all its resources.
        services, resources: in the order the owner wrote them.
        location: where the address is on the map; None = not told.
        facts: FAQ facts by topic, in the owner's words.
        owner_chat_ids: Telegram chats that get the owner's notices.
        revision: grows with every applied edition.
        handle_key: secret bytes that sign slot handles of this business.
    """

    id: int
    slug: str
    name: LocalText
    zone: str
    languages: tuple[str, ...]
    hours: WeeklyHours
    services: tuple[Service, ...]
    resources: tuple[Resource, ...]
    policy: Policy = field(default_factory=Policy)
    exceptions: DateExceptions = field(default_factory=dict)
    contact: Contact = field(default_factory=Contact)
    address: LocalText | None = None
    location: Location | None = None
    facts: Mapping[str, LocalText] = field(default_factory=dict)
    owner_chat_ids: tuple[int, ...] = ()
    revision: int = 1
    handle_key: bytes = b""

    def service(self, service_id: int) -> Service | None:
        """Return the service with that id, active or not."""
        return next((s for s in self.services if s.id == service_id), None)

    def resource(self, resource_id: int) -> Resource | None:
        """Return the resource with that id, active or not."""
        return next((r for r in self.resources if r.id == resource_id), None)

    def most_seats(self, service: Service) -> int | None:
        """Return how many places one booking of `service` could take at most.

        Returns:
            The number, above one; None where it has no places to count: it is for one at a time.
        """
        most: list[int] = []
        for ids in service.resource_ids.values():
            kind = [r.capacity for r in self.resources if r.id in ids and r.active]
            if kind and max(kind) > 1:
                most.append(max(kind))
        return min(most, default=None)

    def staff_of(self, service: Service) -> tuple[Resource, ...]:
        """Return the active staff members who give `service`, in the owner's order."""
        ids = set(service.resource_ids.get(STAFF, ()))
        return tuple(r for r in self.resources if r.id in ids and r.active)

    def kept_staff(self, service: Service, staff_id: int | None) -> int | None:
        """Return who keeps an appointment that is moved; None = anyone, since they have left."""
        return staff_id if any(m.id == staff_id for m in self.staff_of(service)) else None
