"""Matters as offices set them (事项设置): each setting by its file and in force, by whom, since when, why; versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.adjusting import change_words, effects_of, kind_of, message_of, unheard, words_of
from api.frame import page
from api.pages.admin.common import administrator
from api.visits import Seen, Sent, Visit, done
from flows import office_days, overrides, rating
from flows.adjusted import GAP_LATE, Place, Setting, at, settings_of, usual_amber, usual_red
from flows.alarms import (
    LEAST_GRACE,
    LONGEST_GRACE,
    TELLABLE,
    Watched,
    red_settable,
    rungs_at,
    tells,
    warns,
)
from flows.casework.papers import if_late
from flows.matter import Matter
from flows.overrides import Tried
from flows.record import Desk
from flows.registry import matter as matter_named
from flows.registry import matters
from forms.errors import Conflict, FieldError, Invalid
from forms.vocabulary import GapLate

ROUTER = APIRouter()
Code = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$")]
_HELP = {
    office_days.SUPPLEMENT: "没有指定日期的补正告知，按此确定期限",
    office_days.APPEAL: "责任单位收到黄牌、红牌后提出申诉的期限",
    office_days.REPLY: "责任单位回复督办单的期限，红牌自动发出的督办单同样适用",
    office_days.FIX: f"收到差评起整改的期限，最多 {rating.LEDGER_DAYS} 个工作日；建立台账的可以另定",
}


@dataclass(slots=True)
class Attempt:
    """What was tried on the page: which setting, what was wrong with it, or what it would do."""

    name: str = ""
    errors: Sequence[FieldError] = ()
    tried: Tried | None = None


@ROUTER.get("/admin/matters")
def listed(visit: Seen) -> Response:
    """Every matter with what is promised and how much of it an office has set."""
    with visit.desk() as seat:
        administrator(seat)
        rows = []
        now = overrides.in_force(seat.conn, matters())
        for code, matter in matters().items():
            settings, versions = settings_of(seat.conn, matter)
            rows.append(
                {
                    "code": code,
                    "title": matter.title,
                    "lead": matter.lead.label,
                    "days": now[code].promised_days,
                    "of_file": matter.promised_days,
                    "statutory": min(
                        (x.workdays for x in matter.limits if x.kind == "statutory" and x.workdays), default=None
                    ),
                    "papers": sum(paper.gap_allowed for paper in now[code].materials),
                    "adjusted": [one.title for one in settings if one.adjusted],
                    "latest": versions[0] if versions else None,
                }
            )
    return page(visit, "admin/matters.html", rows=rows)


@ROUTER.get("/admin/matters/{code}")
def one_matter(code: Code, visit: Seen) -> Response:
    """A matter's settings, each with a form of its own, and every version."""
    with visit.desk() as seat:
        administrator(seat)
        return _page(visit, seat, matter_named(code), Attempt())


@ROUTER.post("/admin/matters/{code}")
def change(code: Code, visit: Sent) -> Response:
    """A setting is otherwise from now on, or again as the file says; or what it would do is shown first."""
    name, do = visit.text("setting") or "promised_days", visit.text("do") or "save"
    place = tuple(name.split("/"))
    attempt = Attempt(name)
    try:
        with visit.desk() as seat:
            administrator(seat)
            matter = matter_named(code)
            kind = kind_of(place)
            body = _body(visit, matter, place, restore=do == "restore")
            given = overrides.asked(seat, matters(), code, message_of(place), body, kind=kind, trying=do == "preview")
            if do == "preview":
                attempt.tried = overrides.tried(seat, matters(), code, given, kind=kind)
                return _page(visit, seat, matter, attempt)
            overrides.change(seat, matters(), code, given, kind=kind)
    except (Invalid, Conflict) as refused:
        attempt.errors = (
            refused.errors if isinstance(refused, Invalid) else [FieldError("", refused.detail, refused.code)]
        )
        with visit.desk() as seat:
            administrator(seat)
            return _page(visit, seat, matter_named(code), attempt)
    said = "已恢复事项规定。" if do == "restore" else "已保存。"
    return done(visit, f"/admin/matters/{code}", said + effects_of(matter, place)[0])


def _body(visit: Visit, matter: Matter, place: Place, *, restore: bool) -> dict[str, Any]:
    """Return the message that the sent form makes; what stands empty, or as usual, is left to the file."""
    body: dict[str, Any] = {name: text for name in ("reason", "basis") if (text := visit.text(name))}
    if restore:
        return body
    if place[0] == "promisable":
        return body | {"promisable": visit.texts("promisable")}
    names = ("amber", "red_after") if place[0] == "alarms" else (place[0],)
    for name in names:
        text = visit.text(name)
        if text:
            body[name] = int(text) if name != "gap_late" and text.isdecimal() and len(text) < 6 else text
    if place[0] == "alarms":
        usual = {role.value: light.value for role, light in tells(matter, Watched(place[1])).items()}
        told = {role.value: rung for role in TELLABLE if (rung := visit.text(f"to-{role.value}"))}
        if told != usual:
            body["recipients"] = told
    return body


