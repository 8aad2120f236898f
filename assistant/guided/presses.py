"""What each button does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from assistant.guided import about, agenda, broadcasts, offers, owner, privacy, time_off, waiting
from assistant.guided.actions import Press, Verb
from assistant.guided.cards import menu, noticed, refusal_message
from assistant.guided.listing import Target
from assistant.guided.own import (
    acknowledge,
    ask_cancel,
    choose_own,
    close_card,
    find_own,
    keep,
    movable,
    open_card,
    open_draft,
    pick_own,
    show_own,
    was_closed,
)
from assistant.guided.scene import Scene
from assistant.guided.steps import (
    ask_next,
    propose,
    show_days,
    show_times,
)
from assistant.guided.take_along import pin, send_calendar
from assistant.guided.wishes import Wish, recall, said_then
from assistant.labels import one_line, services_text
from assistant.messages import Outgoing
from booking.appointment import Appointment
from booking.draft import Draft, DraftStage
from booking.handles import Slot, read_handle
from booking.phrases import Moment
from booking.refusals import Refusal, RefusalCode
from tools.support.drafts import give_up_open
from tools.support.proposals import confirm_open

_NO_SERVICE = Refusal(code=RefusalCode.NOT_FOUND, what="service")
_NO_STAFF = Refusal(code=RefusalCode.NOT_FOUND, what="staff")
_NO_SLOT = Refusal(code=RefusalCode.NOT_FOUND, what="slot")


async def answer(scene: Scene, press: Press) -> list[Outgoing]:
    """Return the answer to a press."""
    done = _ANSWERS.get(press.verb)
    if done is None and owner.is_owner(scene):
        done = _OWNERS.get(press.verb)
    if done is None:  # a button of somebody else's, as those of a hand-off
        return [menu(scene, scene.say("unknown_button"))]
    return await done(scene, press)


async def start(scene: Scene) -> list[Outgoing]:
    """Greet and begin again: what was open is dropped."""
    await give_up_open(scene.ctx)
    return [greeting(scene)]


def greeting(scene: Scene) -> Outgoing:
    """Return the greeting over the menu."""
    business = one_line(scene.business.name.get(scene.language))
    return menu(scene, scene.say("greeting", business=business))


def services(scene: Scene) -> Outgoing:
    """Return services and prices, with the way to book one."""
    text = services_text(scene.business, scene.language, texts=scene.texts)
    rows = ((scene.button("menu_book", Verb.BOOK), scene.button("menu_appointments", Verb.MINE)),)
    return Outgoing(text=text, buttons=rows)


async def book(scene: Scene) -> list[Outgoing]:
    """Begin a booking."""
    return await ask_next(scene, Wish())


async def where_we_are(scene: Scene, notice: str) -> list[Outgoing]:
    """Return what is open now, after a word about what was pressed or typed."""
    draft = await open_draft(scene.ctx)
    if draft.awaits_yes:
        card = await open_card(scene, draft)
        if card is not None:
            return noticed(notice, [card])
    elif draft.stage is not DraftStage.IDLE:
        return await ask_next(scene, await recall(scene, draft), notice)
    return await show_own(scene, notice)


async def go_on(scene: Scene, draft: Draft, said: str) -> list[Outgoing]:
    """Say something beside the matter and show again what is open; with nothing open, the menu.

    Args:
        draft: what is open now.
    """
    if draft.stage is DraftStage.IDLE:
        return [menu(scene, said)]
    return await where_we_are(scene, said)


async def confirm(scene: Scene, version: int) -> list[Outgoing] | None:
    """Do what the card of that version proposes; None where it isn't open any more."""
    outcome = await confirm_open(scene.ctx, version)
    if outcome is None:
        return None
    if isinstance(outcome, Refusal):
        if outcome.code is RefusalCode.TEMPORARILY_UNAVAILABLE:
            return [refusal_message(scene.ctx, scene.texts, outcome)]
        # The refusal left the choice of a time open, for the same service or move.
        wish = await recall(scene, await open_draft(scene.ctx))
        target = wish.target(scene.business)
        return [refusal_message(scene.ctx, scene.texts, outcome, target)]
    return []  # the receipt is in the outbox


async def _stale(scene: Scene) -> list[Outgoing]:
    return await where_we_are(scene, scene.say("stale_button"))


def _refuse(scene: Scene, refusal: Refusal, target: Target | None = None) -> list[Outgoing]:
    return [refusal_message(scene.ctx, scene.texts, refusal, target)]


