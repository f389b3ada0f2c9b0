"""What an office changes of a matter without a developer (事项调整): versioned, with who, since when and why.

A change holds for what is received from then on; open cases keep what was pinned on them. Who is told of an alarm is
looked up when a rung fires, so that it holds for open cases too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from flows import access, alarms, office_days
from flows.alarms import Alarm, Reach, Watched
from flows.matter import Malformed, Matter
from flows.record import Desk
from flows.sla import Light
from forms.administration import (
    Adjustment,
    AlarmChange,
    GapLateChange,
    MatterChange,
    PromisableChange,
    SupplementChange,
)
from forms.errors import Conflict, FieldError, Invalid, NotFound
from forms.materials import promisable_of
from forms.messages import read_message
from forms.vocabulary import GapLate
from infra.store import administration, people
from infra.store import overrides as store

Value = Mapping[str, Any]
MOST_KEPT = 500
TRYING = "预览"
"""What stands for the reason of a change that is only tried."""
_kept: dict[tuple[str, bytes], tuple[Matter, Matter]] = {}
"""Matters as changed, by what was changed: reading a matter again costs more than an intake has to spare."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a change would do: the matter before and after it, and the value that would be on record."""

    before: Matter
    after: Matter
    value: dict[str, Any]


def in_force(conn: Connection, known: Mapping[str, Matter]) -> dict[str, Matter]:
    """Return the matters as they hold now."""
    return applied(known, store.values(conn, list(known)))


def promisable(conn: Connection, known: Mapping[str, Matter]) -> dict[str, frozenset[str]]:
    """Return by matter which papers may be promised now (可容缺的材料)."""
    return {
        code: promisable_of(matter.form.materials, matter.promisable) for code, matter in in_force(conn, known).items()
    }


