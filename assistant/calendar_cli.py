"""`assistant slots` and `assistant appointments`: the calendar as plain tables."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from assistant.command_line import (
    BusinessOption,
    JsonOption,
    NowOption,
    WhoseOption,
    as_json,
    on_business,
    table,
    wrong_usage,
)

if TYPE_CHECKING:
    from booking.business import Business
    from booking.refusals import Offer, Refusal
    from booking.status import AppointmentStatus
    from db.repositories.reports import AppointmentRecord
    from db.store import Store, UnitOfWork
    from tools.support.words import Span

DEFAULT_DAYS = 7

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="YYYY-MM-DD, the first day; default: no bound."),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="DATE", help="YYYY-MM-DD, the last day (inclusive)."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("slots")(slots)
    app.command("appointments")(appointments)


def slots(
    service: Annotated[str, typer.Argument(help="Slug or name.")],
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE|PHRASE",
            help="2026-12-01, tomorrow, 'next Tuesday afternoon'; default: today.",
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=366,
            help="How many days; default: what the phrase says, else 7.",
        ),
    ] = None,
    staff: Annotated[str | None, typer.Option(help="Slug or name; default: anyone.")] = None,
    telegram_id: WhoseOption = None,
    business: BusinessOption = None,
    now: NowOption = None,
    machine: JsonOption = False,
) -> None:
    """Show the free times of a service by day. With --as, that customer's limits count."""
    from booking.refusals import Refusal
    from tools.support.words import find_service, find_staff

    async def work(store: Store, chosen: Business) -> str:
        found = find_service(chosen, service)
        if isinstance(found, Refusal):
            _no_such(found, service)
        member = find_staff(chosen, found, staff)
        if isinstance(member, Refusal):
            _no_such(member, staff or "")
        span = _span(chosen, since, days, store.clock.now())

        async def read(uow: UnitOfWork) -> list[Offer]:
            customer = None
            if telegram_id is not None:
                customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
            return await uow.appointments.get_available_slots(
                span.first,
                last_date=span.last,
                service=found.id,
                staff_id=None if member is None else member.id,
                customer_id=None if customer is None else customer.id,
            )

        offers = _fitting(await store.run(chosen, read), chosen, span)
        facts = {
            "service": found.slug,
            "zone": chosen.zone,
            "from": span.first.isoformat(),
            "to": span.last.isoformat(),
        }
        return as_json(slot_facts(facts, offers, chosen)) if machine else day_tables(offers, chosen)

    print(on_business(business, now, work))


def _no_such(refusal: Refusal, word: str) -> NoReturn:
    choices = ", ".join(refusal.choices) or "none"
    wrong_usage(f"There is no {refusal.what} {word!r}; there are: {choices}.")


def _span(business: Business, since: str | None, days: int | None, now: dt.datetime) -> Span:
    """Return the local dates and times that the options name."""
    from booking.localtime import local_date, zone
    from tools.support.contract import ArgumentProblem
    from tools.support.words import Span, read_moment, span_of

    today = local_date(now, zone(business.zone))
    moment = None
    if since is not None:
        read = read_moment("--from", since, business, now, business.languages[0])
        if isinstance(read, ArgumentProblem):
            wrong_usage(read.error)
        moment = read
    span = span_of(moment, today, count=days or DEFAULT_DAYS)
    if days is None:
        return span
    last = span.first + dt.timedelta(days=days - 1)
    return Span(span.first, last, span.time_from, span.time_to)


def _fitting(offers: list[Offer], business: Business, span: Span) -> list[Offer]:
    from booking.localtime import to_local, zone

    tz = zone(business.zone)
    return [offer for offer in offers if span.holds(to_local(offer.starts_at, tz).time())]


def slot_facts(facts: dict[str, Any], offers: list[Offer], business: Business) -> dict[str, Any]:
    """Return free times for machines: UTC instants beside local labels."""
    from tools.support.say import when

    return {
        **facts,
        "slots": [
            {
                "starts_at": utc(offer.starts_at),
                "ends_at": utc(offer.ends_at),
                "local": when(offer.starts_at, business),
                "staff": _slugs(offer, business),
            }
            for offer in offers
        ],
    }


def day_tables(offers: list[Offer], business: Business) -> str:
    """Return free times as one small table a day."""
    from booking.localtime import local_date, zone
    from tools.support.say import day_name, when

    tz = zone(business.zone)
    parts = []
    for date, of_day in groupby(offers, key=lambda offer: local_date(offer.starts_at, tz)):
        name = day_name(date)
        rows = [
            (
                "",
                when(o.starts_at, business).removeprefix(name).strip(),
                ", ".join(_slugs(o, business)),
            )
            for o in of_day
        ]
        body = table(("", "TIME", "STAFF"), rows)
        parts.append(f"{name}\n{body}")
    return "\n\n".join(parts) or "No free times."


