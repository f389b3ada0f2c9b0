"""Limits cross their rungs by the thousand while four sweeps run and one is killed: each rung is raised once."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, text

from flows.alarms import RUNGS, Watched, told_at
from infra import clock
from infra.settings import Settings
from infra.store import watch
from tests.kit.crowd import Sort, crowd

SHANGHAI = ZoneInfo("Asia/Shanghai")
SWEEPS = 4
PATIENCE = 120.0
SIZES = pytest.mark.parametrize(
    ("limits", "chunk"), [(800, 40), pytest.param(20_000, 500, marks=pytest.mark.storm)], ids=["small", "large"]
)
WAVES = [date(2026, 9, 24), date(2026, 9, 28), date(2026, 10, 20)]
SORTS = [Sort(date(2026, 9, 14) + timedelta(days=n % 7), 5 + n % 4, 1 + n % 3) for n in range(28)]

TOLD = {rung.value: told_at(Watched.PROMISED, rung) for rung in RUNGS}


def sweep(url: str, name: str, chunk: int, pipe: Pipe) -> None:
    """Sweep again and again until told to stop, like the worker of an installation."""
    from flows import watch as sweeping
    from infra import database

    sweeping.CHUNK = chunk
    engine = database.engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"SET application_name = '{name}'"))
    pipe.send("ready")
    while not pipe.poll(0.01):
        sweeping.fire("settlement", engine)


@contextmanager
def sweeps(url: str, chunk: int) -> Iterator[list[BaseProcess]]:
    """Have four processes sweep as long as the block lasts."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.watch", "infra.database"])
    pipes, running = [], []
    for number in range(SWEEPS):
        ours, theirs = context.Pipe()
        process = context.Process(target=sweep, args=(url, f"sweep{number}", chunk, theirs))
        process.start()
        pipes.append(ours)
        running.append(process)
    for pipe in pipes:
        assert pipe.poll(PATIENCE) and pipe.recv() == "ready"
    try:
        yield running
    finally:
        for pipe, process in zip(pipes, running, strict=True):
            if process.is_alive():
                pipe.send("stop")
            process.join(PATIENCE)


def until(what: Callable[[], Any]) -> float:
    """Wait until something is so; return how long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < PATIENCE, "it never came to be"
        time.sleep(0.005)
    return time.monotonic() - begun


@SIZES
def test_every_rung_is_raised_once_while_four_sweeps_run_and_one_is_killed(
    platform: Settings, fresh_engine: Engine, limits: int, chunk: int, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = fresh_engine
    with engine.begin() as conn:
        crowd(conn, limits // 2, SORTS)
        clock.move(conn, at(date(2026, 9, 14)))

    def asked(query: str, **values: Any) -> Any:
        with engine.connect() as conn:
            return conn.execute(text(query), values).all()

    def works(name: str) -> bool:
        busy = "SELECT 1 FROM pg_stat_activity WHERE application_name = :name AND backend_xid IS NOT NULL"
        return bool(asked(busy, name=name))

    def left(day: date) -> bool:
        with engine.connect() as conn:
            return bool(watch.matters_with_rungs(conn, day, clock.now(conn)))

    url = engine.url.render_as_string(hide_password=False)
    took, delays = [], []
    with sweeps(url, chunk) as running:
        for wave, day in enumerate(WAVES):
            with engine.begin() as conn:
                clock.move(conn, at(day))
            if wave == 0:
                until(lambda: works("sweep0"))
                running[0].kill()  # in the middle of a transaction of its own
            took.append(until(lambda day=day: not left(day)))
            raised = asked("SELECT fired_at FROM alarms WHERE fired_at >= :day", day=at(day))
            delays += [(row.fired_at - at(day)).total_seconds() for row in raised]
        running[0].join(PATIENCE)
        assert running[0].exitcode == -9

    reached = {
        (row.id, rung)
        for row in asked("SELECT id, amber_on, yellow_on, red_on FROM limits")
        for rung, on in (("amber", row.amber_on), ("yellow", row.yellow_on), ("red", row.red_on))
        if on <= WAVES[-1]
    }
    alarms = asked("SELECT id, limit_id, rung, case_id, subject FROM alarms")
    assert len(alarms) >= limits * 2
    assert Counter((a.limit_id, a.rung) for a in alarms) == Counter(reached)
    notices = Counter(key for (key,) in asked("SELECT key FROM notices WHERE addressee LIKE 'seat:%'"))
    for alarm in alarms:
        told = sum(notices[key] for key in keys(alarm.limit_id, alarm.rung))
        assert told == len(TOLD[alarm.rung]), (alarm, told)
    assert sum(notices.values()) == sum(len(TOLD[alarm.rung]) for alarm in alarms)
    red = sorted(alarm.id for alarm in alarms if alarm.rung == "red")
    assert sorted(row.alarm_id for row in asked("SELECT alarm_id FROM orders")) == red
    with capsys.disabled():
        print(
            f"\n{limits} limits, {len(alarms)} alarms, {sum(notices.values())} notices; waves took "
            f"{', '.join(f'{seconds:.2f} s' for seconds in took)}; detection delay median "
            f"{statistics.median(delays):.2f} s, longest {max(delays):.2f} s"
        )


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 0, 0, 1, tzinfo=SHANGHAI)


def keys(limit: int, rung: str) -> Iterator[str]:
    """The keys of the notices of an alarm: one for each seat that is told."""
    for role in TOLD[rung]:
        for office in ("public_security", "human_resources", "window", "supervision"):
            yield f"alarm:{limit}:{rung}:seat:370283:{office}:{role.value}"
