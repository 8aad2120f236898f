"""How many people come, as customers write it: "for three", "нас двое", "somos tres"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from booking.phrases.resolve import LANGUAGES
from booking.phrases.vocabulary import K

# Nobody books for more by a number in a text; larger ones are prices and years.
_MOST = 60


@dataclass(frozen=True, slots=True)
class People:
    """How many people a text names.

    Args:
        count: one or more.
        rest: the text without the words that say so.
    """

    count: int
    rest: str


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words, unaccented.

    Args:
        nouns: what a number of people or places is counted in.
        leads: what stands before a bare number of people ("for three").
        times: what makes the number behind a lead a time of day ("for 3 pm").
        groups: whole phrases -> how many.
    """

    nouns: str
    leads: str
    times: str
    groups: Mapping[str, int]


_WITH = "wife|husband|friend|partner|mother|mom|mum|sister|brother|son|daughter"
_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        nouns="people|persons|person|guests|guest|adults|adult|kids|kid|children|child|friends"
        "|seats|seat|places|place|spots|spot|tickets|ticket|participants|pax|of us",
        leads="for|we are|we re|there are|there will be|it s for|party of|group of|table for",
        times=r"am|pm|a m|p m|o clock|oclock|h|hours?|days?|weeks?|minutes?|mins?|months?",
        groups={
            "just me": 1,
            "only me": 1,
            "just myself": 1,
            "for myself": 1,
            "by myself": 1,
            "for me alone": 1,
            "on my own": 1,
            "both of us": 2,
            f"me and (?:a|my) (?:{_WITH})": 2,
            f"(?:a|my) (?:{_WITH}) and (?:i|me)": 2,
            "for a couple": 2,
        },
    ),
    "ru": _Words(
        nouns="человека|человек|чел|людей|персоны|персон|персону|гостя|гостей|взрослых|взрослого"
        "|детей|ребенка|ребенок|места|мест|место|участника|участников|билета|билетов",
        leads="нас|нас будет|будет нас|на группу из",
        times=r"час\w*|утра|дня|вечера|ночи|ч|минут\w*|мин",
        groups={
            "на одного|для одного|только я|только для меня|на меня одну|на меня одного|я одна"
            "|я один|приду одна|приду один": 1,
            "двое|двоих|вдвоем|на пару|мы оба|мы обе": 2,
            "трое|троих|втроем": 3,
            "четверо|четверых|вчетвером": 4,
            "пятеро|пятерых|впятером": 5,
            "шестеро|шестерых|вшестером": 6,
            "семеро|семерых": 7,
            "восьмеро|восьмерых": 8,
            "я и (?:муж|жена|подруга|друг|сестра|брат|мама)": 2,
            "(?:мы|я) с (?:мужем|женой|подругой|другом|сестрой|братом|мамой|парнем|девушкой"
            "|ребенком|дочкой|дочерью|сыном)": 2,
        },
    ),
    "de": _Words(
        nouns="personen|person|leute|gaste|gast|erwachsene|erwachsenen|kinder|kind|platze|plaetze"
        "|platz|teilnehmer|teilnehmerinnen|mann|freunde|freundinnen",
        leads="fur|fuer|wir sind|wir waren|wir kommen zu|sind wir|gruppe von",
        times=r"uhr|h|tage?n?|stunden?|wochen?|minuten?|monate?n?",
        groups={
            "nur ich|nur fur mich|fur mich allein|fur mich alleine|ich allein|ich alleine"
            "|komme allein|komme alleine": 1,
            "zu zweit|wir beide|uns beide|wir zwei|meine frau und ich|mein mann und ich"
            "|meine freundin und ich|mein freund und ich": 2,
            "zu dritt|wir drei": 3,
            "zu viert|wir vier": 4,
            "zu funft|wir funf": 5,
            "zu sechst": 6,
            "zu siebt": 7,
            "zu acht": 8,
        },
    ),
    "es": _Words(
        nouns="personas|persona|pax|adultos|adulto|ninos|nino|ninas|nina|invitados|plazas|plaza"
        "|sitios|sitio|asientos|asiento|lugares|lugar|entradas|participantes|cupos|cupo",
        leads="para|somos|seremos|seriamos|vamos a ser|vamos|iremos|venimos|grupo de|mesa para",
        times=r"h|hs|hrs|horas?|de la (?:manana|tarde|noche)|am|pm|dias?|semanas?|minutos?"
        "|mes(?:es)?",
        groups={
            "solo yo|solo para mi|para mi sola|para mi solo|voy sola|voy solo|yo sola|yo solo": 1,
            "nosotros dos|nosotras dos|los dos|las dos|mi (?:mujer|marido|esposa|esposo|amiga|amigo"
            "|novia|novio|pareja|madre|hermana|hermano|hijo|hija) y yo|yo y mi (?:mujer|marido"
            "|esposa|esposo|amiga|amigo|novia|novio|pareja)": 2,
            "nosotros tres|nosotras tres": 3,
        },
    ),
}