def _slugs(offer: Offer, business: Business) -> list[str]:
    members = (business.resource(staff_id) for staff_id in offer.staff_ids)
    return [member.slug for member in members if member is not None]


def utc(instant: dt.datetime) -> str:
    """Return an instant as "2026-11-24T09:00:00Z"."""
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def appointments(
    telegram_id: WhoseOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also past, cancelled and expired ones.")
    ] = False,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="Only those, whenever they are.")
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    business: BusinessOption = None,
    now: NowOption = None,
    machine: JsonOption = False,
) -> None:
    """Show appointments, earliest first; by default the upcoming ones of all customers."""
    wanted = _status(status)
    first, last = date_options(since, until)

    async def work(store: Store, chosen: Business) -> str:
        from booking.status import AppointmentStatus
        from db.repositories.reports import ReportRepository

        instant = store.clock.now()
        upcoming = not everything and wanted is None and first is None and last is None
        statuses = None if wanted is None else [wanted]
        if upcoming:
            statuses = [AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED]

        async def read(uow: UnitOfWork) -> list[AppointmentRecord]:
            customer_id = None
            if telegram_id is not None:
                customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
                if customer is None:
                    return []
                customer_id = customer.id
            since_instant, until_instant = bounds(first, last, chosen)
            return await ReportRepository(uow.session, chosen.id, instant).appointments(
                since=since_instant,
                until=until_instant,
                customer_id=customer_id,
                statuses=statuses,
                ending_after=instant if upcoming else None,
            )

        records = await store.run(chosen, read)
        if machine:
            return as_json([record_facts(record, chosen) for record in records])
        return appointment_table(records, chosen)

    print(on_business(business, now, work))


def _status(word: str | None) -> AppointmentStatus | None:
    from booking.status import AppointmentStatus

    if word is None:
        return None
    if word.lower() not in list(AppointmentStatus):
        names = ", ".join(AppointmentStatus)
        wrong_usage(f"There is no status {word!r}; there are: {names}.")
    return AppointmentStatus(word.lower())


def date_options(since: str | None, until: str | None) -> tuple[dt.date | None, dt.date | None]:
    """Read `--from` and `--to`, or say what is wrong with them and exit."""
    first, last = _date_option("--from", since), _date_option("--to", until)
    if first is not None and last is not None and last < first:
        wrong_usage(f"--to {last} lies before --from {first}.")
    return first, last


def _date_option(name: str, value: str | None) -> dt.date | None:
    """Read a date of an option, or say what is wrong with it and exit."""
    if value is None:
        return None
    try:
        found = dt.date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 9000:
        wrong_usage(f"{name}: a date is written YYYY-MM-DD, not {value!r}.")
    return found


def bounds(
    first: dt.date | None, last: dt.date | None, business: Business
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the instants between which the local dates from `first` to `last` (inclusive) lie."""
    from booking.localtime import day_bounds

    since = None if first is None else day_bounds(first, business.zone)[0]
    until = None if last is None else day_bounds(last, business.zone)[1]
    return since, until


def appointment_table(records: list[AppointmentRecord], business: Business) -> str:
    """Return appointments as a plain table; times are the business's."""
    if not records:
        return "No appointments."
    header = ("NUMBER", "WHEN", "STATUS", "SERVICE", "STAFF", "CUSTOMER")
    rows = [
        (str(f["number"]), f["local"], f["status"], f["service"], f["staff"] or "-", f["customer"])
        for f in (record_facts(record, business) for record in records)
    ]
    return table(header, rows)


def record_facts(record: AppointmentRecord, business: Business) -> dict[str, Any]:
    """Return an appointment for machines."""
    from tools.support.say import facts, when

    row, customer = record.appointment, record.customer
    told = facts(row, business)
    return {
        "number": row.id,
        "starts_at": utc(row.starts_at),
        "ends_at": utc(row.ends_at),
        "local": when(row.starts_at, business),
        "status": row.status.value,
        "service": told.service,
        "staff": told.staff,
        "price": told.price,
        "customer": customer.name
        or (f"@{customer.username}" if customer.username else f"customer {customer.id}"),
        "telegram_id": customer.telegram_id,
        "version": row.version,
        "notes": row.notes,
    }
