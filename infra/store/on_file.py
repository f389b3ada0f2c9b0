"""What the house holds of a person already (已在档): papers of earlier applications, no query without a Scope."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, select

from forms.scope import Scope
from infra.store.papers import FILES, MATERIALS
from infra.store.scoped import applications_within
from infra.store.work import APPLICATIONS

MOST = 60


def of_person(
    conn: Connection, scope: Scope, person_keys: Collection[bytes], codes: Collection[str]
) -> list[RowMapping]:
    """Return the files handed in for papers of these codes by that person within the scope, the newest first."""
    query = (
        select(
            MATERIALS.c.code,
            MATERIALS.c.file_id,
            FILES.c.name,
            APPLICATIONS.c.no.label("application"),
            MATERIALS.c.updated_at,
        )
        .join(APPLICATIONS, APPLICATIONS.c.id == MATERIALS.c.application_id)
        .join(FILES, FILES.c.id == MATERIALS.c.file_id)
        .where(
            APPLICATIONS.c.person_key.in_(list(person_keys)),
            MATERIALS.c.code.in_(list(codes)),
            applications_within(scope),
        )
        .order_by(MATERIALS.c.id.desc())
    )
    return list(conn.execute(query.limit(MOST)).mappings())