def applied(known: Mapping[str, Matter], values: Mapping[str, Value]) -> dict[str, Matter]:
    """Return the matters with what was changed of them; what a newer release does not bear stays as its file says."""
    found = dict(known)
    for code, value in values.items():
        if code in known:
            key = (code, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
            matter, borne = _kept.get(key, (None, None))
            if matter is not known[code] or borne is None:
                borne = _borne(known[code], value)
                if len(_kept) < MOST_KEPT:
                    _kept[key] = (known[code], borne)
            found[code] = borne
    return found


def _borne(matter: Matter, value: Value) -> Matter:
    """Return a matter with everything of a value that it bears, each setting judged by itself."""
    codes = value.get("promisable")
    pieces: list[Value] = [{name: value.get(name)} for name in ("promised_days", *office_days.USUAL)]
    pieces.append({name: value.get(name) for name in ("gap_late", "gap_basis")})
    pieces.append({"promisable": None if codes is None else promisable_of(matter.form.materials, codes)})
    pieces += [{"alarms": {kind: data}} for kind, data in (value.get("alarms") or {}).items()]
    for piece in pieces:
        try:
            matter = changed(matter, piece)
        except ValueError:  # Malformed, or a role or a rung that is not known any more
            continue
    return matter


def changed(matter: Matter, value: Value) -> Matter:
    """Return a matter with other settings; Malformed where its steps need longer, the law allows less, or no sense."""
    new: dict[str, Any] = {}
    days = value.get("promised_days")
    if days is not None and matter.promised_days is not None:
        new["limits"] = [
            replace(limit, days=days) if limit.kind == "promised" and limit.runs == "from_acceptance" else limit
            for limit in matter.limits
        ]
    if value.get("promisable") is not None:
        new["promisable"] = frozenset(value["promisable"])
    new |= {name: value[name] for name in office_days.USUAL if value.get(name) is not None}
    if value.get("gap_late") is not None:
        new |= {"gap_late": GapLate(value["gap_late"]), "gap_basis": value.get("gap_basis")}
    if value.get("alarms"):
        read = {Watched(kind): Alarm.read(data) for kind, data in value["alarms"].items()}
        new["alarms"] = {**matter.alarms, **read}
    return replace(matter, **new) if new else matter


def asked(
    desk: Desk,
    known: Mapping[str, Matter],
    code: str,
    message: type[Adjustment],
    body: Any,
    *,
    kind: Watched | None = None,
    trying: bool = False,
) -> Adjustment:
    """Return the change that a body asks for; Invalid with everything wrong at once, in its form and in its sense.

    What is only tried (`trying`) need not say why.
    """
    if trying and isinstance(body, dict):
        body = {"reason": TRYING, **body}
    try:
        return read_message(message, body)
    except Invalid as refused:
        errors = [*refused.errors, *_senseless(desk, known, code, message, body, refused, kind)]
        raise Invalid(errors, errors[0].message if len(errors) == 1 else None) from None


def _senseless(
    desk: Desk, known: Mapping[str, Matter], code: str, message: type[Adjustment], body: Any, refused: Invalid,
    kind: Watched | None,
) -> Sequence[FieldError]:  # fmt: skip
    """Return what makes no sense in the rest of a body of which some fields cannot be read."""
    unread = {error.field.split("/")[1] for error in refused.errors if error.field}
    rest = {name: value for name, value in body.items() if name not in unread} if isinstance(body, dict) else {}
    if not set(rest) - set(Adjustment.model_fields):
        return ()
    try:
        tried(desk, known, code, read_message(message, {**rest, "reason": TRYING}), kind=kind)
    except Invalid as more:
        return more.errors
    except Conflict:
        return ()
    return ()


def change(
    desk: Desk, known: Mapping[str, Matter], code: str, given: Adjustment, *, kind: Watched | None = None
) -> dict[str, Any]:
    """The matter is otherwise from now on, or again as its file says; return the value on record.

    Invalid with all that makes no sense (promised days that the steps or the law do not allow, papers that may never
    be promised, a warning longer than its limit, a rung that tells nobody); Conflict where it stands so already.
    `kind` names the limit whose alarms are meant.
    """
    tried_ = tried(desk, known, code, given, kind=kind)
    assert desk.actor.id is not None
    administration.note(
        desk.conn, f"matter/{code}", tried_.value, by=desk.actor.id, at=desk.now, reason=given.reason,
        basis=given.basis or "",
    )  # fmt: skip
    return tried_.value


def tried(
    desk: Desk, known: Mapping[str, Matter], code: str, given: Adjustment, *, kind: Watched | None = None
) -> Tried:
    """Return what a change would do (预览), and change nothing; refused as `change` refuses."""
    access.may(desk.actor, "administer")
    matter = known.get(code)
    if matter is None:
        raise NotFound("没有这个事项。")
    store.hold(desk.conn, code)
    held = store.values(desk.conn, [code]).get(code, {})
    before = applied(known, {code: held})[code]
    piece = _piece(matter, given, kind)
    value = {**held, **piece}
    if "alarms" in piece:
        value["alarms"] = {name: data for name, data in {**held.get("alarms", {}), **piece["alarms"]}.items() if data}
    if _said(value) == _said(held):
        raise Conflict("与现行的相同，没有变化。", code="unchanged")
    if errors := list(_wrong(desk, matter, before, given, kind)):
        raise Invalid(errors) if len(errors) > 1 else Invalid.one(errors[0].field, errors[0].message, errors[0].code)
    return Tried(before, _borne(matter, value), value)


def _piece(matter: Matter, given: Adjustment, kind: Watched | None) -> dict[str, Any]:
    """Return the setting a change is about, as it is stored; None and nothing stand for the file's own."""
    match given:
        case PromisableChange():
            codes = given.promisable
            own = promisable_of(matter.form.materials, None)
            return {"promisable": None if codes is None or set(codes) == own else sorted(set(codes))}
        case GapLateChange():
            late = given.gap_late
            return {"gap_late": late and late.value, "gap_basis": late and given.basis}
        case AlarmChange():
            assert kind is not None
            return {"alarms": {kind.value: _alarm(given).data()}}
        case _:
            return given.model_dump(mode="json", exclude={"reason", "basis"})


def _alarm(given: AlarmChange) -> Alarm:
    told = given.recipients
    lights = None if told is None else {role: Light(rung) for role, rung in told.items()}
    return Alarm(given.amber, given.red_after, lights)


def _said(value: Value) -> dict[str, Any]:
    return {name: one for name, one in value.items() if one is not None and one != {}}


def _wrong(desk: Desk, matter: Matter, now: Matter, given: Adjustment, kind: Watched | None) -> Iterator[FieldError]:
    """Say everything that is wrong with a change of a matter as it holds now."""
    match given:
        case MatterChange():
            yield from _wrong_promise(matter, now, given.promised_days)
        case SupplementChange():
            try:
                changed(now, {"supplement_days": given.supplement_days or matter.supplement_days})
            except Malformed:
                yield FieldError("/supplement_days", _shorter_than_its_warning(now, Watched.SUPPLEMENT), "range")
        case PromisableChange():
            yield from _wrong_papers(matter, given.promisable or ())
        case AlarmChange():
            assert kind is not None
            alarm = _alarm(given)
            yield from alarms.wrong_thresholds(now, kind, alarm)
            yield from alarms.wrong_recipients(now, kind, alarm, Reach(people.seats_held(desk.conn)))


def _wrong_papers(matter: Matter, codes: Collection[str]) -> Iterator[FieldError]:
    known = {paper.code: paper for paper in matter.form.materials}
    for place, code in enumerate(codes):
        if code not in known:
            yield FieldError(f"/promisable/{place}", f"该事项的材料清单中没有“{code}”", "unknown_material")
        elif known[code].barred:
            yield FieldError(f"/promisable/{place}", f"“{known[code].title}”{known[code].barred}", "not_promisable")


def _wrong_promise(matter: Matter, now: Matter, days: int | None) -> Iterator[FieldError]:
    if matter.promised_days is None:
        raise Conflict("该事项没有自受理起算的承诺时限。", code="no_promise")
    days = days or matter.promised_days
    if not _bears(matter, days):
        yield FieldError("/promised_days", _why(matter), "range")
    elif not _bears(now, days):
        yield FieldError("/promised_days", _shorter_than_its_warning(now, Watched.PROMISED, Watched.GAP), "range")


def _shorter_than_its_warning(now: Matter, *kinds: Watched) -> str:
    """Say that a limit would be as short as its warning, which has to be set first."""
    amber, kind = max((now.alarms.get(kind, alarms.AS_USUAL).amber or 0, kind) for kind in kinds)
    return f"{kind.label}已设为剩余{amber}个工作日提醒，须比它长；请先调整预警"


def _why(matter: Matter) -> str:
    """Say between which days the promise may lie."""
    by_law = (x.workdays for x in matter.limits if x.kind == "statutory" and x.workdays is not None)
    statutory = min(by_law, default=None)
    least = next(
        (days for days in range(1, (matter.promised_days or 1) + 1) if _bears(matter, days)), matter.promised_days
    )
    most = f"，不多于法定的 {statutory} 个工作日" if statutory is not None else ""
    return f"承诺时限不能少于各步骤所需的 {least} 个工作日{most}"


def _bears(matter: Matter, days: int) -> bool:
    try:
        changed(matter, {"promised_days": days})
    except Malformed:
        return False
    return True
