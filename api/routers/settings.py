"""Settings of matters (事项设置): what offices change without a developer; read and set by administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api import guide
from api.adjusting import effects_of, kind_of, message_of, unheard, words_of
from api.calls import Asked, Call, allowed, sent
from api.rows import moment
from flows import overrides, registry
from flows.adjusted import Place, Row, Setting, at, places_of, settings_of, value_of
from flows.overrides import Tried
from flows.record import Desk

ROUTER = APIRouter(prefix="/api/v1/matters", tags=["事项设置"])
Code = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$", title="事项代码")]
Preview = Annotated[bool, Query(title="只预览", description="只说明会改变什么，不保存")]
Kind = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$", title="监察对象")]


@ROUTER.get("/{code}/settings", operation_id="read_settings", summary="事项设置")
def read_settings(call: Asked, code: Code) -> Response:
    """Every setting of a matter: by its file, in force, set by whom, since when, why; and every version."""
    with call.desk() as seat:
        allowed(seat, "administer")
        settings, versions = settings_of(seat.conn, registry.matter(code))
    body = {
        "matter": code,
        "items": [_setting(one) for one in settings],
        "versions": [_version(one) for one in versions],
    }
    return sent(body)


@ROUTER.put("/{code}/promise", operation_id="change_promise", summary="调整承诺时限")
def change_promise(call: Asked, code: Code, preview: Preview = False) -> Response:
    """What is received from now on is promised within other working days; open cases keep theirs."""
    answer = _put(call, code, "promised_days", preview=preview)
    if preview:
        return answer
    with call.engine.connect() as conn:
        return sent(guide.entry(overrides.in_force(conn, {code: registry.matter(code)})[code]))


@ROUTER.put("/{code}/promisable", operation_id="change_promisable", summary="调整可容缺的材料")
def change_promisable(call: Asked, code: Code, preview: Preview = False) -> Response:
    """These papers, and no others, may be promised from now on; cases received before keep what they were told."""
    return _put(call, code, "promisable", preview=preview)


@ROUTER.put("/{code}/gap-late", operation_id="change_gap_late", summary="调整容缺逾期的处理")
def change_gap_late(call: Asked, code: Code, preview: Preview = False) -> Response:
    """What is received from now on counts as withdrawn, or is refused, where promised papers do not come in time."""
    return _put(call, code, "gap_late", preview=preview)


@ROUTER.put("/{code}/supplement-days", operation_id="change_supplement_days", summary="调整补正期限")
def change_supplement_days(call: Asked, code: Code, preview: Preview = False) -> Response:
    """So many working days are given for what is missing where nobody names a day, for what is received from now on."""
    return _put(call, code, "supplement_days", preview=preview)


@ROUTER.put("/{code}/appeal-days", operation_id="change_appeal_days", summary="调整黄红牌申诉期限")
def change_appeal_days(call: Asked, code: Code, preview: Preview = False) -> Response:
    """An office has so many working days to appeal against a card, for what is received from now on."""
    return _put(call, code, "appeal_days", preview=preview)


@ROUTER.put("/{code}/reply-days", operation_id="change_reply_days", summary="调整督办单回复期限")
def change_reply_days(call: Asked, code: Code, preview: Preview = False) -> Response:
    """An office has so many working days to answer an order, for what is received from now on."""
    return _put(call, code, "reply_days", preview=preview)


@ROUTER.put("/{code}/fix-days", operation_id="change_fix_days", summary="调整差评整改期限")
def change_fix_days(call: Asked, code: Code, preview: Preview = False) -> Response:
    """A bad rating is put right within so many working days, for what is received from now on."""
    return _put(call, code, "fix_days", preview=preview)


@ROUTER.put("/{code}/alarms/{kind}", operation_id="change_alarm", summary="调整预警和告知对象")
def change_alarm(call: Asked, code: Code, kind: Kind, preview: Preview = False) -> Response:
    """A kind of limit warns, turns red and tells people otherwise from now on; thresholds of open cases stay."""
    return _put(call, code, "alarms", kind, preview=preview)


def _put(call: Call, code: str, *place: str, preview: bool) -> Response:
    """Change a setting and answer how it stands; or, with `preview`, only what would change (预览)."""
    with call.desk() as seat:
        allowed(seat, "administer")
        kind, known = kind_of(place), registry.matters()
        given = overrides.asked(seat, known, code, message_of(place), call.body(), kind=kind, trying=preview)
        if preview:
            return sent(_tried(seat, code, overrides.tried(seat, known, code, given, kind=kind), place))
        overrides.change(seat, known, code, given, kind=kind)
        settings, _ = settings_of(seat.conn, registry.matter(code))
        return sent(next(_setting(one) for one in settings if one.place == place))


def _tried(seat: Desk, code: str, tried: Tried, place: Place) -> dict[str, Any]:
    return {
        "setting": "/".join(place),
        "title": places_of(registry.matter(code))[place],
        "before": value_of(tried.before, place),
        "after": value_of(tried.after, place),
        "words": [words_of(tried.before, place), words_of(tried.after, place)],
        "restores": at(tried.value, place) is None,
        "effects": effects_of(tried.after, place),
        "nobody_told": unheard(seat, tried, place),
    }


def _setting(one: Setting) -> dict[str, Any]:
    version = one.version
    return {
        "setting": one.name,
        "title": one.title,
        "by_definition": one.by_file,
        "in_force": one.in_force,
        "adjusted": one.adjusted,
        "version": version["version"] if version else None,
        "by": version["by_name"] if version else None,
        "at": moment(version["at"]) if version else None,
        "reason": version["reason"] if version else None,
        "basis": version["basis"] if version else None,
    }


def _version(row: Row) -> dict[str, Any]:
    return {
        "version": row["version"],
        "changed": ["/".join(place) for place in row["changed"]],
        "value": row["value"],
        "by": row["by_name"],
        "at": moment(row["at"]),
        "reason": row["reason"],
        "basis": row["basis"],
    }
