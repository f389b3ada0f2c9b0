"""Moving many due days at once (批量重算): the cases concerned, locked chunk by chunk, written back set by set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from psycopg import Connection as Psycopg
from psycopg import sql
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Running:
    """A running limit as the projection needs it, with its task's key where it is a task's."""

    id: int
    case_id: int
    subject: str
    task_id: int | None
    clock: str
    runs: str
    days: int
    extension: int
    started_on: date
    started_at: datetime | None
    fixed_on: date | None
    rungs: list[dict[str, Any]]
    fired: list[str]
    region: str
    due_on: date | None
    due_at: datetime | None
    amber_on: date | None
    yellow_on: date | None
    red_on: date | None
    provisional: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """What limits have in common that no pause has touched: one budget, the same days today; `key` tells them apart."""

    region: str
    runs: str
    days: int
    extension: int
    started_on: date
    fixed_on: date | None
    rungs: list[dict[str, Any]]
    due_on: date | None
    amber_on: date | None
    yellow_on: date | None
    red_on: date | None
    provisional: bool
    stopped: bool
    key: int
    limits: int


_SORT = (
    "l.region, l.runs, l.days, l.extension, l.started_on, l.fixed_on, l.rungs, l.due_on, l.amber_on, l.yellow_on,"
    " l.red_on, l.provisional, l.stopped"
)
_KEY = f"hash_record_extended(ROW({_SORT}), 0)"
# a reminder in office hours is looked at again by the sweep before it is given (`flows.watch`)
_RUNS = "l.ended_at IS NULL AND l.clock NOT IN ('response', 'dispatch')"
_PAUSED = "(l.runs = 'hours' OR EXISTS (SELECT 1 FROM pauses p WHERE p.case_id = l.case_id))"
# of cases that are locked no pause comes or goes: those with one are told from the others once, not limit by limit
_HELD = "(l.runs = 'hours' OR l.case_id = ANY(:held))"
_EVER_PAUSED = text("SELECT DISTINCT case_id FROM pauses WHERE case_id = ANY(:ids)")
_SORTS = text(f"SELECT {_SORT}, {_KEY}, count(*) FROM limits l WHERE {_RUNS} AND NOT {_PAUSED} GROUP BY {_SORT}")
_TOUCHED = text(
    f"SELECT DISTINCT l.case_id FROM limits l WHERE {_RUNS} AND l.case_id > :after"
    f" AND ({_KEY} = ANY(:keys) OR {_PAUSED}) ORDER BY l.case_id LIMIT :chunk"
)
_RUNNING = text(
    "SELECT l.id, l.case_id, l.subject, t.id, l.clock, l.runs, l.days, l.extension, l.started_on, l.started_at,"
    " l.fixed_on, l.rungs, l.fired, l.region, l.due_on, l.due_at, l.amber_on, l.yellow_on, l.red_on, l.provisional,"
    " l.stopped"
    " FROM limits l LEFT JOIN tasks t ON t.case_id = l.case_id AND t.no = l.subject"
    f" WHERE {_RUNS} AND l.case_id = ANY(:ids) AND {_HELD} ORDER BY l.id"
)
_LEDGER = text("SELECT case_id, task_id, kind, begun_at, ended_at FROM pauses WHERE case_id = ANY(:ids) ORDER BY id")
_OLDER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name = current_setting('application_name')"  # nobody waits for a backup
    " AND backend_type = 'client backend' AND xact_start < CAST(:since AS timestamptz)"
)
_LOCK = text(
    "SELECT id, no, status, chain_seq, chain_hash FROM cases WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
)
_PATIENTLY = ("SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0")
_BEGIN = (
    "SET LOCAL synchronous_commit = off",
    "CREATE TEMP TABLE moved_limits (id bigint, case_id bigint, subject text, clock text, before date,"
    " due_on date, due_at timestamptz, amber_on date, yellow_on date, red_on date, provisional boolean,"
    " stopped boolean, next_on date) ON COMMIT DROP",
    "CREATE TEMP TABLE heads (id bigint, no text, seq int, hash bytea, grown int) ON COMMIT DROP",
)
_MOVE_SINGLE = (
    "UPDATE limits l SET due_on = m.due_on, due_at = m.due_at, amber_on = m.amber_on, yellow_on = m.yellow_on,"
    " red_on = m.red_on, provisional = m.provisional, stopped = m.stopped, next_on = m.next_on"
    " FROM moved_limits m WHERE l.id = m.id"
)
_NEXT = ", ".join(f"CASE WHEN '{light}' <> ALL (l.fired) THEN s.{light}_on END" for light in ("amber", "yellow", "red"))
# the sort says what the due day was before, so that every limit is found and written in one go
_MOVE = text(
    f"""
    WITH new AS (
        UPDATE limits l SET due_on = s.due_on, amber_on = s.amber_on, yellow_on = s.yellow_on, red_on = s.red_on,
            provisional = s.provisional, stopped = false, next_on = least({_NEXT})
        FROM jsonb_to_recordset(CAST(:sorts AS jsonb)) AS s (key text, before date, due_on date, amber_on date,
            yellow_on date, red_on date, provisional boolean)
        WHERE {_RUNS} AND l.case_id = ANY(:ids) AND s.key::bigint = {_KEY} AND NOT {_HELD}
        RETURNING l.id, l.case_id, l.subject, l.clock, s.before, l.due_on, l.due_at, l.amber_on, l.yellow_on, l.red_on,
            l.provisional, l.stopped, l.next_on
    )
    INSERT INTO moved_limits SELECT * FROM new
    """
)
_MOVED = text(
    "SELECT case_id, json_agg(json_build_object("
    "'subject', subject, 'clock', clock, 'before', before, 'after', due_on) ORDER BY id)"
    " FILTER (WHERE before IS DISTINCT FROM due_on)"
    " FROM moved_limits GROUP BY case_id ORDER BY case_id"
)
# a task shows the first due day of its limits and the earliest day of each light, that by which a pause is to end too
_WRITE_TASKS = text(
    "UPDATE tasks t SET due_on = s.due_on, amber_on = s.amber_on, yellow_on = s.yellow_on, red_on = s.red_on,"
    " stopped = s.stopped FROM ("
    " SELECT l.case_id, l.subject, (array_agg(l.due_on ORDER BY l.id))[1] AS due_on, min(l.amber_on) AS amber_on,"
    "  min(l.yellow_on) AS yellow_on, min(l.red_on) AS red_on, bool_or(l.stopped) AS stopped"
    " FROM limits l WHERE l.case_id = ANY(:ids) AND num_nulls(l.ended_at) = 1"
    "  AND l.clock NOT IN ('supplement', 'gap', 'rating', 'response', 'dispatch') GROUP BY l.case_id, l.subject) s"
    " WHERE t.case_id = ANY(:ids) AND t.case_id = s.case_id AND t.no = s.subject"
    " AND (t.due_on, t.amber_on, t.yellow_on, t.red_on, t.stopped)"
    "  IS DISTINCT FROM (s.due_on, s.amber_on, s.yellow_on, s.red_on, s.stopped)"
)
# a case shows the first due day of its own limits and the earliest day of each light; written with the head of its
# chain, so that a row is changed once
_WRITE_CASES = (
    "UPDATE cases c SET due_on = s.due_on, amber_on = s.amber_on, yellow_on = s.yellow_on, red_on = s.red_on,"
    " stopped = coalesce(s.stopped, false), chain_seq = h.seq, chain_hash = h.hash, version = c.version + h.grown"
    " FROM heads h LEFT JOIN LATERAL ("
    " SELECT (array_agg(l.due_on ORDER BY l.id))[1] AS due_on, min(l.amber_on) AS amber_on,"
    "  min(l.yellow_on) AS yellow_on, min(l.red_on) AS red_on, bool_or(l.stopped) AS stopped"
    " FROM limits l WHERE l.case_id = h.id AND l.ended_at IS NULL AND l.subject = h.no"
    "  AND l.clock NOT IN ('supplement', 'gap', 'rating')) s ON true"
    " WHERE c.id = h.id"
)

_LAST_EVENT = text("SELECT coalesce(max(id), 0) FROM events")
_MOVED_SINCE = text(
    "SELECT coalesce(sum(jsonb_array_length(detail -> 'moved')), 0), count(DISTINCT case_id) FROM events"
    " WHERE id > :since AND act = 'recalendar'"
)


def last_event(conn: Connection) -> int:
    """Return up to where the record of all cases goes."""
    return int(conn.execute(_LAST_EVENT).scalar_one())


def moved_since(conn: Connection, since: int) -> tuple[int, int]:
    """Return how many due days have moved with the calendar since an event, on how many cases, whoever moved them."""
    limits, cases = conn.execute(_MOVED_SINCE, {"since": since}).one()
    return int(limits), int(cases)


def older_transactions(conn: Connection, since: str) -> int:
    """Return how many transactions are under way here that began before a moment; each look needs one of its own."""
    return int(conn.execute(_OLDER, {"since": since}).scalar_one())


def patiently(conn: Connection) -> None:
    """Have this transaction take its time: it goes over everything that runs, and acts under way are waited for."""
    for statement in _PATIENTLY:
        conn.exec_driver_sql(statement)


def sorts(conn: Connection) -> list[Sort]:
    """Return the sorts of running limits on cases that were never paused; they are few however many limits run."""
    return [Sort(*row) for row in conn.execute(_SORTS)]


def touched(conn: Connection, keys: Sequence[int], after: int, chunk: int) -> list[int]:
    """Return the next cases with a running limit of one of the sorts, or with pauses, in the order of their keys."""
    return list(conn.execute(_TOUCHED, {"keys": list(keys), "after": after, "chunk": chunk}).scalars())


def begin(conn: Connection) -> None:
    """Have this transaction move due days.

    It is not waited for at its end until it is on the disk: should it be lost with the machine, so is everything after
    it, the note that all due days follow the calendar included, and the next pass moves its limits again.
    """
    for statement in _BEGIN:
        conn.exec_driver_sql(statement)


def move(conn: Connection, ids: Sequence[int], held: Sequence[int], days: Sequence[dict[str, Any]]) -> None:
    """Move all limits of cases, but of those `held` by a pause, that are of a sort which moves; the cases are locked.

    Each of `days` names the sort's `key`, its due day `before`, and its days to be.
    """
    conn.execute(_MOVE, {"ids": list(ids), "held": list(held), "sorts": orjson.dumps(days).decode()})


def move_single(conn: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Move limits one by one, each given as (id, case, subject, clock, day before, due, amber, yellow, …)."""
    if rows:
        _copy(conn, "moved_limits", rows)
        conn.exec_driver_sql(_MOVE_SINGLE)


