"""Two wishes in one message: each gets its card, the second when the first is settled."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from booking.business import Business, ConfirmationMode
from db.store import Store
from tests.conftest import MovableClock, apply_file, load_example
from tests.fakes.model import calls, says
from tests.integration.test_turn import BOOK, WORDS, Chat

CARD = "Please check and confirm:"
KEPT = WORDS.texts.say("next_wish_kept", "en")
NOW_NEXT = WORDS.texts.say("next_wish_now", "en")
WEDNESDAY = {**BOOK, "when": "Wed 2026-11-25 17:00"}
ANOTHER = "haircut on Wed 2026-11-25 17:00 for the son"


@pytest.fixture
def chat(store: Store, business: Business, clock: MovableClock) -> Chat:
    """The chat of a customer called Ada."""
    return Chat(store, business, clock)


@pytest.fixture
async def at_once(store: Store, clock: MovableClock) -> Chat:
    """The same, where the owner has switched the cards off."""
    file = load_example()
    policy = file.policy.model_copy(update={"confirmation": ConfirmationMode.IMMEDIATE})
    changed = file.model_copy(update={"policy": policy})
    return Chat(store, await apply_file(store, changed), clock)


async def starts(chat: Chat, status: str = "confirmed") -> list[str]:
    """When the appointments of a status are, in UTC."""
    return await chat.rows(
        "SELECT to_char(starts_at AT TIME ZONE 'UTC', 'Dy HH24:MI') FROM appointments"
        f" WHERE status = '{status}' ORDER BY starts_at"
    )


# --- without a model


@pytest.mark.parametrize(
    ("said", "second", "booked"),
    [
        ("haircut Tuesday at 10 for me and Wednesday at 5pm for my son", CARD, 2),
        ("стрижка во вторник в 10 мне и в среду в 17 сыну", "Проверьте", 2),
        ("Haarschnitt Dienstag um 10 für mich und Mittwoch um 17 Uhr für meinen Sohn", "Bitte", 2),
        ("corte de pelo el martes a las 10 y el miércoles a las 17 para mi hijo", "Revise", 2),
    ],
)
async def test_two_bookings_in_one_message(chat: Chat, said: str, second: str, booked: int) -> None:
    [first] = await chat.says(said)
    assert await starts(chat, "held") == ["Tue 09:00"]
    receipt, card = await chat.says("ok")
    assert receipt == "[receipt booked]"
    assert second in card
    assert "17:00" in card
    assert await starts(chat) == ["Tue 09:00"]
    assert len(first.splitlines()) == len(card.splitlines()) - 1  # a line each about the other one
    assert await chat.says("ok") == ["[receipt booked]"]
    assert await starts(chat) == ["Tue 09:00", "Wed 16:00"]


@pytest.mark.parametrize(
    "said",
    [
        "cancel my haircut and book a beard trim on Friday at 3pm",
        "отмени стрижку и запиши на стрижку бороды в пятницу в 15",
        "Haarschnitt absagen und Bartschnitt am Freitag um 15 Uhr buchen",
        "cancela el corte de pelo y reserva arreglo de barba el viernes a las 15",
    ],
)
@pytest.mark.parametrize("confirms", [True, False])
async def test_a_cancellation_and_a_booking(chat: Chat, said: str, confirms: bool) -> None:
    await chat.says("haircut tuesday 10")
    await chat.says("yes")
    [_asked] = await chat.says(said)
    assert await starts(chat) == ["Tue 09:00"]
    *_, card = await chat.says("yes" if confirms else "no")
    assert "15:00" in card
    assert await starts(chat, "cancelled") == (["Tue 09:00"] if confirms else [])
    assert await starts(chat, "held") == ["Fri 14:00"]


@pytest.mark.parametrize(
    "said", ["cancel both appointments", "отмените все записи", "alle Termine absagen"]
)
async def test_all_are_cancelled_one_after_the_other(chat: Chat, said: str) -> None:
    for wish in ("haircut friday 10", "haircut tuesday 10"):
        await chat.says(wish)
        await chat.says("yes")
    await chat.says(said)
    receipt, card = await chat.says("ok")
    assert receipt == "[receipt cancelled]"
    assert await starts(chat) == ["Fri 09:00"]
    assert "10:00" in card
    assert await chat.says("ok") == ["[receipt cancelled]"]
    assert await starts(chat) == []


async def test_a_wish_behind_a_yes_comes_after_what_it_confirms(chat: Chat) -> None:
    await chat.says("haircut tuesday 10")
    receipt, card = await chat.says("yes, and book Wednesday at 5pm for my son")
    assert receipt == "[receipt booked]"
    assert card.startswith(f"{NOW_NEXT}\n\n{CARD}")
    assert await starts(chat, "held") == ["Wed 16:00"]


async def test_another_time_first_and_the_second_wish_is_kept(chat: Chat) -> None:
    await chat.says("haircut Tuesday at 10 and haircut Wednesday at 5pm for my son")
    await chat.says("Tuesday at 11")  # the first one again
    _, card = await chat.says("yes")
    assert "Wednesday, 25 November, 17:00" in card
    assert await starts(chat) == ["Tue 10:00"]


async def test_what_is_given_up_takes_the_second_wish_with_it(chat: Chat) -> None:
    await chat.says("haircut Saturday at 23:00 and haircut Wednesday at 5pm for my son")
    await chat.says("never mind")
    await chat.says("haircut Tuesday at 10")
    assert await chat.says("yes") == ["[receipt booked]"]


async def test_a_second_wish_is_not_brought_up_on_another_day(
    chat: Chat, clock: MovableClock
) -> None:
    await chat.says("haircut Saturday at 23:00 and tomorrow at 5pm for my son")
    clock.advance(days=1)
    [card] = await chat.says("Tuesday at 10")
    assert card.startswith(CARD)
    assert KEPT not in card
    assert await chat.says("yes") == ["[receipt booked]"]


async def test_booked_at_once_both_are_booked_by_one_message(at_once: Chat) -> None:
    chat = at_once
    out = await chat.says("haircut Tuesday at 10 for me and Wednesday at 5pm for my son")
    assert out == ["[receipt booked]", "[receipt booked]"]
    assert await starts(chat) == ["Tue 09:00", "Wed 16:00"]
    out = await chat.says(
        "a haircut on Thursday at 10 and cancel Tuesday's",
        calls("create_appointment", {**BOOK, "when": "Thu 2026-11-26 10:00", "then": "cancel 1"}),
        calls("cancel_appointment", {"appointment": 1, "reason": None}),
    )
    assert out == ["[receipt booked]", "[receipt cancelled]"]


# --- with a model


async def test_a_wish_kept_from_before_is_the_model_s_second_in_one_turn(at_once: Chat) -> None:
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00", "then": ANOTHER}
    await at_once.says("both", calls("create_appointment", sunday))
    steps = (calls("create_appointment", BOOK), calls("create_appointment", WEDNESDAY))
    # Each of the two has its own places in the journal, and so its own idempotency key.
    assert await at_once.says("then tuesday at 10", *steps) == ["[receipt booked]"] * 2
    assert await starts(at_once) == ["Tue 09:00", "Wed 16:00"]


async def test_the_model_names_the_rest_and_is_asked_for_it_after_the_yes(chat: Chat) -> None:
    first = calls("create_appointment", {**BOOK, "then": ANOTHER})
    [card] = await chat.says("tuesday at 10 for me and wednesday at 5 for my son", first)
    assert card.startswith(CARD)
    assert card.endswith(KEPT)
    receipt, second = await chat.says("yes", calls("create_appointment", WEDNESDAY))
    assert (receipt, second[: len(NOW_NEXT)]) == ("[receipt booked]", NOW_NEXT)
    assert "Wednesday, 25 November, 17:00" in second
    [request] = chat.model.requests
    assert ANOTHER in request.items[-1].text  # type: ignore[union-attr]
    assert await chat.says("yes") == ["[receipt booked]"]
    assert await starts(chat) == ["Tue 09:00", "Wed 16:00"]
    assert await chat.rows("SELECT model_calls FROM turns ORDER BY id") == [1, 1, 0]


async def test_without_the_model_the_flow_reads_what_the_model_had_kept(chat: Chat) -> None:
    await chat.says("both", calls("create_appointment", {**BOOK, "then": ANOTHER}))
    _, second = await chat.says("yes")
    assert "Wednesday, 25 November, 17:00" in second


async def test_a_refused_first_wish_keeps_the_second(chat: Chat) -> None:
    sunday = {**BOOK, "when": "Sun 2026-11-29 12:00", "then": ANOTHER}
    [refused] = await chat.sends("both", calls("create_appointment", sunday))
    assert "outside our opening hours" in refused.text
    tuesday = calls("create_appointment", {**BOOK, "then": None})
    assert (await chat.says("then tuesday at 10", tuesday))[0].endswith(KEPT)
    _, second = await chat.says("yes", says("Does Wednesday suit your son?"))
    assert second == f"{NOW_NEXT}\n\nDoes Wednesday suit your son?"


async def test_where_nothing_can_be_chosen_the_model_goes_on_at_once(
    chat: Chat, clock: MovableClock
) -> None:
    await chat.says("haircut tuesday 10", calls("create_appointment", BOOK))
    await chat.says("yes")
    clock.advance(days=2, hours=20)  # it is too late to cancel
    cancel = {"appointment": 1, "reason": None, "then": ANOTHER}
    refused, card = await chat.says(
        "cancel it and book",
        calls("cancel_appointment", cancel),
        calls("create_appointment", WEDNESDAY),
    )
    assert "too late" in refused
    assert card.startswith(CARD)


async def test_a_turn_found_after_a_crash_comes_to_the_same_second_card(chat: Chat) -> None:
    await chat.says("both", calls("create_appointment", {**BOOK, "then": ANOTHER}))
    once = await chat.says("yes", calls("create_appointment", WEDNESDAY))
    async with chat.store.database.transaction(chat.business.id, worker=True) as session:
        await session.execute(text("UPDATE turns SET state = 'running' WHERE id = 2"))
    # The journal has the confirmation, the model's reply and its write: nobody is asked again.
    again = await chat.says("yes", says("not asked"), update_id=2)
    assert again == [once[1]]
    assert await chat.statuses() == ["confirmed", "held"]
