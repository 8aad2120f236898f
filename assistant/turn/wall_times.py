"""Reads wall times and the dates they belong to off text that `plain_text` has normalised.

Wider than `booking.phrases`, which reads what one customer asks for: here every time of a long
text counts, a time may be read in both halves of the day, and a date is a set of conditions.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.turn.claim_words.calendar import (
    AMBIGUOUS_DAYS,
    AT,
    CLOCK_WORDS,
    DATE_LINKS,
    HALVES,
    MONTHS,
    RELATIVE,
    WEEKDAYS,
)

DATE, TIME = "0d", "0t"
_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class SaidDate:
    """What a date in a text fixes; what it leaves open is None. Local dates.

    Args:
        weekday: 0 = Monday.
        ahead: days from today ("tomorrow" = 1).
    """

    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    ahead: int | None = None

    def fits(self, date: dt.date, today: dt.date | None) -> bool:
        """Return whether `date` is such a date; "tomorrow" fits any while `today` is unknown."""
        return (
            self.weekday in (None, date.weekday())
            and self.day in (None, date.day)
            and self.month in (None, date.month)
            and self.year in (None, date.year)
            and (self.ahead is None or today is None or (date - today).days == self.ahead)
        )

    def contradicts(self, other: SaidDate) -> bool:
        """Return whether no date can be both."""
        return any(
            getattr(self, name) is not None
            and getattr(other, name) is not None
            and getattr(self, name) != getattr(other, name)
            for name in ("weekday", "day", "month", "year", "ahead")
        )


@dataclass(frozen=True, slots=True)
class SaidTime:
    """A wall time of a text.

    Args:
        start, end: half-open range in the text.
        readings: what it may mean: "at 3" is 03:00 or 15:00.
        ends: the index of the time that this one is the end of ("10:00-10:45"), else None.
    """

    start: int
    end: int
    readings: frozenset[dt.time]
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The dates and times of a text, each in its order.

    Args:
        dates: (start, end, date).
        masked: the text with every date and time replaced by `DATE` or `TIME`.
    """

    times: tuple[SaidTime, ...]
    dates: tuple[tuple[int, int, SaidDate], ...]
    masked: str


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_MONTH, _WEEKDAY, _REL = _any(MONTHS), _any(WEEKDAYS), _any(RELATIVE)
_SHORT_DAY = _any(AMBIGUOUS_DAYS)
_H, _M = r"(?:[01]?\d|2[0-4])", r"[0-5]\d"
# "10:00 am Dienstag" is German: the day's preposition, no half of the day.
_GERMAN_AM = (
    rf"am\s(?:(?:{_any(w for w in WEEKDAYS if w.endswith(('tag', 'woch')))})|de[nm]\b|\d\d?\.)"
)
_HALF = rf"(?:\s?(?!{_GERMAN_AM})(?:{_any(HALVES)})(?!\w))"
_MONEY = r"(?:€|\$|£|₽|eur\w*|usd|gbp|chf|руб\w*|р\.|zl|dollars?|dolares|cents?|%)"
_UNIT = (
    r"(?:minut\w*|mins?\b|минут\w*|мин\b|hours?\b|hrs?\b|stunden?\b|std\b|horas?\b|days?\b|tag\w*"
    r"|dias?\b|дн\w*|weeks?|wochen?|semanas?|недел\w*|times|mal\b|veces|people|personen|years?"
    r"|jahre?n?|anos|лет|meses|monate?n?|месяц\w*)"
)
_TOKEN = re.compile(
    rf"""
    (?P<iso>\b(?P<iy>20\d\d)-(?P<im>\d\d?)-(?P<id>\d\d?)(?:t(?=\d\d:))?)
  | (?P<money>(?:[€$£₽]\s?\d+(?:[.,]\d+)?)|\b\d+(?:[.,]\d\d)?\s?{_MONEY}(?!\w))
  | (?P<phone>\+\d[\d ()/-]{{5,}}\d|\b0\d{{2,4}}[ /-]\d[\d /-]{{4,}}\d|\b\d{{3}}-\d{{3}}-\d{{4}}\b)
  | (?P<span>\b\d{{1,2}}:\d\d\s?(?:hours?|hrs?|stunden?|std)\b)
  | (?P<clock>(?<![\d.,:])(?P<h1>{_H}):(?P<m1>{_M})(?::\d\d)?(?!\d)(?P<s1>\s?(?:uhr|h|hrs|horas)\b)?
      (?P<p1>{_HALF})?)
  | (?P<dots>(?<![\d.,:])(?P<h2>{_H})(?:[.](?P<m2>{_M})|h(?P<m2h>{_M}))
      (?:(?P<p2>{_HALF})|\s?(?:uhr|h|hrs)\b))
  | (?P<num>(?<![\w.,/])(?P<nd>\d{{1,2}})[./](?P<nm>\d{{1,2}})(?:[./](?P<ny>(?:20)?\d\d)\b
      |\.(?=\s?(?:$|(?:um|at|ab|von|gegen|ist)\b|[\d,:(—-]))|
      (?![\w.,:/]*\d)))
  | (?P<dm>(?<![\w:.,])(?P<dd>\d{{1,2}})(?:st|nd|rd|th|-?го|-?е|\.)?\s(?:of\s|de\s)?
      (?P<dmon>{_MONTH})
      (?!\w)(?:(?<!\w{{5}})\.(?=\s?[\d,]))?(?:,?\s(?:de[l]?\s)?(?P<dy>20\d\d)(?!\d))?)
  | (?P<md>(?<!\w)(?P<mmon>{_MONTH})\.?\s(?P<mday>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|:\d|/\d)
      (?:,?\s(?P<my>20\d\d)(?!\d))?)
  | (?P<day>(?<!\w)(?:the\s(?P<th>\d{{1,2}})(?:st|nd|rd|th)(?!\w)|(?P<go>\d{{1,2}})-?(?:го|е|му)
      (?!\w)|(?:am|der|den|dem|zum)\s(?P<ter>\d{{1,2}})\.(?!\s?(?:\d|(?:{_MONTH}|tag|mal|termin|stock)(?!\w)))
      |(?:el|del|al)\s(?P<el>\d{{1,2}})
      (?=\s?(?:[,;!?)]|[.](?!\d)|\s(?!de\b|por\b|\D{{0,3}}\d)[a-z]|$))))
  | (?P<wd>(?<!\w)(?P<wday>{_WEEKDAY})(?!\w))
  | (?P<sd>(?<!\w)(?P<sday>{_SHORT_DAY})(?!\w)\.?(?=,?\s?(?:\d|am\s\d|den\s\d)))
  | (?P<rel>(?<![\w/])(?<!guten\s)(?!(?<=am\s)mo)(?<!jeden\s)(?<!schonen\s)(?<!la\s)
      (?P<rword>{_REL})(?!\w))
  | (?P<uhr>(?<![\w.,:])(?P<h3>{_H})\suhr(?:\s(?P<m3>{_M})(?!\d))?(?P<p3>{_HALF})?)
  | (?P<range>(?<!\w)(?:de|von|from|с)\s(?P<ra>{_H})\s(?:a|bis|to|до)\s(?P<rb>{_H})
      (?![\d:/]|[.,]\d|\s?(?:{_UNIT}|{_MONEY})|\s(?:de\s|of\s)?(?:{_MONTH})(?!\w))(?P<pr>{_HALF})?)
  | (?P<hours>(?<![\w.,:])(?P<h7>[7-9]|1\d|2[0-3])\s?h(?!\w)(?!\s(?:antes|before|vorher|de\santel)))
  | (?P<chas>(?<![\w.,:])(?P<h8>1[3-9]|2[0-3])\sчас(?:ов|а)?(?!\w))
  | (?P<half>(?<![\w.,:])(?P<h4>1[0-2]|0?\d)(?P<p4>{_HALF}))
  | (?P<words>(?<!\w)(?P<cw>{_any(CLOCK_WORDS)})(?!\w))
  | (?P<units>(?<=[\d€$£₽])\s+(?:в|за|на)\sчас(?!\w)
      |(?<![\w.,:])\d+(?:[.,]\d+)?(?:\s?[-—]\s?\d+)?\s?-?{_UNIT})
  | (?P<after>(?<!\w)(?P<cue>{_any(AT)})\s(?P<h5>{_H})(?:[.:](?P<m5>{_M}))?
      (?![\d:/]|[.,]\d|\.?\s(?:de\s|of\s)?(?:{_MONTH})(?!\w))
      (?P<oc>\s?(?:o'clock|час(?:а|ов)?(?!\w)|ч(?!\w)|uhr(?:\s(?P<mu>{_M})(?!\d))?
      |h(?!\w)|horas?(?!\w)))?
      (?P<p5>{_HALF})?(?P<minus>\s(?:y\smedia|y\scuarto|menos\scuarto)\b)?)
  | (?P<oclock>(?<![\w.,:])(?P<h6>{_H})\so'clock\b)
    """,
    re.VERBOSE,
)
_OUT = frozenset({"money", "phone", "span", "units"})
# A bare number behind "at" is a time only where the sentence goes on as it does behind a time.
_GOES_ON = re.compile(
    r"\s*(?:$|[.,;:!?()\n—/-]|(?:on|or|and|to|with|for|is|am|um|und|oder|ist|y|o|el|con|es|в|во|и|или"
    r"|на|с|до|к|у|by|then|works?|would|free|frei|mit|bei|bis|fur|the|sharp|if|when|as|but|geht|noch"
    r"|свободно|подойдет|подходит|ждем|вас|para|que|hay|libre|esta|an|zu)\b)"
)
_RANGE = re.compile(r"\s?(?:[-—]|to|until|till|and|bis|und|до|a|hasta|y|a las|hasta las|и|по)\s?")
_DASH_SECOND = re.compile(
    rf"\s?[-—]\s?(?P<h>{_H})(?![\d:.,/]|\s?{_UNIT}|\s?{_MONEY})(?P<p>{_HALF})?"
)
_JOIN = re.compile(r"[,\s(]*(?:den|der|dem|the|el|of|on|dia|это)?[,\s(]*")
_BACK = re.compile(rf"\s(?:{_any(DATE_LINKS)})\s")


