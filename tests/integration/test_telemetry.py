"""What leaves the machine about a conversation: error reports and traces, without any of it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from assistant.error_reports import ErrorReports
from assistant.logs import close_logs, configure_logs
from assistant.metrics import Metrics
from assistant.recorder import Recorder, Recorders, SendOutcome, Stage, ToolOutcome, Work
from assistant.settings import Settings, load_settings
from assistant.start_errors import StartError
from assistant.telemetry import error_reports, last_words, tracing
from booking.business import Business
from db.errors import DatabaseError
from db.session import Database
from db.store import Store
from tests.conftest import ROOT, MovableClock, settings_for
from tests.fakes.otlp import FakeCollector
from tests.fakes.sentry import FakeSentry
from tests.integration.lively import BROKEN_TOOL, CHAT, PRIVATE, TURNS, converse

TOKEN = "987654321:AAF-0123456789abcdefghijklmnopqrstu"


@pytest.fixture
def sentry() -> Iterator[FakeSentry]:
    with FakeSentry.in_thread() as server:
        yield server
        assert server.oddities == []


@pytest.fixture
def collector() -> Iterator[FakeCollector]:
    with FakeCollector.in_thread() as server:
        yield server
        assert server.oddities == []


def settings(**values: Any) -> Settings:
    return load_settings(env_file=None, telegram_bot_token=TOKEN, **values)


@contextmanager
def logging_as_a_process() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    configure_logs(level="debug", format="json")
    try:
        yield
    finally:
        close_logs()
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()


# --- Sentry


async def test_what_fails_is_reported_without_a_word_of_it(
    store: Store, business: Business, clock: MovableClock, sentry: FakeSentry
) -> None:
    with logging_as_a_process(), error_reports(settings(sentry_dsn=sentry.dsn)):
        await converse(store, business, clock)
    found = {event["logentry"]["message"]: event for event in sentry.events}
    # Warnings (a model that is away, an unbacked text) are below the level.
    assert sorted(found) == ["tool_failed", "turn_failed"]
    tool, turn = found["tool_failed"], found["turn_failed"]
    assert tool["extra"] == {"tool": BROKEN_TOOL, "turn_id": 7, "update_id": 7}
    assert turn["extra"] == {"turn_id": TURNS, "update_id": TURNS, "inbox_ids": [TURNS]}
    assert (tool["level"], tool["environment"]) == ("error", "production")
    assert tool["release"].startswith("booking-assistant@")
    cause, raised = tool["exception"]["values"]
    assert (cause["type"], raised["type"]) == ("KeyError", "ValueError")
    frame = raised["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["context_line"].strip()) == (
        "fails",
        "raise ValueError(words) from error",
    )
    [refused] = turn["exception"]["values"]
    assert "text: string_type" in refused["value"]
    for body in sentry.bodies:
        for word in (*PRIVATE, str(CHAT), "vars", "argv", "breadcrumbs", "modules", "request"):
            assert word.encode() not in body, word


def test_severity_decides(sentry: FakeSentry) -> None:
    with logging_as_a_process(), error_reports(settings(sentry_dsn=sentry.dsn)):
        structlog.get_logger("assistant.x").warning("not this")
        structlog.get_logger("assistant.x").error("this")
    with (
        logging_as_a_process(),
        error_reports(
            settings(sentry_dsn=sentry.dsn, sentry_level="warning", sentry_environment="lab")
        ),
    ):
        structlog.get_logger("assistant.x").info("nor this")
        structlog.get_logger("assistant.x").warning("this one", kind="quota", name="Ada")
        structlog.get_logger("assistant.x").critical("and this")
    told = [(event["logentry"]["message"], event["level"]) for event in sentry.events]
    assert told == [("this", "error"), ("this one", "warning"), ("and this", "fatal")]
    assert sentry.events[1]["extra"] == {"kind": "quota"}
    assert sentry.events[1]["environment"] == "lab"


def test_a_librarys_line_is_named_and_not_repeated(sentry: FakeSentry) -> None:
    with logging_as_a_process(), error_reports(settings(sentry_dsn=sentry.dsn)):
        logging.getLogger("asyncio").error(f"Task failed: {'mohawk'}")
        logging.getLogger("urllib3.connectionpool").error("our own way to Sentry")
        try:
            raise DatabaseError(f"cannot reach {TOKEN}")
        except DatabaseError:
            logging.getLogger("asyncio").exception("Task %s failed", "mohawk")
    messages = [event["logentry"]["message"] for event in sentry.events]
    assert [message.split(":")[0] for message in messages] == ["test_telemetry"] * 2
    assert sentry.events[1]["exception"]["values"][0]["value"] == "cannot reach ***"
    assert b"mohawk" not in b"".join(sentry.bodies)


def test_what_an_integration_would_add_is_taken_out() -> None:
    handler = ErrorReports(
        "http://key@127.0.0.1:1/1", level="error", environment="lab", release="1", mask=str.strip
    )
    frame = {"function": "f", "lineno": 1, "vars": {"text": "mohawk"}}
    value = {"type": "X", "value": "mohawk", "stacktrace": {"frames": [frame]}}
    event: Any = {
        "level": "error",
        "exception": {"values": [value]},
        "request": {"data": "mohawk"},
        "user": {"username": "mohawk"},
        "breadcrumbs": ["mohawk"],
        "tags": {"mohawk": "mohawk"},
    }
    scrubbed = handler._scrubbed(event, {})
    handler.close()
    frame = {"function": "f", "lineno": 1}
    value = {"type": "X", "value": "", "stacktrace": {"frames": [frame]}}
    assert scrubbed == {"level": "error", "exception": {"values": [value]}}


def test_a_defect_that_ends_the_process_is_reported_and_not_quoted(sentry: FakeSentry) -> None:
    reporting = settings(sentry_dsn=sentry.dsn)
    with logging_as_a_process():
        with pytest.raises(SystemExit) as ended, error_reports(reporting), last_words():
            raise ValueError("mohawk")
        assert ended.value.code == 1
        with (
            pytest.raises(StartError, match="a reason"),
            error_reports(reporting),
            last_words(),
        ):
            raise StartError("a reason that whoever starts it is told")
    [event] = sentry.events
    assert (event["level"], event["logentry"]["message"]) == ("fatal", "stopped_by_a_defect")
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert event["exception"]["values"][0]["value"] == ""


def test_a_sentry_that_is_away_disturbs_nobody(sentry: FakeSentry) -> None:
    sentry.down = True
    with logging_as_a_process(), error_reports(settings(sentry_dsn=sentry.dsn)):
        structlog.get_logger("assistant.x").error("this")
    assert sentry.events == []


# --- OpenTelemetry


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool of the test's own: what watches its engine goes with it."""
    database = Database(settings_for(database_url))
    yield database
    await database.close()


