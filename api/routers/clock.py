"""The demo clock (演示时钟): moved by an administrator, in demo and test mode only."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field

from api.calls import Asked, Public, allowed, sent
from api.rows import moment
from forms.messages import Message, read_message
from infra import clock

ROUTER = APIRouter(prefix="/api/v1/clock", tags=["运维"])
EARLIEST, LATEST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2040, 1, 1, tzinfo=dt.UTC)


class Move(Message):
    """调整演示时钟。"""

    to: AwareDatetime = Field(title="调到何时（带时区）", ge=EARLIEST, lt=LATEST)


@ROUTER.get("", operation_id="read_clock", summary="当前时间")
def read_clock(call: Public) -> Response:
    """The time of the business, and whether it may be moved."""
    with call.engine.connect() as conn:
        return sent({"now": moment(clock.now(conn)), "movable": call.settings.movable_clock})


@ROUTER.post("", operation_id="move_clock", summary="调整演示时钟")
def move_clock(call: Asked) -> Response:
    """The time of the business is the one given, and runs on from there."""
    with call.desk() as seat:
        allowed(seat, "administer")
        clock.move(seat.conn, read_message(Move, call.body()).to)
        return sent({"now": moment(clock.now(seat.conn)), "movable": True})
