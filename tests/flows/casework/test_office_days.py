"""What an office sets of appeals, orders, bad ratings and broken promises changes what happens, from receipt on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from flows import overrides, supervision
from flows.adjusted import settings_of
from flows.deemed import deem
from flows.desks import desk
from flows.registry import matters
from flows.watch import fire
from forms.administration import Adjustment, AppealChange, FixChange, GapLateChange, ReplyChange
from forms.errors import Conflict
from forms.supervision import AppealCard, OpenOrder
from forms.vocabulary import Department, GapLate, Role
from tests.flows.casework.rated import follow, of, rate
from tests.kit.clocked import at
from tests.kit.hall import Hall

WHY = {"reason": "联席会议议定", "basis": "平政办〔2026〕8号"}
FRIDAY = date(2026, 9, 18)
SET: dict[str, type[Adjustment]] = {
    "appeal_days": AppealChange, "reply_days": ReplyChange, "fix_days": FixChange, "gap_late": GapLateChange,
}  # fmt: skip


@pytest.fixture(autouse=True)
def restored(hall: Hall) -> Iterator[None]:
    """Whatever a test has set is again as the file says, and the day is the Friday all tests begin on."""
    at(hall, FRIDAY)
    yield
    with hall.engine.connect() as conn:
        held = overrides.store.values(conn, ["settlement"]).get("settlement", {})
    for name in SET:
        if held.get(name) is not None:
            put(hall, name, None)


def put(hall: Hall, name: str, value: Any) -> None:
    keeper = hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)
    with desk(keeper, now=hall.now, engine=hall.engine) as seat:
        overrides.change(seat, matters(), "settlement", SET[name].model_validate({name: value, **WHY}))


def three(hall: Hall, name: str, value: Any) -> tuple[str, str, str]:
    """Return cases received before a setting, under it, and after it was taken back."""
    cases = [hall.open("settlement")["settlement"]]
    for one in (value, None):
        put(hall, name, one)
        cases.append(hall.open("settlement")["settlement"])
    return cases[0], cases[1], cases[2]


def test_an_office_has_the_days_to_appeal_that_held_when_the_case_was_received(hall: Hall) -> None:
    cases = three(hall, "appeal_days", 6)
    at(hall, date(2026, 10, 15))
    fire("settlement", hall.engine)
    at(hall, date(2026, 10, 21))  # the fourth working day
    lead = hall.actor(Role.APPROVER, Department.PUBLIC_SECURITY)
    late = []
    for no in cases:
        key = hall.rows("SELECT id FROM alarms WHERE subject = :no AND rung = 'yellow'", no=no)[0].id
        try:
            with desk(lead, now=hall.now, engine=hall.engine) as seat:
                supervision.appeal(seat, key, AppealCard(act="appeal", reason="系统停机"))
        except Conflict as refused:
            assert (refused.code, refused.facts["until"]) == ("expired", "2026-10-20")
            late.append(no)
    assert late == [cases[0], cases[2]]


def test_an_order_is_answered_within_the_days_that_held_when_the_case_was_received(hall: Hall) -> None:
    cases = three(hall, "reply_days", 4)
    with desk(hall.manager, now=hall.now, engine=hall.engine) as seat:
        sent = [supervision.open_order(seat, OpenOrder(subject=no, content="请说明进展"))["reply_due"] for no in cases]
    assert sent == [date(2026, 9, 20), date(2026, 9, 23), date(2026, 9, 20)], "the Sunday is made up for the holiday"
    at(hall, date(2026, 10, 15))
    fire("settlement", hall.engine)
    query = "SELECT o.reply_due FROM orders o JOIN alarms a ON a.id = o.alarm_id WHERE a.subject = :no"
    by_card = [{row.reply_due for row in hall.rows(query, no=no)} for no in cases]
    assert by_card == [{date(2026, 10, 16)}, {date(2026, 10, 21)}, {date(2026, 10, 16)}]


def test_a_bad_rating_is_put_right_within_the_days_that_held_when_the_case_was_received(hall: Hall) -> None:
    cases = three(hall, "fix_days", 8)
    hall.finish(*cases)
    for no in cases:
        rate(hall, no, 5)
    due = [of(hall, no).fix_due for no in cases]
    assert due == [date(2026, 9, 24), date(2026, 9, 30), date(2026, 9, 24)]
    for no in cases:
        follow(hall, no, "contact")
        follow(hall, no, "ledger")
    assert [of(hall, no).fix_due for no in cases] == due, "the ledger's usual deadline is the same"


def test_a_promised_paper_that_does_not_come_ends_the_case_as_was_set_when_it_was_received(hall: Hall) -> None:
    cases = three(hall, "gap_late", "refused")
    words = [hall.document(no, "gap_notice").content["if_late"] for no in cases]
    assert [("视为撤回" in one, "不予通过" in one) for one in words] == [(True, False), (False, True), (True, False)]
    late = date.fromisoformat(hall.case(cases[1]).gap["deadline"])
    at(hall, late)
    deem("settlement", hall.engine)
    assert {hall.case(no).status for no in cases} == {"in_progress"}, "the day itself is in time"
    at(hall, date.fromordinal(late.toordinal() + 1))
    deem("settlement", hall.engine)
    assert [hall.case(no).status for no in cases] == ["closed_no_supplement", "closed_refused", "closed_no_supplement"]
    case, decision = hall.case(cases[1]), hall.document(cases[1], "decision_refused").content
    assert (case.outcome, case.reason_code) == ("refused", "no_supplement")
    assert "近期免冠证件照" in decision["reason"] and decision["remedies"]
    assert WHY["basis"] in decision["basis"] and WHY["basis"] in words[1], "the office's own document is cited"
    assert "滨州市" not in decision["basis"] + words[1]
    assert not {task.status for task in hall.tasks(cases[1])} & {"blocked", "pending", "received", "reviewing"}
    assert not hall.rows("SELECT 1 FROM limits WHERE subject = :no AND ended_on IS NULL AND clock = 'promised'",
                         no=cases[1])  # fmt: skip


def test_what_follows_a_broken_promise_without_a_document_of_the_office_names_its_model(hall: Hall) -> None:
    keeper = hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)

    def change(**more: str) -> None:
        with desk(keeper, now=hall.now, engine=hall.engine) as seat:
            given = GapLateChange.model_validate({"gap_late": "refused", "reason": "试行", **more})
            overrides.change(seat, matters(), "settlement", given)

    change()
    model = hall.open("settlement")["settlement"]
    change(basis="平审批发〔2026〕3号")
    own = hall.open("settlement")["settlement"]
    with pytest.raises(Conflict):
        change(basis="平审批发〔2026〕3号")
    told = [hall.document(no, kind).content["if_late"] for no in (model, own) for kind in ("gap_notice", "gap_promise")]
    assert ["参照滨州市工程建设项目并联审批管理规定 第11条" in words for words in told] == [True, True, False, False]
    assert all("（平审批发〔2026〕3号）" in words for words in told[2:])
    with hall.engine.connect() as conn:
        setting = next(one for one in settings_of(conn, matters()["settlement"])[0] if one.name == "gap_late")
    assert setting.version is not None and setting.version["basis"] == "平审批发〔2026〕3号"
    assert (setting.in_force, setting.adjusted) == ("refused", True)


def test_a_promise_that_was_kept_ends_nothing(hall: Hall) -> None:
    put(hall, "gap_late", "refused")
    no = hall.open("settlement")["settlement"]
    photo = {"code": "photo", "file": hall.upload("kept-photo", hall.window)}
    hall.act(no, "supplement", hall.window, kind="window", items=[photo])
    at(hall, date(2026, 9, 24))
    deem("settlement", hall.engine)
    assert hall.case(no).status == "in_progress"


def test_the_window_too_ends_a_broken_promise_as_was_set(hall: Hall) -> None:
    put(hall, "gap_late", "refused")
    no = hall.open("settlement")["settlement"]
    at(hall, date(2026, 9, 24))
    hall.act(no, "lapse", hall.window)
    assert hall.case(no).status == "closed_refused"
    closed = next(event for event in hall.events(no) if event.act == "close-refused")
    assert closed.actor_name == hall.window.name


def test_days_have_a_most_and_a_way_to_end_is_one_of_two() -> None:
    for name, value in (("appeal_days", 31), ("reply_days", 16), ("fix_days", 16), ("fix_days", 0),
                        ("gap_late", "void")):  # fmt: skip
        with pytest.raises(ValidationError):
            SET[name].model_validate({name: value, **WHY})


def test_a_case_from_before_offices_set_these_days_has_the_usual_ones(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    with hall.engine.begin() as conn:
        gone = " - ".join(f"'{name}'" for name in SET)
        conn.exec_driver_sql(f"UPDATE cases SET plan = plan - {gone} WHERE no = '{no}'")
    with desk(hall.manager, now=hall.now, engine=hall.engine) as seat:
        order = supervision.open_order(seat, OpenOrder(subject=no, content="请说明进展"))
    assert order["reply_due"] == date(2026, 9, 20)
    at(hall, date(2026, 9, 24))
    deem("settlement", hall.engine)
    assert hall.case(no).status == "closed_no_supplement"
    assert set(GapLate) == {"withdrawn", "refused"}
