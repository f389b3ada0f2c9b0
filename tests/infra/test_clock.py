"""One clock, moved only in demo and test mode, the same for everybody on one database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from forms.errors import NotAllowed
from infra import clock
from infra.settings import Settings

SPRING = datetime(2027, 3, 1, 16, 30, tzinfo=UTC)


def test_a_moved_clock_runs_on_from_where_it_was_set_for_all_processes(engine: Engine) -> None:
    with engine.begin() as conn:
        clock.move(conn, SPRING)
    with engine.connect() as conn:
        read = clock.now(conn)
        assert timedelta(0) <= read - SPRING < timedelta(minutes=20)
        assert clock.now(conn) >= read
        assert clock.today(conn).isoformat() == "2027-03-02"  # half past midnight in China


def test_a_move_that_is_rolled_back_never_happened(engine: Engine) -> None:
    with engine.connect() as conn:
        before = clock.shift(conn)
        clock.move(conn, SPRING + timedelta(days=400))
        conn.rollback()
        assert clock.shift(conn) == before


def test_the_clock_of_an_office_cannot_be_moved(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "settings", lambda: Settings(demo=False, test=False))
    with engine.connect() as conn:
        with pytest.raises(NotAllowed, match="演示或测试"):
            clock.move(conn, SPRING)
        assert abs(clock.now(conn) - clock.machine()) < timedelta(minutes=20)
