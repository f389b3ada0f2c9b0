"""What a department does with its task: claimed, handed on, returned, decided through the levels, taken back."""

from __future__ import annotations

import pytest

from forms.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from forms.vocabulary import Department, Role
from tests.kit.hall import LAIXI, REFUSAL, Hall

# in the inbox


def test_a_claimed_task_is_its_holders_until_it_is_released(hall: Hall, eligibility: str) -> None:
    holder, colleague = hall.speaker(eligibility), hall.colleague(eligibility)
    hall.act(eligibility, "claim", holder)
    assert (hall.task(eligibility).status, hall.task(eligibility).officer_id) == ("received", holder.id)
    for act, fields in (("claim", {}), ("approve", {}), ("refuse", REFUSAL), ("return", {"reason": "误派"})):
        with pytest.raises(Conflict) as refused:
            hall.act(eligibility, act, colleague, **fields)
        assert refused.value.code == "held" and holder.name in refused.value.detail
    with pytest.raises(NotAllowed):
        hall.act(eligibility, "release", colleague)
    hall.act(eligibility, "release", holder)
    hall.act(eligibility, "approve", colleague)
    assert hall.task(eligibility).status == "approved"


def test_a_task_is_claimed_once(hall: Hall, eligibility: str) -> None:
    holder = hall.speaker(eligibility)
    hall.act(eligibility, "claim", holder)
    with pytest.raises(Conflict) as refused:
        hall.act(eligibility, "claim", holder)
    assert refused.value.code == "already_yours"


def test_the_head_of_the_desk_frees_a_task_of_an_absent_colleague(hall: Hall, eligibility: str) -> None:
    hall.act(eligibility, "claim", hall.speaker(eligibility))
    hall.act(eligibility, "release", hall.actor(Role.APPROVER, Department.HUMAN_RESOURCES), reason="请假")
    assert hall.task(eligibility).officer_id is None


def test_a_task_is_handed_to_a_colleague_who_may_speak(hall: Hall, eligibility: str) -> None:
    holder, colleague = hall.speaker(eligibility), hall.colleague(eligibility)
    approver = hall.actor(Role.APPROVER, Department.HUMAN_RESOURCES)
    for name, code in (("nobody", "unknown_officer"), (approver.username, "may_not")):
        with pytest.raises(Invalid) as refused:
            hall.act(eligibility, "transfer", holder, officer=name)
        assert refused.value.errors[0].code == code
    hall.act(eligibility, "transfer", holder, officer=colleague.username)
    assert hall.task(eligibility).officer_name == colleague.name
    hall.act(eligibility, "approve", colleague)


def test_a_misdispatched_task_goes_back_with_a_reason_and_is_given_out_again(
    hall: Hall, settled: str, eligibility: str
) -> None:
    hall.act(eligibility, "return", hall.speaker(eligibility), reason="应由人才中心核验")
    assert hall.task(eligibility).status == "returned"
    with pytest.raises(Conflict):
        hall.act(eligibility, "approve", hall.speaker(eligibility))
    with pytest.raises(NotAllowed):
        hall.act(eligibility, "dispatch", hall.speaker(eligibility))
    hall.act(eligibility, "dispatch", hall.coordinator(settled), department="talent_centre")
    task = hall.task(eligibility)
    assert (task.status, task.department) == ("pending", "talent_centre")
    with pytest.raises(NotFound):
        hall.act(eligibility, "claim", hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES))
    hall.finish(settled)
    assert hall.case(settled).status == "closed_ok"


def test_a_returned_task_may_come_back_to_where_it_was(hall: Hall, settled: str, eligibility: str) -> None:
    hall.act(eligibility, "return", hall.speaker(eligibility), reason="误判")
    hall.act(eligibility, "dispatch", hall.coordinator(settled))
    assert hall.task(eligibility).department == "human_resources"


# who may speak


def test_the_window_decides_nothing(hall: Hall, eligibility: str) -> None:
    for act, fields in (("approve", {}), ("refuse", REFUSAL), ("claim", {}), ("forward", _to("上级"))):
        with pytest.raises(NotAllowed):
            hall.act(eligibility, act, hall.window, **fields)
    assert hall.task(eligibility).status == "pending"


def _to(where: str) -> dict[str, str]:
    return {"department": where, "reason": "属上级权限"}


def test_a_department_acts_on_its_own_task_only(hall: Hall, eligibility: str) -> None:
    police = hall.actor(Role.HANDLER, Department.POLICE_STATION)
    finance = hall.actor(Role.HANDLER, Department.FINANCE)
    elsewhere = hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES, LAIXI)
    for stranger in (police, finance, elsewhere):
        with pytest.raises(NotFound):
            hall.act(eligibility, "approve", stranger)


def test_a_blocked_task_is_nobodys_yet(hall: Hall, settled: str) -> None:
    approval = hall.no(settled, "approval")
    for act in ("approve", "claim"):
        with pytest.raises(Conflict):
            hall.act(approval, act, hall.actor(Role.HANDLER, Department.PUBLIC_SECURITY))


