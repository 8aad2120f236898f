"""The floor: the same request with a bare HTTP client, no SDK, no framework, no checks.

It is the same tool work and the same JSON, and nothing else: no retries, no circuit, no truth
check, no card. Nobody should run this; it shows what can't be saved.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2

from assistant.model.bodies import input_items
from assistant.model.tool_json import responses_tool
from assistant.turn.request import tool_specs
from benchmarks.conversation.party import API_KEY
from benchmarks.conversation.scene import MAX_OUTPUT_TOKENS, MODEL, Scene, history
from tools import create_appointment
from tools.support.registry import Registry

_HEADERS = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}


class Floor:
    """A request is a dictionary, an answer is looked into by its keys."""

    def __init__(self, base_url: str, client: httpx2.AsyncClient) -> None:
        self._url = f"{base_url}/responses"
        self._client = client
        self._scene = Scene.load()
        self._history: list[dict[str, Any]] = []
        self._tools = [responses_tool(spec) for spec in tool_specs(Registry(self._scene.tools))]

    async def prepare(self, turns: int, bookings: int) -> None:
        """Keep the history as it goes over the wire."""
        self._history = input_items(history(turns))

    async def book(self, number: int) -> str:
        """Ask once, hold the time, take the tap, answer."""
        scene = self._scene
        text = {"type": "input_text", "text": scene.envelope(number)}
        body = {
            "model": MODEL,
            "instructions": scene.prompt.text,
            "input": [*self._history, {"type": "message", "role": "user", "content": [text]}],
            "max_output_tokens": MAX_OUTPUT_TOKENS,
            "store": False,
            "tools": self._tools,
            "parallel_tool_calls": False,
            "prompt_cache_key": scene.prompt.version,
            "reasoning": {"effort": "low"},
        }
        response = await self._client.post(
            self._url,
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            headers=_HEADERS,
        )
        response.raise_for_status()
        answer = json.loads(response.content)
        [call] = [item for item in answer["output"] if item["type"] == "function_call"]
        args = create_appointment.Args.model_validate_json(call["arguments"])
        booked = scene.calendar.confirm(scene.hold(args))
        return f"Booked: {args.service}, {args.when} (#{booked.id})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def open_floor(base_url: str, http_client: Any = None) -> Floor:
    """Make it; see `Opener`."""
    return Floor(base_url, http_client or httpx2.AsyncClient())
