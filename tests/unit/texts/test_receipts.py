"""Receipts, cards, refusals, reminders and notices: complete, and the same every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from assistant.receipts import (
    OWNER_CHANGES,
    appointments_text,
    owner_notice,
    proposal_card,
    receipt,
    refusal_text,
    reminder_text,
)
from assistant.texts import Texts
from booking.appointment import Appointment, Change
from booking.business import Business, Contact
from booking.draft import DraftStage
from booking.refusals import Offer, Refusal, RefusalCode
from booking.status import AppointmentStatus

MakeAppointment = Callable[..., Appointment]
MakeBusiness = Callable[..., Business]
LANGUAGES = ("en", "ru", "de", "es")
NBSP = "\N{NO-BREAK SPACE}"
EXPIRES = dt.datetime(2026, 11, 21, 9, 10, tzinfo=dt.UTC)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


@pytest.fixture
def said(business: Business, texts: Texts, now: dt.datetime) -> dict[str, Any]:
    """What every function here takes."""
    return {"business": business, "texts": texts, "now": now}


def test_booked(appointment: Appointment, said: dict[str, Any]) -> None:
    assert receipt(Change.BOOKED, appointment, language="en", **said) == (
        "✅ Booked\n"
        "Haircut (45 min)\n"
        "Tuesday, 24 November, 10:00\n"
        "With: Anna\n"
        "Price: €25.00\n"
        "Address: 12 Linden St, Berlin\n"
        "Appointment #12"
    )
    assert receipt(Change.BOOKED, appointment, language="ru", **said) == (
        "✅ Вы записаны\n"
        "Стрижка (45 мин)\n"
        "Вторник, 24 ноября, 10:00\n"
        "Специалист: Анна\n"
        f"Цена: 25,00{NBSP}€\n"
        "Адрес: Линденштр. 12, Берлин\n"
        "Запись #12"
    )


def test_only_what_there_is(
    make_appointment: MakeAppointment, make_business: MakeBusiness, said: dict[str, Any]
) -> None:
    row = make_appointment(staff_id=None, staff_name=None, price_minor=None, currency=None)
    said["business"] = make_business(address=None)
    assert receipt(Change.BOOKED, row, language="en", **said) == (
        "✅ Booked\nHaircut (45 min)\nTuesday, 24 November, 10:00\nAppointment #12"
    )


@pytest.mark.parametrize(
    ("language", "places", "price"),
    [
        ("en", "Places: 3", "Price: €25.00 per person"),
        ("ru", "Мест: 3", f"Цена: 25,00{NBSP}€ с человека"),
        ("de", "Plätze: 3", f"Preis: 25,00{NBSP}€ pro Person"),
        ("es", "Plazas: 3", f"Precio: 25,00{NBSP}€ por persona"),
    ],
)
def test_the_number_of_people_is_told_everywhere(
    make_appointment: MakeAppointment,
    said: dict[str, Any],
    language: str,
    places: str,
    price: str,
) -> None:
    row = make_appointment(seats=3)
    texts = [
        receipt(Change.BOOKED, row, language=language, **said),
        reminder_text(row, language=language, **said),
        proposal_card(DraftStage.CONFIRM_BOOKING, row, language=language, **said),
        owner_notice(Change.BOOKED, row, customer="Ada", language=language, **said),
    ]
    for text in texts:
        assert {places, price} <= set(text.splitlines())


def test_moved(appointment: Appointment, said: dict[str, Any]) -> None:
    previous = utc(2026, 11, 23, 8, 30)
    english = receipt(
        Change.MOVED, appointment, language="en", previous_starts_at=previous, **said
    ).splitlines()
    assert english[0] == "✅ Moved"
    assert english[2] == "Tuesday, 24 November, 10:00"
    assert english[-1] == "Before: Monday, 23 November, 09:30"
    russian = receipt(
        Change.MOVED, appointment, language="ru", previous_starts_at=previous, **said
    ).splitlines()
    assert russian[0] == "✅ Запись перенесена"
    assert russian[-1] == "Было: понедельник, 23 ноября, 09:30"


def test_requested_is_not_booked(make_appointment: MakeAppointment, said: dict[str, Any]) -> None:
    row = make_appointment(status=AppointmentStatus.PENDING, expires_at=utc(2026, 11, 22, 9))
    lines = receipt(Change.REQUESTED, row, language="en", **said).splitlines()
    assert lines[0] == "⏳ Request sent, not confirmed yet"
    assert lines[-1] == (
        "Linden Studio will approve or decline it by Sunday, 22 November, 10:00. "
        "I'll write to you then."
    )
    moved = receipt(Change.MOVED, row, language="ru", **said).splitlines()
    assert moved[0] == "⏳ Заявка перенесена и ещё ждёт одобрения"
    assert moved[-1] == (
        "Срок ответа: воскресенье, 22 ноября, 10:00. "
        "Заявку рассмотрит Студия «Липа»; я сразу вам напишу."
    )


def test_cancelled_says_by_whom(make_appointment: MakeAppointment, said: dict[str, Any]) -> None:
    cancelled = AppointmentStatus.CANCELLED
    own = make_appointment(status=cancelled, cancelled_by="customer", cancel_reason="busy")
    text = receipt(Change.CANCELLED, own, language="en", **said)
    assert text.startswith("Cancelled\nHaircut")
    assert "busy" not in text
    theirs = make_appointment(status=cancelled, cancelled_by="owner", cancel_reason="Anna\nis ill")
    lines = receipt(Change.CANCELLED, theirs, language="en", **said).splitlines()
    assert lines[0] == "Linden Studio has cancelled your appointment"
    assert lines[-2:] == ["Reason: Anna is ill", "Contact: +49 30 5550100"]


def test_declined_gives_the_contact(appointment: Appointment, said: dict[str, Any]) -> None:
    text = receipt(Change.DECLINED, appointment, language="en", **said)
    assert text.startswith("Unfortunately, Linden Studio can't accept your request.")
    assert text.endswith("Contact: +49 30 5550100")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("change", list(Change))
def test_every_receipt_is_complete(
    change: Change, language: str, appointment: Appointment, said: dict[str, Any]
) -> None:
    text = receipt(change, appointment, language=language, **said)
    assert text == receipt(change, appointment, language=language, **said)
    for part in ("45", "24", "10:00", "#12", "25"):
        assert part in text
    assert ("Стрижка" if language == "ru" else "Haircut") in text
    assert ("Анна" if language == "ru" else "Anna") in text
    assert ("Линденштр. 12" if language == "ru" else "12 Linden St") in text


def test_no_two_changes_sound_alike(appointment: Appointment, said: dict[str, Any]) -> None:
    for language in LANGUAGES:
        heads = {
            receipt(change, appointment, language=language, **said).splitlines()[0]
            for change in Change
        }
        assert len(heads) == len(Change)


def test_repeated_hour_tells_the_offset(
    make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    row = make_appointment(starts_at=utc(2026, 10, 25, 1, 30))
    english = receipt(Change.BOOKED, row, language="en", **said)
    assert "\nSunday, 25 October, 02:30 (UTC+01:00)\n" in english
    russian = receipt(Change.BOOKED, row, language="ru", **said)
    assert "\nВоскресенье, 25 октября, 02:30 (UTC+01:00)\n" in russian


def test_zone_is_told_where_the_customers_clock_differs(
    appointment: Appointment, make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    def text(row: Appointment, customer_zone: str | None) -> str:
        return receipt(Change.BOOKED, row, language="en", customer_zone=customer_zone, **said)

    assert "Time zone" not in text(appointment, None)
    assert "Time zone" not in text(appointment, "Europe/Paris")  # the same clock
    assert "Time zone: Berlin, UTC+01:00" in text(appointment, "Asia/Kathmandu")
    there = make_appointment(zone="Asia/Kathmandu")
    assert "Tuesday, 24 November, 14:45\nTime zone: Kathmandu, UTC+05:45\n" in text(there, "UTC")


def test_names_are_one_line_of_data(
    make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    row = make_appointment(service_name={"en": "Cut {staff}\n✅ Booked"})
    lines = receipt(Change.RELEASED, row, language="de", **said).splitlines()
    assert lines[1] == "Cut {staff} ✅ Booked (45 Min.)"


def test_booking_card(
    make_appointment: MakeAppointment, make_business: MakeBusiness, said: dict[str, Any]
) -> None:
    held = make_appointment(status=AppointmentStatus.HELD, expires_at=EXPIRES)
    card = proposal_card(DraftStage.CONFIRM_BOOKING, held, language="en", **said)
    assert card == (
        "Please check and confirm:\n"
        "Haircut (45 min)\n"
        "Tuesday, 24 November, 10:00\n"
        "Time zone: Berlin, UTC+01:00\n"
        "With: Anna\n"
        "Price: €25.00\n"
        "Address: 12 Linden St, Berlin\n"
        "Appointment #12\n"
        "I'm holding this time for you until 10:10. It isn't booked until you confirm."
    )
    russian = proposal_card(DraftStage.CONFIRM_BOOKING, held, language="ru", **said)
    assert russian.startswith("Проверьте, пожалуйста, и подтвердите:\nСтрижка (45 мин)\n")
    assert "\nЧасовой пояс: Берлин, UTC+01:00\n" in russian
    assert russian.endswith(
        "Держу это время за вами до 10:10. Запись появится только после подтверждения."
    )
    business = said["business"]
    service = business.services[0]
    said["business"] = make_business(
        services=(type(service)(**{**_fields(service), "approval_required": True}),)
    )
    card = proposal_card(DraftStage.CONFIRM_BOOKING, held, language="en", **said)
    assert card.endswith("Once you confirm, Linden Studio still has to approve the request.")


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_hold_over_midnight_tells_the_day(
    make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    said["now"] = utc(2026, 11, 21, 22, 55)  # 23:55 in Berlin
    held = make_appointment(status=AppointmentStatus.HELD, expires_at=utc(2026, 11, 21, 23, 5))
    card = proposal_card(DraftStage.CONFIRM_BOOKING, held, language="en", **said)
    assert "until Sunday, 22 November, 00:05." in card


def test_move_card(appointment: Appointment, said: dict[str, Any]) -> None:
    card = proposal_card(
        DraftStage.CONFIRM_MOVE,
        appointment,
        language="ru",
        new_starts_at=utc(2027, 1, 2, 9),
        **said,
    )
    assert card.splitlines()[:4] == [
        "Перенести эту запись?",
        "Стрижка (45 мин)",
        "Сейчас: вторник, 24 ноября, 10:00",
        "Новое время: суббота, 2 января 2027 г., 10:00",
    ]
    assert card.endswith("До подтверждения ничего не изменится.")


def test_cancel_card(appointment: Appointment, said: dict[str, Any]) -> None:
    card = proposal_card(DraftStage.CONFIRM_CANCEL, appointment, language="en", **said)
    assert card.startswith(
        "Cancel this appointment?\nHaircut (45 min)\nTuesday, 24 November, 10:00\n"
    )


def test_cards_that_make_no_sense(appointment: Appointment, said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="new start"):
        proposal_card(DraftStage.CONFIRM_MOVE, appointment, language="en", **said)
    with pytest.raises(ValueError, match="idle asks for no confirmation"):
        proposal_card(DraftStage.IDLE, appointment, language="en", **said)


def test_list(
    appointment: Appointment, make_appointment: MakeAppointment, texts: Texts, now: dt.datetime
) -> None:
    pending = make_appointment(
        id=13,
        status=AppointmentStatus.PENDING,
        starts_at=utc(2027, 1, 2, 9),
        staff_id=None,
        staff_name=None,
    )
    rows = (appointment, pending)
    assert appointments_text(rows, language="en", texts=texts, now=now) == (
        "Your appointments:\n"
        "• Tuesday, 24 November, 10:00: Haircut, with Anna (#12)\n"
        "• Saturday, 2 January 2027, 10:00: Haircut (#13), waiting for approval"
    )
    russian = appointments_text(rows, language="ru", texts=texts, now=now, numbered=True)
    assert russian == (
        "Ваши записи:\n"
        "1. Вторник, 24 ноября, 10:00: Стрижка, специалист: Анна (#12)\n"
        "2. Суббота, 2 января 2027 г., 10:00: Стрижка (#13), ждёт одобрения"
    )
    assert appointments_text((), language="en", texts=texts, now=now) == (
        "You have no upcoming appointments."
    )


OFFERS = tuple(
    Offer(starts_at=utc(2026, 11, 24, hour), ends_at=utc(2026, 11, 24, hour, 45))
    for hour in (9, 10)
)
OFFERED_EN = "The nearest free times:\n• Tuesday, 24 November, 10:00\n• Tuesday, 24 November, 11:00"
TWICE = (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30))
_C = RefusalCode


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (
            Refusal(code=_C.SLOT_TAKEN, alternatives=OFFERS),
            f"Unfortunately, that time is already taken.\n{OFFERED_EN}",
        ),
        (
            Refusal(code=_C.TOO_SOON, earliest=utc(2026, 11, 21, 11)),
            "That's too soon for a booking.\n"
            "The earliest possible time: Saturday, 21 November, 12:00.",
        ),
        (
            Refusal(code=_C.PAST, earliest=utc(2026, 11, 21, 9, 30)),
            "That time has already passed.\n"
            "The earliest possible time: Saturday, 21 November, 10:30.",
        ),
        (
            Refusal(code=_C.TOO_FAR, latest_date=dt.date(2027, 1, 20)),
            "That's too far ahead for a booking.\n"
            "The last day you can book: Wednesday, 20 January 2027.",
        ),
        (
            Refusal(code=_C.LIMIT_REACHED, limit=3),
            "You already have 3 upcoming appointments, which is the limit. "
            "Cancel one to make a new one.",
        ),
        (
            Refusal(code=_C.LIMIT_REACHED, limit=1, limit_period="day"),
            "You can have only 1 appointment on one day. Please pick another day.",
        ),
        (
            Refusal(code=_C.LIMIT_REACHED, limit=2, limit_period="week"),
            "You can have only 2 appointments in one week. Please pick another week.",
        ),
        (
            Refusal(code=_C.CANCEL_WINDOW_PASSED, window_minutes=1440, contact="@linden"),
            "It's too late to change this appointment here: that's possible 24 hours before the "
            "start at the latest.\nPlease contact us directly: @linden",
        ),
        (
            Refusal(code=_C.AMBIGUOUS_LOCAL_TIME, candidates=TWICE),
            "The clocks go back that day, so that time comes twice.\nWhich one do you mean?\n"
            "• Sunday, 25 October, 02:30 (UTC+02:00)\n• Sunday, 25 October, 02:30 (UTC+01:00)",
        ),
        (
            Refusal(
                code=_C.NONEXISTENT_LOCAL_TIME,
                candidates=(utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)),
            ),
            "That time doesn't exist on that day because the clocks go forward.\n"
            "The nearest real times:\n• Sunday, 29 March, 01:30\n• Sunday, 29 March, 03:30",
        ),
        (
            Refusal(code=_C.NOT_FOUND, what="service", choices=("Haircut", "Colour")),
            "I couldn't find that service.\nYou can choose from: Haircut, Colour.",
        ),
        (
            Refusal(code=_C.OFFER_CHANGED, what="price"),
            "The price has changed in the meantime. Please check it again.",
        ),
        (
            Refusal(code=_C.NOT_FOUND, what="unicorn"),
            "I couldn't find that.",
        ),
    ],
    ids=lambda value: value.code.value if isinstance(value, Refusal) else "",
)
def test_refusals(
    refusal: Refusal, text: str, business: Business, texts: Texts, now: dt.datetime
) -> None:
    assert refusal_text(refusal, business, "en", texts, now) == text


def test_refusals_in_russian(business: Business, texts: Texts, now: dt.datetime) -> None:
    window = Refusal(code=_C.CANCEL_WINDOW_PASSED, window_minutes=1440)
    assert refusal_text(window, business, "ru", texts, now) == (
        "Изменить эту запись здесь уже нельзя: это можно сделать не позднее чем "
        "за 24 часа до начала.\nСвяжитесь, пожалуйста, с нами напрямую: +49 30 5550100"
    )
    limit = Refusal(code=_C.LIMIT_REACHED, limit=3, limit_period="active")
    assert refusal_text(limit, business, "ru", texts, now) == (
        "У вас уже 3 предстоящие записи, это предел. Чтобы записаться снова, отмените одну из них."
    )
    taken = Refusal(code=_C.SLOT_TAKEN, alternatives=OFFERS[:1])
    assert refusal_text(taken, business, "ru", texts, now) == (
        "К сожалению, это время уже занято.\n"
        "Ближайшее свободное время:\n• Вторник, 24 ноября, 10:00"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(RefusalCode))
def test_every_refusal_has_words_even_without_data(
    code: RefusalCode, language: str, make_business: MakeBusiness, texts: Texts, now: dt.datetime
) -> None:
    silent = make_business(contact=Contact())
    text = refusal_text(Refusal(code=code), silent, language, texts, now)
    assert len(text) > 15
    # Nothing is announced that isn't there: no list without items, no empty contact.
    assert not text.endswith(":")
    assert code.value not in text


def test_reminder(
    appointment: Appointment, make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    text = reminder_text(appointment, language="en", **said)
    assert text.startswith(
        "🔔 A reminder of your appointment\nHaircut (45 min)\nTuesday, 24 November, 10:00\n"
    )
    pending = make_appointment(status=AppointmentStatus.PENDING)
    assert reminder_text(pending, language="ru", **said).startswith(
        "🔔 Напоминаем о вашей заявке, она ещё ждёт одобрения\nСтрижка (45 мин)\n"
    )


def test_owner_notices(
    appointment: Appointment, make_appointment: MakeAppointment, said: dict[str, Any]
) -> None:
    text = owner_notice(Change.BOOKED, appointment, customer="Bob\nSmith (@bob)", **said)
    assert text.splitlines()[:4] == [
        "🆕 New booking",
        "Customer: Bob Smith (@bob)",
        "Haircut (45 min)",
        "Tuesday, 24 November, 10:00",
    ]
    pending = make_appointment(status=AppointmentStatus.PENDING, expires_at=utc(2026, 11, 22, 9))
    russian = owner_notice(Change.REQUESTED, pending, customer="Боб", language="ru", **said)
    assert russian.startswith("⏳ Новая заявка, ждёт вашего одобрения\nКлиент: Боб\n")
    assert russian.endswith("Ответьте, пожалуйста, до этого срока: воскресенье, 22 ноября, 10:00.")
    moved = owner_notice(
        Change.MOVED,
        appointment,
        customer="Bob",
        previous_starts_at=utc(2026, 11, 23, 9),
        **said,
    )
    assert moved.endswith("Before: Monday, 23 November, 10:00")
    gone = make_appointment(
        status=AppointmentStatus.CANCELLED, cancelled_by="customer", cancel_reason="I am ill"
    )
    assert owner_notice(Change.CANCELLED, gone, customer="Bob", **said).endswith("Reason: I am ill")


def test_owner_is_told_of_customers_changes_only(
    appointment: Appointment, said: dict[str, Any]
) -> None:
    assert {Change.BOOKED, Change.REQUESTED, Change.MOVED, Change.CANCELLED} <= OWNER_CHANGES
    with pytest.raises(ValueError, match="isn't told of held"):
        owner_notice(Change.HELD, appointment, customer="Bob", **said)
