"""Exceptions as logs and error reports may show them: where they happened, not what they say.

The words of an exception quote what it stumbled over (a refused value, a missing key, a row), which
is what a customer wrote. Its type and the lines of our own source say what a developer needs.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from types import TracebackType

from pydantic import ValidationError

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_WITHHELD = "(its words are left out)"
# Their words are Python's own, about the program. By name: most of ours aren't imported yet.
_ABOUT_US = frozenset(
    {
        "builtins.AttributeError",
        "builtins.ImportError",
        "builtins.NameError",
        "builtins.RecursionError",
        "builtins.ZeroDivisionError",
        "assistant.start_errors.StartError",
        "db.backup.archive.BackupError",
        "db.embedded.binaries.EmbeddedUnavailable",
        "db.errors.DatabaseError",
    }
)
_MOST_LINKS = 10


def words_of(error: BaseException) -> str:
    """Return what an exception may say of itself; "" where that is nothing."""
    if isinstance(error, ValidationError):
        return ", ".join(
            f"{problem['loc'][0] if problem['loc'] and _is_field(problem['type']) else '?'}:"
            f" {problem['type']}"
            for problem in error.errors(include_url=False, include_context=False)
        )
    if isinstance(error, OSError):
        return error.strerror or ""  # without the file's name
    names = {_name(kind) for kind in type(error).__mro__}
    return str(error) if names & _ABOUT_US else ""


def _is_field(problem: str) -> bool:
    # A field that isn't wanted has a name that somebody else chose.
    return problem != "extra_forbidden"


def formatted(exc_info: ExcInfo) -> str:
    """Return a traceback with its causes, and of each exception no more than `words_of` it."""
    return "\n".join(_lines(exc_info[1], exc_info[2]))


def chain(error: BaseException) -> list[BaseException]:
    """Return an exception and what led to it, the first cause first."""
    links = [error]
    while len(links) < _MOST_LINKS:
        last = links[-1]
        before = last.__cause__ or (None if last.__suppress_context__ else last.__context__)
        if before is None or before in links:
            break
        links.append(before)
    return links[::-1]


def _lines(error: BaseException, trace: TracebackType | None) -> Iterator[str]:
    for link in chain(error):
        stack = trace if link is error else link.__traceback__
        if stack is not None:
            yield "Traceback (most recent call last):"
            yield "".join(traceback.format_tb(stack)).rstrip("\n")
        yield f"{_name(type(link)).removeprefix('builtins.')}: {words_of(link) or _WITHHELD}"
        if isinstance(link, BaseExceptionGroup):
            for each in link.exceptions:
                yield from (f"  | {line}" for line in _lines(each, each.__traceback__))


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
