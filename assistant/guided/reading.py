"""Answering what a customer typed, when no model reads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from assistant.guided import about, changes, presses, privacy
from assistant.guided.card_answers import answer_card
from assistant.guided.cards import menu, noticed, refusal_message
from assistant.guided.choosing import chosen
from assistant.guided.own import (
    cancel_all,
    cancel_one,
    keep,
    open_draft,
    show_own,
)
from assistant.guided.scene import Scene
from assistant.guided.several import two_wishes
from assistant.guided.steps import (
    ask_next,
    ask_service,
    ask_which_moment,
)
from assistant.guided.take_along import pin
from assistant.guided.typed import (
    MAX_CHARACTERS,
    Kind,
    Said,
    apart_from_names,
    kind_of,
    understand,
    yes_or_no,
)
from assistant.guided.vocabulary import Intent, Words, words_of
from assistant.guided.wishes import Wish, recall, said_then
from assistant.labels import date_label, one_line
from assistant.messages import Outgoing
from booking.draft import Draft, DraftStage
from booking.localtime import to_local, zone
from booking.phrases import (
    Ambiguous,
    Expect,
    Fault,
    Impossible,
    Mismatch,
    Moment,
    Resolution,
    Resolved,
)
from booking.phrases.people import people_in
from booking.phrases.recurring import repeats
from booking.refusals import Refusal, RefusalCode
from tools.support.drafts import give_up_open

_CHOOSING = (
    DraftStage.CHOOSING_SERVICE,
    DraftStage.CHOOSING_SEATS,
    DraftStage.CHOOSING_STAFF,
    DraftStage.CHOOSING_TIME,
)
_RELATIVE = frozenset({Intent.EARLIER, Intent.LATER})
_EXAMPLE_TIME = "15:00"


async def answer(scene: Scene, words: Words, text: str) -> list[Outgoing]:
    """Return the answer to typed text."""
    said = yes_or_no(text, words)
    if said is not None:
        done = await answer_card(scene, said, await open_draft(scene.ctx))
        if done is not None:
            return done
    match kind_of(text):
        case Kind.TOO_LONG:
            return [menu(scene, scene.say("too_long", count=MAX_CHARACTERS))]
        case Kind.EMOJI:
            return [menu(scene, scene.say("emoji_only"))]
        case Kind.NOTHING:
            scene.ctx.ledger.unclear = True
            return await presses.where_we_are(scene, scene.say("not_understood"))
    press = await chosen(scene, words, text)
    if press is not None:
        return await presses.answer(scene, press)
    several = two_wishes(scene, words, text)
    if several is None:
        return await _answer_one(scene, words, text, said)
    first, then = several
    scene.ctx.wishes_next(then)
    messages = await _answer_one(scene, words, first, None)
    if (await open_draft(scene.ctx)).next_wish is None:
        # Nothing is open that it would come after: the first one is settled, or came to nothing.
        scene.ctx.ledger.next_wish = scene.ctx.ledger.next_wish or scene.ctx.next_wish
    return messages


async def _answer_one(scene: Scene, words: Words, text: str, said: bool | None) -> list[Outgoing]:
    """Return the answer to a text that holds one wish at most.

    Args:
        said: the yes or no that it is, where it is one.
    """
    draft = await open_draft(scene.ctx)
    expect = _expected(draft)
    if draft.stage is DraftStage.IDLE and Intent.CHANGE in words.intents(words_of(text)):
        expect = "time"  # "make it 12"
    plain, named = apart_from_names(text, scene.business)
    found = scene.resolve(plain, expect)
    rest = text if found is None else f"{named} {found.rest}"
    asked = draft.stage is DraftStage.CHOOSING_SEATS
    people = people_in(rest, languages=scene.languages, asked=asked)
    rest = rest if people is None else people.rest
    understood = understand(text, rest, scene.business, words)
    if people is not None:
        understood = replace(understood, seats=people.count)
    done = await _by_intent(scene, draft, understood, found)
    if done is not None:
        return done
    told = about.told(scene, words, understood, text, found, draft.service_id)
    if told is not None:
        if _books_too(understood, found):
            return noticed(told, await _wish(scene, draft, understood, found))
        here = pin(scene) if Intent.ADDRESS in understood.intents else None
        return [*(() if here is None else (here,)), *await presses.go_on(scene, draft, told)]
    done = await _by_the_way(scene, draft, understood, found)
    if done is not None:
        return done
    if said is False and draft.stage in _CHOOSING and len(words_of(text)) > 1:
        return await _give_up(scene)  # "no, thanks"
    if said is not None:
        # An open card that isn't what was said last is shown again, and can then be answered.
        key = "card_again" if draft.awaits_yes else "nothing_to_confirm"
        return await presses.where_we_are(scene, scene.say(key))
    answered = await _wish(scene, draft, understood, found)
    return noticed(scene.say("one_at_a_time") if repeats(text) else None, answered)


def _expected(draft: Draft) -> Expect | None:
    """Return what a bare number answers: after the days a date, after the times a time."""
    if draft.stage in (DraftStage.CONFIRM_BOOKING, DraftStage.CONFIRM_MOVE):
        return "time"
    if draft.stage is DraftStage.CHOOSING_TIME:
        return "date" if draft.local_date is None else "time"
    waits = draft.moment  # for the service or the person
    if waits is not None and waits.date is not None and waits.time is None:
        return "time"
    return None


async def _by_intent(
    scene: Scene, draft: Draft, said: Said, found: Resolution | None
) -> list[Outgoing] | None:
    """Answer what asks for a thing of its own; None where it's about a booking to be made."""
    intents = said.intents
    if Intent.PRIVACY in intents:
        return await privacy.show(scene)
    if {Intent.CANCEL, Intent.MOVE} <= intents:
        return await show_own(scene)
    if Intent.CANCEL in intents:
        return await _cancel(scene, draft, said, found)
    if Intent.MOVE in intents and not _moves_already(draft):
        return await _move(scene, said, found)
    asks_change = Intent.CHANGE in intents or (said.question and intents & _RELATIVE)
    if asks_change:
        changed = await changes.change(scene, draft, said, found)
        if changed is not None:
            return changed
    if Intent.MY in intents:
        return await show_own(scene)
    if Intent.HUMAN in intents:
        # Whoever has the chat answered (assistant.hand_off.desk) calls one; help names the way.
        scene.ctx.ledger.wants_a_person = True
        return [menu(scene, scene.say("help"))]
    if Intent.HELP in intents:
        return [menu(scene, scene.say("help"))]
    if found is None and intents & _RELATIVE and not said.services:
        other = await changes.earlier_or_later(scene, draft, later=Intent.LATER in intents)
        if other is not None:
            return other
    if found is None and intents & {Intent.OTHER_TIMES, Intent.OTHER_DAY}:
        return await _other(scene, draft, Intent.OTHER_DAY in intents)
    return None


