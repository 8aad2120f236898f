"""The schema. Every row belongs to a business; instants are `timestamptz`, ranges half-open.

Keys and foreign keys carry `business_id`, so that a row can't point into another business even when
a query is wrong. Row-level security (see the migrations) stands underneath as a second lock.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

# Whoever needs the tables with it gets it from here.
from db.base import Base as Base
from db.base import _business_id, _created_at, _id, _to

OCCUPANCY_EXCLUSION = "occupancies_no_overlap"


class BusinessRow(Base):
    """A business: its public face and policy."""

    __tablename__ = "businesses"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug"),
        CheckConstraint("cardinality(languages) > 0", name="languages"),
        Index(
            "uq_businesses_default", "is_default", unique=True, postgresql_where=text("is_default")
        ),
    )

    id: Mapped[int] = _id()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, Any]]
    zone: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contact: Mapped[dict[str, Any]]
    address: Mapped[dict[str, Any] | None]
    location: Mapped[dict[str, Any] | None]
    policy: Mapped[dict[str, Any]]
    facts: Mapped[dict[str, Any]]
    owner_chat_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    revision: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    handle_key: Mapped[bytes]
    created_at: Mapped[dt.datetime] = _created_at()
    updated_at: Mapped[dt.datetime] = _created_at()


class ServiceRow(Base):
    """Something a customer can book."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("business_id", "slug"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 1440 AND buffer_after_minutes BETWEEN 0 AND 1440",
            name="buffers",
        ),
        CheckConstraint("step_minutes BETWEEN 1 AND 1440", name="step"),
        CheckConstraint(
            "price_minor >= 0 AND (price_minor IS NULL) = (currency IS NULL)", name="price"
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    slug: Mapped[str]
    name: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any] | None]
    duration_minutes: Mapped[int] = mapped_column(Integer)
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    buffer_before_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    buffer_after_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    step_minutes: Mapped[int | None] = mapped_column(Integer)
    approval_required: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ResourceRow(Base):
    """A staff member, a room, a class: what a service occupies."""

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("business_id", "slug"),
        CheckConstraint("capacity >= 1", name="capacity"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    slug: Mapped[str]
    kind: Mapped[str]
    name: Mapped[dict[str, Any]]
    capacity: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    zone: Mapped[str | None]
    own_hours: Mapped[bool] = mapped_column(server_default=text("false"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ServiceResourceRow(Base):
    """Which resources can serve a service; one of each kind is occupied."""

    __tablename__ = "service_resources"
    __table_args__ = (
        _to("services", "service_id", "CASCADE"),
        _to("resources", "resource_id", "CASCADE"),
    )

    business_id: Mapped[int] = _business_id()
    service_id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(primary_key=True)


class OpeningHoursRow(Base):
    """A weekly interval in wall-clock minutes; `resource_id` NULL = the whole business."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        _to("resources", "resource_id", "CASCADE"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "opens_minute BETWEEN 0 AND 1439 AND closes_minute BETWEEN 0 AND 1440", name="minutes"
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    resource_id: Mapped[int | None]
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens_minute: Mapped[int] = mapped_column(SmallInteger)
    closes_minute: Mapped[int] = mapped_column(SmallInteger)


class DateExceptionRow(Base):
    """The intervals that start on one local date instead of the weekly ones; empty = closed."""

    __tablename__ = "date_exceptions"
    __table_args__ = (
        _to("resources", "resource_id", "CASCADE"),
        Index(
            "uq_date_exceptions_resource_date",
            "business_id",
            "resource_id",
            "local_date",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    resource_id: Mapped[int | None]
    local_date: Mapped[dt.date]
    intervals: Mapped[list[Any]]


class CustomerRow(Base):
    """A customer of one business. `telegram_id` is NULL once erased, or when only imported.

    `external_id` is the customer's key in the system they were imported from. First and last name
    are the channel's, `preferred_name` is what the customer asked to be called.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("business_id", "telegram_id"),
        UniqueConstraint("business_id", "external_id"),
        Index(
            "ix_customers_erase_asked",
            "business_id",
            "erase_asked_at",
            postgresql_where=text("erase_asked_at IS NOT NULL"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    telegram_id: Mapped[int | None]
    external_id: Mapped[str | None]
    username: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    preferred_name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str | None]
    zone: Mapped[str | None]
    channel: Mapped[str | None]
    chat_id: Mapped[int | None]
    unreachable_since: Mapped[dt.datetime | None]
    broadcasts_stopped_at: Mapped[dt.datetime | None]
    erase_asked_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = _created_at()
    updated_at: Mapped[dt.datetime] = _created_at()


class AppointmentRow(Base):
    """An appointment with its snapshots. Never deleted: history stays.

    `external_id` is its key in the system it was imported from.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        _to("customers", "customer_id", "RESTRICT"),
        _to("services", "service_id", "RESTRICT"),
        _to("resources", "staff_id", "RESTRICT"),
        CheckConstraint("ends_at > starts_at", name="range"),
        CheckConstraint(
            "status IN ('held','pending','confirmed','cancelled','declined','expired',"
            "'completed','no_show')",
            name="status",
        ),
        CheckConstraint(
            "status NOT IN ('held','pending') OR expires_at IS NOT NULL", name="expires"
        ),
        CheckConstraint("(status = 'cancelled') = (cancelled_by IS NOT NULL)", name="cancelled_by"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("seats >= 1", name="seats"),
        UniqueConstraint("business_id", "external_id"),
        Index(
            "ix_appointments_customer_active",
            "business_id",
            "customer_id",
            "starts_at",
            postgresql_where=text("status IN ('held','pending','confirmed')"),
        ),
        Index(
            "ix_appointments_due",
            "business_id",
            "expires_at",
            postgresql_where=text("status IN ('held','pending')"),
        ),
        Index("ix_appointments_start", "business_id", "starts_at"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    customer_id: Mapped[int]
    service_id: Mapped[int]
    staff_id: Mapped[int | None]
    status: Mapped[str]
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    zone: Mapped[str]
    service_name: Mapped[dict[str, Any]]
    staff_name: Mapped[dict[str, Any] | None]
    duration_minutes: Mapped[int] = mapped_column(Integer)
    buffer_before_minutes: Mapped[int] = mapped_column(Integer)
    buffer_after_minutes: Mapped[int] = mapped_column(Integer)
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    seats: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    notes: Mapped[str | None]
    external_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    expires_at: Mapped[dt.datetime | None]
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]


class OccupancyRow(Base):
    """What an appointment (or blocked time, `appointment_id` NULL) takes of one resource.

    The exclusion constraint is the proof that nobody is booked twice, whatever the code above
    does; `int8range(id, id)` in place of the bare id keeps the schema free of extensions.
    Resources with more than one unit are guarded by `occupancies_within_capacity` (a trigger).

    Reading goes by `occupied_from` and `occupied_until`, the ends of `during` as plain columns:
    under row-level security a condition may use an index only if its operator is leakproof, and
    those of ranges are not; with `during && window` every listing would scan the whole history.
    """

    __tablename__ = "occupancies"
    __table_args__ = (
        _to("resources", "resource_id", "RESTRICT"),
        _to("appointments", "appointment_id", "CASCADE"),
        _to("blocks", "block_id", "CASCADE"),
        CheckConstraint("units >= 1", name="units"),
        CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)"
            " AND lower_inc(during) AND NOT upper_inc(during)",
            name="during",
        ),
        ExcludeConstraint(
            (text("int8range(resource_id, resource_id, '[]')"), "&&"),
            (text("during"), "&&"),
            where=text("active AND exclusive"),
            using="gist",
            name=OCCUPANCY_EXCLUSION,
        ),
        Index("ix_occupancies_appointment", "business_id", "appointment_id"),
        Index(
            "ix_occupancies_block",
            "business_id",
            "block_id",
            postgresql_where=text("block_id IS NOT NULL"),
        ),
        Index(
            "ix_occupancies_busy",
            "business_id",
            "resource_id",
            "occupied_until",
            postgresql_include=["occupied_from"],
            postgresql_where=text("active"),
        ),
        # For what has one unit it is empty, unless it had more when it was booked.
        Index(
            "ix_occupancies_shared",
            "business_id",
            "resource_id",
            postgresql_where=text("active AND NOT exclusive"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    resource_id: Mapped[int]
    appointment_id: Mapped[int | None]
    block_id: Mapped[int | None]
    during: Mapped[Range[dt.datetime]] = mapped_column(TSTZRANGE)
    # Nullable, so that a range without an end is refused by the check that says so.
    occupied_from: Mapped[dt.datetime] = mapped_column(
        Computed("lower(during)", persisted=True), nullable=True
    )
    occupied_until: Mapped[dt.datetime] = mapped_column(
        Computed("upper(during)", persisted=True), nullable=True
    )
    units: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    exclusive: Mapped[bool]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    expires_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]


class AppointmentEventRow(Base):
    """The audit trail: who changed what, with the old and the new values."""

    __tablename__ = "appointment_events"
    __table_args__ = (
        _to("appointments", "appointment_id", "CASCADE"),
        Index("ix_appointment_events_appointment", "business_id", "appointment_id", "id"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    appointment_id: Mapped[int]
    at: Mapped[dt.datetime]
    change: Mapped[str]
    actor: Mapped[str]
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]


class IdempotencyKeyRow(Base):
    """The result of a command, by actor and key, so that a repeat has no second effect."""

    __tablename__ = "idempotency_keys"

    business_id: Mapped[int] = _business_id()
    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = _created_at()
