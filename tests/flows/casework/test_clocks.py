"""The clocks of real cases: what starts, stops, goes on and ends a limit, and what time does by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.access import SYSTEM, Actor, Member
from flows.deemed import deem
from flows.reproject import reproject
from flows.watch import fire
from forms.errors import Conflict, Invalid, NotAllowed
from infra import calendar, clock
from tests.kit.hall import PINGDU, Hall, Row

SHANGHAI = ZoneInfo("Asia/Shanghai")
ASK = {"items": [{"code": "household_book", "note": "首页不清晰"}]}


def limits(hall: Hall, case_no: str) -> list[Row]:
    return hall.rows(
        "SELECT l.* FROM limits l JOIN cases c ON c.id = l.case_id"
        " WHERE c.no = :no AND l.runs <> 'hours' ORDER BY l.id",
        no=case_no,
    )


def running(hall: Hall, case_no: str, subject: str | None = None) -> dict[str, Row]:
    return {x.clock: x for x in limits(hall, case_no) if x.ended_at is None and x.subject == (subject or case_no)}


def at(hall: Hall, day: date, hour: int = 10) -> None:
    """Move both the acts' moment and the clock of the database."""
    hall.now = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def test_acceptance_starts_the_case_and_its_first_tasks(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    assert hall.case(no).due_on == date(2026, 9, 24)
    assert hall.task(no, "eligibility").due_on == date(2026, 9, 20), "the make-up Sunday counts"
    assert hall.task(no, "address").due_on == date(2026, 9, 21)
    assert hall.task(no, "approval").due_on is None, "a task that waits has no clock yet"
    assert "intake" not in running(hall, no)


def test_a_successors_clock_starts_when_it_opens(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    hall.later(days=3)
    hall.approve(hall.no(no, "eligibility"))
    hall.approve(hall.no(no, "address"))
    assert hall.task(no, "approval").due_on == date(2026, 9, 23)
    ended = [x for x in limits(hall, no) if x.subject == hall.no(no, "address")]
    assert [x.ended_on for x in ended] == [date(2026, 9, 21)]


def test_a_verdict_taken_back_lets_the_clock_run_on(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "eligibility")
    hall.approve(task)
    hall.later(days=1)
    hall.act(task, "retract", hall.holder(task))
    assert running(hall, no, task)["promised"].started_on == date(2026, 9, 18)


def test_a_supplement_stops_the_promise_of_the_asking_task_and_gives_back_the_remainder(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "address")
    hall.act(task, "request-supplement", hall.speaker(task), until=hall.day(20), **ASK)
    assert hall.task(task).due_on is None
    assert hall.task(task).stopped
    assert not hall.case(no).stopped, "another department goes on"
    assert running(hall, no)["supplement"].due_on == date(2026, 10, 8)
    hall.later(days=10)
    hall.act(no, "supplement", hall.window, items=[{"code": "household_book", "shared": True}])
    assert hall.task(task).due_on == date(2026, 9, 30), "two days, none of which was spent"
    assert "supplement" not in running(hall, no)


def test_the_case_stops_while_every_open_task_is_paused(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    first, second = hall.no(no, "eligibility"), hall.no(no, "address")
    for task in (first, second):
        hall.act(
            task, "suspend", hall.speaker(task), kind="expert_review", ground="行政许可法 第45条", until=hall.day(20)
        )
    assert hall.case(no).stopped
    assert hall.case(no).due_on is None
    hall.later(days=12)
    hall.act(first, "resume", hall.speaker(first))
    assert not hall.case(no).stopped
    assert hall.case(no).due_on == date(2026, 10, 13), "five days are left, as on the day of the pause"
    assert not [p for p in hall.open_pauses(no) if p.kind.startswith("all_tasks")]


def test_a_pause_without_ground_in_law_stops_no_clock(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "address")
    hall.act(task, "suspend", hall.speaker(task), kind="other", ground="等待申请人联系")
    assert hall.task(task).due_on == date(2026, 9, 21)
    assert not hall.task(task).stopped


def test_a_public_notice_pauses_its_case_until_it_ends(hall: Hall) -> None:
    no = hall.open("subsidy")["subsidy"]
    hall.finish(no, but=["notice"])
    assert hall.case(no).due_on is None
    assert running(hall, no, hall.no(no, "notice"))["special"].due_on == date(2026, 9, 24)
    hall.later(days=7)
    hall.approve(hall.no(no, "notice"))
    own = {x.what: x for x in limits(hall, no) if x.subject == no and x.clock == "promised"}
    assert own["拨付"].due_on == hall.case(no).due_on == date(2026, 10, 13)
    assert own["核定（公示不计）"].ended_on == date(2026, 9, 25), "what was promised until the decision is kept"


def test_a_child_accepted_in_the_season_is_placed_after_the_window_closes(hall: Hall) -> None:
    hall.now = datetime(2026, 6, 10, 10, tzinfo=SHANGHAI)
    no = hall.open("schooling", hukou=True)["schooling"]
    promised = running(hall, no)["promised"]
    assert (promised.started_on, promised.due_on) == (date(2026, 7, 5), date(2026, 7, 10))


def test_waiting_for_the_settlement_adds_its_days(hall: Hall) -> None:
    cases = hall.open("settlement", "schooling")
    assert running(hall, cases["schooling"])["promised"].days == 12
    assert "等待人才落户5日" in running(hall, cases["schooling"])["promised"].what


def test_closing_ends_the_clocks_and_starts_the_delivery(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    hall.finish(no)
    assert set(running(hall, no)) == {"delivery"}
    assert hall.case(no).due_on == date(2026, 10, 9)
    hall.act(no, "deliver", hall.window)
    assert running(hall, no) == {}


def test_silence_at_the_window_is_acceptance_from_the_day_of_receipt(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement", accept=False)["settlement"]
    assert running(hall, no)["intake"].due_on == date(2026, 9, 24)
    at(hall, date(2026, 9, 24), 23)
    deem("settlement", hall.engine)
    assert hall.case(no).status == "submitted", "the due day is still in time"
    at(hall, date(2026, 9, 25), 1)
    assert fire("settlement", hall.engine) >= 1
    deem("settlement", hall.engine)
    case = hall.case(no)
    assert case.status == "in_progress"
    assert case.accepted_at == case.received_at
    assert running(hall, no)["promised"].started_on == date(2026, 9, 18)
    assert "deem-accept" in hall.acts(no)
    assert deem("settlement", hall.engine) == 0


@pytest.mark.parametrize("accept", [False, True])
def test_a_list_not_answered_in_time_ends_the_case(hall: Hall, accept: bool) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement", accept=accept)["settlement"]
    if accept:
        task = hall.no(no, "address")
        hall.act(task, "request-supplement", hall.speaker(task), until="2026-09-28", **ASK)
    else:
        hall.act(no, "request-supplement", hall.window, until="2026-09-28", **ASK)
    at(hall, date(2026, 9, 28), 20)
    deem("settlement", hall.engine)
    assert hall.case(no).status in ("supplement", "in_progress")
    at(hall, date(2026, 9, 29), 1)
    deem("settlement", hall.engine)
    assert hall.case(no).status == ("closed_no_supplement" if accept else "withdrawn")


def test_a_broken_promise_of_papers_ends_the_case(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    deadline = date.fromisoformat(hall.case(no).gap["deadline"])
    assert running(hall, no)["gap"].due_on == deadline
    at(hall, deadline + timedelta(days=1), 1)
    deem("settlement", hall.engine)
    assert hall.case(no).status == "closed_no_supplement"


def test_a_notice_that_nobody_objected_to_ends_by_itself(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("subsidy")["subsidy"]
    for paper in hall.case(no).gap["items"]:
        key = hall.upload(f"n-{paper['code']}", hall.window)
        hall.act(no, "supplement", hall.window, items=[{"code": paper["code"], "file": key}])
    hall.finish(no, but=["notice"])
    at(hall, date(2026, 9, 25), 1)
    deem("subsidy", hall.engine)
    assert hall.task(no, "notice").status == "approved"
    assert hall.task(no, "funds").status == "pending"


def test_every_rung_fires_once_also_after_downtime_and_in_order(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement", promised=True)["settlement"]
    at(hall, date(2026, 10, 20))
    fire("settlement", hall.engine)
    assert fire("settlement", hall.engine) == 0
    alarms = hall.rows("SELECT a.* FROM alarms a WHERE a.subject = :no AND clock = 'promised' ORDER BY a.id", no=no)
    assert [(a.rung, a.reached_on) for a in alarms] == [
        ("amber", date(2026, 9, 22)),
        ("yellow", date(2026, 9, 25)),
        ("red", date(2026, 10, 8)),
    ]
    told = hall.rows(
        "SELECT addressee FROM notices WHERE content ->> 'subject' = :no AND content ->> 'rung' = 'red'"
        " AND content ->> 'clock' = 'promised'",
        no=no,
    )
    assert f"seat:{PINGDU}:supervision:manager" in {n.addressee for n in told}
    assert len({n.addressee for n in told}) == len(told)


def heads() -> tuple[Actor, Actor]:
    agency = Actor(None, "局长", (Member("agency_head", "public_security", PINGDU),))
    return agency, Actor(None, "副市长", (Member("government_head", "supervision", PINGDU),))


def test_only_who_has_the_power_extends_once_and_before_expiry(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    agency, _ = heads()
    watching = Actor(agency.id, "局长", (*agency.members, Member("manager", "supervision", PINGDU)))
    with pytest.raises(NotAllowed):
        hall.act(no, "extend", hall.manager, kind="agency", days=3, reason="情况复杂")
    with pytest.raises(Invalid):
        hall.act(no, "extend", watching, kind="agency", days=11, reason="情况复杂")
    hall.act(no, "extend", watching, kind="agency", days=3, reason="情况复杂")
    assert hall.case(no).due_on == date(2026, 9, 30)
    assert hall.document(no, "extension").content["days"] == 3
    with pytest.raises(Conflict):
        hall.act(no, "extend", watching, kind="agency", days=1, reason="再延")
    late = hall.open("settlement")["settlement"]
    hall.later(days=8)
    with pytest.raises(Conflict) as caught:
        hall.act(late, "extend", watching, kind="agency", days=3, reason="晚了")
    assert caught.value.code == "expired"


def test_a_typhoon_day_moves_open_due_days_and_stays_on_record(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    with hall.engine.begin() as conn:
        calendar.override(conn, date(2026, 9, 22), False, reason="台风停工", author="测试", at=hall.now)
    tally = reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    assert tally.moved >= 2
    assert hall.case(no).due_on == date(2026, 9, 28)
    moved = hall.events(no)[-1]
    assert moved.act == "recalendar"
    assert {"subject": no, "clock": "promised", "before": "2026-09-24", "after": "2026-09-28"} in moved.detail["moved"]
    assert reproject(hall.engine, SYSTEM, hall.now, reason="再算一次").moved == 0
    with hall.engine.begin() as conn:
        calendar.override(conn, date(2026, 9, 22), None, reason="台风未登陆", author="测试", at=hall.now)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风未登陆")
    assert hall.case(no).due_on == date(2026, 9, 24)
