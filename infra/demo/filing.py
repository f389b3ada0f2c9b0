"""What the window files for somebody (演示申请的填写): people are cast, forms filled in, papers put together.

`who` of a story: `level`, `sex`, `id_type`, `overseas`, `graduated`, `works`, `title`, `skill`, `talent`, `registries`
as `People.person` takes them; `nature` of the employer; `spouse`, `parent`, `agent` = true, `child` = a birthday; or
`kind = "employer"`. In forms "$child", "$spouse", "$parent" stand for their numbers, "$name" for the applicant's name,
"$school" and "$hospital" for the district's second school and hospital.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import forms.matters
from forms.base import MatterForm
from forms.intake import read_intake
from forms.materials import checklist
from forms.terms import (
    EducationLevel,
    EmployerNature,
    IdType,
    Kinship,
    Sex,
    SkillGrade,
    SubsidyRule,
    TalentClass,
    TitleGrade,
)
from forms.vocabulary import CheckResult
from infra.demo import bodies
from infra.demo.day import FIRST, Turn, turns
from infra.demo.organisation import REGIONS
from infra.demo.people import People
from infra.demo.rows import DemoEmployer, DemoPerson, DemoRelative

SEED = "联办"

_TERMS: dict[str, Callable[[str], Any]] = {
    "level": EducationLevel,
    "sex": Sex,
    "id_type": IdType,
    "title": TitleGrade,
    "skill": SkillGrade,
    "talent": TalentClass,
    "registries": CheckResult,
}
_WHY_NOT = {1: "no_home", 2: "no_relative", 3: "no_unit_household", 4: "centre_declines"}
_SECOND = {
    "370283": {"$school": "平度市城东小学", "$hospital": "平度市中医医院"},
    "370285": {"$school": "莱西市实验小学", "$hospital": "莱西市中医医院"},
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who applies, and who else is in it."""

    region: str
    day: date
    person: DemoPerson | None = None
    employer: DemoEmployer | None = None
    family: dict[str, DemoRelative] = field(default_factory=dict)
    agent: DemoPerson | None = None

    @property
    def words(self) -> dict[str, str]:
        """What the signs in a story's forms stand for."""
        applicant = self.person or self.employer
        assert applicant is not None
        own = {f"${name}": member.id_number for name, member in self.family.items()}
        return {"$name": applicant.name, **own, **_SECOND[self.region]}


@dataclass(frozen=True, slots=True)
class Filing:
    """One application ready to be filed: the `body`, and its papers by how each comes in."""

    turn: Turn
    body: dict[str, Any]
    shared: tuple[str, ...]
    uploaded: tuple[str, ...]
    promised: tuple[str, ...]
    missing: tuple[str, ...]
    shareable: frozenset[str]
    words: dict[str, str]

    def with_mistakes(self) -> dict[str, Any] | None:
        """Return the body as it is filed first, None where it is right at once."""
        wrong = self.turn.story.first
        if wrong is None:
            return None
        body = json.loads(json.dumps(self.body))
        for pointer in wrong.drop:
            place, name = _place(body, pointer)
            place.pop(name, None)
        for pointer, value in wrong.change.items():
            place, name = _place(body, pointer)
            place[name] = value
        return {**body, "materials": []}

    def with_papers(self, files: dict[str, str]) -> dict[str, Any]:
        """Return the whole body, given the number of each uploaded file."""
        papers = [
            *({"code": code, "shared": True} for code in self.shared),
            *({"code": code, "file": files[code]} for code in self.uploaded),
            *({"code": code, "promised": True} for code in self.promised),
        ]
        return {**self.body, "materials": papers}


def file(played: Sequence[Turn]) -> list[Filing]:
    """Return the applications of these turns: the same people whatever else is played that day."""
    return [_everybody()[turn.key] for turn in played]


@cache
def _everybody() -> dict[str, Filing]:
    """Return every application of the day by its key; nobody applies twice."""
    first, *others = (region.code for region in REGIONS)
    people = {first: People(SEED, FIRST, first)}
    people |= {region: People(f"{SEED} {region}", FIRST, region, beside=people[first]) for region in others}
    return {turn.key: _filing(people[turn.region], turn) for turn in turns()}


