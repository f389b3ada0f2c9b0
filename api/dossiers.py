"""Dossiers (卷宗) as a reader may see them: what the law lets this officer know, and a trace of the reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.parameters import place_after, place_of
from api.rows import application_row, case_row, label, moment, task_row
from flows import access
from flows.casework.secrets import vault
from flows.casework.trace import leave
from flows.explain import explained
from flows.projection import local_day
from flows.record import Desk
from forms.errors import Invalid, NotFound
from forms.messages import Search
from forms.scope import Scope
from forms.vocabulary import CheckResult, DocumentKind, MaterialState, PauseKind
from infra.numbers import is_valid
from infra.store import applications, dossier, issued, lists, papers, uploads, work
from infra.store.lists import CaseFilter
from infra.store.rows import CaseRow, TaskRow

_LITTLE = ("kind", "name", "mobile", "sex", "birth_date")
"""What an office that is shown only a few fields is shown of the applicant."""
_NOTHING_MORE: dict[str, Any] = {
    "mandate": None,
    "channel": None,
    "computed": {},
    "plan": {},
    "routes": {},
    "materials": [],
    "supplements": [],
    "pauses": [],
    "siblings": [],
}
_IDENTITY = re.compile(r"[0-9]{15}([0-9]{2}[0-9Xx])?")


def searchable(q: str | None) -> str | None:
    """Return what is searched for, or Invalid where it is an identity number: those never stand in an address."""
    if q is None:
        return None
    plain = re.sub(r"[\s-]", "", q)
    if _IDENTITY.fullmatch(plain):
        raise Invalid.one("?q", "证件号码不能写在网址中，请改用 POST /api/v1/cases/search", "identity_in_url")
    return q.strip() or None


def _found(seat: Desk, scope: Scope, no: str) -> CaseRow:
    found = dossier.case(seat.conn, scope, no) if is_valid(no) else None
    if found is None:
        raise NotFound
    return found


def application(seat: Desk, scope: Scope, no: str) -> dict[str, Any]:
    """Return an application with the cases, papers and consents that lie within the scope; a trace is left."""
    row = dossier.application(seat.conn, scope, no) if is_valid(no) else None
    if row is None:
        raise NotFound
    cases = dossier.cases(seat.conn, scope, row["id"])
    narrow = {one.id: _narrow(seat, scope, one, work.tasks_of(seat.conn, one.id))[0] for one in cases}
    whole = {one.matter for one in cases if narrow[one.id] is None}
    leave(seat, "read", row["id"], no)
    return application_row(
        row,
        applicant=row["head"] if whole else _little(row["head"]),
        mandate=row["mandate"] if whole else None,
        cases=[case_row(one, local_day(seat.now)) for one in cases],
        materials=_materials(seat, row["id"], whole),
    )


def _narrow(
    seat: Desk, scope: Scope, case: CaseRow, tasks: list[TaskRow]
) -> tuple[frozenset[str] | None, list[TaskRow]]:
    """Return the only form fields this reader is shown (None: all of them), and the tasks that go with them."""
    creator = applications.creator(seat.conn, case.application_id) if scope.created_by is not None else None
    only = access.narrowed(scope, case, tasks, created_by=creator)
    return only, tasks if only is None else access.own_tasks(scope, tasks)


def _little(head: dict[str, Any]) -> dict[str, Any]:
    return {name: head[name] for name in _LITTLE if name in head}


def case(seat: Desk, scope: Scope, no: str) -> dict[str, Any]:
    """Return the whole dossier of a case; a trace is left."""
    found = _found(seat, scope, no)
    row = dossier.application_of(seat.conn, scope, found)
    assert row is not None
    only, tasks = _narrow(seat, scope, found, work.tasks_of(seat.conn, found.id))
    evidence = _evidence(seat, tasks)
    day = local_day(seat.now)
    shown = [task_row(task, day, evidence=evidence.get(task.id or 0, [])) for task in tasks]
    leave(seat, "read", found.application_id, no)
    if only is not None:
        form = {name: value for name, value in found.form.items() if name in only}
        return case_row(found, day, applicant=_little(row["head"]), form=form, tasks=shown, **_NOTHING_MORE)
    siblings = [one for one in dossier.cases(seat.conn, scope, found.application_id) if one.id != found.id]
    return case_row(
        found,
        day,
        applicant=row["head"],
        mandate=row["mandate"],
        channel=row["channel"],
        form=found.form,
        computed=found.computed,
        plan=found.plan,
        routes=found.routes,
        tasks=shown,
        materials=_materials(seat, found.application_id, {found.matter}),
        supplements=[_supplement(one, tasks) for one in papers.supplements_of(seat.conn, found.id)],
        pauses=[_pause(one, tasks) for one in papers.pauses_of(seat.conn, found.id)],
        siblings=[{"no": s.no, "matter": s.matter, "title": s.title, "status": s.status} for s in siblings],
    )


def task(seat: Desk, scope: Scope, no: str) -> dict[str, Any]:
    """Return a task with its evidence and its case's row."""
    found = dossier.task(seat.conn, scope, no) if is_valid(no) else None
    if found is None:
        raise NotFound
    around = dossier.case(seat.conn, scope, found.case_no)
    assert around is not None
    evidence = _evidence(seat, [found])
    day = local_day(seat.now)
    return task_row(found, day, evidence=evidence.get(found.id or 0, []), case_row=case_row(around, day))


