"""What bounds a turn: each cap, and what a refusal, a time-out or a failure of a tool comes to."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from assistant.model.port import ModelError, ModelErrorKind, ToolResult, UserText
from assistant.turn.answer import TurnLimits
from booking.business import Business
from db.errors import DatabaseError
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock
from tests.fakes.model import calls, calls_all, says
from tests.integration.test_turn import BOOK, WORDS, Chat
from tools import create_appointment, get_my_appointments, update_customer
from tools.support.context import MAX_WISH, ToolContext
from tools.support.contract import ArgumentProblem, Audience, Outcome, ToolArgs
from tools.support.contract import ToolResult as Result
from tools.support.registry import tools_in

UNAVAILABLE = WORDS.texts.say("temporarily_unavailable", "en")
DAYS = ("Tue 2026-11-24", "Wed 2026-11-25", "Thu 2026-11-26")
THREE = calls_all(
    *(("create_appointment", json.dumps({**BOOK, "when": f"{day} 10:00"})) for day in DAYS)
)
TOO_OFTEN = "create_appointment was called too often for one message"


@pytest.fixture
def chat(store: Store, business: Business, clock: MovableClock) -> Chat:
    """The chat of a customer called Ada."""
    return Chat(store, business, clock)


def change(monkeypatch: pytest.MonkeyPatch, module: Any, **facts: Any) -> None:
    """Let a module's tool be another in some of its facts."""
    [tool] = tools_in(module)
    changed = dataclasses.replace(tool, **facts)
    monkeypatch.setattr(getattr(module, tool.name), "__tool__", changed)


async def results(chat: Chat) -> list[str]:
    """What the conversation keeps of the tools' results."""
    return await chat.rows(
        "SELECT message_text FROM conversation_messages WHERE message_type = 'tool_result'"
        " ORDER BY id"
    )


async def test_a_call_that_comes_although_tools_are_off_is_not_carried_out(chat: Chat) -> None:
    chat.limits = TurnLimits(model_calls=1)
    out = await chat.says("haircut tuesday 10", calls("create_appointment", BOOK))
    assert out == [WORDS.texts.say("cap_reached", "en")]
    assert await chat.statuses() == []


async def test_where_little_time_is_left_the_model_must_answer(chat: Chat) -> None:
    chat.limits = TurnLimits(seconds=4)
    assert await chat.says("what do you do?", says("Haircuts.")) == ["Haircuts."]
    assert [request.tools_allowed for request in chat.model.requests] == [False]


@pytest.mark.parametrize(("most", "held"), [(1, 1), (9, 2)], ids=["all writes", "one tool"])
async def test_no_more_is_written_than_the_cap_allows(chat: Chat, most: int, held: int) -> None:
    chat.limits = TurnLimits(writes=most)
    await chat.says("three haircuts", THREE)
    assert len(await chat.statuses()) == held
    assert sum(TOO_OFTEN in result for result in await results(chat)) == 3 - held


@pytest.mark.parametrize("kind", [ModelErrorKind.PAIRING, ModelErrorKind.CONTEXT])
async def test_a_request_is_mended_once_in_a_turn(chat: Chat, kind: ModelErrorKind) -> None:
    await chat.says("hello", says("Hello!"))
    refused = ModelError(kind, "refused", status=400)
    [answer] = await chat.says(
        "hello?", refused, calls("get_services", {}), refused, says("Haircuts.")
    )
    assert answer.startswith(WORDS.texts.say("model_away", "en"))
    assert len(chat.model.requests) == 3


async def test_a_shortened_history_begins_with_a_turn(chat: Chat) -> None:
    await chat.says("prices?", calls("get_services", {}), says("A haircut is 35 euros."))
    too_long = ModelError(ModelErrorKind.CONTEXT, "too long", status=400)
    await chat.says("thanks", too_long, says("You're welcome!"))
    _, second = chat.model.requests
    # Half of the only turn before was left: an answer to nothing, which goes as well.
    assert [type(item) for item in second.items] == [UserText]