def _target(
    scene: Scene,
    service_id: int,
    staff_id: int,
    moving: Appointment | None = None,
    seats: int = 1,
) -> Target | list[Outgoing]:
    """Return what is chosen for, or the refusal where the service or person isn't offered.

    Args:
        staff_id: 0 = anyone.
    """
    service = scene.business.service(service_id)
    if service is None or not service.active:
        return _refuse(scene, _NO_SERVICE)
    if staff_id and all(member.id != staff_id for member in scene.business.staff_of(service)):
        return _refuse(scene, _NO_STAFF, Target(service, None, moving, seats))
    return Target(service, staff_id or None, moving, seats)


async def _move_target(scene: Scene, appointment_id: int, staff_id: int) -> Target | list[Outgoing]:
    row = await find_own(scene.ctx, appointment_id)
    if isinstance(row, Refusal):
        return _refuse(scene, row)
    return _target(scene, row.service_id, staff_id, row)


def _slot(scene: Scene, handle: str) -> Slot | None:
    return read_handle(handle, scene.business.id, scene.business.handle_key)


async def _menu(scene: Scene, press: Press) -> list[Outgoing]:
    return [greeting(scene)]


async def _book(scene: Scene, press: Press) -> list[Outgoing]:
    return await book(scene)


async def _prices(scene: Scene, press: Press) -> list[Outgoing]:
    return [services(scene)]


async def _help(scene: Scene, press: Press) -> list[Outgoing]:
    return [menu(scene, scene.say("help"))]


async def _mine(scene: Scene, press: Press) -> list[Outgoing]:
    return await show_own(scene)


async def _choose_move(scene: Scene, press: Press) -> list[Outgoing]:
    return await choose_own(scene, "choose_to_move")


async def _choose_cancel(scene: Scene, press: Press) -> list[Outgoing]:
    return await choose_own(scene, "choose_to_cancel")


async def _service(scene: Scene, press: Press) -> list[Outgoing]:
    target = _target(scene, press.service, 0)
    if not isinstance(target, Target):
        return target
    # What was said while the service was still open ("tomorrow at 3") goes with it.
    draft = await open_draft(scene.ctx)
    asked = draft.stage is DraftStage.CHOOSING_SERVICE
    same = draft.service_id == target.service.id
    wish = await recall(scene, draft) if asked else Wish(seats=draft.seats if same else None)
    return await ask_next(scene, wish.of(target.service))


async def _seats(scene: Scene, press: Press) -> list[Outgoing]:
    target = _target(scene, press.service, 0)
    if not isinstance(target, Target):
        return target
    draft = await open_draft(scene.ctx)
    same = draft.service_id == target.service.id and draft.stage is DraftStage.CHOOSING_SEATS
    wish = await recall(scene, draft) if same else Wish(target.service.id)
    return await ask_next(scene, replace(wish, seats=press.seats))


async def _staff(scene: Scene, press: Press) -> list[Outgoing]:
    target = _target(scene, press.service, press.staff)
    if not isinstance(target, Target):
        return target
    draft = await open_draft(scene.ctx)
    same = draft.service_id == target.service.id and draft.stage is DraftStage.CHOOSING_STAFF
    wish = await recall(scene, draft) if same else Wish(target.service.id)
    wish = replace(wish, staff_id=target.staff_id, staff_chosen=True)
    return await ask_next(scene, wish)


async def _days(scene: Scene, press: Press) -> list[Outgoing]:
    target = _target(scene, press.service, press.staff, seats=press.seats)
    return await show_days(scene, target, press.date) if isinstance(target, Target) else target


async def _day(scene: Scene, press: Press) -> list[Outgoing]:
    target = _target(scene, press.service, press.staff, seats=press.seats)
    if not isinstance(target, Target):
        return target
    return await show_times(scene, target, press.date, press.page)


async def _time(scene: Scene, press: Press) -> list[Outgoing]:
    slot = _slot(scene, press.handle)
    if slot is None:
        return _refuse(scene, _NO_SLOT)
    target = _target(scene, slot.service_id, slot.staff_id or 0, seats=slot.seats)
    return await propose(scene, target, slot.starts_at) if isinstance(target, Target) else target


async def _then(scene: Scene, press: Press) -> list[Outgoing]:
    draft = await open_draft(scene.ctx)
    wish = await recall(scene, draft)
    return await ask_next(scene, said_then(wish, Moment(date=press.date, time=press.time)))


async def _yes(scene: Scene, press: Press) -> list[Outgoing]:
    done = await confirm(scene, press.version)
    return await _stale(scene) if done is None else done


async def _no(scene: Scene, press: Press) -> list[Outgoing]:
    kept = await keep(scene, press.version)
    return await _stale(scene) if kept is None else kept


async def _other(scene: Scene, press: Press) -> list[Outgoing]:
    return await other_times(scene, press.version)


