"""The clocks of real cases, whatever officers do, against an oracle that walks day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from flows.access import SYSTEM, Actor, Member
from flows.explain import explained, light_of
from flows.registry import matters
from flows.reproject import reproject
from flows.watch import fire
from forms.errors import Conflict
from infra import calendar, clock
from infra.calendar import built_in
from tests.flows.clock_oracle import BY_LAW, IN_HAND, NOTHING, OFFICES, Almanac, Kept, OpenCase, Pause
from tests.kit.clocked import HOSTEL, clocked_matters
from tests.kit.hall import MORNING, PINGDU, Hall, Row

MOST_CASES = 3
KINDS = (*BY_LAW, "public_notice", *NOTHING)
HEAD = Actor(None, "局长", (Member("agency_head", "human_resources", PINGDU), Member("manager", "supervision", PINGDU)))
RUNGS = ("amber", "yellow", "red")
FIRST = ("papers", "site", "safety")
STAGES = ((), (), FIRST[:2], FIRST, (*FIRST, "decision"), (*FIRST, "decision", "notice"))
PLANNED = 12
"""Days for which a special procedure is planned."""
SOME = st.sampled_from((0, 0, 1, 2, 3, 5, 8))


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


class Clocks(RuleBasedStateMachine):
    """Officers at work on a few cases; after each act every limit stands as the oracle says."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self.hall = hall
        hall.now = MORNING
        self.almanac = Almanac(built_in().workdays())
        self.cases: dict[str, OpenCase] = {}
        self.signed: dict[str, Actor] = {}
        self.listed: set[str] = set()

    def teardown(self) -> None:
        """Take back what was decided about days, so that the next play begins with the notices' calendar."""
        for day in self.almanac.decided:
            self._decide(day, None)

    # the acts

    @initialize(steps=st.sampled_from(STAGES))
    def first(self, steps: tuple[str, ...]) -> None:
        self._open(steps)

    @precondition(lambda self: len(self.cases) < MOST_CASES)
    @rule(steps=st.sampled_from(STAGES), days=SOME)
    def another_case(self, steps: tuple[str, ...], days: int) -> None:
        self._pass(days)
        self._open(steps)

    @rule(data=st.data(), kind=st.sampled_from(KINDS), who=st.sampled_from(("case", "task", "task", "all")), days=SOME)
    def pause(self, data: st.DataObject, kind: str, who: str, days: int) -> None:
        case = self._case(data)
        if case.over:
            return
        self._pass(days)
        owners = {"case": [case.no], "task": self._one(data, self._in_hand(case)), "all": self._in_hand(case)}[who]
        for owner in owners:
            if not case.open_pauses(owner, kind):
                self._suspend(case, owner, kind)

    @rule(data=st.data(), days=SOME)
    def resume(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        self._pass(days)
        for pause in self._one(data, [p for p in case.pauses if p.ended is None and p.kind in KINDS]):
            self._resume(case, pause)

    @rule(data=st.data(), kind=st.sampled_from(BY_LAW))
    def pause_and_resume_on_one_day(self, data: st.DataObject, kind: str) -> None:
        case = self._case(data)
        owners = [no for no in self._in_hand(case) if not case.open_pauses(no, kind)]
        if case.over or not owners:
            return
        owner = data.draw(st.sampled_from(owners))
        before = self._days(case)
        self._suspend(case, owner, kind)
        self._resume(case, case.open_pauses(owner, kind)[0])
        assert self._days(case) == before

    @rule(data=st.data(), days=st.integers(3, 30))
    def ask_for_papers(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        if case.over or case.no in self.listed or not self._in_hand(case):
            return
        task = data.draw(st.sampled_from(self._in_hand(case)))
        until = self.hall.today + timedelta(days=days)
        asked = {"items": [{"code": "id_card", "note": "不清晰"}], "until": until.isoformat()}
        self.hall.act(task, "request-supplement", self.hall.holder(task), **asked)
        self.listed.add(case.no)
        case.pauses.append(Pause(task, "supplement", self.hall.today))
        grain = max(self.almanac.between(self.hall.today, until), 1)
        case.limits.append(Kept(case.no, "supplement", self.hall.today, 0, fixed=until, grain=grain))
        self._look(case)

    @rule(data=st.data(), days=SOME)
    def papers_come(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        self._pass(days)
        if not any(p.kind == "supplement" and p.ended is None for p in case.pauses):
            return
        self.hall.act(case.no, "supplement", self.hall.window, items=[{"code": "id_card", "shared": True}])
        case.papers_in(self.hall.today)
        self._look(case)

    @rule(data=st.data(), days=SOME)
    def approve(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        self._pass(days)
        for task in self._one(data, self._free(case)):
            self._approve(case, task)

    @rule(data=st.data(), days=SOME)
    def retract(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        self._pass(days)
        spoken = [no for no, status in case.status.items() if status == "approved" and no in self.signed]
        if not spoken:
            return
        task = data.draw(st.sampled_from(spoken))
        with suppress(Conflict):  # somebody has acted on it
            self.hall.act(task, "retract", self.signed[task])
        self._look(case)

    @rule(data=st.data())
    def return_and_give_out_again(self, data: st.DataObject) -> None:
        case = self._case(data)
        returned = [no for no, status in case.status.items() if status == "returned"]
        free = self._free(case)
        if case.over or not returned + free:
            return
        task = data.draw(st.sampled_from(returned + free))
        if task in returned:
            self.hall.act(task, "dispatch", self.hall.coordinator(case.no))
        else:
            self.hall.act(task, "return", self.hall.holder(task), reason="误分")
        self._look(case)

    @rule(data=st.data())
    def one_more_task(self, data: st.DataObject) -> None:
        case = self._case(data)
        if case.over or len(case.status) > 10:
            return
        head = self.hall.coordinator(case.no)
        self.hall.act(case.no, "add-task", head, department="finance", reason="资金意见", kind="blocking")
        self._look(case)

    @rule(data=st.data(), days=st.integers(1, 10))
    def extend(self, data: st.DataObject, days: int) -> None:
        case = self._case(data)
        if case.over:
            return
        own = [x for x in case.running() if x.subject == case.no and x.clock in ("promised", "statutory")]
        late = [x for x in own if (due := case.due(x)) is not None and self.hall.today > due]
        if not own or late or any(x.extension for x in own):
            with pytest.raises(Conflict):
                self.hall.act(case.no, "extend", HEAD, kind="agency", days=days, reason="情况复杂")
        else:
            self.hall.act(case.no, "extend", HEAD, kind="agency", days=days, reason="情况复杂")
            for one in own:
                one.extension = days
        self._look(case)

    @rule(data=st.data(), lot=st.integers(0, 5))
    def withdraw(self, data: st.DataObject, lot: int) -> None:
        case = self._case(data)
        if lot or case.over or any(case.steps[t].decides and s == "approved" for t, s in case.status.items()):
            return
        self.hall.act(case.no, "withdraw", self.hall.window, reason="不再需要")
        self._look(case)

    @rule(offset=st.integers(-6, 30))
    def a_day_is_decided_otherwise(self, offset: int) -> None:
        day = self.hall.today + timedelta(days=offset)
        works = not self.almanac.works(day)
        due = {no: self._dues(case) for no, case in self.cases.items()}
        moment = self.hall.now
        self._decide(day, works)
        self.almanac.decided[day] = works
        reproject(self.hall.engine, SYSTEM, moment, reason="本地调整")
        for case in self.cases.values():
            moved = [
                {"subject": key[0], "clock": key[1], "before": _text(before), "after": _text(after)}
                for (key, before), (_, after) in zip(due[case.no], self._dues(case), strict=True)
                if before != after
            ]
            last = self.hall.events(case.no)[-1]
            assert (last.act == "recalendar" and last.detail["moved"] == moved and last.at == moment) == bool(moved), (
                moved,
                last,
            )
            self._look(case)

    @rule(days=SOME)
    def sweep(self, days: int) -> None:
        self._pass(days)
        with self.hall.engine.begin() as conn:
            clock.move(conn, self.hall.now)
        fire("hostel", self.hall.engine)
        for case in self.cases.values():
            for one in case.limits:
                late = one.ended is not None
                reached = {
                    rung
                    for rung, day in case.rungs(one).items()
                    if day <= (one.ended or self.hall.today) and not (late and rung == "amber")
                }
                one.told |= reached
            alarms = self.hall.rows(
                "SELECT l.id, array_agg(a.rung) FILTER (WHERE a.rung IS NOT NULL) AS rungs FROM limits l"
                " JOIN cases c ON c.id = l.case_id LEFT JOIN alarms a ON a.limit_id = l.id"
                " WHERE c.no = :no AND l.runs <> 'hours' GROUP BY l.id ORDER BY l.id",
                no=case.no,
            )
            found = sorted(sorted(row.rungs or ()) for row in alarms)
            assert found == sorted(sorted(one.told) for one in case.limits)

    # what must hold

    def _look(self, case: OpenCase) -> None:
        """Compare all that runs on a case with the oracle, and the explanation with both."""
        row, tasks = self.hall.case(case.no), self.hall.tasks(case.no)
        case.see(tasks, row.status, self.hall.today)
        stored = sorted(
            (
                x.subject,
                x.clock,
                x.started_on,
                x.days,
                x.extension,
                x.due_on,
                x.amber_on,
                x.yellow_on,
                x.red_on,
                x.stopped,
            )
            for x in self._limits(case)
        )
        wanted = sorted(self._row(case, one) for one in case.running())
        assert [_nulls(x) for x in stored] == [_nulls(x) for x in wanted]
        self._shown(case, row, [one for one in case.running() if one.subject == case.no])
        for task in tasks:
            if task.status in IN_HAND:
                self._shown(case, task, [one for one in case.running() if one.subject == task.no])
        self._explained(case, row, tasks)
        self.hall.now += timedelta(seconds=1)  # no two acts are of one moment

    def _row(self, case: OpenCase, one: Kept) -> tuple[Any, ...]:
        due, rungs = case.due(one), case.rungs(one)
        days = (rungs.get(rung) for rung in RUNGS)
        return (one.subject, one.clock, one.start, one.days, one.extension, due, *days, due is None)

    def _shown(self, case: OpenCase, row: Row, limits: list[Kept]) -> None:
        """The case or task itself shows its first limit's due day and the earliest day of each light."""
        offices = [one for one in limits if one.clock in (*OFFICES, "pause")]
        assert row.due_on == (case.due(offices[0]) if offices else None)
        for rung in RUNGS:
            days = [case.rungs(one).get(rung) for one in offices]
            assert getattr(row, f"{rung}_on") == min((day for day in days if day is not None), default=None), rung

    def _explained(self, case: OpenCase, row: Row, tasks: list[Row]) -> None:
        today = self.hall.today
        with self.hall.engine.connect() as conn:
            told = [one for one in explained(conn, row, tasks, today) if one["unit"] != "office_minutes"]
        assert len(told) == len(case.limits)
        alike = defaultdict[Any, list[dict[str, Any]]](list)  # a task given back twice on a day has had two of a kind
        for x in told:
            alike[x["subject"], x["clock"], x["days"], x["started_on"], x["ended_on"]].append(x)
        for one in case.limits:
            if one.fixed is not None:
                continue
            said = alike[one.subject, one.clock, one.days, one.start.isoformat(), _text(one.ended)].pop(0)
            spent = case.spent(one, today)
            assert said["spent"] == spent == sum(line["counted"] for line in said["working"])
            for earlier, later in pairwise(said["working"]):
                assert date.fromisoformat(later["first"]) - date.fromisoformat(earlier["last"]) == timedelta(days=1)
            due = case.due(one)
            assert said["due"] == _text(due)
            if due is not None and one.ended is None:
                assert case.spent(one, due) == one.total
            assert said["on_time"] == (None if one.ended is None else due is None or one.ended <= due)
        for shown in (row, *tasks):
            own = [x for x in told if x["subject"] == shown.no and x["ended_on"] is None and not x["applicants"]]
            if len(own) == 1 and (shown is row or shown.status in IN_HAND):
                assert own[0]["light"] == light_of(shown, today), (own[0], shown)

    # small things

    def _open(self, steps: tuple[str, ...]) -> None:
        """Open a case, in which some steps are approved at once."""
        no = self.hall.open("hostel", forms=HOSTEL)["hostel"]
        case = self.cases[no] = OpenCase(no, matters()["hostel"], self.almanac, self.hall.today)
        self._look(case)
        for step in steps:
            self._approve(case, self.hall.no(no, step))

    def _approve(self, case: OpenCase, task: str) -> None:
        if case.steps[task].decides and self.hall.case(case.no).paused:
            return
        self.signed[task] = self.hall.holder(task)
        self.hall.act(task, "approve", self.signed[task], explanation="现场核实用时较长")
        self._look(case)

    def _pass(self, days: int) -> None:
        if days:  # never back within a day
            self.hall.now = self.hall.now.replace(hour=9 + days) + timedelta(days=days)

    def _one(self, data: st.DataObject, found: list[Any]) -> list[Any]:
        return [data.draw(st.sampled_from(found))] if found else []

    def _free(self, case: OpenCase) -> list[str]:
        return [no for no in self._in_hand(case) if not case.open_pauses(no)]

    def _case(self, data: st.DataObject) -> OpenCase:
        return self.cases[data.draw(st.sampled_from(sorted(self.cases)))]

    def _in_hand(self, case: OpenCase) -> list[str]:
        return sorted(no for no, status in case.status.items() if status in IN_HAND)

    def _suspend(self, case: OpenCase, owner: str, kind: str) -> None:
        who = self.hall.manager if owner == case.no else self.hall.holder(owner)
        more = {}
        if kind in BY_LAW:  # the time needed is told to the applicant: it is planned, and watched by a limit of its own
            until = self.hall.today + timedelta(days=PLANNED)
            more = {"until": until.isoformat()}
            grain = max(self.almanac.between(self.hall.today, until), 1)
            case.limits.append(Kept(owner, "pause", self.hall.today, 0, fixed=until, grain=grain, of=kind))
        self.hall.act(owner, "suspend", who, kind=kind, ground="行政许可法 第45条", **more)
        case.pauses.append(Pause(owner, kind, self.hall.today))
        self._look(case)

    def _resume(self, case: OpenCase, pause: Pause) -> None:
        who = self.hall.manager if pause.owner == case.no else self.hall.holder(pause.owner)
        self.hall.act(pause.owner, "resume", who, kind=pause.kind)
        pause.ended = self.hall.today
        case.plan_over(pause, self.hall.today)
        self._look(case)

    def _decide(self, day: date, works: bool | None) -> None:
        with self.hall.engine.begin() as conn:
            calendar.override(conn, day, works, reason="测试", author="测试", at=self.hall.now)

    def _limits(self, case: OpenCase) -> list[Row]:
        return self.hall.rows(
            "SELECT l.* FROM limits l JOIN cases c ON c.id = l.case_id"
            " WHERE c.no = :no AND l.ended_at IS NULL AND l.runs <> 'hours' ORDER BY l.id",
            no=case.no,
        )

    def _days(self, case: OpenCase) -> list[tuple[Any, ...]]:
        return [(x.subject, x.clock, x.due_on, x.amber_on) for x in self._limits(case)]

    def _dues(self, case: OpenCase) -> list[tuple[tuple[str, str], date | None]]:
        return [((x.subject, x.clock), x.due_on) for x in self._limits(case)]


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _nulls(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(value) for value in row)


def test_whatever_officers_do_every_limit_stands_as_a_slow_oracle_says(hall: Hall) -> None:
    run_state_machine_as_test(
        lambda: Clocks(hall),
        settings=settings(
            max_examples=16,
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a play takes seconds: shrink by hand
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )
