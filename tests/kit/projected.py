"""What the clock shows against what it must (推算核对): every running limit of cases projected anew, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

from flows.clockwork import APPLICANTS
from flows.projection import projection_of
from flows.record import GENESIS, digest
from flows.sla import Clock, Runs
from infra.calendar import calendar
from infra.store import limits, papers

LIGHTS = ("amber_on", "yellow_on", "red_on")
BESIDE = APPLICANTS | {Clock.RATING.value, Clock.RESPONSE.value, Clock.DISPATCH.value}
"""Clocks that show nothing on case or task."""


def out_of_step(conn: Connection, case_ids: Iterable[int]) -> list[str]:
    """Return what of the cases shows other days than calendar, budget and pauses give: limits, tasks, cases."""
    return [found for key in case_ids for found in _out_of_step(conn, key)]


def _out_of_step(conn: Connection, case_id: int) -> Iterator[str]:
    case = conn.execute(text("SELECT * FROM cases WHERE id = :id"), {"id": case_id}).mappings().one()
    tasks = conn.execute(text("SELECT * FROM tasks WHERE case_id = :id"), {"id": case_id}).mappings().all()
    keys = {task["no"]: task["id"] for task in tasks}
    ledger, shown = papers.pauses_of(conn, case_id), dict[str, list[dict[str, Any]]]()
    for row in limits.running_on(conn, case_id):
        if row["runs"] == Runs.HOURS:
            continue
        right = projection_of(row, ledger, keys.get(row["subject"]), calendar(conn, row["region"]))
        wrong = {name: (row[name], day) for name, day in right.items() if row[name] != day}
        if wrong:
            yield f"{row['subject']} {row['clock']}: {wrong}"
        if row["clock"] not in BESIDE:
            shown.setdefault(row["subject"], []).append(right)
    for row in (case, *tasks):
        if row is case or row["no"] in shown:
            right = _together(shown.get(row["no"], []))
            if wrong := {name: (row[name], day) for name, day in right.items() if row[name] != day}:
                yield f"{row['no']} shows {wrong}"


def _together(days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what a case or a task shows of its limits: the first due day, of each light the earliest day."""
    return {
        "due_on": days[0]["due_on"] if days else None,
        **{name: min((one[name] for one in days if one[name] is not None), default=None) for name in LIGHTS},
        "stopped": any(one["stopped"] for one in days),
    }


def broken_chains(conn: Connection, case_ids: Iterable[int]) -> list[int]:
    """Return the cases whose events do not follow from each other up to the head that the case names."""
    return [key for key in case_ids if not _chained(conn, key)]


def _chained(conn: Connection, case_id: int) -> bool:
    head = conn.execute(text("SELECT chain_seq, chain_hash FROM cases WHERE id = :id"), {"id": case_id}).one()
    events = conn.execute(text("SELECT * FROM events WHERE case_id = :id ORDER BY seq"), {"id": case_id}).mappings()
    previous, last = GENESIS, 0
    for event in events:
        previous, last = digest(previous, event), last + 1
        if (event["seq"], bytes(event["hash"])) != (last, previous):
            return False
    return (head[0], bytes(head[1]) or GENESIS) == (last, previous)
