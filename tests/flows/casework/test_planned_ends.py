"""A pause that was to end by a day and goes on is not forgotten: it warns, turns yellow and red on its own plan."""

from __future__ import annotations

from datetime import date

import pytest

from api.documents.bodies import special
from flows.access import SYSTEM
from flows.casework.pause import NEEDS_NOTICE
from flows.explain import explained, light_of
from flows.reproject import reproject
from flows.watch import fire
from forms.errors import Invalid
from forms.scope import EVERYTHING
from forms.vocabulary import PauseKind
from infra import calendar
from infra.store import breaches
from tests.kit.clocked import at, running
from tests.kit.hall import Hall, Row

PLANNED = date(2026, 9, 24)
"""The day by which the hearings of these tests are to be over; 25 to 27 September are off."""


def paused(hall: Hall, kind: str = "hearing", *, whole: bool = False, until: date | None = PLANNED) -> str:
    """A settlement of 18 September, paused that day: its first task, or the whole; return the number of what is."""
    at(hall, date(2026, 9, 18))
    case = hall.open("settlement")["settlement"]
    no = case if whole else hall.no(case, "eligibility")
    more = {"until": until.isoformat()} if until else {}
    hall.act(no, "suspend", hall.manager if whole else hall.speaker(no), kind=kind, ground="行政许可法 第46条", **more)
    return no


def limits(hall: Hall, no: str) -> list[Row]:
    """Return the limits that run on the pauses of a case or task."""
    query = "SELECT * FROM limits WHERE subject = :no AND clock = 'pause' AND ended_at IS NULL ORDER BY id"
    return hall.rows(query, no=no)


def raised(hall: Hall, no: str, day: date) -> list[str]:
    at(hall, day)
    fire("settlement", hall.engine)
    query = "SELECT rung FROM alarms WHERE subject = :no AND clock = 'pause' ORDER BY id"
    return [row.rung for row in hall.rows(query, no=no)]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", ["hearing", "expert_review", "site_check", "other"])
def test_a_pause_that_goes_on_beyond_its_day_turns_yellow_and_a_working_day_later_red(
    hall: Hall, kind: str, whole: bool
) -> None:
    no = paused(hall, kind, whole=whole)
    assert raised(hall, no, date(2026, 9, 21)) == []
    assert raised(hall, no, date(2026, 9, 22)) == ["amber"], "five working days were planned: two before the last"
    assert raised(hall, no, PLANNED) == ["amber"], "the day itself is still in time"
    assert raised(hall, no, date(2026, 9, 25)) == ["amber", "yellow"]
    assert raised(hall, no, date(2026, 9, 28)) == ["amber", "yellow"]
    assert raised(hall, no, date(2026, 9, 29)) == raised(hall, no, date(2026, 10, 20)) == ["amber", "yellow", "red"]
    [order] = hall.rows("SELECT * FROM orders WHERE subject = :no AND rule = '行政许可法 第46条'", no=no)
    assert order.department == ("public_security" if whole else "human_resources")
    assert "超过暂停期限，应于2026-09-24前" in order.content


def test_the_light_of_what_is_paused_turns_on_the_pauses_own_plan_and_goes_back_with_its_end(hall: Hall) -> None:
    task = paused(hall)
    whole = paused(hall, whole=True)
    for row in (hall.task(task), hall.case(whole)):
        assert [light_of(row, date(2026, 9, day)) for day in (22, 24, 25, 28, 29)] == [
            "paused", "paused", "yellow", "yellow", "red",
        ]  # fmt: skip
    at(hall, date(2026, 9, 28))
    hall.act(task, "resume", hall.speaker(task))
    hall.act(whole, "resume", hall.manager)
    assert hall.task(task).yellow_on == date(2026, 9, 30), "five days stood still, the one promised is the 29th"
    assert light_of(hall.task(task), hall.today) == light_of(hall.case(whole), hall.today) == "green"


def test_a_day_off_moves_the_rungs_of_a_planned_end_and_the_tasks_light_with_them(hall: Hall) -> None:
    task = paused(hall)
    for works, red in ((False, date(2026, 9, 30)), (None, date(2026, 9, 29))):
        with hall.engine.begin() as conn:
            calendar.override(conn, date(2026, 9, 28), works, reason="台风停工", author="测试", at=hall.now)
        reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
        [limit] = limits(hall, task)
        row = hall.task(task)
        assert (limit.due_on, limit.red_on) == (PLANNED, red)
        assert (row.due_on, row.yellow_on, row.red_on) == (None, date(2026, 9, 25), red)


