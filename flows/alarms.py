"""Rules of alarms (预警规则): when a limit warns, when red follows it, who is told; by matter and kind of limit.

Pure. What a matter's file does not say is usual; an office may set other thresholds and recipients within sense. When
yellow comes is nobody's to set: a limit is passed or it is not, and a limit of the law that is passed is red at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flows.sla import REFERENCE_GRACE, Clock, Light
from forms.errors import FieldError
from forms.vocabulary import Department, Role, Term

if TYPE_CHECKING:
    from flows.matter import Matter

INTAKE_DAYS = 5
"""The window accepts, or tells everything that is missing, within five working days, 行政许可法 第32条."""

DELIVERY_DAYS = 10
"""The result is delivered within ten working days, 行政许可法 第44条."""

CERTIFICATE_DAYS = 3
"""An electronic certificate is there three working days after a case has ended.

No law says so but the alarm rules of a province (湖南省电子监察：电子证照办结后默认 3 日，超过即黄牌); it has the
force of paper, 国务院关于在线政务服务的若干规定 第10条.
"""

LONGEST_GRACE = 30
"""Red follows yellow within so many working days at the latest: no card is put off for good."""


class Watched(Term):
    """Kinds of limits that are watched (监察对象): a clock, and for the promise whether it is a case's or a task's."""

    PROMISED = "promised", "办件承诺时限"
    STEP = "step", "部门任务时限"
    STATUTORY = "statutory", "法定时限"
    INTAKE = "intake", "预审时限"
    SPECIAL = "special", "特别程序时限"
    DELIVERY = "delivery", "送达时限"
    CERTIFICATE = "certificate", "电子证照时限"
    SUPPLEMENT = "supplement", "补正期限"
    GAP = "gap", "容缺补交期限"


RUNGS: Final = (Light.AMBER, Light.YELLOW, Light.RED)
AT_WINDOW: Final = frozenset({Watched.INTAKE, Watched.DELIVERY, Watched.CERTIFICATE})
OF_APPLICANT: Final = frozenset({Watched.SUPPLEMENT, Watched.GAP})
"""The applicant's own deadlines warn the window, and end the case when they are passed; they are nobody's card."""
LEAST_GRACE: Final[Mapping[Watched, int]] = {
    Watched.PROMISED: REFERENCE_GRACE,
    Watched.STEP: REFERENCE_GRACE,
    Watched.SPECIAL: 1,
}
"""How many working days after yellow red comes at the earliest, where no law makes it red at once."""

_OFFICE: Final[Mapping[Role, Light]] = {
    Role.HANDLER: Light.AMBER,
    Role.REVIEWER: Light.YELLOW,
    Role.CHIEF: Light.YELLOW,
    Role.WINDOW: Light.YELLOW,
    Role.APPROVER: Light.RED,
    Role.COORDINATOR: Light.RED,
    Role.MANAGER: Light.RED,
}
_COUNTER: Final[Mapping[Role, Light]] = {
    Role.WINDOW: Light.AMBER,
    Role.COORDINATOR: Light.RED,
    Role.MANAGER: Light.RED,
}
"""What the window owes: nobody handles, reviews or approves there; an office that has such people may add them."""
_ONE_CARD: Final[Mapping[Role, Light]] = {Role.WINDOW: Light.YELLOW}
TELLABLE: Final = (
    Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF, Role.AGENCY_HEAD, Role.WINDOW, Role.COORDINATOR,
    Role.MANAGER,
)  # fmt: skip
"""Who can be told of an alarm: those who answer for the work, none who only reads or keeps the platform."""

_ELSEWHERE: Final = {Role.WINDOW: Department.WINDOW.value, Role.MANAGER: Department.SUPERVISION.value}


_BY_CLOCK: Final = {clock: Watched(clock.value) for clock in Clock if clock.value in set(Watched)}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an office has set for one kind of limit; None as usual.

    `amber`: so many counted working days before the due day it warns; `red_after`: red comes at the start of working
    day `red_after` + 1 after the due day; `told`: each role with the rung from which on it is told.
    """

    amber: int | None = None
    red_after: int | None = None
    told: Mapping[Role, Light] | None = None

    def data(self) -> dict[str, Any]:
        """Return what is set, as it is stored."""
        told = None if self.told is None else {role.value: light.value for role, light in self.told.items()}
        given = {"amber": self.amber, "red_after": self.red_after, "told": told}
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Alarm:
        """Read what was stored; ValueError for a role or a rung that is not known any more."""
        told = data.get("told")
        found = None if told is None else {Role(role): Light(light) for role, light in told.items()}
        return cls(data.get("amber"), data.get("red_after"), found)

    @property
    def thresholds(self) -> dict[str, int]:
        """Return what of it is pinned on a case: who is told is looked up when a rung fires."""
        return {name: value for name, value in self.data().items() if name != "told"}


