"""One pass (一轮办理): everything of a matter that is ready is moved, set by set; never one run per case.

What time has done comes first (alarms, deemed acts), then the departments side by side, one Prefect task each with
retries, then opening and joining again for whatever a crash left behind. A pass may be killed at any instant: what it
had taken is under a lease, what it had decided is committed, and the next pass does the rest. Several may run at once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import cache

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection

from flows import evidence, sending, watch
from flows.access import SYSTEM
from flows.casework import codes, drafts
from flows.casework.advance import advance
from flows.casework.hand import hold
from flows.deemed import deem
from flows.desks import desk
from flows.registry import matters
from flows.reproject import follow
from flows.unanswered import remind
from infra import clock, database
from infra.calendar import lags
from infra.engine.nudge import begin
from infra.registries.client import HttpRegistry, Registry
from infra.settings import settings
from infra.store import machine, work

log = logging.getLogger(__name__)

CHUNK = 50
SETTLE_CHUNK = 500
LEASE = timedelta(seconds=60)
MAX_ROUNDS = 1000


@cache
def registry() -> Registry | None:
    """Return the gateway of shared data of this installation, None where it has none."""
    wanted = settings()
    if wanted.registry_url is None:
        return None
    token = wanted.registry_token.get_secret_value() if wanted.registry_token else None
    return HttpRegistry(wanted.registry_url, token, seconds=wanted.registry_seconds)


def run_pass(matter: str) -> None:
    """Move everything of `matter` that is ready; what fails for one department never stops another."""
    with database.engine().begin() as conn:
        begin(conn, matter)
    with database.engine().connect() as conn:
        overdue = matter in watch.ready_matters(conn)
    timely = [time_passed.submit(matter)] if overdue else []
    for future in timely:
        future.wait()
    with database.engine().connect() as conn:
        departments = machine.departments_with_checks(conn, matter, clock.machine())
    running = [department_work.with_options(name=department).submit(matter, department) for department in departments]
    for future in running:
        future.wait()
    settled = settle.submit(matter)
    settled.wait()
    with database.engine().connect() as conn:
        told = [tell.submit()] if sending.due(conn) else []
        told += [forget.submit()] if _stale(conn) else []
        told += [follow_calendar.submit()] if lags(conn) else []
    for future in [*timely, *running, settled, *told]:
        future.result()


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def time_passed(matter: str) -> int:
    """Raise the rungs that are reached, then do what time itself has done (视为受理、期满); return how many of both."""
    return watch.fire(matter) + remind(matter) + deem(matter)


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def department_work(matter: str, department: str) -> int:
    """Ask the registries for a department's open checks and attach the answers; return how many were answered."""
    gateway = registry()
    if gateway is None:
        with database.engine().begin() as conn:
            machine.forget_checks(conn, matter)
        return 0
    answered = 0
    for _ in range(MAX_ROUNDS):
        with database.engine().begin() as conn:
            due = machine.lease_checks(conn, matter, department, clock.machine(), chunk=CHUNK, lease=LEASE)
        if not due:
            break
        answered += evidence.fetch(gateway, due)
    return answered


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def settle(matter: str) -> int:
    """Open and join again wherever a move may be due; cases that somebody works on are left to them."""
    moved, after = 0, 0
    while True:
        with database.engine().connect() as conn:
            rows = machine.left_behind(conn, matter, after=after, chunk=SETTLE_CHUNK)
        for case_id, application_id in rows:
            moved += _settle_one(case_id, application_id)
        if len(rows) < SETTLE_CHUNK:
            return moved
        after = rows[-1][0]


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def tell() -> int:
    """Send what is to be told outside, of all matters; a receiver that is dead holds up no case, only this task."""
    return sending.send_due()


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def forget() -> int:
    """Let go of drafts that nobody came back to and of yesterday's wrong codes, of all matters."""
    return drafts.forget() + codes.forget()


@task(retries=2, retry_delay_seconds=[1, 5], cache_policy=NO_CACHE, persist_result=False)
def follow_calendar() -> int:
    """Move due days that lag behind the calendar in force, of all matters; return how many moved."""
    tally = follow()
    return tally.moved if tally is not None else 0


def _settle_one(case_id: int, application_id: int) -> bool:
    with desk(SYSTEM) as seat:
        family = work.lock_application(seat.conn, application_id, wait=False)
        case = next((row for row in family if row.id == case_id), None)
        if case is None or len(family) < work.count_cases(seat.conn, application_id):
            return False
        advance(seat, hold(seat, case, family, work.tasks_of(seat.conn, case_id)))
        return bool(seat.sheet.events)


def ready_matters(conn: Connection) -> list[str]:
    """Return the matters that have machine work now; the sweep nudges them. Any one's pass sends what is to be told."""
    found = {*machine.matters_with_checks(conn, clock.machine()), *watch.ready_matters(conn)}
    if not found and (sending.due(conn) or _stale(conn) or lags(conn)):
        found = {next(iter(matters()))}
    return sorted(found)


def _stale(conn: Connection) -> bool:
    return drafts.stale(conn) or codes.stale(conn)
