"""Limits of a yearly day, of months, of a service cycle: of a case and of a step, promised and by law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from flows.access import SYSTEM, Actor, Member
from flows.deemed import deem
from flows.explain import explained
from flows.matter import Limit, Malformed, Months, OnDate, Promised, ServiceCycle, Statutory
from flows.registry import matters
from flows.reproject import reproject
from flows.watch import fire
from forms.errors import Conflict
from infra import calendar
from tests.kit.clocked import at, clocked_matters, hostel, opened, running, said, steps
from tests.kit.hall import MORNING, PINGDU, Hall, Row

LAW, OURS = "行政诉讼法 第47条", "平发〔2022〕22号 第20条"
FOLLOW = {"follow": {"wish": "文员"}}
HEAD = Actor(None, "局长", (Member("agency_head", "human_resources", PINGDU),))


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


@pytest.fixture(autouse=True)
def in_the_morning(hall: Hall) -> None:
    at(hall, MORNING.date())


def days(row: Row) -> str:
    """Return the due day and the days of amber, yellow and red."""
    return " ".join(str(day) for day in (row.due_on, row.amber_on, row.yellow_on, row.red_on))


def followed(hall: Hall) -> str:
    return hall.open("follow", forms=FOLLOW)["follow"]


def raised(hall: Hall, no: str, day: date, matter: str = "follow") -> list[tuple[str, str]]:
    """Have the sweep of a day, and return every reminder of a checkpoint that a case or task was ever given."""
    at(hall, day)
    fire(matter, hall.engine)
    query = (
        "SELECT l.what, a.rung FROM alarms a JOIN limits l ON l.id = a.limit_id"
        " WHERE a.subject = :no AND a.clock = 'checkpoint' ORDER BY a.id"
    )
    return [(row.what, row.rung) for row in hall.rows(query, no=no)]


# of the case; accepted on Friday 2026-09-18


@pytest.mark.parametrize(
    ("limits", "clock", "wanted"),
    [
        ([OnDate("11-30", basis=OURS)], "promised", "2026-11-30 2026-11-26 2026-12-01 2026-12-04"),
        ([OnDate("09-18", basis=OURS)], "promised", "2027-09-18 2027-09-14 2027-09-19 2027-09-23"),
        ([Promised(10), OnDate("11-30", kind="statutory", basis=LAW)], "statutory",
         "2026-11-30 2026-11-26 None 2026-12-01"),
        ([Months(1)], "promised", "2026-10-19 2026-10-15 2026-10-20 2026-10-23"),
        ([Months(1), Months(2, kind="statutory", basis=LAW)], "promised", "2026-10-19 2026-10-15 2026-10-20 None"),
        ([Promised(10), Months(2, kind="statutory", basis=LAW)], "statutory",
         "2026-11-18 2026-11-16 None 2026-11-19"),
        ([ServiceCycle(10, [3, 6], basis=OURS)], "promised", "2026-10-09 2026-09-30 2026-10-10 2026-10-14"),
        ([Promised(10), ServiceCycle(20, [5], kind="statutory", basis=LAW)], "statutory",
         "2026-10-22 2026-10-20 None 2026-10-23"),
    ],
)  # fmt: skip
def test_a_matter_declares_a_day_months_or_a_cycle_and_the_case_is_due_by_it(
    hall: Hall, limits: list[Limit], clock: str, wanted: str
) -> None:
    no = opened(hall, hostel(limits=limits))
    [limit] = running(hall, no, clock)
    assert days(limit) == wanted
    assert limit.basis == next(x.basis for x in limits if x.kind == clock)


def test_months_end_with_their_last_day_and_on_a_day_off_with_the_next_that_offices_work(hall: Hall) -> None:
    at(hall, date(2026, 12, 31))
    no = opened(hall, hostel(limits=[Months(2, kind="statutory", basis=LAW)]))
    [limit] = running(hall, no, "statutory")
    assert (limit.due_on, limit.provisional) == (date(2027, 3, 1), True), "28 February 2027 is a Sunday"


def test_neither_a_day_nor_months_stand_still_while_the_case_is_paused(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[Promised(10), Months(2, kind="statutory", basis=LAW), OnDate("11-30")]))
    before = {row.id: row.due_on for row in hall.rows("SELECT * FROM limits WHERE subject = :no", no=no)}
    hall.act(no, "suspend", hall.manager, kind="hearing", ground="行政许可法 第46条", until="2026-10-20")
    hall.later(days=4)
    told = {x["clock"] + x["unit"]: x for x in said(hall, no) if x["clock"] != "pause"}
    assert told["statutorymonths"]["due"] == "2026-11-18" and not told["statutorymonths"]["stopped"]
    assert told["statutorymonths"]["spent"] == 3, "20, 21 and 22 September"
    hall.act(no, "resume", hall.manager)
    moved = [row for row in hall.rows("SELECT * FROM limits WHERE subject = :no", no=no) if row.id in before]
    assert [row.what or row.clock for row in moved if row.due_on != before[row.id]] == ["promised"]


def test_an_extension_lengthens_months_and_a_day_by_working_days(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[OnDate("10-09"), Months(2, kind="statutory", basis=LAW)]))
    hall.act(no, "extend", HEAD, kind="agency", days=3, reason="情况复杂")
    assert running(hall, no)[0].due_on == date(2026, 10, 13)
    assert running(hall, no, "statutory")[0].due_on == date(2026, 11, 23)


# the checkpoints of a service cycle


def test_at_each_checkpoint_whoever_serves_is_reminded_once_and_the_light_goes_back(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[ServiceCycle(10, [3, 6], basis=OURS, what="跟踪服务")]))
    first, second = ("跟踪服务第1次跟踪", "amber"), ("跟踪服务第2次跟踪", "amber")
    assert [x.due_on for x in running(hall, no, "checkpoint")] == [date(2026, 9, 22), date(2026, 9, 28)]
    assert hall.case(no).due_on == date(2026, 10, 9), "the cycle itself is what the case shows"
    assert raised(hall, no, date(2026, 9, 21), "hostel") == []
    assert raised(hall, no, date(2026, 9, 22), "hostel") == [first]
    assert raised(hall, no, date(2026, 9, 22), "hostel") == [first]
    query = "SELECT addressee, title FROM notices WHERE key LIKE 'alarm:' || :key || ':%' AND channel = 'in_app'"
    told = hall.rows(query, key=running(hall, no, "checkpoint")[0].id)
    assert [row.addressee.rpartition(":")[2] for row in told] == ["handler"]
    assert told[0].title == f"跟踪服务节点到期，请跟踪服务并记录：{no}（服务节点）"
    assert hall.case(no).amber_on == date(2026, 9, 22)
    at(hall, date(2026, 9, 23))
    deem("hostel", hall.engine)
    assert [x.due_on for x in running(hall, no, "checkpoint")] == [date(2026, 9, 28)]
    assert hall.case(no).amber_on == date(2026, 9, 28)
    passed = next(x for x in said(hall, no) if x["what"] == first[0])
    assert (passed["due"], passed["ended_on"], passed["on_time"]) == ("2026-09-22", "2026-09-22", True)
    assert raised(hall, no, date(2026, 9, 28), "hostel") == [first, second]


def test_checkpoints_that_a_downtime_let_pass_are_told_all_the_same(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[ServiceCycle(10, [3, 6], what="跟踪服务")]))
    at(hall, date(2026, 9, 29))
    deem("hostel", hall.engine)
    assert len(running(hall, no, "checkpoint")) == 2, "who has not been told is told first"
    assert len(raised(hall, no, date(2026, 9, 29), "hostel")) == 2
    deem("hostel", hall.engine)
    assert running(hall, no, "checkpoint") == []
    assert len(raised(hall, no, date(2026, 10, 20), "hostel")) == 2


def test_checkpoints_stand_still_with_the_promise_and_end_with_the_case(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[ServiceCycle(10, [3, 6])]))
    hall.act(no, "suspend", hall.manager, kind="hearing", ground="行政许可法 第46条", until="2026-09-30")
    assert [x.due_on for x in running(hall, no, "checkpoint")] == [None, None]
    hall.later(days=4)
    hall.act(no, "resume", hall.manager)
    assert [x.due_on for x in running(hall, no, "checkpoint")] == [date(2026, 9, 28), date(2026, 10, 8)]
    hall.act(no, "withdraw", hall.window, reason="不办了")
    assert running(hall, no, "checkpoint") == []


# of a step


def test_a_step_has_its_own_limits_from_when_it_is_in_hand(hall: Hall) -> None:
    no = followed(hall)
    match, visit, training = (hall.no(no, step) for step in ("match", "visit", "training"))
    assert days(running(hall, no, subject=match)[0]) == "2026-10-15 2026-10-13 2026-10-16 None"
    assert days(running(hall, no, "statutory", match)[0]) == "2026-10-19 2026-10-15 None 2026-10-20"
    assert days(hall.task(match)) == "2026-10-15 2026-09-24 2026-10-16 2026-10-20", "the earliest of each"
    assert days(hall.task(visit)) == "2026-10-20 2026-10-16 2026-10-21 2026-10-26"
    assert days(hall.task(training)) == "2026-10-19 2026-10-15 2026-10-20 2026-10-23"
    assert hall.task(no, "closing").due_on is None
    at(hall, date(2026, 9, 24))
    for task in (match, visit, training):
        hall.approve(task)
    assert running(hall, no, "statutory", match) == running(hall, no, "checkpoint", match) == []
    assert days(hall.task(no, "closing")) == "2026-09-29 2026-09-28 2026-09-30 2026-10-10"


def test_the_checkpoints_of_a_step_remind_its_own_department(hall: Hall) -> None:
    no = followed(hall)
    match = hall.no(no, "match")
    assert raised(hall, match, date(2026, 9, 24)) == [("岗位推荐第1次跟踪", "amber")]
    [alarm] = hall.rows("SELECT * FROM alarms WHERE subject = :no AND clock = 'checkpoint'", no=match)
    assert alarm.department == "talent_centre"
    assert raised(hall, no, date(2026, 9, 24)) == [], "the case's own come later"


def test_a_step_taken_back_has_all_its_limits_again_but_for_a_checkpoint_that_was_passed(hall: Hall) -> None:
    no = followed(hall)
    match = hall.no(no, "match")
    raised(hall, match, date(2026, 9, 24))
    at(hall, date(2026, 9, 28))
    deem("follow", hall.engine)
    hall.approve(match)
    hall.act(match, "retract", hall.holder(match))
    [promise], [law], [second] = (running(hall, no, clock, match) for clock in ("promised", "statutory", "checkpoint"))
    assert [x.due_on for x in (promise, law, second)] == [date(2026, 10, 15), date(2026, 10, 19), date(2026, 10, 9)]
    assert days(hall.task(match)) == "2026-10-15 2026-10-09 2026-10-16 2026-10-20"


def test_a_day_off_moves_all_limits_of_a_step_and_what_its_task_shows(hall: Hall) -> None:
    no = followed(hall)
    match = hall.no(no, "match")
    try:
        for day in (date(2026, 10, 15), date(2026, 10, 19)):
            with hall.engine.begin() as conn:
                calendar.override(conn, day, False, reason="台风停工", author="测试", at=hall.now)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
        assert days(hall.task(match)) == "2026-10-16 2026-09-24 2026-10-17 2026-10-21"
        assert running(hall, no, "statutory", match)[0].due_on == date(2026, 10, 20)
        assert hall.acts(no)[-1] == "recalendar"
    finally:
        for day in (date(2026, 10, 15), date(2026, 10, 19)):
            with hall.engine.begin() as conn:
                calendar.override(conn, day, None, reason="台风未登陆", author="测试", at=hall.now)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风未登陆")


# explained


def test_each_is_explained_in_its_own_unit(hall: Hall) -> None:
    no = followed(hall)
    match = hall.no(no, "match")
    hall.later(days=4)
    with hall.engine.connect() as conn:
        told = explained(conn, hall.case(no), hall.tasks(no), hall.today)
    found = {(x["subject"], x["clock"], x["what"]): x for x in told}
    month = found[match, "statutory", "岗位推荐"]
    assert (month["days"], month["unit"], month["unit_label"], month["due"]) == (1, "months", "个月", "2026-10-19")
    assert (month["basis"], month["spent"], sum(line["counted"] for line in month["working"])) == (LAW, 3, 3)
    day = found[no, "promised", "年度汇总"]
    assert (day["due"], day["kind_label"], day["binding"]) == ("2026-12-25", "承诺时限（参考时限）", False)
    assert found[no, "checkpoint", "跟踪服务第2次跟踪"]["due"] == "2026-10-22"


# what cannot be


@pytest.mark.parametrize(
    ("limits", "wrong"),
    [
        ([OnDate("02-30")], "not in every year"),
        ([Limit(0, runs="fixed_date")], "names that day"),
        ([Months(0)], "one to 120 months"),
        ([Months(3), Months(2, kind="statutory", basis=LAW)], "longer than the statutory one (months)"),
        ([ServiceCycle(30, [])], "has checkpoints"),
        ([ServiceCycle(30, [20, 10])], "do not rise"),
        ([ServiceCycle(30, [10, 31])], "do not rise"),
        ([ServiceCycle(3, [1])], "shorter than its longest path"),
        ([ServiceCycle(21, [5]), Statutory(20, basis=LAW)], "longer than the statutory one (working days)"),
        ([Months(2, kind="statutory")], "names its law"),
        ([Limit(3, runs="lunar")], "cannot run lunar"),
        ([Limit(3, kind="hoped")], "promised or statutory"),
    ],
)
def test_what_could_not_be_armed_is_refused_with_the_matters_file(limits: list[Limit], wrong: str) -> None:
    with pytest.raises(Malformed) as refused:
        hostel(limits=limits)
    assert wrong in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"site": {"limits": [Promised(1), Months(1)]}}, "one limit is promised"),
        ({"notice": {"limits": [Months(1)]}}, "has its days alone"),
        ({"site": {"limits": [Limit(3, runs="after_event", event="papers")]}}, "cannot run after_event on a step"),
        ({"site": {"limits": [Promised(11)]}}, "shorter than its longest path"),
    ],
)
def test_what_a_step_could_not_keep_is_refused_with_the_matters_file(changed: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Malformed) as refused:
        hostel(steps=steps(**changed))
    assert wrong in str(refused.value)


@pytest.mark.parametrize("place", ["{limits,0,runs}", "{limits,0,on}"])
def test_a_limit_that_nobody_can_arm_is_said_at_acceptance_and_changes_nothing(hall: Hall, place: str) -> None:
    """As where a release was taken back, whose kinds of limits a case had pinned already."""
    matter = replace(matters()["hostel"], limits=[OnDate("11-30", what="年度认定")])
    no = hall.receive(hall.body("hostel", forms={"hostel": {"beds": "3"}}, accept=False), matters={"hostel": matter})
    case = no.cases[0]["no"]
    with hall.engine.begin() as conn:
        query = "UPDATE cases SET plan = jsonb_set(plan, CAST(:place AS text[]), CAST(:value AS jsonb)) WHERE no = :no"
        conn.execute(text(query), {"place": place, "value": '"lunar"' if "runs" in place else "null", "no": case})
    before = hall.case(case)
    with pytest.raises(Conflict) as refused:
        hall.act(case, "accept", hall.window)
    assert refused.value.code == "limit_not_armed" and "年度认定" in refused.value.detail
    assert hall.case(case) == before and hall.tasks(case) == []
