"""What is kept of a customer's old turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BUSINESS = "(SELECT nullif(current_setting('app.business', true), '')::bigint)"


def upgrade() -> None:
    op.add_column("turns", sa.Column("digest", JSONB(), nullable=True))
    op.create_table(
        "conversation_facts",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("through_turn_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_conversation_facts_business_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_conversation_facts_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "customer_id", name=op.f("pk_conversation_facts")),
    )
    op.execute("ALTER TABLE conversation_facts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE conversation_facts FORCE ROW LEVEL SECURITY")
    rule = f"business_id = {_BUSINESS}"
    op.execute(
        f"CREATE POLICY one_business ON conversation_facts USING ({rule}) WITH CHECK ({rule})"
    )


def downgrade() -> None:
    # The turns themselves are kept whole: nothing is lost that the version before could read.
    op.drop_table("conversation_facts")
    op.drop_column("turns", "digest")
