"""The waiting list by buttons, where no model is asked: joining it, seeing it, leaving it."""

from __future__ import annotations

import dataclasses
import datetime as dt

from assistant.guided.actions import Press, Verb
from booking.status import AppointmentStatus
from db.store import Store
from tests.conftest import load_example
from tests.integration.guided_support import Chat, book, chat_about, new_customer, outbox

S = AppointmentStatus


def only_id(chat: Chat) -> int:
    return chat.business.services[0].id


MONDAY = dt.datetime(2026, 11, 23, 0, tzinfo=dt.UTC)


async def test_waiting_by_buttons_without_a_model(store: Store) -> None:
    file = load_example()
    only = [file.services[0].model_copy(update={"staff": ("anna",)})]
    chat = await chat_about(store, services=only, owner_chat_ids=[77])
    other = Chat(store, chat.business, await new_customer(store, chat.business, 6))
    await book(other, "haircut on Tuesday at 10:00")
    # Taken: the nearest times, and the way to hear of it if that very one gets free.
    assert "already taken" in await chat.say("haircut on Tuesday at 10:00")
    joined = await chat.tap("Tell me if it gets free")
    assert joined == "🔔 I'll write to you as soon as a time gets free: Haircut, Tue 24 Nov, 10:00."
    assert "Waiting for a free time:\n• Haircut, Tue 24 Nov, 10:00" in await chat.command("my")
    leave = chat.button("✕ Haircut").action
    await other.say("cancel")
    await other.say("yes")
    assert [each["chat_id"] for each in await outbox(store, "waitlist_offer")] == [5]
    # Left meanwhile: the offered time goes on to the next, and the button is spent.
    assert "won't look out" in await chat.press(leave)
    assert await chat.rows(S.HELD) == []
    assert "Waiting" not in await chat.command("my")
    assert "won't look out" in await chat.press(leave)
    assert "out of date" in await other.press(leave)  # not theirs looks like none
    # Free by the time of the press: nobody waits for it, and nobody is told so. After a crash the
    # journal says the same.
    await chat.say("haircut on Tuesday")
    press = Press(Verb.WAIT, service=only_id(chat), date=dt.date(2026, 11, 24)).encode()
    assert await chat.press(press) == "Here are free times. Which one suits you?"
    assert chat.labels[0].startswith("Tue 24 Nov")
    ctx = dataclasses.replace(
        chat.context(), recorded={1: {"result": {"state": "free_now", "service": "haircut"}}}
    )
    assert (await chat.flow.press(ctx, press))[0].text.startswith("Here are free times.")
    # A day that is wholly taken can be waited for, a day on which nobody works can't.
    await chat.store.run(
        chat.business,
        lambda uow: uow.blocks.create_block(MONDAY, MONDAY + dt.timedelta(days=2)),
    )
    assert "no free times" in await chat.say("haircut on Tuesday")
    assert await chat.tap("Tell me") == (
        "🔔 I'll write to you as soon as a time gets free: Haircut, Tue 24 Nov."
    )
    await chat.say("haircut on Sunday")
    assert "Tell me if it gets free" not in "".join(chat.labels)
