"""What is wrong, or odd, in a business file beyond the form of its single values.

The functions read the file as plain data (what YAML or JSON gives) and pass over whatever has the
wrong form, so that they also find what is to be found in a file with other mistakes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from booking.business import STAFF
from booking.money import decimals, is_currency

# The type of the validation error that holds what `reference_mistakes` found.
REFERENCES = "business_references"

Location = tuple[str | int, ...]
_Entry = tuple[Location, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell the owner about their file.

    Args:
        location: keys and list positions from the top of the file to the value.
        message: what is wrong, and what would be right.
        at_key: it is about the key, not about its value.
    """

    location: Location
    message: str
    at_key: bool = False

    @property
    def path(self) -> str:
        """The location in words, such as "services[0].price"."""
        told = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in self.location)
        return told.lstrip(".") or "the file"


def suggest(wrong: object, known: Sequence[str]) -> str:
    """Return "; did you mean ...?" for the nearest known word, or nothing."""
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(str(wrong).casefold(), folded, n=1)
    return f"; did you mean {folded[near[0]]}?" if near else ""


def reference_mistakes(document: object) -> list[Finding]:
    """Return what contradicts itself: names used twice, unknown names, prices without a currency.

    Args:
        document: the file as plain data.
    """
    if not isinstance(document, Mapping):
        return []
    staff, things = _entries(document, "staff"), _entries(document, "resources")
    services = _entries(document, "services")
    found = [*_used_twice([*staff, *things]), *_used_twice(services)]
    found += [
        Finding((*at, "kind"), 'people go under "staff", not under "resources"')
        for at, thing in things
        if thing.get("kind") == STAFF
    ]
    known = {"staff": _slugs(staff), "resources": _slugs(things)}
    for at, service in services:
        found += _unknown_names(at, service, known)
        if not (service.get("staff") or service.get("resources")):
            found.append(
                Finding(at, "nobody gives this service: name people in staff, or resources")
            )
        found += _price_mistakes(at, service)
    return found


def warnings(document: object, today: dt.date) -> list[Finding]:
    """Return what is allowed but rarely meant.

    Args:
        document: the file as plain data.
        today: local date of the business.
    """
    if not isinstance(document, Mapping):
        return []
    found = [*_unused(document), *_past_dates(document, today), *_missing_texts(document)]
    return sorted(found, key=lambda finding: [str(part) for part in finding.location])


def _entries(document: Mapping[Any, Any], key: str) -> list[_Entry]:
    entries = document.get(key)
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return []
    return [((key, n), entry) for n, entry in enumerate(entries) if isinstance(entry, Mapping)]


def _slugs(entries: Sequence[_Entry]) -> list[str]:
    return [entry["slug"] for _, entry in entries if isinstance(entry.get("slug"), str)]


def _named(service: Mapping[str, Any], key: str) -> list[tuple[int, str]]:
    names = service.get(key)
    if not isinstance(names, Sequence) or isinstance(names, str):
        return []
    return [(n, name) for n, name in enumerate(names) if isinstance(name, str)]


def _used_twice(entries: Sequence[_Entry]) -> Iterator[Finding]:
    first: dict[str, Location] = {}
    for at, entry in entries:
        slug = entry.get("slug")
        if not isinstance(slug, str):
            continue
        if slug in first:
            other = Finding(first[slug], "").path
            yield Finding((*at, "slug"), f"the slug {slug} is used twice, first by {other}")
        else:
            first[slug] = at


def _unknown_names(
    at: Location, service: Mapping[str, Any], known: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    other = {"staff": "resources", "resources": "staff"}
    for key, slugs in known.items():
        for n, name in _named(service, key):
            if name in slugs:
                continue
            if name in known[other[key]]:
                hint = f'; "{name}" goes under this service\'s {other[key]}'
            else:
                hint = suggest(name, slugs) or f"; there are: {', '.join(slugs) or 'none'}"
            yield Finding((*at, key, n), f"no {key} entry has the slug {name!r}{hint}")


def _price_mistakes(at: Location, service: Mapping[str, Any]) -> Iterator[Finding]:
    price, currency = service.get("price"), service.get("currency")
    if price is None and currency is not None:
        yield Finding((*at, "currency"), "a currency without a price: add a price, or leave it out")
    if price is None or not (currency is None or is_currency(currency)):
        return
    if currency is None:
        yield Finding((*at, "price"), "a price needs a currency, such as currency: EUR")
        return
    try:
        amount = Decimal(str(price))
        places = -min(0, int(amount.normalize().as_tuple().exponent))
    except (InvalidOperation, ValueError):
        return  # no number; said elsewhere
    allowed = decimals(currency)
    if places > allowed:
        most = f"at most {allowed}" if allowed else "none"
        yield Finding((*at, "price"), f"{price} has {places} decimals, {currency} has {most}")


def _unused(document: Mapping[Any, Any]) -> Iterator[Finding]:
    services = _entries(document, "services")
    for key, what in (("staff", "gives no service"), ("resources", "is used by no service")):
        used = {name for _, service in services for _, name in _named(service, key)}
        for at, entry in _entries(document, key):
            slug = entry.get("slug")
            if isinstance(slug, str) and slug not in used:
                yield Finding(at, f"{slug} {what}")


def _past_dates(document: Mapping[Any, Any], today: dt.date) -> Iterator[Finding]:
    everybody = [*_entries(document, "staff"), *_entries(document, "resources")]
    for at, entry in [((), document), *everybody]:
        dates = entry.get("exceptions")
        for key in dates if isinstance(dates, Mapping) else ():
            try:
                date = dt.date.fromisoformat(str(key))
            except ValueError:
                continue  # no date; said elsewhere
            if date < today:
                where: Location = (*at, "exceptions", str(key))
                yield Finding(where, f"{key} is past; this line can go", at_key=True)


def _missing_texts(document: Mapping[Any, Any]) -> Iterator[Finding]:
    languages = document.get("languages", ["en"])
    if not isinstance(languages, Sequence) or isinstance(languages, str):
        return
    wanted = [language for language in languages if isinstance(language, str)]
    for at, value in _texts(document):
        given = [*value] if isinstance(value, Mapping) else ["en"]
        missing = [language for language in wanted if language not in given]
        if missing:
            yield Finding(at, f"there is no text in {', '.join(missing)}")
        if extra := [str(language) for language in given if language not in wanted]:
            told = f"{', '.join(extra)} is not among the languages, so nobody reads it"
            if isinstance(value, str):
                told = f"a text without a language is English: write {{{wanted[0]}: ...}}"
            yield Finding(at, told)


def _texts(document: Mapping[Any, Any]) -> Iterator[tuple[Location, object]]:
    entries: list[_Entry] = [((), document)]
    for key in ("staff", "resources", "services"):
        entries += _entries(document, key)
    for at, entry in entries:
        for key in ("name", "address", "description"):
            value = entry.get(key)
            # A person's bare name is the same in every language.
            if isinstance(value, Mapping) or (isinstance(value, str) and at[:1] != ("staff",)):
                yield (*at, key), value
    facts = document.get("facts")
    for topic, value in facts.items() if isinstance(facts, Mapping) else ():
        if isinstance(value, str | Mapping):
            yield ("facts", str(topic)), value