@contextmanager
def traced(collector: FakeCollector, store: Store, **more: Any) -> Iterator[Recorder]:
    """Record into metrics and a collector, as a process does."""
    wanted = settings(otel_exporter_otlp_endpoint=collector.endpoint, **more)
    with tracing(wanted) as traces:
        assert traces is not None
        traces.watch(store.database.engine.sync_engine)
        yield Recorders(Metrics(CollectorRegistry()), traces)


async def test_a_conversation_in_traces(
    store: Store, business: Business, clock: MovableClock, collector: FakeCollector
) -> None:
    collector.wanted_headers = {"x-key": "a b"}
    with traced(
        collector, store, otel_exporter_otlp_headers="X-Key=a%20b", otel_service_name="front desk"
    ) as recorder:
        await converse(store, business, clock, recorder)
    assert collector.resource["service.name"] == "front desk"
    turns = collector.named("turn")
    assert [turn.attributes["assistant.turn_id"] for turn in turns] == list(range(1, TURNS + 1))
    assert all((turn.parent, turn.kind) == ("", "consumer") for turn in turns)
    booking = turns[2]
    assert booking.attributes["assistant.turn.outcome"] == "proposed"
    assert booking.attributes["assistant.turn.kind"] == "text"
    assert booking.attributes["assistant.queue_wait_seconds"] == 0
    names = [span.name for span in collector.under(booking)]
    assert [name for name in names if name != "transaction"] == [
        "chat gpt-6-luna",
        "execute_tool create_appointment",
    ]
    assert (names[0], names[-1]) == ("transaction", "transaction")  # its opening and its end
    [chat] = [each for each in collector.under(booking) if each.name == "chat gpt-6-luna"]
    assert chat.kind == "client"
    assert chat.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-6-luna",
        "gen_ai.response.model": "scripted",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 50,
        "gen_ai.usage.output_tokens": 20,
    }
    [tool] = [each for each in collector.under(booking) if "execute_tool" in each.name]
    assert tool.attributes["assistant.tool.outcome"] == "ok"
    held = collector.under(tool)
    assert [span.name for span in held] == ["transaction"] * len(held)
    assert {span.attributes["assistant.transaction.outcome"] for span in held} == {"commit"}
    assert sum(span.attributes["assistant.transaction.statements"] for span in held) > 5
    deliveries = [span for span in collector.spans if span.name.startswith("delivery ")]
    assert len(deliveries) >= TURNS
    assert all(span.attributes["assistant.outbox_id"] for span in deliveries)
    assert {span.name for span in deliveries} >= {"delivery message", "delivery receipt"}
    # Each leads back to the turn that wrote it: the yes got a receipt, and nothing else.
    yes, others = turns[3:4], [*turns[:3], *turns[4:]]
    for name, caused in (("delivery message", others), ("delivery receipt", yes)):
        linked = [span.links for span in deliveries if span.name == name]
        assert {len(links) for links in linked} == {1}
        assert {link for links in linked for link in links} == {(t.trace, t.id) for t in caused}
    assert CHAT not in [value for span in collector.spans for value in span.attributes.values()]
    for body in collector.bodies:
        for word in PRIVATE:
            assert word.encode() not in body, word