async def test_a_write_that_takes_too_long_is_told_and_the_rest_is_left(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the next wish taken up, while the book can't be reached."""
    change(monkeypatch, create_appointment, timeout_seconds=0)
    wish = {**BOOK, "then": "and a beard trim"}
    assert await chat.says("both", calls("create_appointment", wish)) == [UNAVAILABLE]
    assert len(chat.model.requests) == 1
    assert await chat.statuses() == []


async def test_a_read_that_takes_too_long_is_the_models_to_tell(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, get_my_appointments, timeout_seconds=0)
    sorry = "I can't look into the book right now."
    assert await chat.says("what have I?", calls("get_my_appointments", {}), says(sorry)) == [sorry]
    [result] = [i for i in chat.model.requests[1].items if isinstance(i, ToolResult)]
    assert result.output == '{"refused":"temporarily_unavailable"}'


async def test_what_the_database_refuses_is_no_bug_of_the_tool(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a bug the model is told that nothing was changed; here code tells the customer."""

    async def refused(ctx: object, args: object) -> object:
        raise DatabaseError("the database refused a statement")

    change(monkeypatch, create_appointment, run=refused)
    assert await chat.says("book", calls("create_appointment", BOOK)) == [UNAVAILABLE]


async def test_a_card_whose_hold_was_given_back_is_not_shown(chat: Chat) -> None:
    """The second call of one reply asks for another time in place of the first one's."""
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00"}
    both = calls_all(
        ("create_appointment", json.dumps(BOOK)), ("create_appointment", json.dumps(sunday))
    )
    [refused] = await chat.says("tuesday or sunday", both)
    assert "outside our opening hours" in refused
    assert await chat.statuses() == ["cancelled"]


async def test_a_tool_for_admins_is_neither_offered_nor_carried_out(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, create_appointment, audience=Audience.ADMIN)
    await chat.says("book", calls("create_appointment", BOOK), says("Which day suits you?"))
    first, second = chat.model.requests
    assert "create_appointment" not in {tool.name for tool in first.tools}
    [result] = [i for i in second.items if isinstance(i, ToolResult)]
    assert "no tool 'create_appointment'" in result.output
    assert await chat.statuses() == []


async def test_a_wish_for_later_is_kept_so_far_as_a_message_is_long(chat: Chat) -> None:
    wish = {**BOOK, "then": "x" * (MAX_WISH + 1)}
    await chat.says("both", calls("create_appointment", wish))
    kept = await chat.rows("SELECT length(data->'next_wish'->>'text') FROM drafts")
    assert kept == [MAX_WISH]


@pytest.mark.parametrize(
    "text", ["👍 ❤️", "...", "haircut " * 300], ids=["emoji", "dots", "too long"]
)
async def test_what_says_nothing_and_what_has_no_end_costs_no_model_call(
    chat: Chat, text: str
) -> None:
    [answer] = await chat.says(text, says("never asked"))
    assert answer
    assert chat.model.requests == []


class Ordered(Result):
    """What a tool of a developer's has written."""

    ordered: str


@pytest.mark.parametrize("works", [True, False])
async def test_what_a_tool_of_a_developers_did_may_be_told(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    async def order(ctx: ToolContext, args: ToolArgs) -> Outcome:
        async def work(uow: UnitOfWork) -> Outcome:
            return Ordered(ordered="shampoo") if works else ArgumentProblem(error="none left")

        return await ctx.write(work)

    change(monkeypatch, update_customer, run=order)
    fields = {"name": "Ada", "phone": None, "email": None, "time_zone": None}
    call, told = calls("update_customer", fields), "I've ordered the shampoo for you."
    perhaps = "The matter is closed for now."
    if works:
        assert await chat.says("shampoo please", call, says(told)) == [told]
        assert await chat.says("shampoo please", call, says(perhaps)) == [perhaps]
    # It backs no booking, and nothing of which the ledger knows.
    lie = says("You're booked for Tuesday at 10:00.")
    out = await chat.says("shampoo please", call, lie, lie)
    key = "not_understood" if works else "unbacked_claim"
    assert out == [WORDS.texts.say(key, "en")]


async def test_a_claim_is_replaced_by_words_with_buttons(chat: Chat) -> None:
    await chat.says("book me", says("You're booked!"), says("You're booked!"))
    [buttons] = await chat.rows(
        "SELECT payload ->> 'buttons' FROM outbox WHERE kind = 'message' ORDER BY id"
    )
    assert WORDS.texts.say("menu_book", "en") in buttons
