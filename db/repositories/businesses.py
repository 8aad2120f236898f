"""Businesses: reading one as the domain's value, and applying the file that describes it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import (
    Business,
    ConfirmationMode,
    Contact,
    DayInterval,
    LocalText,
    Location,
    Policy,
    Resource,
    Service,
    WeeklyHours,
)
from booking.business_edition import to_file
from booking.business_file import BusinessFile
from db.models import (
    BusinessRow,
    DateExceptionRow,
    OpeningHoursRow,
    ResourceRow,
    ServiceResourceRow,
    ServiceRow,
)
from db.repositories import business_writing
from db.repositories.locks import change_business, found_business
from db.session import bind_business


@dataclass(frozen=True, slots=True)
class Listed:
    """A business in the list of all."""

    slug: str
    revision: int
    is_default: bool


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

    async def listed(self) -> list[Listed]:
        """Return all businesses, in alphabetical order."""
        rows = await self._session.execute(
            select(BusinessRow.slug, BusinessRow.revision, BusinessRow.is_default).order_by(
                BusinessRow.slug
            )
        )
        return [Listed(*row) for row in rows]

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
            location=None if row.location is None else Location(**row.location),
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
        before = await self.open_for_change(file.slug)
        return await self.change(before, file)

    async def open_for_change(self, slug: str) -> Business | None:
        """Return a business that nobody changes or books with until this transaction ends.

        Returns:
            None where there is no business with that slug; nobody founds another one meanwhile.
        """
        business_id = await self.find(slug)
        if business_id is None:
            await found_business(self._session)
            business_id = await self.find(slug)
        if business_id is None:
            return None
        await bind_business(self._session, business_id)
        await change_business(self._session, business_id)
        return await self.load(business_id)

    async def change(self, before: Business | None, file: BusinessFile) -> Business:
        """Make the business that `open_for_change` returned what the file says."""
        if before is not None and to_file(before) == file:
            return before
        business_id = await business_writing.write_business(self._session, before, file)
        self._session.expire_all()
        return await self.load(business_id)


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
