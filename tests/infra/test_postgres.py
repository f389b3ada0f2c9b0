"""The embedded PostgreSQL starts, stops and survives what happens to servers."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.account import AccountError
from infra.postgres import Cluster, ClusterError, memory, running, sized
from tests.kit import PATIENCE

SMALL = {"shared_buffers": "16MB", "fsync": "off", "max_connections": "20"}


@pytest.fixture
def folder(short_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    made = short_folder / f"c{abs(hash(request.node.name)) % 10_000}"
    yield made
    shutil.rmtree(made)


def note(cluster: Cluster, word: str) -> None:
    with psycopg.connect(cluster.dsn()) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS notes (word text)")
        conn.execute("INSERT INTO notes VALUES (%s)", [word])


def notes(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.dsn()) as conn:
        return [word for (word,) in conn.execute("SELECT word FROM notes")]


@pytest.mark.parametrize(
    ("gibibytes", "shared", "cached"), [(0.5, "128MB", "256MB"), (24, "3072MB", "12288MB"), (256, "4096MB", "131072MB")]
)
def test_it_takes_of_the_memory_what_there_is(gibibytes: float, shared: str, cached: str) -> None:
    assert sized(int(gibibytes * 2**30)) == {"shared_buffers": shared, "effective_cache_size": cached}


def test_the_memory_it_was_given_is_what_it_runs_with(folder: Path) -> None:
    with running(folder, {"fsync": "off"}) as cluster, psycopg.connect(cluster.dsn()) as conn:
        query = "SELECT setting::bigint * 8192 / 1048576 FROM pg_settings WHERE name = 'shared_buffers'"
        found = conn.execute(query).fetchone()
    assert found is not None
    assert f"{found[0]}MB" == sized(memory())["shared_buffers"]


def test_what_was_committed_is_there_after_a_stop_a_crash_and_a_leftover_server(folder: Path) -> None:
    with running(folder, SMALL) as cluster:
        note(cluster, "stopped")
    assert cluster.pid is None

    crashed = Cluster(folder, SMALL)
    crashed.start()
    note(crashed, "killed")
    assert crashed.pid is not None
    os.kill(crashed.pid, signal.SIGKILL)
    crashed.stop()

    leftover = Cluster(folder, SMALL)
    leftover.start()
    note(leftover, "left over")
    old = leftover.pid

    with running(folder, SMALL) as cluster:
        assert cluster.pid != old
        assert not psutil.pid_exists(old or 0) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE
        assert notes(cluster) == ["stopped", "killed", "left over"]
    leftover.stop()


def test_nobody_else_may_enter_the_folder_with_the_socket(cluster: Cluster) -> None:
    assert cluster.folder.stat().st_mode & 0o077 == 0


def test_a_commit_is_on_disk_before_it_is_answered(folder: Path) -> None:
    with running(folder) as cluster, psycopg.connect(cluster.dsn()) as conn:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert conn.execute(f"SHOW {setting}").fetchone() == ("on",)
        assert conn.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_path_too_long_for_a_socket_is_refused_in_one_sentence() -> None:
    with pytest.raises(ClusterError, match="LIANBAN_HOME"):
        Cluster(Path("/tmp") / ("x" * 90))


def test_data_of_another_major_version_are_refused_in_one_sentence(folder: Path) -> None:
    with running(folder, SMALL):
        pass
    (folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ClusterError, match="PostgreSQL 17"):
        Cluster(folder, SMALL).start()


def test_the_reason_is_told_when_the_server_cannot_start(folder: Path) -> None:
    with pytest.raises(ClusterError, match=r"contains errors.*postgres\.log"):
        Cluster(folder, SMALL | {"no_such_setting": "1"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a home that others may not enter")
def test_root_is_told_when_the_database_account_cannot_reach_the_data(short_folder: Path) -> None:
    closed = short_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(AccountError, match="LIANBAN_HOME"):
        Cluster(closed / "pg", SMALL).start()
    assert closed.stat().st_mode & 0o077 == 0  # no door was opened


ORDINARY = """
import os, sys
from pathlib import Path
assert os.geteuid() != 0
from infra.postgres import running
from infra.migrations import standing, upgrade
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
with running(Path(sys.argv[1]), {"shared_buffers": "16MB", "fsync": "off"}) as cluster:
    upgrade(cluster.url("postgres"))
    with create_engine(cluster.url("postgres"), poolclass=NullPool).connect() as conn:
        print(standing(conn)[0])
"""


def test_an_ordinary_user_starts_and_migrates_a_database_of_their_own(short_folder: Path) -> None:
    """As root the test becomes `nobody`, with only the right to read on: Python itself may lie in root's home.

    The checkout may not: some libraries ask whether a file is there, and that right does not answer.
    """
    checkout = Path(__file__).parents[2]
    if os.geteuid() == 0 and not all(folder.stat().st_mode & stat.S_IXOTH for folder in (checkout, *checkout.parents)):
        pytest.skip(f"no other user may enter {checkout}")
    home = short_folder / "ordinary"
    home.mkdir()
    command = [sys.executable, "-W", "error", "-c", ORDINARY, str(home / "pg")]
    if os.geteuid() == 0:
        home.chmod(0o777)
        reading = "+dac_read_search" if _may_read_all() else "+dac_override"
        nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        command = ["setpriv", *nobody, f"--inh-caps={reading}", f"--ambient-caps={reading}", *command]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "HOME": str(home), "USER": "nobody"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE)
    assert (done.stdout.strip(), done.returncode) == ("current", 0), done.stderr
    assert {(home / "pg" / "data").stat().st_uid} == {os.geteuid() or 65534}


def _may_read_all() -> bool:
    """Tell whether this root holds CAP_DAC_READ_SEARCH (containers often do not)."""
    bounding = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapBnd"))
    return bool(int(bounding.split()[1], 16) >> 2 & 1)
