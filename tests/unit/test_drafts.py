"""Showing an answer while it is written: the newest text, in the channel's pace, and in order."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from assistant.drafts import DraftPace, Drafts
from assistant.messages import Incoming, IncomingKind, Outgoing, Person
from assistant.terminal import TerminalChannel
from assistant.turn.events import Finished, TextSoFar, ToolStarted

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


def message(chat_id: int = 1, channel: str = "here") -> Incoming:
    return Incoming(
        channel=channel,
        chat_id=chat_id,
        update_id=7,
        person=Person(telegram_id=1),
        kind=IncomingKind.TEXT,
        text="hi",
        received_at=NOW,
    )


class Screen:
    """Takes each draft as slowly as a test lets it."""

    draft_pace = DraftPace(after_seconds=0.0, every_seconds=0.0)

    def __init__(self, *, takes: bool = True) -> None:
        self.log: list[str] = []
        self.takes = takes
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    def takes_drafts(self, chat_id: int) -> bool:
        return chat_id > 0

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        self.began.set()
        await self.go_on.wait()
        self.log.append(f"{draft_id}: {text}")
        return self.takes


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_newest_text_is_shown_and_what_it_overtook_is_not() -> None:
    screen = Screen()
    async with Drafts({"here": screen}).of(message()) as tell:
        assert tell is not None
        tell(TextSoFar("a"))
        tell(TextSoFar("a b"))
        tell(ToolStarted("get_services"))
        await settle()
        tell(TextSoFar("a b"))
        tell(TextSoFar("a b c"))
        await settle()
        tell(Finished("answered"))
    assert screen.log == ["7: a b", "7: a b c"]


async def test_no_draft_comes_behind_the_answer() -> None:
    screen = Screen()
    screen.go_on.clear()
    drafts = Drafts({"here": screen})

    async def turn() -> None:
        async with drafts.of(message()) as tell:
            assert tell is not None
            tell(TextSoFar("on its way"))
            await screen.began.wait()
            tell(TextSoFar("too late"))
        screen.log.append("answer")

    at_work = asyncio.create_task(turn())
    await screen.began.wait()
    await settle()
    assert not at_work.done()
    screen.go_on.set()
    await at_work
    await settle()
    assert screen.log == ["7: on its way", "answer"]


async def test_a_channel_that_refused_one_is_left_alone() -> None:
    screen = Screen(takes=False)
    async with Drafts({"here": screen}).of(message()) as tell:
        assert tell is not None
        for text in ("a", "a b"):
            tell(TextSoFar(text))
            await settle()
    assert screen.log == ["7: a"]


@pytest.mark.parametrize("where", [message(chat_id=-5), message(channel="elsewhere")])
async def test_where_nobody_would_see_it_nothing_is_streamed(where: Incoming) -> None:
    async with Drafts({"here": Screen()}).of(where) as tell:
        assert tell is None


async def test_the_terminal_shows_a_growing_text_and_leaves_what_is_sent() -> None:
    live: list[str] = []
    printed: list[str] = []
    terminal = TerminalChannel("terminal:x", printed.append, live.append)
    assert terminal.takes_drafts(1)
    for text in ("Sure!", "Sure! We do.", "Other\nwords."):
        assert await terminal.draft(1, 7, text)
    await terminal.send(1, Outgoing(text="The answer."), first_attempt=True)
    assert live == ["\nSure!", " We do.", "\x1b[1F\x1b[J", "\nOther\nwords.", "\x1b[2F\x1b[J"]
    assert printed == ["\nThe answer."]


def test_a_pipe_is_shown_no_growing_text() -> None:
    assert not TerminalChannel("terminal:x", print).takes_drafts(1)
