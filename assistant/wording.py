"""The lines that receipts, cards and refusals are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assistant.labels import (
    duration_label,
    named,
    one_line,
    price_label,
    time_label,
    when_label,
    zone_label,
)
from assistant.texts import Texts
from booking.appointment import Appointment
from booking.business import Business
from booking.localtime import local_date, to_local
from booking.localtime import zone as zone_called


@dataclass(frozen=True, slots=True)
class Writer:
    """Who speaks, in which language and when: what every line below needs.

    Args:
        language: the reader's; an unknown one gets English.
        now: instant; a year is told when it isn't the current one.
        customer_zone: IANA zone of the customer, when known.
    """

    business: Business
    language: str
    texts: Texts
    now: dt.datetime
    customer_zone: str | None = None

    def say(self, key: str, **values: object) -> str:
        return self.texts.say(key, self.language, **values)

    @property
    def business_name(self) -> str:
        return one_line(self.business.name.get(self.language))

    def when(self, instant: dt.datetime, zone: str, *, sentence: bool = False) -> str:
        return when_label(instant, zone, self.language, now=self.now, sentence=sentence)

    def until(self, instant: dt.datetime, zone: str) -> str:
        """Return a deadline: the time alone where it is today's."""
        where = zone_called(zone)
        if local_date(instant, where) == local_date(self.now, where):
            return time_label(instant, zone, self.language)
        return self.when(instant, zone)

    def service(self, row: Appointment) -> str:
        return self.say(
            "line_service",
            service=named(row.service_name, self.language),
            duration=duration_label(row.duration_minutes, self.language),
        )

    def details(self, row: Appointment) -> list[str]:
        """Return the lines after the time: who, how much, where, number; those that there are."""
        lines = []
        if row.staff_name:
            lines.append(self.say("line_staff", staff=named(row.staff_name, self.language)))
        if row.seats > 1:
            lines.append(self.say("line_seats", count=row.seats))
        if row.price_minor is not None and row.currency is not None:
            price = price_label(row.price_minor, row.currency, self.language)
            # A price is one person's; with several, both numbers have to be told apart.
            lines.append(
                self.say("line_price_each" if row.seats > 1 else "line_price", price=price)
            )
        if self.business.address is not None:
            address = one_line(self.business.address.get(self.language))
            lines.append(self.say("line_address", address=address))
        lines.append(self.say("line_number", number=row.id))
        return lines

    def zone(self, instant: dt.datetime, zone: str) -> str:
        return self.say("line_zone", zone=zone_label(instant, zone, self.language))

    def zone_if_foreign(self, instant: dt.datetime, zone: str) -> list[str]:
        """Return the zone's line where the customer's clock shows another time."""
        if self.customer_zone is None:
            return []
        theirs = to_local(instant, zone_called(self.customer_zone)).utcoffset()
        ours = to_local(instant, zone_called(zone)).utcoffset()
        return [self.zone(instant, zone)] if theirs != ours else []

    def facts(self, row: Appointment) -> list[str]:
        """Return what an appointment is: service, weekday with date and time, details."""
        return [
            self.service(row),
            self.when(row.starts_at, row.zone, sentence=True),
            *self.zone_if_foreign(row.starts_at, row.zone),
            *self.details(row),
        ]

    def contact(self) -> list[str]:
        contact = self.business.contact.first()
        return [self.say("line_contact", contact=one_line(contact))] if contact else []
