"""The legal clock under a million open limits (时限基准): the sweep, cards by the thousand, a new year, a question.

`python -m tests.bench clock`; on a database of its own that is thrown away, kept as offices run it.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from tests.bench.report import keep

CASES = 100_000
TASKS = 9
"""Ten limits run on each case: its own, and one on each of its tasks."""
DUE_CASES = 1000
BATCH = 10_000
ASKED = 400
PROVED = 400
"""Cases that are proved one by one after the calendar moved them."""
START = date(2026, 12, 14)
WAVES = (("临期", date(2026, 12, 17)), ("黄牌", date(2026, 12, 22)), ("红牌", date(2026, 12, 25)))
"""When the ten thousand limits that start on the first day, of five working days, reach each of their rungs."""
LATE = range(28, 32)
"""The days of December on which the others start, which end in the year whose calendar is loaded."""
PAUSED_EACH = 20
"""One case in so many has been paused and resumed, so that it is looked at by itself."""
MATTER = "settlement"
YEAR = {
    "year": 2027,
    "papers": [],
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-04", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-05", "isOffDay": True},
    ],
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What was measured, in seconds, and what it must not exceed."""

    what: str
    seconds: float
    mark: float
    said: str

    @property
    def kept(self) -> bool:
        """Whether it stays below its mark."""
        return self.seconds < self.mark


def main(words: list[str]) -> None:
    """Measure, tell, and keep it beside what else was measured."""
    cases = int(words[0]) if words else CASES
    due = min(DUE_CASES, cases)
    with ground() as engine:
        made = _timed(lambda: _crowd(engine, cases, due))
        _say(f"{(cases + due) * (TASKS + 1):,} limits made in {made:.0f} s")
        marks = [_sweep(engine), *_waves(engine, due), _explain(engine), _load(engine, cases)]
    limits = (cases + due) * (TASKS + 1)
    answer = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "limits": limits,
        "cases": cases + due,
        "made_in_seconds": made,
        "marks": [
            {"what": m.what, "seconds": m.seconds, "mark": m.mark, "kept": m.kept, "said": m.said} for m in marks
        ],
    }
    if cases == CASES:
        keep({"clock": answer})
    sys.stdout.write(_table(limits, marks))


@contextmanager
def ground() -> Iterator[Engine]:
    """Have a database in a folder of its own, in test mode so that its clock can be moved."""
    with tempfile.TemporaryDirectory(prefix="lb") as home:
        Path(home).chmod(0o755)
        os.environ |= {"LIANBAN_HOME": home, "LIANBAN_TEST": "true"}
        for name in ("LIANBAN_DEMO", "LIANBAN_DATABASE_URL"):
            os.environ.pop(name, None)
        from infra import database, migrations
        from infra.demo.seed import seed
        from infra.home import embedded
        from infra.settings import settings

        with embedded(settings()):
            migrations.upgrade(settings().sqlalchemy_url())
            engine = database.engine()
            with engine.begin() as conn:
                seed(conn)
            try:
                yield engine
            finally:
                engine.dispose()


