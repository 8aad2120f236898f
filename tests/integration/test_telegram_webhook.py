"""The webhook against the fake Bot API and a real inbox: nothing lost, nobody else let in."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiogram.utils.backoff import BackoffConfig
from sqlalchemy import select, text
from structlog.testing import capture_logs

from assistant.health import Health
from assistant.http import MAX_BODY, build_http, listening
from assistant.messages import Button, Outgoing
from assistant.telegram.channel import TelegramChannel, build_channel
from assistant.telegram.problems import TelegramTokenError
from assistant.telegram.webhook import SECRET_HEADER, Webhook, add_routes, opaque_name
from booking.business import Business
from db.clock import Clock
from db.queue_models import InboxRow
from db.session import Database
from db.store import Store
from tests.conftest import settings_for
from tests.fakes.telegram import FakeTelegram, Fault

PAUSES = BackoffConfig(min_delay=0.01, max_delay=0.05, factor=2.0, jitter=0.0)
ALICE = 42
SECRET = "a-secret-of-the-test"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.limits.webhook_backoff_scale = 0.01
        yield fake
        assert fake.oddities == []


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    built = build_channel(telegram.token, base_url=telegram.base_url)
    yield built
    await built.aclose()


@dataclass
class Hook:
    """A webhook at work, and what posts to it."""

    webhook: Webhook
    port: int
    session: aiohttp.ClientSession
    woken: list[int]

    async def post(
        self,
        body: Any,
        *,
        name: str | None = None,
        secret: str | None = SECRET,
        content_type: str = "application/json",
        prefix: str = "",
    ) -> aiohttp.ClientResponse:
        headers = {"Content-Type": content_type}
        if secret is not None:
            headers[SECRET_HEADER] = secret
        url = f"http://127.0.0.1:{self.port}{prefix}/telegram/{name or self.webhook.name}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.session.post(url, data=data, headers=headers)


Hooked = Callable[..., Any]


@pytest.fixture
def hooked(
    channel: TelegramChannel, store: Store, business: Business, clock: Clock
) -> Callable[..., Any]:
    """Opens a process's webhook on a port of its own."""

    @asynccontextmanager
    async def opened(*, business_id: int | None = None, **changes: Any) -> AsyncIterator[Hook]:
        woken: list[int] = []
        app = build_http(Health({}))
        # Filled in below: the port, a part of the address, is known only once it's open.
        hooks: list[Webhook] = []
        add_routes(app, hooks)
        async with (
            listening(app, "127.0.0.1", 0) as port,
            aiohttp.ClientSession() as session,
        ):
            webhook = channel.webhook(
                store,
                business.id if business_id is None else business_id,
                clock,
                changes.pop("base_url", f"http://127.0.0.1:{port}"),
                **{
                    "secret": SECRET,
                    "on_stored": lambda: woken.append(1),
                    "pauses": PAUSES,
                    **changes,
                },
            )
            hooks.append(webhook)
            yield Hook(webhook, port, session, woken)

    return opened


