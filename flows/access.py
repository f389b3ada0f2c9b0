"""Who may do what, and who may see what (权限): by the table of `flows.powers`. Pure: no database, no HTTP.

`may` answers for an act, `scope` gives the part of all cases a reader may see. There is no third way in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from flows.powers import ACTS as ACTS  # noqa: PLC0414  (looked up here)
from flows.powers import At as At  # noqa: PLC0414  (looked up here)
from flows.refusal import not_your_level, refusal
from forms.scope import EVERYTHING, Scope, Seat
from forms.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Member:
    """One role in one department of one region ("*" every region), perhaps of one office only.

    Where it is held by standing in (代理), `absent` is the key of the colleague whose role it is.
    """

    role: str
    department: str
    region: str
    office: str | None = None
    absent: int | None = None
    absent_name: str = ""

    def covers(self, region: str) -> bool:
        """Whether the membership reaches into `region`."""
        return self.region in ("*", region)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an officer, the applicant, or the system itself (its acts quote a rule as their basis).

    One act is done in the officer's own right or for one absent colleague (代理), whose key is then `stands_for`.
    """

    id: int | None
    name: str
    members: tuple[Member, ...] = ()
    kind: str = "officer"
    username: str = ""
    application: str = ""
    application_id: int | None = None
    stands_for: int | None = None
    own_name: str = ""
    absent_name: str = ""

    @property
    def key(self) -> int | None:
        """Return what tells callers apart: an officer's key, an applicant's is the application's, below nought."""
        return -self.application_id if self.application_id is not None else self.id

    def is_or_stands_for(self, key: int) -> bool:
        """Whether an officer's key is the actor's own, or of the colleague the actor stands in for (代理)."""
        return key in (self.id, self.stands_for)

    def has(self, *roles: str) -> bool:
        """Whether the actor holds one of `roles` anywhere."""
        return any(member.role in roles for member in self.members)

    def capacities(self) -> Iterator[Actor]:
        """Yield the officer in the own right, then for each absent colleague in turn, with that colleague's roles."""
        own = tuple(member for member in self.members if member.absent is None)
        yield replace(self, members=own)
        for absent in dict.fromkeys(member.absent for member in self.members if member.absent is not None):
            theirs = [member for member in self.members if member.absent == absent]
            name = theirs[0].absent_name
            yield replace(
                self,
                name=f"{self.name}（代{name}）",
                members=tuple(replace(member, absent=None, absent_name="") for member in theirs),
                stands_for=absent,
                own_name=self.name,
                absent_name=name,
            )


def officer(key: int, name: str, members: Iterable[tuple[Any, ...]], *, username: str = "") -> Actor:
    """Make the actor of an officer from the memberships as stored."""
    return Actor(key, name, tuple(Member(*member) for member in members), username=username)


def applicant(key: int, application_no: str) -> Actor:
    """Make the actor of an applicant who has shown the code of that application, and may act on nothing else."""
    return Actor(None, "申请人", kind="applicant", application=application_no, application_id=key)


SYSTEM = Actor(None, "系统", kind="system")
OF_THE_APPLICANT: Final = frozenset({"supplement", "withdraw", "rate", "upload"})
"""What the applicant may do, each on cases of the own application alone."""


class CaseFacts(Protocol):
    """What the rules read of a case."""

    region: str
    lead: str


class TaskFacts(Protocol):
    """What the rules read of a task."""

    department: str
    region: str
    office: str | None
    level: int
    levels: int


T = TypeVar("T", bound=TaskFacts)


def at_seat(member: Member, task: TaskFacts) -> bool:
    """Whether a membership sits where the task lies: same department, region and, where there is one, office."""
    return (
        member.department == task.department
        and member.covers(task.region)
        and (member.office is None or member.office == task.office)
    )


def level_roles(level: int, levels: int) -> tuple[Role, ...]:
    """Return who may speak at a level: 承办 first, 审核 between, 批准 last."""
    if level <= 1:
        return (Role.HANDLER, Role.CHIEF) if levels == 1 else (Role.HANDLER,)
    return (Role.APPROVER, Role.CHIEF) if level >= levels else (Role.REVIEWER,)


def may(
    actor: Actor,
    act: str,
    *,
    region: str | None = None,
    case: CaseFacts | None = None,
    task: TaskFacts | None = None,
    seats: Iterable[TaskFacts] = (),
) -> Member | None:
    """Return the membership that allows `act` here (None for the system), or raise NotAllowed."""
    if actor.kind == "system":
        return None
    if actor.kind == "applicant" and act in OF_THE_APPLICANT and case is not None and own(actor, case):
        return None
    where = case.region if case is not None else region
    for role, at in ACTS.get(act, ()):
        for member in actor.members:
            if member.role == role and _counts(member, at, where, case, task, seats):
                return member
    raise refusal(act, actor, case=case, task=task)


def own(actor: Actor, case: object) -> bool:
    """Whether a case is one of the applicant's own application."""
    return bool(actor.application) and getattr(case, "application_no", None) == actor.application


