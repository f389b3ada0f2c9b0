"""人才落户: the five places in order, routes, near relatives (平发〔2022〕22号 第19条)."""

from datetime import date

import pytest

from tests.forms.samples import ADULT, CHILD, TODAY, WANG, errors, numbered, own, settle, spoil


def test_the_first_place_in_the_order_needs_no_excuse() -> None:
    assert (
        errors(settle(address_option=1, why_not_higher=[], property_certificate_no="鲁2026平度市不动产权第0000001号"))
        == {}
    )


def test_every_place_passed_over_needs_a_reason_of_its_own() -> None:
    found = own(errors(settle(address_option=5, collective_household="社区集体户")), "settlement")
    assert found == {"why_not_higher": "order"}
    wrong = [{"option": 1, "reason": "unit_declines"}]
    assert own(errors(settle(why_not_higher=wrong)), "settlement") == {"why_not_higher/0/reason": "reason_does_not_fit"}
    unexplained = [{"option": 1, "reason": "other"}]
    assert own(errors(settle(why_not_higher=unexplained)), "settlement") == {"why_not_higher/0/note": "required"}


def test_a_place_below_the_chosen_one_needs_no_reason_and_none_twice() -> None:
    reasons = [
        {"option": 1, "reason": "no_home"},
        {"option": 1, "reason": "no_home"},
        {"option": 3, "reason": "unit_declines"},
    ]
    assert own(errors(settle(why_not_higher=reasons)), "settlement") == {
        "why_not_higher/1/option": "duplicate",
        "why_not_higher/2/option": "not_higher",
    }


def test_a_relatives_household_has_a_host_who_is_a_near_relative_and_somebody_else() -> None:
    assert own(errors(settle(host_name=None, host_id=None, host_relation=None)), "settlement") == {
        "host_name": "required",
        "host_id": "required",
        "host_relation": "required",
    }
    assert own(errors(settle(host_relation="ward")), "settlement") == {"host_relation": "relation"}
    assert own(errors(settle(host_id=WANG)), "settlement") == {"host_id": "same_person"}


def test_a_unit_household_needs_the_unit() -> None:
    reasons = [{"option": 1, "reason": "no_home"}, {"option": 2, "reason": "no_relative"}]
    whole = spoil(settle(address_option=3, why_not_higher=reasons), "/applicant/employment", ...)
    assert errors(whole) == {
        "/applicant/employment": "required",
        "/matters/settlement/collective_household": "required",
    }


@pytest.mark.parametrize(("route", "pointer"), [("a", "/applicant/education"), ("c", "/applicant/professional_title")])
def test_each_route_has_its_certificate(route: str, pointer: str) -> None:
    assert errors(spoil(settle(route=route), "/applicant/education", ...)) == {pointer: "required"}


def test_a_degree_from_abroad_is_recognised_first() -> None:
    whole = settle()
    whole["applicant"]["education"]["overseas"] = True
    assert errors(whole) == {"/applicant/education/recognition_no": "required"}


def test_students_say_when_they_graduate_and_that_is_still_to_come() -> None:
    assert own(errors(settle(route="d")), "settlement") == {
        "enrolled_school": "required",
        "enrolled_level": "required",
        "expected_graduation": "required",
    }
    student = {"route": "d", "enrolled_school": "测试大学", "enrolled_level": "college"}
    assert errors(settle(**student, expected_graduation=str(TODAY))) == {}
    assert own(errors(settle(**student, expected_graduation="2026-09-17")), "settlement") == {
        "expected_graduation": "graduated"
    }
    student.update(route="e", enrolled_level="secondary", expected_graduation="2027-07-01")
    assert own(errors(settle(**student)), "settlement") == {"enrolled_level": "level"}


def test_near_relatives_of_the_family_move_along_and_nobody_else() -> None:
    assert own(errors(settle(relatives=[ADULT])), "settlement") == {"relatives/0": "not_in_family"}
    whole = settle()
    whole["applicant"]["family"][0]["relation"] = "ward"
    assert own(errors(whole), "settlement") == {"relatives/0": "relation"}
    assert own(errors(settle(relatives=[CHILD, CHILD])), "settlement") == {"relatives/1": "duplicate"}


def test_minors_move_with_their_guardians_named() -> None:
    assert own(errors(settle(guardians=[])), "settlement") == {"guardians": "guardian"}
    assert errors(settle(guardians=[]), date(2037, 8, 31)) == {}


def test_an_applicant_under_eighteen_is_represented_by_the_guardian() -> None:
    whole = settle(
        route="d", enrolled_school="平度技师学院", enrolled_level="technical", expected_graduation="2028-07-01"
    )
    whole["matters"]["settlement"].update(relatives=[], guardians=[])
    whole["applicant"].update(id_number=numbered("37028320100601000"), family=[])
    assert errors(whole) == {"/mandate": "guardian"}
    whole["mandate"] = {"kind": "guardian", "name": "王大", "id_number": ADULT, "mobile": "13800000001"}
    assert errors(whole) == {}
