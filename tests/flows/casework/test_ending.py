"""How a case stops for a while and how it ends: suspended, withdrawn, void, forwarded, delivered, reopened."""

from __future__ import annotations

import pytest

from flows.verify import verify
from forms.errors import Conflict, Invalid, NotAllowed
from forms.vocabulary import Department, Role
from tests.kit.hall import BUNDLE, Hall

REVIEW = {"kind": "expert_review", "ground": "行政许可法 第45条", "until": "2026-10-20"}
NOTICE = {"kind": "public_notice", "ground": "平发〔2022〕22号"}


# pauses


def test_a_paused_task_is_not_decided_until_it_goes_on(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    hall.act(task, "suspend", hall.speaker(task), **REVIEW)
    with pytest.raises(Conflict) as refused:
        hall.approve(task)
    assert refused.value.code == "paused"
    assert not hall.case(settled).paused
    notice = hall.document(settled, "special_procedure").content
    assert notice["ground"] == REVIEW["ground"]
    hall.act(task, "resume", hall.speaker(task))
    hall.approve(task)
    assert "suspend" in hall.acts(settled) and "resume" in hall.acts(settled)


def test_a_kind_of_pause_is_open_once_and_two_kinds_are_told_apart(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    who = hall.speaker(task)
    hall.act(task, "suspend", who, **REVIEW)
    with pytest.raises(Conflict) as refused:
        hall.act(task, "suspend", who, **REVIEW)
    assert refused.value.code == "already_paused"
    hall.act(task, "suspend", who, **NOTICE)
    with pytest.raises(Conflict) as refused:
        hall.act(task, "resume", who)
    assert refused.value.code == "which_pause"
    hall.act(task, "resume", who, kind="expert_review")
    assert hall.task(task).paused
    hall.act(task, "resume", who)
    assert not hall.task(task).paused
    with pytest.raises(Conflict) as refused:
        hall.act(task, "resume", who)
    assert refused.value.code == "not_paused"


def test_nobody_pauses_for_a_supplement_by_hand(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    with pytest.raises(Invalid) as refused:
        hall.act(task, "suspend", hall.speaker(task), kind="supplement", ground="x")
    assert refused.value.errors[0].code == "use_supplement"


def test_a_case_is_paused_while_all_its_open_tasks_are_and_no_longer(hall: Hall, settled: str) -> None:
    eligibility, address = hall.no(settled, "eligibility"), hall.no(settled, "address")
    hall.act(eligibility, "suspend", hall.speaker(eligibility), **REVIEW)
    hall.approve(address)
    assert hall.case(settled).paused
    hall.act(settled, "add-task", hall.coordinator(settled), department="health", reason="请核验")
    assert not hall.case(settled).paused
    hall.approve(hall.tasks(settled)[-1].no)
    assert hall.case(settled).paused
    hall.act(eligibility, "resume", hall.speaker(eligibility))
    assert not hall.case(settled).paused


def test_a_paused_case_is_not_decided_and_goes_on_by_who_answers_for_it(hall: Hall, settled: str) -> None:
    hall.finish(settled, but=("approval",))
    hall.act(settled, "suspend", hall.manager, kind="hearing", ground="行政许可法 第46条", until=hall.day(20))
    with pytest.raises(Conflict) as refused:
        hall.approve(hall.no(settled, "approval"))
    assert refused.value.code == "paused"
    with pytest.raises(NotAllowed):
        hall.act(settled, "resume", hall.window)
    hall.act(settled, "resume", hall.coordinator(settled))
    hall.finish(settled)
    assert hall.case(settled).status == "closed_ok"


def test_the_pause_of_a_case_outlasts_those_of_its_tasks(hall: Hall, settled: str) -> None:
    hall.act(settled, "suspend", hall.manager, kind="hearing", ground="行政许可法 第46条", until=hall.day(20))
    for step in ("eligibility", "address"):
        task = hall.no(settled, step)
        hall.act(task, "suspend", hall.speaker(task), **REVIEW)
        hall.act(task, "resume", hall.speaker(task))
    assert hall.case(settled).paused
    hall.act(settled, "resume", hall.manager)
    assert not hall.case(settled).paused


# endings


def test_the_applicant_withdraws_before_the_decision_and_not_after_it(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel")
    hall.act(nos["settlement"], "withdraw", hall.window, reason="改去外地工作")
    case = hall.case(nos["settlement"])
    assert (case.status, case.outcome, case.reason_code) == ("withdrawn", "withdrawn", "withdrawn")
    assert hall.document(nos["settlement"], "withdrawal").content["reason"]
    assert set(hall.status(nos["settlement"]).values()) == {"not_applicable"}
    hall.finish(nos["green_channel"], but=("hospital_file",))
    with pytest.raises(Conflict) as refused:
        hall.act(nos["green_channel"], "withdraw", hall.window, reason="不需要了")
    assert refused.value.code == "already_decided"
    hall.finish(nos["green_channel"])
    assert hall.application(nos["no"]).outcome == "approved"


def test_a_case_with_wrong_data_is_void_by_the_manager_alone(hall: Hall, settled: str) -> None:
    for who in (hall.window, hall.coordinator(settled)):
        with pytest.raises(NotAllowed):
            hall.act(settled, "void", who, reason="数据错误")
    hall.act(settled, "void", hall.manager, reason="数据错误")
    assert (hall.case(settled).status, hall.case(settled).reason_code) == ("void", "data_error")
    assert hall.document(settled, "void_record").content["reason"]


def test_withdrawing_closes_an_open_list_before_acceptance(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    hall.act(case, "request-supplement", hall.window, items=[{"code": "degree"}], until=hall.day(5))
    hall.act(case, "withdraw", hall.window, reason="不办了")
    assert [s.status for s in hall.supplements(case)] == ["void"]


def test_a_case_sent_on_says_to_whom(hall: Hall, settled: str) -> None:
    words = {"department": "青岛市公安局", "reason": "属市级权限"}
    with pytest.raises(NotAllowed):
        hall.act(settled, "forward", hall.window, **words)
    hall.act(settled, "forward", hall.coordinator(settled), **words)
    assert (hall.case(settled).status, hall.case(settled).reason_code) == ("closed_forwarded", "forwarded")
    assert hall.document(settled, "forward_notice").content["to"] == "青岛市公安局"


def test_a_result_is_handed_over_once_and_the_application_when_all_are(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel")
    with pytest.raises(Conflict):
        hall.act(nos["settlement"], "deliver", hall.window)
    hall.finish(nos["settlement"], nos["green_channel"])
    hall.act(nos["settlement"], "deliver", hall.window, kind="ems")
    assert hall.application(nos["no"]).status == "closed_ok"
    with pytest.raises(Conflict):
        hall.act(nos["settlement"], "deliver", hall.window)
    hall.act(nos["green_channel"], "deliver", hall.window)
    assert hall.application(nos["no"]).status == "delivered"
    assert hall.document(nos["settlement"], "delivery").content["kind"] == "ems"


def test_nothing_happens_to_a_closed_case_but_delivery(hall: Hall, settled: str) -> None:
    hall.finish(settled)
    refused = [
        ("withdraw", hall.window, {"reason": "x"}),
        ("void", hall.manager, {"reason": "x"}),
        ("suspend", hall.manager, {"kind": "other", "ground": "x"}),
        ("add-task", hall.coordinator(settled), {"department": "health", "reason": "x"}),
        ("forward", hall.coordinator(settled), {"department": "x", "reason": "x"}),
        ("supplement", hall.window, {"items": [{"code": "degree", "shared": True}]}),
        ("lapse", hall.manager, {}),
    ]
    before = hall.case(settled)
    for act, who, fields in refused:
        with pytest.raises(Conflict):
            hall.act(settled, act, who, **fields)
    assert hall.case(settled) == before


def test_what_follows_in_its_own_time_stays_decidable_after_the_case_has_closed(hall: Hall) -> None:
    case = hall.open("green_channel")["green_channel"]
    hall.finish(case, but=("top_up_insurance",))
    assert hall.case(case).status == "closed_ok"
    hall.act(case, "deliver", hall.window)
    insurance = hall.no(case, "top_up_insurance")
    hall.act(insurance, "claim", hall.speaker(insurance))
    hall.approve(insurance)
    assert hall.task(insurance).status == "approved"
    assert hall.case(case).status == "delivered"


def test_what_follows_falls_with_a_refused_case(hall: Hall) -> None:
    case = hall.open("green_channel")["green_channel"]
    hall.approve(hall.no(case, "class"))
    hall.refuse(hall.no(case, "insured"))
    assert hall.status(case)["top_up_insurance"] == "not_applicable"


def test_a_case_that_is_over_lives_on_as_a_new_linked_one(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel")
    hall.refuse(hall.no(nos["settlement"], "eligibility"))
    hall.finish(nos["green_channel"])
    assert hall.application(nos["no"]).outcome == "partial"
    new = hall.act(nos["settlement"], "reopen", hall.coordinator(nos["settlement"]), reason="复议撤销原决定").no
    old, fresh = hall.case(nos["settlement"]), hall.case(new)
    assert (old.status, fresh.status, fresh.reopens) == ("closed_refused", "submitted", old.id)
    assert hall.document(old.no, "reopening").content["new_case"] == new
    with pytest.raises(Conflict) as refused:
        hall.act(old.no, "reopen", hall.manager, reason="再来一次")
    assert refused.value.code == "already_reopened"
    hall.act(new, "accept", hall.window)
    hall.finish(new)
    assert hall.application(nos["no"]).outcome == "approved"
    for no in (new, nos["green_channel"]):
        hall.act(no, "deliver", hall.window)
    assert hall.application(nos["no"]).status == "delivered"


def test_reopening_leaves_the_day_of_delivery_as_it_was(hall: Hall, settled: str) -> None:
    hall.finish(settled)
    hall.act(settled, "deliver", hall.window)
    before = hall.case(settled)
    hall.later(days=30)
    hall.act(settled, "reopen", hall.manager, reason="证件登记有误")
    after = hall.case(settled)
    assert (after.status, after.delivered_at, after.closed_at) == ("delivered", before.delivered_at, before.closed_at)


def test_a_case_is_not_reopened_while_another_stands_for_the_same_person(hall: Hall) -> None:
    body = hall.body("settlement")
    first = hall.receive(body).cases[0]["no"]
    hall.act(first, "withdraw", hall.window, reason="填错")
    hall.receive(body)
    with pytest.raises(Conflict) as refused:
        hall.act(first, "reopen", hall.manager, reason="恢复")
    assert refused.value.code == "duplicate_open"


def test_an_open_case_is_not_reopened(hall: Hall, settled: str) -> None:
    with pytest.raises(Conflict):
        hall.act(settled, "reopen", hall.manager, reason="x")


def test_an_auditor_and_an_administrator_touch_nothing(hall: Hall, settled: str) -> None:
    auditor = hall.actor(Role.AUDITOR, Department.SUPERVISION)
    for act, fields in (("void", {"reason": "x"}), ("suspend", {"kind": "other", "ground": "x"}), ("accept", {})):
        with pytest.raises(NotAllowed):
            hall.act(settled, act, auditor, **fields)


def test_every_terminal_state_has_a_reason_and_a_document_and_the_database_proves_it(hall: Hall) -> None:
    nos = hall.open(*BUNDLE)
    hall.finish(*(nos[code] for code in BUNDLE))
    terminal = hall.rows("SELECT * FROM cases WHERE status NOT IN ('submitted', 'supplement', 'in_progress')")
    assert {case.status for case in terminal} >= {"closed_ok", "closed_refused", "withdrawn", "void", "delivered"}
    for case in terminal:
        assert case.reason_code and case.outcome and case.closed_at, case.no
        assert len(hall.documents(case.no)) >= 1, case.no
    with hall.engine.connect() as conn:
        assert [finding for _, finding in verify(conn) if finding] == []
