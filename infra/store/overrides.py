"""What offices changed of a matter at run time (事项调整): the latest version of each subject holds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, text

_LATEST = (
    "SELECT subject, version, value, by, at, reason, basis FROM overrides o WHERE subject = ANY({codes})"
    " AND version = (SELECT max(version) FROM overrides x WHERE x.subject = o.subject)"
)
_STANDING = text(
    "SELECT l.subject, l.version, l.value, l.at, l.reason, l.basis, o.name AS by_name"
    f" FROM ({_LATEST.format(codes=':subjects')}) l JOIN officers o ON o.id = l.by"
)

_VALUES = text(f"SELECT subject, value FROM ({_LATEST.format(codes=':subjects')}) l")
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('overrides/' || :subject, 0))")


def standing(conn: Connection, matters: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return what was changed of these matters with version, value, by_name, at, reason and basis, by matter."""
    rows = conn.execute(_STANDING, {"subjects": [f"matter/{code}" for code in matters]}).mappings()
    return {row["subject"].partition("/")[2]: dict(row) for row in rows}


def values(conn: Connection, matters: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return what was changed of these matters, by matter."""
    rows = conn.execute(_VALUES, {"subjects": [f"matter/{code}" for code in matters]})
    return {row.subject.partition("/")[2]: row.value for row in rows}


def hold(conn: Connection, matter: str) -> None:
    """Let nobody else change a matter until the transaction ends, so that no change is made on what has gone."""
    conn.execute(_HOLD, {"subject": f"matter/{matter}"})
