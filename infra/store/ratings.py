"""Ratings (好差评): written once per event, followed up under the lock of their case, listed within the walls.

Until when a bad one is to be contacted stands with its limit alone (`limits`), which moves with the calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    ScalarSelect,
    Select,
    Time,
    and_,
    cast,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)

from forms.scope import Scope
from forms.vocabulary import RatingState
from infra.clock import SHANGHAI
from infra.store.dossier import EVENTS
from infra.store.limits import LIMITS
from infra.store.period import Found, Period, day_of
from infra.store.scoped import cases_within, places_within
from infra.store.work import CASES, table
from infra.tables import Rating

RATINGS = table(Rating)
_END_OF_DAY = time(23, 59, 59)
CONTACT_DUE: ScalarSelect[datetime] = (
    select(func.coalesce(LIMITS.c.due_at, func.timezone("Asia/Shanghai", LIMITS.c.due_on + literal(_END_OF_DAY, Time))))
    .where(LIMITS.c.case_id == RATINGS.c.case_id, LIMITS.c.clock == "rating", LIMITS.c.runs.in_(("hours", "workdays")))
    .correlate(RATINGS)
    .scalar_subquery()
)
"""The last moment at which a bad rating is contacted in time; the end of the day where its limit is one in days."""

BAD = RATINGS.c.state != RatingState.GOOD.value
_SETTLED = (RatingState.GOOD, RatingState.CLOSED, RatingState.EXCLUDED)
FOLLOWED = tuple(state.value for state in RatingState if state not in _SETTLED)
"""The states of a bad rating that is being followed up."""
_CASE = (CASES.c.no.label("case_no"), CASES.c.title.label("case_title"), CONTACT_DUE.label("contact_due"))


def add(conn: Connection, values: dict[str, Any]) -> int:
    """Note a rating and return its key."""
    return int(conn.execute(insert(RATINGS).values(**values).returning(RATINGS.c.id)).scalar_one())


def change(conn: Connection, key: int, before: str, **values: Any) -> bool:
    """Change a rating that stands as `before` says; False where somebody else was first."""
    query = update(RATINGS).where(RATINGS.c.id == key, RATINGS.c.state == before)
    return conn.execute(query.values(version=RATINGS.c.version + 1, **values)).rowcount == 1


def of_case(conn: Connection, case_id: int) -> RowMapping | None:
    """Return the rating of how a case was handled, None where there is none."""
    return conn.execute(select(RATINGS).where(RATINGS.c.case_id == case_id)).mappings().first()


def one(conn: Connection, scope: Scope, key: int) -> RowMapping | None:
    """Return a rating, None where it is not there or not to be seen."""
    return conn.execute(_seen(scope).where(RATINGS.c.id == key)).mappings().first()


def within(
    conn: Connection,
    scope: Scope,
    *,
    states: Collection[str] = (),
    bad: bool | None = None,
    matter: str | None = None,
    overdue_at: datetime | None = None,
    after: Sequence[int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return ratings, the newest first; `overdue_at` keeps those whose contact or rectification is late by then."""
    query = _seen(scope)
    if states:
        query = query.where(RATINGS.c.state.in_(list(states)))
    if bad is not None:
        query = query.where(BAD if bad else not_(BAD))
    if matter is not None:
        query = query.where(RATINGS.c.matter == matter)
    if overdue_at is not None:
        late, day = and_(RATINGS.c.state == "bad", overdue_at > CONTACT_DUE), overdue_at.astimezone(SHANGHAI).date()
        unfixed = and_(RATINGS.c.state.in_(("contacted", "fix_now", "ledger")), RATINGS.c.fix_due < day)
        query = query.where(or_(late, unfixed))
    if after is not None:
        query = query.where(RATINGS.c.id < after[0])
    return list(conn.execute(query.order_by(RATINGS.c.id.desc()).limit(limit)).mappings())


def published(
    conn: Connection, *, matter: str | None = None, after: Sequence[int] | None = None, limit: int = 50
) -> list[RowMapping]:
    """Return ratings whose reply is public, the newest first, with nothing that tells whose they are."""
    names = ("id", "matter", "region", "grade", "reply", "closed_at")
    query = select(*(RATINGS.c[name] for name in names), CASES.c.title.label("case_title"))
    query = query.join(CASES, CASES.c.id == RATINGS.c.case_id).where(RATINGS.c.state == "closed")
    if matter is not None:
        query = query.where(RATINGS.c.matter == matter)
    if after is not None:
        query = query.where(RATINGS.c.id < after[0])
    return list(conn.execute(query.order_by(RATINGS.c.id.desc()).limit(limit)).mappings())


def _seen(scope: Scope) -> Select[Any]:
    return select(RATINGS, *_CASE).join(CASES, CASES.c.id == RATINGS.c.case_id).where(rated_within(scope))


def rated_within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on ratings, joined to `cases`, of cases that are seen whole: a seat at a task is not enough.

    A rating's region and lead are its case's.
    """
    if scope.created_by is None:
        return places_within(RATINGS, scope)
    return cases_within(Scope(scope.regions, frozenset(), scope.leads, scope.created_by))


def had_a_hand(conn: Connection, case_id: int, officer_id: int, besides: Collection[str]) -> bool:
    """Whether an officer did anything on a case besides the acts named."""
    query = exists().where(
        EVENTS.c.case_id == case_id, EVENTS.c.actor_id == officer_id, EVENTS.c.act.not_in(list(besides))
    )
    return bool(conn.execute(select(query)).scalar_one())


def rated(conn: Connection, period: Period, now: datetime, fix_days: int) -> Found:
    """Return per cut: ratings, bad ones, those to be contacted and to be put right, in time, and called back.

    `fix_days` hold for the cases that have none of their own. What an appeal excluded counts nowhere.
    """
    contacted, fixed = RATINGS.c.contacted_at, day_of(RATINGS.c.fixed_at)
    to_contact = and_(BAD, or_(contacted.is_not(None), now > CONTACT_DUE))
    pinned = func.coalesce(cast(CASES.c.plan["fix_days"].astext, Integer), fix_days)
    to_fix = and_(BAD, or_(fixed.is_not(None), RATINGS.c.state.in_(("fix_now", "ledger"))))
    row = (
        select(
            *period.cut(RATINGS.c.rated_at),
            BAD.label("bad"),
            to_contact.label("to_contact"),
            and_(BAD, contacted <= CONTACT_DUE).label("in_time"),
            to_fix.label("to_fix"),
            and_(BAD, period.between(day_of(RATINGS.c.rated_at), fixed) <= pinned).label("fixed_in_time"),
            and_(BAD, RATINGS.c.called_back_at.is_not(None)).label("called_back"),
        )
        .join(CASES, CASES.c.id == RATINGS.c.case_id)
        .join(period.workdays, period.workdays.c.region == CASES.c.region)
        .where(period.cases(), RATINGS.c.state != "excluded", period.during(RATINGS.c.rated_at))
        .subquery()
    )
    return period.grouped(
        conn,
        row,
        func.count().label("rated"),
        func.count().filter(row.c.bad).label("rated_bad"),
        func.count().filter(row.c.to_contact).label("to_contact"),
        func.count().filter(row.c.in_time).label("contacted_in_time"),
        func.count().filter(row.c.to_fix).label("to_fix"),
        func.count().filter(row.c.fixed_in_time).label("fixed_in_time"),
        func.count().filter(row.c.called_back).label("called_back"),
    )
