"""A case as it lies open on the desk (摊开的卷宗): everything this officer may see of it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api import dossiers
from api.facts import Section, sections
from api.pages.department import words
from api.rows import label
from flows import access
from flows.awaited import awaited
from flows.offers import Standing
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters, titles_of
from forms.checks import CHECKS
from forms.errors import NotFound
from forms.head import APPLICANTS
from forms.terms import MandateKind
from forms.vocabulary import Channel, TaskStatus
from infra.store import dossier, papers, people, work
from infra.store.rows import CaseRow, TaskRow

RECORD_PAGE = 50


@dataclass(frozen=True, slots=True)
class Sight:
    """What a page shows of a case; `stands` is for the rules, everything else for the eyes."""

    case: dict[str, Any]
    row: CaseRow
    stands: Standing
    things: Mapping[str, str]
    applicant: Sequence[Section]
    form: Sequence[Section]
    limits: Sequence[dict[str, Any]]
    record: Sequence[dict[str, Any]]
    more: int | None
    region: str
    offices: Mapping[str, str]

    @property
    def stages(self) -> list[list[dict[str, Any]]]:
        """Return the tasks one sees by stages: what stands side by side is done side by side (并联)."""
        depth: dict[str, int] = {}
        stages: dict[int, list[dict[str, Any]]] = {}
        for task in self.case["tasks"]:
            known = [depth[step] + 1 for step in task["after"] if step in depth]
            depth[task["step"]] = max(known, default=0)
            stages.setdefault(depth[task["step"]], []).append(task)
        return [stages[level] for level in sorted(stages)]


def look(seat: Desk, no: str, *, after: int = 0) -> Sight:
    """Return a case with everything this officer may see of it; NotFound beyond the walls; a trace is left."""
    scope = access.scope(seat.actor)
    data = dossiers.case(seat, scope, no)
    row = dossier.case(seat.conn, scope, no)
    if row is None:
        raise NotFound
    tasks = work.tasks_of(seat.conn, row.id)
    stands = Standing(
        row,
        tasks,
        papers.open_pauses(seat.conn, row.id),
        papers.supplements_of(seat.conn, row.id),
        local_day(seat.now),
        reopened=any(one.reopens == row.id for one in work.cases_of(seat.conn, row.application_id)),
    )
    form = matters()[row.matter].form if row.matter in matters() else None
    results = {code: title for task in tasks for code, title in (task.wants or {}).get("results", {}).items()}
    things = words.things_of(row.plan, form, results)
    events = dossiers.events(seat, scope, no, after=after, limit=RECORD_PAGE + 1)
    titles = {no: "办件"} | {task.no: task.title for task in tasks}
    head = APPLICANTS.get(str(data["applicant"].get("kind")), APPLICANTS["person"])
    waits = awaited(row.edges, row.routes, tasks)
    data["tasks"] = [{**_shown(task), "awaits": titles_of(waits.get(task["step"], ()))} for task in data["tasks"]]
    data["channel_label"] = label(Channel, data["channel"])
    data["mandate_label"] = label(MandateKind, (data["mandate"] or {}).get("kind"))
    return Sight(
        case=data,
        row=row,
        stands=stands,
        things=things,
        applicant=sections(head, data["applicant"]),
        form=sections(form, data["form"]) if form is not None else [],
        limits=dossiers.limits(seat, scope, no),
        record=[words.told(event, titles, things) for event in events[:RECORD_PAGE]],
        more=events[RECORD_PAGE - 1]["seq"] if len(events) > RECORD_PAGE else None,
        region=people.region_names(seat.conn).get(row.region, row.region),
        offices=_offices(seat, tasks),
    )


def _shown(task: dict[str, Any]) -> dict[str, Any]:
    """Add to a task's row what was said on it, and what registries answered, in words."""
    evidence = [
        {
            **one,
            "title": CHECKS[one["check"]].title if one["check"] in CHECKS else one["check"],
            "told": words.registry_facts(one["facts"]),
        }
        for one in task["evidence"]
    ]
    return {
        **task,
        "evidence": evidence,
        "opinions": words.opinions(task["verdict"], task["levels"], task["results"]),
        "level_name": words.level_name(task["level"], task["levels"]),
        "involved": task["status"] != TaskStatus.NOT_APPLICABLE.value,
    }


def _offices(seat: Desk, tasks: Sequence[TaskRow]) -> dict[str, str]:
    """Return the names of the offices at which tasks of the case lie, by task."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    names = {}
    for task in tasks:
        if task.office:
            key = (task.department, task.region)
            if key not in found:
                found[key] = {one["code"]: one["name"] for one in people.offices(seat.conn, *key)}
            names[task.no] = found[key].get(task.office, task.office)
    return names
