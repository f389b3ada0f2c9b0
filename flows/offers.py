"""What may be done now (可办事项): the acts that a desk offers an officer on a task or a case.

Nothing is decided here: an act that is offered is still judged by its verb under the case's lock. What is not offered
would be refused by roles, by the status or by who has the task in hand, as they were when the page was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows import access
from flows.access import Actor
from flows.casework.hand import IN_HAND, OPEN
from flows.casework.pause import OF_THE_ACT
from flows.joins import leaning, ready
from flows.lifecycle import CASE, TASK
from forms.errors import NotAllowed
from forms.vocabulary import CaseStatus, PauseKind, TaskStatus
from infra.store.rows import CaseRow, TaskRow

_AT_WORK = frozenset({TaskStatus.PENDING.value, TaskStatus.RECEIVED.value, TaskStatus.REVIEWING.value})
_SPOKEN = frozenset({TaskStatus.APPROVED.value, TaskStatus.REFUSED.value})
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: its tasks, its open pauses, its lists of what is missing, on a day."""

    case: CaseRow
    tasks: Sequence[TaskRow]
    pauses: Sequence[Row]
    supplements: Sequence[Row]
    day: date
    reopened: bool = False

    @property
    def in_progress(self) -> bool:
        """Whether the case is accepted and not over."""
        return self.case.status == CaseStatus.IN_PROGRESS.value

    @property
    def asked(self) -> Row | None:
        """Return the open list of what is missing."""
        return next((one for one in self.supplements if one["status"] == "open"), None)

    def paused_as(self, task: TaskRow | None) -> list[PauseKind]:
        """Return the kinds of the open pauses of a task (of the case itself for None) that an officer may end."""
        key = task.id if task is not None else None
        kinds = [PauseKind(one["kind"]) for one in self.pauses if one["task_id"] == key]
        return [kind for kind in kinds if kind not in OF_THE_ACT]


def on_task(actor: Actor, stands: Standing, task: TaskRow) -> list[str]:
    """Return the acts that may be done on a task now, the most usual first: in the own right or for who is absent."""
    told = [_on_task(capacity, stands, task) for capacity in actor.capacities()]
    return [act for act in told[0] if any(one[act] for one in told)]


def _on_task(actor: Actor, stands: Standing, task: TaskRow) -> dict[str, bool]:
    return {
        "approve": _may_decide(actor, stands, task),
        "refuse": _may_decide(actor, stands, task),
        "claim": _may_claim(actor, task),
        "retract": _may_retract(actor, stands, task),
        "send-back": speaks(actor, task) and _free(actor, task) and task.level > 1 and _moves(task, "send-back"),
        "request-supplement": _may_ask(actor, stands, task),
        "suspend": stands.in_progress and _moves(task, "suspend") and _may(actor, "suspend", stands, task),
        "resume": bool(stands.paused_as(task)) and _may(actor, "resume", stands, task),
        "return": _free(actor, task) and task.level == 1 and not task.paused and _moves(task, "return")
        and _may(actor, "return", stands, task),
        "hand-over": _may_hand_over(actor, stands, task),
        "transfer": _free(actor, task) and _moves(task, "transfer") and _may(actor, "transfer", stands, task),
        "release": _may_release(actor, stands, task),
        "recheck": bool(task.check_code) and _moves(task, "recheck") and _may(actor, "recheck", stands, task),
        "forward": _decidable(stands, task) and speaks(actor, task) and _free(actor, task),
        "dispatch": _moves(task, "dispatch") and _may(actor, "dispatch", stands),
        "add-task": stands.in_progress and task.status in OPEN and _may_add(actor, stands),
        "urge": _moves(task, "urge") and _may(actor, "urge", stands),
    }  # fmt: skip


def awaited(stands: Standing, task: TaskRow) -> list[TaskRow]:
    """Return the opinions that were asked for and without which a task is not decided (加办、征求意见)."""
    besides = task.join_policy.get("besides", ()) if task.status in IN_HAND else ()
    return [one for one in stands.tasks if one.step in besides and one.status in OPEN]


def on_case(actor: Actor, stands: Standing) -> list[str]:
    """Return the acts that those who answer for a whole case may do on it now; the window's own are at the window."""
    told = [_on_case(capacity, stands) for capacity in actor.capacities()]
    return [act for act in told[0] if any(one[act] for one in told)]


def _on_case(actor: Actor, stands: Standing) -> dict[str, bool]:
    open_now = stands.in_progress
    return {
        "suspend": open_now and _may(actor, "suspend-case", stands),
        "resume": bool(stands.paused_as(None)) and _may(actor, "resume-case", stands),
        "extend": open_now and bool(extends(actor, stands)),
        "propose-extension": open_now and _may(actor, "propose-extension", stands),
        "urge": open_now and any(t.status in IN_HAND for t in stands.tasks) and _may(actor, "urge", stands),
        "copy": open_now and _allowed(actor, "copy", case=stands.case, seats=stands.tasks),
        "add-task": open_now and _may_add(actor, stands),
        "forward": _moves_case(stands, "forward") and _may(actor, "forward-case", stands),
        "lapse": _is_overdue(stands) and _may(actor, "lapse", stands),
        "void": _moves_case(stands, "void") and _may(actor, "void", stands),
        "reopen": _moves_case(stands, "reopen") and not stands.reopened and _may(actor, "reopen", stands),
    }


