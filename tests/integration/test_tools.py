"""The tools on real PostgreSQL: what the model reads, and what they refuse to do."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import text

from assistant.turn.backing import backing_of
from booking.business import Business, ConfirmationMode
from booking.business_file import BusinessFile
from booking.refusals import Refusal, RefusalCode
from db.store import Store
from tests.conftest import MovableClock, apply_file, context_for, load_example
from tools.support.context import ToolContext
from tools.support.contract import ArgumentProblem, Outcome, Proposed, render
from tools.support.drafts import give_up_open
from tools.support.proposals import confirm_open, propose_move
from tools.support.registry import discover
from tools.support.say import when as label

REGISTRY = discover()


async def use(ctx: ToolContext, tool: str, /, **arguments: Any) -> Outcome:
    """Call a tool as the model does: through its JSON."""
    entry = REGISTRY[tool]
    fields = dict.fromkeys(entry.parameters["properties"])
    args = entry.parse(json.dumps({**fields, **arguments}))
    if isinstance(args, ArgumentProblem):
        return args
    ctx.position += 1
    return await entry.run(ctx, args)


def read(outcome: Outcome) -> dict[str, Any]:
    """What the model reads."""
    loaded: dict[str, Any] = json.loads(render(outcome))
    return loaded


async def statuses(store: Store, business: Business) -> list[str]:
    async with store.database.transaction(business.id) as session:
        rows = await session.scalars(text("SELECT status FROM appointments ORDER BY id"))
        return list(rows)


async def book(ctx: ToolContext, when: str = "Tuesday 2026-11-24 10:00") -> int:
    """Book through the card and return the appointment's number."""
    proposed = await use(ctx, "create_appointment", service="haircut", when=when)
    assert isinstance(proposed, Proposed), proposed
    ctx.position += 1
    done = await confirm_open(ctx)
    assert isinstance(done, Proposed), done
    return done.appointment.appointment


async def test_services_with_prices_and_staff(context: ToolContext) -> None:
    services = read(await use(context, "get_services"))["services"]
    assert services[0] == {
        "service": "haircut",
        "name": "Haircut",
        "minutes": 45,
        "price": "35.00 EUR",
        "staff": ["anna", "boris"],
    }


async def test_slots_are_grouped_by_day_and_part_of_day(context: ToolContext) -> None:
    outcome = await use(context, "get_available_slots", service="Haircut", when="next Tuesday")
    assert read(outcome) == {
        "service": "haircut",
        "days": [
            {
                "day": "Tue 2026-11-24",
                "morning": "10:00 10:30 11:00 11:30",
                "afternoon": "12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30",
                "evening": "17:00 17:30 18:00 18:30 19:00",
            }
        ],
        "next": "Offer 3-5 of these; buttons with them are added.",
    }


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("Tuesday morning", "Tue 2026-11-24 10:00", "Tue 2026-11-24 11:30"),
        ("завтра или послезавтра", None, None),
        ("в пятницу вечером", "Fri 2026-11-27 16:00", "Fri 2026-11-27 19:00"),
        ("after 6 pm on Wednesday", "Wed 2026-11-25 18:00", "Wed 2026-11-25 19:00"),
    ],
)
async def test_slots_for_a_customers_own_words(
    context: ToolContext, when: str, first: str | None, last: str | None
) -> None:
    outcome = await use(context, "get_available_slots", service="haircut", when=when)
    if first is None:
        assert "several times" in read(outcome)["error"]
        return
    listing = outcome.listing  # type: ignore[union-attr]
    assert label(listing.offers[0].starts_at, context.business) == first
    assert label(listing.offers[-1].starts_at, context.business) == last


async def test_booking_holds_first_and_books_on_yes(
    store: Store, business: Business, context: ToolContext
) -> None:
    proposed = await use(
        context, "create_appointment", service="стрижка", when="Tuesday 2026-11-24 10:00"
    )
    assert read(proposed)["state"] == "waiting_for_confirmation"
    assert await statuses(store, business) == ["held"]
    context.position += 1
    assert isinstance(await confirm_open(context), Proposed)
    assert await statuses(store, business) == ["confirmed"]
    context.position += 1
    assert await confirm_open(context) is None  # nothing is open any more


async def at_once(store: Store) -> Business:
    """The example shop, where the owner has switched the cards off."""
    file = load_example()
    policy = file.policy.model_copy(update={"confirmation": ConfirmationMode.IMMEDIATE})
    return await apply_file(store, file.model_copy(update={"policy": policy}))


