"""Who may do what: every role at every place, asked for every act; what is not in the table is refused."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import pytest

from flows.access import ACTS, SYSTEM, Actor, At, level_roles, may, may_speak, officer, scope, sees
from flows.lifecycle import CASE, TASK
from forms.errors import NotAllowed
from forms.scope import EVERYTHING, NOTHING, Scope, Seat
from forms.vocabulary import Role

HERE, THERE = "370283", "370285"
LEAD, OTHER = "education", "health"
VERDICTS = ("approve", "refuse", "forward", "send-back")


@dataclass(frozen=True)
class Case:
    region: str = HERE
    lead: str = LEAD


@dataclass(frozen=True)
class Task:
    department: str = OTHER
    region: str = HERE
    office: str | None = None
    level: int = 1
    levels: int = 1
    status: str = "pending"


def somebody(role: str, department: str = OTHER, region: str = HERE, office: str | None = None) -> Actor:
    return officer(1, "某人", [(role, department, region, office)])


PLACES = {
    "seat": (OTHER, HERE, None),
    "office": (OTHER, HERE, "first"),
    "lead": (LEAD, HERE, None),
    "seat in another region": (OTHER, THERE, None),
    "lead in another region": (LEAD, THERE, None),
    "the whole city": (OTHER, "*", None),
    "a third department": ("finance", HERE, None),
}
SPANS = {  # where a membership counts for a case of HERE led by LEAD, with one task of OTHER
    At.REGION: {"seat", "office", "lead", "the whole city", "a third department"},
    At.LEAD: {"lead"},
    At.SEAT: {"seat", "the whole city"},
    At.ANY_SEAT: {"seat", "the whole city"},
    At.ANYWHERE: set(PLACES),
}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_just_what_the_table_says_where_it_says(role: Role) -> None:
    for act, place in product(ACTS, PLACES):
        wanted = any(granted == role and place in SPANS[at] for granted, at in ACTS[act])
        actor = somebody(role, *PLACES[place])
        try:
            member = may(actor, act, case=Case(), task=Task(), seats=[Task()])
        except NotAllowed:
            assert not wanted, (role, act, place)
        else:
            assert wanted and member in actor.members, (role, act, place)


def test_an_act_that_the_table_does_not_know_is_refused_to_everybody() -> None:
    everybody = officer(1, "全部", [(role, OTHER, "*", None) for role in Role])
    for act in ("", "decide", "Approve", "delete"):
        with pytest.raises(NotAllowed):
            may(everybody, act, case=Case(), task=Task(), seats=[Task()])


def test_who_has_no_seat_may_nothing() -> None:
    for nobody in (Actor(7, "无"), Actor(None, "申请人", kind="applicant")):
        for act in ACTS:
            with pytest.raises(NotAllowed):
                may(nobody, act, region=HERE, case=Case(), task=Task(), seats=[Task()])
        assert scope(nobody) == NOTHING


def test_without_a_case_or_a_task_nobody_is_in_its_lead_or_at_its_seat() -> None:
    for role, act in product(Role, ACTS):
        if any(granted == role and at is At.ANYWHERE for granted, at in ACTS[act]):
            continue
        with pytest.raises(NotAllowed):
            may(somebody(role, region="*"), act)


def test_the_window_decides_nothing_wherever_it_sits() -> None:
    for place, level in product(PLACES.values(), (1, 2, 3)):
        window = somebody(Role.WINDOW, *place)
        task = Task(level=level, levels=3)
        with pytest.raises(NotAllowed):
            may_speak(window, task)
        for act in VERDICTS:
            with pytest.raises(NotAllowed):
                may(window, act, case=Case(), task=task, seats=[task])
    for act, grants in ACTS.items():
        if act in VERDICTS or act in ("claim", "dispatch", "void", "retract", "reopen"):
            assert Role.WINDOW not in {role for role, _ in grants}


def test_those_who_watch_touch_nothing() -> None:
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        granted = {act for act, grants in ACTS.items() if role in {one for one, _ in grants}}
        assert not granted & {act for _, act in (*CASE, *TASK)}


@pytest.mark.parametrize(
    ("level", "levels", "roles"),
    [
        (1, 1, {Role.HANDLER, Role.CHIEF}),
        (1, 2, {Role.HANDLER}),
        (2, 2, {Role.APPROVER, Role.CHIEF}),
        (1, 3, {Role.HANDLER}),
        (2, 3, {Role.REVIEWER}),
        (3, 3, {Role.APPROVER, Role.CHIEF}),
    ],
)
def test_each_level_has_its_own_role(level: int, levels: int, roles: set[Role]) -> None:
    assert set(level_roles(level, levels)) == roles
    for role in Role:
        actor = somebody(role)
        if role in roles:
            assert may_speak(actor, Task(level=level, levels=levels)) in actor.members
        else:
            with pytest.raises(NotAllowed):
                may_speak(actor, Task(level=level, levels=levels))


def test_an_office_keeps_to_its_own_tasks_and_the_department_reaches_all_of_them() -> None:
    school, department = somebody(Role.HANDLER, office="first"), somebody(Role.HANDLER)
    for office, own in (("first", True), ("second", False), (None, False)):
        task = Task(office=office)
        may_speak(department, task)
        if own:
            may_speak(school, task)
        else:
            with pytest.raises(NotAllowed):
                may_speak(school, task)
        assert sees(scope(school), Case(), [task]) is own
        assert sees(scope(department), Case(), [task])


def test_the_system_may_and_sees_everything() -> None:
    assert may(SYSTEM, "approve", case=Case(), task=Task()) is None
    assert may_speak(SYSTEM, Task(level=2, levels=2)) is None
    assert scope(SYSTEM) == EVERYTHING


def test_a_department_sees_a_case_by_its_task_and_no_other_case() -> None:
    handler = scope(somebody(Role.HANDLER))
    assert sees(handler, Case(), [Task()])
    assert not sees(handler, Case(), [Task(department="finance")])
    assert not sees(handler, Case(), [Task(region=THERE)])
    assert not sees(handler, Case(), [Task(status="not_applicable")])
    assert not sees(handler, Case(), [])


def test_window_manager_and_auditor_see_their_region_only() -> None:
    for role in (Role.WINDOW, Role.MANAGER, Role.AUDITOR):
        assert sees(scope(somebody(role)), Case(), [])
        assert not sees(scope(somebody(role, region=THERE)), Case(), [Task()])
        assert sees(scope(somebody(role, region="*")), Case(), [])


def test_a_coordinator_sees_what_the_department_leads() -> None:
    assert sees(scope(somebody(Role.COORDINATOR, LEAD)), Case(), [])
    assert not sees(scope(somebody(Role.COORDINATOR, OTHER)), Case(), [Task()])
    assert not sees(scope(somebody(Role.COORDINATOR, LEAD, THERE)), Case(), [])


def test_seats_and_leads_in_a_region_that_is_seen_whole_add_nothing() -> None:
    places = [Seat(LEAD, HERE), Seat(LEAD, THERE), Seat(OTHER, HERE), Seat(OTHER, "*"), Seat(OTHER, THERE, "station")]
    for count in range(3):
        for seats, leads in product(combinations(places, count), combinations(places, count)):
            for regions in ((), (HERE,), (HERE, THERE)):
                whole = Scope(frozenset(regions), frozenset(seats), frozenset(leads))
                assert not any(seat.region in regions for seat in (*whole.walls.seats, *whole.walls.leads))
                for region, department, office in product((HERE, THERE), (LEAD, OTHER), (None, "station")):
                    case, task = Case(region=region), Task(department=department, region=region, office=office)
                    assert sees(whole, case, [task]) == sees(whole.walls, case, [task])


def test_a_service_officer_sees_what_that_officer_filed() -> None:
    helper = scope(somebody(Role.SERVICE_OFFICER))
    assert sees(helper, Case(), [], created_by=1)
    assert not sees(helper, Case(), [Task()], created_by=2)
    assert not sees(helper, Case(), [Task()], created_by=None)


def test_an_administrator_sees_no_business_data() -> None:
    assert scope(somebody(Role.ADMINISTRATOR, region="*")) == NOTHING
