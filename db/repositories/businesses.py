"""Businesses: reading one as the domain's value, and applying the file that describes it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import (
    STAFF,
    Business,
    ConfirmationMode,
    Contact,
    DayInterval,
    LocalText,
    Policy,
    Resource,
    Service,
    WeeklyHours,
)
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
from db.repositories.locks import change_business
from db.session import bind_business


class BusinessRepository:
    """Reads and writes businesses.

    Args:
        session: any session; it is bound to the business that a method names.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, slug: str | None = None) -> int | None:
        """Return the id of the business with that slug, or of the default one; None if none."""
        condition = BusinessRow.is_default if slug is None else BusinessRow.slug == slug
        found: int | None = await self._session.scalar(select(BusinessRow.id).where(condition))
        return found

    async def slugs(self) -> list[str]:
        """Return the slugs of all businesses, in alphabetical order."""
        rows = await self._session.scalars(select(BusinessRow.slug).order_by(BusinessRow.slug))
        return list(rows)

    async def revision(self, business_id: int) -> int | None:
        """Return the present revision of a business; None if there is no such business."""
        found: int | None = await self._session.scalar(
            select(BusinessRow.revision).where(BusinessRow.id == business_id)
        )
        return found

    async def load(self, business_id: int) -> Business:
        """Return a business as the rules see it.

        Raises:
            LookupError: there is no business with that id.
        """
        session = self._session
        await bind_business(session, business_id)
        row = await session.get(BusinessRow, business_id, populate_existing=True)
        if row is None:
            raise LookupError(f"no business {business_id}")
        services = (
            await session.scalars(
                select(ServiceRow)
                .where(ServiceRow.business_id == business_id)
                .order_by(ServiceRow.position, ServiceRow.id)
                .execution_options(populate_existing=True)
            )
        ).all()
        resources = (
            await session.scalars(
                select(ResourceRow)
                .where(ResourceRow.business_id == business_id)
                .order_by(ResourceRow.position, ResourceRow.id)
                .execution_options(populate_existing=True)
            )
        ).all()
        links = (
            await session.execute(
                select(ServiceResourceRow.service_id, ServiceResourceRow.resource_id).where(
                    ServiceResourceRow.business_id == business_id
                )
            )
        ).all()
        hours = await self._hours(business_id)
        exceptions = await self._exceptions(business_id)
        kinds = {resource.id: resource.kind for resource in resources}
        position = {resource.id: n for n, resource in enumerate(resources)}
        serving: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for service_id, resource_id in sorted(links, key=lambda link: position[link.resource_id]):
            serving[service_id][kinds[resource_id]].append(resource_id)
        return Business(
            id=row.id,
            slug=row.slug,
            name=LocalText(row.name),
            zone=row.zone,
            languages=tuple(row.languages),
            hours=hours.get(None, {}),
            exceptions=exceptions.get(None, {}),
            policy=_policy(row.policy),
            contact=Contact(**row.contact),
            address=_text(row.address),
            facts={topic: LocalText(texts) for topic, texts in row.facts.items()},
            owner_chat_ids=tuple(row.owner_chat_ids),
            revision=row.revision,
            handle_key=row.handle_key,
            services=tuple(_service(s, serving[s.id]) for s in services),
            resources=tuple(
                Resource(
                    id=r.id,
                    slug=r.slug,
                    kind=r.kind,
                    name=LocalText(r.name),
                    capacity=r.capacity,
                    zone=r.zone,
                    hours=hours.get(r.id, {}) if r.own_hours else None,
                    exceptions=exceptions.get(r.id, {}),
                    active=r.active,
                )
                for r in resources
            ),
        )

    async def _hours(self, business_id: int) -> Mapping[int | None, WeeklyHours]:
        rows = await self._session.scalars(
            select(OpeningHoursRow)
            .where(OpeningHoursRow.business_id == business_id)
            .order_by(OpeningHoursRow.weekday, OpeningHoursRow.opens_minute)
        )
        weeks: dict[int | None, dict[int, tuple[DayInterval, ...]]] = defaultdict(dict)
        for row in rows:
            week = weeks[row.resource_id]
            interval = DayInterval(row.opens_minute, row.closes_minute)
            week[row.weekday] = (*week.get(row.weekday, ()), interval)
        return weeks

    async def _exceptions(
        self, business_id: int
    ) -> Mapping[int | None, dict[dt.date, tuple[DayInterval, ...]]]:
        rows = await self._session.scalars(
            select(DateExceptionRow).where(DateExceptionRow.business_id == business_id)
        )
        found: dict[int | None, dict[dt.date, tuple[DayInterval, ...]]] = defaultdict(dict)
        for row in rows:
            found[row.resource_id][row.local_date] = tuple(
                DayInterval(opens, closes) for opens, closes in row.intervals
            )
        return found

    async def apply(self, file: BusinessFile) -> Business:
        """Make the business what the file says; the first business becomes the default one.

        Services and people that the file no longer names stay as inactive rows, since
        appointments refer to them. Applying the same file again changes nothing.

        Args:
            file: the validated description.

        Returns:
            The business as it now is; its revision grew if anything changed.
        """
        session = self._session
        business_id = await self.find(file.slug)
        fields = _business_fields(file)
        before: Business | None = None
        if business_id is None:
            first = await session.scalar(select(func.count()).select_from(BusinessRow)) == 0
            business_id = await session.scalar(
                insert(BusinessRow)
                .values(
                    slug=file.slug,
                    is_default=first,
                    handle_key=secrets.token_bytes(16),
                    **fields,
                )
                .returning(BusinessRow.id)
            )
            assert business_id is not None
            await bind_business(session, business_id)
        else:
            await bind_business(session, business_id)
            await change_business(session, business_id)
            before = await self.load(business_id)
            await session.execute(
                update(BusinessRow).where(BusinessRow.id == business_id).values(**fields)
            )
        await self._apply_parts(business_id, file)
        session.expire_all()
        after = await self.load(business_id)
        if before is None or before == after:
            return after
        await session.execute(
            update(BusinessRow)
            .where(BusinessRow.id == business_id)
            .values(revision=BusinessRow.revision + 1, updated_at=func.now())
        )
        session.expire_all()
        return await self.load(business_id)

    async def _apply_parts(self, business_id: int, file: BusinessFile) -> None:
        session = self._session
        entries: list[tuple[str, int, StaffFile]] = [(STAFF, 1, member) for member in file.staff]
        entries += [(resource.kind, resource.capacity, resource) for resource in file.resources]
        resource_ids: dict[str, int] = {}
        for position, (kind, capacity, entry) in enumerate(entries):
            resource_ids[entry.slug] = await self._upsert(
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
            service_ids[service.slug] = await self._upsert(
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
            await self._write_hours(business_id, resource_id, week, exceptions)

    async def _write_hours(
        self, business_id: int, resource_id: int | None, week: Week, exceptions: Exceptions
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
            await self._session.execute(insert(OpeningHoursRow), intervals)
        if dates:
            await self._session.execute(insert(DateExceptionRow), dates)

    async def _upsert(
        self,
        model: type[ResourceRow] | type[ServiceRow],
        business_id: int,
        slug: str,
        **values: Any,
    ) -> int:
        where = (model.business_id == business_id, model.slug == slug)
        found: int | None = await self._session.scalar(
            update(model).where(*where).values(**values).returning(model.id)
        )
        if found is None:
            found = await self._session.scalar(
                insert(model)
                .values(business_id=business_id, slug=slug, **values)
                .returning(model.id)
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
        "policy": file.policy.model_dump(mode="json"),
        "facts": {topic: dict(texts) for topic, texts in file.facts.items()},
        "owner_chat_ids": list(file.owner_chat_ids),
    }


def _text(texts: dict[str, str] | None) -> LocalText | None:
    return None if texts is None else LocalText(texts)


def _policy(values: dict[str, Any]) -> Policy:
    known = dict(values)
    known["confirmation"] = ConfirmationMode(known["confirmation"])
    known["reminder_minutes"] = tuple(known["reminder_minutes"])
    at = known.get("reminder_day_before_at")
    known["reminder_day_before_at"] = None if at is None else dt.time.fromisoformat(at)
    return Policy(**known)


def _service(row: ServiceRow, serving: Mapping[str, list[int]]) -> Service:
    return Service(
        id=row.id,
        slug=row.slug,
        name=LocalText(row.name),
        description=_text(row.description),
        duration_minutes=row.duration_minutes,
        price_minor=row.price_minor,
        currency=row.currency,
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        step_minutes=row.step_minutes,
        approval_required=row.approval_required,
        resource_ids={kind: tuple(ids) for kind, ids in serving.items()},
        active=row.active,
    )
