"""Making a used test database empty again: twenty times cheaper than copying the template.

A database whose schema a test has changed (a control that takes a constraint away, a downgrade) is
recognised by its fingerprint and isn't used again.
"""

from __future__ import annotations

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
_OTHERS = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_FINGERPRINT = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(indexrelid) || indisvalid
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'relation ' || relname || relkind::text || relrowsecurity || relforcerowsecurity
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'column ' || attrelid::regclass || ' ' || attname || atttypid::regtype || attnotnull
        || coalesce(pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || tgenabled::text
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'policy ' || polrelid::regclass || ' ' || polname
        || coalesce(pg_get_expr(polqual, polrelid), '')
    FROM pg_policy
    UNION ALL
    SELECT 'function ' || proname || md5(prosrc)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'setting ' || setdatabase || array_to_string(setconfig, ',')
    FROM pg_db_role_setting
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
        await connection.execute(_OTHERS)
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
