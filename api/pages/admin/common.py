"""What the administrator's pages share (系统管理页面公用): who may, what was typed wrong, words for codes."""

from __future__ import annotations

from typing import Any

from api.rows import label
from api.visits import Visit
from flows import access
from flows.record import Desk
from forms.errors import Invalid
from forms.vocabulary import Department, Role
from infra.store import people

PAGE = 50
ROLES = tuple((one.value, one.label) for one in Role)
DEPARTMENTS = tuple((one.value, one.label) for one in Department)
EVERYWHERE = "*"


def administrator(seat: Desk) -> None:
    """Raise NotAllowed unless the officer at the desk keeps the platform."""
    access.may(seat.actor, "administer")


def regions(seat: Desk) -> list[tuple[str, str]]:
    """Return the regions that are open, code and name."""
    names, codes = people.region_names(seat.conn), people.region_codes(seat.conn)
    return [(code, names[code]) for code in sorted(codes)]


def told(wrong: Invalid | None) -> dict[str, Any]:
    """Return what is wrong beside the fields, and all of it for the top of the page."""
    errors: dict[str, list[str]] = {}
    summary = []
    for error in wrong.errors if wrong else ():
        name = error.field.lstrip("/")
        errors.setdefault(name, []).append(error.message)
        place = name.split("/")
        row = f"第 {int(place[1]) + 1} 行：" if len(place) == 3 and place[1].isdecimal() else ""
        summary.append((name if not row else "", f"{row}{error.message}"))
    return {"errors": errors, "summary": summary}


def asked(visit: Visit, name: str, most: int = 64) -> str:
    """Return a parameter of the address, without the blanks around it."""
    return (visit.request.query_params.get(name) or "").strip()[:most]


def member_words(member: Any, names: dict[str, str]) -> str:
    """Return a membership in words: 承办人·人力资源和社会保障局·平度市."""
    parts = [label(Role, member["role"]), label(Department, member["department"]),
             "全部区划" if member["region"] == EVERYWHERE else names.get(member["region"], member["region"]),
             member["office"]]  # fmt: skip
    return "·".join(str(part) for part in parts if part)
