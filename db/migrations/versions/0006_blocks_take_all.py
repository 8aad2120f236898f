"""Blocked time takes all units of a resource, also those that it has gained since."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As in 0001, but that a block counts for as many units as the resource has now, in place of those
# it had when the block was made: raising a capacity would have let bookings in beside it.
_AFTER = """
CREATE OR REPLACE FUNCTION occupancies_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    capacity_units integer;
    peak_units integer;
    wanted_units integer;
BEGIN
    SELECT r.capacity INTO STRICT capacity_units FROM resources r
        WHERE r.business_id = NEW.business_id AND r.id = NEW.resource_id;
    IF TG_OP = 'UPDATE' AND OLD.active AND NEW.active AND OLD.resource_id = NEW.resource_id
        AND OLD.during = NEW.during AND OLD.units = NEW.units THEN
        NEW.exclusive := OLD.exclusive;
        RETURN NEW;
    END IF;
    NEW.exclusive := capacity_units = 1;
    IF NOT NEW.active OR (NEW.exclusive AND NEW.units = 1 AND NOT EXISTS (
        SELECT FROM occupancies o
        WHERE o.business_id = NEW.business_id AND o.resource_id = NEW.resource_id
            AND o.active AND NOT o.exclusive AND o.id <> NEW.id
            AND o.occupied_from < upper(NEW.during) AND o.occupied_until > lower(NEW.during)
    )) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock((2::bigint << 56) | NEW.resource_id);
    SELECT coalesce(max(load.units), 0) INTO peak_units FROM (
        SELECT (
            SELECT coalesce(sum(
                CASE WHEN o.block_id IS NULL THEN o.units ELSE capacity_units END
            ), 0) FROM occupancies o
            WHERE o.business_id = NEW.business_id AND o.resource_id = NEW.resource_id AND o.active
                AND o.occupied_from <= edge.at AND o.occupied_until > edge.at AND o.id <> NEW.id
        ) AS units
        FROM (
            SELECT lower(NEW.during) AS at
            UNION ALL
            SELECT n.occupied_from FROM occupancies n
            WHERE n.business_id = NEW.business_id AND n.resource_id = NEW.resource_id AND n.active
                AND n.occupied_from > lower(NEW.during) AND n.occupied_from < upper(NEW.during)
                AND n.occupied_until > lower(NEW.during) AND n.id <> NEW.id
        ) edge
    ) load;
    wanted_units := CASE WHEN NEW.block_id IS NULL THEN NEW.units ELSE capacity_units END;
    IF peak_units + wanted_units > capacity_units THEN
        RAISE EXCEPTION 'resource % has % units, % are taken', NEW.resource_id, capacity_units,
            peak_units USING ERRCODE = 'exclusion_violation',
            CONSTRAINT = 'occupancies_within_capacity';
    END IF;
    RETURN NEW;
END
$$
"""

_BEFORE = """
CREATE OR REPLACE FUNCTION occupancies_within_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    capacity_units integer;
    peak_units integer;
BEGIN
    SELECT r.capacity INTO STRICT capacity_units FROM resources r
        WHERE r.business_id = NEW.business_id AND r.id = NEW.resource_id;
    IF TG_OP = 'UPDATE' AND OLD.active AND NEW.active AND OLD.resource_id = NEW.resource_id
        AND OLD.during = NEW.during AND OLD.units = NEW.units THEN
        NEW.exclusive := OLD.exclusive;
        RETURN NEW;
    END IF;
    NEW.exclusive := capacity_units = 1;
    IF NOT NEW.active OR (NEW.exclusive AND NEW.units = 1 AND NOT EXISTS (
        SELECT FROM occupancies o
        WHERE o.business_id = NEW.business_id AND o.resource_id = NEW.resource_id
            AND o.active AND NOT o.exclusive AND o.id <> NEW.id
            AND o.occupied_from < upper(NEW.during) AND o.occupied_until > lower(NEW.during)
    )) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock((2::bigint << 56) | NEW.resource_id);
    SELECT coalesce(max(load.units), 0) INTO peak_units FROM (
        SELECT (
            SELECT coalesce(sum(o.units), 0) FROM occupancies o
            WHERE o.business_id = NEW.business_id AND o.resource_id = NEW.resource_id AND o.active
                AND o.occupied_from <= edge.at AND o.occupied_until > edge.at AND o.id <> NEW.id
        ) AS units
        FROM (
            SELECT lower(NEW.during) AS at
            UNION ALL
            SELECT n.occupied_from FROM occupancies n
            WHERE n.business_id = NEW.business_id AND n.resource_id = NEW.resource_id AND n.active
                AND n.occupied_from > lower(NEW.during) AND n.occupied_from < upper(NEW.during)
                AND n.occupied_until > lower(NEW.during) AND n.id <> NEW.id
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


def upgrade() -> None:
    """Replace the trigger's function."""
    op.execute(_AFTER)


def downgrade() -> None:
    """Put the former function back; no row is touched."""
    op.execute(_BEFORE)
