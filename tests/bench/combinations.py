"""Every combination of filters (筛选组合): all that an officer can click in the search and in the manager's lists.

The slow ones are told, the slowest first. Each is asked of the store; a page adds what it costs to draw fifty rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from sqlalchemy import Connection, Engine, text

from flows import access
from flows.projection import local_day
from forms.vocabulary import CaseStatus, Department
from infra.store import breaches, inbox, lists, oversight, people, supervision
from infra.store.inbox import TaskFilter
from infra.store.lights import LIGHTS
from infra.store.lists import CaseFilter
from infra.store.oversight import CASE_VIEWS, TASK_VIEWS, Wanted

MATTERS = (None, "settlement", "schooling", "green_channel", "subsidy")
_DEPARTMENTS = (None, *(one.value for one in Department))
_SHOWN = (None, *LIGHTS)
Asked = tuple[str, Callable[[Connection, Any], Any]]


def slow(engine: Engine, names: Mapping[str, str], mark_ms: float) -> Iterator[str]:
    """Ask everything once, what was slow once more; yield what stayed slower than the mark."""
    for role in ("handler", "clerk", "manager", "city", "lead"):
        with engine.connect() as conn:
            officer = people.officer_by_username(conn, names[role])
            assert officer is not None
            scope = access.scope(access.officer(officer.id, officer.name, officer.members))
            found, count = [], 0
            for name, ask in _asked(conn, role):
                count += 1
                ms = _ms(conn, ask, scope)
                if ms > mark_ms:
                    ms = min(ms, *(_ms(conn, ask, scope) for _ in range(2)))
                if ms > mark_ms:
                    found.append((ms, name))
        yield f"{role}: {count} combinations, {len(found)} above {mark_ms:.0f} ms\n"
        yield from (f"  {ms:8.1f} ms  {name}\n" for ms, name in sorted(found, reverse=True)[:40])


def _ms(conn: Connection, ask: Callable[[Connection, Any], Any], scope: Any) -> float:
    begun = time.perf_counter()
    ask(conn, scope)
    return (time.perf_counter() - begun) * 1000


def _asked(conn: Connection, role: str) -> Iterable[Asked]:
    now = conn.execute(text("SELECT now()")).scalar_one()
    today = local_day(now)
    statuses = (None, *(one.value for one in CaseStatus))
    for status, matter, department, light in product(statuses, MATTERS, _DEPARTMENTS, _SHOWN):
        case = CaseFilter(status, matter, department, light=light, today=today)
        yield str(case), lambda c, s, case=case: lists.cases(c, s, case, limit=51)
    if role in ("handler", "lead"):
        views = ((None, False), ("pending", False), (None, True))
        for (status, decided), matter, light in product(views, MATTERS, _SHOWN):
            task = TaskFilter(status, None, matter, light=light, today=today, decided=decided)
            yield str(task), lambda c, s, task=task: _inbox(c, s, task)
    if role in ("manager", "city", "lead"):
        yield from _watched(today, now)


def _inbox(conn: Connection, scope: Any, task: TaskFilter) -> None:
    """Ask as the inbox does: the lights are counted where tasks are in hand, of all of them."""
    inbox.page(conn, scope, task, limit=51)
    if task.in_hand:
        inbox.lights(conn, scope, replace(task, light=None))


def _watched(today: Any, now: Any) -> Iterator[Asked]:
    since = today.replace(day=1)
    lights = (*_SHOWN, "none")
    for view, matter, department, light in product(CASE_VIEWS, MATTERS, _DEPARTMENTS, lights):
        wanted = Wanted(today, view, None, matter, department, None, light, since, today)
        yield f"cases {wanted}", lambda c, s, w=wanted: oversight.cases(c, s, w, limit=51)
    for view, matter, department, light in product(TASK_VIEWS, MATTERS, _DEPARTMENTS, lights):
        wanted = Wanted(today, view, None, matter, department, None, light, since, today)
        yield f"tasks {wanted}", lambda c, s, w=wanted: oversight.tasks(c, s, w, limit=51)
    for matter, department in product(MATTERS, _DEPARTMENTS):
        narrow = {"matter": matter, "department": department}
        yield f"late {narrow}", lambda c, s, n=narrow: breaches.late(c, s, now, **n, limit=51)
        horizon = today.replace(day=min(28, today.day + 5)) if today.day < 23 else today
        yield f"soon {narrow}", lambda c, s, n=narrow, h=horizon: breaches.soon(c, s, today, h, **n, limit=51)
    states = (None, "issued", "appealed", "withdrawn", "passed_up")
    for rung, state in product((None, "amber", "yellow", "red"), states):
        yield f"cards {rung} {state}", lambda c, s, r=rung, t=state: supervision.cards(c, s, rung=r, state=t, limit=51)
