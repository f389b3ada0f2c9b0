"""Lengthening a limit (延期): by who has the power, once, before it expires, and the applicant is told why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flows import access
from flows.casework.hand import InHand, must_be_open
from flows.projection import local_day
from flows.record import Desk, issue, record
from flows.sla import Clock
from forms.errors import Conflict, Invalid
from forms.messages import Extend
from forms.vocabulary import DocumentKind
from infra.store import limits
from infra.store.rows import CaseRow

CAPS: Final[Mapping[str, int]] = {"agency": 10, "government": 15}
"""The days by which a head may lengthen: of the agency ten, of the government for joint handling fifteen (第42条)."""


def extend(desk: Desk, hand: InHand, message: Extend) -> None:
    """The case has more days on both clocks, 行政许可法 第42条; asking after the limit has passed comes too late."""
    case = hand.case
    access.may(desk.actor, f"extend-{message.kind}", case=case)
    lengthened(desk, case, message.kind, message.days)
    limits.extend(desk.conn, case.id, case.no, message.days)
    record(desk, case, "extend", kind=message.kind, days=message.days, reason=message.reason)
    issue(desk, case, DocumentKind.EXTENSION, days=message.days, reason=message.reason, approved_by=desk.actor.name,
          basis="行政许可法 第42条")  # fmt: skip


def lengthened(desk: Desk, case: CaseRow, kind: str, days: int) -> None:
    """Raise unless the limits of a case can be lengthened by so many days by that power now."""
    must_be_open(case)
    if days > CAPS[kind]:
        raise Invalid.one("/days", f"该权限最多延长{CAPS[kind]}个工作日", "over_cap")
    running = [
        row for row in limits.running_on(desk.conn, case.id)
        if row["subject"] == case.no and row["clock"] in (Clock.PROMISED, Clock.STATUTORY)
    ]  # fmt: skip
    if not running:
        raise Conflict("该办件没有可以延长的期限。", code="no_limit")
    if any(row["extension"] for row in running):
        raise Conflict("期限已经延长过一次。", code="already_extended")
    today = local_day(desk.now)
    if any(row["due_on"] is not None and today > row["due_on"] for row in running):
        raise Conflict("期限已届满，不能再延期。", code="expired")
