"""The repository of conversations: messages, drafts, turns and their journal."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from booking.business import Business
from booking.draft import Draft, DraftStage
from db.errors import DatabaseError
from db.repositories.conversations import ConversationMessage, Turn, TurnSummary
from db.store import Store, UnitOfWork
from tests.integration.db_support import CHANNEL, new_customer, second_business


async def say(store: Store, business: Business, who: int, *texts: str) -> None:
    async def work(uow: UnitOfWork) -> None:
        for each in texts:
            await uow.conversations.save_message(who, each)

    await store.run(business, work)


async def recent(
    store: Store, business: Business, who: int, limit: int = 10
) -> list[ConversationMessage]:
    return await store.run(
        business, lambda uow: uow.conversations.get_recent_conversation(who, limit)
    )


async def test_the_last_messages_oldest_first(store: Store, business: Business) -> None:
    who, other = await new_customer(store, business, 1), await new_customer(store, business, 2)
    await say(store, business, who, *(f"m{n}" for n in range(15)))
    await say(store, business, other, "not mine")
    texts = [message.message_text for message in await recent(store, business, who)]
    assert texts == [f"m{n}" for n in range(5, 15)]
    assert [m.message_text for m in await recent(store, business, who, 2)] == ["m13", "m14"]
    assert await recent(store, business, who, 0) == []


async def test_a_message_comes_back_as_it_was(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    context = {"name": "get_services", "arguments": '{"a": "\\u0000"}', "list": [1, None, "Ж"]}
    words = "line\n\n  two\t«Ж» 💈 \\u0000 '; DROP TABLE customers; --" + "x" * 10_000

    async def work(uow: UnitOfWork) -> int:
        return await uow.conversations.save_message(who, words, "tool_call", context)

    saved = await store.run(business, work)
    [message] = await recent(store, business, who)
    assert (message.id, message.message_type) == (saved, "tool_call")
    assert (message.message_text, message.context_data) == (words, context)
    assert message.created_at == store.clock.now()


async def test_what_postgresql_can_not_store_does_not_lose_the_message(
    store: Store, business: Business
) -> None:
    who = await new_customer(store, business)
    odd = "a\x00b\ud83d"

    async def work(uow: UnitOfWork) -> int:
        return await uow.conversations.save_message(who, odd, "user", {odd: [odd, "\\\x00"]})

    await store.run(business, work)
    [message] = await recent(store, business, who)
    assert message.message_text == "a\ufffdb\ufffd"
    assert message.context_data == {"a\ufffdb\ufffd": ["a\ufffdb\ufffd", "\\\ufffd"]}


async def test_an_unknown_kind_of_message_is_refused(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    with pytest.raises(DatabaseError, match="message_type"):
        await store.run(business, lambda uow: uow.conversations.save_message(who, "x", "developer"))


async def test_forgetting_deletes_one_customers_messages(store: Store, business: Business) -> None:
    who, other = await new_customer(store, business, 1), await new_customer(store, business, 2)
    await say(store, business, who, "a")
    await say(store, business, other, "b")
    await store.run(business, lambda uow: uow.conversations.forget_conversation(who))
    assert await recent(store, business, who) == []
    assert len(await recent(store, business, other)) == 1


async def test_a_conversation_is_not_another_businesss(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    await say(store, business, who, "mine")
    other = await second_business(store)
    assert await recent(store, other, who) == []
    with pytest.raises(DatabaseError, match="23503"):
        await say(store, other, who, "into somebody else's conversation")


# --- drafts


async def test_a_draft_survives_with_a_new_version(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    assert await store.run(business, lambda uow: uow.conversations.get_draft(who)) == Draft()
    draft = Draft(stage=DraftStage.CHOOSING_TIME, service_id=3, staff_chosen=True)
    saved = await store.run(business, lambda uow: uow.conversations.save_draft(who, draft))
    assert saved == draft.model_copy(update={"version": 1})
    assert await store.run(business, lambda uow: uow.conversations.get_draft(who)) == saved
    idle = await store.run(business, lambda uow: uow.conversations.save_draft(who, Draft()))
    assert idle == Draft(version=2)


async def test_a_version_is_never_given_out_twice(store: Store, business: Business) -> None:
    who = await new_customer(store, business)

    async def save(stale: int) -> int:
        draft = Draft(version=stale)
        saved = await store.run(business, lambda uow: uow.conversations.save_draft(who, draft))
        return saved.version

    first = await save(0)
    versions = await asyncio.gather(*(save(stale % 3) for stale in range(20)))
    assert sorted(versions) == list(range(first + 1, first + 21))


# --- turns


async def opened(
    store: Store, business: Business, who: int, *update_ids: int, channel: str = CHANNEL
) -> Turn:
    return await store.run(
        business,
        lambda uow: uow.conversations.open_turn(
            who, channel=channel, chat_id=5, update_ids=update_ids, kind="text"
        ),
    )


async def test_opening_a_turn_again_finds_its_journal(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    turn = await opened(store, business, who, 100, 101)
    assert (turn.state, turn.steps, turn.update_ids) == ("running", (), (100, 101))

    async def steps(uow: UnitOfWork) -> None:
        await uow.conversations.add_step(turn.id, 2, "tool", {"result": "ok"})
        await uow.conversations.add_step(turn.id, 1, "model", {"text": "Ж"})
        await uow.conversations.add_step(turn.id, 1, "model", {"text": "a replay"})

    await store.run(business, steps)
    again = await opened(store, business, who, 100, 101, 102)
    assert (again.id, again.customer_id, again.state) == (turn.id, who, "running")
    assert again.update_ids == (100, 101)  # what came after the crash is the next turn's
    assert [(s.position, s.kind, s.payload) for s in again.steps] == [
        (1, "model", {"text": "Ж"}),
        (2, "tool", {"result": "ok"}),
    ]
    assert (await opened(store, business, who, 100, channel="terminal")).id != turn.id


async def test_workers_that_open_one_turn_at_once_share_it(
    store: Store, business: Business
) -> None:
    who = await new_customer(store, business)
    turns = await asyncio.gather(*(opened(store, business, who, 7) for _ in range(10)))
    assert len({turn.id for turn in turns}) == 1


async def test_a_turn_is_finished_once(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    turn = await opened(store, business, who, 7)
    summary = TurnSummary(outcome="answered", model="m", model_calls=2, input_tokens=9)

    async def finish() -> bool:
        return await store.run(
            business, lambda uow: uow.conversations.finish_turn(turn.id, summary)
        )

    assert sorted(await asyncio.gather(*(finish() for _ in range(5)))) == [False] * 4 + [True]
    assert (await opened(store, business, who, 7)).state == "done"
    other = await second_business(store)
    assert not await store.run(other, lambda uow: uow.conversations.finish_turn(turn.id, summary))


@pytest.mark.parametrize(
    ("stamps", "away"),
    [
        ([], False),
        ([("answered", 1)], False),
        ([("answered", 1), ("model_away", 0)], True),
        ([("model_away", 0), ("card_answer", 0)], True),  # a yes is never for the model
        ([("model_away", 0), ("unclear", 0)], True),  # the guided flow didn't understand
        ([("model_away", 0), ("unclear", 1)], False),  # the model is back
        ([("tokens_spent", 0), ("answered", 2)], False),
    ],
)
async def test_whether_the_model_was_away(
    store: Store, business: Business, stamps: list[tuple[str, int]], away: bool
) -> None:
    who = await new_customer(store, business)
    for number, (outcome, calls) in enumerate(stamps):
        turn = await opened(store, business, who, number)
        summary = TurnSummary(outcome=outcome, model_calls=calls)

        async def finish(uow: UnitOfWork, turn: Turn = turn, stamp: TurnSummary = summary) -> None:
            await uow.conversations.finish_turn(turn.id, stamp)

        await store.run(business, finish)
    since = store.clock.now() - dt.timedelta(hours=1)
    found = await store.run(business, lambda uow: uow.usage.model_was_away(who, since=since))
    assert found is away


async def test_history_is_whole_finished_turns(store: Store, business: Business) -> None:
    who = await new_customer(store, business)
    for number in range(1, 5):
        turn = await opened(store, business, who, number)

        async def work(uow: UnitOfWork, turn: Turn = turn, number: int = number) -> None:
            for kind in ("user", "tool_call", "tool_result", "assistant"):
                await uow.conversations.save_message(who, f"{kind}{number}", kind, turn_id=turn.id)
            if number != 4:  # the last one is still being answered
                await uow.conversations.finish_turn(turn.id, TurnSummary(outcome="answered"))

        await store.run(business, work)

    async def history(turns: int) -> list[str]:
        found = await store.run(business, lambda uow: uow.memories.get_turns_after(who, 0, turns))
        return [message.message_text for message in found]

    kinds = ("user", "tool_call", "tool_result", "assistant")
    assert await history(2) == [f"{kind}{number}" for number in (2, 3) for kind in kinds]
    assert len(await history(20)) == 12
    assert await history(0) == []
