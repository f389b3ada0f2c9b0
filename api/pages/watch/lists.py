"""What stands behind the numbers (清单): cases, tasks, what is late, what soon will be; each to be exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Response

from api import bulk
from api.arrival import reader
from api.frame import page
from api.pages.watch import exports
from api.pages.watch.common import PAGE, Chosen, choices, shown, today_of, watcher
from api.pages.watch.rows import limit_row
from api.parameters import cursor, place_of
from api.rows import label
from api.sheets import Sheet, every, workbook
from api.visits import Seen, Visit
from flows.access import Actor
from flows.record import Desk
from forms.errors import Invalid
from forms.vocabulary import Role
from infra.calendar import calendar
from infra.store import administration, breaches, oversight, people
from infra.store.oversight import CASE_VIEWS, TASK_VIEWS

ROUTER = APIRouter()
AHEAD = 5
_MOST_COLLEAGUES = 100
CASE_TITLES = {
    "open": "在办办件",
    "oldest": "在办办件（最久在前）",
    "undelivered": "待送达办件",
    "received": "收件",
    "closed": "办结办件",
    "late": "超过承诺时限办结的办件",
}
TASK_TITLES = {
    "in_hand": "在办任务",
    "unclaimed": "待签收任务",
    "returned": "退回分办任务",
    "paused": "暂停任务",
    "decided": "已办任务",
}
BACK = ("received", "closed", "late", "decided")
"""Views that look back on some days."""

_TYPED = {"reason": "", "officer": "", "days": "5", "kind": ""}
"""What is typed for all that are marked, and what stands there at first."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is looked at and acted on: where, in which views, from where its rows come."""

    path: str
    views: tuple[str, ...]
    titles: Mapping[str, str]
    fetch: Callable[..., Sequence[Any]]


CASES = Listed("/watch/cases", CASE_VIEWS, CASE_TITLES, oversight.cases)
TASKS = Listed("/watch/tasks", TASK_VIEWS, TASK_TITLES, oversight.tasks)


@ROUTER.get("/watch/cases")
def cases(visit: Seen) -> Response:
    """Cases, most urgent first, or the newest first where they are looked back on."""
    return show(visit, CASES)


@ROUTER.get("/watch/tasks")
def tasks(visit: Seen) -> Response:
    """Tasks of all departments within the walls, those due first first."""
    return show(visit, TASKS)


def show(visit: Visit, what: Listed, again: bulk.Again | None = None) -> Response:
    """Show a list as the address asks for it; once more where something was asked of many that could not be done."""
    chosen = Chosen.of(visit, what.views)
    with visit.desk() as seat:
        watcher(seat)
        today = today_of(seat)
        wanted = chosen.wanted(today)
        after = _after(visit, chosen.view)
        rows = what.fetch(seat.conn, reader(seat), wanted, after=after, limit=PAGE + 1)
        facts = choices(seat) | {"colleagues": _colleagues(seat, rows[:PAGE]) if what is TASKS else []}
    more = cursor(_place(chosen.view, rows[PAGE - 1])) if len(rows) > PAGE else None
    return page(
        visit,
        f"{what.path.removeprefix('/')}.html",
        status=422 if again else 200,
        chosen=chosen,
        address=visit.query,
        views=[(view, what.titles[view]) for view in what.views],
        heading=what.titles[chosen.view],
        back=chosen.view in BACK,
        since=wanted.first,
        until=wanted.last,
        rows=[shown(row, today) for row in rows[:PAGE]],
        more=more,
        cursor=after is not None,
        acts=_may_act(visit.actor),
        orders=_sends(visit.actor),
        typed={name: visit.text(name, usual) for name, usual in _TYPED.items()},
        **(again.shown(row.no for row in rows[:PAGE]) if again else bulk.NOTHING),
        **facts,
    )


