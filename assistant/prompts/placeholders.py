"""The closed list of what a prompt file may ask for.

A prompt that names anything else is refused at load, so a typing mistake can't reach a customer.
All values are texts; one that the business hasn't told is empty, so `{% if address %}` works.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Prompt -> placeholder -> what it stands for. docs/prompts.md shows the same table.
PLACEHOLDERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "system": MappingProxyType(
            {
                "business_name": "Name of the business, in all its languages",
                "time_zone": "IANA zone in which all times are told",
                "languages": "Languages the business serves, its own first",
                "services": "One line per service: name, duration, price, staff, approval",
                "opening_hours": "Weekly opening hours, one line per weekday",
                "address": "Address, or empty",
                "contact": "Phone, Telegram and e-mail, or empty",
                "facts": "FAQ facts, one line per topic, or empty",
                "min_notice": "Shortest time between now and a start, or empty",
                "horizon_days": "How many days ahead can be booked",
                "max_active": "How many upcoming appointments one customer may have",
                "max_per_day": "The same on one day, or empty",
                "max_per_week": "The same in one week (Monday to Sunday), or empty",
                "cancel_window": "How long before the start customers can still cancel",
                "reschedule_window": "How long before the start customers can still move",
                "hold_minutes": "Minutes that a proposal card keeps its time; empty without cards",
            }
        ),
        "envelope": MappingProxyType(
            {
                "now": "Weekday, date, time, zone and UTC offset of the business at this moment",
                "calendar": "The next 14 days with their weekdays, today first",
                "customer": "What is known of the customer, fenced as data",
                "appointments": "The customer's upcoming appointments, fenced as data, or empty",
                "message": "What the customer wrote, fenced as data",
            }
        ),
    }
)

# Without these the prompt can't do its work; a file that lost one is refused.
REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "system": frozenset({"business_name", "services"}),
        "envelope": frozenset({"now", "calendar", "message"}),
    }
)
