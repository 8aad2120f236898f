"""What people write, and what it means, by hand-written tables; and phrases of real dialogues."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.phrases import resolve
from tests.unit.phrases.tables import HERE, notation, rows

CODES = ("en", "ru", "de", "es")
ROWS = [row for code in CODES for row in rows(code)]
SGD_NOW = dt.datetime(2019, 3, 1, 8)


@pytest.mark.parametrize("first", ["own", "default"])
@pytest.mark.parametrize("code", CODES)
def test_phrases_mean_what_the_table_says(code: str, first: str) -> None:
    languages = [code, *(other for other in CODES if other != code)] if first == "own" else CODES
    misses = []
    for row in rows(code):
        found = notation(
            resolve(
                row.phrase,
                today=row.now.date(),
                now_time=row.now.time(),
                languages=languages,
                expect=row.expect,
            )
        )
        if found != row.expected:
            misses.append(f"{row.now:%d.%m.} {row.phrase!r}: {row.expected}, resolved {found}")
    assert not misses, "\n".join(misses)


def test_the_tables_are_as_large_as_claimed() -> None:
    assert all(len(rows(code)) >= 250 for code in CODES)
    assert {row.now.isoformat(timespec="minutes") for row in ROWS} == {
        "2026-11-21T10:00",
        "2026-12-30T18:30",
        "2028-02-28T09:00",
    }
    assert all(sum(row.expected == "-" for row in rows(code)) >= 20 for code in CODES)
    keys = [(row.now, row.language, row.phrase, row.expect) for row in ROWS]
    assert len(set(keys)) == len(keys)


def test_phrases_of_real_dialogues_resolve() -> None:
    lines = (HERE / "sgd_phrases.tsv").read_text(encoding="utf-8").splitlines()
    cases = [line.split("\t") for line in lines if not line.startswith("#")]
    misses = []
    for phrase, _slot, expected in cases:
        found = notation(resolve(phrase, today=SGD_NOW.date(), now_time=SGD_NOW.time()))
        if found != expected:
            misses.append(f"{phrase!r}: {expected}, resolved {found}")
    print(f"{len(cases) - len(misses)} of {len(cases)}", *misses, sep="\n")
    assert len(cases) == 156
    assert len(misses) <= 0.05 * len(cases), misses
