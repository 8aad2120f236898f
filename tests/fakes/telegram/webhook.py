"""Delivery to a webhook, in lanes, with retries."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from .errors import bad_request
from .limits import Limits
from .params import Params
from .signals import Signal
from .updates import Update, Updates

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAX_WAIT = 60.0


@dataclass(frozen=True)
class Delivery:
    """One attempt: which update, and the status that came back (0: no answer)."""

    update_id: int
    status: int


@dataclass(frozen=True)
class _Hook:
    url: str
    secret: str
    max_connections: int


class Webhook:
    """Posts pending updates to the URL that the bot has set.

    As in the real server, one queue per chat for messages and one per user for button presses,
    only the head of each in flight; first retry at once, then after 2, 4, 8 ... 60 s, or after
    what Retry-After says (all times the factor of the limits).
    """

    def __init__(
        self, updates: Updates, signal: Signal, limits: Limits, oddities: list[str]
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._updates = updates
        self._signal = signal
        self._limits = limits
        self._oddities = oddities
        self._hook: _Hook | None = None
        self._last_error: str | None = None
        self._last_error_at = 0.0
        self._busy: dict[tuple[str, int], asyncio.Task[None]] = {}

    def set(self, params: Params) -> bool:
        """setWebhook. Plain HTTP is taken on loopback only, for tests; the real one wants TLS."""
        url = params.text("url")
        if params.uploads or params.has("certificate"):
            raise bad_request("certificates are not known to this fake")
        if url:
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            secret = params.text("secret_token")
            if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
                raise bad_request("secret token contains unallowed characters")
            connections = params.integer("max_connections", 40)
            if not 1 <= connections <= 100:
                raise bad_request("max_connections must be 1-100")
            self._updates.remember_allowed(params)
            self._hook = _Hook(url, secret, connections)
        else:
            self._hook = None
        return self._changed(params)

    def delete(self, params: Params) -> bool:
        """deleteWebhook."""
        self._hook = None
        return self._changed(params)

    def _changed(self, params: Params) -> bool:
        self._updates.webhook_url = self._hook.url if self._hook else ""
        if params.boolean("drop_pending_updates"):
            self._updates.pending.clear()
        self._last_error = None
        for task in self._busy.values():
            task.cancel()
        self._busy.clear()
        self._signal.notify()
        return True

    def info(self) -> dict[str, Any]:
        """getWebhookInfo."""
        info: dict[str, Any] = {
            "url": self._hook.url if self._hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self._hook:
            info["max_connections"] = self._hook.max_connections
        if self._updates.allowed:
            info["allowed_updates"] = self._updates.allowed
        if self._last_error:
            info["last_error_date"] = int(self._last_error_at)
            info["last_error_message"] = self._last_error
        return info

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with aiohttp.ClientSession(trust_env=False) as session:
            try:
                while True:
                    with self._signal.lock:
                        version = self._signal.version
                        self._start_deliveries(session)
                    await self._signal.wait(version, None)
            finally:
                tasks = list(self._busy.values())
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _start_deliveries(self, session: aiohttp.ClientSession) -> None:
        if self._hook is None:
            return
        for update in self._updates.pending:
            if len(self._busy) >= self._hook.max_connections:
                return
            if update.lane not in self._busy:
                work = self._deliver(session, self._hook, update)
                self._busy[update.lane] = asyncio.create_task(work)

    async def _deliver(self, session: aiohttp.ClientSession, hook: _Hook, update: Update) -> None:
        wait = 0.0
        while True:
            status, retry_after = await self._post(session, hook, update)
            self.deliveries.append(Delivery(update.update_id, status))
            if 200 <= status < 300:
                break
            self._last_error_at = time.time()
            self._last_error = f"Wrong response from the webhook: {status}"
            pause = wait if retry_after is None else retry_after
            await asyncio.sleep(pause * self._limits.webhook_backoff_scale)
            wait = min(max(2.0, wait * 2), _MAX_WAIT)
        with self._signal.lock:
            self._updates.discard(update)
            self._busy.pop(update.lane, None)
            self._signal.notify()

    async def _post(
        self, session: aiohttp.ClientSession, hook: _Hook, update: Update
    ) -> tuple[int, float | None]:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        timeout = aiohttp.ClientTimeout(total=self._limits.webhook_timeout_seconds)
        try:
            async with session.post(
                hook.url, json=update.shape(), headers=headers, timeout=timeout
            ) as response:
                body = await response.read()
                after = response.headers.get("Retry-After", "")
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            return 0, None
        if b"method" in body:
            # The real server would run the call in the answer and tell nobody how it went.
            self._oddities.append(f"webhook answered with a call: {body[:80]!r}")
        return status, float(after) if after.isdigit() else None