def _books_too(said: Said, found: Resolution | None) -> bool:
    """Return whether a question about the business stands beside a wish for an appointment."""
    if Intent.BOOK in said.intents:
        return bool(said.services) or found is not None
    return bool(said.services) and found is not None


async def _by_the_way(
    scene: Scene, draft: Draft, said: Said, found: Resolution | None
) -> list[Outgoing] | None:
    """Answer what is said beside the matter; None where it's about a booking.

    What is open stays open and is shown again, so that nobody has to look for it.
    """
    intents = said.intents
    if Intent.START in intents:
        return [presses.greeting(scene)]
    if Intent.THANKS in intents:
        return await presses.go_on(scene, draft, scene.say("you_are_welcome"))
    if Intent.BYE in intents:
        return [menu(scene, scene.say("terminal_goodbye"))]
    if found is not None or said.services or said.staff or said.seats is not None:
        return None
    if Intent.STOP in intents and draft.stage in _CHOOSING:
        return await _give_up(scene)
    if Intent.WAIT in intents:
        return await presses.go_on(scene, draft, scene.say("take_your_time"))
    if Intent.RUDE in intents or said.nonsense:
        return await presses.go_on(scene, draft, scene.say("only_appointments"))
    return None


async def _give_up(scene: Scene) -> list[Outgoing]:
    await give_up_open(scene.ctx)
    return [menu(scene, scene.say("nothing_changed"))]


