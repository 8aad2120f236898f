"""Keyboards under messages: what the real server accepts as reply_markup."""

from __future__ import annotations

from typing import Any

from .errors import bad_request
from .limits import MAX_BUTTONS, MAX_CALLBACK_DATA
from .links import check_link

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
_STYLES = {"danger", "success", "primary"}
_REQUESTS = {
    "request_users",
    "request_chat",
    "request_managed_bot",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
}
_DECORATION = {"text", "icon_custom_emoji_id", "style"}


def check_markup(markup: Any, oddities: list[str], *, inline_only: bool = False) -> dict[str, Any]:
    """The markup as stored with the message.

    Arguments: decoded JSON; the list for things the real server ignores; whether only an inline
    keyboard will do (edits). Raises the real server's refusals.
    """
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _strange(markup, {"inline_keyboard"}, "InlineKeyboardMarkup", oddities)
        return _inline(markup["inline_keyboard"], oddities)
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in markup:
        return _reply(markup, oddities)
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return markup
    # The real server takes an object without any of these for "no markup"; nobody means that.
    raise bad_request("object expected as reply markup")


def _strange(given: dict[str, Any], known: set[str], what: str, oddities: list[str]) -> None:
    oddities.extend(f"{what}: unknown field {name!r}" for name in given if name not in known)


def _rows(rows: Any, field: str, what: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" of the {what} must be an Array of Arrays')
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _inline(rows: Any, oddities: list[str]) -> dict[str, Any]:
    checked = []
    for row in _rows(rows, "inline_keyboard", "InlineKeyboardMarkup"):
        checked.append([_inline_button(button, oddities) for button in row])
        if not row:
            oddities.append("InlineKeyboardMarkup: an empty row")
    return {"inline_keyboard": [row for row in checked if row]}


def _inline_button(button: Any, oddities: list[str]) -> dict[str, Any]:
    prefix = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(prefix + "InlineKeyboardButton must be an Object")
    _check_label(button, prefix)
    _strange(button, {*_DECORATION, *_ACTIONS}, "InlineKeyboardButton", oddities)
    actions = [name for name in _ACTIONS if button.get(name) not in (None, False)]
    if not actions:
        raise bad_request(prefix + "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(prefix + f"exactly one action is allowed, got {', '.join(actions)}")
    if actions == ["callback_data"]:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    if actions == ["url"]:
        url, problem = check_link(str(button["url"]))
        if problem:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: {problem}")
    return button


def _check_label(button: dict[str, Any], prefix: str) -> None:
    if "text" not in button:
        raise bad_request(prefix + 'Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad_request(prefix + 'Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID" if "inline" in prefix else "button text is empty")
    if button.get("style") not in (None, *_STYLES):
        raise bad_request("BUTTON_STYLE_INVALID")


def _reply(markup: dict[str, Any], oddities: list[str]) -> dict[str, Any]:
    known = {
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
        "force_reply",
    }
    _strange(markup, known, "ReplyKeyboardMarkup", oddities)
    prefix = "can't parse keyboard button: "
    rows = _rows(markup["keyboard"], "keyboard", "ReplyKeyboardMarkup")
    for button in (button for row in rows for button in row):
        if isinstance(button, str):
            button = {"text": button}
        if not isinstance(button, dict):
            raise bad_request(prefix + "KeyboardButton must be an Object")
        _check_label(button, prefix)
        _strange(button, _DECORATION | _REQUESTS, "KeyboardButton", oddities)
        wants = [name for name in _REQUESTS if button.get(name)]
        if len(wants) > 1:
            raise bad_request(prefix + f"at most one request is allowed, got {', '.join(wants)}")
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= len(str(placeholder)) <= 64:
        raise bad_request("input field placeholder must be 1-64 characters")
    if not any(rows):
        raise bad_request("reply keyboard must have a button")
    return markup
