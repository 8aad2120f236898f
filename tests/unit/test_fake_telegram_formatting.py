"""Texts, entities and parse modes that the fake Telegram server refuses or puts right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.wire import Wire

Json = dict[str, Any]


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with FakeTelegram() as server, aiohttp.ClientSession() as session:
        yield Wire(server, session)


def entity(kind: str, offset: int, length: int, **extra: Any) -> Json:
    return {"type": kind, "offset": offset, "length": length, **extra}


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "message text is empty"),
        (" \n\t", "message text is empty"),
        ("\u200b\u2060", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("Ж" * 4097, "message is too long"),
        ("💇" * 4097, "message is too long"),
    ],
)
async def test_texts_refused(wire: Wire, text: str, refusal: str) -> None:
    assert await wire.send(text) == f"Bad Request: {refusal}"
    assert wire.alice.unseen() == []


async def test_texts_at_the_limit(wire: Wire) -> None:
    # The limit counts code points after parsing: not UTF-16 units, not markup.
    assert (await wire.send("💇" * 4096))["text"] == "💇" * 4096
    assert (await wire.send(f"<b>{'x' * 4096}</b>", parse_mode="HTML"))["text"] == "x" * 4096
    assert (await wire.send("  trimmed \n"))["text"] == "trimmed"


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        (entity("bold", -1, 2), "receive an entity with incorrect offset -1"),
        (entity("bold", 0, -1), "receive an entity with incorrect length -1"),
        (entity("bold", 9, 1), "entity begins after the end of the text at UTF-16 offset 9"),
        (
            entity("bold", 2, 4),
            "entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 6",
        ),
        (
            entity("bold", 1, 1),
            "entity beginning at UTF-16 offset 1 begins in a middle of a UTF-16 symbol",
        ),
        (
            entity("bold", 0, 1),
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol",
        ),
        (entity("blink", 0, 2), "can't parse MessageEntity: unsupported type 'blink' specified"),
        (entity("text_link", 0, 2), "entity URL '' is invalid: URL must be non-empty"),
        (
            entity("text_link", 0, 2, url="javascript:alert(1)"),
            "entity URL 'javascript:alert(1)' is invalid: Unsupported URL protocol",
        ),
        (
            entity("text_link", 0, 2, url="localhost"),
            "entity URL 'localhost' is invalid: Wrong HTTP URL",
        ),
        (
            entity("text_link", 0, 2, url="https://"),
            "entity URL 'https://' is invalid: URL host is empty",
        ),
        (
            entity("text_mention", 0, 2),
            "can't parse MessageEntity: can't find field \"user\"",
        ),
        (
            {"type": "bold", "offset": "0", "length": 2},
            'can\'t parse MessageEntity: field "offset" must be of type Number',
        ),
        ("bold", "can't parse MessageEntity: expected an Object"),
    ],
)
async def test_entities_refused(wire: Wire, bad: Any, refusal: str) -> None:
    assert await wire.send("💇 ok", entities=[bad]) == f"Bad Request: {refusal}"


async def test_entities_that_are_not_a_list(wire: Wire) -> None:
    wrong = "Bad Request: can't parse entities"
    assert await wire.send("x", entities={}) == f"{wrong}: expected an Array of MessageEntity"
    assert await wire.send("x", entities="[oops") == f"{wrong} JSON object"


async def test_nesting_is_put_right_as_the_real_server_does(wire: Wire) -> None:
    async def stored(*given: Json) -> list[tuple[str, int, int]]:
        sent = await wire.send("0123456789", entities=list(given))
        return [(e["type"], e["offset"], e["length"]) for e in sent.get("entities", [])]

    # Styles can't cover code: they are taken out of it, which Telegram does in silence.
    assert await stored(entity("bold", 0, 10), entity("code", 3, 2)) == [
        ("bold", 0, 3),
        ("code", 3, 2),
        ("bold", 5, 5),
    ]
    assert await stored(entity("bold", 0, 10), entity("italic", 2, 3)) == [
        ("bold", 0, 10),
        ("italic", 2, 3),
    ]
    assert wire.server.oddities == []
    assert await stored(entity("bold", 0, 5), entity("italic", 3, 5)) == [
        ("bold", 0, 5),
        ("italic", 3, 2),
        ("italic", 5, 3),
    ]
    assert await stored(entity("blockquote", 0, 9), entity("blockquote", 2, 3)) == [
        ("blockquote", 0, 9)
    ]
    assert await stored(entity("bold", 4, 0)) == []
    assert await stored(entity("mention", 0, 5)) == []
    assert wire.server.oddities == [
        "entities bold and italic cross: the second is split",
        "entities blockquote and blockquote overlap: the second is cut",
        "an empty bold entity is ignored",
    ]


async def test_trimming_moves_entities(wire: Wire) -> None:
    sent = await wire.send("  💇 x  ", entities=[entity("bold", 0, 4), entity("italic", 6, 2)])
    assert sent["text"] == "💇 x"
    assert sent["entities"] == [entity("bold", 0, 2)]


@pytest.mark.parametrize(
    ("html", "refusal"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "é<b><i>a</b></i>",
            'Unmatched end tag at byte offset 9, expected "</i>", found "</b>"',
        ),
        ("a <h1>b</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("3 < 4", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b =x>y</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
async def test_html_refused(wire: Wire, html: str, refusal: str) -> None:
    answer = await wire.send(html, parse_mode="HTML")
    assert answer == f"Bad Request: can't parse entities: {refusal}"


async def test_html_understood(wire: Wire) -> None:
    sent = await wire.send(
        "💇 <b>1 &lt; <i>2</i></b> <a href='https://a.example'>l</a> &amp;&#33;"
        "<a href='javascript:x'>words</a> "
        '<pre><code class="language-py">p</code></pre><blockquote expandable>q</blockquote>',
        parse_mode="html",
    )
    assert sent["text"] == "💇 1 < 2 l &!words pq"
    assert sent["entities"] == [
        entity("bold", 3, 5),
        entity("italic", 7, 1),
        entity("text_link", 9, 1, url="https://a.example"),
        entity("pre", 19, 1, language="py"),
        entity("expandable_blockquote", 20, 1),
    ]


@pytest.mark.parametrize("char", "_*[]()~`>#+-=|{}.!")
async def test_markdown_v2_reserved(wire: Wire, char: str) -> None:
    refused = await wire.send(f"a{char} b", parse_mode="MarkdownV2")
    assert "can't parse entities" in refused
    sent = await wire.send(f"a\\{char} b", parse_mode="MarkdownV2")
    assert sent["text"] == f"a{char} b"


@pytest.mark.parametrize(
    ("markdown", "refusal"),
    [
        ("v1.0", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("é *a", "Can't find end of Bold entity at byte offset 3"),
        ("*_a*_", "Can't find end of Italic entity at byte offset 4"),
        # As in TDLib's own tests.
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```a", "Can't find end of Pre entity at byte offset 9"),
        ("🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
        ("🏟 🏟__🏟 🏟_", "Can't find end of Italic entity at byte offset 20"),
        ("🏟 🏟_🏟 🏟__", "Can't find end of Underline entity at byte offset 19"),
        ("`a", "Can't find end of Code entity at byte offset 0"),
        ("```\na", "Can't find end of Pre entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
    ],
)
async def test_markdown_v2_refused(wire: Wire, markdown: str, refusal: str) -> None:
    answer = await wire.send(markdown, parse_mode="MarkdownV2")
    assert answer == f"Bad Request: can't parse entities: {refusal}"


async def test_markdown_v2_understood(wire: Wire) -> None:
    sent = await wire.send(
        "*b _bi_* __u__ ~s~ ||p|| `c\\`` [l](https://a.example)\n```py\nx.y```\n>quote\n>more",
        parse_mode="MarkdownV2",
    )
    assert sent["text"] == "b bi u s p c` l\nx.y\nquote\nmore"
    assert [(e["type"], e["offset"], e["length"]) for e in sent["entities"]] == [
        ("bold", 0, 4),
        ("italic", 2, 2),
        ("underline", 5, 1),
        ("strikethrough", 7, 1),
        ("spoiler", 9, 1),
        ("code", 11, 2),
        ("text_link", 14, 1),
        ("pre", 16, 3),
        ("blockquote", 20, 10),
    ]


async def test_markdown_v2_quotations(wire: Wire) -> None:
    sent = await wire.send(">one\n**>two\n>three||\nend", parse_mode="MarkdownV2")
    assert sent["text"] == "one\ntwo\nthree\nend"
    assert sent["entities"] == [
        entity("blockquote", 0, 4),
        entity("expandable_blockquote", 4, 9),
    ]


async def test_parse_mode_is_known(wire: Wire) -> None:
    assert await wire.send("x", parse_mode="XML") == "Bad Request: unsupported parse_mode 'XML'"
