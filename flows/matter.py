"""What a matter is (事项): steps, limits, materials and edges, as data that is checked when the file is imported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows import office_days
from flows.alarms import Alarm, Watched, wrong_thresholds
from flows.limit import (
    AFTER_EVENT,
    CYCLE,
    FROM_ACCEPTANCE,
    AfterEvent,
    InSeason,
    Limit,
    Months,
    OnDate,
    Promised,
    ServiceCycle,
    Statutory,
    wrong_limit,
    wrong_pair,
)
from flows.policy import ALL, Fate, Join, JoinKind
from flows.soundness import unsound
from forms.base import MatterForm
from forms.checks import CHECKS
from forms.materials import Material, promisable_of
from forms.vocabulary import CaseKind, CheckResult, Department, GapLate, ItemType

__all__ = [
    "AfterEvent", "Edge", "InSeason", "Limit", "Malformed", "Matter", "Months", "OnDate", "Promised", "ServiceCycle",
    "Statutory", "Step",
]  # fmt: skip

MAX_LEVELS = 3
DECIDING_LEVELS = 2


SILENCE_OF_A_LICENCE = "行政许可法 第32条第一款第（四）项"
"""Whoever is not told within five days what is missing counts as accepted from the day the papers were received."""


class Malformed(ValueError):
    """A matter's file contradicts itself; the application does not start with it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One department's part of a matter (步骤).

    `when(form)` false makes the step 不涉及 at acceptance. `check` asks a registry (of several the first whose
    condition holds, about the number that `about` points at), and `auto` lets a MATCH decide (秒批). `levels` are the
    people in turn (承办 → 审核 → 批准). `blocking=False` never holds the case up and may be decided after it closed;
    `mandatory=False` is an opinion no join waits for. `days` are working days promised for the step; `limits` are
    others of its own, from when it is in hand: one that is promised stands in place of `days`. `special` names a
    special procedure (公示) whose days the promise does not count. `route` steps are taken only when the case falls
    back to that route. `office(form)` is how the applicant names an office of the department, by code or name;
    words that name none leave the step to the department's desk. `results` are what an approval may state (code →
    title), `defaults(form)` what holds where it does not; `office_from` takes the office from such a result
    ("step.code"), and `office_as` keeps the step at the office where another step of the department lies, wherever that
    one is moved. `sees` limits which facts the office is shown (个人信息保护法 第6条 最小必要). An opinion not
    given in time stays open and escalates; `deemed_agree` names the document that makes silence agreement (超时默认).
    """

    code: str
    department: Department
    title: str
    days: int = 1
    levels: int = 1
    after: Sequence[str] = ()
    join: Join = ALL
    when: Callable[[Any], bool] | None = None
    check: str | Mapping[str, Callable[[Any], bool]] | None = None
    auto: bool = False
    decides: bool = False
    mandatory: bool = True
    blocking: bool = True
    special: str | None = None
    route: str | None = None
    office: Callable[[Any], str | None] | None = None
    office_from: str | None = None
    office_as: str | None = None
    results: dict[str, str] = field(default_factory=dict)
    defaults: Callable[[Any], dict[str, str]] | None = None
    sees: Sequence[str] | None = None
    about: str = "/applicant/id_number"
    basis: str | None = None
    deemed_agree: str | None = None
    limits: Sequence[Limit] = ()

    def needs(self) -> int:
        """Return the working days it takes out of its case's promise; a special procedure takes none.

        Nor does what is promised in months or for a day of the year: it is not counted like that.
        """
        return 0 if self.special else self.promised or 0

    @property
    def promised(self) -> int | None:
        """Return the working days promised for the step; None where it is promised otherwise."""
        return next((limit.workdays for limit in self.limits if limit.kind == "promised"), self.days)

    def checks(self) -> tuple[str, ...]:
        """Return the registries that the step may ask."""
        if self.check is None:
            return ()
        return (self.check,) if isinstance(self.check, str) else tuple(self.check)

    def check_for(self, form: Any) -> str | None:
        """Return the registry to ask for this form, None where a person looks alone."""
        if self.check is None or isinstance(self.check, str):
            return self.check
        return next((code for code, applies in self.check.items() if applies(form)), None)


@dataclass(frozen=True, slots=True)
class Edge:
    """A step that waits for another matter of the same application (跨事项依赖).

    Without `fallback` the other's success is required; with it the case takes that route when the other fails.
    """

    step: str
    matter: str
    fallback: str | None = None
    when: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter that people apply for (事项), complete: what is asked, who decides, in what order, within what time.

    `promisable` (which papers may be promised, None as the papers themselves say), `alarms` (None as usual), the days
    of `flows.office_days` and `gap_late` (what becomes of a case whose promised papers do not come) with `gap_basis`
    (its document) are what offices set at run time. `deemed_acceptance` is the basis on which an application counts as
    accepted when the window lets its five days pass without a word; without one, and but for a licence, that
    escalates and no more.
    """

    code: str
    title: str
    form: type[MatterForm]
    item_type: ItemType
    lead: Department
    limits: Sequence[Limit]
    steps: Sequence[Step]
    basis: Sequence[str]
    kind: CaseKind = CaseKind.PROMISED
    edges: Sequence[Edge] = ()
    fate: Fate = Fate.CANCEL
    single_basis: str | None = None
    audience: str = ""
    result: str = ""
    compute: Callable[[Any, Any], dict[str, Any]] | None = None
    promisable: Collection[str] | None = None
    alarms: Mapping[Watched, Alarm] = field(default_factory=dict)
    supplement_days: int = office_days.USUAL[office_days.SUPPLEMENT]
    appeal_days: int = office_days.USUAL[office_days.APPEAL]
    reply_days: int = office_days.USUAL[office_days.REPLY]
    fix_days: int = office_days.USUAL[office_days.FIX]
    gap_late: GapLate = GapLate.WITHDRAWN
    gap_basis: str | None = None
    deemed_acceptance: str | None = None

    def __post_init__(self) -> None:
        """Refuse a malformed matter when its file is imported; the error lists everything that is wrong."""
        wrong = list(_wrong(self))
        if wrong:
            raise Malformed(f"{self.code}: " + "; ".join(wrong))

    @property
    def materials(self) -> Sequence[Material]:
        """Return the papers the matter wants; they stand beside the fields they depend on."""
        if self.promisable is None:
            return self.form.materials
        may = promisable_of(self.form.materials, self.promisable)
        return tuple(paper.but(gap_allowed=paper.code in may) for paper in self.form.materials)

    def step(self, code: str) -> Step:
        """Return the step named `code`; KeyError where there is none."""
        return next(step for step in self.steps if step.code == code)

    @property
    def deems_acceptance(self) -> str | None:
        """Return by what silence at the window is acceptance (视为受理): for a licence the law, else what it names."""
        return self.deemed_acceptance or (SILENCE_OF_A_LICENCE if self.item_type is ItemType.LICENCE else None)

    @property
    def deciding(self) -> Step:
        """Return the step whose last verdict is the decision."""
        return next(step for step in self.steps if step.decides)

    @property
    def promised_days(self) -> int | None:
        """Return the promised working days from acceptance, None where no such promise is given."""
        return next((x.days for x in self.limits if x.kind == "promised" and x.runs == FROM_ACCEPTANCE), None)

    def longest_path(self, steps: Sequence[Step] | None = None) -> int:
        """Return the working days that the blocking steps need at least, special procedures not counted."""
        chosen = {s.code: s for s in (steps if steps is not None else self.steps) if s.blocking and s.mandatory}
        ends: dict[str, int] = {}

        def end(code: str) -> int:
            if code not in ends:
                step = chosen[code]
                ends[code] = max((end(c) for c in step.after if c in chosen), default=0) + step.needs()
            return ends[code]

        return max((end(code) for code in chosen), default=0)

    def after(self, code: str) -> list[Step]:
        """Return the steps that come after `code`, in the order of the plan."""
        found: set[str] = {code}
        for step in self.steps:
            if found & set(step.after):
                found.add(step.code)
        return [s for s in self.steps if s.code in found and s.code != code]


