"""Every kind of pause and every power changes what happens to a case; what cannot be is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import ValidationError

from flows.access import Actor, Member
from flows.alarms import DELIVERY_DAYS, INTAKE_DAYS
from flows.matter import Promised
from flows.sla import REFERENCE_GRACE
from flows.watch import fire
from forms.errors import Conflict, Invalid
from forms.vocabulary import PauseKind
from infra.calendar import built_in
from tests.kit.clocked import HOSTEL, RUNNING, at, clocked_matters, hostel, opened, running, said
from tests.kit.hall import PINGDU, Hall


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


# pauses


BOTH = {"hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review"}
BY_HAND = [k for k in PauseKind if k not in ("supplement", "all_tasks_promised", "all_tasks_statutory")]


@pytest.mark.parametrize("kind", BY_HAND)
def test_each_kind_of_pause_stops_the_clocks_that_its_ground_allows(hall: Hall, kind: PauseKind) -> None:
    no = opened(hall)
    hall.act(no, "suspend", hall.manager, kind=kind.value, ground="依据", until=hall.day(10))
    stopped = {name for name in ("promised", "statutory") if running(hall, no, name)[0].stopped}
    assert stopped == (
        {"promised", "statutory"} if kind in BOTH else {"promised"} if kind is PauseKind.PUBLIC_NOTICE else set()
    )
    due = {x["clock"]: x["due"] for x in said(hall, no)}
    assert {name for name, day in due.items() if day is None} == stopped
    hall.later(days=6)
    hall.act(no, "resume", hall.manager)
    assert {name for name in ("promised", "statutory") if running(hall, no, name)[0].stopped} == set()
    assert running(hall, no)[0].due_on == (date(2026, 10, 15) if "promised" in stopped else date(2026, 10, 9))


def test_a_list_of_what_is_missing_stops_the_promise_of_its_task_and_no_law(hall: Hall) -> None:
    no = opened(hall)
    items = [{"code": "id_card", "note": "不清晰"}]
    for step in ("papers", "site", "safety", "opinion"):
        task = hall.no(no, step)
        hall.act(task, "request-supplement", hall.speaker(task), items=items, until=hall.day(12))
    assert running(hall, no)[0].stopped, "every open task waits"
    assert not running(hall, no, "statutory")[0].stopped


def test_the_case_stops_when_the_last_task_that_holds_it_up_is_paused_whatever_else_is_open(hall: Hall) -> None:
    no = opened(hall)
    hall.finish(no, but=["notice", "visit"])
    hall.act(no, "add-task", hall.coordinator(no), department="finance", reason="资金意见", kind="blocking")
    notice, more = hall.no(no, "notice"), hall.tasks(no)[-1].no
    assert hall.task(more).due_on == date(2026, 9, 20), "the notice is not its pause"
    hall.act(notice, "suspend", hall.speaker(notice), kind="hearing", ground="依据", until=hall.day(20))
    assert not running(hall, no, "statutory")[0].stopped
    hall.approve(more)
    assert running(hall, no, "statutory")[0].stopped, "a visit in its own time holds nothing up"
    hall.act(notice, "resume", hall.speaker(notice))
    assert not running(hall, no, "statutory")[0].stopped


def test_a_returned_task_shows_no_day_until_it_is_given_out_again(hall: Hall) -> None:
    no = opened(hall)
    task = hall.no(no, "papers")
    hall.act(task, "return", hall.speaker(task), reason="误分")
    assert hall.task(task).due_on is None and running(hall, no, subject=task) == []
    hall.later(days=3)
    hall.act(task, "dispatch", hall.coordinator(no))
    assert hall.task(task).due_on == date(2026, 9, 24)


# who may lengthen, the window's and the delivery's days


@pytest.mark.parametrize(("kind", "cap", "role", "seat"), [
    ("agency", 10, "agency_head", "human_resources"), ("government", 15, "government_head", "supervision"),
])  # fmt: skip
def test_each_power_lengthens_up_to_its_cap(hall: Hall, kind: str, cap: int, role: str, seat: str) -> None:
    head = Actor(None, "负责人", (Member(role, seat, PINGDU), Member("manager", "supervision", PINGDU)))
    no = opened(hall)
    with pytest.raises((Invalid, ValidationError)):
        hall.act(no, "extend", head, kind=kind, days=cap + 1, reason="情况复杂")
    before = running(hall, no)[0].due_on
    hall.act(no, "extend", head, kind=kind, days=cap, reason="情况复杂")
    limit = running(hall, no)[0]
    assert (limit.extension, built_in().workdays().count(before, limit.due_on)) == (cap, cap)
    assert running(hall, no, "statutory")[0].extension == cap


def test_the_windows_days_and_those_of_the_delivery_are_the_laws(hall: Hall) -> None:
    assert (INTAKE_DAYS, DELIVERY_DAYS, REFERENCE_GRACE) == (5, 10, 3)
    workdays = built_in().workdays()
    waiting = hall.open("hostel", forms=HOSTEL, accept=False)["hostel"]
    assert running(hall, waiting, "intake")[0].due_on == workdays.add(hall.today, INTAKE_DAYS)
    no = opened(hall)
    hall.finish(no, but=["visit"])
    assert running(hall, no, "delivery")[0].due_on == workdays.add(hall.today, DELIVERY_DAYS)


# what is late is told, also where nobody swept in time


def test_what_ended_late_while_no_sweep_ran_still_gets_its_card_and_no_warning(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = opened(hall)
    task = hall.no(no, "safety")
    at(hall, date(2026, 9, 22))
    hall.approve(task)
    fire("hostel", hall.engine)
    fire("hostel", hall.engine)
    raised = hall.rows("SELECT rung, reached_on FROM alarms WHERE subject = :no ORDER BY id", no=task)
    assert [(one.rung, one.reached_on) for one in raised] == [("yellow", date(2026, 9, 21))]


def test_what_ended_in_time_never_gets_a_card(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = opened(hall)
    task = hall.no(no, "safety")
    at(hall, date(2026, 9, 20), 23)
    hall.approve(task)
    at(hall, date(2026, 10, 20))
    fire("hostel", hall.engine)
    assert hall.rows("SELECT rung FROM alarms WHERE subject = :no", no=task) == []


def test_one_alarm_that_cannot_be_raised_holds_up_no_other(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    at(hall, date(2026, 9, 18))
    bad, good = opened(hall), opened(hall)
    with hall.engine.begin() as conn:
        spoiled = "UPDATE limits SET clock = 'sundial' WHERE subject = %s AND clock = 'promised'"
        conn.exec_driver_sql(spoiled, (hall.no(bad, "safety"),))
    at(hall, date(2026, 9, 22))
    fire("hostel", hall.engine)
    told = "SELECT rung FROM alarms WHERE subject = :no AND clock = 'promised' ORDER BY id"
    assert [x.rung for x in hall.rows(told, no=hall.no(good, "safety"))] == ["amber", "yellow"]
    assert hall.rows(told, no=hall.no(bad, "safety")) == []
    assert "the alarm of limit" in caplog.text
    with hall.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE limits SET clock = 'promised' WHERE clock = 'sundial'")
    fire("hostel", hall.engine)
    assert [x.rung for x in hall.rows(told, no=hall.no(bad, "safety"))] == ["amber", "yellow"], "the next sweep does it"


# what cannot be


def test_a_limit_that_ends_after_all_calendars_is_refused_at_acceptance_and_nothing_is_written(hall: Hall) -> None:
    before = hall.rows("SELECT count(*) AS n FROM applications")[0].n
    with pytest.raises(Conflict) as refused:
        opened(hall, hostel(limits=[Promised(30_000)]))
    assert refused.value.code == "out_of_calendar"
    assert "期限无法计算" in refused.value.detail
    assert hall.rows("SELECT count(*) AS n FROM applications")[0].n == before


def test_a_deadline_after_all_calendars_is_refused_and_nothing_is_paused(hall: Hall) -> None:
    no = opened(hall)
    task = hall.no(no, "papers")
    items = [{"code": "id_card", "note": "不清晰"}]
    with pytest.raises(Conflict) as refused:
        hall.act(task, "request-supplement", hall.speaker(task), items=items, until="2150-01-01")
    assert refused.value.code == "out_of_calendar"
    assert not hall.task(task).paused and hall.supplements(no) == []


def test_a_pause_does_not_end_before_it_begins_nor_is_it_planned_to(hall: Hall) -> None:
    no = opened(hall)
    task = hall.no(no, "papers")
    who = hall.speaker(task)
    with pytest.raises(Invalid) as refused:
        hall.act(task, "suspend", who, kind="hearing", ground="依据", until=hall.day(-1))
    assert refused.value.errors[0].field == "/until"
    hall.act(task, "suspend", who, kind="hearing", ground="依据", until=hall.day(20))
    hall.later(days=-2)
    with pytest.raises(Conflict) as turned_back:
        hall.act(task, "resume", who)
    assert turned_back.value.code == "before_it_began"
    assert [p.kind for p in hall.open_pauses(no)] == ["hearing"]


def test_nothing_refused_has_changed_any_day(hall: Hall) -> None:
    no = opened(hall)
    task = hall.no(no, "papers")
    hall.act(task, "suspend", hall.speaker(task), kind="hearing", ground="依据", until=hall.day(20))
    before = hall.rows(RUNNING, no=no)
    acts = hall.acts(no)
    late = Actor(None, "局长", (Member("agency_head", "human_resources", PINGDU), *hall.manager.members))
    with pytest.raises(Conflict):
        hall.act(task, "suspend", hall.speaker(task), kind="hearing", ground="依据", until=hall.day(20))
    hall.later(days=60)
    with pytest.raises(Conflict):
        hall.act(no, "extend", late, kind="agency", days=3, reason="晚了")
    assert hall.rows(RUNNING, no=no) == before and hall.acts(no) == acts
