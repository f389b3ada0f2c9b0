"""The nudge (催动): after a commit and outside the request, have at most one waiting run per matter.

A lost nudge costs only time: the sweep wakes whatever is ready.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import cast

import httpx
from sqlalchemy import Connection, Engine, text

from infra.database import engine as default_engine
from infra.engine.server import access
from infra.settings import Settings, settings

log = logging.getLogger(__name__)

DOUBT_SECONDS = 5.0  # a claim older than this is checked: its run may be gone
CALL_SECONDS = 10.0
MOST_CALLS = 6  # a claim still without a run after so many calls' time: whoever claimed died (four are the most)
WAITING = {"SCHEDULED", "PENDING"}

CLAIM = text(
    "INSERT INTO nudges AS n (matter, wanted_at, run_id, run_created_at) VALUES (:matter, now(), NULL, now())"
    " ON CONFLICT (matter) DO UPDATE SET wanted_at = now(), run_id = NULL, run_created_at = now()"
    " WHERE n.run_created_at IS NULL RETURNING run_created_at"
)
DOUBTED = text(
    "SELECT run_id, run_created_at FROM nudges"
    " WHERE matter = :matter"
    " AND run_created_at < now() - make_interval(secs => CASE WHEN run_id IS NULL THEN :dead ELSE :doubt END)"
)
RELEASE = text(
    "UPDATE nudges SET run_id = NULL, run_created_at = NULL WHERE matter = :matter"
    " AND run_id IS NOT DISTINCT FROM :run_id AND run_created_at = :created"
)
NAME_RUN = text("UPDATE nudges SET run_id = :run_id WHERE matter = :matter AND run_created_at = :created")
WORKER = "lianban worker"  # how a worker's waiting connection names itself
BELL = "lianban_runs"  # rung when a run waits: the worker need not wait for its next poll
RING = text("SELECT pg_notify(:bell, :matter)")
WAITING_WORKERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND datname = current_database()"
)
STARTED = text("UPDATE nudges SET wanted_at = NULL, run_id = NULL, run_created_at = NULL WHERE matter = :matter")


def workers(conn: Connection) -> int:
    """Answer how many workers wait for runs on this database just now; for readiness and metrics."""
    return int(conn.execute(WAITING_WORKERS, {"name": WORKER}).scalar_one())


def begin(conn: Connection, matter: str) -> None:
    """Note that a run of `matter` starts now: whoever nudges from here on gets one more.

    A pass calls this first and commits it before it looks for work.
    """
    conn.execute(STARTED, {"matter": matter})


def nudge(matter: str) -> None:
    """Ask that `matter` be passed soon; returns at once and never fails. Call it after the commit."""
    nudger().want(matter)


@cache
def nudger() -> Nudger:
    """Answer this process's nudger, which starts with the first nudge."""
    return Nudger(settings(), default_engine())


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether the engine took the last run; for readiness and metrics, never for truth."""

    reachable: bool | None
    detail: str


class Nudger:
    """A queue of matters and one thread that turns each into at most one waiting run of Prefect."""

    def __init__(self, wanted: Settings, engine: Engine, *, call_seconds: float = CALL_SECONDS) -> None:
        """Name the database of the claims; `wanted.prefect_url` None makes every nudge wait for the sweep elsewhere.

        A call of Prefect is given up after `call_seconds`.
        """
        self._engine = engine
        self._call_seconds = call_seconds
        self._url = (wanted.prefect_url or "").rstrip("/")
        self._settings = wanted
        self._wanted: dict[str, None] = {}  # ordered and without doubles
        self._bell = threading.Condition()
        self._thread: threading.Thread | None = None
        self._deployments: dict[str, str] = {}
        self._closed = False
        self.state = EngineState(None, "尚未使用")

    @cached_property
    def _http(self) -> httpx.Client:
        user, _, password = access(self._settings).partition(":")
        return httpx.Client(auth=(user, password), timeout=self._call_seconds, trust_env=False)

    def want(self, matter: str) -> None:
        """Put `matter` on the list; the same wish twice is one."""
        if not self._url:
            return
        with self._bell:
            self._wanted[matter] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="nudge", daemon=True)
                self._thread.start()
            self._bell.notify()

    def close(self) -> None:
        """Have the thread ended; wishes still on the list are left to the sweep."""
        with self._bell:
            self._closed = True
            self._bell.notify()
        if self._thread is not None:
            self._thread.join(self._call_seconds)
        self._http.close()

    def _work(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                matter = next(iter(self._wanted))
                del self._wanted[matter]
            try:
                self.send(matter)
                self._note(True, "正常")
            except Exception as error:
                self._note(False, f"{type(error).__name__}: {error}")

    def _note(self, reachable: bool, detail: str) -> None:
        if self.state.reachable is not False and not reachable:
            log.warning("the engine does not take runs, the sweep will: %s", detail)
        elif self.state.reachable is False and reachable:
            log.warning("the engine takes runs again")
        self.state = EngineState(reachable, detail)

    def send(self, matter: str) -> bool:
        """Have one waiting run of `matter`; answers whether this call made it. Raises when Prefect is not to be had."""
        claimed = self._claim(matter)
        if claimed is None:
            return False
        try:
            run_id = self._create_run(matter)
        except BaseException:
            with self._engine.begin() as conn:
                conn.execute(RELEASE, {"matter": matter, "run_id": None, "created": claimed})
            raise
        with self._engine.begin() as conn:
            conn.execute(NAME_RUN, {"matter": matter, "run_id": run_id, "created": claimed})
            conn.execute(RING, {"bell": BELL, "matter": matter})
        return True

    def _claim(self, matter: str) -> datetime | None:
        """Claim the waiting run of a matter; answers when, which is the claim's name, None where another has it."""
        patience = {"doubt": DOUBT_SECONDS, "dead": MOST_CALLS * self._call_seconds}
        with self._engine.begin() as conn:
            if (claimed := conn.execute(CLAIM, {"matter": matter}).scalar()) is not None:
                return cast(datetime, claimed)
            doubted = conn.execute(DOUBTED, {"matter": matter, **patience}).first()
        if doubted is None or self._still_waits(doubted.run_id):
            return None
        with self._engine.begin() as conn:
            conn.execute(RELEASE, {"matter": matter, "run_id": doubted.run_id, "created": doubted.run_created_at})
            return conn.execute(CLAIM, {"matter": matter}).scalar()

    def _still_waits(self, run_id: str | None) -> bool:
        if run_id is None:
            return False  # whoever claimed died before it had a run
        answer = self._http.get(f"{self._url}/flow_runs/{run_id}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        answer.raise_for_status()
        return answer.json().get("state_type") in WAITING

    def _create_run(self, matter: str) -> str:
        answer = self._post_run(self._deployment(matter))
        if answer.status_code == httpx.codes.NOT_FOUND:  # Prefect's database was made anew
            del self._deployments[matter]
            answer = self._post_run(self._deployment(matter))
        answer.raise_for_status()
        return str(answer.json()["id"])

    def _post_run(self, deployment: str) -> httpx.Response:
        return self._http.post(
            f"{self._url}/deployments/{deployment}/create_flow_run", json={"state": {"type": "SCHEDULED"}}
        )

    def _deployment(self, matter: str) -> str:
        if matter not in self._deployments:
            answer = self._http.post(
                f"{self._url}/deployments/filter", json={"deployments": {"name": {"any_": [matter]}}, "limit": 1}
            )
            answer.raise_for_status()
            found = answer.json()
            if not found:
                raise LookupError(f"{matter} is not registered with the engine yet")
            self._deployments[matter] = str(found[0]["id"])
        return self._deployments[matter]
