"""The schema of chats that are handed to a person, and of what a person wrote there."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, _business_id, _id, _to


class HandOffRow(Base):
    """One chat handed to a person. `key` and `ended_key` name the messages that began and ended it,
    so that a transaction which runs again finds what it did."""

    __tablename__ = "hand_offs"
    __table_args__ = (
        _to("customers", "customer_id", "CASCADE"),
        UniqueConstraint("business_id", "key"),
        CheckConstraint(
            "reason IN ('asked','unclear','medical','abuse','resumed')",
            name="reason",
        ),
        CheckConstraint(
            "ended_by IN ('owner','customer','silence','unreached')",
            name="ended_by",
        ),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("(taken_by IS NULL) = (taken_name IS NULL)", name="taken"),
        Index(
            "uq_hand_offs_open",
            "business_id",
            "customer_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    customer_id: Mapped[int]
    key: Mapped[str]
    channel: Mapped[str]
    chat_id: Mapped[int]
    language: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[dt.datetime]
    quiet_since: Mapped[dt.datetime]
    taken_by: Mapped[int | None]
    taken_name: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None]
    ended_key: Mapped[str | None]


class HandOffMessageRow(Base):
    """A message that was passed on, in one of the two directions; its text is in the outbox.

    `key` names the message that came in, so that it is passed on once. The owner's own messages
    are found by `message_id` when they are replied to.
    """

    __tablename__ = "hand_off_messages"
    __table_args__ = (
        _to("hand_offs", "hand_off_id", "CASCADE"),
        Index("ix_hand_off_messages_hand_off", "business_id", "hand_off_id"),
        Index(
            "ix_hand_off_messages_message",
            "business_id",
            "channel",
            "chat_id",
            "message_id",
            postgresql_where=text("message_id IS NOT NULL"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    key: Mapped[str] = mapped_column(primary_key=True)
    hand_off_id: Mapped[int]
    channel: Mapped[str]
    chat_id: Mapped[int]
    message_id: Mapped[int | None]
    created_at: Mapped[dt.datetime]
