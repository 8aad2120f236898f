"""What a turn begins with: who writes, as the channel vouches for it, and the turn's journal."""

from __future__ import annotations

from assistant.languages import language_of
from assistant.messages import Incoming
from assistant.script import Script
from booking.business import Business
from booking.hand_off import HandOff
from db.repositories.conversations import Turn
from db.repositories.customers import Customer
from db.store import Store, UnitOfWork


async def open_turn(
    store: Store, business: Business, script: Script, incoming: Incoming
) -> tuple[Customer, Turn, HandOff | None]:
    """Open the turn that answers a message, in one transaction.

    Who writes for the first time is a customer from here on; what the channel says of them, and the
    language they write in, is kept up to date.

    Args:
        script: tells which languages there are.

    Returns:
        The customer, the turn (found again with its journal after a crash), and by which hand-off
        a person has the chat; None = the assistant answers.

    Raises:
        DatabaseUnavailableError: the database is away; nothing was changed.
    """
    person = incoming.person
    told = language_of(incoming.text, script.texts.languages)

    async def work(uow: UnitOfWork) -> tuple[Customer, Turn, HandOff | None]:
        customer = await uow.customers.get_customer_by_telegram_id(person.telegram_id)
        seen = {
            "username": person.username,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "channel": incoming.channel,
            "chat_id": incoming.chat_id,
        }
        if customer is None:
            customer = await uow.customers.create_customer(
                person.telegram_id,
                language=told,
                **seen,  # type: ignore[arg-type]
            )
        changed = {k: v for k, v in seen.items() if v is not None and getattr(customer, k) != v}
        if told is not None and told != customer.language:
            changed["language"] = told
        if changed:
            customer = await uow.customers.update_customer(customer.id, **changed) or customer
        if customer.unreachable_since is not None:
            await uow.reach.regain(incoming.channel, incoming.chat_id)
        turn = await uow.conversations.open_turn(
            customer.id,
            channel=incoming.channel,
            chat_id=incoming.chat_id,
            update_ids=[u for u, _ in incoming.parts] or [incoming.update_id],
            kind=incoming.kind.value,
        )
        hand_off = await uow.hand_offs.open_of(customer.id, key=incoming.key)
        return customer, turn, hand_off

    return await store.run(business, work)
