"""People, offices and regions (人员、机构、区划): what an administrator keeps, every change on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from flows import access
from flows.record import Desk
from forms.administration import MembershipIn, OfficeIn, OfficerChange, OfficerIn, RegionIn
from forms.errors import Conflict, FieldError, Invalid, NotFound
from forms.vocabulary import Department, Role
from infra import clock
from infra.store import administration as store
from infra.store import people, sessions, tokens
from infra.vault import hash_token, new_token

EVERYWHERE = "*"


def first_administrator(conn: Connection, username: str, name: str, *, reset: bool, lasts: timedelta) -> str:
    """The platform has an administrator, whose new token is returned; `reset` takes every earlier token back.

    Conflict where the account is there and `reset` was not asked for.
    """
    now = clock.machine()
    known = store.officer(conn, username)
    if known is not None and not reset:
        raise Conflict(f"账号“{username}”已存在；重新启用并换发令牌请用 --reset。", code="already_there")
    key = known["id"] if known is not None else people.add_officer(conn, username, name, now)
    assert key is not None
    store.change_officer(conn, key, active=True)
    tokens.revoke_all(conn, key, now)
    people.add_member(conn, key, Role.ADMINISTRATOR.value, Department.SUPERVISION.value, EVERYWHERE, None)
    reason = "重置管理员" if known is not None else "建立第一个管理员"
    store.note(conn, f"officer/{username}", {"active": True, "role": "administrator"}, by=key, at=now, reason=reason)
    drawn = new_token()
    tokens.add(conn, key, hash_token(drawn), now, now + lasts)
    return drawn


def add_officer(desk: Desk, given: OfficerIn) -> dict[str, Any]:
    """Somebody new may sign in, with these memberships."""
    access.may(desk.actor, "administer")
    _known_places(desk, given.members)
    key = people.add_officer(desk.conn, given.username, given.name, clock.machine())
    if key is None:
        raise Conflict(f"账号“{given.username}”已存在。", code="already_there")
    for member in given.members:
        _add_member(desk, key, member)
    return _noted(desk, given.username, given.reason)


def change_officer(desk: Desk, username: str, change: OfficerChange) -> dict[str, Any]:
    """The officer's name, standing or memberships are as `change` says; leaving ends every session and token."""
    access.may(desk.actor, "administer")
    row = store.officer(desk.conn, username, lock=True)
    if row is None:
        raise NotFound
    if change.name is not None:
        store.change_officer(desk.conn, row["id"], name=change.name)
    if change.active is not None:
        store.change_officer(desk.conn, row["id"], active=change.active)
    if change.active is False:
        tokens.revoke_all(desk.conn, row["id"], clock.machine())
        sessions.end_all(desk.conn, row["id"], clock.machine())
    if change.members is not None:
        _known_places(desk, change.members)
        store.clear_members(desk.conn, row["id"])
        for member in change.members:
            _add_member(desk, row["id"], member)
    if not store.administrators(desk.conn):
        raise Conflict("至少须保留一名在用的系统管理员。", code="last_administrator")
    return _noted(desk, username, change.reason)


def put_office(desk: Desk, given: OfficeIn) -> dict[str, Any]:
    """That office stands for its department in its region, or no longer does."""
    access.may(desk.actor, "administer")
    if given.region not in people.region_codes(desk.conn):
        raise Invalid.one("/region", "没有这个区划", "choice")
    people.put_office(desk.conn, given.department.value, given.region, given.code, given.name, given.phone)
    store.set_office_active(desk.conn, given.department.value, given.region, given.code, given.active)
    value = given.model_dump(mode="json", exclude={"reason"})
    subject = f"office/{given.department.value}/{given.region}/{given.code}"
    store.note(desk.conn, subject, value, by=_me(desk), at=desk.now, reason=given.reason)
    return value


def put_region(desk: Desk, given: RegionIn) -> dict[str, Any]:
    """That region is open for applications, or no longer is."""
    access.may(desk.actor, "administer")
    people.put_region(desk.conn, given.code, given.name)
    store.set_region_active(desk.conn, given.code, given.active)
    value = given.model_dump(mode="json", exclude={"reason"})
    store.note(desk.conn, f"region/{given.code}", value, by=_me(desk), at=desk.now, reason=given.reason)
    return value


def _me(desk: Desk) -> int:
    assert desk.actor.id is not None
    return desk.actor.id


def _known_places(desk: Desk, members: Sequence[MembershipIn]) -> None:
    """Say which memberships name a region or an office that is not there."""
    regions = people.region_codes(desk.conn)
    errors = []
    for place, member in enumerate(members):
        if member.region != EVERYWHERE and member.region not in regions:
            errors.append(FieldError(f"/members/{place}/region", "没有这个区划", "choice"))
        elif member.office is not None and not people.find_office(
            desk.conn, member.department.value, member.region, member.office
        ):
            errors.append(FieldError(f"/members/{place}/office", "该部门在本地没有这个机构", "choice"))
    if errors:
        raise Invalid(errors)


def _add_member(desk: Desk, key: int, member: MembershipIn) -> None:
    people.add_member(desk.conn, key, member.role.value, member.department.value, member.region, member.office)


def _noted(desk: Desk, username: str, reason: str) -> dict[str, Any]:
    shown = next(iter(store.officers(desk.conn, username=username)))
    value = {name: shown[name] for name in ("username", "name", "active", "members")}
    store.note(desk.conn, f"officer/{username}", value, by=_me(desk), at=desk.now, reason=reason)
    return value
