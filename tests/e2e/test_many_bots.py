"""Bots of two businesses in one process: none answers for, waits for or dies with another."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from db.clock import SystemClock
from db.session import Database
from db.store import Store
from tests.conftest import apply_file, load_example, settings_for
from tests.e2e.harness import query, started
from tests.fakes.telegram import FakeTelegram

BARBER, YOGA, REVOKED = "4242:barber-token", "4343:yoga-token", "4444:revoked-token"
SECRET = "chosen-by-the-operator"


@pytest.fixture
def bots() -> Iterator[tuple[FakeTelegram, FakeTelegram]]:
    """Two bots at one address; a third one's token isn't known there."""
    with ExitStack() as stack:
        barber = stack.enter_context(FakeTelegram.in_thread(BARBER))
        yoga = stack.enter_context(FakeTelegram.in_thread(YOGA))
        barber.neighbours[YOGA] = yoga
        for each in (barber, yoga):
            each.limits.webhook_backoff_scale = 0.05
        yield barber, yoga
        assert (barber.oddities, yoga.oddities) == ([], [])


@pytest.fixture
def url(database_url: str) -> str:
    """A database with two businesses."""

    async def found() -> None:
        database = Database(settings_for(database_url))
        for name in ("barber", "yoga"):
            await apply_file(Store(database, SystemClock()), load_example(name))
        await database.close()

    asyncio.run(found())
    return database_url


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def telegram_check(http: int) -> tuple[str, dict[str, Any]]:
    """The readiness of the process, and its check of Telegram."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/health/ready", timeout=10) as got:
            body = json.loads(got.read())
    except urllib.error.HTTPError as error:
        body = json.loads(error.read())
    return body["status"], body["checks"]["telegram"]


def until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def post(address: str, secret: str, update: dict[str, Any]) -> int:
    request = urllib.request.Request(
        address,
        json.dumps(update).encode(),
        {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("transport", ["polling", "webhook"])
def test_each_bot_serves_its_own_business(
    bots: tuple[FakeTelegram, FakeTelegram], url: str, tmp_path: Path, transport: str
) -> None:
    barber, _ = bots
    http = port()
    settings = {
        "DATABASE_URL": url,
        "TELEGRAM_BOT_TOKEN": BARBER,
        "ASSISTANT_BUSINESS": "northside-barbers",
        "TELEGRAM_BOTS": f"{load_example('yoga').slug}={YOGA}, northside-barbers={REVOKED}",
        "TELEGRAM_API_BASE_URL": barber.base_url,
        "ASSISTANT_HTTP_PORT": str(http),
        "ASSISTANT_BURST_SECONDS": "0.1",
    }
    if transport == "webhook":
        settings |= {
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{http}",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
    with started("run", cwd=tmp_path, **settings) as process:
        process.waits_for("Serving northside-barbers, ", error=True)
        # One person is a customer of both, at the same time, with the same number.
        ada = [bot.person(1001, "Ada", "en") for bot in bots]
        for each in ada:
            each.says("/start")
        assert "Northside Barbers" in ada[0].waits_for_sync(None, timeout=30).text
        assert load_example("yoga").name["en"] in ada[1].waits_for_sync(None, timeout=30).text
        ada[0].says("haircut on Tuesday 24 November at 10:00")
        ada[0].presses(ada[0].waits_for_sync("Please check and confirm", timeout=30), "Confirm")
        ada[0].waits_for_sync("✅ Booked", timeout=30)
        ada[1].says("/my")
        ada[1].waits_for_sync("no upcoming appointments", timeout=30)

        # The third one's token is refused: that is said, and no more than degrades the process.
        process.waits_for("telegram_bot_refused", error=True)
        until(lambda: telegram_check(http)[0] == "degraded")
        assert telegram_check(http)[1]["detail"] == (
            "1 of 3 bots: northside-barbers: its token is refused"
        )
        if transport == "webhook":
            one, two = (bot.calls_of("setWebhook")[0].params for bot in bots)
            assert one["url"] != two["url"]
            assert len({one["secret_token"], two["secret_token"], SECRET}) == 3
            update = {"update_id": 900001, "message": {"chat": {"id": 1001}}}
            assert post(one["url"], two["secret_token"], update) == 403
            assert post(one["url"], one["secret_token"], {"no": "update"}) == 400

        # One bot is taken away while it runs; the other goes on.
        del barber.neighbours[YOGA]
        ada[0].says("/my")
        assert "Haircut" in ada[0].waits_for_sync("24 November", timeout=30).text
        assert process.ends(signal.SIGTERM, timeout=20) == 0
        logged = "".join(process.err)
    for secret in ("barber-token", "yoga-token", "revoked-token", SECRET):
        assert secret not in logged
    mixed = "SELECT channel, business_id FROM {} GROUP BY 1, 2 ORDER BY 1"
    for table in ("inbox", "outbox", "lanes"):
        assert [tuple(row.values()) for row in query(url, mixed.format(table))] == [
            ("telegram:4242", 1),
            ("telegram:4343", 2),
        ]
