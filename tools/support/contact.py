"""Contact data as customers write it: checked, and in the form it is kept in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import phonenumbers
from babel.core import get_global

from booking.business import Business
from booking.localtime import zone
from tools.support.outcomes import ArgumentProblem

MAX_NAME = 80
# Only what is surely no address is refused: whether mail arrives can't be seen from its form.
_EMAIL = re.compile(r"[^@\s<>(),;:\\\"]{1,64}@[^@\s<>(),;:\\\"]{1,180}\.[^@\s.<>(),;:\\\"]{2,63}")


def read_contact(
    said: Mapping[str, str], business: Business
) -> dict[str, str | None] | ArgumentProblem:
    """Return the fields of `customers` to write, or what is wrong with which.

    Args:
        said: `name`, `phone`, `email`, `time_zone` as far as they were given; "" removes one.
        business: a phone number without a country is one of where it is.
    """
    readers: dict[str, tuple[str, Callable[[str], str]]] = {
        "name": ("preferred_name", read_name),
        "phone": ("phone", lambda text: read_phone(text, business)),
        "email": ("email", read_email),
        "time_zone": ("zone", read_zone),
    }
    fields: dict[str, str | None] = {}
    problems: list[str] = []
    for key, text in said.items():
        column, read = readers[key]
        try:
            fields[column] = read(text.strip()) if text.strip() else None
        except ValueError as error:
            problems.append(f"{key}: {error}")
    if problems:
        return ArgumentProblem(error="; ".join(problems), next="Ask the customer for it again.")
    if not fields:
        return ArgumentProblem(error="nothing to save", next="Ask what to change.")
    return fields


def read_name(text: str) -> str:
    """Return a name on one line.

    Raises:
        ValueError: too long, or no letters in it.
    """
    name = " ".join(text.split())
    if len(name) > MAX_NAME or not any(char.isalpha() for char in name):
        raise ValueError(f"a name has letters and at most {MAX_NAME} characters")
    return name


def read_phone(text: str, business: Business) -> str:
    """Return a phone number in international form (E.164).

    Raises:
        ValueError: it can't be one; says what is needed.
    """
    region = get_global("zone_territories").get(business.zone)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number; write it with the country: +49 30 1234567") from None
    # Not is_valid_number: ranges that were given out lately would be refused.
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError("too short or too long; write it with the country: +49 30 1234567")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_email(text: str) -> str:
    """Return an e-mail address, its domain in small letters.

    Raises:
        ValueError: it can't be one.
    """
    if _EMAIL.fullmatch(text) is None or ".." in text:
        raise ValueError("not an e-mail address; it looks like name@example.org")
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def read_zone(text: str) -> str:
    """Return the IANA name of a zone.

    Raises:
        ValueError: there is none of that name; says the likeliest ones.
    """
    return zone(text).key
