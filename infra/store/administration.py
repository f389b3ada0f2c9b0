"""What an administrator reads and changes (人员、机构、区划、变更记录): small tables, versioned notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from infra.store.people import MEMBERSHIPS, OFFICERS, OFFICES, REGIONS

_OFFICERS = """
SELECT o.id, o.username, o.name, o.active, o.created_at,
       coalesce(json_agg(json_build_object('role', m.role, 'department', m.department, 'region', m.region,
                'office', m.office) ORDER BY m.id) FILTER (WHERE m.id IS NOT NULL), '[]') AS members
FROM officers o LEFT JOIN memberships m ON m.officer_id = o.id
"""
_LISTED = text(_OFFICERS + " WHERE o.id > :after GROUP BY o.id ORDER BY o.id LIMIT :limit")
_COLLEAGUES = text(
    _OFFICERS + " WHERE o.id > :after AND o.active AND EXISTS (SELECT 1 FROM memberships x"
    " JOIN unnest(CAST(:departments AS text[]), CAST(:regions AS text[])) seat(department, region)"
    " ON x.department = seat.department AND (x.region = seat.region OR '*' IN (x.region, seat.region))"
    " WHERE x.officer_id = o.id) GROUP BY o.id ORDER BY o.id LIMIT :limit"
)
_NAMED = text(_OFFICERS + " WHERE o.username = :username GROUP BY o.id")
_FOUND = text(
    _OFFICERS + " WHERE o.id > :after AND (CAST(:q AS text) IS NULL OR o.name = :q OR starts_with(o.username, :q))"
    " AND (CAST(:role AS text) IS NULL OR EXISTS (SELECT 1 FROM memberships x WHERE x.officer_id = o.id"
    " AND x.role = :role)) AND (CAST(:department AS text) IS NULL OR EXISTS (SELECT 1 FROM memberships x"
    " WHERE x.officer_id = o.id AND x.department = :department)) GROUP BY o.id ORDER BY o.id LIMIT :limit"
)
_ADMINISTRATORS = text(
    "SELECT count(*) FROM officers o WHERE o.active"
    " AND EXISTS (SELECT 1 FROM memberships m WHERE m.officer_id = o.id AND m.role = 'administrator')"
)
_NOTE = text(
    "INSERT INTO overrides (subject, version, value, by, at, reason, basis) SELECT :subject,"
    " coalesce(max(version), 0) + 1, :value, :by, :at, :reason, :basis FROM overrides WHERE subject = :subject"
).bindparams(bindparam("value", type_=JSONB))
_NOTES = text(
    "SELECT v.id, v.subject, v.version, v.value, o.name AS by_name, v.at, v.reason, v.basis, coalesce((SELECT p.value"
    " FROM overrides p WHERE p.subject = v.subject AND p.version = v.version - 1), '{}') AS before FROM overrides v"
    " JOIN officers o ON o.id = v.by WHERE v.id < :before ORDER BY v.id DESC LIMIT :limit"
)

_COUNTS = text(
    "SELECT (SELECT count(*) FROM officers WHERE active) AS officers,"
    " (SELECT count(*) FROM offices WHERE active) AS offices, (SELECT count(*) FROM regions WHERE active) AS regions"
)
_VERSIONS = text(
    "SELECT v.version, v.value, o.name AS by_name, v.at, v.reason, v.basis FROM overrides v"
    " JOIN officers o ON o.id = v.by WHERE v.subject = :subject ORDER BY v.version DESC LIMIT :limit"
)


def officer(conn: Connection, username: str, *, lock: bool = False) -> RowMapping | None:
    """Return an officer, active or not."""
    query = select(OFFICERS.c.id, OFFICERS.c.name, OFFICERS.c.active).where(OFFICERS.c.username == username)
    return conn.execute(query.with_for_update() if lock else query).mappings().first()


def officers(
    conn: Connection,
    *,
    username: str | None = None,
    seats: Sequence[tuple[str, str]] | None = None,
    after: int = 0,
    limit: int = 1,
) -> Sequence[RowMapping]:
    """Return officers with their memberships, in the order they were added.

    With `username` that one, with `seats` (department, region) the active ones who sit there too.
    """
    if username is not None:
        return conn.execute(_NAMED, {"username": username}).mappings().all()
    if seats is not None:
        values = {"departments": [seat[0] for seat in seats], "regions": [seat[1] for seat in seats]}
        return conn.execute(_COLLEAGUES, {**values, "after": after, "limit": limit}).mappings().all()
    return conn.execute(_LISTED, {"after": after, "limit": limit}).mappings().all()


def find_officers(
    conn: Connection, *, q: str | None, role: str | None, department: str | None, after: int = 0, limit: int = 50
) -> Sequence[RowMapping]:
    """Return officers by name or by the beginning of the username, by role, by department."""
    values = {"q": q, "role": role, "department": department, "after": after, "limit": limit}
    return conn.execute(_FOUND, values).mappings().all()


def versions(conn: Connection, subject: str, limit: int = 20) -> Sequence[RowMapping]:
    """Return what one subject was changed to, the newest first."""
    return conn.execute(_VERSIONS, {"subject": subject, "limit": limit}).mappings().all()


def change_officer(conn: Connection, key: int, **values: Any) -> None:
    """Write an officer's name or standing."""
    conn.execute(update(OFFICERS).where(OFFICERS.c.id == key).values(**values))


