"""A matter's settings in words (事项设置用语): what holds, what a change changes, whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows import overrides
from flows.adjusted import Place, at, places_of, value_of
from flows.alarms import Reach, Watched, departments_of, red_settable, rungs_at, told_at, warns
from flows.matter import Matter
from flows.overrides import Tried
from flows.record import Desk
from flows.registry import matters
from flows.sla import Light
from forms.administration import (
    Adjustment,
    AlarmChange,
    AppealChange,
    FixChange,
    GapLateChange,
    MatterChange,
    PromisableChange,
    ReplyChange,
    SupplementChange,
)
from forms.errors import NotFound
from forms.vocabulary import Department, GapLate, Role
from infra.store import administration, people

Row = Mapping[Any, Any]
MOST_OFFICES = 5000
_MESSAGES: Mapping[str, type[Adjustment]] = {
    "promised_days": MatterChange,
    "promisable": PromisableChange,
    "gap_late": GapLateChange,
    "supplement_days": SupplementChange,
    "appeal_days": AppealChange,
    "reply_days": ReplyChange,
    "fix_days": FixChange,
    "alarms": AlarmChange,
}

FROM_NOW_ON = "自保存起收件的申请适用；此前已收件的办件不受影响，按收件时的规定办完。"
AT_ONCE = "告知对象在预警触发时查定：自保存起触发的预警即按新的对象告知，在办办件也一样。"
CITED = "填写依据文号的，办事指南、容缺受理通知书和不予决定书引用该文件；没有填写的，写明参照的规定。"
DRAFTS = "窗口已暂存、尚未提交的申请，提交时按新的清单审核。"


def message_of(place: Place) -> type[Adjustment]:
    """Return the message that changes a setting, or NotFound."""
    try:
        return _MESSAGES[place[0]]
    except KeyError:
        raise NotFound("没有这项设置。") from None


def kind_of(place: Place) -> Watched | None:
    """Return the kind of limit that an alarm is about, None for any other setting, or NotFound."""
    if place[0] != "alarms":
        return None
    try:
        return Watched(place[-1])
    except ValueError:
        raise NotFound("没有这类时限。") from None


def words_of(matter: Matter, place: Place) -> str:
    """Return a setting of a matter in words: 5个工作日."""
    value = value_of(matter, place)
    if place[0] == "promisable":
        titles = {paper.code: paper.title for paper in matter.materials}
        return "、".join(titles[code] for code in value) or "没有可容缺的材料"
    if place[0] == "gap_late":
        return GapLate(value).label + (f"（{matter.gap_basis}）" if matter.gap_basis else "")
    if place[0] == "alarms":
        return _alarm_words(value, warned=warns(matter, Watched(place[1])))
    return f"{value}个工作日"


def _alarm_words(alarm: Mapping[str, Any], *, warned: bool) -> str:
    amber, red = alarm["amber"], alarm["red_after"]
    usual = "按时限长短提醒" if warned else "逾期即亮黄牌"
    when = usual if amber is None else f"剩余{amber}个工作日提醒" if amber else "到期当日提醒"
    turns = f"，到期后满{red}个工作日红牌" if red is not None else ""
    told: dict[str, list[str]] = {}
    for role, rung in alarm["recipients"].items():
        told.setdefault(rung, []).append(Role(role).label)
    who = [f"{light.label}起告知{'、'.join(told[light])}" for light in Light if light in told]
    return f"{when}{turns}；{'，'.join(who)}"


def effects_of(matter: Matter, place: Place) -> list[str]:
    """Say whom a change concerns, and whom not; of moments only those that can be set."""
    if place[0] == "alarms":
        kind = Watched(place[1])
        moments = [words for words, has in (("提醒", warns(matter, kind)), ("红牌", red_settable(matter, kind))) if has]
        return [*([f"{'和'.join(moments)}的时间，{FROM_NOW_ON}"] if moments else []), AT_ONCE]
    more = {"promisable": [DRAFTS], "gap_late": [CITED]}
    return [FROM_NOW_ON, *more.get(place[0], [])]


def nobody_told(
    matter: Matter, kind: Watched, reach: Reach, regions: Mapping[str, str], offices: set[tuple[str, str]]
) -> list[str]:
    """Return the offices (region and department) of which nobody would be told when a limit of that kind warns."""
    alarm = matter.alarms.get(kind)
    first = told_at(kind, rungs_at(matter, kind)[0], alarm.told if alarm else None)
    return [
        f"{name}{Department(department).label}"
        for code, name in regions.items()
        for department in departments_of(matter, kind)
        if (department, code) in offices and reach.lacks(first, department, matter.lead.value, code)
    ]


def unheard(seat: Desk, tried: Tried, place: Place) -> list[str]:
    """Return the offices of which nobody would be told after a change of an alarm, none for any other change."""
    if place[0] != "alarms":
        return []
    reach = Reach(people.seats_held(seat.conn))
    names, codes = people.region_names(seat.conn), people.region_codes(seat.conn)
    rows = administration.offices(seat.conn, limit=MOST_OFFICES)
    offices = {(row["department"], row["region"]) for row in rows if row["active"]}
    return nobody_told(tried.after, Watched(place[1]), reach, {code: names[code] for code in sorted(codes)}, offices)


def change_words(code: str, value: Row, before: Row) -> str:
    """Return what a version changed of a matter, in words; empty where the matter is not there any more."""
    matter = matters().get(code)
    if matter is None:
        return ""
    now = overrides.applied({code: matter}, {code: value})[code]
    return "；".join(
        f"{title}：{'恢复为' if at(value, place) is None else ''}{words_of(now, place)}"
        for place, title in places_of(matter).items()
        if at(value, place) != at(before, place)
    )
