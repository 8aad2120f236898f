"""Who waits for another time of an appointment that they have."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Where the way back went through here before, all of it is there already: see `downgrade`.
_ADD = (
    "ALTER TABLE waitlist_entries ADD COLUMN IF NOT EXISTS moving_appointment_id bigint",
    "ALTER TABLE waitlist_entries"
    " DROP CONSTRAINT IF EXISTS fk_waitlist_entries_business_id_moving_appointment_id",
    "ALTER TABLE waitlist_entries"
    " ADD CONSTRAINT fk_waitlist_entries_business_id_moving_appointment_id"
    " FOREIGN KEY (business_id, moving_appointment_id)"
    " REFERENCES appointments (business_id, id) ON DELETE CASCADE",
    "CREATE INDEX IF NOT EXISTS ix_waitlist_entries_moving"
    " ON waitlist_entries (business_id, moving_appointment_id)"
    " WHERE moving_appointment_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in _ADD:
        op.execute(statement)


def downgrade() -> None:
    # The column stays: the version before doesn't ask for it and offers such a time as one more
    # appointment, but when this one is back it knows again what was to be moved.
    pass
