"""Holds the times that the model's words name against what was listed, and what else is known."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from assistant.turn.backing import Backing
from assistant.turn.claim_words.words import Problem
from assistant.turn.claims import LANGUAGES
from assistant.turn.clauses import told_absent, told_free
from assistant.turn.sentences import Sentence, sentences_of
from assistant.turn.standing import standing
from assistant.turn.wall_times import dates_of_times, find

_UNTIL = re.compile(
    r"\b(?:until|till|to|ends?|over|bis|endet|до|заканчивается|hasta|termina|acaba)\b"
)
# The longest visit whose end may be told with its start ("10:00-11:30") though only starts are
# listed; "10:00-18:00 is free" claims more than that.
_LONGEST_MINUTES = 180


class TimeCheck:
    """What a text says of times.

    Args:
        text: what the model wrote, folded.
        said: the customer's message, folded.
        backing: what is so.
        languages: ISO 639-1 codes to read it in.
    """

    def __init__(self, text: str, said: str, backing: Backing, languages: Sequence[str]) -> None:
        self.backing = backing
        self.text = text
        self.found = find(text)
        self.dates = dates_of_times(text, self.found)
        self.said = find(said)
        self.said_dates = dates_of_times(said, self.said)
        self.known = [LANGUAGES[code] for code in languages if code in LANGUAGES]
        self.sentences = sentences_of(self.found.masked)
        self.rows = standing(backing.appointments)
        self._absent: dict[str, list[bool]] = {}
        self._free: dict[str, list[bool]] = {}
        self._opens: dict[str, bool] = {}

    def times(self) -> set[Problem]:
        """Check that every time told was listed, is the customer's, or is a fact."""
        good: list[bool] = []
        k = 0
        for i, time in enumerate(self.found.times):
            while k + 1 < len(self.sentences) and i >= self.sentences[k].times[1]:
                k += 1
            sentence = self.sentences[k] if self.sentences else None
            good.append(
                self._listed(i)
                or self._spoken_of(i, sentence)
                or (time.ends is not None and self._ends(i, good))
            )
            if not good[-1] and sentence is not None:
                good[-1] = self._not_offered(i, sentence)
        return set() if all(good) else {Problem.UNLISTED_TIME}

    def _listed(self, i: int) -> bool:
        readings, date = self.found.times[i].readings, self.dates[i]
        today = self.backing.today
        for offered_date, offered_time in self.backing.offered:
            if offered_time in readings and (
                date is None or offered_date is None or date.fits(offered_date, today)
            ):
                return True
        for changed_date, changed_time in self.backing.changed:
            if changed_time in readings and (date is None or date.fits(changed_date, today)):
                return True
        for _, start, end in self.rows:
            own = start.time() in readings or (end.time() in readings and self.is_end(i))
            if own and (date is None or date.fits(start.date(), today)):
                return True
        return False

    def is_end(self, i: int) -> bool:
        """Return whether the time is told as the end of something."""
        time = self.found.times[i]
        return time.ends is not None or bool(
            _UNTIL.search(self.text, max(0, time.start - 20), time.start)
        )

    def _spoken_of(self, i: int, sentence: Sentence | None) -> bool:
        """Return whether the customer named the time and the text doesn't say that it is free."""
        readings, date = self.found.times[i].readings, self.dates[i]
        if not any(
            time.readings & readings and not (date and said and date.contradicts(said))
            for time, said in zip(self.said.times, self.said_dates, strict=True)
        ):
            return False
        if sentence is None or sentence.asks:
            return True
        text = sentence.text
        if text not in self._free:
            self._free[text] = told_free(text, self.known)
        return not self._free[text][i - sentence.times[0]]

    def _ends(self, i: int, good: list[bool]) -> bool:
        first = self.found.times[i].ends
        if first is None:
            return False
        mine, theirs = self.found.times[i].readings, self.found.times[first].readings
        if mine & self.backing.opening and theirs & self.backing.opening:
            return True
        spans = [(_minutes(a) - _minutes(b)) for a in mine for b in theirs]
        return good[first] and any(0 < span <= _LONGEST_MINUTES for span in spans)

    def _not_offered(self, i: int, sentence: Sentence) -> bool:
        """Return whether the time is an opening hour, or one that is said not to be had."""
        readings = self.found.times[i].readings
        text = sentence.text
        if readings & self.backing.opening and (
            (self._speaks_of_hours(text) and not sentence.asks) or self._in_opening_range(i)
        ):
            return True
        if sentence.asks:
            return False
        if text not in self._absent:
            self._absent[text] = told_absent(text, self.known)
        return self._absent[text][i - sentence.times[0]]

    def _speaks_of_hours(self, text: str) -> bool:
        if text not in self._opens:
            self._opens[text] = any(words.hours.search(text) for words in self.known)
        return self._opens[text]

    def _in_opening_range(self, i: int) -> bool:
        times = self.found.times
        partner = times[i].ends
        if partner is None and i + 1 < len(times) and times[i + 1].ends == i:
            partner = i + 1
        return partner is not None and bool(times[partner].readings & self.backing.opening)


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute
