"""The form in which a language says what claims sound like.

Patterns are regular expressions over one sentence of folded words, each parted by one space,
punctuation marks being words of their own, dates and times being `0d` and `0t`. In them `~` is up
to four words of one clause, `<name>` a list given beside them, `«` the start of a clause and `»`
its end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.turn.plain_text import CHECK, keep_apart


class Problem(StrEnum):
    """Why a text may not be delivered."""

    CLAIMS_BOOKING = "claims_booking"
    CLAIMS_MOVE = "claims_move"
    CLAIMS_CANCEL = "claims_cancel"
    CLAIMS_REMINDER = "claims_reminder"
    CLAIMS_HANDOFF = "claims_handoff"
    CLAIMS_DEED = "claims_deed"  # something else, or something unheard of
    UNLISTED_TIME = "unlisted_time"
    FALSE_FAILURE = "false_failure"


class Shape(StrEnum):
    """How a claim is put, which decides what may excuse it."""

    DID = "did"  # "I've booked": only a question proper or a no excuses it
    STATE = "state"  # "you are booked": also a condition, a row that stands
    THING = "thing"  # "it is booked": also a refusal ("10:00 is already booked")
    WILL = "will"  # "I'll book it": also a choice that is asked for
    TOLD = "told"  # a date and a time told to the customer, whatever the verb
    DATED = "dated"  # "see you on Tuesday": a claim only with a date or a time
    DONE = "done"  # "Done!": of anything
    ASSUMED = "assumed"  # with a date and time: taken for granted even by a question or a no
    NEWS = "news"  # of the customer's matters, and marked as nothing else


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Args:
        claims: what is claimed and how -> its pattern.
        negation: "not", "nothing".
        openers: what starts a question whatever its mark's place.
        conditions: "once", "if"; what follows is no fact yet.
        no_condition: conditions that set none ("if you need anything else").
        consent: how a customer confirms ("tap Confirm").
        requests: imperatives that a promise may hang on ("pick a time and I'll ...").
        refusals: what tells of a taken time rather than of a booking.
        taking: what may be said of a time that is somebody else's; refusals excuse nothing else.
        policies: what makes a sentence a rule for everybody.
        reports: whose words follow ("you wrote").
        presumed: what makes a fact of what follows even in a question ("now that").
        hours: what speaks of opening hours.
        absent: what makes a time one that is not offered.
        listing: what leads to a list ("here are").
        free: what says that a time can be had.
        others: people who aren't the customer.
        habits: what makes of a deed a custom ("we always").
        failures: problem whose work is said to have failed -> how.
        matters: what belongs to the customer or is about to reach them; news of it is a claim.
        house: what is the business's own; a deed done to it is no claim.
        harmless: what makes of a clause about such matters something else than news.
        small: words that tell the language, folded.
        vocabulary: the words that the patterns are made of, folded.
        idle: words that say that nothing was done: a slip is never read as one of them.
    """

    code: str
    claims: Sequence[tuple[Problem, Shape, re.Pattern[str]]]
    negation: re.Pattern[str]
    openers: re.Pattern[str]
    conditions: re.Pattern[str]
    no_condition: re.Pattern[str]
    consent: re.Pattern[str]
    requests: re.Pattern[str]
    refusals: re.Pattern[str]
    taking: re.Pattern[str]
    policies: re.Pattern[str]
    reports: re.Pattern[str]
    presumed: re.Pattern[str]
    hours: re.Pattern[str]
    absent: re.Pattern[str]
    listing: re.Pattern[str]
    free: re.Pattern[str]
    others: re.Pattern[str]
    habits: re.Pattern[str]
    failures: Mapping[Problem, re.Pattern[str]]
    matters: re.Pattern[str]
    house: re.Pattern[str]
    harmless: re.Pattern[str]
    small: frozenset[str]
    vocabulary: frozenset[str]
    idle: frozenset[str]

    @property
    def not_told(self) -> tuple[re.Pattern[str], ...]:
        """What makes of a date and time told something other than a booking."""
        return (
            *(self.free, self.absent, self.hours, self.reports, self.conditions, self.requests),
            *(self.policies, self.others, self.listing, self.negation),
        )


