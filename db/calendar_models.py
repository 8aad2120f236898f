"""The schema beside the appointments: blocked time, and the line of those who wait."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Integer, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, _business_id, _id, _to


class BlockRow(Base):
    """Blocked time or time off, as the owner asked for it; what it takes is in `occupancies`."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="range"),
        CheckConstraint("cardinality(resource_ids) > 0", name="resources"),
        Index("ix_blocks_end", "business_id", "ends_at"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    resource_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    reason: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime]


class WaitlistEntryRow(Base):
    """A customer who waits for a time that is taken now; the first to come is served first."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        _to("customers", "customer_id", "CASCADE"),
        _to("services", "service_id", "CASCADE"),
        _to("resources", "staff_id", "CASCADE"),
        _to("appointments", "offered_appointment_id", "CASCADE"),
        _to("appointments", "moving_appointment_id", "CASCADE"),
        CheckConstraint(
            "state IN ('waiting','offered','taken','expired','cancelled')", name="state"
        ),
        CheckConstraint("date_to >= date_from", name="dates"),
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint(
            "(offered_appointment_id IS NULL) = (offered_starts_at IS NULL)"
            " AND (offered_appointment_id IS NULL) = (offer_expires_at IS NULL)"
            " AND (state <> 'offered' OR offered_appointment_id IS NOT NULL)"
            " AND (state <> 'waiting' OR offered_appointment_id IS NULL)",
            name="offer",
        ),
        Index(
            "ix_waitlist_entries_line",
            "business_id",
            "service_id",
            "created_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_waitlist_entries_customer", "business_id", "customer_id", "id"),
        Index(
            "ix_waitlist_entries_moving",
            "business_id",
            "moving_appointment_id",
            postgresql_where=text("moving_appointment_id IS NOT NULL"),
        ),
        Index(
            "uq_waitlist_entries_offer",
            "business_id",
            "offered_appointment_id",
            unique=True,
            postgresql_where=text("offered_appointment_id IS NOT NULL"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    customer_id: Mapped[int]
    service_id: Mapped[int]
    staff_id: Mapped[int | None]
    date_from: Mapped[dt.date]
    date_to: Mapped[dt.date]
    time_from: Mapped[dt.time | None] = mapped_column(Time)
    time_to: Mapped[dt.time | None] = mapped_column(Time)
    seats: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    moving_appointment_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    offered_appointment_id: Mapped[int | None]
    offered_starts_at: Mapped[dt.datetime | None]
    offer_expires_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
