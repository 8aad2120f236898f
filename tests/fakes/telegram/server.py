"""The fake Telegram Bot API server: HTTP, tokens, faults, and the record of calls."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from .client import Group, Person
from .errors import ApiError, bad_request, not_found, unauthorized
from .limits import MAX_UPLOAD, Fault, FaultKind, Limits
from .methods import Methods
from .params import CANONICAL, METHODS, Params, Upload, as_text
from .signals import Deadline
from .updates import Updates
from .webhook import Delivery, Webhook
from .world import World

DEFAULT_TOKEN = "4242:fake-token-for-tests-only"
_HTML_502 = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)


@dataclass
class Call:
    """One call of the bot in order of arrival.

    Fields: method, parameters in their own types, status (0 while it is being answered), what the
    client got (`result` on success, the error object otherwise), and the scripted fault, if any.
    """

    method: str
    params: dict[str, Any]
    status: int = 0
    result: Any = None
    fault: Fault | None = None
    files: dict[str, Upload] = field(default_factory=dict)


class FakeTelegram:
    """A strict Bot API server on loopback for one bot.

    Arguments: the bot's token (its number is the bot's user id), its username, a port (0: any).
    Use it with `async with`, or with `FakeTelegram.in_thread()` from synchronous tests.
    """

    def __init__(
        self,
        token: str = DEFAULT_TOKEN,
        *,
        bot_username: str = "booking_test_bot",
        port: int = 0,
    ) -> None:
        self.token = token
        self.limits = Limits()
        self.calls: list[Call] = []
        self.oddities: list[str] = []
        self.world = World(int(token.split(":")[0]), bot_username)
        self.updates = Updates(self.world.signal, self.oddities)
        self.webhook = Webhook(self.updates, self.world.signal, self.limits, self.oddities)
        self.methods = Methods(self.world, self.webhook, self.limits, self.oddities)
        self._people: dict[int, Person] = {}
        self._faults: dict[str, deque[Fault]] = {}
        self._port = port
        self._runner: web.AppRunner | None = None
        self._delivery: asyncio.Task[None] | None = None

    # Life

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=MAX_UPLOAD + 1024 * 1024)
        app.router.add_get("/file/bot{token}/{path:.+}", self._serve_file)
        app.router.add_route("*", "/bot{token}/{method}", self._serve_call)
        # A reader that went away must not hold its long poll.
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=1.0, access_log=None
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._delivery = asyncio.create_task(self.webhook.run())

    async def close(self) -> None:
        """Answer waiting polls and stop."""
        with self.world.signal.lock:
            self.updates.closing = True
            self.world.signal.notify()
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, token: str = DEFAULT_TOKEN, *, port: int = 0) -> Iterator[Self]:
        """The server in a thread of its own, for tests without an event loop."""
        server = cls(token, port=port)
        started: queue.Queue[BaseException | None] = queue.Queue()
        stop = asyncio.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            try:
                await server.start()
            except OSError as error:
                started.put(error)
                return
            started.put(None)
            await stop.wait()
            await server.close()

        def run() -> None:
            with contextlib.closing(loop):
                loop.run_until_complete(serve())

        thread = threading.Thread(target=run, name="fake-telegram", daemon=True)
        thread.start()
        failure = started.get()
        if failure is not None:
            thread.join()
            raise failure
        try:
            yield server
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    @property
    def base_url(self) -> str:
        """The value for TELEGRAM_API_BASE_URL; only while the server runs."""
        if not self._port:
            raise RuntimeError("the fake Telegram server has not been started")
        return f"http://127.0.0.1:{self._port}"

    # The world as tests see it

    def person(
        self,
        telegram_id: int,
        first_name: str = "Alice",
        language_code: str | None = "en",
        *,
        last_name: str | None = None,
        username: str | None = None,
    ) -> Person:
        """A pretend person, the same for the same id; the bot can't write before they have."""
        with self.world.signal.lock:
            if telegram_id not in self._people:
                user: dict[str, Any] = {
                    "id": telegram_id,
                    "is_bot": False,
                    "first_name": first_name,
                }
                optional = {
                    "last_name": last_name,
                    "username": username,
                    "language_code": language_code,
                }
                user.update({name: value for name, value in optional.items() if value})
                self._people[telegram_id] = Person(self.world, self.updates, self.limits, user)
            return self._people[telegram_id]

    def group(self, chat_id: int, title: str = "A group") -> Group:
        """A supergroup that the bot is a member of; pass it to the methods of people."""
        return Group(self.world, chat_id, title)

    def fail_next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next call(s) of a method go wrong; "*" is any method. Faults form a queue."""
        with self.world.signal.lock:
            self._faults.setdefault(method.lower(), deque()).extend([fault] * times)

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, as the real server does when it is not sure."""
        with self.world.signal.lock:
            self.updates.redeliver(update_id)
            self.world.signal.notify()

    def expire_callbacks(self) -> None:
        """From now on every press so far is too old to be answered."""
        with self.world.signal.lock:
            self.world.queries.clear()

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method in order."""
        with self.world.signal.lock:
            return [call for call in self.calls if call.method.lower() == method.lower()]

    async def waits_for_call(
        self,
        method: str,
        count: int = 1,
        timeout: float = 30.0,  # noqa: ASYNC109 the test's patience
    ) -> Call:
        """The count-th call of a method, once it has arrived (its answer may still be open).

        Raises AssertionError with the names of the calls that came instead.
        """
        deadline = Deadline(timeout)
        while True:
            version = self.world.signal.version
            if len(calls := self.calls_of(method)) >= count:
                return calls[count - 1]
            if not deadline.left():
                came = ", ".join(call.method for call in self.calls)
                raise AssertionError(f"no call {count} of {method} in {timeout:g} s, but: {came}")
            await self.world.signal.wait(version, deadline.left())

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver to the webhook."""
        return self.webhook.deliveries

    # Serving

    async def _serve_file(self, request: web.Request) -> web.Response:
        try:
            if request.match_info["token"] != self.token:
                raise unauthorized()
            with self.world.signal.lock:
                content = self.methods.file_content(request.match_info["path"])
        except ApiError as error:
            return web.json_response(error.body(), status=error.status)
        return web.Response(body=content, content_type="application/octet-stream")

    async def _serve_call(self, request: web.Request) -> web.StreamResponse:
        asked = request.match_info["method"]
        call = Call(CANONICAL.get(asked.lower(), asked), {})
        with self.world.signal.lock:
            self.calls.append(call)
            self.world.signal.notify()
        try:
            if request.match_info["token"] != self.token:
                raise unauthorized()
            if call.method not in METHODS:
                raise not_found()
            params = await _read(request, call.method)
            call.params, call.files = params.readable(), params.uploads
            self.oddities.extend(params.strange())
            call.fault = self._next_fault(call.method)
            if early := self._fail_early(call, request):
                return early
            if call.fault and call.fault.kind is FaultKind.SLOW:
                await asyncio.sleep(call.fault.seconds)
            call.result = await self._run(params)
            call.status = 200
            if call.fault and call.fault.kind is FaultKind.SLOW_ANSWER:
                await asyncio.sleep(call.fault.seconds)
        except ApiError as error:
            call.status, call.result = error.status, error.body()
            return web.json_response(error.body(), status=error.status)
        if call.fault and call.fault.kind is FaultKind.DROP_AFTER:
            return _drop(request)
        return web.json_response({"ok": True, "result": call.result})

    async def _run(self, params: Params) -> Any:
        if params.method == "getUpdates":
            return await self.updates.poll(params)
        with self.world.signal.lock:
            result = self.methods.table[params.method](params)
            self.world.signal.notify()
            return result

    def _next_fault(self, method: str) -> Fault | None:
        with self.world.signal.lock:
            for key in (method.lower(), "*"):
                if self._faults.get(key):
                    return self._faults[key].popleft()
        return None

    def _fail_early(self, call: Call, request: web.Request) -> web.Response | None:
        fault = call.fault
        if fault is None:
            return None
        match fault.kind:
            case FaultKind.STATUS:
                raise ApiError(fault.status, fault.description, fault.retry_after)
            case FaultKind.BAD_GATEWAY:
                call.status = 502
                return web.Response(text=_HTML_502, content_type="text/html", status=502)
            case FaultKind.DROP_BEFORE:
                return _drop(request)
            case _:
                return None


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _read(request: web.Request, method: str) -> Params:
    params = Params(method, dict(request.query))
    if request.content_type == "application/json":
        body = await request.text()
        try:
            decoded = Params(method, {"body": body}).json("body", "request") if body else {}
        except ApiError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(decoded, dict):
            raise bad_request("expected an object as JSON body")
        params.values.update({name: as_text(value) for name, value in decoded.items()})
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                params.uploads[name] = Upload(value.filename, value.content_type, content)
            elif isinstance(value, str):
                params.values[name] = value
            else:
                params.uploads[name] = Upload(name, "application/octet-stream", bytes(value))
    for value in params.values.values():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
    return params
