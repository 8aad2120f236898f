"""Since when a message waits and what caused it; tokens held for turns; who wants no broadcasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WAITING = "waiting_since IS NOT NULL AND state IN ('queued','sending') AND kind <> 'broadcast'"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    # Whoever writes a row needn't know of it: the transaction's setting does.
    op.add_column(
        "outbox",
        sa.Column(
            "trace",
            sa.Text(),
            nullable=False,
            server_default=sa.text("coalesce(current_setting('app.trace', true), '')"),
        ),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["waiting_since"],
        postgresql_where=sa.text(_WAITING),
    )
    op.add_column(
        "turns",
        sa.Column("reserved_tokens", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    # It is there already where the way back went through here before: see `downgrade`.
    op.execute("ALTER TABLE customers ADD COLUMN IF NOT EXISTS broadcasts_stopped_at timestamptz")


def downgrade() -> None:
    # Who stopped broadcasts stays on record: the version before sends them to everybody, but when
    # this one is back nobody has to say so twice.
    op.drop_column("turns", "reserved_tokens")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        postgresql_where=sa.text(_WAITING),
    )
    op.drop_column("outbox", "trace")
    op.drop_column("outbox", "waiting_since")
