"""What can go wrong with the database, and how it's recognised: by SQLSTATE, never by text."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Worth another try of the whole transaction: serialization failure, deadlock, lock time-out.
RETRIED_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
EXCLUSION_VIOLATION = "23P01"
DISK_FULL = "53100"
# Class 08: connection; class 53: no disk, no memory, no connection left.
_UNAVAILABLE_CLASSES = ("08", "53")
# 57P01-57P03: the server is going down, crashed or starting up; 57014, 25P03, 25P04, 57P05: a
# statement, a transaction or a session took too long.
_UNAVAILABLE_SQLSTATES = frozenset({"57P01", "57P02", "57P03", "57014", "25P03", "25P04", "57P05"})


class DatabaseError(Exception):
    """The database could not do what was asked; nothing was changed."""


class DatabaseUnavailableError(DatabaseError):
    """The database can't be reached, or gave up on locks after a bounded retry.

    The caller answers `temporarily_unavailable`; a repeat with the same idempotency key is safe.
    """


class DatabaseFullError(DatabaseUnavailableError):
    """The server has no space left to write; it goes on by itself once there is some."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        if isinstance(current, DBAPIError) and current.orig is not None:
            yield current.orig
        current = current.__cause__ or current.__context__


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE behind an exception, if there is one."""
    for cause in _causes(error):
        code = getattr(cause, "sqlstate", None)
        if isinstance(code, str):
            return code
    return None


def constraint_name(error: BaseException) -> str | None:
    """Return the name of the constraint that refused, if one did."""
    for cause in _causes(error):
        name = getattr(cause, "constraint_name", None)
        if isinstance(name, str):
            return name
    return None


def is_retried(error: BaseException) -> bool:
    """Return whether another try of the whole transaction can succeed."""
    return sqlstate(error) in RETRIED_SQLSTATES


def is_connection_failure(error: BaseException) -> bool:
    """Return whether the server could not be reached, went away or had nothing left to work with.

    That may be a connection, memory, or space on its disk.
    """
    code = sqlstate(error)
    if code is not None and code.startswith(_UNAVAILABLE_CLASSES):
        return True
    if code in _UNAVAILABLE_SQLSTATES:
        return True
    for cause in _causes(error):
        if isinstance(cause, DBAPIError) and cause.connection_invalidated:
            return True
        if isinstance(
            cause,
            (OSError, PoolTimeoutError, asyncpg.InterfaceError, InterfaceError, OperationalError),
        ):
            return True
    return False