AS_USUAL: Final = Alarm()


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a told role may be, for the check that somebody is there: (role, department, region) of active officers."""

    seats: Collection[tuple[str, str, str]] = field(default_factory=frozenset)

    def holds(self, role: Role, department: str) -> bool:
        """Whether somebody anywhere holds a role in a department."""
        return any(seat[0] == role and seat[1] == department for seat in self.seats)

    def lacks(self, roles: Collection[Role], department: str, lead: str, region: str) -> bool:
        """Whether nobody in a region would be told of an alarm of a department's."""
        places = {(role.value, place_of(role, department, lead)) for role in roles}
        return not any((seat[0], seat[1]) in places and seat[2] in ("*", region) for seat in self.seats)


def watched(clock: Clock, *, of_task: bool) -> Watched | None:
    """Return which kind a limit is, None where it has rules of its own (签收、重新分办、差评处理)."""
    return Watched.STEP if of_task and clock is Clock.PROMISED else _BY_CLOCK.get(clock)


def place_of(role: Role, department: str, lead: str | None) -> str:
    """Return in which department a role is told of an alarm of `department` in a case that `lead` leads."""
    if role is Role.COORDINATOR and lead:
        return lead
    return _ELSEWHERE.get(role, department)


def usually_told(kind: Watched) -> Mapping[Role, Light]:
    """Return who is told of a kind of limit from which rung on, where no office has set it."""
    if kind in OF_APPLICANT:
        return {Role.WINDOW: Light.AMBER}
    if kind is Watched.CERTIFICATE:
        return _ONE_CARD
    return _COUNTER if kind in AT_WINDOW else _OFFICE


def told_at(kind: Watched, rung: Light, told: Mapping[Role, Light] | None = None) -> list[Role]:
    """Return who is told of a rung: whoever is told of a lower one is told of the higher ones too."""
    found = usually_told(kind) if told is None else told
    return [role for role in Role if role in found and RUNGS.index(found[role]) <= RUNGS.index(rung)]


def days_of(matter: Matter, kind: Watched) -> list[int]:
    """Return how long the limits of a kind are in a matter, in working days; empty where it has none."""
    match kind:
        case Watched.PROMISED | Watched.STATUTORY:
            own = [limit for step in matter.steps for limit in step.limits if kind is Watched.STATUTORY]
            return [x.workdays for x in (*matter.limits, *own) if x.kind == kind and x.workdays is not None]
        case Watched.STEP | Watched.SPECIAL:
            found = [step for step in matter.steps if bool(step.special) is (kind is Watched.SPECIAL)]
            return [days for step in found if (days := step.promised) is not None]
        case Watched.INTAKE:
            return [INTAKE_DAYS]
        case Watched.DELIVERY:
            return [DELIVERY_DAYS]
        case Watched.CERTIFICATE:
            return [CERTIFICATE_DAYS]
        case Watched.SUPPLEMENT:
            return [matter.supplement_days]
        case Watched.GAP:
            return [matter.promised_days or INTAKE_DAYS]


def kinds_of(matter: Matter) -> list[Watched]:
    """Return the kinds of limits that a matter has."""
    return [kind for kind in Watched if days_of(matter, kind)]


def rungs_at(matter: Matter, kind: Watched) -> list[Light]:
    """Return the rungs that a kind of limit has in a matter."""
    if kind in OF_APPLICANT or kind in (Watched.STATUTORY, Watched.INTAKE):
        return [Light.AMBER, Light.RED]
    if kind is Watched.CERTIFICATE:
        return [Light.YELLOW]
    return [Light.AMBER, Light.YELLOW, *([Light.RED] if red_settable(matter, kind) else [])]


