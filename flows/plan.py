"""The plan becomes rows (计划落地): at acceptance a case gets all its tasks, the day's rules pinned on it."""

from __future__ import annotations

from typing import Any

from flows import office_days
from flows.alarms import CERTIFICATE_DAYS
from flows.joins import NOT_INVOLVED
from flows.matter import Edge, Matter, Step
from flows.record import Desk
from forms.head import Employer, Person
from forms.terms import DeliveryMode
from forms.vocabulary import TaskStatus
from infra.numbers import task_number
from infra.store import people
from infra.store.rows import CaseRow, TaskRow

CERTIFICATE = "certificate_days"
"""Where a case remembers within how many working days after its end an electronic certificate is wanted."""


def pinned(matter: Matter) -> dict[str, Any]:
    """Return what a case remembers of its matter as it was that day: limits, papers, thresholds, deadlines."""
    return {
        "title": matter.title,
        "item_type": matter.item_type.value,
        "basis": list(matter.basis),
        "limits": [limit.data() for limit in matter.limits],
        "materials": [
            {"code": m.code, "title": m.title, "required": m.required, "gap_allowed": m.gap_allowed}
            for m in matter.materials
        ],
        "alarms": {kind.value: alarm.thresholds for kind, alarm in matter.alarms.items() if alarm.thresholds},
        "deemed_acceptance": matter.deems_acceptance,
        **{name: getattr(matter, name) for name in office_days.USUAL},
        "gap_late": matter.gap_late.value,
        **({"gap_basis": matter.gap_basis} if matter.gap_basis else {}),
    }


def asked(applicant: Person | Employer) -> dict[str, Any]:
    """Return what a case remembers of how its result is wanted: the days for an electronic certificate, if any.

    Who takes the result at the window or by post is owed none, 优化营商环境条例 第37条 (the applicant chooses the way).
    """
    electronic = applicant.delivery.mode is DeliveryMode.ELECTRONIC
    return {CERTIFICATE: CERTIFICATE_DAYS} if electronic else {}


def edges_of(matter: Matter, form: Any) -> list[dict[str, Any]]:
    """Return the waits of this case for sibling cases, as data."""
    return [_edge(edge) for edge in matter.edges if edge.when is None or edge.when(form)]


def _edge(edge: Edge) -> dict[str, Any]:
    return {"step": edge.step, "matter": edge.matter, "fallback": edge.fallback}


def open_routes(edges: list[dict[str, Any]], present: set[str]) -> dict[str, str]:
    """Return the fallback routes that are not decided yet, because the matter waited for is in the same application."""
    return {edge["fallback"]: "open" for edge in edges if edge["fallback"] and edge["matter"] in present}


def materialise(desk: Desk, matter: Matter, case: CaseRow, form: Any) -> list[TaskRow]:
    """Return all tasks of the case: 待前置, or 不涉及 where the condition is false; joining opens what is ready."""
    offices = _offices(desk, matter, case, form)
    tasks = [_task(matter, case, form, step, position) for position, step in enumerate(matter.steps, start=1)]
    for task in tasks:
        task.office = offices.get(task.step)
    desk.sheet.new_tasks.extend(tasks)
    desk.sheet.tasks_of[case.id] = tasks
    return tasks


def _offices(desk: Desk, matter: Matter, case: CaseRow, form: Any) -> dict[str, str | None]:
    """Return which office each step lies at that leaves it to the applicant; each department is looked up once."""
    named = {step.code: (step.department.value, step.office(form)) for step in matter.steps if step.office}
    found = {key: office_named(desk, key[0], case.region, key[1]) for key in dict.fromkeys(named.values())}
    offices = {code: found[key] for code, key in named.items()}
    for step in matter.steps:
        if step.office_as:
            offices[step.code] = offices.get(step.office_as)
    return offices


def office_named(desk: Desk, department: str, region: str, named: str | None) -> str | None:
    """Return the code of the office that an applicant named, None where it is the department's desk that looks.

    Words that name no known office fall to that desk; it may transfer the task to an office.
    """
    office = people.find_office(desk.conn, department, region, named.strip()) if named else None
    return (office["code"] or None) if office is not None else None


def involved(step: Step, form: Any, routes: dict[str, str]) -> bool:
    """Whether a step takes part: its condition holds, and its route may still be or has been taken."""
    if step.route is not None and step.route in routes:
        return True
    return step.when is None or bool(step.when(form))


def _task(matter: Matter, case: CaseRow, form: Any, step: Step, position: int) -> TaskRow:
    takes_part = involved(step, form, case.routes)
    wants: dict[str, Any] = {}
    if step.results:
        wants["results"] = dict(step.results)
        if step.defaults is not None:
            wants["defaults"] = step.defaults(form)
    if step.office_from:
        wants["office_from"] = step.office_from
    if step.office_as:
        wants["office_as"] = step.office_as
    if step.check and step.about != "/applicant/id_number":
        wants["about"] = step.about
    if step.deemed_agree:
        wants["deemed_agree"] = step.deemed_agree
    if step.special:
        wants["special"] = step.special
    if step.limits:
        wants["limits"] = [limit.data() for limit in step.limits]
    return TaskRow(
        id=None,
        no=task_number(case.no, position),
        case_id=case.id,
        position=position,
        matter=matter.code,
        step=step.code,
        title=step.title,
        department=step.department.value,
        region=case.region,
        status=(TaskStatus.BLOCKED if takes_part else TaskStatus.NOT_APPLICABLE).value,
        outcome=None if takes_part else NOT_INVOLVED,
        levels=step.levels,
        single_basis=matter.single_basis if step.decides else None,
        after=list(step.after),
        join_policy=step.join.data(),
        route=step.route if step.route in case.routes else None,
        mandatory=step.mandatory,
        blocking=step.blocking,
        decides=step.decides,
        days=step.days,
        sees=list(step.sees) if step.sees is not None else None,
        wants=wants,
        check_code=step.check_for(form),
        check_auto=step.auto,
    )
