"""Cards and orders (黄红牌、督办单): listed within the reader's walls, changed under their own lock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    Table,
    and_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)

from forms.scope import Scope
from infra.store.led import led, reached
from infra.store.limits import LIMITS
from infra.store.many import insert_new
from infra.store.scoped import cases_within, is_places, places_within, tasks_within
from infra.store.work import CASES, TASKS, table
from infra.tables import Alarm, Order

MOST_REMINDED = 2
"""Rungs at which it is told that an order has no reply."""

ALARMS, ORDERS = table(Alarm), table(Order)


def _pinned(name: str) -> ColumnElement[Any]:
    """Return days that were pinned on a case at receipt, NULL on one received before offices set them."""
    return cast(CASES.c.plan[name].astext, Integer).label(name)


def limits_behind(conn: Connection, keys: Collection[int]) -> dict[int, RowMapping]:
    """Return what a card needs to say of its limit, and who leads its case, by the limit's key."""
    names = ("id", "what", "runs", "days", "extension", "due_on", "due_at", "basis", "ended_on", "rungs")
    columns = [LIMITS.c[name] for name in names]
    query = select(*columns, CASES.c.lead, _pinned("reply_days")).join(CASES, CASES.c.id == LIMITS.c.case_id)
    rows = conn.execute(query.where(LIMITS.c.id.in_(list(keys)))).mappings()
    return {row["id"]: row for row in rows}


