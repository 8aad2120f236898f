"""Row-level security: what belongs to one business doesn't exist for another one.

Iterates over the metadata, so that a new table without a policy, or without a row here, fails.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

import db.queue_models  # noqa: F401 - registers its tables
from db.errors import DatabaseError, sqlstate
from db.models import Base
from db.session import Database
from tests.conftest import NOW, settings_for

QUEUES = {"inbox", "lanes", "outbox"}
TABLES = {name: table for name, table in Base.metadata.tables.items() if name != "businesses"}
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
async def limited(database: Database) -> AsyncIterator[Database]:
    """The database for the program's own kind of role, whoever the tests connect as."""
    async with database.engine.connect() as connection:
        exempt = await connection.scalar(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        )
    if not exempt:
        yield database
        return
    role = f"t_{uuid.uuid4().hex[:16]}"
    async with database.engine.begin() as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{role}'",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        ):
            await connection.execute(text(statement))
    url = make_url(database.settings.database_url_str).set(
        drivername="postgresql", username=role, password=role
    )
    other = Database(settings_for(url.render_as_string(hide_password=False)))
    yield other
    await other.close()
    async with database.engine.begin() as connection:
        for statement in (f"DROP OWNED BY {role}", f"DROP ROLE {role}"):
            await connection.execute(text(statement))


@dataclass(frozen=True)
class Planted:
    """A business with one row in every table; `rows` holds them as they were inserted."""

    id: int
    rows: dict[str, dict[str, Any]]


async def plant(database: Database, slug: str, number: int) -> Planted:
    """Found a business and insert one row into each table."""
    founded = {
        "slug": slug,
        "name": {},
        "zone": "UTC",
        "languages": ["en"],
        "contact": {},
        "policy": {},
        "facts": {},
        "owner_chat_ids": [],
        "handle_key": b"k",
    }
    businesses = Base.metadata.tables["businesses"]
    async with database.transaction() as session:
        business = int(
            (
                await session.execute(insert(businesses).values(founded).returning(businesses.c.id))
            ).scalar_one()
        )
    ids: dict[str, int] = {}
    rows: dict[str, dict[str, Any]] = {}

    async def add(session: AsyncSession, table_name: str, /, **values: Any) -> None:
        table = TABLES[table_name]
        rows[table_name] = {"business_id": business, **values}
        returned = (
            await session.execute(insert(table).values(rows[table_name]).returning(table))
        ).one()
        ids[table_name] = returned._mapping.get("id", 0)

    async with database.transaction(business) as session:
        await add(session, "services", slug="s", name={}, duration_minutes=30)
        await add(session, "resources", slug="r", kind="staff", name={})
        service, resource = ids["services"], ids["resources"]
        await add(session, "service_resources", service_id=service, resource_id=resource)
        await add(
            session,
            "opening_hours",
            resource_id=resource,
            weekday=0,
            opens_minute=0,
            closes_minute=60,
        )
        await add(
            session, "date_exceptions", resource_id=resource, local_date=NOW.date(), intervals=[]
        )
        await add(session, "customers", telegram_id=number)
        customer = ids["customers"]
        await add(
            session,
            "appointments",
            customer_id=customer,
            service_id=service,
            staff_id=resource,
            status="confirmed",
            starts_at=NOW,
            ends_at=LATER,
            zone="UTC",
            service_name={},
            duration_minutes=60,
            buffer_before_minutes=0,
            buffer_after_minutes=0,
            created_at=NOW,
            updated_at=NOW,
        )
        appointment = ids["appointments"]
        await add(
            session,
            "occupancies",
            resource_id=resource,
            appointment_id=appointment,
            during=Range(NOW, LATER),
            exclusive=True,
        )
        await add(
            session,
            "appointment_events",
            appointment_id=appointment,
            at=NOW,
            change="booked",
            actor="customer",
            old={},
            new={},
        )
        await add(
            session,
            "blocks",
            resource_ids=[resource],
            starts_at=NOW,
            ends_at=LATER,
            created_by="owner",
            created_at=NOW,
        )
        await add(
            session,
            "waitlist_entries",
            customer_id=customer,
            service_id=service,
            date_from=NOW.date(),
            date_to=NOW.date(),
            state="offered",
            offered_appointment_id=appointment,
            offered_starts_at=NOW,
            offer_expires_at=LATER,
            created_at=NOW,
            updated_at=NOW,
        )
        await add(session, "idempotency_keys", actor="a", key="k", body_hash=b"h")
        await add(session, "drafts", customer_id=customer, version=1, data={})
        await add(
            session,
            "conversation_facts",
            customer_id=customer,
            version=1,
            through_turn_id=1,
            facts={},
            updated_at=NOW,
        )
        await add(
            session,
            "turns",
            customer_id=customer,
            channel="c",
            chat_id=number,
            update_id=number,
            update_ids=[number],
            kind="text",
            started_at=NOW,
        )
        turn = ids["turns"]
        await add(session, "turn_steps", turn_id=turn, position=1, kind="model", payload={})
        await add(
            session,
            "conversation_messages",
            customer_id=customer,
            turn_id=turn,
            message_type="user",
            message_text="hello",
            created_at=NOW,
        )
        await add(
            session,
            "prompt_versions",
            name="system",
            text="t",
            version="system@0",
            author_telegram_id=number,
            diff="",
            created_at=NOW,
        )
        await add(
            session,
            "hand_offs",
            customer_id=customer,
            key="k",
            channel="c",
            chat_id=number,
            language="en",
            reason="asked",
            asked_at=NOW,
            quiet_since=NOW,
        )
        await add(
            session,
            "hand_off_messages",
            key="k",
            hand_off_id=ids["hand_offs"],
            channel="c",
            chat_id=number,
            created_at=NOW,
        )
        await add(session, "lanes", channel="c", chat_id=number)
        await add(
            session,
            "inbox",
            channel="c",
            update_id=number,
            chat_id=number,
            payload={},
            received_at=NOW,
        )
        await add(
            session,
            "outbox",
            channel="c",
            chat_id=number,
            kind="message",
            priority=0,
            payload={},
            due_at=NOW,
        )
    return Planted(business, rows)