def _crowd(engine: Engine, cases: int, due: int) -> None:
    from tests.kit.crowd import Sort, crowd

    for count, sorts in (
        *((size, _late_sorts(Sort)) for size in _batches(cases)),
        (due, [Sort(START, 5, 5)]),
    ):
        with engine.begin() as conn:
            crowd(conn, count, sorts, matter=MATTER, tasks=TASKS)
    with engine.begin() as conn:
        paused = "SELECT id, 'hearing', '依据', '', {0}, {0} FROM cases WHERE id % :each = 0"
        moment = "timestamptz '2026-12-31 10:00+08'"
        conn.execute(
            text("INSERT INTO pauses (case_id, kind, ground, reason, begun_at, ended_at) " + paused.format(moment)),
            {"each": PAUSED_EACH},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM (ANALYZE)"))
        conn.execute(text("CHECKPOINT"))


def _late_sorts(sort: Any) -> list[Any]:
    return [sort(date(2026, 12, day), 8 + n, 6 + n) for day in LATE for n in range(5)]


def _batches(cases: int) -> Iterator[int]:
    for done in range(0, cases, BATCH):
        yield min(BATCH, cases - done)


def _sweep(engine: Engine) -> Mark:
    """The sweep as it comes every minute, when no limit has reached anything."""
    _at(engine, START)
    took = [_timed(lambda: _swept(engine)) for _ in range(5)]
    if _rows(engine, "SELECT count(*) FROM alarms"):
        raise RuntimeError("something was due")
    return Mark("巡检，无到期", statistics.median(took), 5.0, f"longest of 5: {max(took) * 1000:.1f} ms")


def _waves(engine: Engine, due: int) -> Iterator[Mark]:
    """Every rung of the ten thousand, with its notices and orders."""
    expected = due * (TASKS + 1)
    for number, (light, day) in enumerate(WAVES, 1):
        _at(engine, day)
        took = _timed(lambda: _swept(engine))
        raised = _rows(engine, "SELECT count(*) FROM alarms")
        if raised != expected * number:
            raise RuntimeError(f"{raised} alarms stand where {expected * number} should")
        notices, orders = (_rows(engine, f"SELECT count(*) FROM {one}") for one in ("notices", "orders"))
        _say(f"{light}: {took:.2f} s, {raised} alarms, {notices} notices, {orders} orders so far")
        yield Mark(f"{expected:,}个期限同时{light}", took, 10.0, f"{notices:,} notices, {orders:,} orders by then")


def _swept(engine: Engine) -> None:
    from flows import watch
    from flows.deemed import deem

    with engine.connect() as conn:
        ready = watch.ready_matters(conn)
    for matter in ready:
        watch.fire(matter, engine)
        deem(matter, engine)


def _explain(engine: Engine) -> Mark:
    """One limit explained day by day, read from the database, cases drawn at random."""
    from flows.explain import explained
    from forms.scope import EVERYTHING
    from infra.store import dossier, work

    first, last = (_rows(engine, f"SELECT {one}(id) FROM cases") for one in ("min", "max"))
    drawn = random.Random(1)
    took = []
    with engine.connect() as conn:
        for _ in range(ASKED):
            no = conn.execute(
                text("SELECT no FROM cases WHERE id = :id"), {"id": drawn.randint(first, last)}
            ).scalar_one()
            begun = time.perf_counter()
            case = dossier.case(conn, EVERYTHING, no)
            if case is None:
                raise RuntimeError(f"{no} is not to be found")
            told = explained(conn, case, work.tasks_of(conn, case.id), START + timedelta(days=40), subjects={no})
            took.append(time.perf_counter() - begun)
            if len(told) != 1 or not told[0]["working"]:
                raise RuntimeError(f"{no} is explained by {len(told)} limits")
    cuts = statistics.quantiles(took, n=100)
    return Mark("说明一个期限", statistics.median(took), 0.005, f"99 % of {ASKED}: {cuts[98] * 1000:.2f} ms")


def _load(engine: Engine, cases: int) -> Mark:
    """A year's notice comes and moves the due day of all but the early ones, with an event on each case."""
    from flows.access import SYSTEM
    from flows.reproject import reproject
    from forms.holidays import read_year_table
    from infra import calendar

    now = _at(engine, WAVES[-1][1])
    with engine.begin() as conn:
        calendar.load_year(conn, read_year_table(YEAR), source="bench", author="bench", at=now, reason="载入")
    found: list[Any] = []
    took = _timed(lambda: found.append(reproject(engine, SYSTEM, now, reason="载入 2027 年工作日历")))
    tally = found[0]
    events = _rows(
        engine,
        "SELECT count(*) FROM events e JOIN cases c ON c.id = e.case_id"
        " WHERE e.act = 'recalendar' AND e.seq = c.chain_seq AND e.hash = c.chain_hash",
    )
    if (tally.moved, tally.cases, events) != (cases * (TASKS + 1), cases, cases):
        raise RuntimeError(f"{tally} and {events} events, of {cases} cases")
    _prove(engine)
    return Mark(f"载入年度日历，移动{tally.moved:,}个到期日", took, 60.0, f"{tally.cases:,} cases, an event on each")


def _prove(engine: Engine) -> None:
    """Some cases are looked at one by one: every limit projected anew, every chain computed anew."""
    from tests.kit.projected import broken_chains, out_of_step

    with engine.connect() as conn:
        keys = list(conn.execute(text("SELECT id FROM cases ORDER BY id")).scalars())
        drawn = random.Random(2).sample(keys, min(PROVED, len(keys)))
        paused = list(conn.execute(text("SELECT case_id FROM pauses")).scalars())
        drawn += random.Random(3).sample(paused, min(PROVED // 4, len(paused)))
        wrong = out_of_step(conn, drawn) + [f"the chain of case {key} is broken" for key in broken_chains(conn, drawn)]
    if wrong:
        raise RuntimeError("; ".join(wrong[:5]))


def _at(engine: Engine, day: date) -> datetime:
    from infra import clock

    now = datetime(day.year, day.month, day.day, 10, tzinfo=clock.SHANGHAI)
    with engine.begin() as conn:
        clock.move(conn, now)
    return now


def _rows(engine: Engine, query: str) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text(query)).scalar_one())


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


def _table(limits: int, marks: list[Mark]) -> str:
    lines = ["", f"The legal clock, {limits:,} open limits, {os.cpu_count()} CPUs:", ""]
    for mark in marks:
        verdict = "kept" if mark.kept else "missed"
        took = f"{mark.seconds * 1000:.2f} ms" if mark.seconds < 1 else f"{mark.seconds:.2f} s"
        limit = f"{mark.mark * 1000:.0f} ms" if mark.mark < 1 else f"{mark.mark:.0f} s"
        lines.append(f"{took:>12}  (mark {limit:>5} {verdict})  {mark.what}  [{mark.said}]")
    return "\n".join([*lines, ""])