def _page(visit: Visit, seat: Desk, matter: Matter, attempt: Attempt) -> Response:
    settings, versions = settings_of(seat.conn, matter)
    now = overrides.in_force(seat.conn, {matter.code: matter})[matter.code]
    rows = [_row(visit, matter, now, one, attempt) for one in settings]
    lates = [(late.value, if_late(late, now.gap_basis if late is now.gap_late else None)) for late in GapLate]
    for row, earlier in zip(versions, [*versions[1:], {"value": {}}], strict=False):
        row["words"] = change_words(matter.code, row["value"], earlier["value"])
    return page(
        visit, "admin/matter.html", status=422 if attempt.errors else 200, matter=matter, rows=rows, versions=versions,
        statutory=[x for x in matter.limits if x.kind == "statutory"],
        others=[x for x in matter.limits if x.runs != "from_acceptance"],
        summary=[(f"{attempt.name}-{_field(error)}" if error.field else "", error.message) for error in attempt.errors],
        preview=_preview(seat, matter, attempt), lates=lates,
    )  # fmt: skip


def _field(error: FieldError) -> str:
    """Return the field of the form at which an error is said."""
    top, _, rest = error.field.lstrip("/").partition("/")
    return f"to-{rest}" if top == "recipients" and rest else top


def _row(visit: Visit, matter: Matter, now: Matter, one: Setting, attempt: Attempt) -> dict[str, Any]:
    """Return what a setting's form shows: what was typed where it was just tried, else what holds."""
    mine = attempt.name == one.name
    typed = mine and visit.form is not None and visit.text("do") != "restore"
    errors: dict[str, list[str]] = {}
    for error in attempt.errors if mine else ():
        errors.setdefault(_field(error), []).append(error.message)
    row = {
        "name": one.name,
        "title": one.title,
        "sort": one.place[0],
        "by_file": words_of(matter, one.place),
        "in_force": words_of(now, one.place),
        "adjusted": one.adjusted,
        "version": one.version,
        "errors": errors,
        "open": mine,
        "reason": visit.text("reason") if mine else "",
        "basis": visit.text("basis") if mine else (now.gap_basis or "") if one.place == GAP_LATE else "",
        "effects": effects_of(matter, one.place),
    }
    if one.place[0] == "promisable":
        chosen = visit.texts("promisable") if typed else one.in_force
        row["papers"] = [
            {"code": paper.code, "title": paper.title, "note": paper.note, "barred": paper.barred,
             "of_file": paper.gap_allowed, "chosen": paper.code in chosen}
            for paper in matter.form.materials
        ]  # fmt: skip
    elif one.place[0] == "alarms":
        row |= _alarm_row(visit, matter, now, one, typed=typed)
    else:
        row["value"] = visit.text(one.name) if typed else one.in_force
        row |= {"help": _HELP.get(one.name, ""), "most": office_days.MOST.get(one.name)}
    return row


def _alarm_row(visit: Visit, matter: Matter, now: Matter, one: Setting, *, typed: bool) -> dict[str, Any]:
    kind = Watched(one.place[1])
    alarm = now.alarms.get(kind)
    told = one.in_force["recipients"]
    least = LEAST_GRACE.get(kind)
    return {
        "amber": visit.text("amber") if typed else alarm.amber if alarm and alarm.amber is not None else "",
        "red_after": visit.text("red_after") if typed else alarm.red_after if alarm and alarm.red_after else "",
        "warns": warns(matter, kind),
        "usual_amber": usual_amber(matter, kind),
        "usual_red": usual_red(matter, kind),
        "reds": (least, LONGEST_GRACE) if red_settable(matter, kind) else None,
        "rungs": [(light.value, f"{light.label}起") for light in rungs_at(matter, kind)],
        "recipients": [
            {"role": role.value, "label": role.label,
             "rung": visit.text(f"to-{role.value}") if typed else told.get(role.value, "")}
            for role in TELLABLE
        ],
    }  # fmt: skip


def _preview(seat: Desk, matter: Matter, attempt: Attempt) -> dict[str, Any] | None:
    """Return what a change would do: before and after in words, whom it concerns, and who would not be told."""
    if attempt.tried is None:
        return None
    place = tuple(attempt.name.split("/"))
    return {
        "name": attempt.name,
        "before": words_of(attempt.tried.before, place),
        "after": words_of(attempt.tried.after, place),
        "restores": at(attempt.tried.value, place) is None,
        "missing": unheard(seat, attempt.tried, place),
    }
