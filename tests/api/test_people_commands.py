"""`lianban admin`, `token` and `verify`: how the first person comes in, and what the database is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from api.cli import build
from api.refusal import Refusal
from infra import clock
from infra.store import people
from infra.vault import hash_token
from tests.kit.hall import Hall


@pytest.fixture(scope="module")
def run(platform):
    """Run a command of this installation."""

    def command(*words: str):
        answer = CliRunner().invoke(build(), words)
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer

    return command


def holder(engine: Engine, token: str, later: timedelta = timedelta(0)) -> str | None:
    with engine.connect() as conn:
        found = people.officer_by_token(conn, hash_token(token.strip()), clock.machine() + later)
    return found.username if found else None


def test_without_a_demo_there_is_nobody_until_the_first_administrator(run, engine):
    with pytest.raises(Refusal, match="没有人员账号"):
        run("token", "pd.hr.wang")
    token = run("admin").stdout
    assert holder(engine, token) == "admin"
    with pytest.raises(Refusal, match="已存在"):
        run("admin")


def test_a_reset_takes_every_earlier_token_back(run, engine):
    before = run("token", "admin").stdout
    after = run("admin", "--reset").stdout
    assert (holder(engine, before), holder(engine, after)) == (None, "admin")


def test_a_token_ends_with_its_hours_and_only_its_hash_is_kept(run, engine, platform):
    token = run("token", "admin").stdout.strip()
    assert holder(engine, token, timedelta(hours=platform.token_hours - 1)) == "admin"
    assert holder(engine, token, timedelta(hours=platform.token_hours + 1)) is None
    with engine.connect() as conn:
        kept = conn.execute(text("SELECT string_agg(t::text, ' ') FROM tokens t")).scalar_one()
    assert token not in kept


def test_verify_ends_well_on_an_honest_database_and_badly_on_another(run, engine):
    hall = Hall(engine)
    case = hall.open("settlement")["settlement"]
    answer = run("verify")
    assert (answer.exit_code, "全部相符" in answer.stdout) == (0, True)
    with engine.begin() as conn:
        conn.execute(text("UPDATE cases SET status = 'void' WHERE no = :no"), {"no": case})
    answer = run("verify")
    assert answer.exit_code == 1
    assert case in answer.stdout