def open_orders(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Have orders sent; a card has one at most."""
    insert_new(conn, ORDERS, rows, key="alarm_id")


def next_order(conn: Connection) -> int:
    """Return a place in the row of orders that no card takes: the cards' own sequence gives it."""
    return int(conn.execute(text("SELECT nextval('alarms_id_seq')")).scalar_one())


def open_order(conn: Connection, **values: Any) -> None:
    """Have an order sent that no card opened."""
    conn.execute(insert(ORDERS).values(values))


def unanswered(conn: Connection, subject: str) -> str | None:
    """Return the number of an order about a case or task that is not closed yet."""
    query = select(ORDERS.c.no).where(ORDERS.c.subject == subject, ORDERS.c.state != "closed").limit(1)
    return conn.execute(query).scalar()


_CARD = ALARMS.c.clock.not_in(("supplement", "gap"))
"""Whether a red rung is a card: that a deadline of the applicant's own is over is nobody's fault."""


def cards(
    conn: Connection,
    scope: Scope,
    *,
    rung: str | None = None,
    state: str | None = None,
    case: str | None = None,
    after: Sequence[int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return warnings and cards, the newest first, each with what it is about and the number of its order."""
    query = _cards(scope).where(*_within_reach(conn, scope, ALARMS))
    for column, value in ((ALARMS.c.rung, rung), (ALARMS.c.state, state), (CASES.c.no, case)):
        if value is not None:
            query = query.where(column == value)
    if rung == "red":
        query = query.where(_CARD)
    if after is not None:
        query = query.where(ALARMS.c.id < after[0])
    return list(conn.execute(query.order_by(ALARMS.c.id.desc()).limit(limit)).mappings())


def card(conn: Connection, scope: Scope, key: int) -> RowMapping | None:
    """Return a card, None where it is not there or not to be seen."""
    return conn.execute(_cards(scope).where(ALARMS.c.id == key)).mappings().first()


def _cards(scope: Scope, *, few: bool = True) -> Select[Any]:
    limit = [LIMITS.c[name] for name in ("what", "days", "extension", "runs", "due_on", "due_at", "basis")]
    return (
        select(ALARMS, *limit, *_ABOUT, _pinned("appeal_days"), ORDERS.c.no.label("order_no"))
        .join(LIMITS, LIMITS.c.id == ALARMS.c.limit_id)
        .join(CASES, CASES.c.id == ALARMS.c.case_id)
        .outerjoin(TASKS, and_(TASKS.c.case_id == ALARMS.c.case_id, TASKS.c.no == ALARMS.c.subject))
        .outerjoin(ORDERS, ORDERS.c.alarm_id == ALARMS.c.id)
        .where(_visible(scope, ALARMS, few=few))
    )


_ABOUT = (
    CASES.c.no.label("case_no"),
    CASES.c.title.label("case_title"),
    TASKS.c.step,
    TASKS.c.title.label("task_title"),
    TASKS.c.office,
)


def _visible(scope: Scope, cards: Table, *, few: bool) -> ColumnElement[bool]:
    """A task's card is seen by who sees the task, a case's by who sees the case, and always by whoever got it.

    A department whose late task was cancelled in the end sees nothing of the case any more, yet still its own card.
    What is listed is `few`, what is counted is not.
    """
    return or_(
        *_got(scope, cards),
        and_(TASKS.c.id.is_(None), cases_within(scope, few=few)),
        and_(TASKS.c.id.is_not(None), tasks_within(scope)),
    )


def _got(scope: Scope, cards: Table) -> list[ColumnElement[bool]]:
    """Return the conditions on cards that whole departments got."""
    return [
        and_(cards.c.department == seat.department, or_(literal(seat.region == "*"), cards.c.region == seat.region))
        for seat in sorted(scope.seats, key=str)
        if seat.office is None
    ]


def _within_reach(conn: Connection, scope: Scope, cards: Table) -> list[ColumnElement[bool]]:
    """Return the condition on cards alone that the reader may see any: others' cases need no look then."""
    here = reached(conn, scope)
    return [] if here is None else [or_(*_got(scope, cards), and_(*here.holds(cards)))]


def change_card(conn: Connection, key: int, before: str, **values: Any) -> bool:
    """Change a card that stands as `before` says; False where somebody else was first."""
    query = update(ALARMS).where(ALARMS.c.id == key, ALARMS.c.state == before).values(**values)
    return conn.execute(query).rowcount == 1


def orders(
    conn: Connection,
    scope: Scope,
    today: date,
    *,
    state: str | None = None,
    overdue: bool = False,
    after: Sequence[int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return orders, the newest first; `overdue` keeps those whose answer is late."""
    query = _orders(scope).where(*_within_reach(conn, scope, ORDERS))
    if state is not None:
        query = query.where(ORDERS.c.state == state)
    if overdue:
        query = query.where(ORDERS.c.state == "open", ORDERS.c.reply_due < today)
    if after is not None:
        query = query.where(ORDERS.c.id < after[0])
    return list(conn.execute(query.order_by(ORDERS.c.id.desc()).limit(limit)).mappings())


def order(conn: Connection, scope: Scope, no: str) -> RowMapping | None:
    """Return an order by its number, None where it is not there or not to be seen."""
    return conn.execute(_orders(scope).where(ORDERS.c.no == no)).mappings().first()


def order_of(conn: Connection, alarm_id: int) -> RowMapping | None:
    """Return the order that a card opened."""
    return conn.execute(select(ORDERS).where(ORDERS.c.alarm_id == alarm_id)).mappings().first()


def _orders(scope: Scope, *, few: bool = True) -> Select[Any]:
    return (
        select(ORDERS, *_ABOUT)
        .join(CASES, CASES.c.id == ORDERS.c.case_id)
        .outerjoin(TASKS, and_(TASKS.c.case_id == ORDERS.c.case_id, TASKS.c.no == ORDERS.c.subject))
        .where(_visible(scope, ORDERS, few=few))
    )


def awaiting(conn: Connection, scope: Scope, today: date) -> dict[str, int]:
    """Return how many orders await a reply, how many of them late, how many a closing; how many appeals a judgement."""
    here = led(conn, scope)
    if is_places(scope) or (here is not None and here.exact):  # known of them alone, without a look at their cases
        own = [[places_within(x, scope)] if here is None else here.holds(x) for x in (ORDERS, ALARMS)]
        seen: Any = select(ORDERS.c.state, ORDERS.c.reply_due).where(ORDERS.c.state != "closed", *own[0]).subquery()
        cards: Any = select(ALARMS.c.id).where(*own[1])
    else:
        reach = [_within_reach(conn, scope, x) for x in (ORDERS, ALARMS)]
        seen = _orders(scope, few=False).where(*reach[0]).subquery()
        cards = _cards(scope, few=False).where(*reach[1])
    counted = conn.execute(
        select(
            func.count().filter(seen.c.state == "open").label("open"),
            func.count().filter(seen.c.state == "open", seen.c.reply_due < today).label("overdue"),
            func.count().filter(seen.c.state == "replied").label("replied"),
        ).where(seen.c.state != "closed")
    ).one()
    appeals = cards.where(ALARMS.c.state.in_(("appealed", "passed_up"))).subquery()
    found = conn.execute(select(func.count()).select_from(appeals)).scalar_one()
    return {**{name: int(value) for name, value in counted._mapping.items()}, "appealed": int(found)}


def change_order(conn: Connection, key: int, before: Collection[str], **values: Any) -> bool:
    """Change an order that stands as `before` says; False where somebody else was first."""
    query = update(ORDERS).where(ORDERS.c.id == key, ORDERS.c.state.in_(list(before))).values(**values)
    return conn.execute(query).rowcount == 1


def take_unanswered(conn: Connection, matter: str, today: date, *, after: int, chunk: int) -> Sequence[RowMapping]:
    """Lock orders whose reply is late and of which a rung is left to be told, each with who leads its case.

    What somebody is answering at this moment is left out.
    """
    query = (
        select(ORDERS, CASES.c.lead)
        .join(CASES, CASES.c.id == ORDERS.c.case_id)
        .where(ORDERS.c.state == "open", ORDERS.c.reply_due < today, ORDERS.c.reminded < MOST_REMINDED)
        .where(ORDERS.c.matter == matter, ORDERS.c.id > after)
    )
    query = query.order_by(ORDERS.c.id).limit(chunk).with_for_update(of=ORDERS, skip_locked=True)
    return conn.execute(query).mappings().all()


def note_reminded(conn: Connection, key: int, rung: int) -> None:
    """Note up to which rung it was told that an order has no reply."""
    conn.execute(update(ORDERS).where(ORDERS.c.id == key).values(reminded=rung))


def matters_unanswered(conn: Connection, today: date, heads_before: date) -> list[str]:
    """Return the matters with an order whose reply is late and not told yet, or not yet to the heads."""
    late = and_(ORDERS.c.reminded == 0, ORDERS.c.reply_due < today)
    still = and_(ORDERS.c.reminded < MOST_REMINDED, ORDERS.c.reply_due < heads_before)
    query = select(ORDERS.c.matter).where(ORDERS.c.state == "open", or_(late, still)).distinct()
    return list(conn.execute(query).scalars())


def called_to_account(conn: Connection, scope: Scope, since: datetime, before: datetime) -> list[RowMapping]:
    """Return the departments with red cards that stand, raised in a time, each with how many, the most first.

    The applicant's own deadlines are nobody's card.
    """
    cards = _cards(scope, few=False).where(
        ALARMS.c.rung == "red", ALARMS.c.state != "withdrawn", _CARD,
        ALARMS.c.fired_at >= since, ALARMS.c.fired_at < before,
    ).subquery()  # fmt: skip
    query = select(cards.c.department, cards.c.region, func.count().label("cards"))
    query = query.group_by(cards.c.department, cards.c.region)
    query = query.order_by(func.count().desc(), cards.c.region, cards.c.department)
    return list(conn.execute(query).mappings())


def standing(conn: Connection) -> dict[str, int]:
    """Return how many orders stand in each state on the whole platform, for the operators' metrics."""
    query = select(ORDERS.c.state, func.count()).group_by(ORDERS.c.state)
    return {row[0]: int(row[1]) for row in conn.execute(query)}
