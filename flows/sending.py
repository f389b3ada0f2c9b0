"""Sending what is to be told (发送通知): the installation's channels; a number is opened in the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from sqlalchemy import Connection, Engine

from flows.casework.secrets import context, vault
from flows.telling import EVERYWHERE, notice, seat
from forms.vocabulary import Department, Role
from infra import clock, database
from infra.notify.outlets import Outlet, outlets
from infra.notify.sender import Sender
from infra.settings import settings
from infra.store import notices

LIMIT = 200


@cache
def channels() -> Sequence[Outlet]:
    """Return the channels of this installation, opened once."""
    return outlets(settings())


def send_due(engine: Engine | None = None, limit: int = LIMIT) -> int:
    """Send up to `limit` due letters of each channel; return how many were delivered. It never holds up casework."""
    keeps = timedelta(days=settings().notify_keep_days)
    return Sender(engine or database.engine(), channels(), mobile_of, alarm, keeps).send_due(limit)


def due(conn: Connection) -> bool:
    """Whether the sender has anything to do now."""
    return notices.due(conn, [outlet.channel for outlet in channels()], clock.machine())


def mobile_of(conn: Connection, addressee: str) -> str | None:
    """Return the telephone number of an applicant; it is neither kept nor logged."""
    kind, _, application_no = addressee.partition(":")
    found = notices.sealed_mobile(conn, application_no) if kind == "applicant" else None
    if found is None:
        return None
    application_id, sealed = found
    return vault().open(sealed, context(application_id)).decode()


def alarm(conn: Connection, channel: str) -> None:
    """Tell the administrator, once a day, that letters of a channel were given up."""
    now = clock.now(conn)
    name = channel.partition(":")[0]
    title = f"通知发送失败：渠道 {name}"
    text = f"有通知经多日重试仍未送达（渠道：{name}），已停止发送。请检查该渠道的设置和对方系统。"
    key = f"given-up:{channel}:{now.date().isoformat()}"
    addressee = seat(EVERYWHERE, Department.SUPERVISION.value, Role.ADMINISTRATOR.value)
    notices.put(conn, [notice(key, addressee, title, {"text": text, "channel": name}, case_id=None, at=now)])
