"""The limits that a matter's file declares (时限): of the case or of one step, promised or by law, each with its basis.

Pure. What cannot be armed is refused where it is declared, and once more when a case is accepted (`flows.arming`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MOST_MONTHS = 120

FROM_ACCEPTANCE, IN_SEASON, AFTER_EVENT = "from_acceptance", "in_season", "after_event"
ON_DATE, MONTHS, CYCLE = "fixed_date", "months", "service_cycle"
RUNS = frozenset({FROM_ACCEPTANCE, IN_SEASON, AFTER_EVENT, ON_DATE, MONTHS, CYCLE})
ANYWHERE = frozenset({FROM_ACCEPTANCE, ON_DATE, MONTHS, CYCLE})
"""How a limit runs; of a step only from when it is in hand, whatever else."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit (办理时限). Without `basis` it is a 参考时限: shown, never binding.

    `days` are working days, months where it `runs` in months, nothing where it is a day of the year (`on`, "11-30").
    `season` ("05-20", "07-05") is a window of every year: a case accepted within it follows this limit, counted from
    the close of the window, instead of the one that runs from acceptance. `checkpoints` are the working days of a
    service cycle on which those who serve are reminded.
    """

    days: int
    kind: str = "promised"
    runs: str = FROM_ACCEPTANCE
    event: str | None = None
    basis: str | None = None
    what: str = ""
    season: tuple[str, str] | None = None
    on: str | None = None
    checkpoints: tuple[int, ...] = ()

    @property
    def workdays(self) -> int | None:
        """Return the working days it gives; None where it is counted otherwise."""
        return None if self.runs in (ON_DATE, MONTHS) else self.days

    def data(self) -> dict[str, Any]:
        """Return the limit as it is pinned on a case, and as the guide tells it."""
        return {
            "days": self.days,
            "kind": self.kind,
            "runs": self.runs,
            "event": self.event,
            "basis": self.basis,
            "what": self.what,
            "season": self.season,
            "on": self.on,
            "checkpoints": list(self.checkpoints),
        }

    @property
    def words(self) -> str:
        """Return how long it gives, in officials' words: 10个工作日, 2个月, 每年11月30日前."""
        return length(self.data())


def Promised(days: int, *, basis: str | None = None, what: str = "") -> Limit:
    """`days` working days from acceptance, as the office promised (承诺办结时限); of a step from when it is in hand."""
    return Limit(days, basis=basis, what=what)


def Statutory(days: int, *, basis: str, what: str = "") -> Limit:
    """`days` working days from acceptance, by law (法定办结时限); of a step from when it is in hand."""
    return Limit(days, kind="statutory", basis=basis, what=what)


def InSeason(opens: str, closes: str, days: int, *, basis: str | None = None, what: str = "") -> Limit:
    """`days` working days after a yearly window has closed ("05-20" to "07-05"), for what is accepted within it."""
    return Limit(days, runs=IN_SEASON, basis=basis, what=what, season=(opens, closes))


def AfterEvent(event: str, days: int, *, basis: str | None = None, what: str = "") -> Limit:
    """`days` working days after the step `event` has ended."""
    return Limit(days, runs=AFTER_EVENT, event=event, basis=basis, what=what)


def OnDate(on: str, *, kind: str = "promised", basis: str | None = None, what: str = "") -> Limit:
    """Until the next `on` ("11-30") that comes after the day of acceptance (批次认定): a day that was named stays.

    Neither a pause nor the calendar moves it, only an extension does, by working days.
    """
    return Limit(0, kind=kind, runs=ON_DATE, basis=basis, what=what, on=on)


def Months(months: int, *, kind: str = "promised", basis: str | None = None, what: str = "") -> Limit:
    """`months` calendar months, to the same day or the next one offices work (民法典 第202条、第203条).

    A pause does not stop it: what is taken off are working days of a licence's limits (行政许可法 第45条).
    """
    return Limit(months, kind=kind, runs=MONTHS, basis=basis, what=what)


