"""Why somebody may not do a thing (不予办理的说明): whose it is instead, as far as the asker may know. Pure.

The office is named where the asker has the case or the task before him already: who may not see it is told that it is
not there (404) and hears of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flows.powers import ACTS, At
from forms.errors import NotAllowed
from forms.vocabulary import Department, Role

if TYPE_CHECKING:
    from flows.access import Actor, CaseFacts, TaskFacts


def refusal(
    act: str, actor: Actor | None = None, *, case: CaseFacts | None = None, task: TaskFacts | None = None
) -> NotAllowed:
    """Return the error for an act that is somebody else's: which roles may do it, and of which office."""
    whose: dict[str, list[Role]] = {}
    for role, at in ACTS.get(act, ()):
        roles = whose.setdefault(_where(role, at, actor, case, task), [])
        if role not in roles:
            roles.append(role)
    if not whose:
        return NotAllowed(act=act)
    verb = "查看" if act.startswith("read-") else "办理"
    named = "，或者".join(_named(place, roles) for place, roles in whose.items())
    return NotAllowed(
        f"您没有{verb}此项的权限，应由{named}{verb}。",
        act=act,
        roles=[role.value for role, _ in ACTS[act]],
        departments=_departments(act, case, task),
    )


def not_your_level(roles: Iterable[Role], task: TaskFacts) -> NotAllowed:
    """Return the error for a verdict at a level that is somebody else's."""
    wanted = list(roles)
    return NotAllowed(
        f"此环节应由{_named(Department(task.department).label, wanted)}办理。",
        level=task.level,
        roles=[role.value for role in wanted],
        departments=[task.department],
    )


def _named(place: str, roles: list[Role]) -> str:
    return (f"{place}的" if place else "") + "、".join(role.label for role in roles)


def _where(role: Role, at: At, actor: Actor | None, case: CaseFacts | None, task: TaskFacts | None) -> str:
    """Return in whose words a role counts: of the lead department, of the task's, of those that take part, or there."""
    if at is At.LEAD and case is not None:
        return Department(case.lead).label
    if at is At.SEAT and task is not None:
        return Department(task.department).label
    if at is At.ANY_SEAT:
        return "参与办理部门"
    elsewhere = at is At.REGION and actor is not None and actor.has(role)
    return "办件所在区划" if elsewhere else ""


def _departments(act: str, case: CaseFacts | None, task: TaskFacts | None) -> list[str]:
    places = {at for _, at in ACTS[act]}
    found = [case.lead] if case is not None and At.LEAD in places else []
    return found + ([task.department] if task is not None and At.SEAT in places else [])
