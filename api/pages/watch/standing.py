"""What stands, for the board (在办情况): counted once for everybody; each is told what lies within the own walls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine

from api.kept import Kept, Told
from flows.record import Desk
from forms.scope import Scope
from infra.store import oversight
from infra.store import standing as store
from infra.store.oversight import Wanted
from infra.store.standing import Standing

SECONDS = 2.0
"""For so long at most a count over very many rows is shown while acts go on; then it is made anew."""
_counts: Final[Kept[Standing]] = Kept(SECONDS, lambda one: one.weight, store.newest)


@dataclass(frozen=True, slots=True)
class Lights:
    """How many stand where: cases by (matter, light), tasks by (department, light), undelivered cases by matter.

    `steps` are the tasks in hand, and those of them that nobody has claimed, by (matter, step, department).
    """

    cases: Mapping[tuple[str, str], int]
    tasks: Mapping[tuple[str, str], int]
    waiting: Mapping[str, int]
    steps: Mapping[tuple[str, str, str], tuple[int, int]]

    @property
    def weight(self) -> int:
        """Over how many rows it was counted."""
        return sum(sum(kind.values()) for kind in (self.cases, self.tasks, self.waiting))


_own: Final[Kept[Lights]] = Kept(SECONDS, lambda one: one.weight, store.newest)


def lights(engine: Engine, seat: Desk, scope: Scope, wanted: Wanted) -> Told[Lights]:
    """Return how many stand where within a scope, and of what moment that is."""
    here = Wanted(wanted.today, region=wanted.region, matter=wanted.matter)
    if not store.is_whole(scope):
        return _own.get(engine, seat.conn, (scope, wanted), lambda conn: _asked(conn, scope, wanted, here))
    leads = bool(scope.leads) and not scope.everything
    told = _counts.get(engine, seat.conn, leads, lambda conn: store.standing(conn, leads=leads))
    stands = told.value
    found = Lights(
        stands.lights_of_cases(scope, wanted),
        stands.lights_of_tasks(scope, wanted),
        stands.undelivered(scope, wanted),
        stands.steps(scope, here),
    )
    return Told(found, told.at, told.fresh, told.kept)


def _asked(conn: Any, scope: Scope, wanted: Wanted, here: Wanted) -> Lights:
    """Ask for one reader alone: who holds single seats besides has walls that no count by places follows."""
    return Lights(
        {(matter, light): many for matter, light, many in oversight.lights_of_cases(conn, scope, wanted)},
        {(at, light): many for at, light, many in oversight.lights_of_tasks(conn, scope, wanted)},
        oversight.undelivered(conn, scope, wanted),
        {
            (row.matter, row.step, row.department): (row.in_hand, row.unclaimed)
            for row in oversight.steps_in_hand(conn, scope, here)
        },
    )
