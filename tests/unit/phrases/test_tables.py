"""What people write, and what it means, by hand-written tables; and phrases of real dialogues."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.phrases import resolve

from .tables import HERE, Row, notation, rows

CODES = ("en", "ru", "de")
ROWS = [row for code in CODES for row in rows(code)]
SGD_NOW = dt.datetime(2019, 3, 1, 8)


@pytest.mark.parametrize("first", ["own", "default"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.language}-{row.now:%d%m}-{row.phrase}")
def test_a_phrase_means_what_the_table_says(row: Row, first: str) -> None:
    others = [code for code in CODES if code != row.language]
    languages = [row.language, *others] if first == "own" else CODES
    found = resolve(
        row.phrase,
        today=row.now.date(),
        now_time=row.now.time(),
        languages=languages,
        expect=row.expect,
    )
    assert notation(found) == row.expected


def test_the_tables_are_as_large_as_claimed() -> None:
    assert len(ROWS) >= 500
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