def test_nobody_decides_before_the_case_is_accepted(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    assert hall.tasks(case) == []
    with pytest.raises(NotFound):
        hall.act(f"{case}-01R", "approve", hall.manager)


def test_a_stale_reader_is_told_so(hall: Hall, eligibility: str) -> None:
    seen = hall.task(eligibility).version
    hall.act(eligibility, "claim", hall.speaker(eligibility), if_match=seen)
    with pytest.raises(Stale):
        hall.act(eligibility, "release", hall.speaker(eligibility), if_match=seen)


# levels


def test_levels_are_spoken_at_by_their_own_roles_in_order(hall: Hall, settled: str, approval: str) -> None:
    approver = hall.actor(Role.APPROVER, Department.PUBLIC_SECURITY)
    with pytest.raises(NotAllowed):
        hall.act(approval, "approve", approver)
    hall.act(approval, "approve", hall.speaker(approval))
    task = hall.task(approval)
    assert (task.status, task.level, task.officer_id) == ("reviewing", 2, None)
    with pytest.raises(NotAllowed):
        hall.act(approval, "approve", hall.colleague(approval))
    hall.act(approval, "approve", approver)
    assert hall.task(approval).status == "approved"
    assert hall.status(settled)["registration"] == "pending"


def test_nobody_speaks_at_two_levels_of_one_task(hall: Hall, approval: str) -> None:
    handler, approver = hall.speaker(approval), hall.actor(Role.APPROVER, Department.PUBLIC_SECURITY)
    both = type(handler)(handler.id, handler.name, (*handler.members, *approver.members), username=handler.username)
    hall.act(approval, "approve", both)
    for act, fields in (("approve", {}), ("refuse", REFUSAL), ("claim", {})):
        with pytest.raises(NotAllowed) as refused:
            hall.act(approval, act, both, **fields)
        assert refused.value.code == "same_person"


def test_the_last_levels_verdict_is_the_decision_whatever_the_first_said(hall: Hall, approval: str) -> None:
    hall.act(approval, "refuse", hall.speaker(approval), **REFUSAL)
    assert (hall.task(approval).status, hall.task(approval).outcome) == ("reviewing", None)
    hall.act(approval, "approve", hall.speaker(approval))
    task = hall.task(approval)
    assert task.status == "approved"
    assert [opinion["act"] for opinion in task.verdict["opinions"]] == ["refuse", "approve"]
    assert "reason_code" not in task.verdict


def test_a_later_level_sends_the_task_back_to_the_first(hall: Hall, approval: str) -> None:
    with pytest.raises(Conflict):
        hall.act(approval, "send-back", hall.speaker(approval), reason="材料不清")
    hall.act(approval, "approve", hall.speaker(approval))
    hall.act(approval, "send-back", hall.speaker(approval), reason="材料不清")
    task = hall.task(approval)
    assert (task.status, task.level, task.signers) == ("pending", 1, [])
    hall.approve(approval)
    assert len(set(hall.task(approval).signers)) == 2


def test_three_levels_are_three_people(hall: Hall) -> None:
    case = hall.open("subsidy")["subsidy"]
    hall.finish(case, but=("review", "youth_opinion"))
    review = hall.no(case, "review")
    hall.approve(review)
    assert len(set(hall.task(review).signers)) == 3


def test_a_refusal_closes_the_case_with_reason_basis_and_remedies(hall: Hall, settled: str, eligibility: str) -> None:
    hall.act(eligibility, "refuse", hall.speaker(eligibility), **REFUSAL)
    case = hall.case(settled)
    assert (case.status, case.outcome, case.reason_code) == ("closed_refused", "refused", "not_eligible")
    decision = hall.document(settled, "decision_refused").content
    assert decision["reason"] == REFUSAL["reason"] and decision["basis"] and "行政复议" in decision["remedies"]
    assert hall.status(settled)["address"] == "not_applicable"


def test_a_task_is_decided_once(hall: Hall, eligibility: str) -> None:
    hall.approve(eligibility)
    with pytest.raises(Conflict) as refused:
        hall.act(eligibility, "refuse", hall.speaker(eligibility), **REFUSAL)
    assert refused.value.code == "already_decided"
    assert refused.value.facts["by"] == hall.task(eligibility).officer_name


def test_a_task_sent_to_another_authority_ends_the_case_that_needs_it(
    hall: Hall, settled: str, eligibility: str
) -> None:
    hall.act(eligibility, "forward", hall.speaker(eligibility), **_to("青岛市人力资源和社会保障局"))
    assert hall.case(settled).status == "closed_forwarded"
    assert hall.document(settled, "forward_notice").content["to"] == "青岛市人力资源和社会保障局"


# what an approval states


def test_results_name_the_office_of_a_later_task(hall: Hall) -> None:
    case = hall.open("schooling", hukou=True)["schooling"]
    hall.finish(case, but=("placement",))
    placement = hall.no(case, "placement")
    with pytest.raises(Invalid) as refused:
        hall.act(placement, "approve", hall.speaker(placement), items=[{"code": "school", "value": "月球小学"}])
    assert refused.value.errors[0].code == "unknown_office"
    with pytest.raises(Invalid) as refused:
        hall.act(placement, "approve", hall.speaker(placement), items=[{"code": "moon", "value": "x"}])
    assert refused.value.errors[0].code == "unknown_field"
    hall.approve(placement, items=[{"code": "school", "value": "平度市城东小学"}])
    assert hall.task(case, "enrolment").office == "pd-chengdong-xx"


def test_the_wish_holds_where_the_approval_states_nothing(hall: Hall) -> None:
    case = hall.open("schooling", hukou=True)["schooling"]
    hall.finish(case, but=("enrolment",))
    assert hall.task(case, "enrolment").office == "pd-shiyan-xx"
    assert hall.task(case, "placement").verdict["items"] == {"school": "平度市实验小学"}
