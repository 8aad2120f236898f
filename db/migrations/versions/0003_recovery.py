"""Recovery: who holds what, which attempt may write, how long a burst has lasted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NONE = sa.text("0")


def upgrade() -> None:
    """Add the columns; what is under way at that moment is nobody's: its leases run out."""
    op.add_column(
        "inbox",
        sa.Column("joins_burst", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index("ix_inbox_chat", "inbox", ["channel", "chat_id", "received_at"])
    op.add_column("lanes", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lanes", sa.Column("holder", sa.Integer(), nullable=True))
    op.add_column(
        "outbox",
        sa.Column("unknown_outcomes", sa.SmallInteger(), server_default=_NONE, nullable=False),
    )
    op.add_column("outbox", sa.Column("holder", sa.Integer(), nullable=True))
    op.add_column(
        "turns", sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.create_index("ix_turns_started", "turns", ["business_id", "started_at"])


def downgrade() -> None:
    """Drop the columns; they say nothing about what was booked or written."""
    op.drop_index("ix_turns_started", table_name="turns")
    op.drop_column("turns", "attempt")
    op.drop_column("outbox", "holder")
    op.drop_column("outbox", "unknown_outcomes")
    op.drop_column("lanes", "holder")
    op.drop_column("lanes", "waiting_since")
    op.drop_index("ix_inbox_chat", table_name="inbox")
    op.drop_column("inbox", "joins_burst")
