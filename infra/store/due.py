"""Pages in the order of due days (按到期日分页): those due first first, what stands still and has no due day last.

Filters meet rows that lie anywhere in that order. So that a page does not walk past all the others, an index that
covers the filters is asked first on which days there are how many, and only the days of the page are read. The tasks in
hand have no index in that order across offices at all: one more to write would cost every act and every new calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

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
    whole: bool = False,
) -> list[Row[Any]]:
    """Return the rows of a query over `table` that come after a place.

    `covered` are those of its conditions that an index alone answers, the more the better; with None the rows are
    walked in the order of their due days. Where they are the `whole` of its conditions, the index says which rows the
    page has, and only those are looked at.
    """
    day, key = table.c.due_on, table.c.id
    query = query.order_by(day, key)  # the undated too: the index is in that order
    begun_at = after[0] if after is not None else date.min
    later = [tuple_(day, key) > tuple(after)] if after is not None else []
    undated = [day.is_(None), *([key > after[1]] if after is not None and begun_at == date.max else [])]
    if covered is None:
        stretches = [undated] if begun_at == date.max else [[day.is_not(None), *later], undated]
    else:
        counts = _counts(conn, table, covered, begun_at)
        stretches = [[day.between(*days), *later] for days in _stretches(counts, begun_at, limit)]
        stretches += [undated] if None in counts else []
    rows: list[Row[Any]] = []
    for stretch in stretches:
        found, left = query.where(*stretch), limit - len(rows)
        if covered is not None and whole:
            keys = conn.execute(select(key).where(covered, *stretch).order_by(day, key).limit(left)).scalars()
            found = query.where(key.in_(keys.all()))
        rows += conn.execute(found.limit(left)).all()
        if len(rows) >= limit:
            break
    return rows


def _counts(conn: Connection, table: Table, covered: ColumnElement[bool], begun_at: date) -> dict[date | None, int]:
    """Ask the index how many rows are due on each day, and whether there are some without one."""
    day = table.c.due_on
    query = select(day, func.count()).where(covered, or_(day >= begun_at, day.is_(None)))
    return {row[0]: int(row[1]) for row in conn.execute(query.group_by(day).order_by(day))}


def _stretches(counts: Mapping[date | None, int], begun_at: date, limit: int) -> Iterator[tuple[date, date]]:
    """Yield stretches of days: the first holds a page, each further one more, should its rows not all be wanted."""
    first, held, wanted = None, 0, limit
    for day, many in counts.items():
        if day is None:
            continue
        first = first or day
        held += many if day > begun_at else 0  # of the day on which a page begins, some were on the page before
        if held >= wanted:
            yield first, day
            first, held, wanted = None, 0, wanted * GROWTH
    if first is not None:
        yield first, max(day for day in counts if day is not None)


GROWTH = 4
"""How many times more rows each further stretch of days holds."""
