"""Measures (效能指标): rates of a period, cut by department, matter, region or month, within one's walls."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from api.arrival import reader
from api.calls import Asked, allowed, sent
from api.kept import Kept
from api.parameters import Short
from api.rows import label, moment
from flows.measures import measure
from flows.projection import local_day
from flows.registry import matters
from forms.errors import Invalid
from forms.vocabulary import Department
from infra import clock
from infra.store import people
from infra.store.period import CUTS

ROUTER = APIRouter(prefix="/api/v1/measures", tags=["看板"])
USUAL = timedelta(days=30)
_kept: Final[Kept[dict[str, Any]]] = Kept(
    60.0, lambda found: sum(row["received"] + row["closed"] for row in found["items"])
)
LONGEST = timedelta(days=366)


@ROUTER.get("", operation_id="read_measures", summary="效能指标")
def read_measures(
    call: Asked,
    first: Annotated[date | None, Query(alias="from", title="起（含），不填为三十天前")] = None,
    last: Annotated[date | None, Query(alias="to", title="止（含），不填为今天")] = None,
    by: Annotated[str | None, Query(max_length=20, title="按部门、事项、区划、月份、周、经办人或者窗口人员")] = None,
    matter: Short = None,
) -> Response:
    """Every measure for each value of the cut; a rate of nothing is null; `at` is when it was counted.

    Over very many cases it is counted once a minute, over few for every call.
    """
    if by is not None and by not in CUTS:
        raise Invalid.one("?by", f"应为{'、'.join(CUTS)}之一", "choice")
    with call.desk() as seat:
        allowed(seat, "read-measures")
        today = local_day(seat.now)
        until = last or today
        since = first or until - USUAL
        if not timedelta(0) <= until - since <= LONGEST:
            raise Invalid.one("?from", "统计期间应先起后止，不超过一年", "order")
        scope = reader(seat)
        told = _kept.get(
            call.engine, seat.conn, (scope, since, until, today, by, matter),
            lambda conn: measure(conn, scope, since, until, seat.now, by=by, matter=matter),
        )  # fmt: skip
        at, found = seat.now - (clock.machine() - told.at), copy.deepcopy(told.value)
        officers = by in ("officer", "window")
        names = people.names(seat.conn, [row["cut"] for row in found["items"]]) if officers else {}
    for row in found["items"]:
        row["cut_label"] = names.get(row["cut"], "无") if officers else _label(by, row["cut"])
    for row in found["steps"]:
        row["department_label"] = label(Department, row["department"])
    return sent({"from": since.isoformat(), "to": until.isoformat(), "by": by, "at": moment(at), **found})


def _label(by: str | None, cut: str) -> Any:
    if by == "department":
        return label(Department, cut)
    if by == "matter":
        known = matters().get(cut)
        return known.title if known is not None else cut
    return cut or "合计"
