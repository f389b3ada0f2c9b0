"""The parts that `lianban run` keeps alive (组成部分): started, asked whether they are well, and stopped for good."""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from infra.postgres import Cluster

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
ASK_SECONDS = 2.0
FAILURES = 3
START_SECONDS = 120.0
STOP_SECONDS = 8.0
SETTLED_SECONDS = 60.0
LONGEST_WAIT = 30.0


class Part(Protocol):
    """Something that runs beside us."""

    name: str

    def start(self) -> None:
        """Have it begin to run."""

    def ended(self) -> int | None:
        """Answer its exit code, None while it runs."""

    def well(self) -> bool:
        """Tell whether it answers sensibly."""

    def stop(self) -> None:
        """Have it ended, with everything it started."""


class Child:
    """A process of ours; what it prints goes to a log file that is rotated at 10 MB, five of them kept."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        logs: Path,
        *,
        keep: Sequence[int] = (),
        probe: Callable[[], bool] | None = None,
        before: Callable[[], None] | None = None,
        patience: float = STOP_SECONDS,
    ) -> None:
        """Name it; `keep` are open files it inherits, `before` runs ahead of every start, `patience` at its end (s)."""
        self.name = name
        self.log = logs / f"{name}.log"
        self._command, self._keep, self._probe, self._before = list(command), list(keep), probe, before
        self._environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have the process begin, in a session of its own: a Ctrl-C at the terminal reaches only us."""
        if self._before is not None:
            self._before()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self._environment, pass_fds=self._keep, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._write_log, args=[self._process], name=f"log-{self.name}", daemon=True).start()

    def _write_log(self, process: subprocess.Popen[bytes]) -> None:
        handler = logging.handlers.RotatingFileHandler(self.log, maxBytes=10_000_000, backupCount=5, encoding="utf-8")
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                said = line.decode("utf-8", "replace").rstrip()
                handler.emit(logging.LogRecord(self.name, logging.INFO, "", 0, said, None, None))
        handler.close()

    def ended(self) -> int | None:
        """Answer its exit code, None while it runs."""
        return None if self._process is None else self._process.poll()

    def well(self) -> bool:
        """Tell whether its probe is content; a process without one is well while it runs."""
        return self._probe is None or self._probe()

    def stop(self) -> None:
        """Have it ended: asked first, then made to, with every process of its session."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(self._patience)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Database:
    """The embedded PostgreSQL as a part."""

    name = "postgres"

    def __init__(self, cluster: Cluster) -> None:
        """Name the cluster, which whoever made us has started."""
        self.cluster = cluster

    def start(self) -> None:
        """Have it answer again."""
        if self.cluster.pid is None:
            self.cluster.start()

    def ended(self) -> int | None:
        """Answer a code where it no longer runs."""
        return None if self.cluster.pid is not None else 1

    def well(self) -> bool:
        """Tell that it runs; PostgreSQL minds its own health."""
        return True

    def stop(self) -> None:
        """Have it shut down."""
        self.cluster.stop()


class Watch:
    """A thread that keeps one part alive: started again, ever more patiently, when it died or answers nonsense."""

    def __init__(self, part: Part) -> None:
        """Watch over `part`, which is not started yet (or, the database, already is)."""
        self.part = part
        self.up = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"watch-{part.name}", daemon=True)

    def begin(self) -> None:
        """Have the part started and watched."""
        self._thread.start()

    def end(self) -> None:
        """Have the part stopped and watched no more."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        wait = 0.5
        while not self._end.is_set():
            begun = time.monotonic()
            try:
                if self.part.ended() is not None or not self.up.is_set():
                    self.part.start()
                why = self._live(begun)
            except Exception as error:
                why = str(error)
            self.part.stop()
            if self._end.is_set():
                break
            wait = 0.5 if time.monotonic() - begun > SETTLED_SECONDS else min(wait * 2, LONGEST_WAIT)
            log.warning("%s：%s，%.1f 秒后重新启动", self.part.name, why, wait)
            self.up.clear()
            self._end.wait(wait)

    def _live(self, begun: float) -> str:
        """Watch the running part; answers why it has to be started anew."""
        failures, asked = 0, 0.0
        while not self._end.wait(LOOK_SECONDS if self.up.is_set() else 0.1):
            if (code := self.part.ended()) is not None:
                return f"已退出（{code}）"
            if self.up.is_set() and time.monotonic() - asked < ASK_SECONDS:
                continue
            asked = time.monotonic()
            if self.part.well():
                failures = 0
                self.up.set()
            elif self.up.is_set():
                failures += 1
            elif time.monotonic() - begun > START_SECONDS:
                return f"{START_SECONDS:.0f} 秒内没有就绪"
            if failures >= FAILURES:
                return "没有正常应答"
        return "停止"
