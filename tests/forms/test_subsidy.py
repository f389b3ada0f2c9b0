"""人才补贴: payee, months, employers, certificates (平发〔2022〕22号 第3、5、8、11、12条)."""

from typing import Any

import pytest
from stdnum.cn import uscc as library

from tests.forms.samples import WANG, body, doubts, errors, money, own, spoil


def test_money_goes_to_the_applicants_own_account() -> None:
    assert own(errors(money(account_name="李四")), "subsidy") == {"account_name": "payee"}
    assert errors(money(account_name="王 测试")) == {}


def test_a_card_that_fails_luhn_only_warns() -> None:
    assert doubts(money(account_no="6228480402564890019")) == {"/matters/subsidy/account_no": "luhn"}


def test_months_are_insured_and_at_most_thirty_six() -> None:
    assert own(errors(money(months=13)), "subsidy") == {"months": "over_insured"}
    assert own(errors(money(months=12, months_before=25)), "subsidy") == {"months": "over_36"}
    assert errors(money(months=12, months_before=24)) == {}
    assert own(errors(money(months=37)), "subsidy") == {"months": "range"}
    assert own(errors(money(months=None, from_month=None)), "subsidy") == {
        "from_month": "required",
        "months": "required",
    }
    assert own(errors(money(insured_months=["2026-09", "2026-09", "2026-10"], months=1)), "subsidy") == {
        "insured_months/1": "duplicate",
        "insured_months/2": "future_date",
    }


@pytest.mark.parametrize("uscc", ["11370283004300009H", "12370283004300009H"])
def test_public_bodies_are_outside_whatever_is_typed(uscc: str) -> None:
    code = uscc[:17] + library.calc_check_digit(uscc)
    whole = spoil(money(), "/applicant/employment/uscc", code)
    assert errors(whole) == {"/applicant/employment/nature": "public_employer"}
    whole["applicant"]["employment"]["nature"] = "enterprise"
    assert errors(whole) == {"/applicant/employment/nature": "public_employer"}


def test_first_employment_is_declared_and_old_people_keep_old_rules() -> None:
    assert own(errors(money(first_time_declaration=False)), "subsidy") == {"first_time_declaration": "first_time"}
    assert doubts(money(first_employed_on="2022-09-30")) == {"/matters/subsidy/first_employed_on": "old_rules"}
    assert doubts(money(first_employed_on="2022-10-01")) == {}
    assert own(errors(money(first_employed_on="2024-07-02")), "subsidy") == {"first_employed_on": "order"}


def test_the_degree_fits_the_rule() -> None:
    assert errors(money(rule_id="P3a")) == {"/applicant/education/level": "level"}
    assert doubts(money(rule_id="P3c")) == {"/matters/subsidy/rule_id": "better_rule"}
    assert errors(spoil(money(), "/applicant/education/full_time", False)) == {
        "/applicant/education/full_time": "full_time"
    }


def test_foreigners_need_no_insurance() -> None:
    whole = money(rule_id="P3d", insured_months=[])
    assert own(errors(whole), "subsidy") == {"rule_id": "not_foreign"}
    del whole["applicant"]["insurance"]
    whole["applicant"].update(id_type="passport", id_number="E12345678", birth_date="1995-06-15", nationality="测试国")
    assert errors(whole) == {}


def test_titles_and_skills_have_their_grade_and_come_before_insurance() -> None:
    assert errors(money(rule_id="P5a")) == {"/applicant/skill": "required"}
    assert errors(money(rule_id="P5b")) == {"/applicant/professional_title": "required"}
    whole = money(rule_id="P5b")
    title = {"grade": "intermediate", "name": "工程师", "certificate_no": "ZC1", "got_on": "2024-07-02"}
    whole["applicant"]["professional_title"] = title
    assert errors(whole) == {"/applicant/professional_title/got_on": "too_late"}
    title["got_on"] = "2024-07-01"
    assert errors(whole) == {}


def test_insurance_is_paid_here() -> None:
    assert errors(spoil(money(), "/applicant/insurance/place", "370602")) == {"/applicant/insurance/place": "not_here"}


def test_overlapping_benefits_are_left_to_the_department() -> None:
    whole = money(other_benefits=[{"name": "青岛市住房补贴", "from_month": "2025-06"}])
    assert doubts(whole) == {"/matters/subsidy/other_benefits/0": "overlap"}


def employer(**changes: Any) -> dict[str, Any]:
    whole = money(
        rule_id="P11c",
        account_name="平度测试科技有限公司",
        hires=[{"name": "王测试", "id_number": WANG, "level": "master", "hired_on": "2020-07-01", "insured_years": 5}],
        **changes,
    )
    whole["applicant"] = {
        "kind": "employer",
        "name": "平度测试科技有限公司",
        "uscc": "91370283MA00000009",
        "contact_name": "赵测试",
        "mobile": "13800000002",
    }
    whole["materials"] = []
    return whole


def test_an_employer_applies_for_awards_and_persons_for_the_rest() -> None:
    assert errors(employer()) == {}
    assert own(errors(spoil(employer(), "/matters/subsidy/rule_id", "P3b")), "subsidy")["rule_id"] == "wrong_applicant"
    assert own(errors(money(rule_id="P11c")), "subsidy") == {"rule_id": "wrong_applicant", "hires": "required"}


def test_settlement_is_for_persons_only() -> None:
    whole = employer()
    whole["matters"]["settlement"] = body()["matters"]["settlement"]
    assert errors(whole) == {"/applicant/kind": "wrong_applicant"}


def test_nobody_is_hired_twice_and_awards_are_for_enterprises() -> None:
    whole = employer()
    whole["matters"]["subsidy"]["hires"] *= 2
    assert own(errors(whole), "subsidy") == {"hires/1/id_number": "duplicate"}
    seventeen = "12370283004300009"
    whole = spoil(employer(), "/applicant/uscc", seventeen + library.calc_check_digit(seventeen))
    assert errors(whole) == {"/applicant/nature": "public_employer"}
