"""Sessions and failed sign-ins (会话、登录失败): only hashes are stored, all by the machine's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from infra.store.people import OfficerRow, seats_of

_INSERT = text(
    "INSERT INTO sessions (hash, officer_id, application_id, terminal, created_at, seen_at, expires_at)"
    " VALUES (:hash, :officer_id, :application_id, :terminal, :at, :at, :expires_at)"
)
_VALID = "s.ended_at IS NULL AND s.expires_at > :at AND s.seen_at > :idle"
_OFFICER = text(
    "SELECT o.id, o.username, o.name, o.password_temporary, s.seen_at,"
    f" {seats_of(':at')} AS members"
    f" FROM sessions s JOIN officers o ON o.id = s.officer_id AND o.active WHERE s.hash = :hash AND {_VALID}"
)
_APPLICATION = text(
    "SELECT s.application_id, a.no, s.seen_at FROM sessions s JOIN applications a ON a.id = s.application_id"
    f" WHERE s.hash = :hash AND {_VALID}"
)
_SEEN = text("UPDATE sessions SET seen_at = :at WHERE hash = :hash")
_END = text("UPDATE sessions SET ended_at = :at WHERE hash = :hash AND ended_at IS NULL")
_END_ALL = text(
    "UPDATE sessions SET ended_at = :at WHERE officer_id = :officer_id AND ended_at IS NULL"
    " AND hash IS DISTINCT FROM CAST(:but AS bytea)"
)
_END_APPLICANTS = text("UPDATE sessions SET ended_at = :at WHERE application_id = :application_id AND ended_at IS NULL")
_OF_OFFICER = text(
    "SELECT s.hash, s.terminal, s.created_at, s.seen_at, s.expires_at FROM sessions s"
    f" WHERE s.officer_id = :officer_id AND {_VALID} ORDER BY s.seen_at DESC LIMIT 100"
)
_ALL = text(
    "SELECT s.hash, s.terminal, s.created_at, s.seen_at, o.username, o.name FROM sessions s"
    f" JOIN officers o ON o.id = s.officer_id WHERE {_VALID} AND s.seen_at < :before"
    " ORDER BY s.seen_at DESC LIMIT :limit"
)
_COUNT = text(f"SELECT count(*) FROM sessions s WHERE s.officer_id IS NOT NULL AND {_VALID}")
_FAILURES = text(
    "SELECT (SELECT count(*) FROM sign_in_failures WHERE username = :username AND at > :since),"
    " (SELECT count(*) FROM sign_in_failures WHERE host = :host AND at > :since)"
)
_FAIL = text("INSERT INTO sign_in_failures (username, host, at) VALUES (:username, :host, :at)")
_FORGIVE = text("DELETE FROM sign_in_failures WHERE username = :username")
_PRUNE = (
    text("DELETE FROM sign_in_failures WHERE at < :before"),
    text("DELETE FROM sessions WHERE seen_at < :before AND expires_at < :before"),
)
_PASSWORD = text("SELECT id, username, name, active, password_hash FROM officers WHERE username = :username")
_SET_PASSWORD = text(
    "UPDATE officers SET password_hash = :hash, password_temporary = :temporary WHERE id = :officer_id"
)


@dataclass(frozen=True, slots=True)
class Idle:
    """How long a session may idle (分钟) before it ends by itself."""

    minutes: int

    def since(self, at: datetime) -> datetime:
        """Return the moment after which a session must have been seen."""
        return at - timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to."""

    officer: OfficerRow
    temporary: bool
    seen_at: datetime


def add(
    conn: Connection,
    token_hash: bytes,
    terminal: str,
    at: datetime,
    expires_at: datetime,
    *,
    officer_id: int | None = None,
    application_id: int | None = None,
) -> None:
    """Store the hash of a new session."""
    values = {"hash": token_hash, "terminal": terminal, "at": at, "expires_at": expires_at}
    conn.execute(_INSERT, {**values, "officer_id": officer_id, "application_id": application_id})


