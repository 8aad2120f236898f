"""The owner's day: who comes when, and what an owner does with one appointment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence

from assistant.guided.actions import Press, Verb
from assistant.guided.cards import noticed, refusal_message, rows_of
from assistant.guided.off_words import block_line
from assistant.guided.owner import chat_of
from assistant.guided.scene import Scene
from assistant.guided.vocabulary import Words
from assistant.labels import (
    customer_label,
    date_label,
    named,
    one_line,
    time_label,
)
from assistant.messages import Button, Outgoing
from booking.appointment import Appointment
from booking.localtime import boundary, from_epoch, local_date, zone
from booking.phrases import Resolved, asked_at, resolve
from booking.refusals import Refusal, RefusalCode
from booking.status import AppointmentStatus
from db.repositories.blocks import Block
from db.repositories.customers import Customer
from db.repositories.reports import AppointmentRecord, ReportRepository
from db.store import UnitOfWork
from tools.support.contract import Outcome, ToolResult

_S = AppointmentStatus
_SHOWN = (_S.PENDING, _S.CONFIRMED, _S.COMPLETED, _S.NO_SHOW)
_MARKED = {
    _S.PENDING: "status_pending",
    _S.COMPLETED: "status_completed",
    _S.NO_SHOW: "status_no_show",
}
_DAY = dt.timedelta(days=1)
# Buttons of one message: Telegram takes 100, and a day has others besides.
_BUTTONS = 60
_GONE = Refusal(code=RefusalCode.NOT_FOUND, what="appointment")
_TOLD, _UNTOLD = "told", "untold"


async def day_said(scene: Scene, words: Words, text: str) -> list[Outgoing]:
    """Answer /day: the day that was said, else today."""
    ctx = scene.ctx
    asked = asked_at(ctx.clock.now(), scene.business.zone)
    found = resolve(
        text,
        today=asked.today,
        now_time=asked.now_time,
        languages=scene.languages,
        expect="date",
    )
    if isinstance(found, Resolved) and found.moment.date is not None:
        return await show_day(scene, found.moment.date)
    notice = None
    if text.strip():
        example = date_label(asked.today + _DAY, scene.language)
        notice = scene.say("date_not_understood", example=example)
    return await show_day(scene, asked.today, notice)


async def show_day(scene: Scene, date: dt.date, notice: str | None = None) -> list[Outgoing]:
    """Return a business-local day: its appointments in their order, and the time off."""
    ctx, where = scene.ctx, zone(scene.business.zone)
    since, until = (from_epoch(boundary(day, 0, where)) for day in (date, date + _DAY))

    async def read(uow: UnitOfWork) -> tuple[list[AppointmentRecord], list[Block]]:
        reports = ReportRepository(uow.session, scene.business.id, ctx.clock.now())
        records = await reports.appointments(since=since, until=until, statuses=_SHOWN)
        return records, await uow.blocks.list_blocks(since, until)

    found = await ctx.read(read)
    if isinstance(found, Refusal):
        return [refusal_message(ctx, scene.texts, found)]
    records, blocks = found
    lines = [f"📅 {scene.day(date)}"]
    lines += [f"🚫 {block_line(scene, block)}" for block in blocks]
    for record in records:
        lines += entry_lines(scene, record.appointment, record.customer)
    if not records:
        lines.append(scene.say("agenda_empty"))
    entries = rows_of((_entry_button(scene, each) for each in records[:_BUTTONS]), 3)
    days = (
        Button(
            label=f"← {date_label(date - _DAY, scene.language)}",
            action=Press(Verb.AGENDA, date=date - _DAY).encode(),
        ),
        Button(
            label=f"{date_label(date + _DAY, scene.language)} →",
            action=Press(Verb.AGENDA, date=date + _DAY).encode(),
        ),
    )
    off = (scene.button("button_off", Press(Verb.OFF_WHO, date=date).encode()),)
    more = (off,) if date >= ctx.today else ()
    return noticed(notice, [Outgoing(text="\n".join(lines), buttons=(*entries, days, *more))])


def entry_lines(scene: Scene, row: Appointment, customer: Customer) -> list[str]:
    """Return an appointment as an owner reads it among others, with its notes."""
    what = [named(row.service_name, scene.language)]
    if row.staff_name:
        what.append(named(row.staff_name, scene.language))
    who = one_line(customer_label(customer))
    line = f"{_times(scene, row)} {', '.join(what)}: {who} (#{row.id})"
    if row.seats > 1:
        line += f", {scene.say('line_seats', count=row.seats)}"
    if row.status in _MARKED:
        line += f" – {scene.say(_MARKED[row.status])}"
    return [f"• {line}", *([f"   “{one_line(row.notes)}”"] if row.notes else [])]


def _times(scene: Scene, row: Appointment) -> str:
    start, end = (time_label(at, row.zone, scene.language) for at in (row.starts_at, row.ends_at))
    return f"{start}–{end}"


def _entry_button(scene: Scene, record: AppointmentRecord) -> Button:
    row, customer = record.appointment, record.customer
    who = one_line(customer.name or customer_label(customer))[:20]
    return Button(
        label=f"{time_label(row.starts_at, row.zone, scene.language)} {who}",
        action=Press(Verb.ENTRY, appointment=row.id).encode(),
    )


async def _read(scene: Scene, appointment_id: int) -> tuple[Appointment, Customer] | Refusal:
    async def read(uow: UnitOfWork) -> tuple[Appointment, Customer] | Refusal:
        row = await uow.appointments.get_appointment_by_id(appointment_id)
        customer = None if row is None else await uow.customers.get_customer_by_id(row.customer_id)
        # A hold is nothing that the business has yet.
        if row is None or customer is None or row.status is _S.HELD:
            return _GONE
        return row, customer

    return await scene.ctx.read(read)


async def show_entry(
    scene: Scene, appointment_id: int, notice: str | None = None
) -> list[Outgoing]:
    """Return one appointment with what an owner can do to it now."""
    found = await _read(scene, appointment_id)
    if isinstance(found, Refusal):
        return [_refused(scene, found)]
    row, customer = found
    lines = _facts(scene, row, customer)
    where = zone(row.zone)
    back = Press(Verb.AGENDA, date=local_date(row.starts_at, where)).encode()
    rows = (*rows_of(_can_be_done(scene, row), 2), (scene.button("button_back", back),))
    return noticed(notice, [Outgoing(text="\n".join(lines), buttons=rows)])


def _facts(scene: Scene, row: Appointment, customer: Customer) -> list[str]:
    lines = scene.writer().facts(row)
    lines.insert(1, scene.say("line_customer", customer=one_line(customer_label(customer))))
    if row.notes:
        lines.append(f"“{one_line(row.notes)}”")
    key = f"status_{row.status.value}"
    if row.status is not _S.CONFIRMED:
        lines.append(scene.say("line_status", status=scene.say(key)))
    return lines


def _can_be_done(scene: Scene, row: Appointment) -> list[Button]:
    def button(key: str, verb: Verb) -> Button:
        press = Press(verb, appointment=row.id, version=row.version)
        return scene.button(key, press.encode())

    begun = row.starts_at <= scene.ctx.clock.now()
    came, missed = (
        button("button_came", Verb.CAME),
        button("button_missed", Verb.MISSED),
    )
    match row.status:
        case _S.PENDING:
            return [
                button("button_approve", Verb.APPROVE),
                button("button_decline", Verb.DECLINE),
            ]
        case _S.CONFIRMED if begun:
            return [came, missed]
        case _S.CONFIRMED:
            return [button("button_cancel_appointment", Verb.CALL_OFF)]
        case _S.COMPLETED:
            return [missed]
        case _S.NO_SHOW:
            return [came]
    return []


def _refused(scene: Scene, refusal: Refusal) -> Outgoing:
    """Return why something was not done, with the way back to today."""
    message = refusal_message(scene.ctx, scene.texts, refusal)
    today = Press(Verb.AGENDA, date=scene.ctx.today).encode()
    return message.model_copy(update={"buttons": ((scene.button("button_agenda", today),),)})


async def _agenda(scene: Scene, press: Press) -> list[Outgoing]:
    return await show_day(scene, press.date)


async def _entry(scene: Scene, press: Press) -> list[Outgoing]:
    return await show_entry(scene, press.appointment)


async def _call_off(scene: Scene, press: Press) -> list[Outgoing]:
    """Ask once more before a customer is let down."""
    found = await _read(scene, press.appointment)
    if isinstance(found, Refusal):
        return [_refused(scene, found)]
    row, customer = found
    text = "\n".join(
        [
            scene.say("card_cancel"),
            *_facts(scene, row, customer),
            scene.say("agenda_tells" if can_be_told(customer) else "agenda_cannot_tell"),
        ]
    )
    yes = Press(Verb.CALL_OFF_YES, appointment=row.id, version=row.version).encode()
    keep = Press(Verb.ENTRY, appointment=row.id).encode()
    buttons = (scene.button("button_yes_cancel", yes), scene.button("button_keep", keep))
    return [Outgoing(text=text, buttons=(buttons,))]


def can_be_told(customer: Customer) -> bool:
    """Return whether the bot can write to a customer."""
    return customer.chat_id is not None and customer.unreachable_since is None


async def _call_off_yes(scene: Scene, press: Press) -> list[Outgoing]:
    return await _change(scene, press, _S.CANCELLED)


async def _came(scene: Scene, press: Press) -> list[Outgoing]:
    return await _change(scene, press, _S.COMPLETED)


async def _missed(scene: Scene, press: Press) -> list[Outgoing]:
    return await _change(scene, press, _S.NO_SHOW)


async def _change(scene: Scene, press: Press, status: AppointmentStatus) -> list[Outgoing]:
    """Give an appointment another status; the customer gets the receipt in their own chat."""
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Outcome:
        row = await uow.appointments.get_appointment_by_id(press.appointment)
        customer = None if row is None else await uow.customers.get_customer_by_id(row.customer_id)
        if row is None or customer is None:
            return _GONE
        # Who came is thanked by the request for a review, where there is one.
        silent = status is _S.COMPLETED and scene.business.policy.review_after_minutes > 0
        outcome = await uow.appointments.update_appointment_status(
            row.id,
            status,
            version=press.version,
            key=ctx.key,
            reply_to=None if silent else chat_of(customer, scene.business),
        )
        if isinstance(outcome, Refusal):
            return outcome
        return ToolResult(next=_TOLD if can_be_told(customer) else _UNTOLD)

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal):
        return [_refused(scene, outcome)]
    notice = f"✓ {scene.say(f'status_{status.value}')}"
    if status is _S.CANCELLED:
        told = "agenda_told" if outcome.next == _TOLD else "agenda_cannot_tell"
        notice = f"{notice}. {scene.say(told)}"
    return await show_entry(scene, press.appointment, notice)


def affected_lines(
    scene: Scene, rows: Sequence[Appointment], customers: Mapping[int, Customer]
) -> list[str]:
    """Return appointments with their customers, those marked whom the bot can't write to."""
    lines = []
    for row in rows:
        customer = customers[row.customer_id]
        date = date_label(local_date(row.starts_at, zone(row.zone)), scene.language)
        first, *rest = entry_lines(scene, row, customer)
        if not can_be_told(customer):
            first += f" – {scene.say('agenda_cannot_tell')}"
        lines += [first.replace("• ", f"• {date}, ", 1), *rest]
    return lines


ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.AGENDA: _agenda,
    Verb.ENTRY: _entry,
    Verb.CALL_OFF: _call_off,
    Verb.CALL_OFF_YES: _call_off_yes,
    Verb.CAME: _came,
    Verb.MISSED: _missed,
}
