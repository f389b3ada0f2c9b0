"""What an intake needs before it is written (收件所需): two journeys, one before its body is read, one after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from infra.store.calendar import VERSION, Version
from infra.store.issued import Offices, asked_for, told
from infra.store.line import run_all

_OPEN = "SELECT code FROM regions WHERE active"
_CHANGED = (
    "SELECT DISTINCT ON (subject) subject, value FROM overrides WHERE subject = ANY($1::text[])"
    " ORDER BY subject, version DESC"
)
_NEXT = (
    "SELECT nextval('applications_id_seq'), ARRAY(SELECT nextval('cases_id_seq') FROM generate_series(1, $1::integer))"
)


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds at receipt: the regions that are open, what was changed of the matters, which calendar."""

    regions: frozenset[str]
    changes: dict[str, dict[str, Any]]
    calendar: Version


def in_force(conn: Connection, matters: Collection[str]) -> InForce:
    """Return what holds now for intakes of these matters; what was changed is told by matter."""
    subjects = "{" + ",".join(f"matter/{code}" for code in matters) + "}"
    regions, changed, [version] = run_all(conn, (_OPEN, ()), (_CHANGED, [subjects]), VERSION)
    return InForce(
        frozenset(row[0] for row in regions),
        {row[0].partition("/")[2]: row[1] for row in changed},
        (version[0], version[1]),
    )


def next_keys(
    conn: Connection, cases: int, region: str, departments: Collection[str]
) -> tuple[int, list[int], Offices]:
    """Draw the key of a new application and those of its cases; return them and the offices that its documents name."""
    [keys], offices = run_all(conn, (_NEXT, [str(cases)]), asked_for([region], departments))
    return int(keys[0]), list(keys[1]), told(offices, [region], departments)
