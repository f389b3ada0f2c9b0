"""People, offices, regions (人员、机构、区划): read by colleagues, changed by administrators on record."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.calls import Answer, Asked, Public, allowed, sent
from api.parameters import PAGE, Cursor, Limit, page, place_of
from api.rows import label, moment
from flows import administration
from flows.access import Actor
from flows.record import Desk
from forms import vocabulary
from forms.administration import OfficeIn, OfficerChange, OfficerIn, RegionIn
from forms.messages import read_message
from forms.vocabulary import Department, Role, Term
from infra.store import administration as store

ROUTER = APIRouter(prefix="/api/v1", tags=["人员机构"])
Username = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$", title="账号")]
RegionCode = Annotated[str, Path(pattern=r"^[0-9]{6}$", title="区划代码")]


@ROUTER.get("/me", operation_id="me", summary="我是谁")
def me(call: Asked) -> Response:
    """Who the token belongs to, and what he may be where."""
    with call.desk() as seat:
        return sent({"username": seat.actor.username, "name": seat.actor.name, "members": _members(seat.actor)})


def _members(actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "role": m.role,
            "role_label": label(Role, m.role),
            "department": m.department,
            "department_label": label(Department, m.department),
            "region": m.region,
            "office": m.office,
            "stands_for": m.absent_name or None,
        }
        for m in actor.members
    ]


@ROUTER.get("/officers", operation_id="list_officers", summary="人员")
def list_officers(call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """Everybody for an administrator, one's active colleagues for anybody else."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        seats = None
        if not seat.actor.has(Role.ADMINISTRATOR):
            seats = [(m.department, m.region) for m in seat.actor.members]
        rows = store.officers(seat.conn, seats=seats, after=after[0] if after else 0, limit=limit + 1)
    items = [{name: row[name] for name in ("username", "name", "active", "members")} for row in rows]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.post("/officers", operation_id="add_officer", summary="新增人员", status_code=201)
def add_officer(call: Asked) -> Response:
    """Somebody new may be given a token."""
    with call.desk() as seat:
        allowed(seat, "administer")
        return call.once(seat, lambda: _added(call, seat))


def _added(call: Asked, seat: Desk) -> Answer:
    officer = administration.add_officer(seat, read_message(OfficerIn, call.body()))
    return Answer(officer, 201, location=f"/api/v1/officers/{officer['username']}")


@ROUTER.patch("/officers/{username}", operation_id="change_officer", summary="变更、停用人员")
def change_officer(username: Username, call: Asked) -> Response:
    """Name, standing and memberships are as sent; whoever leaves has no valid token any more."""
    with call.desk() as seat:
        allowed(seat, "administer")
        return sent(administration.change_officer(seat, username, read_message(OfficerChange, call.body())))


@ROUTER.get("/departments", operation_id="list_departments", summary="部门与机构")
def list_departments(call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """Which office stands for which department in which region."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        rows = store.offices(seat.conn, after=after[0] if after else 0, limit=limit + 1)
    names = ("department", "region", "code", "name", "phone", "active")
    items = [
        {name: row[name] for name in names} | {"department_label": label(Department, row["department"])} for row in rows
    ]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.put("/departments", operation_id="put_office", summary="设置机构")
def put_office(call: Asked) -> Response:
    """That office stands for its department in its region, or no longer does."""
    with call.desk() as seat:
        allowed(seat, "administer")
        return sent(administration.put_office(seat, read_message(OfficeIn, call.body())))


@ROUTER.get("/regions", operation_id="list_regions", summary="区划")
def list_regions(call: Public) -> Response:
    """The regions, open for applications or not."""
    with call.engine.connect() as conn:
        return sent({"items": [dict(row) for row in store.regions(conn)], "next": None})


@ROUTER.put("/regions", operation_id="put_region", summary="设置区划")
def put_region(call: Asked) -> Response:
    """That region is open for applications, or no longer is."""
    with call.desk() as seat:
        allowed(seat, "administer")
        return sent(administration.put_region(seat, read_message(RegionIn, call.body())))


@ROUTER.get("/changes", operation_id="list_changes", summary="变更记录")
def list_changes(call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """What administrators changed, who, when and why, the newest first."""
    before = place_of(cursor, int)
    with call.desk() as seat:
        if not seat.actor.has(Role.AUDITOR):
            allowed(seat, "administer")
        rows = store.notes(seat.conn, limit=limit + 1, **({"before": before[0]} if before else {}))
    items = [
        {
            "subject": row["subject"],
            "version": row["version"],
            "value": row["value"],
            "by": row["by_name"],
            "at": moment(row["at"]),
            "reason": row["reason"],
            "basis": row["basis"],
        }
        for row in rows
    ]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.get("/vocabulary", operation_id="vocabulary", summary="代码与名称")
def read_vocabulary(call: Public) -> Response:
    """Every stored code with its Chinese label."""
    terms = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, Term)]
    body = {kind.__name__: {term.value: term.label for term in kind} for kind in terms if kind is not Term}
    return sent(body)
