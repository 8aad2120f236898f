"""Reading the calendar: what is taken, what a customer already has, and closing what ran out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, DateTime, bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from booking.engine import Busy, CustomerLoad
from booking.status import AppointmentStatus
from db.models import AppointmentRow, OccupancyRow

_ENDING = [AppointmentStatus.HELD.value, AppointmentStatus.PENDING.value]

# Served by ix_occupancies_busy, which is entered where the window begins: nothing here depends on
# how much history there is, nor on other businesses. `during && window` says the same and would
# read it all: under row-level security range operators may not use an index (they aren't
# leakproof).
# A hold that ran out doesn't count, whether or not a job has closed it.
_BUSY = text(
    """
    SELECT resource_id, extract(epoch FROM occupied_from)::bigint AS starts,
           extract(epoch FROM occupied_until)::bigint AS ends, units, appointment_id
    FROM occupancies
    WHERE active AND business_id = :business_id AND resource_id = ANY(:resource_ids)
      AND occupied_until > :since AND occupied_from < :until
      AND (expires_at IS NULL OR expires_at > :now)
    """
).bindparams(
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("resource_ids", type_=ARRAY(BigInteger)),
)

# The statuses that occupy, in the words of ix_appointments_customer_active, which serves it.
_LOAD = text(
    """
    SELECT extract(epoch FROM starts_at)::bigint FROM appointments
    WHERE business_id = :business_id AND customer_id = :customer_id
      AND status IN ('held', 'pending', 'confirmed')
      AND starts_at > :now AND (expires_at IS NULL OR expires_at > :now)
      AND id <> ALL(:without)
    """
).bindparams(
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("without", type_=ARRAY(BigInteger)),
)

# Live rows only: what an index on open rows serves, however much history there is.
_DUE = text(
    """
    SELECT DISTINCT a.id FROM appointments a
    JOIN occupancies o ON o.business_id = a.business_id AND o.appointment_id = a.id
    WHERE a.business_id = :business_id AND a.status IN ('held', 'pending')
      AND a.expires_at <= :now AND o.active AND o.resource_id = ANY(:resource_ids)
    """
).bindparams(
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("resource_ids", type_=ARRAY(BigInteger)),
)


async def read_busy(
    session: AsyncSession,
    business_id: int,
    resource_ids: Sequence[int],
    window: tuple[dt.datetime, dt.datetime],
    now: dt.datetime,
    *,
    without_appointment: int | None = None,
) -> list[Busy]:
    """Return what occupies the resources in a window, with live holds and blocked time.

    Args:
        window: instants, half-open.
        now: instant; holds that ended by then don't count.
        without_appointment: leave this one out: it is being moved.
    """
    found = await session.execute(
        _BUSY,
        {
            "business_id": business_id,
            "resource_ids": list(resource_ids),
            "since": window[0],
            "until": window[1],
            "now": now,
        },
    )
    # By position and all at once: there may be thousands, and reading by name would cost most.
    return [
        Busy(resource_id, start, end, units, appointment_id is None, appointment_id)
        for resource_id, start, end, units, appointment_id in found.all()
        if without_appointment is None or appointment_id != without_appointment
    ]


async def read_load(
    session: AsyncSession,
    business_id: int,
    customer_id: int,
    now: dt.datetime,
    *,
    without_appointments: Iterable[int] = (),
) -> CustomerLoad:
    """Return the starts of a customer's active future appointments.

    Args:
        now: instant.
        without_appointments: don't count these: the one being moved, the hold being replaced.
    """
    starts = await session.scalars(
        _LOAD,
        {
            "business_id": business_id,
            "customer_id": customer_id,
            "now": now,
            "without": list(without_appointments),
        },
    )
    return CustomerLoad(starts=tuple(starts.all()))


async def due_on(
    session: AsyncSession, business_id: int, resource_ids: Iterable[int], now: dt.datetime
) -> list[int]:
    """Return the ids of holds and requests of some resources whose time is over."""
    values = {"business_id": business_id, "resource_ids": list(resource_ids), "now": now}
    return list((await session.scalars(_DUE, values)).all())


async def due_in(
    session: AsyncSession, business_id: int, now: dt.datetime, limit: int
) -> list[int]:
    """Return the ids of a business's holds and requests whose time is over, longest over first."""
    found = await session.scalars(
        select(AppointmentRow.id)
        .where(
            AppointmentRow.business_id == business_id,
            AppointmentRow.status.in_(_ENDING),
            AppointmentRow.expires_at <= now,
        )
        .order_by(AppointmentRow.expires_at, AppointmentRow.id)
        .limit(limit)
    )
    return list(found.all())


async def lock_due(
    session: AsyncSession,
    business_id: int,
    appointment_ids: Sequence[int],
    now: dt.datetime,
    *,
    skip_locked: bool,
) -> list[AppointmentRow]:
    """Lock those of some holds and requests that are still open and over, in id order.

    The appointment's row is locked before what it occupies, here as everywhere: two transactions
    that close, confirm or cancel the same hold wait for each other instead of dying on a deadlock.

    Args:
        skip_locked: leave out what another transaction is working on.
    """
    found = await session.scalars(
        select(AppointmentRow)
        .where(
            AppointmentRow.business_id == business_id,
            AppointmentRow.id.in_(appointment_ids),
            AppointmentRow.status.in_(_ENDING),
            AppointmentRow.expires_at <= now,
        )
        .order_by(AppointmentRow.id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    return list(found.all())


async def resources_of(
    session: AsyncSession, business_id: int, appointment_ids: Iterable[int]
) -> dict[int, tuple[int, ...]]:
    """Return appointment id -> the ids of what it occupies or occupied, sorted."""
    rows = await session.execute(
        select(OccupancyRow.appointment_id, OccupancyRow.resource_id)
        .where(
            tuple_(OccupancyRow.business_id, OccupancyRow.appointment_id).in_(
                [(business_id, appointment_id) for appointment_id in appointment_ids]
            )
        )
        .order_by(OccupancyRow.appointment_id, OccupancyRow.resource_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for appointment_id, resource_id in rows:
        if appointment_id is not None:
            found[appointment_id] = (*found.get(appointment_id, ()), resource_id)
    return found
