"""Stand-ins (代理): an officer names a colleague for some days, or the head or an administrator does; all on record.

While it lasts the stand-in has the absent officer's roles at that seat (`infra.store.people.seats_of`); what is done
with them carries both names, and the same person still never speaks at two levels (`flows.access.has_spoken`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows import access
from flows.access import Actor, Member
from flows.projection import local_day
from flows.record import Desk
from flows.refusal import refusal
from flows.telling import notice, personally
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.standins import StandInIn, StandInState
from forms.vocabulary import Department, Role
from infra.store import administration, people
from infra.store import standins as store
from infra.store.people import OfficerRow

MOST_DAYS = 60
"""The days for which somebody is named at most, first and last included."""

Row = Mapping[Any, Any]


@dataclass(slots=True)
class Seated:
    """Where somebody sits, as the rules read it of a task."""

    department: str
    region: str
    office: str | None
    level: int = 1
    levels: int = 1


def name(desk: Desk, message: StandInIn) -> Row:
    """The colleague stands in for the absent officer from one day to another, and both are told.

    Invalid unless the two sit in the same department; Conflict where somebody is named already for one of the days,
    or the colleague is absent too.
    """
    absent = absent_of(desk, message.absent)
    colleague = people.officer_by_username(desk.conn, message.officer)
    if colleague is None:
        raise Invalid.one("/officer", "没有这个人员账号，或者已停用", "unknown_officer")
    if colleague.id == absent.id:
        raise Invalid.one("/officer", "不能由本人代理本人", "same_person")
    department = _department(absent, message)
    _answers_for(desk, absent, department)
    if not _colleagues(_seats(absent, department), _seats(colleague, department)):
        raise Invalid.one("/officer", f"{colleague.name}不是{department.label}的同事", "not_a_colleague")
    _days(desk, message)
    who: dict[str, Any] = {"absent_id": absent.id, "officer_id": colleague.id, "department": department.value}
    clash = store.clash(desk.conn, **who, since=message.since, until=message.until)
    if clash is not None:
        words = f"{clash['absent_name']}在此期间已由{clash['officer_name']}代理"
        raise Conflict(f"{words}（{clash['from_on']}至{clash['until_on']}）。", code="already_stood_for")
    key = store.add(
        desk.conn,
        **who,
        from_on=message.since,
        until_on=message.until,
        reason=message.reason,
        named_by=_me(desk),
        named_at=desk.now,
    )
    return _noted(desk, key, message.reason, "指定代理")


def revoke(desk: Desk, key: int) -> Row:
    """It holds no longer, from this moment; NotFound for whom it does not concern."""
    row = store.one(desk.conn, key)
    if row is None or not (desk.actor.id in (row["absent_id"], row["officer_id"]) or _is_over(desk, row)):
        raise NotFound
    state = state_of(row, local_day(desk.now))
    if state in (StandInState.REVOKED, StandInState.ENDED):
        raise Conflict(f"该代理{state.label}。", code="over")
    store.revoke(desk.conn, key, by=_me(desk), at=desk.now)
    return _noted(desk, key, "撤销代理", "撤销代理")


def visible(desk: Desk, *, in_force: bool = False, before: int = 2**62, limit: int = 50) -> Sequence[Row]:
    """Return who stands in for whom, the newest first: one's own on either side, a head's department, all."""
    mine = None if _administers(desk) else _me(desk)
    today = local_day(desk.now) if in_force else None
    return store.listed(desk.conn, officer_id=mine, seats=headed(desk.actor), today=today, before=before, limit=limit)


def headed(actor: Actor) -> list[tuple[str, str]]:
    """Return the seats (department, region) for whose officers the actor may name stand-ins, being their head."""
    return [(m.department, m.region) for m in _own(actor).members if m.role == Role.AGENCY_HEAD]


def absent_of(desk: Desk, username: str | None) -> OfficerRow:
    """Return who will be absent: the one at the desk, or whom a head or an administrator names.

    NotAllowed for whom it does not concern; Invalid where there is nobody of that name within reach.
    """
    username = username or desk.actor.username
    own = username == desk.actor.username
    if not (own or _administers(desk) or headed(desk.actor)):
        raise refusal("name-standin", desk.actor)
    found = people.officer_by_username(desk.conn, username)
    if found is None or not (own or any(_may_name(desk.actor, found, held) for held in departments_of(found))):
        raise Invalid.one("/absent", "没有这个人员账号，或者不在您负责的部门，或者已停用", "unknown_officer")
    return found


def departments_of(officer: OfficerRow) -> list[Department]:
    """Return the departments in which an officer has a role that somebody may stand in for."""
    held = dict.fromkeys(member[1] for member in officer.members if member[0] != Role.ADMINISTRATOR)
    return [Department(code) for code in held]


def _answers_for(desk: Desk, absent: OfficerRow, department: Department) -> None:
    """Raise NotAllowed unless it is the officer's own absence, or the actor may name for all those seats."""
    if absent.id != desk.actor.id and not _may_name(desk.actor, absent, department):
        raise refusal("name-standin", desk.actor)


