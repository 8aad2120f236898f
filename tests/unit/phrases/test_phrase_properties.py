"""Properties that hold for any text, any date and any time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.phrases import Ambiguous, Expect, Impossible, Mismatch, Resolved, resolve
from booking.phrases.resolve import LANGUAGES

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31))
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
EXPECT: st.SearchStrategy[Expect | None] = st.sampled_from([None, "date", "time"])
WORDS = sorted({word for language in LANGUAGES.values() for word in language.phrases})
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.integers(0, 99).map(str),
    st.integers(0, 10**12).map(str),
    st.sampled_from([":", ".", "-", "/", ",", "(", ")", "8th", "8-го", "8.", "🙂", "t", "'", "+"]),
    st.text(max_size=4),
)


@st.composite
def phrases(draw: st.DrawFn) -> str:
    """Texts of words that the grammar knows, in any order, glued or not."""
    parts = draw(st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " "])), max_size=14))
    return "".join(word + gap for word, gap in parts)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=200), phrases()), DAYS, TIMES, EXPECT, st.booleans())
def test_any_text_gives_a_sound_answer_and_the_same_again(
    text: str, today: dt.date, now_time: dt.time, expect: Expect | None, month_first: bool
) -> None:
    def read() -> object:
        return resolve(
            text, today=today, now_time=now_time, expect=expect, en_month_first=month_first
        )

    found = read()
    assert found == read()
    if found is None:
        return
    assert isinstance(found, Resolved | Ambiguous | Mismatch | Impossible)
    assert found.spans
    ends = [end for span in found.spans for end in span]
    assert ends == sorted(ends)
    if isinstance(found, Mismatch):
        assert found.date.weekday() != found.weekday
        assert found.date in found.candidates
        assert any(day.weekday() == found.weekday for day in found.candidates)
    if isinstance(found, Ambiguous):
        assert len(set(found.moments)) == len(found.moments) >= 2
    if isinstance(found, Resolved):
        moment = found.moment
        said = (moment.date, moment.time, moment.time_from, moment.time_to, moment.part_of_day)
        assert any(value is not None for value in said)
        assert moment.date_to is None or moment.date is None or moment.date <= moment.date_to


@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS, TIMES, st.sampled_from(["en", "ru", "de", "es"]))
def test_iso_dates_and_times_come_back(
    date: dt.date, today: dt.date, time: dt.time, language: str
) -> None:
    for text in (f"{date} {time:%H:%M}", f"{date}T{time:%H:%M}", f"{date}, {time:%H:%M:%S}"):
        found = resolve(text, today=today, now_time=dt.time(10), languages=[language])
        assert isinstance(found, Resolved)
        # Small hours carry a leading zero here, so nothing is left to guess.
        assert (found.moment.date, found.moment.time) == (date, time)
        assert found.rest == ""


WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
}


def label(date: dt.date, time: dt.time, language: str, *, with_year: bool) -> str:
    dot = "." if language == "de" else ""
    of = " de" if language == "es" else ""
    month = f"{of} {MONTHS[language].split()[date.month - 1]}".strip()
    year = f"{of} {date.year}" if with_year else ""
    weekday = WEEKDAYS[language][date.weekday()]
    return f"{weekday}, {date.day}{dot} {month}{year}, {time:%H:%M}"


@settings(max_examples=200, deadline=None)
@given(
    DAYS,
    st.integers(0, 364),
    TIMES,
    TIMES,
    st.permutations(["en", "ru", "de", "es"]),
    st.booleans(),
)
def test_labels_come_back(
    today: dt.date,
    days: int,
    time: dt.time,
    now_time: dt.time,
    languages: Sequence[str],
    with_year: bool,
) -> None:
    date = today + dt.timedelta(days=days)
    for language in languages:
        text = label(date, time, language, with_year=with_year)
        found = resolve(text, today=today, now_time=now_time, languages=languages)
        assert isinstance(found, Resolved), text
        assert (found.moment.date, found.moment.time) == (date, time)
        assert not found.moment.open_end
        assert found.moment.date_to is None
