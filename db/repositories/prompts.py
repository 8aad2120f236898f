"""Versions of the prompts that admins wrote in the chat: drafts, the one in force, those before."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.clock import Clock, SystemClock
from db.models import BusinessRow
from db.queue_models import PromptVersionRow
from db.session import bind_business


class PromptVersion(BaseModel):
    """One version of a prompt.

    Args:
        name: "system" or "envelope".
        version: "<name>@<hash of the text>".
        diff: against what was in force when it was written, as a unified diff.
        published_at: instant; None = a draft.
        active: whether it is in force.
        replaces_id: the version that was in force before it; None = the file was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    id: int
    name: str
    text: str
    version: str
    author_telegram_id: int
    note: str | None
    diff: str
    created_at: dt.datetime
    published_at: dt.datetime | None
    active: bool
    replaces_id: int | None


class PromptRepository:
    """The prompt versions of one business.

    Args:
        session: the caller commits.
        business_id: whose prompts.
        clock: tells now.
    """

    def __init__(
        self, session: AsyncSession, business_id: int, *, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._business_id = business_id
        self._clock = clock or SystemClock()

    async def active(self) -> list[PromptVersion]:
        """Return the versions in force, at most one a prompt."""
        return await self._where(PromptVersionRow.active)

    async def drafts(self) -> list[PromptVersion]:
        """Return the drafts, at most one a prompt."""
        return await self._where(PromptVersionRow.published_at.is_(None))

    async def named(self, version: str) -> list[PromptVersion]:
        """Return the newest row of a version, as a list: none, where none is called so."""
        return (await self._where(PromptVersionRow.version == version))[-1:]

    async def get(self, version_id: int) -> PromptVersion | None:
        """Return one version of this business."""
        found = await self._where(PromptVersionRow.id == version_id)
        return found[0] if found else None

    async def save_draft(
        self, name: str, text: str, *, version: str, author_telegram_id: int, diff: str
    ) -> PromptVersion:
        """Store a draft in place of the one there was."""
        # Two admins at once: the second one waits here, and its draft is the one that stays.
        await self.lock()
        await self._session.execute(
            delete(PromptVersionRow).where(
                PromptVersionRow.business_id == self._business_id,
                PromptVersionRow.name == name,
                PromptVersionRow.published_at.is_(None),
            )
        )
        row = await self._session.scalar(
            insert(PromptVersionRow)
            .values(
                business_id=self._business_id,
                name=name,
                text=text,
                version=version,
                author_telegram_id=author_telegram_id,
                diff=diff,
                created_at=self._clock.now(),
            )
            .returning(PromptVersionRow)
        )
        return PromptVersion.model_validate(row)

    async def publish(self, version_id: int, *, note: str | None = None) -> PromptVersion | None:
        """Put a draft in force, from the next turn of every process on.

        Returns:
            The version; as it is where it was published already; None where there is none (another
            draft took its place).
        """
        await self.lock()
        draft = await self.get(version_id)
        if draft is None or draft.published_at is not None:
            return draft
        before = [v for v in await self.active() if v.name == draft.name]
        for version in before:
            await self._set(version.id, active=False)
        await self._set(
            draft.id,
            active=True,
            published_at=self._clock.now(),
            note=note,
            replaces_id=before[0].id if before else None,
        )
        await self._new_edition()
        return await self.get(draft.id)

    async def roll_back(self, version_id: int, *, by_telegram_id: int) -> bool:
        """Take a version out of force and put what it replaced in its place.

        Returns:
            Whether it was in force; if not, nothing is changed.
        """
        await self.lock()
        version = await self.get(version_id)
        if version is None or not version.active:
            return False
        await self._set(
            version.id,
            active=False,
            rolled_back_at=self._clock.now(),
            rolled_back_by=by_telegram_id,
        )
        if version.replaces_id is not None:
            await self._set(version.replaces_id, active=True)
        await self._new_edition()
        return True

    async def _where(self, condition: object) -> list[PromptVersion]:
        await bind_business(self._session, self._business_id)
        rows = await self._session.scalars(
            select(PromptVersionRow)
            .where(PromptVersionRow.business_id == self._business_id, condition)  # type: ignore[arg-type]
            .order_by(PromptVersionRow.name.desc(), PromptVersionRow.id)
            .execution_options(populate_existing=True)
        )
        return [PromptVersion.model_validate(row) for row in rows]

    async def _set(self, version_id: int, **values: object) -> None:
        await self._session.execute(
            update(PromptVersionRow)
            .where(
                PromptVersionRow.business_id == self._business_id,
                PromptVersionRow.id == version_id,
            )
            .values(**values)
        )

    async def lock(self) -> None:
        """Let one transaction at a time change the business's prompts, until it ends.

        Not the key: rows that refer to the business go on being written.
        """
        await bind_business(self._session, self._business_id)
        await self._session.execute(
            select(BusinessRow.id)
            .where(BusinessRow.id == self._business_id)
            .with_for_update(key_share=True)
        )

    async def _new_edition(self) -> None:
        """Let every process notice: they compare this number at the beginning of each turn."""
        await self._session.execute(
            update(BusinessRow)
            .where(BusinessRow.id == self._business_id)
            .values(revision=BusinessRow.revision + 1)
        )