def find(text: str) -> Found:
    """Return the dates and times of a normalised text.

    Durations, prices, phone numbers and numbers of houses are neither.
    """
    times: list[SaidTime] = []
    dates: list[tuple[int, int, SaidDate]] = []
    pieces: list[str] = []
    last = pos = 0
    while (match := _TOKEN.search(text, pos)) is not None:
        start, end = match.span()
        pos = max(end, pos + 1)
        name = next(k for k in _KINDS if match[k] is not None)
        if name in _OUT:
            continue
        mark = None
        if (date := _date_of(name, match)) is not None:
            previous = dates[-1] if dates else None
            if (
                previous
                and _JOIN.fullmatch(text, previous[1], start)
                and not (previous[2].contradicts(date))
            ):
                dates[-1] = (previous[0], end, _merged(previous[2], date))
                last = end  # one date in two words is one mark
                continue
            dates.append((start, end, date))
            mark = DATE
        elif name == "range":
            opens, closes = (_spread(int(match[g]), 0, match["pr"], match[g]) for g in ("ra", "rb"))
            times.append(SaidTime(*match.span("ra"), opens))
            times.append(SaidTime(*match.span("rb"), closes, len(times) - 1))
            start, mark = match.start("ra"), f"{TIME} — {TIME}"
        elif readings := _readings(name, match, text):
            span = _own_span(name, match)
            ends = None
            if times and _RANGE.fullmatch(text, times[-1].end, span[0]):
                ends = len(times) - 1
            times.append(SaidTime(*span, readings, ends))
            start, mark = span[0], TIME
        if mark is None:
            pos = min(
                pos, match.start() + max(1, len(match["cue"] or "") if name == "after" else 1)
            )
            pos = max(pos, match.start() + 1)
            continue
        pieces += [text[last:start], f" {mark} "]
        last = end
        if text[end - 1] == "." and mark is TIME and not _GOES_ON.match(text, end):
            pieces.append(". ")  # the dot of "p.m." also ends the sentence
        if mark is TIME and (second := _DASH_SECOND.match(text, end)):
            more = _spread(int(second["h"]), 0, second["p"])
            if more:
                times.append(SaidTime(second.start("h"), second.end(), more, len(times) - 1))
                pieces.append(f"— {TIME} ")
                last = pos = second.end()
    return Found(tuple(times), tuple(dates), "".join([*pieces, text[last:]]))


