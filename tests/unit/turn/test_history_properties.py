"""Any history, cut anywhere under any budget: pairs are valid and the repair is idempotent."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.model.port import AssistantText, Item, ToolCall, ToolResult, UserText
from assistant.turn.history import Budget, latest_turns, repair, to_items
from db.repositories.conversations import ConversationMessage

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
IDS = st.sampled_from(["", "a", "b", "c", "d"])
TEXTS = st.text(max_size=12)

ITEMS = st.one_of(
    st.builds(UserText, TEXTS),
    st.builds(AssistantText, TEXTS),
    st.builds(ToolCall, IDS, st.just("get_services"), st.just("{}")),
    st.builds(ToolResult, IDS, TEXTS),
)


@st.composite
def messages(draw: st.DrawFn) -> list[ConversationMessage]:
    """Stored messages of some turns and of none, with calls and results in any order."""
    made: list[ConversationMessage] = []
    for turn_id in draw(st.lists(st.one_of(st.none(), st.integers(1, 4)), max_size=8)):
        kinds = st.sampled_from(["user", "assistant", "tool_call", "tool_result", "system"])
        for kind in draw(st.lists(kinds, min_size=1, max_size=5)):
            data = None
            if kind in ("tool_call", "tool_result"):
                data = {"call_id": draw(IDS), "arguments": "{}"}
            made.append(
                ConversationMessage(
                    id=len(made) + 1,
                    customer_id=1,
                    turn_id=turn_id,
                    message_type=kind,
                    message_text=draw(TEXTS),
                    context_data=data,
                    created_at=NOW,
                )
            )
    return made


def assert_paired(items: list[Item]) -> None:
    """Each call is answered later, once; each result answers an earlier call; ids are used once."""
    open_calls: set[str] = set()
    seen: set[str] = set()
    for item in items:
        if isinstance(item, ToolCall):
            assert item.call_id
            assert item.call_id not in seen
            seen.add(item.call_id)
            open_calls.add(item.call_id)
        elif isinstance(item, ToolResult):
            assert item.call_id in open_calls
            open_calls.remove(item.call_id)
    assert not open_calls


@given(st.lists(ITEMS, max_size=14), st.integers(0, 14), st.integers(0, 14))
def test_any_cut_is_repaired_to_valid_pairs(items: list[Item], first: int, last: int) -> None:
    repaired = repair(items[first:last])
    assert_paired(repaired)
    assert repair(repaired) == repaired


@given(st.lists(ITEMS, max_size=14))
def test_repair_keeps_every_text_and_the_order(items: list[Item]) -> None:
    repaired = repair(items)
    texts = [item for item in items if isinstance(item, UserText | AssistantText)]
    assert [item for item in repaired if isinstance(item, UserText | AssistantText)] == texts
    places = iter(items)
    assert all(any(item is other for other in places) for item in repaired)


@given(st.lists(st.tuples(st.sampled_from(["text", "tool"]), TEXTS), max_size=8))
def test_a_sound_history_is_left_alone(turns: list[tuple[str, str]]) -> None:
    items: list[Item] = []
    for n, (kind, text) in enumerate(turns):
        items.append(UserText(text))
        if kind == "tool":
            items += [ToolCall(f"c{n}", "get_services", "{}"), ToolResult(f"c{n}", text)]
    assert repair(items) == items


BUDGETS = st.builds(Budget, turns=st.integers(0, 9), characters=st.integers(0, 400))


def size_of(stored: list[ConversationMessage]) -> int:
    return sum(len(m.message_text) + len(str(m.context_data or "")) for m in stored)


@given(messages(), BUDGETS)
def test_trimming_keeps_the_latest_turns_whole_and_in_the_budget(
    stored: list[ConversationMessage], budget: Budget
) -> None:
    kept = latest_turns(stored, budget)
    cut = len(stored) - len(kept)
    assert kept == stored[cut:]
    assert size_of(kept) <= budget.characters
    if 0 < cut < len(stored) and stored[cut].turn_id is not None:
        assert stored[cut - 1].turn_id != stored[cut].turn_id
    assert latest_turns(kept, budget) == kept
    assert_paired(to_items(kept))


@given(messages(), BUDGETS, st.integers(0, 40))
def test_a_stored_history_cut_anywhere_is_still_valid(
    stored: list[ConversationMessage], budget: Budget, first: int
) -> None:
    items = to_items(latest_turns(stored[first:], budget))
    assert_paired(items)
    assert repair(items) == items


@pytest.mark.parametrize("budget", [Budget(10, 10_000), Budget(1000, 10 * len("hello"))])
def test_the_cut_moves_in_steps(budget: Budget) -> None:
    stored: list[ConversationMessage] = []
    firsts: list[int] = []
    for turn_id in range(1, 41):
        stored.append(
            ConversationMessage(
                id=turn_id,
                customer_id=1,
                turn_id=turn_id,
                message_type="user",
                message_text="hello",
                context_data=None,
                created_at=NOW,
            )
        )
        # What was cut off is not read again: it has become facts.
        stored = latest_turns(stored, budget)
        firsts.append(stored[0].turn_id or 0)
    assert sorted(set(firsts)) == [1, 7, 13, 19, 25, 31]
