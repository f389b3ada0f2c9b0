"""What is missing is said once, before acceptance and after it; errors are corrected; deadlines pass."""

from __future__ import annotations

import pytest

from forms.errors import Conflict, Invalid, NotAllowed
from tests.kit.hall import Hall

ASKED = [{"code": "degree", "note": "请提交认证书"}]


def ask(hall: Hall, case: str, step: str, items=ASKED, days: int = 5, by=None) -> None:
    task = hall.no(case, step)
    hall.act(task, "request-supplement", by or hall.speaker(task), items=items, until=hall.day(days))


# before acceptance


def test_before_acceptance_one_list_stops_the_case_until_it_is_complete(hall: Hall) -> None:
    nos = hall.open("settlement", accept=False)
    case = nos["settlement"]
    items = [*ASKED, {"code": "form/target_address"}]
    hall.act(case, "request-supplement", hall.window, items=items, until=hall.day(5))
    assert (hall.case(case).status, hall.application(nos["no"]).status) == ("supplement", "supplement")
    with pytest.raises(Conflict):
        hall.act(case, "request-supplement", hall.window, items=items, until=hall.day(5))
    hall.act(case, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    assert hall.case(case).status == "supplement"
    hall.act(case, "supplement", hall.window, patch={"form": {"target_address": "平度市人民路1号"}})
    assert (hall.case(case).status, hall.application(nos["no"]).status) == ("submitted", "submitted")
    hall.act(case, "accept", hall.window)
    assert [s.status for s in hall.supplements(case)] == ["done"]


def test_a_paper_that_only_this_application_is_asked_for_can_be_handed_in(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    hall.act(case, "request-supplement", hall.window, items=[{"code": "marriage_certificate"}], until=hall.day(5))
    hall.act(case, "supplement", hall.window, items=[{"code": "marriage_certificate", "shared": True}])
    hall.act(case, "accept", hall.window)
    assert hall.case(case).status == "in_progress"


def test_a_paper_asked_for_stays_on_the_list_when_a_fact_is_corrected(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    items = [{"code": "marriage_certificate"}, {"code": "form/target_address"}]
    hall.act(case, "request-supplement", hall.window, items=items, until=hall.day(5))
    hall.act(case, "supplement", hall.window, patch={"form": {"target_address": "平度市人民路1号"}})
    hall.act(case, "supplement", hall.window, items=[{"code": "marriage_certificate", "shared": True}])
    assert hall.case(case).status == "submitted"


def test_a_fact_within_a_part_is_handed_in_with_its_part(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    items = [{"code": "applicant/education/school"}]
    hall.act(case, "request-supplement", hall.window, items=items, until=hall.day(5))
    hall.act(case, "supplement", hall.window, patch={"applicant": {"education": {"school": "山东大学"}}})
    assert hall.case(case).status == "submitted"


@pytest.mark.parametrize("code", ["moon_rock", "form/no_such_field", "applicant/no_such_fact", "vaccination"])
def test_only_what_is_published_may_be_asked_for(hall: Hall, settled: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(hall, settled, "eligibility", [{"code": code}])
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("/items/0/code", "unknown_material")


def test_a_thing_is_listed_once_and_the_deadline_lies_ahead(hall: Hall, settled: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(hall, settled, "eligibility", ASKED * 2)
    assert refused.value.errors[0].code == "duplicate"
    with pytest.raises(Invalid) as refused:
        ask(hall, settled, "eligibility", days=0)
    assert refused.value.errors[0].field == "/until"


def test_nothing_brought_by_the_deadline_counts_as_withdrawal_before_acceptance(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    hall.act(case, "request-supplement", hall.window, items=ASKED, until=hall.day(5))
    hall.later(days=5)
    with pytest.raises(Conflict) as refused:
        hall.act(case, "lapse", hall.window)
    assert refused.value.code == "not_yet_due"
    hall.later(days=1)
    hall.act(case, "lapse", hall.window)
    row = hall.case(case)
    assert (row.status, row.outcome, row.reason_code) == ("withdrawn", "withdrawn", "no_supplement")
    assert [s.status for s in hall.supplements(case)] == ["lapsed"]


# after acceptance


def test_after_acceptance_a_list_names_the_asking_task_and_pauses_that_one(hall: Hall, settled: str) -> None:
    with pytest.raises(NotAllowed):
        hall.act(settled, "request-supplement", hall.window, items=ASKED, until=hall.day(5),
                 task=hall.no(settled, "eligibility"))  # fmt: skip
    with pytest.raises(Invalid) as refused:
        hall.act(settled, "request-supplement", hall.manager, items=ASKED, until=hall.day(5))
    assert refused.value.errors[0].field == "/task"
    ask(hall, settled, "eligibility")
    assert hall.task(settled, "eligibility").paused and not hall.task(settled, "address").paused
    with pytest.raises(Conflict) as conflict:
        hall.approve(hall.no(settled, "eligibility"))
    assert conflict.value.code == "paused"
    hall.approve(hall.no(settled, "address"))


def test_another_departments_items_join_the_list_and_its_deadline_stays(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility", days=5)
    ask(hall, settled, "address", [{"code": "property"}, *ASKED], days=20)
    (listed,) = hall.supplements(settled)
    assert [item["code"] for item in listed.items] == ["degree", "property"]
    assert listed.deadline.isoformat() == hall.day(5)
    assert {pause.planned_end.isoformat() for pause in hall.open_pauses(settled) if pause.task_id} == {hall.day(5)}
    assert hall.case(settled).paused
    assert hall.document(settled, "supplement_notice").content["until"] == hall.day(5)


def test_the_tasks_go_on_when_everything_is_in(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility")
    ask(hall, settled, "address", [{"code": "property"}])
    hall.act(settled, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    assert hall.task(settled, "eligibility").paused
    hall.act(settled, "supplement", hall.window, items=[{"code": "property", "shared": True}])
    assert not hall.case(settled).paused and not hall.open_pauses(settled)
    hall.finish(settled)
    assert hall.case(settled).status == "closed_ok"


def test_what_came_and_does_not_do_is_asked_for_again_by_another_department(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility", [*ASKED, {"code": "property"}])
    hall.act(settled, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    ask(hall, settled, "address", ASKED)
    hall.act(settled, "supplement", hall.window, items=[{"code": "property", "shared": True}])
    assert hall.task(settled, "address").paused
    hall.act(settled, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    assert not hall.open_pauses(settled)


def test_a_task_asks_once_and_a_second_list_needs_a_manager(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility")
    with pytest.raises(Conflict) as again:
        ask(hall, settled, "eligibility", [{"code": "property"}])
    assert again.value.code == "already_asked"
    hall.act(settled, "supplement", hall.window, items=[{"code": "degree", "shared": True}])
    with pytest.raises(NotAllowed) as refused:
        ask(hall, settled, "eligibility")
    assert refused.value.code == "needs_manager"
    ask(hall, settled, "eligibility", by=hall.manager)
    assert [s.status for s in hall.supplements(settled)] == ["done", "open"]


def test_a_colleague_does_not_ask_for_a_task_that_another_holds(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    hall.act(task, "claim", hall.speaker(task))
    with pytest.raises(Conflict) as refused:
        ask(hall, settled, "eligibility", by=hall.colleague(task))
    assert refused.value.code == "held"


def test_not_brought_after_acceptance_ends_the_case(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility")
    hall.later(days=6)
    hall.act(settled, "lapse", hall.coordinator(settled))
    row = hall.case(settled)
    assert (row.status, row.paused) == ("closed_no_supplement", False)
    assert not hall.open_pauses(settled)
    assert set(hall.status(settled).values()) == {"not_applicable"}


def test_a_paused_task_is_not_returned(hall: Hall, settled: str) -> None:
    ask(hall, settled, "eligibility")
    task = hall.no(settled, "eligibility")
    with pytest.raises(Conflict) as refused:
        hall.act(task, "return", hall.speaker(task), reason="不属于我单位")
    assert refused.value.code == "paused"


# corrections


def test_an_error_is_corrected_on_the_spot_with_before_and_after_on_record(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    hall.act(case, "correct", hall.window, patch={"form": {"target_address": "平度市人民路1号"}})
    changed = hall.events(case)[-1].detail["changed"]
    assert [one["field"] for one in changed] == ["/matters/settlement/target_address"]
    assert changed[0]["after"] == "平度市人民路1号" != changed[0]["before"]


def test_a_wrong_correction_changes_nothing_and_points_at_the_patch(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    before = hall.case(case).form
    with pytest.raises(Invalid) as refused:
        hall.act(case, "correct", hall.window, patch={"form": {"address_option": 9}, "applicant": {"mobile": "1"}})
    assert {error.field for error in refused.value.errors} >= {"/patch/form/address_option", "/patch/applicant/mobile"}
    assert hall.case(case).form == before


def test_what_is_masked_and_sent_back_is_no_change(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    application = hall.application(case.rpartition("-")[0])
    hall.act(case, "correct", hall.window, patch={"applicant": {"id_number": application.head["id_number"]}})
    assert hall.application(application.no).person_key == application.person_key


def test_a_corrected_fact_of_the_head_reaches_the_siblings(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel", accept=False)
    other = hall.people.person(talent="B")
    patch = {"applicant": {"id_number": other.id_number, "birth_date": None, "sex": None}}
    before = hall.case(nos["green_channel"]).subject_key
    hall.act(nos["settlement"], "correct", hall.window, patch=patch)
    assert "correct-shared" in hall.acts(nos["green_channel"])
    after = hall.case(nos["green_channel"]).subject_key
    assert after != before and after == hall.case(nos["settlement"]).subject_key


def test_the_head_is_not_corrected_on_the_spot_once_a_sibling_is_accepted(hall: Hall) -> None:
    nos = hall.open("settlement", "green_channel", missing=["contract"])
    with pytest.raises(Conflict) as refused:
        hall.act(nos["green_channel"], "correct", hall.window, patch={"applicant": {"mobile": "15400000001"}})
    assert refused.value.code == "sibling_accepted"


def test_a_number_let_through_may_be_corrected(hall: Hall) -> None:
    body = hall.body("settlement", accept=False)
    right = body["applicant"]["id_number"]
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    body["applicant"]["id_number"] = wrong
    body["overrides"] = [{"field": "/applicant/id_number", "reason": "证件确系签发"}]
    case = hall.receive(body).cases[0]["no"]
    hall.act(case, "correct", hall.window, patch={"form": {"target_address": "平度市人民路1号"}})
    hall.act(case, "correct", hall.window, patch={"applicant": {"id_number": right}})
    assert hall.application(case.rpartition("-")[0]).overrides == []
    hall.act(case, "accept", hall.window)


# conditions judged anew

CENTRE = {
    "address_option": 4,
    "why_not_higher": [
        {"option": 1, "reason": "no_home"},
        {"option": 2, "reason": "no_relative"},
        {"option": 3, "reason": "no_unit_household"},
    ],
}


def test_a_correction_involves_a_step_and_the_opened_decision_waits_for_it(hall: Hall, settled: str) -> None:
    hall.approve(hall.no(settled, "address"))
    ask(hall, settled, "eligibility", [{"code": "form/address_option"}])
    hall.act(settled, "supplement", hall.window, patch={"form": CENTRE})
    assert hall.status(settled)["household"] == "pending"
    assert "involve" in hall.acts(settled)
    hall.approve(hall.no(settled, "eligibility"))
    assert hall.status(settled)["approval"] == "blocked"
    hall.refuse(hall.no(settled, "household"))
    assert hall.case(settled).status == "closed_refused"


def test_a_correction_excludes_a_step_even_while_it_is_paused(hall: Hall) -> None:
    case = hall.open("settlement", forms={"settlement": CENTRE})["settlement"]
    ask(hall, case, "household", [{"code": "form/address_option"}])
    back = {"address_option": 1, "why_not_higher": []}
    hall.act(case, "supplement", hall.window, patch={"form": back})
    assert hall.status(case)["household"] == "not_applicable"
    assert not hall.open_pauses(case) and not hall.case(case).paused
    hall.finish(case)
    assert hall.case(case).status == "closed_ok"


def test_a_list_is_void_when_nobody_asks_for_it_any_more(hall: Hall) -> None:
    case = hall.open("settlement", forms={"settlement": CENTRE})["settlement"]
    ask(hall, case, "household", [{"code": "form/address_option"}, {"code": "degree"}])
    hall.act(case, "supplement", hall.window, patch={"form": {"address_option": 1, "why_not_higher": []}})
    assert [s.status for s in hall.supplements(case)] == ["void"]
    hall.finish(case)
    assert hall.case(case).status == "closed_ok"


def test_a_step_involved_after_the_decision_was_opened_can_still_be_refused(hall: Hall, settled: str) -> None:
    hall.finish(settled, but=("approval",))
    ask(hall, settled, "approval", [{"code": "form/address_option"}])
    hall.act(settled, "supplement", hall.window, patch={"form": CENTRE})
    assert hall.status(settled)["household"] == "pending"
    with pytest.raises(Conflict) as refused:
        hall.approve(hall.no(settled, "approval"))
    assert refused.value.code == "waiting"
    hall.refuse(hall.no(settled, "household"))
    assert hall.case(settled).status == "closed_refused"