async def test_failures_in_traces(
    store: Store, business: Business, clock: MovableClock, collector: FakeCollector
) -> None:
    with traced(collector, store) as recorder:
        await converse(store, business, clock, recorder)
        with recorder.span(Work.TURN):
            recorder.refusal("outside_hours")
            recorder.tool("unknown", ToolOutcome.BAD_ARGUMENTS)
        with recorder.span(Work.DELIVERY):
            recorder.send("reminder", SendOutcome.UNKNOWN)
    failed = {span.name: span.attributes["error.type"] for span in collector.spans if span.failed}
    assert failed == {
        "chat gpt-6-luna": "server",
        f"execute_tool {BROKEN_TOOL}": "failed",
        "turn": "failed",  # the worker's apology
        "delivery reminder": "unknown",
    }
    noted = [each for span in collector.spans for each in span.events]
    assert ("refusal", {"assistant.refusal.code": "outside_hours"}) in noted
    assert ("bad_arguments", {"gen_ai.tool.name": "unknown"}) in noted


async def test_what_is_done_for_nobody_is_not_traced(
    store: Store, business: Business, collector: FakeCollector
) -> None:
    with traced(collector, store):
        await store.database.ping()
        async with store.worker():
            pass
    assert collector.spans == []


async def test_a_connection_that_breaks_has_a_span_too(
    database: Database, store: Store, collector: FakeCollector
) -> None:
    """SQLAlchemy's own place for notes can't be had any more once it broke."""
    with traced(collector, store) as recorder, recorder.span(Work.TURN):
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            await connection.invalidate()
    [transaction, _] = collector.spans
    assert transaction.attributes["assistant.transaction.outcome"] == "rollback"


async def test_a_collector_that_is_away_disturbs_nobody(
    store: Store, business: Business, clock: MovableClock, collector: FakeCollector
) -> None:
    collector.down = True
    with traced(collector, store) as recorder, recorder.span(Work.TURN):
        pass
    assert collector.spans == []


def test_an_exception_leaves_its_type_and_no_word(store: Store, collector: FakeCollector) -> None:
    with (
        traced(collector, store) as recorder,
        pytest.raises(ValueError, match="mohawk"),
        recorder.timed(Stage.MODEL),
    ):
        raise ValueError("mohawk")
    [span] = collector.spans
    assert (span.failed, span.attributes["error.type"], span.events) == (True, "ValueError", ())


# --- without them


def test_nothing_is_imported_that_is_not_wanted() -> None:
    """The start and each turn cost the same as if neither existed."""
    program = (
        "import sys, assistant.cli, assistant.telegram.serve;"
        "print([name for name in sys.modules"
        " if name.split('.')[0] in ('sentry_sdk', 'opentelemetry', 'google', 'requests')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    with error_reports(settings()), tracing(settings()) as traces:
        assert traces is None


@pytest.mark.parametrize(
    ("setting", "value", "module", "switch"),
    [
        ("sentry_dsn", "https://key@127.0.0.1/1", "sentry_sdk", error_reports),
        ("otel_exporter_otlp_endpoint", "http://127.0.0.1:1", "opentelemetry", tracing),
    ],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, module: str, switch: Any
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    for ours in ("assistant.error_reports", "assistant.tracing"):
        monkeypatch.delitem(sys.modules, ours, raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with (
        pytest.raises(StartError, match=rf"{setting.upper()} is set, but {module}"),
        switch(settings(**{setting: value})),
    ):
        raise AssertionError
