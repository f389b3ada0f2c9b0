"""The ground of all rings: rules need nothing of this; the rest gets a PostgreSQL, migrated once, cloned per module."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("LIANBAN_TEST", "true")
os.environ.setdefault("LIANBAN_VAULT_KEY", "5e" * 32)
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
# A test of a bound sets its own; all others are not to meet it.
os.environ.setdefault("LIANBAN_LOCK_SECONDS", "300")
os.environ.setdefault("LIANBAN_STATEMENT_SECONDS", "300")
os.environ.setdefault("LIANBAN_POOL_WAIT_SECONDS", "300")

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from sqlalchemy import Connection, Engine

from infra.settings import Settings
from tests.kit import PATIENCE

# The build machine draws the same examples every time, so that it judges the change and not the dice; a developer's
# machine draws new ones. How long a draw takes says something of the machine, nothing of us.
UNHURRIED = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("ci", derandomize=True, **UNHURRIED)
hypothesis_settings.register_profile("usual", **UNHURRIED)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") == "true" else "usual")

TEMPLATE = "lianban_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder with a short path that another account may pass through (pytest's own is neither)."""
    folder = Path(tempfile.mkdtemp(prefix="lb"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(short_folder: Path) -> Iterator[object]:
    """One PostgreSQL for the whole session, with nothing to lose and therefore no fsync."""
    from infra.postgres import running

    quick = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "autovacuum": "off"}
    with running(short_folder / "pg", quick) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def external_server(short_folder: Path) -> Iterator[str]:
    """A PostgreSQL reached by its address alone, no superuser there; LIANBAN_TEST_DATABASE_URL names yours."""
    if given := os.environ.get("LIANBAN_TEST_DATABASE_URL"):
        yield given
        return
    from api.supervise import free_port
    from infra.postgres import running

    port = free_port()
    conf = {"listen_addresses": "127.0.0.1", "port": str(port), "shared_buffers": "32MB", "fsync": "off"}
    with running(short_folder / "external", conf) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute("CREATE ROLE city LOGIN CREATEDB PASSWORD 'p@ss:w/rd'")
        yield f"postgresql://city:p%40ss%3Aw%2Frd@127.0.0.1:{port}/postgres"


@pytest.fixture
def external_database_url(external_server: str) -> Iterator[str]:
    """An empty database on the external server, gone after the test."""
    with _external(external_server) as url:
        yield url


@pytest.fixture(scope="module")
def external_module_url(external_server: str) -> Iterator[str]:
    """An empty database on the external server, gone after the module."""
    with _external(external_server) as url:
        yield url


@contextmanager
def _external(external_server: str) -> Iterator[str]:
    name = f"lb_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(external_server, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield external_server.rpartition("/")[0] + "/" + name
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template(cluster) -> str:
    """A database that the migrations have made, never written to."""
    from infra.migrations import upgrade

    cluster.ensure_database(TEMPLATE)
    upgrade(cluster.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def make_database(cluster, template: str) -> Iterator[Callable[[], str]]:
    """A maker of migrated, empty databases (some 50 ms each); answers their addresses."""
    from infra import database

    made: list[str] = []

    def make() -> str:
        name = f"t{next(_numbers)}"
        with psycopg.connect(cluster.dsn(), autocommit=True) as conn:
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        made.append(cluster.url(name))
        return made[-1]

    yield make
    for url in made:
        database.engine(url).dispose()


@pytest.fixture(scope="module")
def database_url(make_database: Callable[[], str]) -> str:
    """A database of this test module's own."""
    return make_database()


@pytest.fixture(scope="module")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine of this module's database; what a test commits there, the module's next test sees."""
    from infra import database

    made = database.engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def fresh_engine(make_database: Callable[[], str]) -> Iterator[Engine]:
    """The engine of an empty database for one test alone, for tests that commit and count."""
    from infra import database

    made = database.engine(make_database())
    yield made
    made.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction is rolled back after the test."""
    with engine.connect() as conn:
        transaction = conn.begin()
        yield conn
        transaction.rollback()


@pytest.fixture(scope="session")
def prefect_url(cluster, short_folder: Path) -> Iterator[str]:
    """Prefect's own server, as `lianban run` starts it, on a database of its own (some 10 s, once)."""
    from infra.engine import server

    settings = Settings(home=short_folder / "engine")
    cluster.ensure_database(server.DATABASE)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        child = subprocess.Popen(
            [sys.executable, "-m", "infra.parent", "infra.engine.server", str(listener.fileno())],
            env={
                **os.environ,
                **server.server_environment(settings, url, cluster.dsn(server.DATABASE)),
                "PREFECT_SERVER_DATABASE_TIMEOUT": str(PATIENCE),
                "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": str(PATIENCE),
            },
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while server.probe(url, server.access(settings)) not in {server.Health.GOOD, server.Health.UNREGISTERED}:
            assert child.poll() is None, "Prefect's server did not start"
        yield url
        child.terminate()
        child.wait(PATIENCE)


@pytest.fixture(scope="module")
def platform(database_url: str, short_folder: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """This process stands on the module's database: settings, clock, engine and nudge, as in an installation."""
    from infra import settings as room
    from infra.engine import nudge

    told = {"LIANBAN_DATABASE_URL": database_url, "LIANBAN_HOME": str(short_folder / "home" / request.module.__name__)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        room.settings.cache_clear()
        nudge.nudger.cache_clear()
        yield room.settings()
    room.settings.cache_clear()
    nudge.nudger.cache_clear()
