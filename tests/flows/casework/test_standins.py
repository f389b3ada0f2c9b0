"""Standing in for an absent colleague: roles for some days, both names on record, never one person at two levels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flows import access, standins, supervision
from flows.access import Actor
from flows.casework.reveal import reveal
from flows.desks import desk
from flows.telling import addressees
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.standins import StandInIn
from forms.supervision import OpenOrder
from forms.vocabulary import Department, Role
from infra.store import people, tokens
from infra.vault import hash_token, new_token
from tests.kit.hall import LAIXI, MORNING, Hall

POLICE = Department.PUBLIC_SECURITY


def named(hall: Hall, absent: Actor, colleague: Actor, days: int = 5, *, by: Actor | None = None, **more: Any) -> Any:
    """Have an officer stand in from today on."""
    body = {"officer": colleague.username, "from": hall.day(0), "until": hall.day(days), "reason": "出差"} | more
    if by is not None:
        body["absent"] = absent.username
    with desk(by or absent, now=hall.now, engine=hall.engine) as seat:
        return standins.name(seat, StandInIn.model_validate(body))


def revoked(hall: Hall, key: int, by: Actor) -> None:
    with desk(by, now=hall.now, engine=hall.engine) as seat:
        standins.revoke(seat, key)


def seen(hall: Hall, who: Actor) -> set[int]:
    with desk(who, now=hall.now, engine=hall.engine) as seat:
        return {row["id"] for row in standins.visible(seat)}


def at_work(hall: Hall, who: Actor) -> Actor:
    """The officer as a call of now finds him, with whatever he stands in for."""
    drawn = hash_token(new_token())
    with hall.engine.begin() as conn:
        tokens.add(conn, who.id or 0, drawn, hall.now, hall.now + timedelta(hours=1))
        found = people.officer_by_token(conn, drawn, hall.now)
    assert found is not None
    return access.officer(found.id, found.name, found.members, username=found.username)


@pytest.fixture
def approver(hall: Hall) -> Actor:
    """The one who approves at the police."""
    return hall.actor(Role.APPROVER, POLICE)


@pytest.fixture
def reviewer(hall: Hall) -> Actor:
    """A colleague who approves nothing himself."""
    return hall.actor(Role.REVIEWER, POLICE)


@pytest.fixture(autouse=True)
def _nobody_stands_in(hall: Hall) -> Any:
    yield
    administrator = hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)
    hall.now = MORNING
    for row in hall.rows("SELECT id FROM standins WHERE revoked_at IS NULL"):
        revoked(hall, row.id, administrator)


def test_a_stand_in_speaks_for_the_absent_one_and_both_names_are_on_record(
    hall: Hall, settled: str, approval: str, approver: Actor, reviewer: Actor
) -> None:
    hall.act(approval, "approve", hall.speaker(approval))
    with pytest.raises(NotAllowed):
        hall.act(approval, "approve", at_work(hall, reviewer))
    named(hall, approver, reviewer)
    hall.act(approval, "approve", at_work(hall, reviewer))
    both = f"{reviewer.name}（代{approver.name}）"
    event = next(event for event in hall.events(settled) if event.act == "approve" and event.subject == approval)
    assert (event.actor_id, event.actor_name, event.detail["stands_for"]) == (reviewer.id, both, approver.name)
    opinion = hall.task(approval).verdict["opinions"][-1]
    assert (opinion["officer"], opinion["stands_for"]) == (both, approver.name)
    assert hall.task(approval).signers[-1] == reviewer.id


def test_it_holds_on_its_days_and_until_it_is_taken_back(hall: Hall, approver: Actor, reviewer: Actor) -> None:
    later = named(hall, approver, reviewer, 9, **{"from": hall.day(2)})
    roles = [len(at_work(hall, reviewer).members)]
    for _ in range(3):
        hall.later(days=1)
        roles.append(len(at_work(hall, reviewer).members))
    assert roles == [1, 1, 2, 2]
    revoked(hall, later["id"], approver)
    assert len(at_work(hall, reviewer).members) == 1
    with pytest.raises(Conflict):
        revoked(hall, later["id"], approver)
    named(hall, approver, reviewer, 1)
    hall.later(days=1)
    assert len(at_work(hall, reviewer).members) == 2
    hall.later(days=1)
    assert len(at_work(hall, reviewer).members) == 1


def test_nobody_speaks_at_two_levels_as_himself_and_as_a_stand_in(hall: Hall, approval: str, approver: Actor) -> None:
    handler = hall.speaker(approval)
    hall.act(approval, "approve", handler)
    named(hall, approver, handler)
    with pytest.raises(NotAllowed) as refused:
        hall.act(approval, "approve", at_work(hall, handler))
    assert refused.value.code == "same_person"
    with pytest.raises(NotAllowed):
        hall.act(approval, "claim", at_work(hall, handler))
    hall.act(approval, "approve", approver)


def test_the_absent_one_has_spoken_where_somebody_spoke_for_him(
    hall: Hall, approval: str, approver: Actor, reviewer: Actor
) -> None:
    handler = hall.speaker(approval)
    with hall.engine.begin() as conn:
        people.add_member(conn, handler.id or 0, "approver", "public_security", handler.members[0].region, None)
    named(hall, handler, reviewer)
    hall.act(approval, "approve", at_work(hall, reviewer))
    for whoever in (at_work(hall, handler), at_work(hall, reviewer)):
        with pytest.raises(NotAllowed) as refused:
            hall.act(approval, "approve", whoever)
        assert refused.value.code == "same_person"
    with pytest.raises(Invalid) as again:
        hall.act(approval, "hand-over", approver, officer=handler.username, reason="请签")
    assert again.value.errors[0].code == "same_person"
    hall.act(approval, "retract", at_work(hall, reviewer))
    assert hall.task(approval).signers == []
    with hall.engine.begin() as conn:
        conn.exec_driver_sql(f"DELETE FROM memberships WHERE officer_id = {handler.id} AND role = 'approver'")


def test_a_stand_in_finishes_what_the_absent_one_holds_and_does_his_own_in_his_own_name(hall: Hall) -> None:
    task = hall.no(hall.open("settlement")["settlement"], "eligibility")
    absent, colleague = hall.speaker(task), hall.colleague(task)
    hall.act(task, "claim", absent)
    with pytest.raises(Conflict):
        hall.act(task, "approve", at_work(hall, colleague))
    named(hall, absent, colleague)
    hall.act(task, "approve", at_work(hall, colleague))
    assert hall.task(task).verdict["opinions"][-1]["officer"] == f"{colleague.name}（代{absent.name}）"
    other = hall.no(hall.open("settlement")["settlement"], "eligibility")
    hall.act(other, "approve", at_work(hall, colleague))
    assert hall.task(other).verdict["opinions"][-1]["officer"] == colleague.name
    assert f"officer:{absent.id}" in addressees(at_work(hall, colleague), [])


def test_a_stand_in_stays_within_the_walls_of_both(hall: Hall, settled: str, approver: Actor, reviewer: Actor) -> None:
    named(hall, approver, reviewer)
    with pytest.raises(NotFound):
        hall.act(hall.no(settled, "eligibility"), "claim", at_work(hall, reviewer))
    with pytest.raises(NotAllowed):
        hall.act(settled, "void", at_work(hall, reviewer), reason="数据有误")


def test_an_order_and_a_look_at_what_is_masked_carry_both_names_too(
    hall: Hall, settled: str, approver: Actor, reviewer: Actor
) -> None:
    auditor = hall.actor(Role.AUDITOR, Department.SUPERVISION)
    wanted = OpenOrder(subject=settled, content="请说明进度", reply_due=None)
    with pytest.raises(NotAllowed), desk(auditor, now=hall.now, engine=hall.engine) as seat:
        supervision.open_order(seat, wanted)
    named(hall, hall.manager, auditor)
    with desk(at_work(hall, auditor), now=hall.now, engine=hall.engine) as seat:
        supervision.open_order(seat, wanted)
    both = f"{auditor.name}（代{hall.manager.name}）"
    event = hall.events(settled)[-1]
    assert (event.act, event.actor_name, event.detail["stands_for"]) == ("open-order", both, hall.manager.name)
    handler = hall.speaker(hall.no(settled, "eligibility"))
    chief = hall.actor(Role.CHIEF, Department.HUMAN_RESOURCES)
    named(hall, handler, chief)
    with desk(at_work(hall, chief), now=hall.now, engine=hall.engine) as seat:
        reveal(seat, settled, "核对")
    left = hall.rows("SELECT officer_name FROM traces WHERE subject = :no AND act = 'reveal'", no=settled)
    assert [trace.officer_name for trace in left] == [f"{chief.name}（代{handler.name}）"]


def test_only_a_colleague_of_the_same_department_stands_in_for_sixty_days_at_most(
    hall: Hall, approver: Actor, reviewer: Actor
) -> None:
    day = hall.day
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"officer": "nobody"}, "unknown_officer"),
        ({"officer": approver.username}, "same_person"),
        ({"officer": hall.actor(Role.HANDLER, Department.HUMAN_RESOURCES).username}, "not_a_colleague"),
        ({"officer": hall.actor(Role.HANDLER, POLICE, LAIXI).username}, "not_a_colleague"),
        ({"department": "health"}, "no_role"),
        ({"from": day(-1)}, "past"),
        ({"from": day(3), "until": day(2)}, "order"),
        ({"until": day(60)}, "too_long"),
    ]
    for changes, code in wrong:
        with pytest.raises(Invalid) as refused:
            named(hall, approver, reviewer, **changes)
        assert refused.value.errors[0].code == code, changes
    named(hall, approver, reviewer, 59)
    with pytest.raises(Conflict) as taken:
        named(hall, approver, hall.actor(Role.HANDLER, POLICE))
    assert taken.value.code == "already_stood_for" and reviewer.name in taken.value.detail
    with pytest.raises(Conflict):
        named(hall, reviewer, approver)


def test_an_administrator_names_for_others_and_everybody_for_himself_alone(
    hall: Hall, approver: Actor, reviewer: Actor
) -> None:
    administrator = hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)
    with pytest.raises(NotAllowed):
        named(hall, approver, reviewer, by=hall.manager)
    with pytest.raises(NotAllowed) as nothing:
        named(hall, administrator, hall.manager)
    assert nothing.value.code == "no_role"
    row = named(hall, approver, reviewer, by=administrator)
    told = hall.rows("SELECT addressee FROM notices WHERE key LIKE :key", key=f"standin:{row['id']}:%")
    assert {one.addressee for one in told} == {f"officer:{approver.id}", f"officer:{reviewer.id}"}
    note = hall.rows("SELECT * FROM overrides WHERE subject = :it", it=f"standin/{row['id']}")[0]
    assert (note.by, note.value["absent"], note.value["officer"]) == (
        administrator.id, approver.username, reviewer.username,
    )  # fmt: skip
    with pytest.raises(NotFound):
        revoked(hall, row["id"], hall.manager)
    revoked(hall, row["id"], reviewer)


def test_the_head_names_for_the_officers_of_the_department_sees_it_and_takes_it_back(
    hall: Hall, approver: Actor, reviewer: Actor
) -> None:
    head = hall.actor(Role.AGENCY_HEAD, POLICE)
    row = named(hall, approver, reviewer, by=head)
    told = hall.rows("SELECT addressee FROM notices WHERE key LIKE :key", key=f"standin:{row['id']}:指定代理:%")
    assert {one.addressee for one in told} == {f"officer:{approver.id}", f"officer:{reviewer.id}"}
    assert (row["named_by_name"], len(at_work(hall, reviewer).members)) == (head.name, 2)
    assert row["id"] in seen(hall, head)
    for stranger in (hall.actor(Role.AGENCY_HEAD, POLICE, LAIXI), hall.actor(Role.AGENCY_HEAD, Department.EDUCATION)):
        assert row["id"] not in seen(hall, stranger)
        with pytest.raises(NotFound):
            revoked(hall, row["id"], stranger)
        with pytest.raises(Invalid) as unknown:
            named(hall, approver, hall.actor(Role.HANDLER, POLICE), by=stranger)
        assert unknown.value.errors[0].field == "/absent"
    revoked(hall, row["id"], head)
    assert len(at_work(hall, reviewer).members) == 1


def test_who_stands_in_for_the_head_names_nobody_for_others(hall: Hall, approver: Actor, reviewer: Actor) -> None:
    head, deputy = hall.actor(Role.AGENCY_HEAD, POLICE), hall.actor(Role.HANDLER, POLICE)
    named(hall, head, deputy)
    with pytest.raises(NotAllowed):
        named(hall, approver, reviewer, by=at_work(hall, deputy))


def test_a_head_names_nobody_whose_other_seat_in_the_department_lies_elsewhere(
    hall: Hall, approver: Actor, reviewer: Actor
) -> None:
    with hall.engine.begin() as conn:
        people.add_member(conn, approver.id or 0, "handler", POLICE.value, LAIXI, None)
    try:
        with pytest.raises(Invalid):
            named(hall, approver, reviewer, by=hall.actor(Role.AGENCY_HEAD, POLICE))
    finally:
        with hall.engine.begin() as conn:
            conn.exec_driver_sql(f"DELETE FROM memberships WHERE officer_id = {approver.id} AND region = '{LAIXI}'")
