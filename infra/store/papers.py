"""Materials, supplements, pauses, secrets, consents, files and evidence (材料、补正、暂停、附件、核验结果)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from infra.store.statement import Insert
from infra.store.work import APPLICATIONS, CASES, TASKS, table
from infra.tables import Consent, Evidence, Material, Pause, Secret, StoredFile, Supplement

MATERIALS, SUPPLEMENTS, PAUSES = table(Material), table(Supplement), table(Pause)
SECRETS, CONSENTS, FILES, EVIDENCE = table(Secret), table(Consent), table(StoredFile), table(Evidence)

_INSERT_MATERIALS = insert(MATERIALS)
_INSERT_SECRETS = insert(SECRETS)
_INSERT_CONSENTS = insert(CONSENTS)


def insert_materials(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Insert the papers of an application."""
    if rows:
        conn.execute(_INSERT_MATERIALS, rows)


def replace_materials(conn: Connection, application_id: int, rows: list[dict[str, Any]]) -> None:
    """Put the list of papers in place of the one before (a correction changed what is wanted)."""
    conn.execute(delete(MATERIALS).where(MATERIALS.c.application_id == application_id))
    insert_materials(conn, rows)


def want_materials(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Have papers on the list that were not wanted before; those that are there already stay as they are."""
    if rows:
        conn.execute(upsert(MATERIALS).on_conflict_do_nothing(), rows)


def materials_of(conn: Connection, application_id: int) -> list[RowMapping]:
    """Return the papers of an application in the order of the list."""
    query = select(MATERIALS).where(MATERIALS.c.application_id == application_id).order_by(MATERIALS.c.id)
    return list(conn.execute(query).mappings())


def hand_in(conn: Connection, application_id: int, code: str, *, state: str, file_id: str | None, at: datetime) -> bool:
    """Note that a paper is there; False where the application wants no such paper."""
    done = conn.execute(
        update(MATERIALS)
        .where(MATERIALS.c.application_id == application_id, MATERIALS.c.code == code)
        .values(state=state, file_id=file_id, deadline=None, updated_at=at)
    )
    return done.rowcount > 0


def insert_secrets(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Store sealed values."""
    if rows:
        conn.execute(_INSERT_SECRETS, rows)


def replace_secrets(
    conn: Connection, application_id: int, positions: Collection[int], rows: list[dict[str, Any]]
) -> None:
    """Put sealed values in place of those before, of the head (0) and of the cases at `positions`."""
    conn.execute(
        delete(SECRETS).where(SECRETS.c.application_id == application_id, SECRETS.c.case_position.in_(positions))
    )
    insert_secrets(conn, rows)


def copy_secrets(conn: Connection, application_id: int, source: int, target: int) -> None:
    """Give a reopened case the sealed values of the one it carries on."""
    names = ["application_id", "pointer", "kind", "mask", "sealed", "blind"]
    query = select(literal(target), *(SECRETS.c[name] for name in names)).where(
        SECRETS.c.application_id == application_id, SECRETS.c.case_position == source
    )
    conn.execute(insert(SECRETS).from_select(["case_position", *names], query))


def mark_missing(conn: Connection, application_id: int, codes: Sequence[str], at: datetime) -> None:
    """Note that papers have to be brought (again): what was handed in does not do."""
    conn.execute(
        update(MATERIALS)
        .where(MATERIALS.c.application_id == application_id, MATERIALS.c.code.in_(codes))
        .values(state="missing", file_id=None, updated_at=at)
    )


def secrets_of(conn: Connection, application_id: int) -> list[RowMapping]:
    """Return the sealed values of an application."""
    return list(conn.execute(select(SECRETS).where(SECRETS.c.application_id == application_id)).mappings())


def insert_consents(conn: Connection, rows: list[dict[str, Any]]) -> None:
    """Store consents with their text."""
    if rows:
        conn.execute(_INSERT_CONSENTS, rows)


def consents_of(conn: Connection, application_id: int) -> list[RowMapping]:
    """Return the consents of an application."""
    return list(conn.execute(select(CONSENTS).where(CONSENTS.c.application_id == application_id)).mappings())


def open_supplement(conn: Connection, case_id: int) -> RowMapping | None:
    """Return the one open list of what is missing, if there is one."""
    query = select(SUPPLEMENTS).where(SUPPLEMENTS.c.case_id == case_id, SUPPLEMENTS.c.status == "open")
    return conn.execute(query).mappings().first()


def supplements_of(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return all lists of a case, oldest first."""
    query = select(SUPPLEMENTS).where(SUPPLEMENTS.c.case_id == case_id).order_by(SUPPLEMENTS.c.id)
    return list(conn.execute(query).mappings())


def insert_supplement(conn: Connection, values: dict[str, Any]) -> None:
    """Open a list of what is missing."""
    conn.execute(insert(SUPPLEMENTS), values)


def update_supplement(conn: Connection, key: int, **values: Any) -> None:
    """Change an open list: items handed in, joined by others, or closed."""
    conn.execute(update(SUPPLEMENTS).where(SUPPLEMENTS.c.id == key).values(**values))


def insert_pause(conn: Connection, values: dict[str, Any]) -> None:
    """Begin a pause."""
    conn.execute(insert(PAUSES), values)


def paused(rows: list[dict[str, Any]]) -> Insert:
    """Have pauses begun together with what else an act writes."""
    return Insert(PAUSES, tuple(rows[0]), rows)


def open_pauses(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return the pauses of a case and its tasks that have not ended."""
    query = select(PAUSES).where(PAUSES.c.case_id == case_id, PAUSES.c.ended_at.is_(None)).order_by(PAUSES.c.id)
    return list(conn.execute(query).mappings())


def pauses_of(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return the ledger of pauses of a case."""
    return list(conn.execute(select(PAUSES).where(PAUSES.c.case_id == case_id).order_by(PAUSES.c.id)).mappings())


def end_pauses(conn: Connection, keys: Sequence[int], *, at: datetime, by: int | None) -> None:
    """End pauses."""
    if keys:
        conn.execute(update(PAUSES).where(PAUSES.c.id.in_(keys)).values(ended_at=at, ended_by=by))


def files(conn: Connection, keys: Sequence[str]) -> dict[str, RowMapping]:
    """Return uploaded files by their keys."""
    if not keys:
        return {}
    return {row["id"]: row for row in conn.execute(select(FILES).where(FILES.c.id.in_(keys))).mappings()}


def insert_file(conn: Connection, values: dict[str, Any]) -> None:
    """Note an upload."""
    conn.execute(insert(FILES), values)


def attach_files(conn: Connection, keys: Sequence[str], application_id: int) -> None:
    """Make uploads part of an application; a file belongs to the first that names it."""
    if keys:
        conn.execute(
            update(FILES)
            .where(FILES.c.id.in_(keys), FILES.c.application_id.is_(None))
            .values(application_id=application_id)
        )


def persons_of_files(conn: Connection, keys: Sequence[str]) -> dict[str, bytes]:
    """Return whose application each file belongs to, by blind index, for papers that are 已在档."""
    if not keys:
        return {}
    query = (
        select(FILES.c.id, APPLICATIONS.c.person_key)
        .join(APPLICATIONS, APPLICATIONS.c.id == FILES.c.application_id)
        .where(FILES.c.id.in_(keys))
    )
    return {row.id: row.person_key for row in conn.execute(query)}


def insert_evidence(conn: Connection, values: dict[str, Any]) -> None:
    """Attach what a registry answered to a task."""
    conn.execute(insert(EVIDENCE), values)


def evidence_of(conn: Connection, task_ids: Sequence[int]) -> list[RowMapping]:
    """Return what registries answered for tasks, oldest first."""
    if not task_ids:
        return []
    query = select(EVIDENCE).where(EVIDENCE.c.task_id.in_(task_ids)).order_by(EVIDENCE.c.id)
    return list(conn.execute(query).mappings())


def subject_in_hand(conn: Connection, matter: str, subject_key: bytes) -> str | None:
    """Return the number of the open case of a matter for a subject, if there is one."""
    query = select(CASES.c.no).where(
        and_(
            CASES.c.matter == matter,
            CASES.c.subject_key == subject_key,
            CASES.c.status.in_(("submitted", "supplement", "in_progress")),
        )
    )
    return conn.execute(query).scalar()


def case_ids_of_tasks(conn: Connection, task_ids: Sequence[int]) -> dict[int, int]:
    """Return the case of each task."""
    query = select(TASKS.c.id, TASKS.c.case_id).where(TASKS.c.id.in_(task_ids))
    return {row.id: row.case_id for row in conn.execute(query)}


def deadline_passed(deadline: date, today: date) -> bool:
    """Whether a deadline is over: the day itself is still in time, 民法典 第203条."""
    return today > deadline
