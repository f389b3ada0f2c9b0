"""A mis-clicked verdict is taken back while nobody has acted on it; opinions and tasks are asked for meanwhile."""

from __future__ import annotations

import pytest

from forms.errors import Conflict, NotAllowed, NotFound
from forms.vocabulary import Department, Role
from tests.kit.hall import Hall


def by_name(hall: Hall, task: str):
    """Who signed a task last."""
    return next(one for one in hall.officers if one.id == hall.task(task).signers[-1])


# taken back


def test_a_misclicked_verdict_is_taken_back_and_what_it_opened_waits_again(
    hall: Hall, settled: str, eligibility: str
) -> None:
    hall.approve(hall.no(settled, "address"))
    hall.approve(eligibility)
    assert hall.status(settled)["approval"] == "pending"
    hall.act(eligibility, "retract", by_name(hall, eligibility), reason="误点")
    assert (hall.task(eligibility).status, hall.status(settled)["approval"]) == ("received", "blocked")
    hall.approve(eligibility)
    assert hall.status(settled)["approval"] == "pending"


def test_only_who_gave_a_verdict_takes_it_back(hall: Hall, eligibility: str) -> None:
    with pytest.raises(Conflict) as refused:
        hall.act(eligibility, "retract", hall.speaker(eligibility))
    assert refused.value.code == "nothing_to_retract"
    hall.approve(eligibility)
    with pytest.raises(NotAllowed):
        hall.act(eligibility, "retract", hall.colleague(eligibility))


@pytest.mark.parametrize("act", ["claim", "suspend", "request-supplement"])
def test_nothing_is_taken_back_once_a_successor_was_acted_on(
    hall: Hall, settled: str, eligibility: str, approval: str, act: str
) -> None:
    fields = {
        "claim": {},
        "suspend": {"kind": "expert_review", "ground": "行政许可法 第45条", "until": hall.day(20)},
        "request-supplement": {"items": [{"code": "degree"}], "until": hall.day(5)},
    }
    hall.act(approval, act, hall.speaker(approval), **fields[act])
    with pytest.raises(Conflict) as refused:
        hall.act(eligibility, "retract", by_name(hall, eligibility))
    assert refused.value.code == "acted_on"
    assert hall.task(eligibility).status == "approved"


def test_nothing_is_taken_back_once_the_case_has_closed(hall: Hall, settled: str, eligibility: str) -> None:
    hall.finish(settled)
    registration = hall.no(settled, "registration")
    with pytest.raises(Conflict) as refused:
        hall.act(registration, "retract", by_name(hall, registration))
    assert refused.value.code == "case_closed"


def test_a_level_takes_its_opinion_back_until_the_next_one_has_the_task(hall: Hall, approval: str) -> None:
    first = hall.speaker(approval)
    hall.act(approval, "approve", first)
    hall.act(approval, "retract", first)
    task = hall.task(approval)
    assert (task.status, task.level, task.signers, task.verdict) == ("received", 1, [], None)
    hall.act(approval, "approve", first)
    hall.act(approval, "claim", hall.speaker(approval))
    with pytest.raises(Conflict) as refused:
        hall.act(approval, "retract", first)
    assert refused.value.code == "acted_on"


def test_what_the_first_level_stated_survives_the_second_levels_retraction(hall: Hall) -> None:
    case = hall.open("green_channel")["green_channel"]
    hall.finish(case, but=("entitlement", "hospital_file"))
    entitlement = hall.no(case, "entitlement")
    stated = [{"code": "hospital", "value": "平度市中医医院"}]
    hall.act(entitlement, "approve", hall.speaker(entitlement), items=stated)
    second = hall.speaker(entitlement)
    hall.act(entitlement, "approve", second)
    hall.act(entitlement, "retract", second)
    hall.act(entitlement, "approve", second)
    assert hall.task(case, "hospital_file").office == "pd-zhongyi-yy"


def test_a_verdict_before_a_step_that_is_not_involved_can_be_taken_back(hall: Hall) -> None:
    case = hall.open("subsidy")["subsidy"]
    review = hall.no(case, "first_review")
    hall.approve(review)
    hall.act(review, "retract", by_name(hall, review))
    assert hall.task(review).status == "received"


# asked for meanwhile


def test_an_opinion_asked_for_is_waited_for_and_does_not_decide(hall: Hall, settled: str, eligibility: str) -> None:
    who = hall.speaker(eligibility)
    hall.act(settled, "add-task", who, department="education", reason="请核实学籍", task=eligibility)
    with pytest.raises(Conflict) as refused:
        hall.act(eligibility, "approve", who)
    assert refused.value.code == "waiting"
    asked = hall.tasks(settled)[-1]
    assert asked.ad_hoc and asked.status == "pending"
    hall.refuse(asked.no)
    assert hall.case(settled).status == "in_progress"
    hall.finish(settled)
    assert hall.case(settled).status == "closed_ok"


def test_a_task_added_must_be_done_unless_it_is_only_an_opinion(hall: Hall, settled: str) -> None:
    lead = hall.coordinator(settled)
    hall.act(settled, "add-task", lead, department="health", reason="请核验", kind="blocking")
    hall.act(settled, "add-task", lead, department="housing", reason="请提意见", kind="opinion")
    must, may = hall.tasks(settled)[-2:]
    hall.finish(settled, but=(must.step, may.step))
    assert hall.case(settled).status == "in_progress"
    hall.approve(must.no)
    assert hall.case(settled).status == "closed_ok"
    assert hall.task(may.no).status == "not_applicable"


def test_an_added_task_that_is_refused_refuses_the_case(hall: Hall, settled: str) -> None:
    hall.act(settled, "add-task", hall.coordinator(settled), department="health", reason="请核验")
    hall.refuse(hall.tasks(settled)[-1].no)
    assert hall.case(settled).status == "closed_refused"


def test_an_opinion_for_what_never_holds_the_case_up_does_not_either(hall: Hall) -> None:
    case = hall.open("green_channel")["green_channel"]
    hall.approve(hall.no(case, "class"))
    insurance = hall.no(case, "top_up_insurance")
    hall.act(case, "add-task", hall.speaker(insurance), department="finance", reason="请核算保费", task=insurance)
    opinion = hall.tasks(case)[-1]
    hall.finish(case, but=("top_up_insurance", opinion.step))
    assert hall.case(case).status == "closed_ok"
    hall.refuse(opinion.no)
    assert hall.case(case).status == "closed_ok"
    hall.approve(insurance)


def test_strangers_and_the_window_add_no_task(hall: Hall, settled: str) -> None:
    with pytest.raises(NotAllowed):
        hall.act(settled, "add-task", hall.window, department="health", reason="x")
    with pytest.raises(NotFound):
        hall.act(settled, "add-task", hall.actor(Role.HANDLER, Department.FINANCE), department="health", reason="x")
    police = hall.actor(Role.HANDLER, Department.POLICE_STATION)
    hall.act(settled, "add-task", police, department="health", reason="请核验")
