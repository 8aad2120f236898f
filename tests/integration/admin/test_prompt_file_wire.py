"""A prompt sent to the bot as a file, over the wire."""

from __future__ import annotations

from pathlib import Path

from assistant.admin.prompts import PromptAdmin
from assistant.conversation import Conversation
from assistant.model.port import ModelSettings
from assistant.preview import Preview
from assistant.telegram.channel import TelegramChannel
from assistant.turn.answer import TurnLimits
from booking.business import Business
from db.store import Store
from tests.fakes.telegram import FakeTelegram
from tests.integration.admin.support import process
from tests.integration.wire_support import on_the_wire
from tools.support.registry import discover

ADMIN, STRANGER = 7, 8


async def test_an_admin_s_file_becomes_a_draft_and_is_published(
    store: Store, business: Business, folder: Path
) -> None:
    editions = process(folder, store)
    preview = Preview(ModelSettings(api_key=""), discover(), TurnLimits(), history_turns=20)
    changed = (folder / "system.md").read_text("utf-8") + "\nBe brief.\n"

    def conversation(channel: TelegramChannel) -> Conversation:
        admin = PromptAdmin([ADMIN], preview, {channel.name: channel})
        return Conversation(store, {channel.name: business.id}, editions, admin=admin)

    async with FakeTelegram() as telegram:
        olga, ada = telegram.person(ADMIN, "Olga", "en"), telegram.person(STRANGER, "Ada", "en")
        async with on_the_wire(telegram, store, business, conversation, burst_seconds=0.1):
            ada.sends_file("system.md", changed.encode())
            await ada.waits_for("only read text")
            olga.sends_file("system.md", changed.encode(), caption="shorter")
            await olga.waits_for("Draft of system saved")
            olga.says("/prompt show system draft")
            shown = await olga.waits_for(lambda message: message.document is not None)
            assert shown.document == changed.encode()
            olga.says("/prompt preview hi")
            request = await olga.waits_for(lambda message: message.document is not None)
            assert b"Be brief." in (request.document or b"")
            olga.says("/prompt publish system")
            await olga.waits_for("is in force from the next message on")
        assert telegram.oddities == []
    fresh = await store.business(business.id)
    assert "Be brief." in (await editions.of(fresh)).prompts.system.source
