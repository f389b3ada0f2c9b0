"""Stand-ins (代理): who stands in for whom; named by the absent one, the head or an administrator, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.calls import Answer, Asked, sent
from api.parameters import PAGE, Cursor, Limit, page, place_of
from api.rows import label, moment
from flows import standins
from flows.projection import local_day
from flows.record import Desk
from forms.messages import read_message
from forms.standins import StandInIn
from forms.vocabulary import Department

ROUTER = APIRouter(prefix="/api/v1/standins", tags=["代理"])
Key = Annotated[int, Path(ge=1, lt=2**63, title="代理编号")]


@ROUTER.get("", operation_id="list_standins", summary="代理")
def list_standins(
    call: Asked,
    in_force: Annotated[bool, Query(title="只看未结束的")] = False,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """One's own on either side, for a head those of the department, for an administrator all; the newest first."""
    before = place_of(cursor, int)
    with call.desk() as seat:
        day = local_day(seat.now)
        after = {"before": before[0]} if before else {}
        rows = standins.visible(seat, in_force=in_force, limit=limit + 1, **after)
    return sent(page([standin_row(row, day) for row in rows], limit, lambda n: [rows[n]["id"]]))


@ROUTER.post("", operation_id="name_standin", summary="指定代理", status_code=HTTPStatus.CREATED)
def name(call: Asked) -> Response:
    """The colleague has the absent officer's roles on those days; the record will carry both names."""
    with call.desk() as seat:
        return call.once(seat, lambda: _named(call, seat))


def _named(call: Asked, seat: Desk) -> Answer:
    row = standins.name(seat, read_message(StandInIn, call.body()))
    data = standin_row(row, local_day(seat.now))
    return Answer(data, HTTPStatus.CREATED, location=f"{ROUTER.prefix}/{data['id']}")


@ROUTER.delete("/{key}", operation_id="revoke_standin", summary="撤销代理")
def revoke(key: Key, call: Asked) -> Response:
    """It holds no longer; what was done under it stands."""
    with call.desk() as seat:
        return sent(standin_row(standins.revoke(seat, key), local_day(seat.now)))


def standin_row(row: Mapping[Any, Any], day: date) -> dict[str, Any]:
    """Return who stands in for whom as a row."""
    state = standins.state_of(row, day)
    return {
        "id": row["id"],
        "absent": {"username": row["absent_username"], "name": row["absent_name"]},
        "officer": {"username": row["officer_username"], "name": row["officer_name"]},
        "department": row["department"],
        "department_label": label(Department, row["department"]),
        "from": row["from_on"].isoformat(),
        "until": row["until_on"].isoformat(),
        "reason": row["reason"],
        "state": state.value,
        "state_label": state.label,
        "named_by": row["named_by_name"],
        "named_at": moment(row["named_at"]),
        "revoked_by": row["revoked_by_name"],
        "revoked_at": moment(row["revoked_at"]),
    }
