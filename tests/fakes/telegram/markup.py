"""The parse modes HTML and MarkdownV2, with the refusals of the real server.

Source: https://core.telegram.org/bots/api#formatting-options; wording as TDLib has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError, bad_request
from .links import check_link

Entity = dict[str, Any]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_KNOWN_TAGS = {*_TAGS, "a", "span", "blockquote", "tg-emoji", "tg-time"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(
    r"\s*([^\s=>\"'/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([a-zA-Z0-9.\-]+)))?"
)


def refusal(message: str) -> ApiError:
    """What the client gets to read about markup that can't be parsed."""
    return bad_request(f"can't parse entities: {message}")


def _bytes(text: str, index: int) -> int:
    return len(text[:index].encode())


@dataclass
class _Output:
    text: list[str] = field(default_factory=list)
    size: int = 0
    entities: list[Entity] = field(default_factory=list)

    def add(self, piece: str) -> None:
        self.text.append(piece)
        self.size += len(piece.encode("utf-16-le")) // 2

    def close(self, start: int, entity: Entity) -> None:
        if self.size > start:
            self.entities.append({**entity, "offset": start, "length": self.size - start})

    def result(self) -> tuple[str, list[Entity]]:
        ordered = sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))
        return "".join(self.text), ordered


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[3]:
            return _NAMED[match[3]]
        code = int(match[1]) if match[1] else int(match[2], 16)
        return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else match[0]

    return _REFERENCE.sub(one, text)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of HTML; raises what the real server refuses."""
    out = _Output()
    stack: list[tuple[str, int, Entity | None, int]] = []
    position = 0
    while position < len(source):
        if source[position] != "<":
            end = source.find("<", position)
            end = len(source) if end < 0 else end
            out.add(_unescape(source[position:end]))
            position = end
            continue
        at = _bytes(source, position)
        if source.startswith("</", position):
            end = source.find(">", position)
            if end < 0:
                raise refusal(f"Unclosed end tag at byte offset {at}")
            _close_tag(source[position + 2 : end].strip().lower(), at, stack, out)
            position = end + 1
            continue
        position = _open_tag(source, position, at, stack, out)
    if stack:
        raise refusal(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    return out.result()


def _open_tag(
    source: str,
    position: int,
    at: int,
    stack: list[tuple[str, int, Entity | None, int]],
    out: _Output,
) -> int:
    match = re.compile(r"<([^\s>]*)").match(source, position)
    name = match[1].lower() if match else ""
    position += 1 + len(name)
    attributes: dict[str, str] = {}
    if position < len(source) and name not in _KNOWN_TAGS:
        raise refusal(f'Unsupported start tag "{name}" at byte offset {at}')
    while True:
        while position < len(source) and source[position].isspace():
            position += 1
        if position >= len(source):
            raise refusal(f"Unclosed start tag at byte offset {at}")
        if source[position] == ">":
            break
        found = _ATTRIBUTE.match(source, position)
        if not found:
            raise refusal(f'Empty attribute name in the tag "{name}" at byte offset {at}')
        value = next((v for v in found.groups()[1:] if v is not None), "")
        attributes[found[1].lower()] = _unescape(value)
        position = found.end()
    stack.append((name, out.size, _entity_of(name, attributes, at, stack), at))
    return position + 1


def _entity_of(
    name: str,
    attributes: dict[str, str],
    at: int,
    stack: list[tuple[str, int, Entity | None, int]],
) -> Entity | None:
    match name:
        case "a":
            url, problem = check_link(attributes.get("href", ""))
            # The real server drops such a link and shows the words.
            return None if problem else {"type": "text_link", "url": url}
        case "span":
            if attributes.get("class") != "tg-spoiler":
                raise refusal(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
            return {"type": "spoiler"}
        case "tg-emoji":
            if not attributes.get("emoji-id", "").isdigit():
                raise refusal("Invalid custom emoji identifier specified")
            return {"type": "custom_emoji", "custom_emoji_id": attributes["emoji-id"]}
        case "tg-time":
            if not attributes.get("unix", "").isdigit():
                raise refusal("Invalid date-time identifier specified")
            return {"type": "date_time", "unix_time": int(attributes["unix"])}
        case "blockquote":
            kind = "expandable_blockquote" if "expandable" in attributes else "blockquote"
            return {"type": kind}
        case "code":
            language = attributes.get("class", "")
            if language.startswith("language-") and stack and stack[-1][0] == "pre":
                enclosing = stack[-1][2]
                if enclosing is not None:
                    enclosing["language"] = language.removeprefix("language-")
                return None
            return {"type": "code"}
        case _:
            return {"type": _TAGS[name]}


def _close_tag(
    name: str, at: int, stack: list[tuple[str, int, Entity | None, int]], out: _Output
) -> None:
    if not stack:
        raise refusal(f"Unexpected end tag at byte offset {at}")
    expected, start, entity, _ = stack.pop()
    if name not in {"", expected}:
        raise refusal(
            f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{name}>"'
        )
    if entity is not None:
        out.close(start, entity)


_RESERVED = set("_*[]()~`>#+-=|{}.!")
# As documented, two underscores are an underline wherever they stand: hence before the one.
_MARKS = [
    ("||", "spoiler", "Spoiler"),
    ("__", "underline", "Underline"),
    ("_", "italic", "Italic"),
    ("*", "bold", "Bold"),
    ("~", "strikethrough", "Strikethrough"),
]


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of MarkdownV2; raises what the real server refuses."""
    return _MarkdownV2(source).parse()


