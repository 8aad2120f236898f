"""Calls to the fake server without a client library."""

from __future__ import annotations

from typing import Any

import aiohttp

from .server import FakeTelegram


class Wire:
    """Sends parameters as they are, so that nothing is put right on the way.

    Arguments: a running server, an open session. A call returns the result, or the description
    of the refusal.
    """

    def __init__(self, server: FakeTelegram, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session
        self.alice = server.person(1001)
        self.alice.says("/start")

    async def __call__(self, method: str, **params: Any) -> Any:
        """Any method, with a JSON body."""
        url = f"{self.server.base_url}/bot{self.server.token}/{method}"
        async with self.session.post(url, json=params) as response:
            body = await response.json()
        if response.status != body.get("error_code", 200):
            raise AssertionError(f"status {response.status} with {body}")
        return body["result"] if body["ok"] else body["description"]

    async def send(self, text: str, **params: Any) -> Any:
        """A message to Alice, who has written first."""
        return await self("sendMessage", chat_id=1001, text=text, **params)
