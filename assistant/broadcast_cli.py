"""`assistant broadcast`: one message to many customers, after a look at whom it goes to."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.command_line import BusinessOption, NowOption, on_business, wrong_usage

if TYPE_CHECKING:
    from booking.business import Business
    from db.repositories.broadcasts import Audience, Reached
    from db.store import Store, UnitOfWork

# https://core.telegram.org/bots/api#sendmessage
_LONGEST = 4096
_PER_SECOND = 30


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("broadcast")(broadcast)


def broadcast(
    text: Annotated[str | None, typer.Argument(help="What to say, as plain text.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The text; - = standard input.")
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="upcoming|all|DATE",
            help="Customers with an appointment ahead, all, or those of a day (YYYY-MM-DD).",
        ),
    ] = "upcoming",
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Only who reads it, as de.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show whom it goes to.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    business: BusinessOption = None,
    now: NowOption = None,
) -> None:
    """Send one message to many customers in Telegram.

    It is queued for all of them at once or for nobody; the running assistant sends it at Telegram's
    pace, after replies and reminders. Who has blocked the bot is left out, and so is who has
    stopped such messages by the button below one.
    """
    said = _said(text, file)
    audience = _audience(to, language)

    async def work(store: Store, chosen: Business) -> None:
        from assistant.messages import Outgoing
        from db.repositories.broadcasts import BroadcastRepository

        # One instant for all: it is also what a repeat after a lost connection is known by.
        at = store.clock.now()

        async def count(uow: UnitOfWork) -> Reached:
            return await BroadcastRepository(uow.session, chosen, at).count(audience)

        async def queue(uow: UnitOfWork) -> int:
            payload = Outgoing(text=said).model_dump(mode="json")
            return await BroadcastRepository(uow.session, chosen, at).queue(audience, payload)

        found = await store.run(chosen, count)
        print(_preview(said, to, chosen, found))
        if not found.customers or dry_run:
            return
        if not yes:
            _confirm()
        queued = await store.run(chosen, queue)
        print(f"Queued for {queued}. The running assistant sends it.")

    on_business(business, now, work)


def _said(text: str | None, file: Path | None) -> str:
    if (text is None) is (file is None):
        wrong_usage('Give the text, as in: assistant broadcast "We move on Monday", or --file.')
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            wrong_usage(f"{file} can't be read as a text: {error}")
    said = (text or "").strip()
    if not said:
        wrong_usage("The text is empty.")
    if "\x00" in said:
        wrong_usage("The text holds the character NUL, which can't be stored.")
    if len(said) > _LONGEST:
        wrong_usage(f"The text has {len(said)} characters; Telegram takes {_LONGEST}.")
    return said


def _audience(to: str, language: str | None) -> Audience:
    from db.repositories.broadcasts import Audience

    if to in ("upcoming", "all"):
        return Audience(upcoming=to == "upcoming", language=language)
    try:
        return Audience(day=dt.date.fromisoformat(to), language=language)
    except ValueError:
        wrong_usage(f"--to is upcoming, all, or a date such as 2026-12-24, not {to!r}")


def _preview(said: str, to: str, business: Business, found: Reached) -> str:
    whom = {"upcoming": "who have an appointment ahead", "all": "in all"}.get(to, f"of {to}")
    name = business.name.get(business.languages[0])
    head = f"{name}: {found.customers} customers {whom}"
    left_out = [
        f"{count} more {why}"
        for count, why in (
            (found.unreachable, "can't be reached"),
            (found.stopped, "want no messages like this"),
        )
        if count
    ]
    if left_out:
        head += f" ({', '.join(left_out)})"
    lasts = -(-found.customers // _PER_SECOND)
    return f"{head}. It takes Telegram {lasts} s at least.\n\n{said}\n"


def _confirm() -> None:
    if not sys.stdin.isatty():
        wrong_usage("Nothing was queued: nobody can be asked here. Say --yes, or --dry-run.")
    if not typer.confirm("Send it?"):
        print("Nothing was queued.")
        raise typer.Exit
