"""Synthetic people are well made, are nobody, and are the same every time."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum import luhn
from stdnum.cn import uscc

from forms.fields import nature_of
from forms.head import Employer, Person
from forms.identity import county_is_known, resident_id_finding, sex_of
from forms.terms import EducationLevel, EmployerNature, IdType, Kinship, Sex, SkillGrade, TalentClass, TitleGrade
from forms.vocabulary import CheckResult
from infra.demo.organisation import LAIXI
from infra.demo.people import ODD_BIRTHDAYS, People
from infra.demo.rows import DemoPerson, document

TODAY = date(2026, 9, 18)


@pytest.fixture
def people() -> People:
    return People(2026, TODAY)


def crowd(people: People, count: int = 120) -> list[DemoPerson]:
    levels, talents = list(EducationLevel), [None, *TalentClass]
    return [
        people.person(level=levels[turn % len(levels)], talent=talents[turn % len(talents)], works=turn % 5 != 0)
        for turn in range(count)
    ]


def test_the_same_seed_and_day_give_the_same_people() -> None:
    assert crowd(People("a", TODAY), 30) == crowd(People("a", TODAY), 30)
    assert crowd(People("a", TODAY), 30) != crowd(People("b", TODAY), 30)


def test_identity_numbers_are_well_made_unlike_any_real_one_and_never_drawn_twice(people: People) -> None:
    numbers = [person.id_number for person in crowd(people)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert resident_id_finding(number) is None
        assert county_is_known(number[:6])
        assert number[14:17] in {"000", "996", "997", "998", "999"}


def test_every_person_passes_the_shared_head(people: People) -> None:
    for person in crowd(people, 60):
        family = people.relative(person, Kinship.SPOUSE), people.child(person, date(2020, 8, 31))
        head = Person.model_validate(person.applicant(*family))
        assert (head.id_number, head.sex, len(head.family)) == (person.id_number, sex_of(person.id_number), 2)


@pytest.mark.parametrize("nature", [nature for nature in EmployerNature if nature is not EmployerNature.OTHER])
def test_an_employers_code_says_what_the_employer_is(people: People, nature: EmployerNature) -> None:
    for _ in range(20):
        employer = people.employer(nature)
        assert uscc.is_valid(employer.uscc)
        assert nature_of(employer.uscc) is nature
        assert Employer.model_validate(employer.applicant()).name == employer.name


def test_lives_are_in_order(people: People) -> None:
    for person in crowd(people):
        assert person.birth_date.year + 17 < person.education.graduated_on.year <= TODAY.year
        if person.employment and person.insurance:
            assert person.education.graduated_on < person.employment.started_on <= TODAY
            assert person.employment.contract_until > TODAY
            assert person.insurance.started_on == person.employment.started_on
        if person.talent:
            assert person.talent.valid_from <= TODAY < person.talent.valid_to


def test_somebody_fresh_from_school_has_already_graduated(people: People) -> None:
    early = People(1, date(2026, 3, 2)).person(graduated=2026)
    assert early.education.graduated_on < date(2026, 3, 2)
    assert people.person(graduated=2026).education.graduated_on == date(2026, 6, 30)


def test_accounts_are_in_the_holders_name_and_keep_the_luhn_check(people: People) -> None:
    for person in crowd(people, 30):
        account = people.account(person)
        assert luhn.is_valid(account.account_no)
        assert len(account.account_no) == 19
        assert account.account_name == person.name
    assert people.account(people.employer()).bank_code.isdigit()


@pytest.mark.parametrize("answer", list(CheckResult))
def test_people_can_be_drawn_for_each_answer_of_the_registries(people: People, answer: CheckResult) -> None:
    born = people.person(registries=answer).birth_date
    assert ODD_BIRTHDAYS.get((born.month, born.day), CheckResult.MATCH) is answer


def test_a_child_has_the_day_of_birth_asked_for_and_the_parents_surname(people: People) -> None:
    parent = people.person(level=EducationLevel.MASTER)
    child = people.child(parent, date(2020, 8, 31), sex=Sex.MALE)
    assert child.birth_date == date(2020, 8, 31)
    assert child.name[0] == parent.name[0]
    assert sex_of(child.id_number) is Sex.MALE
    assert people.school_roll_no(child) == f"G{child.id_number}"


def test_sixty_children_of_one_birthday_are_sixty_different_children(people: People) -> None:
    parent = people.person()
    children = {people.child(parent, date(2020, 8, 31)).id_number for _ in range(60)}
    assert len(children) == 60
    with pytest.raises(ValueError, match="too many people"):
        for _ in range(200):
            people.child(parent, date(2020, 8, 31), sex=Sex.MALE)


def test_a_spouse_is_of_the_other_sex_and_parents_are_older(people: People) -> None:
    person = people.person(sex=Sex.FEMALE)
    assert sex_of(people.relative(person, Kinship.SPOUSE).id_number) is Sex.MALE
    assert people.relative(person, Kinship.PARENT).birth_date.year < person.birth_date.year - 20


@pytest.mark.parametrize("id_type", [IdType.PASSPORT, IdType.HMT_RESIDENCE])
def test_people_from_outside_the_mainland_have_papers_of_their_kind(people: People, id_type: IdType) -> None:
    head = Person.model_validate(people.person(id_type=id_type, overseas=True).applicant())
    assert head.id_type is id_type
    assert head.education is not None
    assert head.education.recognition_no


def test_titles_skills_and_another_district_are_drawn_when_asked_for() -> None:
    laixi = People(3, TODAY, LAIXI)
    person = laixi.person(title=TitleGrade.INTERMEDIATE, skill=SkillGrade.ADVANCED)
    head = Person.model_validate(person.applicant())
    assert head.professional_title is not None
    assert head.skill is not None
    assert "莱西市" in head.model_dump()["address"]
    assert "不动产权第" in laixi.property_certificate_no()


def test_nothing_empty_stands_in_a_document(people: People) -> None:
    assert None not in document(people.person(works=False)).values()
