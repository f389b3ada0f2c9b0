"""Opening tasks and joining (开办、汇合、办结): what is due on cases in hand is done, until nothing is due.

Idempotent: an officer's act calls it inside its own transaction, a pass calls it again for whatever a crash left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.access import SYSTEM, Actor
from flows.casework.delay import explained
from flows.casework.hand import IN_HAND, OPEN, InHand, hold
from flows.casework.pause import stop_or_go
from flows.joins import CANCELLED, NOT_INVOLVED, EdgeState, Ending, Moves, weigh
from flows.policy import Fate
from flows.record import Desk, issue, record
from forms.messages import REMEDIES
from forms.vocabulary import CASE_OPEN, CaseStatus, DocumentKind, Outcome, PauseKind
from infra.store import papers, people, work
from infra.store.rows import CaseRow, TaskRow

_OPEN_CASES = frozenset(status.value for status in CASE_OPEN)
_CLOSE = {"closed_ok": "close-ok", "closed_refused": "close-refused", "closed_forwarded": "close-forwarded"}
_DECIDED = frozenset({"closed_ok", "closed_refused"})
_DOCUMENT = {
    "closed_ok": DocumentKind.DECISION_OK,
    "closed_refused": DocumentKind.DECISION_REFUSED,
    "closed_forwarded": DocumentKind.FORWARD_NOTICE,
}


def advance(desk: Desk, hand: InHand) -> None:
    """Open what can be opened, settle what never can, conclude the case if it is decided; and so for its siblings."""
    in_hands = {hand.case.id: hand}
    waiting = [hand]
    while waiting:
        now = waiting.pop()
        if _advance_one(desk, now):
            waiting += _woken(desk, now, in_hands)


def _advance_one(desk: Desk, hand: InHand) -> bool:
    """Advance one case; True when it came to its end just now, so that siblings may go on."""
    case = hand.case
    while True:
        if case.status != CaseStatus.IN_PROGRESS.value:
            _open_non_blocking(desk, hand)
            return case.status not in _OPEN_CASES
        gates = _gates(desk, hand)
        moves: Moves[TaskRow] = weigh(hand.tasks, fate=Fate(case.fate), edges=gates, routes=case.routes)
        if not (moves.open or moves.dead or moves.excluded or moves.ending):
            stop_or_go(desk, hand)
            return False
        end_without_work(desk, case, moves.excluded, "exclude", NOT_INVOLVED, "另一路径已通过")
        end_without_work(desk, case, moves.dead, "skip", CANCELLED, "前置未通过")
        for task in moves.open:
            open_task(desk, hand, task)
        if moves.ending is not None:
            conclude(desk, hand, moves.ending)
            _open_non_blocking(desk, hand)
            return True


def end_without_work(desk: Desk, case: CaseRow, tasks: list[TaskRow], act: str, outcome: str, reason: str) -> None:
    """The tasks are over without anybody's verdict; nobody holds them, nothing pauses them, no registry is asked."""
    stopped = {task.id for task in tasks if task.paused}
    if stopped:
        ended = [p["id"] for p in papers.open_pauses(desk.conn, case.id) if p["task_id"] in stopped]
        papers.end_pauses(desk.conn, ended, at=desk.now, by=desk.actor.id)
        _ask_no_more(desk, case, stopped)
    for task in tasks:
        record(desk, case, act, task=task, actor=SYSTEM, reason=reason)
        task.outcome = outcome
        task.check_state = task.officer_id = task.officer_name = None
        task.paused = False


def _ask_no_more(desk: Desk, case: CaseRow, ended: set[int | None]) -> None:
    """A list of what is missing is void when no task is left that asks for it."""
    asked = papers.open_supplement(desk.conn, case.id)
    if asked is not None and ended & set(asked["task_ids"]):
        asking = [key for key in asked["task_ids"] if key not in ended]
        over = {} if asking else {"status": "void", "closed_at": desk.now}
        papers.update_supplement(desk.conn, asked["id"], task_ids=asking, **over)


