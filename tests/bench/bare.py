"""The bare handler (裸接口): the yardstick's SQL behind FastAPI and uvicorn, without sign-in and without checks."""

from __future__ import annotations

import argparse
import socket
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI
from psycopg_pool import ConnectionPool

from tests.bench import plain


def create_app(dsn: str) -> FastAPI:
    """Answer the bare application."""
    pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(dsn, min_size=8, max_size=32, open=True)
    app = FastAPI()

    @app.post("/cases", status_code=201)
    def submit(body: dict[str, Any]) -> dict[str, Any]:
        with pool.connection() as conn:
            case, tasks = plain.submit(conn, body)
        return {"case": case, "tasks": tasks}

    @app.post("/tasks/{task}/decide")
    def decide(task: int, body: dict[str, Any]) -> dict[str, Any]:
        with pool.connection() as conn:
            return {"status": plain.decide(conn, task, body["officer"])}

    return app


def main() -> None:
    """Serve on the socket that the parent opened."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--dsn", required=True)
    told = parser.parse_args()
    config = uvicorn.Config(create_app(told.dsn), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=told.listener)])


if __name__ == "__main__":
    main()