class _MarkdownV2:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.out = _Output()
        # Kind, start in the text, byte offset of the opening mark, the mark, name for errors.
        self.stack: list[tuple[str, int, int, str, str]] = []
        self.quote: int | None = None
        self.line_start = True

    def parse(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.source):
            self._step()
        self._end_quote()
        if self.stack:
            _, _, at, _, name = self.stack[-1]
            raise refusal(f"Can't find end of {name} entity at byte offset {at}")
        return self.out.result()

    def _at(self) -> int:
        return _bytes(self.source, self.position)

    def _step(self) -> None:
        source, char = self.source, self.source[self.position]
        at_line_start, self.line_start = self.line_start, False
        if at_line_start and self.quote is not None and char != ">":
            self._end_quote()
        if at_line_start and source.startswith("**>", self.position):
            # Two stars part a quotation from the one above it.
            self._end_quote()
            self.position += 2
            self.line_start = True
        elif char == "\\" and 0 < ord(source[self.position + 1 : self.position + 2] or "\0") < 127:
            self.out.add(source[self.position + 1])
            self.position += 2
        elif char == "\n":
            self.out.add(char)
            self.position += 1
            self.line_start = True
        elif char == ">" and at_line_start:
            self.quote = self.out.size if self.quote is None else self.quote
            self.position += 1
        elif char == "`":
            self._code()
        elif char == "[" or source.startswith("![", self.position):
            mark = "[" if char == "[" else "!["
            self.stack.append(("text_link", self.out.size, self._at(), mark, "TextUrl"))
            self.position += len(mark)
        elif char == "]" and self.stack and self.stack[-1][0] == "text_link":
            self._link()
        elif style := next((m for m in _MARKS if source.startswith(m[0], self.position)), None):
            self._toggle(*style)
        elif char in _RESERVED:
            raise refusal(
                f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self.out.add(char)
            self.position += 1

    def _toggle(self, mark: str, kind: str, name: str) -> None:
        if self.stack and self.stack[-1][0] == kind:
            _, start, _, _, _ = self.stack.pop()
            self.out.close(start, {"type": kind})
        elif mark == "||" and self.quote is not None and self._ends_line():
            self._end_quote(expandable=True)
        else:
            self.stack.append((kind, self.out.size, self._at(), mark, name))
        self.position += len(mark)

    def _ends_line(self) -> bool:
        return self.source[self.position + 2 : self.position + 3] in {"", "\n"}

    def _end_quote(self, *, expandable: bool = False) -> None:
        if self.quote is None:
            return
        kind = "expandable_blockquote" if expandable else "blockquote"
        self.out.close(self.quote, {"type": kind})
        self.quote = None

    def _code(self) -> None:
        at = self._at()
        fence = "```" if self.source.startswith("```", self.position) else "`"
        self.position += len(fence)
        entity: Entity = {"type": "pre" if fence == "```" else "code"}
        if fence == "```":
            language = re.compile(r"[^\s`]+(?=\s)").match(self.source, self.position)
            if language:
                entity["language"] = language[0]
                self.position = language.end()
            if self.source.startswith("\n", self.position):
                self.position += 1
        start = self.out.size
        while not self.source.startswith(fence, self.position):
            if self.position >= len(self.source):
                name = {"`": "Code", "```": "PreCode" if "language" in entity else "Pre"}[fence]
                raise refusal(f"Can't find end of {name} entity at byte offset {at}")
            if self.source[self.position] == "\\" and self.position + 1 < len(self.source):
                self.position += 1
            self.out.add(self.source[self.position])
            self.position += 1
        self.position += len(fence)
        self.out.close(start, entity)

    def _link(self) -> None:
        _, start, _, mark, _ = self.stack.pop()
        self.position += 1
        url = ""
        if self.source.startswith("(", self.position):
            at = self._at()
            self.position += 1
            while not self.source.startswith(")", self.position):
                if self.position >= len(self.source):
                    raise refusal(f"Can't find end of a URL at byte offset {at}")
                if self.source[self.position] == "\\" and self.position + 1 < len(self.source):
                    self.position += 1
                url += self.source[self.position]
                self.position += 1
            self.position += 1
        if mark == "![":
            emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", url)
            if not emoji:
                raise refusal("Custom emoji URL must have scheme tg and an emoji identifier")
            self.out.close(start, {"type": "custom_emoji", "custom_emoji_id": emoji[1]})
            return
        if not url:
            words = "".join(self.out.text).encode("utf-16-le")[2 * start :]
            url = words.decode("utf-16-le")
        url, problem = check_link(url)
        if not problem:
            self.out.close(start, {"type": "text_link", "url": url})
