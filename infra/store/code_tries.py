"""Wrong codes (查询码试错): counted per application number, whether there is such an application or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('code/' || :no, 0))")
_TRIES = text("SELECT wrong, last_at, locked_until FROM code_tries WHERE application_no = :no")
_MISS = text(
    "INSERT INTO code_tries (application_no, wrong, last_at, locked_until) VALUES (:no, :wrong, :at, :until)"
    " ON CONFLICT (application_no) DO UPDATE SET wrong = :wrong, last_at = :at, locked_until = :until"
)
_FORGIVE = text("DELETE FROM code_tries WHERE application_no = :no")
_HOLDER = text("SELECT id, code_hash FROM applications WHERE no = :no")
_STALE = text("SELECT EXISTS (SELECT 1 FROM code_tries WHERE last_at < :before)")
_PRUNE = text("DELETE FROM code_tries WHERE last_at < :before")


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a wrong code came, when last, and until when no code is listened to."""

    wrong: int
    last_at: datetime
    locked_until: datetime | None


def tries(conn: Connection, no: str) -> Tries | None:
    """Return the wrong codes for a number; until the transaction ends nobody else tries one for it."""
    conn.execute(_TURN, {"no": no})
    row = conn.execute(_TRIES, {"no": no}).first()
    return Tries(row.wrong, row.last_at, row.locked_until) if row is not None else None


def miss(conn: Connection, no: str, wrong: int, at: datetime, until: datetime | None) -> None:
    """Note one more wrong code."""
    conn.execute(_MISS, {"no": no, "wrong": wrong, "at": at, "until": until})


def forgive(conn: Connection, no: str) -> None:
    """Forget the wrong codes for a number: the right one came."""
    conn.execute(_FORGIVE, {"no": no})


def holder(conn: Connection, no: str) -> tuple[int, bytes] | None:
    """Return the key of an application and the hash of its code, None where there is none of that number."""
    row = conn.execute(_HOLDER, {"no": no}).first()
    return (int(row[0]), bytes(row[1])) if row is not None else None


def stale(conn: Connection, before: datetime) -> bool:
    """Whether there are wrong codes that came before a moment, the last of them too."""
    return bool(conn.execute(_STALE, {"before": before}).scalar_one())


def prune(conn: Connection, before: datetime) -> int:
    """Forget wrong codes the last of which came before a moment; return for how many numbers."""
    return conn.execute(_PRUNE, {"before": before}).rowcount
