"""What admins are told without having asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from assistant.editions import Broken
from assistant.messages import Outgoing
from assistant.prompts.problems import shortlisted
from assistant.texts import Texts
from booking.business import Business
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork

_AGAIN_AFTER = dt.timedelta(hours=1)


class AdminAlerts:
    """Tells admins who have a chat with the bot.

    Args:
        store: the database.
        admin_ids: Telegram ids.
    """

    def __init__(self, store: Store, admin_ids: Sequence[int]) -> None:
        self._store = store
        self._admin_ids = tuple(admin_ids)

    async def set_aside(self, uow: UnitOfWork, reason: str, texts: Texts) -> None:
        """Tell that a message could not be handled: once an hour for each reason.

        Args:
            uow: of the transaction that sets it aside.
            reason: short, without what the customer wrote.
        """
        for admin_id in self._admin_ids:
            await self._tell(
                uow,
                admin_id,
                lambda language: texts.say("update_set_aside", language, reason=reason),
                texts,
                again_after=_AGAIN_AFTER,
            )

    async def broken_prompts(self, business: Business, broken: Broken, texts: Texts) -> None:
        """Tell that an edition can't be used: once a chat, whichever process notices.

        Raises:
            DatabaseUnavailableError: nobody was told.
        """
        if not self._admin_ids:
            return

        async def work(uow: UnitOfWork) -> None:
            # One process at a time, so that the second one sees what the first one said.
            await uow.prompts.lock()
            for admin_id in self._admin_ids:
                await self._tell(
                    uow, admin_id, lambda language: _broken(broken, texts, language), texts
                )

        await self._store.run(business, work)

    async def _tell(
        self,
        uow: UnitOfWork,
        admin_id: int,
        say: Callable[[str], str],
        texts: Texts,
        *,
        again_after: dt.timedelta | None = None,
    ) -> None:
        """Queue a text for an admin who hasn't been told the same (lately).

        Args:
            say: the text in a language.
            again_after: how long the same isn't repeated; None = it never is.
        """
        admin = await uow.customers.get_customer_by_telegram_id(admin_id)
        # A private chat has its person's number; file names and prompts are nobody else's.
        if admin is None or admin.channel is None or admin.chat_id != admin_id:
            return
        language = texts.resolve(admin.language or uow.business.languages[0])
        payload = Outgoing(text=say(language)).model_dump(mode="json")
        to = ReplyTo(admin.channel, admin_id, language)
        now = self._store.clock.now()
        since = None if again_after is None else now - again_after
        if not await uow.outbox.has_said(uow.business.id, to, payload, since=since):
            await uow.outbox.enqueue(uow.business.id, to, OutboxKind.MESSAGE, payload, due_at=now)


def _broken(broken: Broken, texts: Texts, language: str) -> str:
    if broken.published:
        head = texts.say("prompt_version_broken", language, version=broken.name)
    else:
        head = texts.say("prompt_folder_broken", language, edition=broken.name)
    return f"{head}\n{shortlisted(broken.problems)}"
