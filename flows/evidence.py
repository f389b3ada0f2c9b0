"""Evidence from registries (共享数据核验): fetched outside any transaction, attached in one of its own, case by case.

MATCH may decide a step that allows it (秒批), with the rule as its basis; everything else goes to a person with the
evidence attached. A silent registry is asked again later and is never a refusal: the office may not shift its own
risk to the citizen (国务院关于在线政务服务的若干规定 第7条).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flows.access import SYSTEM
from flows.casework import decide, secrets
from flows.casework.hand import InHand, take
from flows.desks import desk
from flows.joins import ready
from flows.record import record
from forms.checks import CHECKS
from forms.messages import Approve
from forms.privacy import at
from forms.vocabulary import CheckResult, TaskStatus
from infra import clock, database
from infra.registries.client import Evidence, Registry
from infra.store import applications, papers, work
from infra.store.machine import DueCheck
from infra.store.rows import TaskRow

log = logging.getLogger(__name__)

MAX_TRIES = 6
AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
AUTO_BASIS = "共享数据核验一致，系统自动审批（秒批）"


def fetch(gateway: Registry, due: Sequence[DueCheck]) -> int:
    """Ask for everything that is due, then attach each answer; return how many registries answered."""
    by_check: dict[str, list[DueCheck]] = defaultdict(list)
    for one in due:
        by_check[one.check].append(one)
    answered = 0
    for check, group in by_check.items():
        subjects = [subject_of(one) for one in group]
        for one, answer in zip(group, gateway.ask_many(check, subjects), strict=True):
            answered += attach(one, answer)
    return answered


def subject_of(due: DueCheck) -> dict[str, Any]:
    """Return whom to ask about: the number the step points at and the name that goes with it, nothing more."""
    with database.engine().connect() as conn:
        application = applications.by_id(conn, due.application_id)
        case = next(c for c in work.cases_of(conn, due.application_id) if c.id == due.case_id)
        document = {"applicant": application["head"], "matters": {case.matter: case.form}}
        rows = papers.secrets_of(conn, due.application_id)
    bound = secrets.context(due.application_id)
    plain = {
        row["pointer"]: secrets.vault().open(row["sealed"], bound).decode()
        for row in rows
        if row["case_position"] in (0, case.position)
    }
    number, name = plain.get(due.about) or _at(document, due.about), _name_beside(document, due.about)
    if number is None:  # an employer applies: the unit asked about is the applicant itself
        number, name = application["head"].get("uscc"), application["name"]
    for pointer, value in plain.items():
        if name is None and value == number and pointer.endswith("/id_number"):
            name = _name_beside(document, pointer)
    subject: dict[str, Any] = {CHECKS[due.check].about: number}
    return {**subject, "name": name} if name else subject


def _name_beside(document: Mapping[str, Any], about: str) -> Any:
    """Return the name that stands beside a number: a person's, a child's, an employer's; never somebody else's."""
    place, _, key = about.rpartition("/")
    beside = {"id_number": ("name",), "uscc": ("employer_name", "name")}.get(key, (f"{key.removesuffix('_id')}_name",))
    return next((name for one in beside if (name := _at(document, f"{place}/{one}"))), None)


def _at(document: Mapping[str, Any], pointer: str) -> Any:
    try:
        return at(document, pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return None


def attach(due: DueCheck, answer: Evidence) -> bool:
    """Write an answer to the task; True where the registry answered at all."""
    with desk(SYSTEM) as seat:
        hand = take(seat, due.task_no.rpartition("-")[0])
        task = hand.task(due.task_no)
        if task.check_state != "due":
            return False
        seat.touch(task)
        silent = answer.result is CheckResult.TIMEOUT
        if silent and due.tries < MAX_TRIES:
            task.check_next_at = clock.machine() + AGAIN[min(due.tries, len(AGAIN)) - 1]
            if due.tries > 1:
                return False
        else:
            task.check_state = None
        papers.insert_evidence(
            seat.conn,
            {
                "task_id": task.id,
                "code": answer.check,
                "result": answer.result.value,
                "source": answer.source,
                "facts": answer.facts,
                "asked_at": seat.now,
                "ms": answer.ms,
            },
        )
        record(
            seat,
            hand.case,
            "note-evidence",
            task=task,
            check=answer.check,
            result=answer.result.value,
            source=answer.source,
        )
        if answer.result is CheckResult.MATCH and task.check_auto and _free(hand, task):
            decide.approve(seat, hand, task, Approve(act="approve", reason=f"{AUTO_BASIS}：{answer.source}"))
        return not silent


def _free(hand: InHand, task: TaskRow) -> bool:
    """Whether nobody has taken the task in hand: a person who has claimed it decides it."""
    return (
        task.status == TaskStatus.PENDING.value
        and task.officer_id is None
        and not task.paused
        and not hand.case.paused
        and task.levels == 1
        and ready(task, hand.tasks)
    )
