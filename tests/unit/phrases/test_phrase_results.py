"""The typed results: spans, what is left of the text, candidates, bounds, languages."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.phrases import (
    Ambiguous,
    Fault,
    Impossible,
    Mismatch,
    Moment,
    PartOfDay,
    Resolution,
    Resolved,
    resolve,
)
from booking.phrases.tokens import Line

TODAY = dt.date(2026, 11, 21)
NOW = dt.time(10)


def read(text: str, **options: object) -> Resolution | None:
    return resolve(text, today=TODAY, now_time=NOW, **options)  # type: ignore[arg-type]


def resolved(text: str, **options: object) -> Resolved:
    found = read(text, **options)
    assert isinstance(found, Resolved)
    return found


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("haircut tomorrow at 10", "haircut"),
        ("tomorrow at 10", ""),
        ("on Friday at 5, a beard trim please", "a beard trim please"),
        ("запишите меня на завтра в 10", "запишите меня"),
        ("стрижка в пятницу вечером, пожалуйста", "стрижка , пожалуйста"),
        ("Haarschnitt am Dienstag um halb drei", "Haarschnitt"),
        ("quiero un corte el martes a las tres y media", "quiero un corte"),
        ("un corte para mañana por la tarde", "un corte"),
    ],
)
def test_the_rest_is_what_was_not_read(text: str, rest: str) -> None:
    assert resolved(text).rest == rest


def test_spans_point_into_the_text() -> None:
    text = "Massage tomorrow, if you can, at 10"
    found = resolved(text)
    assert [text[start:end] for start, end in found.spans] == ["tomorrow", "at 10"]


def test_spans_point_into_the_composed_form() -> None:
    composed = resolved("Müller übermorgen um 3")
    assert resolved("Mu\u0308ller u\u0308bermorgen um 3") == composed


def test_a_wrong_weekday_offers_the_right_dates_and_keeps_the_time() -> None:
    found = read("Tuesday 2 December at 3")
    assert isinstance(found, Mismatch)
    assert (found.weekday, found.date) == (1, dt.date(2026, 12, 2))
    assert found.candidates == (
        dt.date(2026, 12, 1),
        dt.date(2026, 12, 2),
        dt.date(2026, 12, 8),
    )
    assert found.moment.time == dt.time(15)


def test_candidates_are_not_past() -> None:
    found = read("tomorrow, Friday")
    assert isinstance(found, Mismatch)
    assert found.candidates == (dt.date(2026, 11, 22), dt.date(2026, 11, 27))


def test_the_impossible_says_what_was_wrong() -> None:
    found = read("could I come on 31 February at 10?")
    assert isinstance(found, Impossible)
    assert (found.fault, found.phrase) == (Fault.NO_SUCH_DATE, "31 February")


def test_several_moments_are_asked_about() -> None:
    found = read("Monday at 10 or Tuesday at 12")
    assert isinstance(found, Ambiguous)
    assert [moment.time for moment in found.moments] == [dt.time(10), dt.time(12)]


def test_the_half_of_the_day_is_marked_as_assumed() -> None:
    assert resolved("at 3").moment.half_assumed
    assert resolved("at 9").moment.half_assumed
    for said in ("at 3 pm", "15:00", "at 03:00", "3 in the afternoon", "noon"):
        assert not resolved(said).moment.half_assumed


def test_around_is_approximate() -> None:
    assert resolved("tomorrow around 5").moment.approximate
    assert not resolved("tomorrow at 5").moment.approximate


def test_a_part_of_day_has_a_window() -> None:
    moment = resolved("tomorrow evening").moment
    assert moment.part_of_day is PartOfDay.EVENING
    assert moment.window == (dt.time(16), dt.time(22))
    assert resolved("tomorrow after 5").moment.window == (dt.time(17), None)
    assert Moment().window == (None, None)


def test_month_first_is_for_english_only() -> None:
    assert resolved("12/10").moment.date == dt.date(2027, 10, 12)
    assert resolved("12/10", en_month_first=True).moment.date == dt.date(2026, 12, 10)
    assert resolved("на 12/10", en_month_first=True).moment.date == dt.date(2027, 10, 12)


def test_only_the_languages_asked_for_are_read() -> None:
    assert read("завтра", languages=("en", "de")) is None
    assert read("завтра", languages=()) is None
    assert resolved("завтра", languages=("xx", "ru")).language == "ru"


def test_the_earlier_language_wins_a_draw() -> None:
    assert resolved("15:00", languages=("de", "en")).language == "de"
    assert resolved("15:00", languages=("ru", "en")).language == "ru"


LONG = [
    "a ",
    "😀",
    "1",
    "1-",
    "1.",
    "1 ",
    "1:1:",
    "+1(",
    "the ",
    "the the 8th ",
    "on ",
    "not ",
    "5-6-7 ",
    "tomorrow ",
    "monday or ",
    "at 3 or 4 ",
    "half past ",
    "next ",
    "in two weeks ",
    "a@",
    "пол-",
    "без ",
    "понедельник ",
    "am 8. ",
    "viertel ",
    "vom ",
    "las tres y ",
    "el próximo ",
    "a finales de ",
    "para las ",
    "tomorow ",
    "the day before ",
    "a week after ",
    "not monday or ",
    "in the next ",
    "недели через ",
    "\u0308",
]


@pytest.mark.parametrize("pattern", LONG)
def test_reading_is_linear_in_the_text(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Counted, not timed: the look-ups at tokens for ten times the text.
    looked = 0
    original = Line.__getitem__

    def counting(line: Line, i: int) -> object:
        nonlocal looked
        looked += 1
        return original(line, i)

    monkeypatch.setattr(Line, "__getitem__", counting)

    def lookups(length: int) -> int:
        nonlocal looked
        looked = 0
        read((pattern * length)[:length])
        return looked

    short, long = lookups(400), lookups(4_000)
    assert long <= 11 * short + 2_000


def test_a_flood_of_dates_is_cut_off() -> None:
    # What is compared pairwise stays few, however long the text.
    found = read(" or ".join(str(TODAY + dt.timedelta(days=days)) for days in range(400)))
    assert isinstance(found, Ambiguous)
    assert [moment.date for moment in found.moments] == [
        TODAY + dt.timedelta(days=days) for days in range(40)
    ]
