"""Whether a customer gets what the business writes to many; own appointments are another matter."""

from __future__ import annotations

from assistant.guided.actions import Press, Verb
from assistant.guided.scene import Scene
from assistant.labels import one_line
from assistant.messages import Outgoing


async def stop(scene: Scene, press: Press | None = None) -> list[Outgoing]:
    """Send the customer no more broadcasts, and show how to get them again.

    Raises:
        DatabaseUnavailableError: nothing was changed.
    """
    who = scene.ctx.customer.id
    await scene.ctx.store.run(scene.business, lambda uow: uow.reach.stop_broadcasts(who))
    again = scene.button("button_take_broadcasts", Verb.TAKE_BROADCASTS)
    return [Outgoing(text=_said(scene, "broadcasts_stopped"), buttons=((again,),))]


async def take(scene: Scene, press: Press | None = None) -> list[Outgoing]:
    """Send the customer broadcasts again, and show how to stop them.

    Raises:
        DatabaseUnavailableError: nothing was changed.
    """
    who = scene.ctx.customer.id
    await scene.ctx.store.run(scene.business, lambda uow: uow.reach.take_broadcasts(who))
    no_more = scene.button("button_stop_broadcasts", Verb.STOP_BROADCASTS)
    return [Outgoing(text=_said(scene, "broadcasts_taken"), buttons=((no_more,),))]


def _said(scene: Scene, key: str) -> str:
    return scene.say(key, business=one_line(scene.business.name.get(scene.language)))
