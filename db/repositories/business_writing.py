"""Writing what a business file says into its tables."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import STAFF, Business
from booking.business_file import WEEKDAYS, BusinessFile, Exceptions, StaffFile, Week
from booking.money import to_minor
from db.models import (
    BusinessRow,
    DateExceptionRow,
    OpeningHoursRow,
    ResourceRow,
    ServiceResourceRow,
    ServiceRow,
)
from db.session import bind_business


async def write_business(session: AsyncSession, before: Business | None, file: BusinessFile) -> int:
    """Write all that the file says; the first business becomes the default one.

    Args:
        before: the business as it is, locked against others' changes; None = it is founded.

    Returns:
        The id of the business.
    """
    fields = _business_fields(file)
    if before is None:
        first = await session.scalar(select(func.count()).select_from(BusinessRow)) == 0
        values = {
            "slug": file.slug,
            "is_default": first,
            "handle_key": secrets.token_bytes(16),
            **fields,
        }
        founded = await session.scalar(
            insert(BusinessRow).values(**values).returning(BusinessRow.id)
        )
        assert founded is not None
        business_id = int(founded)
        await bind_business(session, business_id)
    else:
        business_id = before.id
        await session.execute(
            update(BusinessRow)
            .where(BusinessRow.id == business_id)
            .values(revision=BusinessRow.revision + 1, updated_at=func.now(), **fields)
        )
    await _write_parts(session, business_id, file)
    return business_id


async def _write_parts(session: AsyncSession, business_id: int, file: BusinessFile) -> None:
    entries: list[tuple[str, int, StaffFile]] = [(STAFF, 1, member) for member in file.staff]
    entries += [(resource.kind, resource.capacity, resource) for resource in file.resources]
    resource_ids: dict[str, int] = {}
    for position, (kind, capacity, entry) in enumerate(entries):
        resource_ids[entry.slug] = await _upsert(
            session,
            ResourceRow,
            business_id,
            entry.slug,
            kind=kind,
            capacity=capacity,
            name=dict(entry.name),
            zone=entry.zone,
            own_hours=entry.hours is not None,
            active=True,
            position=position,
        )
    service_ids: dict[str, int] = {}
    for position, service in enumerate(file.services):
        price = service.price
        service_ids[service.slug] = await _upsert(
            session,
            ServiceRow,
            business_id,
            service.slug,
            name=dict(service.name),
            description=service.description,
            duration_minutes=service.duration_minutes,
            price_minor=None if price is None else to_minor(price, service.currency or ""),
            currency=None if price is None else service.currency,
            buffer_before_minutes=service.buffer_before_minutes,
            buffer_after_minutes=service.buffer_after_minutes,
            step_minutes=service.step_minutes,
            approval_required=service.approval_required,
            active=True,
            position=position,
        )
    for model, kept in ((ResourceRow, resource_ids), (ServiceRow, service_ids)):
        await session.execute(
            update(model)
            .where(model.business_id == business_id, model.id.not_in(kept.values()))
            .values(active=False)
        )
    for table in (ServiceResourceRow, OpeningHoursRow, DateExceptionRow):
        await session.execute(delete(table).where(table.business_id == business_id))
    links = [
        {
            "business_id": business_id,
            "service_id": service_ids[service.slug],
            "resource_id": resource_ids[slug],
        }
        for service in file.services
        for slug in (*service.staff, *service.resources)
    ]
    await session.execute(insert(ServiceResourceRow), links)
    people: Sequence[StaffFile] = (*file.staff, *file.resources)
    owners: list[tuple[int | None, Week, Exceptions]] = [(None, file.hours, file.exceptions)]
    owners += [(resource_ids[p.slug], p.hours or {}, p.exceptions) for p in people]
    for resource_id, week, exceptions in owners:
        await _write_hours(session, business_id, resource_id, week, exceptions)


async def _write_hours(
    session: AsyncSession,
    business_id: int,
    resource_id: int | None,
    week: Week,
    exceptions: Exceptions,
) -> None:
    intervals = [
        {
            "business_id": business_id,
            "resource_id": resource_id,
            "weekday": WEEKDAYS.index(weekday),
            "opens_minute": interval.opens,
            "closes_minute": interval.closes,
        }
        for weekday, ranges in week.items()
        for interval in ranges
    ]
    dates = [
        {
            "business_id": business_id,
            "resource_id": resource_id,
            "local_date": date,
            "intervals": [[interval.opens, interval.closes] for interval in ranges],
        }
        for date, ranges in exceptions.items()
    ]
    if intervals:
        await session.execute(insert(OpeningHoursRow), intervals)
    if dates:
        await session.execute(insert(DateExceptionRow), dates)


async def _upsert(
    session: AsyncSession,
    model: type[ResourceRow] | type[ServiceRow],
    business_id: int,
    slug: str,
    **values: Any,
) -> int:
    where = (model.business_id == business_id, model.slug == slug)
    found: int | None = await session.scalar(
        update(model).where(*where).values(**values).returning(model.id)
    )
    if found is None:
        found = await session.scalar(
            insert(model).values(business_id=business_id, slug=slug, **values).returning(model.id)
        )
    assert found is not None
    return found


def _business_fields(file: BusinessFile) -> dict[str, Any]:
    return {
        "name": dict(file.name),
        "zone": file.zone,
        "languages": list(file.languages),
        "contact": file.contact.model_dump(),
        "address": file.address,
        "location": None if file.location is None else file.location.model_dump(),
        "policy": file.policy.model_dump(mode="json"),
        "facts": {topic: dict(texts) for topic, texts in file.facts.items()},
        "owner_chat_ids": list(file.owner_chat_ids),
    }
