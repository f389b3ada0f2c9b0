"""Showing what is masked (明文查看): an act of its own, with a reason, that leaves a trace, 个人信息保护法 第51条."""

from __future__ import annotations

from flows import access
from flows.casework import secrets
from flows.casework.standing import by_turns
from flows.casework.trace import leave
from flows.record import Desk
from forms.errors import NotFound
from infra.numbers import is_valid
from infra.store import applications, dossier, work


@by_turns
def reveal(desk: Desk, case_no: str, reason: str) -> dict[str, str]:
    """Return the plain values of a case and its applicant by JSON Pointer; who saw them and why is on record."""
    scope = access.scope(desk.actor)
    case = dossier.case(desk.conn, scope, case_no) if is_valid(case_no) else None
    if case is None:
        raise NotFound
    tasks = work.tasks_of(desk.conn, case.id)
    access.may(desk.actor, "reveal", case=case, seats=[task for task in tasks if task.status != "not_applicable"])
    created_by = applications.creator(desk.conn, case.application_id)
    only = access.narrowed(scope, case, tasks, created_by=created_by)
    values = secrets.opened(desk, case.application_id, case.position)
    if only is not None:
        shown = {"/applicant/mobile", *(f"/matters/{case.matter}/{field}" for field in only)}
        values = {pointer: value for pointer, value in values.items() if pointer in shown}
    leave(desk, "reveal", case.application_id, case_no, reason)
    return values
