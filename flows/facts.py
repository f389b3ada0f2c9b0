"""The facts that the subsidy rules look at (补贴核定依据), as head and form state them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.head import Employer, Person
from forms.identity import birth_of
from forms.people import age_between
from forms.terms import EducationLevel, EmployerNature, SkillGrade, TitleGrade


@dataclass(frozen=True, slots=True)
class Hired:
    """Somebody an employer brought in; `age` is that on the day of hiring, in full years."""

    level: EducationLevel
    age: int | None = None
    overseas: bool = False
    key_school: bool = False
    insured_years: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at; months are written 2026-09."""

    level: EducationLevel | None = None
    full_time: bool = True
    overseas: bool = False
    from_abroad: bool = False
    skill: SkillGrade | None = None
    title: TitleGrade | None = None
    title_on: date | None = None
    natures: frozenset[EmployerNature] = frozenset()
    first_employed_on: date | None = None
    first_time: bool = False
    insured_from: date | None = None
    insured_months: frozenset[str] = frozenset()
    months_before: int = 0
    on_placement: bool = False
    from_top_hospital: bool = False
    hires: tuple[Hired, ...] = ()
    other_benefits: bool = False


def facts_of(applicant: Person | Employer, form: Any) -> Facts:
    """Return the facts that head and form of an application for a subsidy state."""
    hires = tuple(
        Hired(
            hire.level,
            age_between(born, hire.hired_on) if (born := birth_of(hire.id_number)) else None,
            hire.overseas,
            hire.key_school,
            hire.insured_years,
        )
        for hire in form.hires
    )
    if isinstance(applicant, Employer):
        return Facts(natures=frozenset(applicant.natures), hires=hires, other_benefits=bool(form.other_benefits))
    education, title = applicant.education, applicant.professional_title
    return Facts(
        level=education.level if education else None,
        full_time=bool(education and education.full_time),
        overseas=bool(education and education.overseas),
        from_abroad=applicant.from_abroad,
        skill=applicant.skill.grade if applicant.skill else None,
        title=title.grade if title else None,
        title_on=title.got_on if title else None,
        natures=frozenset(applicant.employment.natures) if applicant.employment else frozenset(),
        first_employed_on=form.first_employed_on,
        first_time=form.first_time_declaration,
        insured_from=applicant.insurance.started_on if applicant.insurance else None,
        insured_months=frozenset(form.insured_months),
        months_before=form.months_before,
        on_placement=bool(form.placement_school),
        from_top_hospital=bool(form.previous_hospital),
        hires=hires,
        other_benefits=bool(form.other_benefits),
    )
