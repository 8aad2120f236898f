"""Blocked time and time off: what the owner takes out of the calendar, whatever the hours say."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from sqlalchemy import any_, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointment import Appointment, Change
from booking.business import STAFF, Business
from booking.intervals import merge, subtract
from booking.localtime import from_epoch, to_epoch
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus, effective_status
from db.calendar_models import BlockRow
from db.clock import Clock, SystemClock
from db.errors import constraint_name
from db.models import OCCUPANCY_EXCLUSION, AppointmentRow, OccupancyRow
from db.repositories import rows
from db.repositories.desk import Desk
from db.repositories.line import Freed, taken_by
from db.repositories.outbox import OutboxRepository

_NOT_FOUND = Refusal(code=RefusalCode.NOT_FOUND, what="block")


class Block(BaseModel):
    """Time that is taken out of the calendar.

    Args:
        resource_ids: whom and what it takes, wholly, whatever the capacity; sorted.
        starts_at, ends_at: instants, half-open.
        reason: in the owner's words; customers don't see it.
        created_by: who asked for it, e.g. "owner".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    business_id: int
    resource_ids: tuple[int, ...]
    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str | None
    created_by: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BlockConflict:
    """Why time wasn't blocked: these appointments are in its way. Nothing was changed.

    Args:
        appointments: held, pending and confirmed ones, earliest first; move or cancel them.
    """

    appointments: tuple[Appointment, ...]


