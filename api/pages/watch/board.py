"""The board (督办看板): what is late and whose, what will be soon, where days go; every number opens its list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from api.arrival import reader
from api.drawing import DARK, PALE, WARN, Series, columns, shares, stacked
from api.frame import page
from api.kept import Kept, Told
from api.pages.watch import common
from api.pages.watch.common import Chosen, choices, title_of, today_of, watcher
from api.pages.watch.rows import limit_row
from api.pages.watch.standing import Lights, lights
from api.rows import SHANGHAI, label
from api.visits import Seen, Visit
from flows import board as weighing
from flows.record import Desk
from flows.registry import matters
from forms.errors import NotFound
from forms.scope import Scope
from forms.vocabulary import Department
from infra import clock
from infra.calendar import calendar
from infra.store import breaches, oversight
from infra.store import supervision as cards
from infra.store.oversight import Wanted

ROUTER = APIRouter()
AHEAD = 5
"""Working days ahead for which the board tells what will turn."""
TOP = 10
AGAIN_SECONDS = 3
"""After so long an open page asks again, where it shows numbers that acts have overtaken."""
_kept: Final[Kept[dict[str, Any]]] = Kept(
    60, lambda told: sum(row["received"] + row["closed"] for row in told["weeks"])
)


@ROUTER.get("/watch")
def board(visit: Seen) -> Response:
    """What a manager sees at a glance."""
    with visit.desk() as seat:
        watcher(seat)
        scope, today = reader(seat), today_of(seat)
        chosen = Chosen.of(visit, ("",))
        wanted = chosen.wanted(today)
        told = lights(visit.engine, seat, scope, wanted)
        past = _slow(visit, seat, scope, wanted, wait=not told.kept)
        facts = {
            "chosen": chosen,
            "today": today,
            **choices(seat),
            **_standing(seat, scope, wanted, told),
            **_ahead(seat, scope, wanted),
            "past": _charts(past.value, told.value.steps) if past is not None else None,
            "counted": _clock(seat, told.at),
            "looked_back": _clock(seat, past.at) if past is not None else "",
            "again": AGAIN_SECONDS if past is None or not told.fresh else 0,
        }
    return page(visit, "watch/board.html", **facts)


def _clock(seat: Desk, at: datetime) -> str:
    """Write a moment of the machine's as the clock of the desk showed it."""
    return (seat.now - (clock.machine() - at)).astimezone(SHANGHAI).strftime("%H:%M:%S")


@ROUTER.get("/watch/charts/{name}.svg")
def chart(name: str, visit: Seen) -> Response:
    """One chart of the board as a file, to be put into a report."""
    with visit.desk() as seat:
        watcher(seat)
        scope, wanted = reader(seat), Chosen.of(visit, ("",)).wanted(today_of(seat))
        told = lights(visit.engine, seat, scope, wanted)
        past = _slow(visit, seat, scope, wanted, wait=True)
        drawn = _charts(past.value, told.value.steps)["charts"] if past is not None else {}
    if name not in drawn:
        raise NotFound
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "private, max-age=30"}
    return Response(drawn[name], media_type="image/svg+xml", headers=headers)


def _standing(seat: Desk, scope: Scope, wanted: Wanted, told: Told[Lights]) -> dict[str, Any]:
    """Return the lights by matter and by department, their sums, and what awaits an answer."""
    cases: dict[str, dict[str, int]] = defaultdict(dict)
    departments: dict[str, dict[str, int]] = defaultdict(dict)
    for (matter, light), count in told.value.cases.items():
        cases[matter][light] = count
    for (department, light), count in told.value.tasks.items():
        departments[department][light] = count
    waiting = told.value.waiting
    by_matter = [
        {"key": key, "title": title_of(key), "lights": _filled(cases.get(key, {})), "undelivered": waiting.get(key, 0)}
        for key in sorted({*cases, *waiting}, key=_as_listed)
    ]
    by_department = [
        {"key": one.value, "title": one.label, "lights": _filled(departments[one.value])}
        for one in Department
        if one.value in departments
    ]
    return {
        "by_matter": by_matter,
        "by_department": by_department,
        "lights_shown": [(code, common.LIGHTS[code]) for code in common.ORDER],
        "sums": {
            "cases": _sum(by_matter),
            "tasks": _sum(by_department),
            "undelivered": sum(waiting.values()),
        },
        "awaiting": cards.awaiting(seat.conn, scope, wanted.today),
        "bad_ratings": oversight.bad_ratings(seat.conn, scope, seat.now),
    }


def _as_listed(matter: str) -> tuple[int, str]:
    known = list(matters())
    return (known.index(matter) if matter in known else len(known), matter)