async def booked_at_once(ctx: ToolContext) -> int:
    done = await use(ctx, "create_appointment", service="haircut", when="Tue 2026-11-24 10:00")
    assert isinstance(done, Proposed), done
    assert done.state == "booked"
    return done.appointment.appointment


async def test_the_owners_switch_books_at_once(store: Store) -> None:
    business = await at_once(store)
    await booked_at_once(await context_for(store, business))
    assert await statuses(store, business) == ["confirmed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"service": "haircut", "when": "25:99"}, "no such date or time"),
        ({"service": "haircut", "when": "Tuesday 2026-12-02 10:00"}, "it is Wed 2026-12-02"),
        ({"service": "haircut", "when": "blah"}, "no date or time found"),
        ({"service": "haircut", "when": "at 3 pm"}, "the day is missing"),
        ({"service": "haircut", "when": "31 February 10:00"}, "no such date or time"),
    ],
)
async def test_times_that_are_none_come_back_in_words(
    store: Store, business: Business, context: ToolContext, arguments: dict[str, Any], said: str
) -> None:
    outcome = await use(context, "create_appointment", **arguments)
    assert said in read(outcome)["error"]
    assert await statuses(store, business) == []


async def test_a_day_without_a_time_brings_its_free_times(context: ToolContext) -> None:
    outcome = read(await use(context, "create_appointment", service="haircut", when="Tuesday"))
    assert outcome["error"] == "when: the time is missing"
    assert outcome["free"][0]["day"] == "Tue 2026-11-24"


@pytest.mark.parametrize(
    ("when", "first"),
    [
        ("next week at 5 pm", "Mon 2026-11-23"),
        ("after Tuesday at 17:00", "Wed 2026-11-25"),
        ("by Friday at 5 pm", "Sat 2026-11-21"),
    ],
)
async def test_a_time_of_several_days_is_no_day(
    store: Store, business: Business, context: ToolContext, when: str, first: str
) -> None:
    outcome = read(await use(context, "create_appointment", service="haircut", when=when))
    assert outcome["error"] == "when: names several days"
    assert outcome["free"][0]["day"] == first
    # 17:00 in Berlin on each of them
    assert {o.starts_at.hour for o in context.ledger.listings[-1].offers} == {16}
    assert await statuses(store, business) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"service": "massage", "when": "Tue 2026-11-24 10:00"}, "not_found"),
        ({"service": "haircut", "when": "yesterday at 10:00"}, "past"),
        ({"service": "haircut", "when": "Sunday 2026-11-22 12:00"}, "outside_hours"),
        ({"service": "haircut", "when": "Tue 2026-11-24 10:10"}, "not_on_grid"),
        ({"service": "haircut", "when": "today at 10:30"}, "too_soon"),
        ({"service": "haircut", "when": "Sat 2027-05-01 12:00"}, "too_far"),
        (
            {"service": "beard-trim", "when": "Tue 2026-11-24 12:00", "staff": "anna"},
            "not_found",
        ),
    ],
)
async def test_refusals_are_tagged_values(
    store: Store, business: Business, context: ToolContext, arguments: dict[str, Any], code: str
) -> None:
    outcome = read(await use(context, "create_appointment", **arguments))
    assert outcome["refused"] == code
    assert await statuses(store, business) == []


async def test_own_appointments_move_and_cancel(
    store: Store, business: Business, context: ToolContext
) -> None:
    number = await book(context)
    listed = read(await use(context, "get_my_appointments"))["appointments"]
    assert [(a["appointment"], a["when"]) for a in listed] == [(number, "Tue 2026-11-24 10:00")]
    moved = await use(context, "reschedule_appointment", appointment=number, when="at 11:30")
    assert read(moved)["state"] == "waiting_for_confirmation"
    context.position += 1
    done = await confirm_open(context)
    assert isinstance(done, Proposed)
    assert done.appointment.when == "Tue 2026-11-24 11:30"
    await use(context, "cancel_appointment", appointment=number)
    assert await statuses(store, business) == ["confirmed"]  # the card only asks
    context.position += 1
    await confirm_open(context)
    assert await statuses(store, business) == ["cancelled"]


async def test_foreign_appointments_look_like_none(
    store: Store, business: Business, context: ToolContext
) -> None:
    number = await book(context)
    stranger = await context_for(store, business, 2)
    for name, more in (
        ("cancel_appointment", {}),
        ("reschedule_appointment", {"when": "Tue 2026-11-24 12:00"}),
    ):
        foreign = await use(stranger, name, appointment=number, **more)
        missing = await use(stranger, name, appointment=999_999, **more)
        assert foreign == missing == Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
    assert read(await use(stranger, "get_my_appointments"))["appointments"] == []
    assert await statuses(store, business) == ["confirmed"]