async def other_times(scene: Scene, version: int) -> list[Outgoing]:
    """Close a card and list the times of its day again.

    Args:
        version: the card's.
    """
    outcome = await close_card(scene.ctx, version, choose_again=True)
    if isinstance(outcome, Refusal):
        return _refuse(scene, outcome)
    if not was_closed(outcome):
        return await _stale(scene)
    draft = await open_draft(scene.ctx)
    if draft.stage is DraftStage.IDLE:  # a cancellation has no other times
        return [menu(scene, scene.say("nothing_changed"))]
    return await ask_next(scene, await recall(scene, draft))


async def _move(scene: Scene, press: Press) -> list[Outgoing]:
    row = await pick_own(scene, press.appointment, press.version)
    return row if isinstance(row, list) else await move(scene, row)


async def move(scene: Scene, row: Appointment, moment: Moment | None = None) -> list[Outgoing]:
    """Ask where an appointment is to be moved, or return the card when that was said.

    Args:
        row: one of the customer's.
        moment: the day and time said, if any.
    """
    refusal = await movable(scene, row)
    if refusal is not None:
        return _refuse(scene, refusal)
    return await ask_next(scene, Wish(moving=row, moment=moment or Moment()))


async def _move_days(scene: Scene, press: Press) -> list[Outgoing]:
    target = await _move_target(scene, press.appointment, press.staff)
    return await show_days(scene, target, press.date) if isinstance(target, Target) else target


async def _move_day(scene: Scene, press: Press) -> list[Outgoing]:
    target = await _move_target(scene, press.appointment, press.staff)
    if not isinstance(target, Target):
        return target
    return await show_times(scene, target, press.date, press.page)


async def _move_time(scene: Scene, press: Press) -> list[Outgoing]:
    slot = _slot(scene, press.handle)
    target = await _move_target(scene, press.appointment, (slot and slot.staff_id) or 0)
    if not isinstance(target, Target):
        return target
    if slot is None or slot.service_id != target.service.id:
        return _refuse(scene, _NO_SLOT, target)
    return await propose(scene, target, slot.starts_at)


async def _cancel(scene: Scene, press: Press) -> list[Outgoing]:
    row = await pick_own(scene, press.appointment, press.version)
    return row if isinstance(row, list) else await ask_cancel(scene, row.id)


async def _acknowledge(scene: Scene, press: Press) -> list[Outgoing]:
    return await acknowledge(scene, press.appointment, press.version)


async def _calendar(scene: Scene, press: Press) -> list[Outgoing]:
    return await send_calendar(scene, press.appointment)


async def _map(scene: Scene, press: Press) -> list[Outgoing]:
    return [pin(scene) or menu(scene, about.address(scene))]


def _or_stale(
    answer: Callable[[Scene, Press], Awaitable[list[Outgoing] | None]],
) -> Callable[[Scene, Press], Awaitable[list[Outgoing]]]:
    """Return an answer that says where we are when its button means nothing any more."""

    async def answered(scene: Scene, press: Press) -> list[Outgoing]:
        found = await answer(scene, press)
        return await _stale(scene) if found is None else found

    return answered


_ANSWERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    Verb.MENU: _menu,
    Verb.BOOK: _book,
    Verb.PRICES: _prices,
    Verb.HELP: _help,
    Verb.MINE: _mine,
    Verb.CHOOSE_MOVE: _choose_move,
    Verb.CHOOSE_CANCEL: _choose_cancel,
    Verb.SERVICE: _service,
    Verb.SEATS: _seats,
    Verb.STAFF: _staff,
    Verb.DAYS: _days,
    Verb.DAY: _day,
    Verb.TIME: _time,
    Verb.THEN: _then,
    Verb.YES: _yes,
    Verb.NO: _no,
    Verb.OTHER: _other,
    Verb.MOVE: _move,
    Verb.MOVE_DAYS: _move_days,
    Verb.MOVE_DAY: _move_day,
    Verb.MOVE_TIME: _move_time,
    Verb.CANCEL: _cancel,
    Verb.TAKE: _or_stale(offers.take),
    Verb.TAKE_MOVING: _or_stale(offers.move),
    Verb.PASS: _or_stale(offers.pass_on),
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.STOP_BROADCASTS: broadcasts.stop,
    Verb.TAKE_BROADCASTS: broadcasts.take,
    Verb.CALENDAR: _calendar,
    Verb.MAP: _map,
    **privacy.ANSWERS,
    **waiting.ANSWERS,
}
# To everybody else there are no such buttons.
_OWNERS: Mapping[Verb, Callable[[Scene, Press], Awaitable[list[Outgoing]]]] = {
    **owner.ANSWERS,
    **agenda.ANSWERS,
    **time_off.ANSWERS,
}
