"""Offices and regions (机构、区划): who stands for which department where, and where the platform is open."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Response

from api.frame import page
from api.pages.admin.common import DEPARTMENTS, administrator, asked, told
from api.visits import Seen, Sent, Visit, done
from flows import administration
from flows.record import Desk
from forms.administration import OfficeIn, RegionIn
from forms.errors import Invalid
from forms.messages import read_message
from forms.vocabulary import Department
from infra.store import administration as store

ROUTER = APIRouter()
MOST_OFFICES = 5000


@ROUTER.get("/admin/offices")
def offices(visit: Seen) -> Response:
    """Who stands for each department in each region."""
    with visit.desk() as seat:
        administrator(seat)
        return _offices(visit, seat)


def _offices(visit: Visit, seat: Desk, wrong: Invalid | None = None) -> Response:
    rows = store.offices(seat.conn, limit=MOST_OFFICES)
    places: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        places[row["department"]][row["region"]].append(row)
    values = {name: visit.text(name) for name in ("department", "region", "code", "name", "phone", "reason")}
    values["active"] = visit.text("active")
    if visit.form is None:
        wanted = tuple(asked(visit, name) for name in ("department", "region", "code"))
        known = next((one for one in rows if (one["department"], one["region"], one["code"]) == wanted), None)
        values = {**values, "department": wanted[0], "region": wanted[1], "code": wanted[2], "active": "1"}
        if known is not None:
            values |= {"name": known["name"], "phone": known["phone"], "active": "1" if known["active"] else ""}
    return page(
        visit, "admin/offices.html", status=422 if wrong else 200, places=places,
        departments=[(one.value, one.label) for one in Department], regions=store.regions(seat.conn), values=values,
        options=DEPARTMENTS, **told(wrong),
    )  # fmt: skip


@ROUTER.post("/admin/offices")
def put_office(visit: Sent) -> Response:
    """That office stands for its department in its region, or no longer does."""
    body = {name: visit.text(name) for name in ("department", "region", "code", "name", "phone", "reason")}
    try:
        with visit.desk() as seat:
            administrator(seat)
            administration.put_office(seat, read_message(OfficeIn, {**body, "active": bool(visit.text("active"))}))
    except Invalid as wrong:
        with visit.desk() as seat:
            return _offices(visit, seat, wrong)
    return done(visit, "/admin/offices", f"已保存：{body['name']}。")


@ROUTER.get("/admin/regions")
def regions(visit: Seen) -> Response:
    """Where the platform is open."""
    with visit.desk() as seat:
        administrator(seat)
        return _regions(visit, seat)


def _regions(visit: Visit, seat: Desk, wrong: Invalid | None = None) -> Response:
    rows = store.regions(seat.conn)
    values = {name: visit.text(name) for name in ("code", "name", "active", "reason")}
    if visit.form is None:
        known = next((one for one in rows if one["code"] == asked(visit, "code")), None)
        values["active"] = "1"
        if known is not None:
            values |= {"code": known["code"], "name": known["name"], "active": "1" if known["active"] else ""}
    return page(visit, "admin/regions.html", status=422 if wrong else 200, rows=rows, values=values, **told(wrong))


@ROUTER.post("/admin/regions")
def put_region(visit: Sent) -> Response:
    """That region is open for applications, or no longer is."""
    body: dict[str, Any] = {name: visit.text(name) for name in ("code", "name", "reason")}
    try:
        with visit.desk() as seat:
            administrator(seat)
            administration.put_region(seat, read_message(RegionIn, {**body, "active": bool(visit.text("active"))}))
    except Invalid as wrong:
        with visit.desk() as seat:
            return _regions(visit, seat, wrong)
    return done(visit, "/admin/regions", f"已保存：{body['name']}。")