_KINDS = (
    *(
        "iso",
        "money",
        "phone",
        "span",
        "clock",
        "dots",
        "num",
        "dm",
        "md",
        "day",
        "wd",
        "sd",
        "rel",
    ),
    *("uhr", "range", "hours", "chas", "half", "words", "units", "after", "oclock"),
)


def _own_span(name: str, match: re.Match[str]) -> tuple[int, int]:
    return (match.start("h5") if name == "after" else match.start(), match.end())


def _date_of(name: str, match: re.Match[str]) -> SaidDate | None:
    if name == "iso":
        return SaidDate(day=int(match["id"]), month=int(match["im"]), year=int(match["iy"]))
    if name == "num":
        day, month = int(match["nd"]), int(match["nm"])
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return None
        return SaidDate(day=day, month=month, year=_year(match["ny"]))
    if name == "dm":
        return SaidDate(day=int(match["dd"]), month=MONTHS[match["dmon"]], year=_year(match["dy"]))
    if name == "md":
        return SaidDate(
            day=int(match["mday"]), month=MONTHS[match["mmon"]], year=_year(match["my"])
        )
    if name == "day":
        day = int(match["th"] or match["go"] or match["ter"] or match["el"])
        return SaidDate(day=day) if 1 <= day <= _LONGEST_MONTH else None
    if name == "wd":
        return SaidDate(weekday=WEEKDAYS[match["wday"]])
    if name == "sd":
        return SaidDate(weekday=AMBIGUOUS_DAYS[match["sday"]])
    if name == "rel":
        return SaidDate(ahead=RELATIVE[match["rword"]])
    return None


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) % 100 + 2000


