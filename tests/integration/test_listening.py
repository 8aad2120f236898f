"""Listening to a voice message, without a wire: what isn't fetched, and what isn't kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.messages import Incoming, IncomingKind, Person, Voice
from assistant.model.port import Transcript
from assistant.voice import MAX_BYTES, Listener
from tests.conftest import NOW
from tests.integration.test_recovery import opened
from tools.support.context import ToolContext


@dataclass
class Ears:
    """Fetches and understands everything."""

    fetched: list[str] = field(default_factory=list)

    async def download(self, file_id: str, *, max_bytes: int) -> bytes:
        self.fetched.append(file_id)
        return b"sound"

    async def transcribe(self, audio: bytes, **_: object) -> Transcript:
        return Transcript("hello")


def spoken(size: int) -> Incoming:
    return Incoming(
        channel="c",
        chat_id=5,
        update_id=7,
        person=Person(telegram_id=5),
        kind=IncomingKind.TEXT,
        text="",
        received_at=NOW,
        voices=((7, Voice(file_id="f", seconds=2, size=size)),),
    )


async def test_what_says_that_it_is_too_big_is_not_fetched(context: ToolContext) -> None:
    ears = Ears()
    heard = await Listener({"c": ears}, ears).hear(context, spoken(MAX_BYTES + 1))
    assert (heard.unheard, ears.fetched) == ("voice_too_long", [])


async def test_who_lost_the_turn_keeps_no_transcript(context: ToolContext) -> None:
    """It would count as a step of the other one's turn, which later messages then don't join."""
    _, stale = await opened(context, 7)
    turn, current = await opened(context, 7)
    ears = Ears()
    for ctx, kept in ((stale, None), (current, {"update_id": 7, "text": "hello"})):
        await Listener({"c": ears}, ears).hear(ctx, spoken(5))
        found = await context.store.run(
            context.business, lambda uow: uow.conversations.get_step(turn.id, 9_200)
        )
        assert found == kept