def _open_non_blocking(desk: Desk, hand: InHand) -> None:
    """Open what never held the case up, also after it closed with success."""
    if hand.case.outcome != Outcome.APPROVED.value:
        return
    moves = weigh(hand.tasks, fate=Fate(hand.case.fate), routes=hand.case.routes)
    end_without_work(desk, hand.case, [t for t in moves.dead if not t.blocking], "skip", CANCELLED, "前置未通过")
    for task in moves.open:
        if not task.blocking:
            open_task(desk, hand, task)


def _gates(desk: Desk, hand: InHand) -> dict[str, EdgeState]:
    """Say how each step that waits for a sibling case stands; a case whose sibling failed takes its fallback route."""
    gates: dict[str, EdgeState] = {}
    for edge in hand.case.edges:
        sibling = next((c for c in reversed(hand.family) if c.matter == edge["matter"]), None)
        state = _gate(desk, hand.case, edge, sibling)
        if gates.get(edge["step"], EdgeState.OPEN) is EdgeState.OPEN or state is EdgeState.DEAD:
            gates[edge["step"]] = state
    return gates


def _gate(desk: Desk, case: CaseRow, edge: dict[str, Any], sibling: CaseRow | None) -> EdgeState:
    route = edge.get("fallback")
    if sibling is None or (route and case.routes.get(route) in ("taken", "not_taken")):
        return EdgeState.OPEN
    if sibling.status in _OPEN_CASES:
        return EdgeState.WAIT
    succeeded = sibling.outcome == Outcome.APPROVED.value
    if route is None:
        return EdgeState.OPEN if succeeded else EdgeState.DEAD
    if case.routes.get(route) == "open":
        case.routes = {**case.routes, route: "not_taken" if succeeded else "taken"}
        if not succeeded:
            record(
                desk, case, "take-route", actor=SYSTEM, route=route, sibling=sibling.no, sibling_outcome=sibling.outcome
            )
        desk.touch(case)
    return EdgeState.OPEN


def open_task(desk: Desk, hand: InHand, task: TaskRow) -> None:
    """The task is in its department's inbox; where a registry is to be asked, the machine's work is due."""
    record(desk, hand.case, "open", task=task, actor=SYSTEM)
    begin(desk, hand, task)
    if (task.wants or {}).get("special") == PauseKind.PUBLIC_NOTICE:
        computed = granted_of(hand.case)
        issue(desk, hand.case, DocumentKind.PUBLIC_NOTICE, task_no=task.no, days=task.days, computed=computed)


def begin(desk: Desk, hand: InHand, task: TaskRow) -> None:
    """Stamp a task that has just become 待签收: its moment, the office named by a result before it, its check."""
    task.opened_at = desk.now
    source = (task.wants or {}).get("office_from")
    if source:
        step, _, code = source.partition(".")
        before = hand.step(step)
        named = ((before.verdict or {}) if before is not None else {}).get("items", {}).get(code)
        office = people.find_office(desk.conn, task.department, task.region, named) if named else None
        task.office = office["code"] if office is not None else None
    if task.check_code:
        task.check_state, task.check_tries, task.check_next_at = "due", 0, None
        desk.sheet.nudges.add(hand.case.matter)


