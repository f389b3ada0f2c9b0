"""What is to be told to whom (通知): written with its cause, each addressee once; and the outbox that sends it.

A row of the channel `in_app` is what people read here. From each the sender makes one row for every channel outside
that takes its addressee; such a row is leased, sent outside any transaction, and marked, or put off and tried again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select, text, union_all, update

from forms.scope import Scope
from infra.store.many import insert_new
from infra.store.scoped import cases_within
from infra.store.work import APPLICATIONS, CASES, TASKS, table
from infra.tables import Notice

NOTICES = table(Notice)
IN_APP = "in_app"
_FRESH = text(
    "SELECT n.*, c.no AS case_no FROM notices n LEFT JOIN cases c ON c.id = n.case_id"
    " WHERE n.channel = 'in_app' AND n.sent_at IS NULL"
    " ORDER BY n.id LIMIT :chunk FOR UPDATE OF n SKIP LOCKED"
)
_SENT = text("UPDATE notices SET sent_at = :at, error = NULL WHERE id = ANY(:keys) AND sent_at IS NULL")
_LEASE = text(
    """
    WITH due AS (
        SELECT id FROM notices
        WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now AND channel = :channel
        ORDER BY next_at, id LIMIT :chunk FOR UPDATE SKIP LOCKED
    )
    UPDATE notices n SET next_at = :until FROM due WHERE n.id = due.id
    RETURNING n.*, (SELECT no FROM cases WHERE id = n.case_id) AS case_no
    """
)
_PUT_OFF = text(
    "UPDATE notices SET tries = tries + :tried, next_at = :again, error = coalesce(:error, error),"
    " given_up_at = CASE WHEN created_at < :given_up_before THEN CAST(:now AS timestamptz) END"
    " WHERE id = ANY(:keys) AND sent_at IS NULL RETURNING channel, given_up_at IS NOT NULL AS given_up"
)
_STRAY = text(
    "UPDATE notices SET given_up_at = :now, error = '该渠道已不再设置' WHERE id IN ("
    " SELECT id FROM notices WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now"
    " AND created_at < :given_up_before AND channel <> ALL(:channels) AND channel <> 'in_app'"
    " ORDER BY next_at, id LIMIT :chunk FOR UPDATE SKIP LOCKED) RETURNING channel"
)
_DUE = text(
    "SELECT EXISTS (SELECT 1 FROM notices WHERE channel = 'in_app' AND sent_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM notices WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= :now"
    " AND channel = ANY(:channels))"
)
_STANDING = text(
    "SELECT channel, CASE WHEN given_up_at IS NOT NULL THEN 'given_up' ELSE 'waiting' END AS state, count(*)"
    " FROM notices WHERE channel <> 'in_app' AND sent_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2"
)
_MOBILE = text(
    "SELECT s.application_id, s.sealed FROM secrets s JOIN applications a ON a.id = s.application_id"
    " WHERE a.no = :no AND s.case_position = 0 AND s.pointer = '/applicant/mobile'"
)


def put(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Write notices; one whose key is there already is told only once."""
    insert_new(conn, NOTICES, rows, key="key")


def fresh(conn: Connection, chunk: int) -> list[RowMapping]:
    """Lock and return notices that the sender has not looked at, oldest first."""
    return list(conn.execute(_FRESH, {"chunk": chunk}).mappings())


def sent(conn: Connection, keys: Sequence[int], at: datetime) -> None:
    """Note that rows are through: a notice here has been given to every channel, a row of a channel was delivered."""
    conn.execute(_SENT, {"keys": list(keys), "at": at})


def lease(conn: Connection, channel: str, now: datetime, lasts: timedelta, chunk: int) -> list[RowMapping]:
    """Take up to `chunk` due rows of a channel for one sender, in the order they were due; nobody else has them."""
    query = {"channel": channel, "now": now, "until": now + lasts, "chunk": chunk}
    return sorted(conn.execute(_LEASE, query).mappings(), key=lambda row: int(row["id"]))


def put_off(
    conn: Connection,
    keys: Sequence[int],
    *,
    now: datetime,
    again: datetime,
    given_up_before: datetime,
    error: str | None = None,
) -> list[str]:
    """Have rows tried again at `again`; with `error` it was tried just now. Return the channel of each given up.

    Given up is what was written before `given_up_before` and still not delivered.
    """
    query = {
        "keys": list(keys), "now": now, "again": again, "error": error, "tried": int(error is not None),
        "given_up_before": given_up_before,
    }  # fmt: skip
    return [row.channel for row in conn.execute(_PUT_OFF, query) if row.given_up]


