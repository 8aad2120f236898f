"""Long polling against the fake Bot API and a real inbox: nothing lost, nothing stalled."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram.utils.backoff import BackoffConfig
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from assistant.messages import Button, Outgoing
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.polling import Poller
from assistant.telegram.problems import TelegramTokenError
from booking.business import Business
from db.clock import Clock
from db.queue_models import InboxRow, LaneRow
from db.session import Database
from db.store import Store
from tests.conftest import settings_for
from tests.fakes.telegram import FakeTelegram, Fault
from tests.integration.db_support import WAITERS

PAUSES = BackoffConfig(min_delay=0.01, max_delay=0.05, factor=2.0, jitter=0.0)
ALICE = 42


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    built = build_channel(telegram.token, base_url=telegram.base_url)
    yield built
    await built.aclose()


@pytest.fixture
def make_poller(
    channel: TelegramChannel, store: Store, business: Business, clock: Clock
) -> Callable[..., Poller]:
    """Builds pollers of the bot that pause for milliseconds."""

    def make(business_id: int | None = None, **changes: Any) -> Poller:
        return Poller(
            channel.bot,
            store,
            business.id if business_id is None else business_id,
            channel.name,
            clock,
            **{"allowed_updates": channel.allowed_updates, "pauses": PAUSES, **changes},
        )

    return make


@asynccontextmanager
async def running(poller: Poller) -> AsyncIterator[asyncio.Event]:
    """A poller at work; it must end by itself, well before its long poll would."""
    stop = asyncio.Event()
    task = asyncio.create_task(poller.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


async def inbox(store: Store) -> list[InboxRow]:
    async with store.worker() as session:
        return list(await session.scalars(select(InboxRow).order_by(InboxRow.id)))


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while True:
            if happened():
                return
            await asyncio.sleep(0.01)


def logged(logs: Sequence[Any], event: str) -> Callable[[], bool]:
    return lambda: any(line["event"] == event for line in logs)


async def confirmed(telegram: FakeTelegram, update_id: int) -> None:
    """Wait until the bot has told the server that it has the update."""
    await until(
        lambda: any(
            int(call.params.get("offset", 0)) > update_id
            for call in telegram.calls_of("getUpdates")
        )
    )


async def test_updates_are_stored_raw_and_then_confirmed(
    telegram: FakeTelegram,
    make_poller: Callable[..., Poller],
    store: Store,
    channel: TelegramChannel,
    business: Business,
    clock: Clock,
) -> None:
    alice = telegram.person(ALICE)
    async with running(make_poller(burst_seconds=600.0)):
        await telegram.waits_for_call("getUpdates")
        said = alice.says("hello there")
        await confirmed(telegram, said.update_id)
        command = telegram.person(43, "Bob").says("/start")
        await confirmed(telegram, command.update_id)

    first, second = await inbox(store)
    assert (first.channel, first.chat_id, first.update_id) == (
        channel.name,
        ALICE,
        said.update_id,
    )
    assert (first.business_id, first.state) == (business.id, "new")
    assert first.received_at == clock.now()
    assert first.payload["message"]["text"] == "hello there"
    assert (second.chat_id, second.update_id) == (43, command.update_id)
    async with store.worker() as session:
        ready = await session.execute(
            select(LaneRow.chat_id, LaneRow.ready_at <= func.clock_timestamp())
        )
        assert {row[0]: row[1] for row in ready} == {ALICE: False, 43: True}
    asked = telegram.calls_of("getUpdates")[0].params
    assert asked["allowed_updates"] == channel.allowed_updates


async def test_an_update_that_comes_again_is_stored_once(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    alice = telegram.person(ALICE)
    async with running(make_poller()):
        await telegram.waits_for_call("getUpdates")
        first = alice.says("once")
        await confirmed(telegram, first.update_id)
        telegram.redeliver(first.update_id)
        second = alice.says("twice")
        await confirmed(telegram, second.update_id)
    assert [row.update_id for row in await inbox(store)] == [first.update_id, second.update_id]


async def test_a_press_is_stored_and_answered_at_once(
    telegram: FakeTelegram,
    make_poller: Callable[..., Poller],
    store: Store,
    channel: TelegramChannel,
) -> None:
    alice = telegram.person(ALICE)
    alice.says("hi")
    card = Outgoing(text="sure?", buttons=((Button(label="Yes", action="yes:1"),),))
    telegram.fail_next("answerCallbackQuery", Fault.bad_gateway())
    async with running(make_poller()):
        await telegram.waits_for_call("getUpdates")
        await channel.send(ALICE, card, first_attempt=True)
        shown = await alice.waits_for("sure")
        failed, answered = alice.presses(shown, "Yes"), alice.presses(shown, "Yes")
        assert failed.update_id is not None
        assert answered.update_id is not None
        await confirmed(telegram, answered.update_id)
        await telegram.waits_for_call("answerCallbackQuery", 2)
    stored = [row for row in await inbox(store) if "callback_query" in row.payload]
    assert [(row.chat_id, row.update_id) for row in stored] == [
        (ALICE, failed.update_id),
        (ALICE, answered.update_id),
    ]
    notices = [call.params for call in telegram.calls_of("answerCallbackQuery")]
    assert {notice["callback_query_id"] for notice in notices} == {
        failed.callback_query_id,
        answered.callback_query_id,
    }
    assert not any(notice.get("text") for notice in notices)


async def test_updates_that_nobody_can_read_do_not_stall_the_others(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    alice = telegram.person(ALICE)
    async with running(make_poller()):
        await telegram.waits_for_call("getUpdates")
        telegram.updates.add("message", {"chat": {"id": ALICE}, "text": 5}, ("chat", ALICE))
        telegram.updates.add("message", {"chat": "nonsense"}, ("chat", ALICE))
        alice.says("nul \x00 inside")
        alice.says("half \ud83d a pair")
        last = alice.says("fine")
        await confirmed(telegram, last.update_id)
    rows = await inbox(store)
    texts = [row.payload["message"].get("text") for row in rows]
    assert texts == [5, None, "nul \ufffd inside", "half \ufffd a pair", "fine"]
    assert [row.chat_id for row in rows] == [ALICE, 0, ALICE, ALICE, ALICE]


async def test_what_has_no_number_does_not_stall_the_others(
    make_poller: Callable[..., Poller], store: Store
) -> None:
    poller = make_poller()
    await poller._accept([{"message": {}}, "nonsense", {"update_id": 7, "message": {}}])
    assert [row.update_id for row in await inbox(store)] == [7]
    assert poller._offset == 8


async def test_an_update_that_the_database_refuses_is_kept_as_a_string(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    alice = telegram.person(ALICE)
    before = alice.says("before")
    # No JSON, though Python's reader takes it: jsonb does not.
    body = {"chat": {"id": ALICE}, "text": "poison", "number": float("nan")}
    poison = telegram.updates.add("message", body, ("chat", ALICE))
    after = alice.says("after")
    async with running(make_poller()):
        await confirmed(telegram, after.update_id)
    rows = await inbox(store)
    assert [row.update_id for row in rows] == [before.update_id, poison, after.update_id]
    assert [row.chat_id for row in rows] == [ALICE] * 3
    assert "poison" in rows[1].payload["refused_payload"]


async def test_nothing_is_confirmed_while_the_database_is_away(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    there = store.database
    away = Database(settings_for("postgresql://nobody@127.0.0.1:1/nothing"))
    said = telegram.person(ALICE).says("do not lose me")
    store.database = away
    with capture_logs() as logs:
        async with running(make_poller()):
            await until(logged(logs, "telegram_inbox_unavailable"))
            assert [call.params.get("offset") for call in telegram.calls_of("getUpdates")] == [None]
            store.database = there
            await confirmed(telegram, said.update_id)
    await away.close()
    assert [row.update_id for row in await inbox(store)] == [said.update_id]
    assert "do not lose me" not in str(logs)


async def test_an_inbox_that_refuses_everything_confirms_nothing(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    telegram.person(ALICE).says("for a business that does not exist")
    with capture_logs() as logs:
        async with running(make_poller(business_id=999_999)):
            await until(logged(logs, "telegram_inbox_refuses"))
    assert len(telegram.calls_of("getUpdates")) == 1
    assert await inbox(store) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault.bad_gateway(),
        Fault.server_error(),
        Fault.drop_before(),
        Fault.drop_after(),
        Fault.too_many(1),
        Fault.refusal(409, "Conflict: terminated by other getUpdates request"),
    ],
    ids=["502", "500", "dropped", "answer_lost", "429", "409"],
)
async def test_polling_goes_on_after_a_fault(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store, fault: Fault
) -> None:
    said = telegram.person(ALICE).says("still there?")
    telegram.fail_next("getUpdates", fault)
    with capture_logs() as logs:
        async with running(make_poller()):
            await confirmed(telegram, said.update_id)
    assert [row.update_id for row in await inbox(store)] == [said.update_id]
    events = [line["event"] for line in logs]
    assert "telegram_polling_paused" in events
    assert ("telegram_conflict" in events) == (fault.status == 409)
    assert telegram.token not in str(logs)
    assert "still there?" not in str(logs)


async def test_two_pollers_with_one_token_say_so(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], channel: TelegramChannel
) -> None:
    other = build_channel(telegram.token, base_url=telegram.base_url)
    with capture_logs() as logs:
        async with running(make_poller()):
            await telegram.waits_for_call("getUpdates")
            await other.bot.get_updates(timeout=0)
            await until(logged(logs, "telegram_conflict"))
    await other.aclose()
    hints = [line["hint"] for line in logs if line["event"] == "telegram_conflict"]
    assert any("another process is polling" in hint for hint in hints)


async def test_a_webhook_is_removed_and_what_waited_is_kept(
    telegram: FakeTelegram,
    make_poller: Callable[..., Poller],
    channel: TelegramChannel,
    store: Store,
) -> None:
    said = telegram.person(ALICE).says("written while nobody listened")
    await channel.bot.set_webhook("http://127.0.0.1:1/hook")
    async with running(make_poller()):
        await confirmed(telegram, said.update_id)
        # Set again by somebody in mid-run.
        await channel.bot.set_webhook("http://127.0.0.1:1/hook")
        later = telegram.person(ALICE).says("later")
        await confirmed(telegram, later.update_id)
    assert [row.update_id for row in await inbox(store)] == [said.update_id, later.update_id]
    removed = telegram.calls_of("deleteWebhook")
    assert len(removed) == 2
    assert not any(call.params.get("drop_pending_updates") for call in removed)


@pytest.mark.parametrize("method", ["getWebhookInfo", "getUpdates"])
@pytest.mark.parametrize("status", [401, 404])
async def test_a_refused_token_ends_polling_with_advice(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], method: str, status: int
) -> None:
    telegram.fail_next(method, Fault.refusal(status, "Unauthorized"))
    with pytest.raises(TelegramTokenError, match="TELEGRAM_BOT_TOKEN") as caught:
        await make_poller().run(asyncio.Event())
    assert telegram.token not in str(caught.value)


async def test_stopping_ends_an_open_long_poll(
    telegram: FakeTelegram, make_poller: Callable[..., Poller]
) -> None:
    # `running` gives up long before the 50 seconds of the poll.
    async with running(make_poller(poll_seconds=50)) as stop:
        await telegram.waits_for_call("getUpdates")
        stop.set()


async def test_stopping_ends_a_pause(
    make_poller: Callable[..., Poller], telegram: FakeTelegram, channel: TelegramChannel
) -> None:
    telegram.fail_next("getWebhookInfo", Fault.too_many(int(dt.timedelta(hours=1).total_seconds())))
    async with running(make_poller()):
        await telegram.waits_for_call("getWebhookInfo")


async def test_stopping_ends_a_transaction_that_hangs(
    telegram: FakeTelegram, make_poller: Callable[..., Poller], store: Store
) -> None:
    said = telegram.person(ALICE).says("stored later")
    async with store.database.transaction() as blocking:
        await blocking.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        async with running(make_poller()):
            while not await blocking.scalar(text(WAITERS)):
                pass
    assert await inbox(store) == []
    async with running(make_poller()):
        await confirmed(telegram, said.update_id)
    assert [row.update_id for row in await inbox(store)] == [said.update_id]