def _moves_already(draft: Draft) -> bool:
    if draft.stage is DraftStage.CONFIRM_MOVE:
        return True
    return draft.stage is DraftStage.CHOOSING_TIME and draft.appointment_id is not None


async def _cancel(
    scene: Scene, draft: Draft, said: Said, found: Resolution | None
) -> list[Outgoing]:
    moment = found.moment if isinstance(found, Resolved) else Moment()
    if draft.stage in (DraftStage.CONFIRM_BOOKING, DraftStage.CONFIRM_MOVE):
        # "Cancel" under a card means the card, and nothing that is booked.
        kept = await keep(scene, draft.version)
        if kept is not None:
            return kept
    services = frozenset(service.id for service in said.services)
    if said.every and found is None and not services:
        return await cancel_all(scene, draft)
    return await cancel_one(scene, draft, on=moment.date, service_ids=services)


async def _move(scene: Scene, said: Said, found: Resolution | None) -> list[Outgoing]:
    if found is not None and not isinstance(found, Resolved):
        rows = await changes.movable_rows(scene, said)
        if isinstance(found, Ambiguous) and not isinstance(rows, Refusal):
            there = changes.from_to(scene, rows, found.moments)
            if there is not None:
                return await presses.move(scene, *there)
        if not isinstance(rows, Refusal) and len(rows) == 1:
            return await _unclear(scene, Wish(moving=rows[0]), found)
    return await changes.move(scene, said, found)


async def _other(scene: Scene, draft: Draft, day: bool) -> list[Outgoing] | None:
    if draft.stage is DraftStage.CONFIRM_CANCEL or draft.stage is DraftStage.IDLE:
        return None
    if draft.awaits_yes and not day:
        return await presses.other_times(scene, draft.version)
    wish = await recall(scene, draft)
    return await ask_next(scene, replace(wish, moment=Moment()) if day else wish)


async def _wish(scene: Scene, draft: Draft, said: Said, found: Resolution | None) -> list[Outgoing]:
    """Answer what says more about the booking (or the move) that is being made."""
    wish = await recall(scene, draft)
    anyone, soonest = Intent.ANYONE in said.intents, Intent.SOONEST in said.intents
    named = bool(said.services or said.staff or anyone or soonest or said.stranger)
    named = named or Intent.USUAL in said.intents or said.not_staff is not None
    plain = found is None and not named and said.seats is None
    if plain and Intent.BOOK not in said.intents:
        return await _not_understood(scene, draft, said)
    if plain and not said.odd and draft.stage not in _CHOOSING:
        wish = Wish()  # "book" beside a card: another one
    if said.seats is not None:
        wish = replace(wish, seats=said.seats)
        if draft.stage is DraftStage.CONFIRM_BOOKING and draft.starts_at is not None:
            # "No, for three": the time of the card stays.
            local = to_local(draft.starts_at, zone(scene.business.zone))
            wish = replace(wish, moment=Moment(date=local.date(), time=local.time()))
    if Intent.USUAL in said.intents and wish.moving is None and not said.services:
        wish = await changes.the_usual(scene, wish)
    follows = scene.ctx.following
    if follows is not None and wish == Wish():
        wish = replace(wish, service_id=follows.service_id)
    if said.services:
        wish = wish.among(said.services)
    if anyone:
        wish = replace(wish, staff_id=None, staff_chosen=True)
    if said.staff is not None:
        wish = replace(wish, staff_id=said.staff.id, staff_chosen=True)
    if said.not_staff is not None:
        wish = wish.without(said.not_staff, scene.business)
    if soonest and found is None:
        wish = replace(wish, moment=Moment(), soonest=True)
    if isinstance(found, Impossible | Ambiguous | Mismatch):
        return await _unclear(scene, wish, found)
    if found is not None:
        wish = said_then(wish, found.moment)
    return await _service_then(scene, wish, said)