def events(seat: Desk, scope: Scope, no: str, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return the record of a case after a place in it."""
    found = _found(seat, scope, no)
    only, tasks = _narrow(seat, scope, found, work.tasks_of(seat.conn, found.id))
    subjects = None if only is None else [task.no for task in tasks]
    leave(seat, "read-events", found.application_id, no)
    return [
        {
            "seq": row["seq"],
            "at": moment(row["at"]),
            "actor": row["actor_name"],
            "actor_kind": row["actor_kind"],
            "department": row["department"],
            "act": row["act"],
            "subject": row["subject"],
            "step": row["step"],
            "before": row["before"],
            "after": row["after"],
            "detail": row["detail"],
            "terminal": row["terminal"],
            "hash": bytes(row["hash"]).hex(),
        }
        for row in dossier.events(seat.conn, scope, no, subjects=subjects, after=after, limit=limit)
    ]


def limits(seat: Desk, scope: Scope, no: str) -> list[dict[str, Any]]:
    """Return the limits of a case explained; who sees only a task of it sees only that task's."""
    found = _found(seat, scope, no)
    only, tasks = _narrow(seat, scope, found, work.tasks_of(seat.conn, found.id))
    subjects = {task.no for task in tasks} | ({found.no} if only is None else set())
    return explained(seat.conn, found, tasks, local_day(seat.now), subjects=subjects, now=seat.now)


def documents(seat: Desk, scope: Scope, no: str) -> list[dict[str, Any]]:
    """Return the documents of a case as data."""
    found = _found(seat, scope, no)
    only, _ = _narrow(seat, scope, found, work.tasks_of(seat.conn, found.id))
    leave(seat, "read-documents", found.application_id, no)
    if only is not None:
        return []
    return [
        {
            "no": row["no"],
            "kind": row["kind"],
            "title": label(DocumentKind, row["kind"]),
            "at": moment(row["at"]),
            "content": row["content"],
            "hash": bytes(row["hash"]).hex(),
        }
        for row in dossier.documents(seat.conn, scope, found, receipt=True)
    ]


def document(seat: Desk, scope: Scope, no: str, document_no: str) -> Mapping[str, Any]:
    """Return one document of a case as it is stored; NotFound for who sees only a few fields; a trace is left."""
    found = _found(seat, scope, no)
    only, _ = _narrow(seat, scope, found, work.tasks_of(seat.conn, found.id))
    row = issued.of_case(seat.conn, scope, found, document_no) if only is None else None
    if row is None:
        raise NotFound
    leave(seat, "read-document", found.application_id, document_no)
    return row


def _materials(seat: Desk, application_id: int, matters: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "code": row["code"],
            "title": row["title"],
            "state": row["state"],
            "state_label": label(MaterialState, row["state"]),
            "matters": row["matters"],
            "required_by": row["required_by"],
            "file": row["file_id"],
            "deadline": row["deadline"],
            "grade": row["grade"],
        }
        for row in papers.materials_of(seat.conn, application_id)
        if matters & set(row["matters"])
    ]


def _evidence(seat: Desk, tasks: list[TaskRow]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in papers.evidence_of(seat.conn, [task.id for task in tasks if task.id is not None]):
        found.setdefault(row["task_id"], []).append(
            {
                "check": row["code"],
                "result": row["result"],
                "result_label": label(CheckResult, row["result"]),
                "source": row["source"],
                "facts": row["facts"],
                "asked_at": moment(row["asked_at"]),
                "ms": row["ms"],
            }
        )
    return found


def _supplement(row: Any, tasks: list[TaskRow]) -> dict[str, Any]:
    return {
        "items": row["items"],
        "deadline": row["deadline"],
        "status": row["status"],
        "after_acceptance": row["after_acceptance"],
        "tasks": [task.no for task in tasks if task.id in row["task_ids"]],
        "opened_at": moment(row["opened_at"]),
        "closed_at": moment(row["closed_at"]),
    }


def _pause(row: Any, tasks: list[TaskRow]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "kind_label": label(PauseKind, row["kind"]),
        "ground": row["ground"],
        "reason": row["reason"],
        "task": next((task.no for task in tasks if task.id == row["task_id"]), None),
        "begun_at": moment(row["begun_at"]),
        "planned_end": row["planned_end"],
        "ended_at": moment(row["ended_at"]),
    }


def search(seat: Desk, scope: Scope, wanted: Search) -> dict[str, Any]:
    """Return cases by identity number, name or number; whose case was found by an identity number leaves a trace."""
    identity = vault().blinds("identity", wanted.identity) if wanted.identity else ()
    department = wanted.department.value if wanted.department else None
    chosen = CaseFilter(wanted.status, wanted.matter, department, searchable(wanted.q), identity=identity)
    after = place_of(wanted.cursor, int)
    found = lists.cases(seat.conn, scope, chosen, after=after, limit=wanted.limit)
    if identity:
        for key, no in {case.application_id: case.application_no for case, _ in found.rows}.items():
            leave(seat, "search", key, no)
    items = [case_row(case, local_day(seat.now), applicant=name) for case, name in found.rows]
    return {"items": items, "next": place_after(found.next)}


def file(seat: Desk, scope: Scope, no: str) -> Any:
    """Return an upload that the reader may read; of a case of which only a few fields are shown there is none."""
    row = uploads.within(seat.conn, scope, no, officer_id=seat.actor.id)
    if row is None:
        raise NotFound
    if row["application_id"] is not None:
        cases = uploads.cases_with(seat.conn, scope, no)
        whole = [one for one in cases if _narrow(seat, scope, one, work.tasks_of(seat.conn, one.id))[0] is None]
        if not whole:
            raise NotFound
        leave(seat, "read-file", row["application_id"], no)
    return row
