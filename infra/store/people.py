"""Officers, what they may be, and where (人员、角色、机构、区划)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, text

from infra.store.line import run
from infra.store.statement import moment, octets
from infra.store.work import table
from infra.tables import Membership, Office, Officer, Region

OFFICERS, MEMBERSHIPS, OFFICES, REGIONS = table(Officer), table(Membership), table(Office), table(Region)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An active officer with all memberships, as (role, department, region, office).

    Those held by standing in for somebody (代理) have the absent officer's key and name besides.
    """

    id: int
    username: str
    name: str
    members: tuple[tuple[Any, ...], ...]


def seats_of(at: str) -> str:
    """Return the SQL for what the officer `o` may be, as JSON: the own roles, then those of absent colleagues.

    `at` stands for the machine's time. A stand-in keeps to the days of the business and to departments of the own.
    """
    return f"""
coalesce((SELECT json_agg(json_build_array(x.role, x.department, x.region, x.office, x.absent, x.name) ORDER BY x.place)
FROM (
    SELECT m.role, m.department, m.region, m.office, CAST(NULL AS bigint) AS absent, '' AS name, 0 AS place
    FROM memberships m WHERE m.officer_id = o.id
    UNION ALL
    SELECT m.role, m.department, m.region, m.office, a.id, a.name, s.id
    FROM standins s JOIN officers a ON a.id = s.absent_id AND a.active
    JOIN memberships m ON m.officer_id = a.id AND m.department = s.department AND m.role <> 'administrator'
    WHERE s.officer_id = o.id AND s.revoked_at IS NULL
    AND CAST((CAST({at} AS timestamptz)
              + make_interval(secs => coalesce((SELECT offset_seconds FROM clock WHERE id = 1), 0)))
             AT TIME ZONE 'Asia/Shanghai' AS date) BETWEEN s.from_on AND s.until_on
    AND EXISTS (SELECT 1 FROM memberships own WHERE own.officer_id = o.id AND own.department = m.department
                AND own.region IN ('*', m.region))
) x), '[]')"""


_BY_USERNAME = text(
    "SELECT o.id, o.username, o.name, coalesce((SELECT json_agg(json_build_array(m.role, m.department, m.region,"
    " m.office)) FROM memberships m WHERE m.officer_id = o.id), '[]')"
    " FROM officers o WHERE o.username = :username AND o.active"
)
_BY_TOKEN = (
    f"SELECT o.id, o.username, o.name, {seats_of('$2')} FROM officers o WHERE o.active AND o.id ="
    " (SELECT officer_id FROM tokens WHERE hash = $1 AND expires_at > $2 AND revoked_at IS NULL)"
)
_NAMES = text("SELECT id, name FROM officers WHERE id = ANY(:keys)")
_REGION_CODES = "SELECT code FROM regions WHERE active"


def _officer(row: Any) -> OfficerRow | None:
    if row is None:
        return None
    return OfficerRow(row[0], row[1], row[2], tuple(tuple(member) for member in row[3]))


_SEATS_HELD = text(
    "SELECT DISTINCT m.role, m.department, m.region FROM memberships m JOIN officers o ON o.id = m.officer_id"
    " WHERE o.active"
)


def names(conn: Connection, keys: Iterable[str]) -> dict[str, str]:
    """Return the names of officers, active or not, by their keys as text."""
    wanted = [int(key) for key in keys if key.isdecimal()]
    return {str(row.id): row.name for row in conn.execute(_NAMES, {"keys": wanted})}


def officer_by_username(conn: Connection, username: str) -> OfficerRow | None:
    """Return an active officer by the name used to sign in, with the own memberships alone."""
    return _officer(conn.execute(_BY_USERNAME, {"username": username}).first())


def officer_by_token(conn: Connection, token_hash: bytes, at: datetime) -> OfficerRow | None:
    """Return the officer of a token that is valid at `at` (the machine's time), None where there is none."""
    found = run(conn, _BY_TOKEN, [octets(token_hash), moment(at)])
    return _officer(found[0] if found else None)


def region_names(conn: Connection) -> dict[str, str]:
    """Return every region's name by its code."""
    return {row[0]: row[1] for row in conn.execute(select(REGIONS.c.code, REGIONS.c.name))}


