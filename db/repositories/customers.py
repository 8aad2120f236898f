"""Customers of one business, found by the id that the chat vouches for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import BusinessRow, CustomerRow
from db.session import bind_business

# What may be changed after the first contact. Identity (telegram_id, business) is not among it.
UPDATABLE = frozenset(
    {
        "username",
        "first_name",
        "last_name",
        "preferred_name",
        "phone",
        "email",
        "language",
        "zone",
        "channel",
        "chat_id",
    }
)


class Customer(BaseModel):
    """A customer of one business.

    Args:
        telegram_id: None once the customer was erased.
        first_name, last_name: as the channel tells them.
        preferred_name: what the customer asked to be called.
        language: the stored choice, ISO 639-1, or None.
        zone: IANA zone, if known.
        channel, chat_id: the chat last seen, where reminders go.
        unreachable_since: instant since which that chat takes no messages; None = it does.
        broadcasts_stopped_at: instant since which the customer wants no broadcasts; None = they are
            sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    business_id: int
    telegram_id: int | None
    username: str | None
    first_name: str | None
    last_name: str | None
    preferred_name: str | None = None
    phone: str | None
    email: str | None
    language: str | None
    zone: str | None
    channel: str | None
    chat_id: int | None
    unreachable_since: dt.datetime | None = None
    broadcasts_stopped_at: dt.datetime | None = None
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def name(self) -> str | None:
        """What to call the customer: as they asked for, else the channel's name; None = unknown."""
        channels = " ".join(part for part in (self.first_name, self.last_name) if part)
        return self.preferred_name or channels or None


class CustomerRepository:
    """Customers of one business.

    Args:
        session: the caller commits.
        business_id: whose customers; None = the default business.
    """

    def __init__(self, session: AsyncSession, business_id: int | None = None) -> None:
        self._session = session
        self._business_id = business_id

    async def get_customer_by_telegram_id(self, telegram_id: int | str) -> Customer | None:
        """Return the customer with that Telegram id.

        Raises:
            ValueError: not a number.
        """
        business_id = await self._bind()
        row = await self._session.scalar(
            select(CustomerRow).where(
                CustomerRow.business_id == business_id,
                CustomerRow.telegram_id == _telegram_id(telegram_id),
            )
        )
        return None if row is None else Customer.model_validate(row)

    async def get_customer_by_id(self, customer_id: int) -> Customer | None:
        """Return the customer with that id, if it's one of this business."""
        business_id = await self._bind()
        row = await self._session.get(CustomerRow, (business_id, customer_id))
        return None if row is None else Customer.model_validate(row)

    async def create_customer(
        self,
        telegram_id: int | str,
        username: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        language: str | None = None,
        channel: str | None = None,
        chat_id: int | None = None,
    ) -> Customer:
        """Create a customer; one who is there already is returned as they are.

        Raises:
            ValueError: the Telegram id is not a number.
        """
        business_id = await self._bind()
        created = await self._session.scalar(
            insert(CustomerRow)
            .values(
                business_id=business_id,
                telegram_id=_telegram_id(telegram_id),
                username=username,
                first_name=first_name,
                last_name=last_name,
                phone=phone,
                email=email,
                language=language,
                channel=channel,
                chat_id=chat_id,
            )
            .on_conflict_do_nothing(index_elements=["business_id", "telegram_id"])
            .returning(CustomerRow)
        )
        if created is not None:
            return Customer.model_validate(created)
        found = await self.get_customer_by_telegram_id(telegram_id)
        if found is None:
            raise LookupError("the customer was deleted in between")
        return found

    async def update_customer(self, customer_id: int, **fields: Any) -> Customer | None:
        """Change some of a customer's fields.

        Args:
            fields: from `UPDATABLE` only.

        Returns:
            The customer as changed; None if there is none with that id in this business.

        Raises:
            ValueError: a field that can't be changed.
        """
        unknown = set(fields) - UPDATABLE
        if unknown:
            raise ValueError(
                f"can't change {', '.join(sorted(unknown))}; can: {', '.join(sorted(UPDATABLE))}"
            )
        business_id = await self._bind()
        if not fields:
            return await self.get_customer_by_id(customer_id)
        row = await self._session.scalar(
            update(CustomerRow)
            .where(CustomerRow.business_id == business_id, CustomerRow.id == customer_id)
            .values(**fields, updated_at=func.now())
            .returning(CustomerRow)
            .execution_options(populate_existing=True)
        )
        return None if row is None else Customer.model_validate(row)

    async def _bind(self) -> int:
        if self._business_id is None:
            self._business_id = await self._session.scalar(
                select(BusinessRow.id).where(BusinessRow.is_default)
            )
            if self._business_id is None:
                raise ValueError("there is no business yet; apply a business file first")
        await bind_business(self._session, self._business_id)
        return self._business_id


def _telegram_id(value: int | str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"a Telegram id is a number, not {value!r}") from None
