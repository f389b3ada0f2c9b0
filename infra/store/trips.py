"""Trips (跑动次数): how often somebody came to the window for a case, as the record has it.

A trip is one day on which the window dealt with an application in person: it took it in (channel 窗口), took papers or
corrections that were brought to it, or handed a result over. What was filed, handed in or sent online, by post or as
an electronic licence is none; nor is an officer's own correction, which needs nobody to come. Two errands on one day
are one trip, and a trip for several cases of an application counts for each its part, so that cuts add up. Counted are
the cases delivered in the period, since only they need nobody to come any more.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, literal, or_, select

from infra.store.dossier import EVENTS
from infra.store.period import Found, Period, day_of, within_days
from infra.store.work import APPLICATIONS, CASES

_BROUGHT = ("supplement", "supplement-part", "fill-gap")
_DELIVERED, _CAME = EVENTS.c.detail["kind"].astext, EVENTS.c.detail["way"].astext


def made(conn: Connection, period: Period) -> Found:
    """Return per cut: cases delivered, and the trips that they took."""
    delivered = (
        select(CASES.c.id, CASES.c.application_id, *period.cut(CASES.c.delivered_at))
        .where(period.cases(), within_days(CASES.c.delivered_at, period.first, period.last))
        .cte("delivered")
    )
    of_them = CASES.c.application_id.in_(select(delivered.c.application_id))
    received = (
        select(CASES.c.application_id, CASES.c.id.label("case_id"), day_of(CASES.c.received_at).label("day"))
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(of_them, APPLICATIONS.c.channel == "window", CASES.c.reopens.is_(None))
    )
    # papers taken before it was noted how they came were brought; a correction says so where papers came with it
    brought = and_(EVENTS.c.act.in_(_BROUGHT), func.coalesce(_CAME, "window") == "window")
    in_person = or_(and_(EVENTS.c.act == "correct", _CAME == "window"),
                    and_(EVENTS.c.act == "deliver", _DELIVERED == "window"))  # fmt: skip
    met = (
        select(CASES.c.application_id, CASES.c.id, day_of(EVENTS.c.at))
        .join(CASES, CASES.c.id == EVENTS.c.case_id)
        .where(of_them, EVENTS.c.actor_kind == "officer", or_(brought, in_person))
    )
    visits = received.union(met).cte("visits")
    share = 1.0 / func.count().over(partition_by=(visits.c.application_id, visits.c.day))
    shares = select(visits.c.case_id, share.label("share")).subquery("shares")
    by_case = select(shares.c.case_id, func.sum(shares.c.share).label("trips")).group_by(shares.c.case_id).subquery()
    row = select(delivered, by_case.c.trips).outerjoin(by_case, by_case.c.case_id == delivered.c.id).subquery()
    trips = func.sum(func.coalesce(row.c.trips, literal(0))).label("trips")
    return period.grouped(conn, row, func.count().label("delivered"), trips)
