"""Measures (指标): how the offices do, counted in the database within the reader's walls; shares are never stored.

Closed means decided, forwarded, or ended for want of papers; every count is of what happened in the period. Working
days are counted by each region's calendar, which comes along as an array, searched by bisection (`width_bucket`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    RowMapping,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from forms.scope import Scope
from infra.store.dossier import EVENTS
from infra.store.lights import light
from infra.store.limits import LIMITS
from infra.store.oversight import late_case
from infra.store.papers import EVIDENCE, MATERIALS, PAUSES, SUPPLEMENTS
from infra.store.period import Found, Period, day_of, within_days
from infra.store.scoped import cases_within
from infra.store.supervision import ALARMS
from infra.store.work import APPLICATIONS, CASES, TASKS

_CLOSED = ("approved", "refused", "forwarded", "no_supplement")
_WITHOUT_STOP = ("all_tasks_promised", "all_tasks_statutory")
AFTERWARDS = timedelta(days=60)
"""How long after the period it is looked for that a returned task was given out again."""


def heavy(conn: Connection, scope: Scope, first: date, last: date, *, matter: str | None, many: int) -> bool:
    """Whether at least so `many` cases were closed in a period: of those that `closed` counts, and quick to ask."""
    some = select(CASES.c.id).where(
        cases_within(scope), CASES.c.outcome.in_(_CLOSED), CASES.c.accepted_at.is_not(None),
        within_days(CASES.c.closed_at, first, last), *([CASES.c.matter == matter] if matter is not None else []),
    )  # fmt: skip
    return int(conn.execute(select(func.count()).select_from(some.limit(many).subquery())).scalar_one()) >= many


def kept(conn: Connection, period: Period) -> Found:
    """Return per cut, for the board: closed, late, and the worked working days; the same as `closed` tells."""
    row = (
        select(
            *period.cut(CASES.c.closed_at),
            late_case().label("late"),
            period.between(day_of(CASES.c.accepted_at), day_of(CASES.c.closed_at)).label("worked"),
        )
        .join(period.workdays, period.workdays.c.region == CASES.c.region)
        .where(
            period.cases(), CASES.c.outcome.in_(_CLOSED), CASES.c.accepted_at.is_not(None),
            period.during(CASES.c.closed_at),
        )
        .subquery()
    )  # fmt: skip
    late = func.count().filter(row.c.late).label("late")
    return period.grouped(conn, row, func.count().label("closed"), late, func.sum(row.c.worked).label("worked"))


def taken_in(conn: Connection, period: Period) -> Found:
    """Return per cut, for the board: received."""
    row = select(*period.cut(CASES.c.received_at)).where(
        period.cases(), CASES.c.reopens.is_(None), period.during(CASES.c.received_at)
    )
    return period.grouped(conn, row.subquery(), func.count().label("received"))


def closed(conn: Connection, period: Period) -> Found:
    """Return per cut: closed, late, first_pass, many_supplements, extended, instant, worked and paused working days.

    Besides, of the cases with a limit by law, how many days it allows and how many they took (`by_law`, `taken`).

    Late is a case one of whose promises was kept after its day, unless the card for it was withdrawn.
    """
    own, lists = _own_limits(), _lists_of_missing()
    stood = _days_in(period, _paused_spans(), CASES).lateral("stood")
    row = (
        select(
            *period.cut(CASES.c.closed_at),
            own.c.late,
            own.c.extended,
            own.c.by_law,
            lists.c.lists,
            period.between(day_of(CASES.c.accepted_at), day_of(CASES.c.closed_at)).label("worked"),
            stood.c.days.label("paused"),
        )
        .join(period.workdays, period.workdays.c.region == CASES.c.region)
        .join(own, true())
        .join(lists, true())
        .join(stood, true())
        .where(
            period.cases(),
            CASES.c.outcome.in_(_CLOSED),
            CASES.c.accepted_at.is_not(None),
            period.during(CASES.c.closed_at),
        )
        .subquery()
    )
    return period.grouped(
        conn,
        row,
        func.count().label("closed"),
        func.count().filter(row.c.late).label("late"),
        func.count().filter(row.c.lists == 0).label("first_pass"),
        func.count().filter(row.c.lists > 1).label("many_supplements"),
        func.count().filter(row.c.extended).label("extended"),
        func.sum(row.c.worked).label("worked"),
        func.sum(row.c.paused).label("paused"),
        func.count().filter(row.c.worked == 0).label("instant"),
        func.sum(row.c.by_law).label("by_law"),
        func.sum(row.c.worked).filter(row.c.by_law.is_not(None)).label("taken"),
    )


def _own_limits() -> Any:
    """Return what the limits of a case itself tell: kept late, extended, and the days a law allows.

    One row for each case, so that its limits are looked up once.
    """
    withdrawn = exists().where(
        ALARMS.c.limit_id == LIMITS.c.id, ALARMS.c.rung == "yellow", ALARMS.c.state == "withdrawn"
    )
    late = and_(LIMITS.c.clock == "promised", LIMITS.c.ended_on > LIMITS.c.due_on, ~withdrawn)
    by_law = func.min(LIMITS.c.days + LIMITS.c.extension).filter(LIMITS.c.clock == "statutory")
    told = select(
        func.bool_or(late).label("late"), func.bool_or(LIMITS.c.extension > 0).label("extended"), by_law.label("by_law")
    )
    return told.where(LIMITS.c.case_id == CASES.c.id, LIMITS.c.subject == CASES.c.no).correlate(CASES).lateral("own")


def _lists_of_missing() -> Any:
    """Return how many lists of what is missing (补正) a case was sent, one row for each case."""
    lists = select(func.count().label("lists")).where(SUPPLEMENTS.c.case_id == CASES.c.id)
    return lists.correlate(CASES).lateral("lists")


def _days_in(period: Period, spans: Any, of: Table) -> Select[Any]:
    """Return the working days in stretches of a row, none where there is no stretch."""
    days = period.between(func.lower(spans.c.span) - 1, func.upper(spans.c.span) - 1)
    told = select(func.coalesce(func.sum(days), 0).label("days")).select_from(spans)
    return told.correlate(of, period.workdays)


def _paused_spans() -> Any:
    """Return the stretches in which anything of a case was paused, overlaps counted once."""
    begun, ended = day_of(PAUSES.c.begun_at), day_of(func.coalesce(PAUSES.c.ended_at, CASES.c.closed_at))
    span = func.daterange(begun, func.greatest(ended, begun), literal("(]"))
    merged = func.unnest(func.range_agg(span)).label("span")
    of_case = and_(PAUSES.c.case_id == CASES.c.id, PAUSES.c.kind.not_in(_WITHOUT_STOP))
    return select(merged).where(of_case).correlate(CASES).lateral("spans")


def _paused_of_task() -> Any:
    """Return the stretches in which the promised clock of a task stood still while it was in hand (`flows.projection`).

    A pause of its own, or one of the whole case; not the public notice, which is itself somebody's task.
    """
    first, last = day_of(TASKS.c.opened_at), day_of(TASKS.c.decided_at)
    begun = func.greatest(day_of(PAUSES.c.begun_at), first)
    ended = func.least(day_of(func.coalesce(PAUSES.c.ended_at, TASKS.c.decided_at)), last)
    span = func.daterange(begun, func.greatest(ended, begun), literal("(]"))
    merged = func.unnest(func.range_agg(span)).label("span")
    whole = and_(PAUSES.c.task_id.is_(None), PAUSES.c.kind.not_in(("public_notice", *_WITHOUT_STOP)))
    mine = and_(PAUSES.c.case_id == TASKS.c.case_id, or_(PAUSES.c.task_id == TASKS.c.id, whole))
    stops = PAUSES.c.kind.not_in(("site_check", "other"))
    return select(merged).where(mine, stops).correlate(TASKS).lateral("stops")


def received(conn: Connection, period: Period) -> Found:
    """Return per cut: received, online, and the papers the applicants brought themselves."""
    brought = (
        select(func.count())
        .where(
            MATERIALS.c.application_id == CASES.c.application_id,
            CASES.c.matter == func.any(MATERIALS.c.matters),
            MATERIALS.c.state == "file",
        )
        .correlate(CASES)
        .scalar_subquery()
    )
    row = (
        select(*period.cut(CASES.c.received_at), (APPLICATIONS.c.channel == "online").label("online"),
               brought.label("brought"))
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(period.cases(), CASES.c.reopens.is_(None), period.during(CASES.c.received_at))
        .subquery()
    )  # fmt: skip
    return period.grouped(
        conn,
        row,
        func.count().label("received"),
        func.count().filter(row.c.online).label("online"),
        func.sum(row.c.brought).label("brought"),
    )


def passed(conn: Connection, period: Period, today: date) -> Found:
    """Return per cut how many statutory limits were passed, and how many acceptances silence brought about."""
    breach = (
        select(*period.cut(func.timezone("Asia/Shanghai", LIMITS.c.due_on), LIMITS.c.department),
               literal(1).label("breach"), literal(0).label("deemed"))
        .join(CASES, CASES.c.id == LIMITS.c.case_id)
        .where(
            period.cases(),
            LIMITS.c.clock == "statutory",
            func.coalesce(LIMITS.c.ended_on, today) > LIMITS.c.due_on,
            period.within(LIMITS.c.due_on),
        )
    )  # fmt: skip
    deemed = (
        select(*period.cut(EVENTS.c.at), literal(0), literal(1))
        .join(CASES, CASES.c.id == EVENTS.c.case_id)
        .where(period.cases(), EVENTS.c.act == "deem-accept", period.during(EVENTS.c.at))
    )
    row = breach.union_all(deemed).subquery()
    return period.grouped(
        conn,
        row,
        func.sum(row.c.breach).label("statutory_breach"),
        func.sum(row.c.deemed).label("deemed_acceptances"),
    )


def steps(conn: Connection, period: Period) -> list[RowMapping]:
    """Return per matter, step and department: how many tasks were decided, in how many working days on average.

    Days on which the task's clock stood still are not the department's and are taken off.
    """
    days = period.between(day_of(TASKS.c.opened_at), day_of(TASKS.c.decided_at))
    query = (
        select(
            TASKS.c.matter,
            TASKS.c.step,
            func.max(TASKS.c.title).label("title"),
            TASKS.c.department,
            func.count().label("decided"),
            func.avg(days - _days_in(period, _paused_of_task(), TASKS).scalar_subquery()).label("average"),
        )
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .join(period.workdays, period.workdays.c.region == CASES.c.region)
        .where(period.tasks(), TASKS.c.opened_at.is_not(None), period.during(TASKS.c.decided_at))
        .group_by(TASKS.c.matter, TASKS.c.step, TASKS.c.department)
        .order_by(TASKS.c.matter, func.min(TASKS.c.position), TASKS.c.department)
    )
    return list(conn.execute(query).mappings())


def checked(conn: Connection, period: Period) -> Found:
    """Return per cut: tasks decided that had a registry to ask, and those for which it confirmed the facts."""
    confirmed = exists().where(EVIDENCE.c.task_id == TASKS.c.id, EVIDENCE.c.result == "match")
    row = (
        select(*period.cut(TASKS.c.decided_at, TASKS.c.department), confirmed.label("confirmed"))
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .where(period.tasks(), TASKS.c.check_code.is_not(None), period.during(TASKS.c.decided_at))
        .subquery()
    )
    known = func.count().filter(row.c.confirmed).label("confirmed")
    return period.grouped(conn, row, func.count().label("checked"), known)


def dispatched(conn: Connection, period: Period) -> Found:
    """Return per cut: tasks given out, tasks returned (退回分办), and the hours until they were given out again."""
    again = func.lead(EVENTS.c.at).over(partition_by=EVENTS.c.subject, order_by=EVENTS.c.seq)
    acts = (
        select(*period.cut(EVENTS.c.at, EVENTS.c.department), EVENTS.c.act, EVENTS.c.at, again.label("again"))
        .join(CASES, CASES.c.id == EVENTS.c.case_id)
        .where(
            period.cases(),
            EVENTS.c.act.in_(("open", "return", "dispatch")),
            within_days(EVENTS.c.at, period.first, period.last + AFTERWARDS),
        )
        .subquery()
    )
    row = select(acts).where(period.within(day_of(acts.c.at))).subquery()
    returned = row.c.act == "return"
    hours = func.extract("epoch", row.c.again - row.c.at) / 3600
    return period.grouped(
        conn,
        row,
        func.count().filter(or_(row.c.act == "open", row.c.act == "dispatch")).label("given_out"),
        func.count().filter(returned).label("returned"),
        func.avg(case((returned, hours))).label("return_hours"),
    )


def standing(conn: Connection, period: Period, today: date) -> Found:
    """Return per cut how many open cases show each light today; by month it is the month of receipt."""
    shown = func.coalesce(light(CASES, today), "none").label("light")
    row = (
        select(*period.cut(CASES.c.received_at), shown)
        .where(period.cases(), CASES.c.status.in_(("submitted", "supplement", "in_progress")))
        .subquery()
    )
    return period.grouped(conn, row, row.c.light.label("light"), func.count().label("open"), within=[row.c.light])


def unpaid(conn: Connection, period: Period, today: date) -> Found:
    """Return per cut the cases whose limit after an event runs (核定后未拨付), and how many working days."""
    waited = period.between(LIMITS.c.started_on, literal(today, Date))
    row = (
        select(*period.cut(CASES.c.received_at), waited.label("waited"))
        .select_from(CASES)
        .join(LIMITS, LIMITS.c.case_id == CASES.c.id)
        .join(period.workdays, period.workdays.c.region == CASES.c.region)
        .where(period.cases(), LIMITS.c.event.is_not(None), LIMITS.c.ended_at.is_(None))
        .subquery()
    )
    return period.grouped(
        conn,
        row,
        func.count().label("unpaid"),
        func.avg(row.c.waited).label("unpaid_days"),
        func.max(row.c.waited).label("unpaid_longest"),
    )
