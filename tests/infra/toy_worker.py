"""A worker with one toy matter, for the tests of the engine: each pass prints a line."""

from __future__ import annotations

import anyio
from prefect import flow, task

from infra.database import engine
from infra.engine.nudge import begin
from infra.engine.worker import work
from infra.settings import settings


@task
def department(name: str) -> str:
    return name


@flow(name="玩具事项")
def toy() -> None:
    with engine().begin() as conn:
        begin(conn, "toy")
    done = [department.submit(name) for name in ("health", "housing")]
    print("passed", *(future.result() for future in done), flush=True)


if __name__ == "__main__":
    anyio.run(work, settings(), {"toy": toy}, lambda: [])
