"""Winding the clocks (时限运行): from what a transaction recorded follows which limits start, stop, go on and end.

One hook at the end of every desk (`flows.desks`): no verb arms a limit by itself, so none can be forgotten. The days of
a limit are projections of budget and pauses by `flows.sla`, written beside the status so that inboxes sort by them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flows.arming import (
    ENDED,
    Phase,
    limits_of,
    of_case,
    of_task,
    phase,
    pinned,
    planned,
    to_answer,
    to_hand_over,
    to_look_over,
    until,
    workdays_of,
)
from flows.projection import STOPS, UNBORN, WHOLE, local_day, projection_of
from flows.receipt import received_at
from flows.record import Desk, Moved
from flows.sla import Clock, Runs
from forms.vocabulary import CASE_CLOSED, TASK_IN_HAND, CaseStatus, PauseKind, TaskStatus
from infra.store import limits, papers, statement
from infra.store.rows import CaseRow, TaskRow
from infra.store.statement import Change

Row = dict[str, Any]

_IN_HAND = frozenset(status.value for status in TASK_IN_HAND)
_CLOSED = frozenset(status.value for status in CASE_CLOSED)
APPLICANTS = frozenset({Clock.SUPPLEMENT.value, Clock.GAP.value})
_BESIDE = APPLICANTS | {Clock.RATING.value, Clock.RESPONSE.value, Clock.DISPATCH.value}
"""Clocks that show no light on case or task: nobody's work on it, its follow-up, or the wait until it is taken up."""
_UNANSWERED = frozenset({TaskStatus.PENDING.value, TaskStatus.RETURNED.value})
_ENDINGS = frozenset({
    "close-ok", "close-refused", "close-forwarded", "forward", "lapse", "withdraw", "void", "decline-not-required",
    "decline-not-accepted",
})  # fmt: skip
_RETRACTED = frozenset({"retract", "retract-level"})
_PAUSING = frozenset({"suspend", "resume"})
_ELSEWHERE = frozenset({"transfer-office", "follow-office"})
_WITHOUT_WORK = frozenset({"skip", "exclude"})
_NO_WORK = (TaskStatus.BLOCKED, TaskStatus.RETURNED)


@dataclass(slots=True)
class Winding:
    """What the acts of one transaction mean for the limits of one case."""

    case: CaseRow
    start: list[Row] = field(default_factory=list)
    paused: list[Row] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    revived: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    ended_clocks: set[str] = field(default_factory=set)
    over: bool = False
    project: bool = False
    pausing: bool = False

    def end(self, subject: str) -> None:
        """Have the limit of a task ended, one that would have started just now too."""
        self.ended.add(subject)
        self.start = [row for row in self.start if row["subject"] != subject]


def wind(desk: Desk) -> None:
    """Start, stop and end limits as the acts at this desk demand; before the sheet is written."""
    by_case: dict[int, Winding] = {}
    for moved in desk.sheet.moved:
        winding = by_case.setdefault(moved.case.id, Winding(moved.case))
        if moved.task is not None:
            _task_moved(desk, winding, moved, moved.task)
        else:
            _case_moved(desk, winding, moved)
    for winding in by_case.values():
        _carry_out(desk, winding)


def _task_moved(desk: Desk, winding: Winding, moved: Moved, task: TaskRow) -> None:
    case = winding.case
    if moved.after == TaskStatus.PENDING and moved.before in _NO_WORK:
        winding.start += of_task(desk, case, task)
        _public_notice(desk, winding, task, begins=True)
    elif moved.act in _RETRACTED and moved.before in ENDED:
        winding.revived.add(task.no)
        winding.undone.add(task.step)
        _public_notice(desk, winding, task, begins=True)
        winding.project = True
    elif moved.after in ENDED or moved.after in _NO_WORK:
        winding.end(task.no)
        _public_notice(desk, winding, task, begins=False)
        if moved.after == TaskStatus.APPROVED:
            for limit in limits_of(case):
                winding.start += pinned(desk, case, limit) if limit["event"] == task.step else []
        elif moved.after in _NO_WORK:
            _copy(task, [])
        winding.project |= moved.act in _WITHOUT_WORK and moved.before in _IN_HAND
    elif moved.act in _PAUSING:
        winding.project = winding.pausing = True
    _task_waits(desk, winding, moved, task)


