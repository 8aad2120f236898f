"""Making a used test database empty again: twenty times cheaper than copying the template.

A database whose schema a test has changed (a control that takes a constraint away, a downgrade) is
recognised by its fingerprint and isn't used again.
"""

from __future__ import annotations

import asyncio

import asyncpg

# A test that wrote much leaves pages and statistics that another one's query plans would see.
_MOST_GROWTH_BYTES = 4 * 1024 * 1024

# Replica: no trigger and no foreign key is in the way of the order in which tables are emptied.
_EMPTY = """
DO $$
DECLARE found record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %I', found.relname);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Rows of the catalogs by number and by the transaction that wrote them, both of which a copy of
# the template has in common with it; to spell out what they define takes ten times as long.
_FINGERPRINT = """
WITH relations AS (SELECT oid, xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT sum(hashtextextended(part, 0))::text FROM (
    SELECT 'relation ' || oid || ' ' || xmin::text FROM relations
    UNION ALL
    SELECT 'column ' || attrelid || ' ' || attnum || ' ' || xmin::text
    FROM pg_attribute WHERE attrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'default ' || oid || ' ' || xmin::text
    FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'constraint ' || oid || ' ' || xmin::text
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index ' || indexrelid || ' ' || xmin::text
    FROM pg_index WHERE indrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'trigger ' || oid || ' ' || xmin::text
    FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM relations)
    UNION ALL
    SELECT 'policy ' || oid || ' ' || xmin::text FROM pg_policy
    UNION ALL
    SELECT 'function ' || oid || ' ' || xmin::text
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'setting ' || setdatabase || array_to_string(setconfig, ',') FROM pg_db_role_setting
    UNION ALL
    SELECT 'revision ' || version_num FROM alembic_version
) AS schema (part)
"""
_SIZE = "SELECT pg_database_size(current_database())"


async def fingerprint(url: str) -> tuple[str, int]:
    """Return the schema's fingerprint and the database's size in bytes.

    Args:
        url: of the database, as a superuser.
    """
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(_FINGERPRINT), await connection.fetchval(_SIZE)
    finally:
        await connection.close()


async def emptied(url: str, like: tuple[str, int]) -> bool:
    """End all other connections to a database and empty it.

    Args:
        url: of the database, as a superuser.
        like: fingerprint and size of the template that it was made from.

    Returns:
        False where it can't serve another test: its schema was changed, or it grew.
    """
    connection = await asyncpg.connect(url)
    try:
        # Waiting for their ends is ours: the function's own wait has steps of 100 ms.
        while await connection.fetchval(_END_OTHERS):  # noqa: ASYNC110 - nothing tells of them
            await asyncio.sleep(0.002)
        if await connection.fetchval(_FINGERPRINT) != like[0]:
            return False
        if await connection.fetchval(_SIZE) > like[1] + _MOST_GROWTH_BYTES:
            return False
        await connection.execute(_EMPTY)
        return True
    except asyncpg.UndefinedTableError:
        return False  # not even the table that tells the revision is there
    finally:
        await connection.close()
