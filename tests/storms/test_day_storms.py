"""A bad day: processes killed in the middle of the simulated day, the engine's database dropped; all ends right."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from rich.console import Console

from api.simulation.outcome import compare
from api.simulation.performance import perform
from api.simulation.stage import Stage, stage
from infra.demo.day import turns
from infra.engine import server
from infra.postgres import Cluster

pytestmark = pytest.mark.storm

FEW = 40
EVENTS_BETWEEN_BLOWS = 100
"""A blow falls whenever so much more is on record: the same storm however quick the machine."""


@pytest.fixture
def built() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="lbstorm"))
    with stage(folder) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


def part(built: Stage, word: str) -> psutil.Process | None:
    for process in psutil.Process(built.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one that was killed and is not yet collected
            if word in process.cmdline():
                return process
    return None


def kill(built: Stage, word: str) -> bool:
    victim = part(built, word)
    if victim is None:
        return False
    victim.kill()
    return True


def on_record(built: Stage) -> int:
    with psycopg.connect(Cluster(built.home / "postgres").dsn("lianban"), autocommit=True) as conn:
        row = conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    return int(row[0]) if row else 0


def drop_engine_database(built: Stage) -> bool:
    with psycopg.connect(Cluster(built.home / "postgres").dsn(), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {server.DATABASE} WITH (FORCE)")
    return True


def test_every_case_ends_right_whatever_is_killed_meanwhile(built: Stage) -> None:
    blows: list[tuple[str, Callable[[], bool]]] = [
        ("worker", lambda: kill(built, "worker")),
        ("interface", lambda: kill(built, "--listener")),
        ("engine", lambda: kill(built, "infra.engine.server")),
        ("engine's database", lambda: drop_engine_database(built)),
        ("worker again", lambda: kill(built, "worker")),
        ("interface again", lambda: kill(built, "--listener")),
    ]
    struck: list[str] = []
    over = threading.Event()

    def weather() -> None:
        for number, (name, blow) in enumerate(blows, start=1):
            while on_record(built) < number * EVENTS_BETWEEN_BLOWS:
                if over.wait(0.1):
                    return
            if blow():
                struck.append(name)

    storm = threading.Thread(target=weather, daemon=True)
    storm.start()
    try:
        with perform(built, turns(FEW), Console()) as play:
            report = compare(play)
    finally:
        over.set()
        storm.join()
    assert len(struck) >= 4, f"the day was over before the storm: {struck}"
    assert report.differences == []
    verified = built.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
