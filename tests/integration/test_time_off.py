"""Time off that cancels what is in its way, in one commit; and the owner's day, from the chat."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.guided.actions import Press, Verb
from booking.business import Business
from booking.status import AppointmentStatus
from db.repositories.blocks import Block, BlockConflict
from db.store import Store, UnitOfWork
from tests.conftest import MovableClock, apply_file, load_example
from tests.integration.guided_support import Chat, book, new_customer, outbox
from tests.integration.life_support import (
    HOUR,
    TEN,
    block,
    booked,
    get,
    joined,
    person,
    resource,
    scalar,
    service,
    shop,
)
from tests.integration.life_support import outbox as told

S = AppointmentStatus
OLGA = 77


@pytest.fixture
async def chat(store: Store) -> Chat:
    """A customer of the example shop, whose owner is Olga."""
    business = await apply_file(
        store, load_example().model_copy(update={"owner_chat_ids": (OLGA,)})
    )
    return Chat(store, business, await new_customer(store, business))


@pytest.fixture
async def olga(chat: Chat) -> Chat:
    return Chat(chat.store, chat.business, await new_customer(chat.store, chat.business, OLGA))


async def test_what_was_agreed_to_is_cancelled_with_the_block_and_nothing_else(
    store: Store,
) -> None:
    business = await apply_file(store, shop())
    anna = resource(business, "anna")
    ada, ben, hal = [await person(store, business, number) for number in (1, 2, 3)]
    first = await booked(store, business, ada, staff_id=anna)
    second = await booked(store, business, ben, TEN + 2 * HOUR, staff_id=anna)
    await booked(store, business, hal, TEN + 3 * HOUR, staff_id=anna, hold=True)

    async def off(*numbers: int) -> object:
        return await block(
            store, business, TEN, TEN + 6 * HOUR, resource_id=anna, cancelling=numbers
        )

    # Somebody booked while the owner looked at the list: nothing happens, not to the others either.
    conflict = await off(first.id)
    assert isinstance(conflict, BlockConflict)
    assert second.id in [row.id for row in conflict.appointments]
    assert (await get(store, business, first.id)).status is S.CONFIRMED
    assert await told(store, "receipt") == []
    assert isinstance(await off(first.id, second.id), Block)
    for row in (first, second):
        now = await get(store, business, row.id)
        assert (now.status, now.cancelled_by) == (S.CANCELLED, "owner")
    # A hold is no appointment yet: it gives way, and its card says so when it is answered.
    assert (
        await scalar(store, business, "SELECT count(*) FROM appointments WHERE status='held'") == 0
    )
    assert await told(store, "receipt") == [(1, "cancelled"), (2, "cancelled")]
    assert await told(store, "owner_notice") == []  # the owner's own doing is no news to them
    waiting = "SELECT count(*) FROM outbox WHERE kind = 'reminder' AND state = 'queued'"
    assert await scalar(store, business, waiting) == 0


async def test_a_block_that_is_asked_for_twice_cancels_once(store: Store) -> None:
    business = await apply_file(store, shop())
    row = await booked(store, business, await person(store, business, 1))
    made = [
        await block(store, business, TEN, TEN + HOUR, cancelling=[row.id], key="k")
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert await told(store, "receipt") == [(1, "cancelled")]


async def test_a_room_that_a_block_frees_is_offered_to_the_next_in_line(store: Store) -> None:
    file = shop()
    wax = file.services[-1].model_copy(
        update={"slug": "wax", "name": {"en": "Wax"}, "staff": ("boris",)}
    )
    business = await apply_file(store, file.model_copy(update={"services": (*file.services, wax)}))
    anna, three = resource(business, "anna"), TEN + 5 * HOUR
    row = await booked(store, business, await person(store, business, 1), three, service="massage")
    await joined(
        store,
        business,
        await person(store, business, 2),
        service_id=service(business, "wax"),
        time_from=dt.time(15),
        time_to=dt.time(15, 30),
    )
    made = await block(store, business, three, three + HOUR, resource_id=anna, cancelling=[row.id])
    assert isinstance(made, Block)
    assert await told(store, "waitlist_offer") == [(2, None)]


async def test_an_owner_takes_a_day_off_and_those_affected_are_told(chat: Chat, olga: Chat) -> None:
    await book(chat, "haircut with Anna on Tuesday at 15:00")
    shown = await olga.command("off", "Anna Tuesday")
    assert "Tuesday, 24 November: Anna" in shown
    assert "1 appointment is in the way" in shown
    assert "• Tue 24 Nov, 15:00–15:45 Haircut, Anna: Olga" in shown  # the customer's name, too
    assert "Nothing changes until you confirm." in shown
    assert await chat.rows(S.CONFIRMED)
    done = await olga.tap("Cancel them")
    assert done.startswith("✓ Off: Anna, Tuesday, 24 November.")
    [row] = await chat.rows(S.CANCELLED)
    assert row.cancelled_by == "owner"
    assert (await outbox(chat.store, "receipt"))[-1]["chat_id"] == 5
    await chat.say("haircut with Anna on Tuesday at 15:00")
    assert "already taken" in chat.text or "no free times" in chat.text
    # And back: what was blocked can be booked again.
    assert (await olga.tap("✕ Tuesday")).startswith("✓ Can be booked again: Tuesday, 24 November")
    assert "Please check and confirm" in await chat.say("haircut with Anna on Tuesday at 15:00")
    assert "out of date" in await olga.press(Press(Verb.OFF_END, block=999).encode())


async def test_a_yes_is_to_those_who_were_shown(chat: Chat, olga: Chat) -> None:
    await olga.command("off", "Tuesday 12:00-17:00")
    assert "No appointment is in the way." in olga.text
    await book(chat, "haircut with Anna on Tuesday at 15:00")
    shown = await olga.tap("Take this time off")
    assert shown.startswith("That button is out of date.")
    assert "1 appointment is in the way" in shown
    assert await chat.rows(S.CONFIRMED)
    assert (await olga.tap("Cancel them")).startswith(
        "✓ Off: everybody, Tuesday, 24 November, 12:00"
    )
    assert not await chat.rows(S.CONFIRMED)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("tomorrow", "Sunday, 22 November: everybody"),
        ("Anna Friday 12:00-15:00", "Friday, 27 November, 12:00–15:00: Anna"),
        ("Friday from 16:00", "Friday, 27 November, 16:00–24:00: everybody"),
        ("Friday until 12", "Friday, 27 November, 00:00–12:00: everybody"),
        ("24.12.-26.12. Boris", "Thu 24 – Sat 26 December: Boris"),
        ("next week", "Mon 23 – Sun 29 November: everybody"),
        ("Анна в пятницу с 12 до 15", "Friday, 27 November, 12:00–15:00: Anna"),
    ],
)
async def test_time_off_in_words(olga: Chat, said: str, read: str) -> None:
    assert read in await olga.command("off", said)


@pytest.mark.parametrize(
    "said", ["Zoe tomorrow", "soon", "Friday at 12", "from Friday", "12-25:00"]
)
async def test_what_is_no_time_off_is_answered_with_how_to_say_it(olga: Chat, said: str) -> None:
    shown = await olga.command("off", said)
    assert "/off Sun 22 Nov" in shown
    assert await scalar(olga.store, olga.business, "SELECT count(*) FROM blocks") == 0


async def test_the_day_from_the_owners_chat(chat: Chat, olga: Chat, clock: MovableClock) -> None:
    await book(chat, "haircut with Anna on Tuesday at 15:00")
    await chat.say("colouring on Tuesday at 10")
    await chat.say("yes")
    assert "No appointments on that day." in await olga.command("day")
    shown = await olga.command("day", "Tuesday")
    assert shown.startswith("📅 Tuesday, 24 November\n• 10:00–12:00 Colouring, Anna: Olga (#2)")
    assert "– waiting for approval\n• 15:00–15:45 Haircut, Anna: Olga (#1)" in shown
    assert olga.labels == ["10:00 Olga", "15:00 Olga", "← Mon 23 Nov", "Wed 25 Nov →", "Time off"]
    assert "Approve" in (await olga.tap("10:00"), olga.labels)[1]
    await olga.tap("Back")
    await olga.tap("15:00")
    assert olga.labels == ["Cancel appointment", "Back"]
    assert "The customer is told at once." in await olga.tap("Cancel appointment")
    yes = olga.button("Yes, cancel it").action
    assert (await olga.tap("Yes, cancel it")).startswith("✓ cancelled. The customer is told.")
    await olga.press(yes)  # again: nothing more happens
    assert len([each for each in await chat.receipts() if each == "cancelled"]) == 1
    receipt = (await outbox(chat.store, "receipt"))[-1]
    assert (receipt["change"], receipt["chat_id"]) == ("cancelled", 5)
    await book(chat, "haircut with Anna on Wednesday at 15:00")
    await olga.command("day", "Wednesday")
    clock.instant = dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)
    await olga.tap("15:00")
    assert olga.labels == ["Was here", "Didn't come", "Back"]
    assert (await olga.tap("Didn't come")).startswith("✓ didn't come")
    assert (await outbox(chat.store, "receipt"))[-1]["change"] == "no_show"
    assert olga.labels == ["Was here", "Back"]


async def test_strangers_meet_no_command_and_no_button_of_owners(chat: Chat, olga: Chat) -> None:
    row = await book(chat, "haircut with Anna on Tuesday at 15:00")
    plain = await chat.command("nonsense")
    for command in ("day", "off", "unanswered"):
        assert await chat.command(command, "Tuesday") == plain
    unknown = await chat.press("xyz")
    day = dt.date(2026, 11, 24)
    for press in (
        Press(Verb.AGENDA, date=day),
        Press(Verb.ENTRY, appointment=row.id),
        Press(Verb.CALL_OFF, appointment=row.id),
        Press(Verb.CALL_OFF_YES, appointment=row.id, version=row.version),
        Press(Verb.CAME, appointment=row.id, version=row.version),
        Press(Verb.MISSED, appointment=row.id, version=row.version),
        Press(Verb.OFF),
        Press(Verb.OFF_WHO, date=day),
        Press(Verb.OFF_DAY, date=day),
        Press(Verb.OFF_YES, since=1, until=2),
        Press(Verb.OFF_END, block=1),
        Press(Verb.APPROVE, appointment=row.id),
        Press(Verb.DECLINE, appointment=row.id),
        Press(Verb.UNANSWERED),
    ):
        assert await chat.press(press.encode()) == unknown, press
    assert (await chat.rows(S.CONFIRMED))[0].version == row.version


async def test_the_owner_of_another_business_is_a_stranger(chat: Chat, olga: Chat) -> None:
    """Appointments and blocks of others look like none, whoever's owner asks."""
    row = await book(chat, "haircut with Anna on Tuesday at 15:00")
    made = await block(chat.store, chat.business, TEN, TEN + HOUR)
    assert isinstance(made, Block)
    other = await _other(chat.store)
    owner = Chat(chat.store, other, await new_customer(chat.store, other, OLGA))
    assert "couldn't find" in await owner.press(Press(Verb.ENTRY, appointment=row.id).encode())
    await owner.press(Press(Verb.CALL_OFF_YES, appointment=row.id, version=row.version).encode())
    await owner.press(Press(Verb.OFF_END, block=made.id).encode())
    staff = resource(chat.business, "anna")
    await owner.press(
        Press(Verb.OFF_YES, staff=staff, since=1_795_510_800, until=1_795_597_200).encode()
    )
    assert (await chat.rows(S.CONFIRMED))[0].version == row.version
    assert await chat.store.run(chat.business, _blocks) == [made.id]


async def _blocks(uow: UnitOfWork) -> list[int]:
    return [each.id for each in await uow.blocks.list_blocks()]


async def _other(store: Store) -> Business:
    file = load_example().model_copy(update={"slug": "other", "owner_chat_ids": (OLGA,)})
    return await apply_file(store, file)
