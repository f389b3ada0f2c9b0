"""A slow oracle of the legal clock: it walks day by day and has its own opinion of which pause stops which clock.

What has ended keeps the days it was judged by, whatever becomes of the calendar; reopened it is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from forms.workdays import Workdays

DAY = timedelta(days=1)
HORIZON = 1500
BY_LAW = ("hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal", "expert_review")
PROMISE_ONLY = ("public_notice", "supplement")
NOTHING = ("site_check", "other")
OFFICES = ("promised", "statutory", "special", "delivery")
IN_HAND = ("pending", "received", "reviewing")
ENDED = ("approved", "refused", "not_applicable", "forwarded")


def stops(kind: str, clock: str) -> bool:
    """Whether a pause of a kind stops a clock: 行政许可法 第45条 both, 公示 and 补正 the promise alone."""
    if kind in BY_LAW:
        return clock in ("promised", "statutory")
    if kind in PROMISE_ONLY:
        return clock == "promised"
    return kind == f"whole {clock}"


@dataclass
class Pause:
    """A pause of the case or of one task; it takes the days after `begun` up to and including `ended`."""

    owner: str
    kind: str
    begun: date
    ended: date | None = None

    def takes(self, day: date) -> bool:
        return self.begun < day and (self.ended is None or day <= self.ended)


@dataclass(frozen=True)
class Judged:
    """By what a limit was judged that has ended: the calendar, the due day, the days of its rungs."""

    almanac: Almanac
    due: date | None
    rungs: dict[str, date]
    final: bool


@dataclass
class Kept:
    """A limit as the oracle keeps it."""

    subject: str
    clock: str
    start: date
    days: int
    backed: bool = False
    event: str | None = None
    extension: int = 0
    ended: date | None = None
    fixed: date | None = None
    grain: int = 0
    of: str = ""
    told: set[str] = field(default_factory=set)
    judged: Judged | None = None

    @property
    def total(self) -> int:
        return self.days + self.extension


class Almanac:
    """Which days work: the notices' calendar and what was decided here."""

    def __init__(self, notices: Workdays) -> None:
        self.notices = notices
        self.decided: dict[date, bool] = {}

    def works(self, day: date) -> bool:
        return self.decided.get(day, self.notices.is_working(day))

    def as_it_is(self) -> Almanac:
        """A copy that no later decision touches."""
        copy = Almanac(self.notices)
        copy.decided = dict(self.decided)
        return copy

    def after(self, day: date, n: int) -> date:
        """The n-th working day after a day."""
        while n:
            day += DAY
            n -= self.works(day)
        return day

    def before(self, day: date, n: int) -> date:
        """The last working day at whose end n working days are left until the end of a day."""
        while n:
            n -= self.works(day)
            day -= DAY
        while not self.works(day):
            day -= DAY
        return day

    def between(self, after: date, through: date) -> int:
        return sum(map(self.works, _days(after, through)))


