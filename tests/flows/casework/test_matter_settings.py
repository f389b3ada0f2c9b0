"""Every setting of a matter that an office changes at run time changes what happens, and a bad one changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from flows import overrides
from flows.alarms import Watched
from flows.desks import desk
from flows.registry import matters
from flows.watch import fire
from forms.administration import Adjustment, AlarmChange, MatterChange, PromisableChange, SupplementChange
from forms.errors import Conflict, Invalid, NotAllowed
from forms.vocabulary import Department, Role
from tests.flows.casework.test_statements import RECEIVE, counted
from tests.kit.clocked import HOSTEL, at, clocked_matters, running
from tests.kit.hall import PINGDU, Hall

WHY = "联席会议议定"
FRIDAY = date(2026, 9, 18)


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with clocked_matters():
        yield


@pytest.fixture(autouse=True)
def restored(hall: Hall) -> Iterator[None]:
    """Whatever a test has set is again as the file says, and the day is the Friday all tests begin on."""
    at(hall, FRIDAY)
    yield
    with hall.engine.connect() as conn:
        held = overrides.store.values(conn, list(matters()))
    for code, value in held.items():
        for name, kind in (("promised_days", MatterChange), ("promisable", PromisableChange),
                           ("supplement_days", SupplementChange)):  # fmt: skip
            if value.get(name) is not None:
                put(hall, code, kind(reason="复原"))
        for one in value.get("alarms", {}):
            put(hall, code, AlarmChange(reason="复原"), one)


def put(hall: Hall, code: str, given: Adjustment, kind: str | None = None, by: Any = None) -> dict[str, Any]:
    """Change a setting as the administrator does."""
    keeper = by or hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)
    with desk(keeper, now=hall.now, engine=hall.engine) as seat:
        return overrides.change(seat, matters(), code, given, kind=Watched(kind) if kind else None)


def alarm(hall: Hall, code: str, kind: str, **fields: Any) -> dict[str, Any]:
    return put(hall, code, AlarmChange(reason=WHY, **fields), kind)


def wrong(hall: Hall, code: str, given: Adjustment, kind: str | None = None) -> dict[str, str]:
    """Return everything that is wrong with a change, by field; nothing is on record of it."""
    before = hall.rows("SELECT count(*) AS n FROM overrides")[0].n
    with pytest.raises(Invalid) as refused:
        put(hall, code, given, kind)
    assert hall.rows("SELECT count(*) AS n FROM overrides")[0].n == before
    return {error.field: error.message for error in refused.value.errors}


# which papers may be promised (容缺)


def promised(hall: Hall, *codes: str, paper: str) -> dict[str, Any]:
    """Return a body in which that paper is promised."""
    body = hall.body(*codes)
    body["materials"] = [one for one in body["materials"] if one["code"] != paper]
    return body | {"materials": [*body["materials"], {"code": paper, "promised": True}]}


def test_what_may_be_promised_is_accepted_with_a_gap_and_what_no_longer_may_is_refused(hall: Hall) -> None:
    before = hall.open("settlement")["settlement"]
    with pytest.raises(Invalid):
        hall.receive(promised(hall, "settlement", paper="property"))
    put(hall, "settlement", PromisableChange(promisable=["property"], reason=WHY))
    case = hall.case(hall.receive(_but(promised(hall, "settlement", paper="property"), "photo")).cases[0]["no"])
    pinned = {paper["code"] for paper in case.plan["materials"] if paper["gap_allowed"]}
    assert pinned == {"property"}
    with pytest.raises(Invalid) as refused:
        hall.receive(promised(hall, "settlement", paper="photo"))
    assert [error.code for error in refused.value.errors] == ["not_promisable"]
    assert [item["code"] for item in hall.case(before).gap["items"]] == ["photo"]
    assert "property" not in {x["code"] for x in hall.case(before).plan["materials"] if x["gap_allowed"]}


def _but(body: dict[str, Any], code: str) -> dict[str, Any]:
    return body | {"materials": [one for one in body["materials"] if one["code"] != code]}


def test_a_paper_promised_is_judged_at_acceptance_by_the_day_of_receipt(hall: Hall) -> None:
    put(hall, "settlement", PromisableChange(promisable=["property"], reason=WHY))
    body = promised(hall, "settlement", paper="property") | {"accept": False}
    body["materials"].append({"code": "photo", "file": hall.upload("set-photo", hall.window)})
    body["materials"] = [one for one in body["materials"] if not (one["code"] == "photo" and one.get("promised"))]
    no = hall.receive(body).cases[0]["no"]
    put(hall, "settlement", PromisableChange(reason="恢复"))
    hall.act(no, "accept", hall.window)
    assert (hall.case(no).status, [x["code"] for x in hall.case(no).gap["items"]]) == ("in_progress", ["property"])


def test_in_a_bundle_a_paper_may_be_promised_only_if_every_matter_that_wants_it_lets_it(hall: Hall) -> None:
    put(hall, "green_channel", PromisableChange(promisable=["contract"], reason=WHY))
    with pytest.raises(Invalid) as refused:
        hall.receive(promised(hall, "settlement", "green_channel", paper="photo"))
    assert [error.message for error in refused.value.errors] == ["“近期免冠证件照”不能容缺"]
    hall.receive(promised(hall, "settlement", paper="photo"))


def test_unknown_papers_and_papers_that_may_never_be_promised_are_refused_together(hall: Hall) -> None:
    codes = ["id_card", "no_such_paper", "guardian_consent", "centre_acceptance", "photo"]
    said = wrong(hall, "settlement", PromisableChange(promisable=codes, reason=WHY))
    assert sorted(said) == [f"/promisable/{n}" for n in range(4)]
    assert "不得容缺" in said["/promisable/0"]
    assert "没有“no_such_paper”" in said["/promisable/1"]


def test_the_list_as_defined_is_no_change(hall: Hall) -> None:
    own = ["photo", "unit_consent", "marriage_certificate"]
    with pytest.raises(Conflict):
        put(hall, "settlement", PromisableChange(promisable=own, reason=WHY))


# when a limit warns and turns red


@pytest.mark.parametrize(
    ("kind", "clock", "amber"),
    [("promised", "promised", 3), ("statutory", "statutory", 7), ("step", "promised", 3)],
)
def test_a_kind_of_limit_warns_as_the_office_has_set_for_what_is_received_from_then_on(
    hall: Hall, kind: str, clock: str, amber: int
) -> None:
    opened = [hall.receive(hall.body("hostel", forms=HOSTEL)).cases[0]["no"]]
    alarm(hall, "hostel", kind, amber=amber)
    opened.append(hall.receive(hall.body("hostel", forms=HOSTEL)).cases[0]["no"])
    warns = []
    for no in opened:
        subject = hall.no(no, "site") if kind == "step" else no
        rows = running(hall, no, clock, subject)
        warns.append([next(r["before"] for r in row.rungs if r["light"] == "amber") for row in rows])
    assert warns[0] != warns[1]
    assert set(warns[1]) == {amber}


def test_a_task_shorter_than_its_warning_warns_from_its_first_day_on(hall: Hall) -> None:
    alarm(hall, "hostel", "step", amber=4)
    no = hall.receive(hall.body("hostel", forms=HOSTEL)).cases[0]["no"]
    tasks = {task.step: task for task in hall.tasks(no)}
    assert tasks["safety"].amber_on == tasks["safety"].due_on == date(2026, 9, 20)
    assert tasks["site"].amber_on == date(2026, 9, 20)


@pytest.mark.parametrize(("kind", "amber"), [("intake", 4), ("supplement", 6), ("gap", 3), ("delivery", 7)])
def test_the_windows_and_the_applicants_deadlines_warn_as_set(hall: Hall, kind: str, amber: int) -> None:
    alarm(hall, "settlement", kind, amber=amber)
    no = hall.open("settlement", accept=kind != "intake" and kind != "supplement")["settlement"]
    if kind == "supplement":
        hall.act(no, "request-supplement", hall.window, items=[{"code": "household_book"}])
    if kind == "delivery":
        hall.finish(no)
    (limit,) = running(hall, no, kind)
    assert next(rung["before"] for rung in limit.rungs if rung["light"] == "amber") == amber


def test_a_public_notice_has_thresholds_of_its_own(hall: Hall) -> None:
    alarm(hall, "hostel", "special", amber=4, red_after=6)
    no = hall.receive(hall.body("hostel", forms=HOSTEL)).cases[0]["no"]
    hall.finish(no, but=("notice",))
    (limit,) = running(hall, no, "special", hall.no(no, "notice"))
    assert [(r["before"], r["after"]) for r in limit.rungs] == [(4, None), (None, 0), (None, 6)]


def test_red_follows_a_promise_when_the_office_says_and_the_order_says_after_how_many_days(hall: Hall) -> None:
    before = hall.open("settlement")["settlement"]
    alarm(hall, "settlement", "promised", amber=4, red_after=6)
    no = hall.open("settlement")["settlement"]
    assert (hall.case(no).amber_on, hall.case(no).due_on) == (date(2026, 9, 20), date(2026, 9, 24))
    at(hall, date(2026, 9, 20))
    fire("settlement", hall.engine)
    assert [x.subject for x in _alarms(hall, before, no)] == [no]
    at(hall, date(2026, 10, 10))
    fire("settlement", hall.engine)
    assert [(x.subject, x.rung) for x in _alarms(hall, before, no) if x.rung == "red"] == [(before, "red")]
    at(hall, date(2026, 10, 12))
    fire("settlement", hall.engine)
    orders = hall.rows("SELECT subject, rule FROM orders WHERE subject IN (:a, :b) ORDER BY id", a=before, b=no)
    assert [(x.subject, x.rule) for x in orders] == [
        (before, "参考时限：超过承诺办结日3个工作日"),
        (no, "参考时限：超过承诺办结日6个工作日"),
    ]


def _alarms(hall: Hall, *nos: str) -> list[Any]:
    query = "SELECT subject, rung FROM alarms WHERE clock = 'promised' AND subject = ANY(:nos) ORDER BY id"
    return hall.rows(query, nos=list(nos))


def told(hall: Hall, no: str, rung: str) -> set[str]:
    query = (
        "SELECT replace(addressee, :here, '') AS who FROM notices WHERE content ->> 'subject' = :no"
        " AND content ->> 'rung' = :rung AND content ->> 'clock' IN ('promised', 'intake') AND addressee LIKE 'seat:%'"
    )
    return {row.who for row in hall.rows(query, no=no, rung=rung, here=f"seat:{PINGDU}:")}


def test_who_is_told_is_looked_up_when_a_rung_fires_so_that_open_cases_follow_at_once(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    who = {"agency_head": "amber", "coordinator": "amber", "manager": "yellow"}
    alarm(hall, "settlement", "promised", recipients=who)
    at(hall, date(2026, 9, 25))
    fire("settlement", hall.engine)
    lead = {"public_security:agency_head", "public_security:coordinator"}
    assert told(hall, no, "amber") == lead
    assert told(hall, no, "yellow") == lead | {"supervision:manager"}
    task = hall.no(no, "eligibility")  # of another kind of limit: as usual
    assert told(hall, task, "amber") == {"human_resources:handler"}


def test_a_late_tasks_coordinator_is_the_lead_departments_whatever_the_rung(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    alarm(hall, "settlement", "step", recipients={"coordinator": "amber", "handler": "yellow"})
    at(hall, date(2026, 9, 22))
    fire("settlement", hall.engine)
    task = hall.no(no, "eligibility")
    assert told(hall, task, "amber") == {"public_security:coordinator"}
    assert told(hall, task, "yellow") == {"public_security:coordinator", "human_resources:handler"}


def test_the_window_is_told_when_its_own_days_run_out(hall: Hall) -> None:
    no = hall.open("settlement", accept=False)["settlement"]
    at(hall, date(2026, 9, 22))
    fire("settlement", hall.engine)
    assert "window:window" in told(hall, no, "amber")


@pytest.mark.parametrize(
    ("kind", "fields", "where"),
    [
        ("promised", {"amber": 5, "red_after": 2}, {"/amber", "/red_after"}),
        ("promised", {"red_after": 31, "recipients": {}}, {"/red_after", "/recipients"}),
        ("promised", {"amber": 9, "recipients": {"auditor": "amber"}},
         {"/amber", "/recipients/auditor", "/recipients"}),
        ("intake", {"red_after": 5, "recipients": {"window": "yellow"}},
         {"/red_after", "/recipients/window", "/recipients"}),
        ("intake", {"recipients": {"handler": "amber"}}, {"/recipients/handler", "/recipients"}),
        ("delivery", {"amber": 10, "red_after": 5}, {"/amber", "/red_after"}),
        ("certificate", {"amber": 1, "red_after": 5}, {"/amber", "/red_after"}),
        ("certificate", {"recipients": {"window": "amber"}}, {"/recipients/window"}),
        ("step", {"amber": 2, "red_after": 0}, {"/amber", "/red_after"}),
        ("step", {"recipients": {"manager": "red"}}, {"/recipients"}),
        ("statutory", {"amber": 1}, {"/kind"}),
        ("special", {"amber": 1}, {"/kind"}),
    ],
)  # fmt: skip
def test_a_rule_without_sense_is_refused_with_all_that_is_wrong(
    hall: Hall, kind: str, fields: dict[str, Any], where: set[str]
) -> None:
    assert set(wrong(hall, "settlement", AlarmChange(reason=WHY, **fields), kind)) == where


def test_where_a_law_stands_behind_the_promise_its_red_is_the_laws(hall: Hall) -> None:
    assert set(wrong(hall, "hostel", AlarmChange(reason=WHY, red_after=5), "promised")) == {"/red_after"}
    assert set(wrong(hall, "hostel", AlarmChange(reason=WHY, red_after=5), "statutory")) == {"/red_after"}


def test_a_promise_stays_longer_than_its_warning(hall: Hall) -> None:
    put(hall, "settlement", MatterChange(promised_days=9, reason=WHY))
    alarm(hall, "settlement", "promised", amber=7)
    said = wrong(hall, "settlement", MatterChange(promised_days=6, reason=WHY))
    assert "剩余7个工作日提醒" in said["/promised_days"]
    assert set(wrong(hall, "settlement", MatterChange(reason=WHY))) == {"/promised_days"}
    alarm(hall, "settlement", "promised")
    put(hall, "settlement", MatterChange(promised_days=6, reason=WHY))


# how long the applicant has


def test_who_names_no_day_gives_the_days_that_are_set_and_open_cases_keep_theirs(hall: Hall) -> None:
    before = hall.open("settlement", accept=False)["settlement"]
    put(hall, "settlement", SupplementChange(supplement_days=4, reason=WHY))
    after = hall.open("settlement", accept=False)["settlement"]
    for no, until in ((before, date(2026, 10, 9)), (after, date(2026, 9, 23))):
        hall.act(no, "request-supplement", hall.window, items=[{"code": "household_book"}])
        assert [one.deadline for one in hall.supplements(no)] == [until]


def test_the_applicants_days_stay_longer_than_their_warning(hall: Hall) -> None:
    alarm(hall, "settlement", "supplement", amber=8)
    assert set(wrong(hall, "settlement", SupplementChange(supplement_days=8, reason=WHY))) == {"/supplement_days"}


# the record


def test_settings_do_not_disturb_each_other_and_each_version_says_who_why_and_by_what(hall: Hall) -> None:
    put(hall, "schooling", SupplementChange(supplement_days=7, reason=WHY, basis="平教发〔2026〕3号"))
    value = alarm(hall, "schooling", "promised", amber=3)
    assert value == {"supplement_days": 7, "alarms": {"promised": {"amber": 3}}}
    rows = hall.rows("SELECT * FROM overrides WHERE subject = 'matter/schooling' ORDER BY version")
    assert [(row.reason, row.basis) for row in rows] == [(WHY, "平教发〔2026〕3号"), (WHY, "")]
    assert put(hall, "schooling", AlarmChange(reason="恢复"), "promised") == {"supplement_days": 7, "alarms": {}}


def test_nobody_else_may_and_nothing_is_changed_to_what_it_is(hall: Hall) -> None:
    for given, kind in ((PromisableChange(promisable=[], reason=WHY), None), (AlarmChange(amber=1, reason=WHY), "step"),
                        (SupplementChange(supplement_days=3, reason=WHY), None)):  # fmt: skip
        with pytest.raises(NotAllowed):
            put(hall, "settlement", given, kind, by=hall.manager)
    with pytest.raises(Conflict):
        put(hall, "settlement", AlarmChange(reason=WHY), "step")


def test_a_preview_changes_nothing(hall: Hall) -> None:
    keeper = hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)
    with desk(keeper, now=hall.now, engine=hall.engine) as seat:
        tried = overrides.tried(seat, matters(), "settlement", SupplementChange(supplement_days=3, reason=WHY))
    assert (tried.before.supplement_days, tried.after.supplement_days) == (10, 3)
    with hall.engine.connect() as conn:
        assert overrides.in_force(conn, matters())["settlement"].supplement_days == 10


def test_settings_cost_an_intake_no_journey_more(hall: Hall) -> None:
    alarm(hall, "settlement", "step", amber=1, recipients={"handler": "amber", "manager": "red"})
    put(hall, "settlement", SupplementChange(supplement_days=5, reason=WHY))
    put(hall, "green_channel", PromisableChange(promisable=["photo"], reason=WHY))
    body = hall.body("settlement", "green_channel", promised=False)
    with counted() as sent:
        hall.receive(body)
    assert len(sent) <= RECEIVE, sent


def test_what_a_later_release_does_not_bear_stays_as_its_file_says(hall: Hall) -> None:
    matter = matters()["settlement"]
    held = {
        "promised_days": 2,
        "supplement_days": 6,
        "promisable": ["photo", "id_card", "gone"],
        "alarms": {"promised": {"amber": 9}, "step": {"amber": 0, "told": {"gone": "amber"}}, "intake": {"amber": 3}},
    }
    now = overrides.applied({"settlement": matter}, {"settlement": held})["settlement"]
    assert (now.promised_days, now.supplement_days) == (5, 6)
    assert [paper.code for paper in now.materials if paper.gap_allowed] == ["photo"]
    assert {kind: one.amber for kind, one in now.alarms.items()} == {Watched.INTAKE: 3}
