"""The first schema: businesses, customers, appointments, conversations, delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Tables whose rows are seen only by the business they belong to.
_OF_ONE_BUSINESS = (
    "services",
    "resources",
    "service_resources",
    "opening_hours",
    "date_exceptions",
    "customers",
    "appointments",
    "occupancies",
    "appointment_events",
    "idempotency_keys",
    "drafts",
    "turns",
    "turn_steps",
    "conversation_messages",
)
# Delivery queues: a worker serves the chats of all businesses.
_QUEUES = ("inbox", "lanes", "outbox")

# Set at the start of each transaction (db/session.py). The sub-select is evaluated once a query.
_BUSINESS = "(SELECT nullif(current_setting('app.business', true), '')::bigint)"
_WORKER = "(SELECT coalesce(current_setting('app.worker', true), '') = 'on')"

# The lock key is the one that db/repositories/locks.py takes for a resource. The trigger takes it
# again for resources with several units, where no exclusion constraint can count: whoever inserts
# without the lock waits here, and then sees what the other one committed.
_CAPACITY = """
CREATE FUNCTION occupancies_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    capacity_units integer;
    peak_units integer;
BEGIN
    SELECT r.capacity INTO STRICT capacity_units FROM resources r
        WHERE r.business_id = NEW.business_id AND r.id = NEW.resource_id;
    NEW.exclusive := capacity_units = 1;
    IF NOT NEW.active OR (NEW.exclusive AND NEW.units = 1) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock((2::bigint << 56) | NEW.resource_id);
    SELECT coalesce(max(load.units), 0) INTO peak_units FROM (
        SELECT (
            SELECT coalesce(sum(o.units), 0) FROM occupancies o
            WHERE o.resource_id = NEW.resource_id AND o.active AND o.during @> edge.at
                AND o.id <> NEW.id
        ) AS units
        FROM (
            SELECT lower(NEW.during) AS at
            UNION ALL
            SELECT lower(n.during) FROM occupancies n
            WHERE n.resource_id = NEW.resource_id AND n.active AND n.during && NEW.during
                AND n.id <> NEW.id AND lower(n.during) > lower(NEW.during)
        ) edge
    ) load;
    IF peak_units + NEW.units > capacity_units THEN
        RAISE EXCEPTION 'resource % has % units, % are taken', NEW.resource_id, capacity_units,
            peak_units USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancies_within_capacity';
    END IF;
    RETURN NEW;
