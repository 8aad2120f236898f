"""The process as its operator sees it: webhook, checks, metrics, `assistant status`, the guide."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from db.migrate import head_revision
from tests.conftest import Server
from tests.e2e.harness import (
    ROOT,
    Process,
    data_folder,
    environment,
    program_in,
    query,
    run,
    started,
)
from tests.fakes.openai import Call, FakeOpenAI, HttpError, QuotaExhausted
from tests.fakes.otlp import FakeCollector
from tests.fakes.sentry import FakeSentry
from tests.fakes.telegram import FakeTelegram, Person

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.compile(r"^ *```bash\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
COMMANDS = [line.strip() for block in BLOCKS.findall(GUIDE) for line in block.splitlines()]
EXAMPLE = re.compile(r"<!-- example.*?-->\n```text\n(.*?)```", re.DOTALL)
NEW_DATABASE = "postgresql://assistant:secret@db.example.org/assistant"
WHEN = "Tuesday 2026-11-24 10:00"


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram.in_thread() as server:
        server.limits.webhook_backoff_scale = 0.05
        yield server
        assert server.oddities == []


@pytest.fixture
def openai() -> Iterator[FakeOpenAI]:
    with FakeOpenAI.in_thread([]) as server:
        yield server


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(
    telegram: FakeTelegram, openai: FakeOpenAI, database_url: str, port: int
) -> dict[str, str]:
    """A process behind a webhook, between the two."""
    return {
        "DATABASE_URL": database_url,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE_URL": telegram.base_url,
        "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "ASSISTANT_HTTP_PORT": str(port),
        "ASSISTANT_BURST_SECONDS": "0.1",
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_PRICE_INPUT": "1",
        "OPENAI_PRICE_OUTPUT": "8",
    }


@pytest.fixture
def assistant(settings: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    with started("run", cwd=tmp_path, **settings) as process:
        process.waits_for("Serving northside-barbers", error=True)
        yield process


@pytest.fixture
def ada(telegram: FakeTelegram) -> Person:
    return telegram.person(1001, "Ada", "en")


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def ready(port: int) -> tuple[int, dict[str, Any]]:
    status, body = get(port, "/health/ready")
    return status, json.loads(body)


def until_ready(port: int, wanted: str = "ready") -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        _, body = ready(port)
        if body["status"] == wanted:
            return body
        time.sleep(0.05)
    raise AssertionError(f"never {wanted}: {body}")


def scraped(port: int) -> dict[tuple[str, str], float]:
    """The samples by name and the values of their labels, in the order of the labels' names."""
    _, body = get(port, "/metrics")
    return {
        (sample.name, ",".join(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def book(ada: Person, openai: FakeOpenAI) -> None:
    arguments = {"service": "haircut", "when": WHEN, "staff": None, "notes": None}
    openai.play([Call("create_appointment", arguments)])
    ada.says(f"haircut {WHEN}")
    ada.presses(ada.waits_for_sync("Please check and confirm"), "Confirm")
    ada.waits_for_sync("✅ Booked")


def test_a_booking_through_the_webhook_is_counted(
    assistant: Process,
    ada: Person,
    openai: FakeOpenAI,
    telegram: FakeTelegram,
    port: int,
    database_url: str,
) -> None:
    book(ada, openai)
    assert len(query(database_url, "SELECT 1 FROM appointments WHERE status = 'confirmed'")) == 1
    assert telegram.calls_of("getUpdates") == []
    assert len(telegram.calls_of("answerCallbackQuery")) == 1
    assert until_ready(port)["checks"]["telegram"] == {"ok": True, "detail": "set"}
    found = scraped(port)
    assert found["assistant_turns_total", "text,proposed"] == 1
    assert found["assistant_turns_total", "press,press"] == 1
    assert found["assistant_tool_calls_total", "ok,create_appointment"] == 1
    assert found["assistant_sends_total", "receipt,sent"] == 1
    assert found["assistant_model_cost_total", ""] > 0
    assert found["assistant_model_circuit", ""] == 0
    assert found["assistant_inbox_depth", ""] == 0
    logged = "".join(assistant.err)
    path = telegram.calls_of("setWebhook")[0].params["url"].rsplit("/", 1)[1]
    for secret in (
        path,
        telegram.token.split(":")[1],
        telegram.calls_of("setWebhook")[0].params["secret_token"],
    ):
        assert secret not in logged


def test_it_stops_within_seconds_and_what_comes_meanwhile_waits(
    assistant: Process,
    settings: dict[str, str],
    ada: Person,
    port: int,
    tmp_path: Path,
) -> None:
    until_ready(port)
    assert assistant.ends(signal.SIGTERM) == 0
    ada.says("/start")
    with started("run", cwd=tmp_path, **settings) as again:
        again.waits_for("Serving northside-barbers", error=True)
        ada.waits_for_sync("Northside Barbers")


def test_two_processes_behind_one_address(
    assistant: Process,
    settings: dict[str, str],
    telegram: FakeTelegram,
    ada: Person,
    database_url: str,
    port: int,
    tmp_path: Path,
) -> None:
    """The second one works on what the first one takes in; each message is answered once."""
    until_ready(port)
    other = free_port()
    second = {**settings, "ASSISTANT_HTTP_PORT": str(other)}
    with started("run", cwd=tmp_path, **second) as process:
        process.waits_for("Serving northside-barbers", error=True)
        until_ready(other)
        for number in range(6):
            telegram.person(2000 + number, f"P{number}", "en").says("/start")
        for number in range(6):
            telegram.person(2000 + number).waits_for_sync("Northside Barbers")
    assert len(telegram.calls_of("setWebhook")) == 1
    assert len(query(database_url, "SELECT 1 FROM turns")) == 6
    assert len(query(database_url, "SELECT 1 FROM outbox WHERE state = 'sent'")) == 6


def test_a_webhook_without_a_port_is_refused(settings: dict[str, str], tmp_path: Path) -> None:
    done = run("run", cwd=tmp_path, **{**settings, "ASSISTANT_HTTP_PORT": "0"})
    assert done.returncode == 1
    assert "ASSISTANT_HTTP_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_long_polling_is_checked_too(
    settings: dict[str, str], port: int, ada: Person, telegram: FakeTelegram, tmp_path: Path
) -> None:
    del settings["TELEGRAM_WEBHOOK_URL"]
    with started("run", cwd=tmp_path, **settings) as process:
        process.waits_for("Serving northside-barbers", error=True)
        ada.says("/start")
        ada.waits_for_sync("Northside Barbers")
        assert "Telegram answered" in until_ready(port)["checks"]["telegram"]["detail"]
        assert telegram.calls_of("setWebhook") == []
        # Nobody can post updates to a process that polls.
        assert get(port, "/telegram/anything")[0] == 404


def test_nothing_that_was_said_leaves_the_process(
    settings: dict[str, str],
    telegram: FakeTelegram,
    openai: FakeOpenAI,
    database_url: str,
    port: int,
    tmp_path: Path,
) -> None:
    """Not into the log at its loudest, nor into reports and traces, whatever fails."""
    customer = telegram.person(1001, "Adaline", "en")
    with FakeSentry.in_thread() as sentry, FakeCollector.in_thread() as collector:
        settings |= {
            "LOG_LEVEL": "debug",
            "SENTRY_DSN": sentry.dsn,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        }
        with started("run", cwd=tmp_path, **settings) as process:
            process.waits_for("Serving northside-barbers", error=True)
            until_ready(port)
            query(database_url, "ALTER TABLE appointment_events RENAME TO elsewhere")
            wish = {"service": "haircut", "when": WHEN, "staff": None, "notes": "no perfume"}
            openai.play([Call("create_appointment", wish)])
            customer.says("a mohawk on Tuesday at 10, no perfume")
            customer.waits_for_sync("can't be reached for a moment")
            openai.play([HttpError(400, body={"error": {"message": "what is a 'mohawk'?"}})])
            customer.says("a mohawk then?")
            customer.waits_for_sync("I can't chat freely right now")
            code = process.ends(signal.SIGTERM)
            logged = "".join(process.err)
            assert code == 0, logged
        assert {"tool_database_error", "model_away"} <= set(re.findall(r'"event": "(\w+)"', logged))
        assert [event["logentry"]["message"] for event in sentry.events] == ["tool_database_error"]
        assert len(collector.named("turn")) == 2
        assert [span.failed for span in collector.named("chat gpt-6-luna")] == [False, True]
        assert sentry.oddities + collector.oddities == []
        sent = b"".join(sentry.bodies + collector.bodies)
        for word in ("mohawk", "perfume", "Adaline", "sk-test", telegram.token.split(":")[1]):
            assert word not in logged, word
            assert word.encode() not in sent, word


# --- assistant status


def status(tmp_path: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    done = run("status", *arguments, cwd=tmp_path, **settings)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_status_of_a_running_process(
    assistant: Process,
    settings: dict[str, str],
    ada: Person,
    openai: FakeOpenAI,
    port: int,
    tmp_path: Path,
) -> None:
    book(ada, openai)
    until_ready(port)
    code, said = status(tmp_path, **settings)
    assert code == 0, said
    assert re.search(r"today +2 turns, 1 model calls; tokens: [1-9]\d* in", said)
    assert re.search(r"ok +process +ready, at 127.0.0.1:", said)
    assert re.search(r"ok +model +circuit closed", said)
    assert re.search(r"ok +reminders +no reminders are due", said)
    assert re.search(r"ok +turns +1 press, 1 proposed", said)
    assert re.search(r"ok +latency +95% within: turn [\d.]+ s, .*model [\d.]+ s", said)
    assert re.search(r"ok +tools +1 create_appointment ok", said)
    assert re.search(r"ok +model use +1 calls, \d+% of the input cached, cost 0\.\d+", said)
    assert re.search(r"ok +sends +.*1 receipt sent", said)
    assert re.search(r"ok +pool +\d+ of 30 connections in use", said)
    # The circuit opens in that process; this one asks it.
    openai.play([QuotaExhausted()])
    ada.says("do you remember me?")
    until_ready(port, "degraded")
    code, said = status(tmp_path, **settings)
    assert re.search(r"note +model +circuit open \(quota\)", said)
    assert code == 0, said


def test_status_sees_what_is_wrong(
    settings: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    applied = run(
        "business", "apply", str(ROOT / "examples" / "barber.yaml"), cwd=tmp_path, **settings
    )
    assert applied.returncode == 0, applied.stderr
    code, said = status(tmp_path, **settings)
    assert code == 1
    assert re.search(r"WRONG +process +nobody answers at 127.0.0.1:", said)

    settings["ASSISTANT_HTTP_PORT"] = "0"
    assert status(tmp_path, **settings)[0] == 0
    query(
        database_url,
        "INSERT INTO inbox (business_id, channel, update_id, chat_id, payload, received_at)"
        " VALUES (1, 'telegram:1', 1, 1, '{}', '2026-11-21T08:50:00Z') RETURNING id",
    )
    code, said = status(tmp_path, **settings)
    assert code == 1
    assert re.search(r"WRONG +inbox +1 messages wait for an answer, the oldest for 10 min", said)

    query(database_url, "UPDATE inbox SET state = 'set_aside' RETURNING id")
    code, said = status(tmp_path, **settings)
    assert code == 1
    assert re.search(r"WRONG +set aside +1 updates", said)

    query(database_url, "UPDATE alembic_version SET version_num = '0000' RETURNING 1")
    code, said = status(tmp_path, **settings)
    assert code == 1
    assert re.search(r"WRONG +migrations +at 0000", said)
    versions = query(database_url, "SELECT version_num FROM alembic_version")
    assert versions == [{"version_num": "0000"}]  # status reads, and migrates nothing


def test_status_without_a_database(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    code, said = status(tmp_path, DATABASE_URL=nowhere)
    assert code == 1
    assert re.search(r"WRONG +database +the database doesn't answer", said)
    with data_folder() as folder:
        code, said = status(tmp_path, ASSISTANT_DATA_DIR=str(folder))
        assert code == 1
        assert "There is no database in" in said
        assert not folder.exists()  # nothing was made


def test_status_of_a_business_that_is_not_there(settings: dict[str, str], tmp_path: Path) -> None:
    settings["ASSISTANT_HTTP_PORT"] = "0"
    run("business", "apply", str(ROOT / "examples" / "barber.yaml"), cwd=tmp_path, **settings)
    code, said = status(tmp_path, "--business", "nobody", **settings)
    assert code == 2
    assert "There is no business 'nobody'; there are: northside-barbers" in said


# --- the guide


def test_the_guide_shows_what_status_says(database_url: str, tmp_path: Path) -> None:
    found = EXAMPLE.search(GUIDE)
    assert found is not None
    example = ROOT / "examples" / "barber.yaml"
    run("business", "apply", str(example), cwd=tmp_path, DATABASE_URL=database_url)
    done = run("status", cwd=tmp_path, DATABASE_URL=database_url)
    # The guide needn't be written anew with each migration.
    assert done.stdout == re.sub(r"at \d{4}\b", f"at {head_revision()}", found[1])


def test_every_command_of_the_guide_runs(
    assistant: Process, settings: dict[str, str], port: int, tmp_path: Path, server: Server
) -> None:
    until_ready(port)
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text("utf-8"), "utf-8")
    program_in(tmp_path)
    empty = server.create()
    replaced = {"8080": str(port), NEW_DATABASE: shlex.quote(server.url(empty))}
    assert len(COMMANDS) == 9
    for command in COMMANDS:
        for old, new in replaced.items():
            assert old in GUIDE
            command = command.replace(old, new)
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert query(server.url(empty), "SELECT slug FROM businesses") == [
        {"slug": "northside-barbers"}
    ]
    server.drop(empty)


def test_the_settings_of_the_guide_are_settings() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    named = set(
        re.findall(r"\b(?:TELEGRAM|OPENAI|ASSISTANT|DB|LOG|DATABASE|SENTRY|OTEL)_[A-Z_]+\b", GUIDE)
    )
    assert len(named) > 8
    assert not [name for name in named if f"#{name}=" not in example]
