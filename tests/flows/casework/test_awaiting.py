"""What waits for whom: just the tasks that the officer may take, at every level, and what came back to who leads."""

from __future__ import annotations

import pytest

from flows import access
from flows.access import Actor
from flows.offers import may_take
from forms.vocabulary import Department, Role
from infra.store import awaiting, inbox
from infra.store.inbox import TaskFilter
from tests.kit.hall import Hall

POLICE = Department.PUBLIC_SECURITY


def waiting(hall: Hall, who: Actor, most: int = 100) -> int:
    """How many tasks the menu says are waiting."""
    with hall.engine.connect() as conn:
        return awaiting.count(conn, access.voices(who), access.scope(who).leads, most)


def offered(hall: Hall, who: Actor) -> set[str]:
    """The tasks that the view of what waits shows."""
    with hall.engine.connect() as conn:
        wanted = TaskFilter(today=hall.today, free=access.voices(who))
        return {row.task.no for row in inbox.page(conn, access.scope(who), wanted, limit=500)}


@pytest.fixture(autouse=True)
def _nothing_else_waits(hall: Hall) -> None:
    with hall.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE tasks SET status = 'not_applicable'")


def test_at_each_level_only_those_who_may_speak_are_told_of_the_task(hall: Hall, settled: str) -> None:
    hall.finish(settled, but=("approval",))
    task = hall.no(settled, "approval")
    handler, approver = hall.actor(Role.HANDLER, POLICE), hall.actor(Role.APPROVER, POLICE)
    assert (waiting(hall, handler), waiting(hall, approver)) == (1, 0)
    hall.act(task, "approve", handler)
    assert (waiting(hall, handler), waiting(hall, approver)) == (0, 1)
    hall.act(task, "claim", approver)
    assert waiting(hall, approver) == 0


def test_what_was_returned_waits_for_who_leads(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    hall.act(task, "return", hall.speaker(task), reason="不属于本部门")
    coordinator = hall.coordinator(settled)
    assert waiting(hall, coordinator) == 1
    assert offered(hall, coordinator) == {task}
    assert waiting(hall, hall.actor(Role.COORDINATOR, Department.EDUCATION)) == 0


def test_the_count_is_of_what_the_view_shows_and_of_what_may_be_taken(hall: Hall) -> None:
    for _ in range(2):
        cases = hall.open("settlement", "schooling", "green_channel", "subsidy")
        hall.act(hall.no(cases["settlement"], "eligibility"), "claim", hall.actor(Role.HANDLER, "human_resources"))
    tasks = hall.rows("SELECT * FROM tasks WHERE status IN ('pending', 'reviewing') AND officer_id IS NULL")
    for who in hall.officers:
        may = {task.no for task in tasks if may_take(who, task)}
        assert offered(hall, who) == may
        assert waiting(hall, who) == len(may)
    assert max(waiting(hall, who, most=1) for who in hall.officers) == 1
