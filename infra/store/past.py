"""What was done before (既往办理): the few questions an act asks of the record under the case's lock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, text

_LAST = text(
    "SELECT max(at) FROM events WHERE case_id = :case_id AND subject = :subject AND act = :act"
    " AND actor_id IS NOT DISTINCT FROM CAST(:actor_id AS bigint)"
)
_SAID = text(
    "SELECT actor_name AS actor, department, at, detail ->> 'reason' AS reason FROM events"
    " WHERE case_id = :case_id AND subject = :subject AND act = :act ORDER BY seq DESC LIMIT 1"
)
_ENDED = text(
    """
    WITH ended AS (
        SELECT at, seq, actor_name, act, detail ->> 'reason' AS reason FROM events
        WHERE case_id = :case_id AND subject = :subject AND act IN ('skip', 'exclude') ORDER BY seq DESC LIMIT 1
    )
    SELECT coalesce(c.actor_name, e.actor_name) AS actor, coalesce(c.act, e.act) AS act, e.at, e.reason
    FROM ended e LEFT JOIN LATERAL (
        SELECT actor_name, act FROM events
        WHERE case_id = :case_id AND seq < e.seq AND at = e.at AND actor_kind <> 'system' ORDER BY seq DESC LIMIT 1
    ) c ON true
    """
)


def last_act(conn: Connection, case_id: int, subject: str, act: str, actor_id: int | None) -> datetime | None:
    """Return when somebody last did an act on a case or a task, None where never."""
    values = {"case_id": case_id, "subject": subject, "act": act, "actor_id": actor_id}
    moment: datetime | None = conn.execute(_LAST, values).scalar()
    return moment


def last_said(conn: Connection, case_id: int, subject: str, act: str) -> RowMapping | None:
    """Return who did an act on a task last, when and for what reason; None where nobody did."""
    return conn.execute(_SAID, {"case_id": case_id, "subject": subject, "act": act}).mappings().first()


def ending_of(conn: Connection, case_id: int, task_no: str) -> RowMapping | None:
    """Return what ended a task without its own verdict: whose act, which, when, for what reason."""
    return conn.execute(_ENDED, {"case_id": case_id, "subject": task_no}).mappings().first()