def _may_name(actor: Actor, absent: OfficerRow, department: Department) -> bool:
    """Whether an actor may name for somebody in a department: in the own right, wherever that officer sits in it."""
    seats = [Seated(member.department, member.region, member.office) for member in _seats(absent, department)]
    try:
        for seat in seats:
            access.may(_own(actor), "name-standin", task=seat)
    except NotAllowed:
        return False
    return bool(seats)


def _is_over(desk: Desk, row: Row) -> bool:
    """Whether the absent officer's department is the actor's to answer for."""
    absent = people.officer_by_username(desk.conn, row["absent_username"])
    return _administers(desk) or (absent is not None and _may_name(desk.actor, absent, Department(row["department"])))


def _own(actor: Actor) -> Actor:
    """Return the officer in the own right: what is stood in for is not handed on."""
    return next(actor.capacities())


def state_of(row: Row, today: date) -> StandInState:
    """Return where it stands on a day."""
    if row["revoked_at"] is not None:
        return StandInState.REVOKED
    if today > row["until_on"]:
        return StandInState.ENDED
    return StandInState.PLANNED if today < row["from_on"] else StandInState.CURRENT


def _department(absent: OfficerRow, message: StandInIn) -> Department:
    held = departments_of(absent)
    if message.department is not None:
        if message.department not in held:
            raise Invalid.one("/department", f"{absent.name}在该部门没有可以代理的角色", "no_role")
        return message.department
    if not held:
        raise NotAllowed("没有可以代理的角色；系统管理员的权限不能代理。", code="no_role")
    if len(held) > 1:
        raise Invalid.one("/department", "在几个部门任职，请写明代理哪个部门", "required")
    return held[0]


def _seats(officer: OfficerRow, department: Department) -> list[Member]:
    return [
        Member(*member) for member in officer.members if member[1] == department and member[0] != Role.ADMINISTRATOR
    ]


def _colleagues(absent: list[Member], colleague: list[Member]) -> bool:
    return any(own.covers(seat.region) for seat in absent for own in colleague)


def _days(desk: Desk, message: StandInIn) -> None:
    if message.since < local_day(desk.now):
        raise Invalid.one("/from", "开始日期不能早于今天", "past")
    if message.until < message.since:
        raise Invalid.one("/until", "结束日期不能早于开始日期", "order")
    if (message.until - message.since).days >= MOST_DAYS:
        raise Invalid.one("/until", f"代理最长{MOST_DAYS}日", "too_long")


def _noted(desk: Desk, key: int, reason: str, what: str) -> Row:
    """Put the change on record and tell both officers; return the row as it is now."""
    row = store.one(desk.conn, key)
    assert row is not None
    value = {
        "absent": row["absent_username"],
        "officer": row["officer_username"],
        "department": row["department"],
        "from": row["from_on"].isoformat(),
        "until": row["until_on"].isoformat(),
        "revoked": row["revoked_at"] is not None,
    }
    administration.note(desk.conn, f"standin/{key}", value, by=_me(desk), at=desk.now, reason=reason)
    title = f"{what}：{row['officer_name']}代{row['absent_name']}，{row['from_on']}至{row['until_on']}"
    both = [who for who in (row["absent_id"], row["officer_id"]) if who != desk.actor.id]
    desk.sheet.changed |= {personally(who) for who in both}
    desk.sheet.notices += [
        notice(
            f"standin:{key}:{what}:officer:{who}",
            personally(who),
            title,
            {"text": f"{title}。{row['reason']}", "standin": key},
            case_id=None,
            at=desk.now,
        )
        for who in both
    ]
    return row


def _administers(desk: Desk) -> bool:
    return desk.actor.has(Role.ADMINISTRATOR)


def _me(desk: Desk) -> int:
    if desk.actor.id is None:
        raise NotAllowed
    return desk.actor.id
