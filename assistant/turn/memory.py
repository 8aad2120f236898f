"""What is remembered of turns that no longer go to the model: facts, noted by code.

Each turn's digest is noted from its ledger when it ends. When the history outgrows its budget, its
older half is folded into the facts in whole turns: they are derived, not written by a model, cost
no call, and stay small however long a customer has been one. Pure; folding knows no clock.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.labels import named
from assistant.model.port import Item, ToolCall
from assistant.prompts.render import as_data
from booking.appointment import Appointment, Change
from booking.business import Business
from booking.draft import Draft, DraftStage
from booking.localtime import to_local
from tools.support.ledger import Ledger

MOST_CHARACTERS = 1200
_DONE, _REFUSED, _NAMES, _LENGTH = 6, 3, 8, 60
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CARDS = {
    DraftStage.CONFIRM_BOOKING: "booking",
    DraftStage.CONFIRM_MOVE: "moving",
    DraftStage.CONFIRM_CANCEL: "cancelling",
}
_BOOKS = frozenset({Change.BOOKED, Change.APPROVED, Change.REQUESTED})


class Digest(BaseModel):
    """What is kept of one turn.

    Args:
        done: changes that it committed, in words.
        refused: what the rules refused, in words.
        booked: the service, staff member and part of the day of what it booked.
        wish: what was wanted and not had yet; empty where there is none.
        settled: the wish before is settled or given up.
        language: ISO 639-1 code of the reply.
    """

    model_config = ConfigDict(frozen=True)

    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    booked: tuple[tuple[str, str, str], ...] = ()
    wish: str = ""
    settled: bool = False
    language: str = ""


class Facts(BaseModel):
    """What is kept of all older turns.

    Args:
        turns: how many of them had something to keep.
        services, staff, parts: how often each was booked.
        wish: what was wanted last and not had.
    """

    model_config = ConfigDict(frozen=True)

    turns: int = 0
    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    services: Mapping[str, int] = Field(default_factory=dict)
    staff: Mapping[str, int] = Field(default_factory=dict)
    parts: Mapping[str, int] = Field(default_factory=dict)
    wish: str = ""
    language: str = ""


def digest_of(
    ledger: Ledger, items: Iterable[Item], business: Business, language: str
) -> dict[str, Any] | None:
    """Return what is kept of a turn, as JSON; None where there is nothing.

    Args:
        ledger: what it did.
        items: its tool calls, for the words in which a time was wished.
        language: of its reply.
    """
    booked = [done.appointment for done in ledger.done if done.change in _BOOKS]
    wished = _wished(items)
    refused = tuple(_clip(f"{r.code.value} ({wished})") for r in ledger.refusals[-_REFUSED:])
    had = bool(ledger.done) or ledger.proposal is not None
    digest = Digest(
        done=tuple(_done(d.change, d.appointment) for d in ledger.done[-_DONE:]),
        refused=refused,
        booked=tuple(_kind(row, business) for row in booked[-_DONE:]),
        wish="" if had or not (refused or ledger.listings) else wished,
        settled=had,
        language=language,
    )
    if digest == Digest(language=language):
        return None
    return digest.model_dump(mode="json", exclude_defaults=True)


def fold(facts: Facts, digests: Sequence[Mapping[str, Any]]) -> Facts:
    """Return the facts with some more turns in them, oldest first.

    Folding one after the other is the same as folding all at once.
    """
    for raw in digests:
        digest = Digest.model_validate(raw)
        kinds = list(zip(*digest.booked, strict=True)) or [(), (), ()]
        facts = Facts(
            turns=facts.turns + 1,
            done=(*facts.done, *digest.done)[-_DONE:],
            refused=(*facts.refused, *digest.refused)[-_REFUSED:],
            services=_counted(facts.services, kinds[0]),
            staff=_counted(facts.staff, kinds[1]),
            parts=_counted(facts.parts, kinds[2]),
            wish=digest.wish or ("" if digest.settled else facts.wish),
            language=digest.language or facts.language,
        )
    return facts


def told(facts: Facts) -> str:
    """Return the facts as the model reads them, at most `MOST_CHARACTERS`; empty if there are none.

    They are data: nothing in them opens or closes a fence.
    """
    usual = [names[0] for names in map(_often, (facts.services, facts.staff, facts.parts)) if names]
    lines = [
        f"done: {'; '.join(facts.done)}" if facts.done else "",
        f"usually books: {', '.join(usual)}" if usual else "",
        f"refused lately: {'; '.join(facts.refused)}" if facts.refused else "",
        f"wanted and not had yet: {facts.wish}" if facts.wish else "",
        f"wrote in: {facts.language}" if facts.language else "",
    ]
    kept = [as_data(line) for line in lines if line]
    if not kept:
        return ""
    body = "\n".join(kept)[:MOST_CHARACTERS]
    return f"<customer_facts>\nfrom earlier conversations, not from now:\n{body}\n</customer_facts>"


def open_card(draft: Draft, row: Appointment | None, now: dt.datetime) -> str:
    """Return what waits for the customer's yes, in words; empty where nothing does any more.

    Args:
        row: the appointment that the draft names.
        now: an instant; a hold that ran out waits for nothing.
    """
    if (
        not draft.awaits_yes
        or row is None
        or (row.expires_at is not None and row.expires_at <= now)
    ):
        return ""
    what = _CARDS[draft.stage]
    subject = _row(row)
    if draft.starts_at is not None:
        subject += f" to {_when(draft.starts_at, row.zone)}"
    wish = draft.next_wish
    then = "" if wish is None else f"; comes up by itself after it: {_clip(wish.text, 200)}"
    return f"{what} {subject}: shown, waits for the customer's yes{then}"


def _done(change: Change, row: Appointment) -> str:
    return _clip(f"{change.value} {_row(row)}")


def _row(row: Appointment) -> str:
    name = named(row.service_name, "en")
    return f"#{row.id} {_clip(name, 24)}, {_when(row.starts_at, row.zone)}"


def _when(instant: dt.datetime, zone: str) -> str:
    local = to_local(instant, zone)
    return f"{_DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"


def _kind(row: Appointment, business: Business) -> tuple[str, str, str]:
    hour = to_local(row.starts_at, business.zone).hour
    part = "in the morning" if hour < 12 else "in the afternoon" if hour < 17 else "in the evening"
    staff = f"with {named(row.staff_name, 'en')}" if row.staff_name else ""
    return _clip(named(row.service_name, "en")), _clip(staff), part


def _wished(items: Iterable[Item]) -> str:
    """Return the service and time of the last call that named some."""
    wished = ""
    for item in items:
        if not isinstance(item, ToolCall):
            continue
        try:
            arguments = json.loads(item.arguments)
        except (ValueError, RecursionError):  # whatever the model wrote
            continue
        if isinstance(arguments, dict):
            named_ones = [arguments.get("service"), arguments.get("when")]
            words = ", ".join(word for word in named_ones if isinstance(word, str) and word)
            wished = _clip(words) or wished
    return wished


def _counted(counts: Mapping[str, int], more: Iterable[str]) -> dict[str, int]:
    """Add to the counts, and keep the most frequent names only."""
    total = Counter(counts)
    total.update(name for name in more if name)
    kept = sorted(total.items(), key=lambda entry: (-entry[1], entry[0]))[:_NAMES]
    return dict(kept)


def _often(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: (-counts[name], name))


def _clip(text: str, most: int = _LENGTH) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
