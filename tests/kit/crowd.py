"""A crowd of open cases (大量在办办件), each with a running limit of its own and one of its task, made set by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, text

from flows.projection import dates_of
from flows.sla import Budget, Clock, project, rungs_of
from forms.vocabulary import Department
from forms.workdays import Workdays
from infra.calendar import calendar

REGION = "370283"
DEPARTMENTS = [one.value for one in Department if one not in (Department.WINDOW, Department.SUPERVISION)]
"""Whose the tasks of a case are, in turn."""
COLUMNS = ("due_on", "amber_on", "yellow_on", "red_on", "next_on")


@dataclass(frozen=True, slots=True)
class Sort:
    """Cases that were accepted on one day, promised in some days, with a task promised in fewer."""

    started_on: date
    case_days: int
    task_days: int


def crowd(conn: Connection, cases: int, sorts: Sequence[Sort], *, matter: str = "settlement", tasks: int = 1) -> None:
    """Have that many more cases of a matter open, of the sorts in turn; one limit runs on each and on each task."""
    workdays = calendar(conn, REGION)
    first = conn.execute(text("SELECT coalesce(max(id), 0) FROM applications")).scalar_one()
    conn.execute(text("CREATE TEMP TABLE crowd_sorts (n int PRIMARY KEY, of_case jsonb, of_task jsonb) ON COMMIT DROP"))
    conn.execute(
        text("INSERT INTO crowd_sorts VALUES (:n, CAST(:of_case AS jsonb), CAST(:of_task AS jsonb))"),
        [
            {"n": n, "of_case": _limit(one.started_on, one.case_days, workdays),
             "of_task": _limit(one.started_on, one.task_days, workdays)}
            for n, one in enumerate(sorts)
        ],
    )  # fmt: skip
    told = {
        "first": first, "cases": cases, "sorts": len(sorts), "matter": matter, "region": REGION, "tasks": tasks,
        "departments": DEPARTMENTS,
    }  # fmt: skip
    conn.execute(text("SET LOCAL session_replication_role = replica"))  # no key is checked a million times over
    for statement in _STATEMENTS:
        conn.execute(text(statement), {name: told[name] for name in told if f":{name}" in statement})
    conn.execute(text("SET LOCAL session_replication_role = origin"))


def _limit(started_on: date, days: int, workdays: Workdays) -> str:
    rungs = rungs_of(Clock.PROMISED, days, backed=False)
    row: dict[str, Any] = dates_of(project(Budget(started_on, days), rungs, (), workdays), ())
    row |= {"days": days, "started_on": started_on}
    row["rungs"] = [{"light": r.light.value, "before": r.before, "after": r.after} for r in rungs]
    return orjson.dumps(row).decode()


_NO = "format('RC-%s-20260918-%s-A', CAST(:region AS text), lpad(g::text, 7, '0'))"
_DAYS = ", ".join(f"({{0}} ->> '{name}')::date" for name in COLUMNS[:4])
_STATEMENTS = (
    f"""
    INSERT INTO applications (id, no, region, channel, kind, name, status, head, overrides, person_key, code_hash,
        received_at, version)
    SELECT g, {_NO}, :region, 'window', 'person', '张三', 'in_progress', '{{}}', '[]', decode(md5(g::text), 'hex'), '',
        now(), 1
    FROM generate_series(CAST(:first AS bigint) + 1, CAST(:first AS bigint) + :cases) g
    """,
    f"""
    INSERT INTO cases (id, no, application_id, position, matter, title, region, lead, kind, status, paused, form,
        computed, plan, fate, edges, routes, received_at, accepted_at, due_on, amber_on, yellow_on, red_on, stopped,
        chain_seq, chain_hash, version)
    SELECT g, {_NO} || '-1B', g, 1, :matter, '人才落户', :region, 'public_security', '2', 'in_progress', false, '{{}}',
        '{{}}', '{{"limits": []}}', 'cancel', '[]', '{{}}', now(), now(), {_DAYS.format("s.of_case")}, false, 0, '', 1
    FROM generate_series(CAST(:first AS bigint) + 1, CAST(:first AS bigint) + :cases) g
    JOIN crowd_sorts s ON s.n = g % :sorts
    """,
    f"""
    INSERT INTO tasks (no, case_id, position, matter, step, title, department, region, status, paused, level,
        levels, signers, after, join_policy, mandatory, blocking, decides, ad_hoc, days, wants, check_auto, check_tries,
        opened_at, due_on, amber_on, yellow_on, red_on, stopped, version)
    SELECT {_NO} || '-1B-' || lpad(k::text, 2, '0') || 'C', g, k, :matter, 'eligibility', '资格核验',
        (CAST(:departments AS text[]))[1 + (k - 1) % cardinality(CAST(:departments AS text[]))], :region, 'pending',
        false, 1, 1, '{{}}', '{{}}', '{{"kind": "all"}}', true, true, true, false, 1, '{{}}', false, 0,
        now(), {_DAYS.format("s.of_task")}, false, 1
    FROM generate_series(CAST(:first AS bigint) + 1, CAST(:first AS bigint) + :cases) g
    CROSS JOIN generate_series(1, :tasks) k
    JOIN crowd_sorts s ON s.n = g % :sorts
    """,
    *(
        f"""
        INSERT INTO limits (case_id, subject, clock, runs, days, extension, what, matter, department, region,
            started_on, deems, rungs, due_on, amber_on, yellow_on, red_on, provisional, stopped, fired, next_on,
            armed_at)
        SELECT c.id, {subject}, 'promised', 'workdays', (s.{sort} ->> 'days')::int, 0, {what}, c.matter, {department},
            c.region, (s.{sort} ->> 'started_on')::date, false, s.{sort} -> 'rungs', {_DAYS.format(f"s.{sort}")},
            (s.{sort} ->> 'provisional')::boolean, false, '{{}}', (s.{sort} ->> 'next_on')::date, now()
        FROM cases c JOIN crowd_sorts s ON s.n = c.id % :sorts {tasks} WHERE c.id > :first ORDER BY c.id
        """
        for sort, subject, what, department, tasks in (
            ("of_case", "c.no", "''", "c.lead", ""),
            ("of_task", "t.no", "t.title", "t.department", "JOIN tasks t ON t.case_id = c.id"),
        )
    ),
    "SELECT setval('applications_id_seq', max(id)), setval('cases_id_seq', max(id)) FROM cases",
)
