"""A business in an empty test database: applied from its file once, from its rows after that.

Most tests want the example shop and aren't about how it came there; to insert its rows costs a
tenth of what it costs to apply its file.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.business_file import BusinessFile
from db.models import Base
from db.repositories.businesses import BusinessRepository
from db.store import Store

_Founding = tuple[Business, str]
# A process's, by the file: the business and the statements that insert it.
_FOUNDINGS: dict[str, _Founding] = {}


async def founded(store: Store, file: BusinessFile) -> Business:
    """Make a file's business the first one of a database that holds nothing yet."""
    key = file.model_dump_json(warnings=False)
    if key in _FOUNDINGS:
        business, statements = _FOUNDINGS[key]
        async with store.database.transaction(business.id) as session:
            connection = await (await session.connection()).get_raw_connection()
            assert connection.driver_connection is not None
            await connection.driver_connection.execute(statements)
        return business
    async with store.database.transaction() as session:
        business = await BusinessRepository(session).apply(file)
    async with store.database.transaction(business.id) as session:
        _FOUNDINGS[key] = business, await _statements(session)
    return business


async def _statements(session: AsyncSession) -> str:
    """Return SQL that inserts all that the business at hand consists of."""
    found = []
    for table in Base.metadata.sorted_tables:
        columns = ", ".join(f'"{c.name}"' for c in table.columns if c.computed is None)
        quoted = await session.scalar(
            text(f'SELECT quote_literal(json_agg(t)::text) FROM "{table.name}" AS t')
        )
        if quoted is None:
            continue
        found.append(
            f'INSERT INTO "{table.name}" ({columns}) OVERRIDING SYSTEM VALUE'
            f' SELECT {columns} FROM json_populate_recordset(NULL::"{table.name}", {quoted})'
        )
        if "id" in table.columns:
            found.append(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id))"
                f' FROM "{table.name}"'
            )
    return ";\n".join(found)
