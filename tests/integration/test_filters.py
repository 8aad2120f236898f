"""What keeps businesses apart where row-level security doesn't: the filters of the repositories.

A superuser's role bypasses the policies. The same people write to two shops; one of them then does
all that it can, also with the other's numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from booking.appointment import Appointment
from booking.business import Business
from booking.hand_off import HandOffReason
from booking.refusals import Refusal, RefusalCode
from booking.waitlist import WaitlistEntry, Wish
from db.clock import SystemClock
from db.models import Base
from db.repositories.blocks import Block
from db.repositories.broadcasts import Audience, BroadcastRepository
from db.repositories.conversations import TurnSummary
from db.repositories.outbox import ReplyTo
from db.repositories.privacy import PrivacyRepository
from db.store import Store, UnitOfWork
from tests.conftest import NOW, MovableClock, apply_file
from tests.integration.life_support import HOUR, OWNER_CHAT, TEN, TUESDAY, resource, service, shop

PERSON = 7
DAY = dt.timedelta(days=1)
TO = ReplyTo("telegram:1", PERSON, "en")


@dataclass
class Shop:
    """A business in which one person has one of everything; the numbers of those."""

    business: Business
    customer: int
    booked: Appointment
    requested: Appointment
    held: Appointment
    entry: int
    block: int
    turn: int


async def fill(store: Store, slug: str) -> Shop:
    file = shop(min_notice_minutes=0).model_copy(update={"slug": slug})
    business = await apply_file(store, file)

    async def work(uow: UnitOfWork) -> Shop:
        who = (
            await uow.customers.create_customer(
                PERSON, first_name=slug, channel="telegram:1", chat_id=PERSON, language="en"
            )
        ).id

        async def book(start: dt.datetime, wanted: str = "haircut", **more: Any) -> Appointment:
            made = await uow.appointments.create_appointment(
                who, starts_at=start, service=wanted, reply_to=TO, **more
            )
            assert isinstance(made, Appointment), made
            return made

        anna = resource(business, "anna")
        booked = await book(TEN, staff_id=anna)
        requested = await book(TEN + DAY, "colouring", staff_id=anna)
        held = await book(TEN + 3 * HOUR, staff_id=anna, hold=True)
        block = await uow.blocks.create_block(
            TEN + 2 * HOUR, TEN + 3 * HOUR, resource_id=anna, reason="lunch"
        )
        ten, eleven = dt.time(10), dt.time(11)
        wish = Wish(service(business, "haircut"), TUESDAY, TUESDAY, ten, eleven, anna)
        entry = await uow.waitlist.join(who, wish)
        assert isinstance(entry, WaitlistEntry)
        turn = await uow.conversations.open_turn(
            who, channel="c", chat_id=PERSON, update_ids=[5], kind="text"
        )
        await uow.conversations.add_step(turn.id, 1, "tool", {"said": slug})
        await uow.conversations.save_message(who, f"in {slug}", turn_id=turn.id)
        await uow.conversations.save_draft(who, await uow.conversations.get_draft(who))
        await uow.unanswered.note(booked.id, reached=False)
        await uow.hand_offs.ask(who, HandOffReason.ASKED, key="k", to=TO, said="hello")
        assert isinstance(block, Block)
        return Shop(business, who, booked, requested, held, entry.id, block.id, turn.id)

    return await store.run(business, work)


async def without_policies(store: Store) -> None:
    async with store.database.transaction() as session:
        for name in Base.metadata.tables:
            await session.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))


async def all_of(store: Store, shop: Shop) -> dict[str, list[str]]:
    """Every row of a business as it is."""
    found = {}
    async with store.database.transaction() as session:
        for name, table in Base.metadata.tables.items():
            column = "id" if name == "businesses" else "business_id"
            rows = await session.scalars(
                text(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {column} = :id ORDER BY 1"),
                {"id": shop.business.id},
            )
            found[name] = list(rows)
    return found


def privacy(uow: UnitOfWork) -> PrivacyRepository:
    return PrivacyRepository(uow.session, uow.business, SystemClock())


def broadcasts(uow: UnitOfWork) -> BroadcastRepository:
    return BroadcastRepository(uow.session, uow.business, NOW)


async def draft_version(uow: UnitOfWork, customer: int) -> int:
    return (await uow.conversations.get_draft(customer)).version


def reads_of(theirs: Shop) -> dict[str, Callable[[UnitOfWork], Awaitable[Any]]]:
    """What a business may look for with another one's numbers, and must not find."""
    who, turn = theirs.customer, theirs.turn
    return {
        "customer": lambda u: u.customers.get_customer_by_id(who),
        "rename": lambda u: u.customers.update_customer(who, username="x"),
        "appointment": lambda u: u.appointments.get_appointment_by_id(theirs.booked.id),
        "appointments": lambda u: u.appointments.get_customer_appointments(who),
        "messages": lambda u: u.conversations.get_recent_conversation(who),
        "draft": lambda u: draft_version(u, who),
        "holds turn": lambda u: u.conversations.holds_turn(turn, 1),
        "step": lambda u: u.conversations.get_step(turn, 1),
        "end turn": lambda u: u.conversations.finish_turn(turn, TurnSummary(outcome="x")),
        "turns": lambda u: u.memories.get_turns_after(who, 0, 9),
        "digests": lambda u: u.memories.get_digests(who, after=0, through=turn),
        "wishes": lambda u: u.waitlist.list_own(who, closed=True),
        "block": lambda u: u.blocks.get_block(theirs.block),
        "hand-off": lambda u: u.hand_offs.open_of(who),
        "tokens": lambda u: u.usage.tokens_since(TEN - 99 * DAY, who),
        "outcomes": lambda u: u.usage.recent_outcomes(who, 9),
        "prompt": lambda u: u.prompts.get(1),
        "export": lambda u: privacy(u).export_customer(who),
    }


