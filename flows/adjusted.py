"""How a matter's settings stand (事项设置): by its file, in force, by whom since when and why; and every version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from flows import office_days, overrides
from flows.alarms import AS_USUAL, Watched, days_of, kinds_of, red_settable, tells
from flows.matter import Matter
from flows.sla import REFERENCE_GRACE, rungs_of
from flows.sla import Clock as OnClock
from forms.vocabulary import Role
from infra.store import administration as store

MOST_VERSIONS = 500
DAYS: Final[Mapping[str, str]] = {
    office_days.SUPPLEMENT: "补正期限",
    office_days.APPEAL: "黄红牌申诉期限",
    office_days.REPLY: "督办单回复期限",
    office_days.FIX: "差评整改期限",
}
Row = Mapping[Any, Any]
Place = tuple[str, ...]
GAP_LATE: Final[Place] = ("gap_late",)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a matter: its `place` in the value on record, what the file says, what holds, who set it."""

    place: Place
    title: str
    by_file: Any
    in_force: Any
    adjusted: bool
    version: Row | None

    @property
    def name(self) -> str:
        """Return how the setting is named in an address: promised_days, alarms/step."""
        return "/".join(self.place)


def places_of(matter: Matter) -> dict[Place, str]:
    """Return the settings that a matter has, with their titles."""
    found: dict[Place, str] = {}
    if matter.promised_days is not None:
        found["promised_days",] = "承诺时限"
    found["promisable",] = "可容缺的材料"
    found[GAP_LATE] = "容缺逾期的处理"
    found |= {(name,): title for name, title in DAYS.items()}
    for kind in kinds_of(matter):
        found["alarms", kind.value] = f"预警：{kind.label}"
    return found


def settings_of(conn: Connection, matter: Matter) -> tuple[list[Setting], list[dict[str, Any]]]:
    """Return every setting of a matter as it stands, and all versions with what each `changed`, the newest first."""
    versions: list[dict[str, Any]] = [{**row} for row in store.versions(conn, f"matter/{matter.code}", MOST_VERSIONS)]
    titles = places_of(matter)
    for row, earlier in zip(versions, [*versions[1:], {"value": {}}], strict=False):
        row["changed"] = [place for place in titles if at(row["value"], place) != at(earlier["value"], place)]
    held = versions[0]["value"] if versions else {}
    now = overrides.applied({matter.code: matter}, {matter.code: held})[matter.code]
    settings = [
        Setting(
            place,
            title,
            value_of(matter, place),
            value_of(now, place),
            at(held, place) is not None,
            next((row for row in versions if place in row["changed"]), None),
        )
        for place, title in titles.items()
    ]
    return settings, versions


def at(value: Row, place: Place) -> Any:
    """Return what a value on record says at a place, None where it leaves the file its say.

    What follows a broken promise is said with its document, which the applicant is told.
    """
    if place == GAP_LATE and value and value.get("gap_late") is not None:
        return value["gap_late"], value.get("gap_basis")
    for step in place:
        value = (value or {}).get(step)  # type: ignore[assignment]
    return value if value != {} else None


def value_of(matter: Matter, place: Place) -> Any:
    """Return a setting of a matter as data: days, codes of papers, or thresholds and recipients of an alarm."""
    match place:
        case ("promised_days",):
            return matter.promised_days
        case (name,) if name in DAYS:
            return getattr(matter, name)
        case ("gap_late",):
            return matter.gap_late.value
        case ("promisable",):
            return [paper.code for paper in matter.materials if paper.gap_allowed]
        case (_, kind):
            return _alarm(matter, Watched(kind))
    raise LookupError(place)


def _alarm(matter: Matter, kind: Watched) -> dict[str, Any]:
    alarm = matter.alarms.get(kind, AS_USUAL)
    told = tells(matter, kind, alarm.told)
    return {
        "amber": alarm.amber if alarm.amber is not None else usual_amber(matter, kind),
        "red_after": alarm.red_after if alarm.red_after is not None else usual_red(matter, kind),
        "recipients": {role.value: told[role].value for role in Role if role in told},
    }


def usual_amber(matter: Matter, kind: Watched) -> int | None:
    """Return how many working days ahead a kind of limit usually warns; None where its limits differ in that."""
    clock = OnClock.PROMISED if kind is Watched.STEP else OnClock(kind.value)
    found = {rungs_of(clock, days, backed=False)[0].before for days in days_of(matter, kind)}
    return found.pop() if len(found) == 1 else None


def usual_red(matter: Matter, kind: Watched) -> int | None:
    """Return how many working days after yellow red usually follows; None where the law says when, or it never does."""
    if not red_settable(matter, kind):
        return None
    return 1 if kind is Watched.SPECIAL else REFERENCE_GRACE
