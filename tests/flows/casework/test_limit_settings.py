"""Every setting of a limit and of a step changes what happens to a case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest

from api.documents.bodies import acceptance
from flows.deemed import deem
from flows.matter import AfterEvent, Edge, InSeason, Limit, Promised, Statutory
from flows.registry import matters
from flows.watch import fire
from forms.vocabulary import CaseKind, ItemType
from tests.kit.clocked import HOSTEL, at, clocked_matters, hostel, opened, running, said, steps
from tests.kit.hall import Hall

LAW = "行政许可法 第42条"


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


# limits: accepted on Friday 2026-09-18


@pytest.mark.parametrize(
    ("limits", "clock", "days"),
    [
        ([Promised(8)], "promised", "2026-09-30 2026-09-28 2026-10-01 2026-10-12"),
        ([Promised(10)], "promised", "2026-10-09 2026-09-30 2026-10-10 2026-10-14"),
        ([Promised(8), Statutory(20, basis=LAW)], "promised", "2026-09-30 2026-09-28 2026-10-01 None"),
        ([Promised(8), Statutory(9, basis=LAW)], "statutory", "2026-10-08 2026-09-29 None 2026-10-09"),
        ([Promised(8), Statutory(20, basis=LAW)], "statutory", "2026-10-22 2026-10-20 None 2026-10-23"),
    ],
)
def test_the_days_and_the_basis_of_a_limit_make_its_due_day_and_its_rungs(
    hall: Hall, limits: Sequence[Limit], clock: str, days: str
) -> None:
    limit = running(hall, opened(hall, hostel(limits=[*limits, AfterEvent("notice", 4)])), clock)[0]
    assert " ".join(str(x) for x in (limit.due_on, limit.amber_on, limit.yellow_on, limit.red_on)) == days


def test_a_limit_with_a_basis_binds_and_one_without_is_a_reference(hall: Hall) -> None:
    bound = opened(hall, hostel(limits=[Promised(10, basis="平发〔2022〕22号 第21条", what="核定")]))
    loose = opened(hall, hostel(limits=[Promised(10)]))
    told = [{x["clock"]: x for x in said(hall, no)}["promised"] for no in (bound, loose)]
    assert [x["binding"] for x in told] == [True, False]
    assert [x["kind_label"] for x in told] == ["承诺时限", "承诺时限（参考时限）"]
    assert (told[0]["what"], told[0]["basis"]) == ("核定", "平发〔2022〕22号 第21条")


def test_a_case_shows_its_promise_whichever_limit_its_matter_names_first(hall: Hall) -> None:
    both = [Promised(10), Statutory(20, basis=LAW)]
    for limits in (both, both[::-1]):
        no = opened(hall, hostel(limits=limits))
        assert hall.case(no).due_on == running(hall, no)[0].due_on == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("season", "started", "due"),
    [
        (("09-01", "09-30"), "2026-09-30", "2026-10-10"),
        (("09-18", "09-18"), "2026-09-18", "2026-09-22"),
        (("09-19", "10-01"), "2026-09-18", "2026-10-09"),
        (("09-01", "01-10"), "2027-01-10", "2027-01-13"),
        (("11-01", "01-10"), "2026-09-18", "2026-10-09"),
    ],
)
def test_a_season_counts_from_its_close_for_what_is_accepted_in_it(
    hall: Hall, season: tuple[str, str], started: str, due: str
) -> None:
    no = opened(hall, hostel(limits=[Promised(10), InSeason(*season, 3)]))
    limit = running(hall, no)[0]
    assert (str(limit.started_on), str(limit.due_on)) == (started, due)
    assert limit.provisional == started.startswith("2027")


def test_in_season_the_decision_waits_for_the_close_of_the_window(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[Promised(10), InSeason("09-01", "09-30", 3)]))
    hall.finish(no, but=["decision", "opinion"])
    assert running(hall, no, subject=hall.no(no, "decision"))[0].started_on == date(2026, 9, 30)
    assert hall.task(no, "decision").due_on == date(2026, 10, 10), "three days after the close"
    assert hall.task(no, "decision").amber_on == date(2026, 10, 9)


def test_a_limit_after_a_step_starts_with_it_and_ends_what_was_promised_before(hall: Hall) -> None:
    for days, due in ((4, date(2026, 9, 23)), (6, date(2026, 9, 28))):
        no = opened(hall, hostel(limits=[Promised(8), AfterEvent("decision", days, what="送达前")], steps=steps(
            notice={"special": None, "days": 1}, plate={"days": 1})))  # fmt: skip
        hall.finish(no, but=["notice", "opinion", "visit"])
        limits = running(hall, no)
        assert [(x.what, x.event) for x in limits] == [("送达前", "decision")]
        assert hall.case(no).due_on == due


def test_a_decision_taken_back_takes_back_the_limit_that_began_with_it(hall: Hall) -> None:
    no = opened(hall)
    hall.finish(no, but=["notice", "opinion", "visit"])
    first = running(hall, no)[0]
    hall.later(days=7)
    notice = hall.no(no, "notice")
    hall.approve(notice)
    assert [x.event for x in running(hall, no)] == ["notice"]
    assert hall.open_pauses(no) == []
    hall.act(notice, "retract", hall.holder(notice))
    assert [(x.id, x.due_on, x.stopped) for x in running(hall, no)] == [(first.id, None, True)]
    assert [p.kind for p in hall.open_pauses(no)] == ["public_notice"], "the notice is out again"
    hall.later(days=1)
    hall.approve(notice)
    assert [x.started_on for x in running(hall, no)] == [hall.today]


def test_a_promise_passed_at_the_decision_ends_there_and_gets_no_red_card_for_the_notice(hall: Hall) -> None:
    no = opened(hall, hostel(limits=[Promised(8), AfterEvent("notice", 4)]))
    at(hall, date(2026, 10, 8))
    hall.finish(no, but=["notice", "opinion", "visit"])
    at(hall, date(2026, 10, 20))
    fire("hostel", hall.engine)
    cards = hall.rows("SELECT rung FROM alarms WHERE subject = :no ORDER BY id", no=no)
    assert [card.rung for card in cards] == ["yellow"]


def test_a_promise_that_waits_for_a_sibling_never_passes_the_law_which_waits_for_nobody(hall: Hall) -> None:
    edge = [Edge("decision", "settlement")]
    for by_law, promised in ((20, 15), (12, 12)):
        limits = [Promised(10), Statutory(by_law, basis=LAW)]
        known = {**matters(), "hostel": hostel(edges=edge, limits=limits)}
        cases = hall.receive(hall.body("settlement", "hostel", forms=HOSTEL), matters=known).cases
        no = next(case["no"] for case in cases if case["matter"] == "hostel")
        assert running(hall, no)[0].days == promised
        assert "等待人才落户5日" in running(hall, no)[0].what
        assert running(hall, no, "statutory")[0].days == by_law


# steps


def test_a_steps_days_are_its_tasks_days(hall: Hall) -> None:
    for days, due in ((1, date(2026, 9, 20)), (4, date(2026, 9, 23))):
        no = opened(hall, hostel(steps=steps(papers={"days": days})))
        assert hall.task(no, "papers").due_on == due
        assert running(hall, no, subject=hall.no(no, "papers"))[0].days == days


def test_a_step_on_the_spot_is_due_the_same_day(hall: Hall) -> None:
    no = opened(hall, hostel(kind=CaseKind.INSTANT, steps=steps(papers={"days": 0})))
    task = hall.task(no, "papers")
    assert (task.due_on, task.amber_on, task.yellow_on) == (hall.today, hall.today, hall.today + timedelta(days=1))


def test_a_special_procedure_has_a_clock_of_its_own_that_the_promise_does_not_count(hall: Hall) -> None:
    no = opened(hall)
    hall.finish(no, but=["notice", "opinion"])
    task = hall.task(no, "notice")
    own = running(hall, no, "special", task.no)[0]
    assert (own.days, own.due_on) == (5, date(2026, 9, 24))
    assert (own.yellow_on, own.red_on) == (date(2026, 9, 25), date(2026, 9, 29)), "red on the second working day"
    assert [x.stopped for x in running(hall, no)] == [True]
    assert not running(hall, no, "statutory")[0].stopped, "no law stops for a notice"
    assert not hall.task(no, "visit").stopped, "the notice is nobody else's pause"


def test_a_case_that_begins_with_a_public_notice_stands_still_from_its_acceptance(hall: Hall) -> None:
    before = [step for step in steps(notice={"after": []}) if step.code == "notice"]
    after = [step for step in steps(plate={"after": ["decision"]}) if step.code != "notice"]
    no = opened(hall, hostel(steps=before + after, limits=[Promised(10)]))
    assert hall.case(no).due_on is None and hall.case(no).stopped
    assert hall.task(no, "papers").due_on == date(2026, 9, 22), "departments work meanwhile"
    hall.later(days=6)
    hall.approve(hall.no(no, "notice"))
    assert hall.case(no).due_on == date(2026, 10, 15)


def test_an_opinion_that_is_not_given_escalates_and_stays_open(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = opened(hall, hostel(steps=steps(opinion={"deemed_agree": None})))
    at(hall, date(2026, 10, 20))
    deem("hostel", hall.engine)
    assert hall.task(no, "opinion").status == "pending"
    fire("hostel", hall.engine)
    query = "SELECT rung FROM alarms WHERE subject = :no AND clock = 'promised' ORDER BY id"
    raised = hall.rows(query, no=hall.no(no, "opinion"))
    assert [one.rung for one in raised] == ["amber", "yellow", "red"]


def test_where_a_document_says_so_silence_is_agreement_on_the_next_working_day(hall: Hall) -> None:
    at(hall, date(2026, 9, 22))
    no = opened(hall)
    task = hall.no(no, "opinion")
    assert hall.task(task).due_on == date(2026, 9, 24)
    at(hall, date(2026, 9, 25))
    deem("hostel", hall.engine)
    assert hall.task(task).status == "pending", "a day off is no day on which silence becomes anything"
    at(hall, date(2026, 9, 28), 0)
    fire("hostel", hall.engine)
    deem("hostel", hall.engine)
    decided = hall.task(task)
    assert (decided.status, decided.officer_id) == ("approved", None)
    assert decided.verdict["basis"] == "超时默认：平政办〔2023〕1号 第8条"
    event = next(e for e in hall.events(no) if e.subject == task and e.act == "approve")
    assert (event.actor_kind, event.detail["basis"]) == ("system", decided.verdict["basis"])
    assert hall.document(no, "deemed_agreement").content["basis"] == "平政办〔2023〕1号 第8条"
    cards = hall.rows("SELECT rung, department FROM alarms WHERE subject = :no ORDER BY id", no=task)
    assert ("yellow", "youth_league") in [(c.rung, c.department) for c in cards], "the late one stays liable"


def test_a_paused_opinion_is_not_taken_for_agreement(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = opened(hall)
    task = hall.no(no, "opinion")
    hall.act(task, "suspend", hall.speaker(task), kind="other", ground="等待材料")
    at(hall, date(2026, 10, 20))
    deem("hostel", hall.engine)
    assert hall.task(task).status == "pending"


# silence at the window; received on Friday 2026-09-18, to be looked over until Thursday 2026-09-24


def received(hall: Hall, **changed: object) -> str:
    """Have an application handed in that the window does not look at."""
    at(hall, date(2026, 9, 18))
    body = hall.body("hostel", forms=HOSTEL, accept=False)
    return str(hall.receive(body, matters={"hostel": hostel(**changed)}).cases[0]["no"])


def passed_over(hall: Hall) -> None:
    """Let the window's five days pass."""
    at(hall, date(2026, 9, 25))
    fire("hostel", hall.engine)
    deem("hostel", hall.engine)