async def two(database: Database) -> tuple[Planted, Planted]:
    mine, theirs = await plant(database, "mine", 1), await plant(database, "theirs", 2)
    assert mine.rows.keys() == TABLES.keys(), "a new table needs a row in `plant`"
    return mine, theirs


async def visible(database: Database, table: Table, owner: int, **as_whom: Any) -> int:
    """Count the rows of `owner` that a session sees."""
    async with database.transaction(
        as_whom.get("business"), worker=as_whom.get("worker", False)
    ) as s:
        rows = select(func.count()).select_from(table).where(table.c.business_id == owner)
        return int(await s.scalar(rows) or 0)


def test_every_table_belongs_to_a_business_in_its_key() -> None:
    for name, table in TABLES.items():
        assert not table.c.business_id.nullable, name
        if name not in QUEUES:
            assert "business_id" in table.primary_key.columns, name


async def test_every_table_has_policies_that_bind_its_owner_too(database: Database) -> None:
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
                " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) > 0"
                " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind = 'r'"
            )
        )
        found = {name: (forced, policies) for name, forced, policies in rows}
    assert found.pop("alembic_version") == (False, False)
    assert found == dict.fromkeys(Base.metadata.tables, (True, True))


async def test_rows_are_seen_by_their_own_business_only(limited: Database) -> None:
    mine, theirs = await two(limited)
    for name, table in TABLES.items():
        assert await visible(limited, table, mine.id, business=mine.id) == 1, name  # control
        assert await visible(limited, table, mine.id, business=theirs.id) == 0, name
        assert await visible(limited, table, mine.id) == 0, name


async def test_a_worker_sees_the_queues_and_nothing_else(limited: Database) -> None:
    mine, theirs = await two(limited)
    for name, table in TABLES.items():
        seen = [await visible(limited, table, each.id, worker=True) for each in (mine, theirs)]
        assert seen == ([1, 1] if name in QUEUES else [0, 0]), name


