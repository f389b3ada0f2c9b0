"""Connections are replaced when they died while nobody looked, and nobody waits for ever."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from infra import database

BACKEND = text("SELECT pg_backend_pid()")


def test_a_connection_that_died_at_rest_is_replaced_before_it_is_used(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "IDLE_SECONDS", 0.0)
    with engine.connect() as conn:
        died = conn.execute(BACKEND).scalar()
    with psycopg.connect(engine.url.set(drivername="postgresql").render_as_string()) as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 60000)", [died])
    with engine.connect() as conn:
        assert conn.execute(BACKEND).scalar() != died


def test_a_row_somebody_else_holds_is_not_waited_for_for_ever(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second:
        first.execute(text("LOCK TABLE regions IN ACCESS EXCLUSIVE MODE"))
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            second.execute(text("SELECT * FROM regions"))


def test_every_connection_speaks_utc_and_has_its_patience_bounded(engine: Engine) -> None:
    with engine.connect() as conn:
        for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert conn.execute(text(f"SHOW {setting}")).scalar() not in {None, "0"}
        assert conn.execute(text("SHOW timezone")).scalar() == "UTC"
