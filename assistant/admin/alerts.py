"""What admins are told without having asked."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.editions import Broken
from assistant.messages import Outgoing
from assistant.prompts.problems import listed
from assistant.texts import Texts
from booking.business import Business
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork

# A folder with many mistakes: the log has them all.
_SHOWN = 10


class AdminAlerts:
    """Tells admins who have a chat with the bot.

    Args:
        store: the database.
        admin_ids: Telegram ids.
    """

    def __init__(self, store: Store, admin_ids: Sequence[int]) -> None:
        self._store = store
        self._admin_ids = tuple(admin_ids)

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
                await self._tell(uow, admin_id, broken, texts)

        await self._store.run(business, work)

    async def _tell(self, uow: UnitOfWork, admin_id: int, broken: Broken, texts: Texts) -> None:
        admin = await uow.customers.get_customer_by_telegram_id(admin_id)
        # A private chat has its person's number; file names and prompts are nobody else's.
        if admin is None or admin.channel is None or admin.chat_id != admin_id:
            return
        language = texts.resolve(admin.language or uow.business.languages[0])
        if broken.published:
            head = texts.say("prompt_version_broken", language, version=broken.name)
        else:
            head = texts.say("prompt_folder_broken", language, edition=broken.name)
        outgoing = Outgoing(text=f"{head}\n{listed(broken.problems[:_SHOWN])}")
        payload = outgoing.model_dump(mode="json")
        to = ReplyTo(admin.channel, admin_id, language)
        if not await uow.outbox.has_said(uow.business.id, to, payload):
            await uow.outbox.enqueue(
                uow.business.id,
                to,
                OutboxKind.MESSAGE,
                payload,
                due_at=self._store.clock.now(),
            )