@pytest.mark.parametrize("stranger", ["another business", "nobody"])
async def test_strangers_change_and_delete_nothing(limited: Database, stranger: str) -> None:
    mine, theirs = await two(limited)
    who = theirs.id if stranger == "another business" else None
    async with limited.transaction(who) as session:
        for name, table in TABLES.items():
            everything = table.c.business_id == mine.id
            changed = await session.execute(
                update(table).where(everything).values(business_id=table.c.business_id)
            )
            deleted = await session.execute(delete(table).where(everything))
            assert (changed.rowcount, deleted.rowcount) == (0, 0), name  # type: ignore[attr-defined]
    async with limited.transaction(mine.id) as session:  # control: the owner can
        changed = await session.execute(update(TABLES["customers"]).values(username="x"))
        assert changed.rowcount == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("stranger", ["another business", "nobody"])
async def test_strangers_insert_nothing(limited: Database, stranger: str) -> None:
    mine, theirs = await two(limited)
    who = theirs.id if stranger == "another business" else None
    for name, table in TABLES.items():
        with pytest.raises(DatabaseError) as caught:
            async with limited.transaction(who) as session:
                await session.execute(insert(table).values(mine.rows[name]))
        # The trigger of occupancies runs first, and doesn't see the resource.
        assert sqlstate(caught.value) == ("P0002" if name == "occupancies" else "42501"), name


async def test_a_row_can_not_be_given_to_another_business(limited: Database) -> None:
    mine, theirs = await two(limited)
    for name, table in TABLES.items():
        with pytest.raises(DatabaseError) as caught:
            async with limited.transaction(mine.id) as session:
                await session.execute(update(table).values(business_id=theirs.id))
        assert sqlstate(caught.value) == ("P0002" if name == "occupancies" else "42501"), name


async def test_another_business_is_listed_but_not_changed(limited: Database) -> None:
    mine, theirs = await two(limited)
    businesses = Base.metadata.tables["businesses"]
    async with limited.transaction(theirs.id) as session:
        assert await session.scalar(select(func.count()).select_from(businesses)) == 2
        changed = await session.execute(
            update(businesses).where(businesses.c.id == mine.id).values(zone="X")
        )
        deleted = await session.execute(delete(businesses).where(businesses.c.id == mine.id))
        own = await session.execute(
            update(businesses).where(businesses.c.id == theirs.id).values(zone="Y")
        )
    counts = [result.rowcount for result in (changed, deleted, own)]  # type: ignore[attr-defined]
    assert counts == [0, 0, 1]


async def test_keys_refuse_another_business_even_without_policies(database: Database) -> None:
    """Who bypasses row-level security, as superusers do, meets the foreign keys."""
    mine, theirs = await two(database)
    async with database.transaction() as session:
        for name in TABLES:
            await session.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))
        # Both would refuse first: the trigger, and the constraint (both businesses hold one time).
        await session.execute(text("ALTER TABLE occupancies DISABLE TRIGGER USER"))
        await session.execute(
            text("ALTER TABLE occupancies DROP CONSTRAINT occupancies_no_overlap")
        )
    tried = 0
    for name, table in TABLES.items():
        for key in table.constraints:
            if not isinstance(key, ForeignKeyConstraint) or len(key.elements) < 2:
                continue
            column, parent = key.columns[1], key.elements[1].column
            foreign = select(parent).where(parent.table.c.business_id == theirs.id)
            crossing = update(table).where(table.c.business_id == mine.id)
            with pytest.raises(DatabaseError) as caught:
                async with database.transaction() as session:
                    await session.execute(crossing.values({column: foreign.scalar_subquery()}))
            assert sqlstate(caught.value) == "23503", (name, column)
            tried += 1
        plain = [k for k in table.foreign_key_constraints if len(k.elements) == 1]
        assert [k.column_keys for k in plain] == [["business_id"]], name
    assert tried >= 15
