"""Editing the folder while the assistant runs: the next turn, the last good edition, one alert."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
import structlog

from assistant.editions import Broken, Editions, LatestTexts
from assistant.messages import Outgoing
from assistant.model.port import ModelReply, ModelRequest
from assistant.script import Script, ScriptError
from assistant.texts import Texts
from booking.business import Business
from db.errors import DatabaseError
from db.store import Store
from tests.fakes.model import says
from tests.integration.admin.support import ADMIN, STRANGER, Chats, age, edit, process

OLD = "You do nothing else."
NEW = "You like cats, and do nothing else."


def instructions(chats: Chats) -> str:
    return chats.model.requests[-1].instructions


async def test_an_edit_is_used_by_the_next_turn_and_stamped(chats: Chats, folder: Path) -> None:
    await chats.says("hi there")
    assert OLD in instructions(chats)
    edit(folder / "system.md", OLD, NEW)
    edit(folder / "envelope.md", "Now: ", "It is now: ")
    edit(folder / "phrases" / "en.yaml", "menu_book: Book", "menu_book: Reserve")
    await chats.says("hi again")
    assert NEW in instructions(chats)
    assert chats.model.requests[-1].items[-1].text.startswith("It is now: ")  # type: ignore[union-attr]
    first, second = await chats.rows("SELECT prompt_version FROM turns ORDER BY id")
    book = Script.load(folder).prompts
    assert second == f"{book.system.version} {book.envelope.version}"
    assert first.split()[0] != second.split()[0]
    assert first.split()[1] != second.split()[1]
    chats.conversation._engine = None
    await chats.says("/help")
    labels = await chats.rows(
        "SELECT payload #>> '{buttons,0,0,label}' FROM outbox ORDER BY id DESC LIMIT 1"
    )
    assert labels == ["Reserve"]


async def test_the_turns_own_texts_are_the_new_ones_too(chats: Chats, folder: Path) -> None:
    edit(folder / "phrases" / "en.yaml", "\nnot_understood: ", "\nnot_understood: Pardon? ")
    chats.model.steps[:] = [says(""), says("")]
    await chats.conversation.handle(chats.incoming("hi", STRANGER), inbox_ids=[])
    [told] = await chats.told(STRANGER)
    assert told.startswith("Pardon?")


async def test_a_broken_edit_leaves_the_last_good_edition_and_the_fixed_one_is_used(
    chats: Chats, folder: Path
) -> None:
    edit(folder / "system.md", OLD, NEW + "{{ nonsense }}")
    await chats.says("hi there")
    assert OLD in instructions(chats)
    edit(folder / "system.md", "{{ nonsense }}", "")
    await chats.says("hi again")
    assert NEW in instructions(chats)


async def test_an_edition_is_taken_whole_or_not_at_all(chats: Chats, folder: Path) -> None:
    edit(folder / "system.md", OLD, NEW)
    edit(folder / "phrases" / "de.yaml", "menu_book:", "menu_boook:")
    await chats.says("hi there")
    assert OLD in instructions(chats)


async def test_a_turn_keeps_to_the_edition_that_it_began_with(chats: Chats, folder: Path) -> None:
    before = Script.load(folder)

    def edited_meanwhile(request: ModelRequest) -> ModelReply:
        edit(folder / "system.md", OLD, NEW)
        edit(folder / "phrases" / "en.yaml", "\nnot_understood: ", "\nnot_understood: Pardon? ")
        return says("")

    chats.model.steps[:] = [edited_meanwhile, says("")]
    await chats.conversation.handle(chats.incoming("hi", STRANGER), inbox_ids=[])
    assert await chats.told(STRANGER) == [before.texts.say("not_understood", "en")]
    assert OLD in instructions(chats)
    assert await chats.rows("SELECT prompt_version FROM turns") == [before.prompts.version]


async def test_a_broken_edition_is_logged_once_and_told_once_to_admins_with_a_chat(
    store: Store, business: Business, folder: Path
) -> None:
    first = Chats(store, business, process(folder, store))
    second = Chats(store, business, process(folder, store))
    await first.says("/help", ADMIN)
    edit(folder / "system.md", OLD, "{{ nonsense }}")
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            await first.says("hi")
    broken = [log for log in logs if log["event"] == "prompts_broken"]
    assert len(broken) == 1
    assert f"{folder / 'system.md'}, line 6: unknown placeholder" in broken[0]["problems"][0]
    await second.says("hi")  # another process notices it, too
    [alert] = await first.told(ADMIN)
    assert alert.startswith("⚠️ Edition ")
    assert "system.md, line 6: unknown placeholder {{ nonsense }}" in alert
    edit(folder / "system.md", "{{ nonsense }}", "{{ rubbish }}")
    await first.says("hi")
    [alert] = await first.told(ADMIN)
    assert "rubbish" in alert


async def test_an_alert_that_fails_is_tried_again_and_costs_no_turn(
    store: Store, business: Business, folder: Path
) -> None:
    editions = process(folder, store)
    told: list[Broken] = []

    async def tell(business: Business, broken: Broken, texts: Texts) -> None:
        told.append(broken)
        if len(told) == 1:
            raise DatabaseError("refused")

    editions.connect(store, tell)
    edit(folder / "system.md", OLD, "{{ nonsense }}")
    for _ in range(3):
        assert OLD in (await editions.of(business)).prompts.system.source
    assert len(told) == 2


async def test_admins_in_a_group_and_strangers_are_not_told(chats: Chats, folder: Path) -> None:
    await chats.says("/help", ADMIN, chat_id=-100)
    edit(folder / "system.md", OLD, "{{ nonsense }}")
    assert "nonsense" not in await chats.says("hi", STRANGER)
    assert await chats.told(-100) == []
    assert await chats.told(ADMIN) == []


async def test_a_file_that_is_being_written_is_not_called_broken(
    store: Store, business: Business, folder: Path
) -> None:
    editions = process(folder, store, settle_seconds=3600)
    (folder / "system.md").write_text("---\nname: sys")
    with structlog.testing.capture_logs() as logs:
        assert OLD in (await editions.of(business)).prompts.system.source
    assert logs == []
    age(folder, hours=2)
    with structlog.testing.capture_logs() as logs:
        await editions.of(business)
    assert [log["event"] for log in logs] == ["prompts_broken"]


async def test_an_edit_that_leaves_size_and_time_as_they_were_is_noticed(
    store: Store, business: Business, folder: Path
) -> None:
    file = folder / "system.md"
    os.utime(file)
    editions = process(folder, store, settle_seconds=3600)
    stat = file.stat()
    file.write_text(file.read_text().replace("nothing else", "little more."))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (stat.st_mtime_ns, stat.st_size)
    assert "little more" in (await editions.of(business)).prompts.system.source


async def test_the_folder_is_looked_at_once_a_period_and_not_read_without_a_change(
    store: Store, business: Business, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy = process(folder, store, poll_seconds=3600)
    keen = process(folder, store)
    await keen.of(business)
    read: list[Path] = []
    monkeypatch.setattr("assistant.editions.read_folder", lambda path: read.append(path) or {})
    await keen.of(business)
    assert read == []
    monkeypatch.undo()
    edit(folder / "system.md", OLD, NEW)
    assert OLD in (await lazy.of(business)).prompts.system.source
    assert NEW in (await keen.of(business)).prompts.system.source


async def test_turns_at_the_same_moment_read_an_edit_once(
    store: Store, business: Business, folder: Path
) -> None:
    editions = process(folder, store)
    edit(folder / "system.md", OLD, NEW)
    with structlog.testing.capture_logs() as logs:
        scripts = await asyncio.gather(*(editions.of(business) for _ in range(8)))
    assert len([log for log in logs if log["event"] == "prompts_reloaded"]) == 1
    assert {id(script) for script in scripts} == {id(editions.latest)}


async def test_a_folder_that_goes_away_leaves_the_last_good_edition(
    chats: Chats, folder: Path
) -> None:
    shutil.rmtree(folder)
    await chats.says("hi there")
    assert OLD in instructions(chats)


def test_a_folder_that_is_broken_to_begin_with_stops_the_start(folder: Path) -> None:
    edit(folder / "system.md", OLD, "{{ nonsense }}")
    with pytest.raises(ScriptError, match="line 6: unknown placeholder"):
        Editions(folder)


async def test_what_is_said_outside_of_turns_uses_the_newest_texts(
    store: Store, business: Business, folder: Path
) -> None:
    editions = process(folder, store)
    texts = LatestTexts(editions)
    edit(folder / "phrases" / "en.yaml", "menu_book: Book", "menu_book: Reserve")
    assert texts.say("menu_book", "en") == "Book"
    await editions.of(business)
    assert texts.say("menu_book", "en") == "Reserve"
    assert texts.languages == editions.latest.texts.languages
    assert texts.resolve("de-AT") == "de"
    assert Outgoing(text=texts.say("menu_book", "de")).text