def _task_waits(desk: Desk, winding: Winding, moved: Moved, task: TaskRow) -> None:
    """A task lies before a department to be claimed, or before the lead department to be given out again.

    A public notice, which nobody claims, only runs its days.
    """
    anew = moved.after != moved.before or moved.act in _ELSEWHERE
    if not anew or (task.wants or {}).get("special"):
        return
    if moved.before in _UNANSWERED:
        winding.answered.add(task.no)
        winding.start = [x for x in winding.start if (x["subject"], x["runs"]) != (task.no, Runs.HOURS)]
    if moved.after in _UNANSWERED:
        waits_for = Clock.RESPONSE if moved.after == TaskStatus.PENDING else Clock.DISPATCH
        winding.start.append(to_answer(desk, winding.case, task, waits_for))


def _case_moved(desk: Desk, winding: Winding, moved: Moved) -> None:
    case = moved.case
    if moved.before == CaseStatus.SUBMITTED and moved.after != CaseStatus.SUBMITTED:
        winding.ended_clocks.add(Clock.INTAKE)
        winding.start = [row for row in winding.start if row["clock"] != Clock.INTAKE]
    if moved.after == CaseStatus.SUBMITTED and moved.before != CaseStatus.SUBMITTED:
        online = moved.act == "supplement" and desk.actor.kind == "applicant"
        day = max(local_day(case.received_at), local_day(received_at(desk, case.region, online=online)))
        winding.start.append(to_look_over(desk, case, day))
    elif moved.after == CaseStatus.IN_PROGRESS and moved.before == CaseStatus.SUBMITTED:
        winding.start += of_case(desk, case)
    elif moved.act in _PAUSING or moved.act == "extend":
        winding.project = True
        winding.pausing |= moved.act in _PAUSING
    elif moved.act in _ENDINGS:
        winding.over = True
        if moved.after in _CLOSED:
            winding.start += to_hand_over(desk, case)
    elif moved.after == CaseStatus.DELIVERED:
        winding.ended_clocks |= {Clock.DELIVERY, Clock.CERTIFICATE}
    _applicant_moved(desk, winding, moved)


def _applicant_moved(desk: Desk, winding: Winding, moved: Moved) -> None:
    """The applicant's own clocks: what was asked for, what was promised; they never count as the office's time."""
    case = moved.case
    if moved.act == "request-supplement":
        asked = papers.open_supplement(desk.conn, case.id)
        if asked is not None and asked["opened_at"] == desk.now:
            winding.start.append(until(desk, case, Clock.SUPPLEMENT, asked["deadline"], "补正"))
    elif moved.act == "supplement":
        winding.ended_clocks.add(Clock.SUPPLEMENT)
    elif moved.act == "accept-with-gap" and case.gap:
        winding.start.append(until(desk, case, Clock.GAP, date.fromisoformat(case.gap["deadline"]), "容缺补交"))
    if moved.act in ("supplement", "supplement-part", "fill-gap") and case.gap and _kept(case.gap):
        winding.ended_clocks.add(Clock.GAP)


def _kept(gap: Mapping[str, Any]) -> bool:
    """Whether everything that was promised has been handed in."""
    return all(item.get("handed_at") for item in gap["items"])


