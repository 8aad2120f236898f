"""A customer may say what they want to be called; the channel's name doesn't overwrite it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("preferred_name", sa.Text(), nullable=True))


def downgrade() -> None:
    # The name goes on where a program of the revision before reads it. Row-level security binds
    # the owner too, who has no business set here: forced, the update would find no row.
    op.execute("ALTER TABLE customers NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE customers SET first_name = preferred_name, last_name = NULL"
        " WHERE preferred_name IS NOT NULL"
    )
    op.execute("ALTER TABLE customers FORCE ROW LEVEL SECURITY")
    op.drop_column("customers", "preferred_name")