async def test_a_strangers_number_moves_nothing_even_without_a_card(store: Store) -> None:
    """Whose it is, is asked again: it doesn't go by what the caller has looked up."""
    business = await at_once(store)
    ada, bob = [await context_for(store, business, number) for number in (1, 2)]
    number = await booked_at_once(ada)
    noon = dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)
    refused = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
    assert await propose_move(bob, number, noon) == refused
    [row] = read(await use(ada, "get_my_appointments"))["appointments"]
    assert row["when"] == "Tue 2026-11-24 10:00"
    # Nor is it the owner who moves one's own: the customers' rules bind.
    midnight = dt.datetime(2026, 11, 24, 23, tzinfo=dt.UTC)
    outcome = await propose_move(ada, number, midnight)
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.OUTSIDE_HOURS


@pytest.mark.parametrize(
    ("tool", "more"),
    [("cancel_appointment", {}), ("reschedule_appointment", {"when": "Tue 2026-11-24 12:00"})],
)
async def test_a_card_is_a_yes_to_the_appointment_as_it_was_shown(
    store: Store, business: Business, context: ToolContext, tool: str, more: dict[str, Any]
) -> None:
    number = await book(context)
    await use(context, tool, appointment=number, **more)
    by_owner = {"customer_id": None}
    at_eleven = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    await store.run(
        business,
        lambda uow: uow.appointments.reschedule_appointment(number, at_eleven, **by_owner),
    )
    context.position += 1
    outcome = await confirm_open(context)
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.OFFER_CHANGED
    [row] = read(await use(context, "get_my_appointments"))["appointments"]
    assert row["when"] == "Tue 2026-11-24 11:00"


async def test_what_is_not_offered_any_more_is_no_service(store: Store) -> None:
    file = load_example()
    await apply_file(store, file)
    left = tuple(service for service in file.services if service.slug != "beard-trim")
    business = await apply_file(store, file.model_copy(update={"services": left}))
    assert any(service.slug == "beard-trim" for service in business.services)
    ctx = await context_for(store, business)
    asked = {"service": "beard-trim", "when": "Tue 2026-11-24 10:00"}
    for tool in ("create_appointment", "get_available_slots", "join_waiting_list"):
        refused = await use(ctx, tool, **asked)
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.what) == (RefusalCode.NOT_FOUND, "service")
        assert "haircut" in refused.choices
        assert "beard-trim" not in refused.choices


async def test_the_customer_is_who_the_chat_says(context: ToolContext) -> None:
    facts = read(await use(context, "get_customer"))
    assert facts["name"] == "Ada"
    assert facts["upcoming_appointments"] == 0


async def test_a_new_request_replaces_the_open_card(
    store: Store, business: Business, context: ToolContext
) -> None:
    for hour in (10, 11, 12, 13):
        when = f"Tue 2026-11-24 {hour}:00"
        await use(context, "create_appointment", service="haircut", when=when)
    assert await statuses(store, business) == ["cancelled"] * 3 + ["held"]


async def test_giving_up_a_card_frees_its_time(
    store: Store, business: Business, context: ToolContext
) -> None:
    await use(context, "create_appointment", service="haircut", when="Tue 2026-11-24 10:00")
    await give_up_open(context)
    assert await statuses(store, business) == ["cancelled"]
    context.position += 1
    assert await confirm_open(context) is None


async def test_giving_up_a_card_gives_up_no_booking(
    store: Store, business: Business, context: ToolContext
) -> None:
    """The owner has confirmed the held time meanwhile."""
    held = await use(context, "create_appointment", service="haircut", when="Tue 2026-11-24 10:00")
    assert isinstance(held, Proposed)
    number = held.appointment.appointment
    await store.run(
        business, lambda uow: uow.appointments.update_appointment_status(number, "confirmed")
    )
    await give_up_open(context)
    assert await statuses(store, business) == ["confirmed"]
    # Nor does a new card in its place.
    await use(context, "create_appointment", service="haircut", when="Tue 2026-11-24 12:00")
    assert await statuses(store, business) == ["confirmed", "held"]


async def test_a_card_that_ran_out_is_refused_with_the_nearest_times(
    context: ToolContext, clock: MovableClock
) -> None:
    await use(context, "create_appointment", service="haircut", when="Tue 2026-11-24 10:00")
    clock.advance(minutes=10)
    context.position += 1
    outcome = await confirm_open(context)
    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.HOLD_EXPIRED
    assert outcome.alternatives[0].starts_at == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


