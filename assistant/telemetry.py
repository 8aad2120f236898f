"""Error reports and traces, switched on by the settings. Without them nothing of it is imported."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from assistant.masking import masker
from assistant.settings import Settings
from assistant.start_errors import StartError, told_in_a_sentence

if TYPE_CHECKING:
    from assistant.tracing import Tracing

logger = structlog.get_logger(__name__)

_PROGRAM = "booking-assistant"
_FAILURE = 1


@contextmanager
def error_reports(settings: Settings) -> Iterator[None]:
    """Report the serious lines of the log to Sentry while the body runs.

    Raises:
        StartError: it is wanted, but can't be had.
    """
    if settings.sentry_dsn is None:
        yield
        return
    try:
        from assistant.error_reports import ErrorReports
    except ModuleNotFoundError as error:
        raise _missing("SENTRY_DSN", error) from None
    handler = ErrorReports(
        settings.sentry_dsn.get_secret_value(),
        level=settings.sentry_level,
        environment=settings.sentry_environment,
        release=f"{_PROGRAM}@{version(_PROGRAM)}",
        mask=masker(settings.secret_values()),
    )
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


@contextmanager
def last_words() -> Iterator[None]:
    """Log a defect that ends the process, and end it.

    Python's own last words would be the exception's, and those may be a customer's.

    Raises:
        SystemExit: in place of the defect.
    """
    try:
        yield
    except told_in_a_sentence():
        raise
    except Exception:  # a defect, whichever it is: it must be seen, and must not be quoted
        logger.critical("stopped_by_a_defect", exc_info=True)
        sys.exit(_FAILURE)


@contextmanager
def tracing(settings: Settings) -> Iterator[Tracing | None]:
    """Open the way to the collector while the body runs; None where there is none.

    Raises:
        StartError: it is wanted, but can't be had.
    """
    if settings.otel_exporter_otlp_endpoint is None:
        yield None
        return
    try:
        from assistant.tracing import Tracing
    except ModuleNotFoundError as error:
        raise _missing("OTEL_EXPORTER_OTLP_ENDPOINT", error) from None
    opened = Tracing(
        settings.otel_exporter_otlp_endpoint,
        headers=settings.otel_headers(),
        service=settings.otel_service_name,
        version=version(_PROGRAM),
        model=settings.openai_model,
    )
    try:
        yield opened
    finally:
        opened.close()


def _missing(setting: str, error: ModuleNotFoundError) -> StartError:
    return StartError(
        f"{setting} is set, but {error.name} isn't installed:"
        f" pip install '{_PROGRAM}[telemetry]', or take the setting away."
    )
