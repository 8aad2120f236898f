"""Logs: one format for all loggers, and no secret in any of it."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.logs import close_logs, configure_logs
from assistant.masking import masker
from db.errors import DatabaseError, DatabaseUnavailableError

TOKEN = "987654321:AAF-0123456789abcdefghijklmnopqrstu"
KEY = "sk-proj-abcdefgh12345678"
SAID = "mohawk at ten"
PASSWORD = 'w0nder/"land" ü'


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx2", "sqlalchemy", "openai")}
    yield
    close_logs()
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(**options: object) -> io.StringIO:
    stream = io.StringIO()
    values: dict[str, object] = {"format": "json", "secrets": [PASSWORD, "abc"], **options}
    configure_logs(stream=stream, **values)  # type: ignore[arg-type]
    return stream


def test_both_kinds_of_loggers_write_the_same_json() -> None:
    stream = configured()
    with structlog.contextvars.bound_contextvars(chat="c1"):
        structlog.get_logger("assistant.turn").info("turn done", calls=2)
        logging.getLogger("some.library").warning("odd: %s", "thing")
    ours, theirs = logged(stream)
    assert ours["event"] == "turn done"
    assert (ours["level"], ours["logger"], ours["calls"]) == ("info", "assistant.turn", 2)
    assert (theirs["event"], theirs["level"], theirs["chat"]) == ("odd: thing", "warning", "c1")
    assert str(ours["timestamp"]).endswith("Z")


def test_the_console_format_is_for_people() -> None:
    stream = configured(format="console")
    structlog.get_logger("assistant").info("ready", port=8080)
    assert "ready" in stream.getvalue()
    assert "port=8080" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()  # no colours where nobody looks


def test_auto_is_json_where_there_is_no_terminal() -> None:
    stream = configured(format="auto")
    structlog.get_logger("assistant").info("ready")
    assert logged(stream)[0]["event"] == "ready"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_auto_is_the_console_on_a_terminal() -> None:
    stream = Terminal()
    configure_logs(stream=stream)
    structlog.get_logger("assistant").info("ready")
    assert not stream.getvalue().startswith("{")


def test_the_level_holds_for_all_loggers() -> None:
    stream = configured(level="WARNING")
    structlog.get_logger("assistant").info("not this")
    logging.getLogger("library").info("nor this")
    structlog.get_logger("assistant").warning("this")
    assert [line["event"] for line in logged(stream)] == ["this"]


def test_chatty_libraries_are_quiet_even_in_debug() -> None:
    stream = configured(level="debug")
    for name in ("openai._base_client", "httpcore2.http11", "sqlalchemy.engine.Engine", "asyncio"):
        logging.getLogger(name).debug("Request options: what a customer said")
    logging.getLogger("sqlalchemy.engine.Engine").info("SELECT what a customer said")
    structlog.get_logger("assistant").debug("ours")
    assert [line["event"] for line in logged(stream)] == ["ours"]
    stream = configured(level="info")
    logging.getLogger("httpx2").info("HTTP Request: POST https://api.example/v1")
    logging.getLogger("httpx2").warning("this one")
    assert [line["event"] for line in logged(stream)] == ["this one"]


def fail() -> None:
    local_value = "a local variable"  # tracebacks must not print it
    raise DatabaseError(f"cannot reach {PASSWORD} {TOKEN}", local_value[:0])


@pytest.mark.parametrize("format", ["json", "console"])
def test_secrets_are_masked_everywhere(format: str) -> None:
    stream = configured(format=format)
    log = structlog.get_logger("assistant").bind(bound=TOKEN)
    log.info(
        f"key {KEY}",
        url=f"https://api.telegram.org/bot{TOKEN}/getMe",
        quoted=f"/bot{quote(TOKEN)}/x",
        nested={"deep": [{"er": (PASSWORD,)}], KEY: 1},
        dsn="postgresql://alice:hidden@db.example/shop",
        header="Bearer whatever-it-is",
        escaped=quote(PASSWORD),
    )
    library = logging.getLogger("library")
    library.warning("positional %s %r", TOKEN, [PASSWORD])
    log.info("positional %s", KEY)
    try:
        fail()
    except DatabaseError as error:
        library.exception("foreign")
        log.exception("ours", error=error, arguments=error.args)
    text = stream.getvalue()
    assert text.count("***") >= 12
    hidden = [TOKEN, TOKEN[10:], KEY, PASSWORD, "w0nder", "hidden", "whatever-it-is"]
    assert not [secret for secret in hidden if secret in text]
    assert "a local variable" not in text
    assert "DatabaseError" in text
    assert "Traceback" in text


def test_short_secrets_are_masked_without_spoiling_words() -> None:
    mask = masker(["abc", ""])
    assert mask("abc abcd 'abc' x=abc") == "*** abcd '***' x=***"


def test_ordinary_text_stays() -> None:
    mask = masker([PASSWORD])
    for text in [
        "turn done at 2026-11-21T09:00:00+01:00 for chat 987654321: 3 calls",
        "https://example.org:8443/path?x=1",
        "task-sk-1 mail alice@example.org",
    ]:
        assert mask(text) == text


def test_what_postgresql_quotes_of_a_row_is_left_out() -> None:
    stream = configured()
    structlog.get_logger("assistant").error(
        "failed",
        error='new row violates check "ck"\nDETAIL:  Failing row contains (1, my\nphone: 555).\n'
        "[SQL: INSERT INTO t]",
    )
    assert logged(stream)[0]["error"] == 'new row violates check "ck"\n[SQL: INSERT INTO t]'


class Wish(BaseModel):
    """What a model may ask for."""

    model_config = ConfigDict(extra="forbid")

    hour: int


def raised(error: Exception) -> Exception:
    """Raise it, from one that happened before: a KeyError, whose words are the key."""
    try:
        try:
            {}[SAID]
        except KeyError as first:
            raise error from first
    except type(error) as caught:
        return caught


def refused(**wish: object) -> Exception:
    """Have pydantic refuse a wish."""
    try:
        Wish.model_validate(wish)
    except ValidationError as error:
        return error
    raise AssertionError("it was not refused")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (raised(RuntimeError("mohawk")), "RuntimeError: (its words are left out)"),
        (raised(ValueError("mohawk", "at ten")), "ValueError: (its words"),
        (refused(hour="mohawk"), "ValidationError: hour: int_parsing"),
        (refused(hour=1, mohawk=2), "ValidationError: ?: extra_forbidden"),
        (raised(FileNotFoundError(2, "No such file", "mohawk.txt")), "FileNotFoundError: No such"),
        (raised(DatabaseError("the database is away")), "db.errors.DatabaseError: the database is"),
        (raised(DatabaseUnavailableError("too busy")), "DatabaseUnavailableError: too busy"),
        (raised(AttributeError("no attribute 'x'")), "AttributeError: no attribute 'x'"),
        (raised(ExceptionGroup("mohawk", [OSError("mohawk")])), "  | OSError: (its words"),
    ],
)
def test_an_exception_tells_where_and_not_what(error: Exception, words: str) -> None:
    """What it stumbled over may be what a customer wrote."""
    stream = configured()
    structlog.get_logger("assistant").error("ours", exc_info=error, error=error, nested=[error])
    info = (type(error), error, error.__traceback__)
    logging.getLogger("asyncio").error("Task failed\nfuture: <%r>", error, exc_info=info)
    for line in logged(stream):
        assert words in str(line["exception"])
        assert "Traceback (most recent call last):" in str(line["exception"])
        assert __file__ in str(line["exception"])
        assert "mohawk" not in str(line)
    assert [line["event"] for line in logged(stream)] == ["ours", "Task failed"]


def test_a_log_file_leaves_the_terminal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "logs" / "chat.log"
    configure_logs(file=file, secrets=[PASSWORD])
    structlog.get_logger("assistant").info("to the file", password=PASSWORD)
    logging.getLogger("library").warning("this too")
    close_logs()
    assert len(file.read_text("utf-8").splitlines()) == 2
    assert "w0nder" not in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert capsys.readouterr() == ("", "")


def test_a_second_call_replaces_the_first() -> None:
    first, second = configured(), configured()
    structlog.get_logger("assistant").info("once")
    assert first.getvalue() == ""
    assert len(logged(second)) == 1


def test_a_record_that_cannot_be_logged_shows_nothing_of_itself(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = configured()
    said = io.StringIO()
    monkeypatch.setattr("sys.__stderr__", said)
    record = logging.LogRecord(
        "library", logging.ERROR, __file__, 7, "too few: %s %s", (TOKEN,), None
    )
    logging.getLogger().handlers[-1].handle(record)
    assert "library:7: a record can't be logged (TypeError)" in said.getvalue()
    assert TOKEN not in said.getvalue() + stream.getvalue() + "".join(capfd.readouterr())


def test_a_full_disk_costs_a_line_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own full device; the message that is being answered goes on."""
    with contextlib.suppress(OSError), open("/dev/full", "w", buffering=1) as full:  # noqa: PTH123
        monkeypatch.setattr("sys.__stderr__", full)
        configure_logs(stream=full)
        for _ in range(2):
            structlog.get_logger("assistant").error("turn_failed")
            logging.getLogger("library").warning("and this")
        went_on = True
    assert went_on


def test_warnings_are_logged() -> None:
    stream = configured()
    warnings.warn("old thing", UserWarning, stacklevel=1)
    assert "old thing" in str(logged(stream)[0]["event"])
