"""The legal clock (时限): what is spent of a limit on a day, when it is due, which light it shows, and why.

One calculator for the due date, the light, the report, the explanation and the sweep. Pure: it is told the calendar,
the day and the ledger of pauses, and never asks. The day something happens is day zero (民法典 第201条); a limit of n
working days is kept until the end of the n-th, which is still in time (行政许可法 第82条).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from forms.vocabulary import Term
from forms.workdays import Workdays

DAY = timedelta(days=1)
REFERENCE_GRACE = 3
"""A limit without a legal basis turns red at the start of the fourth working day after its due day."""


class Clock(Term):
    """Which clock a limit is on (时限类型)."""

    PROMISED = "promised", "承诺时限"
    STATUTORY = "statutory", "法定时限"
    INTAKE = "intake", "预审时限"
    RESPONSE = "response", "签收时限"
    DISPATCH = "dispatch", "重新分办时限"
    SUPPLEMENT = "supplement", "补正期限"
    GAP = "gap", "容缺补交期限"
    DELIVERY = "delivery", "送达时限"
    CERTIFICATE = "certificate", "电子证照时限"
    SPECIAL = "special", "特别程序时限"
    PAUSE = "pause", "暂停期限"
    RATING = "rating", "差评处理时限"
    CHECKPOINT = "checkpoint", "服务节点"


class Runs(Term):
    """From when and in what a limit runs (计算方式)."""

    WORKDAYS = "workdays", "工作日"
    FIXED = "fixed_date", "固定日期"
    MONTHS = "months", "自然月"
    INSTANT = "instant", "当场"
    HOURS = "hours", "办公时间"


class Light(Term):
    """Lights of a limit (灯), in rising order."""

    GREEN = "green", "正常"
    PAUSED = "paused", "暂停"
    AMBER = "amber", "临期"
    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"


@dataclass(frozen=True, slots=True)
class Stop:
    """A pause that stops the clock at hand: working days after `begun_on` up to and including `ended_on` do not count.

    `ended_on` None: it has not ended. A pause begun and ended on one day costs and gives nothing.
    """

    begun_on: date
    ended_on: date | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of `days` since `started_on` (day zero), with what an extension added (行政许可法 第42条).

    For `Runs.FIXED` the day is `fixed_on`; for `Runs.MONTHS` `days` are months; for `Runs.HOURS` they are minutes of
    office hours since `started_at`. An extension is in working days whatever the limit is counted in.
    """

    started_on: date
    days: int
    extension: int = 0
    runs: Runs = Runs.WORKDAYS
    fixed_on: date | None = None
    started_at: datetime | None = None

    @property
    def total(self) -> int:
        """Return the days with the extension."""
        return self.days + self.extension


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of the working (计算过程): days that count, with their numbers, or that do not, with the reason."""

    first: date
    last: date
    counted: int
    through: int
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a limit stands on a day: `remaining` = total − spent, 0 on the due day; `due_on` None while stopped."""

    spent: int
    remaining: int
    due_on: date | None
    provisional: bool
    stopped: bool
    passed: bool
    over: int


def merged(stops: Sequence[Stop]) -> list[tuple[date, date | None]]:
    """Merge overlapping and nested pauses into stretches (after, through), the last of which may be open."""
    found: list[tuple[date, date | None]] = []
    for stop in sorted(stops, key=lambda s: s.begun_on):
        begun, ended = stop.begun_on, stop.ended_on
        if ended is not None and ended <= begun:
            continue
        if found and (found[-1][1] is None or begun <= found[-1][1]):
            last = found[-1][1]
            found[-1] = (found[-1][0], None if last is None or ended is None else max(last, ended))
        else:
            found.append((begun, ended))
    return found


def due_on(budget: Budget, stops: Sequence[Stop], workdays: Workdays) -> date | None:
    """Return the last day still in time, None while an open pause stops the clock before it is reached."""
    if budget.runs is Runs.FIXED:
        return _lengthened(budget.fixed_on, budget, workdays) if budget.fixed_on is not None else None
    if budget.runs is Runs.INSTANT:
        return budget.started_on
    if (moment := due_at(budget, workdays)) is not None:
        return moment.date()
    if budget.runs is Runs.MONTHS:
        last = workdays.next_working(months_after(budget.started_on, budget.days))
        return _lengthened(last, budget, workdays)
    return counted_day(budget.total, budget.started_on, stops, workdays)


def _lengthened(day: date, budget: Budget, workdays: Workdays) -> date:
    return workdays.add(day, budget.extension) if budget.extension else day


def due_at(budget: Budget, workdays: Workdays) -> datetime | None:
    """Return the last moment in time of a limit in office hours, in China's time; None for a limit in days."""
    if budget.runs is not Runs.HOURS or budget.started_at is None:
        return None
    return workdays.hours.after(budget.started_at, budget.total, workdays)


def counted_day(n: int, start: date, stops: Sequence[Stop], workdays: Workdays) -> date | None:
    """Return the `n`-th day that counts after `start`; the day itself for n < 1, None behind an open pause."""
    if n < 1:
        return start
    left, at = n, start
    for begun, ended in merged(stops):
        if begun > at:
            run = workdays.count(at, begun)
            if run >= left:
                return workdays.add(at, left)
            left -= run
            at = begun
        if ended is None:
            return None
        at = max(at, ended)
    return workdays.add(at, left)


