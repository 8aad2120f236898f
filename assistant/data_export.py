"""Appointments and customers as rows of CSV; what an import reads back."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.csv_files import write_csv
from assistant.data_import import APPOINTMENT_COLUMNS, CUSTOMER_COLUMNS
from assistant.ics import Entry
from booking.business import Business
from booking.localtime import to_local
from booking.money import from_minor
from db.repositories.customers import Customer
from db.repositories.imports import export_key
from db.repositories.reports import AppointmentRecord, CustomerRecord
from tools.support.say import when


def customers_csv(records: Iterable[CustomerRecord], *, bom: bool = False) -> str:
    """Return customers as CSV."""
    rows = [
        {**record.customer.model_dump(include=set(CUSTOMER_COLUMNS)), "key": record.external_id}
        for record in records
    ]
    return write_csv(CUSTOMER_COLUMNS, rows, bom=bom)


def appointments_csv(
    records: Iterable[AppointmentRecord], business: Business, *, bom: bool = False
) -> str:
    """Return appointments as CSV; start and end carry the business's offset at that time."""
    rows = [_row(record, business) for record in records]
    return write_csv(APPOINTMENT_COLUMNS, rows, bom=bom)


def _row(record: AppointmentRecord, business: Business) -> dict[str, object]:
    row = record.appointment
    service = business.service(row.service_id)
    staff = None if row.staff_id is None else business.resource(row.staff_id)
    priced = row.price_minor is not None and row.currency is not None
    return {
        "key": record.external_id or export_key(business, row.id),
        "customer_key": record.customer_external_id,
        "customer_telegram_id": record.customer.telegram_id,
        "service": None if service is None else service.slug,
        "start": to_local(row.starts_at, row.zone).isoformat(timespec="minutes"),
        "end": to_local(row.ends_at, row.zone).isoformat(timespec="minutes"),
        "staff": None if staff is None else staff.slug,
        "status": row.status.value,
        "price": from_minor(row.price_minor or 0, row.currency or "") if priced else None,
        "currency": row.currency if priced else None,
        "seats": row.seats,
        "notes": row.notes,
        "number": row.id,
        "customer_name": full_name(record.customer),
        "local_time": when(row.starts_at, business),
        "version": row.version,
    }


def full_name(customer: Customer) -> str | None:
    """Return a customer's name, else their username; None where neither is known."""
    return customer.name or (f"@{customer.username}" if customer.username else None)


def entries(records: Iterable[AppointmentRecord]) -> list[Entry]:
    """Return appointments as entries of the owner's calendar."""
    return [
        Entry(record.appointment, full_name(record.customer), record.customer.phone)
        for record in records
    ]
