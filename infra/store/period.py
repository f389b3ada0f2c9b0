"""A period of measuring (统计期间): which days, within whose walls, cut how, by which calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    cast,
    column,
    func,
    literal,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from forms.scope import Scope
from infra.store.scoped import cases_within, tasks_within
from infra.store.work import APPLICATIONS, CASES, TASKS

CUTS = ("department", "matter", "region", "month", "week", "officer", "window")
_DECIDER = TASKS.alias("decider")


@dataclass(frozen=True)
class Period:
    """What is asked: closed days `first` to `last`, in what cut, by which calendars (region → working days)."""

    scope: Scope
    first: date
    last: date
    by: str | None
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

    def cut(self, moment: ColumnElement[Any], department: Any = CASES.c.lead) -> ColumnElement[Any]:
        """Return what the rows are grouped by."""
        local = func.timezone("Asia/Shanghai", moment)
        found: dict[str | None, ColumnElement[Any]] = {
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
        return found.get(self.by, literal("")).label("cut")

    def cases(self) -> ColumnElement[bool]:
        """Return the condition of walls and matter on cases."""
        return and_(cases_within(self.scope), self._matter())

    def tasks(self) -> ColumnElement[bool]:
        """Return the condition of walls and matter on tasks joined to cases."""
        return and_(tasks_within(self.scope), self._matter())

    def _matter(self) -> ColumnElement[bool]:
        return CASES.c.matter == self.matter if self.matter is not None else literal(value=True)


def _key_of(who: Select[Any]) -> ColumnElement[Any]:
    """Return an officer's key as the text of a cut: who decided a case, who took it in; "" where nobody did."""
    return func.coalesce(who.correlate(CASES).scalar_subquery().cast(Text), literal(""))


def day_of(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day in China of a moment."""
    return func.timezone("Asia/Shanghai", moment).cast(Date)


def within_days(moment: ColumnElement[Any], first: date, last: date) -> ColumnElement[bool]:
    """Return the condition that a moment lies in days of China, said so that an index on the moment serves."""
    begins = func.timezone("Asia/Shanghai", cast(literal(first), Date).cast(TIMESTAMP()))
    ends = func.timezone("Asia/Shanghai", (cast(literal(last), Date) + 1).cast(TIMESTAMP()))
    return and_(moment >= begins, moment < ends)