def spent(budget: Budget, stops: Sequence[Stop], workdays: Workdays, day: date) -> int:
    """Return the working days that count after the start up to and including `day`, those of pauses not counted."""
    total, at = 0, budget.started_on
    if day <= at:
        return 0
    for begun, ended in merged(stops):
        if begun >= day:
            break
        if begun > at:
            total += workdays.count(at, begun)
            at = begun
        if ended is None or ended >= day:
            return total
        at = max(at, ended)
    return total + workdays.count(at, day)


def hours_standing(budget: Budget, workdays: Workdays, moment: datetime) -> Standing:
    """Return how a limit in office hours stands at a moment; spent, remaining and over are minutes."""
    due = due_at(budget, workdays)
    if due is None or budget.started_at is None:
        raise ValueError("a limit in office hours runs from a moment")
    used = workdays.hours.between(budget.started_at, moment, workdays)
    over = max(used - budget.total, 0)
    provisional = _is_provisional(budget, due.date(), workdays)
    return Standing(used, budget.total - used, due.date(), provisional, False, moment > due, over)


def standing(
    budget: Budget,
    stops: Sequence[Stop],
    workdays: Workdays,
    day: date,
    *,
    ended_on: date | None = None,
    judged_by: date | None = None,
) -> Standing:
    """Return how a limit stands on `day`, or how it stood on the day it ended.

    What has ended is judged by the due day it had then (`judged_by`) and by the calendar of then, never anew.
    """
    at = min(day, ended_on) if ended_on is not None else day
    due = judged_by or due_on(budget, stops, workdays)
    used = spent(budget, stops, workdays, at)
    by_days = budget.runs is Runs.WORKDAYS
    stopped = (
        by_days
        and (due is None or at < due)
        and any(begun <= at and (ended is None or at < ended) for begun, ended in merged(stops))
    )
    passed = due is not None and at > due
    remaining = budget.total - used if by_days else workdays.count(at, due) if due is not None else 0
    over = workdays.count(due, at) if passed and due is not None else 0
    return Standing(
        spent=used,
        remaining=max(remaining, 0) if not passed else -over,
        due_on=due,
        provisional=_is_provisional(budget, due, workdays),
        stopped=stopped,
        passed=passed,
        over=over,
    )


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of escalation (预警、黄牌、红牌): `before` counted days ahead of the due day, or `after` it was passed.

    `after` 0 is the day that follows the due day; `after` k the start of working day k + 1 after it.
    """

    light: Light
    before: int | None = None
    after: int | None = None


def rungs_of(
    clock: Clock, days: int, *, backed: bool, amber_at: int | None = None, red_after: int | None = None
) -> tuple[Rung, ...]:
    """Return the rungs of a clock: amber at two days from five days on, at one from two, on the due day of one.

    A promise turns yellow when it is passed and, where no law backs a limit behind it (`backed` False), red at the
    start of the fourth working day after its due day. A statutory limit that is passed is red at once, and so are the
    window's five days, since the application then counts as accepted (行政许可法 第32条), and the days in which a bad
    rating is answered (国办发〔2019〕51号). The applicant's own deadlines warn, and end the case when they are passed;
    no department is to blame for them. A special procedure, and a pause that was to end, turn yellow when they go on
    beyond their day and red a working day later. An electronic certificate that is late is a yellow card, without a
    warning before it or a red one after it (湖南省电子监察预警规则). Where an office has set it, amber comes `amber_at`
    days ahead (in a limit as short as that from its first day on) and red, where no law decides, `red_after` working
    days after the due day.
    """
    usual = 2 if days >= 5 else 1 if days >= 2 else 0
    amber = Rung(Light.AMBER, before=usual if amber_at is None else min(amber_at, max(days - 1, 0)))
    match clock:
        case Clock.STATUTORY | Clock.INTAKE | Clock.RATING:
            return (amber, Rung(Light.RED, after=0))
        case Clock.SUPPLEMENT | Clock.GAP:
            return (amber, Rung(Light.RED, after=0))
        case Clock.SPECIAL | Clock.PAUSE:
            red_at = 1 if red_after is None else red_after
            return (amber, Rung(Light.YELLOW, after=0), Rung(Light.RED, after=red_at))
        case Clock.RESPONSE | Clock.DISPATCH:  # nobody's card: those who are to act, and their head, are reminded
            return (Rung(Light.AMBER, after=0),)
        case Clock.CHECKPOINT:  # nobody's card either: whoever serves is reminded on the day itself
            return (Rung(Light.AMBER, before=0),)
        case Clock.DELIVERY:
            return (amber, Rung(Light.YELLOW, after=0))
        case Clock.CERTIFICATE:
            return (Rung(Light.YELLOW, after=0),)
    red = () if backed else (Rung(Light.RED, after=REFERENCE_GRACE if red_after is None else red_after),)
    return (amber, Rung(Light.YELLOW, after=0), *red)


@dataclass(frozen=True, slots=True)
class Projection:
    """What follows from a limit and its pauses today: its due day and the day on which each rung is reached.

    A day that lies behind an open pause is None; it comes when the pause has ended.
    """

    due_on: date | None
    rungs: tuple[tuple[Light, date | None], ...]
    provisional: bool
    due_at: datetime | None = None

    def on(self, light: Light) -> date | None:
        """Return the day on which the limit shows `light`."""
        return next((day for one, day in self.rungs if one is light), None)


def project(budget: Budget, rungs: Sequence[Rung], stops: Sequence[Stop], workdays: Workdays) -> Projection:
    """Project a limit: the one place from which due date, light, sweep and report follow."""
    due = due_on(budget, stops, workdays)
    days = tuple((rung.light, _rung_day(rung, budget, due, stops, workdays)) for rung in rungs)
    return Projection(due, days, _is_provisional(budget, due, workdays), due_at(budget, workdays))


def _is_provisional(budget: Budget, due: date | None, workdays: Workdays) -> bool:
    """Whether a due day that was counted goes over a year not known yet; a day that was named stays where it is."""
    if due is None or budget.runs is Runs.INSTANT or (budget.runs is Runs.FIXED and not budget.extension):
        return False
    return workdays.rests_on_provisional(budget.started_on, due)


def _rung_day(rung: Rung, budget: Budget, due: date | None, stops: Sequence[Stop], workdays: Workdays) -> date | None:
    if budget.runs is Runs.HOURS:  # a warning from the beginning of the day, what comes after once the moment is past
        return due
    if rung.before is not None:
        if budget.runs is Runs.WORKDAYS:
            return counted_day(max(budget.total - rung.before, 1), budget.started_on, stops, workdays)
        return workdays.add(due, -rung.before) if due is not None and rung.before else due
    if due is None or rung.after is None:
        return None
    return due + DAY if rung.after == 0 else workdays.add(due, rung.after + 1)


def light_on(day: date, *, amber_on: date | None, yellow_on: date | None, red_on: date | None, stopped: bool) -> Light:
    """Return the light on `day` of what shows red, yellow and amber from those days on.

    A card once reached stays whatever is paused later; a pause outshines amber, whose warning has been given.
    """
    if red_on is not None and day >= red_on:
        return Light.RED
    if yellow_on is not None and day >= yellow_on:
        return Light.YELLOW
    if stopped:
        return Light.PAUSED
    return Light.AMBER if amber_on is not None and day >= amber_on else Light.GREEN


def light_in_hours(stands: Standing, day: date, *, amber_on: date | None, red_on: date | None) -> Light:
    """Return the light of a limit in office hours: a warning on the day it is due, its card once the moment is past.

    Where no card follows (签收、重新分办) the warning is what comes once the moment is past.
    """
    if stands.passed:
        return Light.AMBER if red_on is None else Light.RED
    return Light.AMBER if red_on is not None and amber_on is not None and day >= amber_on else Light.GREEN


def months_after(day: date, months: int) -> date:
    """Return the same day `months` later, the month's last where there is none such (民法典 第202条)."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def explain(budget: Budget, stops: Sequence[Stop], workdays: Workdays, through: date) -> Iterator[Line]:
    """Explain a limit stretch by stretch up to `through`; the counted days of all lines sum to what is spent.

    Neighbouring days of one kind stand on one line: "09-20 周日 调休上班 计第 2 日", "09-21–09-25 专家评审 不计".
    """
    line: Line | None = None
    for first, last, counted, why in _stretches(budget.started_on + DAY, through, stops, workdays):
        if line is None:
            line = Line(first, last, counted, counted, why)
        elif bool(line.counted) == bool(counted) and line.why == why:
            line = Line(line.first, last, line.counted + counted, line.through + counted, why)
        else:
            yield line
            line = Line(first, last, counted, line.through + counted, why)
    if line is not None:
        yield line


def explain_hours(budget: Budget, workdays: Workdays, moment: datetime) -> Iterator[Line]:
    """Explain a limit in office hours day by day up to a moment; what counts are minutes."""
    number = 0
    days = workdays.hours.by_day(budget.started_at, moment, workdays) if budget.started_at is not None else ()
    for day, minutes in days:
        number += minutes
        yield Line(day, day, minutes, number, workdays.why(day))


def _stretches(
    first: date, last: date, stops: Sequence[Stop], workdays: Workdays
) -> Iterator[tuple[date, date, int, str]]:
    """Cut the days from `first` to `last` into stretches, each with the days of it that count, and why."""
    if last < first:
        return
    edges = {edge + DAY for stop in stops for edge in (stop.begun_on, stop.ended_on) if edge is not None}
    cuts = [first, *sorted(edge for edge in edges if first < edge <= last), last + DAY]
    for begun, behind in pairwise(cuts):
        stop = next((s for s in stops if s.begun_on < begun and (s.ended_on is None or begun <= s.ended_on)), None)
        if stop is not None:
            yield begun, behind - DAY, 0, stop.why or "暂停"
        else:
            yield from workdays.stretches(begun, behind - DAY)