def test_who_resumes_in_time_gets_no_card_and_a_pause_begun_anew_is_watched_anew(hall: Hall) -> None:
    no = paused(hall)
    at(hall, PLANNED, 16)
    hall.act(no, "resume", hall.speaker(no))
    assert limits(hall, no) == []
    assert raised(hall, no, date(2026, 9, 28)) == []
    hall.act(no, "suspend", hall.speaker(no), kind="hearing", ground="行政许可法 第46条", until="2026-09-30")
    assert [row.due_on for row in limits(hall, no)] == [date(2026, 9, 30)]


def test_two_pauses_of_one_task_are_each_watched_by_their_own_day(hall: Hall) -> None:
    no = paused(hall)
    hall.act(no, "suspend", hall.speaker(no), kind="expert_review", ground="行政许可法 第45条", until="2026-09-30")
    assert [(row.what, row.due_on.day) for row in limits(hall, no)] == [("听证", 24), ("专家评审", 30)]
    hall.act(no, "resume", hall.speaker(no), kind="hearing")
    assert [row.what for row in limits(hall, no)] == ["专家评审"]


def test_a_late_end_still_gets_its_card_when_nobody_swept_in_between(hall: Hall) -> None:
    no = paused(hall)
    at(hall, date(2026, 9, 28))
    hall.act(no, "resume", hall.speaker(no))
    assert raised(hall, no, date(2026, 9, 28)) == ["yellow"]


def test_a_pause_without_a_planned_end_and_a_list_of_what_is_missing_have_no_such_limit(hall: Hall) -> None:
    no = paused(hall, "site_check", until=None)
    assert limits(hall, no) == []
    case = hall.open("settlement")["settlement"]
    task = hall.no(case, "address")
    ask = [{"code": "household_book", "note": "首页不清晰"}]
    hall.act(task, "request-supplement", hall.speaker(task), until="2026-09-24", items=ask)
    assert limits(hall, task) == [] and len(running(hall, case, "supplement")) == 1


def test_with_the_case_the_watch_over_its_pauses_ends(hall: Hall) -> None:
    no = paused(hall)
    hall.act(no.rpartition("-")[0], "withdraw", hall.window, reason="不办了")
    assert limits(hall, no) == []
    assert raised(hall, no, date(2026, 10, 20)) == []


def test_the_planned_end_is_explained_and_late_yet_neither_hides_nor_is_hidden_by_the_tasks_own_limit(
    hall: Hall,
) -> None:
    no = paused(hall)
    case = no.rpartition("-")[0]
    at(hall, date(2026, 9, 28))
    with hall.engine.connect() as conn:
        told = [x for x in explained(conn, hall.case(case), hall.tasks(case), hall.today) if x["clock"] == "pause"]
        late = {row["what"] for row in breaches.late(conn, EVERYTHING, hall.now, limit=500) if row["subject"] == no}
    assert [(x["what"], x["basis"], x["due"], x["light"]) for x in told] == [
        ("听证", "行政许可法 第46条", "2026-09-24", "yellow")
    ]
    assert late == {"听证"}, "the task's own clock stands still"


@pytest.mark.parametrize("kind", sorted(NEEDS_NOTICE))
@pytest.mark.parametrize("whole", [False, True])
def test_the_time_a_special_procedure_needs_is_named_and_told_in_writing(
    hall: Hall, kind: PauseKind, whole: bool
) -> None:
    at(hall, date(2026, 9, 18))
    case = hall.open("settlement")["settlement"]
    no = case if whole else hall.no(case, "eligibility")
    who = hall.manager if whole else hall.speaker(no)
    with pytest.raises(Invalid) as refused:
        hall.act(no, "suspend", who, kind=kind.value, ground="行政许可法 第45条")
    [wrong] = refused.value.errors
    assert (wrong.field, wrong.code) == ("/until", "planned_end_required")
    assert wrong.message == f"{kind.label}所需时间须书面告知申请人（行政许可法 第45条），请填写预计恢复日期"
    assert hall.open_pauses(case) == []
    hall.act(no, "suspend", who, kind=kind.value, ground="行政许可法 第45条", until=PLANNED.isoformat())
    said = str(special({"title": "人才落户", "case": case, **hall.document(case, "special_procedure").content}))
    assert f"依法需要{kind.label}，预计于2026年9月24日前完成，所需时间为5个工作日，该时间不计算在办理期限内" in said