class BlockRepository:
    """Blocked time of one business.

    Args:
        session: its transaction is the unit of every command; the caller commits.
        business: whose time.
        clock: tells now.
    """

    def __init__(
        self, session: AsyncSession, business: Business, *, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._business = business
        self._clock = clock or SystemClock()

    async def create_block(
        self,
        starts_at: dt.datetime,
        ends_at: dt.datetime,
        *,
        resource_id: int | None = None,
        reason: str | None = None,
        created_by: str = "owner",
        cancelling: Collection[int] | None = None,
        key: str | None = None,
    ) -> Block | BlockConflict | Refusal:
        """Block a time for one resource, or for all staff.

        What is blocked already may be blocked again: the time is free when both are deleted.

        Args:
            starts_at, ends_at: instants, half-open.
            resource_id: a staff member, a room; None = everybody who works here now.
            reason: in the owner's words.
            created_by: who asks for it.
            cancelling: numbers of appointments that are cancelled, as the owner, where they are in
                the way: in the same commit, each with its receipt; mere holds give way with them.
                None = nothing gives way.
            key: idempotency key.

        Returns:
            The block; the appointments in its way; or `not_found` for an unknown resource.

        Raises:
            ValueError: the range is empty, or an instant has no zone.
        """
        if starts_at.tzinfo is None or ends_at.tzinfo is None or starts_at >= ends_at:
            raise ValueError(f"a block needs two instants in order, not {starts_at} and {ends_at}")
        # Slots are counted in whole seconds, and a block takes all of those that it touches.
        starts_at = from_epoch(to_epoch(starts_at))
        ends_at = from_epoch(to_epoch(ends_at) + (ends_at.microsecond > 0))
        desk = self._desk(created_by)
        body = {
            "do": "block",
            "starts_at": starts_at,
            "ends_at": ends_at,
            "resource_id": resource_id,
            "reason": reason,
            "cancelling": None if cancelling is None else sorted(cancelling),
        }
        agreed = None if cancelling is None else frozenset(cancelling)
        return await desk.once(
            key,
            body,
            lambda: self._create(desk, starts_at, ends_at, resource_id, reason, agreed),
            Block,
        )

    async def in_the_way(
        self, starts_at: dt.datetime, ends_at: dt.datetime, *, resource_id: int | None = None
    ) -> list[Appointment]:
        """Return the appointments, buffers included, that a block would run into, earliest first.

        Args:
            starts_at, ends_at, resource_id: as in `create_block`.
        """
        desk = self._desk("owner")
        resource_ids = _resources(desk.business, resource_id)
        found = await self._rows(desk, resource_ids, starts_at, ends_at)
        return await desk.appointments([row for row in found if _is_live(row, desk.now)])

    async def _create(
        self,
        desk: Desk,
        starts_at: dt.datetime,
        ends_at: dt.datetime,
        resource_id: int | None,
        reason: str | None,
        agreed: frozenset[int] | None,
    ) -> Block | BlockConflict | Refusal:
        await desk.newest_edition()
        resource_ids = _resources(desk.business, resource_id)
        if not resource_ids:
            return Refusal(code=RefusalCode.NOT_FOUND, what="staff")
        going = []
        if agreed is not None:
            found = await self._rows(desk, resource_ids, starts_at, ends_at)
            going = [row for row in found if _gives_way(row, agreed)]
        frees = await taken_by(self._session, desk.business.id, [row.id for row in going])
        customers = {row.customer_id for row in going}
        await desk.lock_all(customers, resource_ids, frees=frees)
        in_the_way = await self._rows(desk, resource_ids, starts_at, ends_at)
        if any(
            not _gives_way(row, agreed) or row.customer_id not in customers for row in in_the_way
        ):
            return BlockConflict(tuple(await desk.appointments(in_the_way)))
        savepoint = await self._session.begin_nested()
        for row in in_the_way:
            await self._call_off(desk, row, reason)
        block = await self._insert(desk, resource_ids, starts_at, ends_at, reason)
        try:
            covered = [await self._cover(desk.business, taken, block) for taken in resource_ids]
        except DBAPIError as error:
            if constraint_name(error) != rows.CAPACITY_TRIGGER:
                raise
            covered = [False]
        if all(covered):
            await savepoint.commit()
            await desk.serve(frees)  # a room may be free now, or another time of somebody else's
            return block
        await savepoint.rollback()
        now_in_the_way = await self._rows(desk, resource_ids, starts_at, ends_at)
        return BlockConflict(tuple(await desk.appointments(now_in_the_way)))

    async def _call_off(self, desk: Desk, row: AppointmentRow, reason: str | None) -> None:
        """Cancel an appointment that is in the way; its customer is told in their own chat."""
        desk = dataclasses.replace(desk, reply_to=await desk.chat_of(row.customer_id))
        await OutboxRepository(self._session).drop_timers(desk.business.id, row.id)
        await desk.set_status(
            row,
            AppointmentStatus.CANCELLED,
            Change.RELEASED if row.status == AppointmentStatus.HELD.value else Change.CANCELLED,
            cancelled_by="owner",
            reason=reason,
        )

    async def _insert(
        self,
        desk: Desk,
        resource_ids: list[int],
        starts_at: dt.datetime,
        ends_at: dt.datetime,
        reason: str | None,
    ) -> Block:
        inserted = await self._session.execute(
            insert(BlockRow)
            .values(
                business_id=desk.business.id,
                resource_ids=resource_ids,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=reason,
                created_by=desk.actor,
                created_at=desk.now,
            )
            .returning(BlockRow)
        )
        return Block.model_validate(inserted.scalar_one())

    async def delete_block(self, block_id: int, *, key: str | None = None) -> Block | Refusal:
        """Delete a block and offer its time to the next in line.

        Args:
            key: idempotency key.

        Returns:
            The block as it was, or `not_found`.
        """
        desk = self._desk("owner")
        body = {"do": "unblock", "id": block_id}
        return await desk.once(key, body, lambda: self._delete(desk, block_id), Block)

    async def _delete(self, desk: Desk, block_id: int) -> Block | Refusal:
        await desk.newest_edition()
        block = await self.get_block(block_id)
        if block is None:
            return _NOT_FOUND
        freed = [Freed(frozenset(block.resource_ids), block.starts_at, block.ends_at)]
        await desk.lock_all((), block.resource_ids, frees=freed)
        gone = await self._session.scalar(
            delete(BlockRow)
            .where(BlockRow.business_id == desk.business.id, BlockRow.id == block_id)
            .returning(BlockRow.id)
        )
        if gone is None:
            return _NOT_FOUND  # somebody else deleted it while we waited
        for resource_id in block.resource_ids:
            for other in await self._overlapping(resource_id, block):
                await self._cover(desk.business, resource_id, other)
        await desk.serve(freed)
        return block

    async def get_block(self, block_id: int) -> Block | None:
        """Return a block of this business."""
        row = await self._session.scalar(
            select(BlockRow)
            .where(BlockRow.business_id == self._business.id, BlockRow.id == block_id)
            .execution_options(populate_existing=True)
        )
        return None if row is None else Block.model_validate(row)

    async def list_blocks(
        self,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        *,
        resource_id: int | None = None,
    ) -> list[Block]:
        """Return the blocks that reach into a time, earliest first.

        Args:
            since: instant; None = now.
            until: instant; None = without end.
            resource_id: of one resource only.
        """
        query = (
            select(BlockRow)
            .where(
                BlockRow.business_id == self._business.id,
                BlockRow.ends_at > (since or self._clock.now()),
            )
            .order_by(BlockRow.starts_at, BlockRow.id)
        )
        if until is not None:
            query = query.where(BlockRow.starts_at < until)
        if resource_id is not None:
            query = query.where(literal(resource_id) == any_(BlockRow.resource_ids))
        found = await self._session.scalars(query)
        return [Block.model_validate(row) for row in found]

    def _desk(self, actor: str) -> Desk:
        return Desk(self._session, self._business, self._clock.now(), actor)

    async def _rows(
        self, desk: Desk, resource_ids: Sequence[int], start: dt.datetime, end: dt.datetime
    ) -> list[AppointmentRow]:
        """Return the appointments, buffers included, that a block would run into."""
        found = await self._session.scalars(
            select(AppointmentRow)
            .where(
                AppointmentRow.business_id == desk.business.id,
                AppointmentRow.id.in_(
                    select(OccupancyRow.appointment_id).where(
                        OccupancyRow.business_id == desk.business.id,
                        OccupancyRow.resource_id.in_(resource_ids),
                        OccupancyRow.active,
                        OccupancyRow.during.op("&&")(func.tstzrange(start, end, "[)")),
                        OccupancyRow.appointment_id.is_not(None),
                    )
                ),
            )
            .order_by(AppointmentRow.starts_at, AppointmentRow.id)
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def _overlapping(self, resource_id: int, block: Block) -> list[Block]:
        """Return the blocks of a resource that share time with one that is gone, oldest first."""
        found = await self._session.scalars(
            select(BlockRow)
            .where(
                BlockRow.business_id == self._business.id,
                literal(resource_id) == any_(BlockRow.resource_ids),
                BlockRow.starts_at < block.ends_at,
                BlockRow.ends_at > block.starts_at,
            )
            .order_by(BlockRow.id)
        )
        return [Block.model_validate(row) for row in found]

    async def _cover(self, business: Business, resource_id: int, block: Block) -> bool:
        """Take the parts of a block that no block has taken: a resource is blocked once.

        Returns:
            False where the exclusion constraint refuses: an appointment went past the locks.
        """
        resource = business.resource(resource_id)
        taken = await self._session.execute(
            select(func.lower(OccupancyRow.during), func.upper(OccupancyRow.during))
            .where(
                OccupancyRow.business_id == business.id,
                OccupancyRow.resource_id == resource_id,
                OccupancyRow.active,
                OccupancyRow.appointment_id.is_(None),
                OccupancyRow.during.op("&&")(func.tstzrange(block.starts_at, block.ends_at, "[)")),
            )
            .order_by(OccupancyRow.during)
        )
        spans = merge((to_epoch(start), to_epoch(end)) for start, end in taken)
        missing = subtract([(to_epoch(block.starts_at), to_epoch(block.ends_at))], spans)
        if not missing:
            return True
        inserted = await self._session.execute(
            pg_insert(OccupancyRow)
            .values(
                [
                    {
                        "business_id": business.id,
                        "resource_id": resource_id,
                        "block_id": block.id,
                        "during": Range(from_epoch(low), from_epoch(high), bounds="[)"),
                        "units": 1 if resource is None else resource.capacity,
                        "exclusive": True,  # the trigger sets it from the resource's capacity
                        "reason": block.reason,
                    }
                    for low, high in missing
                ]
            )
            .on_conflict_do_nothing(constraint=OCCUPANCY_EXCLUSION)
            .returning(OccupancyRow.id)
        )
        return len(inserted.all()) == len(missing)


def _gives_way(row: AppointmentRow, agreed: frozenset[int] | None) -> bool:
    """Return whether an appointment is cancelled for a block: agreed to, or a mere hold."""
    if agreed is None:
        return False
    return row.id in agreed or row.status == AppointmentStatus.HELD.value


def _is_live(row: AppointmentRow, now: dt.datetime) -> bool:
    status = effective_status(AppointmentStatus(row.status), row.expires_at, now)
    return status in (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED)


def _resources(business: Business, resource_id: int | None) -> list[int]:
    if resource_id is None:
        return sorted(r.id for r in business.resources if r.kind == STAFF and r.active)
    return [resource_id] if business.resource(resource_id) is not None else []
