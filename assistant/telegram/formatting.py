"""The model's Markdown as text with entities, and long texts in parts.

Offsets of entities are in UTF-16 code units, the limit of a text is in code points
(https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from telegramify_markdown import RenderConfig, convert

MAX_TEXT = 4096

# What Markdown would change or swallow although a booking's text means it. Each stands for itself
# as a Unicode noncharacter while Markdown is read, and is put back afterwards: one UTF-16 unit
# either way, so that offsets stay true, also inside code.
_LESS, _DOLLAR, _DOT, _PAREN, _TIMES, _BRACKET = map(chr, range(0xFDD0, 0xFDD6))
_BACK = str.maketrans(
    {_LESS: "<", _DOLLAR: "$", _DOT: ".", _PAREN: ")", _TIMES: "*", _BRACKET: "["}
)
_NONCHARACTERS = re.compile("[\ufdd0-\ufdef\x00]")
# "10. May" and "12. May" on two lines are no list: it would be numbered 10, 11.
_ORDERED = re.compile(r"^([ \t>]*(?:[-*+][ \t]+)?\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
# "[Tuesday]: 10:00" would be a link definition, which isn't shown at all.
_DEFINITION = re.compile(r"^([ \t>]*)\[(?=[^\]\n]+\]:)", re.MULTILINE)
_PRODUCT = re.compile(r"(?<=\d)\*(?=\d)")

_STYLES = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "blockquote",
        "expandable_blockquote",
    }
)
_BREAKS = ("\n\n", "\n", " ")


@dataclass(frozen=True, slots=True)
class Entity:
    """One stretch of formatting; offset and length in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as Telegram takes it."""

    text: str
    entities: tuple[Entity, ...] = ()


def plain(text: str) -> Formatted:
    """Return a text that nothing is read into, without what can't be sent at all."""
    return Formatted(text.replace("\x00", "").encode("utf-8", "replace").decode())


def from_markdown(markdown: str, *, allowed_hosts: frozenset[str] | None = None) -> Formatted:
    """Return Markdown as text and entities.

    Args:
        allowed_hosts: links lead to these hosts and those below them only; None: to any. A link
            that isn't http(s), or leads elsewhere, stays as its label.
    """
    guarded = _NONCHARACTERS.sub("", plain(markdown).text)
    guarded = _PRODUCT.sub(_TIMES, guarded.replace("<", _LESS).replace("$", _DOLLAR))
    guarded = _DEFINITION.sub(rf"\1{_BRACKET}", guarded)
    guarded = _ORDERED.sub(lambda m: m[1] + (_DOT if m[2] == "." else _PAREN), guarded)
    text, found = convert(guarded, latex_escape=False, config=_symbols())
    text = text.translate(_BACK)
    if not text.strip():
        return plain(markdown)
    entities = []
    for each in found:
        if each.type in _STYLES:
            entities.append(Entity(each.type, each.offset, each.length, language=each.language))
        elif each.type == "text_link" and each.url:
            url = each.url.translate(_BACK)
            if is_allowed(url, allowed_hosts):
                entities.append(Entity("text_link", each.offset, each.length, url=url))
    return Formatted(text, tuple(entities))


def is_allowed(url: str, allowed_hosts: frozenset[str] | None) -> bool:
    """Return whether a link may be sent.

    No user part and no backslash: both make a link lead elsewhere than it seems to.
    """
    if re.search(r"[\s\\<>\"\x00-\x1f]", url):
        return False
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not host:
        return False
    if allowed_hosts is None:
        return "." in host or ":" in host
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in allowed_hosts)


def _symbols() -> RenderConfig:
    # A config of our own: the library's default one is shared by the process.
    config = RenderConfig.isolated()
    symbol = config.markdown_symbol
    symbol.heading_level_1 = symbol.heading_level_2 = ""
    symbol.heading_level_3 = symbol.heading_level_4 = ""
    symbol.image = ""
    symbol.unordered_list_item = "•"
    symbol.task_uncompleted = "☐"
    return config


def split(message: Formatted, limit: int = MAX_TEXT) -> list[Formatted]:
    """Cut a text into parts: between paragraphs, else lines, else words, else anywhere.

    Args:
        limit: code points of a part.

    Returns:
        The parts that are not blank, each with its share of the entities; [] for a blank text.
    """
    # Everything is counted in code points here and put back into UTF-16 units at the end.
    units = _units(message.text)
    point_of = {offset: index for index, offset in enumerate(units)}
    spans = [
        (point_of[each.offset], point_of[each.offset + each.length], each)
        for each in message.entities
        if each.offset in point_of and each.offset + each.length in point_of
    ]
    parts = []
    for start, end in _cuts(message.text, limit):
        inside = tuple(
            replace(
                each,
                offset=units[max(first, start)] - units[start],
                length=units[min(last, end)] - units[max(first, start)],
            )
            for first, last, each in spans
            if max(first, start) < min(last, end)
        )
        if message.text[start:end].strip():
            parts.append(Formatted(message.text[start:end], inside))
    return parts


def _cuts(text: str, limit: int) -> list[tuple[int, int]]:
    cuts = []
    start = 0
    while len(text) - start > limit:
        end, following = start + limit, start + limit
        for separator in _BREAKS:
            # A separator may lie just behind the limit. One in the first half is too early: it
            # would leave scraps.
            at = text.rfind(separator, start + limit // 2, start + limit + len(separator))
            if at > start:
                end, following = at, at + len(separator)
                break
        cuts.append((start, end))
        start = following
    cuts.append((start, len(text)))
    return cuts


def _units(text: str) -> list[int]:
    """Return the UTF-16 offset of each code point, and of the end."""
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + (2 if ord(char) > 0xFFFF else 1))
    return offsets
