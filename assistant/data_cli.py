"""`assistant export`, `import` and `customer`: data in, data out, and a customer forgotten."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.calendar_cli import FromOption, ToOption, bounds, date_options
from assistant.command_line import (
    FAILURE,
    USAGE_ERROR,
    AsOption,
    BusinessOption,
    NowOption,
    as_json,
    on_business,
    wrong_usage,
)

if TYPE_CHECKING:
    from booking.business import Business
    from db.repositories.imports import ImportRepository, ImportResult, Problem
    from db.repositories.reports import AppointmentRecord, CustomerRecord
    from db.store import Store, UnitOfWork

export_app = typer.Typer(help="Write appointments or customers to a file.", no_args_is_help=True)
import_app = typer.Typer(help="Read customers or appointments from CSV.", no_args_is_help=True)
customer_app = typer.Typer(help="What is held about one customer.", no_args_is_help=True)


class Format(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    ICS = "ics"


OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to; default: standard output."),
]
BomOption = Annotated[
    bool, typer.Option("--bom", help="Begin CSV with a byte order mark, for Excel.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Check every line and change nothing.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(export_app, name="export")
    app.add_typer(import_app, name="import")
    app.add_typer(customer_app, name="customer")


@export_app.command("appointments")
def export_appointments(
    shape: Annotated[Format, typer.Option("--format", help="csv or ics.")] = Format.CSV,
    since: FromOption = None,
    until: ToOption = None,
    output: OutputOption = None,
    bom: BomOption = False,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Write all appointments but holds; an .ics file is a calendar with the cancelled marked."""
    first, last = date_options(since, until)

    async def work(store: Store, chosen: Business) -> bytes:
        from assistant.data_export import appointments_csv, entries
        from booking.status import AppointmentStatus
        from db.repositories.reports import ReportRepository

        async def read(uow: UnitOfWork) -> list[AppointmentRecord]:
            since_instant, until_instant = bounds(first, last, chosen)
            return await ReportRepository(uow.session, chosen.id, store.clock.now()).appointments(
                since=since_instant,
                until=until_instant,
                statuses=[s for s in AppointmentStatus if s is not AppointmentStatus.HELD],
            )

        records = await store.run(chosen, read)
        if shape is Format.CSV:
            return appointments_csv(records, chosen, bom=bom).encode()
        from assistant.ics import calendar_ics

        return calendar_ics(entries(records), chosen, chosen.languages[0])

    _write(on_business(business, now, work), output)


@export_app.command("customers")
def export_customers(
    shape: Annotated[Format, typer.Option("--format", help="csv.")] = Format.CSV,
    output: OutputOption = None,
    bom: BomOption = False,
    business: BusinessOption = None,
) -> None:
    """Write all customers who were not erased."""
    if shape is not Format.CSV:
        wrong_usage("Customers are exported as csv; ics is for appointments.")

    async def work(store: Store, chosen: Business) -> bytes:
        from assistant.data_export import customers_csv
        from db.repositories.reports import ReportRepository

        async def read(uow: UnitOfWork) -> list[CustomerRecord]:
            return await ReportRepository(uow.session, chosen.id, store.clock.now()).customers()

        return customers_csv(await store.run(chosen, read), bom=bom).encode()

    _write(on_business(business, None, work), output)


def _write(data: bytes, output: Path | None) -> None:
    """Write a result to standard output, or to a file that only its owner can read."""
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        print(f"{output} can't be written: {error.strerror}.", file=sys.stderr)
        raise typer.Exit(FAILURE) from None
    print(f"Wrote {output}.", file=sys.stderr)