def clear_members(conn: Connection, key: int) -> None:
    """Take every role from an officer."""
    conn.execute(delete(MEMBERSHIPS).where(MEMBERSHIPS.c.officer_id == key))


def administrators(conn: Connection) -> int:
    """Return how many active administrators there are."""
    return int(conn.execute(_ADMINISTRATORS).scalar_one())


def counts(conn: Connection) -> dict[str, int]:
    """Return how many officers, offices and regions are in use."""
    return {name: int(value) for name, value in conn.execute(_COUNTS).mappings().one().items()}


def offices(conn: Connection, *, after: int = 0, limit: int = 50) -> Sequence[RowMapping]:
    """Return offices in the order they were added."""
    return (
        conn.execute(select(OFFICES).where(OFFICES.c.id > after).order_by(OFFICES.c.id).limit(limit)).mappings().all()
    )


def named_offices(conn: Connection, *, limit: int = 500) -> Sequence[RowMapping]:
    """Return the first active offices that bear a code of their own, by department and region."""
    own = select(OFFICES).where(OFFICES.c.active, OFFICES.c.code != "")
    return (
        conn.execute(own.order_by(OFFICES.c.department, OFFICES.c.region, OFFICES.c.code).limit(limit)).mappings().all()
    )


def set_office_active(conn: Connection, department: str, region: str, code: str, active: bool) -> None:
    """Say whether an office still stands for its department."""
    conn.execute(
        update(OFFICES)
        .where(OFFICES.c.department == department, OFFICES.c.region == region, OFFICES.c.code == code)
        .values(active=active)
    )


def regions(conn: Connection) -> Sequence[RowMapping]:
    """Return all regions."""
    return conn.execute(select(REGIONS).order_by(REGIONS.c.code)).mappings().all()


def set_region_active(conn: Connection, code: str, active: bool) -> None:
    """Say whether a region is open."""
    conn.execute(update(REGIONS).where(REGIONS.c.code == code).values(active=active))


def note(
    conn: Connection, subject: str, value: dict[str, Any], *, by: int, at: datetime, reason: str, basis: str = ""
) -> None:
    """Put a change on record: the subject's next version, with who, when, why and by which document (依据文号)."""
    conn.execute(_NOTE, {"subject": subject, "value": value, "by": by, "at": at, "reason": reason, "basis": basis})


def notes(conn: Connection, *, before: int = 2**62, limit: int = 50) -> Sequence[RowMapping]:
    """Return what was changed, the newest first, each with the value `before` it ({} for the first version)."""
    return conn.execute(_NOTES, {"before": before, "limit": limit}).mappings().all()
