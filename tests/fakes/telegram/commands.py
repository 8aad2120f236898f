"""The bot's command menus, by scope and language."""

from __future__ import annotations

import json
import re
from typing import Any

from .errors import bad_request
from .params import Params
from .world import World

MAX_COMMANDS = 100
_SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


class Commands:
    """setMyCommands, getMyCommands, deleteMyCommands."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._menus: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def set(self, params: Params) -> bool:
        """Replace the menu of one scope and language."""
        commands = params.json("commands", "commands")
        if not isinstance(commands, list):
            raise bad_request("can't parse commands: expected an Array of BotCommand")
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        checked = [_checked(command) for command in commands]
        self._menus[self._key(params)] = checked
        return True

    def get(self, params: Params) -> list[dict[str, Any]]:
        """The menu of exactly this scope and language; the real server looks no further."""
        return self._menus.get(self._key(params), [])

    def delete(self, params: Params) -> bool:
        """Forget the menu of one scope and language."""
        self._menus.pop(self._key(params), None)
        return True

    def _key(self, params: Params) -> tuple[str, str]:
        scope = params.json("scope", "BotCommandScope")
        scope = {"type": "default"} if scope is None else scope
        if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        needed = _SCOPES[scope["type"]]
        if set(scope) - {"type", *needed} or any(name not in scope for name in needed):
            raise bad_request(f"can't parse BotCommandScope: needs exactly {', '.join(needed)}")
        if "chat_id" in needed:
            chat = self._world.find_chat(str(scope["chat_id"]))
            if chat is None or not chat.open:
                raise bad_request("chat not found")
        language = params.text("language_code")
        if not re.fullmatch(r"([a-z]{2})?", language):
            raise bad_request("invalid language code specified")
        return json.dumps(scope, sort_keys=True), language


def _checked(command: Any) -> dict[str, Any]:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name, description = command.get("command"), command.get("description")
    if not isinstance(name, str) or not isinstance(description, str):
        raise bad_request("can't parse BotCommand: needs command and description")
    if not name:
        raise bad_request("command must be non-empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description.strip():
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    ephemeral = {"is_ephemeral": True} if command.get("is_ephemeral") else {}
    return {"command": name, "description": description, **ephemeral}
