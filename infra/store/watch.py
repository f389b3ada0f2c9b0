"""What the sweep asks and claims (巡检): rungs that are reached, deadlines that are over, set by set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, text


@dataclass(frozen=True, slots=True)
class Over:
    """A limit whose last day has passed and that has an effect of its own (deemed acts)."""

    limit_id: int
    case_no: str
    subject: str
    clock: str
    due_on: date


# a limit in office hours is due at a moment of its day; where a card follows, amber warns as that day begins
_REACHED = (
    "next_on IS NOT NULL AND next_on <= :today AND (due_at IS NULL OR due_at < :now OR ended_at IS NOT NULL"
    " OR (red_on IS NOT NULL AND 'amber' <> ALL (fired)))"
)
_MATTERS = text(f"SELECT DISTINCT matter FROM limits WHERE {_REACHED}")
# a sweep waits for nobody: what an officer's act is changing is left out, and a case is locked so that alarms may point
# at it all the same
_TAKE = text(
    f"SELECT id FROM limits WHERE {_REACHED} AND matter = :matter AND id <> ALL(:but)"
    " ORDER BY next_on, id LIMIT :chunk FOR UPDATE SKIP LOCKED"
)
_FIRE = text(
    """
    WITH due AS (
        SELECT unnest(CAST(:ids AS bigint[])) AS id
    ), reached AS (
        SELECT l.id, l.case_id, l.subject, l.clock, l.matter, l.department, l.region, r.rung, r.day, r.place
        FROM limits l JOIN due USING (id)
        CROSS JOIN LATERAL (
            VALUES ('amber', l.amber_on, 1), ('yellow', l.yellow_on, 2), ('red', l.red_on, 3)
        ) AS r (rung, day, place)
        WHERE r.day <= least(:today, l.ended_on) AND r.rung <> ALL (l.fired)
            -- what is over needs no warning any more, yet its cards
            AND (l.ended_on IS NULL OR r.rung <> 'amber')
            AND (l.due_at IS NULL OR l.due_at < least(:now, l.ended_at)
                 OR (r.rung = 'amber' AND l.red_on IS NOT NULL))
    ), claimed AS (
        INSERT INTO alarms
            (limit_id, case_id, subject, clock, rung, reached_on, fired_at, matter, department, region, state)
        SELECT id, case_id, subject, clock, rung, day, :now, matter, department, region, 'issued'
        FROM reached ORDER BY day, place, id
        ON CONFLICT (limit_id, rung) DO NOTHING
        RETURNING id, limit_id, case_id, subject, clock, rung, reached_on, department, region, matter
    ), moved AS (
        UPDATE limits l SET
            fired = l.fired || coalesce(
                (SELECT array_agg(r.rung ORDER BY r.place) FROM reached r WHERE r.id = l.id), '{}'
            ),
            next_on = (SELECT min(day) FROM unnest(ARRAY[l.amber_on, l.yellow_on, l.red_on]) AS day
                       WHERE (day > :today OR l.due_at >= :now) AND l.ended_on IS NULL)
        FROM due WHERE l.id = due.id
    )
    SELECT * FROM claimed ORDER BY id
    """
)
_IN_HOURS = text("SELECT * FROM limits WHERE id = ANY(:ids) AND due_at IS NOT NULL AND ended_at IS NULL")
_PUT_OFF = text(
    "UPDATE limits SET due_at = :due_at, due_on = :due_on, amber_on = :due_on, next_on = :due_on,"
    " red_on = CASE WHEN red_on IS NOT NULL THEN CAST(:due_on AS date) END WHERE id = :key"
)
_OVER = text(
    "SELECT l.id, c.no, l.subject, l.clock, l.due_on FROM limits l JOIN cases c ON c.id = l.case_id"
    " WHERE l.matter = :matter AND l.deems AND l.ended_at IS NULL AND l.due_on < :today"
    " AND l.id > :after"
    " ORDER BY l.id LIMIT :chunk"
)
_MATTERS_OVER = text("SELECT DISTINCT matter FROM limits WHERE deems AND ended_at IS NULL AND due_on < :today")


def matters_with_rungs(conn: Connection, today: date, now: datetime) -> list[str]:
    """Return the matters with a rung that is reached and has not fired."""
    return list(conn.execute(_MATTERS, {"today": today, "now": now}).scalars())


def matters_with_over(conn: Connection, today: date) -> list[str]:
    """Return the matters with a limit that is passed and has not had its effect."""
    return list(conn.execute(_MATTERS_OVER, {"today": today}).scalars())


def take(
    conn: Connection, matter: str, today: date, now: datetime, *, chunk: int, but: Collection[int] = ()
) -> list[int]:
    """Lock up to `chunk` limits of a matter with reached rungs for this sweep alone, the longest reached first.

    Those that somebody is changing are left to the next sweep.
    """
    query = {"matter": matter, "today": today, "now": now, "chunk": chunk, "but": list(but)}
    return list(conn.execute(_TAKE, query).scalars())


def in_hours(conn: Connection, ids: Sequence[int]) -> list[RowMapping]:
    """Return those of the limits that count office hours and still run."""
    return list(conn.execute(_IN_HOURS, {"ids": list(ids)}).mappings()) if ids else []


def put_off(conn: Connection, key: int, due_at: datetime, due_on: date) -> None:
    """Have a limit in office hours due later, since the calendar has changed meanwhile."""
    conn.execute(_PUT_OFF, {"key": key, "due_at": due_at, "due_on": due_on})


def fire(conn: Connection, ids: Sequence[int], today: date, now: datetime) -> list[RowMapping]:
    """Claim every reached rung of limits that were taken and return the alarms raised, in the order they were reached.

    A rung of a limit is claimed by a unique insert: several sweeps at once, or one that catches up after a night,
    raise each exactly once.
    """
    return list(conn.execute(_FIRE, {"ids": list(ids), "today": today, "now": now}).mappings()) if ids else []


def over(conn: Connection, matter: str, today: date, *, after: int, chunk: int) -> list[Over]:
    """Return limits that have an effect and whose last day has passed, in the order of their keys."""
    query = {"matter": matter, "today": today, "after": after, "chunk": chunk}
    return [Over(*row) for row in conn.execute(_OVER, query)]