_HOLDERS = text(
    "SELECT DISTINCT o.id FROM officers o JOIN memberships m ON m.officer_id = o.id WHERE o.active AND m.role = :role"
    " AND m.region IN ('*', :region) AND (CAST(:department AS text) IS NULL OR m.department = :department)"
    " ORDER BY o.id"
)


def holders(conn: Connection, role: str, region: str, department: str | None = None) -> list[int]:
    """Return the keys of the active officers who hold a role that reaches into a region, in one department or any."""
    return list(conn.execute(_HOLDERS, {"role": role, "region": region, "department": department}).scalars())


def seats_held(conn: Connection) -> frozenset[tuple[str, str, str]]:
    """Return which seats are held by active officers: role, department, region ("*" every region)."""
    return frozenset((row.role, row.department, row.region) for row in conn.execute(_SEATS_HELD))


def region_codes(conn: Connection) -> frozenset[str]:
    """Return the regions that are open."""
    return frozenset(row[0] for row in run(conn, _REGION_CODES, []))


_OFFICE = (
    select(OFFICES)
    .where(OFFICES.c.department == bindparam("department"), OFFICES.c.region == bindparam("region"), OFFICES.c.active)
    .order_by(OFFICES.c.code)
)


def offices(conn: Connection, department: str, region: str) -> list[RowMapping]:
    """Return who stands for a department in a region."""
    return list(conn.execute(_OFFICE, {"department": department, "region": region}).mappings())


def offices_in(conn: Connection, region: str, *, limit: int = 300) -> list[RowMapping]:
    """Return the first offices of a region that bear a code of their own, department by department."""
    own = select(OFFICES).where(OFFICES.c.region == region, OFFICES.c.active, OFFICES.c.code != "")
    return list(conn.execute(own.order_by(OFFICES.c.department, OFFICES.c.code).limit(limit)).mappings())


def find_office(conn: Connection, department: str, region: str, named: str) -> RowMapping | None:
    """Return the office of a department in a region that bears the code or the name; None where there is none."""
    return next((row for row in offices(conn, department, region) if named in (row["code"], row["name"])), None)


_UPSERT_REGION = text(
    "INSERT INTO regions (code, name, active) VALUES (:code, :name, true)"
    " ON CONFLICT (code) DO UPDATE SET name = excluded.name"
)
_UPSERT_OFFICE = text(
    "INSERT INTO offices (department, region, code, name, phone, active)"
    " VALUES (:department, :region, :code, :name, :phone, true)"
    " ON CONFLICT (department, region, code) DO UPDATE SET name = excluded.name, phone = excluded.phone"
)
_INSERT_OFFICER = text(
    "INSERT INTO officers (username, name, active, created_at) VALUES (:username, :name, true, :at)"
    " ON CONFLICT (username) DO NOTHING RETURNING id"
)
_INSERT_MEMBER = text(
    "INSERT INTO memberships (officer_id, role, department, region, office)"
    " VALUES (:officer_id, :role, :department, :region, :office) ON CONFLICT DO NOTHING"
)


def put_region(conn: Connection, code: str, name: str) -> None:
    """Open a region, or rename it."""
    conn.execute(_UPSERT_REGION, {"code": code, "name": name})


def put_office(conn: Connection, department: str, region: str, code: str, name: str, phone: str = "") -> None:
    """Say who stands for a department in a region; a second time changes name and telephone."""
    conn.execute(
        _UPSERT_OFFICE,
        {
            "department": department,
            "region": region,
            "code": code,
            "name": name,
            "phone": phone,
        },
    )


def add_officer(conn: Connection, username: str, name: str, at: datetime) -> int | None:
    """Add an officer and return the key; None where the username is taken."""
    return conn.execute(_INSERT_OFFICER, {"username": username, "name": name, "at": at}).scalar()


def add_member(conn: Connection, officer_id: int, role: str, department: str, region: str, office: str | None) -> None:
    """Give an officer a role in a department of a region; the same twice is once."""
    conn.execute(
        _INSERT_MEMBER,
        {
            "officer_id": officer_id,
            "role": role,
            "department": department,
            "region": region,
            "office": office,
        },
    )


_FILL_PASSWORDS = text(
    "UPDATE officers SET password_hash = :hash WHERE username = ANY(:usernames) AND password_hash IS NULL"
)


def fill_passwords(conn: Connection, usernames: list[str], password_hash: str) -> None:
    """Give the officers who have none this password."""
    conn.execute(_FILL_PASSWORDS, {"hash": password_hash, "usernames": usernames})
