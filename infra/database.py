"""The connections to PostgreSQL (数据库连接): one engine per address and process, told to wait only so long."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from infra.settings import Settings, settings, with_driver

IDLE_SECONDS = 5.0


def engine(url: str | None = None) -> Engine:
    """Answer the engine of `url` (the platform's own database by default), one per process."""
    global _own  # noqa: PLW0603
    if url:
        return _engine(with_driver(url, "psycopg"))
    wanted = settings()
    if _own is None or _own[0] is not wanted:  # every act asks: the address is put together once
        _own = wanted, _engine(wanted.sqlalchemy_url())
    return _own[1]


_own: tuple[Settings, Engine] | None = None


@cache
def _engine(url: str) -> Engine:
    wanted = settings()
    options = " ".join(
        f"-c {name}={value}"
        for name, value in {
            "timezone": "UTC",
            "statement_timeout": int(wanted.statement_seconds * 1000),
            "lock_timeout": int(wanted.lock_seconds * 1000),
            "idle_in_transaction_session_timeout": 60_000,
        }.items()
    )
    made = create_engine(
        url,
        pool_size=wanted.pool_size,
        max_overflow=wanted.pool_overflow,
        pool_timeout=wanted.pool_wait_seconds,
        pool_use_lifo=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # what somebody handed in never reaches a log
        connect_args={
            "options": options,
            "application_name": "lianban",
            "connect_timeout": 10,
            "prepare_threshold": None,  # what is hot is prepared by infra.store.statement, the rest planned as it comes
        },
    )
    event.listen(made, "checkin", _note_rest)
    event.listen(made, "checkout", _ask_after_rest)
    return made


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _note_rest(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["rested"] = time.monotonic()


def _ask_after_rest(connection: DBAPIConnection, entry: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    """Have the pool replace a connection that died while it rested.

    A busy one is not asked: that would cost every request a round trip.
    """
    if time.monotonic() - entry.info.get("rested", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error
