"""When a step opens and how a case ends (汇合): pure functions over a case's tasks, decided under the case's row lock.

Nothing here writes. `flows.casework.advance` asks and carries out, for officers' acts and for passes alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from flows.policy import Fate, Join, JoinKind
from forms.vocabulary import TASK_IN_HAND, TaskStatus

CANCELLED = "cancelled"
NOT_INVOLVED = "not_involved"


class State(StrEnum):
    """What a task contributes to a join."""

    WAIT = "wait"
    OK = "ok"
    FAILED = "failed"
    NEUTRAL = "neutral"


class TaskLike(Protocol):
    """The facts of a task that joins read."""

    step: str
    status: str
    outcome: str | None
    after: list[str]
    join_policy: dict[str, Any]
    route: str | None
    mandatory: bool
    blocking: bool
    decides: bool


T = TypeVar("T", bound=TaskLike)


class EdgeState(StrEnum):
    """How a step's wait for a sibling case stands (DOMAIN: cross-matter dependency)."""

    WAIT = "wait"
    OPEN = "open"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a case ends, and the task whose verdict made it so."""

    status: str
    task: Any | None


@dataclass(slots=True)
class Moves(Generic[T]):
    """What is due on a case: tasks to open, that can never open, of a route not taken, and perhaps its ending."""

    open: list[T] = field(default_factory=list)
    dead: list[T] = field(default_factory=list)
    excluded: list[T] = field(default_factory=list)
    ending: Ending | None = None


_ENDED = {
    TaskStatus.APPROVED.value: State.OK,
    TaskStatus.REFUSED.value: State.FAILED,
    TaskStatus.FORWARDED.value: State.FAILED,
}
_IN_HAND = frozenset(status.value for status in TASK_IN_HAND)
_NO_WORK, _BLOCKED = TaskStatus.NOT_APPLICABLE.value, TaskStatus.BLOCKED.value


def _settled(task: TaskLike) -> State:
    if task.status == _NO_WORK:
        return State.FAILED if task.outcome == CANCELLED else State.NEUTRAL
    return _ENDED.get(task.status, State.WAIT)


def _joined(join: Join, states: Sequence[tuple[str, State]]) -> State:
    """Say what a join makes of its predecessors' states: WAIT, OK (the step opens) or FAILED (it never can)."""
    if not states:
        return State.OK
    if any(state is State.WAIT and step in join.besides for step, state in states):
        return State.WAIT
    counted = [(step, state) for step, state in states if state is not State.NEUTRAL and step not in join.besides]
    if not counted:
        return State.OK
    ok = sum(state is State.OK for _, state in counted)
    waiting = sum(state is State.WAIT for _, state in counted)
    if join.kind is JoinKind.VETO:
        if any(state is State.FAILED and step in join.who for step, state in counted):
            return State.FAILED
        return State.WAIT if waiting else State.OK
    needed = {JoinKind.ALL: len(counted), JoinKind.ANY: 1, JoinKind.K_OF_N: min(join.k, len(counted))}[join.kind]
    if ok >= needed:
        return State.OK
    return State.FAILED if ok + waiting < needed else State.WAIT


def weigh(
    tasks: Sequence[T],
    *,
    fate: Fate = Fate.CANCEL,
    edges: Mapping[str, EdgeState] | None = None,
    routes: Mapping[str, str] | None = None,
) -> Moves[T]:
    """Return the moves that are due on a case, given its tasks in the order of the plan.

    `edges` says for a step that waits on a sibling case how that stands, `routes` which fallback routes are taken
    ("open" not yet known). Asking again after the moves are made returns no more of the same: opening is idempotent.
    """
    edges, routes = edges or {}, routes or {}
    state: dict[str, State] = {}
    moves: Moves[T] = Moves()
    by_step = {task.step: task for task in tasks}
    for task in _in_order(tasks, by_step):
        settled = _settled(task)
        if settled in (State.WAIT, State.NEUTRAL):
            joined = _joined_before(task, by_step, state)
            route = routes.get(task.route, "taken") if task.route else "taken"
            blocked = task.status == _BLOCKED
            if settled is State.NEUTRAL:
                settled = _passed_on(joined)
            elif blocked and route == "not_taken":
                moves.excluded.append(task)
                settled = _passed_on(joined)
            elif joined is State.FAILED or (blocked and edges.get(task.step) is EdgeState.DEAD):
                moves.dead.append(task)
                settled = State.FAILED
            elif blocked and joined is State.OK and route == "taken" and edges.get(task.step) is not EdgeState.WAIT:
                moves.open.append(task)
        state[task.step] = settled
    fatal = _fatal(tasks, state)
    moves.ending = _ending(tasks, state, fatal, fate)
    if moves.ending is not None or (fate is Fate.FINISH and fatal):
        moves.open = [task for task in moves.open if not task.blocking]
    return moves


