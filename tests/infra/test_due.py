"""Pages in the order of due days: whatever is filtered, leafing through shows every row once and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from forms.scope import EVERYTHING, Scope, Seat
from infra.store import breaches, inbox, oversight
from infra.store.inbox import TaskFilter
from infra.store.limits import LIMITS
from infra.store.oversight import Wanted
from infra.store.work import CASES, TASKS
from tests.kit.hall import PINGDU
from tests.kit.planned import left_with

DISTRICT = Scope(regions=frozenset({PINGDU}))
LEAD = Scope(leads=frozenset({Seat("education", PINGDU)}))
SCOPES = pytest.mark.parametrize("scope", [EVERYTHING, DISTRICT, LEAD], ids=["the city", "a district", "a lead"])
LIGHTS = (None, "red", "yellow", "amber", "green", "paused", "none")


def leafed(ask: Callable[..., list[Any]], conn: Connection, scope: Scope, wanted: Wanted) -> Iterator[Any]:
    """Leaf through a list, three rows a page."""
    after: tuple[date, int] | None = None
    while rows := ask(conn, scope, wanted, after=after, limit=3):
        yield from rows
        after = (rows[-1].due_on or date.max, rows[-1].id)


@SCOPES
@pytest.mark.parametrize("matter", [None, "schooling"])
def test_leafing_shows_every_case_once_and_in_order(
    engine: Engine, day: date, scope: Scope, matter: str | None
) -> None:
    with engine.connect() as conn:
        everything = oversight.cases(conn, scope, Wanted(day, "open"), limit=500)
        for light in LIGHTS:
            wanted = Wanted(day, "open", matter=matter, light=light)
            found = list(leafed(oversight.cases, conn, scope, wanted))
            keys = {row.id for row in oversight.cases(conn, scope, wanted, limit=500)}
            assert [row.id for row in found] == [row.id for row in everything if row.id in keys]
            assert len(found) == sum(row[2] for row in oversight.lights_of_cases(conn, scope, wanted))


@SCOPES
@pytest.mark.parametrize("view", ["in_hand", "unclaimed", "returned", "paused"])
def test_leafing_shows_every_task_once_and_in_order(engine: Engine, day: date, scope: Scope, view: str) -> None:
    with engine.connect() as conn:
        everything = list(leafed(oversight.tasks, conn, scope, Wanted(day, view)))
        assert [row.id for row in everything] == [
            row.id for row in sorted(everything, key=lambda row: (row.due_on or date.max, row.id))
        ]
        assert {row.status for row in everything} <= ({"returned"} if view == "returned" else set(oversight.IN_HAND))
        for light, department in product(LIGHTS, (None, "education")):
            wanted = Wanted(day, view, department=department, light=light)
            keys = {row.id for row in oversight.tasks(conn, scope, wanted, limit=500)}
            found = [row.id for row in leafed(oversight.tasks, conn, scope, wanted)]
            assert found == [row.id for row in everything if row.id in keys]
        shown = [
            {r.id for r in oversight.tasks(conn, scope, Wanted(day, view, light=x), limit=500)} for x in LIGHTS[1:]
        ]
        assert sum(len(one) for one in shown) == len(set().union(*shown)) == len(everything)


@pytest.mark.parametrize(
    "scope",
    [
        EVERYTHING,
        DISTRICT,
        LEAD,
        Scope(seats=frozenset({Seat("education", PINGDU)})),
        Scope(seats=frozenset({Seat("education", "*"), Seat("human_resources", PINGDU)})),
        Scope(seats=frozenset({Seat("public_security", PINGDU)}), leads=LEAD.leads),
    ],
    ids=["the city", "a district", "a lead", "a seat", "two seats", "a lead with a seat"],
)
def test_leafing_through_tasks_in_hand_shows_each_of_the_own_once(engine: Engine, day: date, scope: Scope) -> None:
    with engine.connect() as conn:
        held = select(TASKS.c.id).join(CASES, CASES.c.id == TASKS.c.case_id).where(inbox._mine(scope, TaskFilter()))
        held = held.where(TASKS.c.status.in_(inbox.IN_HAND)).order_by(TASKS.c.due_on, TASKS.c.id)
        everything = conn.execute(held).scalars().all()
        for light, matter in product(LIGHTS, (None, "schooling")):
            wanted = TaskFilter(light=light, matter=matter, today=day)
            whole = {row.task.id for row in inbox.page(conn, scope, wanted, limit=500)}
            found: list[int] = []
            after: tuple[date, int] | None = None
            while rows := inbox.page(conn, scope, wanted, after=after, limit=3):
                found += [row.task.id or 0 for row in rows]
                after = (rows[-1].task.due_on or date.max, rows[-1].task.id or 0)
            assert found == [key for key in everything if key in whole]
            assert len(found) == sum(
                many for shown, many in inbox.lights(conn, scope, wanted).items() if light in (None, shown or "none")
            )
        assert {row.task.id for row in inbox.page(conn, scope, TaskFilter(), limit=500)} == set(everything)


def test_what_is_decided_is_ones_own_where_one_has_a_seat_not_where_one_only_leads(engine: Engine, day: date) -> None:
    seat = Scope(seats=frozenset({Seat("public_security", PINGDU)}))
    both = Scope(seats=seat.seats, leads=LEAD.leads)
    with engine.connect() as conn:
        at_seat = [row.task.id for row in inbox.page(conn, seat, TaskFilter(decided=True))]
        assert at_seat
        assert [row.task.id for row in inbox.page(conn, both, TaskFilter(decided=True))] == at_seat
        assert inbox.page(conn, LEAD, TaskFilter(decided=True)) == []


@pytest.mark.parametrize("scope", [EVERYTHING, DISTRICT], ids=["the city", "a district"])
@pytest.mark.parametrize("ahead", [1, 4, 40])
def test_what_turns_next_is_told_in_the_order_of_its_days(engine: Engine, day: date, scope: Scope, ahead: int) -> None:
    horizon = day + timedelta(days=ahead)
    with engine.connect() as conn:
        running = select(LIMITS).where(LIMITS.c.ended_at.is_(None), LIMITS.c.clock.not_in(breaches._NOBODYS))
        if scope is DISTRICT:
            running = running.join(CASES, CASES.c.id == LIMITS.c.case_id).where(CASES.c.region == PINGDU)
        turning = [
            (min(days), row.id)
            for row in conn.execute(running)
            if (days := [one for one in (row.yellow_on, row.red_on) if one is not None and day < one <= horizon])
        ]
        assert turning or ahead == 1
        found: list[tuple[date, int]] = []
        while rows := breaches.soon(conn, scope, day, horizon, after=found[-1] if found else None, limit=3):
            found += [(row["turns_on"], row["id"]) for row in rows]
        assert found == sorted(turning)


@pytest.mark.parametrize(
    ("ask", "view", "index"),
    [
        (oversight.cases, "open", "cases_lights"),
        (oversight.tasks, "in_hand", "tasks_in_hand"),
        (oversight.tasks, "unclaimed", "tasks_in_hand"),
        (oversight.tasks, "returned", "tasks_in_hand"),
    ],
)
@pytest.mark.parametrize("scope", [EVERYTHING, DISTRICT], ids=["the city", "a district"])
def test_the_days_of_a_page_are_found_without_a_look_at_the_rows(
    engine: Engine, day: date, ask: Callable[..., list[Any]], view: str, index: str, scope: Scope
) -> None:
    sent: list[Any] = []
    with engine.connect() as conn:
        left_with(conn, index)
        event.listen(conn, "before_cursor_execute", lambda _c, _k, said, given, *_: sent.append((said, given)))
        for light in LIGHTS:
            sent.clear()
            ask(conn, scope, Wanted(day, view, matter="schooling", light=light), after=(day, 1), limit=3)
            said, given = sent[0]
            assert "count(*)" in said
            plan = "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {said}", given))
            assert f"Index Only Scan using {index}" in plan
