"""Holds the model's words against what the turn has done and listed.

The model's text is delivered only when what it claims is backed: a receipt is written by code, so
text that says "booked", "moved", "cancelled", "you'll be reminded" or "the manager knows" needs an
entry in the ledger behind it, and a time that it offers needs a listing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from assistant.turn.backing import Backing
from assistant.turn.claim_words.words import Problem, Shape, Words
from assistant.turn.claims import LANGUAGES, claims_of
from assistant.turn.plain_text import normalised
from assistant.turn.sentences import Claim, Sentence, sentences_of
from assistant.turn.slips import mended
from assistant.turn.standing import means_one, named_in, standing
from assistant.turn.wall_times import DATE, TIME, dates_of_times, find
from booking.appointment import Change

__all__ = ["Backing", "Problem", "problems"]

_ALL = ("en", "ru", "de", "es")
_BOOKED = frozenset({Change.BOOKED, Change.APPROVED})
_BACKED_BY = {
    Problem.CLAIMS_BOOKING: _BOOKED,
    Problem.CLAIMS_MOVE: frozenset({Change.MOVED}),
    Problem.CLAIMS_CANCEL: frozenset({Change.CANCELLED, Change.RELEASED}),
    Problem.CLAIMS_REMINDER: _BOOKED | {Change.MOVED},
    Problem.CLAIMS_HANDOFF: frozenset[Change](),
    Problem.CLAIMS_DEED: frozenset[Change](),
}
# Contact data, too, is changed and deleted.
_OF_CONTACT = {Problem.CLAIMS_DEED, Problem.CLAIMS_MOVE, Problem.CLAIMS_CANCEL}
_ANYTHING = _BOOKED | {Change.MOVED, Change.CANCELLED, Change.RELEASED, Change.REQUESTED}
_WAITING = re.compile(r"waiting list|waitlist|ожидани|warteliste|lista de espera")
_HOLDING = re.compile(
    r"\b(?:h[eo]ld|holding|aside|держ|придерж|отлож|halte|freigehalten|aparta|guard)"
)
_REQUEST = re.compile(r"\b(?:request|запрос|заявк|anfrage|solicitud|peticion)")
_CONTACT = re.compile(
    r"\b(?:name|phone|(?:your|new|mobile) number|e-?mail|mail|address|time zone|contact|profile"
    r"|имя|имени|телефон|(?:ваш|нов)\w* номер|почт|адрес|пояс|контакт|данны|профил"
    r"|telefon|handy|(?:ihre|neue|deine) nummer|adresse|zeitzone|kontakt|profil"
    r"|nombre|telefono|movil|(?:tu|su|nuevo) numero|correo|direccion|zona|contacto|datos|perfil)"
)
_CLAUSE = re.compile(r" (?:[,;:()—]|but|aber|но|а|pero) ")
_UNTIL = re.compile(
    r"\b(?:until|till|to|ends?|over|bis|endet|до|заканчивается|hasta|termina|acaba)\b"
)
_UNSURE = re.compile(r"\b(?:if|whether|check|ob|wenn|falls|prufe|schaue|si|если|ли)\b")
_BARE = frozenset((DATE, TIME, *"at um в во a las am on el or oder или o and und и y .".split()))
# The longest visit whose end may be told with its start ("10:00-11:30") though only starts are
# listed; "10:00-18:00 is free" claims more than that.
_LONGEST_MINUTES = 180


def problems(text: str, backing: Backing, *, languages: Sequence[str] = _ALL) -> list[Problem]:
    """Return why a text of the model may not be delivered.

    Args:
        text: what the model wrote, any length and markup.
        backing: what is so.
        languages: ISO 639-1 codes to read it in.

    Returns:
        Problems in the order of their definition, each once; empty if all it claims is backed.
    """
    plain = mended(normalised(text))
    said = mended(normalised(backing.said))
    plain = _without_quotes(plain, said)
    check = _Check(plain, said, backing, languages)
    found = check.claims() | check.times() | check.failures()
    return [problem for problem in Problem if problem in found]


def promises_nothing(text: str, backing: Backing) -> bool:
    """Return whether the beginning of a text can be shown before the rest is known.

    Nothing in it is claimed, denied or said to have failed, and no date or time is named, true or
    not: what comes behind it may change what it says, and a call that comes beside it what is so.
    """
    check = _Check(mended(normalised(text)), mended(normalised(backing.said)), backing, _ALL)
    return not (check.made or check.found.times or check.found.dates or check.says_it_failed())


def _without_quotes(text: str, said: str) -> str:
    """Drop quotations of the customer's own words."""
    if not said:
        return text
    parts = text.split('"')
    kept = [
        part if i % 2 == 0 or part.strip(" .,!?") not in said else " , "
        for i, part in enumerate(parts)
    ]
    return " ".join(kept)


