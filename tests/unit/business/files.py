"""Generated business files, and shorthands to make small ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from booking.business_file import WEEKDAYS, BusinessFile
from booking.money import decimals

SMALL: dict[str, Any] = {
    "slug": "shop",
    "name": "Shop",
    "zone": "Europe/Berlin",
    "hours": {"mon": "10:00-18:00"},
    "staff": [{"slug": "anna", "name": "Anna"}],
    "services": [{"slug": "cut", "name": "Cut", "duration_minutes": 30, "staff": ["anna"]}],
}


def small(**changed: Any) -> BusinessFile:
    """A small valid file with some keys replaced."""
    return BusinessFile.model_validate({**SMALL, **changed})


SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
LANGUAGES = st.sampled_from(["en", "de", "ru", "es", "no", "fr"])
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
# What YAML readers take for something else.
TRICKY = st.sampled_from(
    """no yes null ~ 12:30 2026-12-24 1e3 010 #1 @me ' " {a} [a] *a &a !a | > % ` << = 🧘""".split()
) | st.sampled_from(["- a", "a: b", "a #b", "a\nb", "a\n\n b"])
TEXTS = st.dictionaries(LANGUAGES, TEXT | TRICKY, min_size=1, max_size=3)
ZONES = st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/Santiago", "Pacific/Apia"])
DATES = st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)).map(dt.date.isoformat)


@st.composite
def day_ranges(draw: st.DrawFn) -> list[str]:
    """Ranges of one day that don't overlap; the last one may run into the next date."""
    bounds = draw(st.lists(st.integers(0, 1439), max_size=6, unique=True).map(sorted))
    if len(bounds) % 2:
        bounds.append(draw(st.integers(0, bounds[0]) | st.just(1440)))
    clock = [f"{m // 60:02d}:{m % 60:02d}" for m in bounds]
    return [f"{a}-{b}" for a, b in zip(clock[::2], clock[1::2], strict=True)]


WEEKS = st.dictionaries(st.sampled_from(WEEKDAYS), day_ranges(), max_size=7)
EXCEPTIONS = st.dictionaries(DATES, day_ranges(), max_size=3)


@st.composite
def prices(draw: st.DrawFn) -> dict[str, Any]:
    """A price in a currency with at most its decimals, or none."""
    if draw(st.booleans()):
        return {}
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
    minor = draw(st.integers(0, 10**8))
    return {"currency": currency, "price": Decimal(minor).scaleb(-decimals(currency))}


@st.composite
def business_files(draw: st.DrawFn) -> BusinessFile:
    """Any valid business file."""
    slugs = draw(st.lists(SLUGS, min_size=1, max_size=6, unique=True))
    people = draw(st.integers(0, len(slugs)))
    optional = st.fixed_dictionaries(
        {}, optional={"zone": ZONES, "hours": WEEKS, "exceptions": EXCEPTIONS}
    )
    staff = [{"slug": s, "name": draw(TEXTS), **draw(optional)} for s in slugs[:people]]
    resources = [
        {
            "slug": slug,
            "name": draw(TEXTS),
            "kind": draw(st.sampled_from(["room", "chair", "class"])),
            "capacity": draw(st.integers(1, 20)),
            **draw(optional),
        }
        for slug in slugs[people:]
    ]
    minutes = st.integers(1, 1440)
    services = []
    for slug in draw(st.lists(SLUGS, min_size=1, max_size=4, unique=True)):
        serving = draw(st.lists(st.sampled_from(slugs), min_size=1, unique=True))
        services.append(
            {
                "slug": slug,
                "name": draw(TEXTS),
                "duration_minutes": draw(minutes),
                "approval_required": draw(st.booleans()),
                "staff": [s for s in serving if s in slugs[:people]],
                "resources": [s for s in serving if s in slugs[people:]],
                **draw(prices()),
                **draw(
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "description": TEXTS,
                            "buffer_before_minutes": st.integers(0, 1440),
                            "buffer_after_minutes": st.integers(0, 1440),
                            "step_minutes": minutes,
                        },
                    )
                ),
            }
        )
    policy = st.fixed_dictionaries(
        {},
        optional={
            "step_minutes": minutes,
            "max_per_day": st.none() | st.integers(1, 9),
            "confirmation": st.sampled_from(["card", "immediate"]),
            "reminder_minutes": st.lists(minutes, max_size=3),
            "unanswered_after_minutes": st.integers(0, 9),
            "review_after_minutes": st.integers(0, 9),
            "review_url": st.none() | st.just("https://example.com/?a=b#c"),
            "reminder_day_before_at": st.none() | st.sampled_from(["00:00", "9:05", "23:59"]),
        },
    )
    contact = st.fixed_dictionaries({}, optional={"phone": TEXT | TRICKY, "telegram": TEXT})
    return BusinessFile.model_validate(
        {
            "slug": draw(SLUGS),
            "name": draw(TEXTS),
            "zone": draw(ZONES),
            "languages": draw(st.lists(LANGUAGES, min_size=1, unique=True)),
            "contact": draw(contact),
            "address": draw(st.none() | TEXTS),
            "owner_chat_ids": draw(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), unique=True)),
            "policy": draw(policy),
            "hours": draw(WEEKS),
            "exceptions": draw(EXCEPTIONS),
            "staff": staff,
            "resources": resources,
            "services": services,
            "facts": draw(st.dictionaries(TEXT | TRICKY, TEXTS, max_size=3)),
        }
    )
