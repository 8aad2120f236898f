"""Structured logs: everything goes through one handler, and no secret gets past it.

Loggers are structlog's (`structlog.get_logger(__name__)`); what libraries write with the standard
library takes the same way.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from assistant.masking import masker
from assistant.tracebacks import formatted, words_of

# Libraries that write much, or about what customers said, at these levels; the level they get
# when the assistant itself logs everything, and otherwise.
_QUIET = {
    "aiogram": (logging.INFO, logging.WARNING),
    "aiohttp": (logging.INFO, logging.WARNING),
    "alembic": (logging.INFO, logging.WARNING),
    "asyncio": (logging.INFO, logging.WARNING),
    "httpcore": (logging.WARNING, logging.WARNING),
    "httpcore2": (logging.WARNING, logging.WARNING),
    "httpx": (logging.INFO, logging.WARNING),
    "httpx2": (logging.INFO, logging.WARNING),
    "openai": (logging.WARNING, logging.WARNING),
    "sqlalchemy": (logging.WARNING, logging.WARNING),
    "opentelemetry": (logging.WARNING, logging.WARNING),
    "sentry_sdk": (logging.WARNING, logging.WARNING),
    "tzlocal": (logging.WARNING, logging.WARNING),
    "urllib3": (logging.INFO, logging.WARNING),
}
# PostgreSQL quotes the row that it refused, and with it what a customer wrote.
_DETAIL = re.compile(
    r"^[ |]*DETAIL:.*?"
    r"(?=^[ |]*(?:HINT:|CONTEXT:|\[SQL|\(Background|The above|During|Traceback)|\Z)",
    re.MULTILINE | re.DOTALL,
)
Mask = Callable[[str], str]


def configure_logs(
    *,
    level: str = "info",
    format: str = "auto",
    secrets: Iterable[str] = (),
    file: Path | None = None,
    stream: TextIO | None = None,
) -> None:
    """Set up logging for the process; a second call replaces the first.

    Args:
        level: "debug", "info", "warning" or "error".
        format: "console", "json", or "auto": console on a terminal, JSON elsewhere.
        secrets: values that are masked wherever they appear (`Settings.secret_values`).
        file: written to instead of the stream, for when the terminal shows a conversation.
        stream: standard error by default.

    Raises:
        OSError: the file can't be written.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    mask = masker(secrets)
    handler = _handler(file, stream, mask)
    console = format == "console" or (format == "auto" and _is_terminal(handler))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    render: Processor = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if console:
        render = structlog.dev.ConsoleRenderer(
            colors=_is_terminal(handler),
            # The prettier formatters print the values of local variables.
            exception_formatter=structlog.dev.plain_traceback,
        )
    handler.setFormatter(
        _MaskingFormatter(
            mask,
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _first_line_of_asyncio,
                structlog.processors.ExceptionRenderer(formatted),
                _Masked(mask),
                render,
            ],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a later call must reach the loggers that exist
    )
    close_logs()
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(threshold)
    for name, (in_debug, otherwise) in _QUIET.items():
        quiet = in_debug if threshold <= logging.DEBUG else otherwise
        logging.getLogger(name).setLevel(max(threshold, quiet))
    logging.captureWarnings(True)


def close_logs() -> None:
    """Take away the handler of `configure_logs` and close its file."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(handler)
        handler.close()


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream; a record that can't be written is named without what is in it."""

    def __init__(self, stream: TextIO, mask: Mask, *, owned: bool) -> None:
        super().__init__(stream)
        self._mask = mask
        self._owned = owned

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        error = sys.exc_info()[1]
        if isinstance(error, (BrokenPipeError, RecursionError)):
            return  # nobody reads the logs any more, or there is no room to say anything
        words = f"{record.name}:{record.lineno}: a record can't be logged ({type(error).__name__})"
        if sys.__stderr__ is not None:
            # On a full disk not even that: a line that is lost must not cost a message its answer.
            with contextlib.suppress(OSError):
                sys.__stderr__.write(self._mask(words) + "\n")

    def close(self) -> None:
        if self._owned:
            self.stream.close()
        super().close()


def _handler(file: Path | None, stream: TextIO | None, mask: Mask) -> _Handler:
    if file is None:
        return _Handler(stream or sys.stderr, mask, owned=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Logs say who wrote when: they are the owner's alone.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return _Handler(os.fdopen(descriptor, "a", encoding="utf-8"), mask, owned=True)


def _is_terminal(handler: _Handler) -> bool:
    return handler.stream.isatty()


def _first_line_of_asyncio(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What asyncio says of a task or a callback goes on with its repr, exception included."""
    if event.get("logger") == "asyncio" and isinstance(event["event"], str):
        event["event"] = event["event"].split("\n", 1)[0]
    return event


class _Masked:
    """A processor that masks the texts of an event before they are rendered (and escaped)."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._mask(_DETAIL.sub("", value))
        if isinstance(value, BaseException):
            return self._clean(f"{type(value).__name__}: {words_of(value)}")
        if isinstance(value, dict):
            return {self._clean(key): self._clean(each) for key, each in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean(each) for each in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return self._clean(str(value))


class _MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks the finished line too: the last word on what is written."""

    def __init__(self, mask: Mask, **options: Any) -> None:
        super().__init__(**options)
        self._last = mask

    def format(self, record: logging.LogRecord) -> str:
        return self._last(super().format(record))
