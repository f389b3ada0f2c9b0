"""The report (效能报表): a month or a quarter in numbers, print-ready for the joint meeting, or as a workbook.

平发〔2022〕22号 第7条第（二）项: the joint meeting (联席会议) hears each quarter how the offices do.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from api.arrival import reader
from api.frame import page
from api.kept import MANY, Kept, Told
from api.pages.watch import exports
from api.pages.watch.common import Chosen, choices, shown, title_of, today_of, watcher
from api.rows import label
from api.sheets import Column, Sheet, every, workbook
from api.visits import Seen, Visit
from flows.board import days_of_steps
from flows.measures import rates
from flows.projection import local_day
from flows.record import Desk
from flows.sla import months_after
from forms.scope import Scope
from forms.vocabulary import Department
from infra import clock
from infra.store import measures, oversight, people
from infra.store import supervision as store
from infra.store.oversight import Wanted

ROUTER = APIRouter()
LONGEST = timedelta(days=366)
_kept: Final[Kept[dict[str, Any]]] = Kept(60, lambda told: _weight(told["total"]))
AGAIN_SECONDS = 3
"""After so long a page whose report is still being counted asks again."""
SHOWN_LATE = 30
"""Late cases that the printed page names; the workbook holds all."""

MEASURES: Final[Mapping[str, tuple[str, str]]] = {
    "received": ("收件（件）", "count"),
    "closed": ("办结（件）", "count"),
    "on_time_rate": ("按期办结率", "share"),
    "late": ("超承诺时限办结（件）", "count"),
    "statutory_breach": ("超法定时限（项）", "count"),
    "deemed_acceptance_count": ("逾期视为受理（件）", "count"),
    "average_working_days": ("平均办理工作日", "number"),
    "compression": ("时限压缩率", "share"),
    "first_pass_rate": ("一次办成率（无补正）", "share"),
    "supplement_rounds_over_one": ("多次补正（件）", "count"),
    "pause_share": ("暂停占比", "share"),
    "extension_rate": ("延期率", "share"),
    "returned_dispatch_rate": ("退回分办率", "share"),
    "returned_dispatch_hours": ("退回再分办（小时）", "number"),
    "auto_verified_share": ("共享数据核验率", "share"),
    "online_share": ("网上申请率", "share"),
    "instant_share": ("即办率", "share"),
    "materials_per_case": ("每件自带材料（份）", "number"),
    "trips_per_case": ("每件跑动（次）", "number"),
    "rated": ("评价（件）", "count"),
    "bad_rating_rate": ("差评率", "share"),
    "contacted_in_time_rate": ("差评一日内联系率", "share"),
    "rectified_in_time_rate": ("差评按期整改率", "share"),
    "called_back_rate": ("差评回访率", "share"),
    "unpaid": ("核定未拨付（件）", "count"),
    "unpaid_days": ("未拨付平均工作日", "number"),
    "unpaid_longest": ("未拨付最长工作日", "count"),
}
"""Measure → its title, and whether it is a count, a number or a share."""

BRIEF = ("received", "closed", "on_time_rate", "late", "statutory_breach", "average_working_days", "first_pass_rate",
         "pause_share", "returned_dispatch_rate", "bad_rating_rate")  # fmt: skip
"""What the tables by department, matter and region show."""
STEPS = (
    ("事项", 18, "matter_title"),
    ("步骤", 20, "title"),
    ("部门", 24, "department_label"),
    ("办毕", 8, "decided"),
    ("等待签收", 10, "waiting"),
    ("办理", 10, "working"),
    ("暂停", 10, "paused"),
    ("合计工作日", 12, "days"),
)
ACCOUNT = (("部门", 24, "department"), ("区划", 14, "region"), ("本季红牌", 10, "cards"), ("措施", 24, "measure"))
CUTS = {"department": "牵头部门", "matter": "事项", "region": "区划"}
MORE_CUTS = {"month": "月份", "officer": "批准人", "window": "收件人"}
"""Cuts that only the workbook has."""


def _span(chosen: Chosen, today: date) -> tuple[date, date]:
    """Return the days reported on: the last whole month unless others are named; a year at most."""
    last_month = today.replace(day=1) - timedelta(days=1)
    first, last = chosen.days(today)
    if not chosen.first and not chosen.last:
        return last_month.replace(day=1), last_month
    if last < first:
        first, last = last, first
    return max(first, last - LONGEST), last


def _presets(today: date) -> list[tuple[str, date, date]]:
    month = today.replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    before = (quarter - timedelta(days=1)).replace(day=1)
    before = date(before.year, (before.month - 1) // 3 * 3 + 1, 1)
    return [
        ("上月", (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
        ("本月", month, today),
        ("上季度", before, quarter - timedelta(days=1)),
        ("本季度", quarter, today),
    ]


@ROUTER.get("/watch/report")
def report(visit: Seen) -> Response:
    """The report as a page to read and to print."""
    chosen = Chosen.of(visit, ("",))
    with visit.desk() as seat:
        watcher(seat)
        today = today_of(seat)
        first, last = _span(chosen, today)
        ask = _kept.peek if _many(seat, chosen, first, last) else _kept.get
        found = ask(visit.engine, seat.conn, *_question(seat, chosen, first, last))
        told = _shown(seat, found) if found is not None else None
        facts = choices(seat)
    return page(
        visit, "watch/report.html", chosen=chosen, first=first, last=last, today=today, presets=_presets(today),
        measures=MEASURES, brief=[(name, *MEASURES[name]) for name in BRIEF], again=AGAIN_SECONDS, told=told,
        **(told or {}), **facts,
    )  # fmt: skip


def _many(seat: Desk, chosen: Chosen, first: date, last: date) -> bool:
    """Whether so much happened in the period that nobody is to wait for its report."""
    return measures.heavy(seat.conn, reader(seat), first, last, matter=chosen.matter or None, many=MANY)


def _any(row: Mapping[str, Any]) -> bool:
    """Whether anything happened under a cut that the report shows."""
    return any(row.get(name) for name in ("received", "closed", "statutory_breach", "rated", "unpaid"))


def _weight(total: Mapping[str, Any] | None) -> int:
    return int(total["received"] + total["closed"]) if total else 0


def _question(
    seat: Desk, chosen: Chosen, first: date, last: date
) -> tuple[Hashable, Callable[[Connection], dict[str, Any]]]:
    """Return what the report is kept under, for everybody with the same walls, and how it is counted."""
    scope, now = reader(seat), seat.now
    key = (scope, chosen.matter, first, last, today_of(seat))
    return key, lambda conn: _told(conn, now, scope, chosen, first, last)


def _shown(seat: Desk, told: Told[dict[str, Any]]) -> dict[str, Any]:
    """Return what the report tells, and of what moment it is."""
    return {**told.value, "counted": seat.now - (clock.machine() - told.at)}


def _told(conn: Connection, now: datetime, scope: Scope, chosen: Chosen, first: date, last: date) -> dict[str, Any]:
    today, matter = local_day(now), chosen.matter or None
    told = rates(conn, scope, first, last, now, cuts=(None, *CUTS), matter=matter)
    late = oversight.cases(
        conn, scope, Wanted(today, "late", matter=matter, first=first, last=last), limit=SHOWN_LATE + 1
    )
    steps = days_of_steps(conn, scope, first, last, matter=matter)
    return {
        "total": next(iter(told[None]), None),
        "cuts": [_cut(conn, by, told[by]) for by in CUTS],
        "steps": [
            {**row, "matter_title": title_of(row["matter"]), "department_label": label(Department, row["department"])}
            for row in steps
        ],
        "account": _account(conn, scope, last),
        "late_cases": [shown(row, today) for row in late[:SHOWN_LATE]],
        "more_late": len(late) > SHOWN_LATE,
    }


def _account(conn: Connection, scope: Scope, last: date) -> dict[str, Any]:
    """Return who is called to account for the quarter of a day (问责清单), computed from the cards that stand.

    The first breach of a department in a quarter is talked over with its head (约谈), from the second on it is on the
    list for the leading group (泰政办发〔2022〕58号).
    """
    begins = date(last.year, (last.month - 1) // 3 * 3 + 1, 1)
    behind = months_after(begins, 3)
    since, before = (datetime.combine(day, time.min, clock.SHANGHAI) for day in (begins, behind))
    names = people.region_names(conn)
    rows = [
        {
            "department": label(Department, row["department"]),
            "region": names.get(row["region"], row["region"]),
            "cards": row["cards"],
            "measure": "约谈" if row["cards"] == 1 else "列入报领导小组名单",
        }
        for row in store.called_to_account(conn, scope, since, before)
    ]
    return {"begins": begins, "ends": behind - timedelta(days=1), "rows": rows}


def _cut(conn: Connection, by: str, told: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Return what a cut is called, and its rows where anything happened."""
    rows = [row for row in told if _any(row)]
    names: Mapping[str, Any] = {}
    if by == "region":
        names = people.region_names(conn)
    elif by in ("officer", "window"):
        names = people.names(conn, [row["cut"] for row in rows])
    elif by == "department":
        names = {one.value: one.label for one in Department}
    elif by == "matter":
        names = {row["cut"]: title_of(row["cut"]) for row in rows}
    return (CUTS | MORE_CUTS)[by], [{**row, "title": names.get(row["cut"], row["cut"] or "无")} for row in rows]