class _Check:
    def __init__(self, text: str, said: str, backing: Backing, languages: Sequence[str]) -> None:
        self.backing = backing
        self.text = text
        self.found = find(text)
        self.dates = dates_of_times(text, self.found)
        self.said = find(said)
        self.said_dates = dates_of_times(said, self.said)
        self.known = [LANGUAGES[code] for code in languages if code in LANGUAGES]
        self.sentences = sentences_of(self.found.masked)
        self.made = claims_of(self.found.masked, languages)
        self.absent: dict[str, list[bool]] = {}
        self.free: dict[str, list[bool]] = {}
        self.opens: dict[str, bool] = {}
        self.rows = standing(backing.appointments)

    def claims(self) -> set[Problem]:
        return {c.problem for c in self.made if not c.denied and not self._backed(c)}

    def _backed(self, claim: Claim) -> bool:
        backing, changes = self.backing, self.backing.changes
        text = self.sentences[claim.sentence].text
        told = claim.shape in (Shape.TOLD, Shape.NEWS, Shape.ASSUMED)
        asks = self.sentences[claim.sentence].asks and claim.shape is Shape.TOLD
        if told and (backing.proposal or asks):
            return True
        if claim.shape is Shape.ASSUMED and self._echoed(self.sentences[claim.sentence]):
            return True
        if told and changes:
            return self._of_the_change(self.sentences[claim.sentence])
        if claim.shape is Shape.DONE:
            t0, t1 = self.sentences[claim.sentence].times
            called = backing.handed_off or backing.waiting_list
            return bool(changes & _ANYTHING) or (called and t0 == t1)
        if backing.saved and claim.problem in _OF_CONTACT and _CONTACT.search(text):
            return True
        if changes & _BACKED_BY[claim.problem]:
            return self._of_the_change(self.sentences[claim.sentence])
        if claim.problem is Problem.CLAIMS_HANDOFF:
            return backing.handed_off
        if claim.problem is Problem.CLAIMS_DEED:
            return self._deed(claim)
        if claim.problem is not Problem.CLAIMS_BOOKING:
            return False
        if _WAITING.search(text):
            return backing.waiting_list
        if (backing.proposal or Change.HELD in changes) and _HOLDING.search(text):
            return True
        if Change.REQUESTED in changes and _REQUEST.search(text):
            return True
        if claim.shape is Shape.WILL:
            return False
        if Change.MOVED in changes and claim.shape in (Shape.STATE, Shape.DATED):
            return self._of_the_change(self.sentences[claim.sentence])
        return self._stands(self.sentences[claim.sentence], claim.shape)

    def _deed(self, claim: Claim) -> bool:
        """Return whether there is something in the ledger that the words may be about."""
        backing = self.backing
        if backing.changes & _ANYTHING or backing.handed_off or backing.waiting_list:
            return True
        return claim.shape in (Shape.STATE, Shape.THING, Shape.NEWS) and self._stands(
            self.sentences[claim.sentence], claim.shape
        )

    def _echoed(self, sentence: Sentence) -> bool:
        """Return whether the customer named every time of a sentence."""
        return all(
            any(time.readings & self.found.times[i].readings for time in self.said.times)
            for i in range(*sentence.times)
        )

    def _of_the_change(self, sentence: Sentence) -> bool:
        """Return whether every date and time told with a change is one of the changed rows."""
        rows = self.backing.changed
        if not rows:
            return True
        today = self.backing.today
        times = all(
            any(time in self.found.times[i].readings for _, time in rows)
            for i in range(*sentence.times)
        )
        return times and all(
            any(self.found.dates[i][2].fits(date, today) for date, _ in rows)
            for i in range(*sentence.dates)
        )

    def _stands(self, sentence: Sentence, shape: Shape) -> bool:
        """Return whether every date and time told with a booking is one of a standing row."""
        rows = named_in(sentence.text, self.rows)
        if not rows:
            return shape is Shape.DATED and self._is_opening(sentence)
        times, dates = self._told(sentence)
        if not times and not dates:
            times, dates = range(len(self.found.times)), range(len(self.found.dates))
        if not times and not dates:
            asked_for = zip(self.said.times, self.said_dates, strict=True)
            return means_one(sentence.text, self.rows, asked_for)
        for i in times:
            readings, said = self.found.times[i].readings, self.dates[i]
            if not any(
                (said is None or said.fits(start.date(), self.backing.today))
                and (start.time() in readings or (end.time() in readings and self._is_end(i)))
                for _, start, end in rows
            ):
                return shape is Shape.DATED and self._is_opening(sentence)
        return all(
            any(self.found.dates[i][2].fits(s.date(), self.backing.today) for _, s, _ in rows)
            for i in dates
        )

    def _told(self, sentence: Sentence) -> tuple[Sequence[int], Sequence[int]]:
        """Return the numbers of a sentence's times and dates, but for those that are offered.

        "You're here on Tuesday at 10, so 11 would be possible as well."
        """
        times: list[int] = []
        dates: list[int] = []
        t, d = sentence.times[0], sentence.dates[0]
        for clause in _CLAUSE.split(sentence.text):
            words = clause.split()
            t_end, d_end = t + words.count(TIME), d + words.count(DATE)
            if not any(language.free.search(clause) for language in self.known):
                times += range(t, t_end)
                dates += range(d, d_end)
            t, d = t_end, d_end
        return times, dates

    def _is_opening(self, sentence: Sentence) -> bool:
        times = self.found.times[sentence.times[0] : sentence.times[1]]
        if not times or sentence.dates[0] != sentence.dates[1]:
            return False
        told = len(times) > 1 or any(words.hours.search(sentence.text) for words in self.known)
        return told and all(t.readings & self.backing.opening for t in times)

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
            own = start.time() in readings or (end.time() in readings and self._is_end(i))
            if own and (date is None or date.fits(start.date(), today)):
                return True
        return False

    def _is_end(self, i: int) -> bool:
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
        if text not in self.free:
            self.free[text] = _told_free(text, self.known)
        return not self.free[text][i - sentence.times[0]]

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
        if text not in self.absent:
            self.absent[text] = _told_absent(text, self.known)
        return self.absent[text][i - sentence.times[0]]

    def _speaks_of_hours(self, text: str) -> bool:
        if text not in self.opens:
            self.opens[text] = any(words.hours.search(text) for words in self.known)
        return self.opens[text]

    def _in_opening_range(self, i: int) -> bool:
        times = self.found.times
        partner = times[i].ends
        if partner is None and i + 1 < len(times) and times[i + 1].ends == i:
            partner = i + 1
        return partner is not None and bool(times[partner].readings & self.backing.opening)

    def says_it_failed(self) -> bool:
        """Return whether anything is said to have failed, whatever the ledger holds."""
        return any(
            failed.search(sentence.text)
            for words in self.known
            for failed in words.failures.values()
            for sentence in self.sentences
        )

    def failures(self) -> set[Problem]:
        """Check that nothing the ledger holds is said to have failed."""
        for problem, changes in _BACKED_BY.items():
            if not changes & self.backing.changes:
                continue
            if any(c.denied and c.problem is problem for c in self.made):
                return {Problem.FALSE_FAILURE}
            for words in self.known:
                failed = words.failures.get(problem)
                if failed and any(
                    failed.search(s.text) and not words.others.search(s.text)
                    for s in self.sentences
                    if not s.asks
                ):
                    return {Problem.FALSE_FAILURE}
        return set()


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _told_absent(text: str, known: Sequence[Words]) -> list[bool]:
    """Return, for each time of a sentence, whether its clause says that it isn't to be had."""
    return _of_each_time(text, lambda clause: any(w.absent.search(clause) for w in known))


def _told_free(text: str, known: Sequence[Words]) -> list[bool]:
    """Return, for each time of a sentence, whether its clause says that it can be had."""
    return _of_each_time(
        text,
        lambda clause: any(
            w.free.search(clause) and not (w.absent.search(clause) or _UNSURE.search(clause))
            for w in known
        ),
    )


def _of_each_time(text: str, said: Callable[[str], bool]) -> list[bool]:
    found: list[bool] = []
    lead = ""
    for clause in _CLAUSE.split(text):
        words = clause.split()
        # "The next free time is Tuesday, 10:00": bare dates and times belong to what leads them.
        lead = f"{lead} , {clause}" if set(words) <= _BARE else clause
        if TIME in words:
            found += [said(lead)] * words.count(TIME)
    return found
