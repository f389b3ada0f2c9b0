"""子女入学: age by 31 August, placements, transfers (义务教育法 第11条、第12条; 平发〔2022〕22号 第20条)."""

from datetime import date

import pytest

from tests.forms.samples import CHILD, WANG, body, care, doubts, errors, numbered, own, school, spoil


@pytest.mark.parametrize(
    ("child", "year", "found"),
    [
        ("370283201908310006", 2025, {}),
        ("370283201909010005", 2025, {"child_id": "too_young"}),
        ("370283201909010005", 2026, {}),
    ],
)
def test_a_child_is_six_by_31_august_of_the_entry_year(child: str, year: int, found: dict[str, str]) -> None:
    whole = school(child_id=child, child_name="王小测" if child == CHILD else "李小测", entry_year=year)
    assert own(errors(whole, date(year, 6, 1)), "schooling") == found


def test_the_regulations_own_test_pair_for_2026() -> None:
    late, early = "37028320200901000", "37028320200831000"
    assert own(errors(school(child_id=numbered(late), child_name="李小测")), "schooling") == {"child_id": "too_young"}
    assert errors(school(child_id=numbered(early), child_name="李小测")) == {}


def test_past_seven_the_delay_is_asked_about() -> None:
    assert doubts(school()) == {}
    older = "37028320190830000"
    whole = school(child_id=numbered(older), child_name="李小测")
    assert doubts(whole) == {"/matters/schooling/child_id": "late_start"}


def test_kindergarten_begins_at_three() -> None:
    young = "37028320230901000"
    whole = school(child_id=numbered(young), child_name="李小测", stage="kindergarten")
    assert own(errors(whole), "schooling") == {"child_id": "too_young"}


def test_the_child_is_named_once_and_the_same() -> None:
    assert own(errors(school(child_id="370283201909010005")), "schooling") == {"child_name": "required"}
    assert own(errors(school(child_name="王大测")), "schooling") == {"child_name": "mismatch"}
    assert own(
        errors(school(child_id=WANG, child_name="王测试", stage="high", current_school="一中")), "schooling"
    ) == {
        "child_id": "same_person",
        "stage": "stage",
    }
    assert own(errors(school(guardian_relation="father")), "schooling") == {"guardian_relation": "mismatch"}


def test_a_transfer_brings_school_record_and_grade() -> None:
    assert own(errors(school(entry_type="transfer")), "schooling") == {
        "current_school": "required",
        "school_roll_no": "required",
        "grade": "required",
    }
    transfer = {"entry_type": "transfer", "current_school": "郑州小学", "school_roll_no": "G410101201908310000"}
    assert errors(school(**transfer, grade=2)) == {}
    assert own(errors(school(**transfer, grade=4, stage="middle")), "schooling") == {"grade": "grade"}


def test_wishes_are_one_to_three_different_schools() -> None:
    assert own(errors(school(wishes=[])), "schooling") == {"wishes": "required"}
    assert own(errors(school(wishes=["甲", "乙", "丙", "丁"])), "schooling") == {"wishes": "too_many"}
    assert own(errors(school(wishes=["甲", " 甲"])), "schooling") == {"wishes/1": "duplicate"}


def test_nearby_needs_the_household_here_or_settlement_in_the_same_application() -> None:
    assert own(errors(school(hukou_in_district=False)), "schooling") == {"hukou_in_district": "not_settled"}
    assert errors(body("settlement", "schooling")) == {}


def test_residents_need_a_valid_permit_and_work_or_insurance_here() -> None:
    assert own(errors(school(route="residence")), "schooling") == {
        "residence_permit_no": "required",
        "residence_permit_until": "required",
    }
    permit = {"route": "residence", "residence_permit_no": "JZ0000001", "residence_permit_until": "2026-09-17"}
    assert own(errors(school(**permit)), "schooling") == {"residence_permit_until": "expired"}
    permit["residence_permit_until"] = "2026-09-18"
    whole = school(**permit)
    assert errors(whole) == {}
    spoil(spoil(whole, "/applicant/employment", ...), "/applicant/insurance", ...)
    assert errors(whole) == {"/applicant/employment": "required"}


@pytest.mark.parametrize("code", ["schooling", "green_channel"])
def test_an_expired_class_blocks_and_one_about_to_expire_warns(code: str) -> None:
    whole = school(route="talent") if code == "schooling" else care()
    spoil(whole, "/applicant/talent/valid_to", "2026-09-17")
    assert errors(whole) == {"/applicant/talent/valid_to": "expired"}
    spoil(whole, "/applicant/talent/valid_to", "2026-10-17")
    assert doubts(whole) == {"/applicant/talent/valid_to": "expires_soon"}
    spoil(whole, "/applicant/talent/valid_to", "2026-10-18")
    assert doubts(whole) == {}
