"""What is wrong with a file that admins edit, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Of hundreds of mistakes the first ones say enough in a chat; the check and the log have them all.
_SHORT = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    Args:
        file: the file, or what else the text came from.
        line: counted from 1; None where the mistake has no line (something is missing).
        text: what is wrong and what to change.
        fatal: whether the edition can't be used; the others are told by the check only.
    """

    file: str
    line: int | None
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.text}"


def listed(problems: Iterable[Problem]) -> str:
    """Return the problems, one a line."""
    return "\n".join(map(str, problems))


def shortlisted(problems: Sequence[Problem]) -> str:
    """Return the first problems, one a line, and how many more there are."""
    more = len(problems) - _SHORT
    return listed(problems[:_SHORT]) + (f"\n… +{more}" if more > 0 else "")
