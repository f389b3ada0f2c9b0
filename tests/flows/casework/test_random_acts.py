"""Random acts by random officers on a bundle: whatever is answered, the invariants hold after every one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows.verify import verify
from forms.errors import Problem
from tests.flows.casework.tried import CASE_ACTS, FITTING, OPEN_TASK, RARE, TASK_ACTS, TERMINAL
from tests.kit.hall import BUNDLE, MORNING, REFUSAL, Hall


def holds(check: Callable[[Any], None]) -> Any:
    """Look whether `check` holds after every act that was not refused."""

    def look(machine: Any) -> None:
        if machine.changed:
            check(machine)

    look.__name__ = check.__name__
    return invariant()(look)


class Bundle(RuleBasedStateMachine):
    """One application of several matters, in the hands of everybody."""

    hall: Hall

    def __init__(self) -> None:
        super().__init__()
        self.no = ""
        self.changed = False
        self.cases: list[Any] = []
        self.limits: list[Any] = []
        self.overdue: set[int] = set()

    @initialize(
        codes=st.sampled_from([BUNDLE, ("settlement", "schooling"), ("green_channel", "subsidy")]), ok=st.booleans()
    )
    def hand_in(self, codes: tuple[str, ...], ok: bool) -> None:
        self.hall.now = MORNING
        self.no = self.hall.receive(self.hall.body(*codes, accept=ok)).no
        self.look()

    def look(self) -> None:
        """Read the whole application."""
        self.changed = True
        self.application = self.hall.application(self.no)
        key = {"key": self.application.id}
        of = "JOIN cases c ON c.id = x.case_id WHERE c.application_id = :key ORDER BY x.id"
        self.cases = self.hall.rows("SELECT * FROM cases WHERE application_id = :key ORDER BY id", **key)
        for name in ("tasks", "events", "documents", "pauses", "supplements", "limits"):
            setattr(self, name, self.hall.rows(f"SELECT x.* FROM {name} x {of}", **key))

    def on(self, name: str, case: Any) -> list[Any]:
        """Return what a case has of something."""
        return [row for row in getattr(self, name) if row.case_id == case.id]

    def open_pauses(self, case: Any) -> list[Any]:
        return [pause for pause in self.on("pauses", case) if pause.ended_at is None]

    def try_act(self, data: st.DataObject, no: str, act: str, fields: dict[str, Any], by: Any) -> None:
        if act == "request-supplement":
            fields = {**fields, "until": self.hall.day(data.draw(st.sampled_from([3, 30])))}
        try:
            self.hall.act(no, act, by, **fields)
        except Problem:
            before, self.changed = self.cases, False
            self.cases = self.hall.rows(
                "SELECT * FROM cases WHERE application_id = :key ORDER BY id", key=self.application.id
            )
            assert self.cases == before, "a refused act left something behind"
            return
        self.look()

    @rule(data=st.data())
    def act_on_a_case(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(self.cases))
        act = data.draw(
            st.sampled_from(
                [act for act in CASE_ACTS if act not in RARE or data.draw(st.integers(0, 4)) == 0] or ["accept"]
            )
        )
        people = [self.hall.window, self.hall.manager, self.hall.coordinator(case.no)]
        by = data.draw(st.sampled_from([*people, data.draw(st.sampled_from(self.hall.officers))]))
        self.try_act(data, case.no, act, data.draw(st.sampled_from(CASE_ACTS[act])), by)

    @precondition(lambda self: any(task.status in OPEN_TASK - {"blocked"} for task in self.tasks))
    @rule(data=st.data())
    def speak(self, data: st.DataObject) -> None:
        """Somebody who may, speaks: so that cases get on."""
        task = data.draw(st.sampled_from([t for t in self.tasks if t.status in OPEN_TASK - {"blocked"}]))
        act = "refuse" if data.draw(st.integers(0, 7)) == 0 else "approve"
        self.try_act(data, task.no, act, REFUSAL if act == "refuse" else {}, self.hall.holder(task.no))

    @precondition(lambda self: bool(self.tasks))
    @rule(data=st.data())
    def a_stranger_acts_on_a_task(self, data: st.DataObject) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        act = data.draw(st.sampled_from([act for act in TASK_ACTS if act not in RARE]))
        seated = [one for one in self.hall.officers if any(m.department == task.department for m in one.members)]
        by = data.draw(st.sampled_from([self.hall.window, *seated]))
        self.try_act(data, task.no, act, data.draw(st.sampled_from(TASK_ACTS[act])), by)

    @precondition(lambda self: bool(self.tasks))
    @rule(data=st.data())
    def whose_turn_it_is_acts_on_a_task(self, data: st.DataObject) -> None:
        """One of the acts that fit a task's status, by the one who may."""
        tasks = [
            task for task in self.tasks if task.status in FITTING and not (task.paused and task.status == "pending")
        ]
        if not tasks:
            return
        task = data.draw(st.sampled_from(tasks))
        act = data.draw(st.sampled_from(FITTING[task.status]))
        if act == "dispatch":
            by = self.hall.coordinator(task.no.rpartition("-")[0])
        elif act == "retract" and task.signers:
            by = next(one for one in self.hall.officers if one.id == task.signers[-1])
        else:
            by = self.hall.holder(task.no)
        self.try_act(data, task.no, act, data.draw(st.sampled_from(TASK_ACTS[act])), by)

    @precondition(lambda self: any(case.status in TERMINAL for case in self.cases))
    @rule(data=st.data())
    def a_case_that_is_over_is_delivered_or_reopened(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from([case for case in self.cases if case.status in TERMINAL]))
        if data.draw(st.integers(0, 3)):
            self.try_act(data, case.no, "deliver", {}, self.hall.window)
        else:
            self.try_act(data, case.no, "reopen", {"reason": "复议"}, self.hall.manager)

    @precondition(lambda self: self.hall.now < MORNING + timedelta(days=80))
    @rule(days=st.sampled_from([1, 4, 40]))
    def time_goes_by(self, days: int) -> None:
        self.changed = False
        self.hall.later(days=days)
        self.overdue |= {one.id for one in self.running_late()}

    def running_late(self) -> list[Any]:
        """Return the limits that run and whose last day lies behind."""
        return [one for one in self.limits if one.ended_at is None and one.due_on and one.due_on < self.hall.today]

    # what holds after every act

    @holds
    def no_task_before_acceptance_and_none_is_open_in_a_case_that_is_over(self) -> None:
        cases = {case.id: case for case in self.cases}
        for task in self.tasks:
            case = cases[task.case_id]
            assert case.accepted_at is not None
            if case.status in TERMINAL and task.status in OPEN_TASK:
                assert not task.blocking and case.outcome == "approved", (case.no, task.step)

    @holds
    def every_ending_has_a_reason_and_a_document(self) -> None:
        for case in self.cases:
            assert (case.status in TERMINAL) == (case.closed_at is not None) == (case.outcome is not None)
            if case.status in TERMINAL:
                assert case.reason_code and not case.paused
                kinds = {document.kind for document in self.on("documents", case)}
                assert kinds - {"acceptance", "gap_promise", "supplement_notice", "special_procedure"}
                assert not [p for p in self.open_pauses(case) if p.task_id is None]

    @holds
    def at_most_one_list_is_open_and_its_tasks_are_paused(self) -> None:
        for case in self.cases:
            lists = [one for one in self.on("supplements", case) if one.status == "open"]
            assert len(lists) <= (case.status in ("supplement", "in_progress"))
            paused = {pause.task_id for pause in self.open_pauses(case) if pause.kind == "supplement"}
            assert paused <= {key for one in lists for key in one.task_ids}

    @holds
    def pauses_stand_as_the_ledger_says(self) -> None:
        for case in self.cases:
            ledger = {pause.task_id for pause in self.open_pauses(case)}
            for task in self.on("tasks", case):
                assert task.paused == (task.id in ledger), task.no

    @holds
    def no_pause_cures_what_is_overdue(self) -> None:
        running = {one.id for one in self.limits if one.ended_at is None}
        assert self.overdue & running <= {one.id for one in self.running_late()}

    @holds
    def a_decision_has_two_signers_and_nobody_signs_twice(self) -> None:
        for task in self.tasks:
            assert len(set(task.signers)) == len(task.signers)
            if task.status in ("approved", "refused") and task.decides:
                assert len(task.signers) == task.levels >= 2
            assert len(task.signers) == (task.level if task.status in ("approved", "refused") else task.level - 1)

    @holds
    def the_window_has_spoken_on_nothing(self) -> None:
        windows = {one.id for one in self.hall.officers if one.has("window")}
        assert not windows & {key for task in self.tasks for key in task.signers}

    @holds
    def the_record_ends_where_everything_stands(self) -> None:
        for case in self.cases:
            events = self.on("events", case)
            last: dict[str, str] = {}
            for event in events:
                assert last.get(event.subject, event.before) == event.before
                last[event.subject] = event.after
            assert last[case.no] == case.status and len(events) == case.chain_seq
            for task in self.on("tasks", case):
                assert last.get(task.no, task.status) == task.status
            closings = [event.act for event in events if event.act.startswith("close-")]
            assert len(closings) <= 1

    @holds
    def reopening_makes_a_linked_case_and_each_is_carried_on_once(self) -> None:
        carried = Counter(case.reopens for case in self.cases if case.reopens)
        assert all(times == 1 for times in carried.values())
        alive = Counter(case.matter for case in self.cases if case.status not in TERMINAL)
        assert all(times == 1 for times in alive.values())

    @holds
    def nothing_is_stuck(self) -> None:
        for case in self.cases:
            if case.status != "in_progress":
                continue
            tasks = self.on("tasks", case)
            waits = any(
                other.matter == edge["matter"] and other.status not in TERMINAL
                for edge in case.edges
                for other in self.cases
            )
            assert waits or any(t.status in OPEN_TASK - {"blocked"} and t.mandatory for t in tasks), case.no

    def teardown(self) -> None:
        """In the end the whole database is proved, and what is left can be brought to its end."""
        if not self.no:
            return
        for case in self.cases:
            if self.hall.case(case.no).status not in TERMINAL:
                self.hall.act(case.no, "void", self.hall.manager, reason="清理")
        self.look()
        assert self.application.outcome is not None


@pytest.fixture
def machine(hall: Hall) -> type[Bundle]:
    return type("BundleInHall", (Bundle,), {"hall": hall})


def test_whatever_anybody_does_the_invariants_hold(hall: Hall, machine: type[Bundle]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    with hall.engine.connect() as conn:
        assert [finding for _, finding in verify(conn) if finding] == []
