"""The inbox and its lanes: stored once, one worker a chat, in order, nothing lost."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from booking.business import Business
from db.repositories.inbox import InboxMessage, InboxRepository, Lane
from db.repositories.leavings import LeavingsRepository
from db.store import Store
from tests.conftest import NOW
from tests.integration.db_support import CHANNEL, WAITERS

# What a planner may choose on other data: a nested loop that runs its inner side for every row.
NESTED_LOOPS = ("hashjoin", "mergejoin", "hashagg", "material", "sort", "indexscan", "bitmapscan")


async def stored(
    store: Store, business: Business, chat_id: int, update_id: int, **options: float
) -> bool:
    async with store.worker() as session:
        return await InboxRepository(session).store(
            business.id, CHANNEL, chat_id, update_id, {"n": update_id}, received_at=NOW, **options
        )


async def claimed(store: Store, chat_id: int | None = None) -> Lane | None:
    async with store.worker() as session:
        return await InboxRepository(session).claim_lane([CHANNEL], chat_id=chat_id)


async def lane_of(store: Store) -> Lane:
    lane = await claimed(store)
    assert lane is not None
    return lane


async def messages(store: Store, lane: Lane) -> list[InboxMessage]:
    async with store.worker() as session:
        return await InboxRepository(session).messages(lane)


async def finish(store: Store, found: list[InboxMessage]) -> None:
    async with store.worker() as session:
        await InboxRepository(session).done([message.id for message in found])


async def release(store: Store, lane: Lane, **options: float) -> None:
    async with store.worker() as session:
        await InboxRepository(session).release(lane, **options)


async def run_sql(store: Store, statement: str) -> None:
    async with store.worker() as session:
        await session.execute(text(statement))


async def test_an_update_is_stored_once(store: Store, business: Business) -> None:
    outcomes = await asyncio.gather(*(stored(store, business, 5, 100) for _ in range(8)))
    assert sorted(outcomes) == [False] * 7 + [True]
    assert not await stored(store, business, 6, 100)  # the number is the bot's, not the chat's
    async with store.worker() as session:
        inbox = InboxRepository(session)
        assert await inbox.store(business.id, "telegram:2", 5, 100, {}, received_at=NOW)
        assert await inbox.next_update_id(CHANNEL) == 101
        assert await inbox.next_update_id("terminal") == 1


async def test_a_chats_updates_come_in_order(store: Store, business: Business) -> None:
    for update_id in (30, 10, 20):
        await stored(store, business, 5, update_id)
    await stored(store, business, 6, 40)
    async with store.worker() as session:
        lane = await InboxRepository(session).claim_lane([CHANNEL], chat_id=5)
    assert lane is not None
    assert [message.update_id for message in await messages(store, lane)] == [30, 10, 20]
    assert (await messages(store, lane))[0].payload == {"n": 30}


async def test_parallel_workers_never_share_a_chat(store: Store, business: Business) -> None:
    for chat_id in range(5):
        await stored(store, business, chat_id, chat_id)
    found = await asyncio.gather(*(claimed(store) for _ in range(20)))
    lanes = [lane for lane in found if lane is not None]
    assert len({lane.chat_id for lane in lanes}) == len(lanes)
    while (lane := await claimed(store)) is not None:  # who met a locked row came away empty
        lanes.append(lane)
    assert sorted(lane.chat_id for lane in lanes) == [0, 1, 2, 3, 4]


async def test_a_worker_leases_as_many_chats_as_it_has_room_for(
    store: Store, business: Business
) -> None:
    for chat_id in range(5):
        await stored(store, business, chat_id, chat_id)
    async with store.worker() as session:
        inbox = InboxRepository(session)
        lanes = await inbox.claim_lanes([CHANNEL], most=3)
        rest = await inbox.claim_lanes([CHANNEL], most=3)
    assert sorted(lane.chat_id for lane in lanes) == [0, 1, 2]
    assert sorted(lane.chat_id for lane in rest) == [3, 4]
    assert len({lane.lease for lane in (*lanes, *rest)}) == 5


OLD_CLAIM = """
    UPDATE lanes SET lease = gen_random_uuid(), leased_until = clock_timestamp() + interval '1 min'
    WHERE (channel, chat_id) IN (
        SELECT channel, chat_id FROM lanes
        WHERE ready_at <= clock_timestamp()
          AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING chat_id
"""


async def nested_loops(session: AsyncSession) -> None:
    for kind in NESTED_LOOPS:
        await session.execute(text(f"SET LOCAL enable_{kind} = off"))


async def test_a_claim_takes_one_lane_whatever_the_plan(store: Store, business: Business) -> None:
    for chat_id in range(5):
        await stored(store, business, chat_id, chat_id)
    async with store.worker() as session:
        await nested_loops(session)
        assert await InboxRepository(session).claim_lane([CHANNEL]) is not None
        leased = text("SELECT count(*) FROM lanes WHERE lease IS NOT NULL")
        assert await session.scalar(leased) == 1


async def test_control_a_plain_sub_select_takes_them_all(store: Store, business: Business) -> None:
    for chat_id in range(5):
        await stored(store, business, chat_id, chat_id)
    async with store.worker() as session:
        await nested_loops(session)
        assert len((await session.execute(text(OLD_CLAIM))).all()) > 1


async def test_the_chat_that_waited_longest_comes_first(store: Store, business: Business) -> None:
    for chat_id in (3, 1, 2):
        await stored(store, business, chat_id, chat_id)
    assert [(await lane_of(store)).chat_id for _ in range(3)] == [3, 1, 2]


async def test_a_burst_is_waited_for(store: Store, business: Business) -> None:
    await stored(store, business, 5, 1, quiet_seconds=60.0)
    assert await claimed(store) is None
    async with store.worker() as session:
        seconds = await InboxRepository(session).seconds_to_next([CHANNEL])
    assert seconds is not None
    assert 0 < seconds <= 60
    await stored(store, business, 5, 2)  # a press or a command is not waited for
    assert len(await messages(store, await lane_of(store))) == 2


async def test_a_dead_workers_lane_goes_to_another(store: Store, business: Business) -> None:
    await stored(store, business, 5, 1)
    dead = await lane_of(store)
    assert await claimed(store) is None
    async with store.worker() as session:
        leavings = LeavingsRepository(session)
        assert await leavings.free_silent(await leavings.leases([CHANNEL])) == [5]
    alive = await lane_of(store)
    assert alive.lease != dead.lease
    async with store.worker() as session:
        assert not await InboxRepository(session).renew(dead)
        assert await InboxRepository(session).renew(alive)
    await release(store, dead)  # it wakes up: the lane isn't its own any more
    assert await claimed(store) is None
    await finish(store, await messages(store, alive))
    await release(store, alive)
    assert await claimed(store) is None  # nothing is open


async def test_renewing_keeps_the_lease(store: Store, business: Business) -> None:
    await stored(store, business, 5, 1)
    lane = await lane_of(store)
    async with store.worker() as session:
        seen = await LeavingsRepository(session).leases([CHANNEL])
    async with store.worker() as session:
        assert await InboxRepository(session).renew(lane)
    async with store.worker() as session:  # who saw it before takes nothing away
        assert await LeavingsRepository(session).free_silent(seen) == []
    assert await claimed(store) is None


async def test_a_lane_with_open_updates_is_ready_again(store: Store, business: Business) -> None:
    for update_id in (1, 2):
        await stored(store, business, 5, update_id)
    lane = await lane_of(store)
    await finish(store, (await messages(store, lane))[:1])
    await release(store, lane)
    again = await lane_of(store)
    assert [message.update_id for message in await messages(store, again)] == [2]
    await release(store, again, retry_after_seconds=60.0)
    assert await claimed(store) is None
    await stored(store, business, 5, 3)  # a new message doesn't wait for that
    assert len(await messages(store, await lane_of(store))) == 2


async def test_what_is_set_aside_does_not_come_back(store: Store, business: Business) -> None:
    await stored(store, business, 5, 1)
    lane = await lane_of(store)
    async with store.worker() as session:
        inbox = InboxRepository(session)
        ids = [m.id for m in await inbox.messages(lane)]
        assert await inbox.set_aside(ids, "can't be parsed")
        assert not await inbox.set_aside(ids, "once more")  # the admins were told of it
    await release(store, lane)
    assert await claimed(store) is None
    async with store.worker() as session:
        row = (await session.execute(text("SELECT state, error FROM inbox"))).one()
    assert tuple(row) == ("set_aside", "can't be parsed")


async def race_of_store_and_release(store: Store, business: Business) -> int:
    """Many times: an update is stored while the lane's worker gives it back. Returns the lost."""
    rounds = range(40)
    for chat_id in rounds:
        await stored(store, business, chat_id, chat_id)
    lanes = [await lane_of(store) for _ in rounds]
    for lane in lanes:
        await finish(store, await messages(store, lane))
    await asyncio.gather(
        *(release(store, lane) for lane in lanes),
        *(stored(store, business, lane.chat_id, 1000 + lane.chat_id) for lane in lanes),
    )
    picked = 0
    while (lane := await claimed(store)) is not None:
        picked += len(await messages(store, lane))
    return len(rounds) - picked


async def test_an_update_stored_while_its_lane_is_given_back_is_not_lost(
    store: Store, business: Business
) -> None:
    assert await race_of_store_and_release(store, business) == 0


async def forgetful_release(store: Store, lane: Lane, *, stored_in_between: bool) -> None:
    """What one would write first: look for open updates, then, unlocked, put the lane asleep."""
    async with store.worker() as session:
        opened = await session.scalar(
            text("SELECT count(*) FROM inbox WHERE state = 'new' AND chat_id = :chat"),
            {"chat": lane.chat_id},
        )
        assert opened == 0
        if stored_in_between:
            await asyncio.wait_for(_store_apart(store, lane), 30)
        await session.execute(text("UPDATE lanes SET lease = NULL, ready_at = NULL"))


async def _store_apart(store: Store, lane: Lane) -> None:
    async with store.worker() as session:
        await InboxRepository(session).store(
            lane.business_id, lane.channel, lane.chat_id, 2, {}, received_at=NOW
        )


@pytest.mark.parametrize("stored_in_between", [True, False])
async def test_control_a_release_without_the_row_lock_loses_it(
    store: Store, business: Business, stored_in_between: bool
) -> None:
    await stored(store, business, 5, 1)
    lane = await lane_of(store)
    await finish(store, await messages(store, lane))
    await forgetful_release(store, lane, stored_in_between=stored_in_between)
    if not stored_in_between:
        await _store_apart(store, lane)
    await run_sql(store, "UPDATE lanes SET leased_until = NULL")
    assert (await claimed(store) is None) is stored_in_between


async def test_a_store_waits_for_a_release_that_has_begun(store: Store, business: Business) -> None:
    """The order that would lose an update, by design: the release has looked, then comes one."""
    await stored(store, business, 5, 1)
    lane = await lane_of(store)
    await finish(store, await messages(store, lane))
    async with store.worker() as session:
        await InboxRepository(session).release(lane)
        storing = asyncio.create_task(_store_apart(store, lane))
        waiting = text(WAITERS)
        while not await session.scalar(waiting):
            assert not storing.done()
            await asyncio.sleep(0.01)
    await storing
    assert len(await messages(store, await lane_of(store))) == 1