def _public_notice(desk: Desk, winding: Winding, task: TaskRow, *, begins: bool) -> None:
    """A step of public notice (公示) pauses its case on the promised clock from its opening to its end."""
    special = (task.wants or {}).get("special")
    if special != PauseKind.PUBLIC_NOTICE:
        return
    case = winding.case
    pause = _pause(desk, case, PauseKind.PUBLIC_NOTICE, "公示期间不计入承诺办结时限")
    if desk.sheet.is_new(case):
        if begins and not winding.paused:
            winding.paused.append(pause)
        return
    mine = [p for p in papers.open_pauses(desk.conn, case.id) if p["kind"] == special and p["task_id"] is None]
    if begins and not mine:
        papers.insert_pause(desk.conn, pause)
    elif not begins:
        papers.end_pauses(desk.conn, [p["id"] for p in mine], at=desk.now, by=desk.actor.id)
    winding.project = True


def _pause(desk: Desk, case: CaseRow, kind: PauseKind, ground: str) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "task_id": None,
        "kind": kind.value,
        "ground": ground,
        "reason": "",
        "begun_at": desk.now,
        "planned_end": None,
        "begun_by": desk.actor.id,
    }


def _carry_out(desk: Desk, winding: Winding) -> None:
    case, day = winding.case, local_day(desk.now)
    changes: list[Change] = []
    if winding.over:
        kept = [t.no for t in desk.sheet.tasks_of.get(case.id, []) if t.status in _IN_HAND]
        changes.append(limits.ended(case.id, desk.now, day, kept=kept))
    elif not desk.sheet.is_new(case):
        if winding.ended_clocks:
            changes.append(limits.ended(case.id, desk.now, day, clocks=winding.ended_clocks))
        if winding.ended:
            changes.append(limits.ended(case.id, desk.now, day, subjects=winding.ended))
        if waited := winding.answered - winding.ended:
            changes.append(limits.answered(case.id, desk.now, day, waited))
    changes += [limits.revived(case.id, subject) for subject in winding.revived]
    changes += _phase(desk, winding, day)
    starting = winding.start
    if winding.paused:  # a case that begins with a public notice: nothing of it is in the database yet
        ledger = [{**pause, "ended_at": None} for pause in winding.paused]
        workdays = workdays_of(desk, case.region)
        starting = [
            row | projection_of(row, ledger, None if row["subject"] == case.no else UNBORN, workdays)
            for row in starting
        ]
        changes.append(papers.paused(winding.paused))
    if winding.pausing and not winding.over:
        changes += _plans(desk, winding, day)
    changes.append(limits.armed(starting))
    if not desk.sheet.is_new(case) and (winding.project or _something_paused(desk, case)):
        statement.write(desk.conn, changes)  # at once: the projection reads the ledger
        _all_paused(desk, winding)
        reproject_case(desk, case)
    else:
        desk.sheet.clocks += changes
        _show(desk, case, starting, over=winding.over)


def _plans(desk: Desk, winding: Winding, day: date) -> list[Change]:
    """Every open pause with a planned end has its limit, one that has ended has none; asking for papers has its own."""
    case = winding.case
    tasks = {task.id: task for task in desk.sheet.tasks_of.get(case.id, [])}
    wanted = {}
    for pause in papers.open_pauses(desk.conn, case.id):
        task = tasks.get(pause["task_id"])
        if (
            pause["planned_end"] is not None
            and pause["kind"] != PauseKind.SUPPLEMENT
            and (task is None or task.no not in winding.ended)
        ):
            row = planned(desk, case, pause, task)
            wanted[row["subject"], row["what"]] = row
    running = {
        (row["subject"], row["what"])
        for row in limits.running_on(desk.conn, case.id)
        if row["clock"] == Clock.PAUSE and row["subject"] not in winding.ended
    }
    ended = [limits.plan_ended(case.id, desk.now, day, *key) for key in running - wanted.keys()]
    return [*ended, limits.armed([row for key, row in wanted.items() if key not in running])]


def _something_paused(desk: Desk, case: CaseRow) -> bool:
    return case.stopped or case.paused or any(t.paused for t in desk.sheet.tasks_of.get(case.id, []))


