"""Which method takes which parameters, and how they are read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import bad_request

Kind = Literal["str", "int", "bool", "float", "json", "chat", "file"]

_SEND: dict[str, Kind] = {
    "business_connection_id": "str",
    "chat_id": "chat",
    "message_thread_id": "int",
    "direct_messages_topic_id": "int",
    "disable_notification": "bool",
    "protect_content": "bool",
    "allow_paid_broadcast": "bool",
    "message_effect_id": "str",
    "suggested_post_parameters": "json",
    "reply_parameters": "json",
    "reply_markup": "json",
    "ephemeral_message_parameters": "json",
    "receiver_user_id": "int",
    "callback_query_id": "str",
    "allow_sending_without_reply": "bool",
    "reply_to_message_id": "int",
}
_TEXT: dict[str, Kind] = {
    "text": "str",
    "parse_mode": "str",
    "entities": "json",
    "link_preview_options": "json",
    "disable_web_page_preview": "bool",
}
_EDIT: dict[str, Kind] = {
    "business_connection_id": "str",
    "chat_id": "chat",
    "message_id": "int",
    "inline_message_id": "str",
    "reply_markup": "json",
}
_COMMANDS: dict[str, Kind] = {"scope": "json", "language_code": "str"}

# Bot API 10.3.
METHODS: dict[str, dict[str, Kind]] = {
    "getMe": {},
    "getUpdates": {
        "offset": "int",
        "limit": "int",
        "timeout": "int",
        "allowed_updates": "json",
    },
    "setWebhook": {
        "url": "str",
        "certificate": "file",
        "ip_address": "str",
        "max_connections": "int",
        "allowed_updates": "json",
        "drop_pending_updates": "bool",
        "secret_token": "str",
    },
    "deleteWebhook": {"drop_pending_updates": "bool"},
    "getWebhookInfo": {},
    "sendMessage": {**_SEND, **_TEXT},
    "copyMessage": {
        **_SEND,
        "from_chat_id": "chat",
        "message_id": "int",
        "video_start_timestamp": "int",
        "caption": "str",
        "parse_mode": "str",
        "caption_entities": "json",
        "show_caption_above_media": "bool",
    },
    "editMessageText": {**_EDIT, **_TEXT, "rich_message": "json"},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": "chat", "message_id": "int"},
    "answerCallbackQuery": {
        "callback_query_id": "str",
        "text": "str",
        "show_alert": "bool",
        "url": "str",
        "cache_time": "int",
    },
    "setMyCommands": {"commands": "json", **_COMMANDS},
    "getMyCommands": _COMMANDS,
    "deleteMyCommands": _COMMANDS,
    "sendChatAction": {
        "business_connection_id": "str",
        "chat_id": "chat",
        "message_thread_id": "int",
        "action": "str",
    },
    "sendMessageDraft": {
        "chat_id": "chat",
        "message_thread_id": "int",
        "draft_id": "int",
        "text": "str",
        "parse_mode": "str",
        "entities": "json",
        "can_stop": "bool",
        "keep_on_stop": "bool",
    },
    "sendVenue": {
        **_SEND,
        "latitude": "float",
        "longitude": "float",
        "title": "str",
        "address": "str",
        "foursquare_id": "str",
        "foursquare_type": "str",
        "google_place_id": "str",
        "google_place_type": "str",
    },
    "sendDocument": {
        **_SEND,
        "document": "file",
        "thumbnail": "file",
        "caption": "str",
        "parse_mode": "str",
        "caption_entities": "json",
        "disable_content_type_detection": "bool",
    },
    "getFile": {"file_id": "str"},
    "getChat": {"chat_id": "chat"},
}
CANONICAL = {name.lower(): name for name in METHODS}


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request."""

    file_name: str
    content_type: str
    content: bytes


@dataclass
class Params:
    """The parameters of one call, every value as text, as the real server keeps them."""

    method: str
    values: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the parameter was sent and is not empty."""
        return bool(self.values.get(name))

    def text(self, name: str) -> str:
        """The parameter, or an empty string."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number. The real server reads anything else as 0; here it is refused."""
        value = self.values.get(name, "")
        if not value:
            return default
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", value):
            raise bad_request(f'parameter "{name}" must be an integer, not {value[:40]!r}')
        return int(value)

    def number(self, name: str) -> float:
        """A finite decimal number."""
        value = self.values.get(name, "")
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", value):
            raise bad_request(f'parameter "{name}" must be a number, not {value[:40]!r}')
        return float(value)

    def boolean(self, name: str) -> bool:
        """True for true, yes and 1, as in the real server."""
        return self.values.get(name, "").lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str) -> Any:
        """Decoded JSON, or None if not sent. `what` names it in the refusal."""
        value = self.values.get(name, "")
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def strange(self) -> list[str]:
        """What the real server would ignore without a word: unknown parameters and files."""
        known = METHODS[self.method]
        attached = {v.removeprefix("attach://") for v in self.values.values() if "attach://" in v}
        names = [name for name in self.values if name not in known]
        names += [name for name in self.uploads if name not in known and name not in attached]
        return [f"{self.method}: unknown parameter {name!r}" for name in names]

    def readable(self) -> dict[str, Any]:
        """Values in their own types, for assertions; what can't be read stays text."""
        known = METHODS[self.method]
        result: dict[str, Any] = {}
        for name, value in self.values.items():
            result[name] = _readable(known.get(name, "str"), value)
        return result


def _readable(kind: Kind, value: str) -> Any:
    try:
        match kind:
            case "int":
                return int(value)
            case "chat":
                return int(value) if re.fullmatch(r"-?[0-9]+", value) else value
            case "float":
                return float(value)
            case "json":
                return json.loads(value)
            case "bool":
                return value.lower() in {"true", "yes", "1"}
            case _:
                return value
    except ValueError:
        return value


def as_text(value: Any) -> str:
    """A value of a JSON body as the real server sees it: strings as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