def _wrong(matter: Matter) -> Iterator[str]:
    codes = [step.code for step in matter.steps]
    if len(set(codes)) != len(codes):
        yield "two steps bear one code"
    if sum(step.decides for step in matter.steps) != 1:
        yield "exactly one step decides"
    known: set[str] = set()
    for step in matter.steps:
        yield from _wrong_step(matter, step, known)
        known.add(step.code)
    for edge in matter.edges:
        if edge.step not in codes:
            yield f"an edge names the step {edge.step}, which is not there"
        routes = {step.route for step in matter.steps if step.route}
        if edge.fallback and edge.fallback not in routes | {"general"}:
            yield f"the route {edge.fallback} has no step"
    if all(set(step.after) <= set(codes[:position]) for position, step in enumerate(matter.steps)):
        yield from _wrong_limits(matter)
    yield from unsound(matter)
    materials = [m.code for m in matter.materials]
    if len(set(materials)) != len(materials):
        yield "a material is listed twice"
    if wrong := sorted(set(matter.promisable or ()) - {m.code for m in matter.form.materials if not m.barred}):
        yield f"{wrong} cannot be promised"
    for kind, alarm in matter.alarms.items():
        yield from (f"{kind}: {error.message}" for error in wrong_thresholds(matter, kind, alarm))
    for name, most in office_days.MOST.items():
        if not 1 <= getattr(matter, name) <= most:
            yield f"{name} are 1 to {most} working days"
    if matter.deemed_acceptance is not None and not matter.deemed_acceptance.strip():
        yield "what makes silence acceptance names its basis"
    if not matter.basis:
        yield "the matter names no legal basis"
    for name, info in matter.form.model_fields.items():
        if not info.title:
            yield f"the field {name} has no title"