@import_app.command("customers")
def import_customers(
    file: FileArgument,
    dry_run: DryRunOption = False,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Create customers, or change those that are known by key or telegram_id.

    An empty cell leaves what is there. All lines are applied or none; a repeat changes nothing.
    """
    data = _read(file)

    async def work(store: Store, chosen: Business) -> ImportResult:
        from assistant.data_import import read_customers

        lines, problems = read_customers(data)
        return await run_import(
            store, chosen, problems, lambda repo: repo.import_customers(lines), dry_run=dry_run
        )

    _report(file, _on_file(file, business, now, work), dry_run=dry_run)


@import_app.command("appointments")
def import_appointments(
    file: FileArgument,
    dry_run: DryRunOption = False,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Book what is to come as the owner, and keep what is over as history.

    Customers must be there already. All lines are applied or none; a key that was imported before
    is passed over. Nobody is written to.
    """
    data = _read(file)

    async def work(store: Store, chosen: Business) -> ImportResult:
        from assistant.data_import import read_appointments

        lines, problems = read_appointments(data, chosen, store.clock.now())
        return await run_import(
            store, chosen, problems, lambda repo: repo.import_appointments(lines), dry_run=dry_run
        )

    _report(file, _on_file(file, business, now, work), dry_run=dry_run)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        wrong_usage(f"{file} can't be read: {error.strerror}.")


def _on_file(
    file: Path,
    business: str | None,
    now: str | None,
    work: Callable[[Store, Business], Awaitable[ImportResult]],
) -> tuple[ImportResult, list[str]]:
    """Do `work`, and put the file's mistakes into words."""
    from assistant.csv_files import CsvError

    async def both(store: Store, chosen: Business) -> tuple[ImportResult, list[str]]:
        result = await work(store, chosen)
        return result, mistakes(file.name, result, chosen)

    try:
        return on_business(business, now, both)
    except CsvError as error:
        wrong_usage(f"{file.name}, {error}")


class _RolledBack(Exception):  # noqa: N818 - an outcome that unwinds a transaction, not an error
    def __init__(self, result: ImportResult) -> None:
        super().__init__("rolled back")
        self.result = result


async def run_import(
    store: Store,
    business: Business,
    problems: list[Problem],
    apply: Callable[[ImportRepository], Awaitable[ImportResult]],
    *,
    dry_run: bool,
) -> ImportResult:
    """Apply lines in one transaction; with a mistake, or to try it, nothing stays.

    Args:
        problems: mistakes that were found while reading.
        apply: imports the lines that could be read.

    Raises:
        DatabaseError: the database is away, or refused a statement.
    """
    from db.repositories.imports import ImportRepository

    async def work(uow: UnitOfWork) -> ImportResult:
        result = await apply(ImportRepository(uow.session, business, store.clock.now()))
        result.problems += problems
        if dry_run or not result.is_clean:
            raise _RolledBack(result)
        return result

    try:
        return await store.run(business, work)
    except _RolledBack as rolled_back:
        return rolled_back.result


def mistakes(name: str, result: ImportResult, business: Business) -> list[str]:
    """Return one line for each mistake, in the order of the file: file, line, column, what."""
    found = [(p.line, p.column, p.message) for p in result.problems]
    for line, refusal in result.refusals.items():
        found.append((line, "start", refused(refusal, business)))
    return [f"{name}, line {line}, {column}: {message}" for line, column, message in sorted(found)]


def refused(refusal: Any, business: Business) -> str:
    """Return why a time can't be booked, with the nearest free ones."""
    from tools.support.say import when

    words = f"can't be booked ({refusal.code.value})"
    near = ", ".join(when(offer.starts_at, business) for offer in refusal.alternatives)
    return f"{words}; free: {near}" if near else words


def _report(file: Path, outcome: tuple[ImportResult, list[str]], *, dry_run: bool) -> None:
    result, lines = outcome
    if lines:
        for line in lines:
            print(line)
        print(f"{file.name}: nothing was imported.", file=sys.stderr)
        raise typer.Exit(USAGE_ERROR)
    counts = f"{result.created} new, {result.changed} changed, {result.unchanged} as they were"
    print(f"{counts} (only checked)" if dry_run else counts)


@customer_app.command("export")
def export_customer(
    telegram_id: AsOption, output: OutputOption = None, business: BusinessOption = None
) -> None:
    """Write all that is held about a customer as JSON."""

    async def work(store: Store, chosen: Business) -> dict[str, Any] | None:
        from db.repositories.privacy import PrivacyRepository

        async def read(uow: UnitOfWork) -> dict[str, Any] | None:
            customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
            if customer is None:
                return None
            privacy = PrivacyRepository(uow.session, chosen, store.clock)
            return await privacy.export_customer(customer.id)

        held = await store.run(chosen, read)
        return None if held is None else {"business": chosen.slug, **held}

    held = on_business(business, None, work)
    if held is None:
        wrong_usage(f"There is no customer with the Telegram id {telegram_id}.")
    _write((as_json(held) + "\n").encode(), output)


@customer_app.command("erase")
def erase_customer(
    telegram_id: AsOption,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    cancel_upcoming: Annotated[
        bool, typer.Option("--cancel-upcoming", help="Cancel what is still to come first.")
    ] = False,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Erase a customer: names, contacts, chats and texts. Appointments stay without notes.

    It can't be undone. Log files are not touched; delete them by their age.
    """
    if not yes:
        typer.confirm(f"Erase the customer {telegram_id} for good?", abort=True, err=True)

    async def work(store: Store, chosen: Business) -> tuple[int, str]:
        return await erase(store, chosen, telegram_id, cancel_upcoming=cancel_upcoming)

    code, words = on_business(business, now, work)
    print(words, file=sys.stderr if code else sys.stdout)
    if code:
        raise typer.Exit(code)


async def erase(
    store: Store, business: Business, telegram_id: int, *, cancel_upcoming: bool
) -> tuple[int, str]:
    """Erase a customer.

    Returns:
        The exit code, and what happened in words.

    Raises:
        DatabaseError: the database is away, or refused a statement.
    """
    from db.repositories.privacy import BeingAnswered, Erased, PrivacyRepository, StillUpcoming

    async def work(uow: UnitOfWork) -> Erased | StillUpcoming | BeingAnswered | None:
        customer = await uow.customers.get_customer_by_telegram_id(telegram_id)
        if customer is None:
            return None
        privacy = PrivacyRepository(uow.session, business, store.clock)
        return await privacy.erase_customer(customer.id, cancel_upcoming=cancel_upcoming)

    match await store.run(business, work):
        case Erased(cancelled):
            also = f"; cancelled: {', '.join(map(str, cancelled))}" if cancelled else ""
            return 0, f"Erased{also}."
        case StillUpcoming(numbers):
            listed = ", ".join(map(str, numbers))
            return FAILURE, (
                f"Nothing was erased: still to come are {listed}. Cancel them first, or add"
                " --cancel-upcoming."
            )
        case BeingAnswered():
            return FAILURE, "Nothing was erased: a message is being answered. Try again."
        case _:
            return USAGE_ERROR, f"There is no customer with the Telegram id {telegram_id}."
