"""Prefect's server (引擎服务) as a child of ours: loopback only, behind an access word, on a database of its own.

Run as `python -m infra.engine.server <fd>` it serves on the socket its parent opened, so no restart loses the port.
"""

from __future__ import annotations

import base64
import socket
import sys
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from infra.settings import Settings, with_driver

POOL = "lianban"
DATABASE = "prefect"
PROBE_SECONDS = 5.0
DAY = 86_400

# Services of Prefect's that nothing of ours uses: no schedules, automations, pauses, cancellations or leases.
UNUSED = (
    "SCHEDULER",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "CANCELLATION_CLEANUP",
    "FOREMAN",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
    "TRIGGERS",
)


class Health(StrEnum):
    """What Prefect's server answers to a real question."""

    GOOD = "good"
    UNREGISTERED = "unregistered"
    SILENT = "silent"
    NONSENSE = "nonsense"


def access(settings: Settings) -> str:
    """Answer the access word of Prefect's API (user:password), random per data folder."""
    if settings.prefect_auth is not None:
        return settings.prefect_auth.get_secret_value()
    return f"lianban:{settings.secret('prefect.auth')}"


def client_environment(settings: Settings, url: str) -> dict[str, str]:
    """Answer the environment in which our own processes find Prefect at `url` and tell nobody else anything."""
    return {
        "PREFECT_API_URL": url,
        "PREFECT_API_AUTH_STRING": access(settings),
        "PREFECT_API_REQUEST_TIMEOUT": "15",  # a frozen server is given up, not waited for
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
    }


def server_environment(settings: Settings, url: str, database_url: str) -> dict[str, str]:
    """Answer the environment of Prefect's server on `database_url` (any PostgreSQL address)."""
    kept = str(settings.prefect_keep_days * DAY)
    return {
        **client_environment(settings, url),
        "PREFECT_SERVER_API_AUTH_STRING": access(settings),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": with_driver(database_url, "asyncpg"),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "8",
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "16",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": kept,
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{settings.prefect_keep_days}D",
        **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED},
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(settings.home / "prefect" / "ui"),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def probe(url: str, access_word: str) -> Health:
    """Ask Prefect what only a server with a working database can answer; its /health is not such a question."""
    token = base64.b64encode(access_word.encode()).decode()
    status = ask(f"{url}/work_pools/{POOL}", {"Authorization": f"Basic {token}"})
    if status is None:
        return Health.SILENT
    return {HTTPStatus.OK: Health.GOOD, HTTPStatus.NOT_FOUND: Health.UNREGISTERED}.get(status, Health.NONSENSE)


def ask(url: str, headers: dict[str, str] | None = None) -> HTTPStatus | None:
    """Answer the status of a GET of `url`, None where nobody answers; light enough to be asked every few seconds."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", parts.path, headers=headers or {})
        with connection.getresponse() as answer:
            return HTTPStatus(answer.status)
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


def serve(listener: socket.socket) -> None:
    """Serve Prefect's API and pages on `listener` until told to end."""
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(final=True), log_level="warning", access_log=False, timeout_graceful_shutdown=3, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
