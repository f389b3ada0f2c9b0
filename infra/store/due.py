"""Pages in the order of due days (按到期日分页): those due first first, what stands still and has no due day last.

Filters meet rows that lie anywhere in that order. So that a page does not walk past all the others, an index that
covers the filters is asked first on which days there are how many, and only the days of the page are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, or_, select, tuple_

Place = Sequence[Any]
"""Where a row stands: its due day, `date.max` for none, and its key."""


def page(
    conn: Connection,
    query: Select[Any],
    table: Table,
    *,
    after: Place | None,
    limit: int,
    covered: ColumnElement[bool] | None = None,
) -> list[Row[Any]]:
    """Return the rows of a query over `table` that come after a place.

    `covered` are the conditions of the query where an index alone answers them; None has the order of the due days
    walked.
    """
    day, key = table.c.due_on, table.c.id
    query = query.order_by(day, key)  # of the undated too: the index is in that order
    days = _days(conn, table, covered, after, limit) if covered is not None else ALL_DAYS
    rows: list[Row[Any]] = []
    if (after is None or after[0] != date.max) and days.first <= days.last:
        dated = query.where(day.between(days.first, days.last) if covered is not None else day.is_not(None))
        if after is not None:
            dated = dated.where(tuple_(day, key) > tuple(after))
        rows += conn.execute(dated.limit(limit)).all()
    if len(rows) < limit and days.more:  # somebody has acted between the two questions
        return page(conn, query, table, after=after, limit=limit)
    if len(rows) < limit and days.undated:
        undated = query.where(day.is_(None))
        if after is not None and after[0] == date.max:
            undated = undated.where(key > after[1])
        rows += conn.execute(undated.limit(limit - len(rows))).all()
    return rows


class Days(NamedTuple):
    """The days of a page, the first after the last where it has none, and what follows: more days, rows without one."""

    first: date
    last: date
    more: bool
    undated: bool


ALL_DAYS = Days(date.min, date.max, more=False, undated=True)


def _days(conn: Connection, table: Table, covered: ColumnElement[bool], after: Place | None, limit: int) -> Days:
    """Ask the index which days a page covers."""
    day = table.c.due_on
    query = select(day, func.count()).where(covered)
    if after is not None:
        query = query.where(or_(day >= after[0], day.is_(None)))
    first, last, many = date.max, date.min, 0
    for found, count in conn.execute(query.group_by(day).order_by(day)):
        if found is None:
            return Days(first, last, more=False, undated=True)
        first, last = min(first, found), found
        # of the day on which the page begins, some were on the page before
        many += count if after is None or found > after[0] else 0
        if many >= limit:
            return Days(first, last, more=True, undated=True)
    return Days(first, last, more=False, undated=False)