def people_in(text: str, *, languages: Sequence[str], asked: bool = False) -> People | None:
    """Find how many people a text speaks of.

    Args:
        text: what the customer wrote, best without what was read as its date and time ("for 3" may
            be three o'clock there).
        languages: ISO 639-1 codes, tried in this order; others are passed over.
        asked: the text answers "for how many?", so a bare number is meant.

    Returns:
        The number and the rest of the text; None where none is said. Several kinds are added up
        ("two adults and one child").
    """
    folded, places = _folded(text)
    for code in languages:
        if code not in _WORDS:
            continue
        found = _found(folded, code, asked=asked)
        if found is None:
            continue
        count, spans = found
        return People(count, _without(text, [(places[a], places[b]) for a, b in spans]))
    return None


def _found(text: str, code: str, *, asked: bool) -> tuple[int, list[tuple[int, int]]] | None:
    counted, led, bare, groups = _patterns(code)
    numbers = _numbers(code)
    matches = list(counted.finditer(text))
    if matches:
        total = sum(_value(match["n"], numbers) for match in matches)
        return (total, [m.span() for m in matches]) if 1 <= total <= _MOST else None
    for pattern, count in groups:
        match = pattern.search(text)
        if match:
            return count, [match.span()]
    for pattern in (led, bare) if asked else (led,):
        match = pattern.search(text)
        if match and 1 <= _value(match["n"], numbers) <= _MOST:
            return _value(match["n"], numbers), [match.span()]
    return None


def _value(word: str, numbers: Mapping[str, int]) -> int:
    return int(word) if word.isdecimal() else numbers[word]


@cache
def _numbers(code: str) -> dict[str, int]:
    """Return the number words of a language, unaccented, with "one" in all its forms."""
    phrases = LANGUAGES[code].phrases
    found = {
        _folded(phrase)[0]: tags[K.NUM]
        for phrase, tags in phrases.items()
        if 1 <= tags.get(K.NUM, 0) <= _MOST and " " not in phrase
    }
    more: Mapping[str, Mapping[int, str]] = {
        "en": {1: "a an one"},
        "ru": {1: "одно", 2: "двое двоих", 3: "трое троих", 4: "четверо четверых"},
        "de": {1: "ein eine einen einer"},
        "es": {1: "un una uno"},
    }
    others = {_folded(w)[0]: n for n, words in more[code].items() for w in words.split()}
    return found | others


@cache
def _patterns(
    code: str,
) -> tuple[
    re.Pattern[str], re.Pattern[str], re.Pattern[str], tuple[tuple[re.Pattern[str], int], ...]
]:
    words = _WORDS[code]
    ones = {word for word, value in _numbers(code).items() if value == 1}
    names = sorted(_numbers(code), key=len, reverse=True)
    any_number = rf"(?P<n>\d{{1,3}}|{'|'.join(names)})"
    # "for a haircut" is no number of people
    plural = rf"(?P<n>\d{{1,3}}|{'|'.join(name for name in names if name not in ones)})"
    lead = rf"(?:{words.leads})"
    no_time = rf"(?!\s*[:.,/]\s*\d|\s*(?:{_folded(words.times)[0]})\b|\s*[%€$£]|\d)"
    # A noun behind it that isn't people ("for 3 haircuts") makes it a number of other things.
    plain_end = rf"(?=\s*(?:$|[,.!?;)]|(?:{_JOINTS})\b))"
    filler = rf"(?:{_JOINTS}|{lead})"
    return (
        re.compile(rf"\b(?:{lead}\s+)?{any_number}\s*(?:{_folded(words.nouns)[0]})\b"),
        re.compile(rf"\b{lead}\s+{plural}\b{no_time}{plain_end}"),
        re.compile(rf"^\W*(?:{filler}\s+)*{any_number}\b{no_time}\W*(?:(?:{_JOINTS})\W*)*$"),
        tuple(
            (re.compile(rf"\b(?:{_folded(phrase)[0]})\b"), n) for phrase, n in words.groups.items()
        ),
    )


# Words that may follow or surround a bare number of people.
_JOINTS = (
    "please|pls|thanks|on|at|and|in|if|to|this|next|tomorrow|today|just|it s|will be|of us"
    "|пожалуйста|спасибо|на|в|во|и|завтра|сегодня|если|нас|будет"
    "|bitte|danke|am|um|und|im|morgen|heute|wenn|sind|wir"
    "|por favor|porfa|gracias|el|la|a|y|en|manana|hoy|si|solo|seremos|somos"
)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text unaccented, apostrophes as spaces, and where each character came from."""
    letters: list[str] = []
    places: list[int] = []
    for i, character in enumerate(unicodedata.normalize("NFC", text)):
        plain = unicodedata.normalize("NFKD", character.casefold())
        for part in plain:
            if not unicodedata.combining(part):
                letters.append(" " if part in "'’`´" else part)
                places.append(i)
    return "".join(letters), [*places, len(text)]


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    text = unicodedata.normalize("NFC", text)
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    kept.append(text[at:])
    return " ".join(" ".join(kept).split()).strip(" ,.;:-–—")
