"""Uploads as a reader may see them (附件): one's own, and those of papers that lie within the scope."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, and_, exists, or_, select, text

from forms.scope import Scope
from infra.store.papers import FILES, MATERIALS
from infra.store.rows import CaseRow
from infra.store.scoped import cases_within
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES

_MANDATE = and_(FILES.c.application_id == APPLICATIONS.c.id, APPLICATIONS.c.mandate["file"].astext == FILES.c.id)


def within(conn: Connection, scope: Scope, file_id: str, *, officer_id: int | None) -> RowMapping | None:
    """Return an upload: the officer's own while no application has it, or what is on file of a case within the scope.

    That is a paper of its matter, or the mandate (授权委托书) of its application.
    """
    papers = exists().where(
        MATERIALS.c.file_id == FILES.c.id,
        CASES.c.application_id == MATERIALS.c.application_id,
        CASES.c.matter == MATERIALS.c.matters.any_(),
        cases_within(scope),
    )
    mandates = exists().where(_MANDATE, CASES.c.application_id == APPLICATIONS.c.id, cases_within(scope))
    own = and_(FILES.c.application_id.is_(None), FILES.c.uploaded_by == officer_id)
    return conn.execute(select(FILES).where(FILES.c.id == file_id, or_(own, papers, mandates))).mappings().first()


def cases_with(conn: Connection, scope: Scope, file_id: str) -> list[CaseRow]:
    """Return the cases within the scope for which a file was handed in."""
    query = (
        select(*CASE_COLUMNS)
        .join(MATERIALS, MATERIALS.c.application_id == CASES.c.application_id)
        .where(MATERIALS.c.file_id == file_id, CASES.c.matter == MATERIALS.c.matters.any_(), cases_within(scope))
    )
    signed = (
        select(*CASE_COLUMNS)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .join(FILES, _MANDATE)
        .where(FILES.c.id == file_id, cases_within(scope))
    )
    return [CaseRow(*row) for row in conn.execute(query)] or [CaseRow(*row) for row in conn.execute(signed)]


def of_applicant(conn: Connection, application_id: int) -> int:
    """Return how many files the applicant uploaded; until the transaction ends no further one is counted."""
    conn.execute(_LOCK, {"id": application_id})
    return int(conn.execute(_OF_APPLICANT, {"id": application_id}).scalar_one())


_LOCK = text("SELECT 1 FROM applications WHERE id = :id FOR NO KEY UPDATE")
_OF_APPLICANT = text("SELECT count(*) FROM files WHERE application_id = :id AND uploaded_by IS NULL")