class OpenCase:
    """What the oracle knows of a case: its tasks' statuses, its pauses, its limits."""

    def __init__(self, no: str, plan: Any, almanac: Almanac, today: date) -> None:
        self.no, self.plan, self.almanac = no, plan, almanac
        self.over = False
        self.status: dict[str, str] = {}
        self.steps: dict[str, Any] = {}
        self.pauses: list[Pause] = []
        backed = any(limit.kind == "statutory" for limit in plan.limits)
        self.limits = [
            Kept(no, limit.kind, today, limit.days, backed=backed)
            for limit in plan.limits
            if limit.runs == "from_acceptance"
        ]

    # what happens

    def see(self, tasks: Iterable[Any], status: str, today: date) -> None:
        """Take note of what has become of the case and its tasks."""
        known = len(self.pauses)
        retracted = ended = False
        for task in tasks:
            self.steps.setdefault(task.no, task)
            before, self.status[task.no] = self.status.get(task.no, "blocked"), task.status
            retracted |= before in ENDED and task.status in IN_HAND
            ended |= before in IN_HAND and task.status not in IN_HAND
            if before not in IN_HAND and task.status in IN_HAND:
                self._taken_in_hand(task, before, today)
            elif before in IN_HAND and task.status not in IN_HAND:
                self._out_of_hand(task, today)
        if status != "in_progress" and not self.over:
            self._close(status, today)
        if not self.over:
            self._judge_promise(today, retracted=retracted, ended=ended)
        self._judge_whole(today)
        self._judge_stopped(today, self.pauses[:known])

    def papers_in(self, today: date) -> None:
        """What was asked for has been handed in."""
        self._stop_pausing(today, [p for p in self.pauses if p.kind == "supplement"])
        self._end(today, [one for one in self.running() if one.clock == "supplement"])

    def plan_over(self, pause: Pause, today: date) -> None:
        """What was planned for a pause is watched no more: it has ended."""
        plans = [one for one in self.running() if one.clock == "pause" and one.of == pause.kind]
        self._end(today, [one for one in plans if one.subject == pause.owner])

    def _judge_stopped(self, today: date, found: list[Pause]) -> None:
        """What ended under a pause is judged by the pauses that the act found, once those it ended have ended."""
        now, self.pauses = self.pauses, found
        for one in self.limits:
            if one.ended == today and one.judged is not None and one.judged.due is None and not one.judged.final:
                one.judged = None
                one.judged = self._judgement(one, final=True)
        self.pauses = now

    def _judgement(self, limit: Kept, *, final: bool) -> Judged:
        return Judged(self.almanac.as_it_is(), self.due(limit), self.rungs(limit), final)

    def _taken_in_hand(self, task: Any, before: str, today: date) -> None:
        special = self._special(task)
        if before in ENDED:
            last = [one for one in self.limits if one.subject == task.no and one.clock != "pause"][-1]
            self._reopen(last)
            self._end(today, [one for one in self._own("promised") if one.event == task.step])
        else:
            self.limits.append(Kept(task.no, "special" if special else "promised", today, task.days or 1))
        if special and not self.open_pauses(self.no, "public_notice"):
            self.pauses.append(Pause(self.no, "public_notice", today))

    def _out_of_hand(self, task: Any, today: date) -> None:
        self._end(today, [one for one in self.limits if one.subject == task.no])
        self._stop_pausing(today, [p for p in self.pauses if p.owner == task.no])
        if self._special(task):
            self._stop_pausing(today, self.open_pauses(self.no, "public_notice"))
        if task.status != "approved":
            return
        self.limits += [
            Kept(self.no, "promised", today, x.days, backed=True, event=task.step)
            for x in self.plan.limits
            if x.event == task.step
        ]

    def _judge_promise(self, today: date, *, retracted: bool, ended: bool) -> None:
        """The promise from acceptance is for what does not come after an event; what ends late ends with the work."""
        later = {step.code for limit in self.plan.limits if limit.event for step in self.plan.after(limit.event)}
        left = [
            task
            for no, task in self.steps.items()
            if task.mandatory and task.blocking and self.status[no] not in ENDED and task.step not in later
        ]
        first = [x for x in self.limits if x.subject == self.no and x.clock == "promised" and x.event is None]
        at_work = [task for task in left if not self._special(task)]
        if not left:
            self._end(today, first)
        elif retracted:
            for one in first:
                if at_work or not self._late_at_its_end(one):
                    self._reopen(one)
        elif ended and not at_work:
            self._end(today, [one for one in first if (due := self.due(one)) is not None and today > due])

    def _late_at_its_end(self, limit: Kept) -> bool:
        due = self.due(limit)
        return limit.ended is not None and due is not None and limit.ended > due

    def _close(self, status: str, today: date) -> None:
        self.over = True
        kept = {no for no, one in self.status.items() if one in IN_HAND}
        self._end(today, [one for one in self.limits if one.subject not in kept])
        self._stop_pausing(today, [p for p in self.pauses if p.owner not in kept])
        if status.startswith("closed"):
            self.limits.append(Kept(self.no, "delivery", today, 10))

    def _judge_whole(self, today: date) -> None:
        waiting = [
            no
            for no, status in self.status.items()
            if status in (*IN_HAND, "returned") and self.steps[no].blocking
        ]  # fmt: skip
        for clock in ("promised", "statutory"):
            kind = f"whole {clock}"
            whole = (
                not self.over
                and bool(waiting)
                and all(any(stops(p.kind, clock) for p in self.open_pauses(no)) for no in waiting)
            )
            if whole and not self.open_pauses(self.no, kind):
                self.pauses.append(Pause(self.no, kind, today))
            elif not whole:
                self._stop_pausing(today, self.open_pauses(self.no, kind))

    # what the oracle reads off it

    def open_pauses(self, owner: str, kind: str | None = None) -> list[Pause]:
        return [p for p in self.pauses if p.owner == owner and p.ended is None and kind in (None, p.kind)]

    def running(self) -> list[Kept]:
        return [one for one in self.limits if one.ended is None]

    def counts(self, limit: Kept, day: date) -> bool:
        """Whether a day counts on a limit: offices work and no pause that stops its clock takes it."""
        almanac = limit.judged.almanac if limit.judged is not None else self.almanac
        return almanac.works(day) and not any(p.takes(day) for p in self._stopping(limit))

    def spent(self, limit: Kept, day: date) -> int:
        return sum(self.counts(limit, one) for one in _days(limit.start, min(day, limit.ended or day)))

    def nth(self, limit: Kept, n: int) -> date | None:
        """The n-th day that counts; None where a pause is open before it."""
        open_ends = [p.begun for p in self._stopping(limit) if p.ended is None]
        number = 0
        for day in _days(limit.start, limit.start + HORIZON * DAY):
            if open_ends and day > min(open_ends):
                return None
            number += self.counts(limit, day)
            if number == n:
                return day
        raise AssertionError("no such day within the horizon")

    def due(self, limit: Kept) -> date | None:
        if limit.judged is not None:
            return limit.judged.due
        return limit.fixed or self.nth(limit, limit.total)

    def rungs(self, limit: Kept) -> dict[str, date]:
        """The days on which it shows amber, yellow and red, as far as they are known."""
        if limit.judged is not None:
            return limit.judged.rungs
        due, found = self.due(limit), dict[str, date]()
        grain = limit.days if limit.fixed is None else limit.grain
        before = 2 if grain >= 5 else 1 if grain >= 2 else 0
        if limit.fixed is not None:
            amber = self.almanac.before(limit.fixed, before) if before else limit.fixed
        else:
            amber = self.nth(limit, max(limit.total - before, 1))
        if amber is not None:
            found["amber"] = amber
        if due is None:
            return found
        if limit.clock in ("promised", "special", "delivery", "pause"):
            found["yellow"] = due + DAY
        if limit.clock in ("statutory", "supplement", "intake", "gap"):
            found["red"] = due + DAY
        elif limit.clock in ("special", "pause"):
            found["red"] = self.almanac.after(due, 2)
        elif limit.clock == "promised" and not limit.backed:
            found["red"] = self.almanac.after(due, 4)
        return found

    def _special(self, task: Any) -> bool:
        return any(step.code == task.step and step.special for step in self.plan.steps)

    def _own(self, clock: str) -> list[Kept]:
        return [one for one in self.running() if one.subject == self.no and one.clock == clock]

    def _stopping(self, limit: Kept) -> list[Pause]:
        if limit.fixed is not None:
            return []
        own_only = ("public_notice", "whole promised", "whole statutory")
        return [
            p
            for p in self.pauses
            if stops(p.kind, limit.clock)
            and (p.owner == limit.subject or (p.owner == self.no and p.kind not in own_only))
        ]

    def _end(self, today: date, limits: Iterable[Kept]) -> None:
        for one in limits:
            if one.ended is None:
                one.ended, one.judged = today, self._judgement(one, final=False)

    def _reopen(self, limit: Kept) -> None:
        limit.ended = limit.judged = None

    def _stop_pausing(self, today: date, pauses: Iterable[Pause]) -> None:
        for one in pauses:
            one.ended = one.ended or today


def _days(after: date, through: date) -> Iterator[date]:
    while after < through:
        after += DAY
        yield after
