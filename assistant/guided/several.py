"""Two wishes in one message: "cancel my haircut and book a beard trim on Friday at 3".

Only one of them can wait for a yes at a time. The second is kept and comes up when the first is
settled. Rather one wish too few than too many: what is in doubt stays one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from assistant.guided.scene import Scene
from assistant.guided.typed import Said, apart_from_names, understand, yes_or_no
from assistant.guided.vocabulary import Intent, Words
from booking.phrases import Ambiguous, Mismatch, Moment, Resolution, Resolved

_PUNCTUATION = re.compile(r"[.;!\n]+(?=\s|$)|,(?=\s)")
# Whoever writes more than that tells a story, and each clause has to be read with each.
_MOST_CUTS, _MOST_CHARACTERS = 8, 300
_VERBS = (Intent.CANCEL, Intent.MOVE, Intent.BOOK)


@dataclass(frozen=True, slots=True)
class _Part:
    """One side of a place where a message might be cut in two."""

    text: str
    said: Said
    found: Resolution | None

    @property
    def verb(self) -> Intent | None:
        return next((verb for verb in _VERBS if verb in self.said.intents), None)

    @property
    def moment(self) -> Moment:
        return self.found.moment if isinstance(self.found, Resolved) else Moment()

    @property
    def is_timed(self) -> bool:
        """Whether it names one day and one time."""
        return self.moment.date is not None and self.moment.time is not None

    @property
    def names_something(self) -> bool:
        return bool(self.said.services) or self.moment != Moment()


def two_wishes(scene: Scene, words: Words, text: str) -> tuple[str, str] | None:
    """Return the first wish of a message and the rest of it; None where there is only one.

    The rest is in words that can be read alone.
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    text = unicodedata.normalize("NFC", text)
    cuts = _cuts(text, words)
    if not cuts or len(cuts) > _MOST_CUTS or not _may_hold_two(_read(scene, words, text)):
        return None
    for n, (start, end) in enumerate(cuts):
        first = _read(scene, words, text[:start])
        # The rest may hold two wishes itself: it is enough that it begins with one.
        for stop in (len(text), *(later for later, _ in cuts[n + 1 :])):
            then = _then(first, _read(scene, words, text[end:stop]))
            if then is not None:
                return first.text, f"{then} {text[stop:].strip()}".strip()
    return None


def yes_and(scene: Scene, words: Words, text: str) -> str | None:
    """Return the wish behind a yes: "yes, and book Wednesday at 5 for my son".

    "Yes, Wednesday at 5" is none: that may be another time for the same.
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    text = unicodedata.normalize("NFC", text)
    cut = next(words.places_of("also", text), None)
    if cut is None or yes_or_no(text[: cut[0]], words) is not True:
        return None
    rest = _read(scene, words, text[cut[1] :])
    if Intent.CHANGE in rest.said.intents:
        return None
    wished = rest.is_timed if rest.verb is None else _stands_alone(rest)
    return rest.text if wished else None


def _cuts(text: str, words: Words) -> list[tuple[int, int]]:
    """Return where a message might be cut: what stands between two words there falls away."""
    marks = (match.span() for match in _PUNCTUATION.finditer(text))
    return sorted({*marks, *words.places_of("also", text)})


def _may_hold_two(whole: _Part) -> bool:
    """Return whether it is worth looking closer at a message."""
    if isinstance(whole.found, Ambiguous | Mismatch):
        return True
    verbs = [verb for verb in _VERBS if verb in whole.said.intents]
    return len(verbs) > 1 or (Intent.CANCEL in verbs and len(whole.said.services) > 1)


def _read(scene: Scene, words: Words, text: str) -> _Part:
    plain, named = apart_from_names(text, scene.business)
    found = scene.resolve(plain)
    rest = text if found is None else f"{named} {found.rest}"
    return _Part(text.strip(), understand(text, rest, scene.business, words), found)


def _then(first: _Part, rest: _Part) -> str | None:
    """Return the second wish in words that can be read alone; None where it is none."""
    if Intent.CHANGE in rest.said.intents:
        return None  # "cancel Friday, Tuesday would be better": that is one wish
    if rest.verb is not None and first.verb is not None:
        return rest.text if _stands_alone(first) and _stands_alone(rest) else None
    if first.verb is Intent.CANCEL and rest.verb is None:
        if rest.said.question:  # "I can't come on Friday. Can I come on Tuesday at 10?"
            return rest.text if rest.is_timed else None
        named = rest.names_something and first.names_something and not rest.said.odd
        return f"{first.verb.value}: {rest.text}" if named else None
    if first.verb is Intent.MOVE or not first.is_timed:
        return None
    if rest.is_timed:
        differs = (first.moment.date, first.moment.time) != (rest.moment.date, rest.moment.time)
        return rest.text if differs else None
    if rest.verb in (Intent.CANCEL, Intent.MOVE):
        return rest.text if rest.names_something else None
    # "Tuesday at 10 for me and at 11 for my son": the day is the first one's.
    date = first.moment.date
    for_another = rest.found is not None and bool(rest.found.rest) and not rest.said.odd
    if rest.moment.date is None and rest.moment.time is not None and for_another and date:
        return f"{date.isoformat()} {rest.text}"
    return None


def _stands_alone(part: _Part) -> bool:
    """Return whether a part with a verb says what is wanted: "I need to be in Berlin" doesn't."""
    if part.verb is Intent.BOOK:
        return part.is_timed or (part.names_something and not part.said.odd)
    return part.names_something or not part.said.odd
