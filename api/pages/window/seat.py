"""Who sits at the window (窗口席位): the regions where papers are taken in, and what is seen from here."""

from __future__ import annotations

from typing import Final

from api.visits import Visit
from flows import access
from flows.access import Actor
from flows.record import Desk
from forms.errors import NotAllowed
from forms.scope import Scope
from forms.vocabulary import Role
from infra.store import people

ROLES: Final = (Role.WINDOW.value, Role.SERVICE_OFFICER.value)


def seated(visit: Visit, seat: Desk) -> Scope:
    """Return what is seen from the window: its regions whole, else one's own filings; NotAllowed to others."""
    visit.actor = seat.actor
    return within(seat.actor)


def within(actor: Actor) -> Scope:
    """Return what an officer sees from the window, whatever else the officer may see elsewhere."""
    members = tuple(member for member in actor.members if member.role in ROLES)
    if not members:
        raise NotAllowed("此页面由综合窗口和帮办人员使用。")
    return access.scope(Actor(actor.id, actor.name, members, username=actor.username))


def regions(seat: Desk) -> dict[str, str]:
    """Return the regions where the officer may take papers in, with their names."""
    names = people.region_names(seat.conn)
    own = [member for member in seat.actor.members if member.role in ROLES]
    return {code: name for code, name in sorted(names.items()) if any(member.covers(code) for member in own)}
