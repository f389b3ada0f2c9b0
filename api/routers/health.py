"""Whether it lives, whether it is ready (健康检查)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from api.calls import Public, sent
from infra import migrations
from infra.engine.nudge import nudger
from infra.migrations import Standing
from infra.store import machine

ROUTER = APIRouter(tags=["运维"])
BEHIND_SECONDS = 30.0


@ROUTER.get("/healthz", operation_id="live", summary="是否存活")
def live(call: Public) -> Response:
    """The process answers."""
    return sent({"status": "ok"})


@ROUTER.get("/readyz", operation_id="ready", summary="是否就绪")
def ready(call: Public) -> Response:
    """The database answers and its schema is ours; the engine's state is reported and never makes it fail."""
    database = _database(call)
    good = database == Standing.CURRENT.value
    state = nudger().state
    body = {
        "status": "ok" if good else "unavailable",
        "database": database,
        "engine": {"reachable": state.reachable, "detail": state.detail},
        "worker": _worker(call) if good else {"waiting_seconds": None, "behind": None},
    }
    return sent(body, HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE)


@ROUTER.get("/metrics", operation_id="metrics", summary="运行指标")
def metrics(call: Public) -> Response:
    """Requests, cases by status, events and the engine's state, for Prometheus."""
    return Response(call.request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _worker(call: Public) -> dict[str, Any]:
    """Say how long the oldest run has waited for a worker; nothing waits where the workers keep up."""
    with call.engine.connect() as conn:
        waiting = machine.longest_wait(conn)
    return {"waiting_seconds": waiting, "behind": waiting is not None and waiting > BEHIND_SECONDS}


def _database(call: Public) -> str:
    try:
        with call.engine.connect() as conn:
            return migrations.standing(conn)[0].value
    except SQLAlchemyError:
        return "unreachable"
