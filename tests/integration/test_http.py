"""The HTTP server of a process over a real database: live, ready, and what readiness means."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from assistant.health import Check, Health, database_check, migrations_check, model_check
from assistant.http import build_http, listening
from assistant.model.circuit import CircuitBreaker
from assistant.model.port import ModelError, ModelErrorKind, ModelRequest
from assistant.start_errors import StartError
from db.migrate import head_revision
from db.session import Database
from tests.conftest import settings_for
from tests.fakes.model import ScriptedModel, says

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
REQUEST = ModelRequest(instructions="", items=())


def health_of(
    database: Database, circuit: CircuitBreaker | None = None, telegram: Check | None = None
) -> Health:
    async def of_database() -> Check:
        return await database_check(database)

    async def of_migrations() -> Check:
        return await migrations_check(database)

    async def of_telegram() -> Check:
        return telegram or Check(True, "set")

    async def of_model() -> Check:
        return model_check(circuit)

    return Health(
        {
            "database": of_database,
            "migrations": of_migrations,
            "telegram": of_telegram,
            "model": of_model,
        }
    )


@asynccontextmanager
async def asked(health: Health, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with (
        listening(build_http(health), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        yield response


async def ready(health: Health) -> tuple[int, dict[str, Any]]:
    async with asked(health, "/health/ready") as response:
        return response.status, await response.json()


async def test_a_process_whose_parts_work_is_ready(database: Database) -> None:
    status, body = await ready(health_of(database))
    assert (status, body["status"]) == (200, "ready")
    assert list(body["checks"]) == ["database", "migrations", "telegram", "model"]
    assert all(check["ok"] for check in body["checks"].values())
    assert head_revision() in body["checks"]["migrations"]["detail"]


async def test_a_process_without_a_database_lives_and_is_not_ready() -> None:
    away = Database(settings_for(NOWHERE))
    status, body = await ready(health_of(away))
    assert (status, body["status"]) == (503, "not_ready")
    failed = {name for name, check in body["checks"].items() if not check["ok"]}
    assert failed == {"database", "migrations"}
    assert "nobody" not in str(body)
    async with asked(health_of(away), "/health/live") as response:
        assert (response.status, await response.json()) == (200, {"status": "live"})
    await away.close()


async def test_an_old_schema_is_not_ready(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    status, body = await ready(health_of(database))
    assert status == 503
    assert body["checks"]["migrations"] == {
        "ok": False,
        "detail": f"at 0000, this version needs {head_revision()}",
    }
    assert body["checks"]["database"]["ok"] is True


async def test_an_empty_database_is_not_ready(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    assert "at nothing" in (await migrations_check(database)).detail


async def test_an_open_circuit_degrades_but_does_not_stop(database: Database) -> None:
    """The guided flow answers: taking the process away would serve customers worse."""
    away = ModelError(ModelErrorKind.QUOTA, "insufficient_quota")
    circuit = CircuitBreaker(ScriptedModel([says("hello"), away]))
    await circuit.complete(REQUEST, timeout_seconds=1)
    assert (await ready(health_of(database, circuit)))[1]["status"] == "ready"
    with pytest.raises(ModelError):
        await circuit.complete(REQUEST, timeout_seconds=1)
    status, body = await ready(health_of(database, circuit))
    assert (status, body["status"]) == (200, "degraded")
    assert "open (quota)" in body["checks"]["model"]["detail"]


async def test_telegram_that_does_not_deliver_is_not_ready(database: Database) -> None:
    gone = Check(False, "Telegram answered 900 s ago")
    status, body = await ready(health_of(database, telegram=gone))
    assert (status, body["status"]) == (503, "not_ready")


async def test_a_port_that_is_taken_is_said(database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"can't listen on 127.0.0.1:{port}"):
            async with listening(build_http(health_of(database)), "127.0.0.1", port):
                pass


async def test_without_metrics_there_is_no_such_page(database: Database) -> None:
    async with asked(health_of(database), "/metrics") as response:
        assert response.status == 404
