"""Markdown as entities with its guards, and long texts in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.telegram.formatting import (
    MAX_TEXT,
    Entity,
    Formatted,
    from_markdown,
    is_allowed,
    plain,
    split,
)


def covered(message: Formatted, entity: Entity) -> str:
    """The text under an entity, cut in UTF-16 units as Telegram does it."""
    raw = message.text.encode("utf-16-le")
    return raw[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def shown(message: Formatted) -> list[tuple[str, str]]:
    return [(each.type, covered(message, each)) for each in message.entities]


def test_markdown_becomes_entities() -> None:
    message = from_markdown(
        "💇 **Haircut** with _Anna_\n\n- `10:00`\n- [map](https://example.org/x)"
    )
    assert message.text == "💇 Haircut with Anna\n\n• 10:00\n• map\n"
    assert shown(message) == [
        ("bold", "Haircut"),
        ("italic", "Anna"),
        ("code", "10:00"),
        ("text_link", "map"),
    ]
    assert message.entities[-1].url == "https://example.org/x"


@pytest.mark.parametrize(
    "text",
    [
        "10. Mai\n12. Mai",  # a list would be numbered 10, 11
        "3) at 10:00\n5) at 11:00",
        "[Tuesday]: 10:00",  # a link definition would vanish
        "It costs $20, or $a$ for two",  # mathematics would lose its dollars
        "2*3*4 = 24",
        "<b>bold</b> <script>alert(1)</script>",  # HTML would vanish
        "a < b and b > c",
        "snake_case_name",
    ],
)
def test_markdown_leaves_alone_what_a_person_means_literally(text: str) -> None:
    assert from_markdown(text) == Formatted(text)


def test_guards_do_not_show_in_code() -> None:
    message = from_markdown("```\nif a < b: pay($5*6)\n1. x\n```")
    assert message.text == "if a < b: pay($5*6)\n1. x"
    assert [each.type for each in message.entities] == ["pre"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "tg://user?id=42",
        "tg://emoji?id=5368324170671202286",
        "data:text/html,x",
        "ftp://example.org/x",
        "https://",
        "https://localhost/",
        "https://good.example@evil.example/",
        "//example.org",
        "example.org",
    ],
)
def test_a_link_that_is_no_web_link_stays_as_its_label(link: str) -> None:
    assert from_markdown(f"see [here]({link}) now") == Formatted("see here now")


def test_links_only_to_allowed_hosts() -> None:
    hosts = frozenset({"salon.example"})
    text = (
        "[a](https://salon.example/x) [b](http://www.salon.example) [c](https://evilsalon.example)"
    )
    message = from_markdown(text, allowed_hosts=hosts)
    assert message.text == "a b c"
    assert shown(message) == [("text_link", "a"), ("text_link", "b")]


@pytest.mark.parametrize(
    "url", ["https://a.example\\@b.example", "https://a.example/ b", "https://[a", "https://a b"]
)
def test_misleading_urls(url: str) -> None:
    assert not is_allowed(url, None)


def test_an_address_keeps_what_the_guards_touch() -> None:
    message = from_markdown("[x](https://example.org/?a=$5&b=2*3)")
    assert message.entities[0].url == "https://example.org/?a=$5&b=2*3"


def test_markdown_that_renders_to_nothing_is_sent_as_it_is() -> None:
    assert from_markdown("![](https://example.org/a.png)") == Formatted(
        "![](https://example.org/a.png)"
    )


def test_half_a_surrogate_pair_and_nul_do_not_stop_a_message() -> None:
    assert plain("a\ud83d\x00b").text == "a?b"
    assert from_markdown("**a**\ud83d\x00b").text == "a?b"


@given(st.text(alphabet=st.sampled_from("ab 1.)*_`[]()<>$~|#-+\\\n💇Ж!:/"), max_size=60))
def test_any_markdown_gives_entities_within_the_text(markdown: str) -> None:
    message = from_markdown(markdown)
    for entity in message.entities:
        assert entity.length > 0
        assert covered(message, entity)  # decodes: no bound in the middle of a symbol
    assert not set(message.text) & set(map(chr, range(0xFDD0, 0xFDF0)))


def test_a_text_within_the_limit_is_one_part() -> None:
    assert split(Formatted("💇" * MAX_TEXT)) == [Formatted("💇" * MAX_TEXT)]
    assert split(Formatted(" \n ")) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaaa bbbb\n\ncc dd", ["aaaa bbbb", "cc dd"]),  # a paragraph before a word
        ("aaaa bbb\ncc dd ee", ["aaaa bbb", "cc dd ee"]),  # a line before a word
        ("aaaa bbbbb ccc", ["aaaa bbbbb", "ccc"]),  # the space just behind the limit
        ("a bbbbbbbbbbbbb", ["a bbbbbbbb", "bbbbb"]),  # a space too early: no scraps
        ("x" * 25, ["x" * 10, "x" * 10, "x" * 5]),
    ],
)
def test_where_a_text_is_cut(text: str, parts: list[str]) -> None:
    assert [part.text for part in split(Formatted(text), limit=10)] == parts


def test_entities_are_cut_with_the_text() -> None:
    message = from_markdown("💇 **bold one\nbold two** end")
    first, second = split(message, limit=12)
    assert (first.text, second.text) == ("💇 bold one", "bold two end")
    assert shown(first) == [("bold", "bold one")]
    assert shown(second) == [("bold", "bold two")]


@given(
    st.text(alphabet=st.sampled_from("ab \n💇Ж"), max_size=80),
    st.integers(0, 79),
    st.integers(1, 80),
)
def test_no_letter_and_no_formatting_is_lost(text: str, start: int, length: int) -> None:
    def units(part: str) -> int:
        return len(part.encode("utf-16-le")) // 2

    entities: tuple[Entity, ...] = ()
    if marked := text[start : start + length]:
        entities = (Entity("bold", units(text[:start]), units(marked)),)
    parts = split(Formatted(text, entities), limit=7)
    assert all(len(part.text) <= 7 for part in parts)
    assert "".join("".join(part.text.split()) for part in parts) == "".join(text.split())
    bold = "".join(covered(part, each) for part in parts for each in part.entities)
    assert "".join(bold.split()) == "".join(marked.split())