async def _service_then(scene: Scene, wish: Wish, said: Said) -> list[Outgoing]:
    if len(said.services) > 1:
        return await ask_service(scene, wish, said.services)
    still_open = wish.service_id is None and wish.moving is None
    # With a service chosen, other words are small talk, unless one is asked for.
    unknown = said.unknown_service and (still_open or Intent.BOOK in said.intents)
    active = [service for service in scene.business.services if service.active]
    if unknown and active:
        scene.ctx.ledger.unclear = True
        return await ask_service(scene, wish, active, found=False)
    target = wish.target(scene.business)
    if said.stranger and target is not None:
        refusal = Refusal(code=RefusalCode.NOT_FOUND, what="staff")
        return [refusal_message(scene.ctx, scene.texts, refusal, target)]
    return await ask_next(scene, wish)


async def _unclear(
    scene: Scene, wish: Wish, found: Impossible | Ambiguous | Mismatch
) -> list[Outgoing]:
    if isinstance(found, Impossible):
        scene.ctx.ledger.unclear = True
        # A day or a time was meant, so that is asked for next, and not "who".
        wish = replace(wish, staff_chosen=wish.staff_chosen or wish.service_id is not None)
        if found.fault is not Fault.NO_SUCH_DATE:
            return await ask_next(scene, wish, _not_a_date(scene))
        notice = scene.say("no_such_date", said=one_line(found.phrase))
        dateless = replace(wish.moment, date=None, date_to=None, open_end=False)
        return await ask_next(scene, replace(wish, moment=dateless), notice)
    if isinstance(found, Ambiguous):
        return await ask_which_moment(scene, wish, found.moments)
    choices = [replace(found.moment, date=date) for date in found.candidates]
    notice = scene.say("date_mismatch", date=scene.day(found.date))
    return await ask_which_moment(scene, wish, choices, notice)


def _not_a_date(scene: Scene) -> str:
    """Return that the date wasn't understood, with an example that would be."""
    example = (
        f"{date_label(scene.ctx.today + dt.timedelta(days=3), scene.language)} {_EXAMPLE_TIME}"
    )
    return scene.say("date_not_understood", example=example)


async def _not_understood(scene: Scene, draft: Draft, said: Said) -> list[Outgoing]:
    scene.ctx.ledger.unclear = True
    if said.question and not said.unknown_service:
        return await presses.go_on(scene, draft, about.unknown(scene))
    if draft.stage is DraftStage.CHOOSING_TIME:
        if said.brief:
            return await presses.where_we_are(scene, _not_a_date(scene))
        # Nothing new was said where there are no unknown words ("for my son"): only asked again.
        return await presses.where_we_are(scene, scene.say("not_understood") if said.odd else "")
    if draft.stage is DraftStage.CHOOSING_SERVICE:
        wish = await recall(scene, draft)
        active = [service for service in scene.business.services if service.active]
        if said.unknown_service:
            return await ask_service(scene, wish, active, found=False)
        return noticed(scene.say("not_understood"), await ask_service(scene, wish, active))
    if draft.stage is DraftStage.CHOOSING_SEATS:
        return await ask_next(scene, await recall(scene, draft), scene.say("not_understood"))
    if draft.stage is DraftStage.CHOOSING_STAFF:
        target = (await recall(scene, draft)).target(scene.business)
        if target is not None:
            refusal = Refusal(code=RefusalCode.NOT_FOUND, what="staff")
            return [refusal_message(scene.ctx, scene.texts, refusal, target)]
    if draft.awaits_yes:
        return await presses.where_we_are(scene, scene.say("not_understood"))
    return [menu(scene, scene.say("not_understood"))]