def extends(actor: Actor, stands: Standing) -> list[str]:
    """Return by which powers the officer may lengthen the limits of a case, 行政许可法 第42条."""
    rights = list(actor.capacities())
    return [kind for kind in ("agency", "government") if any(_may(one, f"extend-{kind}", stands) for one in rights)]


def reveals(actor: Actor, stands: Standing) -> bool:
    """Whether the officer may be shown plain numbers, for a reason."""
    seats = [task for task in stands.tasks if task.status != TaskStatus.NOT_APPLICABLE.value]
    return any(_allowed(one, "reveal", case=stands.case, seats=seats) for one in actor.capacities())


def _may(actor: Actor, act: str, stands: Standing, task: TaskRow | None = None) -> bool:
    return _allowed(actor, act, case=stands.case, task=task)


def _allowed(actor: Actor, act: str, **where: Any) -> bool:
    try:
        access.may(actor, act, **where)
    except NotAllowed:
        return False
    return True


def speaks(actor: Actor, task: TaskRow) -> bool:
    """Whether the officer may speak at the task's present level."""
    try:
        access.may_speak(actor, task)
    except NotAllowed:
        return False
    return True


def _moves(task: TaskRow, act: str) -> bool:
    return (TaskStatus(task.status), act) in TASK


def _moves_case(stands: Standing, act: str) -> bool:
    return (CaseStatus(stands.case.status), act) in CASE


def _free(actor: Actor, task: TaskRow) -> bool:
    """Whether no colleague has the task in hand."""
    return task.officer_id is None or actor.is_or_stands_for(task.officer_id)


def _decidable(stands: Standing, task: TaskRow) -> bool:
    case = stands.case
    lives = stands.in_progress or (not task.blocking and task.status in IN_HAND)
    stopped = task.paused or (case.paused and task.decides)
    return lives and not stopped and task.status in _AT_WORK and ready(task, stands.tasks)


def _may_decide(actor: Actor, stands: Standing, task: TaskRow) -> bool:
    return (
        _decidable(stands, task) and speaks(actor, task) and _free(actor, task) and not access.has_spoken(actor, task)
    )


def _may_claim(actor: Actor, task: TaskRow) -> bool:
    unheld = task.officer_id is None and _moves(task, "claim")
    return unheld and speaks(actor, task) and not access.has_spoken(actor, task)


def _may_release(actor: Actor, stands: Standing, task: TaskRow) -> bool:
    if task.officer_id is None or not _moves(task, "release"):
        return False
    leads = any(m.role in ("approver", "chief") and access.at_seat(m, task) for m in actor.members)
    return (actor.is_or_stands_for(task.officer_id) or leads) and _may(actor, "release", stands, task)


def _may_hand_over(actor: Actor, stands: Standing, task: TaskRow) -> bool:
    if not _moves(task, "hand-over") or (task.paused and task.status == TaskStatus.PENDING.value):
        return False
    holds = task.officer_id is not None and actor.is_or_stands_for(task.officer_id)
    return holds or _may(actor, "hand-over", stands, task)


def may_take(actor: Actor, task: TaskRow) -> bool:
    """Whether the officer may claim or decide a task of the inbox: nobody else has it, and has not spoken on it yet."""
    rights = actor.capacities()
    return any(speaks(one, task) and _free(one, task) and not access.has_spoken(one, task) for one in rights)


def _may_retract(actor: Actor, stands: Standing, task: TaskRow) -> bool:
    if not task.signers or task.signers[-1] != actor.id or not _may(actor, "retract", stands, task):
        return False
    if task.status not in _SPOKEN:
        return task.status == TaskStatus.REVIEWING.value and task.level > 1 and task.officer_id is None
    return stands.in_progress and all(
        other.status == TaskStatus.PENDING.value and not other.paused and other.officer_id is None and not other.signers
        for other in leaning(task, stands.tasks)
    )


def _may_ask(actor: Actor, stands: Standing, task: TaskRow) -> bool:
    if not stands.in_progress or task.status not in _AT_WORK:
        return False
    asked = stands.asked
    if asked is not None and task.id in asked["task_ids"]:
        return False
    if asked is None and any(one["after_acceptance"] for one in stands.supplements):
        return _may(actor, "ask-supplement-again", stands)
    return _free(actor, task) and _may(actor, "ask-supplement", stands, task)


def _may_add(actor: Actor, stands: Standing) -> bool:
    return _allowed(actor, "add-task", case=stands.case, seats=[t for t in stands.tasks if t.status in OPEN])


def _is_overdue(stands: Standing) -> bool:
    """Whether what the applicant was to bring has not come in time."""
    if not _moves_case(stands, "lapse"):
        return False
    asked, gap = stands.asked, stands.case.gap or {}
    if asked is not None:
        return bool(stands.day > asked["deadline"])
    owed = any(not item.get("handed_at") for item in gap.get("items", []))
    return owed and stands.day > date.fromisoformat(gap["deadline"])
