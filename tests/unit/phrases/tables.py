"""Reads the tables of phrases and writes what was resolved in their notation.

Notation: `2026-12-08 15:00`, `15:00`, `2026-12-08 morning`, bounds `14:00-16:00`, `17:00-`,
`-12:00`, ranges `2026-11-23..2026-11-29`, open `2026-12-09..`, several moments joined by ` / `,
`mismatch WEEKDAY DATE`, `impossible FAULT`, `-` for nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from booking.phrases import Ambiguous, Expect, Impossible, Mismatch, Moment, Resolution

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    now: dt.datetime
    language: str
    phrase: str
    expected: str
    expect: Expect | None


def rows(language: str) -> list[Row]:
    """Return the lines of a language's table."""
    found = []
    for line in (HERE / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            now, code, phrase, expected, *question = line.split("\t")
            expect = cast(Expect, question[0]) if question else None
            found.append(Row(dt.datetime.fromisoformat(now), code, phrase, expected, expect))
    return found


def written(moment: Moment) -> str:
    """Return a moment in the tables' notation."""
    words = []
    if moment.date is not None:
        date = moment.date.isoformat()
        if moment.date_to is not None:
            date += f"..{moment.date_to.isoformat()}"
        elif moment.open_end:
            date += ".."
        words.append(date)
    if moment.time is not None:
        words.append(f"{moment.time:%H:%M}")
    elif moment.time_from is not None or moment.time_to is not None:
        bounds = [f"{t:%H:%M}" if t else "" for t in (moment.time_from, moment.time_to)]
        words.append("-".join(bounds))
    elif moment.part_of_day is not None:
        words.append(str(moment.part_of_day))
    return " ".join(words)


def notation(found: Resolution | None) -> str:
    """Return a resolution in the tables' notation."""
    if found is None:
        return "-"
    if isinstance(found, Ambiguous):
        return " / ".join(written(moment) for moment in found.moments)
    if isinstance(found, Mismatch):
        return f"mismatch {found.weekday} {found.date.isoformat()}"
    if isinstance(found, Impossible):
        return f"impossible {found.fault}"
    return written(found.moment)
