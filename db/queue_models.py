"""The schema of conversations and of delivery: drafts, turns, prompts, inbox, lanes, outbox."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, _business_id, _created_at, _id, _to


class DraftRow(Base):
    """What a customer's conversation has open."""

    __tablename__ = "drafts"
    __table_args__ = (_to("customers", "customer_id", "CASCADE"),)

    business_id: Mapped[int] = _business_id()
    customer_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    data: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime] = _created_at()


class ConversationFactsRow(Base):
    """What is kept of a customer's turns that no longer go to the model."""

    __tablename__ = "conversation_facts"
    __table_args__ = (_to("customers", "customer_id", "CASCADE"),)

    business_id: Mapped[int] = _business_id()
    customer_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    through_turn_id: Mapped[int]
    facts: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime]


class TurnRow(Base):
    """One message (or press) of a customer and all that was done to answer it."""

    __tablename__ = "turns"
    __table_args__ = (
        _to("customers", "customer_id", "CASCADE"),
        UniqueConstraint("business_id", "channel", "update_id"),
        CheckConstraint("state IN ('running','done')", name="state"),
        Index("ix_turns_customer", "business_id", "customer_id", "id"),
        Index("ix_turns_started", "business_id", "started_at"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    customer_id: Mapped[int]
    channel: Mapped[str]
    chat_id: Mapped[int]
    update_id: Mapped[int]
    update_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'running'"))
    attempt: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    outcome: Mapped[str | None]
    prompt_version: Mapped[str | None]
    model: Mapped[str | None]
    model_calls: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    input_tokens: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cached_tokens: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    reserved_tokens: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    digest: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]


class TurnStepRow(Base):
    """The journal: each model reply and each tool result, in order, as they happened."""

    __tablename__ = "turn_steps"
    __table_args__ = (_to("turns", "turn_id", "CASCADE"),)

    business_id: Mapped[int] = _business_id()
    turn_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = _created_at()


class ConversationMessageRow(Base):
    """One message of the conversation as the next turn reads it back."""

    __tablename__ = "conversation_messages"
    __table_args__ = (
        _to("customers", "customer_id", "CASCADE"),
        _to("turns", "turn_id", "CASCADE"),
        CheckConstraint(
            "message_type IN ('user','assistant','tool_call','tool_result','system')",
            name="message_type",
        ),
        Index("ix_conversation_messages_customer", "business_id", "customer_id", "id"),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    customer_id: Mapped[int]
    turn_id: Mapped[int | None]
    message_type: Mapped[str]
    message_text: Mapped[str]
    context_data: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime]


class PromptVersionRow(Base):
    """A prompt as an admin wrote it in the chat; the active one wins over the file."""

    __tablename__ = "prompt_versions"
    __table_args__ = (
        # What a version replaced is kept as long as the version: a rollback needs it.
        _to("prompt_versions", "replaces_id", "RESTRICT"),
        CheckConstraint("name IN ('system','envelope')", name="name"),
        CheckConstraint("NOT active OR published_at IS NOT NULL", name="active_is_published"),
        CheckConstraint(
            "(rolled_back_at IS NULL) = (rolled_back_by IS NULL)", name="rolled_back_by_somebody"
        ),
        Index(
            "uq_prompt_versions_active",
            "business_id",
            "name",
            unique=True,
            postgresql_where=text("active"),
        ),
        Index(
            "uq_prompt_versions_draft",
            "business_id",
            "name",
            unique=True,
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    business_id: Mapped[int] = _business_id()
    id: Mapped[int] = _id()
    name: Mapped[str]
    text: Mapped[str]
    version: Mapped[str]
    author_telegram_id: Mapped[int]
    note: Mapped[str | None]
    diff: Mapped[str]
    created_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    active: Mapped[bool] = mapped_column(server_default=false())
    replaces_id: Mapped[int | None]
    rolled_back_at: Mapped[dt.datetime | None]
    rolled_back_by: Mapped[int | None]


class LaneRow(Base):
    """One chat's queue: its messages are answered one at a time, in order, by one worker.

    When a lane is ready is in the server's time, not the assistant's, whose clock may be pinned.
    `leased_until` changes with each renewal: who sees it stand still takes the lane over.
    """

    __tablename__ = "lanes"
    __table_args__ = (
        Index("ix_lanes_ready", "ready_at", postgresql_where=text("ready_at IS NOT NULL")),
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(primary_key=True)
    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id", ondelete="RESTRICT"))
    ready_at: Mapped[dt.datetime | None]
    waiting_since: Mapped[dt.datetime | None]
    lease: Mapped[str | None] = mapped_column(UUID(as_uuid=False))
    leased_until: Mapped[dt.datetime | None]
    holder: Mapped[int | None] = mapped_column(Integer)


class InboxRow(Base):
    """A raw update, stored before it is acknowledged. Unique per bot and update id."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        CheckConstraint("state IN ('new','done','set_aside')", name="state"),
        Index("ix_inbox_chat", "channel", "chat_id", "received_at"),
        Index("ix_inbox_new", "channel", "chat_id", "id", postgresql_where=text("state = 'new'")),
    )

    id: Mapped[int] = _id()
    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id", ondelete="RESTRICT"))
    channel: Mapped[str]
    update_id: Mapped[int]
    chat_id: Mapped[int]
    payload: Mapped[dict[str, Any]]
    joins_burst: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    error: Mapped[str | None]
    received_at: Mapped[dt.datetime]


class OutboxRow(Base):
    """A message to be sent, written in the transaction that causes it.

    `due_at` is when it may be tried next; `waiting_since` is when it was due first, once an attempt
    has put it off. `trace` names the work that caused it (W3C traceparent), where that is traced.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('queued','sending','sent','failed','cancelled')", name="state"),
        Index(
            "ix_outbox_open",
            "channel",
            "chat_id",
            "id",
            postgresql_where=text("state IN ('queued','sending')"),
        ),
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'queued'")),
        Index(
            "ix_outbox_queue",
            "channel",
            "priority",
            "due_at",
            "id",
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_outbox_attempted", "attempted_at"),
        Index("ix_outbox_sending", "channel", postgresql_where=text("state = 'sending'")),
        Index(
            "ix_outbox_appointment",
            "business_id",
            "appointment_id",
            postgresql_where=text("appointment_id IS NOT NULL AND state = 'queued'"),
        ),
        Index(
            "ix_outbox_hand_off",
            "business_id",
            "hand_off_id",
            postgresql_where=text("hand_off_id IS NOT NULL"),
        ),
        Index(
            "ix_outbox_waiting",
            "waiting_since",
            postgresql_where=text(
                "waiting_since IS NOT NULL AND state IN ('queued','sending')"
                " AND kind <> 'broadcast'"
            ),
        ),
        # A reply names the message that it answers.
        Index(
            "ix_outbox_hand_off_message",
            "channel",
            "chat_id",
            "sent_message_id",
            postgresql_where=text("hand_off_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = _id()
    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id", ondelete="RESTRICT"))
    channel: Mapped[str]
    chat_id: Mapped[int]
    kind: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    payload: Mapped[dict[str, Any]]
    appointment_id: Mapped[int | None] = mapped_column(BigInteger)
    hand_off_id: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[dt.datetime]
    waiting_since: Mapped[dt.datetime | None]
    trace: Mapped[str] = mapped_column(
        server_default=text("coalesce(current_setting('app.trace', true), '')")
    )
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    unknown_outcomes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    attempted_at: Mapped[dt.datetime | None]
    holder: Mapped[int | None] = mapped_column(Integer)
    sent_message_id: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
