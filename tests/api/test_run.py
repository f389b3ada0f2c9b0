"""`lianban run` brings everything up, keeps it up and takes it down; what an operator can mend is one sentence."""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from api.supervise import free_port
from infra.filestore import ALL_SEALED
from infra.vault import is_sealed
from tests.kit import PATIENCE
from tests.outside import Run, lianban, refused


@pytest.fixture(scope="module")
def run(short_folder: Path) -> Iterator[Run]:
    made = Run(short_folder / "run")
    yield made
    if made.process.poll() is None:
        made.end(signal.SIGTERM)


def test_the_platform_answers_before_the_engine_is_ready_and_names_the_demo_officers(run: Run) -> None:
    assert run.alive()
    assert any("pd.hr.wang" in line for line in run.said)
    assert run.part("infra.engine.server").is_running()
    # The interface answers first by design; a part's log begins when it speaks, which may be a moment later.
    deadline = time.monotonic() + PATIENCE
    while not {path.name for path in (run.home / "logs").iterdir()} >= {"api.log", "prefect.log"}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_second_run_on_the_same_data_is_refused(run: Run) -> None:
    refused(lianban("run", "--demo", HOME=str(run.home), PORT=str(free_port())), "已有一个联办在运行")


def test_a_taken_port_is_refused(run: Run, tmp_path: Path) -> None:
    refused(lianban("run", HOME=str(tmp_path / "other"), PORT=str(run.port)), "端口已被占用")


def test_an_interface_that_was_killed_is_back_and_no_connection_was_refused_meanwhile(run: Run) -> None:
    open_paper = _kept_by_an_older_release(run.home / "files")
    killed = run.part("--listener")
    killed.kill()
    psutil.wait_procs([killed], timeout=PATIENCE)
    assert run.alive()
    assert run.part("--listener").pid != killed.pid
    deadline = time.monotonic() + PATIENCE
    while not is_sealed(open_paper.read_bytes()):  # each start seals what lies open, beside its first calls
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _kept_by_an_older_release(folder: Path) -> Path:
    content = b"%PDF-1.4 a paper %%EOF"
    sha256 = hashlib.sha256(content).hexdigest()
    place = folder / sha256[:2] / sha256[2:]
    place.parent.mkdir()
    place.write_bytes(content)
    deadline = time.monotonic() + PATIENCE
    while not (folder / ALL_SEALED).exists():  # the first start looks as well
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (folder / ALL_SEALED).unlink()
    return place


def test_a_database_that_was_killed_is_back(run: Run) -> None:
    killed = psutil.Process(int((run.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))
    killed.kill()
    deadline = time.monotonic() + PATIENCE
    url = f"http://127.0.0.1:{run.port}/readyz"
    while psutil.pid_exists(killed.pid) or httpx.get(url, timeout=PATIENCE).status_code != 200:
        assert time.monotonic() < deadline


def test_a_backup_is_taken_while_everything_runs(run: Run, tmp_path: Path) -> None:
    done = lianban("backup", str(tmp_path / "b.tar"), HOME=str(run.home))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.tar").stat().st_size > 10_000


def test_demo_data_are_never_opened_as_an_office_and_one_signal_stops_everything(run: Run) -> None:
    run.end(signal.SIGINT)
    assert run.process.returncode == 0
    refused(lianban("run", HOME=str(run.home), PORT=str(free_port())), "演示与正式不能混用")


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    refused(lianban("run", HOME=str(tmp_path / ("x" * 100)), PORT=str(free_port())), "路径过长")


@pytest.mark.parametrize(
    ("statements", "because"),
    [
        (["CREATE TABLE customers (id int)"], "其他系统"),
        (
            ["CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('9999')"],
            "请升级本程序",
        ),
    ],
)
def test_a_foreign_or_newer_schema_is_refused_and_left_alone(
    statements: list[str], because: str, tmp_path: Path, external_database_url: str
) -> None:
    with psycopg.connect(external_database_url) as conn:
        for statement in statements:
            conn.execute(statement)
    refused(
        lianban("run", HOME=str(tmp_path / "h"), PORT=str(free_port()), DATABASE_URL=external_database_url), because
    )
    with psycopg.connect(external_database_url) as conn:
        found = conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found == (1,)


def test_a_server_that_does_not_answer_and_a_setting_that_makes_no_sense_are_refused(tmp_path: Path) -> None:
    nowhere = f"postgresql://a:secret@127.0.0.1:{free_port()}/x"
    done = lianban("migrate", HOME=str(tmp_path), DATABASE_URL=nowhere)
    refused(done, "数据库连接不上")
    assert "secret" not in done.stderr
    refused(lianban("migrate", HOME=str(tmp_path), PORT="many"), "LIANBAN_PORT")
    refused(lianban("worker", HOME=str(tmp_path), DATABASE_URL=nowhere), "PREFECT_API_URL")


def test_a_new_installation_migrates_shows_its_settings_and_has_no_account(
    tmp_path: Path, external_database_url: str
) -> None:
    told = {"HOME": str(tmp_path), "DATABASE_URL": external_database_url}
    assert lianban("migrate", **told).returncode == 0
    with psycopg.connect(external_database_url) as conn:
        assert conn.execute("SELECT count(*) FROM officers").fetchone() == (0,)
    shown = lianban("settings", **told)
    assert shown.returncode == 0
    assert "p%40ss" not in shown.stdout
