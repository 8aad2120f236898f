"""Chats that a person has in place of the assistant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BUSINESS = "(SELECT nullif(current_setting('app.business', true), '')::bigint)"

# The version before refuses a policy with a rule that it doesn't know. A business is changed by
# itself alone.
_FORGET_POLICY = """
DO $$
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT id FROM businesses LOOP
        PERFORM set_config('app.business', one::text, true);
        UPDATE businesses SET policy = policy - 'hand_off_minutes' WHERE id = one;
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "hand_offs",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("taken_name", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('asked','unclear','medical','abuse','resumed')",
            name=op.f("ck_hand_offs_reason"),
        ),
        sa.CheckConstraint(
            "ended_by IN ('owner','customer','silence','unreached')",
            name=op.f("ck_hand_offs_ended_by"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_hand_offs_ended")
        ),
        sa.CheckConstraint(
            "(taken_by IS NULL) = (taken_name IS NULL)", name=op.f("ck_hand_offs_taken")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_hand_offs_business_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_hand_offs_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_hand_offs")),
        sa.UniqueConstraint("business_id", "key", name=op.f("uq_hand_offs_business_id_key")),
    )
    op.create_index(
        "uq_hand_offs_open",
        "hand_offs",
        ["business_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "hand_off_messages",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hand_off_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "hand_off_id"],
            ["hand_offs.business_id", "hand_offs.id"],
            name=op.f("fk_hand_off_messages_business_id_hand_off_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_hand_off_messages_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "key", name=op.f("pk_hand_off_messages")),
    )
    op.create_index(
        "ix_hand_off_messages_hand_off", "hand_off_messages", ["business_id", "hand_off_id"]
    )
    op.create_index(
        "ix_hand_off_messages_message",
        "hand_off_messages",
        ["business_id", "channel", "chat_id", "message_id"],
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    for table in ("hand_offs", "hand_off_messages"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        rule = f"business_id = {_BUSINESS}"
        op.execute(f"CREATE POLICY one_business ON {table} USING ({rule}) WITH CHECK ({rule})")
    op.add_column("outbox", sa.Column("hand_off_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_outbox_hand_off",
        "outbox",
        ["business_id", "hand_off_id"],
        postgresql_where=sa.text("hand_off_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_hand_off_message",
        "outbox",
        ["channel", "chat_id", "sent_message_id"],
        postgresql_where=sa.text("hand_off_id IS NOT NULL"),
    )


def downgrade() -> None:
    # The version before doesn't know these kinds: what is sent stays, what waits is called off.
    op.execute("SELECT set_config('app.worker', 'on', true)")
    op.execute(
        "UPDATE outbox SET kind = 'message',"
        " state = CASE WHEN state IN ('queued','sending') THEN 'cancelled' ELSE state END"
        " WHERE hand_off_id IS NOT NULL"
    )
    op.drop_index("ix_outbox_hand_off_message", table_name="outbox")
    op.drop_index("ix_outbox_hand_off", table_name="outbox")
    op.drop_column("outbox", "hand_off_id")
    op.drop_table("hand_off_messages")
    op.drop_table("hand_offs")
    op.execute(_FORGET_POLICY)
