"""Where the business is on the map, and that a customer has asked to be forgotten."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


# Where the way back went through here before, both are there already: see `downgrade`.
_ADD = (
    "ALTER TABLE businesses ADD COLUMN IF NOT EXISTS location jsonb",
    "ALTER TABLE customers ADD COLUMN IF NOT EXISTS erase_asked_at timestamptz",
    "CREATE INDEX IF NOT EXISTS ix_customers_erase_asked ON customers (business_id, erase_asked_at)"
    " WHERE erase_asked_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in _ADD:
        op.execute(statement)


def downgrade() -> None:
    # The version before doesn't know these kinds: what is sent stays, what waits is called off.
    op.execute("SELECT set_config('app.worker', 'on', true)")
    op.execute(
        "UPDATE outbox SET kind = 'message', payload = '{\"text\": \"\"}',"
        " state = CASE WHEN state IN ('queued', 'sending') THEN 'cancelled' ELSE state END"
        " WHERE kind IN ('calendar', 'privacy')"
    )
    # Both columns stay. The version before doesn't ask for them, and a wish to be forgotten isn't
    # ours to forget: it is carried out when this version is back.