async def test_the_same_message_again_books_nothing_more(
    store: Store, business: Business, context: ToolContext
) -> None:
    arguments = {"service": "haircut", "when": "Tue 2026-11-24 10:00"}
    first = await use(context, "create_appointment", **arguments)
    context.position -= 1
    context.recorded.clear()  # the journal lost: the idempotency key stands behind it
    again = await use(context, "create_appointment", **arguments)
    assert isinstance(first, Proposed)
    assert isinstance(again, Proposed)
    assert first.appointment == again.appointment
    assert await statuses(store, business) == ["held"]


async def test_contact_data_is_kept_and_the_channels_name_does_not_overwrite_it(
    store: Store, business: Business, context: ToolContext
) -> None:
    saved = read(
        await use(
            context, "update_customer", name="Zoë", phone="030 901820", time_zone="Asia/Tokyo"
        )
    )
    assert saved == {"name": "Zoë", "phone": "+4930901820", "time_zone": "Asia/Tokyo"}
    assert backing_of(context, "").saved
    who = context.customer.id
    known = await store.run(
        business, lambda uow: uow.customers.update_customer(who, first_name="zoe_1999")
    )
    assert known is not None
    assert known.name == "Zoë"
    assert read(await use(context, "get_customer"))["name"] == "Zoë"


async def test_contact_data_that_is_wrong_changes_nothing(
    store: Store, business: Business, context: ToolContext
) -> None:
    answer = read(await use(context, "update_customer", phone="030 901820", email="no address"))
    assert answer["error"].startswith("email: ")
    assert not backing_of(context, "").saved
    who = context.customer.id
    known = await store.run(business, lambda uow: uow.customers.get_customer_by_id(who))
    assert known is not None
    assert known.phone is None


async def test_tomorrow_is_the_customers_own_once_their_zone_is_known(
    store: Store, business: Business, context: ToolContext, clock: MovableClock
) -> None:
    clock.instant = dt.datetime(2026, 11, 23, 20, 0, tzinfo=dt.UTC)  # Monday; there it is Tuesday
    context.customer = context.customer.model_copy(update={"zone": "Pacific/Auckland"})
    days = read(await use(context, "get_available_slots", service="haircut", when="tomorrow"))
    assert [day["day"] for day in days["days"]] == ["Wed 2026-11-25"]


async def test_hours_of_a_day_are_told_with_its_exceptions(context: ToolContext) -> None:
    open_days = read(await use(context, "get_business_facts", when="24 December"))
    assert open_days == {"open": [{"day": "Thu 2026-12-24", "hours": "10:00-14:00"}]}
    everything = read(await use(context, "get_business_facts"))
    assert len(everything["open"]) == 7
    assert everything["open"][1] == {"day": "Sun 2026-11-22", "hours": "closed"}
    assert everything["contact"]
    assert everything["facts"]["parking"]


async def test_a_refusal_tells_its_times_as_they_are_passed_back(context: ToolContext) -> None:
    await book(context, "Tuesday 2026-11-24 10:00")
    context.message_key += ":second"
    refused = await use(
        context, "create_appointment", service="haircut", staff="anna", when="Tue 2026-11-24 10:00"
    )
    told = json.loads(render(refused, context.business))
    assert told == {
        "refused": "slot_taken",
        "alternatives": [
            f"Tue 2026-11-24 {wall}" for wall in ("11:00", "11:30", "12:00", "12:30", "13:00")
        ],
    }


async def test_a_wall_time_that_happens_twice_is_booked_by_its_offset(
    store: Store, clock: MovableClock
) -> None:
    file = load_example().model_dump(mode="json", exclude_unset=True)
    night = {**file, "hours": {"sun": "00:00-05:00"}}
    night["staff"] = [{"slug": s["slug"], "name": s["name"]} for s in file["staff"]]
    business = await apply_file(store, BusinessFile.model_validate(night))
    clock.instant = dt.datetime(2026, 10, 20, 10, 0, tzinfo=dt.UTC)
    context = await context_for(store, business)
    wanted = {"service": "haircut", "staff": "anna"}
    refused = await use(context, "create_appointment", when="Sun 2026-10-25 02:30", **wanted)
    told = json.loads(render(refused, business))["candidates"]
    assert told == ["Sun 2026-10-25 02:30 (UTC+02:00)", "Sun 2026-10-25 02:30 (UTC+01:00)"]
    for when, starts in (
        (told[0], "00:30"),
        (told[1], "01:30"),
        ("2026-10-25T02:30+01:00", "01:30"),
    ):
        proposed = await use(context, "create_appointment", when=when, **wanted)
        assert isinstance(proposed, Proposed), proposed
        assert proposed.proposal is not None
        assert f"{proposed.proposal.appointment.starts_at:%H:%M}" == starts
