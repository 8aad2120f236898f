"""Delivery: what a sender counts to keep a channel's pace, and who can't be reached any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "customers", sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_outbox_queue",
        "outbox",
        ["channel", "priority", "due_at", "id"],
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_outbox_attempted", "outbox", ["attempted_at"])


def downgrade() -> None:
    op.drop_index("ix_outbox_attempted", table_name="outbox")
    op.drop_index(
        "ix_outbox_queue", table_name="outbox", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_column("customers", "unreachable_since")
