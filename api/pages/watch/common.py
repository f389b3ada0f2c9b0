"""What the manager's pages share (督办页面公用): who may look, what is chosen, how rows read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from api.rows import label
from api.visits import Visit, roles_only
from flows import access, supervision
from flows.explain import light_of
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from flows.sla import Light
from forms.errors import NotAllowed, NotFound
from forms.scope import EVERYTHING
from forms.vocabulary import CaseStatus, Department, Outcome, Role, TaskStatus
from infra.store import dossier, people
from infra.store.oversight import Wanted

WATCHERS = (Role.MANAGER.value, Role.AUDITOR.value, Role.COORDINATOR.value)
"""Who looks at the board: who answers for a region, who audits it, who answers for a lead department."""
PAGE = 50
USUAL = timedelta(days=29)
LIGHTS = {light.value: light.label for light in Light} | {"none": "无时限"}
ORDER = ("red", "yellow", "amber", "green", "paused", "none")
"""Lights as a board shows them, the worst first."""


def watcher(seat: Desk) -> None:
    """Raise NotAllowed unless the officer at the desk may look at the board."""
    roles_only(seat.actor, *WATCHERS)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in the address of a page, read leniently: what is not known is as if it were not there."""

    view: str = ""
    region: str = ""
    matter: str = ""
    department: str = ""
    step: str = ""
    light: str = ""
    first: str = ""
    last: str = ""

    @classmethod
    def of(cls, visit: Visit, views: tuple[str, ...]) -> Chosen:
        """Read what is chosen."""
        asked = visit.request.query_params
        given = {name: (asked.get(_NAMES.get(name, name)) or "").strip()[:64] for name in _FIELDS}
        known: Mapping[str, Any] = {"view": views, "matter": matters(), "department": set(Department), "light": LIGHTS}
        for name, values in known.items():
            if given[name] not in values:
                given[name] = views[0] if name == "view" else ""
        for name in ("first", "last"):
            if _day(given[name]) is None:
                given[name] = ""
        if not (given["region"].isdigit() and len(given["region"]) == 6):
            given["region"] = ""
        if not given["step"].replace("_", "").isalnum():
            given["step"] = ""
        return cls(**given)

    def days(self, today: date) -> tuple[date, date]:
        """Return the days looked back on: the last thirty unless others are named."""
        last = _day(self.last) or today
        return _day(self.first) or last - USUAL, last

    def wanted(self, today: date) -> Wanted:
        """Return it as the store takes it."""
        first, last = self.days(today)
        return Wanted(
            today, self.view, self.region or None, self.matter or None, self.department or None, self.step or None,
            self.light or None, first, last,
        )  # fmt: skip

    def query(self, **changes: str) -> str:
        """Return the query string, with changes."""
        asked = replace(self, **changes)
        pairs = [(_NAMES.get(name, name), getattr(asked, name)) for name in _FIELDS if getattr(asked, name)]
        return f"?{urlencode(pairs)}" if pairs else ""


_FIELDS = tuple(field.name for field in fields(Chosen))
_NAMES = {"first": "from", "last": "to"}


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-09-18") else None
    except ValueError:
        return None
    return found if found is None or 2000 <= found.year < 2100 else None


def choices(seat: Desk) -> dict[str, Any]:
    """Return what the filters offer, within the officer's walls."""
    names = people.region_names(seat.conn)
    mine = {member.region for member in seat.actor.members if member.role in WATCHERS}
    regions = [(code, name) for code, name in sorted(names.items()) if "*" in mine or code in mine]
    return {
        "regions": regions if len(regions) > 1 else [],
        "matters": [(code, one.title) for code, one in matters().items()],
        "departments": [(one.value, one.label) for one in Department],
        "lights": [(code, LIGHTS[code]) for code in ORDER],
        "region_names": names,
    }


def title_of(matter: str) -> str:
    """Return what a matter is called."""
    known = matters().get(matter)
    return known.title if known is not None else matter


def shown(row: Any, today: date) -> dict[str, Any]:
    """Return a case or task of a list as its page shows it."""
    data = dict(row._mapping)
    task = "case_no" in data
    light = light_of(cast("Any", row), today)
    data |= {
        "light": light,
        "light_label": label(Light, light),
        "status_label": label(TaskStatus if task else CaseStatus, row.status),
        "outcome_label": label(Outcome, row.outcome),
        "matter_title": title_of(row.matter),
        "over": row.due_on is not None and row.due_on < today,
    }
    if task:
        data["department_label"] = label(Department, row.department)
    else:
        data["lead_label"] = label(Department, row.lead)
        data["holders"] = [_holder(one) for one in row.holders]
    return data


def _holder(text: str) -> str:
    department, _, officer = text.partition(":")
    name = label(Department, department) or department
    return f"{name}（{officer}）" if officer else f"{name}（待签收）"


def today_of(seat: Desk) -> date:
    """Return the day at the desk."""
    return local_day(seat.now)


def may_here(seat: Desk, row: Mapping[Any, Any], act: str) -> bool:
    """Whether the officer may do `act` about this card or order."""
    case = dossier.case(seat.conn, EVERYTHING, row["case_no"])
    assert case is not None
    try:
        access.may(seat.actor, act, case=case, task=supervision.seat_of(row))
    except NotAllowed:
        return False
    return True


def key_of(text: str) -> int:
    """Read the key of a card or rating in an address; NotFound where it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound
    return int(text)