def moved(conn: Connection) -> dict[int, list[dict[str, Any]] | None]:
    """Return the cases with a limit that was moved: each due day that is another now, from when to when.

    It is None where only the day of a card moved, or what is provisional.
    """
    return {key: found for key, found in conn.execute(_MOVED)}


def ever_paused(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Return which of the cases, which are locked, were ever paused."""
    return list(conn.execute(_EVER_PAUSED, {"ids": list(ids)}).scalars())


def singly(conn: Connection, ids: Sequence[int], held: Sequence[int]) -> list[Running]:
    """Return the running limits of the cases `held` by a pause once, and those in office hours."""
    return [Running(*row) for row in conn.execute(_RUNNING, {"ids": list(ids), "held": list(held)})]


def ledger(conn: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """Return the pauses of cases."""
    return conn.execute(_LEDGER, {"ids": list(ids)}).mappings().all()


def lock_cases(conn: Connection, ids: Iterable[int]) -> list[Any]:
    """Lock cases in the order of their keys and return number, status and the head of the chain."""
    return list(conn.execute(_LOCK, {"ids": list(ids)}))


def write(
    conn: Connection,
    columns: Sequence[str],
    events: Iterable[tuple[Any, ...]],
    heads: Sequence[tuple[int, str, int, bytes, int]],
) -> None:
    """Write what was moved to tasks and cases, with the events and the heads of the chains.

    Each of `heads` is (case, its number, sequence and hash of its last event, by how much its version grows).
    """
    conn.execute(_WRITE_TASKS, {"ids": [head[0] for head in heads]})
    _copy(conn, f"events ({', '.join(columns)})", events)
    _copy(conn, "heads", heads)
    conn.exec_driver_sql(_WRITE_CASES)


def _copy(conn: Connection, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver = conn.connection.driver_connection
    assert isinstance(driver, Psycopg)
    with driver.cursor() as cursor, cursor.copy(sql.SQL(f"COPY {target} FROM STDIN")) as copy:
        for row in rows:
            copy.write_row(row)