def _sum(rows: list[dict[str, Any]]) -> dict[str, int]:
    found = {light: sum(row["lights"][light] for row in rows) for light in common.ORDER}
    return {**found, "all": sum(found.values())}


def _filled(lights: dict[str, int]) -> dict[str, int]:
    return {light: lights.get(light, 0) for light in common.ORDER}


def _ahead(seat: Desk, scope: Scope, wanted: Wanted) -> dict[str, Any]:
    """Return what turns yellow or red in the next days, and the oldest that are still open."""
    horizon = calendar(seat.conn, wanted.region or "").add(wanted.today, AHEAD)
    narrow = {"region": wanted.region, "matter": wanted.matter}
    soon = breaches.soon(seat.conn, scope, wanted.today, horizon, **narrow, limit=TOP)
    oldest = oversight.cases(seat.conn, scope, Wanted(wanted.today, "oldest", wanted.region, wanted.matter), limit=TOP)
    return {
        "horizon": horizon,
        "soon": [limit_row(seat, row, wanted.today) for row in soon],
        "oldest": [common.shown(row, wanted.today) for row in oldest],
    }


def _slow(visit: Visit, seat: Desk, scope: Scope, wanted: Wanted, *, wait: bool) -> Told[dict[str, Any]] | None:
    """Return what looks back on weeks, kept for a minute for everybody with the same walls.

    Without `wait` nobody waits for a count over very many cases: None until it has been made in the background.
    """
    if wanted.region:
        scope = _in_region(scope, wanted.region)
    key = (scope, wanted.matter, wanted.first, wanted.last, wanted.today)
    ask = _kept.get if wait else _kept.peek
    return ask(visit.engine, seat.conn, key, lambda conn: _weighed(conn, scope, wanted))


def _in_region(scope: Scope, region: str) -> Scope:
    """Return the part of a scope that lies in a region."""
    whole = scope.everything or region in scope.regions
    return Scope(
        regions=frozenset({region}) if whole else frozenset(),
        leads=frozenset(type(one)(one.department, region) for one in scope.leads if one.region in ("*", region)),
    )


def _weighed(conn: Connection, scope: Scope, wanted: Wanted) -> dict[str, Any]:
    leads = weighing.on_time(conn, scope, wanted.first, wanted.last, matter=wanted.matter)
    return {
        "weeks": weighing.weeks(conn, scope, wanted.today, matter=wanted.matter),
        "by_lead": [{**row, "title": label(Department, row["cut"])} for row in leads],
        "decided": weighing.days_of_steps(conn, scope, wanted.first, wanted.last, matter=wanted.matter),
        "since": wanted.first,
        "until": wanted.last,
    }


def _steps(decided: list[dict[str, Any]], now: Mapping[tuple[str, str, str], tuple[int, int]]) -> list[dict[str, Any]]:
    """Return where days were spent, the slowest step first, with what is in hand there now."""
    found = []
    for row in decided:
        in_hand, unclaimed = now.get((row["matter"], row["step"], row["department"]), (0, 0))
        words = {"matter_title": title_of(row["matter"]), "department_label": label(Department, row["department"])}
        found.append({**row, **words, "in_hand": in_hand, "unclaimed": unclaimed})
    return sorted(found, key=lambda row: -row["days"])


def _charts(told: dict[str, Any], now: Mapping[tuple[str, str, str], tuple[int, int]]) -> dict[str, Any]:
    """Return the charts with the numbers they are drawn from."""
    told = {**told, "steps": _steps(told["decided"], now)}
    weeks = told["weeks"]
    rate = [row["on_time_rate"] if row["on_time_rate"] is not None else -1 for row in weeks]
    trend = columns(
        "近十二周收件、办结件数和按期办结率",
        [_short(row["first"]) for row in weeks],
        [
            Series("收件", [row["received"] for row in weeks], PALE),
            Series("办结", [row["closed"] for row in weeks], DARK),
        ],
        line=Series("按期办结率", rate, WARN),
    )
    leads = told["by_lead"]
    on_time = shares(
        "各牵头部门按期办结率",
        [(row["title"], row["on_time_rate"], _of(row["closed"] - row["late"], row["closed"])) for row in leads],
    )
    slow = told["steps"][:12]
    days = stacked(
        "平均用时最长的步骤",
        [(f"{row['matter_title']}·{row['title']}", (row["waiting"], row["working"], row["paused"])) for row in slow],
        ("等待签收", "办理", "暂停"),
    )
    return {**told, "charts": {"weeks": trend, "on-time": on_time, "steps": days}}


def _of(part: int, whole: int) -> str:
    return f"{part}/{whole} 件"


def _short(day: date) -> str:
    return f"{day.month}-{day.day}"
