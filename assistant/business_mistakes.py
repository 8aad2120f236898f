"""The validation errors of a business file in words for its owner, each with a suggestion."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from booking.business_checks import REFERENCES, Finding, Location, suggest
from booking.business_file import (
    WEEKDAYS,
    BusinessFile,
    ContactFile,
    LocationFile,
    PolicyFile,
    ResourceFile,
    ServiceFile,
    StaffFile,
)

_PARTS: Mapping[str | int, type[BaseModel]] = {
    "policy": PolicyFile,
    "contact": ContactFile,
    "location": LocationFile,
    "staff": StaffFile,
    "resources": ResourceFile,
    "services": ServiceFile,
}
# What pydantic adds to a location when the key of a mapping is wrong, not its value.
_KEY = "[key]"
_WHOLE = "a whole number is needed, not {given}"
_TEXT = "a text is needed, not {given}{quote}"
_TRUTH = "true or false is needed, not {given}"
_AMOUNT = "a number is needed, such as 35 or 35.50, not {given}"
_DEGREES = "a number of degrees is needed, such as 52.5312, not {given}"
_MAPPING = 'lines of "key: value" are needed, not {given}'
_LIST = "a list is needed{listed}"
_DATE = "a date is written 2026-12-24, not {given}"
_SENTENCES = {
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "string_type": _TEXT,
    "string_unicode": "a text with a broken character",
    "string_too_short": "a text is needed; this one is empty",
    "string_too_long": "the text has more than {max_length} characters",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "float_type": _DEGREES,
    "float_parsing": _DEGREES,
    "decimal_type": _AMOUNT,
    "decimal_parsing": _AMOUNT,
    "finite_number": _AMOUNT,
    "decimal_max_places": "{given} has more than {decimal_places} decimals",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "tuple_type": _LIST,
    "greater_than_equal": "{given} is too small; {ge} is the least",
    "less_than_equal": "{given} is too large; {le} is the most",
    "too_short": "at least {min_length} is needed here",
    "too_long": "at most {max_length} are allowed here",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "recursion_loop": "this refers to itself",
}


def in_words(error: ErrorDetails) -> Finding | None:
    """Return a validation error as what to tell; None for what `reference_mistakes` tells."""
    kind, given = error["type"], error["input"]
    if kind == REFERENCES or (kind == "too_short" and given):
        return None  # pydantic counts the valid items only; the others are told one by one
    location: Location = error["loc"]
    at_key = location[-1:] == (_KEY,)
    if at_key:
        location = location[:-1]
    name = location[-1] if location else "file"
    if kind == "missing":
        return Finding(location[:-1], f"{name} is missing{_example(name)}")
    if kind == "extra_forbidden":
        return Finding(location, _unknown_key(location), at_key=True)
    if kind == "value_error":
        message = error["msg"].removeprefix("Value error, ")
    elif kind in ("literal_error", "enum"):
        message = _choice(location, given, at_key=at_key)
    elif kind == "string_pattern_mismatch":
        message = _pattern(location, str(given), at_key=at_key)
    elif kind in _SENTENCES:
        quote = "" if isinstance(given, list | dict) or given is None else "; put it in quotes"
        listed = f": write [{given}]" if isinstance(given, str | int) else ", such as [a, b]"
        values = {**error.get("ctx", {}), "given": _told(given), "quote": quote, "listed": listed}
        message = _SENTENCES[kind].format(**values)
    else:
        message = error["msg"]
    return Finding(location, message, at_key=at_key)


def _told(given: object) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, Mapping):
        return 'lines of "key: value"'
    if isinstance(given, list):
        return "a list"
    if isinstance(given, bool):
        return str(given).lower()
    return repr(given)


def _model_at(location: Location) -> type[BaseModel] | None:
    if len(location) == 1:
        return BusinessFile
    inside = 2 if location[0] in ("policy", "contact", "location") else 3
    return _PARTS.get(location[0]) if len(location) == inside else None


def _unknown_key(location: Location) -> str:
    key, model = location[-1], _model_at(location)
    known = [] if model is None else [*model.model_fields]
    hint = suggest(key, known) or f"; there are: {', '.join(known)}"
    elsewhere = [part for part, other in _PARTS.items() if key in other.model_fields]
    if "did you mean" not in hint and elsewhere:
        hint = f"; it belongs into {' or '.join(str(part) for part in elsewhere)}"
    return f"unknown key {str(key)!r}{hint}"


def _choice(location: Location, given: object, *, at_key: bool) -> str:
    if at_key:
        day = str(location[-1])
        known = [day.casefold()[:3]] if day.casefold()[:3] in WEEKDAYS else list(WEEKDAYS)
        near = suggest(day[:3], known)
        return f"no weekday is called {day!r}{near}; they are: {', '.join(WEEKDAYS)}"
    field = PolicyFile.model_fields[str(location[-1])]
    allowed = [str(member) for member in field.annotation or ()]
    return f"{_told(given)} is no choice{suggest(given, allowed)}; write {' or '.join(allowed)}"


def _pattern(location: Location, given: str, *, at_key: bool) -> str:
    name = location[-1] if location else ""
    parent = location[-2] if len(location) > 1 else ""
    if at_key or parent == "languages":
        return f"a language is two small letters (ISO 639-1) such as en or de, not {given!r}"
    if name == "kind":
        near = re.sub(r"[^a-z_-]+", "-", _plain(given)).strip("-_")[:31]
        return f"a kind is one word in small letters, not {given!r}{_write(near)}"
    near = re.sub(r"[^a-z0-9]+", "-", _plain(given)).strip("-")[:63]
    return f"a slug is small letters, digits and -, not {given!r}{_write(near)}"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()


def _write(near: str) -> str:
    return f"; write {near}" if near else ""


def _example(name: str | int) -> str:
    examples = {
        "slug": "my-shop",
        "name": "My shop",
        "zone": "Europe/Berlin",
        "kind": "room",
        "duration_minutes": "45",
    }
    if name in examples:
        return f"; add {name}: {examples[str(name)]}"
    if name == "hours":
        return '; add hours: with a line such as mon: "10:00-18:00"'
    if name == "services":
        return "; add services: with at least one"
    return ""
