"""Time off in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from assistant.guided.scene import Scene
from assistant.labels import date_label, one_line, range_label, time_label
from booking.business import STAFF, Resource
from booking.localtime import from_epoch, local_date, to_epoch, to_local, zone
from booking.opening import working_day
from db.repositories.blocks import Block

_DAY = dt.timedelta(days=1)
_SECOND = dt.timedelta(seconds=1)


def people(scene: Scene) -> tuple[Resource, ...]:
    """Return those who work here now, in the owner's order."""
    return tuple(r for r in scene.business.resources if r.kind == STAFF and r.active)


def whose(scene: Scene, resource_ids: Sequence[int]) -> str:
    """Return whose time off it is: names, or "everybody"."""
    everybody = {member.id for member in people(scene)}
    if len(everybody) > 1 and everybody <= set(resource_ids):
        return scene.say("off_everybody")
    found = [scene.business.resource(resource_id) for resource_id in resource_ids]
    return ", ".join(one_line(r.name.get(scene.language)) for r in found if r is not None)


def span_words(
    scene: Scene, resource_ids: Sequence[int], starts_at: dt.datetime, ends_at: dt.datetime
) -> str:
    """Return when: days where they are whole ones, else with the times of day.

    Args:
        resource_ids: whose hours tell what a whole day is.
        starts_at, ends_at: instants, half-open.
    """
    where = zone(scene.business.zone)
    members = [r for r in scene.business.resources if r.id in resource_ids]
    first = local_date(starts_at, where)
    span = to_epoch(starts_at), to_epoch(ends_at)
    # The last whole day ends with its night, on the date after it.
    for last in (local_date(ends_at - _SECOND, where), local_date(ends_at, where) - _DAY):
        whole = (
            working_day(scene.business, members, first)[0],
            working_day(scene.business, members, last)[1],
        )
        if last >= first and whole == span:
            return scene.day(first) if first == last else range_label(first, last, scene.language)
    start, end = (
        time_label(at, scene.business.zone, scene.language) for at in (starts_at, ends_at)
    )
    last = to_local(ends_at, where).date()
    if last == first:
        return f"{scene.day(first)}, {start}–{end}"
    if from_epoch(working_day(scene.business, (), first)[1]) == ends_at:
        return f"{scene.day(first)}, {start}–24:00"
    return f"{scene.day(first)}, {start} – {date_label(last, scene.language)}, {end}"


def block_line(scene: Scene, block: Block) -> str:
    """Return a block in one line: when, whose, and why."""
    when = span_words(scene, block.resource_ids, block.starts_at, block.ends_at)
    line = f"{when}: {whose(scene, block.resource_ids)}"
    return f"{line} ({one_line(block.reason)})" if block.reason else line
