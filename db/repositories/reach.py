"""Who can be reached: chats that take no messages any more, or no broadcasts, and do again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from booking.status import AppointmentStatus
from db.clock import Clock
from db.models import AppointmentRow, CustomerRow
from db.repositories.outbox import OutboxKind, OutboxRepository, ReplyTo

_STANDING = (AppointmentStatus.PENDING.value, AppointmentStatus.CONFIRMED.value)


class ReachRepository:
    """Whether the customers of one business can be reached. Nobody's appointment is touched.

    Args:
        session: bound to the business; the caller commits.
        business: whose customers.
        clock: says since when.
    """

    def __init__(self, session: AsyncSession, business: Business, clock: Clock) -> None:
        self._session = session
        self._business = business
        self._clock = clock

    async def lose(self, channel: str, chat_id: int, *, untold: bool = False) -> bool:
        """Note that a customer's chat takes no messages any more, and tell the owner.

        The owner is told once, and only of customers who are expected.

        Args:
            untold: the customer wasn't told of a change of an appointment; the owner is told of
                that each time.

        Returns:
            Whether it was reachable until now.
        """
        now = self._clock.now()
        lost = await self._session.scalar(
            update(CustomerRow)
            .where(*self._whose(channel, chat_id), CustomerRow.unreachable_since.is_(None))
            .values(unreachable_since=now)
            .returning(CustomerRow.id)
        )
        whom = lost
        if whom is None and untold:
            whom = await self._session.scalar(
                select(CustomerRow.id).where(*self._whose(channel, chat_id))
            )
        if whom is not None and (untold or await self._is_expected(whom)):
            outbox = OutboxRepository(self._session)
            for owner_chat_id in self._business.owner_chat_ids:
                await outbox.enqueue(
                    self._business.id,
                    ReplyTo(channel, owner_chat_id, self._business.languages[0]),
                    OutboxKind.UNREACHABLE,
                    {"customer_id": whom, "untold": untold},
                    due_at=now,
                )
        return lost is not None

    async def regain(self, channel: str, chat_id: int) -> bool:
        """Note that a chat takes messages again; False where it did all the time."""
        found = await self._session.scalar(
            update(CustomerRow)
            .where(*self._whose(channel, chat_id), CustomerRow.unreachable_since.is_not(None))
            .values(unreachable_since=None)
            .returning(CustomerRow.id)
        )
        return found is not None

    async def stop_broadcasts(self, customer_id: int) -> None:
        """Note that a customer wants no broadcasts; those on their way aren't sent either.

        What concerns the customer's own appointments is no broadcast.
        """
        await self._session.execute(
            update(CustomerRow)
            .where(self._is(customer_id), CustomerRow.broadcasts_stopped_at.is_(None))
            .values(broadcasts_stopped_at=self._clock.now())
        )

    async def take_broadcasts(self, customer_id: int) -> None:
        """Note that a customer takes broadcasts again."""
        await self._session.execute(
            update(CustomerRow).where(self._is(customer_id)).values(broadcasts_stopped_at=None)
        )

    def _is(self, customer_id: int) -> ColumnElement[bool]:
        return and_(CustomerRow.business_id == self._business.id, CustomerRow.id == customer_id)

    def _whose(self, channel: str, chat_id: int) -> tuple[ColumnElement[bool], ...]:
        return (
            CustomerRow.business_id == self._business.id,
            # A private chat has its person's number, and that one is indexed.
            CustomerRow.telegram_id == chat_id,
            CustomerRow.chat_id == chat_id,
            CustomerRow.channel == channel,
        )

    async def _is_expected(self, customer_id: int) -> bool:
        found = await self._session.scalar(
            select(
                exists().where(
                    AppointmentRow.business_id == self._business.id,
                    AppointmentRow.customer_id == customer_id,
                    AppointmentRow.status.in_(_STANDING),
                    AppointmentRow.ends_at > self._clock.now(),
                )
            )
        )
        return bool(found)
