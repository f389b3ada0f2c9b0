"""Issued documents (文书): one of a case or an application, and the names that stand at their heads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from forms.scope import Scope
from infra.store.calendar import VERSION, Version
from infra.store.line import Statement, run_all
from infra.store.rows import CaseRow
from infra.store.scoped import cases_within
from infra.store.work import CASES, DOCUMENTS

_NAME = "SELECT id, name FROM applications WHERE id = $1"
_OFFICES = (
    "SELECT department, region, name, phone FROM offices"
    " WHERE code = '' AND active AND region = ANY($1::text[]) AND department = ANY($2::text[])"
)


Offices = dict[tuple[str, str], tuple[str, str] | None]
"""Name and telephone of offices by (department, region), None where a region has no such office."""


def heads(
    conn: Connection, applications: Collection[int], regions: Collection[str], departments: Collection[str]
) -> tuple[dict[int, str], Offices, Version]:
    """Return applicants' names by application, the offices, and the version of the calendar in force: one journey.

    An application that is only just being received has no name here yet.
    """
    *names, offices, [version] = run_all(
        conn,
        *((_NAME, [str(key)]) for key in sorted(applications)),
        asked_for(regions, departments),
        VERSION,
    )
    found = {row[0]: row[1] for rows in names for row in rows}
    return found, told(offices, regions, departments), (version[0], version[1])


def asked_for(regions: Collection[str], departments: Collection[str]) -> Statement:
    """Return what asks for the offices of departments in regions, for who has more to ask in the same journey."""
    return _OFFICES, [_array(regions), _array(departments)]


def told(rows: Iterable[Sequence[Any]], regions: Collection[str], departments: Collection[str]) -> Offices:
    """Return the offices that were asked for, those that there are not as well."""
    found: Offices = dict.fromkeys(product(departments, regions))
    return found | {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _array(values: Collection[str]) -> str:
    """Write codes of ours as PostgreSQL reads an array."""
    return "{" + ",".join(sorted(values)) + "}"


def of_case(
    conn: Connection, scope: Scope, case_row: CaseRow, no: str, *, but: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return a document of a case or of its application, None where it is not there, not to be seen or one of `but`."""
    return _one(conn, scope, DOCUMENTS.c.no == no, DOCUMENTS.c.kind.not_in(list(but)), CASES.c.id == case_row.id)


def of_application(
    conn: Connection, scope: Scope, application_id: int, no: str, *, but: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return a document of any case of an application that may be seen, or of the application itself."""
    mine = CASES.c.application_id == application_id
    return _one(conn, scope, DOCUMENTS.c.no == no, DOCUMENTS.c.kind.not_in(list(but)), mine)


def _one(conn: Connection, scope: Scope, *chosen: Any) -> dict[str, Any] | None:
    whose = and_(
        CASES.c.application_id == DOCUMENTS.c.application_id,
        or_(DOCUMENTS.c.case_id.is_(None), DOCUMENTS.c.case_id == CASES.c.id),
    )
    query = select(DOCUMENTS).join(CASES, whose).where(*chosen, cases_within(scope)).limit(1)
    row = conn.execute(query).mappings().first()
    return dict(row) if row is not None else None


def on_case(conn: Connection, case_row: CaseRow) -> list[dict[str, Any]]:
    """Return number, kind, moment and hash of the documents of a case and of its application, in order."""
    columns = [DOCUMENTS.c[name] for name in ("no", "kind", "at", "hash")]
    mine = and_(
        DOCUMENTS.c.application_id == case_row.application_id,
        or_(DOCUMENTS.c.case_id == case_row.id, DOCUMENTS.c.case_id.is_(None)),
    )
    query = select(*columns).where(mine).order_by(DOCUMENTS.c.id)
    return [dict(row) for row in conn.execute(query).mappings()]