@pytest.mark.parametrize(
    ("changed", "basis"),
    [
        ({}, "《中华人民共和国行政许可法》第三十二条第一款第（四）项"),
        (
            {"item_type": ItemType.PUBLIC_SERVICE, "deemed_acceptance": "平政办〔2023〕1号 第9条"},
            "平政办〔2023〕1号 第9条",
        ),
    ],
)
def test_silence_is_acceptance_by_law_of_a_licence_and_of_what_says_so(
    hall: Hall, changed: dict[str, object], basis: str
) -> None:
    no = received(hall, **changed)
    assert running(hall, no, "intake")[0].deems
    passed_over(hall)
    case = hall.case(no)
    assert (case.status, case.accepted_at) == ("in_progress", case.received_at)
    assert hall.acts(no).count("deem-accept") == 1
    said = acceptance({"title": "人才驿站设立", "case": no, **hall.document(no, "acceptance").content})
    assert f"依据{basis}，自收到申请材料之日起即为受理" in str(said)


def test_elsewhere_silence_escalates_and_is_never_acceptance(hall: Hall) -> None:
    no = received(hall, item_type=ItemType.PUBLIC_SERVICE)
    passed_over(hall)
    passed_over(hall)
    assert hall.case(no).status == "submitted" and hall.tasks(no) == []
    alarms = hall.rows("SELECT * FROM alarms WHERE subject = :no ORDER BY id", no=no)
    assert [(x.clock, x.rung, x.department) for x in alarms] == [
        ("intake", "amber", "window"),
        ("intake", "red", "window"),
    ]
    [order] = hall.rows("SELECT * FROM orders WHERE subject = :no", no=no)
    assert (order.rule, order.department) == ("优化营商环境条例 第36条（一次性告知）", "window")
    told = hall.rows(
        "SELECT DISTINCT addressee FROM notices WHERE key LIKE :key", key=f"alarm:{alarms[1].limit_id}:red:%"
    )
    assert {"window", "manager"} <= {row.addressee.rpartition(":")[2] for row in told}
    hall.act(no, "accept", hall.window)
    assert hall.case(no).status == "in_progress"
    assert running(hall, no)[0].started_on == date(2026, 9, 25), "the day it was accepted, not of receipt"