def conclude(
    desk: Desk, hand: InHand, ending: Ending, *, verdict: Mapping[str, Any] | None = None, actor: Actor = SYSTEM
) -> None:
    """The case has ended as the joins say: once, with a document, its open tasks settled, its application derived.

    `verdict` says why where no task's does.
    """
    case, task = hand.case, ending.task
    if verdict is None:
        verdict = (task.verdict if task is not None else None) or {}
    leave = ending.status == "closed_ok"
    reason = verdict.get("reason") or (None if leave else "前置事项或者环节未通过")
    case.reason_code = verdict.get("reason_code") or ("approved" if leave else "predecessor_failed")
    delay = explained(desk, hand) if ending.status in _DECIDED else {}
    record(
        desk,
        case,
        _CLOSE[ending.status],
        actor=actor,
        reason_code=case.reason_code,
        reason=reason,
        decided_by=task.no if task is not None else None,
        **delay,
    )
    settle_open(desk, hand, reason="办件已办结", keep_non_blocking=leave)
    issue(
        desk,
        case,
        _DOCUMENT[ending.status],
        reason_code=case.reason_code,
        reason=reason,
        to=verdict.get("to"),
        basis=verdict.get("basis"),
        remedies=verdict.get("remedies", REMEDIES if not leave else None),
        decided_by=task.title if task is not None else None,
        results=results_of(hand),
        stated=stated_of(hand),
        computed=granted_of(case) if leave else None,
        department=task.department if task is not None else None,
        opinions=verdict.get("opinions"),
        **delay,
    )
    if delay:
        issue(desk, case, DocumentKind.DELAY_STATEMENT, **delay)
    derive_application(desk, hand)


def results_of(hand: InHand) -> dict[str, Any]:
    """Return what the approvals of a case stated, by step."""
    return {t.step: t.verdict["items"] for t in hand.tasks if t.verdict and t.verdict.get("items")}


def stated_of(hand: InHand) -> list[dict[str, str]]:
    """Return the same in the offices' words, for the document."""
    named = [((t.wants or {}).get("results", {}), (t.verdict or {}).get("items") or {}) for t in hand.tasks]
    return [{"title": known.get(code, code), "value": value} for known, items in named for code, value in items.items()]


def granted_of(case: CaseRow) -> dict[str, Any] | None:
    """Return what was computed for a case, as far as a document states it: the rule, the amount, for how long."""
    found = {name: case.computed.get(name) for name in ("rule_title", "amount", "months", "total")}
    return {name: value for name, value in found.items() if value is not None} or None


def settle_open(
    desk: Desk, hand: InHand, *, reason: str, keep_non_blocking: bool = False, listed: bool = False
) -> None:
    """End the open tasks, pauses and lists of a case that is over; non-blocking tasks may stay open and decidable.

    `listed` says that a list of what is missing may be open although nothing is paused (before acceptance).
    """
    case = hand.case
    over = [t for t in hand.tasks if t.status in OPEN and not (keep_non_blocking and not t.blocking)]
    paused = case.paused or any(t.paused for t in hand.tasks)
    end_without_work(desk, case, over, "skip", CANCELLED, reason)
    if paused:
        kept = {t.id for t in hand.tasks if t.status in IN_HAND}
        ended = [p["id"] for p in papers.open_pauses(desk.conn, case.id) if p["task_id"] not in kept]
        papers.end_pauses(desk.conn, ended, at=desk.now, by=desk.actor.id)
    if paused or listed:
        asked = papers.open_supplement(desk.conn, case.id)
        if asked is not None:
            papers.update_supplement(desk.conn, asked["id"], status="void", closed_at=desk.now)
    case.paused = False


def derive_application(desk: Desk, hand: InHand) -> None:
    """The application's status and outcome follow from its cases, whose locks are held."""
    desk.sheet.derived[hand.case.application_id] = hand.family


def _woken(desk: Desk, hand: InHand, in_hands: dict[int, InHand]) -> list[InHand]:
    """Return the siblings that waited for this case; their locks are held already, in the order of their numbers."""
    woken = []
    for sibling in hand.family:
        if sibling.id == hand.case.id or not any(e["matter"] == hand.case.matter for e in sibling.edges):
            continue
        if sibling.status != CaseStatus.IN_PROGRESS.value:
            continue
        if sibling.id not in in_hands:
            tasks = work.tasks_of(desk.conn, sibling.id)
            in_hands[sibling.id] = hold(desk, sibling, hand.family, tasks)
        woken.append(in_hands[sibling.id])
    return woken
