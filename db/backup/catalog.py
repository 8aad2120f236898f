"""The tables as they are in a database: what of them is saved, and in which order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BUSINESSES = "businesses"
# Alembic's own. What it says is in the manifest: a restore migrates to it.
VERSIONS = "alembic_version"

# Columns that are computed from others are computed again. A key is sorted as bytes, since
# collations differ between servers.
_TABLES = text(
    """
    SELECT c.relname AS name, c.relforcerowsecurity AS forced,
      ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
      ARRAY(SELECT quote_ident(a.attname)
                   || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END
            FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
            WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place) AS key,
      ARRAY(SELECT DISTINCT p.relname::text FROM pg_constraint f
            JOIN pg_class p ON p.oid = f.confrelid
            WHERE f.conrelid = c.oid AND f.contype = 'f' AND p.oid <> c.oid) AS parents,
      EXISTS (SELECT FROM pg_constraint f
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.conkey[1]
              WHERE f.conrelid = c.oid AND f.contype = 'f' AND cardinality(f.conkey) = 1
                AND f.confrelid = to_regclass('businesses')
                AND a.attname = 'business_id' AND a.attnotnull) AS of_a_business
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    """
)
_COUNTERS = text(
    """
    SELECT c.relname || '.' || a.attname AS name,
           pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      AND a.attnum > 0 AND NOT a.attisdropped
      AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
    """
)
# COPY writes values as the session's settings have it: the same on every server.
_FORMS = text(
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),"
    " set_config('intervalstyle', 'iso_8601', true), set_config('bytea_output', 'hex', true),"
    " set_config('extra_float_digits', '1', true), set_config('statement_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table.

    Args:
        name: of the table.
        columns: those that are saved, in the table's order.
        owner: the column that says whose a row is.
        order: the primary key as ORDER BY takes it, the owner before it.
        forced: whether row-level security binds the table's owner too.
    """

    name: str
    columns: tuple[str, ...]
    owner: str
    order: str
    forced: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a database holds.

    Args:
        shapes: our tables, each after those that it points to.
        strangers: tables that are somebody else's.
    """

    shapes: tuple[Shape, ...]
    strangers: tuple[str, ...]


async def read_catalog(connection: AsyncConnection) -> Catalog:
    """Look at the tables of the connection's schema.

    Ours are the businesses and what belongs to one by its key. That is what makes a backup whole
    under row-level security: who goes through all businesses, which everybody sees, has seen
    every row.
    """
    rows = {row.name: row for row in await connection.execute(_TABLES)}
    graph = {name: sorted(set(row.parents)) for name, row in sorted(rows.items())}
    shapes = []
    for name in TopologicalSorter(graph).static_order():
        row = rows.get(name)
        if row is None or not (row.of_a_business or name == BUSINESSES):
            continue
        owner = "id" if name == BUSINESSES else "business_id"
        order = ", ".join(dict.fromkeys([owner, *row.key]))
        shapes.append(Shape(name, tuple(row.columns), owner, order, row.forced))
    ours = {shape.name for shape in shapes} | {VERSIONS}
    return Catalog(tuple(shapes), tuple(sorted(rows.keys() - ours)))


async def counters(connection: AsyncConnection) -> dict[str, str]:
    """Return the sequences behind numbered columns: "table.column" -> the sequence's name."""
    return {row.name: row.sequence for row in await connection.execute(_COUNTERS)}


async def prepare(connection: AsyncConnection) -> asyncpg.Connection:
    """Begin the transaction (if it has not begun), make its texts the same everywhere and return
    the driver's connection: COPY isn't in SQLAlchemy."""
    await connection.execute(_FORMS)
    raw = await connection.get_raw_connection()
    return raw.driver_connection


async def business_ids(raw: asyncpg.Connection) -> list[int]:
    """Return all businesses; their list is the one table that every session sees whole."""
    return [row["id"] for row in await raw.fetch(f"SELECT id FROM {BUSINESSES} ORDER BY id")]


async def copy_out(
    raw: asyncpg.Connection,
    shape: Shape,
    columns: Sequence[str],
    businesses: Sequence[int],
    write: Callable[[bytes], Awaitable[Any]],
) -> int:
    """Write a table's rows in COPY's text format, business by business, and return how many.

    Args:
        columns: those to write, in this order.
        write: takes a piece of the text.
    """
    names = ", ".join(quoted(column) for column in columns)
    rows = 0
    for business in businesses:
        # For a role that row-level security binds; the condition is for one that it doesn't.
        await raw.execute("SELECT set_config('app.business', $1, true)", str(business))
        status = await raw.copy_from_query(
            f"SELECT {names} FROM {quoted(shape.name)}"
            f" WHERE {shape.owner} = {business:d} ORDER BY {shape.order}",
            output=write,
            format="text",
        )
        rows += int(status.split()[-1])
    return rows


def quoted(name: str) -> str:
    """Return an identifier as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'
