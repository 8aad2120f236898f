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
import yaml
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
from tests.fakes.openai import Call, FakeOpenAI, HttpError, QuotaExhausted, Text
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
        "LIMIT_MESSAGES_PER_MINUTE": "8",
    }


@pytest.fixture
def assistant(settings: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    with started("run", cwd=tmp_path, **settings) as process:
        process.waits_for("Serving northside-barbers", error=True)
        yield process


@pytest.fixture
def ada(telegram: FakeTelegram) -> Person:
    return telegram.person(1001, "Ada", "en")


def until_sent(url: str, count: int) -> None:
    """Wait until it is recorded that so many messages were sent: a moment after they are seen."""
    deadline = time.monotonic() + 60
    while len(query(url, "SELECT 1 FROM outbox WHERE state = 'sent'")) != count:
        assert time.monotonic() < deadline, query(url, "SELECT kind, state FROM outbox")
        time.sleep(0.02)


def status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


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
    openai: FakeOpenAI,
    ada: Person,
    database_url: str,
    port: int,
    tmp_path: Path,
) -> None:
    """The second one works on what the first one takes in; each message is answered once.

    Who floods both costs no model call, is told so once, and can confirm what is open all the same.
    """
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
        assert len(query(database_url, "SELECT 1 FROM turns")) == 6
        until_sent(database_url, 6)
        arguments = {"service": "haircut", "when": WHEN, "staff": None, "notes": None}
        # However many of what follows come in by one: they are within the limit.
        openai.play([Call("create_appointment", arguments), *[Text("Yes?")] * 8])
        ada.says(f"haircut {WHEN}")
        card = ada.waits_for_sync("Please check and confirm")
        for number in range(9):
            ada.says(f"hello? {number}")
        ada.waits_for_sync("a lot of messages")
        asked = len(openai.requests)
        ada.says("hello??")
        ada.presses(card, "Confirm")
        ada.waits_for_sync("✅ Booked")
        assert len(openai.requests) == asked
        told = "SELECT 1 FROM outbox WHERE payload ->> 'text' LIKE '%a lot of messages%'"
        assert len(query(database_url, told)) == 1
    assert len(telegram.calls_of("setWebhook")) == 1


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


# What people wrote, were told, and are called, and what opens doors.
CANARIES = (
    *("mohawk", "perfume", "trombone", "zither", "bassoon", "ukulele", "harpsichord", "oboe"),
    *("Adaline", "Belinda", "Bolzano", "cara_c", "Dorothea", "Olga", "15112345678"),
    *("sk-test", "fake-token-for-tests-only"),
)


def test_nothing_that_was_said_leaves_the_process(
    settings: dict[str, str],
    telegram: FakeTelegram,
    openai: FakeOpenAI,
    database_url: str,
    port: int,
    tmp_path: Path,
) -> None:
    """Not into the log at its loudest, nor into reports, traces and metrics, whatever fails."""
    shop = yaml.safe_load((ROOT / "examples" / "barber.yaml").read_text("utf-8"))
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(shop | {"owner_chat_ids": [900]}), "utf-8")
    with FakeSentry.in_thread() as sentry, FakeCollector.in_thread() as collector:
        settings |= {
            "ASSISTANT_BUSINESS_FILE": "shop.yaml",
            "LOG_LEVEL": "debug",
            "SENTRY_DSN": sentry.dsn,
            "SENTRY_LEVEL": "warning",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        }
        with started("run", cwd=tmp_path, **settings) as process:
            process.waits_for("Serving northside-barbers", error=True)
            until_ready(port)
            _much_is_said(telegram, openai, database_url)
            _what_nobody_can_read(telegram)
            process.waits_for("update_set_aside", error=True)
            said = run("broadcast", "ukuleles!", "--to", "all", "--yes", cwd=tmp_path, **settings)
            assert said.returncode == 0, said.stderr
            telegram.person(1003).waits_for_sync("ukuleles")
            kept = run("backup", "kept.zip", cwd=tmp_path, **settings)
            assert kept.returncode == 0, kept.stderr
            page = get(port, "/metrics")[1].decode()
            assert process.ends(signal.SIGTERM, timeout=20) == 0
            logged = "".join(process.err)
        expected = {"tool_database_error", "model_away", "update_set_aside", "voice_transcribed"}
        assert expected <= set(re.findall(r'"event": "(\w+)"', logged))
        reported = [event["logentry"]["message"] for event in sentry.events]
        assert {"tool_database_error", "model_away", "update_set_aside"} <= set(reported)
        assert True in [span.failed for span in collector.named("chat gpt-6-luna")]
        assert {span.name for span in collector.spans} >= {
            "delivery hand_off",
            "delivery owner_hand_off",
            "delivery broadcast",
        }
        assert sentry.oddities + collector.oddities == []
        sent = b"".join(sentry.bodies + collector.bodies)
        for word in CANARIES:
            for what in (logged, page, said.stderr, kept.stderr, kept.stdout):
                assert word not in what, word
            assert word.encode() not in sent, word


def _much_is_said(telegram: FakeTelegram, openai: FakeOpenAI, database_url: str) -> None:
    """A tool and the model fail; a voice message, a contact, a chat that a person takes."""
    ada = telegram.person(1001, "Adaline", "en")
    bea = telegram.person(1002, "Belinda", "en", last_name="Bolzano")
    cara = telegram.person(1003, "C", "en", username="cara_c")
    dora, owner = telegram.person(1004, "Dorothea", "en"), telegram.person(900, "Olga", "en")
    owner.says("/start")
    cara.sends_contact("+4915112345678")
    query(database_url, "ALTER TABLE appointment_events RENAME TO elsewhere")
    wish = {"service": "haircut", "when": WHEN, "staff": None, "notes": "no perfume"}
    openai.play([Call("create_appointment", wish)])
    ada.says("a mohawk on Tuesday at 10, no perfume")
    ada.waits_for_sync("can't be reached for a moment")
    cara.waits_for_sync("15112345678")
    owner.waits_for_sync("Northside Barbers")
    openai.play([Text("A trombone? Which day?")])
    openai.hear(Text("I'd like a cut for my trombone."))
    bea.sends_voice(b"OggS" + bytes(300), 2)
    bea.waits_for_sync("Which day")
    openai.play([HttpError(400, body={"error": {"message": "what is a 'mohawk'?"}})])
    ada.says("a mohawk then?")
    ada.waits_for_sync("I can't chat freely right now")
    dora.says("/human")
    owner.waits_for_sync("would like to talk")
    dora.says("my zither is broken")
    told = owner.waits_for_sync("zither")
    owner.says("bring your bassoon", reply_to=told)
    dora.waits_for_sync("bassoon")


def _what_nobody_can_read(telegram: FakeTelegram) -> None:
    """Post updates as Telegram would, with what this version doesn't know in them."""
    hook = telegram.calls_of("setWebhook")[0].params
    headers = {
        "Content-Type": "application/json",
        "X-Telegram-Bot-Api-Secret-Token": hook["secret_token"],
    }
    chat = {"id": 1005, "type": "private", "first_name": "Harpsichord-oboe"}
    bodies = [
        {"update_id": 999_999_001, "message": {"chat": chat, "text": {"harpsichord": "oboe"}}},
        {"update_id": "oboe", "message": {"text": "harpsichord"}},
    ]
    posts = [urllib.request.Request(hook["url"], json.dumps(b).encode(), headers) for b in bodies]
    assert [status_of(post) for post in posts] == [200, 400]


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