def ready(task: TaskLike, tasks: Sequence[TaskLike]) -> bool:
    """Whether the verdicts before `task` allow it to be decided now (an opinion may have been asked meanwhile)."""
    by_step = {other.step: other for other in tasks}
    return _joined_before(task, by_step, _states(tasks, by_step)) is State.OK


def leaning(task: T, tasks: Sequence[T]) -> list[T]:
    """Return the tasks that opened because `task` has spoken and would not stand open if it had not."""
    by_step = {other.step: other for other in tasks}
    now, without = _states(tasks, by_step), _states(tasks, by_step, silent=task.step)
    return [
        other
        for other in tasks
        if other.status not in (_BLOCKED, _NO_WORK)
        and _joined_before(other, by_step, now) is State.OK
        and _joined_before(other, by_step, without) is not State.OK
    ]


def fallen_with(task: T, tasks: Sequence[T]) -> list[T]:
    """Return the tasks after `task` that were ended without work, perhaps because of what it said."""
    by_step = {other.step: other for other in tasks}
    behind = {task.step}
    for other in _in_order(tasks, by_step):
        if behind & set(other.after):
            behind.add(other.step)
    return [
        other for other in tasks if other.step in behind and other.status == _NO_WORK and other.outcome == CANCELLED
    ]


def _in_order(tasks: Iterable[T], by_step: Mapping[str, T]) -> list[T]:
    """Order tasks so that predecessors come first (an ad hoc task is appended yet may precede others)."""
    done: dict[str, T] = {}

    def visit(task: T) -> None:
        if task.step not in done:
            for step in task.after:
                if step in by_step:
                    visit(by_step[step])
            done[task.step] = task

    for task in tasks:
        visit(task)
    return list(done.values())


def _joined_before(task: TaskLike, by_step: Mapping[str, TaskLike], state: Mapping[str, State]) -> State:
    """Say what the join of a task makes of those before it; optional ones do not count, opinions asked for do."""
    join = Join.of(task.join_policy)
    before = [(s, state[s]) for s in task.after if s in state and (by_step[s].mandatory or s in join.besides)]
    return _joined(join, before)


def _passed_on(joined: State) -> State:
    """Say what a step that is not involved contributes: nothing itself, yet what comes before it still counts."""
    return State.NEUTRAL if joined is State.OK else joined


def _states(tasks: Sequence[T], by_step: Mapping[str, T], *, silent: str | None = None) -> dict[str, State]:
    """Return what each task contributes as it stands; `silent` as if it had not spoken."""
    state: dict[str, State] = {}
    for task in _in_order(tasks, by_step):
        settled = State.WAIT if task.step == silent else _settled(task)
        state[task.step] = _passed_on(_joined_before(task, by_step, state)) if settled is State.NEUTRAL else settled
    return state


def _last(tasks: Sequence[T]) -> list[T]:
    """Return the tasks on which the case hangs: the deciding one, and mandatory ones that no mandatory one follows."""
    followed = {step for task in tasks if task.blocking and task.mandatory for step in task.after}
    return [t for t in tasks if t.decides or (t.mandatory and t.blocking and t.step not in followed)]


def _fatal(tasks: Sequence[T], state: Mapping[str, State]) -> list[T]:
    """Return the tasks whose failure settles the case."""
    return [task for task in _last(tasks) if state[task.step] is State.FAILED]


def _ending(tasks: Sequence[T], state: Mapping[str, State], fatal: Sequence[T], fate: Fate) -> Ending | None:
    awaited = fate is Fate.FINISH and any(
        t.mandatory and t.blocking and state[t.step] is State.WAIT and t.status in _IN_HAND for t in tasks
    )
    if awaited:
        return None
    if fatal:
        by_step = {task.step: task for task in tasks}
        culprits = [_culprit(task, by_step, state) for task in fatal]
        culprit = next((t for t in culprits if t.status != TaskStatus.FORWARDED.value), culprits[0])
        forwarded = culprit.status == TaskStatus.FORWARDED.value
        return Ending("closed_forwarded" if forwarded else "closed_refused", culprit)
    if all(state[task.step] in (State.OK, State.NEUTRAL) for task in _last(tasks)):
        return Ending("closed_ok", next((t for t in tasks if t.decides), None))
    return None


def _culprit(fatal: T, by_step: Mapping[str, T], state: Mapping[str, State]) -> T:
    """Follow a step that never opened back to the refusal it fell with, so that the decision can quote its reasons."""
    found, roots = [fatal], []
    for task in found:
        before = [by_step[s] for s in task.after if state.get(s) is State.FAILED and by_step[s].mandatory]
        found += [one for one in before if one not in found]
        if not before:
            roots.append(task)
    for verdict in (TaskStatus.REFUSED.value, TaskStatus.FORWARDED.value):
        for task in found:
            if task.status == verdict:
                return task
    return roots[0]
