"""Moving due days when the calendar changes (日历变动重算): every affected open limit, its old day kept in the record.

A limit that has ended keeps the days it was judged by (`flows.explain` tells it so, reports and cards read the same
days); one that was reopened by taking a verdict back runs, and is counted by the calendar of now.

Limits that no pause has touched are of a few sorts, each projected once and moved where it lies, set by set; only those
of cases with pauses are looked at one by one. That goes in chunks, each in a transaction of its own and under the locks
of its cases, so that no officer's act is overwritten: it may be killed and run again, what has moved stays.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, text

from flows.access import SYSTEM, Actor
from flows.projection import budget_of, dates_of, rungs_in, stops_of
from flows.record import CHAINED, GENESIS, digest
from flows.sla import Light, Projection, project
from forms.workdays import Workdays
from infra import clock, database
from infra.calendar import calendar, fingerprint, lags
from infra.store import reprojecting as store
from infra.store.calendar import alone, note_followed, unlock
from infra.store.reprojecting import Running, Sort

CHUNK = 1000
"""Cases moved at a time: as long as that takes, acts on them wait."""
SIDE_BY_SIDE = 3
"""Chunks under way at a time; their cases are never the same."""
BEHIND = "工作日历已变动，系统补算"
"""What the record gives as the reason where due days follow a change whose command did not carry it to its end."""
PATIENCE = 10.0
"""Seconds that acts may take which began by the old calendar; they are waited for."""

_DAYS = ("due_on", "due_at", "amber_on", "yellow_on", "red_on", "provisional", "stopped", "next_on")
_OF_SORT = ("due_on", "amber_on", "yellow_on", "red_on", "provisional")
_EVENT = (*CHAINED[:2], "at", *CHAINED[2:], "hash")
_ANY = Sort | Running
_Done = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many running limits there are, the due days of how many moved, on how many cases."""

    limits: int
    moved: int
    cases: int


@dataclass(slots=True)
class Almanac:
    """The calendars of the regions as they are now, and what follows from them for limits without a pause."""

    days: dict[str, Workdays]
    known: dict[Any, Projection]

    def projected(self, row: _ANY, ledger: Sequence[Any] = (), task_id: int | None = None) -> Projection:
        """Project a limit; those of one budget that no pause touches share the answer."""
        plain = {"started_on": row.started_on, "days": row.days, "extension": row.extension, "runs": row.runs,
                 "fixed_on": row.fixed_on, "rungs": row.rungs}  # fmt: skip
        stops = (
            stops_of({"clock": row.clock, "runs": row.runs}, ledger, task_id)
            if ledger and isinstance(row, Running)
            else []
        )
        if isinstance(row, Running) and row.started_at is not None:
            plain["started_at"] = row.started_at
        if stops or "started_at" in plain:
            return project(budget_of(plain), rungs_in(plain), stops, self.days[row.region])
        key = (row.region, row.started_on, row.days, row.extension, row.runs, row.fixed_on,
               tuple((r["light"], r["before"], r["after"]) for r in row.rungs))  # fmt: skip
        if key not in self.known:
            self.known[key] = project(budget_of(plain), rungs_in(plain), (), self.days[row.region])
        return self.known[key]


def reproject(
    engine: Engine,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
    since: int | None = None,
    tick: Callable[[int], None] | None = None,
) -> Tally:
    """Project every running limit by the calendar as it is now; each case whose due day moved has it in its record.

    Call it after the change of the calendar is committed. `tick` hears how many cases are done. It waits for another
    that is under way, which may go by an older calendar. With `since`, the last event when the calendar was changed,
    what others have moved from then on is counted too: a pass may have followed the change before this got its turn.
    """
    while True:
        with _alone(engine) as mine:
            if mine:
                tally = _reproject(engine, actor, now, reason=reason, tick=tick)
                break
        time.sleep(0.1)
    if since is None:
        return tally
    with engine.begin() as conn:
        store.patiently(conn)
        return Tally(tally.limits, *store.moved_since(conn, since))


