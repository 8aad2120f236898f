"""Holds the model's words against what the turn has done and listed.

The model's text is delivered only when what it claims is backed: a receipt is written by code, so
text that says "booked", "moved", "cancelled", "you'll be reminded" or "the manager knows" needs an
entry in the ledger behind it, and a time that it offers needs a listing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.turn.backing import Backing
from assistant.turn.claim_words.words import Problem, Shape
from assistant.turn.claims import claims_of
from assistant.turn.clauses import BARE, CLAUSE
from assistant.turn.plain_text import normalised
from assistant.turn.second_reader import second_reader
from assistant.turn.sentences import Claim, Sentence
from assistant.turn.slips import mended
from assistant.turn.standing import means_one, named_in
from assistant.turn.time_check import TimeCheck
from assistant.turn.wall_times import DATE, TIME
from booking.appointment import Change

__all__ = ["Backing", "Judgement", "Problem", "judged", "problems"]

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
# "Hi Ben!", "Thank you, Ann.": what nobody has learned is a name.
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|bye|goodbye|welcome"
    r"|привет|здравствуите|добр\w+ (?:день|вечер|утро)|спасибо|до свидания|уважаем\w+"
    r"|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|danke|tschuss|auf wiedersehen"
    r"|hola|buen[oa]s (?:dias|tardes|noches)|estimad[oa]|gracias|adios)"
    r"(?: ,)?(?: [^ ,]+)?(?: [.!,])*"
)
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the check makes of a text.

    Args:
        problems: why it may not be delivered, in the order of their definition, each once; empty
            if all it claims is backed.
        doubtful: it may be understood as if something had been done, though nothing has: it goes
            out only together with what is so.
    """

    problems: Sequence[Problem]
    doubtful: bool = False


def judged(text: str, backing: Backing, *, languages: Sequence[str] = _ALL) -> Judgement:
    """Hold a text of the model against what is so.

    Args:
        text: what the model wrote, any length and markup.
        backing: what is so.
        languages: ISO 639-1 codes to read it in.
    """
    plain = mended(normalised(text))
    said = mended(normalised(backing.said))
    plain = _without_quotes(plain, said)
    check = _Check(plain, said, backing, languages)
    found = check.claims() | check.times() | check.failures()
    return Judgement([problem for problem in Problem if problem in found], check.in_doubt())


def problems(text: str, backing: Backing, *, languages: Sequence[str] = _ALL) -> Sequence[Problem]:
    """Return why a text of the model may not be delivered; see `judged`."""
    return judged(text, backing, languages=languages).problems


def promises_nothing(text: str, backing: Backing) -> bool:
    """Return whether the beginning of a text can be shown before the rest is known.

    Nothing in it is claimed, denied or said to have failed, and no date or time is named, true or
    not: what comes behind it may change what it says, and a call that comes beside it what is so.
    """
    check = _Check(mended(normalised(text)), mended(normalised(backing.said)), backing, _ALL)
    told = check.made or check.found.times or check.found.dates or check.says_it_failed()
    return not (told or any(score > check.reader.alarm for score in check.scores))


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


class _Check(TimeCheck):
    def __init__(self, text: str, said: str, backing: Backing, languages: Sequence[str]) -> None:
        super().__init__(text, said, backing, languages)
        self.made = claims_of(self.found.masked, languages)
        self.reader = second_reader()
        self.scores = self.reader.scores(self.sentences, self.made)

    def claims(self) -> set[Problem]:
        """Check what is claimed, by the patterns and by the second reader."""
        broad, notice = Problem.CLAIMS_DEED, self.reader.notice
        believed = (
            c for c in self.made if c.problem is not broad or self.scores[c.sentence] > notice
        )
        heard = [
            c
            for c in self._heard(self.reader.alarm)
            if not (
                self._offers(self.sentences[c.sentence]) or _is_short(self.sentences[c.sentence])
            )
        ]
        return {c.problem for c in (*believed, *heard) if not c.denied and not self._backed(c)}

    def in_doubt(self) -> bool:
        """Return whether the second reader isn't sure that nothing is claimed."""
        return self.backing.idle and any(
            not self._backed(claim) for claim in self._heard(self.reader.notice)
        )

    def _heard(self, least: float) -> list[Claim]:
        """Return what the second reader alone takes for claims: the patterns know their own."""
        known = {claim.sentence for claim in self.made if not claim.denied}
        return [
            Claim(Problem.CLAIMS_DEED, Shape.NEWS, number)
            for number, score in enumerate(self.scores)
            if score > least and number not in known and _says(self.sentences[number])
        ]

    def _offers(self, sentence: Sentence) -> bool:
        """Return whether a sentence tells or asks about times to be had, and so is for `times`."""
        text = sentence.text
        timed = DATE in text or TIME in text
        return timed and (sentence.asks or any(words.free.search(text) for words in self.known))

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
            return bool(changes & _ANYTHING or backing.other) or (called and t0 == t1)
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
        if backing.other or backing.handed_off or backing.waiting_list:
            return True
        if backing.changes & _ANYTHING:
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
                and (start.time() in readings or (end.time() in readings and self.is_end(i)))
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
        for clause in CLAUSE.split(sentence.text):
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


def _says(sentence: Sentence) -> bool:
    """Return whether there is a word in a sentence beside dates, times and a greeting."""
    if _GREETING.fullmatch(sentence.text):
        return False
    return any(word.isalpha() and word not in BARE for word in sentence.text.split())


def _is_short(sentence: Sentence) -> bool:
    """Return whether a sentence has too few words for what is only heard in them to be certain."""
    return sum(word.isalpha() for word in sentence.text.split()) <= _FEW_WORDS
