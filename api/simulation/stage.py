"""The stage (演示环境): a platform of its own in a folder of its own, on free ports; a running one is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import httpx

from api.refusal import Refusal
from api.supervise import free_port
from infra import clock, database
from infra.engine.nudge import workers
from infra.settings import Settings
from infra.store import people, tokens
from infra.vault import hash_token, new_token

START_SECONDS = 300.0
STOP_SECONDS = 40.0
LOOK_SECONDS = 0.1
REGISTRY_SECONDS = 30.0
"""The script says who is answered how: on a busy machine a late answer is waited for, and not taken for silence."""
_OWN = ("LIANBAN_", "PREFECT_")


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo platform."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where its API answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        """Its settings, as another process of ours would read them."""
        return Settings(home=self.home, port=self.port, demo=True, database_url=None)

    def tokens(self, usernames: list[str]) -> dict[str, str]:
        """Return a token for each officer, as `lianban token` issues them."""
        issued = {}
        engine = database.engine(self.settings.sqlalchemy_url())
        now = clock.machine()
        with engine.begin() as conn:
            for username in usernames:
                found = people.officer_by_username(conn, username)
                if found is None:
                    raise Refusal(f"没有演示人员“{username}”。")
                issued[username] = new_token()
                until = now + timedelta(hours=self.settings.token_hours)
                tokens.add(conn, found.id, hash_token(issued[username]), now, until)
        engine.dispose()
        return issued

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `lianban` beside the platform, on its data."""
        return subprocess.run(
            [sys.executable, "-m", "api", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def stage(home: Path, *, engine: bool = True) -> Iterator[Stage]:
    """Have a demo platform run in the folder, stopped for good when the block ends.

    It is ready, also with its `engine` unless that may come later: people need not wait for it.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    environment |= {"LIANBAN_HOME": str(home), "LIANBAN_PORT": str(port), "LIANBAN_DEMO": "true"}
    environment["LIANBAN_REGISTRY_SECONDS"] = str(REGISTRY_SECONDS)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    with (home / "simulate.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.parent", "api", "run", "--demo"],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    built = Stage(home, port, process, environment)
    try:
        _wait(built, engine)
        yield built
    finally:
        _stop(process)


def _wait(built: Stage, engine: bool) -> None:
    """Return once the API is ready, and a worker at work; Refusal with what was said where it never is."""
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(base_url=built.url, timeout=5.0, trust_env=False) as client:
        while time.monotonic() < deadline:
            if built.process.poll() is not None:
                break
            with suppress(httpx.TransportError):
                ready = client.get("/readyz").status_code == HTTPStatus.OK
                if ready and (not engine or _worker_waits(built)):
                    return
            time.sleep(LOOK_SECONDS)
    said = (built.home / "simulate.log").read_text(errors="replace").strip().splitlines()
    raise Refusal(f"演示平台没有启动：{said[-1] if said else '没有应答'}（详见 {built.home}）")


def _worker_waits(built: Stage) -> bool:
    """Tell whether a worker has registered and waits for runs."""
    engine = database.engine(built.settings.sqlalchemy_url())
    try:
        with engine.connect() as conn:
            return workers(conn) > 0
    finally:
        engine.dispose()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the platform as Ctrl-C would; what does not end is made to."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
