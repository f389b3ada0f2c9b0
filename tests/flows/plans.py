"""Random plans and what becomes of them, in memory: the joins alone, no database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from flows.joins import CANCELLED, NOT_INVOLVED, EdgeState, Ending, Fate, fallen_with, leaning, weigh
from flows.policy import Join, JoinKind

OPEN = ("blocked", "pending")


@dataclass
class Task:
    """The facts of a task that joins read."""

    step: str
    after: list[str] = field(default_factory=list)
    join_policy: dict[str, Any] = field(default_factory=lambda: {"kind": "all"})
    mandatory: bool = True
    blocking: bool = True
    decides: bool = False
    route: str | None = None
    status: str = "blocked"
    outcome: str | None = None


@dataclass
class Play:
    """A case played through: its tasks, the waits for sibling cases, the route not known yet, and how it ended."""

    tasks: list[Task]
    fate: Fate
    edges: dict[str, EdgeState] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    ending: Ending | None = None
    opened: list[str] = field(default_factory=list)

    def task(self, step: str) -> Task:
        return next(task for task in self.tasks if task.step == step)

    def settle(self) -> None:
        """Make every move that is due, as casework does."""
        while self.ending is None:
            moves = weigh(self.tasks, fate=self.fate, edges=self.edges, routes=self.routes)
            for task in moves.excluded:
                task.status, task.outcome = "not_applicable", NOT_INVOLVED
            for task in moves.dead:
                task.status, task.outcome = "not_applicable", CANCELLED
            for task in moves.open:
                task.status = "pending"
                self.opened.append(task.step)
            self.ending = moves.ending
            if not (moves.open or moves.dead or moves.excluded or moves.ending):
                return

    def speak(self, step: str, verdict: str) -> None:
        """Let a task in hand be decided, and the case go on."""
        assert self.task(step).status == "pending"
        self.task(step).status = verdict
        self.settle()

    def retract(self, step: str) -> None:
        """Take a verdict back, as casework does while nobody has acted on it."""
        task = self.task(step)
        for one in leaning(task, self.tasks):
            assert one.status == "pending", "only untouched successors are put back"
            one.status = "blocked"
        for one in fallen_with(task, self.tasks):
            one.status, one.outcome = "blocked", None
        task.status = "pending"
        self.settle()

    @property
    def in_hand(self) -> list[Task]:
        return [task for task in self.tasks if task.status == "pending"]

    def copy(self) -> Play:
        tasks = [replace(task) for task in self.tasks]
        return replace(self, tasks=tasks, edges=dict(self.edges), routes=dict(self.routes), opened=list(self.opened))


@st.composite
def joins(draw: st.DrawFn, counted: list[str]) -> Join:
    """A join over predecessors of which `counted` are mandatory."""
    kinds = [JoinKind.ALL, JoinKind.ANY] + ([JoinKind.K_OF_N, JoinKind.VETO] if counted else [])
    kind = draw(st.sampled_from(kinds))
    if kind is JoinKind.K_OF_N:
        return Join(kind, k=draw(st.integers(1, len(counted))))
    if kind is JoinKind.VETO:
        return Join(kind, who=tuple(draw(st.lists(st.sampled_from(counted), min_size=1, unique=True))))
    return Join(kind)


@st.composite
def plays(draw: st.DrawFn, *, fates: tuple[Fate, ...] = tuple(Fate), waits: bool = True) -> Play:
    """A random sound plan, at acceptance."""
    count = draw(st.integers(1, 7))
    deciding = draw(st.integers(0, count - 1))
    tasks: list[Task] = []
    for position in range(count):
        decides = position == deciding
        blocking = decides or draw(st.integers(0, 5)) > 0
        before = [task for task in tasks if task.blocking or not blocking]
        after = draw(st.lists(st.sampled_from([t.step for t in before]), max_size=4, unique=True)) if before else []
        counted = [task.step for task in before if task.step in after and task.mandatory]
        task = Task(
            step=f"s{position}",
            after=after,
            join_policy=draw(joins(counted)).data() if after else Join().data(),
            mandatory=decides or draw(st.integers(0, 4)) > 0,
            blocking=blocking,
            decides=decides,
        )
        if not decides and draw(st.integers(0, 5)) == 0:
            task.status, task.outcome = "not_applicable", NOT_INVOLVED
        elif not decides and waits and draw(st.integers(0, 6)) == 0:
            task.route = "fallback"
        tasks.append(task)
    play = Play(tasks, draw(st.sampled_from(fates)))
    if any(task.route for task in tasks):
        play.routes["fallback"] = draw(st.sampled_from(["open", "taken", "not_taken"]))
    if waits:
        for task in tasks:
            if draw(st.integers(0, 7)) == 0:
                play.edges[task.step] = draw(st.sampled_from(list(EdgeState)))
    play.settle()
    return play
