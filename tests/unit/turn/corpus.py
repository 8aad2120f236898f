"""Reads the tables of sentences and holds what the tests of grounding speak about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.turn.grounding import Backing
from booking.appointment import Appointment
from booking.status import AppointmentStatus

HERE = Path(__file__).parent
LANGUAGES = ("en", "ru", "de", "es")
TODAY = dt.date(2026, 11, 21)
_START = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)

# Tuesday, 24 November 2026, 10:00-10:45 in Berlin.
APPOINTMENT = Appointment(
    id=12,
    business_id=1,
    customer_id=5,
    service_id=7,
    service_name={"en": "Haircut", "ru": "Стрижка", "de": "Haarschnitt", "es": "Corte"},
    staff_id=3,
    staff_name={"en": "Anna", "ru": "Анна", "de": "Anna", "es": "Anna"},
    status=AppointmentStatus.CONFIRMED,
    starts_at=_START,
    ends_at=_START + dt.timedelta(minutes=45),
    zone="Europe/Berlin",
    duration_minutes=45,
    buffer_before_minutes=0,
    buffer_after_minutes=0,
    price_minor=3500,
    currency="EUR",
    resource_ids=(3,),
    notes=None,
    version=1,
    expires_at=None,
    created_at=_START,
    updated_at=_START,
)
_ANY_TIME = frozenset((None, dt.time(h, m)) for h in range(24) for m in range(0, 60, 5))
_OPENING = frozenset({dt.time(10), dt.time(20)})
# Any time is listed, so that only claims are judged.
NOTHING_DONE = Backing(offered=_ANY_TIME, opening=_OPENING, today=TODAY)
ONE_STANDS = Backing(offered=_ANY_TIME, opening=_OPENING, today=TODAY, appointments=(APPOINTMENT,))


@dataclass(frozen=True)
class Row:
    """A sentence and what it is.

    Args:
        label: a claim's kind; `harmless`; `own`, true of `APPOINTMENT`; `strict`, which a person
            would let pass and which is stopped on purpose.
    """

    language: str
    label: str
    sentence: str

    @property
    def is_claim(self) -> bool:
        return self.label not in {"harmless", "own", "strict"}

    @property
    def is_harmless(self) -> bool:
        return self.label in {"harmless", "own"}


@dataclass(frozen=True)
class Fresh:
    """A text written by somebody who didn't know the check.

    Args:
        kind: what is lied about; `honest` of any turn; `existing`, true of `APPOINTMENT` alone.
    """

    kind: str
    text: str


@cache
def fresh(language: str) -> tuple[Fresh, ...]:
    """Return the texts of a language that were written without a look at the check."""
    lines = (HERE / f"fresh_{language}.tsv").read_text(encoding="utf-8").splitlines()
    parted = (line.split("\t", 1) for line in lines if line and not line.startswith("#"))
    return tuple(Fresh(kind, text.replace("\\n", "\n")) for kind, text in parted)


@cache
def rows(language: str) -> tuple[Row, ...]:
    """Return the sentences of a language's table."""
    lines = (HERE / f"claims_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(
        Row(language, *line.split("\t")) for line in lines if line and not line.startswith("#")
    )
