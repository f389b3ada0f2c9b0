"""A case in hand (在办): the case, its siblings and its tasks, under lock and within the reader's walls."""

from __future__ import annotations

from dataclasses import dataclass, field

from flows import access
from flows.record import Desk
from forms.errors import Conflict, NotFound, Stale
from forms.vocabulary import TASK_IN_HAND, TASK_OPEN, CaseStatus
from infra.store import applications, past, work
from infra.store.rows import CaseRow, TaskRow

IN_HAND = frozenset(status.value for status in TASK_IN_HAND)
OPEN = frozenset(status.value for status in TASK_OPEN)


@dataclass(slots=True)
class InHand:
    """What a verb holds: the case, all cases of its application in the order of their numbers, the case's tasks.

    `explains` says that an officer's verdict may end the case now and has to explain a delay; `explanation` does.
    """

    case: CaseRow
    family: list[CaseRow]
    tasks: list[TaskRow] = field(default_factory=list)
    explains: bool = False
    explanation: str | None = None

    def task(self, no: str) -> TaskRow:
        """Return the task with that number, or NotFound."""
        for task in self.tasks:
            if task.no == no:
                return task
        raise NotFound

    def step(self, code: str) -> TaskRow | None:
        """Return the task of a step of the plan."""
        return next((task for task in self.tasks if task.step == code), None)


def hold(desk: Desk, case: CaseRow, family: list[CaseRow], tasks: list[TaskRow]) -> InHand:
    """Take rows in hand at a desk, where the clocks find them too."""
    desk.sheet.families[case.application_id] = family
    desk.sheet.tasks_of[case.id] = tasks
    return InHand(case, family, tasks)


def take(desk: Desk, case_no: str, *, if_match: int | None = None) -> InHand:
    """Lock a case with its siblings and return it with its tasks.

    NotFound also where the actor may not see it; Stale where `if_match` is not the version it has now.
    """
    family, tasks = work.take(desk.conn, case_no)
    case = next((case for case in family if case.no == case_no), None)
    if case is None:
        raise NotFound
    if desk.actor.kind == "officer":
        _within_walls(desk, case, tasks)
    elif desk.actor.kind == "applicant" and not access.own(desk.actor, case):
        raise NotFound
    if if_match is not None and if_match != case.version:
        raise Stale(version=case.version)
    return hold(desk, case, family, tasks)


def _within_walls(desk: Desk, case: CaseRow, tasks: list[TaskRow]) -> None:
    scope = access.scope(desk.actor)
    created_by = None
    if scope.created_by is not None:
        created_by = applications.creator(desk.conn, case.application_id)
    if not access.sees(scope, case, tasks, created_by=created_by):
        raise NotFound


def take_task(desk: Desk, task_no: str, *, if_match: int | None = None) -> tuple[InHand, TaskRow]:
    """Lock the case of a task and return both; NotFound also where the task is another department's."""
    try:
        hand = take(desk, task_no.rpartition("-")[0])
        task = hand.task(task_no)
        _at_hand(desk, hand, task)
    except NotFound:
        _say_what_became_of_it(desk, task_no)
        raise
    if if_match is not None and if_match != task.version:
        raise Stale(version=task.version)
    return hand, task


def _at_hand(desk: Desk, hand: InHand, task: TaskRow) -> None:
    if desk.actor.kind == "officer":
        scope = access.scope(desk.actor)
        if not (
            access.sees(scope, _Nowhere(), [task])
            or hand.case.region in scope.regions
            or any(s.department == hand.case.lead and s.region in ("*", hand.case.region) for s in scope.leads)
        ):
            raise NotFound


def _say_what_became_of_it(desk: Desk, task_no: str) -> None:
    """A task that lay in the actor's inbox and was ended by somebody else's act is a Conflict that names the act."""
    gone = work.ended_without_work(desk.conn, task_no)
    if gone is None or desk.actor.kind != "officer" or not access.was_at_seat(desk.actor, gone):
        return
    ending = past.ending_of(desk.conn, gone.case_id, task_no)
    if ending is None:
        return
    words = f"任务“{gone.title}”已不再需要办理：{ending['reason'] or '办理条件已变化'}（{ending['actor']}）。"
    meanwhile = {"actor": ending["actor"], "act": ending["act"], "subject": task_no, "at": ending["at"].isoformat()}
    raise Conflict(words, code="conflict", status=gone.status, meanwhile=meanwhile)


@dataclass(slots=True)
class _Nowhere:
    """A case seen through one of its tasks alone."""

    region: str = ""
    lead: str = ""


def must_be_open(case: CaseRow) -> None:
    """Raise a Conflict that says how the case ended, where it has."""
    if case.status != CaseStatus.IN_PROGRESS.value:
        raise Conflict(f"办件当前为“{CaseStatus(case.status).label}”，不能进行此项办理。", status=case.status)