def _merged(first: SaidDate, second: SaidDate) -> SaidDate:
    return SaidDate(
        *(
            getattr(first, name) if getattr(first, name) is not None else getattr(second, name)
            for name in ("weekday", "day", "month", "year", "ahead")
        )
    )


def _readings(name: str, match: re.Match[str], text: str) -> frozenset[dt.time]:
    if name == "clock":
        return _spread(int(match["h1"]), int(match["m1"]), match["p1"], match["h1"])
    if name == "dots":
        return _spread(int(match["h2"]), int(match["m2"] or match["m2h"]), match["p2"], match["h2"])
    if name == "uhr":
        return _spread(int(match["h3"]), int(match["m3"] or 0), match["p3"], match["h3"])
    if name == "half":
        return _spread(int(match["h4"]), 0, match["p4"])
    if name == "words":
        return frozenset(dt.time(m // 60 % 24, m % 60) for m in CLOCK_WORDS[match["cw"]])
    if name in ("hours", "chas"):
        return frozenset({dt.time(int(match["h7"] or match["h8"]))})
    if name == "oclock":
        return _spread(int(match["h6"]), 0, None, match["h6"])
    if name == "after":
        bare = not (match["oc"] or match["p5"] or match["m5"])
        if bare and not _GOES_ON.match(text, match.end()):
            return frozenset()
        if match["oc"] and "час" in match["oc"] and match["cue"] not in {"в", "к", "на"}:
            return frozenset()  # "до 24 часов" is how long
        extra = {"media": 30, "y cuarto": 15, "menos": -15}
        shift = next((v for k, v in extra.items() if k in (match["minus"] or "")), 0)
        hour, minute = divmod(
            int(match["h5"]) * 60 + int(match["m5"] or match["mu"] or 0) + shift, 60
        )
        return _spread(hour, minute, match["p5"], match["h5"])
    return frozenset()


def _spread(hour: int, minute: int, half: str | None, digits: str = "") -> frozenset[dt.time]:
    """Return what an hour may mean: an hour up to 12 without a half is either."""
    if half is not None:
        shift = HALVES[half.strip()]
        if hour > 12:
            return frozenset({dt.time(hour % 24, minute)})
        return frozenset({dt.time((hour % 12 + shift) % 24, minute)})
    both = {dt.time(hour % 24, minute)}
    if 1 <= hour <= 11 and not digits.startswith("0"):
        both.add(dt.time(hour + 12, minute))
    elif hour == 12:
        both.add(dt.time(0, minute))
    return frozenset(both)


def dates_of_times(text: str, found: Found) -> list[SaidDate | None]:
    """Return the date each time belongs to, None where the text names none for it.

    In a line that begins with a date, times belong to the date before them; in one that begins
    with a time, to the date behind them ("10:00 or 11:00 on Tuesday"). Lines without a date of
    their own belong to the last date above.
    """
    starts = [date[0] for date in found.dates]
    clock_starts = [time.start for time in found.times]
    breaks = [m.end() for m in re.finditer(r"\n|[.!?](?=\s)", text)]
    result: list[SaidDate | None] = []
    for time in found.times:
        here = bisect_left(breaks, time.start + 1)
        low = breaks[here - 1] if here else 0
        high = breaks[here] if here < len(breaks) else len(text)
        k = bisect_left(starts, time.start)
        before = found.dates[k - 1] if k else None
        behind = found.dates[k] if k < len(starts) and starts[k] < high else None
        first_time = clock_starts[bisect_left(clock_starts, low)]
        date_first = before is not None and before[0] >= low
        led_by_date = date_first and before is not None and _first_date(starts, low) < first_time
        if behind and (_BACK.fullmatch(text, time.end, behind[0]) or not led_by_date):
            result.append(behind[2])
        else:
            result.append(before[2] if before else None)
    return result


def _first_date(starts: list[int], low: int) -> int:
    k = bisect_left(starts, low)
    return starts[k] if k < len(starts) else 1 << 60