def give_up_strays(
    conn: Connection, channels: Collection[str], *, now: datetime, given_up_before: datetime, chunk: int
) -> list[str]:
    """Give up rows of channels that are no longer set up, once they are old; return the channel of each."""
    query = {"channels": list(channels), "now": now, "given_up_before": given_up_before, "chunk": chunk}
    return list(conn.execute(_STRAY, query).scalars())


def due(conn: Connection, channels: Collection[str], now: datetime) -> bool:
    """Whether the sender has anything to do at `now` (the machine's time)."""
    return bool(conn.execute(_DUE, {"channels": list(channels), "now": now}).scalar_one())


def undelivered(conn: Connection) -> list[tuple[str, str, int]]:
    """Return (channel, waiting or given_up, how many) of what has not been delivered, for the operators' metrics."""
    return [(row[0], row[1], int(row[2])) for row in conn.execute(_STANDING)]


def sealed_mobile(conn: Connection, application_no: str) -> tuple[int, bytes] | None:
    """Return the application's key and the applicant's sealed telephone number, None where there is none."""
    row = conn.execute(_MOBILE, {"no": application_no}).first()
    return None if row is None else (int(row[0]), bytes(row[1]))


def read_by(
    conn: Connection,
    scope: Scope,
    addressees: Collection[str],
    *,
    unread: bool | None = None,
    case: str | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return what is told to these addressees about cases they may see: unread first, then read, newest first in each.

    `after` is (0 unread or 1 read, key) of the last row.
    """
    found: list[RowMapping] = []
    for place, wanted in enumerate((NOTICES.c.read_at.is_(None), NOTICES.c.read_at.is_not(None))):
        if (after is not None and place < after[0]) or unread is (place == 1) or len(found) >= limit or not addressees:
            continue
        conditions: list[ColumnElement[bool]] = [wanted]
        if case is not None:
            conditions.append(CASES.c.no == case)
        if after is not None and place == after[0]:
            conditions.append(NOTICES.c.id < after[1])
        found += conn.execute(_newest(scope, addressees, conditions, limit - len(found))).mappings()
    return found


def count_unread(conn: Connection, scope: Scope, addressees: Collection[str], most: int) -> int:
    """Return how many notices nobody has read yet, `most` where they are more."""
    if not addressees:
        return 0
    some = _newest(scope, addressees, [NOTICES.c.read_at.is_(None)], most, only=(NOTICES.c.id,))
    return int(conn.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def _newest(
    scope: Scope,
    addressees: Collection[str],
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    only: Sequence[ColumnElement[Any]] = (),
) -> Select[Any]:
    """Return the newest of what is told to these: whole, or of it `only` these columns, the key among them.

    Of each addressee the newest, in the order of its index: all at once the planner looks at everything there is.
    """
    each = []
    for one in sorted(addressees):
        told = _told(scope, [one]).where(*conditions)
        told = told.with_only_columns(*only) if only else told
        each.append(select(told.order_by(NOTICES.c.id.desc()).limit(limit).subquery()))
    together = union_all(*each).subquery()
    return select(together).order_by(together.c.id.desc()).limit(limit)


def read(conn: Connection, scope: Scope, addressees: Collection[str], key: int, at: datetime) -> RowMapping | None:
    """Note that a notice was read, the first time counts; return it, None where it is not told to these addressees."""
    query = _told(scope, addressees).where(NOTICES.c.id == key)
    if conn.execute(query).first() is None:
        return None
    conn.execute(update(NOTICES).where(NOTICES.c.id == key, NOTICES.c.read_at.is_(None)).values(read_at=at))
    return conn.execute(query).mappings().one()


def _told(scope: Scope, addressees: Collection[str]) -> Select[Any]:
    return (
        select(
            NOTICES,
            CASES.c.no.label("case_no"),
            CASES.c.title.label("case_title"),
            APPLICATIONS.c.name.label("applicant"),
            TASKS.c.title.label("task_title"),
        )
        .outerjoin(CASES, CASES.c.id == NOTICES.c.case_id)
        .outerjoin(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .outerjoin(TASKS, and_(TASKS.c.case_id == CASES.c.id, TASKS.c.no == NOTICES.c.content["subject"].astext))
        .where(
            NOTICES.c.channel == IN_APP,
            NOTICES.c.addressee.in_(sorted(addressees)),
            or_(NOTICES.c.case_id.is_(None), cases_within(scope, few=True)),
        )
    )
