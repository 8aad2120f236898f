"""What each method of the Bot API does in the pretend world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .commands import Commands
from .entities import formatted, settled
from .errors import bad_request, blocked, not_found
from .keyboards import check_markup
from .limits import MAX_CALLBACK_ANSWER, MAX_CAPTION, MAX_DOWNLOAD, MAX_UPLOAD, Limits
from .params import Params, Upload
from .webhook import Webhook
from .world import Chat, Message, World

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
# Known to the real server, without a meaning in this small world: refused rather than ignored.
_NOT_MODELLED = {
    "business_connection_id": "business connection not found",
    "message_thread_id": "message thread not found",
    "direct_messages_topic_id": "topic not found",
    "suggested_post_parameters": "suggested posts are not allowed in the chat",
    "message_effect_id": "EFFECT_ID_INVALID",
    "ephemeral_message_parameters": "ephemeral messages are not allowed in the chat",
    "receiver_user_id": "ephemeral messages are not allowed in the chat",
    "inline_message_id": "MESSAGE_ID_INVALID",
    "rich_message": "rich messages are not known to this fake",
}
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
# What a copy has of its own, or not at all: it doesn't say whose it is a copy of.
_NOT_COPIED = frozenset(
    {"message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup"}
)
_STALE = "query is too old and response timeout expired or query ID is invalid"


class Methods:
    """The methods that answer at once, by name in `table`; each gets Params, returns a result."""

    def __init__(self, world: World, webhook: Webhook, limits: Limits, oddities: list[str]) -> None:
        self._world = world
        self._limits = limits
        self._oddities = oddities
        self.commands = Commands(world)
        self.table: dict[str, Callable[[Params], Any]] = {
            "getMe": self._get_me,
            "setWebhook": webhook.set,
            "deleteWebhook": webhook.delete,
            "getWebhookInfo": lambda params: webhook.info(),
            "sendMessage": self._send_message,
            "sendVenue": self._send_venue,
            "sendDocument": self._send_document,
            "copyMessage": self._copy_message,
            "sendMessageDraft": self._send_draft,
            "sendChatAction": self._send_action,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer_callback_query,
            "setMyCommands": self.commands.set,
            "getMyCommands": self.commands.get,
            "deleteMyCommands": self.commands.delete,
            "getFile": self._get_file,
            "getChat": self._get_chat,
        }

    # Reading of what methods have in common

    def _chat(self, params: Params, *, to_write: bool = True) -> Chat:
        if not params.has("chat_id"):
            raise bad_request("chat_id is empty")
        chat = self._world.find_chat(params.text("chat_id"))
        if chat is None or not chat.open:
            # Also a person who exists and never wrote: a bot can't begin.
            raise bad_request("chat not found")
        if to_write and chat.blocked:
            raise blocked()
        return chat

    def _refuse_unmodelled(self, params: Params) -> None:
        for name, problem in _NOT_MODELLED.items():
            if params.has(name):
                raise bad_request(problem)

    def _text(
        self, params: Params, name: str = "text", entities: str = "entities"
    ) -> tuple[str, list[dict[str, Any]]]:
        raw = params.json(entities, "entities")
        return formatted(params.text(name), params.text("parse_mode"), raw, self._oddities)

    def _markup(self, params: Params, *, inline_only: bool = False) -> dict[str, Any] | None:
        if not params.text("reply_markup"):
            return None
        markup = params.json("reply_markup", "reply keyboard markup")
        checked = check_markup(markup, self._oddities, inline_only=inline_only)
        return checked if checked != {"inline_keyboard": []} else None

    def _send(
        self,
        params: Params,
        chat: Chat,
        content: dict[str, Any],
        markup: dict[str, Any] | None,
        document: bytes | None = None,
    ) -> dict[str, Any]:
        reply = self._reply(params, chat)
        self._limits.count_message(chat.id)
        if markup and "inline_keyboard" in markup:
            content = {**content, "reply_markup": markup}
        if params.boolean("protect_content"):
            content = {**content, "has_protected_content": True}
        message = self._world.new_message(chat, self._world.bot, {**reply, **content})
        message.keyboard = markup
        message.document = document
        self._world.show(chat, message)
        return message.raw

    def _reply(self, params: Params, chat: Chat) -> dict[str, Any]:
        given = params.json("reply_parameters", "reply parameters") or {}
        if not isinstance(given, dict):
            raise bad_request("object expected as reply parameters")
        number = given.get("message_id") or params.integer("reply_to_message_id")
        if not number:
            return {}
        message = chat.messages.get(number)
        if message is None or message.deleted:
            if given.get("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        return {"reply_to_message": message.raw}

    # Sending

    def _send_message(self, params: Params) -> dict[str, Any]:
        if not params.has("text"):
            raise bad_request("message text is empty")
        text, entities = self._text(params)
        self._refuse_unmodelled(params)
        markup = self._markup(params)
        chat = self._chat(params)
        text, entities = settled(text, entities, self._oddities)
        return self._send(params, chat, _content(text, entities), markup)

    def _send_venue(self, params: Params) -> dict[str, Any]:
        self._refuse_unmodelled(params)
        for name in ("latitude", "longitude"):
            if not params.has(name):
                raise bad_request(f"{name} is empty")
        latitude, longitude = params.number("latitude"), params.number("longitude")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise bad_request("wrong location specified")
        for name in ("title", "address"):
            if not params.text(name).strip():
                raise bad_request(f"venue {name} must be non-empty")
        markup, chat = self._markup(params), self._chat(params)
        location = {"latitude": latitude, "longitude": longitude}
        venue = {"location": location}
        for name in ("title", "address", "foursquare_id", "google_place_id"):
            if params.has(name):
                venue[name] = params.text(name)  # type: ignore[assignment]  # texts beside a place
        return self._send(params, chat, {"location": location, "venue": venue}, markup)

    def _send_document(self, params: Params) -> dict[str, Any]:
        caption, entities = self._text(params, "caption", "caption_entities")
        self._refuse_unmodelled(params)
        markup = self._markup(params)
        upload = self._upload(params, "document")
        chat = self._chat(params)
        caption, entities = settled(
            caption,
            entities,
            self._oddities,
            limit=MAX_CAPTION,
            what="message caption",
            may_be_empty=True,
        )
        if isinstance(upload, Upload):
            stored = self._world.store_file("documents", f"_{upload.file_name}", upload.content)
            document = {
                "file_name": upload.file_name,
                "mime_type": upload.content_type,
            }
        else:
            stored, document = self._world.files[upload], {}
        shape = stored.shape()
        shape.pop("file_path")
        content: dict[str, Any] = {"document": {**document, **shape}}
        if caption:
            content["caption"] = caption
        if entities:
            content["caption_entities"] = entities
        return self._send(params, chat, content, markup, stored.content)

    def _copy_message(self, params: Params) -> dict[str, Any]:
        self._refuse_unmodelled(params)
        markup, chat = self._markup(params), self._chat(params)
        if not params.has("from_chat_id"):
            raise bad_request("from_chat_id is empty")
        source = self._world.find_chat(params.text("from_chat_id"))
        if source is None or not source.open:
            raise bad_request("chat not found")
        original = source.messages.get(params.integer("message_id"))
        if original is None or original.deleted:
            raise bad_request("message to copy not found")
        if original.raw.get("has_protected_content"):
            raise bad_request("message can't be copied")
        if params.has("caption"):
            raise bad_request("new captions of copies are not known to this fake")
        content = {name: value for name, value in original.raw.items() if name not in _NOT_COPIED}
        sent = self._send(params, chat, content, markup, original.document)
        return {"message_id": sent["message_id"]}

    def _upload(self, params: Params, name: str) -> Upload | str:
        """A file of the request, or the identifier of one that the server has."""
        value = params.text(name)
        upload = params.uploads.get(value.removeprefix("attach://") if value else name)
        if upload is None:
            if not value:
                raise bad_request(f"there is no {name} in the request")
            if value not in self._world.files:
                raise bad_request("wrong remote file identifier specified: can't unserialize it")
            return value
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD:
            raise bad_request("file is too big")
        return upload

    def _send_draft(self, params: Params) -> bool:
        text, entities = self._text(params)
        self._refuse_unmodelled(params)
        chat = self._chat(params)
        if not chat.private:
            raise bad_request("message drafts can be sent only to private chats")
        draft_id = params.integer("draft_id")
        if draft_id == 0:
            raise bad_request("draft identifier must be non-zero")
        text, entities = settled(text, entities, self._oddities, may_be_empty=True)
        chat.drafts.append({"draft_id": draft_id, "text": text, "entities": entities})
        return True

    def _send_action(self, params: Params) -> bool:
        self._refuse_unmodelled(params)
        action = params.text("action")
        if action not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._chat(params).actions.append(action)
        return True

    # Changing

    def _own_message(self, params: Params, chat: Chat) -> Message:
        number = params.integer("message_id")
        if not number:
            raise bad_request("message identifier is not specified")
        message = chat.messages.get(number)
        if message is None or message.deleted:
            raise bad_request("message to edit not found")
        if not message.by_bot:
            raise bad_request("message can't be edited")
        return message

    def _edit_text(self, params: Params) -> dict[str, Any]:
        if not params.has("text"):
            raise bad_request("message text is empty")
        text, entities = self._text(params)
        self._refuse_unmodelled(params)
        markup = self._markup(params, inline_only=True)
        chat = self._chat(params)
        message = self._own_message(params, chat)
        if "text" not in message.raw:
            raise bad_request("there is no text in the message to edit")
        text, entities = settled(text, entities, self._oddities)
        return self._edit(chat, message, _content(text, entities), markup)

    def _edit_markup(self, params: Params) -> dict[str, Any]:
        self._refuse_unmodelled(params)
        markup = self._markup(params, inline_only=True)
        chat = self._chat(params)
        message = self._own_message(params, chat)
        names = ("text", "entities")
        content = {name: message.raw[name] for name in names if name in message.raw}
        return self._edit(chat, message, content, markup)

    def _edit(
        self,
        chat: Chat,
        message: Message,
        content: dict[str, Any],
        markup: dict[str, Any] | None,
    ) -> dict[str, Any]:
        if markup:
            content = {**content, "reply_markup": markup}
        fields = ("text", "entities", "reply_markup")
        if all(message.raw.get(name) == content.get(name) for name in fields):
            raise bad_request(_NOT_MODIFIED)
        # As the real server counts them, edits are messages.
        self._limits.count_message(chat.id)
        kept = {name: value for name, value in message.raw.items() if name not in fields}
        message.raw = {**kept, **content, "edit_date": message.raw["date"]}
        message.keyboard = markup
        self._world.show(chat, message, edited=True)
        return message.raw

    def _delete_message(self, params: Params) -> bool:
        chat = self._chat(params)
        message = chat.messages.get(params.integer("message_id"))
        if message is None or message.deleted:
            raise bad_request("message to delete not found")
        message.deleted = True
        self._world.note(chat, f"Bot deletes #{message.raw['message_id']}")
        return True

    def _answer_callback_query(self, params: Params) -> bool:
        query = self._world.queries.get(params.text("callback_query_id"))
        if query is None:
            raise bad_request(_STALE)
        age = self._limits.clock() - query.pressed_at
        repeated = query.answer is not None and self._limits.answer_callback_once
        if age > self._limits.callback_ttl_seconds or repeated:
            raise bad_request(_STALE)
        if len(params.text("text")) > MAX_CALLBACK_ANSWER:
            raise bad_request("MESSAGE_TOO_LONG")
        if params.has("url"):
            raise bad_request("URL_INVALID")
        query.answer = {
            "callback_query_id": params.text("callback_query_id"),
            "text": params.text("text"),
            "show_alert": params.boolean("show_alert"),
        }
        query.chat.notices.append(query.answer)
        if query.answer["text"]:
            self._world.note(query.chat, f"Bot notice: {query.answer['text']}")
        return True

    # Asking

    def _get_me(self, params: Params) -> dict[str, Any]:
        return {
            **self._world.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def _get_file(self, params: Params) -> dict[str, Any]:
        stored = self._world.files.get(params.text("file_id"))
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return stored.shape()

    def file_content(self, path: str) -> bytes:
        """The bytes of a file by the path that getFile gave."""
        for stored in self._world.files.values():
            if stored.path == path:
                return stored.content
        raise not_found()

    def _get_chat(self, params: Params) -> dict[str, Any]:
        chat = self._chat(params, to_write=False)
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        return {
            **chat.shape,
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
        }


def _content(text: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": text, **({"entities": entities} if entities else {})}
