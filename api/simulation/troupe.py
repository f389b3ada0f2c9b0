"""Who is on duty (在岗人员): officers of the demo organisation, each found by what the script calls him."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from api.simulation.caller import Caller, Line
from forms.vocabulary import Role
from infra.demo.organisation import EVERY_REGION, DemoMembership, DemoOfficer, officers

HANDLER, REVIEWER, APPROVER, COORDINATOR = "handler", "reviewer", "approver", "coordinator"
HELPERS = ("second handler", "branch handler")
"""They look at their inbox when their colleague has work."""

AT_THE_WINDOW = ("window", "second window", "third window")
NEVER = 9
_LEVELS = {HANDLER: 1, "second handler": 1, "branch handler": 1, COORDINATOR: 1, APPROVER: 2, REVIEWER: 3}
_REGIONS_OF = {Role.MANAGER: {EVERY_REGION}, Role.ADMINISTRATOR: {EVERY_REGION}}
_DUTIES = {
    Role.HANDLER: (HANDLER, "second handler"),
    Role.REVIEWER: (REVIEWER,),
    Role.APPROVER: (APPROVER,),
    Role.COORDINATOR: (COORDINATOR,),
    Role.WINDOW: AT_THE_WINDOW,
    Role.MANAGER: ("manager",),
    Role.ADMINISTRATOR: ("administrator",),
}


class Troupe:
    """Everybody on duty, with a token each."""

    def __init__(self, line: Line, tokens_of: Callable[[list[str]], Mapping[str, str]]) -> None:
        """Read in the item guide which departments take part at how many levels, and sign everybody in."""
        self._levels = _levels(line)
        everybody = list(on_duty())
        tokens = tokens_of([officer.username for officer, _, _ in everybody])
        self.callers = [Caller(who, member, duty, tokens[who.username], line) for who, member, duty in everybody]
        self._by_seat = {
            (c.duty, c.member.department.value, c.member.region): c for c in self.callers if c.member.office is None
        }

    def desks(self) -> list[Caller]:
        """Return those whose inbox the matters fill."""
        return [c for c in self.callers if self._levels.get(c.member.department, 0) >= _LEVELS.get(c.duty, NEVER)]

    def windows(self, region: str) -> list[Caller]:
        """Return the window officers of a district."""
        return [c for c in self.callers if c.duty in AT_THE_WINDOW and c.member.region == region]

    def at(self, duty: str, department: str, region: str) -> Caller:
        """Return who has that duty at that seat."""
        return self._by_seat[duty, department, region]

    def one(self, duty: str) -> Caller:
        """Return the only one with that duty: the manager, the administrator."""
        return next(caller for caller in self.callers if caller.duty == duty)


def _levels(line: Line) -> dict[str, int]:
    """Return how many levels there are at most in each department that takes part."""
    most: dict[str, int] = defaultdict(int)
    for matter in line.send("GET", "/api/v1/matters").json()["items"]:
        for step in line.send("GET", f"/api/v1/matters/{matter['code']}").json()["steps"]:
            most[step["department"]] = max(most[step["department"]], step["levels"])
    return most


def on_duty() -> Iterator[tuple[DemoOfficer, DemoMembership, str]]:
    """Yield officers with their duties; whom no duty is left for has the day off."""
    counted: Counter[DemoMembership] = Counter()
    for officer in officers():
        member = officer.memberships[0]
        place = counted[member]
        counted[member] += 1
        if member.office is not None:
            if member.role is Role.HANDLER:
                yield officer, member, "branch handler"
        elif place < len(duties := _DUTIES.get(member.role, ())) and member.region in _REGIONS_OF.get(
            member.role, {member.region}
        ):
            yield officer, member, duties[place]
