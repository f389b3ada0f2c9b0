"""What a subsidy comes to: rates, months, the highest standard, and what nobody may get twice."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.facts import Facts, Hired
from flows.money import Assessment, Stacking, assess, assess_form, choose, longest_run, overlap, reasons_against
from forms.subsidy_rules import CAP_MONTHS, CONDITIONS
from forms.terms import EducationLevel, EmployerNature, SkillGrade, SubsidyRule, TitleGrade
from tests.forms.samples import body, read

P = SubsidyRule
ENTERPRISE = frozenset({EmployerNature.ENTERPRISE})
YEAR = frozenset(f"2025-{month:02}" for month in range(1, 13))
MONTHLY = [rule for rule, asks in CONDITIONS.items() if asks.monthly]
MASTER = Facts(
    level=EducationLevel.MASTER,
    natures=ENTERPRISE,
    first_employed_on=date(2024, 7, 1),
    first_time=True,
    insured_from=date(2024, 7, 1),
    insured_months=YEAR,
)
DOCTOR = replace(MASTER, level=EducationLevel.DOCTOR)


@pytest.mark.parametrize(
    ("level", "rule", "monthly"),
    [
        (EducationLevel.DOCTOR, P.P3A, 3000),
        (EducationLevel.MASTER, P.P3B, 2000),
        (EducationLevel.BACHELOR, P.P3C, 1000),
    ],
)
def test_doctor_master_and_bachelor_have_their_rates(level: EducationLevel, rule: SubsidyRule, monthly: int) -> None:
    result = assess(rule, replace(MASTER, level=level))
    assert (result.amount, result.months, result.total) == (monthly, 12, monthly * 12)
    assert result.basis == "平发〔2022〕22号第3条"


@pytest.mark.parametrize(
    ("facts", "rule", "monthly"),
    [
        ({"skill": SkillGrade.SENIOR_TECHNICIAN}, P.P5A, 2000),
        ({"skill": SkillGrade.TECHNICIAN}, P.P5A, 1000),
        ({"skill": SkillGrade.ADVANCED}, P.P5A, 500),
        ({"title": TitleGrade.SENIOR}, P.P5B, 2000),
        ({"title": TitleGrade.ASSOCIATE}, P.P5B, 1000),
        ({"title": TitleGrade.INTERMEDIATE}, P.P5B, 500),
    ],
)
def test_skills_and_titles_have_their_rates(facts: dict[str, Any], rule: SubsidyRule, monthly: int) -> None:
    assert assess(rule, replace(MASTER, level=None, **facts)).amount == monthly


def test_a_doctor_with_senior_title_and_skill_gets_three_thousand_not_seven() -> None:
    facts = replace(DOCTOR, title=TitleGrade.SENIOR, skill=SkillGrade.SENIOR_TECHNICIAN)
    result = assess(P.P3A, facts)
    assert result.amount == 3000
    assert {(lost.rule, lost.total) for lost in result.forgone} == {(P.P5A, 24000), (P.P5B, 24000)}
    asked_for_less = assess(P.P5B, facts)
    assert asked_for_less.rule == P.P3A and asked_for_less.total == 36000
    assert "P5b" in {lost.rule.value for lost in asked_for_less.forgone}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"natures": frozenset({EmployerNature.INSTITUTION})}, "机关事业单位不在范围内（平发〔2022〕22号第3条）"),
        ({"natures": ENTERPRISE | {EmployerNature.GOVERNMENT}}, "机关事业单位不在范围内（平发〔2022〕22号第3条）"),
        ({"natures": frozenset()}, "未就业或创业（平发〔2022〕22号第3条）"),
        ({"insured_from": None}, "未在本地缴纳职工社会保险（平发〔2022〕22号第3条）"),
        ({"first_time": False}, "非首次来本地就业创业（平发〔2022〕22号第3条）"),
        ({"full_time": False}, "国内学历限全日制毕业生（平发〔2022〕22号第3条）"),
        ({"level": EducationLevel.BACHELOR}, "学历不是硕士研究生（平发〔2022〕22号第3条）"),
    ],
)  # fmt: skip
def test_a_refusal_quotes_the_clause(change: dict[str, Any], words: str) -> None:
    result = assess(P.P3B, replace(MASTER, **change))
    assert result.reasons == (words,) and not result.eligible and result.total == 0


def test_who_came_before_october_2022_keeps_the_old_rules() -> None:
    before = assess(P.P3B, replace(MASTER, first_employed_on=date(2022, 9, 30)))
    assert before.manual_review and before.total == 0 and "平发〔2018〕12号" in before.notes[0]
    assert assess(P.P3B, replace(MASTER, first_employed_on=date(2022, 10, 1))).total == 24000


def test_foreigners_need_no_insurance_but_an_employer() -> None:
    facts = Facts(
        level=EducationLevel.BACHELOR, from_abroad=True, natures=ENTERPRISE,
        first_employed_on=date(2024, 7, 1), first_time=True,
    )  # fmt: skip
    assert assess(P.P3D, facts, months=6).total == 6000
    assert assess(P.P3C, facts, months=6).reasons == ("未在本地缴纳职工社会保险（平发〔2022〕22号第3条）",)
    assert assess(P.P3D, replace(facts, from_abroad=False)).reasons


def test_a_title_got_after_insurance_began_does_not_count() -> None:
    facts = replace(MASTER, level=None, title=TitleGrade.SENIOR, title_on=date(2024, 7, 2))
    assert assess(P.P5B, facts).reasons == ("参保时尚未取得职称（平发〔2022〕22号第5条）",)
    assert assess(P.P5B, replace(facts, title_on=date(2024, 7, 1))).eligible


def test_only_months_since_the_first_employment_and_the_asked_month_count() -> None:
    assert assess(P.P3B, MASTER, from_month="2025-07").months == 6
    assert assess(P.P3B, replace(MASTER, first_employed_on=date(2025, 11, 20))).months == 2
    assert assess(P.P3B, replace(MASTER, months_before=30)).months == 6
    assert assess(P.P3B, replace(MASTER, months_before=36)).total == 0


def test_a_placement_student_gets_five_thousand_after_six_months_in_a_row() -> None:
    facts = replace(MASTER, on_placement=True, insured_months=frozenset(sorted(YEAR)[:5]))
    assert assess(P.P5C, facts).reasons == ("连续缴纳职工社会保险未满6个月（平发〔2022〕22号第5条）",)
    assert assess(P.P5C, replace(facts, insured_months=frozenset(sorted(YEAR)[:6]))).total == 5000


def test_senior_health_staff_get_at_least_a_hundred_thousand_by_review() -> None:
    facts = Facts(from_top_hospital=True, title=TitleGrade.ASSOCIATE, natures=frozenset({EmployerNature.INSTITUTION}))
    result = assess(P.P8B, facts)
    assert result.total == 100_000 and result.manual_review
    assert assess(P.P8B, replace(facts, title=TitleGrade.INTERMEDIATE)).reasons


def test_an_enterprise_is_awarded_for_graduates_who_stayed_five_years() -> None:
    hires = tuple(
        Hired(level, insured_years=years)
        for level, years in (
            (EducationLevel.DOCTOR, 5),
            (EducationLevel.MASTER, 6),
            (EducationLevel.BACHELOR, 5),
            (EducationLevel.DOCTOR, 4),
            (EducationLevel.COLLEGE, 9),
        )
    )
    assert assess(P.P11C, Facts(natures=ENTERPRISE, hires=hires)).total == 30_000
    assert not assess(P.P11C, Facts(natures=ENTERPRISE, hires=hires[3:])).eligible
    assert not assess(P.P11C, Facts(natures=frozenset({EmployerNature.SOCIAL_ORGANISATION}), hires=hires)).eligible


def test_hiring_from_key_schools_brings_funds_and_thirty_five_is_still_young() -> None:
    doctor = Hired(EducationLevel.DOCTOR, age=35, key_school=True)
    facts = Facts(natures=ENTERPRISE, hires=(doctor, Hired(EducationLevel.BACHELOR, key_school=True)))
    assert assess(P.Q1, facts).total == 13_000
    assert assess(P.Q2, facts).total == 50_000 and assess(P.Q2, facts).manual_review
    assert not assess(P.Q2, Facts(hires=(replace(doctor, age=36),))).eligible


def test_awards_for_overseas_students_are_capped_and_reviewed() -> None:
    result = assess(P.P12B, Facts(natures=ENTERPRISE, hires=(Hired(EducationLevel.MASTER, overseas=True),) * 3))
    assert result.total == 100_000 and result.manual_review


def test_district_and_city_money_together_is_for_a_person_to_decide_unless_the_city_says() -> None:
    district = Assessment(P.P11C, "平发〔2022〕22号第11条", 15_000, 0, 15_000)
    city = Assessment(P.Q1, "青政字〔2021〕22号专栏6", 10_000, 0, 10_000)
    assert [(one.rule, one.manual_review) for one in choose([city, district])] == [(P.P11C, True), (P.Q1, True)]
    assert [one.manual_review for one in choose([city, district], Stacking.SUM)] == [False, False]
    (best,) = choose([city, district], Stacking.BEST)
    assert best.rule == P.P11C and [lost.rule for lost in best.forgone] == [P.Q1]


def test_the_form_is_assessed_as_it_stands() -> None:
    intake = read(body("subsidy"))
    result = assess_form(intake.applicant, intake.forms["subsidy"])
    assert (result.rule, result.amount, result.months, result.total) == (P.P3B, 2000, 12, 24_000)


def test_months_paid_already_are_not_paid_again() -> None:
    assert overlap(["2025-01", "2025-02"], ["2025-02", "2025-03"]) == {"2025-02"}


months = st.frozensets(st.builds("{}-{:02}".format, st.integers(2022, 2027), st.integers(1, 12)), max_size=60)
facts = st.builds(
    Facts,
    level=st.none() | st.sampled_from(EducationLevel),
    full_time=st.booleans(),
    overseas=st.booleans(),
    from_abroad=st.booleans(),
    skill=st.none() | st.sampled_from(SkillGrade),
    title=st.none() | st.sampled_from(TitleGrade),
    natures=st.frozensets(st.sampled_from(EmployerNature), max_size=2),
    first_employed_on=st.none() | st.dates(date(2021, 1, 1), date(2027, 1, 1)),
    first_time=st.booleans(),
    insured_from=st.none() | st.just(date(2024, 1, 1)),
    insured_months=months,
    months_before=st.integers(0, CAP_MONTHS),
    other_benefits=st.booleans(),
)


@given(facts, st.sampled_from(MONTHLY), st.none() | st.integers(0, 60))
def test_never_more_than_36_months_nor_than_were_insured(
    given_facts: Facts, rule: SubsidyRule, claimed: int | None
) -> None:
    result = assess(rule, given_facts, months=claimed)
    assert result.total == result.amount * result.months
    assert 0 <= result.months + given_facts.months_before <= max(CAP_MONTHS, given_facts.months_before)
    assert claimed is None or result.months <= claimed
    if CONDITIONS[result.rule].insured:
        assert result.months <= len(given_facts.insured_months)


@given(facts, st.sampled_from(SubsidyRule))
def test_money_is_paid_only_where_nothing_speaks_against_it(given_facts: Facts, rule: SubsidyRule) -> None:
    result = assess(rule, given_facts)
    assert result.eligible == (not reasons_against(rule, given_facts))
    assert result.eligible or (result.total == 0 and all("号" in reason for reason in result.reasons))


@given(facts, st.sampled_from(MONTHLY))
def test_what_is_paid_is_the_highest_and_what_is_forgone_is_not_more(given_facts: Facts, rule: SubsidyRule) -> None:
    result = assess(rule, given_facts)
    assert all(lost.total <= result.total and lost.rule != result.rule for lost in result.forgone)
    if result.total:
        assert {assess(other, given_facts).total for other in MONTHLY if assess(other, given_facts).total} == {
            result.total
        }


@given(facts, st.sampled_from(MONTHLY), st.sampled_from([EmployerNature.GOVERNMENT, EmployerNature.INSTITUTION]))
def test_public_bodies_are_never_paid(given_facts: Facts, rule: SubsidyRule, public: EmployerNature) -> None:
    assert assess(rule, replace(given_facts, natures=given_facts.natures | {public})).total == 0


@given(months)
def test_the_longest_run_is_no_longer_than_the_months_and_unbroken(given_months: frozenset[str]) -> None:
    run = longest_run(given_months)
    assert bool(given_months) == bool(run) and run <= len(given_months)
    assert longest_run(["2025-11", "2025-12", "2026-01", "2026-03"]) == 3
