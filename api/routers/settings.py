"""Settings of matters (事项设置): what offices change without a developer; read and set by administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.calls import Asked, allowed, sent
from api.rows import moment
from flows import overrides, registry
from flows.adjusted import Row, Setting, settings_of
from flows.alarms import Watched
from flows.record import Desk
from forms.administration import AlarmChange, PromisableChange, SupplementChange
from forms.errors import NotFound
from forms.messages import read_message

ROUTER = APIRouter(prefix="/api/v1/matters", tags=["事项设置"])
Code = Annotated[str, Path(pattern=r"^[a-z_]{1,64}$", title="事项代码")]
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


@ROUTER.put("/{code}/promisable", operation_id="change_promisable", summary="调整可容缺的材料")
def change_promisable(call: Asked, code: Code) -> Response:
    """These papers, and no others, may be promised from now on; cases received before keep what they were told."""
    with call.desk() as seat:
        allowed(seat, "administer")
        overrides.change(seat, registry.matters(), code, read_message(PromisableChange, call.body()))
        return _answer(seat, code, "promisable")


@ROUTER.put("/{code}/supplement-days", operation_id="change_supplement_days", summary="调整补正期限")
def change_supplement_days(call: Asked, code: Code) -> Response:
    """So many working days are given for what is missing where nobody names a day, for what is received from now on."""
    with call.desk() as seat:
        allowed(seat, "administer")
        overrides.change(seat, registry.matters(), code, read_message(SupplementChange, call.body()))
        return _answer(seat, code, "supplement_days")


@ROUTER.put("/{code}/alarms/{kind}", operation_id="change_alarm", summary="调整预警和告知对象")
def change_alarm(call: Asked, code: Code, kind: Kind) -> Response:
    """A kind of limit warns, turns red and tells people otherwise from now on; thresholds of open cases stay."""
    with call.desk() as seat:
        allowed(seat, "administer")
        watched = kind_of(kind)
        overrides.change(seat, registry.matters(), code, read_message(AlarmChange, call.body()), kind=watched)
        return _answer(seat, code, "alarms", watched.value)


def kind_of(name: str) -> Watched:
    """Return the kind of limit that is named, or NotFound."""
    try:
        return Watched(name)
    except ValueError:
        raise NotFound("没有这类时限。") from None


def _answer(seat: Desk, code: str, *place: str) -> Response:
    settings, _ = settings_of(seat.conn, registry.matter(code))
    return sent(next(_setting(one) for one in settings if one.place == place))


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
