"""Where the business is on the map, and that a customer has asked to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "businesses", sa.Column("location", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "customers", sa.Column("erase_asked_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    # The version before doesn't know this kind: what is sent stays, what waits is called off.
    # Row-level security binds the owner of the table too; forced, the update would find no row.
    op.execute("ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE outbox SET kind = 'message', payload = '{\"text\": \"\"}',"
        " state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' ELSE state END"
        " WHERE kind = 'calendar'"
    )
    op.execute("ALTER TABLE outbox FORCE ROW LEVEL SECURITY")
    op.drop_column("customers", "erase_asked_at")
    op.drop_column("businesses", "location")