_UMLAUTS = str.maketrans({"ä": "(?:ae?)", "ö": "(?:oe?)", "ü": "(?:ue?)"})
_GAP = r"(?: [^ ,;:()—.!?]+){0,4}?"
_SOFT_GAP = r"(?: [^ ;:()—.!?]+){0,9}?"
# A check mark ends a clause as a full stop does: "Booked ✅".
_FIRST = rf"(?:^|(?<=[,;:()—.!?] )|(?<={CHECK} ))"
_LAST = rf"(?= [,;:()—.!?]| {CHECK}|$)"


# A stress that may be left out; where it may not, patterns spell the letter twice.
_STRESSED = re.compile(r"([éíó])(?!\w)")


def _spelled(lines: str) -> str:
    return _STRESSED.sub(r"\1\1?", keep_apart(lines.casefold().replace("ß", "ss")))


def fold_pattern(text: str) -> str:
    """Return a pattern spelled as folded text is; umlauts may be written ae, oe, ue."""
    text = _spelled(text).translate(_UMLAUTS)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def pattern(lines: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    """Compile the alternatives of several lines.

    Args:
        lines: one expression a line.
        lists: name -> expression that `<name>` stands for.
    """
    for name in reversed(list(lists)):
        lines = lines.replace(f"<{name}>", f"(?:{lists[name]})")
    parts = [fold_pattern(line.strip()) for line in lines.strip().splitlines() if line.strip()]
    joined = "|".join(parts).replace("~~", _SOFT_GAP).replace("~", _GAP)
    joined = joined.replace("«", _FIRST).replace("»", _LAST)
    return re.compile(rf"(?<!\S)(?:{joined})(?!\S)")


_PLAIN = re.compile(r"(?:[^\W\d_][+?]?|\[[^\W\d_]+\]\??)+")
_PIECE = re.compile(r"(?:([^\W\d_])|\[([^\W\d_]+)\])([+?]?)")


def vocabulary(lines: str) -> set[str]:
    """Return the words that patterns in text form are made of, with what stands in brackets."""
    lines = re.sub(r"\\.", " ", _spelled(lines))
    plain = "".join(c for c in unicodedata.normalize("NFD", lines) if not unicodedata.combining(c))
    found: set[str] = set()
    for word in _PLAIN.findall(plain):
        forms = [""]
        for letter, some, often in _PIECE.findall(word):
            ends = [*(some or letter), *{"+": [letter * 2], "?": [""]}.get(often, [])]
            forms = [form + end for form in forms for end in ends]
        found.update(forms)
    return found


_IDLE = ("idle", "idled", "idlef", "quiet", "look", "calm", "inert", "go")


def words(
    code: str,
    *,
    lists: Mapping[str, str],
    claims: Mapping[tuple[Problem, Shape], str],
    deeds: Sequence[tuple[Problem, Shape, str]],
    deed_lists: Mapping[str, str],
    matters: str,
    small: str,
    failures: Mapping[Problem, str],
    **cues: str,
) -> Words:
    """Make `Words` of patterns still in text form; lists may use the lists before them.

    Args:
        claims: what is claimed and how -> what it sounds like; `lists` are theirs.
        deeds: the same for what is known only not to be idle; `deed_lists` are theirs.
    """
    every = {**lists, **deed_lists}
    idle = [deed_lists[name] for name in _IDLE if name in deed_lists]
    idle += [cues["harmless"], cues["house"], matters]
    texts = [*lists.values(), *claims.values(), *failures.values(), *cues.values()]
    texts += [*deed_lists.values(), *(lines for _, _, lines in deeds)]
    texts = [text for text in texts if text not in idle]
    told = [(*key, pattern(lines, lists)) for key, lines in claims.items()]
    told += [(problem, shape, pattern(lines, every)) for problem, shape, lines in deeds]
    return Words(
        code=code,
        claims=tuple(told),
        failures={key: pattern(lines, lists) for key, lines in failures.items()},
        matters=pattern(matters, every),
        small=frozenset(fold_pattern(small).split()),
        vocabulary=frozenset().union(*map(vocabulary, texts)),
        idle=frozenset().union(*map(vocabulary, idle)),
        **{name: pattern(lines, every) for name, lines in cues.items()},
    )
