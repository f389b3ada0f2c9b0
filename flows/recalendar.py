"""Changing the calendar (调整工作日历): what was left undone first, then the change, then every open due day."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Engine

from flows import access
from flows.record import Desk
from flows.reproject import Tally, catch_up, reproject
from infra.store.reprojecting import last_event

T = TypeVar("T")


def change_calendar(
    engine: Engine,
    door: Callable[[], AbstractContextManager[Desk]],
    change: Callable[[Desk], T],
    *,
    reason: str,
    tell: Callable[[Tally | None], object],
) -> tuple[T, Tally]:
    """The calendar is changed, and every open due day follows it; return what `change` gave and what moved.

    `door` gives the administrator a desk. `tell` hears what an earlier change had left undone, since its command was
    killed: that is moved first and told apart, also where this change is then refused, be it because the day stands so
    already. Due days move after the commit, in steps; what a pass of the worker moved in between is counted with it.
    """
    with door() as seat:
        access.may(seat.actor, "administer")
    tell(catch_up(engine))
    with door() as seat:
        access.may(seat.actor, "administer")
        made, actor, now, since = change(seat), seat.actor, seat.now, last_event(seat.conn)
    return made, reproject(engine, actor, now, reason=reason, since=since)
