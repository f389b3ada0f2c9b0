"""A period of measuring (统计期间): which days, within whose walls, cut how, by which calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    Interval,
    Label,
    Select,
    Table,
    Text,
    and_,
    cast,
    column,
    func,
    literal,
    select,
    tuple_,
    values,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from forms.scope import Scope
from infra.store.scoped import cases_within, tasks_within
from infra.store.work import APPLICATIONS, CASES, TASKS

CUTS = ("department", "matter", "region", "month", "week", "officer", "window")
Cut = str | None
"""By what is cut, None for the whole."""
Found = Sequence[Mapping[str, Any]]
"""Rows of counts, with the cut (`by`) and its value (`cut`)."""
AHEAD = timedelta(hours=8)
_DECIDER = TASKS.alias("decider")


@dataclass(frozen=True)
class Period:
    """What is asked: closed days `first` to `last`, in what cuts, by which calendars (region → working days)."""

    scope: Scope
    first: date
    last: date
    cuts: tuple[Cut, ...]
    calendars: Mapping[str, Sequence[date]]
    matter: str | None = None

    @cached_property
    def workdays(self) -> Any:
        """The calendars as a table."""
        table = values(column("region", Text), column("days", ARRAY(Date)), name="workdays")
        return table.data([(region, list(days)) for region, days in self.calendars.items()])

    def between(self, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the working days after `start` up to and including `end`."""
        days = self.workdays.c.days
        return func.width_bucket(end, days, type_=Integer) - func.width_bucket(start, days, type_=Integer)

    def within(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a day lies in the period."""
        return day.between(self.first, self.last)

    def during(self, moment: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a moment lies in the period, said so that an index on the moment serves."""
        return within_days(moment, self.first, self.last)

    def cut(self, moment: ColumnElement[Any], department: Any = CASES.c.lead) -> list[Label[Any]]:
        """Return what the rows are grouped by, a column for each cut; `grouped` finds them by their names."""
        local = in_china(moment)
        found: dict[Cut, ColumnElement[Any]] = {
            None: literal(""),
            "department": department,
            "matter": CASES.c.matter,
            "region": CASES.c.region,
            "month": func.to_char(local, literal("YYYY-MM")),
            "week": func.to_char(local, literal('IYYY"-W"IW')),
            "officer": _key_of(
                select(func.max(_DECIDER.c.officer_id)).where(_DECIDER.c.case_id == CASES.c.id, _DECIDER.c.decides)
            ),
            "window": _key_of(
                select(APPLICATIONS.c.created_by).where(APPLICATIONS.c.id == CASES.c.application_id).correlate(CASES)
            ),
        }
        return [found[by].label(name) for name, by in self._named.items()]

    @cached_property
    def _named(self) -> dict[str, Cut]:
        return {f"cut_{number}": by for number, by in enumerate(self.cuts)}

    def grouped(self, conn: Connection, rows: FromClause, *counts: Label[Any], within: Sequence[Any] = ()) -> Found:
        """Return the counts of rows that have the columns of `cut`, in every cut; the rows are read once for all.

        What is counted `within` is grouped by that besides, in each cut.
        """
        cuts = [rows.c[name] for name in self._named]
        if len(cuts) == 1:
            query = select(literal(0).label("others"), cuts[0].label("cut"), *counts).group_by(cuts[0], *within)
        else:  # in each set the other cuts are null
            query = select(func.grouping(*cuts).label("others"), func.coalesce(*cuts).label("cut"), *counts).group_by(
                func.grouping_sets(*(tuple_(cut, *within) for cut in cuts))
            )
        found = conn.execute(query.order_by(column("others"), column("cut"))).mappings()
        return [{"by": self._by(row["others"]), **row} for row in found]

    def _by(self, others: int) -> Cut:
        """Return the cut of a row from the cuts it is not grouped by: a bit for each, the first cut's the highest."""
        own = others ^ ((1 << len(self.cuts)) - 1)
        return self.cuts[len(self.cuts) - own.bit_length()]

    def cases(self) -> ColumnElement[bool]:
        """Return the condition of walls and matter on cases."""
        return and_(cases_within(self.scope), self.of_matter(CASES))

    def tasks(self) -> ColumnElement[bool]:
        """Return the condition of walls and matter on tasks joined to cases."""
        return and_(tasks_within(self.scope), self.of_matter(CASES))

    def of_matter(self, table: Table) -> ColumnElement[bool]:
        """Return the condition of the matter on cases or tasks."""
        return table.c.matter == self.matter if self.matter is not None else literal(value=True)


def _key_of(who: Select[Any]) -> ColumnElement[Any]:
    """Return an officer's key as the text of a cut: who decided a case, who took it in; "" where nobody did."""
    return func.coalesce(who.correlate(CASES).scalar_subquery().cast(Text), literal(""))


def in_china(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the time on China's clocks of a moment since 1992: eight hours ahead, without summer time since then.

    A zone that is told by its name is looked up for every row, which costs more than all else that is asked of it.
    """
    return func.timezone(literal(AHEAD, Interval), moment)


def day_of(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day in China of a moment."""
    return in_china(moment).cast(Date)


def within_days(moment: ColumnElement[Any], first: date, last: date) -> ColumnElement[bool]:
    """Return the condition that a moment lies in days of China, said so that an index on the moment serves."""
    begins = func.timezone("Asia/Shanghai", cast(literal(first), Date).cast(TIMESTAMP()))
    ends = func.timezone("Asia/Shanghai", (cast(literal(last), Date) + 1).cast(TIMESTAMP()))
    return and_(moment >= begins, moment < ends)
