"""The one place that reads the clock (时钟).

In demo and test mode it can be moved; all processes agree because the shift lives in the database.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from forms.errors import NotAllowed
from infra.settings import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRESH_SECONDS = 0.5

_known: dict[str, tuple[float, timedelta]] = {}


def machine() -> datetime:
    """Answer the machine's own time (UTC), never moved: for tokens, sessions and retries."""
    return datetime.now(UTC)  # noqa: TID251  (this is the one place)


def now(conn: Connection | None = None) -> datetime:
    """Answer the time of the business (UTC).

    With `conn` a moved clock is read in that transaction and is exact; without, it may lag half a second behind a move.
    """
    if not settings().movable_clock:
        return machine()
    return machine() + (shift(conn) if conn is not None else _recent_shift())


def today(conn: Connection | None = None) -> date:
    """Answer the calendar day in China."""
    return now(conn).astimezone(SHANGHAI).date()


def shift(conn: Connection) -> timedelta:
    """Answer by how much the clock of this database has been moved; nothing where it never was."""
    return timedelta(seconds=conn.execute(text("SELECT offset_seconds FROM clock WHERE id = 1")).scalar() or 0.0)


def move(conn: Connection, to: datetime) -> timedelta:
    """Set the clock of this database to `to` (with offset), from where it runs on; it holds once `conn` commits.

    Raises NotAllowed outside demo and test mode.
    """
    if not settings().movable_clock:
        raise NotAllowed("只有演示或测试模式可以调整时钟。")
    moved = to.astimezone(UTC) - machine()
    conn.execute(
        text(
            "INSERT INTO clock (id, offset_seconds) VALUES (1, :seconds)"
            " ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds"
        ),
        {"seconds": moved.total_seconds()},
    )
    _known.clear()
    return moved


def _recent_shift() -> timedelta:
    from infra.database import engine

    bound = engine()
    key = bound.url.render_as_string()
    seen, moved = _known.get(key, (float("-inf"), timedelta(0)))
    if time.monotonic() - seen > FRESH_SECONDS:
        with bound.connect() as conn:
            moved = shift(conn)
        _known[key] = (time.monotonic(), moved)
    return moved
