"""What is known of a synthetic person or employer (演示人员资料), in the fields of the shared head."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from forms.identity import birth_of
from forms.terms import (
    Degree,
    EducationLevel,
    EmployerNature,
    IdType,
    Kinship,
    Sex,
    SkillGrade,
    TalentClass,
    TitleGrade,
)


@dataclass(frozen=True, slots=True)
class DemoEmployer:
    """An employer (用人单位) with a valid credit code."""

    name: str
    uscc: str
    nature: EmployerNature
    district: str
    address: str
    contact_name: str
    mobile: str

    def applicant(self) -> dict[str, Any]:
        """Return the shared head of an application by this employer."""
        return {"kind": "employer", **document(self)}


@dataclass(frozen=True, slots=True)
class DemoEducation:
    """The highest education (最高学历)."""

    level: EducationLevel
    school: str
    major: str
    degree: Degree | None
    graduated_on: date
    certificate_no: str | None
    overseas: bool
    recognition_no: str | None


@dataclass(frozen=True, slots=True)
class DemoTitle:
    """A professional title (职称)."""

    grade: TitleGrade
    name: str
    certificate_no: str
    got_on: date


@dataclass(frozen=True, slots=True)
class DemoSkill:
    """A vocational skill (职业技能等级)."""

    grade: SkillGrade
    occupation: str
    certificate_no: str
    got_on: date


@dataclass(frozen=True, slots=True)
class DemoTalent:
    """A recognised talent class (人才类别) with its certificate."""

    talent_class: TalentClass
    certificate_no: str
    issued_by: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class DemoEmployment:
    """Where somebody works (就业情况)."""

    employer_name: str
    uscc: str
    district: str
    nature: EmployerNature
    started_on: date
    contract_until: date


@dataclass(frozen=True, slots=True)
class DemoInsurance:
    """Employee social insurance (职工社会保险)."""

    number: str
    place: str
    started_on: date


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A bank account (银行账户) in somebody's name; the card number keeps the Luhn check."""

    bank_name: str
    bank_code: str
    account_no: str
    account_name: str


@dataclass(frozen=True, slots=True)
class DemoRelative:
    """A family member (家庭成员)."""

    name: str
    id_number: str
    relation: Kinship

    @property
    def birth_date(self) -> date:
        """The date of birth that the number carries."""
        return birth_of(self.id_number) or date.min


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person who may apply (个人申请人); what is None does not apply to them."""

    name: str
    id_type: IdType
    id_number: str
    sex: Sex
    birth_date: date
    mobile: str
    ethnicity: str | None
    address: str
    education: DemoEducation
    professional_title: DemoTitle | None
    skill: DemoSkill | None
    talent: DemoTalent | None
    employment: DemoEmployment | None
    insurance: DemoInsurance | None
    hometown: tuple[str, str, str, str]

    def applicant(self, *family: DemoRelative) -> dict[str, Any]:
        """Return the shared head of an application by this person, with the family that it concerns."""
        head = document(self)
        del head["hometown"]
        return {"kind": "person", **head, "family": [document(member) for member in family]}


def document(row: Any) -> dict[str, Any]:
    """Return a row of this module ready for JSON: without what is None, days as ISO 8601, terms as their codes."""
    named = {one.name: getattr(row, one.name) for one in fields(row)}
    return {name: _plain(value) for name, value in named.items() if value is not None}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return document(value)
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
