"""Formatting of a text: bounds, trimming and nesting of entities, lengths.

Offsets and lengths are in UTF-16 code units, the length limit is in code points, as in the real
server (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

import re
from typing import Any

from . import markup
from .errors import bad_request
from .limits import MAX_TEXT
from .links import check_link

Entity = dict[str, Any]

_STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
_CODE = {"code", "pre"}
_QUOTES = {"blockquote", "expandable_blockquote"}
_WITH_FIELDS = {"text_link", "text_mention", "custom_emoji", "date_time"}
_FOUND_BY_TELEGRAM = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
}
# Characters that are drawn as nothing: a text of nothing else is empty for Telegram.
_INVISIBLE = "\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2800\ufeff\ufffc"
_BLANK = re.compile(rf"[\s{_INVISIBLE}]*")


def utf16_length(text: str) -> int:
    """UTF-16 code units of the text."""
    return len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers; offset and length in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def formatted(
    text: str, parse_mode: str, entities: Any, oddities: list[str]
) -> tuple[str, list[Entity]]:
    """The text and entities as one would read them, not yet checked against bounds.

    Arguments: text as sent, parse mode or "", decoded JSON of the entities or None. Raises the
    refusals that the real server gives before it looks at the chat.
    """
    if parse_mode and entities:
        oddities.append("entities are ignored where parse_mode is given")
    match parse_mode.lower():
        case "html":
            return markup.parse_html(text)
        case "markdownv2":
            return markup.parse_markdown_v2(text)
        case "" | "none":
            return text, _read(entities, oddities)
        case _:
            # Legacy Markdown is accepted by the real server; nothing new should use it.
            raise bad_request(f"unsupported parse_mode {parse_mode!r}")


def settled(
    text: str,
    entities: list[Entity],
    oddities: list[str],
    *,
    limit: int = MAX_TEXT,
    what: str = "message",
    may_be_empty: bool = False,
) -> tuple[str, list[Entity]]:
    """Text and entities as stored: bounds checked, space trimmed, nesting put right.

    Arguments: limit in code points, what the refusal calls the text, whether nothing will do.
    """
    _check_bounds(text, entities)
    text, entities = _trim(text, entities)
    if not may_be_empty and _BLANK.fullmatch(text):
        raise bad_request(f"{what} text is empty")
    if len(text) > limit:
        raise bad_request(f"{what} is too long")
    return text, _nest(entities, oddities)


def _read(raw: Any, oddities: list[str]) -> list[Entity]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    read = []
    for item in raw:
        entity = _read_one(item)
        if entity["type"] in _FOUND_BY_TELEGRAM:
            continue
        if entity["length"] == 0:
            oddities.append(f"an empty {entity['type']} entity is ignored")
            continue
        read.append(entity)
    return read


def _read_one(item: Any) -> Entity:
    prefix = "can't parse MessageEntity: "
    if not isinstance(item, dict):
        raise bad_request(prefix + "expected an Object")
    for name in ("offset", "length"):
        value = item.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise bad_request(prefix + f'field "{name}" must be of type Number')
    kind = item.get("type")
    base: Entity = {"type": kind, "offset": item["offset"], "length": item["length"]}
    if kind in _STYLES | _QUOTES | _FOUND_BY_TELEGRAM | {"code"}:
        return base
    match kind:
        case "pre":
            return base | ({"language": item["language"]} if item.get("language") else {})
        case "text_link":
            url, problem = check_link(str(item.get("url") or ""))
            if problem:
                raise bad_request(f"entity URL '{url}' is invalid: {problem}")
            return base | {"url": url}
        case "text_mention":
            user = item.get("user")
            if not isinstance(user, dict) or not isinstance(user.get("id"), int):
                raise bad_request(prefix + 'can\'t find field "user"')
            return base | {"user": user}
        case "custom_emoji":
            if not str(item.get("custom_emoji_id", "")).isdigit():
                raise bad_request(prefix + "invalid custom emoji identifier specified")
            return base | {"custom_emoji_id": str(item["custom_emoji_id"])}
        case "date_time":
            if not isinstance(item.get("unix_time"), int):
                raise bad_request(prefix + 'can\'t find field "unix_time"')
            extra = {k: item[k] for k in ("unix_time", "date_time_format") if item.get(k)}
            return base | extra
        case _:
            raise bad_request(prefix + f"unsupported type {kind!r} specified")


def _check_bounds(text: str, entities: list[Entity]) -> None:
    ends, at = {0}, 0
    for char in text:
        at += 2 if ord(char) > 0xFFFF else 1
        ends.add(at)
    for entity in entities:
        offset, length = entity["offset"], entity["length"]
        if offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if length < 0:
            raise bad_request(f"receive an entity with incorrect length {length}")
        if offset > at:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        start = f"entity beginning at UTF-16 offset {offset}"
        if offset + length > at:
            raise bad_request(
                f"{start} ends after the end of the text at UTF-16 offset {offset + length}"
            )
        if offset not in ends:
            raise bad_request(f"{start} begins in a middle of a UTF-16 symbol")
        if offset + length not in ends:
            raise bad_request(f"{start} ends in a middle of a UTF-16 symbol")


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    # Space in front is kept where code begins in it: indentation of a listing means something.
    front = utf16_length(text) - utf16_length(text.lstrip())
    front = min([front, *(e["offset"] for e in entities if e["type"] in _CODE)])
    kept = utf16_slice(text, front, utf16_length(text) - front).rstrip()
    size = utf16_length(kept)
    moved = []
    for entity in entities:
        begin = max(0, entity["offset"] - front)
        end = min(size, entity["offset"] + entity["length"] - front)
        if end > begin and utf16_slice(kept, begin, end - begin).strip():
            moved.append({**entity, "offset": begin, "length": end - begin})
    return kept, moved


def _end(entity: Entity) -> int:
    return int(entity["offset"]) + int(entity["length"])


def _overlap(a: Entity, b: Entity) -> bool:
    return bool(a["offset"] < _end(b) and b["offset"] < _end(a))


def _without(entity: Entity, hole: Entity) -> list[Entity]:
    """What is left of an entity outside another one."""
    pieces = [
        (entity["offset"], min(_end(entity), hole["offset"])),
        (max(entity["offset"], _end(hole)), _end(entity)),
    ]
    return [{**entity, "offset": a, "length": b - a} for a, b in pieces if b > a]


def _nest(entities: list[Entity], oddities: list[str]) -> list[Entity]:
    # The real server refuses no overlap: it takes styles out of code and cuts what crosses.
    rank = {"pre": 1, "code": 1, **dict.fromkeys(_QUOTES, 0)}
    ordered = sorted(
        entities, key=lambda e: (rank.get(e["type"], 2), e["offset"], -e["length"], e["type"])
    )
    kept: list[Entity] = []
    for entity in ordered:
        pieces = [entity]
        for other in kept:
            pieces = [p for piece in pieces for p in _fit(piece, other, oddities)]
        kept.extend(pieces)
    return sorted(kept, key=lambda e: (e["offset"], -e["length"], rank.get(e["type"], 2)))


def _fit(entity: Entity, other: Entity, oddities: list[str]) -> list[Entity]:
    if not _overlap(entity, other):
        return [entity]
    kinds = f"{other['type']} and {entity['type']}"
    if entity["type"] in _QUOTES or (entity["type"] in _CODE and other["type"] in _CODE):
        oddities.append(f"entities {kinds} overlap: the second is cut")
        return _without(entity, other)
    if other["type"] in _CODE:
        return _without(entity, other)
    inside = other["offset"] <= entity["offset"] and _end(entity) <= _end(other)
    around = entity["offset"] <= other["offset"] and _end(other) <= _end(entity)
    if inside and entity["type"] == other["type"]:
        return []
    if inside or around:
        return [entity]
    oddities.append(f"entities {kinds} cross: the second is split")
    edge = _end(other) if entity["offset"] > other["offset"] else other["offset"]
    return [
        {**entity, "length": edge - entity["offset"]},
        {**entity, "offset": edge, "length": _end(entity) - edge},
    ]
