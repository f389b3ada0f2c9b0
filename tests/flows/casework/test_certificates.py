"""The electronic certificate (电子证照): wanted by the applicant, due three working days after the case has ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from api.adjusting import words_of
from flows import explain
from flows.access import SYSTEM
from flows.registry import matter
from flows.reproject import reproject
from flows.watch import fire
from infra import calendar
from infra.store import work
from tests.flows.casework.test_clocks import at, running
from tests.kit.hall import PINGDU, REFUSAL, Hall, Row

ELECTRONIC = {"delivery": {"mode": "electronic"}}
ENDED = date(2026, 9, 18)
DUE, LATE = date(2026, 9, 22), date(2026, 9, 23)


@pytest.fixture
def granted(hall: Hall) -> str:
    at(hall, ENDED)
    no = hall.open("settlement", head=ELECTRONIC)["settlement"]
    hall.finish(no)
    return no


def cards(hall: Hall, no: str) -> list[Row]:
    return hall.rows("SELECT rung, reached_on, department, case_id FROM alarms WHERE subject = :no ORDER BY id", no=no)


def told(hall: Hall, no: str) -> set[str]:
    query = "SELECT addressee FROM notices WHERE content ->> 'subject' = :no AND content ->> 'clock' = 'certificate'"
    return {row.addressee for row in hall.rows(query, no=no)}


def test_three_working_days_run_from_the_end_beside_the_ten_of_the_delivery(hall: Hall, granted: str) -> None:
    due = {clock: (x.due_on, x.amber_on, x.yellow_on, x.red_on) for clock, x in running(hall, granted).items()}
    assert due["certificate"] == (DUE, None, LATE, None), "the make-up Sunday counts"
    assert set(due) == {"certificate", "delivery"}
    assert (hall.case(granted).due_on, hall.case(granted).yellow_on) == (DUE, LATE)


def test_one_that_is_late_is_one_yellow_card_of_the_window_and_no_more(hall: Hall, granted: str) -> None:
    at(hall, DUE, 23)
    fire("settlement", hall.engine)
    assert cards(hall, granted) == [], "the due day is still in time, and nobody is warned before"
    at(hall, LATE, 0)
    fire("settlement", hall.engine)
    fire("settlement", hall.engine)
    (card,) = cards(hall, granted)
    assert (card.rung, card.reached_on, card.department) == ("yellow", LATE, "window")
    assert f"seat:{PINGDU}:window:window" in told(hall, granted)
    assert not any(who.startswith("applicant:") for who in told(hall, granted)), "no law promises it"
    at(hall, date(2026, 9, 30))
    fire("settlement", hall.engine)
    assert [x.rung for x in cards(hall, granted)].count("yellow") == 1
    assert hall.rows("SELECT id FROM orders WHERE case_id = :id", id=card.case_id) == []


def test_one_that_is_there_in_time_is_nobodys_card(hall: Hall, granted: str) -> None:
    at(hall, DUE)
    hall.act(granted, "deliver", hall.window, kind="e_licence")
    assert running(hall, granted) == {}
    at(hall, date(2026, 10, 20))
    fire("settlement", hall.engine)
    assert cards(hall, granted) == []


def test_one_that_came_late_has_its_card_whenever_the_sweep_comes(hall: Hall, granted: str) -> None:
    at(hall, LATE)
    hall.act(granted, "deliver", hall.window, kind="e_licence")
    fire("settlement", hall.engine)
    assert [card.rung for card in cards(hall, granted)] == ["yellow"]


@pytest.mark.parametrize("mode", ["window", "ems"])
def test_who_takes_the_result_otherwise_is_owed_none(hall: Hall, mode: str) -> None:
    head = {"delivery": {"mode": mode, "address": "山东省平度市人民路1号"}}
    no = hall.open("settlement", head=head)["settlement"]
    hall.finish(no)
    assert set(running(hall, no)) == {"delivery"}


def test_a_refusal_has_no_certificate(hall: Hall) -> None:
    no = hall.open("settlement", head=ELECTRONIC)["settlement"]
    hall.finish(no, but=["approval", "registration"])
    hall.approve(hall.no(no, "eligibility"))
    task = hall.no(no, "approval")
    for _ in range(2):
        hall.act(task, "refuse", hall.holder(task), **REFUSAL)
    assert hall.case(no).status == "closed_refused"
    assert set(running(hall, no)) == {"delivery"}


@pytest.mark.parametrize(("first", "then"), [("window", "electronic"), ("electronic", "window")])
def test_the_way_that_was_corrected_is_the_way_it_ends(hall: Hall, first: str, then: str) -> None:
    nos = hall.open("settlement", "subsidy", head={"delivery": {"mode": first}}, accept=False)
    patch = {"applicant": {"delivery": {"mode": then}}}
    hall.act(nos["settlement"], "correct", hall.window, patch=patch, reason="改变取件方式")
    for no in (nos["settlement"], nos["subsidy"]):
        assert ("certificate_days" in hall.case(no).plan) is (then == "electronic")
    hall.act(nos["settlement"], "accept", hall.window)
    hall.finish(nos["settlement"])
    assert ("certificate" in running(hall, nos["settlement"])) is (then == "electronic")


def test_it_is_explained_as_what_is_usual_and_not_as_the_law(hall: Hall, granted: str) -> None:
    with hall.engine.connect() as conn:
        (case,), tasks = work.take(conn, granted)
        told = explain.explained(conn, case, tasks, LATE)
    (row,) = [one for one in told if one["clock"] == "certificate"]
    assert (row["kind_label"], row["what"], row["binding"]) == ("电子证照时限（参考时限）", "制发电子证照", False)
    assert (row["due"], row["over"], row["light"]) == (DUE.isoformat(), 1, "yellow")
    assert row["working"][0]["text"].startswith("09-19 周六"), "the day it ended is day zero"


def test_a_day_off_moves_it_and_the_case_goes_on_showing_what_is_due_first(hall: Hall, granted: str) -> None:
    off = date(2026, 9, 21)
    with hall.engine.begin() as conn:
        calendar.override(conn, off, False, reason="台风停工", author="测试", at=hall.now)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风停工")
    assert (hall.case(granted).due_on, hall.case(granted).yellow_on) == (LATE, LATE + timedelta(days=1))
    with hall.engine.begin() as conn:
        calendar.override(conn, off, None, reason="台风未登陆", author="测试", at=hall.now)
    reproject(hall.engine, SYSTEM, hall.now, reason="台风未登陆")
    assert hall.case(granted).due_on == DUE


def test_in_the_settings_it_warns_of_nothing_and_says_so() -> None:
    said = words_of(matter("settlement"), ("alarms", "certificate"))
    assert said == "逾期即亮黄牌；黄牌起告知综合窗口"