@cache
def matter_forms() -> dict[str, type[MatterForm]]:
    """Return the form of every matter, found by walking `forms/matters`."""
    found = {}
    for info in pkgutil.iter_modules(forms.matters.__path__):
        module = importlib.import_module(f"forms.matters.{info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, MatterForm) and value.__module__ == module.__name__:
                found[value.code] = value
    return found


def _place(body: dict[str, Any], pointer: str) -> tuple[Any, Any]:
    *way, name = pointer.split("/")[1:]
    place: Any = body
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place, int(name) if isinstance(place, list) else name


def _filing(people: People, turn: Turn) -> Filing:
    story = turn.story
    cast = _cast(people, turn)
    asked = {
        code: _worded({**_filled(people, cast, code, asks), **asks}, cast.words) for code, asks in story.asks.items()
    }
    body = bodies.body(turn.region, _head(cast), asked, [], accept=story.accept)
    if cast.agent is not None:
        agent = cast.agent
        body["mandate"] = {"name": agent.name, "id_number": agent.id_number, "mobile": agent.mobile}
    intake = read_intake(body, matter_forms(), today=story.on, regions={region.code for region in REGIONS})
    wanted = [item.material for item in checklist(intake.applicant, intake.forms) if item.required]
    states = {m.code: story.papers.get(m.code) or ("shared" if m.shared_from else "uploaded") for m in wanted}

    def there(state: str) -> tuple[str, ...]:
        return tuple(code for code, how in states.items() if how == state)

    shareable = frozenset(m.code for m in wanted if m.shared_from)
    papers = (there("shared"), there("uploaded"), there("promised"), there("missing"))
    return Filing(turn, body, *papers, shareable, cast.words)


def _cast(people: People, turn: Turn) -> Cast:
    who = dict(turn.story.who)
    if who.pop("kind", "person") == "employer":
        nature = EmployerNature(who.pop("nature", "enterprise"))
        return Cast(turn.region, turn.story.on, employer=people.employer(nature))
    spouse, parent, child, agent = (who.pop(name, None) for name in ("spouse", "parent", "child", "agent"))
    if "nature" in who:
        who["employer"] = people.employer(EmployerNature(who.pop("nature")))
    person = people.person(**{key: _TERMS[key](value) if key in _TERMS else value for key, value in who.items()})
    family: dict[str, DemoRelative] = {}
    if spouse:
        family["spouse"] = people.relative(person, Kinship.SPOUSE)
    if parent:
        family["parent"] = people.relative(person, Kinship.PARENT)
    if child:
        family["child"] = people.child(person, child)
    return Cast(turn.region, turn.story.on, person, None, family, people.person() if agent else None)


def _head(cast: Cast) -> dict[str, Any]:
    if cast.employer is not None:
        return cast.employer.applicant()
    assert cast.person is not None
    return cast.person.applicant(*cast.family.values())


def _filled(people: People, cast: Cast, matter: str, asks: dict[str, Any]) -> dict[str, Any]:
    """Fill in a matter's form as it is mostly filled in; what the story asks for goes over it."""
    if matter == "subsidy" and cast.employer is not None:
        return _award(people, cast.employer, asks["rule_id"])
    person = cast.person
    assert person is not None
    if matter == "settlement":
        return _settlement(people, cast, person, asks.get("address_option", 1))
    if matter == "schooling":
        child = cast.family["child"]
        form = bodies.schooling(person, child, cast.region, cast.day.year, route=asks.get("route", "settled"))
        if asks.get("entry_type") == "transfer":
            form["school_roll_no"] = people.school_roll_no(child)
        return form
    if matter == "green_channel":
        return bodies.green_channel(person, cast.region, cast.family.get("spouse"), people.mobile())
    if matter == "subsidy":
        return _subsidy(people, cast, person, asks["rule_id"])
    return {}


def _settlement(people: People, cast: Cast, person: DemoPerson, option: int) -> dict[str, Any]:
    form = bodies.settlement(person, cast.region, people.property_certificate_no())
    if option > 1:
        del form["property_certificate_no"]
        form["why_not_higher"] = [{"option": higher, "reason": _WHY_NOT[higher]} for higher in range(1, option)]
    if option == 2:
        host = cast.family["parent"]
        form |= {"host_name": host.name, "host_id": host.id_number, "host_relation": "parent"}
    if option == 3 and person.employment is not None:
        form["collective_household"] = f"{person.employment.employer_name}集体户"
    if option == 5:
        form["collective_household"] = "社区集体户"
    return form


def _subsidy(people: People, cast: Cast, person: DemoPerson, rule: str) -> dict[str, Any]:
    form = bodies.subsidy(person, people.account(person), rule, cast.day)
    if rule == SubsidyRule.P5C:
        form |= {"placement_school": person.education.school, "placement_from": form["first_employed_on"]}
    if rule == SubsidyRule.P8B:
        form["previous_hospital"] = "山东省立医院"
    if rule in (SubsidyRule.P5C, SubsidyRule.P8B):
        form = {key: value for key, value in form.items() if key not in ("from_month", "months")}
    return form


def _award(people: People, employer: DemoEmployer, rule: str) -> dict[str, Any]:
    account = people.account(employer)
    level = EducationLevel.DOCTOR if rule == SubsidyRule.Q2 else EducationLevel.MASTER
    hired = [people.person(level=level, overseas=rule == SubsidyRule.P12B, employer=employer) for _ in range(2)]
    return {
        "rule_id": rule,
        "hires": [
            {
                "name": one.name,
                "id_number": one.id_number,
                "level": one.education.level.value,
                "hired_on": one.employment.started_on.isoformat() if one.employment else "",
                "overseas": one.education.overseas,
                "key_school": rule == SubsidyRule.Q1,
                "insured_years": 5 if rule == SubsidyRule.P11C else 0,
            }
            for one in hired
        ],
        "bank_name": account.bank_name,
        "account_no": account.account_no,
        "account_name": account.account_name,
    }


def _worded(value: Any, words: dict[str, str]) -> Any:
    """Put in what the signs stand for; days as ISO 8601."""
    if isinstance(value, dict):
        return {key: _worded(entry, words) for key, entry in value.items()}
    if isinstance(value, list):
        return [_worded(entry, words) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    return words.get(value, value) if isinstance(value, str) else value