def tells(matter: Matter, kind: Watched, told: Mapping[Role, Light] | None = None) -> dict[Role, Light]:
    """Return who is told of a kind of limit in a matter, each from the first rung on that the limit has.

    Whoever would be told of a rung alone that never comes is not told at all: a late delivery has no red card.
    """
    found = {}
    for role, light in (usually_told(kind) if told is None else told).items():
        ahead = [rung for rung in rungs_at(matter, kind) if RUNGS.index(rung) >= RUNGS.index(light)]
        if ahead:
            found[role] = ahead[0]
    return found


def warns(matter: Matter, kind: Watched) -> bool:
    """Whether a kind of limit has a rung before it is passed."""
    return Light.AMBER in rungs_at(matter, kind)


def red_settable(matter: Matter, kind: Watched) -> bool:
    """Whether red follows yellow by days: not where the law says when one is passed, nor for what is handed over."""
    backed = kind is Watched.PROMISED and bool(days_of(matter, Watched.STATUTORY))
    return kind in LEAST_GRACE and not backed


def departments_of(matter: Matter, kind: Watched) -> list[str]:
    """Return the departments whose alarms a kind of limit raises."""
    if kind in (Watched.STEP, Watched.SPECIAL):
        steps = [step for step in matter.steps if bool(step.special) is (kind is Watched.SPECIAL)]
        return list(dict.fromkeys(step.department.value for step in steps))
    return [Department.WINDOW.value if kind in AT_WINDOW else matter.lead.value]


def wrong_thresholds(matter: Matter, kind: Watched, alarm: Alarm) -> Iterator[FieldError]:
    """Say what makes no sense: a warning before the limit begins, red before its time or where the law decides.

    A task's warning is judged by the longest step; a shorter one warns from its first day on.
    """
    days = days_of(matter, kind)
    if not days:
        yield FieldError("/kind", f"该事项没有{kind.label}", "no_such_limit")
        return
    longest = min(days) if kind in (Watched.PROMISED, Watched.STATUTORY) else max(days)
    if alarm.amber is not None and not warns(matter, kind):
        yield FieldError("/amber", f"{kind.label}没有提前提醒，逾期即亮黄牌", "no_such_rung")
    elif alarm.amber is not None and not 0 <= alarm.amber < longest:
        yield FieldError("/amber", f"提前提醒的工作日应少于{kind.label}（{longest}个工作日）", "range")
    if alarm.red_after is None:
        return
    if not red_settable(matter, kind):
        only_yellow = {Watched.DELIVERY: "送达逾期只亮黄牌", Watched.CERTIFICATE: "电子证照逾期只亮黄牌"}
        words = only_yellow.get(kind, "红牌依法在时限届满时亮起，不能另定")
        yield FieldError("/red_after", words, "by_law")
    elif not LEAST_GRACE[kind] <= alarm.red_after <= LONGEST_GRACE:
        words = f"红牌应在到期后满{LEAST_GRACE[kind]}至{LONGEST_GRACE}个工作日时亮起，不能早于黄牌，也不能不亮"
        yield FieldError("/red_after", words, "range")


def wrong_recipients(matter: Matter, kind: Watched, alarm: Alarm, reach: Reach) -> Iterator[FieldError]:
    """Say which rung would tell nobody: every department concerned has somebody who is told from the first rung on."""
    told = alarm.told
    if told is None or not days_of(matter, kind):
        return
    rungs = rungs_at(matter, kind)
    for role, light in told.items():
        if role not in TELLABLE:
            yield FieldError(f"/recipients/{role.value}", f"{role.label}不是预警的告知对象", "choice")
        elif light not in rungs:
            yield FieldError(f"/recipients/{role.value}", f"{kind.label}没有{light.label}这一级", "choice")
        elif not any(reach.holds(role, place_of(role, d, matter.lead)) for d in departments_of(matter, kind)):
            yield FieldError(f"/recipients/{role.value}", f"没有在用人员担任{role.label}", "nobody")
    first = [role for role in told_at(kind, rungs[0], told) if role in TELLABLE]
    if not first:
        yield FieldError("/recipients", f"{rungs[0].label}须至少告知一种人员", "required")
        return
    for department in departments_of(matter, kind):
        if not any(reach.holds(role, place_of(role, department, matter.lead)) for role in first):
            who = "、".join(role.label for role in first)
            words = f"{Department(department).label}没有在用人员担任{who}，{rungs[0].label}时无人知晓"
            yield FieldError("/recipients", words, "nobody")
