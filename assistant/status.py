"""How an installation is, for a person in a terminal: read, never changed."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.health import Check, Readiness, database_check, migrations_check
from assistant.open_database import chosen_business, open_store
from assistant.settings import Settings
from assistant.start_errors import StartError
from assistant.status_numbers import numbers
from booking.business import Business
from booking.localtime import day_bounds, local_date
from db.errors import DatabaseError
from db.repositories.backlog import COUNTED, Backlog, BacklogRepository, Mishaps, Queue, TurnTotals
from db.store import Store

# What waits longer than this has been forgotten by everybody.
LATE_SECONDS = 60.0
RECENT = dt.timedelta(hours=24)
_ASK_SECONDS = 5.0
# Addresses that mean "all of this machine's" are no addresses to call.
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Status:
    """What was found.

    Args:
        title: whose it is.
        checks: by name, in the order in which they are shown.
    """

    title: str
    checks: dict[str, Check]

    @property
    def is_wrong(self) -> bool:
        """Whether something needs a person."""
        return any(check.serious and not check.ok for check in self.checks.values())

    def lines(self) -> list[str]:
        """Return it as lines of text."""
        width = max(len(name) for name in self.checks)
        return [
            self.title,
            *(
                f"  {_mark(check):5}  {name:{width}}  {check.detail}"
                for name, check in self.checks.items()
            ),
        ]


def _mark(check: Check) -> str:
    if check.ok:
        return "ok"
    return "WRONG" if check.serious else "note"


async def find_status(
    settings: Settings, slug: str | None, progress: Callable[[str], None]
) -> Status:
    """Look at the database, and at the running process where it can be asked.

    Args:
        slug: of the business; None = the one that this installation serves.
        progress: told, in a few words, what is being done.

    Raises:
        StartError: there is no database yet, or no such business.
        EmbeddedUnavailable: the embedded server can't be started.
    """
    require_database(settings)
    async with open_store(settings, progress) as (store, _):
        title, checks = await _of_database(
            store, slug or settings.assistant_business, settings.limit_business_tokens_per_day
        )
    checks |= await _of_process(settings)
    return Status(title, checks)


def require_database(settings: Settings) -> None:
    """Refuse to make an empty database for a command that only reads one.

    Raises:
        StartError: there is none yet.
    """
    if settings.database_url is None and not _has_cluster(settings.assistant_data_dir):
        raise StartError(
            f"There is no database in {settings.assistant_data_dir} yet: start the assistant once"
            " (make run), set ASSISTANT_DATA_DIR to where it is, or set DATABASE_URL."
        )


def _has_cluster(data_dir: Path) -> bool:
    return (data_dir / "cluster" / "PG_VERSION").exists()


async def _of_database(
    store: Store, slug: str | None, tokens_per_day: int
) -> tuple[str, dict[str, Check]]:
    title = slug or "the default business"
    checks = {
        "database": await database_check(store.database),
        "migrations": await migrations_check(store.database),
    }
    if not all(check.ok for check in checks.values()):
        return title, checks  # what else is read depends on them
    try:
        business = await chosen_business(store, slug)
        backlog, mishaps, totals = await _read(store, business)
    except DatabaseError as error:
        return title, checks | {"queues": Check(False, str(error))}
    title = f"{business.name.get(business.languages[0])} ({business.slug})"
    return title, checks | {
        "inbox": _queue(backlog.inbox, "messages wait for an answer"),
        "outbox": _queue(backlog.outbox, "messages wait to be sent"),
        "reminders": _queue(backlog.reminders, "reminders are due"),
        **_mishaps(mishaps),
        "today": _today(totals, tokens_per_day),
    }


async def _read(store: Store, business: Business) -> tuple[Backlog, Mishaps, TurnTotals]:
    now = store.clock.now()
    midnight, _ = day_bounds(local_date(now, business.zone), business.zone)
    async with store.database.transaction(business.id) as session:
        queues = BacklogRepository(session, business.id)
        return (
            await queues.backlog(now),
            await queues.mishaps(now - RECENT),
            await queues.turns(midnight),
        )


def _queue(queue: Queue, what: str) -> Check:
    if not queue.depth:
        return Check(True, f"no {what}")
    depth = f"{queue.depth}" if queue.depth < COUNTED else f"{COUNTED} or more"
    words = f"{depth} {what}, the oldest for {_duration(queue.oldest_seconds)}"
    return Check(queue.oldest_seconds <= LATE_SECONDS, words)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def _mishaps(mishaps: Mishaps) -> dict[str, Check]:
    return {
        "set aside": Check(
            not mishaps.set_aside, f"{mishaps.set_aside} updates of 24 h could not be handled"
        ),
        # Ordinary where people block the bot.
        "unsent": Check(
            not mishaps.unsent, f"{mishaps.unsent} messages of 24 h were given up", serious=False
        ),
    }


def _today(totals: TurnTotals, tokens_per_day: int) -> Check:
    words = (
        f"{totals.turns} turns, {totals.model_calls} model calls; tokens: {totals.input_tokens}"
        f" in ({totals.cached_tokens} cached), {totals.output_tokens} out"
    )
    if tokens_per_day and totals.input_tokens + totals.output_tokens >= tokens_per_day:
        words += "; that is all of LIMIT_BUSINESS_TOKENS_PER_DAY: the guided flow answers"
        return Check(False, words, serious=False)
    return Check(True, words)


# --- the running process


async def _of_process(settings: Settings) -> dict[str, Check]:
    port = settings.assistant_http_port
    if not port:
        words = "not asked: ASSISTANT_HTTP_PORT is not set"
        return {"process": Check(False, words, serious=False)}
    host = _ANYWHERE.get(settings.assistant_http_host, settings.assistant_http_host)
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    answer = _report(await _fetch(f"http://{where}/health/ready"))
    if answer is None:
        return {"process": Check(False, f"nobody answers at {where}: is the assistant running?")}
    state = answer["status"]
    found = {"process": Check(state != Readiness.NOT_READY, f"{state}, at {where}")}
    for name in ("telegram", "model"):
        check = answer["checks"].get(name)
        if check is not None:
            # The process serves on without either; but where nothing comes in, no queue shows it.
            found[name] = Check(check["ok"], check["detail"], serious=name == "telegram")
    page = await _fetch(f"http://{where}/metrics")
    try:
        return found | numbers((page or b"").decode())
    except ValueError:
        return found  # somebody else's page


async def _fetch(url: str) -> bytes | None:
    """Return what the process says; None where nobody does."""
    import aiohttp

    # Not through a proxy of the environment: the process is on this machine.
    timeout = aiohttp.ClientTimeout(total=_ASK_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(url) as response,
        ):
            return await response.read()
    except (aiohttp.ClientError, TimeoutError):
        return None


def _report(body: bytes | None) -> dict[str, Any] | None:
    """Return what the process says about itself; None where it's no process of ours."""
    try:
        answer = json.loads(body or b"")
    except ValueError:
        return None
    understood = isinstance(answer, dict) and isinstance(answer.get("checks"), dict)
    return answer if understood and "status" in answer else None


def run_status(settings: Settings, slug: str | None, progress: Callable[[str], None]) -> Status:
    """Run `find_status` to its end."""
    return asyncio.run(find_status(settings, slug, progress))
