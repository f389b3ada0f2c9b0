"""Orders that nobody answers (督办单逾期未回复): told on at two rungs, each once, also after a downtime.

The rungs are this platform's own, as of a special procedure that goes on: the first once the day for the reply is
passed, to the office and the manager who sent it; the second at the start of the second working day after it, to the
head of the office's agency and to the lead department's coordinator besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from flows.alarms import place_of
from flows.projection import local_day
from flows.telling import notice, seat
from forms.vocabulary import Department, Role
from forms.workdays import Workdays
from infra import clock, database
from infra.calendar import calendar
from infra.store import notices, supervision

CHUNK = 500
HEADS_AFTER = 2
"""Working days after the day for the reply at whose start the heads are told."""

TOLD: Final = {
    1: (Role.HANDLER, Role.APPROVER, Role.MANAGER),
    2: (Role.HANDLER, Role.APPROVER, Role.MANAGER, Role.AGENCY_HEAD, Role.COORDINATOR),
}
AT_WINDOW: Final = {1: (Role.WINDOW, Role.MANAGER), 2: (Role.WINDOW, Role.MANAGER, Role.COORDINATOR)}
"""Who is told at which rung; of the window, which has no levels, whoever sits there."""

Row = Mapping[Any, Any]


def remind(matter: str, engine: Engine | None = None) -> int:
    """Have every rung of a matter's unanswered orders told that is reached; return how many.

    An order that somebody answers at this moment is left to the next sweep.
    """
    told, after = 0, 0
    engine = engine or database.engine()
    while True:
        with engine.begin() as conn:
            now = clock.now(conn)
            today = local_day(now)
            rows = supervision.take_unanswered(conn, matter, today, after=after, chunk=CHUNK)
            for row in rows:
                reached = _reached(row["reply_due"], today, calendar(conn, row["region"]))
                for rung in range(row["reminded"] + 1, reached + 1):
                    notices.put(conn, list(_notices(row, rung, now)))
                    told += 1
                if reached > row["reminded"]:
                    supervision.note_reminded(conn, row["id"], reached)
        if len(rows) < CHUNK:
            return told
        after = rows[-1]["id"]


def waiting(conn: Connection, today: date) -> list[str]:
    """Return the matters with an order of which a rung may be reached."""
    return supervision.matters_unanswered(conn, today, calendar(conn).add(today, 1 - HEADS_AFTER))


def _reached(due: date, today: date, workdays: Workdays) -> int:
    return 0 if today <= due else 2 if workdays.count(due, today) >= HEADS_AFTER else 1


def _notices(order: Row, rung: int, now: datetime) -> Iterator[dict[str, Any]]:
    title = f"督办单逾期未回复：{order['no']}"
    text = f"{title}（{order['subject']}），应于{order['reply_due'].isoformat()}前回复。"
    text += "请立即回复督办管理者。" if rung == 1 else "至今仍未回复，请督促立即回复。"
    for role in (AT_WINDOW if order["department"] == Department.WINDOW else TOLD)[rung]:
        addressee = seat(order["region"], place_of(role, order["department"], order["lead"]), role.value)
        key = f"order:{order['no']}:unanswered:{rung}:{addressee}"
        content = {"subject": order["subject"], "text": text}
        yield notice(key, addressee, title, content, case_id=order["case_id"], at=now)