def refused_of(theirs: Shop) -> dict[str, Callable[[UnitOfWork], Awaitable[Any]]]:
    """What a business may want to do with another one's rows, and is told that there are none."""
    held, booked, asked = theirs.held.id, theirs.booked.id, theirs.requested.id
    later = TEN + 5 * HOUR
    return {
        "confirm": lambda u: u.appointments.confirm_appointment(held, customer_id=theirs.customer),
        "move": lambda u: u.appointments.reschedule_appointment(booked, later, customer_id=None),
        "cancel": lambda u: u.appointments.cancel_appointment(booked, customer_id=None),
        "approve": lambda u: u.appointments.update_appointment_status(asked, "confirmed"),
        "decline": lambda u: u.appointments.update_appointment_status(asked, "declined"),
        "answer": lambda u: u.appointments.acknowledge_appointment(
            booked, customer_id=theirs.customer, version=1
        ),
        "leave": lambda u: u.waitlist.leave(theirs.entry, customer_id=theirs.customer),
        "unblock": lambda u: u.blocks.delete_block(theirs.block),
    }


async def test_nothing_of_the_other_is_found_or_changed(store: Store, clock: MovableClock) -> None:
    """Fails when a filter by business is taken away."""
    # Theirs come first: what isn't filtered is found in them before it's found in mine.
    theirs, mine = await fill(store, "theirs"), await fill(store, "mine")
    await without_policies(store)
    before = await all_of(store, theirs)
    run = store.run
    for name, read in reads_of(theirs).items():
        found = await run(mine.business, read)
        assert not found, name
    for name, command in refused_of(theirs).items():
        refused = await run(mine.business, command)
        assert isinstance(refused, Refusal), name
        assert refused.code is RefusalCode.NOT_FOUND, name

    me = await run(mine.business, lambda u: u.customers.get_customer_by_telegram_id(PERSON))
    assert me is not None
    assert (me.id, me.first_name) == (mine.customer, "mine")
    again = await run(
        mine.business,
        lambda u: u.conversations.open_turn(
            mine.customer, channel="c", chat_id=PERSON, update_ids=[5], kind="text"
        ),
    )
    assert (again.id, [step.payload for step in again.steps]) == (mine.turn, [{"said": "mine"}])
    assert await ids(store, mine, lambda u: u.blocks.list_blocks(TEN, TEN + DAY)) == [mine.block]
    assert await ids(store, mine, lambda u: u.hand_offs.taken_by("telegram:1", OWNER_CHAT)) == []
    told = await run(mine.business, lambda u: u.unanswered.listed())
    assert [each.appointment.id for each in told] == [mine.booked.id]
    reached = await run(mine.business, lambda u: broadcasts(u).count(Audience(upcoming=True)))
    assert reached.customers == 1

    # All that happens by itself, or to everybody.
    assert await run(mine.business, lambda u: u.unanswered.tell(dt.timedelta())) == 1
    assert await run(mine.business, lambda u: broadcasts(u).queue(Audience(), {"text": "x"})) == 1
    await run(mine.business, lambda u: u.conversations.forget_conversation(theirs.customer))
    await run(mine.business, lambda u: u.conversations.forget_conversation(mine.customer))
    cancelled = await run(
        mine.business,
        lambda u: u.appointments.cancel_appointment(mine.booked.id, customer_id=mine.customer),
    )
    assert isinstance(cancelled, Appointment)  # its time goes to the next in line, of this shop
    clock.advance(days=2)
    await run(mine.business, lambda u: u.appointments.expire_due())
    await run(mine.business, lambda u: u.hand_offs.end_overdue())
    await run(mine.business, lambda u: u.reach.lose("telegram:1", PERSON))
    await run(mine.business, lambda u: u.reach.regain("telegram:1", PERSON))
    policy = shop().policy.model_copy(update={"reminder_minutes": (30,)})
    staff = tuple(each for each in shop().staff if each.slug != "boris")
    smaller = shop().model_copy(update={"slug": "mine", "policy": policy, "staff": staff})
    services = tuple(
        each.model_copy(update={"staff": tuple(x for x in each.staff if x != "boris")})
        for each in smaller.services
    )
    await store.apply_business(smaller.model_copy(update={"services": services}))
    await run(mine.business, lambda u: privacy(u).erase_customer(theirs.customer))
    await run(
        mine.business,
        lambda u: privacy(u).erase_customer(mine.customer, cancel_upcoming=True),
    )
    after = await all_of(store, theirs)
    assert {name for name in before if after[name] != before[name]} == set()
    assert len([name for name in before if before[name]]) > 15


async def ids(store: Store, mine: Shop, read: Callable[[UnitOfWork], Awaitable[Any]]) -> list[int]:
    return [each.id for each in await store.run(mine.business, read)]
