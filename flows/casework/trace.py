"""Traces (查阅留痕): who read or revealed what, when and from where, 个人信息保护法 第51条."""

from __future__ import annotations

from flows.record import Desk
from infra.store import traces


def leave(desk: Desk, act: str, application_id: int, subject: str, reason: str = "") -> None:
    """Note that the one at the desk did `act` (read, reveal, search) on `subject`."""
    traces.leave(
        desk.conn,
        at=desk.now,
        officer_id=desk.actor.id,
        officer_name=desk.actor.name,
        application_id=application_id,
        act=act,
        subject=subject,
        reason=reason,
        terminal=desk.terminal,
    )
