"""What a customer has said of day and time, said back, so that they see it is remembered."""

from __future__ import annotations

import datetime as dt

from assistant.guided.scene import Scene
from assistant.labels import date_label, range_label
from booking.phrases import Moment


def said_when(scene: Scene, moment: Moment) -> str | None:
    """Return a moment in words for a line of its own; None where nothing was said.

    "Mon 23 – Sun 29 November, in the evening", "Tuesday, 24 November, 15:00", "From 17:00".
    """
    parts = [part for part in (_day(scene, moment), _time(scene, moment)) if part]
    line = ", ".join(parts)
    return line[:1].upper() + line[1:] if line else None


def _day(scene: Scene, moment: Moment) -> str | None:
    date, last = moment.date, moment.date_to
    if date is None:
        return None
    if moment.open_end:
        return scene.say("when_from_day", date=date_label(date, scene.language))
    return scene.day(date) if last is None else range_label(date, last, scene.language)


def _time(scene: Scene, moment: Moment) -> str | None:
    if moment.time is not None:
        wall = _wall(moment.time)
        return scene.say("when_around", time=wall) if moment.approximate else wall
    if moment.part_of_day is not None:
        return scene.say(f"when_{moment.part_of_day.value}")
    since, until = moment.time_from, moment.time_to
    if since is not None and until is not None:
        return f"{_wall(since)}–{_wall(until)}"
    if since is not None:
        return scene.say("when_after", time=_wall(since))
    return None if until is None else scene.say("when_before", time=_wall(until))


def _wall(time: dt.time) -> str:
    return f"{time:%H:%M}"
