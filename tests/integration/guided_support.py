"""What the tests of the guided flow share: one customer's chat on a real database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text as sql

from assistant.guided import GuidedFlow
from assistant.messages import Button, Outgoing
from booking.appointment import Appointment
from booking.business import Business
from booking.draft import Draft
from booking.status import AppointmentStatus
from db.repositories.customers import Customer
from db.repositories.outbox import OutboxKind, ReplyTo
from db.store import Store, UnitOfWork
from tests.conftest import load_example
from tests.founding import founded
from tests.shipped import shipped
from tools.support.context import ToolContext

TEXTS = shipped().texts
S = AppointmentStatus


class Chat:
    """One customer's chat with the guided flow."""

    def __init__(
        self, store: Store, business: Business, customer: Customer, language: str = "en"
    ) -> None:
        self.store, self.business, self.customer = store, business, customer
        self.language = language
        self.flow = GuidedFlow(TEXTS)
        self.last: list[Outgoing] = []
        self._messages = 0

    def context(self) -> ToolContext:
        self._messages += 1
        key = f"{self.customer.id}:{self._messages}"
        return ToolContext(
            self.store, self.business, self.customer, self.language, self.to, key, position=1
        )

    @property
    def to(self) -> ReplyTo:
        assert self.customer.telegram_id is not None
        return ReplyTo("terminal", self.customer.telegram_id, self.language)

    async def say(self, text: str, *, replied: Sequence[str] = ()) -> str:
        ctx = self.context()
        answer = await self.flow.answer_to_card(ctx, text, replied)
        return await self.sent(answer if answer is not None else await self.flow.text(ctx, text))

    async def command(self, command: str, argument: str = "") -> str:
        return await self.sent(await self.flow.command(self.context(), command, argument))

    async def press(self, action: str) -> str:
        return await self.sent(await self.flow.press(self.context(), action))

    async def sent(self, messages: list[Outgoing]) -> str:
        """Queue an answer as a conversation does: a typed yes answers what was said last."""
        self.last = messages
        now = self.store.clock.now()

        async def work(uow: UnitOfWork) -> None:
            for message in messages:
                payload = message.model_dump(mode="json")
                await uow.outbox.enqueue(
                    self.business.id, self.to, OutboxKind.MESSAGE, payload, due_at=now
                )

        await self.store.run(self.business, work)
        return self.text

    async def tap(self, label: str) -> str:
        """Press the first button whose label holds `label`."""
        return await self.press(self.button(label).action)

    def button(self, label: str) -> Button:
        return next(button for button in self.buttons if label in button.label)

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.last)

    @property
    def buttons(self) -> list[Button]:
        return [button for m in self.last for row in m.buttons for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    async def rows(self, status: AppointmentStatus) -> list[Appointment]:
        return await self.store.run(
            self.business,
            lambda uow: uow.appointments.get_customer_appointments(self.customer.id, status),
        )

    async def draft(self) -> Draft:
        return await self.store.run(
            self.business, lambda uow: uow.conversations.get_draft(self.customer.id)
        )

    async def receipts(self) -> list[str]:
        return [payload["change"] for payload in await outbox(self.store, "receipt")]


async def outbox(store: Store, kind: str) -> list[dict[str, Any]]:
    async with store.worker() as session:
        rows = await session.execute(
            sql("SELECT payload, chat_id FROM outbox WHERE kind = :kind ORDER BY id"),
            {"kind": kind},
        )
        return [{**row.payload, "chat_id": row.chat_id} for row in rows]


async def new_customer(store: Store, business: Business, telegram_id: int = 5) -> Customer:
    return await store.run(
        business,
        lambda uow: uow.customers.create_customer(
            telegram_id,
            first_name="Olga",
            language="en",
            channel="terminal",
            chat_id=telegram_id,
        ),
    )


async def new_chat(store: Store, business: Business) -> Chat:
    """A new customer's chat."""
    return Chat(store, business, await new_customer(store, business))


async def chat_about(store: Store, language: str = "en", **changes: object) -> Chat:
    """A chat with the example shop with some fields of its file changed."""
    business = await founded(store, load_example().model_copy(update=changes))
    return Chat(store, business, await new_customer(store, business), language)


async def book(chat: Chat, said: str = "haircut on Tuesday at 3pm") -> Appointment:
    """Book something, and return it."""
    known = {row.id for row in await chat.rows(S.CONFIRMED)}
    language, chat.language = chat.language, "en"
    await chat.say(said)
    await chat.say("yes")
    chat.language = language
    return next(row for row in await chat.rows(S.CONFIRMED) if row.id not in known)