@ROUTER.get("/watch/report.xlsx")
def export(visit: Seen) -> Response:
    """The report as a workbook, every measure in every cut, all late cases by name."""
    chosen = Chosen.of(visit, ("",))
    with visit.desk() as seat:
        watcher(seat)
        scope, today = reader(seat), today_of(seat)
        first, last = _span(chosen, today)
        told = _shown(seat, _kept.get(visit.engine, seat.conn, *_question(seat, chosen, first, last)))
        wanted = Wanted(today, "late", matter=chosen.matter or None, first=first, last=last)
        late = every(
            lambda after, limit: oversight.cases(seat.conn, scope, wanted, after=after, limit=limit),
            lambda row: [row.closed_at, row.id],
        )
        above = (f"人才服务一件事效能报表 {first} 至 {last}", f"{visit.actor.name if visit.actor else ''} {today} 导出")
        more = rates(seat.conn, scope, first, last, seat.now, cuts=tuple(MORE_CUTS), matter=chosen.matter or None)
        told = {**told, "cuts": [*told["cuts"], *(_cut(seat.conn, by, more[by]) for by in MORE_CUTS)]}
        return workbook(_name(visit, first, last), _sheets(told, (shown(row, today) for row in late), above))


def _name(visit: Visit, first: date, last: date) -> str:
    return f"效能报表_{first:%Y%m%d}-{last:%Y%m%d}"


def _of(name: str) -> Callable[[Any], Any]:
    return lambda row: row.get(name)


def _sheets(told: Mapping[str, Any], late: Any, above: tuple[str, ...]) -> list[Sheet]:
    total = told["total"] or {}
    measured = [(title, total.get(name)) for name, (title, _) in MEASURES.items() if name in total]
    sheets = [
        Sheet("总体", (Column("指标", 28, lambda row: row[0]), Column("数值", 14, lambda row: row[1])), measured, above)
    ]
    for title, rows in told["cuts"]:
        known = [name for name in MEASURES if any(name in row for row in rows)]
        columns = [Column(title, 26, lambda row: row["title"])]
        columns += [Column(MEASURES[name][0], 13, _of(name)) for name in known]
        sheets.append(Sheet(f"按{title}", columns, rows))
    sheets.append(Sheet("步骤用时", [Column(t, wide, _of(key)) for t, wide, key in STEPS], told["steps"]))
    sheets.append(Sheet("约谈和通报", [Column(t, wide, _of(key)) for t, wide, key in ACCOUNT], told["account"]["rows"]))
    sheets.append(Sheet("超期办结", exports.CASES, late))
    return sheets
