"""What the tests of hand-offs share: customers and owners who write to one bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from assistant.channel import Delivery, Sent, Unreachable
from assistant.conversation import Conversation
from assistant.delivery import Sender
from assistant.messages import Incoming, IncomingKind, Outgoing, Person, Replied
from assistant.signs import Signs
from assistant.turn.answer import TurnLimits
from assistant.turn.engine import TurnEngine
from booking.business import Business
from db.store import Store
from tests.fakes.model import ScriptedModel, Step
from tests.shipped import shipped
from tools.support.registry import discover

ADA, BEN, OLGA, PAUL = 1, 2, 900, 901
NAMES = {ADA: "Ada", BEN: "Ben", OLGA: "Olga", PAUL: "Paul"}
WORDS = shipped()


class Phones:
    """A channel that keeps what each chat was sent, with its number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pace = None
        self.sent: list[tuple[int, int, Outgoing]] = []
        self.gone: set[int] = set()
        self.typing_in: list[int] = []

    async def dispatch(self, *_: object) -> bool:
        return False

    async def typing(self, chat_id: int) -> None:
        self.typing_in.append(chat_id)

    async def send(self, chat_id: int, outgoing: Outgoing, *, first_attempt: bool) -> Delivery:
        if chat_id in self.gone:
            return Unreachable("blocked")
        self.sent.append((chat_id, len(self.sent) + 1, outgoing))
        return Sent(len(self.sent))

    def to(self, chat_id: int) -> list[str]:
        """What a chat was sent, in order."""
        return [out.text for chat, _, out in self.sent if chat == chat_id]


class Town:
    """One business, its owners and its customers, with a model that plays a script."""

    def __init__(self, store: Store, business: Business) -> None:
        self.store, self.business = store, business
        self.phones = Phones(f"telegram:{business.id}")
        self.model = ScriptedModel([])
        self.updates = 0

    async def says(
        self, who: int, said: str, *script: Step, reply_to: str | None = None, **more: Any
    ) -> list[str]:
        """Write something, as a reply to the newest message that holds `reply_to` if given.

        Returns:
            What this chat was sent for it.
        """
        kind, fields = IncomingKind.TEXT, {"text": said}
        if said.startswith("/"):
            word, _, argument = said[1:].partition(" ")
            kind, fields = IncomingKind.COMMAND, {"command": word, "text": argument}
        if reply_to is not None:
            fields["replied"] = Replied(message_id=self.number_of(who, reply_to))  # type: ignore[assignment]
        return await self.does(who, kind, *script, **{**fields, **more})

    async def presses(self, who: int, label: str, *, at: int | None = None) -> list[str]:
        """Press the newest button of that label; `at`: one that another chat was sent."""
        buttons = [
            button
            for chat, _, out in reversed(self.phones.sent)
            if chat == (at or who)
            for row in out.buttons
            for button in row
            if label in button.label
        ]
        return await self.does(who, IncomingKind.PRESS, action=buttons[0].action)

    async def does(
        self,
        who: int,
        kind: IncomingKind,
        *script: Step,
        update_id: int | None = None,
        **fields: Any,
    ) -> list[str]:
        if update_id is None:
            self.updates += 1
        already = len(self.phones.sent)
        number = update_id or self.updates
        incoming = Incoming(
            channel=self.phones.name,
            chat_id=who,
            update_id=number,
            person=Person(telegram_id=who, first_name=NAMES[who], language_code="en"),
            kind=kind,
            received_at=self.store.clock.now(),
            **{"message_id": 10_000 + number, **fields},
        )
        await self.conversation(script).handle(incoming, inbox_ids=[])
        await self.deliver()
        return [out.text for chat, _, out in self.phones.sent[already:] if chat == who]

    def conversation(self, script: Sequence[Step] = ()) -> Conversation:
        """The assistant; without a script the guided flow answers."""
        self.model = ScriptedModel(list(script))
        engine = TurnEngine(self.model, discover(), WORDS.texts, TurnLimits(model_calls=4))
        return Conversation(
            self.store,
            {self.phones.name: self.business.id},
            WORDS,
            engine if script else None,
            signs=Signs({self.phones.name: self.phones}),
        )

    async def deliver(self) -> None:
        """Send what is due."""
        await Sender(self.store, {self.phones.name: self.phones}, WORDS.texts).send_due(
            self.phones.name
        )

    def number_of(self, who: int, words: str) -> int:
        """The number of the newest message of a chat that holds some words."""
        return next(
            number
            for chat, number, out in reversed(self.phones.sent)
            if chat == who and words in out.text
        )

    async def read(self, statement: str) -> list[Any]:
        """Read a column of the business's rows."""
        async with self.store.database.transaction(self.business.id, worker=True) as session:
            return list(await session.scalars(text(statement)))