@asynccontextmanager
async def kept(*webhooks: Webhook) -> AsyncIterator[None]:
    """Webhooks that are kept set; they must end by themselves when told to."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(webhook.run(stop)) for webhook in webhooks]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)


async def inbox(store: Store) -> list[InboxRow]:
    async with store.worker() as session:
        return list(await session.scalars(select(InboxRow).order_by(InboxRow.id)))


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110 - the fakes have no events to wait for
            await asyncio.sleep(0.01)


def message(update_id: int, words: str = "hi") -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": ALICE}, "text": words}}


async def test_updates_are_stored_and_then_acknowledged(
    telegram: FakeTelegram, hooked: Hooked, store: Store, business: Business
) -> None:
    async with hooked() as hook, kept(hook.webhook):
        said = telegram.person(ALICE).says("hello there")
        other = telegram.person(43, "Bob").says("/start")
        await until(
            lambda: telegram.updates.pending == [] and len(telegram.webhook.deliveries) == 2
        )
        assert hook.woken == [1, 1]
    assert {delivery.status for delivery in telegram.webhook.deliveries} == {200}
    rows = {row.update_id: row for row in await inbox(store)}
    assert rows.keys() == {said.update_id, other.update_id}
    first = rows[said.update_id]
    assert (first.business_id, first.chat_id, first.state) == (business.id, ALICE, "new")
    assert first.payload["message"]["text"] == "hello there"
    [call] = telegram.calls_of("setWebhook")
    assert call.params["secret_token"] == SECRET
    assert "message" in call.params["allowed_updates"]
    assert not call.params.get("drop_pending_updates")


async def test_what_waited_before_the_webhook_was_set_comes(
    telegram: FakeTelegram, hooked: Hooked, store: Store
) -> None:
    said = telegram.person(ALICE).says("written while nobody listened")
    async with hooked() as hook, kept(hook.webhook):
        await until(lambda: telegram.updates.pending == [])
    assert [row.update_id for row in await inbox(store)] == [said.update_id]
    assert telegram.calls_of("deleteWebhook") == []


async def test_an_update_that_comes_again_is_stored_once(
    telegram: FakeTelegram, hooked: Hooked, store: Store
) -> None:
    async with hooked() as hook, kept(hook.webhook):
        said = telegram.person(ALICE).says("once")
        await until(lambda: len(telegram.webhook.deliveries) == 1)
        telegram.redeliver(said.update_id)
        await until(lambda: len(telegram.webhook.deliveries) == 2)
    assert [delivery.status for delivery in telegram.webhook.deliveries] == [200, 200]
    assert [row.update_id for row in await inbox(store)] == [said.update_id]


async def test_a_press_is_answered_at_once_and_stored(
    telegram: FakeTelegram, hooked: Hooked, channel: TelegramChannel, store: Store
) -> None:
    alice = telegram.person(ALICE)
    alice.says("hi")
    card = Outgoing(text="sure?", buttons=((Button(label="Yes", action="yes:1"),),))
    await channel.send(ALICE, card, first_attempt=True)
    shown = await alice.waits_for("sure")
    telegram.fail_next("answerCallbackQuery", Fault.bad_gateway())
    async with hooked() as hook, kept(hook.webhook):
        alice.presses(shown, "Yes")
        answered = alice.presses(shown, "Yes")
        await telegram.waits_for_call("answerCallbackQuery", 2)
        await until(lambda: telegram.updates.pending == [])
    stored = [row.update_id for row in await inbox(store) if "callback_query" in row.payload]
    assert answered.update_id in stored
    assert len(stored) == 2
    assert not any(call.params.get("text") for call in telegram.calls_of("answerCallbackQuery"))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"secret": "another-secret-of-the-test"}, 403),
        ({"secret": None}, 403),
        ({"secret": ""}, 403),
        ({"secret": "\xff\xe9"}, 403),
        ({"name": "0" * 40}, 404),
        ({"name": "%ff"}, 404),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_nobody_else_can_post_an_update(
    hooked: Hooked, store: Store, given: dict[str, Any], status: int
) -> None:
    async with hooked() as hook:
        assert (await hook.post(message(1), **given)).status == status
        assert hook.woken == []
        assert (await hook.post(message(2))).status == 200
    assert [row.update_id for row in await inbox(store)] == [2]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        ([message(1)], 400),
        ({"message": {"text": "without a number"}}, 400),
        ({"update_id": "1"}, 400),
        ({"update_id": 2**63}, 400),
        (b" " * (MAX_BODY + 1), 413),
    ],
    ids=["empty", "cut", "bytes", "deep", "list", "numberless", "text", "huge", "long"],
)
async def test_a_body_that_is_no_update_is_refused(
    hooked: Hooked, store: Store, body: Any, status: int
) -> None:
    async with hooked() as hook:
        assert (await hook.post(body)).status == status
    assert await inbox(store) == []


async def test_a_post_that_breaks_off_is_no_error(
    hooked: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    """It comes again; who is called at night for a closed connection trusts no alarm."""
    async with hooked() as hook:
        lines = (
            f"POST /telegram/{hook.webhook.name} HTTP/1.1",
            "Host: x",
            "Content-Type: application/json",
            "Content-Length: 999",
            "Expect: 100-continue",
            f"{SECRET_HEADER}: {SECRET}",
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", hook.port)
        with capture_logs() as ours:
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n")  # it reads the body
            writer.transport.abort()
            await until(lambda: bool(ours))
        assert [line["event"] for line in ours] == ["telegram_webhook_broken_off"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_body_up_to_the_limit_is_taken(hooked: Hooked, store: Store) -> None:
    body = json.dumps(message(1)).encode()
    async with hooked() as hook:
        assert (await hook.post(body.ljust(MAX_BODY))).status == 200
    assert len(await inbox(store)) == 1


async def test_other_methods_are_refused(hooked: Hooked) -> None:
    async with hooked() as hook:
        url = f"http://127.0.0.1:{hook.port}/telegram/{hook.webhook.name}"
        assert (await hook.session.get(url)).status == 405


async def test_a_prefix_of_the_address_is_passed_on_or_cut_off(
    hooked: Hooked, store: Store
) -> None:
    async with hooked(base_url="https://bot.example/hooks/one") as hook:
        assert hook.webhook.url.startswith("https://bot.example/hooks/one/telegram/")
        assert (await hook.post(message(1), prefix="/hooks/one")).status == 200
        assert (await hook.post(message(2))).status == 200
    assert len(await inbox(store)) == 2


async def test_an_update_that_the_database_refuses_is_kept_as_a_string(
    hooked: Hooked, store: Store
) -> None:
    poison = b'{"update_id": 5, "message": {"chat": {"id": 42}, "number": NaN, "text": "x"}}'
    async with hooked() as hook:
        assert (await hook.post(poison)).status == 200
    [row] = await inbox(store)
    assert (row.update_id, row.chat_id) == (5, ALICE)
    assert "refused_payload" in row.payload


async def test_nothing_is_acknowledged_while_the_database_is_away(
    telegram: FakeTelegram, hooked: Hooked, store: Store
) -> None:
    there, away = store.database, Database(settings_for("postgresql://nobody@127.0.0.1:1/nothing"))
    store.database = away
    with capture_logs() as logs:
        async with hooked() as hook, kept(hook.webhook):
            refused = await hook.post(message(900))
            assert refused.status == 503
            assert int(refused.headers["Retry-After"]) >= 1
            said = telegram.person(ALICE).says("do not lose me")
            await until(lambda: len(telegram.webhook.deliveries) >= 2)
            store.database = there
            await until(lambda: telegram.updates.pending == [])
    await away.close()
    statuses = [delivery.status for delivery in telegram.webhook.deliveries]
    assert set(statuses[:-1]) == {503}
    assert statuses[-1] == 200
    assert [row.update_id for row in await inbox(store)] == [said.update_id]
    assert "do not lose me" not in str(logs)


async def test_a_store_that_hangs_is_not_waited_for(
    hooked: Hooked, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.telegram.webhook.STORE_SECONDS", 0.2)
    async with hooked() as hook:
        async with store.database.transaction() as blocking:
            await blocking.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
            assert (await hook.post(message(1))).status == 503
        assert (await hook.post(message(1))).status == 200
    assert len(await inbox(store)) == 1


async def test_an_inbox_that_refuses_everything_acknowledges_nothing(hooked: Hooked) -> None:
    async with hooked(business_id=999_999) as hook:
        assert (await hook.post(message(1))).status == 503


# --- setting it


async def test_it_is_set_only_where_it_differs(telegram: FakeTelegram, hooked: Hooked) -> None:
    async with hooked(watch_seconds=0.05) as hook:
        for _ in range(2):  # a second start finds it as it should be
            async with kept(hook.webhook):
                await telegram.waits_for_call("getWebhookInfo", len(telegram.calls) + 2)
        assert len(telegram.calls_of("setWebhook")) == 1
        assert hook.webhook.check().ok


async def test_two_processes_on_one_address_leave_each_other_alone(
    telegram: FakeTelegram, hooked: Hooked, store: Store
) -> None:
    async with hooked(watch_seconds=0.05) as first:
        address = f"http://127.0.0.1:{first.port}"
        async with hooked(watch_seconds=0.05, base_url=address) as second:
            async with kept(first.webhook, second.webhook):
                await telegram.waits_for_call("getWebhookInfo", 8)
                telegram.person(ALICE).says("to either")
                await until(lambda: telegram.updates.pending == [])
            # What one stored and Telegram sends again to the other is stored once.
            [row] = await inbox(store)
            assert (await second.post(row.payload)).status == 200
    assert len(telegram.calls_of("setWebhook")) <= 2
    assert len(await inbox(store)) == 1


async def test_what_somebody_changed_is_set_again(
    telegram: FakeTelegram, hooked: Hooked, channel: TelegramChannel
) -> None:
    async with hooked(watch_seconds=0.05) as hook, kept(hook.webhook):
        await telegram.waits_for_call("setWebhook")
        await channel.bot.set_webhook("http://127.0.0.1:1/elsewhere")
        await telegram.waits_for_call("setWebhook", 3)
        await channel.bot.set_webhook(hook.webhook.url, allowed_updates=["message"])
        await telegram.waits_for_call("setWebhook", 5)
        await until(lambda: hook.webhook.check().ok)
    assert (await channel.bot.get_webhook_info()).url == hook.webhook.url


def test_another_secret_is_another_address() -> None:
    names = {opaque_name("1:a", "x"), opaque_name("1:a", "y"), opaque_name("1:b", "x")}
    assert len(names) == 3
    assert opaque_name("1:a", "x") in names


async def test_the_path_and_the_secret_say_nothing_about_the_token(
    telegram: FakeTelegram, hooked: Hooked
) -> None:
    async with hooked(secret=None) as hook, kept(hook.webhook):
        await telegram.waits_for_call("setWebhook")
    [call] = telegram.calls_of("setWebhook")
    assert len(call.params["secret_token"]) == 64
    for part in telegram.token.split(":"):
        assert part not in call.params["url"]
        assert part not in call.params["secret_token"]


@pytest.mark.parametrize("method", ["getWebhookInfo", "setWebhook"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.bad_gateway(),
        Fault.drop_before(),
        Fault.too_many(1),
        Fault.refusal(400, "Bad Request: bad webhook: Failed to resolve host"),
    ],
    ids=["502", "dropped", "429", "400"],
)
async def test_it_is_set_once_telegram_is_there_again(
    telegram: FakeTelegram, hooked: Hooked, method: str, fault: Fault
) -> None:
    telegram.fail_next(method, fault)
    with capture_logs() as logs:
        async with hooked() as hook:
            assert not hook.webhook.check().ok
            async with kept(hook.webhook):
                await until(lambda: hook.webhook.check().ok)
    assert "telegram_webhook_unknown" in [line["event"] for line in logs]
    assert telegram.token not in str(logs)


async def test_a_webhook_that_was_set_stays_ready_while_telegram_is_away(
    telegram: FakeTelegram, hooked: Hooked
) -> None:
    async with hooked(watch_seconds=0.02) as hook, kept(hook.webhook):
        await until(lambda: hook.webhook.check().ok)
        telegram.fail_next("getWebhookInfo", Fault.bad_gateway(), 50)
        await until(lambda: not hook.webhook.check().ok)
        assert not hook.webhook.check().serious


@pytest.mark.parametrize("status", [401, 404])
async def test_a_refused_token_ends_it_with_advice(
    telegram: FakeTelegram, hooked: Hooked, status: int
) -> None:
    telegram.fail_next("getWebhookInfo", Fault.refusal(status, "Unauthorized"))
    async with hooked() as hook:
        with pytest.raises(TelegramTokenError, match="TELEGRAM_BOT_TOKEN"):
            await hook.webhook.run(asyncio.Event())


async def test_deliveries_that_fail_are_told_by_telegram(
    telegram: FakeTelegram, hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooked(watch_seconds=0.02, base_url="http://127.0.0.1:1") as hook:
        telegram.person(ALICE).says("cannot come through")
        async with kept(hook.webhook):
            await until(lambda: "Telegram says: Wrong response" in hook.webhook.check().detail)
            check = hook.webhook.check()
            assert (check.ok, check.serious) == (False, False)
