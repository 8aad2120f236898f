"""Where the business is on the map, and that a customer has asked to be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "businesses", sa.Column("location", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "customers", sa.Column("erase_asked_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_customers_erase_asked",
        "customers",
        ["business_id", "erase_asked_at"],
        postgresql_where=sa.text("erase_asked_at IS NOT NULL"),
    )


def downgrade() -> None:
    # The version before doesn't know these kinds: what is sent stays, what waits is called off.
    op.execute("SELECT set_config('app.worker', 'on', true)")
    op.execute(
        "UPDATE outbox SET kind = 'message', payload = '{\"text\": \"\"}',"
        " state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' ELSE state END"
        " WHERE kind IN ('calendar', 'privacy')"
    )
    op.drop_index(
        "ix_customers_erase_asked",
        table_name="customers",
        postgresql_where=sa.text("erase_asked_at IS NOT NULL"),
    )
    op.drop_column("customers", "erase_asked_at")
    op.drop_column("businesses", "location")
