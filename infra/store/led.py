"""Whose matters they are (牵头事项): which department leads the cases of which matter, as the cases themselves say.

A task and a limit know their matter and region, not who leads their case: where each matter has one lead, that is known
without a look at any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, text

from forms.scope import Scope
from infra.store.walk import matters_of

# every pair once, each found from the one before it in the index
_LEADS = text(
    """
    WITH RECURSIVE pairs AS (
        (SELECT lead, matter FROM cases ORDER BY lead, matter LIMIT 1)
        UNION ALL
        SELECT next.lead, next.matter FROM pairs p CROSS JOIN LATERAL (
            SELECT c.lead, c.matter FROM cases c WHERE (c.lead, c.matter) > (p.lead, p.matter)
            ORDER BY c.lead, c.matter LIMIT 1
        ) next
    )
    SELECT lead, matter FROM pairs
    """
)


@dataclass(frozen=True, slots=True)
class Led:
    """What a reader who leads matters or has seats, and nothing else, can see: these matters in these regions.

    None is for all regions. It is all of that where `exact`; else some of it is seen by others alone.
    """

    regions: frozenset[str] | None
    matters: frozenset[str]
    exact: bool

    def holds(self, table: Any) -> list[ColumnElement[bool]]:
        """Return the conditions on a table that has a region and a matter."""
        parts = [table.c.matter.in_(sorted(self.matters))]
        return parts if self.regions is None else [table.c.region.in_(sorted(self.regions)), *parts]


def lead_of_matter(conn: Connection) -> dict[str, str | None]:
    """Return which department leads the cases of each matter, None where several do."""
    return _single(_pairs(conn))


def leads(conn: Connection, department: str, matter: str) -> bool:
    """Whether a department leads any case of a matter: else nobody need look for them among all the others."""
    return (department, matter) in _pairs(conn)


def _pairs(conn: Connection) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in conn.execute(_LEADS)]


def _single(pairs: list[tuple[str, str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for lead, matter in pairs:
        found[matter] = lead if matter not in found else None
    return found


def led(conn: Connection, scope: Scope) -> Led | None:
    """Return what a scope of leads holds, None for any other scope."""
    others = scope.everything or scope.regions or scope.seats or scope.created_by is not None or scope.applications
    if others or not scope.leads:
        return None
    own = {seat.department for seat in scope.leads}
    pairs = _pairs(conn)
    single = _single(pairs)
    matters = frozenset(matter for lead, matter in pairs if lead in own)
    places = {(seat.department, seat.region) for seat in scope.leads}
    regions = frozenset(region for _, region in places)
    alike = len(places) == len(own) * len(regions)  # each department leads in each of the regions
    return Led(
        None if "*" in regions else regions, matters, alike and all(single[matter] is not None for matter in matters)
    )


def reached(conn: Connection, scope: Scope) -> Led | None:
    """Return what a scope of leads and seats can hold at most, None for any other scope.

    A seat sees cases of the matters in which its department has tasks, in its region.
    """
    others = scope.everything or scope.regions or scope.created_by is not None or scope.applications
    if others or not scope.seats:
        return led(conn, scope)
    here = led(conn, Scope(leads=scope.leads))
    of_seats = matters_of(conn, sorted({seat.department for seat in scope.seats}))
    matters = frozenset().union(*of_seats.values(), here.matters if here is not None else ())
    regions = frozenset(seat.region for seat in (*scope.seats, *scope.leads))
    return Led(None if "*" in regions else regions, matters, exact=False)