def _wrong_step(matter: Matter, step: Step, known: set[str]) -> Iterator[str]:
    """Check one step; `known` are the steps above it, so that a cycle cannot be written down."""
    for before in step.after:
        if before not in known:
            yield f"{step.code} comes after {before}, which does not stand above it (a cycle or a typing error)"
    if not isinstance(step.department, Department):
        yield f"{step.code}: the department {step.department} is not known"
    for check in step.checks():
        if check not in CHECKS:
            yield f"{step.code}: the check {check} is not registered"
    if step.auto and (step.check is None or step.levels > 1):
        yield f"{step.code}: only a checked step of one level decides automatically"
    if not 1 <= step.levels <= MAX_LEVELS:
        yield f"{step.code}: one to three levels"
    if step.days < 0 or (step.days == 0 and matter.kind is not CaseKind.INSTANT):
        yield f"{step.code}: a step needs at least one working day"
    if step.decides and not (step.mandatory and step.blocking):
        yield f"{step.code}: the deciding step is mandatory and blocking"
    if step.decides and step.when is not None:
        yield f"{step.code}: the deciding step has no condition"
    if step.join.kind is JoinKind.K_OF_N and not 1 <= step.join.k <= len(step.after):
        yield f"{step.code}: k is not within its predecessors"
    if step.join.kind is JoinKind.VETO and not set(step.join.who) <= set(step.after):
        yield f"{step.code}: a veto is held by somebody who is not asked"
    if step.deemed_agree is not None:
        if step.decides or step.mandatory or step.results or step.special:
            yield f"{step.code}: silence is agreement for an opinion alone, never for status, a place or money"
        if not step.deemed_agree.strip():
            yield f"{step.code}: what makes silence agreement has a document number"
    if step.special and step.limits:
        yield f"{step.code}: a special procedure has its days alone"
    if sum(limit.kind == "promised" for limit in step.limits) > 1:
        yield f"{step.code}: one limit is promised for a step"
    for limit in step.limits:
        yield from (f"{step.code}: {wrong}" for wrong in wrong_limit(limit, of_step=True))
    yield from (f"{step.code}: {wrong}" for wrong in wrong_pair(step.limits))
    if step.office_from and step.office_from.partition(".")[0] not in known:
        yield f"{step.code}: its office comes from a step that does not stand above it"
    if step.office_as is not None:
        beside = next((s for s in matter.steps if s.code == step.office_as and s.code in known), None)
        if beside is None or beside.department is not step.department or step.office or step.office_from:
            yield f"{step.code}: it lies beside a step of its department that stands above it, and nowhere else"
    if step.decides and matter.kind is CaseKind.PROMISED and step.levels < DECIDING_LEVELS and not matter.single_basis:
        yield f"{step.code}: a promised case is decided by two people unless 单人 has a basis"


def _wrong_limits(matter: Matter) -> Iterator[str]:
    promised = matter.promised_days
    yield from wrong_pair(matter.limits)
    for limit in matter.limits:
        yield from wrong_limit(limit)
        if limit.season is not None and promised is None:
            yield "a limit of a season needs one for the rest of the year"
        if limit.runs == AFTER_EVENT and limit.event not in {s.code for s in matter.steps}:
            yield f"a limit runs after {limit.event}, which is no step"
        elif limit.runs == AFTER_EVENT:
            need = matter.longest_path(matter.after(limit.event or ""))
            if need > limit.days:
                yield f"the limit after {limit.event} is shorter than its steps ({need} days)"
        if limit.runs == CYCLE and (need := matter.longest_path()) > limit.days:
            yield f"the service cycle is shorter than its longest path ({need} days)"
    if promised is not None:
        cut = [x.event for x in matter.limits if x.runs == AFTER_EVENT]
        later = {s.code for event in cut if event for s in matter.after(event)} | set(cut)
        need = matter.longest_path([s for s in matter.steps if s.code not in later])
        if need > promised:
            yield f"the promised limit is shorter than its longest path ({need} days)"


MATCH_DECIDES = frozenset({CheckResult.MATCH})
"""Only a MATCH may decide; a silent registry is never a refusal."""
