"""The one address of several processes behind a webhook, and the mischief of real networks."""

from __future__ import annotations

import asyncio
import queue
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp import web

_PATIENCE = aiohttp.ClientTimeout(total=30)
_PASSED_ON = ("Content-Type", "X-Telegram-Bot-Api-Secret-Token")


class Balancer:
    """Hands each update to one of the processes that listen.

    Now and then an update is handed to two at once, its acknowledgement gets lost (so that Telegram
    sends it again), or it is turned away at first and comes after what was sent later.

    Args:
        ports: of the processes.
        seed: of the mischief.
    """

    def __init__(self, ports: list[int], seed: int) -> None:
        self._ports = ports
        self._rng = random.Random(seed)
        self.mischief: Counter[str] = Counter()
        self.url = ""

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        how = self._rng.choices(["", "late", "twice", "unacknowledged"], [88, 4, 4, 4])[0]
        self.mischief[how] += bool(how)
        if how == "late":
            return web.Response(status=503)
        sends = [self._forward(request.path, body, headers) for _ in range(1 + (how == "twice"))]
        statuses = await asyncio.gather(*sends)
        if how == "unacknowledged":
            return web.Response(status=502)
        return web.Response(status=200 if 200 in statuses else statuses[0])

    async def _forward(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        for port in self._rng.sample(self._ports, len(self._ports)):
            try:
                # A connection of its own: a killed process's must not be used again.
                async with (
                    aiohttp.ClientSession(trust_env=False) as session,
                    session.post(
                        f"http://127.0.0.1:{port}{path}",
                        data=body,
                        headers=headers,
                        timeout=_PATIENCE,
                    ) as answer,
                ):
                    return answer.status
            except (aiohttp.ClientError, TimeoutError):
                continue  # dead, or not yet there
        return 502

    @contextmanager
    def in_thread(self) -> Iterator[Balancer]:
        """Serve in a thread of its own."""
        started: queue.Queue[int] = queue.Queue()
        stop = asyncio.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            app = web.Application()
            app.router.add_post("/{path:.*}", self._pass)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            started.put(runner.addresses[0][1])
            await stop.wait()
            await runner.cleanup()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{started.get()}"
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
