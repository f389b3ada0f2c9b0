"""What a reader may see (可见范围): made by `flows.access` alone, demanded by every query."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Seat:
    """A department in a region, and one office of it where the department has several (a school, a hospital).

    `region` "*" means every region, `office` None every office of the department there.
    """

    department: str
    region: str
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of all cases that a reader may see; the empty scope sees nothing.

    `regions` are seen whole ("*" all of them), `seats` only where one of their tasks is involved,
    `leads` are cases led by that department, `created_by` what an officer filed for somebody (帮办代办), and
    `applications` single application numbers (an applicant following progress).
    """

    regions: frozenset[str] = frozenset()
    seats: frozenset[Seat] = frozenset()
    leads: frozenset[Seat] = frozenset()
    created_by: int | None = None
    applications: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Whether the scope has no wall at all (the system itself, an auditor of the whole city)."""
        return "*" in self.regions

    @property
    def walls(self) -> Scope:
        """The same cases and tasks, said without the seats and leads that lie in a region that is seen whole."""
        if not self.regions or not (self.seats or self.leads):
            return self
        if self.everything:
            return replace(self, seats=frozenset(), leads=frozenset())
        seats = frozenset(seat for seat in self.seats if seat.region not in self.regions)
        leads = frozenset(seat for seat in self.leads if seat.region not in self.regions)
        return replace(self, seats=seats, leads=leads)


EVERYTHING = Scope(regions=frozenset({"*"}))
NOTHING = Scope()
