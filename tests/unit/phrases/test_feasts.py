"""Feasts that move with Easter, and wishes that come again."""

from __future__ import annotations

import datetime as dt

import pytest
from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN
from dateutil.easter import easter as reference

from booking.phrases.datemath import easter, eastern_easter, nearest_feast
from booking.phrases.recurring import repeats


def test_easter_is_that_of_a_library_for_three_centuries() -> None:
    for year in range(1900, 2200):
        assert easter(year) == reference(year, EASTER_WESTERN)
        assert eastern_easter(year) == reference(year, EASTER_ORTHODOX)


def test_a_feast_that_is_over_is_next_years() -> None:
    assert nearest_feast(dt.date(2026, 4, 6), 1) == dt.date(2026, 4, 6)
    assert nearest_feast(dt.date(2026, 4, 7), 1) == dt.date(2027, 3, 29)
    assert nearest_feast(dt.date(9999, 12, 31), 1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a haircut every Friday at 10", True),
        ("every other week on Tuesday", True),
        ("once a month", True),
        ("jeden zweiten Freitag", True),
        ("alle zwei Wochen dienstags", True),
        ("каждую пятницу в 10", True),
        ("стрижка по пятницам", True),
        ("раз в две недели", True),
        ("todos los viernes a las 10", True),
        ("una vez al mes", True),
        ("Friday at 10", False),
        ("everything is fine on Friday", False),
        ("alle zusammen am Freitag", False),
        ("каждый из нас в пятницу", False),
        ("cada uno el viernes", False),
    ],
)
def test_a_rule_is_told_from_a_date(text: str, expected: bool) -> None:
    assert repeats(text) is expected
