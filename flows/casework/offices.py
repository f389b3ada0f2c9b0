"""At which office a task lies (办理机构): where it was named or moved to, and with it the steps that stay beside it."""

from __future__ import annotations

from flows.casework.hand import InHand
from flows.record import Desk, record
from flows.registry import matters as all_matters
from forms.vocabulary import TaskStatus
from infra.store import people
from infra.store.rows import TaskRow

UNCLAIMED = frozenset({TaskStatus.BLOCKED.value, TaskStatus.PENDING.value})


def lie_at(desk: Desk, hand: InHand, task: TaskRow, office: str | None) -> None:
    """The task lies at an office (None: the department's desk), and what stays beside it there, unless it is claimed.

    Which steps do is the plan's (`office_as`): as it was pinned, or as the matter's file says for a case that is older
    than the rule. Each that moves is an act on the record.
    """
    task.office = office
    matter = all_matters().get(hand.case.matter)
    by_file = {step.code: step.office_as for step in matter.steps} if matter is not None else {}
    for beside in hand.tasks:
        follows = (beside.wants or {}).get("office_as") or by_file.get(beside.step)
        if follows != task.step or beside.department != task.department:
            continue
        if beside.status in UNCLAIMED and beside.office != office:
            record(desk, hand.case, "follow-office", task=beside, reason=f"随“{task.title}”由同一机构办理",
                   to=name_of(desk, beside, office))  # fmt: skip
            lie_at(desk, hand, beside, office)


def name_of(desk: Desk, task: TaskRow, office: str | None) -> str | None:
    """Return the name of an office of the task's department, in its region; None where there is none."""
    found = people.find_office(desk.conn, task.department, task.region, office or "")
    return str(found["name"]) if found is not None else None
