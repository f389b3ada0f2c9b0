"""The nudge makes at most one waiting run; the worker runs it soon, and registers again what has vanished."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import Engine, text

from infra.engine import server
from infra.engine.nudge import Nudger, begin
from infra.settings import Settings
from tests.kit import PATIENCE


def eventually(what: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.05)


class Worker:
    """A worker process whose passes are counted by the lines it prints."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.parent", "tests.infra.toy_worker"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.startswith("passed"):
                    self.lines.put(line.strip())

    def next_pass(self) -> str:
        return self.lines.get(timeout=PATIENCE)

    def freeze(self) -> None:
        """Have it take no runs for now."""
        self.process.send_signal(signal.SIGSTOP)
        eventually(lambda: psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def told(prefect_url: str, short_folder: Path, database_url: str) -> Settings:
    """Settings that find both servers."""
    home = short_folder / "engine"
    return Settings(
        home=home, database_url=database_url, prefect_url=prefect_url, prefect_auth=server.access(Settings(home=home))
    )


@pytest.fixture(scope="module")
def prefect(told: Settings) -> Iterator[httpx.Client]:
    """Prefect's API, asked directly."""
    assert told.prefect_url is not None
    user, _, password = server.access(told).partition(":")
    with httpx.Client(base_url=told.prefect_url, auth=(user, password), timeout=PATIENCE, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def worker(told: Settings, prefect: httpx.Client) -> Iterator[Worker]:
    """One worker for the module, registered and waiting."""
    assert told.prefect_url is not None
    assert told.database_url is not None
    environment = {
        **os.environ,
        **server.client_environment(told, told.prefect_url),
        "PREFECT_API_REQUEST_TIMEOUT": str(PATIENCE),
        "LIANBAN_HOME": str(told.home),
        "LIANBAN_DATABASE_URL": told.database_url.get_secret_value(),
    }
    made = Worker(environment)
    yield made
    assert made.end() == 0


@pytest.fixture
def nudger(told: Settings, engine: Engine) -> Iterator[Nudger]:
    made = Nudger(told, engine, call_seconds=PATIENCE)
    yield made
    made.close()


def until_sent(nudger: Nudger) -> None:
    """Send one nudge, as often as it takes until the worker has registered."""

    def sent() -> bool:
        try:
            nudger.send("toy")
        except (LookupError, httpx.HTTPError):
            return False
        return True

    eventually(sent)


def waiting_runs(prefect: httpx.Client) -> int:
    """Count the toy's runs that no worker has taken; what other tests left behind does not count."""
    ours = {"deployments": {"name": {"any_": ["toy"]}}, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    return int(prefect.post("/flow_runs/count", json=ours).text)


def test_a_nudged_matter_is_passed_with_its_departments(worker: Worker, nudger: Nudger) -> None:
    until_sent(nudger)
    assert worker.next_pass() == "passed health housing"
    nudger.want("toy")
    assert worker.next_pass() == "passed health housing"
    assert nudger.state.reachable is True


def test_a_crowd_of_nudges_makes_one_waiting_run(
    worker: Worker, nudger: Nudger, told: Settings, engine: Engine, prefect: httpx.Client
) -> None:
    until_sent(nudger)
    worker.next_pass()
    others = [Nudger(told, engine, call_seconds=PATIENCE) for _ in range(4)]
    worker.freeze()
    try:
        with ThreadPoolExecutor(8) as crowd:
            sent = list(crowd.map(lambda other: other.send("toy"), others * 8))
        assert sent.count(True) == 1
        assert waiting_runs(prefect) == 1
        with engine.begin() as conn:
            begin(conn, "toy")  # a pass has begun: what comes now is not covered by it
        assert nudger.send("toy") is True
        assert nudger.send("toy") is False
        assert waiting_runs(prefect) == 2
    finally:
        worker.process.send_signal(signal.SIGCONT)
        for other in others:
            other.close()
    assert worker.next_pass() == worker.next_pass() == "passed health housing"


def claim(engine: Engine, run_id: str | None, age: str) -> None:
    """Have somebody's claim on the toy stand in the table, that old."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO nudges (matter, wanted_at, run_id, run_created_at)"
                " VALUES ('toy', now(), :run_id, now() - CAST(:age AS interval)) ON CONFLICT (matter)"
                " DO UPDATE SET run_id = excluded.run_id, run_created_at = excluded.run_created_at"
            ),
            {"run_id": run_id, "age": age},
        )


def test_a_waiting_run_that_vanished_is_noticed_and_made_again(worker: Worker, nudger: Nudger, engine: Engine) -> None:
    lost = "00000000-0000-4000-8000-000000000000"
    claim(engine, lost, "-1 hour")
    assert nudger.send("toy") is False  # too young to be doubted
    claim(engine, lost, "10 seconds")
    assert nudger.send("toy") is True
    worker.next_pass()


def test_who_is_still_making_a_run_is_waited_for_and_who_died_over_it_is_not(
    worker: Worker, told: Settings, engine: Engine
) -> None:
    usual = Nudger(told, engine)
    claim(engine, None, "20 seconds")  # the engine is slow: its answer may take that long
    assert usual.send("toy") is False
    usual.close()
    patient = Nudger(told, engine, call_seconds=PATIENCE)
    claim(engine, None, "1 hour")
    assert patient.send("toy") is True
    patient.close()
    worker.next_pass()


def test_pool_and_deployments_that_vanished_are_registered_again(
    worker: Worker, nudger: Nudger, prefect: httpx.Client
) -> None:
    until_sent(nudger)
    worker.next_pass()
    assert prefect.delete(f"/work_pools/{server.POOL}").status_code == 204
    for deployment in prefect.post("/deployments/filter", json={}).json():
        prefect.delete(f"/deployments/{deployment['id']}")
    until_sent(nudger)
    assert worker.next_pass() == "passed health housing"


def test_a_nudge_returns_at_once_while_the_engine_is_away(engine: Engine, told: Settings) -> None:
    nowhere = Nudger(told.model_copy(update={"prefect_url": "http://127.0.0.1:9/api"}), engine)
    nowhere.want("settlement")
    eventually(lambda: nowhere.state.reachable is False)
    nowhere.close()
    with engine.connect() as conn:  # the claim was given back: the sweep may nudge again
        assert conn.execute(text("SELECT run_created_at FROM nudges WHERE matter = 'settlement'")).scalar() is None


def test_prefect_answers_nobody_without_the_access_word(told: Settings) -> None:
    assert told.prefect_url is not None
    url = told.prefect_url
    eventually(lambda: server.probe(url, "lianban:guess") is server.Health.NONSENSE)
    assert server.probe("http://127.0.0.1:9/api", "x:y") is server.Health.SILENT
