"""What chooses by its place from what was shown last: "the second one", "die letzte"."""

from __future__ import annotations

from assistant.guided.actions import Press, Verb, read
from assistant.guided.scene import Scene
from assistant.guided.vocabulary import Intent, Words, words_of
from booking.phrases import Resolved

# Choosing one of these writes nothing that a card wouldn't ask about first.
_DAYS = frozenset((Verb.DAY, Verb.MOVE_DAY, Verb.THEN))
_CHOICES = _DAYS | {
    *(Verb.SERVICE, Verb.SEATS, Verb.STAFF, Verb.TIME, Verb.MOVE_TIME),
    *(Verb.MOVE, Verb.CANCEL),
}


async def chosen(scene: Scene, words: Words, text: str) -> Press | None:
    """Return the press that a text stands for; None where it chooses nothing that is shown.

    What names a day under a list of days is that day: "the second" of the month, not of the list.

    Raises:
        DatabaseUnavailableError: the database is away.
    """
    said = words_of(text)
    which = words.choice(said)
    if which is None or words.intents(said) - {Intent.BOOK}:
        return None  # "the second one is too early" chooses nothing
    ctx = scene.ctx
    actions = await ctx.store.run(
        ctx.business, lambda uow: uow.last_word.shown(ctx.reply_to, ctx.clock.now())
    )
    shown = [press for press in map(read, actions) if press is not None]
    if not shown or shown[0].verb not in _CHOICES:
        return None
    # The first button is a choice, and others like it are; those of another kind lead elsewhere.
    choices = [press for press in shown if press.verb is shown[0].verb]
    if len(choices) < 2 or which >= len(choices):
        return None
    days = shown[0].verb in _DAYS and shown[0].time is None
    found = scene.resolve(text, "date" if days else "time")
    if found is None:
        return choices[which]
    if days or not isinstance(found, Resolved):
        return None
    moment = found.moment
    timed = moment.time is not None or moment.window != (None, None)
    return None if timed else choices[which]
