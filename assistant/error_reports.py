"""Error reports to Sentry; imported only where a DSN is set.

They come from the log: a line that is serious enough becomes an event. Sentry is somebody else's
computer, so an event holds less than a line: what happened and where in our source, the numbers
that lead to the rest in the database, and nothing that a customer wrote, was told or is. Nothing
here is global, no library is changed, and Sentry's own integrations are off.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from sentry_sdk import Client
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

from assistant.tracebacks import ExcInfo, chain, words_of

CLOSE_SECONDS = 2.0
# Numbers of ours and words from short lists. A chat's number is a person's.
_SHOWN = frozenset(
    {
        "turn_id",
        "update_id",
        "outbox_id",
        "outbox_ids",
        "inbox_id",
        "inbox_ids",
        "tool",
        "kind",
        "state",
        "status",
        "outcome",
        "problems",
    }
)
# What is in an event otherwise: a request, a user, breadcrumbs, modules, local variables ...
_KEPT = frozenset(
    {
        "event_id",
        "timestamp",
        "platform",
        "level",
        "logger",
        "logentry",
        "exception",
        "extra",
        "release",
        "environment",
        "server_name",
        "sdk",
    }
)
_KEPT_OF_FRAME = frozenset({"filename", "module", "function", "lineno", "in_app", "context_line"})
_LEVELS = {logging.WARNING: "warning", logging.ERROR: "error", logging.CRITICAL: "fatal"}
# Its own troubles would be reported by itself.
_NOT_REPORTED = ("sentry_sdk", "urllib3")


class ErrorReports(logging.Handler):
    """Takes lines of the log and sends the serious ones to Sentry.

    Args:
        dsn: where to.
        level: the least important that is sent: "warning" or "error".
        environment: which installation this is.
        release: version of the program.
        mask: takes secrets out of a text.
    """

    def __init__(
        self,
        dsn: str,
        *,
        level: str,
        environment: str,
        release: str,
        mask: Callable[[str], str],
    ) -> None:
        super().__init__(logging.getLevelNamesMapping()[level.upper()])
        self._mask = mask
        self._client = Client(
            dsn=dsn,
            environment=environment,
            release=release,
            before_send=self._scrubbed,
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            send_client_reports=False,
            debug=False,
            spotlight=False,
            shutdown_timeout=CLOSE_SECONDS,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Report a line."""
        if record.name.startswith(_NOT_REPORTED):
            return
        try:
            exc_info = _exc_info(record)
            event: Event = {
                "level": _LEVELS.get(record.levelno, "error"),  # type: ignore[typeddict-item]
                "logger": record.name,
                "logentry": {"message": _what(record)},
                "extra": _numbers(record),
            }
            hint: Hint = {}
            if exc_info is not None:
                found, hint = event_from_exception(
                    exc_info,
                    client_options=self._client.options,
                    mechanism={"type": "logging", "handled": True},
                )
                event["exception"] = found["exception"]
            self._client.capture_event(event, hint)
        except Exception:  # noqa: BLE001 - logging's contract: what can't be reported is no error
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say on standard error that a line couldn't be reported, and nothing of it."""
        kind = getattr(sys.exc_info()[0], "__name__", "?")
        sys.stderr.write(f"{record.name}:{record.lineno}: can't be reported to Sentry ({kind})\n")

    def _scrubbed(self, event: Event, hint: Hint) -> Event | None:
        """Leave what is on the lists, without secrets: the last word on what is sent."""
        kept: dict[str, Any] = {key: value for key, value in event.items() if key in _KEPT}
        errors = chain(hint["exc_info"][1]) if "exc_info" in hint else []
        for value in kept.get("exception", {}).get("values", []):
            value["value"] = next(
                (words_of(each) for each in errors if type(each).__name__ == value["type"]), ""
            )
            for frame in value.get("stacktrace", {}).get("frames", []):
                for name in frame.keys() - _KEPT_OF_FRAME:
                    del frame[name]
        return self._clean(kept)  # type: ignore[no-any-return]

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, dict):
            return {key: self._clean(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._clean(each) for each in value]
        return value

    def close(self) -> None:
        """Send what is left, and end."""
        self._client.close(timeout=CLOSE_SECONDS)
        super().close()


def _what(record: logging.LogRecord) -> str:
    """The line's event. A library's may be made of anything: where it's from must do."""
    if isinstance(record.msg, dict):
        return str(record.msg.get("event", "?"))
    return f"{record.module}:{record.funcName}:{record.lineno}"


def _numbers(record: logging.LogRecord) -> dict[str, Any]:
    if not isinstance(record.msg, dict):
        return {}
    return {key: value for key, value in record.msg.items() if key in _SHOWN}


def _exc_info(record: logging.LogRecord) -> ExcInfo | None:
    given = record.msg.get("exc_info") if isinstance(record.msg, dict) else record.exc_info
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    found = sys.exc_info() if given is True else given
    return found if isinstance(found, tuple) and found[1] is not None else None
