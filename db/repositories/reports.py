"""Appointments and customers of one business as lists for the owner: tables and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment
from booking.status import AppointmentStatus, effective_status
from db.models import AppointmentRow, CustomerRow
from db.repositories import calendar, rows
from db.repositories.customers import Customer

_S = AppointmentStatus


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """An appointment with whose it is.

    Args:
        appointment: its status is the one that counts now (a hold that ran out is `expired`).
        external_id: its key in the system it was imported from; None = made here.
        customer_external_id: the same of the customer.
    """

    appointment: Appointment
    customer: Customer
    external_id: str | None
    customer_external_id: str | None


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer with their key in the system they were imported from."""

    customer: Customer
    external_id: str | None


class ReportRepository:
    """Lists of one business.

    Args:
        session: bound to the business.
        business_id: whose.
        now: instant at which statuses are told.
    """

    def __init__(self, session: AsyncSession, business_id: int, now: dt.datetime) -> None:
        self._session = session
        self._business_id = business_id
        self._now = now

    async def appointments(
        self,
        *,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        customer_id: int | None = None,
        statuses: Iterable[AppointmentStatus] | None = None,
        ending_after: dt.datetime | None = None,
    ) -> list[AppointmentRecord]:
        """Return appointments, earliest first.

        Args:
            since, until: instants, half-open, that the start lies between; None = unbounded.
            customer_id: one customer's; None = everybody's.
            statuses: only those that have one of these now; None = all.
            ending_after: only those that end after this instant.
        """
        query = (
            select(AppointmentRow, CustomerRow)
            .join(
                CustomerRow,
                (CustomerRow.business_id == AppointmentRow.business_id)
                & (CustomerRow.id == AppointmentRow.customer_id),
            )
            .where(AppointmentRow.business_id == self._business_id)
            .order_by(AppointmentRow.starts_at, AppointmentRow.id)
        )
        if since is not None:
            query = query.where(AppointmentRow.starts_at >= since)
        if until is not None:
            query = query.where(AppointmentRow.starts_at < until)
        if customer_id is not None:
            query = query.where(AppointmentRow.customer_id == customer_id)
        if ending_after is not None:
            query = query.where(AppointmentRow.ends_at > ending_after)
        found = (await self._session.execute(query)).all()
        taken = await calendar.resources_of(
            self._session, self._business_id, (row.id for row, _ in found)
        )
        wanted = None if statuses is None else frozenset(statuses)
        records = []
        for row, customer in found:
            appointment = rows.to_appointment(row, taken.get(row.id, ()))
            status = effective_status(appointment.status, appointment.expires_at, self._now)
            if wanted is not None and status not in wanted:
                continue
            records.append(
                AppointmentRecord(
                    appointment.model_copy(update={"status": status}),
                    Customer.model_validate(customer),
                    row.external_id,
                    customer.external_id,
                )
            )
        return records

    async def customers(self) -> list[CustomerRecord]:
        """Return all customers who were not erased, in the order in which they came."""
        found = await self._session.scalars(
            select(CustomerRow)
            .where(CustomerRow.business_id == self._business_id, CustomerRow.erased_at.is_(None))
            .order_by(CustomerRow.id)
        )
        return [CustomerRecord(Customer.model_validate(row), row.external_id) for row in found]