def _colleagues(seat: Desk, rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Return who sits where all these tasks lie, to be handed them; nobody where they lie in several departments."""
    seats = {(row.department, row.region) for row in rows}
    if len({department for department, _ in seats}) != 1 or not _may_act(seat.actor):
        return []
    found = administration.officers(seat.conn, seats=sorted(seats), limit=_MOST_COLLEAGUES)
    return [(row["username"], _with_roles(row)) for row in found]


def _with_roles(row: Mapping[Any, Any]) -> str:
    return f"{row['name']}（{'、'.join(dict.fromkeys(str(label(Role, one['role'])) for one in row['members']))}）"


def _may_act(actor: Actor | None) -> bool:
    return actor is not None and actor.has(Role.MANAGER, Role.COORDINATOR)


def _sends(actor: Actor | None) -> bool:
    return actor is not None and actor.has(Role.MANAGER)


def _after(visit: Visit, view: str) -> list[Any] | None:
    """Return where the page begins; a place that is not ours is the beginning."""
    kinds: dict[str, tuple[type, ...]] = {"received": (int,)} | dict.fromkeys(
        ("oldest", "closed", "late", "decided"), (datetime, int)
    )
    try:
        return place_of(visit.request.query_params.get("cursor"), *kinds.get(view, (date, int)))
    except Invalid:
        return None


def _place(view: str, row: Any) -> list[Any]:
    if view == "received":
        return [row.id]
    moments = {"oldest": "received_at", "closed": "closed_at", "late": "closed_at", "decided": "decided_at"}
    if view in moments:
        return [getattr(row, moments[view]).isoformat(), row.id]
    return [(row.due_on or date.max).isoformat(), row.id]


def _begin(view: str, row: Any) -> list[Any]:
    """Return the place of a row as the store takes it."""
    kind = date if view not in ("received", "oldest", "closed", "late", "decided") else datetime
    place = _place(view, row)
    return place if len(place) == 1 else [kind.fromisoformat(place[0]), place[1]]


@ROUTER.get("/watch/cases.xlsx")
def export_cases(visit: Seen) -> Response:
    """The same cases as a spreadsheet."""
    return _export(visit, CASE_VIEWS, CASE_TITLES, oversight.cases, exports.CASES)


@ROUTER.get("/watch/tasks.xlsx")
def export_tasks(visit: Seen) -> Response:
    """The same tasks as a spreadsheet."""
    return _export(visit, TASK_VIEWS, TASK_TITLES, oversight.tasks, exports.TASKS)


def _export(
    visit: Visit, views: tuple[str, ...], titles: dict[str, str], fetch: Callable[..., Sequence[Any]], columns: Any
) -> Response:
    chosen = Chosen.of(visit, views)
    with visit.desk() as seat:
        watcher(seat)
        today, scope = today_of(seat), reader(seat)
        wanted = chosen.wanted(today)

        def fetched(after: Any, limit: int) -> Sequence[Any]:
            return fetch(seat.conn, scope, wanted, after=after, limit=limit)

        names = people.region_names(seat.conn)
        found = every(fetched, lambda row: _begin(chosen.view, row))
        rows = (shown(row, today) | {"region": names.get(row.region, row.region)} for row in found)
        title = titles[chosen.view]
        return workbook(f"{title}_{today:%Y%m%d}", [Sheet(title, columns, rows)])


@ROUTER.get("/watch/late")
def late(visit: Seen) -> Response:
    """What is late, by how much, whose; the longest overdue first."""
    return _limits(visit, "late")


@ROUTER.get("/watch/soon")
def soon(visit: Seen) -> Response:
    """What turns yellow or red in the next working days, the nearest first."""
    return _limits(visit, "soon")


def _limits(visit: Visit, which: str) -> Response:
    chosen = Chosen.of(visit, ("",))
    with visit.desk() as seat:
        watcher(seat)
        today = today_of(seat)
        try:
            after = place_of(visit.request.query_params.get("cursor"), date, int)
        except Invalid:
            after = None
        rows = _fetch(seat, which, chosen, after, PAGE + 1)
        facts = choices(seat) | {"rows": [limit_row(seat, row, today) for row in rows[:PAGE]]}
    day = "due_on" if which == "late" else "turns_on"
    more = cursor([rows[PAGE - 1][day].isoformat(), rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    heading = "超时未办结" if which == "late" else f"{AHEAD} 个工作日内将亮牌"
    return page(
        visit, "watch/limits.html", which=which, chosen=chosen, heading=heading, more=more, cursor=after is not None,
        orders=_sends(visit.actor), **facts,
    )  # fmt: skip


def _fetch(seat: Desk, which: str, chosen: Chosen, after: Any, limit: int) -> list[Any]:
    today = today_of(seat)
    narrow = {
        "region": chosen.region or None, "department": chosen.department or None, "matter": chosen.matter or None,
    }  # fmt: skip
    if which == "late":
        return breaches.late(seat.conn, reader(seat), seat.now, **narrow, after=after, limit=limit)
    horizon = calendar(seat.conn, chosen.region).add(today, AHEAD)
    return breaches.soon(seat.conn, reader(seat), today, horizon, **narrow, after=after, limit=limit)


@ROUTER.get("/watch/late.xlsx")
def export_late(visit: Seen) -> Response:
    """What is late as a spreadsheet."""
    return _export_limits(visit, "late", "超时未办结")


@ROUTER.get("/watch/soon.xlsx")
def export_soon(visit: Seen) -> Response:
    """What turns soon as a spreadsheet."""
    return _export_limits(visit, "soon", "即将亮牌")


def _export_limits(visit: Visit, which: str, title: str) -> Response:
    chosen = Chosen.of(visit, ("",))
    day = "due_on" if which == "late" else "turns_on"
    with visit.desk() as seat:
        watcher(seat)
        today = today_of(seat)

        def rows() -> Iterator[dict[str, Any]]:
            for row in every(
                lambda after, limit: _fetch(seat, which, chosen, after, limit), lambda row: [row[day], row["id"]]
            ):
                yield limit_row(seat, row, today)

        return workbook(f"{title}_{today:%Y%m%d}", [Sheet(title, exports.LIMITS[which], rows())])