END
$$
"""


def _guard() -> None:
    op.execute(_CAPACITY)
    op.execute(
        "CREATE TRIGGER occupancies_within_capacity BEFORE INSERT OR UPDATE ON occupancies"
        " FOR EACH ROW EXECUTE FUNCTION occupancies_within_capacity()"
    )
    for table in (*_OF_ONE_BUSINESS, *_QUEUES):
        rule = f"business_id = {_BUSINESS}"
        if table in _QUEUES:
            rule = f"{rule} OR {_WORKER}"
        _isolate(table)
        op.execute(f"CREATE POLICY one_business ON {table} USING ({rule}) WITH CHECK ({rule})")
    # The list of businesses is public inside the program: it routes a message to its business.
    _isolate("businesses")
    op.execute("CREATE POLICY everybody_reads ON businesses FOR SELECT USING (true)")
    op.execute("CREATE POLICY anybody_founds ON businesses FOR INSERT WITH CHECK (true)")
    op.execute(f"CREATE POLICY own_update ON businesses FOR UPDATE USING (id = {_BUSINESS})")
    op.execute(f"CREATE POLICY own_delete ON businesses FOR DELETE USING (id = {_BUSINESS})")


def _isolate(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # FORCE: the program's role owns the tables, and owners are exempt otherwise.
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    op.create_table(
        "businesses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("contact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner_chat_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("handle_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_businesses_slug")),
        sa.CheckConstraint("cardinality(languages) > 0", name=op.f("ck_businesses_languages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_businesses")),
        sa.UniqueConstraint("slug", name=op.f("uq_businesses_slug")),
    )
    op.create_index(
        "uq_businesses_default",
        "businesses",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "customers",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_customers_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_customers")),
        sa.UniqueConstraint(
            "business_id", "telegram_id", name=op.f("uq_customers_business_id_telegram_id")
        ),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_idempotency_keys_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "actor", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("joins_burst", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('new','done','set_aside')", name=op.f("ck_inbox_state")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_inbox_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("channel", "update_id", name=op.f("uq_inbox_channel_update_id")),
    )
    op.create_index("ix_inbox_chat", "inbox", ["channel", "chat_id", "received_at"], unique=False)
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["channel", "chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "lanes",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.UUID(as_uuid=False), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_lanes_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("channel", "chat_id", name=op.f("pk_lanes")),
    )
    op.create_index(
        "ix_lanes_ready",
        "lanes",
        ["ready_at"],
        unique=False,
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "unknown_outcomes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holder", sa.Integer(), nullable=True),
        sa.Column("sent_message_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('queued','sending','sent','failed','cancelled')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_outbox_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_appointment",
        "outbox",
        ["business_id", "appointment_id"],
        unique=False,
        postgresql_where=sa.text("appointment_id IS NOT NULL AND state = 'queued'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "chat_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued','sending')"),
    )
    op.create_table(
        "resources",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("own_hours", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_resources_capacity")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_resources_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_resources")),
        sa.UniqueConstraint("business_id", "slug", name=op.f("uq_resources_business_id_slug")),
    )
    op.create_table(
        "services",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column(
            "buffer_before_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "buffer_after_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("step_minutes", sa.Integer(), nullable=True),
        sa.Column(
            "approval_required", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 1440 AND buffer_after_minutes BETWEEN 0 AND 1440",
            name=op.f("ck_services_buffers"),
        ),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_services_duration")
        ),
        sa.CheckConstraint(
            "price_minor >= 0 AND (price_minor IS NULL) = (currency IS NULL)",
            name=op.f("ck_services_price"),
        ),
        sa.CheckConstraint("step_minutes BETWEEN 1 AND 1440", name=op.f("ck_services_step")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_services_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_services")),
        sa.UniqueConstraint("business_id", "slug", name=op.f("uq_services_business_id_slug")),
    )
    op.create_table(
        "appointments",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("service_name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("staff_name", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_by IS NOT NULL)",
            name=op.f("ck_appointments_cancelled_by"),
        ),
        sa.CheckConstraint(
            "status IN ('held','pending','confirmed','cancelled','declined','expired',"
            "'completed','no_show')",
            name=op.f("ck_appointments_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('held','pending') OR expires_at IS NOT NULL",
            name=op.f("ck_appointments_expires"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_appointments_range")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_appointments_version")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_appointments_business_id_customer_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "service_id"],
            ["services.business_id", "services.id"],
            name=op.f("fk_appointments_business_id_service_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "staff_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_appointments_business_id_staff_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_appointments_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_appointments")),
    )
    op.create_index(
        "ix_appointments_customer_active",
        "appointments",
        ["business_id", "customer_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('held','pending','confirmed')"),
    )
    op.create_index(
        "ix_appointments_start", "appointments", ["business_id", "starts_at"], unique=False
    )
    op.create_table(
        "date_exceptions",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("intervals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_date_exceptions_business_id_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_date_exceptions_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_date_exceptions")),
    )
    op.create_index(
        "uq_date_exceptions_resource_date",
        "date_exceptions",
        ["business_id", "resource_id", "local_date"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "drafts",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_drafts_business_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_drafts_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "customer_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=True),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens_minute", sa.SmallInteger(), nullable=False),
        sa.Column("closes_minute", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "opens_minute BETWEEN 0 AND 1439 AND closes_minute BETWEEN 0 AND 1440",
            name=op.f("ck_opening_hours_minutes"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_opening_hours_business_id_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_opening_hours_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_opening_hours")),
    )
    op.create_table(
        "service_resources",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_service_resources_business_id_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "service_id"],
            ["services.business_id", "services.id"],
            name=op.f("fk_service_resources_business_id_service_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_service_resources_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "service_id", "resource_id", name=op.f("pk_service_resources")
        ),
    )
    op.create_table(
        "turns",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("update_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("prompt_version", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("model_calls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("input_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("output_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running','done')", name=op.f("ck_turns_state")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_turns_business_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_turns_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_turns")),
        sa.UniqueConstraint(
            "business_id",
            "channel",
            "update_id",
            name=op.f("uq_turns_business_id_channel_update_id"),
        ),
    )
    op.create_index(
        "ix_turns_customer", "turns", ["business_id", "customer_id", "id"], unique=False
    )
    op.create_index("ix_turns_started", "turns", ["business_id", "started_at"], unique=False)
    op.create_table(
        "appointment_events",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "appointment_id"],
            ["appointments.business_id", "appointments.id"],
            name=op.f("fk_appointment_events_business_id_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_appointment_events_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_appointment_events")),
    )
    op.create_index(
        "ix_appointment_events_appointment",
        "appointment_events",
        ["business_id", "appointment_id", "id"],
        unique=False,
    )
    op.create_table(
        "conversation_messages",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("message_text", sa.Text(), nullable=False),
        sa.Column("context_data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "message_type IN ('user','assistant','tool_call','tool_result','system')",
            name=op.f("ck_conversation_messages_message_type"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customers.business_id", "customers.id"],
            name=op.f("fk_conversation_messages_business_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "turn_id"],
            ["turns.business_id", "turns.id"],
            name=op.f("fk_conversation_messages_business_id_turn_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_conversation_messages_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_conversation_messages")),
    )
    op.create_index(
        "ix_conversation_messages_customer",
        "conversation_messages",
        ["business_id", "customer_id", "id"],
        unique=False,
    )
    op.create_table(
        "occupancies",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("units", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(resource_id, resource_id, '[]')"), "&&"),
            (sa.text("during"), "&&"),
            where=sa.text("active AND exclusive"),
            using="gist",
            name="occupancies_no_overlap",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)"
            " AND lower_inc(during) AND NOT upper_inc(during)",
            name=op.f("ck_occupancies_during"),
        ),
        sa.CheckConstraint("units >= 1", name=op.f("ck_occupancies_units")),
        sa.ForeignKeyConstraint(
            ["business_id", "appointment_id"],
            ["appointments.business_id", "appointments.id"],
            name=op.f("fk_occupancies_business_id_appointment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "resource_id"],
            ["resources.business_id", "resources.id"],
            name=op.f("fk_occupancies_business_id_resource_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_occupancies_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_occupancies")),
    )
    op.create_index(
        "ix_occupancies_appointment", "occupancies", ["business_id", "appointment_id"], unique=False
    )
    op.create_table(
        "turn_steps",
        sa.Column("business_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "turn_id"],
            ["turns.business_id", "turns.id"],
            name=op.f("fk_turn_steps_business_id_turn_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_turn_steps_business_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("business_id", "turn_id", "position", name=op.f("pk_turn_steps")),
    )

    _guard()


def downgrade() -> None:
    op.drop_table("turn_steps")
    op.drop_index("ix_occupancies_appointment", table_name="occupancies")
    op.drop_table("occupancies")
    op.drop_index("ix_conversation_messages_customer", table_name="conversation_messages")
    op.drop_table("conversation_messages")
    op.drop_index("ix_appointment_events_appointment", table_name="appointment_events")
    op.drop_table("appointment_events")
    op.drop_index("ix_turns_started", table_name="turns")
    op.drop_index("ix_turns_customer", table_name="turns")
    op.drop_table("turns")
    op.drop_table("service_resources")
    op.drop_table("opening_hours")
    op.drop_table("drafts")
    op.drop_index(
        "uq_date_exceptions_resource_date",
        table_name="date_exceptions",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("date_exceptions")
    op.drop_index("ix_appointments_start", table_name="appointments")
    op.drop_index(
        "ix_appointments_customer_active",
        table_name="appointments",
        postgresql_where=sa.text("status IN ('held','pending','confirmed')"),
    )
    op.drop_table("appointments")
    op.drop_table("services")
    op.drop_table("resources")
    op.drop_index(
        "ix_outbox_open",
        table_name="outbox",
        postgresql_where=sa.text("state IN ('queued','sending')"),
    )
    op.drop_index(
        "ix_outbox_due", table_name="outbox", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index(
        "ix_outbox_appointment",
        table_name="outbox",
        postgresql_where=sa.text("appointment_id IS NOT NULL AND state = 'queued'"),
    )
    op.drop_table("outbox")
    op.drop_index(
        "ix_lanes_ready", table_name="lanes", postgresql_where=sa.text("ready_at IS NOT NULL")
    )
    op.drop_table("lanes")
    op.drop_index("ix_inbox_chat", table_name="inbox")
    op.drop_index("ix_inbox_new", table_name="inbox", postgresql_where=sa.text("state = 'new'"))
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
    op.drop_table("customers")
    op.drop_index(
        "uq_businesses_default", table_name="businesses", postgresql_where=sa.text("is_default")
    )
    op.drop_table("businesses")
    op.execute("DROP FUNCTION occupancies_within_capacity()")
