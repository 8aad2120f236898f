"""What is kept of old turns: folded in any portions alike, small, and never a way out of data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assistant.model.port import ToolCall
from assistant.turn.memory import (
    MOST_CHARACTERS,
    Digest,
    Facts,
    digest_of,
    fold,
    open_card,
    told,
)
from booking.draft import Draft, DraftStage
from tests.unit.turn.corpus import APPOINTMENT
from tools.support.ledger import Ledger

WORDS = st.text(max_size=80)
DIGESTS = st.builds(
    Digest,
    done=st.lists(WORDS, max_size=7).map(tuple),
    refused=st.lists(WORDS, max_size=4).map(tuple),
    booked=st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=3).map(tuple),
    wish=st.one_of(st.just(""), WORDS),
    settled=st.booleans(),
    language=st.sampled_from(["", "en", "ru"]),
).map(lambda digest: digest.model_dump(mode="json", exclude_defaults=True))


@given(st.lists(DIGESTS, max_size=12), st.integers(0, 12))
def test_folding_in_portions_is_folding_at_once(digests: list[dict[str, Any]], cut: int) -> None:
    once = fold(Facts(), digests)
    stored = fold(Facts(), digests[:cut]).model_dump(mode="json", exclude_defaults=True)
    twice = fold(Facts.model_validate(stored), digests[cut:])
    assert twice == once


@given(st.lists(DIGESTS, max_size=40))
def test_facts_stay_small_and_inside_their_fence(digests: list[dict[str, Any]]) -> None:
    facts = fold(Facts(), digests)
    text = told(facts)
    assert len(text) <= MOST_CHARACTERS + 100
    assert text.count("<") == text.count(">") == (2 if text else 0)
    assert len(str(facts.model_dump())) < 8_000


def test_facts_that_grow_when_they_are_escaped_are_cut() -> None:
    named = "<" * 60
    facts = Facts(done=(named,) * 6, refused=(named,) * 3, wish=named)
    body = told(facts).removeprefix("<customer_facts>").removesuffix("</customer_facts>")
    assert "<" not in body
    assert len(body) < MOST_CHARACTERS + 60


def test_what_was_wanted_is_kept_until_it_is_had() -> None:
    wished = fold(Facts(), [{"wish": "haircut, Tuesday 10"}, {"language": "en"}])
    assert "wanted and not had yet: haircut, Tuesday 10" in told(wished)
    assert fold(wished, [{"settled": True}]).wish == ""


def test_habits_are_told() -> None:
    morning = ("Haircut", "with Anna", "in the morning")
    evening = ("Massage", "with Boris", "in the evening")
    facts = fold(Facts(), [{"booked": [morning]}, {"booked": [evening, morning]}])
    assert "usually books: Haircut, with Anna, in the morning" in told(facts)
    assert told(Facts()) == ""


def test_an_open_card_is_told_while_it_waits() -> None:
    now = APPOINTMENT.starts_at - dt.timedelta(days=1)
    draft = Draft(stage=DraftStage.CONFIRM_CANCEL, appointment_id=APPOINTMENT.id)
    assert open_card(draft, APPOINTMENT, now) == (
        "cancelling #12 Haircut, Tue 2026-11-24 10:00: shown, waits for the customer's yes"
    )
    moved = draft.model_copy(
        update={
            "stage": DraftStage.CONFIRM_MOVE,
            "starts_at": APPOINTMENT.starts_at + dt.timedelta(days=1),
        }
    )
    assert "to Wed 2026-11-25 10:00" in open_card(moved, APPOINTMENT, now)
    held = APPOINTMENT.model_copy(update={"expires_at": now + dt.timedelta(minutes=10)})
    booking = draft.model_copy(update={"stage": DraftStage.CONFIRM_BOOKING})
    assert open_card(booking, held, now).startswith("booking #12")
    assert open_card(booking, held, now + dt.timedelta(minutes=10)) == ""
    assert open_card(draft, None, now) == ""
    assert open_card(Draft(stage=DraftStage.CHOOSING_TIME), APPOINTMENT, now) == ""


def test_a_call_with_broken_arguments_has_no_wish() -> None:

    broken = ("{", "[1]", "[" * 100_000, "null", '{"when": 7}')
    calls = [ToolCall(str(n), "create_appointment", raw) for n, raw in enumerate(broken)]
    assert digest_of(Ledger(), calls, business=None, language="en") is None  # type: ignore[arg-type]
