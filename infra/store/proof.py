"""What `verify` reads (核验取数): streamed by key, a few hundred cases at a time; contradictions as SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Row, RowMapping, text

CHUNK = 500
ONLY_ADDED = ("events", "documents", "traces", "consents")

_CASES = text("SELECT id, no, status, chain_seq, chain_hash FROM cases WHERE id > :after ORDER BY id LIMIT :chunk")
_EVENTS = text("SELECT * FROM events WHERE case_id = ANY(:ids) ORDER BY case_id, seq")
_TASKS = text("SELECT case_id, no, status FROM tasks WHERE case_id = ANY(:ids)")
_DOCUMENTS = text(
    "SELECT d.id, d.no, d.kind, d.at, d.content, d.hash, coalesce(c.no, a.no) AS subject FROM documents d"
    " JOIN applications a ON a.id = d.application_id LEFT JOIN cases c ON c.id = d.case_id"
    " WHERE d.id > :after ORDER BY d.id LIMIT :chunk"
)
_APPLICATIONS = text(
    "SELECT a.id, a.no, a.status, a.outcome, array_agg(c.status ORDER BY c.id) AS statuses,"
    " array_agg(c.outcome ORDER BY c.id) AS outcomes FROM applications a LEFT JOIN cases c ON c.application_id = a.id"
    " AND NOT EXISTS (SELECT 1 FROM cases successor WHERE successor.reopens = c.id)"
    " WHERE a.id > :after GROUP BY a.id ORDER BY a.id LIMIT :chunk"
)
_SECRETS = text(
    "SELECT s.application_id AS id, s.pointer, s.sealed, a.no"
    " FROM secrets s JOIN applications a ON a.id = s.application_id"
    " WHERE s.application_id IN (SELECT id FROM applications WHERE id > :after ORDER BY id LIMIT :chunk)"
    " ORDER BY s.application_id"
)
_LAST_APPLICATION = text("SELECT id FROM applications WHERE id > :after ORDER BY id LIMIT 1 OFFSET :skip")

_OPEN = "('blocked', 'pending', 'returned', 'received', 'reviewing')"
_LIVE = "('draft', 'submitted', 'supplement', 'in_progress')"

CONTRADICTIONS = {
    "orphan_task": "SELECT t.no FROM tasks t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL",
    "task_of_another_case": (
        "SELECT t.no FROM tasks t JOIN cases c ON c.id = t.case_id WHERE NOT starts_with(t.no, c.no || '-')"
    ),
    "orphan_case": "SELECT c.no FROM cases c LEFT JOIN applications a ON a.id = c.application_id WHERE a.id IS NULL",
    "open_task_of_closed_case": (
        "SELECT DISTINCT c.no FROM cases c JOIN tasks t ON t.case_id = c.id"
        f" WHERE c.status NOT IN {_LIVE} AND t.mandatory AND t.blocking AND t.status IN {_OPEN}"
    ),
    "two_open_supplements": (
        "SELECT c.no FROM supplements s JOIN cases c ON c.id = s.case_id WHERE s.status = 'open'"
        " GROUP BY c.no HAVING count(*) > 1"
    ),
    "one_signer": (
        "SELECT t.no FROM tasks t JOIN cases c ON c.id = t.case_id WHERE c.kind = '2' AND t.decides"
        " AND t.status = 'approved' AND t.single_basis IS NULL"
        " AND cardinality(ARRAY(SELECT DISTINCT unnest(t.signers))) < 2"
    ),
    "same_signer_twice": (
        "SELECT t.no FROM tasks t WHERE cardinality(ARRAY(SELECT DISTINCT unnest(t.signers))) < cardinality(t.signers)"
    ),
    "ending_without_reason": (
        f"SELECT c.no FROM cases c WHERE c.status NOT IN {_LIVE} AND (c.reason_code IS NULL OR c.closed_at IS NULL)"
    ),
    "ending_without_document": (
        f"SELECT c.no FROM cases c WHERE c.status NOT IN {_LIVE}"
        " AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.case_id = c.id AND d.kind IN"
        " ('not_required', 'not_accepted', 'decision_ok', 'decision_refused', 'closing_notice', 'forward_notice',"
        " 'withdrawal', 'void_record'))"
    ),
    "decided_without_verdict": (
        "SELECT t.no FROM tasks t WHERE t.status IN ('approved', 'refused')"
        " AND (t.verdict IS NULL OR t.decided_at IS NULL)"
    ),
    "blocked_task_decided": "SELECT t.no FROM tasks t WHERE t.status = 'blocked' AND cardinality(t.signers) > 0",
}
"""What must never be: name → the numbers of what is so all the same."""

_TRIGGERS = text(
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND NOT t.tgisinternal AND t.tgenabled <> 'D'"
)


def cases(conn: Connection) -> Iterator[tuple[Sequence[RowMapping], Sequence[RowMapping], Sequence[RowMapping]]]:
    """Yield cases with their events (in order) and their tasks, some hundreds at a time."""
    after = 0
    while rows := conn.execute(_CASES, {"after": after, "chunk": CHUNK}).mappings().all():
        ids = {"ids": [row["id"] for row in rows]}
        yield rows, conn.execute(_EVENTS, ids).mappings().all(), conn.execute(_TASKS, ids).mappings().all()
        after = rows[-1]["id"]


def documents(conn: Connection) -> Iterator[RowMapping]:
    """Yield every document."""
    return _by_key(conn, _DOCUMENTS)


def applications(conn: Connection) -> Iterator[RowMapping]:
    """Yield every application with the statuses and outcomes of its cases; a reopened one is stood for by the new."""
    return _by_key(conn, _APPLICATIONS)


def _by_key(conn: Connection, query: object) -> Iterator[RowMapping]:
    after = 0
    while rows := conn.execute(query, {"after": after, "chunk": CHUNK}).mappings().all():  # type: ignore[call-overload]
        yield from rows
        after = rows[-1]["id"]


def secrets(conn: Connection) -> Iterator[Row[tuple[int, str, bytes, str]]]:
    """Yield every sealed value."""
    after: int | None = 0
    while after is not None:
        yield from conn.execute(_SECRETS, {"after": after, "chunk": CHUNK})
        after = conn.execute(_LAST_APPLICATION, {"after": after, "skip": CHUNK - 1}).scalar()


def contradictions(conn: Connection, name: str) -> Iterator[str]:
    """Yield the numbers of what contradicts itself in one way."""
    for row in conn.execute(text(CONTRADICTIONS[name]).execution_options(stream_results=True)):
        yield str(row[0])


def missing_triggers(conn: Connection) -> list[str]:
    """Return the tables that the database no longer keeps from being changed."""
    there = {(row[0], row[1]) for row in conn.execute(_TRIGGERS)}
    return [name for name in ONLY_ADDED if not {(name, "only_added"), (name, "not_emptied")} <= there]
