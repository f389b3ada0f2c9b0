"""What is measured on (测量环境): embedded PostgreSQL as offices run it, Prefect's server, a worker, the interface."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.bench import plain, with_bench_matter

OFFICERS = ("human_resources", "public_security", "health", "housing")
START_SECONDS = 90.0
PASS_SECONDS = 5.0


@dataclass(slots=True)
class Ground:
    """Everything that runs, and where."""

    told: dict[str, Any]
    environment: dict[str, str]
    lianban: str
    processes: dict[str, psutil.Process] = field(default_factory=dict)
    passes: threading.Event = field(default_factory=threading.Event)
    passed: int = 0

    def cpu(self) -> dict[str, float]:
        """Answer the CPU seconds that each part has used so far, with all its children, ended ones included."""
        return {name: _tree_seconds(process) for name, process in self.processes.items()}

    def closed(self, way: str) -> int:
        """Answer how many cases of a way are closed in the database."""
        if way in ("sql", "bare"):
            dsn, query = self.told["plain_dsn"], "SELECT count(*) FROM cases WHERE status = 'closed'"
        else:
            dsn, query = self.lianban, "SELECT count(*) FROM cases WHERE status = 'closed_ok'"
        with psycopg.connect(dsn) as conn:
            row = conn.execute(query).fetchone()
        return int(row[0]) if row else 0

    def tidy(self) -> None:
        """Have the databases in the same good order before each measurement: statistics fresh, no checkpoint due."""
        for dsn in (self.told["plain_dsn"], self.lianban):
            with psycopg.connect(dsn, autocommit=True) as conn:
                conn.execute("VACUUM (ANALYZE)")
        with psycopg.connect(self.lianban, autocommit=True) as conn:
            conn.execute("CHECKPOINT")


@contextmanager
def ground(*, engine: bool = True, api: bool = True) -> Iterator[Ground]:
    """Have all of it run as long as the block does, on data of its own that are thrown away."""
    with ExitStack() as held:
        home = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="lb")))
        home.chmod(0o755)
        os.environ["LIANBAN_HOME"] = str(home)
        for name in ("LIANBAN_DEMO", "LIANBAN_TEST", "LIANBAN_DATABASE_URL"):
            os.environ.pop(name, None)
        with_bench_matter()
        from api.supervise import listening
        from infra import database, migrations
        from infra.demo.seed import seed
        from infra.engine import server as prefect
        from infra.home import embedded
        from infra.settings import settings

        wanted = settings()
        for folder in (wanted.logs_folder, wanted.files_folder):
            folder.mkdir(parents=True, exist_ok=True)
        cluster = held.enter_context(embedded(wanted))
        migrations.upgrade(wanted.sqlalchemy_url())
        cluster.ensure_database(plain.DATABASE)
        with psycopg.connect(cluster.dsn(plain.DATABASE)) as conn:
            conn.execute(plain.TABLES)
        with database.engine().begin() as sqlalchemy_conn:
            seed(sqlalchemy_conn)
        made = Ground({"plain_dsn": cluster.dsn(plain.DATABASE)}, {"LIANBAN_HOME": str(home)}, cluster.dsn("lianban"))
        made.told |= _people(wanted)
        if cluster.pid is not None:
            made.processes["postgres"] = psutil.Process(cluster.pid)
        bare = held.enter_context(listening("127.0.0.1", 0))
        made.told["bare_address"] = bare.getsockname()
        _start(held, made, "bare", "tests.bench.bare", "--listener", bare, "--dsn", cluster.dsn(plain.DATABASE))
        if engine:
            inner = held.enter_context(listening("127.0.0.1", 0))
            url = f"http://127.0.0.1:{inner.getsockname()[1]}/api"
            made.environment |= prefect.client_environment(wanted, url)
            cluster.ensure_database(prefect.DATABASE)
            serving = prefect.server_environment(wanted, url, cluster.dsn(prefect.DATABASE))
            _start(held, made, "prefect", "infra.engine.server", inner, environment=serving)
            word = prefect.access(wanted)
            _wait("Prefect", lambda: prefect.probe(url, word) in {prefect.Health.GOOD, prefect.Health.UNREGISTERED})
            _start(held, made, "worker", "tests.bench.launch", "worker")
            _wait("the worker", lambda: prefect.probe(url, word) is prefect.Health.GOOD)
            held.enter_context(_passing(made))
        if api:
            public = held.enter_context(listening("127.0.0.1", 0))
            made.told["api_address"] = address = public.getsockname()
            _start(held, made, "api", "tests.bench.launch", "api", "--listener", public)
            _wait("the interface", lambda: prefect.ask(f"http://{address[0]}:{address[1]}/healthz") == 200)
        yield made
        database.engine().dispose()


def _people(wanted: Any) -> dict[str, Any]:
    """Answer who files and who decides, with a token for each."""
    from datetime import timedelta

    from forms.vocabulary import Department, Role
    from infra import clock, database
    from infra.demo.organisation import officers_of
    from infra.store.people import officer_by_username
    from infra.vault import hash_token, new_token

    window = officers_of(Role.WINDOW, Department.WINDOW)[0].username
    names = [officers_of(Role.HANDLER, Department(code))[0].username for code in OFFICERS]
    tokens = []
    with database.engine().begin() as conn:
        for name in [window, *names]:
            found = officer_by_username(conn, name)
            assert found is not None
            tokens.append(new_token())
            conn.exec_driver_sql(
                "INSERT INTO tokens (hash, officer_id, created_at, expires_at) VALUES (%s, %s, %s, %s)",
                (hash_token(tokens[-1]), found.id, clock.machine(), clock.machine() + timedelta(hours=12)),
            )
    return {"window": window, "officers": names, "tokens": tokens}


def _start(
    held: ExitStack, made: Ground, name: str, module: str, *words: Any, environment: dict[str, str] | None = None
) -> None:
    """Have a child run `module`; a socket among its words is handed on."""
    keep = [word.fileno() for word in words if isinstance(word, socket.socket)]
    command = [str(word.fileno()) if isinstance(word, socket.socket) else str(word) for word in words]
    log = held.enter_context((Path(made.environment["LIANBAN_HOME"]) / "logs" / f"{name}.log").open("wb"))
    child = subprocess.Popen(
        [sys.executable, "-m", "infra.parent", module, *command],
        env={**os.environ, **made.environment, **(environment or {})},
        pass_fds=keep, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    held.callback(_end, child)
    made.processes[name] = psutil.Process(child.pid)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait(what: str, well: Any) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not well():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not answer within {START_SECONDS:.0f} s")
        time.sleep(0.1)


@contextmanager
def _passing(made: Ground) -> Iterator[None]:
    """Nudge the bench's matter at the start and every few seconds while `made.passes` is set.

    Of itself the platform does so every minute, and when a registry is to be asked.
    """
    from infra.database import engine
    from infra.engine.nudge import Nudger
    from infra.settings import Settings

    os.environ.update(made.environment)
    nudger = Nudger(Settings(), engine())
    over = threading.Event()

    def work() -> None:
        last = 0.0
        while not over.wait(0.05):
            if not made.passes.is_set():
                last = 0.0
            elif time.monotonic() - last > PASS_SECONDS:
                last = time.monotonic()
                made.passed += nudger.send("joint")

    thread = threading.Thread(target=work, name="passes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        nudger.close()


def _tree_seconds(process: psutil.Process) -> float:
    total = 0.0
    try:
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                spent = one.cpu_times()
                total += spent.user + spent.system
        spent = process.cpu_times()
        total += spent.children_user + spent.children_system
    except psutil.NoSuchProcess:
        pass
    return total