def ServiceCycle(
    days: int, checkpoints: Sequence[int], *, kind: str = "promised", basis: str | None = None, what: str = ""
) -> Limit:
    """A cycle of `days` working days (跟踪服务周期); on each of the `checkpoints` whoever serves is reminded once."""
    return Limit(days, kind=kind, runs=CYCLE, basis=basis, what=what, checkpoints=tuple(checkpoints))


def length(limit: Mapping[str, Any]) -> str:
    """Say how long a limit gives that was pinned on a case."""
    match limit.get("runs"):
        case "fixed_date":
            return f"每年{month_day(limit['on'])}前"
        case "months":
            return f"{limit['days']}个月"
    return f"{limit['days']}个工作日"


def month_day(day: str) -> str:
    """Say a day of every year: 11月30日."""
    month, _, number = day.partition("-")
    return f"{int(month)}月{int(number)}日"


def next_day(on: str, after: date) -> date:
    """Return the first such day of a year ("11-30") that comes after a day."""
    this_year = date.fromisoformat(f"{after.year}-{on}")
    return this_year if this_year > after else date.fromisoformat(f"{after.year + 1}-{on}")


def wrong_limit(limit: Limit, *, of_step: bool = False) -> Iterator[str]:
    """Say why a limit could not be armed, or binds without a law."""
    if limit.kind not in ("promised", "statutory"):
        yield f"a limit is promised or statutory, not {limit.kind}"
    if limit.runs not in (ANYWHERE if of_step else RUNS):
        yield f"a limit cannot run {limit.runs} {'on a step' if of_step else ''}".rstrip()
    if limit.kind == "statutory" and not limit.basis:
        yield "a statutory limit names its law"
    if limit.season is not None and not all(is_day_of_year(day) for day in limit.season):
        yield f"the season {limit.season} names a day that is not in every year"
    if (limit.runs == ON_DATE) is not (limit.on is not None):
        yield "a limit of a day of the year names that day, and no other does"
    elif limit.on is not None and not is_day_of_year(limit.on):
        yield f"a limit ends on {limit.on}, which is not in every year"
    elif limit.runs == MONTHS and not 1 <= limit.days <= MOST_MONTHS:
        yield f"a limit has one to {MOST_MONTHS} months"
    elif limit.runs not in (ON_DATE, MONTHS) and limit.days <= 0:
        yield "a limit has at least one day"
    if (limit.runs == CYCLE) is not bool(limit.checkpoints):
        yield "a service cycle has checkpoints, and no other limit has"
    elif limit.checkpoints and not _rises_within(limit.checkpoints, limit.days):
        yield f"the checkpoints {list(limit.checkpoints)} do not rise within the {limit.days} days of the cycle"


def wrong_pair(limits: Collection[Limit]) -> Iterator[str]:
    """Say where more is promised than the law gives, of two limits that are counted alike."""
    for unit, same in (("working days", _workdays), ("months", _months)):
        promised = [days for x in limits if x.kind == "promised" and (days := same(x)) is not None]
        statutory = [days for x in limits if x.kind == "statutory" and (days := same(x)) is not None]
        if promised and statutory and max(promised) > min(statutory):
            yield f"the promised limit is longer than the statutory one ({unit})"


def _workdays(limit: Limit) -> int | None:
    return limit.workdays if limit.runs in (FROM_ACCEPTANCE, CYCLE) else None


def _months(limit: Limit) -> int | None:
    return limit.days if limit.runs == MONTHS else None


def _rises_within(checkpoints: Sequence[int], days: int) -> bool:
    return checkpoints[0] > 0 and checkpoints[-1] <= days and sorted(set(checkpoints)) == list(checkpoints)


def is_day_of_year(text: str) -> bool:
    """Whether a day ("11-30") is in every year."""
    try:
        date.fromisoformat(f"2025-{text}")
    except ValueError:
        return False
    return True