def _phase(desk: Desk, winding: Winding, day: date) -> list[Change]:
    """The promise from acceptance ends with what it promised, where limits after an event carry on (核定、拨付)."""
    case = winding.case
    if winding.over or not (winding.ended or winding.revived) or desk.sheet.is_new(case):
        return []
    changes: list[Change] = [limits.event_undone(case.id, desk.now, day, step) for step in winding.undone]
    match phase(case, desk.sheet.tasks_of.get(case.id, [])):
        case Phase.OVER:
            changes.append(limits.first_ended(case.id, desk.now, day, case.no, passed=False))
        case Phase.SPECIAL | Phase.RUNNING as left:
            if winding.revived:
                changes.append(limits.first_revived(case.id, case.no, in_time=left is Phase.SPECIAL))
            elif left is Phase.SPECIAL:
                changes.append(limits.first_ended(case.id, desk.now, day, case.no, passed=True))
        case None:
            return []
    winding.project = True
    return changes


def _show(desk: Desk, case: CaseRow, rows: Sequence[Mapping[str, Any]], *, over: bool) -> None:
    """Put the days of limits that start on the rows that show them."""
    tasks = {t.no: t for t in desk.sheet.tasks_of.get(case.id, [])}
    shown: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["clock"] not in _BESIDE:
            shown[row["subject"]].append(row)
    for no, own in shown.items():
        if no in tasks:
            _copy(tasks[no], own)
            desk.touch(tasks[no])
    own = shown.get(case.no, [])
    if own or over:
        _copy(case, own)
        desk.touch(case)


def _copy(target: CaseRow | TaskRow, rows: Sequence[Mapping[str, Any]]) -> None:
    """Show on a case or task the days of its limits: the first due day, and of each light the earliest day."""
    target.due_on = next((row["due_on"] for row in rows), None)
    for name in ("amber_on", "yellow_on", "red_on"):
        setattr(target, name, min((row[name] for row in rows if row[name] is not None), default=None))
    target.stopped = any(row["stopped"] for row in rows)


def _all_paused(desk: Desk, winding: Winding) -> None:
    """The clock of a case stops too while every open task is paused on that clock (全部挂起); 待前置 does not count.

    Judged for each clock by itself, and kept in the ledger like any other pause.
    """
    case = winding.case
    pauses = papers.open_pauses(desk.conn, case.id)
    in_hand = [t for t in desk.sheet.tasks_of.get(case.id, []) if t.status in _IN_HAND and t.blocking]
    for clock, kind in WHOLE.items():
        held = {p["task_id"] for p in pauses if p["task_id"] and clock in STOPS[PauseKind(p["kind"])]}
        whole = not winding.over and bool(in_hand) and all(t.id in held for t in in_hand)
        mine = [p["id"] for p in pauses if p["kind"] == kind.value]
        if whole and not mine:
            papers.insert_pause(desk.conn, _pause(desk, case, kind, "全部在办任务均已暂停"))
        elif mine and not whole:
            papers.end_pauses(desk.conn, mine, at=desk.now, by=desk.actor.id)


def reproject_case(desk: Desk, case: CaseRow) -> None:
    """Project all running limits of a case anew from its ledger, and show them on the case and its tasks."""
    running = limits.running_on(desk.conn, case.id)
    if not running:
        _copy(case, [])
        desk.touch(case)
        return
    ledger = papers.pauses_of(desk.conn, case.id)
    tasks = desk.sheet.tasks_of.get(case.id, [])
    keys = {t.no: t.id or UNBORN for t in tasks}
    workdays = workdays_of(desk, case.region)
    changed = [{"key": row["id"], **projection_of(row, ledger, keys.get(row["subject"]), workdays)} for row in running]
    limits.project(desk.conn, changed)
    shown: dict[str, list[Row]] = defaultdict(list)
    for row, new in zip(running, changed, strict=True):
        if row["clock"] not in _BESIDE:
            shown[row["subject"]].append(new)
    for task in tasks:
        if task.no in shown:
            _copy(task, shown[task.no])
            desk.touch(task)
    _copy(case, shown.get(case.no, []))
    desk.touch(case)
