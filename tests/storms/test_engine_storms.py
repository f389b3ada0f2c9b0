"""Whatever happens to the engine, it is back by itself; people go on meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.engine import server
from infra.postgres import Cluster
from infra.settings import Settings
from tests.outside import Run

pytestmark = pytest.mark.storm

BACK_SECONDS = 240.0


@pytest.fixture(scope="module")
def run(short_folder: Path) -> Iterator[Run]:
    made = Run(short_folder / "storm")
    yield made
    if made.process.poll() is None:
        made.end(signal.SIGTERM)


def registrations(run: Run) -> set[str]:
    """Read Prefect's own table: which deployments stand there now (none while its database is away)."""
    dsn = Cluster(run.home / "postgres").dsn(server.DATABASE)
    try:
        with psycopg.connect(dsn) as conn:
            return {name for (name,) in conn.execute("SELECT name FROM deployment")}
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return set()


def eventually(what: Callable[[], bool], seconds: float = BACK_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come back"
        time.sleep(0.2)


def engine_is_up(run: Run) -> bool:
    arguments = run.part("infra.engine.server")
    port = next(c.laddr.port for c in arguments.net_connections() if c.status == psutil.CONN_LISTEN)
    word = server.access(Settings(home=run.home))
    return server.probe(f"http://127.0.0.1:{port}/api", word) is server.Health.GOOD


def all_registered(run: Run) -> bool:
    from flows.registry import passes

    return registrations(run) == set(passes()) and engine_is_up(run)


def test_the_worker_registers_every_matter_with_a_new_engine(run: Run) -> None:
    eventually(lambda: all_registered(run))


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_killed_or_frozen_engine_is_started_anew(run: Run, sign: signal.Signals) -> None:
    victim = run.part("infra.engine.server")
    victim.send_signal(sign)
    assert run.alive()
    eventually(lambda: not victim.is_running() and all_registered(run))


def test_a_killed_worker_is_started_anew(run: Run) -> None:
    victim = run.part("worker")
    victim.kill()
    eventually(lambda: not victim.is_running() and run.part("worker").is_running())


@pytest.mark.parametrize("anew", [False, True], ids=["dropped", "dropped and made anew"])
def test_a_lost_engine_database_is_made_and_registered_again(run: Run, anew: bool) -> None:
    eventually(lambda: all_registered(run))
    with psycopg.connect(Cluster(run.home / "postgres").dsn(), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {server.DATABASE} WITH (FORCE)")
        if anew:
            conn.execute(f"CREATE DATABASE {server.DATABASE}")
    assert run.alive()
    eventually(lambda: all_registered(run))


def test_a_killed_supervisor_leaves_no_orphans_and_the_next_start_loses_nothing(run: Run) -> None:
    run.end(signal.SIGKILL)
    again = Run(run.home)
    assert again.alive()
    again.end(signal.SIGTERM)
