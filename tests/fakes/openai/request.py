"""One endpoint-neutral view of a request, for scripts and assertions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from .errors import JsonObject

Endpoint: TypeAlias = Literal["responses", "chat", "transcriptions", "models"]


@dataclass(frozen=True)
class Entry:
    """One step of the conversation.

    Args:
        kind: who speaks: `system` (developer too), `user`, `assistant`, a function `call`, or a
            tool's `result`.
        text: the words; for a call its arguments, for a result its output, both as sent.
        name: the function's name for calls and results, else empty.
        call_id: the pairing id for calls and results, else empty.
    """

    kind: Literal["system", "user", "assistant", "call", "result"]
    text: str
    name: str = ""
    call_id: str = ""

    @property
    def data(self) -> Any:
        """The text parsed as JSON, or None where it isn't JSON."""
        try:
            return json.loads(self.text)
        except json.JSONDecodeError:
            return None


@dataclass(frozen=True)
class Tool:
    """One function offered to the model."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool


@dataclass(frozen=True)
class Request:
    """One accepted call of a model endpoint.

    Args:
        endpoint: which of the two it came through.
        index: arrival number among all requests to the server, from 0.
        body: the JSON as sent.
    """

    endpoint: Literal["responses", "chat"]
    index: int
    body: JsonObject

    @property
    def model(self) -> str:
        """The model asked for."""
        return str(self.body["model"])

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        """Functions the model may call now: none when `tool_choice` is `none`."""
        offered: Any = self.body.get("tools") or []
        if self.body.get("tool_choice") == "none":
            return ()
        definitions = [tool.get("function", tool) for tool in offered if tool["type"] == "function"]
        return tuple(
            Tool(
                name=definition["name"],
                description=definition.get("description") or "",
                parameters=definition.get("parameters") or {},
                strict=bool(definition.get("strict")),
            )
            for definition in definitions
        )

    @property
    def tool_names(self) -> list[str]:
        """Names of the functions on offer, in the order sent."""
        return [tool.name for tool in self.tools]

    @cached_property
    def transcript(self) -> tuple[Entry, ...]:
        """The whole conversation as sent, oldest first, instructions in front."""
        if self.endpoint == "chat":
            return tuple(_chat_entries(self.body["messages"]))
        given: Any = self.body["input"]
        items = given if isinstance(given, list) else [{"role": "user", "content": given}]
        entries = list(_response_entries(items))
        if self.body.get("instructions"):
            entries.insert(0, Entry("system", str(self.body["instructions"])))
        return tuple(entries)

    @property
    def system_text(self) -> str:
        """All system and developer text, joined by blank lines."""
        return "\n\n".join(entry.text for entry in self.transcript if entry.kind == "system")

    @property
    def last_user_text(self) -> str:
        """What the customer said last; empty if nobody spoke."""
        return next((e.text for e in reversed(self.transcript) if e.kind == "user"), "")

    @property
    def this_turn(self) -> tuple[Entry, ...]:
        """Everything after the last user message."""
        entries = self.transcript
        for position in range(len(entries) - 1, -1, -1):
            if entries[position].kind == "user":
                return entries[position + 1 :]
        return entries

    @property
    def tool_results(self) -> tuple[Entry, ...]:
        """Tool results after the last user message, oldest first."""
        return tuple(entry for entry in self.this_turn if entry.kind == "result")

    @property
    def last_result(self) -> Entry | None:
        """The newest tool result after the last user message."""
        return self.tool_results[-1] if self.tool_results else None


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content or []
    return "\n".join(part.get("text") or part.get("refusal") or "" for part in parts)


def _speaker(role: str) -> Literal["system", "user", "assistant"]:
    if role == "user":
        return "user"
    return "assistant" if role == "assistant" else "system"


def _response_entries(items: Any) -> list[Entry]:
    names: dict[str, str] = {}
    entries: list[Entry] = []
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            entries.append(Entry(_speaker(item["role"]), _plain(item["content"])))
        elif kind == "function_call":
            names[item["call_id"]] = item["name"]
            entries.append(Entry("call", item["arguments"], item["name"], item["call_id"]))
        elif kind == "function_call_output":
            call_id = item["call_id"]
            entries.append(Entry("result", _plain(item["output"]), names[call_id], call_id))
    return entries


def _chat_entries(messages: Any) -> list[Entry]:
    names: dict[str, str] = {}
    entries: list[Entry] = []
    for message in messages:
        if message["role"] == "tool":
            call_id = message["tool_call_id"]
            entries.append(Entry("result", _plain(message["content"]), names[call_id], call_id))
            continue
        if message.get("content") or message["role"] != "assistant":
            entries.append(Entry(_speaker(message["role"]), _plain(message["content"])))
        for call in message.get("tool_calls") or []:
            if call["type"] != "function":
                continue
            function = call["function"]
            names[call["id"]] = function["name"]
            entries.append(Entry("call", function["arguments"], function["name"], call["id"]))
    return entries