def officer(conn: Connection, token_hash: bytes, at: datetime, idle: Idle) -> SignedIn | None:
    """Return whose session that is at `at`, None where it is nobody's any more."""
    row = conn.execute(_OFFICER, {"hash": token_hash, "at": at, "idle": idle.since(at)}).first()
    if row is None:
        return None
    members = tuple(tuple(member) for member in row.members)
    return SignedIn(OfficerRow(row.id, row.username, row.name, members), row.password_temporary, row.seen_at)


def application(conn: Connection, token_hash: bytes, at: datetime, idle: Idle) -> tuple[int, str, datetime] | None:
    """Return the application an applicant's session opens: key, number, when it was last seen."""
    row = conn.execute(_APPLICATION, {"hash": token_hash, "at": at, "idle": idle.since(at)}).first()
    return (row[0], row[1], row[2]) if row is not None else None


def seen(conn: Connection, token_hash: bytes, at: datetime) -> None:
    """Note that the session is in use."""
    conn.execute(_SEEN, {"hash": token_hash, "at": at})


def end(conn: Connection, token_hash: bytes, at: datetime) -> None:
    """End one session."""
    conn.execute(_END, {"hash": token_hash, "at": at})


def end_all(conn: Connection, officer_id: int, at: datetime, *, but: bytes | None = None) -> int:
    """End every session of an officer, but perhaps the present one; return how many ended."""
    return conn.execute(_END_ALL, {"officer_id": officer_id, "at": at, "but": but}).rowcount


def end_applicants(conn: Connection, application_id: int, at: datetime) -> None:
    """End every session that the code of an application opened."""
    conn.execute(_END_APPLICANTS, {"application_id": application_id, "at": at})


def of_officer(conn: Connection, officer_id: int, at: datetime, idle: Idle) -> Sequence[RowMapping]:
    """Return an officer's sessions, the one used last first."""
    values = {"officer_id": officer_id, "at": at, "idle": idle.since(at)}
    return conn.execute(_OF_OFFICER, values).mappings().all()


def everybodys(conn: Connection, at: datetime, idle: Idle, *, before: datetime, limit: int) -> Sequence[RowMapping]:
    """Return the officers' sessions last seen before `before`, the one used last first."""
    values: dict[str, Any] = {"at": at, "idle": idle.since(at), "before": before, "limit": limit}
    return conn.execute(_ALL, values).mappings().all()


def count(conn: Connection, at: datetime, idle: Idle) -> int:
    """Return how many sessions of officers are open."""
    return int(conn.execute(_COUNT, {"at": at, "idle": idle.since(at)}).scalar_one())


def failures(conn: Connection, username: str, host: str, since: datetime) -> tuple[int, int]:
    """Return how often signing in failed since then: under this name, from this address."""
    row = conn.execute(_FAILURES, {"username": username, "host": host, "since": since}).one()
    return row[0], row[1]


def fail(conn: Connection, username: str, host: str, at: datetime) -> None:
    """Note a failure."""
    conn.execute(_FAIL, {"username": username, "host": host, "at": at})


def forgive(conn: Connection, username: str) -> None:
    """Forget the failures under a name."""
    conn.execute(_FORGIVE, {"username": username})


def prune(conn: Connection, before: datetime) -> None:
    """Let go of failures and sessions that are over since before `before`."""
    for statement in _PRUNE:
        conn.execute(statement, {"before": before})


def password(conn: Connection, username: str) -> RowMapping | None:
    """Return the account under a name with its password hash, None where there is none."""
    return conn.execute(_PASSWORD, {"username": username}).mappings().first()


def set_password(conn: Connection, officer_id: int, password_hash: str | None, *, temporary: bool) -> None:
    """Store the hash of a password; a temporary one must be changed before anything else."""
    conn.execute(_SET_PASSWORD, {"officer_id": officer_id, "hash": password_hash, "temporary": temporary})