def _counts(
    member: Member,
    at: At,
    region: str | None,
    case: CaseFacts | None,
    task: TaskFacts | None,
    seats: Iterable[TaskFacts],
) -> bool:
    if at is At.ANYWHERE:
        return True
    if at is At.REGION:
        return region is not None and member.covers(region)
    if at is At.LEAD:
        return case is not None and member.department == case.lead and member.covers(case.region)
    if at is At.SEAT:
        return task is not None and at_seat(member, task)
    return any(at_seat(member, seat) for seat in seats)


def may_speak(actor: Actor, task: TaskFacts) -> Member | None:
    """Return the membership that lets the actor speak at the task's present level, or raise NotAllowed."""
    if actor.kind == "system":
        return None
    roles = level_roles(task.level, task.levels)
    for member in actor.members:
        if member.role in roles and at_seat(member, task):
            return member
    raise not_your_level(roles, task)


class Spoken(Protocol):
    """What the rules read of who spoke on a task."""

    signers: list[int]
    verdict: dict[str, Any] | None


def has_spoken(actor: Actor, task: Spoken) -> bool:
    """Whether the same person spoke on the task at an earlier level.

    As oneself or as a stand-in, and the absent colleague too, whoever stood in: all of them count.
    """
    if not task.signers:
        return False
    standing: list[Mapping[str, Any]] = (task.verdict or {}).get("opinions", [])[-len(task.signers) :]
    stood_for = {opinion["stands_for"] for opinion in standing if opinion.get("stands_for")}
    keys, names = {actor.id, actor.stands_for}, {actor.own_name or actor.name, actor.absent_name}
    return bool(keys & set(task.signers)) or bool(names & stood_for)


def voices(actor: Actor) -> tuple[tuple[str, Seat], ...]:
    """Return the roles in which the actor speaks on tasks, and where."""
    return tuple((m.role, Seat(m.department, m.region, m.office)) for m in actor.members if m.role in _AT_SEAT)


_WHOLE_REGION = (Role.WINDOW, Role.MANAGER, Role.AUDITOR, Role.GOVERNMENT_HEAD)
_LEADS = (Role.COORDINATOR, Role.AGENCY_HEAD)
_AT_SEAT = (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF)


def scope(actor: Actor) -> Scope:
    """Return what the actor may read; an administrator of the system sees no business data at all."""
    if actor.kind == "system":
        return EVERYTHING
    if actor.application:
        return Scope(applications=frozenset({actor.application}))
    members = actor.members
    return Scope(
        regions=frozenset(m.region for m in members if m.role in _WHOLE_REGION),
        seats=frozenset(Seat(m.department, m.region, m.office) for m in members if m.role in _AT_SEAT),
        leads=frozenset(Seat(m.department, m.region) for m in members if m.role in _LEADS),
        created_by=actor.id if actor.has(Role.SERVICE_OFFICER) else None,
    )


def sees(scope: Scope, case: CaseFacts, tasks: Iterable[TaskFacts], *, created_by: int | None = None) -> bool:
    """Whether a case lies within a scope: by region, lead department, a task at one of the seats, or one's own filing.

    A task that turned out not to be involved (不涉及) opens nothing to its department.
    """
    if scope.everything or case.region in scope.regions:
        return True
    if any(seat.department == case.lead and seat.region in ("*", case.region) for seat in scope.leads):
        return True
    if scope.created_by is not None and created_by == scope.created_by:
        return True
    return any(
        seat.department == task.department
        and seat.region in ("*", task.region)
        and (seat.office is None or seat.office == task.office)
        for task in tasks
        if getattr(task, "status", None) != "not_applicable"
        for seat in scope.seats
    )


def was_at_seat(actor: Actor, task: TaskFacts) -> bool:
    """Whether a task lay at one of the actor's own seats, whatever has become of it."""
    return any(member.role in _AT_SEAT and at_seat(member, task) for member in actor.members)


def narrowed(
    scope: Scope, case: CaseFacts, tasks: Iterable[TaskFacts], *, created_by: int | None = None
) -> frozenset[str] | None:
    """Return the only form fields this reader is shown, or None where the whole case is open to them.

    A school or a hospital is shown what its own step needs and no more (个人信息保护法 第6条 最小必要).
    """
    whole = Scope(scope.regions, frozenset(), scope.leads, scope.created_by)
    if sees(whole, case, (), created_by=created_by):
        return None
    fields: set[str] = set()
    for task in own_tasks(scope, tasks):
        shown = getattr(task, "sees", None)
        if shown is None:
            return None
        fields |= set(shown)
    return frozenset(fields)


def own_tasks(scope: Scope, tasks: Iterable[T]) -> list[T]:
    """Return the tasks that lie at one of the scope's seats and are involved."""
    here = Scope(seats=scope.seats)
    return [task for task in tasks if sees(here, _NOWHERE, [task])]


@dataclass(slots=True)
class _Nowhere:
    region: str = ""
    lead: str = ""


_NOWHERE = _Nowhere()
