"""`lianban` as its own processes, for tests that look from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from api.supervise import free_port
from tests.kit import PATIENCE


@contextmanager
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, nor will anybody else as long as the block runs; who is told it may."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def lianban(*words: str, **told: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LIANBAN_", "PREFECT_"))}
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        capture_output=True, text=True, check=False, timeout=PATIENCE, stdin=subprocess.DEVNULL,
        env=clean | {f"LIANBAN_{name}": value for name, value in told.items()},
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], because: str) -> None:
    """It said one sentence, the right one, and ended with an error."""
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("lianban：")
    assert done.stderr.count("\n") == 1, done.stderr
    assert because in done.stderr


class Run:
    """A running `lianban run --demo` in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LIANBAN_", "PREFECT_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "run", "--demo"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            env=clean | {"LIANBAN_HOME": str(home), "LIANBAN_PORT": str(self.port)},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.strip())
            if "联办已启动" in line:
                break
        assert "联办已启动" in self.said[-1], self.said[-5:]

    def alive(self) -> bool:
        return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE).status_code == 200

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, word: str) -> psutil.Process:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for process in self.family():
                with suppress(psutil.NoSuchProcess):  # it ended between the two looks
                    if word in process.cmdline():
                        return process
        raise AssertionError(f"{word} does not run")

    def end(self, sign: int) -> None:
        """End it by `sign`, and see everything gone."""
        family = self.family()
        self.process.send_signal(sign)
        self.process.communicate(timeout=PATIENCE)
        _, left = psutil.wait_procs(family, timeout=PATIENCE)
        assert left == []
