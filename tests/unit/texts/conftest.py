"""One business and one appointment that the tests of texts speak about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.prompts.loader import PromptBook
from assistant.texts import Texts
from booking.appointment import Appointment
from booking.business import Business, Contact, DayInterval, LocalText, Resource, Service
from booking.status import AppointmentStatus
from tests.shipped import shipped

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def texts() -> Texts:
    return shipped().texts


@pytest.fixture(scope="session")
def book() -> PromptBook:
    return PromptBook.load(ROOT / "prompts")


@pytest.fixture
def now() -> dt.datetime:
    # Saturday, 21 November 2026, 10:00 in Berlin.
    return dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def make_business() -> Callable[..., Business]:
    def make(**changes: Any) -> Business:
        values: dict[str, Any] = {
            "id": 1,
            "slug": "studio",
            "name": LocalText({"en": "Linden Studio", "ru": "Студия «Липа»"}),
            "zone": "Europe/Berlin",
            "languages": ("en", "ru"),
            "hours": {0: (DayInterval(9 * 60, 12 * 60), DayInterval(13 * 60, 18 * 60))},
            "services": (
                Service(
                    id=7,
                    slug="haircut",
                    name=LocalText({"en": "Haircut", "ru": "Стрижка"}),
                    duration_minutes=45,
                    price_minor=2500,
                    currency="EUR",
                    resource_ids={"staff": (3,)},
                ),
            ),
            "resources": (
                Resource(
                    id=3, slug="anna", kind="staff", name=LocalText({"en": "Anna", "ru": "Анна"})
                ),
            ),
            "contact": Contact(phone="+49 30 5550100"),
            "address": LocalText({"en": "12 Linden St, Berlin", "ru": "Линденштр. 12, Берлин"}),
        }
        return Business(**values | changes)

    return make


@pytest.fixture
def business(make_business: Callable[..., Business]) -> Business:
    return make_business()


@pytest.fixture
def make_appointment(now: dt.datetime) -> Callable[..., Appointment]:
    def make(**changes: Any) -> Appointment:
        starts_at = changes.get("starts_at", dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC))
        values: dict[str, Any] = {
            "id": 12,
            "business_id": 1,
            "customer_id": 5,
            "service_id": 7,
            "service_name": {"en": "Haircut", "ru": "Стрижка"},
            "staff_id": 3,
            "staff_name": {"en": "Anna", "ru": "Анна"},
            "status": AppointmentStatus.CONFIRMED,
            "starts_at": starts_at,
            "ends_at": starts_at + dt.timedelta(minutes=45),
            "zone": "Europe/Berlin",
            "duration_minutes": 45,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 10,
            "price_minor": 2500,
            "currency": "EUR",
            "resource_ids": (3,),
            "notes": None,
            "version": 1,
            "expires_at": None,
            "created_at": now,
            "updated_at": now,
        }
        return Appointment(**values | changes)

    return make


@pytest.fixture
def appointment(make_appointment: Callable[..., Appointment]) -> Appointment:
    return make_appointment()
