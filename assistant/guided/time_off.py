"""Time off from the owner's chat: what it would cost is shown, then it is taken in one step."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

from assistant.guided.actions import LAST_SECOND, Press, Verb
from assistant.guided.agenda import affected_lines
from assistant.guided.cards import noticed, refusal_message, rows_of
from assistant.guided.off_words import block_line, people, span_words, whose
from assistant.guided.scene import Scene
from assistant.guided.typed import named_staff
from assistant.guided.vocabulary import Words, words_of
from assistant.labels import date_label, one_line
from assistant.messages import Button, Outgoing
from booking.appointment import Appointment
from booking.localtime import boundary, from_epoch, local_date, zone
from booking.opening import working_day
from booking.phrases import Moment, Resolved, asked_at, resolve
from booking.refusals import Refusal, RefusalCode
from db.repositories.blocks import Block, BlockConflict
from db.repositories.customers import Customer
from db.store import UnitOfWork
from tools.support.contract import Outcome, ToolResult

_DAY = dt.timedelta(days=1)
_MINUTES_PER_DAY = 24 * 60
_EVERYBODY = 0
_BUTTONS = 20
_TAKEN, _CHANGED = "taken", "changed"
_Span = tuple[int, int]


async def said(scene: Scene, words: Words, text: str) -> list[Outgoing]:
    """Answer /off: the card for the time off that was said; without any, the list of it."""
    if not text.strip():
        return await show_off(scene)
    if not people(scene):
        return [Outgoing(text=scene.say("off_nobody"))]
    asked = asked_at(scene.ctx.clock.now(), scene.business.zone)
    found = resolve(
        text,
        today=asked.today,
        now_time=asked.now_time,
        languages=scene.languages,
    )
    if not isinstance(found, Resolved):
        return await show_off(scene, _how(scene))
    member, _ = named_staff(words_of(found.rest), scene.business)
    unknown = [w for w in words_of(found.rest) if not words.meaningless([w]) and len(w) > 2]
    if member is None and unknown:
        return await show_off(scene, _how(scene))
    staff_id = _EVERYBODY if member is None else member.id
    span = _span(scene, staff_id, found.moment, asked.today)
    if span is None:
        return await show_off(scene, _how(scene))
    return await _card(scene, staff_id, span)


def _how(scene: Scene) -> str:
    tomorrow = scene.ctx.today + _DAY
    everybody = f"/off {date_label(tomorrow, scene.language)}"
    name = people(scene)[0].name.get(scene.language) if people(scene) else ""
    one = f"/off {one_line(name)} {date_label(tomorrow + _DAY, scene.language)}, 12:00-15:00"
    return scene.say("off_how", everybody=everybody, one=one)


def _members(scene: Scene, staff_id: int) -> tuple[int, ...]:
    if staff_id == _EVERYBODY:
        return tuple(member.id for member in people(scene))
    return tuple(member.id for member in people(scene) if member.id == staff_id)


def _whole(scene: Scene, staff_id: int, first: dt.date, last: dt.date) -> _Span:
    ids = _members(scene, staff_id)
    members = [member for member in people(scene) if member.id in ids]
    begin, _ = working_day(scene.business, members, first)
    _, end = working_day(scene.business, members, last)
    return begin, end


def _span(scene: Scene, staff_id: int, moment: Moment, today: dt.date) -> _Span | None:
    """Return what was said in epoch seconds; None where it has no end, or is one time alone."""
    first, last = moment.date or today, moment.date_to or moment.date or today
    if moment.open_end or moment.time is not None:
        return None
    begin, end = _whole(scene, staff_id, first, last)
    since, until = moment.window
    if (since, until) == (None, None):
        return (begin, end) if moment.date is not None else None
    if first != last:
        return None
    where = zone(scene.business.zone)
    if since is not None:
        begin = boundary(first, _minutes(since), where)
    if until is not None:
        over = _MINUTES_PER_DAY if since is not None and until <= since else 0
        end = boundary(first, _minutes(until) + over, where)
    return (begin, end) if begin < end else None


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


async def show_off(scene: Scene, notice: str | None = None) -> list[Outgoing]:
    """Return the time off that is ahead, each with a button that ends it."""
    found = await scene.ctx.read(lambda uow: uow.blocks.list_blocks())
    if isinstance(found, Refusal):
        return [refusal_message(scene.ctx, scene.texts, found)]
    lines = [scene.say("off_title" if found else "off_none")]
    lines += [f"• {block_line(scene, block)}" for block in found]
    if notice is None:
        lines += ["", _how(scene)]
    buttons = [
        Button(
            label=f"✕ {block_line(scene, block)}"[:60],
            action=Press(Verb.OFF_END, block=block.id).encode(),
        )
        for block in found[:_BUTTONS]
    ]
    today = Press(Verb.AGENDA, date=scene.ctx.today).encode()
    rows = (*rows_of(buttons, 1), (scene.button("button_agenda", today),))
    return noticed(notice, [Outgoing(text="\n".join(lines), buttons=rows)])


async def _card(
    scene: Scene, staff_id: int, span: _Span, notice: str | None = None
) -> list[Outgoing]:
    """Return what the time off would be, whom it would let down, and the button that takes it."""
    start, end = (from_epoch(second) for second in span)
    if end <= scene.ctx.clock.now() or not _members(scene, staff_id):
        return await show_off(scene, scene.say("past_time"))
    found = await scene.ctx.read(lambda uow: _affected(uow, staff_id, span))
    if isinstance(found, Refusal):
        return [refusal_message(scene.ctx, scene.texts, found)]
    rows, customers = found
    ids = _members(scene, staff_id)
    when = span_words(scene, ids, start, end)
    lines = [scene.say("off_card"), f"{when}: {whose(scene, ids)}"]
    if rows:
        lines += ["", scene.say("off_affected", count=len(rows))]
        lines += [*affected_lines(scene, rows, customers), ""]
    else:
        lines.append(scene.say("off_nothing_affected"))
    lines.append(scene.say("card_move_pending"))
    yes = Press(
        Verb.OFF_YES, staff=staff_id, since=span[0], until=span[1], digest=_digest(rows)
    ).encode()
    date = local_date(start, zone(scene.business.zone))
    back = Press(Verb.AGENDA, date=max(date, scene.ctx.today)).encode()
    key = "button_off_and_cancel" if rows else "button_off_take"
    buttons = ((scene.button(key, yes),), (scene.button("button_back", back),))
    return noticed(notice, [Outgoing(text="\n".join(lines), buttons=buttons)])


async def _affected(
    uow: UnitOfWork, staff_id: int, span: _Span
) -> tuple[list[Appointment], dict[int, Customer]]:
    start, end = (from_epoch(second) for second in span)
    rows = await uow.blocks.in_the_way(start, end, resource_id=staff_id or None)
    customers = {}
    for customer_id in {row.customer_id for row in rows}:
        customer = await uow.customers.get_customer_by_id(customer_id)
        if customer is not None:
            customers[customer_id] = customer
    return [row for row in rows if row.customer_id in customers], customers


def _digest(rows: Sequence[Appointment]) -> int:
    """Return what names these appointments as they are now: a yes is to them and no others."""
    return zlib.crc32(repr([(row.id, row.version) for row in rows]).encode())


async def _off(scene: Scene, press: Press) -> list[Outgoing]:
    return await show_off(scene)


async def _who(scene: Scene, press: Press) -> list[Outgoing]:
    """Ask whose day off it is; where only one person works here, there is nothing to ask."""
    members = people(scene)
    if not members:
        return [Outgoing(text=scene.say("off_nobody"))]
    if len(members) == 1:
        return await _day(scene, Press(Verb.OFF_DAY, staff=members[0].id, date=press.date))
    choices = [(scene.say("off_everybody"), _EVERYBODY)]
    choices += [(one_line(m.name.get(scene.language)), m.id) for m in members]
    buttons = (
        Button(label=name, action=Press(Verb.OFF_DAY, staff=who, date=press.date).encode())
        for name, who in choices
    )
    back = scene.button("button_back", Press(Verb.AGENDA, date=press.date).encode())
    text = scene.say("off_who", date=scene.on_day(press.date))
    return [Outgoing(text=text, buttons=(*rows_of(buttons, 3), (back,)))]


async def _day(scene: Scene, press: Press) -> list[Outgoing]:
    span = _whole(scene, press.staff, press.date, press.date)
    if not 0 <= span[0] < span[1] <= LAST_SECOND:
        return await show_off(scene, _how(scene))
    return await _card(scene, press.staff, span)


async def _yes(scene: Scene, press: Press) -> list[Outgoing]:
    """Take the time off that the card showed; where more is in the way by now, show it again."""
    ctx, span, ids = scene.ctx, (press.since, press.until), _members(scene, press.staff)
    if span[0] >= span[1] or not ids:
        return await show_off(scene, scene.say("stale_button"))
    start, end = (from_epoch(second) for second in span)

    async def work(uow: UnitOfWork) -> Outcome:
        rows, _ = await _affected(uow, press.staff, span)
        if _digest(rows) != press.digest:
            return ToolResult(next=_CHANGED)
        outcome = await uow.blocks.create_block(
            start,
            end,
            resource_id=press.staff or None,
            cancelling=[row.id for row in rows],
            key=ctx.key,
        )
        if isinstance(outcome, Refusal):
            return outcome
        return ToolResult(next=_CHANGED if isinstance(outcome, BlockConflict) else _TAKEN)

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal):
        return [refusal_message(ctx, scene.texts, outcome)]
    if outcome.next == _CHANGED:
        return await _card(scene, press.staff, span, scene.say("stale_button"))
    when = span_words(scene, ids, start, end)
    return await show_off(scene, scene.say("off_taken", when=when, who=whose(scene, ids)))


async def _end(scene: Scene, press: Press) -> list[Outgoing]:
    """End a time off: what it took can be booked again."""
    ctx = scene.ctx

    async def work(uow: UnitOfWork) -> Outcome:
        outcome = await uow.blocks.delete_block(press.block, key=ctx.key)
        if isinstance(outcome, Block):
            return ToolResult(next=block_line(scene, outcome))
        return outcome

    outcome = await ctx.write(work)
    if isinstance(outcome, Refusal) and outcome.code is not RefusalCode.NOT_FOUND:
        return [refusal_message(ctx, scene.texts, outcome)]
    if isinstance(outcome, Refusal):
        return await show_off(scene, scene.say("stale_button"))
    return await show_off(scene, scene.say("off_ended", block=outcome.next or ""))


ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.OFF: _off,
    Verb.OFF_WHO: _who,
    Verb.OFF_DAY: _day,
    Verb.OFF_YES: _yes,
    Verb.OFF_END: _end,
}
