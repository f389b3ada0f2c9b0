"""Closing late (超时办结): whoever concludes a case after its promise says why, in public, 优化营商环境条例 第36条."""

from __future__ import annotations

from typing import Any

from flows.arming import workdays_of
from flows.casework.hand import InHand
from flows.projection import local_day
from flows.record import Desk
from flows.sla import Clock
from forms.errors import Invalid
from infra.store import limits
from infra.store.rows import CaseRow

BY_THE_SYSTEM = "因关联办件或者系统核验的结果办结，办结时已超过承诺时限"


def explained(desk: Desk, hand: InHand) -> dict[str, Any]:
    """Return by how many working days a case that ends now is late, and why; nothing where it is in time.

    Invalid where an officer's verdict ends it and says nothing of the delay. What the system ends, or what ends with a
    sibling case, says just that.
    """
    over = working_days_late(desk, hand.case)
    if not over:
        return {}
    if hand.explains and hand.explanation is None:
        words = f"本件已超过承诺时限{over}个工作日，请写明原因（将随决定书向申请人公开）"
        raise Invalid.one("/explanation", words, "explanation_required")
    return {"late_by": over, "explanation": hand.explanation or BY_THE_SYSTEM}


def working_days_late(desk: Desk, case: CaseRow) -> int:
    """Return the working days since a promise of the case was passed, 0 where none that still runs is."""
    today = local_day(desk.now)
    if case.due_on is None or today <= case.due_on:
        return 0
    passed = [
        row["due_on"]
        for row in limits.running_on(desk.conn, case.id)
        if row["subject"] == case.no and row["clock"] == Clock.PROMISED and row["due_on"] and row["due_on"] < today
    ]
    return max(workdays_of(desk, case.region).count(min(passed), today), 1) if passed else 0
