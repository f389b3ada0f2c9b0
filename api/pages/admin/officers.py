"""Officers (人员): added, changed, deactivated, given a temporary password; every change says why."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import TypeAdapter, ValidationError

from api.frame import page
from api.pages.admin.common import (
    DEPARTMENTS,
    EVERYWHERE,
    PAGE,
    ROLES,
    administrator,
    asked,
    member_words,
    regions,
    told,
)
from api.parameters import cursor, place_of
from api.visits import Seen, Sent, Visit, done
from flows import administration, signing
from flows.record import Desk
from forms.administration import OfficerChange, OfficerIn
from forms.errors import Conflict, FieldError, Invalid, NotFound
from forms.message import Words
from forms.messages import read_message
from infra import clock
from infra.store import administration as store
from infra.store import people, sessions

ROUTER = APIRouter()
BLANK_ROWS = 2
"""Empty rows below an officer's roles, so that some can be added without a script."""


@ROUTER.get("/admin/officers")
def listed(visit: Seen) -> Response:
    """Everybody who has an account, or those who are looked for."""
    q, role, department = asked(visit, "q"), asked(visit, "role"), asked(visit, "department")
    with visit.desk() as seat:
        administrator(seat)
        try:
            after = place_of(visit.request.query_params.get("cursor"), int)
        except Invalid:
            after = None
        rows = store.find_officers(
            seat.conn, q=q or None, role=role or None, department=department or None,
            after=after[0] if after else 0, limit=PAGE + 1,
        )  # fmt: skip
        names = people.region_names(seat.conn)
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    shown = [{**row, "seats": [member_words(member, names) for member in row["members"]]} for row in rows[:PAGE]]
    path = f"/admin/officers?q={q}&role={role}&department={department}"
    return page(
        visit, "admin/officers.html", rows=shown, q=q, role=role, department=department, roles=ROLES,
        departments=DEPARTMENTS, more=more, cursor=after is not None, path=path,
    )  # fmt: skip


@ROUTER.get("/admin/officers/new")
def ask(visit: Seen) -> Response:
    """The form of somebody new."""
    with visit.desk() as seat:
        administrator(seat)
        return _form(visit, seat, None)


def _form(visit: Visit, seat: Desk, username: str | None, wrong: Invalid | None = None) -> Response:
    """Return the form of an officer, filled from what was typed or from what is on record."""
    row: Any = None
    if username is not None:
        found = store.officers(seat.conn, username=username)
        if not found:
            raise NotFound
        row = found[0]
    typed = visit.form is not None
    members = _typed_members(visit) if typed else [dict(member) for member in row["members"]] if row else []
    values = {
        "username": visit.text("username") if typed and row is None else row["username"] if row else "",
        "name": visit.text("name") if typed else row["name"] if row else "",
        "active": bool(visit.text("active")) if typed else row["active"] if row else True,
        "reason": visit.text("reason"),
    }
    account = sessions.password(seat.conn, username) if username else None
    idle = sessions.Idle(visit.settings.session_idle_minutes)
    open_now = sessions.of_officer(seat.conn, account["id"], clock.machine(), idle) if account else []
    return page(
        visit, "admin/officer.html", status=422 if wrong else 200, row=row, values=values,
        members=members + [{"role": "", "department": "", "region": "", "office": None}] * BLANK_ROWS,
        roles=ROLES, departments=DEPARTMENTS, regions=[*regions(seat), (EVERYWHERE, "全部区划")],
        sessions=[{**one, "key": bytes(one["hash"]).hex()[:24]} for one in open_now],
        offices=store.named_offices(seat.conn),
        has_password=account is not None and account["password_hash"] is not None,
        changes=store.versions(seat.conn, f"officer/{username}") if username else [], **told(wrong),
    )  # fmt: skip


def _typed_members(visit: Visit) -> list[dict[str, Any]]:
    """Return the rows of roles as typed; a row without anything is none."""
    columns = [visit.texts(name) for name in ("role", "department", "region", "office")]
    rows = zip(*columns, strict=False)
    return [
        {"role": role, "department": department, "region": region, "office": office or None}
        for role, department, region, office in rows
        if role or department or office
    ]


@ROUTER.post("/admin/officers")
def add(visit: Sent) -> Response:
    """Somebody new may sign in, with a temporary password that is shown once."""
    username, reason = visit.text("username"), visit.text("reason")
    body = {"username": username, "name": visit.text("name"), "members": _typed_members(visit), "reason": reason}
    try:
        with visit.desk() as seat:
            administrator(seat)
            administration.add_officer(seat, read_message(OfficerIn, body))
            drawn = signing.reset_password(seat, username, reason)
    except (Invalid, Conflict) as refused:
        return _again(visit, None, refused)
    return page(visit, "admin/password.html", username=username, name=body["name"], drawn=drawn, fresh=True)


def _again(visit: Visit, username: str | None, refused: Invalid | Conflict) -> Response:
    """Show the form again, everything still filled in."""
    wrong = refused if isinstance(refused, Invalid) else Invalid([FieldError("", refused.detail, refused.code)])
    with visit.desk() as seat:
        return _form(visit, seat, username, wrong)


@ROUTER.get("/admin/officers/{username}")
def read(username: str, visit: Seen) -> Response:
    """One officer with roles, sessions and what was changed."""
    with visit.desk() as seat:
        administrator(seat)
        return _form(visit, seat, username[:64])


@ROUTER.post("/admin/officers/{username}")
def change(username: str, visit: Sent) -> Response:
    """Name, standing and roles are as sent; whoever leaves is signed out at once."""
    body = {
        "name": visit.text("name"), "active": bool(visit.text("active")), "members": _typed_members(visit),
        "reason": visit.text("reason"),
    }  # fmt: skip
    try:
        with visit.desk() as seat:
            administrator(seat)
            administration.change_officer(seat, username[:64], read_message(OfficerChange, body))
    except (Invalid, Conflict) as refused:
        return _again(visit, username[:64], refused)
    return done(visit, f"/admin/officers/{username}", "已保存。")


@ROUTER.post("/admin/officers/{username}/password")
def reset(username: str, visit: Sent) -> Response:
    """The officer has a temporary password, shown on this page and nowhere else."""
    reason = _reason(visit)
    with visit.desk() as seat:
        administrator(seat)
        drawn = signing.reset_password(seat, username[:64], reason)
        row = store.officer(seat.conn, username[:64])
    name = row["name"] if row is not None else username
    return page(visit, "admin/password.html", username=username, name=name, drawn=drawn, fresh=False)


@ROUTER.post("/admin/officers/{username}/sessions")
def end(username: str, visit: Sent) -> Response:
    """The officer is signed out everywhere, or in the one browser named."""
    reason, session = _reason(visit), visit.text("session")
    with visit.desk() as seat:
        ended = signing.end_sessions(seat, visit.settings, username[:64], reason, session=session or None)
    to = "/admin/sessions" if visit.text("back") == "sessions" else f"/admin/officers/{username}"
    return done(visit, to, f"已结束 {ended} 个会话。")


def _reason(visit: Visit) -> str:
    """Return why, which every change says."""
    try:
        return TypeAdapter(Words).validate_python(visit.text("reason"))
    except ValidationError:
        raise Invalid.one("/reason", "请写明说明", "required") from None