def catch_up(engine: Engine) -> Tally | None:
    """Have due dates follow the calendar in force before it is changed again; None where they do so already.

    What an earlier change left undone, because its command was killed, is moved in its own name and counted by itself,
    so that the record and whoever changes the calendar next do not take it for what that change moves.
    """
    with engine.begin() as conn:
        if not lags(conn):
            return None
        now, since = clock.now(conn), store.last_event(conn)
    return reproject(engine, SYSTEM, now, reason=BEHIND, since=since)


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    """Have the moving of due days for this block alone; False where another has it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        mine = alone(guard)
        try:
            yield mine
        finally:
            if mine:
                unlock(guard)


def _reproject(
    engine: Engine, actor: Actor, now: datetime, *, reason: str, tick: Callable[[int], None] | None = None
) -> Tally:
    with engine.begin() as conn:
        seen = fingerprint(conn)
    ended = _old_acts_ended(engine)
    with engine.begin() as conn:
        store.patiently(conn)
        sorts = store.sorts(conn)
        almanac = Almanac({region: calendar(conn, region) for region in {one.region for one in sorts}}, {})
    concerned = [(one, projected) for one in sorts if _differs(one, projected := almanac.projected(one))]
    days = [_days(one, projected) for one, projected in concerned]
    moving = _Moving(engine, almanac, days, actor, now, reason)
    moved, cases, done = 0, 0, 0
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="reproject") as pool:
        for ids, (due, held) in _ahead(pool, moving.chunk, _chunks(engine, [one.key for one, _ in concerned])):
            moved, cases, done = moved + due, cases + held, done + len(ids)
            if tick is not None:
                tick(done)
    if ended:  # else the next pass looks again for what such an act has started meanwhile
        with engine.begin() as conn:
            note_followed(conn, seen, now)
    return Tally(sum(one.limits for one in sorts), moved, cases)


def follow(engine: Engine | None = None) -> Tally | None:
    """Have due dates follow the calendar in force where they lag behind; None where they do not, or another does it.

    That is after a release with new notices, and after a change whose command was killed before it was done.
    """
    room = engine or database.engine()
    with room.begin() as conn:
        if not lags(conn):
            return None
        now = clock.now(conn)
    with _alone(room) as mine:
        return _reproject(room, SYSTEM, now, reason=BEHIND) if mine else None


def _chunks(engine: Engine, keys: Sequence[int]) -> Iterator[list[int]]:
    """Yield the cases concerned, some at a time, in the order of their keys."""
    after = 0
    while True:
        with engine.begin() as conn:
            store.patiently(conn)
            ids = store.touched(conn, keys, after, CHUNK)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _ahead(
    pool: ThreadPoolExecutor, work: Callable[[list[int]], _Done], chunks: Iterator[list[int]]
) -> Iterator[tuple[list[int], _Done]]:
    """Have chunks worked on side by side, a few at a time, and yield each with what came of it."""
    under_way: deque[tuple[list[int], Future[_Done]]] = deque()
    for ids in chunks:
        under_way.append((ids, pool.submit(work, ids)))
        if len(under_way) > SIDE_BY_SIDE:
            first, found = under_way.popleft()
            yield first, found.result()
    for ids, found in under_way:
        yield ids, found.result()


def _old_acts_ended(engine: Engine) -> bool:
    """Wait for acts that may have read the calendar before it changed: what they start is then there to be moved."""
    deadline = time.monotonic() + PATIENCE
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        since = str(conn.execute(text("SELECT clock_timestamp()")).scalar_one())
        while store.older_transactions(conn, since):
            if time.monotonic() > deadline:
                return False
            conn.execute(text("SELECT pg_sleep(0.02)"))
    return True


@dataclass(frozen=True, slots=True)
class _Moving:
    """One moving of due days: to where, by whom, why."""

    engine: Engine
    almanac: Almanac
    days: list[dict[str, Any]]
    actor: Actor
    now: datetime
    reason: str

    def chunk(self, ids: Sequence[int]) -> _Done:
        """Move the running limits of some cases; return how many due days moved, on how many cases."""
        with self.engine.begin() as conn:
            store.patiently(conn)
            locked = store.lock_cases(conn, ids)
            store.begin(conn)
            held = store.ever_paused(conn, ids)
            store.move_single(conn, list(self._singly(conn, ids, held)))
            store.move(conn, ids, held, self.days)
            moved = store.moved(conn)
            events, heads = self._events([case for case in locked if case.id in moved], moved)
            store.write(conn, _EVENT, events, heads)
        return sum(len(due or ()) for due in moved.values()), len(events)

    def _singly(self, conn: Connection, ids: Sequence[int], held: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Yield the new days of limits on cases with pauses, and in office hours, each projected by itself."""
        rows = store.singly(conn, ids, held)
        ledgers: dict[int, list[Any]] = defaultdict(list)
        for pause in store.ledger(conn, held) if held else ():
            ledgers[pause["case_id"]].append(pause)
        for row in rows:
            if row.region not in self.almanac.days:
                self.almanac.days[row.region] = calendar(conn, row.region)
            projected = self.almanac.projected(row, ledgers.get(row.case_id, ()), row.task_id)
            if _differs(row, projected):
                new = dates_of(projected, row.fired)
                yield (row.id, row.case_id, row.subject, row.clock, row.due_on, *(new[name] for name in _DAYS))

    def _events(
        self, cases: Sequence[Any], moved: Mapping[int, list[dict[str, Any]] | None]
    ) -> tuple[list[tuple[Any, ...]], list[tuple[int, str, int, bytes, int]]]:
        """Return an event for every case whose due day moved, chained like any other, and the heads of all chains."""
        events, heads = [], []
        for case in cases:
            if not moved[case.id]:
                heads.append((case.id, case.no, case.chain_seq, case.chain_hash, 0))
                continue
            event: dict[str, Any] = {
                "case_id": case.id, "seq": case.chain_seq + 1, "at": self.now, "actor_kind": self.actor.kind,
                "actor_id": self.actor.id, "actor_name": self.actor.name, "department": None, "act": "recalendar",
                "subject": case.no, "step": None, "before": case.status, "after": case.status,
                "detail": {"reason": self.reason, "moved": moved[case.id]}, "terminal": "",
            }  # fmt: skip
            event["hash"] = digest(bytes(case.chain_hash) or GENESIS, event)
            heads.append((case.id, case.no, event["seq"], event["hash"], 1))
            event["detail"] = orjson.dumps(event["detail"]).decode()
            events.append(tuple(event[name] for name in _EVENT))
        return events, heads


def _days(sort: Sort, projected: Projection) -> dict[str, Any]:
    new = dates_of(projected, ())
    return {"key": str(sort.key), "before": sort.due_on, **{name: new[name] for name in _OF_SORT}}


def _differs(row: _ANY, projected: Projection) -> bool:
    return (
        projected.due_on != row.due_on
        or (isinstance(row, Running) and projected.due_at != row.due_at)
        or projected.provisional != row.provisional
        or (projected.due_on is None) != row.stopped
        or any(
            projected.on(light) != getattr(row, f"{light.value}_on") for light in (Light.AMBER, Light.YELLOW, Light.RED)
        )
    )
